//! Golden orders of changes, refusals, and the conditions that are checked. The orders of all services are explored
//! through the core: `testing::explore`.

mod broken;
mod golden;
mod orders;
mod preconditions;
mod speed;
mod supervision;

use super::*;
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

/// A station calls a device.
fn call(model: &mut Model, from: Device, to: Device) -> CallId {
    let call = model.initiate(from, WHY).expect("a line at rest");
    model.originated(call, from, WHY).expect("a number");
    model.send(call, to, from, WHY).expect("sent");
    call
}

/// A station calls another, which answers.
fn talk(model: &mut Model, from: Device, to: Device) -> CallId {
    let call = call(model, from, to);
    model.answer(call, to, WHY).expect("answered");
    call
}

/// A station holds its call, and calls a device.
fn consult(model: &mut Model, held: CallId, from: Device, to: Device) -> CallId {
    model.hold(held, from, WHY).expect("held");
    call(model, from, to)
}

/// A call comes in over the trunk to a device.
fn arrive(model: &mut Model, to: Device) -> CallId {
    let call = model.arrive(T, to, WHY).expect("arrived");
    model.accept(call, T, WHY).expect("accepted");
    call
}

/// A talks to B, in call 1.
fn talking(bounds: Bounds) -> (Model, CallId) {
    let mut model = site(bounds);
    let call = talk(&mut model, A, B);
    changes(&mut model);
    (model, call)
}

/// The changes that have not been taken, as text.
fn changes(model: &mut Model) -> Vec<String> {
    model
        .take_changes(Vec::new())
        .into_iter()
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
