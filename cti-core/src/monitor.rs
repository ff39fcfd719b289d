//! Monitors, their filters, their cross references, and the calls they follow.
//!
//! A *device* monitor reports the events of every call while its device takes part, and the device's own events. A
//! *calls-via-device* monitor follows each call that touches its device until that call ends; a *call* monitor follows
//! one call; through transfer and conference into the call that is left. Cross references count up within a session and
//! are never used again there.
//!
//! Never: knows what an event means beyond which bit of the filter suppresses it.

use std::collections::BTreeMap;

use crate::by_key::{ByCall, ByKey, Key};
use crate::csta::event::Event;
use crate::csta::{CallId, MonitorCrossRefId, MonitorFilter, SessionId, cause::UniversalFailure};
use crate::device::Device;
use crate::limits::SESSION_MONITORS_MAX;
use crate::sorted::Sorted;

/// A monitor among those of all sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct MonitorKey {
    /// The session.
    pub session: SessionId,
    /// The cross reference there.
    pub id: MonitorCrossRefId,
}

/// The object of a monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum MonitorObject {
    /// A device.
    Device(Device),
    /// Every call that touches a device.
    CallsVia(Device),
    /// One call.
    Call(CallId),
}

impl Key for MonitorObject {
    fn number(self) -> u64 {
        match self {
            MonitorObject::Device(device) => device.number(),
            MonitorObject::CallsVia(device) => (1 << 62) | device.number(),
            MonitorObject::Call(call) => (1 << 63) | call.number(),
        }
    }
}

/// A monitor.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Monitor {
    /// The object.
    #[serde(rename = "watched")]
    pub object: MonitorObject,
    /// The events it suppresses.
    pub filter: MonitorFilter,
    /// The calls it follows.
    calls: Sorted<CallId>,
}

/// All monitors.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Monitors {
    #[serde(with = "crate::pairs")]
    all: BTreeMap<MonitorKey, Monitor>,
    #[serde(with = "crate::pairs")]
    by_object: ByKey<MonitorObject, Vec<MonitorKey>>,
    /// Followers of each call, in the order in which they began to follow it.
    followers: ByCall<Vec<MonitorKey>>,
    sessions: BTreeMap<SessionId, OfSession>,
}

/// Counts of a session's monitors.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
struct OfSession {
    last: i32,
    alive: usize,
}

impl Monitors {
    /// Begins a monitor.
    ///
    /// # Errors
    /// OVERALL_MONITOR_LIMIT_EXCEEDED if the session has [`SESSION_MONITORS_MAX`].
    pub fn begin(
        &mut self,
        session: SessionId,
        object: MonitorObject,
        filter: MonitorFilter,
    ) -> Result<MonitorKey, UniversalFailure> {
        let of_session = self.sessions.entry(session).or_default();
        if of_session.alive >= SESSION_MONITORS_MAX || of_session.last == i32::MAX {
            return Err(UniversalFailure::OverallMonitorLimitExceeded);
        }
        let of_object = self.by_object.or_default(object);
        of_session.last += 1;
        of_session.alive += 1;
        let key = MonitorKey { session, id: MonitorCrossRefId(of_session.last) };
        of_object.push(key);
        self.all.insert(key, Monitor { object, filter, calls: Sorted::default() });
        Ok(key)
    }

    /// Ends a monitor; none if there is no such.
    pub fn end(&mut self, key: MonitorKey) -> Option<Monitor> {
        let monitor = self.all.remove(&key)?;
        if let Some(keys) = self.by_object.get_mut(&monitor.object) {
            keys.retain(|other| *other != key);
            if keys.is_empty() {
                self.by_object.remove(&monitor.object);
            }
        }
        for call in monitor.calls.as_slice() {
            if let Some(keys) = self.followers.get_mut(call) {
                keys.retain(|other| *other != key);
                if keys.is_empty() {
                    self.followers.remove(call);
                }
            }
        }
        if let Some(of_session) = self.sessions.get_mut(&key.session) {
            of_session.alive -= 1;
        }
        Some(monitor)
    }

    /// A monitor follows a call from now on.
    pub fn follow(&mut self, key: MonitorKey, call: CallId) {
        let Some(monitor) = self.all.get_mut(&key) else { return };
        if monitor.calls.insert(call) {
            self.followers.or_default(call).push(key);
        }
    }

    /// The monitors that follow a call.
    pub fn followers(&self, call: CallId) -> &[MonitorKey] {
        self.followers.get(&call).map_or(&[], Vec::as_slice)
    }

    /// A call has become part of another: its followers follow that one.
    pub fn merge(&mut self, gone: CallId, into: CallId) {
        for key in self.forget(gone) {
            self.follow(key, into);
            if let Some(monitor) = self.all.get_mut(&key).filter(|monitor| monitor.object == MonitorObject::Call(gone))
            {
                monitor.object = MonitorObject::Call(into);
                self.by_object.or_default(MonitorObject::Call(into)).push(key);
            }
        }
        self.by_object.remove(&MonitorObject::Call(gone));
    }

    /// A call is over: no monitor follows it any more. Returns those that did.
    pub fn forget(&mut self, call: CallId) -> Vec<MonitorKey> {
        let keys = self.followers.remove(&call).unwrap_or_default();
        for key in &keys {
            if let Some(monitor) = self.all.get_mut(key) {
                monitor.calls.remove(call);
            }
        }
        keys
    }

    /// Replaces the filter of a monitor; false if there is no such.
    pub fn set_filter(&mut self, key: MonitorKey, filter: MonitorFilter) -> bool {
        self.all.get_mut(&key).map(|monitor| monitor.filter = filter).is_some()
    }

    /// The monitors of a session with their objects.
    pub fn of_session(&self, session: SessionId) -> impl Iterator<Item = (MonitorKey, MonitorObject)> {
        let from = MonitorKey { session, id: MonitorCrossRefId(i32::MIN) };
        let all = self.all.range(from..).map(|(&key, monitor)| (key, monitor.object));
        all.take_while(move |(key, _)| key.session == session)
    }

    /// Ends all monitors of a session that is gone.
    pub fn end_session(&mut self, session: SessionId) {
        let keys: Vec<MonitorKey> = self.of_session(session).map(|(key, _)| key).collect();
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
    pub fn of(&self, object: MonitorObject) -> &[MonitorKey] {
        self.by_object.get(&object).map_or(&[], Vec::as_slice)
    }

    /// Returns true if the monitor exists and its filter passes the event.
    pub fn wants(&self, key: MonitorKey, event: &Event) -> bool {
        self.all.get(&key).is_some_and(|monitor| monitor.filter.passes(event))
    }

    /// Number of monitors.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Returns true if there is no monitor.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::StationIx;

    const STATION: MonitorObject = MonitorObject::Device(Device::Station(StationIx(0)));
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
    fn a_session_has_its_limit_and_a_device_has_none() {
        let mut monitors = Monitors::default();
        for session in 0..500 {
            assert!(monitors.begin(SessionId(session), STATION, ALL).is_ok());
        }
        for call in 0..SESSION_MONITORS_MAX {
            assert!(monitors.begin(SessionId(1000), MonitorObject::Call(CallId(call as i32)), ALL).is_ok());
        }
        let refused = monitors.begin(SessionId(1000), MonitorObject::Call(CallId(i32::MAX)), ALL);
        assert_eq!(refused, Err(UniversalFailure::OverallMonitorLimitExceeded));
    }

    #[test]
    fn followers_go_with_their_call_into_another_and_with_their_monitor() {
        let (mut monitors, one, two) = (Monitors::default(), CallId(1), CallId(2));
        let via =
            monitors.begin(SessionId(1), MonitorObject::CallsVia(Device::Station(StationIx(0))), ALL).expect("few");
        let call = monitors.begin(SessionId(1), MonitorObject::Call(one), ALL).expect("few");
        monitors.follow(via, one);
        monitors.follow(call, one);
        monitors.follow(via, two);
        monitors.merge(one, two);
        assert_eq!((monitors.followers(one), monitors.followers(two)), (&[][..], &[via, call][..]));
        assert_eq!(monitors.of(MonitorObject::Call(two)), [call]);
        monitors.end(via);
        assert_eq!(monitors.followers(two), [call]);
    }
}
