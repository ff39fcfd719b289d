// Playback of a recording: parts of sound asked for as they are needed, played without a seam, a few seconds ahead.
//
// Never: a recording in memory as a whole; a picture.

/** Samples a second, and samples of a part: 2 s. */
export const RATE = 8000;
const PART = 16000;
/** Parts that are scheduled ahead, and parts that are kept: two minutes. */
const AHEAD = 3;
const KEPT = 60;

/** Sample of an A-law octet (ITU-T G.711), from -1 to 1. */
function sampleOf(octet) {
  const value = octet ^ 0x55;
  const exponent = (value >> 4) & 7;
  const mantissa = ((value & 15) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 256) << (exponent - 1);
  return (value & 128 ? magnitude : -magnitude) / 32768;
}

const SAMPLES = Float32Array.from({ length: 256 }, (_, octet) => sampleOf(octet));

/** Samples of A-law octets in base64. */
export const decode = (base64) => Float32Array.from(atob(base64), (symbol) => SAMPLES[symbol.charCodeAt(0)]);

/** A player of one recording. `read(from, count)` resolves with `{ left, right }`; `changed` is called as it goes on. */
export class Player {
  #read;
  #changed;
  #failed;
  #context = null;
  #parts = new Map(); // by number, in the order of their use: { left, right } as promises
  #sources = new Set();
  #run = 0; // changes with each start, so that what an older one has asked for is not played
  #from = 0; // sample at which the context's time `#at` plays
  #at = 0;

  constructor({ samples, read, changed, failed }) {
    Object.assign(this, { samples, side: "both", isPlaying: false });
    this.#read = read;
    this.#changed = changed;
    this.#failed = failed;
  }

  /** The sample that is heard now. */
  get position() {
    if (!this.isPlaying || !this.#context) return this.#from;
    const passed = Math.max(0, Math.round((this.#context.currentTime - this.#at) * RATE));
    return Math.min(this.samples, this.#from + passed);
  }

  /** Plays, or stops where it is. */
  toggle() {
    if (this.isPlaying) this.#stop(this.position);
    else void this.#start(this.position >= this.samples ? 0 : this.position);
  }

  /** Goes on at a sample. */
  seek(sample) {
    const to = Math.min(Math.max(0, Math.round(sample)), this.samples);
    const { isPlaying } = this;
    this.#stop(to);
    if (isPlaying) void this.#start(to);
  }

  /** Chooses who is heard: "both", "caller" or "agent". */
  choose(side) {
    this.side = side;
    this.seek(this.position);
  }

  /** Ends it. */
  close() {
    this.#stop(0);
    void this.#context?.close();
    this.#context = null;
    this.#parts.clear();
  }

  #stop(at) {
    this.#run += 1;
    for (const source of this.#sources) {
      source.onended = null;
      source.stop();
    }
    this.#sources.clear();
    this.#from = at;
    this.isPlaying = false;
    this.#changed();
  }

  async #start(from) {
    const run = ++this.#run;
    this.#from = from;
    this.isPlaying = true;
    this.#changed();
    try {
      this.#context ??= new AudioContext({ sampleRate: RATE });
      await Promise.all([this.#context.resume(), this.#part(Math.floor(from / PART))]);
      if (run !== this.#run) return;
      this.#at = this.#context.currentTime + 0.05;
      for (let number = Math.floor(from / PART); number * PART < this.samples; number += 1) {
        while (run === this.#run && this.#sources.size >= AHEAD) await this.#one();
        const part = await this.#part(number);
        if (run !== this.#run) return;
        // Sound that comes too late is heard later; nothing of it is left out.
        const late = this.#context.currentTime - this.#at - (Math.max(from, number * PART) - this.#from) / RATE;
        if (late > 0) this.#at += late;
        this.#schedule(part, Math.max(0, from - number * PART), number * PART);
      }
      while (run === this.#run && this.#sources.size > 0) await this.#one();
      if (run === this.#run) this.#stop(this.samples);
    } catch (refusal) {
      if (run !== this.#run) return;
      this.#stop(this.position);
      this.#failed(refusal);
    }
  }

  /** Resolves at the end of the source that ends next; a stop leaves it open, and its run is over then. */
  #one() {
    return new Promise((resolve) => {
      for (const source of this.#sources) {
        source.onended = () => {
          this.#sources.delete(source);
          resolve();
        };
      }
    });
  }

  #schedule({ left, right }, skipped, begin) {
    const sides = { both: [left, right], caller: [left, left], agent: [right, right] }[this.side];
    if (left.length <= skipped) return;
    const buffer = this.#context.createBuffer(2, left.length - skipped, RATE);
    sides.forEach((samples, channel) => buffer.copyToChannel(samples.subarray(skipped), channel));
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#context.destination);
    source.onended = () => this.#sources.delete(source);
    source.start(this.#at + (begin + skipped - this.#from) / RATE);
    this.#sources.add(source);
  }

  async #part(number) {
    const known = this.#parts.get(number);
    this.#parts.delete(number);
    const part = known ?? this.#load(number);
    this.#parts.set(number, part);
    if (this.#parts.size > KEPT) this.#parts.delete(this.#parts.keys().next().value);
    part.catch(() => this.#parts.delete(number));
    return part;
  }

  async #load(number) {
    const { left, right } = await this.#read(number * PART, PART);
    return { left: decode(left), right: decode(right) };
  }
}
