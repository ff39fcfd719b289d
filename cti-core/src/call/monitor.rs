//! Who asked to hear what: monitors, their filters and their cross references.
//!
//! A *device* monitor hears the events of every call while its device takes part, and the device's own events. A
//! *calls-via-device* monitor follows each call that touches its device until that call ends; a *call* monitor follows
//! one call. Cross references count up within a session and are never used again there.
//!
//! Never: knows what an event means beyond which bit of the filter suppresses it.

use std::collections::BTreeMap;

use crate::call::device::Device;
use crate::csta::event::Event;
use crate::csta::request::MonitorFilter;
use crate::csta::{CallId, cause::UniversalFailure};
use crate::ids::{MonitorCrossRefId, SessionId};
use crate::limits::{OBJECT_MONITORS_MAX, SESSION_MONITORS_MAX};

/// A monitor among those of all sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonitorKey {
    /// Whose it is.
    pub session: SessionId,
    /// Its cross reference there.
    pub id: MonitorCrossRefId,
}

/// What a monitor watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Watched {
    /// A device.
    Device(Device),
    /// Every call that touches a device.
    CallsVia(Device),
    /// One call.
    Call(CallId),
}

/// A monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Monitor {
    /// What it watches.
    pub watched: Watched,
    /// What it does not want.
    pub filter: MonitorFilter,
}

/// All monitors.
#[derive(Debug, Default)]
pub struct Monitors {
    all: BTreeMap<MonitorKey, Monitor>,
    by_object: BTreeMap<Watched, Vec<MonitorKey>>,
    sessions: BTreeMap<SessionId, OfSession>,
}

/// What is counted of a session's monitors.
#[derive(Debug, Default)]
struct OfSession {
    last: i32,
    alive: usize,
}

impl Monitors {
    /// Begins a monitor.
    pub fn begin(
        &mut self,
        session: SessionId,
        watched: Watched,
        filter: MonitorFilter,
    ) -> Result<MonitorKey, UniversalFailure> {
        let of_session = self.sessions.entry(session).or_default();
        if of_session.alive >= SESSION_MONITORS_MAX || of_session.last == i32::MAX {
            return Err(UniversalFailure::OverallMonitorLimitExceeded);
        }
        let of_object = self.by_object.entry(watched).or_default();
        if of_object.len() >= OBJECT_MONITORS_MAX {
            return Err(UniversalFailure::ObjectMonitorLimitExceeded);
        }
        of_session.last += 1;
        of_session.alive += 1;
        let key = MonitorKey { session, id: MonitorCrossRefId(of_session.last) };
        of_object.push(key);
        self.all.insert(key, Monitor { watched, filter });
        Ok(key)
    }

    /// Ends a monitor; none if there is no such.
    pub fn end(&mut self, key: MonitorKey) -> Option<Monitor> {
        let monitor = self.all.remove(&key)?;
        if let Some(keys) = self.by_object.get_mut(&monitor.watched) {
            keys.retain(|other| *other != key);
            if keys.is_empty() {
                self.by_object.remove(&monitor.watched);
            }
        }
        if let Some(of_session) = self.sessions.get_mut(&key.session) {
            of_session.alive -= 1;
        }
        Some(monitor)
    }

    /// Ends all monitors of a session that is gone.
    pub fn end_session(&mut self, session: SessionId) {
        let from = MonitorKey { session, id: MonitorCrossRefId(i32::MIN) };
        let keys: Vec<MonitorKey> =
            self.all.range(from..).map(|(&key, _)| key).take_while(|key| key.session == session).collect();
        for key in keys {
            self.end(key);
        }
        self.sessions.remove(&session);
    }

    /// A monitor.
    pub fn get(&self, key: MonitorKey) -> Option<&Monitor> {
        self.all.get(&key)
    }

    /// The monitors of an object, in the order in which they began.
    pub fn of(&self, watched: Watched) -> &[MonitorKey] {
        self.by_object.get(&watched).map_or(&[], Vec::as_slice)
    }

    /// Whether a monitor is there and wants an event.
    pub fn wants(&self, key: MonitorKey, event: &Event) -> bool {
        self.all.get(&key).is_some_and(|monitor| monitor.filter.passes(event))
    }

    /// How many monitors there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::device::StationIx;

    const STATION: Watched = Watched::Device(Device::Station(StationIx(0)));
    const ALL: MonitorFilter = MonitorFilter { call: 0, feature: 0, agent: 0, maintenance: 0, private: 0 };

    #[test]
    fn a_cross_reference_is_never_used_twice_in_a_session() {
        let mut monitors = Monitors::default();
        let first = monitors.begin(SessionId(1), STATION, ALL).expect("the first");
        monitors.end(first);
        let second = monitors.begin(SessionId(1), STATION, ALL).expect("the second");
        assert_eq!((first.id, second.id), (MonitorCrossRefId(1), MonitorCrossRefId(2)));
    }

    #[test]
    fn a_session_takes_its_monitors_along_and_nobody_elses() {
        let mut monitors = Monitors::default();
        for session in [1, 2, 1] {
            monitors.begin(SessionId(session), STATION, ALL).expect("few enough");
        }
        monitors.end_session(SessionId(1));
        assert_eq!(monitors.of(STATION), [MonitorKey { session: SessionId(2), id: MonitorCrossRefId(1) }]);
        assert_eq!(monitors.len(), 1);
    }

    #[test]
    fn one_device_and_one_session_have_their_limits() {
        let mut monitors = Monitors::default();
        for session in 0..OBJECT_MONITORS_MAX {
            assert!(monitors.begin(SessionId(session as u32), STATION, ALL).is_ok());
        }
        let refused = monitors.begin(SessionId(999), STATION, ALL);
        assert_eq!(refused, Err(UniversalFailure::ObjectMonitorLimitExceeded));
        for call in 0..SESSION_MONITORS_MAX {
            assert!(monitors.begin(SessionId(1000), Watched::Call(CallId(call as i32)), ALL).is_ok());
        }
        let refused = monitors.begin(SessionId(1000), Watched::Call(CallId(i32::MAX)), ALL);
        assert_eq!(refused, Err(UniversalFailure::OverallMonitorLimitExceeded));
    }
}
