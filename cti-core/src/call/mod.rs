//! The particulars of calls, beside the table of their connections: names and numbers, data, sound, record.
//!
//! Everything here follows from the [changes](crate::model::Change) of the model, or is set by the service that caused
//! them; nothing here decides.
//!
//! | file | holds |
//! |---|---|
//! | [`party`] | a device's part in a call, as clients see it |
//! | [`detail`] | the particulars of a call |
//! | [`leg`] | a device's part in a call, for its record |
//! | [`holds`] | the holds of a device's part in a call |
//! | [`course`] | the course of a call, for its record |
//! | `outcome` | the end of a call: why, and by whom |
//! | [`recorder`] | a recorder at work, and what has been asked for beside the rules |
//! | [`served`] | a queue's call at the telephone that answered it |
//! | [`speech`] | announcements over the sound of waiting |

pub mod course;
pub mod detail;
pub mod holds;
pub mod leg;
mod outcome;
pub mod party;
pub mod recorder;
pub mod served;
pub mod speech;

pub use course::Log;
pub use detail::{AgentGreeting, CallBackPart, Detail, Dialling, Doing, KeyedOut, Message, Predictive, Script};
pub use holds::Holds;
pub use leg::Leg;
pub use party::Party;
pub use recorder::{Pause, RecordOrder, Recorder};
pub use served::Served;
