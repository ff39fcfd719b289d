//! A day of a call centre in virtual time, without sound: the core with simulated ends of its lines, callers who come
//! by chance, agents with human habits. At the end the reports are compared with what callers and agents saw.
//!
//! | file | holds |
//! |---|---|
//! | [`site`] | the site and the habits of its people |
//! | [`people`] | dice, deeds that are due, callers and agents |
//! | [`control`] | transfers, conferences and pickups between agents |
//! | [`orders`] | work orders of some talks |
//! | [`messages`] | messages of some callers who gave up |
//! | [`returns`] | callers who gave up and are called back |
//! | this one | the course of the day |
//!
//! Never: reads a clock. A day is a function of its seed and its habits.

pub mod control;
pub mod messages;
pub mod orders;
pub mod people;
pub mod returns;
pub mod site;

use std::collections::BTreeMap;
use std::sync::Arc;

use tipring_core::channel::{ChannelEvent, ChannelTable, TableSink};
use tipring_core::core::{Action, Core};
use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::reply::Reply;
use tipring_core::csta::{AgentId, AgentMode, AgentPassword, ConnectionId, DeviceId, InvokeId, Request, SessionId};
use tipring_core::report::event::Event;
use tipring_core::store::sqlite::{NamingError, SqliteStore};
use tipring_core::store::{GROUP_MAX, Record, Store, StoreId, StoreReply, StoreRequest};
use tipring_core::time::{Tick, Ticks};
use tipring_driver::engine::{Command, EventSink};
use tipring_driver::ids::ChannelId;
use tipring_driver::line::{CallerId, Digit, LineCommand, LineEvent, LineFailure, LineKind, Number, ReleaseSign};
use tipring_driver::media::MediaCommand;
use tipring_driver::ring::{Consumer, ring};

use self::messages::Messages;
use self::orders::{OrderedTalk, Orders};
use self::people::{Agenda, Caller, Deed, Desk, Dice, Talk, Truth};
use self::returns::Returns;
use self::site::{EPOCH_MS, Habits, LOGIN, PASSWORD, QUEUES};
use crate::failure::Failure;

/// Entries of the ring between the lines and the core.
const RING: usize = 65_536;
/// The session of the day's client.
const SESSION: SessionId = SessionId(1);
/// Time that the last callers may take after the end of the day.
const LAST_CALLS: Ticks = Ticks::from_secs(7200);
/// Time after which an agent who missed a call is ready again, s.
const BACK_S: f64 = 45.0;
/// The request of records that are not the core's.
const OWN: StoreId = StoreId(u64::MAX);

/// The size of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// Trunks.
    pub lines: u16,
    /// Agents, each at a telephone.
    pub agents: u16,
    /// Queues, 1 to 3.
    pub queues: usize,
    /// Length of the day.
    pub length: Ticks,
}

/// A day that has passed.
pub struct Passed {
    /// The store with the log and the records.
    pub store: SqliteStore,
    /// The day as callers and agents saw it.
    pub truth: Truth,
    /// Calls that the core counted.
    pub calls: u64,
    /// Faults that were found.
    pub faults: Vec<String>,
    /// The end, with the last calls.
    pub end: Tick,
}

struct Day {
    size: Size,
    habits: Habits,
    dice: Dice,
    now: Tick,
    core: Core,
    sink: TableSink,
    ring: Consumer<ChannelEvent>,
    store: SqliteStore,
    orders: Orders,
    messages: Messages,
    returns: Returns,
    /// Dice of call control between agents.
    control: Dice,
    /// The answer to the request made last.
    answer: Option<Result<Reply, UniversalFailure>>,
    agenda: Agenda,
    callers: Vec<Option<Caller>>,
    /// Lines at rest, as the exchange sees them.
    is_idle: Vec<bool>,
    queued: Vec<Tick>,
    desks: Vec<Desk>,
    agents: BTreeMap<AgentId, u16>,
    truth: Truth,
    faults: Vec<String>,
    count: u64,
    /// The agent who lifts a telephone in this moment.
    lifting: Option<u16>,
    is_closed: bool,
}

/// Lets a day pass.
///
/// # Errors
/// The site cannot be, or the store takes no records.
pub fn pass(size: Size, habits: Habits, seed: u64, store: SqliteStore) -> Result<Passed, Failure> {
    let channels = usize::from(size.lines) + usize::from(size.agents);
    let config = site::config(size.lines, size.agents, size.queues, &habits).map_err(|error| error.to_string())?;
    let table = Arc::new(ChannelTable::new(channels));
    let (events, ring) = ring(RING);
    let core = Core::new(config, Arc::clone(&table))?;
    let agents = (0..size.agents).filter_map(|n| Some((AgentId::new(&site::agent_id(n)).ok()?, n))).collect();
    let by_queue = || vec![0; size.queues];
    let truth = Truth {
        offered: by_queue(),
        answered: by_queue(),
        abandoned: by_queue(),
        wait_answered: by_queue(),
        call_backs: by_queue(),
        picked_up: by_queue(),
        ..Truth::default()
    };
    let mut day = Day {
        size,
        habits,
        dice: Dice(seed),
        now: Tick::ZERO,
        core,
        sink: TableSink::new(table, events),
        ring,
        store,
        orders: Orders::new(seed),
        messages: Messages::new(seed),
        returns: Returns::new(seed),
        control: Dice(seed ^ 0x636f_6e74_726f_6c00),
        answer: None,
        agenda: Agenda::default(),
        callers: vec![None; usize::from(size.lines)],
        is_idle: vec![true; usize::from(size.lines)],
        queued: vec![Tick::ZERO; usize::from(size.lines)],
        desks: vec![Desk::default(); usize::from(size.agents)],
        agents,
        truth,
        faults: Vec::new(),
        count: 0,
        lifting: None,
        is_closed: false,
    };
    day.open()?;
    day.hours(Tick::ZERO + size.length)?;
    day.is_closed = true;
    day.hours(Tick::ZERO + size.length + LAST_CALLS)?;
    day.close()
}

impl Day {
    /// Lines and telephones come into service, and the agents log in.
    fn open(&mut self) -> Result<(), Failure> {
        self.core.handle_session_opened(SESSION, LOGIN);
        self.core.handle_business_days(site::business_days());
        self.name_shifts()?;
        for channel in 0..self.size.lines + self.size.agents {
            let kind = if channel < self.size.lines { LineKind::Trunk } else { LineKind::Station };
            self.line(channel, LineEvent::InService(kind));
            self.pump()?;
        }
        for agent in 0..self.size.agents {
            for mode in [AgentMode::LogIn, AgentMode::Ready] {
                self.agent_asks(agent, mode)?;
            }
            if let Some(after) = self.dice.length(self.habits.between_breaks) {
                self.agenda.set(self.now + after, Deed::Pause(agent));
            }
        }
        self.next_arrival();
        Ok(())
    }

    /// Each hour is a shift. Of the first the deputy is named anew after a while; a principal of the second is no agent
    /// of the site; of the third no deputy is named.
    fn name_shifts(&mut self) -> Result<(), Failure> {
        let agent = |n: u16| AgentId::new(&site::agent_id(n)).ok();
        let absent = AgentId::new("absent").ok();
        let (last, now) = (self.size.agents.saturating_sub(1), unix_ms(Tick::ZERO));
        for (hour, named, at) in [
            (0, (agent(0), agent(last)), now),
            (0, (None, agent(1)), now + 1_500_000),
            (1, (absent, agent(2)), now),
            (2, (agent(3), None), now),
        ] {
            // Two places for one agent, in a day with a single one, stay as they are.
            let named = self.store.name_shift(&site::shift(hour), named, "team leader", at);
            if let Err(NamingError::Store(error)) = named {
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Goes on until `end`, or until the last call is over once the day is closed.
    fn hours(&mut self, end: Tick) -> Result<(), Failure> {
        loop {
            if self.is_closed && self.core.calls() == 0 && self.desks.iter().all(|desk| !desk.is_lifted) {
                return Ok(());
            }
            let next = self.agenda.next_tick().into_iter().chain(self.core.next_tick()).min();
            let next = next.unwrap_or(end).max(self.now).min(end);
            self.now = next;
            self.sink.tick(next);
            self.orders.settle(&mut self.store, unix_ms(next))?;
            self.messages.settle(&mut self.store, unix_ms(next))?;
            if !self.is_closed {
                self.returns.settle(&mut self.store, unix_ms(next))?;
                self.answers();
            }
            self.pump()?;
            while let Some(deed) = self.agenda.due(next) {
                self.act(deed)?;
                self.pump()?;
            }
            if next >= end {
                return Ok(());
            }
        }
    }

    fn line(&mut self, channel: u16, event: LineEvent) {
        // A line that was too late does not hear about it: the other end was first.
        let _ = self.sink.line_event(self.now, ChannelId(channel), event);
    }

    fn agent_asks(&mut self, agent: u16, mode: AgentMode) -> Result<(), Failure> {
        let request = Request::SetAgentState {
            device: DeviceId::new(&site::extension(agent)).unwrap_or_default(),
            mode,
            agent_id: AgentId::new(&site::agent_id(agent)).unwrap_or_default(),
            agent_group: DeviceId::EMPTY,
            password: AgentPassword::new(PASSWORD).unwrap_or_default(),
        };
        self.ask(request)
    }

    fn ask(&mut self, request: Request) -> Result<(), Failure> {
        self.core.handle_request(SESSION, InvokeId(0), request, None);
        self.pump()
    }

    fn next_arrival(&mut self) {
        if let Some(after) = self.dice.length(3600.0 / self.habits.callers).filter(|_| !self.is_closed) {
            self.agenda.set(self.now + after, Deed::Arrive);
        }
    }

    fn act(&mut self, deed: Deed) -> Result<(), Failure> {
        match deed {
            Deed::Arrive => self.arrive(),
            Deed::GiveUp(trunk, number) => {
                if self.waits(trunk, number) {
                    if self.dice.chance(self.habits.call_backs) {
                        self.press(trunk, number);
                    } else {
                        self.abandon(trunk)?;
                    }
                }
            }
            Deed::PressedInVain(trunk, number) => {
                if self.waits(trunk, number) {
                    self.abandon(trunk)?;
                }
            }
            Deed::Reached(trunk, number) => {
                if self.caller(trunk, number).is_some() {
                    self.line(trunk, LineEvent::Dialled);
                }
            }
            Deed::Answers(trunk, number, is_busy) => {
                if self.caller(trunk, number).is_some() {
                    let event = if is_busy { LineEvent::Failed(LineFailure::Busy) } else { LineEvent::Answered };
                    self.line(trunk, event);
                    if !is_busy {
                        self.customer_answers(trunk);
                    }
                }
            }
            Deed::Lift(agent, ringing) => {
                let desk = &mut self.desks[usize::from(agent)];
                if desk.ringing == ringing && !desk.is_lifted {
                    (desk.is_lifted, desk.rings, self.lifting) = (true, false, Some(agent));
                    self.line(self.size.lines + agent, LineEvent::OffHook);
                    self.pump()?;
                    self.lifting = None;
                    let desk = &mut self.desks[usize::from(agent)];
                    desk.picks_up = false;
                    if desk.talk.is_none() && !desk.calls_back && !desk.helps {
                        // The caller was gone in that moment.
                        self.agenda.set(self.now + Ticks::from_ms(1500), Deed::PutDown(agent));
                    }
                }
            }
            Deed::Hold(agent, talk) => self.controls(agent, talk, true)?,
            Deed::Retrieve(agent, talk) => self.controls(agent, talk, false)?,
            Deed::Consult(agent, talk) => self.consult(agent, talk)?,
            Deed::Withdraw(agent, talk) => self.withdraw(agent, talk)?,
            Deed::Merge(agent, talk) => self.merge(agent, talk)?,
            Deed::Leave(agent, talk) => self.leave(agent, talk),
            Deed::PickUp(colleague, agent, ringing) => self.pick_up(colleague, agent, ringing)?,
            Deed::End(agent, number) => {
                let Some(talk) = self.desks[usize::from(agent)].talk.filter(|talk| talk.number == number) else {
                    return Ok(());
                };
                if self.is_in_consultation(agent, number) {
                    return Ok(());
                }
                let caller = self.callers[usize::from(talk.trunk)].filter(|caller| caller.called_by.is_none());
                if let Some(caller) = caller.filter(|_| talk.is_of_queue) {
                    self.truth.talk += self.now.since(talk.since).as_ms();
                    let called_ms = unix_ms(self.queued[usize::from(talk.trunk)]);
                    let of = OrderedTalk { call: caller.call.0, caller: caller.number, called_ms };
                    self.orders.after_talk(&mut self.store, of, site::agent_id(agent), unix_ms(self.now))?;
                }
                self.desks[usize::from(agent)].talk = None;
                if self.dice.chance(self.habits.caller_ends) {
                    self.hang_up(talk.trunk);
                    let after = if self.habits.lift > 0.0 { Ticks::from_ms(1200) } else { Ticks::ZERO };
                    self.agenda.set(self.now + after, Deed::PutDown(agent));
                } else {
                    self.put_down(agent);
                }
            }
            Deed::PutDown(agent) => self.put_down(agent),
            Deed::Pause(agent) if !self.is_closed => {
                self.desks[usize::from(agent)].is_paused = true;
                self.agent_asks(agent, AgentMode::NotReady)?;
                let after = self.dice.length(self.habits.pause).unwrap_or(Ticks::ZERO);
                self.agenda.set(self.now + after, Deed::Back(agent));
            }
            Deed::Pause(_) => {}
            Deed::Back(agent) => {
                let desk = &mut self.desks[usize::from(agent)];
                (desk.is_paused, desk.is_coming_back) = (false, false);
                self.agent_asks(agent, AgentMode::Ready)?;
                if let Some(after) = self.dice.length(self.habits.between_breaks) {
                    self.agenda.set(self.now + after, Deed::Pause(agent));
                }
            }
        }
        Ok(())
    }

    /// The next caller takes a free line, of whichever number.
    fn arrive(&mut self) {
        self.next_arrival();
        let idle: Vec<u16> = (0..self.size.lines).filter(|&trunk| self.is_idle[usize::from(trunk)]).collect();
        if idle.is_empty() {
            self.truth.blocked += 1;
            return;
        }
        let trunk = idle[self.dice.of(idle.len())];
        self.count += 1;
        let number = self.count;
        self.is_idle[usize::from(trunk)] = false;
        self.callers[usize::from(trunk)] = Some(Caller { number, ..Caller::default() });
        self.queued[usize::from(trunk)] = self.now;
        let queue = self.queue_of(trunk);
        self.truth.offered[queue] += 1;
        self.line(trunk, LineEvent::Offered);
        let identity = CallerId { number: Number::from(&number_of(number)).unwrap_or_default(), ..CallerId::default() };
        self.line(trunk, LineEvent::CallerIdentity(identity));
        if let Some(patience) = self.dice.length(self.habits.patience) {
            self.agenda.set(self.now + patience, Deed::GiveUp(trunk, number));
        }
    }

    fn caller(&self, trunk: u16, number: u64) -> Option<Caller> {
        self.callers[usize::from(trunk)].filter(|caller| caller.number == number)
    }

    /// The caller on a line hangs up.
    fn hang_up(&mut self, trunk: u16) {
        self.callers[usize::from(trunk)] = None;
        self.line(trunk, LineEvent::Released(ReleaseSign::Tone));
    }

    /// Returns true if a caller is still there and has not been served.
    fn waits(&self, trunk: u16, number: u64) -> bool {
        self.caller(trunk, number).is_some_and(|caller| !caller.is_served)
    }

    fn abandon(&mut self, trunk: u16) -> Result<(), Failure> {
        let queue = self.queue_of(trunk);
        self.truth.abandoned[queue] += 1;
        let caller = self.callers[usize::from(trunk)];
        self.hang_up(trunk);
        if let Some(caller) = caller {
            self.returns.after_abandon(caller.number, queue, self.habits.returns, unix_ms(self.now));
        }
        let left = caller
            .and_then(|caller| self.messages.after_abandon(caller.call, caller.number, self.now, unix_ms(self.now)));
        if let Some(record) = left {
            self.store.submit(StoreRequest::Keep { id: OWN, record });
            self.commit()?;
            self.answers();
        }
        Ok(())
    }

    /// A caller presses the key for a call-back, and hangs up if the call goes on all the same.
    fn press(&mut self, trunk: u16, number: u64) {
        if let Some(caller) = &mut self.callers[usize::from(trunk)] {
            caller.has_pressed = true;
        }
        if let Some(key) = Digit::new('1') {
            self.line(trunk, LineEvent::Digit(key));
        }
        self.agenda.set(self.now + Ticks::from_secs(3), Deed::PressedInVain(trunk, number));
    }

    /// A line is dialled: a customer is called back, who answers, is busy, or is not there.
    fn dialled(&mut self, trunk: u16) {
        self.count += 1;
        let number = self.count;
        self.is_idle[usize::from(trunk)] = false;
        let called_by = self.lifting;
        self.callers[usize::from(trunk)] = Some(Caller { number, called_by, ..Caller::default() });
        if let Some(agent) = called_by {
            self.desks[usize::from(agent)].calls_back = true;
        }
        self.agenda.set(self.now + Ticks::from_secs(2), Deed::Reached(trunk, number));
        let answers = self.dice.chance(self.habits.reachable);
        if answers || self.dice.chance(0.5) {
            self.agenda.set(self.now + Ticks::from_secs(9), Deed::Answers(trunk, number, !answers));
        }
    }

    fn put_down(&mut self, agent: u16) {
        let desk = &mut self.desks[usize::from(agent)];
        if std::mem::take(&mut desk.is_lifted) {
            self.line(self.size.lines + agent, LineEvent::OnHook);
        }
    }

    /// An agent's client holds or retrieves the call that is talked.
    fn controls(&mut self, agent: u16, number: u64, holds: bool) -> Result<(), Failure> {
        let Some(talk) = self.desks[usize::from(agent)].talk.filter(|talk| talk.number == number) else {
            return Ok(());
        };
        let Some(caller) = self.callers[usize::from(talk.trunk)] else { return Ok(()) };
        let device = DeviceId::new(&site::extension(agent)).unwrap_or_default();
        let call = ConnectionId { call: caller.call, device, ..ConnectionId::NONE };
        self.ask(match holds {
            true => Request::HoldCall { active_call: call, reservation: false },
            false => Request::RetrieveCall { held_call: call },
        })
    }

    fn queue_of(&self, trunk: u16) -> usize {
        if self.size.queues == 1 { 0 } else { [0, 1, 0, 2][usize::from(trunk % 4)] }
    }

    /// The core takes what has happened, and the ends of the lines do what they are commanded.
    fn pump(&mut self) -> Result<(), Failure> {
        loop {
            while let Some(action) = self.core.poll_action() {
                match action {
                    Action::Command(Command::Line { channel, command }) => self.commanded(channel.0, command),
                    Action::Command(Command::Media(MediaCommand::Connect { a, b })) => {
                        self.heard(a.0.min(b.0), a.0.max(b.0))
                    }
                    Action::Reply { result, .. } => self.answer = Some(result),
                    Action::Store(request) => self.keep(request)?,
                    Action::Trouble(trouble) => self.faults.push(trouble.to_string()),
                    _ => {}
                }
            }
            let Some(event) = self.ring.pop() else { return Ok(()) };
            self.core.handle_channel_event(event);
        }
    }

    fn commanded(&mut self, channel: u16, command: LineCommand) {
        let agent = channel.checked_sub(self.size.lines);
        match (command, agent) {
            (LineCommand::Release, None) => {
                self.line(channel, LineEvent::Rested);
                self.released(channel);
                self.is_idle[usize::from(channel)] = true;
            }
            (LineCommand::Release, Some(agent)) => {
                let desk = &mut self.desks[usize::from(agent)];
                (desk.ringing, desk.rings, desk.picks_up) = (desk.ringing + 1, false, false);
                self.line(channel, LineEvent::Rested);
            }
            (LineCommand::Dial(_), None) => self.dialled(channel),
            (LineCommand::Ring(_), Some(agent)) => {
                let desk = &mut self.desks[usize::from(agent)];
                (desk.ringing, desk.rings) = (desk.ringing + 1, true);
                self.plan_pickup(agent);
                if !self.dice.chance(self.habits.misses) {
                    let base = if self.habits.lift > 0.0 { Ticks::from_ms(500) } else { Ticks::ZERO };
                    let after = base + self.dice.length(self.habits.lift).unwrap_or(Ticks::ZERO);
                    self.agenda.set(self.now + after, Deed::Lift(agent, self.desks[usize::from(agent)].ringing));
                }
            }
            _ => {}
        }
    }

    /// The switch has released a line.
    fn released(&mut self, trunk: u16) {
        let Some(caller) = self.callers[usize::from(trunk)].take() else { return };
        if caller.has_pressed && !caller.is_served {
            let queue = self.queue_of(trunk);
            self.truth.call_backs[queue] += 1;
        }
        if let Some(agent) = caller.called_by.filter(|_| !caller.is_served) {
            // The number was busy, or not answered.
            self.desks[usize::from(agent)].calls_back = false;
            self.agenda.set(self.now + Ticks::from_ms(1500), Deed::PutDown(agent));
        }
    }

    /// A caller and an agent hear each other.
    fn heard(&mut self, trunk: u16, station: u16) {
        let Some(agent) = station.checked_sub(self.size.lines) else { return };
        if let Some(other) = trunk.checked_sub(self.size.lines) {
            return self.agents_hear(agent, other);
        }
        // One who is called back is heard when the number is answered, not while the network rings it.
        let waits = |caller: &&mut Caller| !caller.is_served && caller.called_by.is_none();
        let Some(caller) = self.callers[usize::from(trunk)].as_mut().filter(waits) else { return };
        caller.is_served = true;
        let queue = self.queue_of(trunk);
        self.truth.answered[queue] += 1;
        self.truth.wait_answered[queue] += self.now.since(self.queued[usize::from(trunk)]).as_ms();
        // A call that is picked up is answered by the agent who picked it up.
        self.truth.picked_up[queue] += u64::from(self.desks[usize::from(agent)].picks_up);
        self.talk(trunk, agent);
    }

    /// A customer who is called back answers.
    fn customer_answers(&mut self, trunk: u16) {
        let Some(caller) = self.callers[usize::from(trunk)].as_mut() else { return };
        let Some(agent) = caller.called_by else { return };
        caller.is_served = true;
        self.desks[usize::from(agent)].calls_back = false;
        self.truth.called_back += 1;
        self.talk(trunk, agent);
    }

    /// A caller and an agent begin to talk.
    fn talk(&mut self, trunk: u16, agent: u16) {
        self.count += 1;
        let number = self.count;
        if self.desks[usize::from(agent)].talk.is_some() {
            self.faults.push(format!("agent {agent} has two callers at {} ms", self.now.0));
        }
        self.desks[usize::from(agent)].talk = Some(Talk { number, trunk, since: self.now, is_of_queue: true });
        let talk = self.dice.length(self.habits.talk).unwrap_or(Ticks::ZERO);
        let mut end = self.now + talk;
        if self.dice.chance(self.habits.holds) {
            let begin = self.now + Ticks::from_ms((talk.as_ms() as f64 * self.dice.share()) as u64);
            let hold = self.dice.length(self.habits.hold).unwrap_or(Ticks::ZERO);
            self.agenda.set(begin, Deed::Hold(agent, number));
            self.agenda.set(begin + hold, Deed::Retrieve(agent, number));
            end += hold;
        } else {
            self.plan_consultation(agent, number, talk);
        }
        self.agenda.set(end, Deed::End(agent, number));
    }

    fn keep(&mut self, request: StoreRequest) -> Result<(), Failure> {
        let is_urgent = matches!(request, StoreRequest::Keep { record: Record::CallBack(_), .. });
        if let StoreRequest::Keep { record: Record::Event(entry), .. } = &request {
            match entry.event {
                Event::Queued { call, caller, .. } => {
                    let number = caller.as_str().get(3..).and_then(|text| text.parse::<u64>().ok());
                    let mut callers = self.callers.iter_mut().flatten();
                    if let Some(caller) = callers.find(|caller| Some(caller.number) == number) {
                        caller.call = call;
                    }
                }
                Event::Agent { agent, to: tipring_core::agent::Activity::NotReady(_), .. } => self.missed(agent),
                _ => {}
            }
        }
        self.store.submit(request);
        if is_urgent || self.store.pending() >= GROUP_MAX {
            self.commit()?;
        }
        self.answers();
        Ok(())
    }

    /// An agent was made not ready after a missed call, and comes back.
    fn missed(&mut self, agent: AgentId) {
        let Some(&agent) = self.agents.get(&agent) else { return };
        let desk = &mut self.desks[usize::from(agent)];
        // The log-in is followed by ready at once.
        if self.now > Tick::ZERO && !desk.is_paused && !std::mem::replace(&mut desk.is_coming_back, true) {
            let after = self.dice.length(BACK_S).unwrap_or(Ticks::ZERO);
            self.agenda.set(self.now + after, Deed::Back(agent));
        }
    }

    fn commit(&mut self) -> Result<(), Failure> {
        while self.store.is_pending() {
            self.store.commit()?;
        }
        Ok(())
    }

    fn answers(&mut self) {
        while let Some(reply) = self.store.poll_reply() {
            if let StoreReply::Failed { why, .. } = &reply {
                self.faults.push(why.clone());
            }
            if reply != (StoreReply::Kept { id: OWN }) {
                self.core.handle_stored(reply);
            }
        }
    }

    /// The agents go home, and what must hold at the end of a day is checked.
    fn close(mut self) -> Result<Passed, Failure> {
        if self.core.calls() > 0 {
            self.faults.push(format!("{} calls do not end", self.core.calls()));
        }
        for (agent, desk) in self.desks.iter().enumerate().filter(|(_, desk)| desk.talk.is_some()) {
            self.faults.push(format!("agent {agent} talks on to trunk {:?}", desk.talk.map(|talk| talk.trunk)));
        }
        self.core.handle_stop();
        self.pump()?;
        self.core.handle_stopped();
        self.pump()?;
        self.commit()?;
        self.answers();
        let calls = self.core.counters().calls;
        Ok(Passed { store: self.store, truth: self.truth, calls, faults: self.faults, end: self.now })
    }
}

/// A tick of the day, in ms since 1970.
const fn unix_ms(tick: Tick) -> i64 {
    (EPOCH_MS + tick.0) as i64
}

/// The number of a caller.
fn number_of(caller: u64) -> String {
    format!("139{:08}", caller % 100_000_000)
}

/// The name of a queue by its place.
pub fn queue_number(ix: usize) -> &'static str {
    QUEUES[ix].0
}
