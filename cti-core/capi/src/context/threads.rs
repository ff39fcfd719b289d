//! The threads of a context, and what passes between them and the machine.
//!
//! Never: leaves a thread running when another could not be started, or when the context goes.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::EventFd;
use tipring_core::channel::TableSink;
use tipring_driver::engine::{Acceptance, CommandRefused, Engine, EventSink};
use tipring_driver::ids::ChannelId;
use tipring_driver::line::LineEvent;
use tipring_driver::media::MediaEvent;
use tipring_driver::media::file_io::FileService;
use tipring_driver::pace::{Pace, TimerPace};
use tipring_driver::pci::tx_watchdog::TxWatchdog;
use tipring_driver::time::Tick;

use super::cards::Times;
use super::{Context, SERVICE_MS, eventfd, monotonic_ns};
use crate::abi::{error, number};
use crate::failure::{Failure, Outcome, fail};

/// Period of the file thread.
pub(super) const FILE_PERIOD: Duration = Duration::from_millis(2);
/// The most a simulated card on the wall clock catches up at once after a stall, in ms: its rings hold no more.
const CATCH_UP_MS: u64 = 32;

/// Wakes the service thread; and, once the program has asked for its descriptor, whoever sleeps on that: it need not
/// wait for the service thread first.
pub(super) struct Wakeup {
    fd: EventFd,
    /// The program's descriptor.
    pub(super) readable: EventFd,
    watched: AtomicBool,
    /// End of the last tick with events, in ns of the monotonic clock.
    woken_ns: AtomicU64,
}

impl Wakeup {
    /// A wake-up that has not been signalled.
    ///
    /// # Errors
    /// `E_RESOURCE`.
    pub(super) fn new() -> Outcome<Wakeup> {
        let (watched, woken_ns) = (AtomicBool::new(false), AtomicU64::new(0));
        Ok(Wakeup { fd: eventfd()?, readable: eventfd()?, watched, woken_ns })
    }

    /// The program has asked for its descriptor.
    pub(super) fn watch(&self) {
        self.watched.store(true, Ordering::Relaxed);
    }

    /// End of the last tick with events, in ns of the monotonic clock.
    pub(super) fn woken_ns(&self) -> u64 {
        self.woken_ns.load(Ordering::Relaxed)
    }

    /// A tick had events.
    fn wake_after_tick(&self) {
        self.woken_ns.store(monotonic_ns(), Ordering::Relaxed);
        if self.watched.load(Ordering::Relaxed) {
            let _ = self.readable.write(1);
        }
        self.wake();
    }

    fn wake(&self) {
        // A counter near its end would refuse: then it is not zero, and the sleeper wakes all the same.
        let _ = self.fd.write(1);
    }
}

/// The channel table's sink; wakes the service thread once a tick that had events.
pub(super) struct Sink {
    inner: TableSink,
    wakeup: Arc<Wakeup>,
    had_events: bool,
}

impl Sink {
    /// A sink before the channel table's own.
    pub(super) fn new(inner: TableSink, wakeup: Arc<Wakeup>) -> Sink {
        Sink { inner, wakeup, had_events: false }
    }
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

    fn command_refused(&mut self, now: Tick, refused: CommandRefused) {
        self.had_events = true;
        self.inner.command_refused(now, refused);
    }

    fn tick(&mut self, now: Tick) {
        self.inner.tick(now);
        if std::mem::take(&mut self.had_events) {
            self.wakeup.wake_after_tick();
        }
    }
}

/// Steps simulated cards by the wall clock, as a card's crystal would.
struct SimulatedPace {
    timer: TimerPace,
    times: Times,
}

impl Pace for SimulatedPace {
    fn wait(&mut self) -> u64 {
        let elapsed = self.timer.wait();
        for _ in 0..elapsed.min(CATCH_UP_MS) {
            self.times.step();
        }
        elapsed
    }
}

/// Threads that run until they are stopped: all of them end when this goes.
pub(super) struct Threads {
    stop: Arc<AtomicBool>,
    wakeup: Arc<Wakeup>,
    running: Vec<JoinHandle<()>>,
}

impl Threads {
    /// No threads yet. `wakeup` wakes the thread that sleeps on it, so that it sees the stop.
    pub(super) fn new(wakeup: Arc<Wakeup>) -> Threads {
        Threads { stop: Arc::new(AtomicBool::new(false)), wakeup, running: Vec::new() }
    }

    /// Starts a thread; its body returns soon after the flag is set.
    ///
    /// # Errors
    /// `E_RESOURCE`; those that run go on until this is dropped.
    fn start(
        &mut self,
        builder: thread::Builder,
        name: &str,
        body: impl FnOnce(&AtomicBool) + Send + 'static,
    ) -> Outcome<()> {
        let stop = Arc::clone(&self.stop);
        let thread = builder
            .name(name.into())
            .spawn(move || body(&stop))
            .map_err(|why| Failure::new(error::E_RESOURCE, format!("The thread {name} cannot be started: {why}")))?;
        self.running.push(thread);
        Ok(())
    }

    /// Stops all threads and waits for their ends.
    ///
    /// # Errors
    /// `E_INTERNAL` when one of them panicked.
    pub(super) fn stop(mut self) -> Outcome<()> {
        if self.end() { fail!(E_INTERNAL, "A thread of the context panicked") } else { Ok(()) }
    }

    fn end(&mut self) -> bool {
        self.stop.store(true, Ordering::Release);
        self.wakeup.wake();
        // Each is waited for, also behind one that panicked.
        let results: Vec<_> = self.running.drain(..).map(JoinHandle::join).collect();
        results.iter().any(Result::is_err)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// The work of the wall clock's threads, before they run.
pub(super) struct Work {
    /// The media thread's.
    pub(super) engine: Engine<Sink>,
    /// The file thread's.
    pub(super) files: FileService,
    /// Cards to be stepped by the wall clock.
    pub(super) times: Times,
    /// Silences cards when the media thread hangs.
    pub(super) watchdog: TxWatchdog,
}

impl Context {
    /// Starts the threads of a context that follows the wall clock.
    ///
    /// # Errors
    /// `E_RESOURCE`; none of them runs then.
    pub(super) fn start(self: &Arc<Context>, work: Work) -> Outcome<Threads> {
        let Work { mut engine, mut files, times, watchdog } = work;
        let timer =
            TimerPace::new().map_err(|why| Failure::new(error::E_RESOURCE, format!("A timer failed: {why}")))?;
        let mut threads = Threads::new(Arc::clone(&self.wakeup));
        let mut pace = SimulatedPace { timer, times };
        threads.start(thread::Builder::new(), "tipring-media", move |stop| engine.run(&mut pace, stop))?;
        let context = Arc::clone(self);
        threads.start(thread::Builder::new(), "tipring-files", move |stop| {
            while !stop.load(Ordering::Acquire) {
                if files.step() == 0 {
                    thread::sleep(FILE_PERIOD);
                }
                context.traces.step();
                context.report_files(&mut files);
                context.report_troubles();
                if !context.notices.is_empty() {
                    context.pump(&mut context.lock());
                }
            }
            files.finish();
        })?;
        let context = Arc::clone(self);
        threads.start(thread::Builder::new(), "tipring-service", move |stop| context.serve(stop))?;
        let context = Arc::clone(self);
        threads.start(thread::Builder::new(), "tipring-watchdog", move |stop| {
            if let Err(why) = watchdog.serve(stop) {
                context.log.line(number::LOG_ERROR, &format!("The transmit watchdog has stopped: {why}"));
            }
        })?;
        Ok(threads)
    }

    /// The body of the service thread.
    fn serve(&self, stop: &AtomicBool) {
        while !stop.load(Ordering::Acquire) {
            let sleep_ms = {
                let mut inner = self.lock();
                self.feed(&mut inner);
                let (due, now) = (inner.machine.next_deadline_ms(), inner.machine.now_ms());
                if inner.machine.queue.is_empty() {
                    // The tick's events were not for the program.
                    let _ = self.wakeup.readable.read();
                }
                self.settle(inner);
                due.map_or(SERVICE_MS, |at| at.saturating_sub(now).clamp(1, SERVICE_MS))
            };
            let mut fds = [PollFd::new(self.wakeup.fd.as_fd(), PollFlags::POLLIN)];
            let timeout = PollTimeout::try_from(sleep_ms as u32).unwrap_or(PollTimeout::MAX);
            // Interrupted or not: what there is to do is looked at again.
            let _ = poll(&mut fds, timeout);
            let _ = self.wakeup.fd.read();
        }
    }

    /// Logs the files that could not be used, and reports them as events.
    pub(super) fn report_files(&self, files: &mut FileService) {
        while let Some(trouble) = files.poll_trouble() {
            self.report(&trouble.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_that_run_are_ended_when_another_cannot_be_started() {
        let mut threads = Threads::new(Arc::new(Wakeup::new().expect("an eventfd")));
        let ended = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&ended);
        let body = move |stop: &AtomicBool| {
            while !stop.load(Ordering::Acquire) {
                thread::sleep(Duration::from_millis(1));
            }
            seen.store(true, Ordering::Release);
        };
        threads.start(thread::Builder::new(), "first", body).expect("one more thread is possible");
        // More address space than a process can have.
        let impossible = thread::Builder::new().stack_size(usize::MAX / 4);
        let failure = threads.start(impossible, "second", |_| {}).expect_err("no thread has such a stack");
        assert_eq!(failure.error, error::E_RESOURCE);
        drop(threads);
        assert!(ended.load(Ordering::Acquire));
    }

    #[test]
    fn a_thread_that_panicked_is_reported_when_all_are_stopped() {
        let mut threads = Threads::new(Arc::new(Wakeup::new().expect("an eventfd")));
        threads.start(thread::Builder::new(), "panics", |_| panic!("on purpose")).expect("a thread");
        threads.start(thread::Builder::new(), "ends", |_| {}).expect("a thread");
        assert_eq!(threads.stop().expect_err("one panicked").error, error::E_INTERNAL);
    }
}
