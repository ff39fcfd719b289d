//! A fax machine: a telephone whose owner is a machine that calls, or answers, by T.30.
//!
//! | calling machine | called machine |
//! |---|---|
//! | CNG: 1100 Hz, 0.5 s in every 3.5 | silence, then CED: 2100 Hz for 3 s, 75 ms of silence |
//! | | the preamble: flags at 300 bit/s (V.21, channel 2), again and again until the other side speaks |
//! | a preamble of its own, then the page | listens; when the page has been silent for a while, all is done |
//!
//! The page has no image: it is the carrier and the rate of V.27 ter with random phases.
//!
//! Never: knows who is at the other end, or by what way it got there.
//!
//! Sources: ITU-T T.30 (tones, times, T1), V.21 (the preamble's modulation), V.27 ter (1800 Hz, 1600 baud, 8 phases).

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::Sound;
use super::signal::{Oscillator, PEAK_0_DBM0, SILENCE, amplitude, level_dbm0, mean_square, power_at, to_sample};

/// CNG: frequency in hertz, length of tone and pause in each cycle in ms.
const CNG_HERTZ: f32 = 1100.0;
const CNG_ON_MS: u32 = 500;
const CNG_CYCLE_MS: u32 = 3500;
/// CED: frequency in hertz, silence before, length, and silence after it, in ms.
const CED_HERTZ: f32 = 2100.0;
const CED_AFTER_MS: u32 = 1900;
const CED_MS: u32 = 3000;
const CED_PAUSE_MS: u32 = 75;
/// V.21, channel 2: a one, a zero, in hertz; and bits a second.
const V21_ONE_HERTZ: f32 = 1650.0;
const V21_ZERO_HERTZ: f32 = 1850.0;
const V21_BITS: u32 = 300;
/// A flag, sent from its least significant bit.
const FLAG: u8 = 0x7e;
/// Length of the preamble, and repetition time without an answer (T4), in ms.
const PREAMBLE_MS: u32 = 1000;
const PREAMBLE_EVERY_MS: u32 = 3000;
/// V.27 ter: the carrier in hertz, samples of a symbol, phases.
const PAGE_HERTZ: f32 = 1800.0;
const PAGE_SYMBOL: u32 = 5;
const PAGE_PHASES: u32 = 8;
/// Time to find another machine before the call is given up (T1), in ms.
const T1_MS: u32 = 35_000;
/// The level of everything that is sent, in dBm0.
const SENT_DBM0: f32 = -12.0;
/// Level below which the line is silent, in dBm0.
const HEARD_DBM0: f32 = -43.0;
/// The part of the power that an answer tone holds, and how long it must be heard, in ms.
const CED_PURITY: f32 = 0.7;
const CED_HEARD_MS: u32 = 600;
/// Silence of the other machine before the calling one sends, and silence after which the page is complete, in ms.
const TURN_MS: u32 = 200;
const PAGE_OVER_MS: u32 = 2000;
/// Samples and ms of a block that is listened to as one.
const BLOCK: usize = 160;
const BLOCK_MS: u32 = 20;

/// Outcome of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// A machine that calls has heard another answer.
    Answered,
    /// The page has gone.
    Sent,
    /// The page has come.
    Received,
    /// There is no machine at the other end.
    GaveUp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// Calling: CNG, so far into its cycle.
    Calling {
        at_ms: u32,
    },
    /// The other has answered; its turn first.
    Waiting,
    /// A preamble; then the page, or listening.
    Preamble {
        left_ms: u32,
        page_ms: Option<u32>,
    },
    /// The page goes out.
    Page {
        left_ms: u32,
    },
    /// Just lifted: silence, CED, silence.
    Answering {
        ms: u32,
    },
    /// Waiting for the other's preamble and page.
    Listening {
        ms: u32,
        heard_ms: u32,
    },
    Over,
}

/// A fax machine in a call.
#[derive(Debug)]
pub(crate) struct FaxMachine {
    doing: Doing,
    page_ms: u32,
    ms: u32,
    oscillator: Oscillator,
    /// Samples of the preamble that have gone out.
    keyed: u32,
    rng: ChaCha8Rng,
    block: Vec<i16>,
    ced_ms: u32,
    quiet_ms: u32,
}

impl FaxMachine {
    /// A calling machine with a page of that many ms, anywhere in its cycle of CNG: it has been sending since it
    /// dialled.
    pub(crate) fn calling(page_ms: u32, mut rng: ChaCha8Rng) -> FaxMachine {
        let at_ms = rng.random_range(0..CNG_CYCLE_MS);
        FaxMachine::new(Doing::Calling { at_ms }, page_ms, rng)
    }

    /// One that has just answered.
    pub(crate) fn answering(rng: ChaCha8Rng) -> FaxMachine {
        FaxMachine::new(Doing::Answering { ms: 0 }, 0, rng)
    }

    fn new(doing: Doing, page_ms: u32, rng: ChaCha8Rng) -> FaxMachine {
        FaxMachine {
            doing,
            page_ms,
            ms: 0,
            oscillator: Oscillator::new(CNG_HERTZ),
            keyed: 0,
            rng,
            block: Vec::with_capacity(BLOCK),
            ced_ms: 0,
            quiet_ms: 0,
        }
    }

    /// Runs one millisecond on what was heard in the last one: what is sent, and what has come of it.
    pub(crate) fn step(&mut self, heard: &Sound) -> (Sound, Option<Progress>) {
        self.listen(heard);
        self.ms += 1;
        let answered = self.ced_ms >= CED_HEARD_MS;
        let too_late = self.ms >= T1_MS;
        let mut progress = None;
        let sent = match self.doing {
            Doing::Calling { .. } if too_late => {
                self.doing = Doing::Over;
                progress = Some(Progress::GaveUp);
                SILENCE
            }
            // What is shorter than a preamble was no machine's.
            Doing::Listening { heard_ms, .. } if too_late && heard_ms < PREAMBLE_MS => {
                self.doing = Doing::Over;
                progress = Some(Progress::GaveUp);
                SILENCE
            }
            Doing::Calling { .. } if answered => {
                self.doing = Doing::Waiting;
                progress = Some(Progress::Answered);
                SILENCE
            }
            Doing::Calling { at_ms } => {
                self.doing = Doing::Calling { at_ms: (at_ms + 1) % CNG_CYCLE_MS };
                if at_ms < CNG_ON_MS { self.tone(CNG_HERTZ) } else { SILENCE }
            }
            Doing::Waiting => {
                // The pause after CED is shorter, and the preamble follows it.
                if self.quiet_ms >= TURN_MS {
                    self.begin_preamble(Some(self.page_ms));
                }
                SILENCE
            }
            Doing::Preamble { left_ms: 0, page_ms } => {
                self.doing = match page_ms {
                    Some(left_ms) => Doing::Page { left_ms },
                    None => Doing::Listening { ms: 0, heard_ms: 0 },
                };
                SILENCE
            }
            Doing::Preamble { left_ms, page_ms } => {
                self.doing = Doing::Preamble { left_ms: left_ms - 1, page_ms };
                self.flags()
            }
            Doing::Page { left_ms: 0 } => {
                self.doing = Doing::Over;
                progress = Some(Progress::Sent);
                SILENCE
            }
            Doing::Page { left_ms } => {
                self.doing = Doing::Page { left_ms: left_ms - 1 };
                self.page()
            }
            Doing::Answering { ms } => {
                self.doing = Doing::Answering { ms: ms + 1 };
                match ms {
                    ms if ms < CED_AFTER_MS => SILENCE,
                    ms if ms < CED_AFTER_MS + CED_MS => self.tone(CED_HERTZ),
                    ms if ms < CED_AFTER_MS + CED_MS + CED_PAUSE_MS => SILENCE,
                    _ => {
                        self.begin_preamble(None);
                        SILENCE
                    }
                }
            }
            Doing::Listening { ms, heard_ms } => {
                let heard_ms = heard_ms + u32::from(self.quiet_ms == 0);
                self.doing = Doing::Listening { ms: ms + 1, heard_ms };
                if heard_ms >= PREAMBLE_MS && self.quiet_ms >= PAGE_OVER_MS {
                    self.doing = Doing::Over;
                    progress = Some(Progress::Received);
                } else if heard_ms == 0 && ms >= PREAMBLE_EVERY_MS {
                    self.begin_preamble(None);
                }
                SILENCE
            }
            Doing::Over => SILENCE,
        };
        (sent, progress)
    }

    fn begin_preamble(&mut self, page_ms: Option<u32>) {
        self.keyed = 0;
        self.doing = Doing::Preamble { left_ms: PREAMBLE_MS, page_ms };
    }

    /// Hears how long an answer tone has lasted, and how long nothing has been heard.
    fn listen(&mut self, heard: &Sound) {
        self.block.extend(heard);
        if self.block.len() < BLOCK {
            return;
        }
        let power = mean_square(&self.block);
        let loud = level_dbm0(power) > HEARD_DBM0;
        self.quiet_ms = if loud { 0 } else { self.quiet_ms + BLOCK_MS };
        let ced = loud && power_at(CED_HERTZ, &self.block) > CED_PURITY * power;
        self.ced_ms = if ced { self.ced_ms + BLOCK_MS } else { 0 };
        self.block.clear();
    }

    fn tone(&mut self, hertz: f32) -> Sound {
        let (peak, step) = (PEAK_0_DBM0 * amplitude(SENT_DBM0), Oscillator::step_of(hertz));
        std::array::from_fn(|_| to_sample(peak * self.oscillator.sample_by(step)))
    }

    fn flags(&mut self) -> Sound {
        let peak = PEAK_0_DBM0 * amplitude(SENT_DBM0);
        std::array::from_fn(|_| {
            let bit = self.keyed * V21_BITS / 8000 % 8;
            self.keyed += 1;
            let hertz = if FLAG >> bit & 1 == 1 { V21_ONE_HERTZ } else { V21_ZERO_HERTZ };
            to_sample(peak * self.oscillator.sample_by(Oscillator::step_of(hertz)))
        })
    }

    fn page(&mut self) -> Sound {
        let (peak, step) = (PEAK_0_DBM0 * amplitude(SENT_DBM0), Oscillator::step_of(PAGE_HERTZ));
        std::array::from_fn(|_| {
            self.keyed += 1;
            if self.keyed.is_multiple_of(PAGE_SYMBOL) {
                self.oscillator.advance(f64::from(self.rng.random_range(0..PAGE_PHASES)) / f64::from(PAGE_PHASES));
            }
            to_sample(peak * self.oscillator.sample_by(step))
        })
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    /// Two machines, or one alone, until both are done: the outcome of each, with the times in ms.
    fn exchange(page_ms: u32, answers: bool) -> Vec<(u32, bool, Progress)> {
        let rng = || ChaCha8Rng::seed_from_u64(7);
        let (mut caller, mut called) = (FaxMachine::calling(page_ms, rng()), FaxMachine::answering(rng()));
        let (mut from_caller, mut from_called) = (SILENCE, SILENCE);
        let mut came = Vec::new();
        for ms in 0..120_000 {
            let (to_called, of_caller) = caller.step(&from_called);
            let (to_caller, of_called) = if answers { called.step(&from_caller) } else { (SILENCE, None) };
            (from_caller, from_called) = (to_called, to_caller);
            came.extend(of_caller.map(|progress| (ms, true, progress)));
            came.extend(of_called.map(|progress| (ms, false, progress)));
        }
        came
    }

    #[test]
    fn a_page_goes_from_one_machine_to_another() {
        let came = exchange(20_000, true);
        let kinds: Vec<_> = came.iter().map(|(_, caller, progress)| (*caller, *progress)).collect();
        assert_eq!(
            kinds,
            [(true, Progress::Answered), (true, Progress::Sent), (false, Progress::Received)],
            "{came:?}"
        );
        assert!((2400..2600).contains(&came[0].0) && came[1].0 > 27_000, "{came:?}");
    }

    #[test]
    fn a_machine_that_meets_nobody_gives_up_after_t1() {
        assert_eq!(exchange(20_000, false), [(T1_MS - 1, true, Progress::GaveUp)]);
    }

    #[test]
    fn cng_is_half_a_second_of_1100_hertz_in_every_three_and_a_half() {
        let mut caller = FaxMachine::calling(1000, ChaCha8Rng::seed_from_u64(3));
        let sent: Vec<i16> = (0..7000).flat_map(|_| caller.step(&SILENCE).0).collect();
        let on = sent.chunks(8).filter(|ms| mean_square(ms) > 1000.0).count();
        assert_eq!(on, 1000, "two bursts in two cycles, wherever they begin");
        let at = sent.iter().position(|s| *s != 0).unwrap_or_default();
        assert!((level_dbm0(power_at(CNG_HERTZ, &sent[at..at + 800])) - SENT_DBM0).abs() < 0.3);
    }
}
