//! What the learner may trust: whether the far end says enough to learn a path from, and how much of the error is echo.
//!
//! Never: sees a sample. It is given powers.

use super::equations::YOUNG;
use crate::time::SAMPLES_PER_TICK;

/// Whether the far end is broad enough to learn from. A tone or two fit any number of paths, of which most are wrong.
///
/// Whatever begins is broad while it begins. It is learned from, so as to lose no time; but as long as the beginning is looked at
/// nothing may come of it, and if it turns out to have been that of a tone, what was learned from it is to be forgotten.
#[derive(Debug, Clone, Copy)]
pub struct Spectrum {
    /// Ticks until the next look.
    left: usize,
    /// Looks that still see a beginning.
    beginning: usize,
    lesson: Lesson,
}

/// What to do with a tick of the far end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lesson {
    /// Nothing can be learned.
    None,
    /// Learn, and keep it to yourself.
    Unsure,
    /// Learn.
    Sure,
    /// Forget what was learned while it was unsure.
    Forget,
}

/// What the far end must hold for the filter to learn, per sample: the mean square of a sine of -43 dBm0.
const FAR_MIN: f32 = 13_000.0;
/// Ticks from one look to the next.
const LOOK_TICKS: usize = 8;
/// What cannot be predicted from the seven samples before, as a part of the power: of speech and noise more than this, of up to three
/// tones with A-law's rounding less.
const NARROW: f32 = 0.004;

impl Spectrum {
    /// Something begins.
    pub fn new() -> Spectrum {
        Spectrum { left: 0, beginning: YOUNG.div_ceil(LOOK_TICKS * SAMPLES_PER_TICK), lesson: Lesson::None }
    }

    /// Takes the far end's power over the `taps` samples of the filter; looks again now and then what part of the power of the youngest
    /// samples cannot be predicted from the seven before.
    pub fn step(&mut self, power: f32, taps: usize, unpredicted: impl FnOnce() -> f32) -> Lesson {
        if power < FAR_MIN * taps as f32 {
            *self = Spectrum {
                lesson: if self.lesson == Lesson::Unsure { Lesson::Forget } else { Lesson::None },
                ..Spectrum::new()
            };
            return self.lesson;
        }
        if self.left == 0 {
            self.left = LOOK_TICKS;
            let broad = unpredicted() > NARROW;
            self.lesson = match (broad, self.beginning, self.lesson) {
                (true, 0, _) => Lesson::Sure,
                (true, _, _) => Lesson::Unsure,
                (false, _, Lesson::Unsure) => Lesson::Forget,
                (false, _, _) => Lesson::None,
            };
            self.beginning = self.beginning.saturating_sub(1);
        }
        self.left -= 1;
        self.lesson
    }
}

/// How much of the error is echo, and so how far to go with a step.
///
/// The learner's error holds what it has not learned and whatever the near end says. The first rises and falls with the echo it
/// estimates, the second does not: the regression of the power of the error on that of the estimate, over a second or more, is the
/// part that leaks through. (J.-M. Valin, 2007, does so for each frequency.)
#[derive(Debug, Clone, Copy)]
pub struct Trust {
    /// Ticks to learn from before the regression is believed, and how many are left.
    beginning: u32,
    left: u32,
    /// This is the first beginning: nobody has been heard to speak as well.
    first: bool,
    /// Ticks to let pass before one is learned from again.
    rest: u32,
    /// Power of the estimated echo and of the error, over about 16 ms.
    echo: f32,
    error: f32,
    /// The same over half a second.
    echo_mean: f32,
    error_mean: f32,
    /// Of their departures from that: the square of the one, and the product.
    square: f32,
    product: f32,
    /// By how much the error is above what came in, less a margin: above zero only if the filter makes things worse.
    excess: f32,
}

/// In the beginning steps are of this length, shorter if the near end is louder than an echo can be.
const BEGINNING_STEP: f32 = 0.8;
/// An echo is at least 6 dB below what causes it, by power.
const RETURN_MAX: f32 = 0.25;
/// The least part of the echo that is thought to leak.
const LEAK_MIN: f32 = 0.007;
/// The longest step when nothing leaks, how much longer it may be as more does, and the longest of all.
const STEP_QUIET: f32 = 0.25;
const STEP_LEAKING: f32 = 3.0;
const STEP_MAX: f32 = 0.9;
/// Shorter steps than this are short, and are taken in one tick of so many: somebody speaks at the near end.
const STEP_SHORT: f32 = 0.25;
const SHORT_TICKS: u32 = 3;
/// The margin that the error's power may have over that of what came in.
const MARGIN_OF_EXCESS: f32 = 1.2;

impl Trust {
    /// A long filter needs a longer beginning.
    pub fn new(taps: usize) -> Trust {
        let beginning = 2 * taps as u32;
        Trust {
            beginning,
            left: beginning,
            first: true,
            rest: 0,
            echo: 0.0,
            error: 0.0,
            echo_mean: 0.0,
            error_mean: 0.0,
            square: 1.0,
            product: 1.0,
            excess: 0.0,
        }
    }

    /// Learns in long steps again.
    pub fn begin_again(&mut self) {
        self.excess = 0.0;
        self.left = self.beginning;
        self.first = false;
    }

    /// The path is still the same: if it looked like another, two voices took each other away for a moment. Steps are as before.
    pub fn go_on(&mut self) {
        self.excess = 0.0;
        if !self.first {
            self.left = 0;
        }
    }

    /// Whether this is the first beginning.
    pub fn is_first(&self) -> bool {
        self.first && self.left > 0
    }

    /// Takes a tick's power of what came in, of the estimated echo and of the error, and the far end's per sample; returns the length
    /// of the step, 0 if the tick is not to be learned from. Where steps are short not every tick is: the near end, which
    /// has no part in the echo, leads astray by so much less, and it is less work.
    #[inline(always)]
    pub fn step(&mut self, near: f32, echo: f32, error: f32, far: f32) -> f32 {
        let length = self.length(near, echo, error, far);
        if self.left > 0 || length >= STEP_SHORT {
            self.rest = 0;
            return length;
        }
        if self.rest > 0 {
            self.rest -= 1;
            return 0.0;
        }
        self.rest = SHORT_TICKS - 1;
        length
    }

    #[inline(always)]
    fn length(&mut self, near: f32, echo: f32, error: f32, far: f32) -> f32 {
        const FAST: f32 = 1.0 / 16.0;
        const SLOW: f32 = 1.0 / 500.0;
        const SLOWEST: f32 = 1.0 / 1000.0;
        self.echo += FAST * (echo - self.echo);
        self.error += FAST * (error - self.error);
        let (echo_off, error_off) = (self.echo - self.echo_mean, self.error - self.error_mean);
        self.echo_mean += SLOW * echo_off;
        self.error_mean += SLOW * error_off;
        // What is heard beside a near end that speaks teaches less.
        let pace = SLOWEST * (self.echo / (self.error + 1.0)).min(1.0);
        self.square += pace * (echo_off * echo_off - self.square);
        self.product += pace * (echo_off * error_off - self.product);
        let loudest = self.error.max(error) + 1.0;
        if self.left > 0 {
            self.left -= 1;
            let most = RETURN_MAX * far * SAMPLES_PER_TICK as f32;
            return BEGINNING_STEP * (most / loudest).min(1.0);
        }
        self.excess += (error - MARGIN_OF_EXCESS * near - self.excess) / 32.0;
        if self.excess > 0.0 {
            // Another path.
            self.begin_again();
        }
        let leak = (self.product / self.square.max(1.0)).clamp(LEAK_MIN, 1.0);
        (leak * self.echo / loudest).min(STEP_QUIET + STEP_LEAKING * leak).min(STEP_MAX)
    }
}
