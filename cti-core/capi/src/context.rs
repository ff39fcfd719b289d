//! A context: cards, the engine and its threads, and the machine behind one lock.
//!
//! | thread | does |
//! |---|---|
//! | media | the engine; wakes the service thread (eventfd) after a tick that had events |
//! | files | moves sound between rings and files |
//! | service | sleeps until it is woken or the next deadline, feeds the machine, wakes readers |
//! | handler | only when a handler is set: takes events and calls it |
//!
//! With the virtual clock there are none of the first three: `tr_sim_advance` does their work in the caller's thread.
//!
//! Never: holds the lock while it calls the program, waits, or does I/O.

mod cards;
mod clock;
mod handler;
pub mod log;
mod threads;

use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::time::{ClockId, clock_gettime};
use parking_lot::{Condvar, Mutex, MutexGuard};
use tipring_core::channel::{ChannelEvent, ChannelTable, TableSink, Word};
use tipring_driver::engine::{Engine, Settings, SharedCounters, Trouble};
use tipring_driver::ids::ChannelId;
use tipring_driver::media::MediaSettings;
use tipring_driver::media::file_io::FileService;
use tipring_driver::pci::tx_watchdog::TxWatchdog;
use tipring_driver::spsc::{Consumer, queue, queue_with_reserve};

use self::cards::{Cards, Claim};
use self::clock::Clock;
use self::handler::HandlerThread;
use self::log::Log;
use self::threads::{FILE_PERIOD, Sink, Threads, Wakeup, Work};
use crate::abi::{error, number};
use crate::failure::{Failure, Outcome, fail};
use crate::leases;
use crate::library::Sounds;
use crate::machine::{Machine, OPS_MAX, Ports};
use crate::queue::{Event, Queue};
use crate::sim::{self, Wires};
use crate::sound::SoundReports;
use crate::traces::Traces;

/// Entries of the rings between the engine and the machine, of which hang-ups and completions may use the last.
const RING: usize = 8192;
const RING_RESERVE: usize = 2048;
/// Events kept for a slow reader unless the program says otherwise, and at most.
const QUEUE: u32 = 4096;
const QUEUE_MAX: u32 = 65_536;
/// Recorders of a port: for tr_record, and for the conditions on what is heard of tr_play, tr_collect and tr_detect.
const RECORDERS: usize = 4;
/// Conferences at the same time.
const CONFERENCES: u16 = 128;
/// The longest sleep of the service thread and of the handler's, in ms.
const SERVICE_MS: u64 = 50;

/// Settings of a context.
pub struct Config {
    /// Cards, in order.
    pub cards: Vec<String>,
    /// Country of the lines.
    pub country: String,
    /// Events kept.
    pub queue: u32,
    /// Time passes in `advance` only.
    pub virtual_clock: bool,
    /// The longest echo that is cancelled, in ms; 0 for none.
    pub echo_tail_ms: u32,
    /// Sink of log lines.
    pub log: Log,
}

/// A context.
pub struct Context {
    table: Arc<ChannelTable>,
    ports: Arc<Ports>,
    wires: Vec<Option<Wires>>,
    inner: Mutex<Inner>,
    /// Signalled when there is an event, a result, or the end.
    changed: Condvar,
    wakeup: Arc<Wakeup>,
    /// Events of the file thread.
    notices: SoundReports,
    /// Files of traces.
    traces: Arc<Traces>,
    closing: AtomicBool,
    counters: SharedCounters,
    /// Engine, files and cards, when the clock is virtual.
    clock: Option<Mutex<Clock>>,
    /// Released by the end of the context.
    claims: Mutex<Vec<Claim>>,
    /// The threads, when it is not.
    threads: Mutex<Option<Threads>>,
    handler: Mutex<Option<HandlerThread>>,
    log: Log,
}

struct Inner {
    machine: Machine,
    events: Consumer<ChannelEvent>,
    troubles: Consumer<Trouble>,
    /// The descriptor has been made readable, or is about to be.
    signalled: bool,
}

/// The monotonic clock of the system, in ns.
fn monotonic_ns() -> u64 {
    clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(0, |now| Duration::from(now).as_nanos() as u64)
}

fn eventfd() -> Outcome<EventFd> {
    EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)
        .map_err(|errno| Failure::new(error::E_RESOURCE, format!("eventfd failed: {}", errno.desc())))
}

impl Context {
    /// Opens cards and starts threads.
    ///
    /// # Errors
    /// `E_ARGUMENT`, `E_HARDWARE`, `E_PERMISSION`, `E_RESOURCE`; nothing is left open or running then.
    pub fn open(number: u16, config: Config) -> Outcome<Arc<Context>> {
        if config.queue > QUEUE_MAX {
            fail!(E_ARGUMENT, "The event queue holds at most {QUEUE_MAX} events");
        }
        let watchdog = TxWatchdog::default();
        let Cards { cards, times, ops, traces, wires, claims, country } = Cards::open(&config, &watchdog)?;
        let channels = cards.iter().map(|card| card.ports()).sum();
        let table = Arc::new(ChannelTable::new(channels));
        let (events_in, events) = queue_with_reserve(RING, RING_RESERVE);
        let (commands, commands_out) = queue(RING);
        let wakeup = Arc::new(Wakeup::new()?);
        let sink = Sink::new(TableSink::new(Arc::clone(&table), events_in), Arc::clone(&wakeup));
        let media = MediaSettings {
            players: channels,
            recorders: RECORDERS * channels,
            conferences: usize::from(CONFERENCES),
            echo_tail_ms: config.echo_tail_ms,
            ..MediaSettings::default()
        };
        let (engine, ends) = Engine::new(cards, Settings { media, ..Settings::new(country) }, commands_out, sink);
        let sounds = Sounds::default();
        let files = FileService::new(ends.files, Box::new(sounds.clone()));
        let capacity = if config.queue == 0 { QUEUE } else { config.queue } as usize;
        let queue = Queue::new(capacity, 2 * usize::from(OPS_MAX));
        let notices = sounds.notices.clone();
        let traces = Arc::new(Traces::new(traces, notices.clone()));
        let machine = Machine::new(number, Arc::clone(&table), commands, sounds, queue, CONFERENCES, ops);
        let (clock, work) = if config.virtual_clock {
            (Some(Mutex::new(Clock { engine, files, times, traces: Arc::clone(&traces) })), None)
        } else {
            (None, Some(Work { engine, files, times, watchdog }))
        };
        let context = Arc::new(Context {
            ports: machine.shared(),
            table,
            wires,
            inner: Mutex::new(Inner { machine, events, troubles: ends.troubles, signalled: false }),
            changed: Condvar::new(),
            wakeup,
            notices,
            traces,
            closing: AtomicBool::new(false),
            counters: ends.counters,
            clock,
            claims: Mutex::new(claims),
            threads: Mutex::new(None),
            handler: Mutex::new(None),
            log: config.log,
        });
        for (index, card) in config.cards.iter().enumerate() {
            context.log.line(number::LOG_INFO, &format!("Card {index} is {card}"));
        }
        if let Some(work) = work {
            *context.threads.lock() = Some(context.start(work)?);
        }
        Ok(context)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock()
    }

    /// Feeds the machine with what has come, and wakes readers.
    fn pump(&self, inner: &mut Inner) {
        self.feed(inner);
        self.wake(inner);
    }

    /// Feeds the machine with what has come.
    fn feed(&self, inner: &mut Inner) {
        if self.table.take_overflowed().is_some() {
            inner.machine.reconcile();
        }
        inner.machine.handle_notices();
        inner.machine.poll_cards();
        inner.machine.queue.stamp(self.wakeup.woken_ns());
        while let Some(event) = inner.events.pop() {
            inner.machine.handle(event);
        }
        inner.machine.queue.stamp(0);
        // Tick markers give way to events in a full ring: the engine's own count says how far the clock is.
        let now = self.counters.engine().ticks;
        inner.machine.advance(now.max(inner.machine.now_ms()));
    }

    /// Logs what went wrong in the engine, and reports it as events.
    fn report_troubles(&self) {
        loop {
            let trouble = self.lock().troubles.pop();
            let Some(trouble) = trouble else { return };
            self.report(&trouble.to_string());
        }
    }

    /// Logs a trouble, and reports it as an event.
    fn report(&self, trouble: &str) {
        self.log.line(number::LOG_ERROR, trouble);
        let mut inner = self.lock();
        inner.machine.trouble(trouble);
        self.wake(&mut inner);
    }

    /// Keeps the descriptor and the waiting threads in step with the queue.
    fn wake(&self, inner: &mut Inner) {
        inner.machine.queue.stamp_rest(monotonic_ns);
        let some = !inner.machine.queue.is_empty();
        if some != std::mem::replace(&mut inner.signalled, some) {
            let _ = if some { self.wakeup.readable.write(1).map(drop) } else { self.wakeup.readable.read().map(drop) };
        }
        self.changed.notify_all();
    }

    /// As [`Context::wake`], once the lock is free: the thread that wakes does not meet it. A reader that was quicker
    /// than the descriptor finds it readable without an event once, and clears it with its next look.
    fn settle(&self, mut inner: MutexGuard<'_, Inner>) {
        inner.machine.queue.stamp_rest(monotonic_ns);
        let some = !inner.machine.queue.is_empty();
        let signal = some && !inner.signalled;
        if signal {
            inner.signalled = true;
        } else {
            self.wake(&mut inner);
        }
        drop(inner);
        if signal {
            let _ = self.wakeup.readable.write(1);
            self.changed.notify_all();
        }
    }

    /// One call of the program on the machine: what has come is taken first, so that the call meets the lines as they
    /// are.
    ///
    /// # Errors
    /// `E_CLOSED`, and those of the call.
    pub fn call<R>(&self, call: impl FnOnce(&mut Machine) -> Outcome<R>) -> Outcome<R> {
        let mut inner = self.lock();
        if self.closing.load(Ordering::Relaxed) {
            fail!(E_CLOSED, "The context is being closed");
        }
        self.feed(&mut inner);
        let result = call(&mut inner.machine);
        self.settle(inner);
        result
    }

    /// The next event with its number; waits for `timeout`, or without end for none.
    ///
    /// # Errors
    /// `E_CLOSED`.
    pub fn next_event(&self, timeout: Option<Duration>) -> Outcome<Option<(u64, Event)>> {
        let mut inner = self.lock();
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        loop {
            if inner.machine.queue.is_empty() {
                self.pump(&mut inner);
            }
            if let Some(event) = inner.machine.queue.pop() {
                if inner.machine.queue.is_empty() {
                    inner.signalled = false;
                    let _ = self.wakeup.readable.read();
                }
                return Ok(Some(event));
            }
            if self.closing.load(Ordering::Relaxed) {
                fail!(E_CLOSED, "The context is being closed");
            }
            if !self.wait(&mut inner, deadline)? {
                if inner.machine.queue.is_empty() {
                    // A signal that came behind its event.
                    let _ = self.wakeup.readable.read();
                }
                return Ok(None);
            }
        }
    }

    /// Waits for a change until a deadline. False when it has passed.
    ///
    /// # Errors
    /// `E_STATE` within a function of the program that gives or takes sound.
    fn wait(&self, inner: &mut MutexGuard<'_, Inner>, deadline: Option<Instant>) -> Outcome<bool> {
        if leases::is_inside() && deadline.is_none_or(|deadline| deadline > Instant::now()) {
            fail!(E_STATE, "A function that gives or takes sound cannot wait: the sound waits for it");
        }
        Ok(match deadline {
            None => {
                self.changed.wait(inner);
                true
            }
            Some(deadline) => !self.changed.wait_until(inner, deadline).timed_out(),
        })
    }

    /// The result of an operation; waits as [`Context::next_event`].
    ///
    /// # Errors
    /// `E_STALE`, `E_CLOSED`.
    pub fn wait_op(&self, op: u64, timeout: Option<Duration>) -> Outcome<Option<crate::machine::Finished>> {
        let mut inner = self.lock();
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        loop {
            self.pump(&mut inner);
            if let Some(finished) = inner.machine.result(op)? {
                return Ok(Some(finished));
            }
            if self.closing.load(Ordering::Relaxed) {
                fail!(E_CLOSED, "The context is being closed");
            }
            if !self.wait(&mut inner, deadline)? {
                return Ok(None);
            }
        }
    }

    /// The facts of the ports for readers without the lock.
    pub fn readable_by_all(&self) -> (Arc<Ports>, Arc<ChannelTable>) {
        (Arc::clone(&self.ports), Arc::clone(&self.table))
    }

    /// The descriptor that is readable while events wait.
    pub fn descriptor(&self) -> i32 {
        self.wakeup.watch();
        self.wakeup.readable.as_fd().as_raw_fd()
    }

    /// A port's kind and word, without waiting.
    pub fn port(&self, port: usize) -> Option<(u32, Word)> {
        let kind = self.ports.kind.get(port)?.load(Ordering::Relaxed);
        Some((kind, self.table.read(ChannelId(port as u16))))
    }

    /// The port of an open channel, without waiting.
    ///
    /// # Errors
    /// `E_STALE`.
    pub fn port_of(&self, channel: u64) -> Outcome<usize> {
        let port = crate::slots::slot_of(channel);
        match self.ports.handle.get(port) {
            Some(open) if channel != 0 && open.load(Ordering::Acquire) == channel => Ok(port),
            _ => Err(Failure { error: error::E_STALE, detail: "No channel is open under this handle".into() }),
        }
    }

    /// The number of ports.
    pub fn port_count(&self) -> usize {
        self.table.len()
    }

    /// The first port of a card, and how many it has: cards have as many as they have sockets.
    pub fn port_on(&self, card: usize, port: usize) -> Option<usize> {
        (card < self.wires.len() && port < sim::MODULES).then_some(card * sim::MODULES + port)
    }

    /// All words, with the number of the last event they reflect.
    pub fn snapshot(&self) -> Outcome<(Vec<(u32, Word)>, u64)> {
        self.call(|machine| Ok((machine.queue.sequence(), ()))).map(|(sequence, ()): (u64, ())| {
            ((0..self.port_count()).filter_map(|port| self.port(port)).collect(), sequence)
        })
    }

    /// Counters: those of the engine, events put into the queue, events lost.
    pub fn counted(&self) -> (tipring_driver::engine::Counters, u64, u64) {
        let inner = self.lock();
        let queue = &inner.machine.queue;
        (self.counters.engine(), queue.sequence() - queue.lost(), queue.lost())
    }

    /// The far end of a simulated port.
    ///
    /// # Errors
    /// `E_UNSUPPORTED` for a real one.
    pub fn far_end<R>(&self, port: usize, act: impl FnOnce(&mut sim::Port) -> Outcome<R>) -> Outcome<R> {
        if self.closing.load(Ordering::Relaxed) {
            fail!(E_CLOSED, "The context is being closed");
        }
        let wires = self.wires.get(port / sim::MODULES).and_then(Option::as_ref);
        match wires.map(|wires| wires.lock()) {
            Some(mut ports) => act(&mut ports[port % sim::MODULES]),
            None => fail!(E_UNSUPPORTED, "Port {port} is not simulated"),
        }
    }

    /// Releases every line, waits for them to rest, stops the threads and closes the cards.
    ///
    /// # Errors
    /// `E_STATE` from the handler, `E_CLOSED` when another thread closes it already.
    pub fn close(self: &Arc<Context>, drain: Duration) -> Outcome<()> {
        if self.is_handler() || leases::is_inside() {
            fail!(E_STATE, "A context cannot be closed from a function that it calls");
        }
        {
            let mut inner = self.lock();
            if self.closing.swap(true, Ordering::AcqRel) {
                fail!(E_CLOSED, "The context is being closed already");
            }
            inner.machine.close_all();
            self.wake(&mut inner);
        }
        let _ = self.set_handler(None);
        let deadline = Instant::now() + drain;
        match &self.clock {
            Some(clock) => {
                let mut clock = clock.lock();
                for _ in 0..drain.as_millis() {
                    if self.at_rest() {
                        break;
                    }
                    clock.step();
                    self.pump(&mut self.lock());
                }
                clock.engine.stop();
                clock.files.finish();
            }
            None => {
                while !self.at_rest() && Instant::now() < deadline {
                    thread::sleep(FILE_PERIOD);
                }
            }
        }
        let threads = self.threads.lock().take();
        let stopped = threads.map_or(Ok(()), Threads::stop);
        self.traces.finish();
        self.report_troubles();
        self.pump(&mut self.lock());
        self.claims.lock().clear();
        stopped
    }

    /// Begins a trace of a card.
    ///
    /// # Errors
    /// As [`Machine::trace`].
    pub fn trace(&self, card: usize, path: &std::path::Path) -> Outcome<u64> {
        self.call(|machine| machine.trace(card, path, &self.traces))
    }

    fn at_rest(&self) -> bool {
        !self.lock().machine.is_card_busy()
            && (0..self.port_count()).filter_map(|port| self.port(port)).all(|(_, word)| word.state.is_at_rest())
    }
}
