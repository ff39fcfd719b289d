//! ITU-T G.169: what level control may do to speech, and what it must leave alone: noise, echo, tones, fax.
//!
//! Targets: active speech level of -20 dBm0 within 3 dB for voices of -35 to -10 dBm0, peaks of at most -3 dBm0, gain
//! within 15 dB that moves a few dB a second, idle noise and echo not raised, tones as they came.
//!
//! Where it falls short of G.169: voices are made here; a fax is an answering tone and bursts of noise in a modem's
//! band.

use tipring_driver::dsp::enhance::Enhancement;
use tipring_tests::seed::with_seeds;

use crate::enhanced::{Noise, SECOND, active_dbm0, at_level, dbm0_of, enhanced, enhanced_pair, sum, talk};
use crate::press::Press;
use crate::signal::{MS, Random, Signal, peak};

const LEVEL: Enhancement = Enhancement { noise_reduction: false, level_control: true };
const BOTH: [Enhancement; 2] = [LEVEL, Enhancement::ALL];
/// 16 ms.
const HOP: usize = 128;

/// Gain, in dB, of each piece whose input is above `least_dbm0`, with its time in seconds.
fn gains(before: &[f64], after: &[f64], least_dbm0: f64) -> Vec<(f64, f64)> {
    let pieces = before.chunks_exact(HOP).zip(after.chunks_exact(HOP)).enumerate();
    let gain = |(n, (before, after))| ((n * HOP) as f64 / SECOND as f64, dbm0_of(before), dbm0_of(after));
    pieces
        .map(gain)
        .filter(|(_, before, _)| *before > least_dbm0)
        .map(|(at, before, after)| (at, after - before))
        .collect()
}

#[test]
fn voices_from_soft_to_loud_come_out_at_one_level() {
    with_seeds("standards", "voices_from_soft_to_loud_come_out_at_one_level", 1..3, |seed| {
        for dbm0 in [-35.0, -30.0, -25.0, -20.0, -15.0, -10.0] {
            for snr_db in [None, Some(20.0)] {
                let clean = talk(seed, dbm0, 24, 4.0, 1.0);
                let noise = snr_db.map(|snr_db| Noise::White.samples(seed, dbm0 - snr_db, clean.len()));
                let sound = noise.map_or(clean.clone(), |noise| sum(&clean, &noise));
                for enhancement in BOTH {
                    let out = enhanced(enhancement, &sound);
                    // A gain of 15 dB takes 5 s of speech to come up.
                    let level = active_dbm0(&out[9 * SECOND..]);
                    let measured = format!("{dbm0} dBm0, {snr_db:?}, {enhancement:?}: {level:.1} dBm0");
                    assert!((level + 20.0).abs() <= 3.0, "{measured}");
                    let highest = out.iter().fold(0.0_f64, |highest, sample| highest.max(sample.abs()));
                    assert!(highest <= peak(-3.0) + 1.0, "{measured}, a peak of {highest}");
                }
            }
        }
    });
}

/// The most that a gain moves within a second, upwards or, with the sign turned, downwards.
fn fastest(gains: &[(f64, f64)], sign: f64) -> f64 {
    let moved = gains.iter().enumerate().filter_map(|(n, (from, before))| {
        let within = gains[n..].iter().take_while(|(at, _)| at - from <= 1.0);
        within.last().map(|(_, after)| sign * (after - before))
    });
    moved.fold(0.0, f64::max)
}

#[test]
fn the_gain_stays_within_its_range_and_moves_slowly() {
    with_seeds("standards", "the_gain_stays_within_its_range_and_moves_slowly", 1..3, |seed| {
        // So soft that more than 15 dB would be wanted; then too loud.
        let soft = talk(seed, -42.0, 16, 15.0, 1.0);
        let loud = talk(seed + 100, -12.0, 16, 15.0, 1.0);
        let sound = [soft, loud].concat();
        let gains = gains(&sound, &enhanced(LEVEL, &sound), -44.0);
        // Up while the voice is soft: later the limiter, too, takes the gain down and lets it up again.
        let (soft_part, loud_part) = gains.split_at(gains.partition_point(|(at, _)| *at < 16.0));
        let (up, down) = (fastest(soft_part, 1.0), fastest(loud_part, -1.0));
        let most = gains.iter().fold(0.0_f64, |most, (_, gain)| most.max(*gain));
        println!("up {up:.1} dB in a second, down {down:.1}, at most {most:.1} dB");
        assert!((2.0..=3.3).contains(&up), "up {up:.1} dB in a second");
        assert!((5.0..=16.0).contains(&down), "down {down:.1} dB in a second");
        assert!((14.0..=15.2).contains(&most), "{most:.1} dB");
    });
}

#[test]
fn noise_is_not_turned_up_in_pauses_nor_alone() {
    with_seeds("standards", "noise_is_not_turned_up_in_pauses_nor_alone", 1..3, |seed| {
        for enhancement in BOTH {
            for noise_dbm0 in [-65.0, -55.0, -48.0] {
                let voice = talk(seed, -32.0, 30, 4.0, 4.0);
                let sound = sum(&voice, &Noise::White.samples(seed, noise_dbm0, voice.len()));
                let out = enhanced(enhancement, &sound);
                // From 1.5 s after the last word of a long pause on.
                let pause = (17.7 * SECOND as f64) as usize..(19.8 * SECOND as f64) as usize;
                let raised = dbm0_of(&out[pause.clone()]) - dbm0_of(&sound[pause]);
                assert!(raised <= 0.5, "{enhancement:?}, noise of {noise_dbm0} dBm0: {raised:.1} dB");
            }
            let alone = Noise::White.samples(seed, -40.0, 20 * SECOND);
            let raised = dbm0_of(&enhanced(enhancement, &alone)) - dbm0_of(&alone);
            assert!(raised <= 0.1, "{enhancement:?}, noise alone: {raised:.1} dB");
        }
    });
}

/// Between two words noise stays where it was: what breathes with every word is worse than noise.
#[test]
fn the_gain_does_not_pump_between_words() {
    with_seeds("standards", "the_gain_does_not_pump_between_words", 1..3, |seed| {
        // A quarter of a second is the pause between two words.
        let voice = talk(seed, -32.0, 24, 1.5, 0.25);
        let noise = Noise::White.samples(seed, -55.0, voice.len());
        let out = enhanced(LEVEL, &sum(&voice, &noise));
        let pauses: Vec<f64> = (6..13)
            .map(|pause| pause * 14_000)
            // The voice has silences of its own; a word must end where the pause begins.
            .filter(|from| dbm0_of(&voice[from - 50 * MS..*from]) > -45.0)
            .map(|from| {
                let inner = from + 75 * MS..from + 225 * MS;
                dbm0_of(&out[inner.clone()]) - dbm0_of(&noise[inner])
            })
            .collect();
        println!("noise between words goes up by {pauses:.1?} dB");
        // The gain of speech, some 12 dB, is there all the time.
        assert!(pauses.len() >= 3 && pauses.iter().all(|raised| (9.0..=15.5).contains(raised)), "{pauses:.1?}");
    });
}

#[test]
fn an_echo_is_not_taken_for_a_soft_voice() {
    with_seeds("standards", "an_echo_is_not_taken_for_a_soft_voice", 1..3, |seed| {
        let agent = talk(seed, -15.0, 30, 20.0, 2.0);
        // What a canceller and its processor leave, 28 dB down and 20 ms late.
        let mut echo = vec![0.0; 20 * MS];
        echo.extend(at_level(&agent[..agent.len() - 20 * MS], -28.0));
        let noise = Noise::White.samples(seed, -60.0, echo.len());
        let [out, _] = enhanced_pair(LEVEL, &sum(&echo, &noise), &agent);
        let raised = dbm0_of(&out) - dbm0_of(&echo);
        assert!(raised.abs() <= 0.5, "the echo comes out {raised:.1} dB louder");
        // The same alone is a soft voice, and is turned up.
        let alone = enhanced(LEVEL, &sum(&echo, &noise));
        let raised = dbm0_of(&alone[10 * SECOND..]) - dbm0_of(&echo[10 * SECOND..]);
        assert!(raised >= 8.0, "a voice comes out {raised:.1} dB louder");
    });
}

/// A name, milliseconds, and frequencies with their levels in dBm0.
type Tone = (&'static str, usize, &'static [(f64, f64)]);

/// After a soft voice has brought the gain up, tones come all the same out as they went in.
#[test]
fn tones_come_out_as_loud_as_they_went_in() {
    const TONES: [Tone; 6] = [
        ("dial tone of China", 2000, &[(450.0, -10.0)]),
        ("dial tone of the US", 2000, &[(350.0, -13.0), (440.0, -13.0)]),
        ("ringback of the US", 2000, &[(440.0, -19.0), (480.0, -19.0)]),
        ("busy, 350 ms", 350, &[(450.0, -10.0)]),
        ("fax calling", 500, &[(1100.0, -12.0)]),
        ("fax answering", 2600, &[(2100.0, -12.0)]),
    ];
    with_seeds("standards", "tones_come_out_as_loud_as_they_went_in", 1..3, |seed| {
        for (name, ms, tones) in TONES {
            let mut sound = Signal(talk(seed, -35.0, 12, 11.0, 1.0));
            let from = sound.0.len() + 300 * MS;
            sound.silence(300 * MS);
            sound.tones(ms * MS, tones);
            sound.silence(SECOND);
            sound.add_noise(-60.0, &mut Random::new(seed));
            for enhancement in BOTH {
                let out = enhanced(enhancement, &sound.0);
                let inner = from + 2 * MS..from + (ms - 2) * MS;
                let changed = dbm0_of(&out[inner.clone()]) - dbm0_of(&sound.0[inner.clone()]);
                assert!(changed.abs() <= 0.1, "{name}, {enhancement:?}: {changed:.2} dB");
                // Not only as loud, but the same, but for its very ends.
                let core = from + 32 * MS..from + (ms - 32) * MS;
                let off =
                    out[core.clone()].iter().zip(&sound.0[core]).fold(0.0_f64, |off, (a, b)| off.max((a - b).abs()));
                assert!(off <= 1.0, "{name}, {enhancement:?}: a sample is {off} off");
            }
        }
    });
}

#[test]
fn keys_come_out_as_loud_as_they_went_in() {
    with_seeds("standards", "keys_come_out_as_loud_as_they_went_in", 1..3, |seed| {
        let mut sound = Signal(talk(seed, -35.0, 12, 11.0, 1.0));
        sound.silence(300 * MS);
        let mut places = Vec::new();
        for key in 0..16 {
            places.push(sound.0.len());
            Press { dbm0: -9.0, twist_db: 2.0, on_ms: 60.0, off_ms: 60.0, ..Press::new(key) }.put(&mut sound);
        }
        sound.silence(SECOND);
        sound.add_noise(-60.0, &mut Random::new(seed));
        for enhancement in BOTH {
            let out = enhanced(enhancement, &sound.0);
            for (key, from) in places.iter().enumerate() {
                let inner = *from..from + 60 * MS;
                let changed = dbm0_of(&out[inner.clone()]) - dbm0_of(&sound.0[inner]);
                assert!(changed.abs() <= 0.2, "key {key}, {enhancement:?}: {changed:.2} dB");
            }
        }
    });
}

/// A modem's signal resembles stationary noise. After an answering tone it passes unchanged, in both directions.
#[test]
fn a_fax_passes_untouched_on_both_sides() {
    let mut random = Random::new(7);
    let mut burst = |sound: &mut Signal, ms: usize| {
        // Noise between about 600 and 3000 Hz.
        let (mut low, mut high) = (0.0, 0.0);
        for _ in 0..ms * MS {
            let white = 2500.0 * random.gauss();
            low += 0.8 * (white - low);
            high += 0.35 * (low - high);
            sound.0.push(low - high);
        }
    };
    let [mut left, mut right] = [talk(1, -35.0, 12, 11.0, 1.0), talk(2, -30.0, 12, 11.0, 1.0)].map(Signal);
    let from = left.0.len() + SECOND;
    left.silence(SECOND);
    left.tones(2600 * MS, &[(2100.0, -12.0)]);
    left.silence(75 * MS);
    burst(&mut left, 4000);
    right.silence(SECOND + 2675 * MS + 4000 * MS + 75 * MS);
    burst(&mut right, 8000);
    left.silence(8075 * MS);
    for signal in [&mut left, &mut right] {
        signal.add_noise(-62.0, &mut Random::new(9));
    }
    let out = enhanced_pair(Enhancement::ALL, &left.0, &right.0);
    for (side, (out, sound)) in out.iter().zip([&left.0, &right.0]).enumerate() {
        // The tone itself from its beginning; the other side as soon as it is known what it is.
        let inner = from + [32, 200][side] * MS..sound.len() - 200 * MS;
        let off = out[inner.clone()].iter().zip(&sound[inner]).fold(0.0_f64, |off, (a, b)| off.max((a - b).abs()));
        assert!(off <= 1.0, "side {side}: a sample is {off} off");
    }
    // Without the answering tone it would not be so: the check can fail.
    let from = left.0.len() - 14_675 * MS - 75 * MS;
    left.0[from..from + 2600 * MS].fill(0.0);
    let out = enhanced_pair(Enhancement::ALL, &left.0, &right.0);
    let late = right.0.len() - 2 * SECOND..right.0.len() - SECOND;
    assert!((dbm0_of(&out[1][late.clone()]) - dbm0_of(&right.0[late])).abs() > 2.0);
}
