//! The devices of a site: their kinds, their names, and the state of the line of each.
//!
//! | file | holds |
//! |---|---|
//! | `devices` | the devices of a site, found by name or by channel |
//! | [`index`] | a device by its place in the configuration |
//! | `features` | forwarding, do not disturb, message lamp, last number |
//! | `view` | the state of a channel as far as its events have been taken |
//!
//! Never: knows a call, or decides.

mod devices;
mod features;
pub mod index;
mod view;

pub use devices::{Devices, NumberDevice, Station, Trunk};
pub use features::{Features, Resolved, Situation};
pub use index::{Device, NumberIx, ParkIx, QueueIx, StationIx, TrunkIx};
pub use view::LineView;
