//! All wires of a card and the people at them, stepped as one.

use std::collections::VecDeque;

use super::agent::Agent;
use super::context::Context;
use super::remote::{Act, Remote};
use super::truth::{Side, TruthLog, What};
use super::voice::{PHRASE_MAX, Phrases};
use crate::network::country::Country;
use crate::network::exchange::{ExchangeEvent, ExchangeLine, Refusal};
use crate::network::impairment::{ImpairedLine, Impairments};
use crate::network::signal::SILENCE;
use crate::network::signal::caller_id::{CallerIdData, Format, Identity, Stamp};
use crate::network::{StationFeed, StationLoad, TrunkFeed, TrunkLoad, WireFeed, WireLoad, World};
use crate::scenario::{CallPlan, OpeningAfter, Plan, Scenario, ScenarioError, Shifts, Socket, Stream, stream};

/// The longest synthesised phrase, in samples, and a little more.
const VOICE_MAX: usize = 8_200 * 8;
/// Everything must have been at rest for so long before the day is over, in ms.
const REST_MS: u32 = 1000;
/// Silence after which a called party hangs up, in ms.
const CALLEE_PATIENCE_MS: u32 = 10_000;

/// A line of the exchange and the party beyond it.
#[derive(Debug)]
struct Line {
    socket: u8,
    exchange: ExchangeLine,
    /// Impairments of the line, if any.
    wire: Option<ImpairedLine>,
    remote: Option<Remote>,
    /// The last call that came in on it.
    call: Option<CallPlan>,
    /// It was never answered: the line must rest longer.
    unanswered: bool,
}

/// The world at the wires of a card.
#[derive(Debug)]
pub struct Town {
    plan: Plan,
    country: Country,
    phrases: Phrases,
    lines: Vec<Line>,
    /// Agents, and what the wires of their telephones do to sound, if anything.
    agents: Vec<(Agent, Option<ImpairedLine>)>,
    /// Line or agent of each socket: an index into one of the two, by what is plugged in.
    sockets: Vec<(Socket, usize)>,
    /// Calls yet to come, in their order.
    waiting: VecDeque<CallPlan>,
    /// Remote parties whose line is gone, and who listen to the network's busy tone.
    leaving: Vec<Remote>,
    next_outgoing: u32,
    opened_at: Option<u64>,
    /// Shifts that are over, the end of the present one in ms after the opening, and how long everything has rested
    /// since then.
    shifts: u32,
    shift_ends_ms: u64,
    rested_ms: u32,
    /// Calls alone that are still to come in this shift, once they have begun.
    alone_left: Option<u32>,
    over: bool,
    context: Context,
}

impl Town {
    /// The town of a scenario, with the modules in the card's sockets, and the output of its events.
    ///
    /// `caller_audio`, 8 kHz, is what callers say instead of speaking in a synthesised voice.
    ///
    /// # Errors
    ///
    /// A [`ScenarioError`] if the scenario contradicts itself or the sockets.
    pub fn new(
        scenario: &Scenario,
        seed: u64,
        sockets: &[Socket],
        caller_audio: Option<Vec<i16>>,
    ) -> Result<(Town, TruthLog), ScenarioError> {
        Ok(Town::of_plan(scenario.plan(seed, sockets)?, sockets, caller_audio))
    }

    /// The town of a plan that was made for the same sockets.
    pub fn of_plan(plan: Plan, sockets: &[Socket], caller_audio: Option<Vec<i16>>) -> (Town, TruthLog) {
        let country = plan.equipment.country;
        let seed = plan.seed;
        let longest = if caller_audio.is_some() { PHRASE_MAX } else { VOICE_MAX };
        let phrases = Phrases::new(seed, caller_audio).with_length(plan.phrase_ms);
        let (mut context, log) = Context::new(longest);
        let mut town_sockets = Vec::new();
        let (mut lines, mut agents) = (Vec::new(), Vec::new());
        for (socket, &kind) in (0u8..).zip(sockets) {
            match kind {
                Socket::Empty => town_sockets.push((kind, 0)),
                Socket::Trunk => {
                    town_sockets.push((kind, lines.len()));
                    let rng = stream(seed, Stream::Line, u64::from(socket));
                    let exchange = ExchangeLine::new(plan.equipment, rng);
                    let wire = impaired(plan.line_impairments, seed, socket);
                    lines.push(Line { socket, exchange, wire, remote: None, call: None, unanswered: false });
                }
                Socket::Station => {
                    town_sockets.push((kind, agents.len()));
                    let unplanned = || crate::scenario::AgentPlan::unattended(socket);
                    let agent = plan.agents.iter().find(|a| a.station == socket).cloned().unwrap_or_else(unplanned);
                    let outgoing = plan.outgoing.iter().filter(|o| o.station == socket).cloned().collect();
                    let rng = stream(seed, Stream::Agent, u64::from(socket));
                    let wire = impaired(plan.station_impairments, seed, socket);
                    agents.push((Agent::new(agent, &country, phrases.clone(), rng, outgoing), wire));
                }
            }
        }
        context.emit(What::Began { seed, calls: plan.calls.len() as u32 });
        let town = Town {
            country,
            phrases,
            lines,
            agents,
            sockets: town_sockets,
            waiting: plan.calls.iter().cloned().collect(),
            leaving: Vec::new(),
            next_outgoing: plan.calls.len() as u32 + 1,
            opened_at: None,
            shifts: 0,
            shift_ends_ms: u64::from(plan.shifts.length_ms),
            rested_ms: 0,
            alone_left: None,
            over: false,
            context,
            plan,
        };
        (town, log)
    }

    /// The plan of the day.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    fn open(&mut self) {
        let now = self.context.now();
        let ready = match self.plan.opening_after {
            OpeningAfter::Start => true,
            OpeningAfter::StationsLive => self.agents.iter().all(|(agent, _)| agent.is_ready_to_open()),
        };
        if ready {
            self.opened_at = Some(now + u64::from(self.plan.opening_delay_ms));
        }
    }

    /// Time since the day began, if it has.
    fn open_ms(&self) -> Option<u64> {
        self.context.now().checked_sub(self.opened_at?)
    }

    /// Lets the next call come in, if a line has rested long enough for it. No call overtakes another on the same line.
    fn place_calls(&mut self, open_ms: u64) {
        let Some(at) = self.next_call(open_ms) else { return };
        let Some(call) = self.waiting.get(at) else { return };
        let usable = |line: &Line| call.line.is_none_or(|socket| socket == line.socket);
        if self.lines.iter().filter(|line| usable(line)).all(|line| line.exchange.locked_out()) {
            let (call, line) = (call.call, call.line.or(self.lines.first().map(|l| l.socket)).unwrap_or(0));
            self.context.emit(What::CallBlocked { line, call });
            self.waiting.remove(at);
            return;
        }
        let extra = self.plan.gap_after_unanswered_ms;
        let rested = |line: &Line| -> Option<u64> {
            let rested = u64::from(line.exchange.rested_ms()?).min(open_ms);
            let needed = u64::from(call.gap_ms) + if line.unanswered { u64::from(extra) } else { 0 };
            (line.remote.is_none() && usable(line) && rested >= needed).then_some(rested)
        };
        // The one that has rested longest; of several, the first.
        let best = self.lines.iter().enumerate().filter_map(|(i, line)| Some((rested(line)?, i)));
        let Some((_, index)) = best.max_by_key(|&(rested, i)| (rested, std::cmp::Reverse(i))) else { return };
        if let Some(call) = self.waiting.remove(at) {
            self.alone_left = self.alone_left.map(|left| left.saturating_sub(1));
            self.place_call(index, &call);
        }
    }

    /// The place of the next call in the list, if it may come now.
    fn next_call(&mut self, open_ms: u64) -> Option<usize> {
        let Shifts { count, length_ms, rest_ms } = self.plan.shifts;
        if self.shifts == count {
            return self.waiting.front().filter(|call| !call.alone || self.is_idle()).map(|_| 0);
        }
        if open_ms < self.shift_ends_ms {
            return self.waiting.front().filter(|call| !call.alone).map(|_| 0);
        }
        if !self.is_idle() {
            self.rested_ms = 0;
            return None;
        }
        let alone = || self.waiting.iter().position(|call| call.alone);
        if self.alone_left.is_none() {
            self.alone_left = Some(self.plan.calls.iter().filter(|call| call.alone).count() as u32 / count);
            self.context.emit(What::ShiftEnds { shift: self.shifts + 1 });
        }
        if self.alone_left > Some(0) && alone().is_some() {
            return alone();
        }
        self.rested_ms += 1;
        if self.rested_ms > rest_ms {
            self.shifts += 1;
            (self.shift_ends_ms, self.rested_ms, self.alone_left) = (open_ms + u64::from(length_ms), 0, None);
            self.context.emit(What::ShiftOver { shift: self.shifts });
            if self.shifts == count {
                self.waiting.clear();
            }
        }
        None
    }

    fn place_call(&mut self, index: usize, call: &CallPlan) {
        let stamp = stamp_after(&self.plan.date, self.context.now());
        let caller_id = call.caller_id.map(|format| CallerIdData {
            stamp,
            identity: call.identity.clone(),
            name: Some(call.name.clone().into_bytes()),
            format,
        });
        let line = &mut self.lines[index];
        if !line.exchange.ring(caller_id.as_ref()) {
            self.context.emit(What::CallBlocked { line: line.socket, call: call.call });
            return;
        }
        self.context.emit(What::CallStarted {
            line: line.socket,
            call: call.call,
            number: call.number().into(),
            name: call.name.clone(),
        });
        let rng = stream(self.plan.seed, Stream::Remote, u64::from(call.call));
        line.remote = Some(Remote::caller(call, &self.country, self.phrases.clone(), rng, &mut self.context));
        line.call = Some(call.clone());
        line.unanswered = true;
    }

    /// A line and the party beyond it live one millisecond.
    fn step_line(&mut self, index: usize, load: &TrunkLoad) -> TrunkFeed {
        let line = &mut self.lines[index];
        let (said, act) = match &mut line.remote {
            Some(remote) => {
                let stage = remote.stage();
                let (said, act) = remote.step(&mut self.context);
                (said, act.map(|act| (act, stage)))
            }
            None => (SILENCE, None),
        };
        let (mut feed, mut heard) = line.exchange.step(load, &said);
        if let Some(wire) = &mut line.wire {
            // The card hears what the line makes of the exchange's sound; what the card says comes back as echo.
            feed.sound = wire.at_card(&feed.sound, &load.sound);
            heard = wire.at_party(&heard);
        }
        if let Some(remote) = &mut line.remote {
            remote.hear(&heard, &mut self.context);
        }
        match act {
            Some((Act::HangsUp, stage)) => {
                if let Some(mut remote) = line.remote.take() {
                    line.exchange.party_leaves();
                    remote.hang_up(&mut self.context);
                    // What the exchange has to say of it comes before the end of the call.
                    self.take_notices(index);
                    if let Some(stage) = stage {
                        self.context.emit(What::Abandoned { call: remote.call, stage });
                    }
                    let socket = self.lines[index].socket;
                    self.context.emit(What::CallEnded { line: socket, call: remote.call, by: Side::Remote });
                }
            }
            Some((Act::Lifts, _)) => {
                line.exchange.party_answers();
                if let Some(remote) = &line.remote {
                    self.context.emit(What::OutgoingAnswered { line: line.socket, call: remote.call });
                }
            }
            None => {}
        }
        self.take_notices(index);
        feed
    }

    /// A telephone and its owner live one millisecond.
    fn step_station(&mut self, index: usize, feed: &StationFeed, open_ms: Option<u64>) -> StationLoad {
        let (agent, wire) = &mut self.agents[index];
        let Some(wire) = wire else { return agent.step(feed, open_ms, &mut self.context) };
        let at_party = wire.at_party(&feed.sound);
        let mut load = agent.step(&StationFeed { sound: at_party, ..*feed }, open_ms, &mut self.context);
        if load.off_hook {
            load.sound = wire.at_card(&load.sound, &feed.sound);
        }
        load
    }

    /// Returns true if the wire of a socket is cut now.
    fn is_cut(&self, socket: usize) -> bool {
        let now = self.context.now();
        self.plan.cuts.iter().any(|c| usize::from(c.socket) == socket && (c.from_ms..c.to_ms).contains(&now))
    }

    fn take_notices(&mut self, index: usize) {
        while let Some(event) = self.lines[index].exchange.poll() {
            self.take_event(index, event);
        }
    }

    fn take_event(&mut self, index: usize, event: ExchangeEvent) {
        let line = &mut self.lines[index];
        let socket = line.socket;
        let now = self.context.now();
        match event {
            ExchangeEvent::CallerIdSent { complete, began_ms_ago } => {
                let Some(call) = &line.call else { return };
                self.context.emit(What::CallerIdSent {
                    line: socket,
                    call: call.call,
                    number: call.number().into(),
                    name: (call.caller_id == Some(Format::Mdmf)).then(|| call.name.clone()),
                    complete,
                    from_ms: now.saturating_sub(u64::from(began_ms_ago)),
                });
            }
            ExchangeEvent::Rings => {
                if let Some(remote) = &line.remote {
                    self.context.emit(What::RingingBegan { line: socket, call: remote.call });
                }
            }
            ExchangeEvent::Answered => {
                line.unanswered = false;
                if let Some(remote) = &mut line.remote {
                    remote.connected(now);
                    self.context.emit(What::Answered { line: socket, call: remote.call });
                }
            }
            ExchangeEvent::Seized => self.context.emit(What::LineSeized { line: socket }),
            ExchangeEvent::Dialled(digits) => self.dialled(index, digits),
            ExchangeEvent::Flashed => self.context.emit(What::LineFlashed { line: socket }),
            ExchangeEvent::Released => {
                if let Some(mut remote) = line.remote.take() {
                    self.context.emit(What::CallEnded { line: socket, call: remote.call, by: Side::Card });
                    remote.disconnected(&self.country);
                    self.leaving.push(remote);
                }
                self.context.emit(What::LineReleased { line: socket });
            }
            ExchangeEvent::LockedOut => self.context.emit(What::LineLockedOut { line: socket }),
        }
    }

    /// A number was dialled on a line: the called party is rung.
    fn dialled(&mut self, index: usize, digits: String) {
        let line = &mut self.lines[index];
        let call = self.next_outgoing;
        self.next_outgoing += 1;
        let habits = &self.plan.callees;
        let engaged = habits.engaged.contains(&digits);
        let away = habits.away.contains(&digits);
        let fax = habits.fax.contains(&digits);
        let mut rng = stream(self.plan.seed, Stream::Remote, u64::from(call));
        let answer_after_ms = (!away).then(|| habits.answer_after_ms.pick(&mut rng).max(1));
        let talk_ms = habits.talk_ms.pick(&mut rng);
        self.context.emit(What::Dialled { line: line.socket, call, digits: digits.clone() });
        if engaged {
            line.exchange.refuse(Refusal::Engaged);
            return;
        }
        line.exchange.ring_beyond();
        let plan = CallPlan {
            call,
            line: Some(line.socket),
            gap_ms: 0,
            identity: Identity::Number(digits),
            name: String::new(),
            caller_id: None,
            ring_patience_ms: 0,
            queue_patience_ms: CALLEE_PATIENCE_MS,
            talk_ms,
            key: None,
            more_keys: Vec::new(),
            message_ms: None,
            hangs_up_first: false,
            fax,
            alone: false,
        };
        let phrases = self.phrases.clone();
        line.remote = Some(Remote::callee(&plan, answer_after_ms, &self.country, phrases, rng, &mut self.context));
    }

    /// Remote parties whose line is gone listen to busy tone until they have had enough.
    fn step_leaving(&mut self) {
        let context = &mut self.context;
        self.leaving.retain_mut(|remote| {
            let (_, act) = remote.step(context);
            let sound = remote.network_ms().unwrap_or(SILENCE);
            remote.hear(&sound, context);
            let gone = act == Some(Act::HangsUp);
            if gone {
                remote.hang_up(context);
            }
            !gone
        });
    }

    fn everything_rests(&self) -> bool {
        self.waiting.is_empty() && self.is_idle()
    }

    /// Returns true if no call is on a line and every telephone is at rest.
    fn is_idle(&self) -> bool {
        let line_rests = |line: &Line| {
            line.remote.is_none()
                && (line.exchange.locked_out() || line.exchange.rested_ms().is_some_and(|ms| ms >= REST_MS))
        };
        self.opened_at.is_some()
            && self.leaving.is_empty()
            && !self.context.path_check.is_busy()
            && self.lines.iter().all(line_rests)
            && self.agents.iter().all(|(agent, _)| agent.is_at_rest())
    }
}

impl World for Town {
    fn step(&mut self, loads: &[WireLoad], feeds: &mut [WireFeed]) {
        let open_ms = self.open_ms();
        for (i, feed) in feeds.iter_mut().enumerate() {
            let socket = self.sockets.get(i).copied().unwrap_or((Socket::Empty, 0));
            let mut load = loads.get(i).copied().unwrap_or(WireLoad::Nothing);
            let cut = self.is_cut(i);
            if cut {
                load = cut_off(load);
            }
            *feed = match (socket, load) {
                ((Socket::Trunk, index), WireLoad::Trunk(load)) => WireFeed::Trunk(self.step_line(index, &load)),
                ((Socket::Station, index), WireLoad::Station(feed)) => {
                    WireFeed::Station(self.step_station(index, &feed, open_ms))
                }
                // Nothing is plugged in, or something that does not fit what is at the other end of the wire.
                ((Socket::Empty | Socket::Trunk | Socket::Station, _), _) => WireFeed::Nothing,
            };
            if cut {
                *feed = match *feed {
                    WireFeed::Trunk(_) => WireFeed::Trunk(TrunkFeed::default()),
                    WireFeed::Station(_) => WireFeed::Station(StationLoad::default()),
                    WireFeed::Nothing => WireFeed::Nothing,
                };
            }
        }
        self.step_leaving();
        match open_ms {
            Some(open_ms) => self.place_calls(open_ms),
            None if self.opened_at.is_none() => self.open(),
            None => {}
        }
        if !self.over && self.everything_rests() {
            self.over = true;
            self.context.emit(What::Over);
        }
        self.context.tick();
    }
}

/// Impairments of a line, if any.
fn impaired(impairments: Impairments, seed: u64, socket: u8) -> Option<ImpairedLine> {
    let seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(u64::from(socket) << 32 | 0x5bd1);
    (!impairments.is_clean()).then(|| ImpairedLine::new(impairments, seed))
}

/// Condition at the far end of a cut wire.
fn cut_off(load: WireLoad) -> WireLoad {
    match load {
        WireLoad::Nothing => WireLoad::Nothing,
        WireLoad::Trunk(_) => WireLoad::Trunk(TrunkLoad::default()),
        WireLoad::Station(_) => WireLoad::Station(StationFeed::default()),
    }
}

/// The exchange's date and time `ms` after `start`, `MMDDHHMM`.
fn stamp_after(start: &Stamp, ms: u64) -> Stamp {
    let two = |at: usize| u64::from(start[at] - b'0') * 10 + u64::from(start[at + 1] - b'0');
    let (mut month, mut day) = (two(0).clamp(1, 12), two(2).max(1));
    let minutes = two(4) * 60 + two(6) + ms / 60_000;
    for _ in 0..minutes / (24 * 60) {
        const DAYS: [u64; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        day += 1;
        if day > DAYS[month as usize - 1] {
            day = 1;
            month = month % 12 + 1;
        }
    }
    let minutes = minutes % (24 * 60);
    let mut stamp = [b'0'; 8];
    for (i, value) in [month, day, minutes / 60, minutes % 60].into_iter().enumerate() {
        stamp[2 * i] = b'0' + (value / 10) as u8;
        stamp[2 * i + 1] = b'0' + (value % 10) as u8;
    }
    stamp
}
