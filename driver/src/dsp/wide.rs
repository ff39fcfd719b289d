//! Eight channels side by side: the numbers that a bank works with.
//!
//! [`Wide`] is an array with lane-wise arithmetic, written so that the compiler makes vector instructions of it; no lane ever
//! looks at another, so each gives what it would give alone. [`run`] takes the widest instructions that the processor has.
//! They round like the narrow ones (nothing is fused), so the results don't depend on the machine.

#![allow(unsafe_code)]

use core::array;
use core::ops::{Add, AddAssign, Mul, Sub};

use super::{Lanes, Samples};
use crate::time::SAMPLES_PER_TICK;

/// Channels in a [`Wide`].
pub const WIDTH: usize = 8;

/// One number of each of eight channels.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(32))]
pub struct Wide(pub [f32; WIDTH]);

impl Wide {
    /// Nothing in every lane.
    pub const ZERO: Wide = Wide([0.0; WIDTH]);

    /// Zero for what is too small to be heard, before it becomes so small that processors grow slow over it.
    #[inline(always)]
    pub fn settle(self) -> Wide {
        Wide(array::from_fn(|lane| if self.0[lane].abs() < 1e-12 { 0.0 } else { self.0[lane] }))
    }
}

impl Add for Wide {
    type Output = Wide;
    #[inline(always)]
    fn add(self, other: Wide) -> Wide {
        Wide(array::from_fn(|lane| self.0[lane] + other.0[lane]))
    }
}

impl AddAssign for Wide {
    #[inline(always)]
    fn add_assign(&mut self, other: Wide) {
        *self = *self + other;
    }
}

impl Sub for Wide {
    type Output = Wide;
    #[inline(always)]
    fn sub(self, other: Wide) -> Wide {
        Wide(array::from_fn(|lane| self.0[lane] - other.0[lane]))
    }
}

impl Mul for Wide {
    type Output = Wide;
    #[inline(always)]
    fn mul(self, other: Wide) -> Wide {
        Wide(array::from_fn(|lane| self.0[lane] * other.0[lane]))
    }
}

impl Mul<f32> for Wide {
    type Output = Wide;
    #[inline(always)]
    fn mul(self, factor: f32) -> Wide {
        Wide(array::from_fn(|lane| self.0[lane] * factor))
    }
}

/// A tick of eight channels, sample by sample.
pub type WideTick = [Wide; SAMPLES_PER_TICK];

/// Lays the ticks of eight channels side by side. Lanes that are not in `lanes`, or have no frame, are silent.
#[inline(always)]
pub fn gather(frames: &[Samples], first: usize, lanes: &Lanes) -> WideTick {
    let mut tick = [Wide::ZERO; SAMPLES_PER_TICK];
    for lane in 0..WIDTH {
        if let Some(frame) = frames.get(first + lane)
            && lanes.contains(first + lane)
        {
            for (wide, sample) in tick.iter_mut().zip(frame) {
                wide.0[lane] = f32::from(*sample);
            }
        }
    }
    tick
}

/// Work to be done by the widest instructions at hand. `run` must be `#[inline(always)]`, or it is compiled for the narrowest.
pub trait Work {
    /// Does it.
    fn run(self);
}

/// Does the work.
#[inline]
pub fn run(work: impl Work) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has just been found to have these instructions.
        return unsafe { run_avx2(work) };
    }
    work.run();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn run_avx2(work: impl Work) {
    work.run();
}
