//! Hints for the inspector, by machine: from the record of a call, and from the two sides of its recording.
//!
//! A side speaks in a frame of 20 ms if its level is above -40 dBm0. The right side holds all that the caller hears, so
//! that announcements and music count as speech of the agent.
//!
//! Never: gives points.

use std::io;

use serde::Serialize;
use tipring_core::store::sqlite::CallRow;
use tipring_driver::time::SAMPLE_RATE_HZ;

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
    /// Length, s.
    pub seconds: f64,
    /// Share of the time in which the caller speaks.
    pub caller: f64,
    /// Share of the time in which the agent speaks.
    pub agent: f64,
    /// Share of the time in which both speak.
    pub overlap: f64,
    /// Share of the time in which neither speaks.
    pub silence: f64,
    /// Longest time in which neither speaks, s.
    pub longest_silence: f64,
    /// Time until the agent speaks, s; none if the agent never does.
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

/// Measures who speaks in a recording.
///
/// # Errors
/// The file cannot be read to its end.
pub fn measure(recorded: Recorded) -> Result<Talk, Failure> {
    let mut meter = Meter::default();
    recorded.each(|caller, agent| {
        meter.take(caller, agent);
        io::Result::Ok(())
    })?;
    Ok(meter.finish())
}

#[derive(Default)]
struct Meter {
    caller: f64,
    agent: f64,
    samples: usize,
    frames: u64,
    of_caller: u64,
    of_agent: u64,
    of_both: u64,
    of_neither: u64,
    quiet: u64,
    longest_quiet: u64,
    agent_after: Option<u64>,
}

impl Meter {
    fn take(&mut self, caller: i16, agent: i16) {
        self.caller += f64::from(caller).powi(2);
        self.agent += f64::from(agent).powi(2);
        self.samples += 1;
        if self.samples == FRAME {
            self.frame();
        }
    }

    fn frame(&mut self) {
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
        self.frames += 1;
        (self.caller, self.agent, self.samples) = (0.0, 0.0, 0);
    }

    fn finish(self) -> Talk {
        let seconds = |frames: u64| frames as f64 * FRAME as f64 / f64::from(SAMPLE_RATE_HZ);
        let share = |frames: u64| if self.frames == 0 { 0.0 } else { frames as f64 / self.frames as f64 };
        Talk {
            seconds: seconds(self.frames),
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

    #[test]
    fn speech_begins_at_40_dbm0_below_the_reference() {
        for (dbm0, wanted) in [(-39.5, 1.0), (-40.5, 0.0)] {
            let mut meter = Meter::default();
            (0..8000).for_each(|at| meter.take(tone(dbm0, at), 0));
            assert_eq!(meter.finish().caller, wanted, "{dbm0} dBm0");
        }
    }
}
