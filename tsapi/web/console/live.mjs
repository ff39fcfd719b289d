// A conversation heard in the browser while it is spoken: a tap that is read a few times a second, played without a seam.
//
// Never: sound that is kept; a conversation without its number on the page.

import { session } from "./centre.mjs";
import { html } from "./parts.mjs";
import { RATE, decode } from "./player.mjs";
import { change, notice, state } from "./state.mjs";
import { sentence, word } from "./words.mjs";

/** Interval of reading, and the head start of what is played over what has come, in s. */
const READ_S = 0.2;
const AHEAD_S = 0.35;
/** Level below which a side counts as silent, in dB of full scale. */
const SILENT_DB = -60;

/** The tap that is heard; nothing while there is none. */
let tap = null;
let context = null;

/** Level of samples in dB of full scale. */
function levelOf(samples) {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(samples.length, 1);
  return power > 0 ? Math.max(SILENT_DB, Math.round(10 * Math.log10(power))) : SILENT_DB;
}

/** True while a conversation is heard here. */
export const isHearing = () => tap !== null;

/** Begins to listen at a station. */
export async function hear(station) {
  await stopHearing();
  context ??= new AudioContext({ sampleRate: RATE });
  await context.resume();
  const { tap: number, call } = await session.records("openTap", { station });
  tap = { number, station, call, at: 0, levels: { said: SILENT_DB, heard: SILENT_DB }, lost: 0 };
  change();
  void read(tap);
}

/** Ends it. */
export async function stopHearing() {
  const ended = tap;
  tap = null;
  change();
  if (ended) await session.records("closeTap", { tap: ended.number }).catch(() => {});
}

async function read(mine) {
  while (mine === tap) {
    try {
      const { said, heard, lost, ended } = await session.records("readTap", { tap: mine.number });
      if (mine !== tap) return;
      play(mine, { said: decode(said), heard: decode(heard) });
      mine.lost += lost;
      if (ended) {
        tap = null;
        notice(word("hearingOver"));
      }
      change();
    } catch (refusal) {
      if (mine !== tap) return;
      tap = null;
      notice(sentence(refusal), "error");
    }
    await new Promise((resolve) => setTimeout(resolve, READ_S * 1000));
  }
}

/** Plays what has come behind what is played already: the station on the right, what it hears on the left. */
function play(mine, { said, heard }) {
  if (said.length === 0) return;
  mine.levels = { said: levelOf(said), heard: levelOf(heard) };
  const buffer = context.createBuffer(2, said.length, RATE);
  [heard, said].forEach((samples, channel) => buffer.copyToChannel(samples, channel));
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(context.destination);
  // After a stall it begins anew with its head start: what is heard is never older than that by much.
  if (mine.at < context.currentTime || mine.at > context.currentTime + 2 * AHEAD_S + said.length / RATE) {
    mine.at = context.currentTime + AHEAD_S;
  }
  source.start(mine.at);
  mine.at += said.length / RATE;
}

const Level = ({ name, of }) => html`
  <label class="level" data-side=${of} data-level=${tap.levels[of]}>
    ${word(name)}
    <meter min=${SILENT_DB} max="0" low="-45" high="-6" optimum="-20" value=${tap.levels[of]}></meter>
    <span class="soft">${tap.levels[of]} dB</span>
  </label>
`;

/** What is heard now, with the levels of both sides. */
export function Hearing({ children }) {
  if (!tap) return null;
  return html`
    <section class="live" aria-label=${word("hearing")} data-call=${tap.call}>
      <p><b>${word("hearing")}</b> ${word("station")} ${tap.station} · ${word("call")} ${tap.call}</p>
      <${Level} name="side_agent" of="said" />
      <${Level} name="side_caller" of="heard" />
      ${tap.lost > 0 ? html`<p class="soft">${word("soundLost")} ${Math.round(tap.lost / RATE * 10) / 10} s</p>` : null}
      <span class="grow"></span>
      ${children}
    </section>
  `;
}

/** The station that is heard: of another one a tap is begun anew. */
export const hearsStation = () => tap?.station === state.selected;
