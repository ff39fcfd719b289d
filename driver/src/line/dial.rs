//! Dialling: digits as DTMF or as breaks of the loop, pauses, flashes, and a second dial tone to wait for.
//!
//! | character | meaning |
//! |---|---|
//! | `0`–`9`, `*`, `#`, `A`–`D` | a digit; by pulses only `0`–`9` |
//! | `,` | a pause, as long as the country's |
//! | `W` | wait for dial tone: behind a private exchange |
//! | `!` | a flash |
//! | `T`, `P` | from here on by tones, by pulses |
//!
//! Anything else, such as a leading `+` or spaces, is left out.
//!
//! Never: takes the line off hook or puts it back.

use super::{Detection, LineIo, Number, Outgoing};
use crate::card::PortCommand;
use crate::country::{Country, DialBy};
use crate::signal::ToneKind;
use crate::time::{Tick, Ticks};

/// Sends a number over a line that is off hook.
#[derive(Debug, Clone)]
pub(crate) struct Dialler {
    country: &'static Country,
    number: Number,
    /// The next character.
    at: usize,
    by: DialBy,
    step: Step,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Digits go out as tones.
    Tones,
    /// The loop is open, for the pulse of which this many follow.
    Break {
        until: Tick,
        left: u8,
    },
    /// The loop is closed between two pulses.
    Make {
        until: Tick,
        left: u8,
    },
    /// Nothing is done for a while.
    Pause {
        until: Tick,
    },
    /// The loop is open for a flash.
    Flash {
        until: Tick,
    },
    /// Dial tone is waited for.
    DialTone {
        until: Tick,
    },
    Done,
}

/// Progress of dialling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More is to be sent.
    Going,
    /// Everything has gone out.
    Done,
    /// The dial tone that was to be waited for did not come.
    NoDialTone,
}

impl Dialler {
    /// Begins to send `number`, at first by tones or pulses as `by` says.
    pub(crate) fn start(
        country: &'static Country,
        by: DialBy,
        number: Number,
        now: Tick,
        out: &mut dyn LineIo,
    ) -> Dialler {
        let mut dialler = Dialler { country, number, at: 0, by, step: Step::Done };
        dialler.advance(now, out);
        dialler
    }

    /// Its progress.
    pub(crate) fn progress(&self) -> Progress {
        if self.step == Step::Done { Progress::Done } else { Progress::Going }
    }

    /// Returns true while it waits for dial tone.
    pub(crate) fn wants_tones(&self) -> bool {
        matches!(self.step, Step::DialTone { .. })
    }

    /// The next deadline.
    pub(crate) fn due(&self) -> Option<Tick> {
        match self.step {
            Step::Break { until, .. }
            | Step::Make { until, .. }
            | Step::Pause { until }
            | Step::Flash { until }
            | Step::DialTone { until } => Some(until),
            Step::Tones | Step::Done => None,
        }
    }

    /// The sound of the line says something.
    pub(crate) fn handle_detection(&mut self, now: Tick, heard: Detection, out: &mut dyn LineIo) -> Progress {
        match (heard, self.step) {
            (Detection::Sent, Step::Tones) => self.advance(now, out),
            (Detection::Tone(ToneKind::Dial), Step::DialTone { .. }) => self.advance(now, out),
            (_, Step::Tones | Step::Break { .. } | Step::Make { .. } | Step::Pause { .. })
            | (_, Step::Flash { .. } | Step::DialTone { .. } | Step::Done) => {}
        }
        self.progress()
    }

    /// A time that it asked for has come.
    pub(crate) fn handle_time(&mut self, now: Tick, out: &mut dyn LineIo) -> Progress {
        let pulses = &self.country.pulses;
        if self.due().is_none_or(|due| now < due) {
            return self.progress();
        }
        match self.step {
            Step::Break { left, .. } => {
                out.port(PortCommand::Hook(true));
                self.step = match left {
                    0 => Step::Pause { until: now + ticks(pulses.inter_digit_ms) },
                    left => Step::Make { until: now + ticks(pulses.make_ms), left },
                };
            }
            Step::Make { left, .. } => self.open(now, left - 1, out),
            Step::Flash { .. } => {
                out.port(PortCommand::Hook(true));
                self.step = Step::Pause { until: now + ticks(self.country.timers.pre_dial_ms) };
            }
            Step::Pause { .. } => self.advance(now, out),
            Step::DialTone { .. } => return Progress::NoDialTone,
            Step::Tones | Step::Done => {}
        }
        self.progress()
    }

    /// Stops in the middle; the loop may be left open.
    pub(crate) fn stop(&mut self, out: &mut dyn LineIo) {
        if self.step == Step::Tones {
            out.send(Outgoing::Nothing);
        }
        self.step = Step::Done;
    }

    /// Begins with what stands next in the number.
    fn advance(&mut self, now: Tick, out: &mut dyn LineIo) {
        while let Some(next) = self.number.get(self.at..).and_then(|rest| rest.chars().next()) {
            let from = self.at;
            self.at += next.len_utf8();
            match (next, self.by) {
                ('0'..='9', DialBy::Pulses) => {
                    let pulses = match next {
                        '0' => 10,
                        digit => digit as u8 - b'0',
                    };
                    return self.open(now, pulses - 1, out);
                }
                ('0'..='9' | '*' | '#' | 'A'..='D', DialBy::Tones) => {
                    while self.number.as_bytes().get(self.at).is_some_and(|c| is_key(*c)) {
                        self.at += 1;
                    }
                    out.send(Outgoing::Digits(&self.number[from..self.at]));
                    self.step = Step::Tones;
                    return;
                }
                (',', _) => {
                    self.step = Step::Pause { until: now + ticks(self.country.dtmf.pause_ms) };
                    return;
                }
                ('W' | 'w', _) => {
                    self.step = Step::DialTone { until: now + ticks(self.country.timers.dial_tone_wait_ms) };
                    return;
                }
                ('!', _) => {
                    out.port(PortCommand::Hook(false));
                    self.step = Step::Flash { until: now + ticks(self.country.timers.flash_sent_ms) };
                    return;
                }
                ('T' | 't', _) => self.by = DialBy::Tones,
                ('P' | 'p', _) => self.by = DialBy::Pulses,
                _ => {}
            }
        }
        self.step = Step::Done;
    }

    fn open(&mut self, now: Tick, left: u8, out: &mut dyn LineIo) {
        out.port(PortCommand::Hook(false));
        self.step = Step::Break { until: now + ticks(self.country.pulses.break_ms), left };
    }
}

const fn is_key(octet: u8) -> bool {
    matches!(octet, b'0'..=b'9' | b'*' | b'#' | b'A'..=b'D')
}

const fn ticks(ms: u32) -> Ticks {
    Ticks(ms as u64)
}

#[cfg(test)]
mod tests {
    use super::super::loop_start::testing::{Did, Recorder};
    use super::*;
    use crate::country::CHINA;

    /// Dials and lets time pass until it is done or stuck. Returns what was done, with the times.
    fn dial(by: DialBy, number: &str, dial_tone_at: u64) -> (Vec<(u64, Did)>, Progress) {
        let mut out = Recorder::default();
        let mut dialler = Dialler::start(&CHINA, by, Number::from(number).unwrap(), Tick::ZERO, &mut out);
        let mut did = Vec::new();
        let mut progress = dialler.progress();
        for now in 0..20_000 {
            if progress != Progress::Going {
                break;
            }
            if now == dial_tone_at && dialler.wants_tones() {
                dialler.handle_detection(Tick(now), Detection::Tone(ToneKind::Dial), &mut out);
            }
            progress = dialler.handle_time(Tick(now), &mut out);
            // Whatever is sent takes no time here.
            while out.did.iter().any(|did| matches!(did, Did::SentDigits(_))) {
                did.extend(out.take().into_iter().map(|did| (now, did)));
                progress = dialler.handle_detection(Tick(now), Detection::Sent, &mut out);
            }
            did.extend(out.take().into_iter().map(|did| (now, did)));
        }
        (did, progress)
    }

    fn hooks(did: &[(u64, Did)]) -> Vec<(u64, bool)> {
        let hook = |(at, did): &(u64, Did)| match did {
            Did::Port(PortCommand::Hook(closed)) => Some((*at, *closed)),
            _ => None,
        };
        did.iter().filter_map(hook).collect()
    }

    fn sent(did: &[(u64, Did)]) -> Vec<&str> {
        did.iter()
            .filter_map(|(_, did)| if let Did::SentDigits(digits) = did { Some(&digits[..]) } else { None })
            .collect()
    }

    #[test]
    fn a_plain_number_goes_out_in_one_piece() {
        let (did, progress) = dial(DialBy::Tones, "+86 10 62345678", 0);
        assert_eq!(sent(&did), ["86", "10", "62345678"], "what is no digit is left out");
        assert_eq!(progress, Progress::Done);
    }

    #[test]
    fn an_empty_number_is_dialled_at_once() {
        assert_eq!(dial(DialBy::Tones, "", 0), (Vec::new(), Progress::Done));
    }

    #[test]
    fn pulses_break_the_loop_as_often_as_the_digit_says() {
        let (did, progress) = dial(DialBy::Pulses, "30*", 0);
        assert_eq!(progress, Progress::Done);
        let hooks = hooks(&did);
        assert_eq!(hooks.len(), 2 * (3 + 10), "the star has no pulses");
        let lengths: Vec<u64> = hooks.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        assert_eq!(lengths[..6], [61, 39, 61, 39, 61, 700]);
    }

    #[test]
    fn behind_a_private_exchange_the_second_dial_tone_is_waited_for() {
        let (did, progress) = dial(DialBy::Tones, "9W114", 2000);
        assert_eq!(sent(&did), ["9", "114"]);
        assert!(did[1].0 >= 2000, "{did:?}");
        assert_eq!(progress, Progress::Done);
        let (did, progress) = dial(DialBy::Tones, "9W114", 19_000);
        assert_eq!((sent(&did), progress), (vec!["9"], Progress::NoDialTone));
    }

    #[test]
    fn flashes_and_changes_of_the_method_stand_where_they_are_written() {
        let (did, _) = dial(DialBy::Tones, "1!P2T3", 0);
        assert_eq!(sent(&did), ["1", "3"]);
        assert_eq!(hooks(&did).len(), 2 + 2 * 2);
    }
}
