//! The smallest site that has everything: three stations, a trunk, a queue with one agent, a parking place, and a
//! number whose calls run a flow that asks a client for the route. With it, what is judged after each step.
//!
//! Never: knows what a service ought to do next, beyond the promise in its confirmation.

use std::collections::BTreeSet;

use tipring_driver::engine::EventSink;
use tipring_driver::ids::ChannelId;
use tipring_driver::line::{LineEvent, LineKind};

use super::promise::Promises;
use super::step::{At, Of, STATIONS, Step, Took};
use crate::channel::State;
use crate::config::{Config, StationKind};
use crate::core::Trouble;
use crate::csta::private::RequestData;
use crate::csta::{
    AgentMode, CallId, ConnectionId, MonitorCrossRefId, MonitorFilter, Reply, Request, RouteRegisterId,
    RoutingCrossRefId,
};
use crate::device::Device;
use crate::model::{Bounds, ConnectionState};
use crate::route::feature_code::SecondFlash;
use crate::testing::judge::Judge;
use crate::testing::rig::{ALL, Rig};
use crate::testing::walks::flow;
use crate::testing::{book, site};
use crate::timers::Timer;

/// Call identifiers are greater than this; other numbers are not.
pub(super) const FIRST_CALL: i32 = 1_000_000;
/// Calls at the same time, and calls at one station.
const BOUNDS: Bounds = Bounds { calls: 3, connections: 6, appearances: 2 };
/// The devices with a line.
pub(super) const LINES: [At; 4] = [At::T1, At::S1001, At::S1002, At::S1003];
/// Deadlines and hang-ups in which every state must have ended.
const ENDS_WITHIN: usize = 100;

/// A fault planted by a test into a step.
pub(super) type Fault = fn(Step, &mut Rig);

/// The site in one state.
pub(super) struct Site {
    pub(super) rig: Rig,
    judge: Judge,
    /// Headsets whose answer was confirmed and has not come yet.
    pub(super) answers: BTreeSet<At>,
    /// Records of calls before this state was set apart.
    records: u64,
    fault: Fault,
}

fn config() -> Config {
    let mut site = site();
    let main = flow(
        "main",
        &[
            ("ask", r#"{"do":"ask","route":"6000","wait":3000,"failed":"queue"}"#),
            ("queue", r#"{"do":"queue","queue":"5000","full":"busy"}"#),
            ("busy", r#"{"do":"busy"}"#),
        ],
    );
    site.flows = book(&[main]);
    site.flows.phrases.clear();
    site.stations[1].kind = StationKind::Headset;
    site.stations[2].kind = StationKind::Handset;
    site.parking.truncate(1);
    site.agents.truncate(1);
    site.last_call = CallId(FIRST_CALL);
    site
}

impl Site {
    /// The site before its first call: all lines but the second trunk's in service, the headset worn, the agent ready.
    pub(super) fn new(fault: Fault) -> Site {
        Site::of(config(), BOUNDS, fault)
    }

    /// The site whose second flash alternates.
    pub(super) fn alternating() -> Site {
        Site::of(Config { second_flash: SecondFlash::Alternate, ..config() }, BOUNDS, |_, _| ())
    }

    /// The site with room for one call, of two devices.
    pub(super) fn of_one_call() -> Site {
        Site::of(config(), Bounds { calls: 1, connections: 2, appearances: 1 }, |_, _| ())
    }

    fn of(config: Config, bounds: Bounds, fault: Fault) -> Site {
        let mut rig = Rig::out_of_service(config, 64);
        rig.core.model.set_bounds(bounds);
        (rig.core.routing.last_register, rig.core.routing.last_dialogue) = (2 * FIRST_CALL, 3 * FIRST_CALL);
        for at in LINES {
            let kind = if at == At::T1 { LineKind::Trunk } else { LineKind::Station };
            rig.line(at.channel().expect("a line"), LineEvent::InService(kind));
        }
        rig.line(At::S1002.channel().expect("a line"), LineEvent::OffHook);
        let mut judge = Judge::default();
        for name in ["1001", "1002", "1003", "5000", "T1"] {
            rig.monitor(name);
            judge.devices.insert(MonitorCrossRefId(judge.devices.len() as i32 + 1), name);
        }
        for station in STATIONS {
            let request = Request::SetDoNotDisturb { device: station.id(), do_not_disturb: false };
            rig.ask(ALL, request).expect("a station");
        }
        rig.agent("1002", "7001", AgentMode::LogIn).expect("logged on");
        Site { rig, judge, answers: BTreeSet::new(), records: 0, fault }
    }

    /// A copy of the state; what becomes of one does not touch the other.
    pub(super) fn fork(&self) -> Site {
        Site {
            rig: self.rig.fork(),
            judge: self.judge.clone(),
            answers: self.answers.clone(),
            records: self.records + self.rig.calls().len() as u64,
            fault: self.fault,
        }
    }

    /// Takes a step and judges what has come of it.
    pub(super) fn take(&mut self, step: Step) -> Took {
        let promises = Promises::of(step, self);
        let took = step.take(self);
        if took == Took::Done {
            (self.fault)(step, &mut self.rig);
            self.rig.core.check_deadlines();
            promises.judge(self);
            self.judge.judge(&mut self.rig);
            // More calls than there may be are refused.
            let trouble = self.rig.troubles.iter().find(|it| !matches!(it, Trouble::TooManyCalls { .. }));
            assert!(trouble.is_none(), "{trouble:?}");
        }
        took
    }

    /// A client asks.
    pub(super) fn ask(&mut self, request: Request, data: Option<Box<RequestData>>) -> Took {
        self.rig.replies.clear();
        self.rig.send_with(ALL, request, data);
        match self.rig.replies.pop() {
            Some((_, Err(_))) => Took::Refused,
            Some((_, Ok(_))) | None => Took::Done,
        }
    }

    /// A client asks for what changes nothing; a monitor that it begins has its filter changed, and ends at once.
    pub(super) fn inquire(&mut self, request: Request) {
        self.rig.replies.clear();
        self.rig.send_with(ALL, request, None);
        if let Some((_, Ok(Reply::Monitor { monitor, .. }))) = self.rig.replies.pop() {
            let filter = MonitorFilter { call: u16::MAX, ..MonitorFilter::NONE };
            self.rig.ask(ALL, Request::ChangeMonitorFilter { monitor, filter }).expect("it has just begun");
            self.rig.ask(ALL, Request::MonitorStop { monitor }).expect("it has just begun");
        }
    }

    /// Time passes until something is due.
    pub(super) fn pass_to_deadline(&mut self) -> Took {
        let Some(at) = self.rig.core.next_tick() else { return Took::Nothing };
        self.rig.now = at;
        self.rig.sink.tick(at);
        self.rig.pump();
        Took::Done
    }

    /// The state of a line.
    pub(super) fn line(&self, at: At) -> State {
        at.channel().map_or(State::OutOfService, |channel| self.rig.table.read(ChannelId(channel)).state)
    }

    pub(super) fn calls(&self) -> impl Iterator<Item = CallId> {
        self.rig.core.details.keys().copied()
    }

    pub(super) fn device(&self, at: At) -> Device {
        self.rig.core.devices.find(&at.id()).unwrap_or_else(|| panic!("{at:?} is no device"))
    }

    pub(super) fn state(&self, call: CallId, at: At) -> Option<ConnectionState> {
        self.rig.core.model.state(call, self.device(at))
    }

    /// A connection that is there.
    pub(super) fn connection(&self, Of(at, place): Of) -> Option<ConnectionId> {
        let device = self.device(at);
        let parties = self.rig.core.details.values().filter_map(|detail| detail.party(device));
        parties.map(|party| party.connection).nth(usize::from(place))
    }

    /// The one call at a device in a state.
    pub(super) fn call_in(&self, at: At, state: ConnectionState) -> Option<CallId> {
        self.calls().find(|&call| self.state(call, at) == Some(state))
    }

    pub(super) fn hears_dial_tone(&self, at: At) -> bool {
        self.line(at) == State::InUse && self.call_in(at, ConnectionState::Initiated).is_some()
    }

    /// Returns true if no station has a feature set.
    pub(super) fn is_plain(&self) -> bool {
        STATIONS.into_iter().filter_map(|at| self.device(at).station()).all(|station| {
            let features = &self.rig.core.features;
            !features.do_not_disturb(station) && features.forwards(station).is_empty()
        })
    }

    pub(super) fn registration(&self) -> Option<RouteRegisterId> {
        self.rig.core.routing.registrations.keys().next().copied()
    }

    pub(super) fn dialogue(&self) -> Option<(RouteRegisterId, RoutingCrossRefId)> {
        self.rig.core.routing.dialogues.iter().next().map(|(&dialogue, open)| (open.register, dialogue))
    }

    /// All hang up, and deadlines do the rest; or deadlines do what they can first. Returns the deadlines it took.
    pub(super) fn end(mut self, waits: bool) -> usize {
        let mut deadlines = 0;
        while waits && deadlines < ENDS_WITHIN / 2 && self.rig.core.timers.iter().any(is_of_a_call) {
            self.take(Step::Deadline);
            deadlines += 1;
        }
        loop {
            self.hang_up();
            if self.rig.core.is_settled() {
                break;
            }
            assert!(deadlines < ENDS_WITHIN, "never empty: {}", self.in_words());
            assert_eq!(self.take(Step::Deadline), Took::Done, "nothing is waited for: {}", self.in_words());
            deadlines += 1;
        }
        self.check_empty();
        deadlines
    }

    fn hang_up(&mut self) {
        for at in LINES {
            let step = match (self.line(at), at) {
                (State::InUse | State::Dialling, At::T1) => Step::FarEndGoes,
                (State::Offered, _) => Step::RingingStops,
                (State::InUse, _) => Step::PutDown(at),
                _ => continue,
            };
            self.take(step);
        }
    }

    fn check_empty(&self) {
        let core = &self.rig.core;
        assert!(core.details.is_empty() && core.looked_up.is_empty() && core.dips.is_empty() && core.pins.is_empty());
        assert!(core.prompted.is_empty(), "{:?} wait for a call that is over", core.prompted);
        let left: Vec<_> = core.timers.iter().filter(|&timer| is_of_a_call(timer)).collect();
        assert!(left.is_empty(), "{left:?}");
        for at in LINES {
            assert!(matches!(self.line(at), State::Idle | State::OutOfService), "{at:?} is {:?}", self.line(at));
        }
        let records = self.records + self.rig.calls().len() as u64;
        assert_eq!(core.counters().calls, records, "each call leaves one record");
    }

    /// The state in words.
    pub(super) fn in_words(&self) -> String {
        let core = &self.rig.core;
        let one = |call: &crate::model::Call| {
            let each = call.connections.iter();
            let each = each.map(|it| format!("{} {:?} {:?}", core.devices.id(it.device), it.state, it.deadline));
            format!("call {}: {}", call.id.0 - FIRST_CALL, each.collect::<Vec<_>>().join(", "))
        };
        let lines = LINES.map(|at| format!("{at:?} {:?}", self.line(at))).join(", ");
        let timers: Vec<_> = core.timers.iter().collect();
        format!("{}; lines: {lines}; timers: {timers:?}", core.model.calls().map(one).collect::<Vec<_>>().join("; "))
    }
}

/// Returns true for a timer that ends with the calls.
fn is_of_a_call(timer: Timer) -> bool {
    !matches!(timer, Timer::Agent(_) | Timer::CallBack(_) | Timer::Floor)
}
