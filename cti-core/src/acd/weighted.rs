//! Lots in proportion to weights, as keys of an order.
//!
//! Each agent who becomes free draws an exponential time of rate `weight`, on top of the time of the last agent chosen;
//! the earliest is next. The minimum of exponential times belongs to each in proportion to the rates, and those not
//! chosen need no new draw, since an exponential time has no memory. So a weighted choice is a sorted index like every
//! other.
//!
//! Never: draws from a source of chance of its own; seed and number of the draw decide.

use super::ids::AgentIx;

/// Fixed point of a draw: units of one mean at weight 1.
const UNIT: f64 = (1u64 << 24) as f64;

/// The waiting time of one draw.
pub(super) fn draw(seed: u64, number: u64, agent: AgentIx, weight: u16) -> u64 {
    let bits = mix(seed ^ mix(number ^ mix(u64::from(agent.0))));
    let uniform = ((bits >> 11) + 1) as f64 / (1u64 << 53) as f64;
    (-uniform.ln() / f64::from(weight.max(1)) * UNIT) as u64
}

/// SplitMix64's output function (Steele, Lea, Flood 2014): every bit of the input moves half of the output's.
const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
