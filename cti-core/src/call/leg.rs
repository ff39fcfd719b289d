//! A leg: a device's part in a call from its first state to its last, for its record.
//!
//! Never: reads the model.

use tipring_driver::time::{Tick, Ticks};

use super::holds::Holds;
use crate::acd::ids::AgentIx;
use crate::csta::cause::EventCause;
use crate::model::{ConnectionState, Role};

/// A leg that is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Leg {
    /// The beginning.
    pub began: Tick,
    /// The first moment in which the device took part.
    pub connected: Option<Tick>,
    /// The state.
    state: ConnectionState,
    /// The beginning of the state.
    since: Tick,
    /// The furthest state so far.
    pub reached: ConnectionState,
    /// Time of ringing.
    pub rung: Ticks,
    /// Time on hold.
    #[serde(flatten)]
    pub holds: Holds,
    /// The cause of the failure, of a connection that hears its tone.
    pub failure: Option<EventCause>,
    /// The agent at the device.
    pub agent: Option<AgentIx>,
    /// The part in the conversation.
    pub role: Role,
}

impl Leg {
    /// A leg that begins in a state.
    pub fn new(state: ConnectionState, now: Tick) -> Leg {
        let mut holds = Holds::default();
        if state == ConnectionState::Held {
            holds.begin(now);
        }
        Leg {
            began: now,
            connected: (rank(state) == rank(ConnectionState::Connected)).then_some(now),
            state,
            since: now,
            reached: state,
            rung: Ticks::ZERO,
            holds,
            failure: None,
            agent: None,
            role: Role::Party,
        }
    }

    /// The leg of this device in the call that takes this one in: it begins with the state here.
    pub fn goes_on(&self, now: Tick) -> Leg {
        Leg { agent: self.agent, role: self.role, ..Leg::new(self.state, now) }
    }

    /// The device goes to another state, or leaves.
    pub fn step(&mut self, to: Option<ConnectionState>, now: Tick) {
        match self.state {
            ConnectionState::Alerting => self.rung = self.rung + now.since(self.since),
            ConnectionState::Held => self.holds.end(now),
            _ => {}
        }
        self.since = now;
        let Some(to) = to else { return };
        self.state = to;
        if rank(to) > rank(self.reached) {
            self.reached = to;
        }
        match to {
            ConnectionState::Connected => _ = self.connected.get_or_insert(now),
            ConnectionState::Held => self.holds.begin(now),
            _ => {}
        }
    }
}

/// Order of states by how far a device has got. One that is held had taken part; a failure is no progress.
const fn rank(state: ConnectionState) -> u8 {
    match state {
        ConnectionState::Failed => 0,
        ConnectionState::Initiated => 1,
        ConnectionState::Queued => 2,
        ConnectionState::Alerting => 3,
        ConnectionState::Connected | ConnectionState::Held => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ConnectionState::{Alerting, Connected, Failed, Held};

    fn walk(steps: &[(Option<ConnectionState>, u64)]) -> Leg {
        let mut leg = Leg::new(Alerting, Tick(100));
        steps.iter().for_each(|&(to, at)| leg.step(to, Tick(at)));
        leg
    }

    #[test]
    fn ringing_and_each_hold_are_counted_and_the_longest_hold_is_kept() {
        let leg =
            walk(&[(Some(Connected), 400), (Some(Held), 500), (Some(Connected), 800), (Some(Held), 900), (None, 1000)]);
        assert_eq!((leg.began, leg.connected, leg.reached), (Tick(100), Some(Tick(400)), Connected));
        let holds = Holds { total: Ticks(400), longest: Ticks(300), count: 2, since: None };
        assert_eq!((leg.rung, leg.holds), (Ticks(300), holds));
    }

    #[test]
    fn a_failure_after_the_answer_takes_nothing_back() {
        let leg = walk(&[(Some(Connected), 400), (Some(Failed), 900), (None, 2000)]);
        assert_eq!((leg.connected, leg.reached), (Some(Tick(400)), Connected));
    }

    #[test]
    fn a_device_held_in_a_call_that_is_taken_in_goes_on_as_held() {
        let leg = walk(&[(Some(Connected), 400), (Some(Held), 500)]).goes_on(Tick(900));
        assert_eq!((leg.began, leg.connected, leg.holds.count), (Tick(900), Some(Tick(900)), 1));
    }
}
