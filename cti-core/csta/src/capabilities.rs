//! Capabilities (CSTA_GETAPI_CAPS_CONF): the services that are carried out and the events that are sent, as 79 flags in
//! the standard's order.
//!
//! Clients rely on them: one that reads of *Ready* events stops asking for agents' states. A flag is set only if this
//! program carries out the service, or sends the event.
//!
//! Never: knows how a service is carried out.

use serde::{Deserialize, Serialize};

/// Services and events that are supported, by their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(into = "Vec<&'static str>", try_from = "Vec<String>")]
pub struct Capabilities(pub [bool; Capabilities::COUNT]);

impl Capabilities {
    /// Number of places.
    pub const COUNT: usize = 79;

    /// No service, no event.
    pub const NONE: Capabilities = Capabilities([false; Capabilities::COUNT]);

    /// Names of all places, as in the C structure.
    pub const NAMES: [&'static str; Capabilities::COUNT] = NAMES;

    /// Services and events that the core supports.
    pub const BUILT: Capabilities = Capabilities::of(BUILT);

    /// Returns the places of the given names.
    ///
    /// # Panics
    /// Panics, at compile time in a constant, if a name is none of [`NAMES`](Self::NAMES).
    pub const fn of(names: &[&str]) -> Capabilities {
        let mut capabilities = Capabilities::NONE;
        let mut ix = 0;
        while ix < names.len() {
            match place(names[ix]) {
                Some(place) => capabilities.0[place] = true,
                None => panic!("not a name of a service or an event"),
            }
            ix += 1;
        }
        capabilities
    }

    /// Returns the names of the supported places.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        NAMES.into_iter().zip(self.0).filter_map(|(name, built)| built.then_some(name))
    }
}

impl From<Capabilities> for Vec<&'static str> {
    fn from(capabilities: Capabilities) -> Vec<&'static str> {
        capabilities.names().collect()
    }
}

impl TryFrom<Vec<String>> for Capabilities {
    type Error = String;

    fn try_from(names: Vec<String>) -> Result<Capabilities, String> {
        let mut capabilities = Capabilities::NONE;
        for name in names {
            let place = place(&name).ok_or_else(|| format!("{name:?} is not a service or an event"))?;
            capabilities.0[place] = true;
        }
        Ok(capabilities)
    }
}

const fn place(name: &str) -> Option<usize> {
    let mut place = 0;
    while place < NAMES.len() {
        if same(NAMES[place].as_bytes(), name.as_bytes()) {
            return Some(place);
        }
        place += 1;
    }
    None
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut ix = 0;
    while ix < one.len() {
        if one[ix] != other[ix] {
            return false;
        }
        ix += 1;
    }
    true
}

/// Names of the places the core supports.
#[rustfmt::skip]
const BUILT: &[&str] = &[
    "alternateCall", "answerCall", "callCompletion", "clearCall", "clearConnection", "conferenceCall",
    "consultationCall", "deflectCall", "pickupCall", "groupPickupCall", "holdCall", "makeCall",
    "makePredictiveCall", "queryMwi", "queryDnd", "queryFwd", "queryAgentState", "queryLastNumber",
    "queryDeviceInfo", "reconnectCall", "retrieveCall", "setMwi", "setDnd", "setFwd", "setAgentState",
    "transferCall", "eventReport", "callClearedEvent", "conferencedEvent", "connectionClearedEvent",
    "deliveredEvent", "divertedEvent", "establishedEvent", "failedEvent", "heldEvent", "networkReachedEvent",
    "originatedEvent", "queuedEvent", "retrievedEvent", "serviceInitiatedEvent", "transferredEvent",
    "callInformationEvent", "doNotDisturbEvent", "forwardingEvent", "messageWaitingEvent", "loggedOnEvent",
    "loggedOffEvent", "notReadyEvent", "readyEvent", "workNotReadyEvent", "backInServiceEvent",
    "outOfServiceEvent", "routeRequestEvent", "reRoute", "routeSelect", "routeUsedEvent", "routeEndEvent",
    "monitorDevice", "monitorCall", "monitorCallsViaDevice", "changeMonitorFilter", "monitorStop",
    "monitorEnded", "snapshotDeviceReq", "snapshotCallReq", "escapeService", "sysStatReq", "sysStatStart",
    "sysStatStop", "sysStatEvent",
];

#[rustfmt::skip]
const NAMES: [&str; Capabilities::COUNT] = [
    "alternateCall", "answerCall", "callCompletion", "clearCall", "clearConnection", "conferenceCall",
    "consultationCall", "deflectCall", "pickupCall", "groupPickupCall", "holdCall", "makeCall",
    "makePredictiveCall", "queryMwi", "queryDnd", "queryFwd", "queryAgentState", "queryLastNumber",
    "queryDeviceInfo", "reconnectCall", "retrieveCall", "setMwi", "setDnd", "setFwd", "setAgentState",
    "transferCall", "eventReport", "callClearedEvent", "conferencedEvent", "connectionClearedEvent",
    "deliveredEvent", "divertedEvent", "establishedEvent", "failedEvent", "heldEvent", "networkReachedEvent",
    "originatedEvent", "queuedEvent", "retrievedEvent", "serviceInitiatedEvent", "transferredEvent",
    "callInformationEvent", "doNotDisturbEvent", "forwardingEvent", "messageWaitingEvent", "loggedOnEvent",
    "loggedOffEvent", "notReadyEvent", "readyEvent", "workNotReadyEvent", "workReadyEvent",
    "backInServiceEvent", "outOfServiceEvent", "privateEvent", "routeRequestEvent", "reRoute", "routeSelect",
    "routeUsedEvent", "routeEndEvent", "monitorDevice", "monitorCall", "monitorCallsViaDevice",
    "changeMonitorFilter", "monitorStop", "monitorEnded", "snapshotDeviceReq", "snapshotCallReq",
    "escapeService", "privateStatusEvent", "escapeServiceEvent", "escapeServiceConf", "sendPrivateEvent",
    "sysStatReq", "sysStatStart", "sysStatStop", "changeSysStatFilter", "sysStatReqEvent", "sysStatReqConf",
    "sysStatEvent",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn supported_services_stand_at_the_standards_places() {
        let places = Capabilities::BUILT.0;
        assert!(places[1] && places[4] && places[11], "answer, clear connection and make call");
        assert_eq!(Capabilities::BUILT.names().count(), BUILT.len());
        assert_eq!((NAMES[0], NAMES[27], NAMES[78]), ("alternateCall", "callClearedEvent", "sysStatEvent"));
    }
}
