//! Groups of eight lines: their cancellers' step sizes, equations and comparisons, side by side.
//!
//! Each line begins its tick alone; those that have something to adapt or to compare are gathered, and every eight of
//! them are worked on together.
//!
//! Never: lets a line look at another. Each gets what it would get alone, bit for bit.

use arrayvec::ArrayVec;

use super::{Begun, Canceller, Left, Line};
use crate::dsp::echo::affine_projection;
use crate::dsp::echo::path_select::{PathSelect, Residuals};
use crate::dsp::echo::step_size::{Powers, SHORT_TICKS, StepSize};
use crate::dsp::vector::{self, Mask, WIDTH, Wide, Work};

/// Samples above this have been clipped, in A-law or mu-law: they are no echo of a linear path, and no filter is
/// adapted to them or judged by them.
const CLIPPED: f32 = 31_999.0;

/// A tick of any number of lines.
pub(super) struct Lines<I, D> {
    pub lines: I,
    pub done: D,
}

impl<'a, C, I: Iterator<Item = Line<'a, C>>, D: FnMut(C, Left)> Work for Lines<I, D> {
    #[inline(always)]
    fn run(self) {
        let Lines { mut lines, mut done } = self;
        let mut group = Group::new();
        loop {
            for Line { canceller, far, near, context } in lines.by_ref() {
                match canceller.begin(&far, &near, group.next()) {
                    Some(left) => done(context, left),
                    None => group.push(canceller, context),
                }
                if group.lines.is_full() {
                    break;
                }
            }
            if group.lines.is_empty() {
                break;
            }
            group.run(&mut done);
        }
    }
}

/// Up to eight lines whose filters are adapted and compared side by side.
struct Group<'a, C> {
    lines: ArrayVec<(&'a mut Canceller, C), WIDTH>,
    begun: [Begun; WIDTH],
    /// The near end's signal, and what the foreground and the background filter leave of it: a sample in each row, a
    /// line in each lane.
    columns: [[Wide; WIDTH]; 3],
    /// Lines whose near end's signal is clipped.
    clipped: Mask,
}

impl<'a, C> Group<'a, C> {
    #[inline(always)]
    fn new() -> Group<'a, C> {
        Group {
            lines: ArrayVec::new(),
            begun: [Begun::NOTHING; WIDTH],
            columns: [[Wide::ZERO; WIDTH]; 3],
            clipped: Mask::NONE,
        }
    }

    /// The place of the next line's tick.
    #[inline(always)]
    fn next(&mut self) -> &mut Begun {
        &mut self.begun[self.lines.len() % WIDTH]
    }

    /// Adds the line whose tick has been put in the [next](Group::next) place.
    #[inline(always)]
    fn push(&mut self, canceller: &'a mut Canceller, context: C) {
        self.lines.push((canceller, context));
    }

    /// Adapts and compares the filters of its lines, and is without any then. What they leave in lanes of the next
    /// group that has fewer reaches no other line.
    #[inline(always)]
    fn run(&mut self, done: &mut impl FnMut(C, Left)) {
        for (lane, begun) in self.begun.iter().enumerate() {
            for (rows, signal) in self.columns.iter_mut().zip(&begun.signals) {
                rows[lane] = *signal;
            }
        }
        self.columns.iter_mut().for_each(vector::transpose);
        let loudest = self.columns[0].iter().fold(Wide::ZERO, |loudest, near| loudest.max(near.abs()));
        self.clipped = loudest.above(Wide::all(CLIPPED));
        let steps = self.step_sizes();
        if steps != Wide::ZERO {
            self.adapt(steps);
        }
        let powers = self.compare();
        for (lane, (line, context)) in self.lines.drain(..).enumerate() {
            let powers = [powers[0].0[lane], powers[1].0[lane]];
            done(context, line.end(&self.begun[lane], self.clipped.is_set(lane), powers));
        }
    }

    /// The step sizes of a tick, from 0 to 0.9.
    #[inline(always)]
    fn step_sizes(&mut self) -> Wide {
        let mut controls = [const { None }; WIDTH];
        let mut due = Mask::NONE;
        let zero = Wide::ZERO;
        let mut powers = Powers { near: zero, echo: zero, error: zero, noise: zero, far: zero };
        for (lane, ((line, _), begun)) in self.lines.iter_mut().zip(&self.begun).enumerate() {
            if begun.adapts() && !self.clipped.is_set(lane) {
                controls[lane] = Some(&mut line.step_size);
            }
            if line.phase.is_multiple_of(SHORT_TICKS) {
                due.0[lane] = u32::MAX;
            }
            powers.far.0[lane] = begun.far;
            powers.noise.0[lane] = line.convergence.noise();
        }
        let [near, _, background] = &self.columns;
        for (near, error) in near.iter().zip(background) {
            let echo = *near - *error;
            powers.near += *near * *near;
            powers.echo += echo * echo;
            powers.error += *error * *error;
        }
        StepSize::step(&mut controls, &powers, due)
    }

    /// Adapts the background filters.
    #[inline(always)]
    fn adapt(&mut self, steps: Wide) {
        let mut regular = Wide::all(1.0);
        for (regular, begun) in regular.0.iter_mut().zip(&self.begun) {
            *regular = begun.regular;
        }
        let coefficients = affine_projection::solve(regular, &self.columns[2], |lane| &self.begun[lane].equations);
        for (((line, _), coefficients), step) in self.lines.iter_mut().zip(&coefficients).zip(&steps.0) {
            if *step != 0.0 {
                line.background.adapt(line.history.seen(), &line.proportions, *coefficients * *step);
            }
        }
    }

    /// Compares the filters of the lines whose signal is not clipped; returns what [`PathSelect::compare`] does.
    #[inline(always)]
    fn compare(&mut self) -> [Wide; 2] {
        let mut selects = [const { None }; WIDTH];
        let mut trial = Mask::NONE;
        for (lane, (line, _)) in self.lines.iter_mut().enumerate() {
            if !line.found {
                trial.0[lane] = u32::MAX;
            }
            if !self.clipped.is_set(lane) {
                selects[lane] = Some(&mut line.path_select);
            }
        }
        let [near, foreground, background] = &self.columns;
        PathSelect::compare(&mut selects, &Residuals { near, foreground, background, trial })
    }
}
