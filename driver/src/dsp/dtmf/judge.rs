//! DTMF decision logic: twist, frequency, purity and duration of a tone pair, on eight lanes side by side.
//!
//! | state | leaves it |
//! |---|---|
//! | idle | a likely pair: heard |
//! | heard | enough sound of the right frequency, twist and purity: down · another pair or too long a break: idle |
//! | down | too long a silence: idle · another pair in three hops running: heard |
//!
//! Time is measured by the amplitude of the pair in every hop beside its amplitude in the window, so that a hop half
//! filled counts half: what separates 40 ms, which must be heard, from 24 ms, which must not, is not the place of the
//! blocks. Frequency is measured by the phase gained in 8 ms, averaged over the key.
//!
//! Talk-off: a voice may have two of its harmonics where a key has its tones. Two things tell them apart. A key is pure
//! over the whole band, for the strongest of a voice, its fundamental, lies below the tones; only hum of the mains, an
//! offset and, on lanes where it may be, dial tone stand there as loud as they like. And a key stands still, while a
//! voice glides, all its harmonics together.

use super::correlator::{HOP_MS, KEPT, PHASES, Phasors, TONES, TURNS, tone_hz};
use super::low_band::LowBand;
use super::pair::{Complex, DRIFTS, Full, LAG, LOOKED_BACK, Leak, Pair, Tone, chosen};
use super::{HOP, RAW_HOPS};
use crate::dsp::level;
use crate::dsp::vector::{Mask, Wide};

/// Sound shorter than this is no key. Q.24: 40 ms must be one, 24 ms (NTT) or 23 ms (AT&T) must not.
const ON_MS: f32 = 32.0;
/// A break up to this long within a key not yet recognised is bridged. Q.24: 10 ms, Denmark 20 ms.
const BREAK_MS: f32 = 16.0;
/// Silence of this length ends a key. Q.24: 30 ms (NTT, Brazil) or more must part two keys, 20 ms (Denmark) must not.
const OFF_MS: f32 = 25.0;
/// Frequency tolerance. Q.24: 1.8 % (NTT, Brazil) and 1.5 % + 4 Hz (Australia) must be heard, 3 % (NTT) must not.
const OFF_FREQUENCY: f64 = 0.0225;
/// Twist tolerance, as a ratio of powers: 12 dB. Q.24: 8 dB normal and 4 dB reverse, 10 dB in Australia.
const TWIST: f32 = 15.8;
/// More than this makes a key doubtful: 8 dB, the most that AT&T's receivers must hear (Q.24). Voices that pass for
/// keys mostly have a low harmonic 8 to 12 dB above the high one.
const TWIST_USUAL: f32 = 6.31;
/// The part of the power that the pair must hold, over the whole of the key so far: 7 dB above all else. GR-506 has 15
/// dB.
const PURITY: f32 = 0.84;
/// A pair's power in a window, beside its energy there, when it holds [`PURITY`]: a sine of power 1 gives 64 times its
/// energy.
const PURE: f32 = PURITY * 64.0;
/// Marks of a doubtful key (talk-off), each by the amount that counts 1: share of the power outside the pair; drift of
/// both frequencies, as a part of them in a hop (37 % a second); twist beyond [`TWIST_USUAL`], as a ratio, so that 14
/// dB counts 1; and share of all power in the last 16 ms that lies below the tones, beyond [`BELOW_NOISE`]. Keys within
/// the limits of Q.24, in noise of 12 dB and with AT&T's echoes, come to [`DOUBT_MAX`] of the sum at the most.
const DOUBT_IMPURE: f32 = 1.0 - PURITY;
const DOUBT_DRIFT: f32 = 0.0015;
const DOUBT_TWIST: f32 = 19.0;
const DOUBT_BELOW: f32 = 0.02;
const DOUBT_MAX: f32 = 1.2;
/// White noise 12 dB below a key leaves less than this below its tones in nine windows of ten; the fundamental of a
/// voice that passes for a key, even through a line's 300 Hz, three times as much.
const BELOW_NOISE: f32 = 0.01;
/// Fewer windows than this are never filled well enough by [`ON_MS`] of sound, even in two pieces.
const WINDOWS_MIN: f32 = 4.0;
/// Hops running in which another pair must be likely to end a key that is down: keys may follow without a pause. In
/// fewer, noise and the edges of a key can be one.
const SUPERSEDED_HOPS: f32 = 3.0;
/// Hops of a key not yet recognised that are remembered.
const REMEMBERED: usize = 16;
const _: () = assert!((PHASES * KEPT).is_multiple_of(REMEMBERED), "the numbers of hops go round and round");
/// A hop is part of a key if its amplitude is at least this part of the key's.
const PRESENT: f32 = 0.5;

/// The cosine of the phase that a tone off by [`OFF_FREQUENCY`] gains in [`LAG`] hops.
static COSINES: [f32; TONES] = {
    let mut cosines = [0.0; TONES];
    let mut tone = 0;
    while tone < TONES {
        let hz = tone_hz(tone) as f64;
        cosines[tone] = level::cosine(hz * OFF_FREQUENCY * LAG as f64 * HOP_MS as f64 / 1000.0) as f32;
        tone += 1;
    }
    cosines
};

/// The strongest pair of each lane in the window that ends with this hop.
pub(super) struct Found {
    /// Row and column, 0 to 3.
    pub(super) places: [Wide; 2],
    /// Lanes whose pair may be a key.
    pub(super) likely: Mask,
    /// The power of everything in the window above 670 Hz, and below.
    pub(super) energy: Wide,
    pub(super) below: Wide,
}

/// The last hops of eight lanes.
pub(super) struct Window<'a> {
    pub(super) phasors: &'a [Phasors; KEPT],
    /// The last hops as they came, sample by sample, by hop number.
    pub(super) raw: &'a [Wide; RAW_HOPS * HOP],
    /// The energy of it.
    pub(super) raw_energy: Wide,
    /// The number of the last hop.
    pub(super) hop: usize,
    pub(super) found: &'a Found,
    /// Lanes on which dial tone may be.
    pub(super) dial: Mask,
}

impl Window<'_> {
    /// The spectrum below the tones. It takes long: only where it decides.
    #[inline(always)]
    fn low_band(&self) -> LowBand {
        LowBand::of(self.raw, self.raw_energy, self.hop, self.dial)
    }

    /// The phasors of two tones `ago` hops ago, below [`KEPT`], each without what the other leaves in it.
    #[inline(always)]
    fn pair(&self, [row, column]: Pair<Wide>, leak: Leak, ago: usize) -> Pair<Complex> {
        let phasors = &self.phasors[(self.hop + KEPT - ago) % KEPT];
        let low = Complex::chosen(row, |row| Complex::of(phasors[row]));
        let high = Complex::chosen(column, |column| Complex::of(phasors[4 + column]));
        // What a tone leaves in the result of another turns with the difference of their frequencies.
        let turns = &TURNS[(self.hop + PHASES - ago) % PHASES];
        let turn = |tone: usize| Complex::of(turns[tone].map(Wide::all));
        let apart = Complex::chosen(column, |column| turn(4 + column)).against(Complex::chosen(row, turn));
        let (in_low, in_high) = (apart.times(high), low.against(apart));
        [low.less(in_low, leak.part).scaled(leak.own), high.less(in_high, leak.part).scaled(leak.own)]
    }
}

/// The decisions of eight lanes. A lane that neither hears a pair nor has a key down is idle; what else stands in it
/// then means nothing.
#[derive(Debug, Clone)]
pub(super) struct Judges {
    /// Lanes with a pair that may become a key.
    heard: Mask,
    /// Lanes with a key down.
    down: Mask,
    /// Row and column of the pair, 0 to 3.
    places: Pair<Wide>,
    leak: Leak,
    /// The pair in the last hops, by hop number.
    hops: [Pair<Complex>; KEPT],
    /// Amplitudes of its tones in the hops remembered, by hop number; zero where the pair was not followed yet.
    amplitudes: [Pair<Wide>; REMEMBERED],
    /// Likely pairs in the last hops, the newest first.
    likely: [Mask; 4],
    /// Over the windows in which the pair was likely, and how many they were.
    tones: Pair<Tone>,
    /// Lanes whose last hop gave a gain of phase.
    gained: Mask,
    energy: Wide,
    below: Wide,
    windows: Wide,
    /// Of the key that is down.
    full: Full,
    on_ms: Wide,
    off_ms: Wide,
    /// Hops running in which another pair was likely while it was down.
    superseded: Wide,
}

/// Decisions of a hop.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    /// Lanes on which a key has been recognised.
    pub(super) begun: Mask,
    /// Lanes on which a key has ended; never both.
    pub(super) ended: Mask,
    /// Row and column of the key.
    pub(super) places: Pair<Wide>,
    /// Length of a key that has ended, in milliseconds.
    pub(super) on_ms: Wide,
}

impl Verdict {
    pub(super) const NONE: Verdict =
        Verdict { begun: Mask::NONE, ended: Mask::NONE, places: [Wide::ZERO; 2], on_ms: Wide::ZERO };
}

impl Judges {
    pub(super) const IDLE: Judges = Judges {
        heard: Mask::NONE,
        down: Mask::NONE,
        places: [Wide::ZERO; 2],
        leak: Leak { part: Wide::ZERO, own: Wide::ZERO },
        hops: [[Complex::ZERO; 2]; KEPT],
        amplitudes: [[Wide::ZERO; 2]; REMEMBERED],
        likely: [Mask::NONE; 4],
        tones: [Tone::NONE; 2],
        gained: Mask::NONE,
        energy: Wide::ZERO,
        below: Wide::ZERO,
        windows: Wide::ZERO,
        full: Full([Wide::ZERO; 2]),
        on_ms: Wide::ZERO,
        off_ms: Wide::ZERO,
        superseded: Wide::ZERO,
    };

    /// Makes a lane idle.
    pub(super) fn reset(&mut self, lane: usize) {
        self.heard.0[lane] = 0;
        self.down.0[lane] = 0;
    }

    /// Takes one hop.
    #[inline(always)]
    pub(super) fn step(&mut self, window: &Window<'_>) -> Verdict {
        let Found { likely, places, .. } = window.found;
        let busy = self.heard.or(self.down);
        if !busy.or(*likely).any() {
            return Verdict::NONE;
        }
        self.remember(window, 0, Mask::ALL);
        let mut verdict = Verdict { places: self.places, ..Verdict::NONE };
        let another = unequal(places[0], self.places[0]).or(unequal(places[1], self.places[1]));
        let other = self.down.and(*likely).and(another);
        self.superseded = other.choose(self.superseded + Wide::all(1.0), Wide::ZERO);
        let superseded = self.superseded.above(Wide::all(SUPERSEDED_HOPS - 0.5));
        let filled = self.full.part(&self.amplitudes[window.hop % REMEMBERED]);
        verdict.ended = self.follow(filled).or(superseded);
        verdict.on_ms = self.on_ms;
        self.down = self.down.without(verdict.ended);

        let begins = likely.without(busy).or(likely.and(verdict.ended)).or(likely.and(self.heard).and(another));
        if begins.any() {
            self.begin(window, begins);
        }
        self.hear(window, self.heard.and(*likely));
        verdict.begun = self.decide(window);
        self.heard = self.heard.without(verdict.begun);
        self.down = self.down.or(verdict.begun);
        // Likely a hop ago, or two, or three: that is no break.
        let [now, once, twice, thrice] = self.likely;
        let breaks = self.heard.without(now.or(once).or(twice).or(thrice));
        if breaks.any() {
            self.heard = self.heard.without(breaks.and(self.is_broken(window.hop)));
        }
        verdict
    }

    /// Takes a hop that ends no window with a likely pair, if it need not be looked at: no pair may become a key, and
    /// no tone of the hop, of `loudest` at the most in each lane, is loud enough to be part of a key that is down.
    #[inline(always)]
    pub(super) fn pass(&mut self, loudest: Wide) -> Option<Verdict> {
        if self.heard.any() {
            return None;
        }
        if !self.down.any() {
            return Some(Verdict::NONE);
        }
        let filled = self.full.part(&[loudest; 2]);
        if self.down.and(filled.above(Wide::ZERO)).any() {
            return None;
        }
        self.superseded = Wide::ZERO;
        let ended = self.follow(Wide::ZERO);
        let verdict = Verdict { ended, places: self.places, on_ms: self.on_ms, ..Verdict::NONE };
        self.down = self.down.without(ended);
        let [now, once, twice, _] = self.likely;
        self.likely = [Mask::NONE, now, once, twice];
        self.gained = Mask::NONE;
        Some(verdict)
    }

    /// Keeps the pair as it was `ago` hops ago, in some lanes.
    #[inline(always)]
    fn remember(&mut self, window: &Window<'_>, ago: usize, lanes: Mask) {
        let pair = window.pair(self.places, self.leak, ago);
        // Hops are numbered so that either goes on where the numbers begin again.
        let hop = window.hop + PHASES * KEPT - ago;
        let (hops, amplitudes) = (&mut self.hops[hop % KEPT], &mut self.amplitudes[hop % REMEMBERED]);
        for (tone, now) in pair.into_iter().enumerate() {
            hops[tone].re = lanes.choose(now.re, hops[tone].re);
            hops[tone].im = lanes.choose(now.im, hops[tone].im);
            amplitudes[tone] = lanes.choose(now.power().sqrt(), amplitudes[tone]);
        }
    }

    /// Begins to follow the pairs found in some lanes.
    #[inline(always)]
    fn begin(&mut self, window: &Window<'_>, lanes: Mask) {
        self.heard = self.heard.or(lanes);
        for (place, found) in self.places.iter_mut().zip(window.found.places) {
            *place = lanes.choose(found, *place);
        }
        self.leak = Leak::of(self.places);
        let [low, high] = &mut self.tones;
        let sums = [low, high].map(|tone| {
            let Tone { power, turned, curve, gained: _ } = tone;
            [power, &mut turned.re, &mut turned.im, &mut curve.re, &mut curve.im]
        });
        let sums = sums.into_iter().flatten().chain([&mut self.energy, &mut self.below, &mut self.windows]);
        for wide in sums.chain(self.amplitudes.as_flattened_mut()) {
            *wide = lanes.choose(Wide::ZERO, *wide);
        }
        self.likely = self.likely.map(|likely| likely.without(lanes));
        self.gained = self.gained.without(lanes);
        // The window may be the first to be filled well enough, not the first with sound.
        for ago in 0..=LOOKED_BACK {
            self.remember(window, ago, lanes);
        }
    }

    /// The phasor of a tone in the window of three hops that ended `ago` hops ago.
    #[inline(always)]
    fn windowed(&self, tone: usize, hop: usize, ago: usize) -> Complex {
        let [last, middle, first] = [0, 1, 2].map(|before| self.hops[(hop + KEPT - ago - before) % KEPT][tone]);
        Complex { re: last.re + middle.re * 2.0 + first.re, im: last.im + middle.im * 2.0 + first.im }
    }

    /// Adds the window where its pair is likely.
    #[inline(always)]
    fn hear(&mut self, window: &Window<'_>, lanes: Mask) {
        let [now, once, twice, _] = self.likely;
        self.likely = [lanes, now, once, twice];
        let both = lanes.and(self.likely[LAG]);
        let again = both.and(self.gained);
        self.gained = both;
        for tone in 0..2 {
            let now = self.windowed(tone, window.hop, 0);
            let gained = now.against(self.windowed(tone, window.hop, LAG));
            let tone = &mut self.tones[tone];
            tone.power += lanes.choose(now.power(), Wide::ZERO);
            tone.turned.re += both.choose(gained.re, Wide::ZERO);
            tone.turned.im += both.choose(gained.im, Wide::ZERO);
            let more = gained.against(tone.gained);
            tone.curve.re += again.choose(more.re, Wide::ZERO);
            tone.curve.im += again.choose(more.im, Wide::ZERO);
            tone.gained = gained;
        }
        self.energy += lanes.choose(window.found.energy, Wide::ZERO);
        self.below += lanes.choose(window.found.below, Wide::ZERO);
        self.windows += lanes.choose(Wide::all(1.0), Wide::ZERO);
    }

    /// Takes one hop of the keys that are down, which is `filled` by them. Where they have ended.
    #[inline(always)]
    fn follow(&mut self, filled: Wide) -> Mask {
        let silent = Wide::all(PRESENT).above(filled);
        let sound = self.on_ms + self.off_ms + filled * HOP_MS;
        self.on_ms = self.down.without(silent).choose(sound, self.on_ms);
        self.off_ms = silent.choose(self.off_ms + (Wide::all(1.0) - filled) * HOP_MS, Wide::ZERO);
        self.down.without(Wide::all(OFF_MS).above(self.off_ms))
    }

    /// Lanes whose break since the pair was last heard is too long for one key.
    #[inline(always)]
    fn is_broken(&self, hop: usize) -> Mask {
        let powers = self.tones.map(|tone| tone.true_power(tone.cosine()));
        let full = Full::of(self.windows, powers);
        let (mut silent, mut break_ms) = (Mask::ALL, Wide::ZERO);
        for ago in 0..REMEMBERED {
            let part = full.part(&self.amplitudes[(hop + REMEMBERED - ago) % REMEMBERED]);
            silent = silent.and(Wide::all(PRESENT).above(part));
            break_ms += silent.choose((Wide::all(1.0) - part) * HOP_MS, Wide::ZERO);
        }
        break_ms.above(Wide::all(BREAK_MS))
    }

    /// Lanes with enough of a key: it is down from now on.
    #[inline(always)]
    fn decide(&mut self, window: &Window<'_>) -> Mask {
        let enough = self.heard.without(Wide::all(WINDOWS_MIN).above(self.windows));
        if !enough.any() {
            return Mask::NONE;
        }
        let cosines = self.tones.map(|tone| tone.cosine());
        let [low, high] = [0, 1].map(|tone| self.tones[tone].true_power(cosines[tone]));
        let full = Full::of(self.windows, [low, high]);
        let mut parts = Wide::ZERO;
        for amplitudes in &self.amplitudes {
            parts += full.part(amplitudes);
        }
        let on_ms = parts * HOP_MS;
        let short = Wide::all(ON_MS).above(on_ms);
        let [row, column] = self.places;
        let low_in_tune = cosines[0].above(chosen(row, |row| Wide::all(COSINES[row])));
        let high_in_tune = cosines[1].above(chosen(column, |column| Wide::all(COSINES[4 + column])));
        let near = (high * TWIST).above(low).and((low * TWIST).above(high));
        let right = enough.without(short).and(low_in_tune).and(high_in_tune).and(near);
        if !right.any() {
            return Mask::NONE;
        }
        let energy = self.energy + self.against(window, right, low + high);
        let pure = (low + high).above(energy * PURE);
        let doubt = self.doubt((low + high) / (energy * 64.0), (low / high).max(high / low));
        let mut begun = right.and(pure).without(doubt.above(Wide::all(DOUBT_MAX)));
        let most = doubt + voiced(self.most_below(low + high));
        let unsure = begun.and(most.above(Wide::all(DOUBT_MAX)));
        if unsure.any() {
            let doubt = doubt + voiced(window.low_band().share());
            begun = begun.without(unsure.and(doubt.above(Wide::all(DOUBT_MAX))));
        }
        self.full = Full([0, 1].map(|tone| begun.choose(full.0[tone], self.full.0[tone])));
        self.on_ms = begun.choose(on_ms, self.on_ms);
        self.off_ms = begun.choose(Wide::ZERO, self.off_ms);
        begun
    }
}

impl Judges {
    /// The power below the tones that speaks against a key. Its spectrum is taken only where it decides: that takes
    /// long.
    #[inline(always)]
    fn against(&self, window: &Window<'_>, lanes: Mask, pair: Wide) -> Wide {
        let below = self.below;
        let decides = lanes.and(pair.above(self.energy * PURE)).without(pair.above((self.energy + below) * PURE));
        if !decides.any() {
            return below;
        }
        let share = window.low_band().share_below(below / self.windows);
        decides.choose(below * share, below)
    }

    /// The largest share of power in the last 16 ms that can lie below the tones: all that was beside the pair since it
    /// was heard, if it came in the last two windows.
    #[inline(always)]
    fn most_below(&self, pair: Wide) -> Wide {
        let beside = Wide::all(1.0) - pair / ((self.energy + self.below) * 64.0);
        beside * self.windows * 0.5
    }

    /// Doubt that these are keys (talk-off), by their purity, steadiness and twist, a ratio of powers, so far.
    #[inline(always)]
    fn doubt(&self, purity: Wide, twist: Wide) -> Wide {
        let [row, column] = self.places;
        let low = self.tones[0].curvature() * chosen(row, |row| Wide::all(DRIFTS[row]));
        let high = self.tones[1].curvature() * chosen(column, |column| Wide::all(DRIFTS[4 + column]));
        let drift = (low + high) * 0.5;
        let impure = (Wide::all(1.0) - purity).max(Wide::ZERO);
        let twisted = (twist - Wide::all(TWIST_USUAL)).max(Wide::ZERO);
        twisted * (1.0 / DOUBT_TWIST)
            + impure * (1.0 / DOUBT_IMPURE)
            + drift.max(Wide::ZERO - drift) * (1.0 / DOUBT_DRIFT)
    }
}

/// Doubt by the share of power below the tones.
#[inline(always)]
fn voiced(share: Wide) -> Wide {
    (share - Wide::all(BELOW_NOISE)).max(Wide::ZERO) * (1.0 / DOUBT_BELOW)
}

/// Lanes on which the two are not equal.
#[inline(always)]
fn unequal(one: Wide, other: Wide) -> Mask {
    one.above(other).or(other.above(one))
}
