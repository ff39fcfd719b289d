//! Blocks of sound, the grain of what is listened for, and their power.
//!
//! Never: keeps a block.

use super::list::{FULL, PER_MS};

/// Duration of a block in ms.
pub const BLOCK_MS: u32 = 20;
/// Samples of a block.
pub const BLOCK: usize = BLOCK_MS as usize * PER_MS;

/// Mean power of a block. Summed as whole numbers, which are exact and go side by side.
pub fn power(block: &[i16; BLOCK]) -> f64 {
    let sum: i64 = block.iter().map(|sample| i64::from(i32::from(*sample).pow(2))).sum();
    sum as f64 / BLOCK as f64
}

/// Mean power of a sine of this level.
pub fn power_of(dbm0: f64) -> f64 {
    FULL * FULL / 2.0 * 10f64.powf(dbm0 / 10.0)
}
