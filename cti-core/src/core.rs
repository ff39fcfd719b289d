//! The switching function: the owner of calls, agents, queues, monitors and timers. It dispatches; the parts are in
//! `switching`.
//!
//! Sans-IO: the outside hands events in by the `handle_*` methods and then drains
//! [`poll_action`](Core::poll_action). `now` is the tick of the last event taken; timers run when a tick marker, or an
//! event of a later tick, says that their time has come.
//!
//! Never: reads a clock, waits, or does anything outside itself.

mod asked;
mod checkpoint;
mod inputs;
mod log;
mod new;
mod site_state;
mod users;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use tipring_driver::ids::{ChannelId, RecordingId};
use tipring_driver::media::RecordingKind;
use tipring_driver::time::Tick;

use crate::acd;
use crate::acd::call_back_requests::Requests;
use crate::acd::callers::Callers;
use crate::acd::floor::Floor;
use crate::acd::ids::CallBackId;
pub use crate::action::{Action, Counters, Trouble};
use crate::agent::Roster;
use crate::agent::ring_count::RingCadence;
use crate::by_key::ByCall;
use crate::call::Detail;
use crate::channel::ChannelView;
use crate::config::CallTimers;
use crate::csta::rights::Rights;
use crate::csta::{CallId, DeviceId, SessionId, Ucid};
use crate::device::{Device, Devices, Features, QueueIx, TrunkIx};
use crate::flow::book::FlowBooks;
use crate::flow::calendar::Routes;
use crate::flow::walk::DipId;
use crate::limits::COMMANDS_KEPT;
use crate::model::{Change, Model};
use crate::monitor::Monitors;
use crate::notice::Notice;
use crate::number_plan::NumberPlan;
use crate::pending::{Completion, OpenRecording, PromptedServices, Supervisions, Tap};
use crate::recording::rules::RecordingRules;
use crate::route::dial_plan::DialPlan;
use crate::route::dialogue::Routing;
use crate::route::feature_code::{FeatureCodes, SecondFlash};
use crate::route::target::Target;
use crate::route::trunk_group::TrunkGroups;
use crate::sorted::Sorted;
use crate::sound::Sound;
use crate::store::{Record, StoreId};
use crate::timers::{Timer, Timers};

pub(crate) use asked::Asked;
pub use checkpoint::{Checkpoint, FORMAT, OLDEST_FORMAT};
use log::InputLog;
pub(crate) use new::QueueSettings;
pub use site_state::CallInProgress;

/// A session, as far as the core has to know it.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Session {
    /// The user.
    pub(crate) login: String,
    /// The user's rights.
    pub(crate) rights: Arc<Rights>,
}

/// From line events and requests to commands, answers and events. Serialised by [`checkpoint`](Core::checkpoint).
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(Clone))]
pub struct Core {
    pub(crate) now: Tick,
    pub(crate) epoch_ms: u64,
    pub(crate) times: CallTimers,
    node: u32,
    pub(crate) record: Option<RecordingKind>,
    /// Rules by which calls are chosen to be recorded.
    pub(crate) record_rules: RecordingRules,
    /// Places on the way of commands to the engine.
    pub(crate) command_room: usize,
    /// The disk has room for new recordings.
    pub(crate) has_recording_room: bool,
    pub(crate) hold_music: Option<String>,
    pub(crate) channels: ChannelView,
    pub(crate) devices: Devices,
    /// The channels that are in service.
    pub(crate) in_service: Sorted<ChannelId>,
    pub(crate) entries: Vec<Target>,
    /// The flows; calls keep to the version that they began with.
    pub(crate) flows: FlowBooks,
    /// The names of flows, those of earlier versions included: a number of a flow stands for a name.
    pub(crate) flow_names: Vec<String>,
    /// The routes of calendars, by name.
    pub(crate) calendars: BTreeMap<String, Routes>,
    /// Begins and ends of business days from now on, ms since 1970, the earliest first.
    #[serde(default)]
    pub(crate) business_days: Vec<(u64, u64)>,
    /// Questions to data sources, with their calls.
    pub(crate) dips: BTreeMap<DipId, CallId>,
    pub(crate) next_dip: u64,
    pub(crate) next_composed: u32,
    /// The numbering plan by which numbers are compared.
    pub(crate) numbers: NumberPlan,
    pub(crate) dial_plan: DialPlan,
    pub(crate) trunk_groups: TrunkGroups,
    pub(crate) features: Features,
    /// Calls to engaged stations that are to be completed.
    #[serde(rename = "call_backs")]
    pub(crate) completions: Vec<Completion>,
    /// Requests to be called back, and those that the store has not acknowledged.
    pub(crate) requests: Requests,
    pub(crate) unsaved: BTreeMap<StoreId, CallBackId>,
    pub(crate) routing: Routing,
    pub(crate) supervisions: Supervisions,
    pub(crate) prompted: PromptedServices,
    #[serde(rename = "key_codes")]
    pub(crate) feature_codes: Arc<FeatureCodes>,
    pub(crate) second_flash: SecondFlash,
    /// Stations that wait for the verification of a PIN, with their calls.
    pub(crate) pins: BTreeMap<crate::device::StationIx, CallId>,
    /// The table of connections.
    pub(crate) model: Model,
    /// The particulars of each call.
    pub(crate) details: ByCall<Box<Detail>>,
    pub(crate) roster: Roster,
    pub(crate) floor: Floor,
    pub(crate) queues: Vec<QueueSettings>,
    pub(crate) ring_cadence: RingCadence,
    /// The number of the last entry in the log.
    pub(crate) last_entry: u64,
    pub(crate) is_log_begun: bool,
    /// Calls that have entered a queue in this transaction; empty between two.
    pub(crate) queued: Vec<CallId>,
    /// The wall clock less the ticks, ms.
    pub(crate) clock_shift_ms: i64,
    pub(crate) callers: Callers,
    /// Calls that a gate has turned away in this transaction; empty between two.
    pub(crate) exits: Vec<(CallId, QueueIx, acd::rule::Target)>,
    pub(crate) next_token: u32,
    pub(crate) next_playing: u32,
    pub(crate) sound: Sound,
    /// Devices whose connections have changed in this transaction.
    pub(crate) touched: Sorted<Device>,
    pub(crate) touched_calls: Sorted<CallId>,
    /// The changes of this transaction; empty between two.
    #[serde(skip)]
    pub(crate) changes: Vec<Change>,
    pub(crate) recordings: BTreeMap<RecordingId, OpenRecording>,
    pub(crate) taps: BTreeMap<RecordingId, Tap>,
    /// Counts of new messages, by owner.
    pub(crate) new_messages: BTreeMap<String, u32>,
    /// The notices that hold or will hold.
    pub(crate) notices: Vec<Notice>,
    pub(crate) next_recording: u16,
    pub(crate) timers: Timers,
    pub(crate) monitors: Monitors,
    pub(crate) sessions: BTreeMap<SessionId, Session>,
    users: BTreeMap<String, Arc<Rights>>,
    /// Calls whose caller the store is looking up.
    pub(crate) looked_up: BTreeMap<StoreId, CallId>,
    /// The program stops: no call is offered to an agent any more.
    pub(crate) is_stopping: bool,
    /// New calls are refused; those in progress go on.
    pub(crate) is_draining: bool,
    /// The conditions between two transactions are checked; a measurement leaves that out.
    #[cfg(test)]
    #[serde(skip, default = "checkpoint::checked")]
    pub(crate) is_checked: bool,
    next_store_id: u64,
    /// The records of all requests up to this one are safe.
    #[serde(default)]
    kept: StoreId,
    /// The records of the present input, with the number of their request; none between two, once the actions are
    /// carried out.
    #[serde(skip)]
    to_keep: Option<(StoreId, Vec<Record>)>,
    /// The store is behind, and that was reported.
    #[serde(default)]
    is_store_behind: bool,
    /// Trunks whose calls were not taken and may ring on, the first first.
    #[serde(default)]
    pub(crate) left_ringing: VecDeque<TrunkIx>,
    /// Questions without an answer yet; none where they need not be asked again, for no log is kept.
    pub(crate) asked: Option<Asked>,
    /// Inputs that have been taken, if they are logged.
    #[serde(skip)]
    input_log: InputLog,
    /// Carried out before a checkpoint is taken.
    #[serde(skip)]
    pub(crate) actions: VecDeque<Action>,
    pub(crate) counters: Counters,
}

impl Core {
    /// The tick the core has come to.
    pub fn now(&self) -> Tick {
        self.now
    }

    /// The tick at which time alone brings the next change; none if nothing is waited for.
    pub fn next_tick(&self) -> Option<Tick> {
        self.timers.next()
    }

    /// Counts since the start.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// The number of the last entry in the log of events.
    pub const fn last_entry(&self) -> u64 {
        self.last_entry
    }

    /// The number of calls.
    pub fn calls(&self) -> usize {
        self.model.len()
    }

    /// The sessions that are open, in ascending order.
    pub fn open_sessions(&self) -> impl Iterator<Item = SessionId> {
        self.sessions.keys().copied()
    }

    /// The highest call identifier used so far.
    pub fn last_call(&self) -> CallId {
        self.model.last()
    }

    /// The number of calls that wait in a queue; none if there is no such queue.
    pub fn queue_waiting(&self, queue: &DeviceId) -> Option<usize> {
        match self.devices.find(queue)? {
            Device::Queue(queue) => Some(self.floor.waiting(queue)),
            Device::Trunk(_) | Device::Station(_) | Device::Park(_) | Device::Number(_) => None,
        }
    }

    /// Returns true if there is no call, and no recording whose end has not been reported.
    pub fn is_settled(&self) -> bool {
        self.model.is_empty() && self.recordings.is_empty()
    }

    /// The next thing to be done outside, in the order in which it was decided.
    pub fn poll_action(&mut self) -> Option<Action> {
        if self.actions.is_empty() {
            self.hand_on_records();
        }
        self.actions.pop_front()
    }

    /// Returns true if a new call may command lines. Each action not yet taken counts as a command.
    pub(crate) fn has_command_room(&self) -> bool {
        self.command_room.saturating_sub(self.actions.len()) > COMMANDS_KEPT
    }

    pub(crate) fn set_now(&mut self, now: Tick) {
        self.now = now;
        self.model.set_now(now);
        if self.dial_plan.outside.changes_by(self.moment()) {
            self.follow_calendars();
        }
    }

    /// Rules of the dial plan are in force by the hours of their calendars.
    pub(crate) fn follow_calendars(&mut self) {
        let moment = self.moment();
        self.dial_plan.outside.follow(&self.calendars, moment);
    }

    /// The universal identifier of a call: node, sequence and time, 20 digits. With identifiers that go on after a
    /// restart it is never used twice.
    pub(crate) fn ucid(&self, call: CallId) -> Ucid {
        let seconds = (self.epoch_ms + self.now.0) / 1000;
        let call = u64::from(call.0.unsigned_abs()) % 100_000;
        let mut text = [b'0'; 20];
        for (half, mut number) in text.chunks_exact_mut(10).zip([u64::from(self.node) * 100_000 + call, seconds]) {
            for place in half.iter_mut().rev() {
                *place += (number % 10) as u8;
                number /= 10;
            }
        }
        str::from_utf8(&text).ok().and_then(|text| Ucid::new(text).ok()).unwrap_or_default()
    }

    fn advance(&mut self, to: Tick) {
        while let Some(at) = self.timers.next().filter(|&at| at <= to) {
            self.set_now(self.now.max(at));
            if let Some(timer) = self.timers.expired(at) {
                match timer {
                    Timer::Connection(call, device) => self.on_deadline(call, device),
                    Timer::Agent(agent) => self.on_agent_due(agent),
                    Timer::Floor => {}
                    Timer::CallBack(request) => self.on_request_due(request),
                    Timer::RecordingEnd(recording) => self.on_recording_lost(recording),
                    Timer::RecordingPause(recording) => self.on_pause_limit(recording),
                }
                self.commit();
            }
        }
        self.set_now(self.now.max(to));
    }
}
