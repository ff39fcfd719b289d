//! Linear echo canceller: two-path adaptive filter, adapted by affine projection.
//!
//! A foreground and a background filter of the echo path run side by side. Only the background filter adapts; the
//! foreground filter makes the sound. Taps are transferred when they have proved better: see [`PathSelect`]. So a near
//! end who speaks at the same time (double talk) can lead the background filter astray without being heard.
//!
//! Adaptation takes the eight samples of a tick at once: see [`affine_projection`]. The step is larger where the path
//! is: see [`Proportions`]; and as large as the part of the error that is echo: see [`StepSize`].
//!
//! A [converged](Convergence) canceller whose background filter has taught the foreground nothing for 150 ms of sound
//! has nothing to learn in most ticks: the background filter runs in one of 24 then, and in all again with the first
//! tick that leaves more, or the first transfer. As long as taps are transferred, they get better.
//!
//! Budget of a tick of 128 taps, in vector instructions of AVX-512: 32 multiply-adds for each filter that runs, 32
//! for a step of the taps, and with 8 lanes about 100 for the correlation, 60 for a line's part of the equations,
//! and 60 for its part of step size and comparison. None of them dominates: of the time, each of these takes a
//! tenth to a sixth. A tick in which the background filter rests takes two fifths of one in which it is adapted, so
//! what counts most is how many of those there are. The taps and samples of a line are 2 KiB, of 64 lines more than
//! the first cache holds.
//!
//! No sample is delayed, and as long as no echo has been found every sample passes as it came: the foreground filter is
//! on trial then, and makes no sound.
//!
//! Never: allocates after it was made, or removes what is no echo.
//!
//! Sources: ITU-T G.168 (requirements); K. Ozeki, T. Umeda, 1984 (affine projection); M. Ochiai and others, 1977 (two
//! paths).

mod group;

use self::group::Lines;
use super::affine_projection::{self, Correlation, Equations};
use super::convergence::Convergence;
use super::excitation::{Adaptation, Excitation};
use super::filter::{History, Taps};
use super::path_select::{Conditions, PathSelect, Transfer};
use super::proportionate::{self, Proportions};
use super::step_size::{SHORT_TICKS, StepSize};
use crate::dsp::vector::{self, WIDTH, Wide, fir};
use crate::dsp::{SILENCE, Samples};

/// The longest echo path, in samples: 128 ms.
pub(crate) const TAPS_MAX: usize = 1024;

/// One channel's linear canceller.
#[derive(Debug, Clone)]
pub struct Canceller {
    history: History,
    /// As long as no echo has been found the foreground filter is on trial.
    foreground: Taps,
    background: Taps,
    /// An echo has been found.
    found: bool,
    proportions: Proportions,
    correlation: Correlation,
    excitation: Excitation,
    step_size: StepSize,
    path_select: PathSelect,
    convergence: Convergence,
    /// Ticks since the last in which the background filter of a converged canceller runs.
    phase: u8,
    /// Ticks since the last transfer to the foreground, those of silence left out.
    settled: u16,
}

impl Canceller {
    /// A canceller of echoes up to `taps` samples late; rounded up to a multiple of 32, at most 1,024.
    pub fn new(taps: usize) -> Canceller {
        let taps = taps.next_multiple_of(fir::CHUNK).clamp(fir::CHUNK, TAPS_MAX);
        let proportions = Proportions::new(taps);
        Canceller {
            history: History::new(taps),
            foreground: Taps::new(taps),
            background: Taps::new(taps),
            found: false,
            correlation: Correlation::new(&proportions),
            proportions,
            excitation: Excitation::new(),
            step_size: StepSize::new(taps),
            path_select: PathSelect::default(),
            convergence: Convergence::default(),
            phase: 0,
            settled: 0,
        }
    }

    /// The length of the filter, in samples.
    pub(crate) fn taps(&self) -> usize {
        self.foreground.exact().len()
    }

    /// Forgets the path, as for another connection.
    pub(crate) fn reset(&mut self) {
        self.forget_far();
        self.foreground.clear();
        self.background.clear();
        self.found = false;
        self.proportions.reset();
        self.excitation = Excitation::new();
        self.step_size = StepSize::new(self.taps());
        self.path_select = PathSelect::default();
        self.convergence = Convergence::default();
        self.settled = 0;
    }

    /// Forgets what was sent, as after ticks that were left out, and keeps the path.
    pub(crate) fn forget_far(&mut self) {
        self.history.clear();
        self.correlation.clear();
    }

    /// Takes one tick of what was sent to the line and of what came from it; returns what came without the echo.
    pub fn step(&mut self, far: &Samples, near: &Samples) -> Samples {
        let mut near = *near;
        Canceller::step_together(core::iter::once((self, far, &mut near)));
        near
    }

    /// Steps any number of lines in place, which costs much less than one by one and gives bit for bit the
    /// same. A line is a canceller, what was sent, and what came.
    pub fn step_together<'a>(lines: impl Iterator<Item = (&'a mut Canceller, &'a Samples, &'a mut Samples)>) {
        let lines = lines.map(|(canceller, far, near)| Line { canceller, far: *far, near: *near, context: near });
        Canceller::cancel_together(lines, |near, left| *near = left.samples);
    }

    /// Steps any number of lines, with the power of the echo. Gives what is left to `done` with the line's context.
    pub(super) fn cancel_together<'a, C>(lines: impl Iterator<Item = Line<'a, C>>, done: impl FnMut(C, Left)) {
        vector::run(Lines { lines, done });
    }
}

/// The residual of a tick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Left {
    pub samples: Samples,
    /// The power of the echo that was cancelled: the sum of its squares. 0 if no echo has been found.
    pub echo: f32,
}

/// A tick of one line.
pub(super) struct Line<'a, C> {
    pub canceller: &'a mut Canceller,
    pub far: Samples,
    pub near: Samples,
    pub context: C,
}

/// A line's tick before adaptation.
#[derive(Debug, Clone, Copy)]
struct Begun {
    /// The near end's signal, and what the foreground and the background filter leave of it.
    signals: [Wide; 3],
    equations: Equations,
    adaptation: Adaptation,
    /// The regularisation of the equations.
    regular: f32,
    /// The mean square of the far end over the filter.
    far: f32,
}

impl Begun {
    /// A lane without a line.
    const NOTHING: Begun = Begun {
        signals: [Wide::ZERO; 3],
        equations: [Wide::ZERO; WIDTH],
        adaptation: Adaptation::Off,
        regular: 1.0,
        far: 0.0,
    };

    fn adapts(&self) -> bool {
        matches!(self.adaptation, Adaptation::On | Adaptation::Inhibited)
    }
}

/// Ticks of which the background filter of a converged and settled canceller runs in one. Short steps are due in that
/// tick as well.
const REST_TICKS: u8 = 8 * SHORT_TICKS;
/// Ticks without a transfer to the foreground after which the canceller has settled.
const SETTLED_TICKS: u16 = 150;
/// Regularisation, beside the power of the far end, so that what it does not hold is not learned.
const REGULAR: f32 = 0.02;
/// The bound for a far end that is hardly there: mean square of A-law's quantisation noise at -40 dBm0.
const REGULAR_MIN: f32 = 400.0;

impl Canceller {
    /// Begins a tick: filters, and judges the far end. Returns what is left if there is nothing to adapt or to compare;
    /// otherwise the tick is in `begun`.
    #[inline(always)]
    fn begin(&mut self, far: &Samples, near: &Samples, begun: &mut Begun) -> Option<Left> {
        self.history.push(far);
        self.phase = (self.phase + 1) % REST_TICKS;
        if self.correlation.power() == 0.0 && *far == SILENCE {
            return Some(Left { samples: *near, echo: 0.0 });
        }
        if self.rests() {
            return Some(self.rest(near));
        }
        let taps = self.taps();
        let Canceller { history, foreground, background, proportions, correlation, excitation, .. } = self;
        let near = Wide::from_samples(near);
        let [echo_foreground, echo_background] = history.echoes([&*foreground, &*background]);
        proportions.step(background.exact());
        let seen = history.with_margin();
        begun.signals = [near, near - echo_foreground, near - echo_background];
        begun.equations = correlation.step(seen, proportions);
        begun.regular = REGULAR * affine_projection::power(&begun.equations) + REGULAR_MIN * taps as f32;
        let power = correlation.power();
        begun.adaptation = excitation.step(power, taps, || correlation.prediction_error(seen, proportions));
        begun.far = power / taps as f32;
        None
    }

    /// Returns true if the background filter has nothing to learn in this tick.
    #[inline(always)]
    fn rests(&self) -> bool {
        let settled = self.found && self.settled >= SETTLED_TICKS && self.convergence.is_reached();
        settled && self.phase != 0
    }

    /// A tick in which the background filter is left as it is, and not compared.
    #[inline(always)]
    fn rest(&mut self, near: &Samples) -> Left {
        self.correlation.advance(self.history.with_margin(), &self.proportions);
        let near = Wide::from_samples(near);
        let cancelled = self.history.echo(&self.foreground);
        let out = near - cancelled;
        self.path_select.pass(near, out);
        self.settled = self.settled.saturating_add(1);
        let echo = cancelled.power();
        self.convergence.step(near, out.power());
        Left { samples: out.to_samples(), echo }
    }

    /// Ends a tick: transfers taps, and returns what is left. `powers` are those of the near end's signal and of what
    /// the taps on trial leave.
    #[inline(always)]
    fn end(&mut self, begun: &Begun, clipped: bool, powers: [f32; 2]) -> Left {
        let Begun { signals: [near, left_foreground, left_background], adaptation, .. } = *begun;
        let Canceller { foreground, background, found, step_size, path_select, convergence, settled, .. } = self;
        if adaptation == Adaptation::Discard {
            if !*found {
                foreground.clear();
            }
            background.copy_from(foreground);
        }
        let heard = if *found { left_foreground } else { near };
        let transfer = if clipped {
            Transfer::None
        } else {
            let conditions = Conditions {
                trial: !*found,
                initial: step_size.is_first(),
                transfer: adaptation != Adaptation::Inhibited,
                powers,
            };
            path_select.decide(&conditions, || proportionate::spread(background.exact()))
        };
        let taught = matches!(transfer, Transfer::ToForeground | Transfer::Mix(_));
        *settled = if taught { 0 } else { settled.saturating_add(1) };
        let out = match transfer {
            Transfer::None => heard,
            Transfer::NextTrial => {
                foreground.copy_from(background);
                heard
            }
            Transfer::ToForeground => {
                foreground.copy_from(background);
                *found = true;
                fade(heard, left_background)
            }
            Transfer::Mix(part) => {
                foreground.mix(background, part);
                background.copy_from(foreground);
                fade(heard, heard + (left_background - heard) * part)
            }
            Transfer::ToBackground => {
                background.copy_from(foreground);
                heard
            }
            Transfer::ToBackgroundSamePath => {
                step_size.resume();
                background.copy_from(foreground);
                heard
            }
            // A long filter begins so. Its taps are not lost, but steps are large again.
            Transfer::Diverged => {
                step_size.restart();
                heard
            }
            Transfer::Clear => {
                foreground.clear();
                *found = false;
                fade(heard, near)
            }
        };
        let echo = if *found { (near - out).power() } else { 0.0 };
        convergence.step(near, out.power());
        Left { samples: out.to_samples(), echo }
    }
}

/// From one to the other within a tick.
#[inline(always)]
fn fade(from: Wide, to: Wide) -> Wide {
    const RISE: Wide = Wide([0.0625, 0.1875, 0.3125, 0.4375, 0.5625, 0.6875, 0.8125, 0.9375]);
    from + (to - from) * RISE
}

#[cfg(test)]
mod tests {
    use super::*;

    /// White noise at about -10 dBm0, the same for the same seed.
    fn noise(seed: u32, ticks: usize) -> Vec<Samples> {
        let mut state = seed;
        let mut next = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as u16 as i16 / 4
        };
        (0..ticks).map(|_| core::array::from_fn(|_| next())).collect()
    }

    /// A hybrid that returns a quarter of the power over 5 ms, with the signs of a real one.
    fn echo_of(far: &[Samples]) -> Vec<Samples> {
        let flat: Vec<f32> = far.iter().flatten().map(|sample| f32::from(*sample)).collect();
        let path: Vec<f32> = (0..40).map(|n: i32| 0.32 * (0.9_f32).powi(n) * (n as f32 * 0.7).cos()).collect();
        let echo: Vec<i16> = (0..flat.len())
            .map(|n| {
                path.iter().enumerate().filter(|(k, _)| *k <= n).map(|(k, gain)| gain * flat[n - k]).sum::<f32>() as i16
            })
            .collect();
        echo.as_chunks().0.to_vec()
    }

    fn power(ticks: &[Samples]) -> f64 {
        ticks.iter().flatten().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() + 1.0
    }

    fn cancelled(taps: usize, far: &[Samples], near: &[Samples]) -> Vec<Samples> {
        let mut canceller = Canceller::new(taps);
        far.iter().zip(near).map(|(far, near)| canceller.step(far, near)).collect()
    }

    #[test]
    fn an_echo_is_gone_within_half_a_second() {
        let far = noise(1, 1000);
        let near = echo_of(&far);
        for taps in [64, 128, 512] {
            let out = cancelled(taps, &far, &near);
            let loss_db = 10.0 * (power(&near[500..]) / power(&out[500..])).log10();
            assert!(loss_db > 40.0, "{loss_db:.1} dB with {taps} taps");
        }
    }

    #[test]
    fn lines_together_give_bit_for_bit_what_each_gives_alone() {
        let far: Vec<Vec<Samples>> =
            (0..11).map(|line| if line == 2 { vec![SILENCE; 600] } else { noise(line, 600) }).collect();
        let near: Vec<Vec<Samples>> = far.iter().map(|far| echo_of(far)).collect();
        let mut alone: Vec<Canceller> = (0..11).map(|line| Canceller::new(64 + 32 * line)).collect();
        let mut together = alone.clone();
        for tick in 0..600 {
            let [far, near] = [&far, &near].map(|lines| lines.iter().map(|line| line[tick]).collect::<Vec<_>>());
            let mut out = near.clone();
            let lines = together.iter_mut().zip(&far).zip(&mut out);
            Canceller::step_together(lines.map(|((canceller, far), near)| (canceller, far, near)));
            for (line, canceller) in alone.iter_mut().enumerate() {
                assert_eq!(out[line], canceller.step(&far[line], &near[line]), "line {line}, tick {tick}");
            }
        }
    }

    #[test]
    fn a_long_filter_finds_its_echo_though_the_far_end_pauses() {
        let far: Vec<Samples> = noise(6, 4000)
            .chunks(200)
            .enumerate()
            .flat_map(|(part, ticks)| if part % 3 == 2 { vec![SILENCE; 200] } else { ticks.to_vec() })
            .collect();
        let near = echo_of(&far);
        let out = cancelled(1024, &far, &near);
        let loss_db = 10.0 * (power(&near[2000..]) / power(&out[2000..])).log10();
        assert!(loss_db > 30.0, "{loss_db:.1} dB");
    }

    #[test]
    fn a_near_end_alone_passes_bit_for_bit() {
        let near = noise(2, 300);
        assert_eq!(cancelled(128, &vec![SILENCE; 300], &near), near);
    }

    #[test]
    fn a_near_end_who_speaks_too_does_not_bring_the_echo_back() {
        let far = noise(3, 2000);
        let echo = echo_of(&far);
        let local: Vec<Samples> = [vec![SILENCE; 1000], noise(4, 1000)].concat();
        let near: Vec<Samples> = echo
            .iter()
            .zip(&local)
            .map(|(echo, local)| core::array::from_fn(|n| echo[n].saturating_add(local[n])))
            .collect();
        let out = cancelled(128, &far, &near);
        let left: Vec<Samples> = out
            .iter()
            .zip(&local)
            .map(|(out, local)| core::array::from_fn(|n| out[n].saturating_sub(local[n])))
            .collect();
        let loss_db = 10.0 * (power(&echo[1000..]) / power(&left[1000..])).log10();
        assert!(loss_db > 20.0, "{loss_db:.1} dB while both speak");
    }

    #[test]
    fn the_loudest_signals_do_no_harm() {
        let far: Vec<Samples> = (0..500).map(|n| [if n % 3 == 0 { i16::MAX } else { i16::MIN }; 8]).collect();
        let near: Vec<Samples> = (0..500).map(|n| [if n % 5 == 0 { i16::MIN } else { i16::MAX }; 8]).collect();
        let mut canceller = Canceller::new(64);
        for (far, near) in far.iter().zip(&near) {
            canceller.step(far, near);
        }
        assert!(canceller.foreground.exact().iter().chain(canceller.background.exact()).all(|tap| tap.is_finite()));
        // And it works again as soon as a new one does: what was cut off has taught it nothing.
        let far = noise(5, 1000);
        let near = echo_of(&far);
        let out: Vec<Samples> = far.iter().zip(&near).map(|(far, near)| canceller.step(far, near)).collect();
        assert!(power(&out[300..]) * 100.0 < power(&near[300..]));
    }
}
