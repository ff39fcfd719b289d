//! Echo control of a line: takes what the line throws back of what was sent to it out of what the line brings.
//!
//! In this order: the [linear canceller](Canceller) takes out what it has learned; the non-linear processor keeps
//! back what is then left as long as it is no more than an echo could leave; comfort noise stands in for what was kept
//! back, as loud as the near end's own. The tone disabler turns the second off for a fax machine and all of it for
//! a modem.
//!
//! No sample is delayed. The far end's tick must be the one whose echo can begin in the near end's tick: the caller aligns the two
//! by the position in the card's rings. Where there is no echo every sample passes as it came.
//!
//! Never: allocates after it was made, or keeps back somebody who speaks.
//!
//! Source: ITU-T G.168 (what is asked of it), and in the files what each is made after.

mod affine_projection;
mod canceller;
mod comfort_noise;
mod echo_detector;
mod excitation;
mod filter;
mod nlp;
mod path_select;
mod proportionate;
mod step_size;
mod tone_disabler;

pub use self::canceller::{Canceller, TAPS_MAX};

use arrayvec::ArrayVec;

use self::canceller::Left;
use self::comfort_noise::Comfort;
use self::nlp::{Gain, Suppressor};
use self::tone_disabler::{Disabler, Mode};
pub use super::wide::WIDTH;
use super::wide::Wide;
use super::{SILENCE, Samples, level};
use crate::time::SAMPLES_PER_TICK;

/// The shortest and the longest echo that can be taken out, in milliseconds.
pub const TAIL_MS: core::ops::RangeInclusive<u32> = 4..=(TAPS_MAX / SAMPLES_PER_TICK) as u32;

/// One line's echo control.
#[derive(Debug, Clone)]
pub struct Control {
    canceller: Canceller,
    suppressor: Suppressor,
    comfort: Comfort,
    disabler: Disabler,
}

/// What came from a line, without its echo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Controlled {
    /// As the linear canceller left it: for detectors, and for recordings that are to be evidence.
    pub linear: Samples,
    /// With the rest of the echo kept back: for ears.
    pub heard: Samples,
}

impl Control {
    /// Echo control of echoes up to `tail_ms` late, which is brought into the range of [`TAIL_MS`].
    pub fn new(tail_ms: u32) -> Control {
        let tail_ms = tail_ms.clamp(*TAIL_MS.start(), *TAIL_MS.end());
        Control {
            canceller: Canceller::new(tail_ms as usize * SAMPLES_PER_TICK),
            suppressor: Suppressor::default(),
            comfort: Comfort::new(tail_ms),
            disabler: Disabler::default(),
        }
    }

    /// Forgets everything, as when the line is connected to somebody else.
    pub fn reset(&mut self) {
        self.canceller.reset();
        self.suppressor = Suppressor::default();
        self.comfort.reset();
        self.disabler = Disabler::default();
    }

    /// Takes one tick of what was sent to the line and what came from it; returns what came without the echo.
    pub fn step(&mut self, far: &Samples, near: &Samples) -> Controlled {
        Control::step_together(&mut [self], &[*far], &[*near])[0]
    }

    /// The same for up to eight lines at once, which costs much less than one by one and gives bit for bit the same.
    pub fn step_together(lines: &mut [&mut Control], far: &[Samples], near: &[Samples]) -> [Controlled; WIDTH] {
        let mut modes = [(Mode::Bypass, 0.0); WIDTH];
        let left = {
            let mut cancellers = ArrayVec::<_, WIDTH>::new();
            let mut sounds = [ArrayVec::<_, WIDTH>::new(), ArrayVec::new()];
            for ((line, mode), (far, near)) in lines.iter_mut().zip(&mut modes).zip(far.iter().zip(near)) {
                *mode = line.listen(far, near);
                if mode.0 != Mode::Bypass {
                    cancellers.push(&mut line.canceller);
                    sounds[0].push(*far);
                    sounds[1].push(*near);
                }
            }
            Canceller::cancel_together(&mut cancellers, &sounds[0], &sounds[1])
        };
        let mut left = left.iter();
        let mut controlled = [Controlled { linear: SILENCE, heard: SILENCE }; WIDTH];
        for (((line, controlled), (mode, far_power)), near) in
            lines.iter_mut().zip(&mut controlled).zip(modes).zip(near)
        {
            let own = if mode == Mode::Bypass { None } else { left.next() };
            *controlled = match own {
                None => Controlled { linear: *near, heard: *near },
                Some(left) => line.keep_back(mode, far_power, left),
            };
        }
        controlled
    }

    /// What the tones on the line ask for, and the power of what was sent.
    fn listen(&mut self, far: &Samples, near: &Samples) -> (Mode, f32) {
        let (far, near) = (wide(far), wide(near));
        let (far_power, near_power) = (far.power(), near.power());
        let before = self.disabler.mode();
        let mode = self.disabler.step([far, near], [far_power, near_power]);
        if mode == Mode::Bypass {
            self.suppressor = Suppressor::default();
        } else if before == Mode::Bypass {
            self.canceller.forget_far();
        }
        (mode, far_power)
    }

    /// Keeps back the rest of the echo.
    fn keep_back(&mut self, mode: Mode, far_power: f32, left: &Left) -> Controlled {
        let samples = wide(&left.samples);
        let power = samples.power();
        self.comfort.observe(&samples, power, far_power);
        let suppress = mode == Mode::Normal;
        let gain = self.suppressor.step(left.echo, power, self.comfort.power(), suppress);
        let heard = match gain {
            Gain::ONE => left.samples,
            gain => self.replaced(samples, gain),
        };
        Controlled { linear: left.samples, heard }
    }

    /// Comfort noise for the part that is kept back.
    fn replaced(&mut self, left: Wide, gain: Gain) -> Samples {
        let noise = self.comfort.next();
        let ramp = gain.ramp();
        let heard = noise + (left - noise) * ramp;
        heard.0.map(|sample| level::to_sample(f64::from(sample)))
    }
}

fn wide(samples: &Samples) -> Wide {
    Wide(samples.map(f32::from))
}

/// The power of a tick at a level: the sum of its squares.
const fn tick_power(dbm0: f64) -> f32 {
    let peak = level::peak(dbm0);
    (peak * peak / 2.0 * WIDTH as f64) as f32
}
