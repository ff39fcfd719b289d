//! The activity of an agent: logged off, out of order, talking, offered, after-call work, busy tone, off hook, not
//! ready, idle; and its availability for contacts. [`machine`](super::machine) computes it, wrap-up included.
//!
//! Never: holds state.

use tipring_driver::time::Tick;

use crate::acd::floor::Availability;
use crate::acd::ids::Reason;
use crate::acd::why::NotOffered;

/// The activity of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// Logged off.
    LoggedOff,
    /// The line is dead.
    OutOfOrder,
    /// In a call.
    Talking,
    /// An offer rings.
    Offered,
    /// After-call work.
    #[serde(rename = "work")]
    AfterCallWork,
    /// Busy tone after a call.
    BusyTone,
    /// Off hook without a call.
    OffHook,
    /// Not ready.
    NotReady(Reason),
    /// Ready and free.
    Idle,
}

impl Activity {
    /// Number of kinds.
    pub const COUNT: usize = 9;

    /// Names of the kinds, by [`Activity::index`].
    pub const NAMES: [&'static str; Activity::COUNT] =
        ["logged off", "out of order", "talking", "offered", "work", "busy tone", "off hook", "not ready", "idle"];

    /// Place of the kind among all.
    pub const fn index(self) -> usize {
        match self {
            Activity::LoggedOff => 0,
            Activity::OutOfOrder => 1,
            Activity::Talking => 2,
            Activity::Offered => 3,
            Activity::AfterCallWork => 4,
            Activity::BusyTone => 5,
            Activity::OffHook => 6,
            Activity::NotReady(_) => 7,
            Activity::Idle => 8,
        }
    }

    /// The availability for contacts, for an agent idle since `idle_since`.
    pub const fn availability(self, idle_since: Tick) -> Availability {
        Availability::Away(match self {
            Activity::Idle => return Availability::Free(idle_since),
            Activity::LoggedOff => NotOffered::LoggedOff,
            Activity::OutOfOrder => NotOffered::OutOfOrder,
            Activity::Talking => NotOffered::Talking,
            Activity::Offered => NotOffered::Offered,
            Activity::AfterCallWork => NotOffered::AfterCallWork,
            Activity::BusyTone => NotOffered::BusyTone,
            Activity::OffHook => NotOffered::OffHook,
            Activity::NotReady(reason) => NotOffered::NotReady(reason),
        })
    }
}
