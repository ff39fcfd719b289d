//! Voice activity and silence detection of a line, for supervision.
//!
//! A tone is as loud in one twentieth of a second as in the next, whatever its frequencies; speech is not. Voice is
//! sound whose level changes by more than 2 dB from one block of 50 ms to the next five times within a second; so it
//! takes about half a second to be known. Beats of two tones fit several times into a block and do not look like voice.
//! A tone that is switched on or off changes its level, too, but at the edge of silence: only a change with sound
//! before and after it counts. Where the network's own frequencies are known to sound there is no voice, however they
//! swell.
//!
//! Silence looks at both directions: what the line says and what it is given to hear. There is no hangover; that of the
//! echo canceller is in `dsp::echo::nlp`.
//!
//! Never: runs on a channel whose line machine has not asked for it.

use crate::dsp::{Lanes, Samples};
use crate::ids::ChannelId;
use crate::signal::{Detection, VOICE_ENDS_MS};
use crate::time::Ticks;

/// Ticks of a block.
pub(super) const BLOCK_TICKS: u32 = 50;
/// Neither side has made a sound for so long: a multiple of the block.
pub(crate) const SILENCE_BEGINS: Ticks = Ticks::from_ms(500);
/// Mean power at -45 dBm0 of a block of 400 samples: below it is silence. A sine of 0 dBm0 has a peak of 22827.
const QUIET: u64 = (22_827.0 * 22_827.0 / 2.0 * 3.162e-5) as u64 * 400;
/// A change of level that counts, as a ratio of power in tenths: 2 dB.
const CHANGE_TENTHS: u64 = 16;
/// The changes of the last second are kept as bits.
const SECOND: u32 = 1000 / BLOCK_TICKS;
/// This many of them are voice.
const VOICE_CHANGES: u32 = 5;
/// None of them for this many blocks is no voice.
const VOICE_PAUSE: u32 = VOICE_ENDS_MS / BLOCK_TICKS;

/// Voice and silence on all channels.
#[derive(Debug)]
pub(crate) struct Activity {
    lanes: Vec<Lane>,
    tick: u32,
}

/// Voice and silence on one line, in one direction or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Lane {
    said: u64,
    given: u64,
    /// The network's frequencies sounded in this block.
    network: bool,
    /// The power of the last three blocks, the newest last; 0 where there was silence or the network.
    before: [u64; 3],
    /// A bit for each block of the last second and a bit, the newest lowest: the level has changed.
    changes: u32,
    voice: bool,
    /// Blocks without a sound in either direction.
    quiet: u32,
    silent: bool,
}

impl Activity {
    /// Nothing has been heard on `channels` channels.
    pub(crate) fn new(channels: usize) -> Activity {
        Activity { lanes: vec![Lane::default(); channels], tick: 0 }
    }

    /// Forgets what was heard on a channel.
    pub(crate) fn reset(&mut self, lane: usize) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            *lane = Lane::default();
        }
    }

    /// One tick of a channel: its sound, a mark for network tones, and the sound sent to it.
    pub(crate) fn handle(&mut self, channel: ChannelId, said: &Samples, network: bool, given: Option<&Samples>) {
        let Some(lane) = self.lanes.get_mut(channel.index()) else { return };
        lane.network |= network;
        lane.said += energy(said);
        lane.given += given.map_or(0, energy);
    }

    /// The tick is over.
    pub(crate) fn step(&mut self, lanes: &Lanes, report: &mut dyn FnMut(ChannelId, Detection)) {
        self.tick = (self.tick + 1) % BLOCK_TICKS;
        if self.tick > 0 {
            return;
        }
        for (index, lane) in self.lanes.iter_mut().enumerate().filter(|(index, _)| lanes.contains(*index)) {
            lane.step(&mut |heard| report(ChannelId(index as u16), heard));
        }
    }
}

impl Lane {
    /// One tick of a track by itself.
    pub(super) fn hear(&mut self, said: &Samples) {
        self.said += energy(said);
    }

    /// Ends a block of such a track. Returns true if there is voice, and true if the block was silent.
    pub(super) fn end_block(&mut self) -> (bool, bool) {
        let is_quiet = self.said <= QUIET;
        self.step(&mut |_| {});
        (self.voice, is_quiet)
    }

    fn step(&mut self, report: &mut dyn FnMut(Detection)) {
        let (said, given) = (core::mem::take(&mut self.said), core::mem::take(&mut self.given));
        let network = core::mem::take(&mut self.network);
        let now = if said > QUIET && !network { said } else { 0 };
        let [earlier, before, last] = self.before;
        let sounds = earlier > 0 && before > 0 && last > 0 && now > 0;
        let changed = sounds && before.max(last) * 10 > before.min(last) * CHANGE_TENTHS;
        self.before = [before, last, now];
        self.changes = self.changes << 1 | u32::from(changed);
        let changes = (self.changes & ((1 << SECOND) - 1)).count_ones();
        if !self.voice && changes >= VOICE_CHANGES {
            self.voice = true;
            report(Detection::VoiceBegun);
        } else if self.voice && self.changes & ((1 << VOICE_PAUSE) - 1) == 0 {
            self.voice = false;
            self.changes = 0;
            report(Detection::VoiceEnded);
        }
        self.quiet = if said > QUIET || given > QUIET { 0 } else { self.quiet.saturating_add(1) };
        let silent = u64::from(self.quiet * BLOCK_TICKS) >= SILENCE_BEGINS.as_ms();
        if silent != self.silent {
            self.silent = silent;
            report(if silent { Detection::SilenceBegun } else { Detection::SilenceEnded });
        }
    }
}

fn energy(samples: &Samples) -> u64 {
    samples.iter().map(|sample| u64::from(sample.unsigned_abs()).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::country::CHINA;
    use crate::dsp::SILENCE;
    use crate::dsp::tone::{Component, FOREVER, Generator, Segment, SegmentSignal, ToneSpec};

    /// Detections in a number of milliseconds of `sound`, with their times.
    fn heard(ms: u64, mut sound: impl FnMut(u64) -> Samples) -> Vec<(u64, Detection)> {
        let mut activity = Activity::new(1);
        let mut events = Vec::new();
        for now in 0..ms {
            activity.handle(ChannelId(0), &sound(now), false, None);
            activity.step(&Lanes::first(1), &mut |_, event| events.push((now, event)));
        }
        events
    }

    /// A hum of 150 Hz that swells four times a second, as syllables do.
    fn syllables(now: u64) -> Samples {
        core::array::from_fn(|at| {
            let seconds = (now * 8 + at as u64) as f64 / 8000.0;
            let swell = 0.5 - 0.5 * (core::f64::consts::TAU * 4.0 * seconds).cos();
            (6000.0 * swell * (core::f64::consts::TAU * 150.0 * seconds).sin()) as i16
        })
    }

    #[test]
    fn syllables_are_voice_within_a_second_and_their_end_is_seen() {
        let events = heard(5000, |now| if (1000..3000).contains(&now) { syllables(now) } else { SILENCE });
        let kinds: Vec<Detection> = events.iter().map(|(_, heard)| *heard).collect();
        assert_eq!(
            kinds,
            [
                Detection::SilenceBegun,
                Detection::SilenceEnded,
                Detection::VoiceBegun,
                Detection::SilenceBegun,
                Detection::VoiceEnded
            ]
        );
        assert!(events[2].0 < 2000 && (3400..4000).contains(&events[4].0), "{events:?}");
    }

    #[test]
    fn no_tone_of_the_network_is_voice() {
        const BEATS: [Component; 2] = [Component { hz: 440.0, dbm0: -19.0 }, Component { hz: 480.0, dbm0: -19.0 }];
        let american = ToneSpec::repeated(&[Segment { signal: SegmentSignal::Sum(&BEATS), ms: FOREVER }]);
        let china = &CHINA.tones;
        for spec in [china.dial, china.ringback, china.busy, china.congestion, china.unobtainable, american] {
            let mut tone = Generator::new(&spec);
            let events = heard(20_000, |_| tone.next());
            assert!(events.iter().all(|(_, heard)| *heard != Detection::VoiceBegun), "{spec:?}: {events:?}");
        }
    }

    #[test]
    fn what_is_known_to_be_the_network_is_no_voice() {
        let mut activity = Activity::new(1);
        for now in 0..5000 {
            activity.handle(ChannelId(0), &syllables(now), true, None);
            activity.step(&Lanes::first(1), &mut |_, event| assert_ne!(event, Detection::VoiceBegun));
        }
    }

    #[test]
    fn silence_needs_both_sides() {
        let mut activity = Activity::new(1);
        let mut events = Vec::new();
        for now in 0..3000 {
            let given = if now < 1000 { Some(syllables(now)) } else { None };
            activity.handle(ChannelId(0), &SILENCE, false, given.as_ref());
            activity.step(&Lanes::first(1), &mut |_, event| events.push((now, event)));
        }
        assert!(matches!(events[..], [(1449..=1549, Detection::SilenceBegun)]), "{events:?}");
    }
}
