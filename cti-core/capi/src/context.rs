//! A context: cards, the engine and its threads, and the machine behind one lock.
//!
//! | thread | does |
//! |---|---|
//! | media | the engine; rings the bell when a tick had events |
//! | files | moves sound between rings and files |
//! | service | sleeps on the bell or the next deadline, feeds the machine, wakes readers |
//! | handler | only when a handler is set: takes events and calls it |
//!
//! With the virtual clock there are none of the first three: `tr_sim_advance` does their work in the caller's thread.
//!
//! Never: holds the lock while it calls the program, waits, or does I/O.

use std::ffi::{CString, c_void};
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle, ThreadId};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use parking_lot::{Condvar, Mutex, MutexGuard};
use tipring_core::channel::{ChannelEvent, ChannelTable, TableSink, Word};
use tipring_driver::card::tdm400p::{Settings as CardSettings, Tdm400p, line_settings};
use tipring_driver::card::{Address, Card, OpenSettings, open};
use tipring_driver::country::Country;
use tipring_driver::engine::{Acceptance, Engine, EventSink, Settings, SharedCounters, Trouble};
use tipring_driver::ids::ChannelId;
use tipring_driver::line::LineEvent;
use tipring_driver::media::MediaEvent;
use tipring_driver::media::file_io::FileService;
use tipring_driver::media::tick::MediaSettings;
use tipring_driver::pace::{Pace, TimerPace};
use tipring_driver::pci::reopen::Never;
use tipring_driver::pci::tx_watchdog::TxWatchdog;
use tipring_driver::pci::{PciError, PciFunction};
use tipring_driver::ring::{Consumer, ring, ring_with_reserve};
use tipring_driver::time::Tick;

use crate::abi::{EventFn, LogFn, error, number};
use crate::direct::{Direct, Slot};
use crate::failure::{Failure, Outcome, fail};
use crate::library::Sounds;
use crate::machine::{Machine, OPS_MAX, Ports};
use crate::queue::{Event, Queue};
use crate::sim::{self, Wires};

/// Entries of the rings between the engine and the machine, of which hang-ups and completions may use the last.
const RING: usize = 8192;
const RING_RESERVE: usize = 2048;
/// Events kept for a slow reader unless the program says otherwise, and at most.
const QUEUE: u32 = 4096;
const QUEUE_MAX: u32 = 65_536;
/// Players, recorders and conferences at the same time.
const PLAYERS: usize = 512;
const CONFERENCES: u16 = 128;
/// The longest sleep of the service thread, in ms.
const SERVICE_MS: u64 = 50;
/// Period of the file thread.
const FILE_PERIOD: Duration = Duration::from_millis(2);
/// The most a simulated card on the wall clock catches up at once after a stall, in ms: its rings hold no more.
const CATCH_UP_MS: u64 = 32;

/// Settings of a context.
pub struct Config {
    /// Cards, in order.
    pub cards: Vec<String>,
    /// Of the lines.
    pub country: String,
    /// Events kept.
    pub queue: u32,
    /// Time passes in `advance` only.
    pub virtual_clock: bool,
    /// Where lines of the log go.
    pub log: Log,
}

/// The program's log.
#[derive(Debug, Clone, Copy)]
pub struct Log {
    /// The function, if there is one.
    pub function: Option<LogFn>,
    /// Its first argument, as a number.
    pub user: usize,
}

impl Log {
    fn line(&self, level: u32, text: &str) {
        if let (Some(function), Ok(text)) = (self.function, CString::new(text.replace('\0', " "))) {
            // SAFETY: the program promised in tr_config that its function may be called with its pointer and a text
            // that is valid during the call.
            #[allow(unsafe_code)]
            unsafe {
                function(std::ptr::with_exposed_provenance_mut(self.user), level, text.as_ptr());
            }
        }
    }
}

/// A context.
pub struct Context {
    table: Arc<ChannelTable>,
    ports: Arc<Ports>,
    wires: Vec<Option<Wires>>,
    inner: Mutex<Inner>,
    /// Signalled when there is an event, a result, or the end.
    changed: Condvar,
    readable: EventFd,
    bell: Arc<Bell>,
    stop: Arc<AtomicBool>,
    closing: AtomicBool,
    counters: SharedCounters,
    /// Engine, files and cards, when the clock is virtual.
    clock: Option<Mutex<Clock>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    handler: Mutex<Option<HandlerThread>>,
    log: Log,
}

/// The thread that calls the program's handler.
struct HandlerThread {
    thread: JoinHandle<()>,
    id: ThreadId,
    stop: Arc<AtomicBool>,
}

struct Inner {
    machine: Machine,
    events: Consumer<ChannelEvent>,
    troubles: Consumer<Trouble>,
}

struct Clock {
    engine: Engine<Sink>,
    files: FileService,
    slots: Vec<Arc<Mutex<Slot>>>,
}

/// Wakes the service thread.
struct Bell {
    fd: EventFd,
}

impl Bell {
    fn ring(&self) {
        // A counter near its end would refuse: then it is not zero, and the sleeper wakes all the same.
        let _ = self.fd.write(1);
    }
}

/// The channel table's sink; rings the bell once a tick that had events.
struct Sink {
    inner: TableSink,
    bell: Arc<Bell>,
    had_events: bool,
}

impl EventSink for Sink {
    fn line_event(&mut self, now: Tick, channel: ChannelId, event: LineEvent) -> Acceptance {
        self.had_events = true;
        self.inner.line_event(now, channel, event)
    }

    fn media_event(&mut self, now: Tick, event: MediaEvent) {
        self.had_events = true;
        self.inner.media_event(now, event);
    }

    fn tick(&mut self, now: Tick) {
        self.inner.tick(now);
        if std::mem::take(&mut self.had_events) {
            self.bell.ring();
        }
    }
}

/// Steps simulated cards by the wall clock, as a card's crystal would.
struct SimulatedPace {
    timer: TimerPace,
    slots: Vec<Arc<Mutex<Slot>>>,
}

impl Pace for SimulatedPace {
    fn wait(&mut self) -> u64 {
        let elapsed = self.timer.wait();
        for _ in 0..elapsed.min(CATCH_UP_MS) {
            for slot in &self.slots {
                slot.lock().step();
            }
        }
        elapsed
    }
}

fn system(what: &str) -> impl FnOnce(nix::errno::Errno) -> Failure {
    let what = what.to_owned();
    move |errno| Failure::new(error::E_RESOURCE, format!("{what} failed: {}", errno.desc()))
}

fn of_pci(card: &str) -> impl FnOnce(PciError) -> Failure {
    let card = card.to_owned();
    move |why| {
        let text = why.to_string();
        let error = if text.contains("ermission") { error::E_PERMISSION } else { error::E_HARDWARE };
        Failure::new(error, format!("Card {card} cannot be opened: {text}"))
    }
}

fn find_country(code: &str) -> Outcome<(&'static Country, CardSettings)> {
    match (Country::of(code), line_settings::by_code(code)) {
        (Some(country), Some(line)) => Ok((country, CardSettings { line: *line, ..CardSettings::default() })),
        _ => fail!(E_ARGUMENT, "There is no country {code:?}"),
    }
}

impl Context {
    /// Opens cards and starts threads.
    ///
    /// # Errors
    /// `E_ARGUMENT`, `E_HARDWARE`, `E_PERMISSION`, `E_RESOURCE`.
    pub fn open(number: u16, config: Config) -> Outcome<Arc<Context>> {
        let (network, card_settings) = find_country(&config.country)?;
        if config.cards.is_empty() {
            fail!(E_ARGUMENT, "A context needs at least one card");
        }
        if config.queue > QUEUE_MAX {
            fail!(E_ARGUMENT, "The event queue holds at most {QUEUE_MAX} events");
        }
        let watchdog = TxWatchdog::default();
        let (mut cards, mut slots, mut wires): (Vec<Box<dyn Card>>, _, _) = (Vec::new(), Vec::new(), Vec::new());
        for (card, seed) in config.cards.iter().zip(1u64..) {
            let function: Box<dyn PciFunction> = match card.strip_prefix("sim:") {
                Some(modules) => {
                    let Some(country) = tipring_hw_sim::network::country::country(&config.country) else {
                        fail!(E_ARGUMENT, "The simulator has no lines of country {:?}", config.country);
                    };
                    let (device, ends) = sim::card(sim::plugs(modules)?, country, seed * sim::MODULES as u64);
                    let slot = Slot::new(device);
                    slots.push(Arc::clone(&slot));
                    wires.push(Some(ends));
                    Box::new(Direct::open(slot))
                }
                None if config.virtual_clock => {
                    fail!(E_ARGUMENT, "Only simulated cards follow the virtual clock; {card} does not")
                }
                None => {
                    wires.push(None);
                    let settings = OpenSettings {
                        card: card_settings,
                        watchdog: Some(watchdog.clone()),
                        ..OpenSettings::default()
                    };
                    let address: Address = card.parse().unwrap_or_else(|never| match never {});
                    let opened = open(&address, settings).map_err(of_pci(card))?;
                    match opened.missing {
                        // A context begins with its cards; one that goes later is opened again by itself.
                        Some(missing) => return Err(of_pci(card)(missing)),
                        None => {
                            cards.push(opened.card);
                            continue;
                        }
                    }
                }
            };
            let needs = card_settings.needs().with_tx_watchdog(watchdog.clone());
            let attached = needs.attach(function).map_err(of_pci(card))?;
            cards.push(Box::new(Tdm400p::new(attached, Box::new(Never), card_settings)));
        }
        let channels = cards.iter().map(|card| card.ports()).sum();
        let table = Arc::new(ChannelTable::new(channels));
        let (events_in, events) = ring_with_reserve(RING, RING_RESERVE);
        let (commands, commands_out) = ring(RING);
        let bell = Arc::new(Bell {
            fd: EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK).map_err(system("eventfd"))?,
        });
        let sink =
            Sink { inner: TableSink::new(Arc::clone(&table), events_in), bell: Arc::clone(&bell), had_events: false };
        let media = MediaSettings {
            players: PLAYERS,
            recorders: PLAYERS,
            conferences: usize::from(CONFERENCES),
            ..MediaSettings::default()
        };
        let (mut engine, ends) = Engine::new(cards, Settings { media, ..Settings::new(network) }, commands_out, sink);
        let sounds = Sounds::default();
        let files = FileService::new(ends.files, Box::new(sounds.clone()));
        let capacity = if config.queue == 0 { QUEUE } else { config.queue } as usize;
        let queue = Queue::new(capacity, 2 * usize::from(OPS_MAX));
        let machine = Machine::new(number, Arc::clone(&table), commands, sounds, queue, CONFERENCES);
        let stop = Arc::new(AtomicBool::new(false));
        let (clock, running) = if config.virtual_clock {
            (Some(Mutex::new(Clock { engine, files, slots })), None)
        } else {
            let timer =
                TimerPace::new().map_err(|why| Failure::new(error::E_RESOURCE, format!("A timer failed: {why}")))?;
            let mut pace = SimulatedPace { timer, slots };
            let media = move |stop: &AtomicBool| engine.run(&mut pace, stop);
            (None, Some((media, files)))
        };
        let context = Arc::new(Context {
            ports: machine.shared(),
            table,
            wires,
            inner: Mutex::new(Inner { machine, events, troubles: ends.troubles }),
            changed: Condvar::new(),
            readable: EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK).map_err(system("eventfd"))?,
            bell,
            stop,
            closing: AtomicBool::new(false),
            counters: ends.counters,
            clock,
            threads: Mutex::new(Vec::new()),
            handler: Mutex::new(None),
            log: config.log,
        });
        for (index, card) in config.cards.iter().enumerate() {
            context.log.line(number::LOG_INFO, &format!("Card {index} is {card}"));
        }
        if let Some((mut media, mut files)) = running {
            let stop = Arc::clone(&context.stop);
            context.spawn("tipring-media", move |_| media(&stop))?;
            context.spawn("tipring-files", move |context| {
                while !context.stop.load(Ordering::Acquire) {
                    if files.step() == 0 {
                        thread::sleep(FILE_PERIOD);
                    }
                    while let Some(trouble) = files.poll_trouble() {
                        context.log.line(number::LOG_ERROR, &trouble.to_string());
                        context.lock().machine.trouble(&trouble.to_string());
                    }
                }
                files.finish();
            })?;
            context.spawn("tipring-service", |context| context.serve())?;
            let watch = Arc::clone(&context.stop);
            context.spawn("tipring-watchdog", move |context| {
                if let Err(why) = watchdog.serve(&watch) {
                    context.log.line(number::LOG_ERROR, &format!("The transmit watchdog has stopped: {why}"));
                }
            })?;
        }
        Ok(context)
    }

    fn spawn(self: &Arc<Context>, name: &str, body: impl FnOnce(&Arc<Context>) + Send + 'static) -> Outcome<()> {
        let context = Arc::clone(self);
        let thread = thread::Builder::new()
            .name(name.into())
            .spawn(move || body(&context))
            .map_err(|why| Failure::new(error::E_RESOURCE, format!("The thread {name} cannot be started: {why}")))?;
        self.threads.lock().push(thread);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock()
    }

    /// The body of the service thread.
    fn serve(self: &Arc<Context>) {
        while !self.stop.load(Ordering::Acquire) {
            let sleep_ms = {
                let mut inner = self.lock();
                self.pump(&mut inner);
                let due = inner.machine.next_deadline_ms();
                due.map_or(SERVICE_MS, |at| at.saturating_sub(inner.machine.now_ms()).clamp(1, SERVICE_MS))
            };
            let mut fds = [PollFd::new(self.bell.fd.as_fd(), PollFlags::POLLIN)];
            let timeout = PollTimeout::try_from(sleep_ms as u32).unwrap_or(PollTimeout::MAX);
            // Interrupted or not: what there is to do is looked at again.
            let _ = poll(&mut fds, timeout);
            let _ = self.bell.fd.read();
        }
    }

    /// Feeds the machine with what has come, and wakes readers.
    fn pump(&self, inner: &mut Inner) {
        if self.table.take_overflowed() {
            inner.machine.reconcile();
        }
        while let Some(event) = inner.events.pop() {
            inner.machine.handle(event);
        }
        // Tick markers give way to events in a full ring: the engine's own count says how far the clock is.
        let now = self.counters.engine().ticks;
        inner.machine.advance(now.max(inner.machine.now_ms()));
        while let Some(trouble) = inner.troubles.pop() {
            self.log.line(number::LOG_ERROR, &trouble.to_string());
            inner.machine.trouble(&trouble.to_string());
        }
        self.wake(inner);
    }

    /// Keeps the descriptor and the waiting threads in step with the queue.
    fn wake(&self, inner: &Inner) {
        if inner.machine.queue.is_empty() {
            let _ = self.readable.read();
        } else {
            let _ = self.readable.write(1);
        }
        self.changed.notify_all();
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
        self.pump(&mut inner);
        let result = call(&mut inner.machine);
        self.wake(&inner);
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
                    let _ = self.readable.read();
                }
                return Ok(Some(event));
            }
            if self.closing.load(Ordering::Relaxed) {
                fail!(E_CLOSED, "The context is being closed");
            }
            if !self.wait(&mut inner, deadline) {
                return Ok(None);
            }
        }
    }

    /// Waits for a change until a deadline. False when it has passed.
    fn wait(&self, inner: &mut MutexGuard<'_, Inner>, deadline: Option<Instant>) -> bool {
        match deadline {
            None => {
                self.changed.wait(inner);
                true
            }
            Some(deadline) => !self.changed.wait_until(inner, deadline).timed_out(),
        }
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
            if !self.wait(&mut inner, deadline) {
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
        self.readable.as_fd().as_raw_fd()
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

    /// Lets time pass on the virtual clock.
    ///
    /// # Errors
    /// `E_STATE` with another clock, or from the handler.
    pub fn advance(&self, ms: u32) -> Outcome<()> {
        let Some(clock) = &self.clock else {
            fail!(E_STATE, "The context follows the wall clock");
        };
        if self.is_handler() {
            fail!(E_STATE, "Time cannot pass from within the event handler");
        }
        let mut clock = clock.lock();
        for _ in 0..ms {
            if self.closing.load(Ordering::Relaxed) {
                fail!(E_CLOSED, "The context is being closed");
            }
            clock.step();
            let mut inner = self.lock();
            while let Some(trouble) = clock.files.poll_trouble() {
                self.log.line(number::LOG_ERROR, &trouble.to_string());
                inner.machine.trouble(&trouble.to_string());
            }
            self.pump(&mut inner);
        }
        Ok(())
    }

    fn is_handler(&self) -> bool {
        self.handler.lock().as_ref().is_some_and(|handler| handler.id == thread::current().id())
    }

    /// Delivers events by calls from now on, or no longer.
    ///
    /// # Errors
    /// `E_STATE` from the handler itself.
    pub fn set_handler(self: &Arc<Context>, handler: Option<(EventFn, usize)>) -> Outcome<()> {
        if self.is_handler() {
            fail!(E_STATE, "The handler cannot be changed from within itself");
        }
        let before = self.handler.lock().take();
        if let Some(HandlerThread { thread, stop, .. }) = before {
            stop.store(true, Ordering::Release);
            drop(self.lock());
            self.changed.notify_all();
            if thread.join().is_err() {
                fail!(E_INTERNAL, "The event handler's thread panicked");
            }
        }
        let Some((function, user)) = handler else { return Ok(()) };
        let (context, stop) = (Arc::clone(self), Arc::new(AtomicBool::new(false)));
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name("tipring-handler".into())
            .spawn(move || context.handle_events(function, user, &stopped))
            .map_err(|why| Failure::new(error::E_RESOURCE, format!("The handler's thread cannot be started: {why}")))?;
        let id = thread.thread().id();
        *self.handler.lock() = Some(HandlerThread { thread, id, stop });
        Ok(())
    }

    fn handle_events(&self, function: EventFn, user: usize, stop: &AtomicBool) {
        while !stop.load(Ordering::Acquire) {
            match self.next_event(Some(Duration::from_millis(SERVICE_MS))) {
                Ok(Some((sequence, event))) => {
                    let event = crate::functions::event_of(sequence, &event);
                    let user: *mut c_void = std::ptr::with_exposed_provenance_mut(user);
                    // SAFETY: the program promised in tr_set_handler that its function may be called with its pointer
                    // and an event that is valid during the call.
                    #[allow(unsafe_code)]
                    unsafe {
                        function(user, &raw const event);
                    }
                }
                Ok(None) => {}
                Err(_) => return,
            }
        }
    }

    /// Releases every line, waits for them to rest, stops the threads and closes the cards.
    ///
    /// # Errors
    /// `E_STATE` from the handler, `E_CLOSED` when another thread closes it already.
    pub fn close(self: &Arc<Context>, drain: Duration) -> Outcome<()> {
        if self.is_handler() {
            fail!(E_STATE, "A context cannot be closed from its event handler");
        }
        {
            let mut inner = self.lock();
            if self.closing.swap(true, Ordering::AcqRel) {
                fail!(E_CLOSED, "The context is being closed already");
            }
            inner.machine.close_all();
            self.wake(&inner);
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
        self.stop.store(true, Ordering::Release);
        self.bell.ring();
        let mut panicked = false;
        for thread in std::mem::take(&mut *self.threads.lock()) {
            panicked |= thread.join().is_err();
        }
        if panicked {
            fail!(E_INTERNAL, "A thread of the context panicked");
        }
        Ok(())
    }

    fn at_rest(&self) -> bool {
        (0..self.port_count()).filter_map(|port| self.port(port)).all(|(_, word)| word.state.is_at_rest())
    }
}

impl Clock {
    fn step(&mut self) {
        for slot in &self.slots {
            slot.lock().step();
        }
        self.engine.step_once(1);
        self.files.step();
    }
}
