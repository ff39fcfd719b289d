//! ITU-T T.30 (CNG, CED), V.25 (answer tone with reversals, calling tone) and V.8 (ANSam): what must be heard, and what
//! must not.
//!
//! The standards say what a machine sends; how far off a receiver must refuse is nowhere written. The limits of
//! rejection here are those beyond which a tone cannot be one of theirs by any fault that they allow. Everything goes
//! through A-law, as on a line.

use std::f64::consts::TAU;
use std::fmt::Write;

use tipring_driver::dsp::echo::Control;
use tipring_driver::dsp::fax_modem_tones::FAX_MODEM_TONES;
use tipring_driver::dsp::progress::{Bank, Event};
use tipring_driver::dsp::{Lanes, SILENCE, Samples};
use tipring_driver::signal::FaxModemTone;

use crate::g168_echo::hybrid;
use crate::press::all;
use crate::signal::{MS, Random, Signal, peak, through_a_law};
use crate::speech::Speech;

/// The levels at which machines are heard on a line, in dBm0: T.30 lets them send 0 to -15 dBm, and a line takes away
/// up to 28 dB.
const LEVELS_DBM0: [f64; 7] = [0.0, -6.0, -15.0, -25.0, -35.0, -40.0, -43.0];

/// Recognised tones, with the times in ms.
fn heard(samples: &[i16]) -> Vec<(usize, FaxModemTone)> {
    let mut bank = Bank::new(1, &FAX_MODEM_TONES);
    let mut found = Vec::new();
    let silence = std::iter::repeat_n(SILENCE, 200);
    for (ms, tick) in samples.as_chunks::<8>().0.iter().copied().chain(silence).enumerate() {
        bank.step(&[tick], &Lanes::first(1), &mut |_, event| {
            if let Event::Recognised(tone) = event {
                found.push((ms, tone));
            }
        });
    }
    found
}

fn tones(samples: &[i16]) -> Vec<FaxModemTone> {
    heard(samples).into_iter().map(|(_, tone)| tone).collect()
}

/// A burst of one frequency: duration in ms, level, and an offset in samples that aligns with no block.
#[derive(Debug, Clone, Copy)]
struct Burst {
    hz: f64,
    ms: f64,
    dbm0: f64,
    offset: usize,
}

impl Burst {
    fn sound(&self) -> Signal {
        let mut signal = Signal::default();
        signal.silence(800 + self.offset);
        signal.tones((self.ms * MS as f64).round() as usize, &[(self.hz, self.dbm0)]);
        signal.silence(1600);
        signal
    }
}

/// Each burst alone, at changing places in the blocks; a line for each that was not heard as wanted.
fn failures(bursts: impl IntoIterator<Item = Burst>, wanted: &[FaxModemTone]) -> String {
    let mut failures = String::new();
    for (index, burst) in bursts.into_iter().enumerate() {
        let burst = Burst { offset: index * 37 % 80, ..burst };
        let found = tones(&burst.sound().through_a_law());
        if found != wanted {
            writeln!(failures, "{burst:?} was heard as {found:?}").expect("a string takes everything");
        }
    }
    failures
}

#[track_caller]
fn accepts(bursts: impl IntoIterator<Item = Burst>, tone: FaxModemTone) {
    let failures = failures(bursts, &[tone]);
    assert!(failures.is_empty(), "{} failed:\n{failures}", failures.lines().count());
}

#[track_caller]
fn rejects(bursts: impl IntoIterator<Item = Burst>) {
    let failures = failures(bursts, &[]);
    assert!(failures.is_empty(), "{} failed:\n{failures}", failures.lines().count());
}

fn bursts(hz: &'static [f64], ms: &'static [f64]) -> impl Iterator<Item = Burst> {
    let each = |hz: f64| ms.iter().map(move |ms| Burst { hz, ms: *ms, dbm0: -15.0, offset: 0 });
    hz.iter().flat_map(move |hz| each(*hz))
}

fn at_all_levels(bursts: impl Iterator<Item = Burst>) -> impl Iterator<Item = Burst> {
    bursts.flat_map(|burst| LEVELS_DBM0.map(|dbm0| Burst { dbm0, ..burst }))
}

/// T.30: 1100 ± 38 Hz for 0.5 s ± 15 %.
#[test]
fn cng_is_heard_by_its_first_burst_at_all_its_limits() {
    const HZ: &[f64] = &[1062.0, 1070.0, 1081.0, 1092.0, 1100.0, 1111.0, 1119.0, 1130.0, 1138.0];
    const MS: &[f64] = &[425.0, 427.3, 450.0, 481.9, 500.0, 533.1, 560.0, 575.0];
    accepts(at_all_levels(bursts(HZ, MS)), FaxModemTone::FaxCalls);
}

/// CNG is reported within 50 ms of the end of its burst, and once for as long as it goes on.
#[test]
fn cng_is_reported_within_50_ms_of_its_burst_and_once() {
    let mut signal = Signal::default();
    signal.silence(800);
    for _ in 0..8 {
        signal.tones(500 * MS, &[(1100.0, -20.0)]);
        signal.silence(3000 * MS);
    }
    let found = heard(&signal.through_a_law());
    assert!(matches!(found[..], [(600..=650, FaxModemTone::FaxCalls)]), "{found:?}");
}

#[test]
fn bursts_that_cannot_be_cng_are_not_heard() {
    const RIGHT_MS: &[f64] = &[500.0];
    rejects(at_all_levels(bursts(&[1000.0, 1020.0, 1030.0, 1170.0, 1180.0, 1200.0, 1209.0], RIGHT_MS)));
    rejects(at_all_levels(bursts(&[1062.0, 1100.0, 1138.0], &[100.0, 200.0, 300.0, 370.0, 650.0, 800.0, 3000.0])));
    rejects([
        Burst { hz: 1100.0, ms: 500.0, dbm0: -50.0, offset: 0 },
        Burst { hz: 1100.0, ms: 500.0, dbm0: -60.0, offset: 0 },
    ]);
}

/// T.30: CED is 2100 ± 15 Hz for 2.6 to 4 s; V.25: the same for 3.3 ± 0.7 s.
#[test]
fn the_answer_tone_is_heard_after_half_a_second() {
    const HZ: &[f64] = &[2085.0, 2090.0, 2100.0, 2110.0, 2115.0];
    accepts(at_all_levels(bursts(HZ, &[2600.0, 3300.0, 4000.0])), FaxModemTone::Answers);
    for burst in bursts(HZ, &[2600.0]) {
        let found = heard(&burst.sound().through_a_law());
        assert!(matches!(found[..], [(590..=650, _)]), "{burst:?}: {found:?}");
    }
}

#[test]
fn tones_that_cannot_be_an_answer_are_not_heard() {
    rejects(at_all_levels(bursts(&[1900.0, 2000.0, 2020.0, 2030.0, 2170.0, 2225.0, 2300.0], &[3000.0])));
    rejects(at_all_levels(bursts(&[2085.0, 2100.0, 2115.0], &[100.0, 300.0, 470.0])));
    rejects([Burst { hz: 2100.0, ms: 3000.0, dbm0: -50.0, offset: 0 }]);
}

/// The answer tone of V.25 and V.8: 2100 Hz, with phase reversals (period in ms, angle in degrees) and 15 Hz of
/// amplitude modulation.
fn answer_tone(hz: f64, dbm0: f64, reversal: Option<(f64, f64)>, depth: f64) -> Signal {
    let mut signal = Signal::default();
    signal.silence(813);
    let mut turned = 0.0;
    for n in 0..3300 * MS {
        if let Some((every_ms, degrees)) = reversal
            && n > 0
            && n % (every_ms * MS as f64) as usize == 0
        {
            turned += degrees / 360.0;
        }
        let swell = 1.0 + depth * (TAU * 15.0 * n as f64 / 8000.0).sin();
        signal.0.push(swell * peak(dbm0) * (TAU * (hz * n as f64 / 8000.0 + turned)).sin());
    }
    signal.silence(1600);
    signal
}

/// V.25: reversals of 180 ± 10° each 450 ± 25 ms; V.8: 15 Hz of amplitude modulation, 20 % deep.
#[test]
fn reversals_and_modulation_do_not_hide_the_answer_tone() {
    for hz in [2085.0, 2100.0, 2115.0] {
        for dbm0 in LEVELS_DBM0 {
            for every_ms in [425.0, 450.0, 475.0] {
                for (reversal, depth) in [
                    (Some((every_ms, 170.0)), 0.0),
                    (Some((every_ms, 180.0)), 0.0),
                    (Some((every_ms, 190.0)), 0.2),
                    (None, 0.2),
                ] {
                    let found = tones(&answer_tone(hz, dbm0, reversal, depth).through_a_law());
                    let what = format!("{hz} Hz at {dbm0} dBm0, turned {reversal:?}, {depth} deep");
                    assert_eq!(found, [FaxModemTone::Answers], "{what}");
                }
            }
        }
    }
}

/// V.25: 1300 ± 15 Hz, 0.5 to 0.7 s on, 1.5 to 2 s off.
#[test]
fn a_calling_modem_is_heard_by_its_second_burst() {
    for hz in [1285.0, 1300.0, 1315.0] {
        for (on_ms, off_ms) in [(500, 1500), (600, 1700), (700, 2000), (500, 2000), (700, 1500)] {
            for dbm0 in LEVELS_DBM0 {
                let mut signal = Signal::default();
                signal.silence(827);
                for _ in 0..3 {
                    signal.tones(on_ms * MS, &[(hz, dbm0)]);
                    signal.silence(off_ms * MS);
                }
                let found = tones(&signal.through_a_law());
                assert_eq!(found, [FaxModemTone::ModemCalls], "{hz} Hz, {on_ms} ms on, {off_ms} off, {dbm0} dBm0");
            }
        }
    }
}

/// A line is noisy, and 35 dB of signal to noise are a good one.
#[test]
fn noise_does_not_hide_machines() {
    for (ratio_db, seed) in [(30.0, 1), (20.0, 2), (12.0, 3), (9.0, 4)] {
        let mut random = Random::new(seed);
        for hz in [1062.0, 1100.0, 1138.0, 2085.0, 2115.0] {
            let (ms, tone) =
                if hz < 2000.0 { (500.0, FaxModemTone::FaxCalls) } else { (2600.0, FaxModemTone::Answers) };
            let mut missed = 0;
            for index in 0..50 {
                let mut signal = Burst { hz, ms, dbm0: -25.0, offset: index * 37 % 80 }.sound();
                signal.add_noise(-25.0 - ratio_db, &mut random);
                missed += usize::from(tones(&signal.through_a_law()) != [tone]);
            }
            assert!(
                missed == 0,
                "seed {seed}: {missed} of 50 were missed at {hz} Hz with {ratio_db} dB of signal to noise"
            );
        }
    }
}

/// Keys, and all tones that an exchange or a private exchange gives at any level.
#[test]
fn keys_and_the_tones_of_networks_are_no_machines() {
    const TONES: &[(&str, &[f64])] = &[
        ("dial, busy and ringback of China", &[450.0]),
        ("of Europe", &[425.0]),
        ("of Japan", &[400.0]),
        ("dial tone of North America", &[350.0, 440.0]),
        ("ringback of North America", &[440.0, 480.0]),
        ("busy of North America", &[480.0, 620.0]),
        ("howler of North America", &[1400.0, 2060.0, 2450.0, 2600.0]),
        ("the first special information tone", &[950.0]),
        ("the second", &[1400.0]),
        ("the third", &[1800.0]),
        ("howler of Britain", &[800.0]),
        ("test tone", &[1004.0]),
        ("test tone of Europe", &[1020.0]),
        ("alerting tone", &[2130.0, 2750.0]),
        ("answer tone of CoreWaker 103", &[2225.0]),
        ("preamble of a fax machine", &[1650.0]),
    ];
    for dbm0 in [0.0, -10.0, -25.0] {
        for (name, hz) in TONES {
            for ms in [150, 330, 350, 500, 600, 1000, 3000] {
                let mut signal = Signal::default();
                signal.silence(819);
                for _ in 0..3 {
                    signal.tones(ms * MS, &hz.iter().map(|hz| (*hz, dbm0)).collect::<Vec<_>>());
                    signal.silence(ms * MS);
                }
                assert_eq!(tones(&signal.through_a_law()), [], "{name} for {ms} ms at {dbm0} dBm0");
            }
        }
        for twist_db in [-10.0, 0.0, 10.0] {
            for on_ms in [100.0, 500.0, 1000.0] {
                for press in all() {
                    let mut signal = Signal::default();
                    signal.silence(811);
                    crate::press::Press { on_ms, dbm0: dbm0 - 3.0, twist_db, off_ms: 500.0, ..press }.put(&mut signal);
                    assert_eq!(tones(&signal.through_a_law()), [], "{press:?} for {on_ms} ms");
                }
            }
        }
    }
}

/// An hour of speech is no machine: talk-off, as for keys.
#[test]
fn an_hour_of_speech_holds_no_machines() {
    const LANES: usize = 16;
    let mut voices: Vec<Speech> = (0..LANES as u64).map(Speech::new).collect();
    let mut bank = Bank::new(LANES, &FAX_MODEM_TONES);
    let mut found = Vec::new();
    for ms in 0..3_600_000 / LANES {
        let frames: [Samples; LANES] = std::array::from_fn(|lane| std::array::from_fn(|_| voices[lane].next()));
        bank.step(&frames, &Lanes::first(LANES), &mut |lane, event| {
            if let Event::Recognised(tone) = event {
                found.push((lane, ms, tone));
            }
        });
    }
    assert_eq!(found, [], "machines in an hour of speech");
}

/// A caller's line while a prompt is played into it, its echo taken out as in a call: when CNG is first heard, in ms
/// from its beginning.
fn heard_under_a_prompt(hz: f64, dbm0: f64, seed: u64) -> Option<usize> {
    const BURSTS: usize = 4;
    let path = hybrid(seed, 128);
    let mut voice = Speech::new(seed);
    let mut cng = Signal::default();
    cng.silence(200 * MS);
    for _ in 0..BURSTS {
        cng.tones(500 * MS, &[(hz, dbm0)]);
        cng.silence(3000 * MS);
    }
    let mut control = Control::new(16);
    let mut sent: Vec<i16> = vec![0; path.len()];
    let mut found = None;
    let mut bank = Bank::new(1, &FAX_MODEM_TONES);
    for (ms, tick) in cng.0.as_chunks::<8>().0.iter().enumerate() {
        let played: Samples = std::array::from_fn(|_| through_a_law(f64::from(voice.next())));
        let received = std::array::from_fn(|n| {
            sent.push(played[n]);
            let echo: f64 = path.iter().zip(sent.iter().rev()).map(|(tap, sent)| tap * f64::from(*sent)).sum();
            through_a_law(tick[n] + echo)
        });
        let linear = control.step(&played, &received).linear;
        bank.step(&[linear], &Lanes::first(1), &mut |_, event| {
            if let Event::Recognised(tone) = event {
                assert_eq!(tone, FaxModemTone::FaxCalls);
                found = found.or(Some(ms - 200));
            }
        });
    }
    found
}

/// A prompt at -15 dBm0 comes back 6 dB below, and less and less of it as the canceller learns; CNG begins 0.2 s after
/// the answer. If not by its first burst, which may be as loud as the echo or fainter, it is heard by its second.
#[test]
fn cng_is_heard_under_the_echo_of_a_prompt() {
    for dbm0 in [-10.0, -20.0, -30.0] {
        let mut by_first = 0;
        for hz in [1062.0, 1100.0, 1138.0] {
            for seed in 0..8 {
                let found = heard_under_a_prompt(hz, dbm0, seed);
                assert!(found.is_some_and(|ms| ms < 4100), "{hz} Hz at {dbm0} dBm0, seed {seed}: {found:?}");
                by_first += usize::from(found.is_some_and(|ms| ms < 600));
            }
        }
        assert!(by_first >= 12, "at {dbm0} dBm0 the first burst was heard in {by_first} of 24 calls");
    }
}
