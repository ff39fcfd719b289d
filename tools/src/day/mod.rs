//! A day of a call centre in virtual time, without sound: the core with simulated ends of its lines, callers who come
//! by chance, agents with human habits. At the end the reports are compared with what callers and agents saw.
//!
//! | file | holds |
//! |---|---|
//! | [`site`] | the site and the habits of its people |
//! | [`people`] | dice, actions that are due, what is known of callers and agents |
//! | `callers` | how callers come, wait, give up and talk |
//! | `ends` | the far ends of lines and telephones |
//! | `records` | what goes into the store, and what the log lets people know |
//! | [`control`] | transfers, conferences and pickups between agents |
//! | [`orders`] | work orders of some talks |
//! | [`messages`] | messages of some callers who gave up |
//! | [`returns`] | callers who gave up and are called back |
//! | this one | the course of the day |
//!
//! Never: reads a clock. A day is a function of its seed and its habits.

mod callers;
pub mod control;
mod ends;
pub mod messages;
pub mod orders;
pub mod people;
mod records;
pub mod returns;
pub mod site;

use std::collections::BTreeMap;
use std::sync::Arc;

use tipring_core::channel::{ChannelEvent, ChannelTable, TableSink};
use tipring_core::core::Core;
use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::reply::Reply;
use tipring_core::csta::{AgentId, AgentMode, AgentPassword, ConnectionId, DeviceId, InvokeId, Request, SessionId};
use tipring_core::store::StoreId;
use tipring_core::store::sqlite::{NamingError, SqliteStore};
use tipring_core::time::{Tick, Ticks};
use tipring_driver::engine::EventSink;
use tipring_driver::line::{LineEvent, LineFailure, LineKind};
use tipring_driver::spsc::{Consumer, queue};

use self::messages::Messages;
use self::orders::{OrderedTalk, Orders};
use self::people::{Agenda, Caller, Desk, Dice, Scheduled, Truth};
use self::returns::Returns;
use self::site::{EPOCH_MS, Habits, LOGIN, PASSWORD, QUEUES};
use crate::failure::Failure;

/// Entries of the ring between the lines and the core.
const RING: usize = 65_536;
/// The session of the day's client.
const SESSION: SessionId = SessionId(1);
/// Time that the last callers may take after the end of the day.
const LAST_CALLS: Ticks = Ticks::from_secs(7200);
/// The request of records that are not the core's: below all of the core's, so that an answer to both is the core's.
const OWN: StoreId = StoreId(0);

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
    let (events, ring) = queue(RING);
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
                self.agenda.set(self.now + after, Scheduled::Pause(agent));
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
            while let Some(action) = self.agenda.due(next) {
                self.act(action)?;
                self.pump()?;
            }
            if next >= end {
                return Ok(());
            }
        }
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

    fn act(&mut self, action: Scheduled) -> Result<(), Failure> {
        match action {
            Scheduled::Arrive => self.arrive(),
            Scheduled::GiveUp(trunk, number) => {
                if self.waits(trunk, number) {
                    if self.dice.chance(self.habits.call_backs) {
                        self.press(trunk, number);
                    } else {
                        self.abandon(trunk)?;
                    }
                }
            }
            Scheduled::PressedInVain(trunk, number) => {
                if self.waits(trunk, number) {
                    self.abandon(trunk)?;
                }
            }
            Scheduled::Reached(trunk, number) => {
                if self.caller(trunk, number).is_some() {
                    self.line(trunk, LineEvent::Dialled);
                }
            }
            Scheduled::Answers(trunk, number, is_busy) => {
                if self.caller(trunk, number).is_some() {
                    let event = if is_busy { LineEvent::Failed(LineFailure::Busy) } else { LineEvent::Answered };
                    self.line(trunk, event);
                    if !is_busy {
                        self.customer_answers(trunk);
                    }
                }
            }
            Scheduled::Lift(agent, ringing) => {
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
                        self.agenda.set(self.now + Ticks::from_ms(1500), Scheduled::PutDown(agent));
                    }
                }
            }
            Scheduled::Hold(agent, talk) => self.controls(agent, talk, true)?,
            Scheduled::Retrieve(agent, talk) => self.controls(agent, talk, false)?,
            Scheduled::Consult(agent, talk) => self.consult(agent, talk)?,
            Scheduled::Withdraw(agent, talk) => self.withdraw(agent, talk)?,
            Scheduled::Merge(agent, talk) => self.merge(agent, talk)?,
            Scheduled::Leave(agent, talk) => self.leave(agent, talk),
            Scheduled::PickUp(colleague, agent, ringing) => self.pick_up(colleague, agent, ringing)?,
            Scheduled::End(agent, number) => {
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
                    self.agenda.set(self.now + after, Scheduled::PutDown(agent));
                } else {
                    self.put_down(agent);
                }
            }
            Scheduled::PutDown(agent) => self.put_down(agent),
            Scheduled::Pause(agent) if !self.is_closed => {
                self.desks[usize::from(agent)].is_paused = true;
                self.agent_asks(agent, AgentMode::NotReady)?;
                let after = self.dice.length(self.habits.pause).unwrap_or(Ticks::ZERO);
                self.agenda.set(self.now + after, Scheduled::Back(agent));
            }
            Scheduled::Pause(_) => {}
            Scheduled::Back(agent) => {
                let desk = &mut self.desks[usize::from(agent)];
                (desk.is_paused, desk.is_coming_back) = (false, false);
                self.agent_asks(agent, AgentMode::Ready)?;
                if let Some(after) = self.dice.length(self.habits.between_breaks) {
                    self.agenda.set(self.now + after, Scheduled::Pause(agent));
                }
            }
        }
        Ok(())
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
