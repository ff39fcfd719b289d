//! ITU-T G.168: tests 2A to 10C, with the figures of the project at 6 dB of echo return loss. Without the non-linear
//! processor the linear canceller is judged alone; with it the whole echo control of a line.
//!
//! Where it falls short of G.168: the paths are made here, after the shape of a hybrid's, not the models D.2 to D.9;
//! the composite source signal has the recommendation's timing, with harmonics and noise of our own in it (above -6
//! dBm0 it would clip); fax machines are tones, keyed tones and noise in a modem's band, not modems. Everything goes
//! through A-law both ways.

use tipring_driver::dsp::echo::{Canceller, Control};

use crate::signal::{Random, Signal, peak, through_a_law};
use crate::speech::Speech;

const SECOND: usize = 8000;

/// Composite source signal: 48.62 ms voiced, 200 ms noise, 101.38 ms pause; each second period inverted.
fn composite(seconds: f64, dbm0: f64, random: &mut Random) -> Vec<f64> {
    periods(seconds, dbm0, (389, 1989, 2800), 154.0, random)
}

/// The composite source signal of the near end: 72.69, 200, 127.31 ms, and another pitch.
fn composite_near(seconds: f64, dbm0: f64, random: &mut Random) -> Vec<f64> {
    periods(seconds, dbm0, (582, 2182, 3200), 211.0, random)
}

fn periods(
    seconds: f64,
    dbm0: f64,
    (voiced, noise, period): (usize, usize, usize),
    pitch_hz: f64,
    random: &mut Random,
) -> Vec<f64> {
    let mut samples: Vec<f64> = (0..(seconds * SECOND as f64) as usize)
        .map(|n| {
            let at = n % period;
            let value = match at {
                at if at < voiced => (1..16)
                    .map(|k: i32| {
                        (f64::from(k) * pitch_hz * at as f64 / 8000.0 * std::f64::consts::TAU).sin()
                            / f64::from(k).sqrt()
                    })
                    .sum(),
                at if at < noise => 1.6 * random.gauss(),
                _ => 0.0,
            };
            if n / period % 2 == 1 { -value } else { value }
        })
        .collect();
    let power = samples.iter().map(|sample| sample * sample).sum::<f64>() / samples.len() as f64;
    let gain = peak(dbm0) / 2_f64.sqrt() / power.sqrt();
    samples.iter_mut().for_each(|sample| *sample *= gain);
    samples
}

/// A hybrid that returns a quarter of the power: a few samples late, ringing for some milliseconds.
pub fn hybrid(seed: u64, taps: usize) -> Vec<f64> {
    let mut random = Random::new(seed);
    let delay = 2 + random.below(10);
    let hz = random.between(0.3, 1.2);
    let mut path: Vec<f64> = (0..taps - 16)
        .map(|n| {
            let n = n as f64 - delay as f64;
            if n < 0.0 { 0.0 } else { (-n / (taps as f64 / 8.0)).exp() * ((hz * n).cos() + 0.3 * random.gauss()) }
        })
        .collect();
    let power: f64 = path.iter().map(|tap| tap * tap).sum();
    path.iter_mut().for_each(|tap| *tap *= 0.5 / power.sqrt());
    path
}

fn through(path: &[f64], far: &[i16]) -> Vec<f64> {
    (0..far.len())
        .map(|n| path.iter().take(n + 1).enumerate().map(|(k, tap)| tap * f64::from(far[n - k])).sum())
        .collect()
}

/// The part of the echo control that a test judges.
#[derive(Clone)]
enum Judged {
    /// Without the non-linear processor.
    Linear(Box<Canceller>),
    /// With it.
    Whole(Box<Control>),
}

/// A canceller on a line.
#[derive(Clone)]
struct Line {
    judged: Judged,
    path: Vec<f64>,
    /// Samples sent before, as long as the echo path may return them.
    sent: Vec<i16>,
}

/// Signals of a run.
struct Ran {
    /// Receive signal, from the line.
    received: Vec<f64>,
    /// Signal returned to the far end.
    returned: Vec<f64>,
    /// Samples left, less what the near end said.
    left: Vec<f64>,
}

impl Line {
    /// Without the non-linear processor.
    fn linear(seed: u64, taps: usize) -> Line {
        Line::with(Judged::Linear(Box::new(Canceller::new(taps))), seed, taps)
    }

    /// With it.
    fn whole(seed: u64, taps: usize) -> Line {
        Line::with(Judged::Whole(Box::new(Control::new(taps as u32 / 8))), seed, taps)
    }

    fn both(seed: u64, taps: usize) -> [Line; 2] {
        [Line::linear(seed, taps), Line::whole(seed, taps)]
    }

    fn with(judged: Judged, seed: u64, taps: usize) -> Line {
        Line { judged, path: hybrid(seed, taps), sent: vec![0; taps] }
    }

    /// Runs the far end and the near end (silence if none is given) through it.
    fn run(&mut self, far: &[f64], near: Option<&[f64]>) -> Ran {
        let far: Vec<i16> = far.iter().map(|sample| through_a_law(*sample)).collect();
        self.sent.extend(&far);
        let echo = through(&self.path, &self.sent).split_off(self.sent.len() - far.len());
        self.sent.drain(..far.len());
        let near: Vec<f64> = near.map_or(vec![0.0; far.len()], <[f64]>::to_vec);
        let received: Vec<i16> = echo.iter().zip(&near).map(|(echo, near)| through_a_law(echo + near)).collect();
        let returned: Vec<f64> = far
            .as_chunks()
            .0
            .iter()
            .zip(received.as_chunks().0)
            .flat_map(|(far, received)| match &mut self.judged {
                Judged::Linear(canceller) => canceller.step(far, received),
                Judged::Whole(control) => control.step(far, received).heard,
            })
            .map(f64::from)
            .collect();
        let left = returned.iter().zip(&near).map(|(returned, near)| returned - near).collect();
        Ran { received: received.into_iter().map(f64::from).collect(), returned, left }
    }

    fn left(&mut self, far: &[f64], near: Option<&[f64]>) -> Vec<f64> {
        self.run(far, near).left
    }
}

fn dbm0(samples: &[f64]) -> f64 {
    let square = samples.iter().map(|sample| sample * sample).sum::<f64>() / samples.len() as f64;
    20.0 * ((square * 2.0).sqrt() / peak(0.0)).max(1e-6).log10()
}

fn noise(seconds: f64, dbm0: f64, random: &mut Random) -> Vec<f64> {
    let mut signal = Signal::default();
    signal.silence((seconds * SECOND as f64) as usize);
    signal.add_noise(dbm0, random);
    signal.0
}

fn tones(seconds: f64, tones: &[(f64, f64)]) -> Vec<f64> {
    let mut signal = Signal::default();
    signal.tones((seconds * SECOND as f64) as usize, tones);
    signal.0
}

/// Paths of several lengths: taps of the canceller and the path's seed.
const PATHS: [(usize, u64); 5] = [(128, 1), (128, 2), (128, 3), (256, 4), (512, 5)];

/// Test 2A: with the non-linear processor 20 dB and the 6 of the hybrid within a second, and nothing to be heard after
/// ten; again when the path changes.
#[test]
fn test_2a_an_echo_is_found_within_a_second_and_nothing_of_it_is_heard() {
    for (taps, seed) in PATHS {
        for (level, left_max) in [(-6.0, -65.0), (-10.0, -65.0), (-20.0, -65.0), (-30.0, -65.0)] {
            let mut random = Random::new(seed);
            let mut control = Line::whole(seed, taps);
            for path in ["first", "second"] {
                let far = composite(10.0, level, &mut random);
                let left = control.left(&far, None);
                let after = dbm0(&left[SECOND..SECOND * 3 / 2]);
                assert!(
                    after <= level - 26.0,
                    "{taps} taps, seed {seed}, {path}: {after:.1} of {level} after a second"
                );
                let at_last = dbm0(&left[SECOND * 9..]);
                assert!(at_last <= left_max, "{taps} taps, seed {seed}, {path}: {at_last:.1} of {level} after ten");
                control.path = hybrid(seed + 100, taps);
            }
        }
    }
}

/// Test 2B: the same without it; -37 dBm0 left at -10 after ten, and little more than A-law's noise at -30.
#[test]
fn test_2b_an_echo_is_found_within_a_second() {
    for (taps, seed) in PATHS {
        for (level, left_max) in [(-10.0, -45.0), (-20.0, -52.0), (-30.0, -55.0)] {
            let mut random = Random::new(seed);
            let far = composite(10.0, level, &mut random);
            let left = Line::linear(seed, taps).left(&far, None);
            let after = dbm0(&left[SECOND..SECOND * 3 / 2]);
            assert!(after <= level - 26.0, "{taps} taps, seed {seed}: {after:.1} dBm0 left of {level} after a second");
            let at_last = dbm0(&left[SECOND * 9..]);
            assert!(at_last <= left_max, "{taps} taps, seed {seed}: {at_last:.1} dBm0 left of {level} after ten");
        }
    }
}

/// Test 2C: with noise at the near end, what is returned is no louder than the noise.
#[test]
fn test_2c_beside_noise_no_more_than_the_noise_is_returned() {
    for (taps, seed) in [(128, 1), (128, 2), (256, 4)] {
        for level in [-40.0, -50.0] {
            let mut random = Random::new(seed);
            let far = composite(11.0, -10.0, &mut random);
            let near = noise(11.0, level, &mut random);
            let mut control = Line::whole(seed, taps);
            // The line is silent for a second before speech begins.
            control.run(&vec![0.0; SECOND], Some(&near[..SECOND]));
            let returned = control.run(&far[SECOND..], Some(&near[SECOND..])).returned;
            let after = dbm0(&returned[SECOND * 5..]);
            assert!(after <= level + 1.0, "{taps} taps, seed {seed}: {after:.1} dBm0 returned beside noise of {level}");
        }
    }
}

/// Test 3A: a near end 15 dB below the far end does not keep the filter from learning.
#[test]
fn test_3a_a_quiet_near_end_does_not_stop_it() {
    for mut judged in Line::both(31, 128) {
        let mut random = Random::new(31);
        let far = composite(8.0, -10.0, &mut random);
        let near: Vec<f64> = composite_near(9.0, -25.0, &mut random)[SECOND / 3..].to_vec();
        let left = judged.left(&far, Some(&near[..far.len()]));
        let at_last = dbm0(&left[SECOND * 7..]);
        assert!(at_last <= -25.0 - 3.0, "{at_last:.1} dBm0 of echo left beside a near end of -25");
    }
}

/// Test 3B: a near end as loud as the far end, or 6 dB louder, for five seconds; afterwards no more than 10 dB worse.
/// With the non-linear processor the near end passes: what it lacks is no more than the echo that is left without.
#[test]
fn test_3b_a_loud_near_end_does_not_unlearn_it() {
    for above in [0.0, 6.0] {
        for seed in 1..4 {
            let mut random = Random::new(seed);
            let far = composite(12.0, -12.0, &mut random);
            let near: Vec<f64> = composite_near(13.0, -12.0 + above, &mut random)[SECOND / 5..].to_vec();
            for mut judged in Line::both(seed, 128) {
                let steady = dbm0(&judged.left(&far[..SECOND * 5], None)[SECOND * 4..]);
                let both = SECOND * 5..SECOND * 10;
                let during = dbm0(&judged.left(&far[both.clone()], Some(&near[both])));
                let after = dbm0(&judged.left(&far[SECOND * 10..], None)[..SECOND / 2]);
                assert!(during <= -18.0 - 10.0, "seed {seed}: {during:.1} dBm0 left while both speak");
                let steady_max = f64::max(steady, -55.0);
                assert!(after <= steady_max + 10.0, "seed {seed}: {steady:.1} dBm0 left before, {after:.1} after");
            }
        }
    }
}

/// Speech at a level while it lasts, from one second to another, in `seconds`.
fn speech(seed: u64, dbm0_wanted: f64, seconds: f64, parts: &[(f64, f64)]) -> Vec<f64> {
    let mut voice = Speech::new(seed);
    let all: Vec<f64> = (0..(seconds * SECOND as f64) as usize).map(|_| f64::from(voice.next())).collect();
    let gain = 10_f64.powf((dbm0_wanted - dbm0(&all)) / 20.0);
    let within = |n: usize| parts.iter().any(|(from, to)| (*from..*to).contains(&(n as f64 / SECOND as f64)));
    all.into_iter().enumerate().map(|(n, sample)| if within(n) { gain * sample } else { 0.0 }).collect()
}

/// Test 3C: a conversation. Neither is the far end's echo to be heard, nor does a syllable of the near end's get lost,
/// alone or beside the far end.
#[test]
fn test_3c_in_a_conversation_no_echo_is_heard_and_no_syllable_is_lost() {
    for seed in 1..7 {
        let far = speech(seed, -15.0, 24.0, &[(0.0, 6.0), (9.0, 16.0), (19.0, 24.0)]);
        let near = speech(seed + 50, -18.0, 24.0, &[(6.5, 8.5), (11.0, 14.0), (16.5, 18.5)]);
        let mut control = Line::whole(seed, 128);
        let ran = control.run(&far, Some(&near));
        let at = |seconds: (f64, f64)| (seconds.0 * SECOND as f64) as usize..(seconds.1 * SECOND as f64) as usize;
        for alone in [(3.0, 6.0), (9.5, 10.9), (15.0, 16.0), (19.5, 24.0)] {
            let echo = dbm0(&ran.returned[at(alone)]);
            assert!(echo <= -50.0, "seed {seed}: {echo:.1} dBm0 of echo in {alone:?}");
        }
        for spoken in [(6.5, 8.5), (11.0, 14.0), (16.5, 18.5)] {
            // In pieces of 20 ms: whatever the near end says above -40 dBm0 is there.
            let (near, returned) = (&near[at(spoken)], &ran.returned[at(spoken)]);
            let pieces = near.chunks_exact(160).zip(returned.chunks_exact(160));
            let loud: Vec<_> = pieces.filter(|(near, _)| dbm0(near) > -40.0).collect();
            let lost = loud.iter().filter(|(near, returned)| dbm0(returned) < dbm0(near) - 3.0).count();
            assert!(lost * 50 <= loud.len(), "seed {seed}: {lost} of {} pieces lost in {spoken:?}", loud.len());
        }
    }
}

/// Test 4: two minutes without a far end.
#[test]
fn test_4_nothing_leaks_in_two_minutes_of_silence() {
    let mut random = Random::new(4);
    let far = composite(5.0, -10.0, &mut random);
    for mut judged in Line::both(4, 128) {
        let before = dbm0(&judged.left(&far, None)[SECOND * 4..]);
        judged.run(&vec![0.0; SECOND * 120], None);
        let after = dbm0(&judged.left(&far, None)[..SECOND / 2]);
        assert!(after <= before + 3.0, "{before:.1} dBm0 left before, {after:.1} after");
    }
}

/// Test 5: the echo path opens; what is returned is at most -37 dBm0 half a second later.
#[test]
fn test_5_an_opened_path_is_noticed() {
    for seed in 1..5 {
        let mut random = Random::new(seed);
        let far = composite(5.0, -10.0, &mut random);
        for mut judged in Line::both(seed, 128) {
            judged.run(&far, None);
            judged.path = vec![0.0; 8];
            let left = judged.left(&far[..SECOND], None);
            let after = dbm0(&left[SECOND / 2..]);
            assert!(after <= -37.0, "seed {seed}: {after:.1} dBm0 returned by an open path");
        }
    }
}

/// Test 6: five seconds of one tone, of two, and of none of the filter's business; afterwards no more than 10 dB worse.
#[test]
fn test_6_tones_do_not_unlearn_it() {
    for of in [&[(1004.0, -10.0)][..], &[(697.0, -11.0), (1209.0, -9.0)], &[(450.0, -10.0)], &[(2100.0, -12.0)]] {
        let mut random = Random::new(6);
        let far = composite(5.0, -10.0, &mut random);
        for mut judged in Line::both(6, 128) {
            let before = dbm0(&judged.left(&far, None)[SECOND * 4..]);
            judged.run(&tones(5.0, of), None);
            let after = dbm0(&judged.left(&far, None)[..SECOND / 2]);
            assert!(after <= f64::max(before, -55.0) + 10.0, "{of:?}: {before:.1} dBm0 left before, {after:.1} after");
        }
    }
}

/// Test 7: tones into a canceller that knows no path: never more is returned than came.
#[test]
fn test_7_tones_make_nothing_of_nothing() {
    for hz in [250.0, 1004.0, 2010.0, 3200.0] {
        for mut judged in Line::both(7, 128) {
            let ran = judged.run(&tones(10.0, &[(hz, -10.0)]), None);
            for (second, (received, returned)) in
                ran.received.chunks(SECOND).zip(ran.returned.chunks(SECOND)).enumerate()
            {
                let (received, returned) = (dbm0(received), dbm0(returned));
                assert!(returned <= received + 0.1, "{hz} Hz, second {second}: {received:.1} in, {returned:.1} out");
            }
        }
    }
}

/// Test 8: the tones of signalling systems 5, 6 and 7, sent and returned to check a circuit, come back: 90 % of their
/// power.
#[test]
fn test_8_the_tones_of_signalling_systems_pass() {
    for of in [&[(2400.0, -9.0)][..], &[(2600.0, -9.0)], &[(2400.0, -12.0), (2600.0, -12.0)], &[(2010.0, -12.0)]] {
        for mut judged in Line::both(8, 128) {
            let ran = judged.run(&tones(5.0, of), None);
            let (received, returned) = (dbm0(&ran.received), dbm0(&ran.returned));
            assert!(returned >= received + 10.0 * 0.9_f64.log10(), "{of:?}: {received:.1} in, {returned:.1} out");
        }
    }
}

/// Test 9: while the far end speaks and its echo is kept back, the near end's noise is heard on, within 2 dB; also
/// after a step.
#[test]
fn test_9_comfort_noise_is_as_loud_as_the_noise_and_follows_it() {
    for (seed, levels) in [(1, [-45.0, -55.0]), (2, [-60.0, -50.0]), (3, [-50.0, -40.0])] {
        let mut random = Random::new(seed);
        let mut control = Line::whole(seed, 128);
        // The path is learned in quiet.
        control.run(&composite(4.0, -10.0, &mut random), None);
        for level in levels {
            control.run(&vec![0.0; SECOND * 3], Some(&noise(3.0, level, &mut random)));
            let far = composite(2.0, -10.0, &mut random);
            let returned = control.run(&far, Some(&noise(2.0, level, &mut random))).returned;
            for part in returned.chunks(SECOND / 4) {
                let heard = dbm0(part);
                assert!((heard - level).abs() <= 2.0, "seed {seed}: {heard:.1} dBm0 heard for noise of {level}");
            }
        }
    }
}

/// 300 bit/s, keyed between two tones as V.21's upper channel is.
fn keyed(seconds: f64, dbm0: f64, random: &mut Random) -> Vec<f64> {
    let mut phase = 0.0;
    let mut hz = 1650.0;
    (0..(seconds * SECOND as f64) as usize)
        .map(|n| {
            if n % 27 == 0 {
                hz = if random.unit() < 0.5 { 1650.0 } else { 1850.0 };
            }
            phase += hz / SECOND as f64;
            peak(dbm0) * (std::f64::consts::TAU * phase).sin()
        })
        .collect()
}

/// Noise in the band of a fast modem: 600 to 3000 Hz.
fn page(seconds: f64, dbm0_wanted: f64, random: &mut Random) -> Vec<f64> {
    let white = noise(seconds, dbm0_wanted, random);
    // The difference of two neighbours takes the low end away, their mean the high end.
    let band: Vec<f64> = white.windows(3).map(|w| w[2] - 0.3 * w[1] - 0.5 * w[0]).chain([0.0, 0.0]).collect();
    let gain = 10_f64.powf((dbm0_wanted - dbm0(&band)) / 20.0);
    band.into_iter().map(|sample| gain * sample).collect()
}

/// Level of the difference between `returned` and the near end's signal, in dB below that signal.
fn fidelity_db(ran: &Ran, near: &[f64]) -> f64 {
    dbm0(near) - dbm0(&ran.left)
}

/// Tests 10A and 10B: the near end answers with CED, or hears the far end's; then keyed tones go both ways in turn. All
/// of the near end's passes, and what the far end sends is cancelled as far as the filter has learned it, with nothing
/// kept back.
#[test]
fn test_10a_and_10b_a_fax_machine_passes_on_either_side() {
    for near_answers in [true, false] {
        let mut random = Random::new(10);
        let mut control = Line::whole(10, 128);
        let silence = vec![0.0; SECOND * 3];
        let ced = tones(3.0, &[(2100.0, -12.0)]);
        let (far, near) = if near_answers { (&silence, &ced) } else { (&ced, &silence) };
        let ran = control.run(far, Some(near));
        if near_answers {
            assert!(fidelity_db(&ran, near) > 30.0);
        }
        for _ in 0..3 {
            let far = keyed(1.0, -12.0, &mut random);
            control.run(&far, None);
            let near = keyed(1.0, -30.0, &mut random);
            control.run(&silence[..SECOND / 20], None);
            let ran = control.run(&silence[..SECOND], Some(&near));
            assert!(fidelity_db(&ran, &near) > 28.0, "a quiet machine passes after a loud one");
        }
    }
}

/// Test 10C: a page from the far end trains the filter; a quiet answer of the near end, which speech would hide, comes
/// through meanwhile.
#[test]
fn test_10c_a_page_trains_the_filter_and_nothing_is_kept_back() {
    let mut random = Random::new(11);
    let mut control = Line::whole(11, 128);
    control.run(&vec![0.0; SECOND * 3], Some(&tones(3.0, &[(2100.0, -12.0)])));
    let far = page(6.0, -12.0, &mut random);
    let ran = control.run(&far, None);
    let left = dbm0(&ran.returned[SECOND * 5..]);
    assert!((-62.0..=-40.0).contains(&left), "{left:.1} dBm0: cancelled, and not kept back");
    let near = tones(1.0, &[(1100.0, -40.0)]);
    let ran = control.run(&page(1.0, -12.0, &mut random), Some(&near));
    assert!(fidelity_db(&ran, &near) > 6.0, "{:.1}", fidelity_db(&ran, &near));
}

/// Section 7: an answer tone with reversals of phase opens the canceller within a second, from either end; a quarter of
/// a second of silence closes it.
#[test]
fn an_answer_tone_with_reversals_lets_everything_pass_until_silence() {
    for (hz, level, from_near) in [(2100.0, -12.0, true), (2079.0, -30.0, true), (2121.0, -30.0, false)] {
        let mut random = Random::new(12);
        let mut control = Line::whole(12, 128);
        control.run(&composite(3.0, -15.0, &mut random), None);
        let mut tone = tones(4.0, &[(hz, level)]);
        tone.chunks_mut(SECOND * 9 / 20).skip(1).step_by(2).for_each(|part| part.iter_mut().for_each(|x| *x = -*x));
        let silence = vec![0.0; tone.len()];
        let (far, near) = if from_near { (&silence, &tone) } else { (&tone, &silence) };
        let ran = control.run(far, Some(near));
        assert_eq!(ran.returned[SECOND..], ran.received[SECOND..], "{hz} Hz");
        let data = page(2.0, -12.0, &mut random);
        let ran = control.run(&data, Some(&page(2.0, -15.0, &mut random)));
        assert_eq!(ran.returned, ran.received, "both ends send");
        control.run(&silence[..SECOND * 4 / 10], None);
        let left = control.left(&composite(2.0, -15.0, &mut random), None);
        assert!(dbm0(&left) < -60.0, "it is on again, and knows the path: {:.1}", dbm0(&left));
    }
}

/// A tone without reversals, a reversal alone, and speech do not open it.
#[test]
fn nothing_else_opens_it() {
    let mut one_reversal = tones(3.0, &[(2100.0, -12.0)]);
    one_reversal[SECOND..].iter_mut().for_each(|sample| *sample = -*sample);
    let mut quarter_turns = tones(3.0, &[(2100.0, -12.0)]);
    for (n, sample) in quarter_turns.iter_mut().enumerate() {
        let turns = (n / (SECOND * 9 / 20)) as f64 * 0.25 + 2100.0 / 8000.0 * n as f64;
        *sample = peak(-12.0) * (std::f64::consts::TAU * turns).sin();
    }
    let near_by = tones(3.0, &[(2160.0, -12.0)]);
    let quiet = tones(3.0, &[(2100.0, -36.0)]);
    for near in [tones(3.0, &[(2100.0, -12.0)]), one_reversal, quarter_turns, near_by, quiet] {
        let mut random = Random::new(13);
        let mut control = Line::whole(13, 128);
        control.run(&composite(3.0, -15.0, &mut random), None);
        control.run(&vec![0.0; near.len()], Some(&near));
        let left = control.left(&composite(1.0, -15.0, &mut random), None);
        assert!(dbm0(&left) < -45.0, "it cancels on: {:.1}", dbm0(&left));
    }
}

/// Two voices on a line without echo: on nearly all lines what the near end says is not touched at all; where two
/// voices have looked like an echo for a while, no more than 28 dB below it is.
#[test]
fn without_an_echo_what_the_near_end_says_passes() {
    let mut untouched = 0;
    for seed in 1..25 {
        let far = speech(seed, -15.0, 20.0, &[(0.0, 8.0), (10.0, 16.0)]);
        let near = speech(seed + 50, -17.0, 20.0, &[(0.0, 6.0), (7.5, 14.0), (16.0, 20.0)]);
        let mut control = Line::whole(seed, 128);
        control.path = vec![0.0];
        let ran = control.run(&far, Some(&near));
        let changed: Vec<f64> = ran.received.iter().zip(&ran.returned).map(|(before, after)| after - before).collect();
        untouched += usize::from(changed.iter().all(|change| *change == 0.0));
        assert!(dbm0(&changed) <= -45.0, "seed {seed}: {:.1} dBm0 of change", dbm0(&changed));
    }
    assert!(untouched >= 22, "{untouched} of 24 lines untouched");
}

/// Voices on lines without echo, both from the first sample on and all the time; every other pair begins at the same
/// pitch, within 1 %. What arrives is what was said, to 35 dB at least, on every line.
#[test]
fn two_voices_are_not_taken_for_an_echo() {
    let pitch = |seed: u64| Random::new(seed).between(80.0, 260.0);
    for seed in 2001..2041 {
        let other = match seed % 2 {
            0 => seed + 500,
            _ => (3000..).find(|other| (pitch(*other) / pitch(seed) - 1.0).abs() < 0.01).unwrap_or(seed + 500),
        };
        let [far, near] = [seed, other].map(|voice| speech(voice, -15.0, 10.0, &[(0.0, 10.0)]));
        for taps in [128, 1024] {
            let mut judged = Line::linear(seed, taps);
            judged.path = vec![0.0];
            let ran = judged.run(&far, Some(&near));
            let changed: Vec<f64> = ran.received.iter().zip(&ran.returned).map(|(from, to)| to - from).collect();
            let below = dbm0(&ran.received) - dbm0(&changed);
            assert!(below >= 35.0, "voices {seed} and {other}, {taps} taps: changes are {below:.1} dB below");
        }
    }
}
