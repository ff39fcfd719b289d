//! Path selection, and echo path change: the transfer logic between the foreground filter, the background filter, and
//! no filter at all. After a change of the path the foreground's residual grows, and the background takes its place.
//!
//! The background filter adapts all the time, also beside a near end (double talk), and may be led astray. Its taps are
//! transferred to the foreground only when its residual is smaller by more than chance would make it, and are replaced
//! by the foreground's when it is larger by as much. Where both residuals are small each filter has errors of its own;
//! a mix of both is better than either then.
//!
//! Before the first transfer every sample passes as it came, so that transfer needs [evidence](EchoDetector) of an
//! echo, or a lead beyond doubt. A foreground filter that does harm is cleared.
//!
//! Powers are compared with low frequencies weakened, in which two voices correlate longest, and which say least of a
//! path. Eight channels per SIMD vector; results equal those of one channel bit for bit.
//!
//! Sources: M. Ochiai and others, 1977 (two paths); J. Arenas-García and others, 2006 (convex combination of adaptive
//! filters).
//!
//! Never: transfers taps without a significant margin.

use super::echo_detector::EchoDetector;
use super::tick_power;
use crate::dsp::vector::{self, Mask, WIDTH, Wide};
use crate::time::SAMPLES_PER_TICK;

/// One line's path selection.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PathSelect {
    /// The background filter against the foreground filter.
    filters: Lead,
    /// No filter against the foreground filter.
    bypass: Lead,
    /// Evidence of an echo, before the first transfer.
    detector: EchoDetector,
    emphasis: Emphasis,
}

/// The outcome of a tick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Transfer {
    /// No change.
    None,
    /// No echo has been found, and the next taps are to be on trial.
    NextTrial,
    /// Background to foreground.
    ToForeground,
    /// A mix to both: this part of the way from the foreground's taps to the background's.
    Mix(f32),
    /// Foreground to background, which has diverged.
    ToBackground,
    /// Transfer where the foreground cancels so much that the path has not changed.
    ToBackgroundSamePath,
    /// The foreground filter does harm, and is to be cleared.
    Clear,
    /// There is no foreground filter, and the background filter does harm.
    Diverged,
}

/// Signals compared in a tick of eight lines: sample by sample, a line in each lane.
pub(super) struct Residuals<'a> {
    /// The line's signal.
    pub near: &'a [Wide; SAMPLES_PER_TICK],
    /// Residual of the foreground filter, or of the taps on trial.
    pub foreground: &'a [Wide; SAMPLES_PER_TICK],
    /// Residual of the background filter.
    pub background: &'a [Wide; SAMPLES_PER_TICK],
    /// Lines on which no echo has been found: the foreground filter is on trial, and is not heard.
    pub trial: Mask,
}

/// The conditions of one line's decision.
pub(super) struct Conditions {
    /// The foreground filter is on trial.
    pub trial: bool,
    /// The background filter is in its first initial convergence: see [`StepSize`](super::step_size::StepSize).
    pub initial: bool,
    /// Transfer to the foreground is allowed.
    pub transfer: bool,
    /// The power of the line's signal, and of what the taps on trial leave, as compared.
    pub powers: [f32; 2],
}

/// The least lead, as a part of the residual, over 16 and 256 ms: less is not worth the risk, since most likely the
/// near end speaks. For the first transfer it must be large.
const WORTH: [f32; 2] = [0.25, 0.1];
const WORTH_FIRST: [f32; 2] = [0.8, 0.6];
/// The margin where the residual is most likely the near end's: the foreground leaves more than it cancels.
const WORTH_DOUBTFUL: [f32; 2] = [0.35, 0.35];
/// Ratio of the cancelled to the residual power from which the foreground has converged: an ERLE of 18.5 dB.
const CONVERGED: f32 = 70.0;
/// The part of the residual by which a mix must be better then.
const WORTH_MIX: [f32; 2] = [0.25, 0.05];
/// The least lead of the first transfer, and of no filter, as a tick's power: a softer echo is not heard.
const HEARD: f32 = tick_power(-55.0);
/// Square of a lead over the variance of chance: for a transfer, for a mix, for a transfer where the residual is most
/// likely the near end's, for the first one, for a diverged background filter, for a foreground filter that does harm,
/// and for one that does good. In double talk a filter adapted to two voices can lead for longer than chance alone
/// would let it, and two voices on one note can cancel each other's echo for as long.
const PROOF: f32 = 16.0;
const PROOF_MIX: f32 = 25.0;
const PROOF_DOUBTFUL: f32 = 50.0;
const PROOF_FIRST: f32 = 100.0;
const DIVERGED: f32 = 8.0;
const HARM: f32 = 50.0;
const USE: f32 = 16.0;
/// Ratio of the cancelled to the residual power from which the path is the one the foreground was adapted to: 5 dB.
const SAME_PATH: f32 = 2.0;
/// During initial convergence the residual is most likely echo: transfer is easier, and divergence takes more proof.
const PROOF_INITIAL: f32 = 3.0;
const DIVERGED_INITIAL: f32 = 32.0;
/// The least lead over the short time when there is evidence of an echo, as a part of the residual: 5 dB.
const WORTH_EVIDENT: f32 = 0.7;
/// The largest spread of a filter over its taps that a path can have.
const SPREAD_MAX: f32 = 0.5;

/// High-pass filter before powers are compared, with the last sample of each signal: near end, foreground, background.
#[derive(Debug, Clone, Copy, Default)]
struct Emphasis {
    last: [f32; 3],
}

/// The part of each sample that is taken off the next, and the gain that leaves white noise as loud as it was: 1/√(1 +
/// 0.75²).
const EMPHASIS: f32 = 0.75;
const EMPHASIS_GAIN: f32 = 0.8;

/// By how much one residual is smaller than another (the reference), over 16 and 256 ms: mean over the short and over
/// the long time of the difference of the powers, of its variance by chance, of the power of the difference, and of the
/// reference's power.
#[derive(Debug, Clone, Copy)]
struct Lead(Wide);

impl Default for Lead {
    fn default() -> Lead {
        Lead(Wide::ZERO)
    }
}

/// The squares of a tick of eight lines, with emphasis.
struct Squares {
    near: Wide,
    foreground: Wide,
    background: Wide,
    /// Of the differences: background from the reference, and near end from foreground.
    filters: Wide,
    bypass: Wide,
}

impl PathSelect {
    /// Takes a tick of the lines that have a selection here. Returns the powers of the line's signal and of what the
    /// foreground filter leaves, as compared.
    #[inline(always)]
    pub(super) fn compare(lines: &mut [Option<&mut PathSelect>; WIDTH], residuals: &Residuals<'_>) -> [Wide; 2] {
        let mut last = [Wide::ZERO; 3];
        let (mut filters, mut bypass) = ([Wide::ZERO; WIDTH], [Wide::ZERO; WIDTH]);
        for (lane, line) in lines.iter().enumerate() {
            let Some(line) = line else { continue };
            (filters[lane], bypass[lane]) = (line.filters.0, line.bypass.0);
            for (last, own) in last.iter_mut().zip(line.emphasis.last) {
                last.0[lane] = own;
            }
        }
        let trial = residuals.trial;
        let squares = Squares::new(residuals, last);
        let reference = trial.choose(squares.near, squares.foreground);
        step_leads(&mut filters, reference, squares.background, squares.filters);
        step_leads(&mut bypass, squares.foreground, squares.near, squares.bypass);
        let ends =
            [residuals.near, residuals.foreground, residuals.background].map(|signal| &signal[SAMPLES_PER_TICK - 1]);
        for (lane, line) in lines.iter_mut().enumerate() {
            let Some(line) = line else { continue };
            line.filters.0 = filters[lane];
            if !trial.is_set(lane) {
                line.bypass.0 = bypass[lane];
            }
            for (last, end) in line.emphasis.last.iter_mut().zip(ends) {
                *last = end.0[lane];
            }
        }
        [squares.near, squares.foreground]
    }

    /// Lets a tick pass that is not compared.
    #[inline(always)]
    pub(super) fn pass(&mut self, near: Wide, foreground: Wide) {
        const END: usize = SAMPLES_PER_TICK - 1;
        self.emphasis.last = [near.0[END], foreground.0[END], foreground.0[END]];
    }

    /// Decides on a transfer after [`PathSelect::compare`]. There is none to the foreground of a filter of too large a
    /// `spread`.
    #[inline(always)]
    pub(super) fn decide(&mut self, conditions: &Conditions, spread: impl FnOnce() -> f32) -> Transfer {
        let transfer = if conditions.trial {
            match self.find(conditions, spread) {
                // The comparison goes on.
                Transfer::NextTrial => return Transfer::NextTrial,
                transfer => transfer,
            }
        } else {
            self.select(conditions, spread)
        };
        if transfer != Transfer::None {
            *self = PathSelect { emphasis: self.emphasis, ..PathSelect::default() };
        }
        transfer
    }

    /// Decides on the first transfer.
    #[inline(always)]
    fn find(&mut self, conditions: &Conditions, spread: impl FnOnce() -> f32) -> Transfer {
        let [near, left] = conditions.powers;
        let trial_over = self.detector.step(near, left);
        let evident = self.detector.may_be_enough() && self.filters.leads_by(WORTH_EVIDENT);
        let proved = self.filters.is_ahead(WORTH_FIRST, PROOF_FIRST, HEARD);
        if conditions.transfer && (evident || proved) {
            let spread = spread();
            if evident && self.detector.is_enough(spread) || proved && spread < SPREAD_MAX {
                return Transfer::ToForeground;
            }
        }
        if self.filters.is_behind(conditions.divergence()) {
            return Transfer::Diverged;
        }
        if trial_over { Transfer::NextTrial } else { Transfer::None }
    }

    /// Decides once there is a foreground filter.
    #[inline(always)]
    fn select(&self, conditions: &Conditions, spread: impl FnOnce() -> f32) -> Transfer {
        if conditions.transfer
            && let Some(better) = self.better(conditions.initial, spread)
        {
            better
        } else if self.bypass.is_ahead(WORTH, HARM, HEARD) {
            Transfer::Clear
        } else if self.filters.is_behind(conditions.divergence()) {
            let same = self.bypass.is_behind(USE) && self.bypass.is_behind_by(SAME_PATH);
            if same { Transfer::ToBackgroundSamePath } else { Transfer::ToBackground }
        } else {
            Transfer::None
        }
    }

    /// The background filter, or a mix with it, if it is better.
    #[inline(always)]
    fn better(&self, initial: bool, spread: impl FnOnce() -> f32) -> Option<Transfer> {
        if !initial && self.bypass.is_behind_by(CONVERGED) {
            let part = self.filters.mix(WORTH_MIX, PROOF_MIX)?;
            return (spread() < SPREAD_MAX).then_some(Transfer::Mix(part));
        }
        let (worth, proof) = match initial {
            true => (WORTH, PROOF_INITIAL),
            false if self.bypass.is_behind_by(1.0) => (WORTH, PROOF),
            false => (WORTH_DOUBTFUL, PROOF_DOUBTFUL),
        };
        (self.filters.is_ahead(worth, proof, 0.0) && spread() < SPREAD_MAX).then_some(Transfer::ToForeground)
    }
}

impl Conditions {
    /// Square of the background filter's lag over the variance of chance from which it has diverged.
    #[inline(always)]
    fn divergence(&self) -> f32 {
        if self.initial { DIVERGED_INITIAL } else { DIVERGED }
    }
}

impl Squares {
    #[inline(always)]
    fn new(residuals: &Residuals<'_>, last: [Wide; 3]) -> Squares {
        let zero = Wide::ZERO;
        let mut squares = Squares { near: zero, foreground: zero, background: zero, filters: zero, bypass: zero };
        let mut before = last;
        let samples = residuals.near.iter().zip(residuals.foreground).zip(residuals.background);
        for ((near, foreground), background) in samples {
            let now = [*near, *foreground, *background];
            let mut high = now;
            for (high, before) in high.iter_mut().zip(before) {
                *high = (*high - before * EMPHASIS) * EMPHASIS_GAIN;
            }
            before = now;
            let [near, foreground, background] = high;
            let filters = residuals.trial.choose(near, foreground) - background;
            let bypass = foreground - near;
            squares.near += near * near;
            squares.foreground += foreground * foreground;
            squares.background += background * background;
            squares.filters += filters * filters;
            squares.bypass += bypass * bypass;
        }
        squares
    }
}

/// Moves the leads of eight lines on by a tick: the power of the reference, of the other, and of their difference.
#[inline(always)]
fn step_leads(rows: &mut [Wide; WIDTH], reference: Wide, other: Wide, difference: Wide) {
    const PACE: [f32; 2] = [1.0 / 16.0, 1.0 / 256.0];
    vector::transpose(rows);
    let lead = reference - other;
    let chance = reference * difference;
    for (term, pace) in PACE.into_iter().enumerate() {
        let rest = 1.0 - pace;
        rows[term] = rows[term] * rest + lead * pace;
        rows[2 + term] = rows[2 + term] * (rest * rest) + chance * (pace * pace);
        rows[4 + term] = rows[4 + term] * rest + difference * pace;
        rows[6 + term] = rows[6 + term] * rest + reference * pace;
    }
    vector::transpose(rows);
}

/// Over the short and over the long time.
const TERMS: core::ops::Range<usize> = 0..2;

impl Lead {
    #[inline(always)]
    fn lead(&self, term: usize) -> f32 {
        self.0.0[term]
    }

    #[inline(always)]
    fn chance(&self, term: usize) -> f32 {
        self.0.0[2 + term]
    }

    #[inline(always)]
    fn difference(&self, term: usize) -> f32 {
        self.0.0[4 + term]
    }

    #[inline(always)]
    fn reference(&self, term: usize) -> f32 {
        self.0.0[6 + term]
    }

    /// Returns true if the lead is above both its `worth` and `least`, and its square above `proof` times the variance
    /// of chance.
    #[inline(always)]
    fn is_ahead(&self, worth: [f32; 2], proof: f32, least: f32) -> bool {
        TERMS.into_iter().any(|term| {
            let lead = self.lead(term);
            lead > least.max(worth[term] * self.reference(term)) && lead * lead > proof * self.chance(term)
        })
    }

    /// Position of the best mix between the reference (0) and the other (1), if it is better than the reference by its
    /// `worth`, and the square of the lead above `proof` times the variance of chance.
    ///
    /// It is the regression of the reference on the difference: their product is half the sum of the lead and the
    /// difference's power.
    #[inline(always)]
    fn mix(&self, worth: [f32; 2], proof: f32) -> Option<f32> {
        TERMS.into_iter().find_map(|term| {
            let (power, twice) = (self.difference(term) + f32::MIN_POSITIVE, self.lead(term) + self.difference(term));
            let part = (0.5 * twice / power).min(1.0);
            let gain = part * (twice - part * power);
            let is_ahead =
                twice > 0.0 && gain > worth[term] * self.reference(term) && twice * twice > proof * self.chance(term);
            is_ahead.then_some(part)
        })
    }

    /// Returns true if the lead over the short time is above this part of the reference.
    #[inline(always)]
    fn leads_by(&self, worth: f32) -> bool {
        self.lead(0) > worth * self.reference(0)
    }

    /// Returns true if the other is behind by this many times the reference over the long time.
    #[inline(always)]
    fn is_behind_by(&self, times: f32) -> bool {
        -self.lead(1) > times * self.reference(1)
    }

    /// Returns true if the other is behind, and the square of its lag is above `proof` times the variance of chance.
    #[inline(always)]
    fn is_behind(&self, proof: f32) -> bool {
        TERMS.into_iter().any(|term| {
            let lead = self.lead(term);
            lead < 0.0 && lead * lead > proof * self.chance(term)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes a tick of one line.
    fn step(line: &mut PathSelect, trial: bool, sounds: [Wide; 3], spread: f32) -> Transfer {
        let [near, foreground, background] = &sounds.map(|sound| sound.0.map(Wide::all));
        let residuals = Residuals { near, foreground, background, trial: if trial { Mask::ALL } else { Mask::NONE } };
        let mut lines = [const { None }; WIDTH];
        lines[5] = Some(&mut *line);
        let powers = PathSelect::compare(&mut lines, &residuals).map(|powers| powers.0[5]);
        line.decide(&Conditions { trial, initial: false, transfer: true, powers }, || spread)
    }

    /// White noise, the same in every run.
    fn noise() -> impl FnMut() -> Wide {
        let mut state = 1_u32;
        move || {
            Wide(core::array::from_fn(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state as i32 as f32 / 2_147_483_648.0
            }))
        }
    }

    /// The first transfer, and the ticks until then. `foreground` is what the foreground filter leaves, or the taps on
    /// trial.
    fn transfer(trial: bool, near: f32, foreground: f32, background: f32, spread: f32) -> Option<(usize, Transfer)> {
        let mut line = PathSelect::default();
        let mut noise = noise();
        (1..1000).find_map(|tick| {
            let noise = noise();
            match step(&mut line, trial, [noise * near, noise * foreground, noise * background], spread) {
                Transfer::None | Transfer::NextTrial => None,
                transfer => Some((tick, transfer)),
            }
        })
    }

    #[test]
    fn the_first_transfer_follows_a_good_trial_at_once_if_the_filter_is_in_one_part() {
        let (evident, transferred) = transfer(true, 4000.0, 400.0, 400.0, 0.1).unwrap();
        assert!(transferred == Transfer::ToForeground && evident < 20, "{evident} ticks");
        // Without a trial, or with a large spread, it takes a lead beyond doubt.
        let (proved, transferred) = transfer(true, 4000.0, 4000.0, 400.0, 0.1).unwrap();
        assert!(transferred == Transfer::ToForeground && (50..150).contains(&proved), "{proved} ticks");
        let spread = transfer(true, 4000.0, 400.0, 400.0, 0.3).map(|(_, transferred)| transferred);
        assert_eq!(spread, Some(Transfer::ToForeground));
        assert_eq!(transfer(true, 4000.0, 400.0, 400.0, 0.7), None);
    }

    #[test]
    fn a_better_filter_replaces_a_good_one_in_little_time() {
        let (ticks, transferred) = transfer(false, 4000.0, 1000.0, 100.0, 0.1).unwrap();
        assert!(transferred == Transfer::ToForeground && ticks < 50, "{ticks} ticks");
        assert_eq!(transfer(false, 4000.0, 1000.0, 100.0, 0.7), None);
    }

    #[test]
    fn two_converged_filters_with_errors_of_their_own_are_mixed() {
        let mut line = PathSelect::default();
        let mut noise = noise();
        let transferred = (0..1000).find_map(|_| {
            let [near, rest, own, other] = [(); 4].map(|()| noise());
            let (foreground, background) = (rest * 100.0 + own * 60.0, rest * 100.0 + other * 60.0);
            let transfer = step(&mut line, false, [near * 4000.0, foreground, background], 0.1);
            Some(transfer).filter(|transfer| *transfer != Transfer::None)
        });
        assert!(matches!(transferred, Some(Transfer::Mix(part)) if (0.3..0.7).contains(&part)), "{transferred:?}");
    }

    #[test]
    fn an_echo_too_soft_to_be_heard_is_not_found() {
        assert!(transfer(true, 20.0, 1.0, 1.0, 0.1).is_none());
    }

    #[test]
    fn a_foreground_filter_that_does_harm_is_cleared_at_once() {
        let (ticks, transferred) = transfer(false, 500.0, 1000.0, 990.0, 0.1).unwrap();
        assert!(transferred == Transfer::Clear && ticks < 50, "{ticks} ticks");
    }

    #[test]
    fn a_diverged_background_filter_is_replaced() {
        assert!(matches!(transfer(false, 1200.0, 1000.0, 1500.0, 0.1), Some((_, Transfer::ToBackground))));
    }

    #[test]
    fn divergence_from_a_foreground_that_cancels_is_no_path_change() {
        assert!(matches!(transfer(false, 4000.0, 1000.0, 1500.0, 0.1), Some((_, Transfer::ToBackgroundSamePath))));
    }
}
