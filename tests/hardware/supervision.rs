//! Supervision, country by country: every signal that a line of that country can give, and every one that is none.
//!
//! Each case is a row: a line with its profile, the exchange's equipment at its other end (or a telephone), and steps
//! of what is done and what must be seen, and when. Four cases run side by side on the four ports of a card, on virtual
//! time. A case that fails prints its country, its signal, everything that was seen, and the command that repeats it.

mod ground_start;
mod rig;
mod stations;
mod trunks;

use tipring_driver::country::{AnswerSignals, DisconnectSignals};
use tipring_hw_sim::network::country::{self, Country};

/// Facts of a country's standards, this test's own table, to set beside the simulated exchange's.
#[derive(Debug, Clone, Copy)]
struct Facts {
    code: &'static str,
    /// The longest silence in its ringing, in ms, and how long after the last burst a caller who gave up must have been
    /// noticed.
    gap_ms: u64,
    gone_ms: u64,
    /// The longest silence in its ringback, in ms.
    ringback_gap_ms: u64,
    /// A flash that is sent: shortest and longest, in ms.
    flash_sent_ms: (u64, u64),
    /// Dial pulses that are sent: share of the break, in per cent.
    break_percent: (u64, u64),
    /// Congestion sounds like busy.
    alike: bool,
}

/// GB/T 3380 and YDN 065; GR-506; SIN 350 to 352; 1 TR 110; NTT; HKCA 2011. Flashes by practice.
const FACTS: [Facts; 6] = [
    Facts {
        code: "CN",
        gap_ms: 4000,
        gone_ms: 7000,
        ringback_gap_ms: 4000,
        flash_sent_ms: (80, 500),
        break_percent: (58, 64),
        alike: false,
    },
    Facts {
        code: "US",
        gap_ms: 4000,
        gone_ms: 7000,
        ringback_gap_ms: 4000,
        flash_sent_ms: (300, 1000),
        break_percent: (58, 64),
        alike: false,
    },
    Facts {
        code: "GB",
        gap_ms: 2000,
        gone_ms: 5000,
        ringback_gap_ms: 2000,
        flash_sent_ms: (50, 130),
        break_percent: (60, 68),
        alike: false,
    },
    Facts {
        code: "DE",
        gap_ms: 4000,
        gone_ms: 7000,
        ringback_gap_ms: 4000,
        flash_sent_ms: (170, 310),
        break_percent: (58, 63),
        alike: false,
    },
    Facts {
        code: "JP",
        gap_ms: 2000,
        gone_ms: 5000,
        ringback_gap_ms: 2000,
        flash_sent_ms: (300, 1000),
        break_percent: (64, 70),
        alike: true,
    },
    Facts {
        code: "HK",
        gap_ms: 3000,
        gone_ms: 6000,
        ringback_gap_ms: 3000,
        flash_sent_ms: (300, 1000),
        break_percent: (58, 64),
        alike: false,
    },
];

impl Facts {
    fn of(code: &str) -> Facts {
        FACTS.into_iter().find(|facts| facts.code == code).expect("a country of the table")
    }

    /// The country at the far end.
    fn far(&self) -> Country {
        country::country(self.code).expect("the simulator knows it")
    }

    /// The country as the driver has it.
    fn near(&self) -> &'static tipring_driver::country::Country {
        tipring_driver::country::Country::of(self.code).expect("the driver knows it")
    }
}

/// No signal of an answer at all; the cases add theirs.
const NO_ANSWER: AnswerSignals =
    AnswerSignals { polarity: false, voice_ms: None, after_ringback_ms: None, after_dialling_ms: None };
/// No signal of a release at all.
const NO_DISCONNECT: DisconnectSignals =
    DisconnectSignals { tone: false, loop_break_ms: None, polarity: false, silence_ms: None, votes: 1 };

/// A test for each country and kind of line.
macro_rules! countries {
    ($($name:ident $code:literal)*) => {
        mod trunk {
            use super::{Facts, rig, trunks};
            $(#[test] fn $name() { rig::run(concat!("supervision::trunk::", stringify!($name)), trunks::cases(Facts::of($code))); })*
        }
        mod station {
            use super::{Facts, ground_start, rig, stations};
            $(#[test] fn $name() {
                let mut cases = stations::cases(Facts::of($code));
                cases.extend(ground_start::cases(Facts::of($code)));
                rig::run(concat!("supervision::station::", stringify!($name)), cases);
            })*
        }
    };
}

countries! { china "CN" united_states "US" united_kingdom "GB" germany "DE" japan "JP" hong_kong "HK" }
