//! Special information tones (SIT): three rising tones before an announcement of a failed call, and to those who
//! measure them also why.
//!
//! | | first | second | third | each |
//! |---|---|---|---|---|
//! | E.180 | 950 ± 50 Hz | 1400 ± 50 Hz | 1800 ± 50 Hz | 330 ± 70 ms, at most 30 ms apart |
//! | GR-1162 | 913.8 or 985.2 Hz ± 2 % | 1370.6 or 1428.5 Hz ± 2 % | 1776.7 Hz ± 2 % | 276 or 380 ms ± 25 % |
//!
//! Every 5 ms three frequencies are correlated with the sound. Where one of them holds most of the power, it is
//! followed: its frequency is the phase that it gains from block to block, its length the number of blocks. A detection
//! is reported while the third tone sounds, as soon as it has sounded long enough to be one.
//!
//! Never: takes one tone or two for the three, however long.
//!
//! Sources: ITU-T E.180 (the tones), Telcordia GR-1162-CORE (what their frequencies and lengths mean).

use crate::dsp::vector::{self, Mask, WIDTH, Wide, WideTick, Work};
use crate::dsp::{Lanes, Samples, level};
use crate::signal::SpecialInformationTone;
use crate::time::{SAMPLE_RATE_HZ, SAMPLES_PER_TICK};

/// Samples of a block.
const BLOCK: usize = 40;
const TICKS_PER_BLOCK: usize = BLOCK / SAMPLES_PER_TICK;
const BLOCK_MS: u32 = TICKS_PER_BLOCK as u32;
const TONES: usize = 3;
/// Frequencies of the correlators, in hertz.
const HZ: [f64; TONES] = [950.0, 1400.0, 1800.0];
/// The frequencies of each tone that are taken for it, from both standards.
const BAND_HZ: [(f64, f64); TONES] = [(895.5, 1005.0), (1343.2, 1457.1), (1741.2, 1850.0)];
/// Tones below this level are not heard: as for the network's other tones.
const FLOOR_DBM0: f64 = -40.0;
/// The part of a block's power that a tone must hold. 50 Hz off it keeps 0.8 of its own.
const PURITY: f32 = 0.6;
/// A first or second tone lasts so long, in milliseconds: GR-1162's 276 less 25 % up to 380 and 25 %, and a block for
/// its edges.
const LENGTH_MS: (u32, u32) = (202, 480);
/// The third tone is believed after so long, in milliseconds: less than the shortest, and longer than speech keeps to a
/// note.
const THIRD_MS: u32 = 150;
/// The longest gap between two tones, in milliseconds: E.180's 30, and two blocks that hold a bit of both.
const GAP_MS: u32 = 40;
/// The longest break within a tone, in milliseconds.
const BREAK_MS: u32 = 10;
/// Between GR-1162's short and long, in milliseconds.
const LONG_MS: u32 = 328;
/// Between a low first tone and E.180's, between that and a high one, and between a low and a high second tone, in
/// hertz.
const FIRST_LOW_HZ: f64 = 931.9;
const FIRST_HIGH_HZ: f64 = 967.6;
const SECOND_HIGH_HZ: f64 = 1399.5;

/// Cosine and sine of each frequency at half a sample, one and a half, … from the middle of a block.
static WAVES: [[[f32; 2]; BLOCK / 2]; TONES] = {
    let mut waves = [[[0.0; 2]; BLOCK / 2]; TONES];
    let mut tone = 0;
    while tone < TONES {
        let mut n = 0;
        while n < BLOCK / 2 {
            let turns = HZ[tone] / SAMPLE_RATE_HZ as f64 * (n as f64 + 0.5);
            waves[tone][n] = [level::cosine(turns) as f32, level::sine(turns) as f32];
            n += 1;
        }
        tone += 1;
    }
    waves
};

/// Cosine and sine of the phase that each frequency gains in a block.
static TURNS: [[f32; 2]; TONES] = {
    let mut turns = [[0.0; 2]; TONES];
    let mut tone = 0;
    while tone < TONES {
        let angle = HZ[tone] * BLOCK as f64 / SAMPLE_RATE_HZ as f64;
        turns[tone] = [level::cosine(angle) as f32, level::sine(angle) as f32];
        tone += 1;
    }
    turns
};

/// The power of a tone at the floor, in a block.
const FLOOR: f32 = {
    let amplitude = level::peak(FLOOR_DBM0) * BLOCK as f64 / 2.0;
    (amplitude * amplitude) as f32
};

/// Detectors side by side: one a lane.
#[derive(Debug, Clone)]
pub struct Bank {
    groups: Vec<Group>,
    lanes: Vec<Lane>,
    /// Ticks of the current block already stored.
    tick: usize,
}

#[derive(Debug, Clone)]
struct Group {
    active: u8,
    stored: [Wide; BLOCK],
    /// Real and imaginary part of each frequency in the last block.
    phasors: [[Wide; 2]; TONES],
    /// This block against the last: the angle is what each frequency is off.
    gained: [[Wide; 2]; TONES],
    sounding: [Mask; TONES],
}

impl Bank {
    /// A bank of `lanes` detectors.
    pub fn new(lanes: usize) -> Bank {
        Bank {
            groups: vec![Group::new(); lanes.div_ceil(WIDTH)],
            lanes: vec![Lane::default(); lanes.next_multiple_of(WIDTH)],
            tick: 0,
        }
    }

    /// Takes one tick: `frames[lane]` for every lane of `lanes`. A lane left out rests, and begins anew when it is
    /// back. Calls `report` for what was heard, lane by lane in order.
    pub fn step(&mut self, frames: &[Samples], lanes: &Lanes, report: &mut dyn FnMut(usize, SpecialInformationTone)) {
        let whole = self.tick + 1 == TICKS_PER_BLOCK;
        let at = self.tick * SAMPLES_PER_TICK;
        for (index, group) in self.groups.iter_mut().enumerate() {
            let first = index * WIDTH;
            let active = lanes.eight(first);
            let left = group.active & !active;
            for lane in (0..WIDTH).filter(|lane| left >> lane & 1 == 1) {
                group.reset(lane);
                self.lanes[first + lane] = Lane::default();
            }
            group.active = active;
            if active == 0 {
                continue;
            }
            vector::run(Tick { group, frames, first, lanes, at, whole });
            if !whole {
                continue;
            }
            for lane in (0..WIDTH).filter(|lane| active >> lane & 1 == 1) {
                let tone = (0..TONES).find(|tone| group.sounding[*tone].is_set(lane));
                if let Some(sit) = self.lanes[first + lane].step(tone.map(|tone| group.sound(tone, lane))) {
                    report(first + lane, sit);
                }
            }
        }
        self.tick = if whole { 0 } else { self.tick + 1 };
    }

    /// Forgets what a lane has heard.
    pub(crate) fn reset(&mut self, lane: usize) {
        if let Some(group) = self.groups.get_mut(lane / WIDTH) {
            group.reset(lane % WIDTH);
            self.lanes[lane] = Lane::default();
        }
    }
}

impl Group {
    fn new() -> Group {
        Group {
            active: 0,
            stored: [Wide::ZERO; BLOCK],
            phasors: [[Wide::ZERO; 2]; TONES],
            gained: [[Wide::ZERO; 2]; TONES],
            sounding: [Mask::NONE; TONES],
        }
    }

    fn reset(&mut self, lane: usize) {
        for wide in self.stored.iter_mut().chain(self.phasors.as_flattened_mut()) {
            wide.0[lane] = 0.0;
        }
    }

    fn sound(&self, tone: usize, lane: usize) -> Sound {
        let [re, im] = &self.gained[tone];
        Sound { tone, gained: [re.0[lane], im.0[lane]] }
    }
}

struct Tick<'a> {
    group: &'a mut Group,
    frames: &'a [Samples],
    first: usize,
    lanes: &'a Lanes,
    at: usize,
    whole: bool,
}

impl Work for Tick<'_> {
    #[inline(always)]
    fn run(self) {
        let tick: WideTick = vector::gather(self.frames, self.first, self.lanes);
        self.group.stored[self.at..self.at + SAMPLES_PER_TICK].copy_from_slice(&tick);
        if self.whole {
            correlate(self.group);
        }
    }
}

#[inline(always)]
fn correlate(group: &mut Group) {
    // Folded about the middle: the sums see only cosines, the differences only sines.
    let mut sums = [Wide::ZERO; BLOCK / 2];
    let mut differences = [Wide::ZERO; BLOCK / 2];
    let mut energy = Wide::ZERO;
    for n in 0..BLOCK / 2 {
        let (later, earlier) = (group.stored[BLOCK / 2 + n], group.stored[BLOCK / 2 - 1 - n]);
        sums[n] = later + earlier;
        differences[n] = later - earlier;
        energy += later * later + earlier * earlier;
    }
    // A sine of power 1 gives block² / 2 of power, and block of energy.
    let enough = energy * (PURITY * BLOCK as f32 / 2.0);
    for tone in 0..TONES {
        let mut re = Wide::ZERO;
        let mut im = Wide::ZERO;
        for ((sum, difference), wave) in sums.iter().zip(&differences).zip(&WAVES[tone]) {
            re += *sum * wave[0];
            im += *difference * wave[1];
        }
        // The phasor is re - i im. Against the last one, and turned back by what the nominal frequency gains.
        let [last_re, last_im] = group.phasors[tone];
        let (real, imaginary) = (re * last_re + im * last_im, re * last_im - im * last_re);
        let [cosine, sine] = TURNS[tone];
        group.gained[tone] = [real * cosine + imaginary * sine, imaginary * cosine - real * sine];
        group.phasors[tone] = [re, im];
        let power = re * re + im * im;
        group.sounding[tone] = power.above(enough).and(power.above(Wide::all(FLOOR)));
    }
}

/// One of the tones in one block.
#[derive(Debug, Clone, Copy)]
struct Sound {
    tone: usize,
    gained: [f32; 2],
}

/// One of the tones, as far as it has been heard.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    ms: u32,
    gained: [f32; 2],
}

impl Part {
    /// The frequency, in hertz.
    fn hz(&self, tone: usize) -> f64 {
        let [re, im] = self.gained;
        HZ[tone] + f64::from(im.atan2(re)) / core::f64::consts::TAU * f64::from(SAMPLE_RATE_HZ) / BLOCK as f64
    }

    fn is_in_band(&self, tone: usize) -> bool {
        let (least, most) = BAND_HZ[tone];
        (least..=most).contains(&self.hz(tone))
    }

    fn is_whole(&self, tone: usize) -> bool {
        (LENGTH_MS.0..=LENGTH_MS.1).contains(&self.ms) && self.is_in_band(tone)
    }
}

/// State of one lane: the tones received of the three.
#[derive(Debug, Clone, Copy, Default)]
struct Lane {
    parts: [Part; TONES],
    /// The tone that is being heard, or was a moment ago.
    at: Option<usize>,
    /// For how long nothing has been heard since.
    quiet_ms: u32,
    told: bool,
}

impl Lane {
    /// Takes a block.
    fn step(&mut self, sound: Option<Sound>) -> Option<SpecialInformationTone> {
        match (sound, self.at) {
            (None, None) => return None,
            (None, Some(_)) => {
                self.quiet_ms += BLOCK_MS;
                if self.quiet_ms > GAP_MS {
                    *self = Lane::default();
                }
                return None;
            }
            (Some(sound), Some(at)) if sound.tone == at && self.quiet_ms <= BREAK_MS => {
                let part = &mut self.parts[at];
                part.ms += self.quiet_ms + BLOCK_MS;
                // The first block of a tone, and the first after a break, have nothing before them.
                if self.quiet_ms == 0 {
                    part.gained[0] += sound.gained[0];
                    part.gained[1] += sound.gained[1];
                }
            }
            (Some(sound), Some(at)) if sound.tone == at + 1 && self.parts[at].is_whole(at) => self.begin(sound.tone),
            (Some(sound), _) => {
                *self = Lane::default();
                if sound.tone == 0 {
                    self.begin(0);
                }
            }
        }
        self.quiet_ms = 0;
        let third = &self.parts[TONES - 1];
        if self.told || third.ms < THIRD_MS || !third.is_in_band(TONES - 1) {
            return None;
        }
        self.told = true;
        Some(self.meaning())
    }

    fn begin(&mut self, tone: usize) {
        self.at = Some(tone);
        self.parts[tone] = Part { ms: BLOCK_MS, gained: [0.0; 2] };
    }

    /// Meaning of the first two tones: GR-1162's table.
    fn meaning(&self) -> SpecialInformationTone {
        let [first, second, _] = &self.parts;
        let high = match first.hz(0) {
            hz if hz < FIRST_LOW_HZ => false,
            hz if hz > FIRST_HIGH_HZ => true,
            _ => return SpecialInformationTone::Announcement,
        };
        let second_high = second.hz(1) > SECOND_HIGH_HZ;
        match ((high, first.ms > LONG_MS), (second_high, second.ms > LONG_MS)) {
            ((false, false), (false, false)) => SpecialInformationTone::Intercept,
            ((true, true), (false, false)) => SpecialInformationTone::VacantCode,
            ((false, false), (true, true)) | ((true, false), (false, true)) => SpecialInformationTone::Reorder,
            ((true, true), (true, true)) | ((false, true), (false, true)) => SpecialInformationTone::NoCircuit,
            _ => SpecialInformationTone::Announcement,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::SILENCE;
    use crate::dsp::tone::Oscillator;

    /// Tones of this many hertz and milliseconds with a gap after each, from an offset in samples.
    fn sound(parts: &[(f64, f64)], gap_ms: usize, dbm0: f64, offset: usize) -> Vec<Samples> {
        let mut samples = vec![0_i16; 800 + offset];
        for (hz, ms) in parts {
            let mut oscillator = Oscillator::new(*hz, dbm0);
            samples.extend((0..(ms * 8.0) as usize).map(|_| level::to_sample(f64::from(oscillator.next_sample()))));
            samples.resize(samples.len() + gap_ms * 8, 0);
        }
        samples.resize(samples.len().next_multiple_of(8) + 800, 0);
        samples.as_chunks().0.to_vec()
    }

    fn heard(ticks: &[Samples]) -> Vec<SpecialInformationTone> {
        let mut bank = Bank::new(1);
        let mut found = Vec::new();
        for tick in ticks.iter().chain(&[SILENCE; 50]) {
            bank.step(&[*tick], &Lanes::first(1), &mut |_, sit| found.push(sit));
        }
        found
    }

    #[test]
    fn the_tones_of_e180_are_heard_at_all_their_limits() {
        for off in [-45.0, 0.0, 45.0] {
            for ms in [260.0, 330.0, 400.0] {
                for (gap_ms, dbm0, offset) in [(0, -5.0, 0), (30, -15.0, 13), (15, -35.0, 29)] {
                    let parts = [950.0, 1400.0, 1800.0].map(|hz| (hz + off, ms));
                    let found = heard(&sound(&parts, gap_ms, dbm0, offset));
                    assert_eq!(found.len(), 1, "{off} Hz off, {ms} ms, gaps of {gap_ms} ms at {dbm0} dBm0: {found:?}");
                    assert!(off != 0.0 || found == [SpecialInformationTone::Announcement], "{found:?}");
                }
            }
        }
    }

    #[test]
    fn the_codes_of_gr1162_are_told_apart() {
        const LOW: [f64; 2] = [913.8, 1370.6];
        const HIGH: [f64; 2] = [985.2, 1428.5];
        const SHORT: f64 = 276.0;
        const LONG: f64 = 380.0;
        for (first, second, meaning) in [
            ((LOW, SHORT), (LOW, SHORT), SpecialInformationTone::Intercept),
            ((HIGH, LONG), (LOW, SHORT), SpecialInformationTone::VacantCode),
            ((LOW, SHORT), (HIGH, LONG), SpecialInformationTone::Reorder),
            ((HIGH, SHORT), (LOW, LONG), SpecialInformationTone::Reorder),
            ((HIGH, LONG), (HIGH, LONG), SpecialInformationTone::NoCircuit),
            ((LOW, LONG), (LOW, LONG), SpecialInformationTone::NoCircuit),
            ((LOW, LONG), (HIGH, SHORT), SpecialInformationTone::Announcement),
        ] {
            for off in [0.985, 1.0, 1.015] {
                for (stretch, offset) in [(0.9, 0), (1.0, 17), (1.1, 31)] {
                    let (a, b) = ((first.0[0] * off, first.1 * stretch), (second.0[1] * off, second.1 * stretch));
                    let found = heard(&sound(&[a, b, (1776.7 * off, LONG * stretch)], 0, -24.0, offset));
                    assert_eq!(found, [meaning], "{a:?} {b:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_outside_the_limits_is_not_heard() {
        const RIGHT: [(f64, f64); 3] = [(950.0, 330.0), (1400.0, 330.0), (1800.0, 330.0)];
        for (wrong, parts) in [
            ("the first too low", [(870.0, 330.0), RIGHT[1], RIGHT[2]]),
            ("the first too high", [(1030.0, 330.0), RIGHT[1], RIGHT[2]]),
            ("the second too low", [RIGHT[0], (1320.0, 330.0), RIGHT[2]]),
            ("the second too high", [RIGHT[0], (1480.0, 330.0), RIGHT[2]]),
            ("the third too low", [RIGHT[0], RIGHT[1], (1715.0, 330.0)]),
            ("the third too high", [RIGHT[0], RIGHT[1], (1880.0, 330.0)]),
            ("the first too short", [(950.0, 180.0), RIGHT[1], RIGHT[2]]),
            ("the second too long", [RIGHT[0], (1400.0, 520.0), RIGHT[2]]),
            ("the third too short", [RIGHT[0], RIGHT[1], (1800.0, 120.0)]),
            ("out of order", [RIGHT[1], RIGHT[0], RIGHT[2]]),
            ("one twice", [RIGHT[0], RIGHT[0], RIGHT[2]]),
        ] {
            assert_eq!(heard(&sound(&parts, 10, -10.0, 5)), [], "{wrong}");
        }
        assert_eq!(heard(&sound(&RIGHT, 60, -10.0, 5)), [], "gaps too long");
        assert_eq!(heard(&sound(&RIGHT, 10, -46.0, 5)), [], "too faint");
        assert_eq!(heard(&sound(&RIGHT[..2], 10, -10.0, 5)), [], "two of three");
    }

    #[test]
    fn they_are_told_each_time_they_come() {
        let once = sound(&[(950.0, 330.0), (1400.0, 330.0), (1800.0, 330.0)], 0, -10.0, 0);
        let twice = [once.clone(), vec![SILENCE; 1000], once].concat();
        assert_eq!(heard(&twice), [SpecialInformationTone::Announcement; 2]);
    }

    #[test]
    fn every_lane_hears_what_a_bank_of_one_hears() {
        const LANES: usize = 11;
        let sounds: Vec<Vec<Samples>> = (0..LANES)
            .map(|lane| sound(&[(920.0 + lane as f64 * 6.0, 330.0), (1400.0, 300.0), (1790.0, 300.0)], 5, -12.0, lane))
            .collect();
        let ticks = sounds.iter().map(Vec::len).min().unwrap_or(0);
        let mut bank = Bank::new(LANES);
        let mut together = vec![Vec::new(); LANES];
        for tick in 0..ticks {
            let frames: Vec<Samples> = sounds.iter().map(|sound| sound[tick]).collect();
            bank.step(&frames, &Lanes::first(LANES), &mut |lane, sit| together[lane].push(sit));
        }
        let apart: Vec<Vec<SpecialInformationTone>> = sounds.iter().map(|sound| heard(&sound[..ticks])).collect();
        assert_eq!(together, apart);
        assert!(together.iter().all(|heard| heard.len() == 1));
    }
}
