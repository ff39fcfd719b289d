//! Calls out as data: trunk groups, and the rules for outside numbers.
//!
//! Never: resolves a name.

use crate::csta::DeviceId;

/// A trunk group.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TrunkGroupConfig {
    /// Its name.
    pub device: DeviceId,
    /// Its trunks, by name, in the order of hunting. A trunk is in one group at most.
    pub trunks: Vec<DeviceId>,
    /// The calls it is for.
    pub direction: TrunkDirection,
    /// Idle trunks that calls out leave to callers. An emergency call takes them.
    pub reserve: u16,
    /// Idle trunks, beyond those, that calls out leave to calling back. An emergency call takes them.
    pub reserve_call_back: u16,
    /// The order of hunting.
    pub order: HuntOrder,
}

/// Calls that a trunk group is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum TrunkDirection {
    /// Incoming calls alone.
    In,
    /// Calls out. An incoming call is answered all the same: a caller is not left ringing.
    Out,
    /// Both.
    #[default]
    Both,
}

/// Order of hunting in a trunk group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum HuntOrder {
    /// From the first trunk.
    Ascending,
    /// From the last trunk.
    #[default]
    Descending,
    /// The trunk that has been idle longest.
    LongestIdle,
    /// The trunk after the one seized last.
    Cyclic,
}

/// A rule of the dial plan for outside numbers.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DialRule {
    /// The digits with which its numbers begin; empty for all numbers that no other rule has.
    pub prefix: String,
    /// Digits that are taken away from the front; fewer than `least`.
    pub strip: u8,
    /// Digits that are put before the rest.
    pub add: String,
    /// The fewest digits of a number, prefix included.
    pub least: u8,
    /// The most digits; a number of that length is complete.
    pub most: u8,
    /// Its trunk groups, in the order of overflow.
    pub groups: Vec<DeviceId>,
    /// The stations that may dial its numbers; none if all may.
    pub allow: Option<Vec<DeviceId>>,
    /// Its hours; none if it is always in force.
    #[serde(default)]
    pub hours: Option<RuleHours>,
}

/// The hours of a rule of the dial plan.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RuleHours {
    /// The calendar.
    pub calendar: String,
    /// Its routes during which the rule is in force.
    pub during: Vec<String>,
}
