//! Fax and modem tones: CNG, CED/ANS, CT (T.30, V.25, V.8).
//!
//! The same in every country, so not part of its profile; heard by a [`progress::Bank`](super::progress::Bank) of their
//! own.
//!
//! Sources: ITU-T T.30 (CNG, CED), V.25 (answer tone, calling tone).

use super::progress::{Cadence, Detection, Pattern, Span};
use crate::signal::FaxModemTone;

/// Detection of these tones: a calling fax machine by one whole burst, a calling modem by its second, an answer tone by
/// half a second.
pub const FAX_MODEM_TONES: Detection<FaxModemTone> = Detection {
    // 10 ms allow for the 38 Hz by which CNG may be off: it then keeps 0.6 of its power, which is 2 dB.
    coherent_ms: 10,
    // 3 dB below the faintest that must be heard.
    floor_dbm0: -46.0,
    // Noise 9 dB below, on top of those 38 Hz.
    purity: 0.4,
    majority_of: 3,
    patterns: &[
        Pattern {
            tone: FaxModemTone::FaxCalls,
            hz: &[1100.0],
            cadence: Cadence::Cycle {
                // 15 %, and two blocks for the edges.
                spans: &[Span { min_ms: 405, max_ms: 595 }, Span { min_ms: 2530, max_ms: 3470 }],
                enough: 1,
            },
        },
        Pattern {
            tone: FaxModemTone::Answers,
            hz: &[2100.0],
            // Reversals of phase look like gaps of a block or two.
            cadence: Cadence::Steady { ms: 500, gap_ms: 30 },
        },
        Pattern {
            tone: FaxModemTone::ModemCalls,
            hz: &[1300.0],
            cadence: Cadence::Cycle {
                spans: &[Span { min_ms: 450, max_ms: 750 }, Span { min_ms: 1400, max_ms: 2100 }],
                enough: 3,
            },
        },
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::progress::{Bank, Event};
    use crate::dsp::tone::{Component, FOREVER, Generator, Segment, SegmentSignal, ToneSpec};
    use crate::dsp::{Lanes, level};

    fn recognised(spec: &ToneSpec, ms: usize) -> Vec<FaxModemTone> {
        let mut bank = Bank::new(1, &FAX_MODEM_TONES);
        let mut generator = Generator::new(spec);
        let mut found = Vec::new();
        for _ in 0..ms {
            bank.step(&[generator.next()], &Lanes::first(1), &mut |_, event| match event {
                Event::Recognised(tone) => found.push(tone),
                Event::Begun | Event::Ended(_) => {}
            });
        }
        found
    }

    #[test]
    fn a_calling_fax_machine_is_known_by_its_first_burst() {
        const OFF: Segment = Segment { signal: SegmentSignal::Silence, ms: 3000 };
        for (hz, ms) in [(1100.0, 500), (1138.0, 430), (1062.0, 570)] {
            let signal = SegmentSignal::Sum(Box::leak(Box::new([Component { hz, dbm0: -30.0 }])));
            let spec = ToneSpec::repeated(Box::leak(Box::new([Segment { signal, ms }, OFF])));
            assert_eq!(recognised(&spec, 700), [FaxModemTone::FaxCalls], "{hz} Hz for {ms} ms");
        }
    }

    #[test]
    fn an_answer_tone_is_known_with_and_without_reversals() {
        const TONE: [Component; 1] = [Component { hz: 2100.0, dbm0: -12.0 }];
        let spec = ToneSpec::repeated(&[Segment { signal: SegmentSignal::Sum(&TONE), ms: FOREVER }]);
        assert_eq!(recognised(&spec, 600), [FaxModemTone::Answers]);

        let mut bank = Bank::new(1, &FAX_MODEM_TONES);
        let mut found = 0;
        for ms in 0..2000_usize {
            let sign = if ms / 450 % 2 == 0 { 1.0 } else { -1.0 };
            let tick = core::array::from_fn(|n| {
                level::to_sample(sign * level::peak(-12.0) * level::sine((ms * 8 + n) as f64 * 2100.0 / 8000.0 % 1.0))
            });
            bank.step(&[tick], &Lanes::first(1), &mut |_, event| {
                found += usize::from(event == Event::Recognised(FaxModemTone::Answers));
            });
        }
        assert_eq!(found, 1);
    }
}
