//! Channels, operations, timers and conferences of a context, as one state machine.
//!
//! Line and media events and calls of the program go in; commands for the engine and events for the program come out.
//! An operation is begun by a call, ended by the first of its conditions, the party's hang-up, its natural end or a
//! stop, and reported exactly once.
//!
//! ```text
//!              condition, hang-up, stop
//!   running ─────────────────────────────► ending ── player or recorder has ended ──► reported
//!      └────── natural end, or no sound involved ────────────────────────────────────────┘
//! ```
//!
//! Never: reads a clock, waits, or does I/O.

mod call;
mod card;
pub mod event;
mod op;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use tipring_core::channel::{ChannelTable, Generation};
use tipring_driver::engine::Command;
use tipring_driver::ids::{ChannelId, TaskId};
use tipring_driver::line::CallerId;
use tipring_driver::media::MediaCommand;
use tipring_driver::media::gain::Gain;
use tipring_driver::spsc::Producer;

pub use self::card::CardOps;
pub use self::op::{Begin, Condition, Finished, RightTrack, Until};
use self::op::{Op, Which};
use crate::abi::number;
use crate::failure::{Outcome, fail};
use crate::library::Sounds;
use crate::queue::{Event, Queue};
use crate::slots::{Kind, Slots, handle, slot_of};

/// Operations at the same time.
pub const OPS_MAX: u16 = 4096;
/// Results of operations that have ended, kept for `tr_op_wait`.
const RESULTS_MAX: usize = 4096;
/// Timers at the same time.
const TIMERS_MAX: u16 = 1024;
/// Keys kept for a collection that begins later; the oldest give way.
const KEYS_MAX: usize = 64;

/// Facts of the ports that any thread may read without the machine: one atomic each.
#[derive(Debug)]
pub struct Ports {
    /// The handle under which a port is open, or 0.
    pub handle: Box<[AtomicU64]>,
    /// TR_KIND_*.
    pub kind: Box<[AtomicU32]>,
}

/// One port.
#[derive(Debug, Default)]
struct Port {
    /// The use of the channel of the last event taken.
    known: Generation,
    /// Times it was opened.
    opened: u32,
    user: usize,
    keys: VecDeque<char>,
    /// The present state of the line, for the next open of the port.
    present: Present,
    /// Operations at work, one of a kind.
    ops: [Option<u64>; op::KINDS],
    conference: Option<u64>,
    /// Ways to and from other ports: the other port, and which way.
    links: BTreeSet<(u16, Way)>,
}

/// The state of a line as its events add up to it.
#[derive(Debug, Clone, Copy, Default)]
struct Present {
    in_service: bool,
    offered: bool,
    off_hook: bool,
    caller: Option<CallerId>,
}

/// A way between two ports, from the one that has it in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// Each hears the other.
    Both,
    /// This one hears the other.
    Hears,
    /// The other hears this one.
    IsHeard,
}

#[derive(Debug)]
struct Timer {
    interval_ms: u64,
    periodic: bool,
    user: usize,
}

/// An action that is due at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Deadline {
    Op(u64, Which),
    Timer(u64),
}

/// The machine.
pub struct Machine {
    context: u16,
    table: Arc<ChannelTable>,
    shared: Arc<Ports>,
    now_ms: u64,
    ports: Vec<Port>,
    cards: Vec<CardOps>,
    ops: Slots<Op>,
    tasks: BTreeMap<u32, u64>,
    next_task: u32,
    results: BTreeMap<u64, Finished>,
    results_order: VecDeque<u64>,
    timers: Slots<Timer>,
    conferences: Slots<()>,
    deadlines: BTreeSet<(u64, Deadline)>,
    /// Commands to stop a player or recorder that found no room yet.
    late_stops: VecDeque<TaskId>,
    commands: Producer<Command>,
    sounds: Sounds,
    /// Events for the program.
    pub queue: Queue,
}

impl Machine {
    /// The machine of a context's ports, all closed.
    pub fn new(
        context: u16,
        table: Arc<ChannelTable>,
        commands: Producer<Command>,
        sounds: Sounds,
        queue: Queue,
        conferences: u16,
        cards: Vec<CardOps>,
    ) -> Machine {
        let ports = table.len();
        Machine {
            context,
            shared: Arc::new(Ports {
                handle: (0..ports).map(|_| AtomicU64::new(0)).collect(),
                kind: (0..ports).map(|_| AtomicU32::new(number::KIND_UNKNOWN)).collect(),
            }),
            now_ms: 0,
            ports: (0..ports).map(|_| Port::default()).collect(),
            cards,
            ops: Slots::new(Kind::Op, context, OPS_MAX),
            tasks: BTreeMap::new(),
            next_task: 0,
            results: BTreeMap::new(),
            results_order: VecDeque::new(),
            timers: Slots::new(Kind::Timer, context, TIMERS_MAX),
            conferences: Slots::new(Kind::Conference, context, conferences),
            deadlines: BTreeSet::new(),
            late_stops: VecDeque::new(),
            commands,
            sounds,
            queue,
            table,
        }
    }

    /// The facts of the ports for other threads.
    pub fn shared(&self) -> Arc<Ports> {
        Arc::clone(&self.shared)
    }

    /// The machine's next deadline, by the board's clock in ms.
    pub fn next_deadline_ms(&self) -> Option<u64> {
        let stops = (!self.late_stops.is_empty()).then_some(self.now_ms + 1);
        let due = self.deadlines.first().map(|(at, _)| *at);
        stops.into_iter().chain(due).chain(self.next_test_poll_ms()).min()
    }

    /// The board's clock, in ms.
    pub fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// The port of an open channel.
    fn port_of(&self, channel: u64) -> Outcome<usize> {
        let port = slot_of(channel);
        match self.shared.handle.get(port).map(|handle| handle.load(Ordering::Relaxed)) {
            Some(open) if open == channel && channel != 0 => Ok(port),
            _ => fail!(E_STALE, "No channel is open under this handle"),
        }
    }

    fn id(port: usize) -> ChannelId {
        ChannelId(port as u16)
    }

    /// An event of an open port; nothing is kept of one that is closed.
    fn report(&mut self, port: usize, important: bool, event: impl FnOnce(&mut Event)) {
        let channel = self.shared.handle[port].load(Ordering::Relaxed);
        if channel != 0 {
            let mut said = Event { channel, user: self.ports[port].user, ..Event::new(0, self.now_ms) };
            event(&mut said);
            self.queue.push(said, important);
        }
    }

    /// A command for the engine; refused before anything has changed when the ring is full.
    fn command(&mut self, command: Command) -> Outcome<()> {
        if self.commands.push(command).is_err() {
            fail!(E_RESOURCE, "Too many commands are under way; try again in a millisecond");
        }
        Ok(())
    }

    fn media(&mut self, command: MediaCommand) -> Outcome<()> {
        self.command(Command::Media(command))
    }

    /// Opens a port for exclusive use.
    ///
    /// # Errors
    /// `E_ARGUMENT` for a port that does not exist, `E_BUSY` for one that is open.
    pub fn open(&mut self, port: usize, user: usize) -> Outcome<u64> {
        let Some(state) = self.ports.get_mut(port) else {
            fail!(E_ARGUMENT, "There is no port {port}");
        };
        if self.shared.handle[port].load(Ordering::Relaxed) != 0 {
            fail!(E_BUSY, "Port {port} is open already");
        }
        state.opened += 1;
        state.user = user;
        let channel = handle(Kind::Channel, self.context, state.opened, port as u16);
        self.shared.handle[port].store(channel, Ordering::Release);
        self.report_present(port);
        Ok(channel)
    }

    /// Closes a channel: its operations end, its ways and its line are released.
    ///
    /// # Errors
    /// `E_STALE`.
    pub fn close(&mut self, channel: u64) -> Outcome<()> {
        let port = self.port_of(channel)?;
        self.close_ops(port);
        // What found no room in the ring stays as it is for the next who opens the port; the engine drops ways of idle
        // lines.
        for (other, way) in std::mem::take(&mut self.ports[port].links) {
            let _ = self.cut(port, usize::from(other), way);
        }
        if let Some(conference) = self.ports[port].conference.take() {
            let _ = self.leave(port, conference);
        }
        let _ = self.media(MediaCommand::Tone { channel: Machine::id(port), tone: None });
        let _ = self.media(MediaCommand::Gain { channel: Machine::id(port), gain: Gain::default() });
        let _ = self.release_port(port);
        self.ports[port].keys.clear();
        self.shared.handle[port].store(0, Ordering::Release);
        Ok(())
    }

    /// Closes every channel, and ends what is at work on cards.
    pub fn close_all(&mut self) {
        self.close_cards();
        for port in 0..self.ports.len() {
            let channel = self.shared.handle[port].load(Ordering::Relaxed);
            let _ = self.close(channel);
        }
        for timer in self.timers.handles() {
            self.timers.remove(timer);
        }
        self.deadlines.clear();
    }

    /// Starts a timer.
    ///
    /// # Errors
    /// `E_ARGUMENT` for no time at all, `E_RESOURCE` for one timer too many.
    pub fn start_timer(&mut self, interval_ms: u32, periodic: bool, user: usize) -> Outcome<u64> {
        if interval_ms == 0 {
            fail!(E_ARGUMENT, "A timer runs for at least one millisecond");
        }
        let interval_ms = u64::from(interval_ms);
        let Some(timer) = self.timers.insert(Timer { interval_ms, periodic, user }) else {
            fail!(E_RESOURCE, "There are {TIMERS_MAX} timers already");
        };
        self.deadlines.insert((self.now_ms + interval_ms, Deadline::Timer(timer)));
        Ok(timer)
    }

    /// Stops a timer; nothing is done for one that ran once and is over.
    ///
    /// # Errors
    /// `E_STALE` for one that never was.
    pub fn stop_timer(&mut self, timer: u64) -> Outcome<()> {
        if self.timers.remove(timer).is_none() && !self.timers.has_given(timer) {
            fail!(E_STALE, "No timer is known under this handle");
        }
        self.deadlines.retain(|(_, deadline)| *deadline != Deadline::Timer(timer));
        Ok(())
    }

    /// Puts the program's own event into the queue.
    ///
    /// # Errors
    /// `E_RESOURCE` when it is full.
    pub fn post(&mut self, value: u64, user: usize) -> Outcome<()> {
        let event = Event { value, user, ..Event::new(number::EVENT_USER, self.now_ms) };
        if !self.queue.offer(event) {
            fail!(E_RESOURCE, "The event queue is full");
        }
        Ok(())
    }

    /// Lets the board's clock stand at `now_ms`, and does what was to be done until then.
    pub fn advance(&mut self, now_ms: u64) {
        while let Some(task) = self.late_stops.pop_front() {
            if self.commands.push(Command::Media(MediaCommand::Stop { task })).is_err() {
                self.late_stops.push_front(task);
                break;
            }
        }
        while let Some(&(at, deadline)) = self.deadlines.first().filter(|(at, _)| *at <= now_ms) {
            self.deadlines.pop_first();
            self.now_ms = self.now_ms.max(at);
            match deadline {
                Deadline::Timer(timer) => self.timer_expired(at, timer),
                Deadline::Op(op, which) => self.op_expired(at, op, which),
            }
        }
        self.now_ms = self.now_ms.max(now_ms);
    }

    fn timer_expired(&mut self, at: u64, timer: u64) {
        let Some(&Timer { interval_ms, periodic, user }) = self.timers.get(timer) else { return };
        if periodic {
            self.deadlines.insert((at + interval_ms, Deadline::Timer(timer)));
        } else {
            self.timers.remove(timer);
        }
        self.queue.push(Event { object: timer, user, ..Event::new(number::EVENT_TIMER, at) }, false);
    }
}
