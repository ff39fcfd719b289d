//! Echo control of a line: line echo canceller (G.168), non-linear processor, comfort noise, tone disabler.
//!
//! In this order: the [linear canceller](Canceller) subtracts its estimate of the echo; the non-linear processor
//! suppresses the residual as long as it is no more than an echo could leave; comfort noise, at the level of the near
//! end's noise, replaces the suppressed part. The tone disabler turns the non-linear processor off for a fax machine
//! and the whole echo control off for a modem.
//!
//! No sample is delayed. The far end's tick must be the one whose echo can begin in the near end's tick: the caller
//! aligns the two by the position in the card's rings. On a line without echo every sample passes unchanged.
//!
//! Never: allocates after construction, or suppresses near-end speech.
//!
//! Source: ITU-T G.168 (requirements); the sources of each algorithm stand in its file.

mod affine_projection;
mod canceller;
mod comfort_noise;
mod convergence;
mod echo_detector;
mod excitation;
mod filter;
mod nlp;
mod path_select;
mod proportionate;
mod step_size;
mod tone_disabler;

pub use self::canceller::Canceller;

use self::canceller::{Left, Line, TAPS_MAX};
use self::comfort_noise::Comfort;
use self::nlp::{Gain, Suppressor};
use self::tone_disabler::{Disabler, Mode};
use super::vector::{WIDTH, Wide};
use super::{Samples, level};
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

/// Signal of the near end without the echo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Controlled {
    /// As the linear canceller left it: for detectors, and for recordings that are to be evidence.
    pub linear: Samples,
    /// Output of the non-linear processor, residual echo suppressed: for listeners.
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

    /// Resets all state, as when the line is connected to another party.
    pub(crate) fn reset(&mut self) {
        self.canceller.reset();
        self.suppressor = Suppressor::default();
        self.comfort.reset();
        self.disabler = Disabler::default();
    }

    /// Takes one tick of what was sent to the line and of what came from it; returns what came without the echo.
    pub fn step(&mut self, far: &Samples, near: &Samples) -> Controlled {
        let mut controlled = Controlled { linear: *near, heard: *near };
        Control::step_together(core::iter::once((self, far, &mut controlled.linear, &mut controlled.heard)));
        controlled
    }

    /// Steps any number of lines in place, which costs much less than one by one and gives bit for bit the
    /// same. A line is its control, what was sent, what came (which becomes [`Controlled::linear`]), and the place for
    /// [`Controlled::heard`].
    pub(crate) fn step_together<'a>(
        lines: impl Iterator<Item = (&'a mut Control, &'a Samples, &'a mut Samples, &'a mut Samples)>,
    ) {
        let lines = lines.filter_map(|(control, far, near, heard)| {
            let (mode, far_power) = control.listen(far, near);
            if mode == Mode::Bypass {
                *heard = *near;
                return None;
            }
            let Control { canceller, suppressor, comfort, .. } = control;
            let (far, samples) = (*far, *near);
            Some(Line { canceller, far, near: samples, context: (suppressor, comfort, mode, far_power, near, heard) })
        });
        Canceller::cancel_together(lines, |(suppressor, comfort, mode, far_power, linear, heard), left| {
            *linear = left.samples;
            *heard = suppressor.process(comfort, mode, far_power, &left);
        });
    }

    /// Runs the tone disabler. Returns its mode, and the power of the far end's tick.
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
}

impl Suppressor {
    /// Suppresses the residual echo of a tick, and puts comfort noise in its place.
    #[inline]
    fn process(&mut self, comfort: &mut Comfort, mode: Mode, far_power: f32, left: &Left) -> Samples {
        let samples = wide(&left.samples);
        let power = samples.power();
        comfort.observe(&samples, power, far_power);
        match self.step(left.echo, power, comfort.power(), mode == Mode::Normal) {
            Gain::ONE => left.samples,
            gain => {
                let noise = comfort.next();
                (noise + (samples - noise) * gain.ramp()).to_samples()
            }
        }
    }
}

fn wide(samples: &Samples) -> Wide {
    Wide::from_samples(samples)
}

/// The power of a tick at a level: the sum of its squares.
const fn tick_power(dbm0: f64) -> f32 {
    let peak = level::peak(dbm0);
    (peak * peak / 2.0 * WIDTH as f64) as f32
}
