//! The steps of a connection, as a table.
//!
//! Sources: ECMA-179, connection states and the events that report their steps.
//!
//! Never: decides by the kind of call; what a row does not say is the services'.

use crate::csta::LocalConnectionState;
use crate::device::Device;

/// The state of a connection. *Null* is the absence of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum ConnectionState {
    /// A device requests service: a station has dial tone or is prompted, a trunk is seized.
    Initiated,
    /// A device is offered the call.
    Alerting,
    /// A device takes part.
    Connected,
    /// A device takes part, and its speech is suspended.
    Held,
    /// The call waits at a device: in a queue, or parked.
    Queued,
    /// The call could not go on at this device, which hears a tone.
    Failed,
}

impl ConnectionState {
    /// The standard's number of this state.
    pub const fn local(self) -> LocalConnectionState {
        match self {
            ConnectionState::Initiated => LocalConnectionState::Initiate,
            ConnectionState::Alerting => LocalConnectionState::Alerting,
            ConnectionState::Connected => LocalConnectionState::Connect,
            ConnectionState::Held => LocalConnectionState::Hold,
            ConnectionState::Queued => LocalConnectionState::Queued,
            ConnectionState::Failed => LocalConnectionState::Fail,
        }
    }

    /// Returns true if the device's line is taken by a connection in this state. A station has one such connection at
    /// most.
    pub const fn is_active(self) -> bool {
        matches!(self, ConnectionState::Initiated | ConnectionState::Connected | ConnectionState::Failed)
    }
}

/// The cause of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// Service is requested.
    Initiate,
    /// The number is complete.
    Originate,
    /// The call is offered to the device.
    Offer,
    /// The call enters a queue.
    Enter,
    /// The call is parked.
    Park,
    /// The device takes part at once: an incoming trunk, a pickup, an observer.
    Join,
    /// A trunk is seized.
    Seize,
    /// A call comes in on a trunk, which is not answered yet.
    Arrive,
    /// The trunk of an incoming call is answered.
    Accept,
    /// A seized trunk is given back before the network had the call.
    GiveUp,
    /// The network has all digits.
    Reach,
    /// The device answers.
    Answer,
    /// Speech is suspended.
    Hold,
    /// Speech is resumed.
    Retrieve,
    /// A held call comes back to its holder, who is rung.
    Recall,
    /// The call is taken away from the device, to be sent elsewhere.
    Divert,
    /// The call cannot go on at the device.
    Fail,
    /// A caller who hears a tone waits for the busy station instead.
    Complete,
    /// The device leaves the call.
    Clear,
}

impl Trigger {
    /// The trigger by which a device leaves a call: a trunk that was never reported is given up in silence.
    pub(super) const fn leaving(device: Device, state: ConnectionState) -> Trigger {
        match (device, state) {
            (Device::Trunk(_), ConnectionState::Initiated) => Trigger::GiveUp,
            _ => Trigger::Clear,
        }
    }
}

/// The event that reports a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallEvent {
    /// No event: the standard has none for this step.
    None,
    /// Service initiated.
    ServiceInitiated,
    /// Originated.
    Originated,
    /// Delivered.
    Delivered,
    /// Queued.
    Queued,
    /// Established.
    Established,
    /// Network reached.
    NetworkReached,
    /// Held.
    Held,
    /// Retrieved.
    Retrieved,
    /// Diverted.
    Diverted,
    /// Failed.
    Failed,
    /// Connection cleared.
    ConnectionCleared,
}

/// The deadline that a state carries. It is set with the state and removed with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Deadline {
    /// No deadline: the state is stable.
    None,
    /// The caller's identity. Then: the trunk is answered.
    Identity,
    /// The next digit. Then: failed.
    Digits,
    /// The answer. Then: cleared.
    NoAnswer,
    /// The holder's return. Then: recalled.
    HoldRecall,
    /// The longest wait of a queue. Then: cleared.
    QueueTime,
    /// The longest time of a parked call. Then: offered to the device that parked it.
    ParkRecall,
    /// The end of a tone. Then: cleared.
    Tone,
    /// The far end of a trunk. Then: cleared.
    FarEnd,
}

/// One permitted step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The state before; none where the connection begins.
    pub from: Option<ConnectionState>,
    /// The cause.
    pub trigger: Trigger,
    /// The state after; none where the connection ends.
    pub to: Option<ConnectionState>,
    /// The event that reports the step.
    pub event: CallEvent,
    /// The deadline of the state after.
    pub deadline: Deadline,
}

const fn row(
    from: Option<ConnectionState>,
    trigger: Trigger,
    to: Option<ConnectionState>,
    event: CallEvent,
    deadline: Deadline,
) -> Row {
    Row { from, trigger, to, event, deadline }
}

use CallEvent as E;
use ConnectionState::{Alerting, Connected, Failed, Held, Initiated, Queued};
use Trigger as T;

/// Every permitted step. The module's header draws it.
pub static TABLE: &[Row] = &[
    row(None, T::Initiate, Some(Initiated), E::ServiceInitiated, Deadline::Digits),
    row(None, T::Offer, Some(Alerting), E::Delivered, Deadline::NoAnswer),
    row(None, T::Enter, Some(Queued), E::Queued, Deadline::QueueTime),
    row(None, T::Park, Some(Queued), E::Queued, Deadline::ParkRecall),
    row(None, T::Join, Some(Connected), E::Established, Deadline::None),
    row(None, T::Seize, Some(Initiated), E::None, Deadline::FarEnd),
    row(None, T::Arrive, Some(Initiated), E::None, Deadline::Identity),
    row(Some(Initiated), T::Originate, Some(Connected), E::Originated, Deadline::None),
    row(Some(Initiated), T::Accept, Some(Connected), E::None, Deadline::None),
    row(Some(Initiated), T::Reach, Some(Connected), E::NetworkReached, Deadline::FarEnd),
    row(Some(Initiated), T::Fail, Some(Failed), E::Failed, Deadline::Tone),
    row(Some(Initiated), T::Clear, None, E::ConnectionCleared, Deadline::None),
    row(Some(Initiated), T::GiveUp, None, E::None, Deadline::None),
    row(Some(Alerting), T::Answer, Some(Connected), E::Established, Deadline::None),
    row(Some(Alerting), T::Divert, None, E::Diverted, Deadline::None),
    row(Some(Alerting), T::Clear, None, E::ConnectionCleared, Deadline::None),
    row(Some(Connected), T::Join, Some(Connected), E::Established, Deadline::None),
    row(Some(Connected), T::Answer, Some(Connected), E::Established, Deadline::None),
    row(Some(Connected), T::Hold, Some(Held), E::Held, Deadline::HoldRecall),
    row(Some(Connected), T::Fail, Some(Failed), E::Failed, Deadline::Tone),
    row(Some(Connected), T::Divert, None, E::Diverted, Deadline::None),
    row(Some(Connected), T::Clear, None, E::ConnectionCleared, Deadline::None),
    row(Some(Held), T::Retrieve, Some(Connected), E::Retrieved, Deadline::None),
    row(Some(Held), T::Recall, Some(Alerting), E::Delivered, Deadline::NoAnswer),
    row(Some(Held), T::Clear, None, E::ConnectionCleared, Deadline::None),
    row(Some(Queued), T::Divert, None, E::Diverted, Deadline::None),
    row(Some(Queued), T::Clear, None, E::ConnectionCleared, Deadline::None),
    row(Some(Queued), T::Offer, Some(Alerting), E::Delivered, Deadline::NoAnswer),
    row(Some(Failed), T::Complete, Some(Connected), E::None, Deadline::None),
    row(Some(Failed), T::Clear, None, E::ConnectionCleared, Deadline::None),
];

/// The row of a step; none for one that the table does not permit.
pub(super) fn row_of(from: Option<ConnectionState>, trigger: Trigger) -> Option<&'static Row> {
    TABLE.get(usize::from(PLACES[before(from)][trigger as usize]))
}

/// The places of the rows by state before and trigger; beyond the table for a step that is not permitted.
static PLACES: [[u8; Trigger::Clear as usize + 1]; before(Some(Failed)) + 1] = {
    let mut places = [[u8::MAX; Trigger::Clear as usize + 1]; before(Some(Failed)) + 1];
    let mut ix = 0;
    while ix < TABLE.len() {
        places[before(TABLE[ix].from)][TABLE[ix].trigger as usize] = ix as u8;
        ix += 1;
    }
    places
};

const fn before(from: Option<ConnectionState>) -> usize {
    match from {
        None => 0,
        Some(state) => state as usize + 1,
    }
}
