//! What is built, service by service and event by event: the answer to CSTA_GETAPI_CAPS.
//!
//! Clients believe it: one that is told of *Ready* events stops asking for agents' states. A place is 1 only if the
//! service is carried out, or the event is sent, by this very program.

use super::request::Capabilities;

impl Capabilities {
    /// What is built.
    pub const BUILT: Capabilities = {
        let mut places = [false; Capabilities::COUNT];
        let mut ix = 0;
        while ix < PLACES.len() {
            places[PLACES[ix].0 - 1] = true;
            ix += 1;
        }
        Capabilities(places)
    };
}

/// The places counted from 1, as the standard counts them, with their names in the C structure.
const PLACES: &[(usize, &str)] = &[
    (2, "answerCall"),
    (5, "clearConnection"),
    (12, "makeCall"),
    (17, "queryAgentState"),
    (19, "queryDeviceInfo"),
    (25, "setAgentState"),
    (27, "eventReport"),
    (28, "callClearedEvent"),
    (30, "connectionClearedEvent"),
    (31, "deliveredEvent"),
    (32, "divertedEvent"),
    (33, "establishedEvent"),
    (34, "failedEvent"),
    (36, "networkReachedEvent"),
    (37, "originatedEvent"),
    (38, "queuedEvent"),
    (40, "serviceInitiatedEvent"),
    (42, "callInformationEvent"),
    (46, "loggedOnEvent"),
    (47, "loggedOffEvent"),
    (48, "notReadyEvent"),
    (49, "readyEvent"),
    (50, "workNotReadyEvent"),
    (52, "backInServiceEvent"),
    (53, "outOfServiceEvent"),
    (60, "monitorDevice"),
    (61, "monitorCall"),
    (62, "monitorCallsViaDevice"),
    (64, "monitorStop"),
    (65, "monitorEnded"),
    (66, "snapshotDeviceReq"),
    (67, "snapshotCallReq"),
    (73, "sysStatReq"),
    (74, "sysStatStart"),
    (75, "sysStatStop"),
    (79, "sysStatEvent"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_stands_at_the_standards_places() {
        let places = Capabilities::BUILT.0;
        assert!(places[1] && places[4] && places[11], "answer, clear and make calls");
        assert!(!places[10], "hold is not built");
        assert_eq!(places.iter().filter(|&&built| built).count(), PLACES.len());
    }
}
