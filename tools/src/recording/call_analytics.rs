//! Call analytics for the inspector: from the record of a call, and from the two sides of its recording (talk-over,
//! dead air, time to the agent's first word).
//!
//! A side speaks in a frame of 20 ms if its level is above -40 dBm0. The right side holds all that the caller hears, so
//! that announcements and music count as speech of the agent.
//!
//! In a pause the file holds silence in place of what was said: pauses are left out of every share, and a silence ends
//! where a pause begins.
//!
//! Never: gives points.

use std::io;
use std::ops::Range;

use serde::Serialize;
use tipring_core::store::sqlite::CallRow;
use tipring_driver::time::SAMPLE_RATE_HZ;

use super::marks::Mark;
use super::sound::Recorded;
use crate::failure::Failure;

/// Samples of a frame: 20 ms.
const FRAME: usize = SAMPLE_RATE_HZ as usize / 50;
/// Mean square of a sine at -40 dBm0: full scale of 16 bits stands at 3.14 dBm0 (ITU-T G.711, A-law).
const SPEECH_LEAST: f64 = SINE_MEAN_SQUARE / 20_606.3;
/// Mean square of a sine at full scale.
const SINE_MEAN_SQUARE: f64 = 32_768.0 * 32_768.0 / 2.0;

/// Measures of a recording's two sides.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Talk {
    /// Length of the file, s.
    pub seconds: f64,
    /// Length of the pauses in it, s. The shares are those of the time outside them, from 0 to 1.
    pub paused: f64,
    /// Share of the time in which the caller speaks.
    pub caller: f64,
    /// Share of the time in which the agent speaks.
    pub agent: f64,
    /// Talk-over: share of the time in which both speak.
    pub overlap: f64,
    /// Share of the time in which neither speaks.
    pub silence: f64,
    /// Dead air: longest time in which neither speaks and nothing is paused, s.
    pub longest_silence: f64,
    /// Place in the file at which the agent speaks first, s; none if the agent never does.
    pub agent_after: Option<f64>,
}

/// Hints from the record of a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Course {
    /// Time from the first ring at the agent's telephone to the answer, s.
    pub rang: Option<f64>,
    /// Wait in queues until the answer, s.
    pub waited: Option<f64>,
    /// Time from the answer to the end, s.
    pub talked: Option<f64>,
    /// The side that hung up.
    pub released_by: String,
}

impl Course {
    /// Hints from a call's record.
    pub fn new(call: &CallRow) -> Course {
        let between = |from: Option<i64>, to: Option<i64>| Some((to? - from?).max(0) as f64 / 1000.0);
        Course {
            rang: between(call.alerting_ms, call.established_ms),
            waited: between(call.queued_ms, call.established_ms),
            talked: between(call.established_ms, Some(call.ended_ms)),
            released_by: call.released_by.clone(),
        }
    }
}

/// Measures who speaks in a recording with these marks, outside its pauses.
///
/// # Errors
/// The file cannot be read to its end.
pub fn measure(recorded: Recorded, marks: &[Mark]) -> Result<Talk, Failure> {
    let mut meter = Meter::new(marks);
    recorded.each(|caller, agent| {
        meter.take(caller, agent);
        io::Result::Ok(())
    })?;
    Ok(meter.finish())
}

#[derive(Default)]
struct Meter {
    /// The frames that a pause lies in, wholly or in part, in order and apart from each other.
    pauses: Vec<Range<u64>>,
    caller: f64,
    agent: f64,
    samples: usize,
    /// Frames so far, and those of them in a pause.
    frames: u64,
    paused: u64,
    of_caller: u64,
    of_agent: u64,
    of_both: u64,
    of_neither: u64,
    quiet: u64,
    longest_quiet: u64,
    agent_after: Option<u64>,
}

impl Meter {
    fn new(marks: &[Mark]) -> Meter {
        let frames = |seconds: f64| seconds * f64::from(SAMPLE_RATE_HZ) / FRAME as f64;
        let pause = |mark: &Mark| Some(frames(mark.seconds).floor() as u64..frames(mark.until?).ceil() as u64);
        let mut spans: Vec<Range<u64>> = marks.iter().filter_map(pause).collect();
        spans.sort_unstable_by_key(|span| span.start);
        let mut pauses: Vec<Range<u64>> = Vec::new();
        for span in spans {
            match pauses.last_mut().filter(|last| span.start <= last.end) {
                Some(last) => last.end = last.end.max(span.end),
                None => pauses.push(span),
            }
        }
        // The next one is taken from the end.
        pauses.reverse();
        Meter { pauses, ..Meter::default() }
    }

    fn take(&mut self, caller: i16, agent: i16) {
        self.caller += f64::from(caller).powi(2);
        self.agent += f64::from(agent).powi(2);
        self.samples += 1;
        if self.samples == FRAME {
            self.frame();
        }
    }

    /// Returns true if the frame that has just been filled lies in a pause.
    fn is_paused(&mut self) -> bool {
        while self.pauses.last().is_some_and(|pause| pause.end <= self.frames) {
            self.pauses.pop();
        }
        self.pauses.last().is_some_and(|pause| pause.contains(&self.frames))
    }

    fn frame(&mut self) {
        if self.is_paused() {
            (self.paused, self.quiet) = (self.paused + 1, 0);
        } else {
            self.count();
        }
        self.frames += 1;
        (self.caller, self.agent, self.samples) = (0.0, 0.0, 0);
    }

    fn count(&mut self) {
        let speaks = |sum: f64| sum / FRAME as f64 > SPEECH_LEAST;
        let (caller, agent) = (speaks(self.caller), speaks(self.agent));
        self.of_caller += u64::from(caller);
        self.of_agent += u64::from(agent);
        self.of_both += u64::from(caller && agent);
        self.of_neither += u64::from(!caller && !agent);
        self.quiet = if caller || agent { 0 } else { self.quiet + 1 };
        self.longest_quiet = self.longest_quiet.max(self.quiet);
        if agent {
            self.agent_after.get_or_insert(self.frames);
        }
    }

    fn finish(self) -> Talk {
        let seconds = |frames: u64| frames as f64 * FRAME as f64 / f64::from(SAMPLE_RATE_HZ);
        let heard = self.frames - self.paused;
        let share = |frames: u64| if heard == 0 { 0.0 } else { frames as f64 / heard as f64 };
        Talk {
            seconds: seconds(self.frames),
            paused: seconds(self.paused),
            caller: share(self.of_caller),
            agent: share(self.of_agent),
            overlap: share(self.of_both),
            silence: share(self.of_neither),
            longest_silence: seconds(self.longest_quiet),
            agent_after: self.agent_after.map(seconds),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sine of 1000 Hz at a level in dBm0.
    fn tone(dbm0: f64, at: usize) -> i16 {
        // The peak of a sine at -40 dBm0 is 43.14 dB below full scale.
        let peak = 32_768.0 * 10f64.powf((dbm0 + 40.0 - 43.14) / 20.0);
        (peak * (at as f64 * std::f64::consts::TAU / 8.0).sin()) as i16
    }

    #[test]
    fn speech_overlap_and_silence_are_measured_from_both_sides() {
        let mut meter = Meter::default();
        // Of 10 s: the caller speaks from 0 to 4 s, the agent from 3 to 6 s; nothing is said after that.
        for at in 0..80_000 {
            let (caller, agent) = (at < 32_000, (24_000..48_000).contains(&at));
            let of = |speaks: bool, dbm0| if speaks { tone(dbm0, at) } else { tone(-50.0, at) };
            meter.take(of(caller, -20.0), of(agent, -35.0));
        }
        let talk = meter.finish();
        let near = |value: f64, wanted: f64| (value - wanted).abs() < 0.005;
        assert!(near(talk.seconds, 10.0) && near(talk.caller, 0.4) && near(talk.agent, 0.3), "{talk:?}");
        assert!(near(talk.overlap, 0.1) && near(talk.silence, 0.4) && near(talk.longest_silence, 4.0), "{talk:?}");
        assert!(talk.agent_after.is_some_and(|after| near(after, 3.0)), "{talk:?}");
    }

    fn mark(kind: &str, seconds: f64, until: Option<f64>) -> Mark {
        let text = String::new;
        let kind = kind.into();
        Mark { kind, seconds, until, ended_by: None, user: text(), station: text(), text: text() }
    }

    #[test]
    fn a_pause_is_no_silence_and_no_part_of_the_time_that_is_judged() {
        // Of 20 s: the agent speaks in the first 2 s and the last 4 s, the caller from 2 to 4 s. Silence from 4 to
        // 16 s, of which the recording was paused from 6 to 13 s, in two pauses, one within the other.
        let marks = [mark("pause", 6.0, Some(13.0)), mark("bookmark", 5.0, None), mark("pause", 7.013, Some(9.0))];
        let talk_with = |marks: &[Mark]| {
            let mut meter = Meter::new(marks);
            for at in 0..160_000 {
                let (caller, agent) = ((16_000..32_000).contains(&at), !(16_000..128_000).contains(&at));
                let of = |speaks: bool| if speaks { tone(-20.0, at) } else { 0 };
                meter.take(of(caller), of(agent));
            }
            meter.finish()
        };
        let near = |value: f64, wanted: f64| (value - wanted).abs() < 0.005;
        let talk = talk_with(&marks);
        assert!(near(talk.seconds, 20.0) && near(talk.paused, 7.0), "{talk:?}");
        assert!(near(talk.silence, 5.0 / 13.0) && near(talk.longest_silence, 3.0), "{talk:?}");
        assert!(near(talk.caller, 2.0 / 13.0) && near(talk.agent, 6.0 / 13.0), "{talk:?}");
        // A pause that lasts to the end, and one of the whole file.
        let talk = talk_with(&[mark("pause", 15.99, Some(20.0))]);
        assert!(near(talk.paused, 4.02) && near(talk.longest_silence, 11.98), "{talk:?}");
        let talk = talk_with(&[mark("pause", 0.0, Some(20.0))]);
        let none = [talk.caller, talk.agent, talk.overlap, talk.silence, talk.longest_silence];
        assert_eq!((talk.paused, none, talk.agent_after), (20.0, [0.0; 5], None));
    }

    #[test]
    fn speech_begins_at_40_dbm0_below_the_reference() {
        for (dbm0, wanted) in [(-39.5, 1.0), (-40.5, 0.0)] {
            let mut meter = Meter::default();
            (0..8000).for_each(|at| meter.take(tone(dbm0, at), 0));
            assert_eq!(meter.finish().caller, wanted, "{dbm0} dBm0");
        }
    }
}
