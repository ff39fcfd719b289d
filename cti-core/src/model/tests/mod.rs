//! Golden orders of changes, and every order of services on a small site.

mod actions;
mod explore;
mod faults;
mod golden;
mod orders;
mod packed;
mod preconditions;
mod replay;
mod services;
mod small_site;
mod speed;
mod walk;

use super::*;
use arrayvec::ArrayVec;
use tipring_driver::time::Tick;

use crate::config::StationKind;
use crate::csta::CallId;
use crate::csta::cause::EventCause;
use crate::device::{QueueIx, StationIx, TrunkIx};

const A: Device = Device::Station(StationIx(0));
const B: Device = Device::Station(StationIx(1));
const C: Device = Device::Station(StationIx(2));
const T: Device = Device::Trunk(TrunkIx(0));
const Q: Device = Device::Queue(QueueIx(0));
const P: Device = Device::Park(ParkIx(0));
const N: Device = Device::Number(NumberIx(0));

/// The bounds of a small site.
const BOUNDS: Bounds = Bounds { calls: 6, connections: 4, appearances: 2 };

const WHY: Reason = Reason { cause: EventCause::NewCall, origin: Origin::Client };

/// Two handsets, a headset, a trunk, a queue and a parking place.
fn site(bounds: Bounds) -> Model {
    let kinds = [StationKind::Handset, StationKind::Handset, StationKind::Headset];
    Model::new(&kinds, 1, 1, bounds, CallId(0))
}

fn name(device: Device) -> &'static str {
    match device {
        Device::Station(ix) => ["A", "B", "C"][usize::from(ix.0)],
        Device::Trunk(_) => "T",
        Device::Queue(_) => "Q",
        Device::Park(_) => "P",
        Device::Number(_) => "N",
    }
}

/// The changes since the last drain, as text.
fn changes(model: &mut Model) -> Vec<String> {
    model
        .drain_changes()
        .map(|change| match change.kind {
            ChangeKind::Step { device, row } => format!("{} {:?} {}", change.call.0, row.event, name(device)),
            ChangeKind::Merged { held, by, stays, parties } => {
                let parties: String = parties.into_iter().map(name).collect();
                let kind = if stays { "Conferenced" } else { "Transferred" };
                format!("{} {kind} {} by {}: {parties}", change.call.0, held.0, name(by))
            }
            ChangeKind::CallCleared => format!("{} CallCleared", change.call.0),
        })
        .collect()
}
