//! The log: entries on the standard error or in systemd's journal, each a sentence with its fields beside it.
//!
//! Entries go through a bounded queue to a thread that writes them. A reader that is gone or stands still costs lines,
//! never the thread that logs: lines without room are counted, and the count is logged when there is room again.
//!
//! | file | what it holds |
//! |---|---|
//! | `form` | the forms of an entry: text, JSON, the journal's |
//! | `journal` | the journal's socket |
//!
//! Never: blocks or panics a thread that logs.

mod form;
mod journal;

use std::fmt::Display;
use std::io::Write;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use chrono::{DateTime, Local};
use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, bounded};

use self::form::Form;
use self::journal::{Journal, leads_to_journal};

/// Lines that may wait to be written.
const QUEUE: usize = 4096;
/// Time that closing the log waits for its last lines to be written.
const CLOSE_MAX: Duration = Duration::from_secs(2);

/// The level of an entry, as syslog orders them (RFC 5424, section 6.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Service is impaired or has ended.
    Error,
    /// Service goes on; the site's staff should act.
    Warning,
    /// Ordinary course of things.
    Info,
}

impl Level {
    /// The level's name.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "info",
        }
    }

    /// The level's word in a line of text.
    const fn padded(self) -> &'static str {
        match self {
            Level::Error => "ERROR",
            Level::Warning => "WARN ",
            Level::Info => "INFO ",
        }
    }

    /// Syslog's number of the level.
    const fn number(self) -> u8 {
        match self {
            Level::Error => 3,
            Level::Warning => 4,
            Level::Info => 6,
        }
    }
}

/// A field of an entry: what the sentence is about, as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// CSTA's number of a call.
    Call,
    /// An agent's log-in.
    Agent,
    /// A device: a trunk, a station.
    Device,
    /// A queue.
    Queue,
    /// The number of a caller.
    Caller,
    /// The log-in of a client.
    User,
    /// The address of a client.
    Peer,
    /// An alarm.
    Alarm,
}

impl Field {
    /// The field's name in JSON; in capital letters that in the journal.
    pub const fn name(self) -> &'static str {
        match self {
            Field::Call => "call",
            Field::Agent => "agent",
            Field::Device => "device",
            Field::Queue => "queue",
            Field::Caller => "caller",
            Field::User => "user",
            Field::Peer => "peer",
            Field::Alarm => "alarm",
        }
    }
}

/// An entry: a level, a sentence, and its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The level.
    pub level: Level,
    /// The sentence.
    pub text: String,
    /// The fields, each once.
    pub fields: Vec<(Field, String)>,
}

impl Line {
    /// An entry without fields.
    pub fn new(level: Level, text: impl Into<String>) -> Line {
        Line { level, text: text.into(), fields: Vec::new() }
    }

    /// The entry with a field.
    pub fn with(mut self, field: Field, value: impl Display) -> Line {
        self.fields.push((field, value.to_string()));
        self
    }
}

/// An entry without fields is taken.
type Plain = dyn Fn(Level, &str) + Send + Sync;

/// The way into the log, for any thread. Called like a function, it takes an entry without fields.
#[derive(Clone)]
pub struct Log {
    plain: Arc<Plain>,
    full: Arc<dyn Fn(Line) + Send + Sync>,
    losses: Losses,
}

impl Log {
    /// The way into a log that takes its entries by a function.
    pub fn new(take: impl Fn(Line) + Send + Sync + 'static) -> Log {
        Log::counted(take, Losses::default())
    }

    fn counted(take: impl Fn(Line) + Send + Sync + 'static, losses: Losses) -> Log {
        let full: Arc<dyn Fn(Line) + Send + Sync> = Arc::new(take);
        let plain = Arc::clone(&full);
        Log { plain: Arc::new(move |level, text| plain(Line::new(level, text))), full, losses }
    }

    /// Takes an entry.
    pub fn line(&self, line: Line) {
        (self.full)(line);
    }

    /// The count of lost lines.
    pub fn losses(&self) -> Losses {
        self.losses.clone()
    }
}

impl Deref for Log {
    type Target = Plain;

    fn deref(&self) -> &Self::Target {
        &*self.plain
    }
}

/// The form of a log on the standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogForm {
    /// Lines for people; in systemd's journal with fields
    #[default]
    Text,
    /// A JSON object a line
    Json,
}

/// The count of a log's lost lines, for any thread.
#[derive(Debug, Clone, Default)]
pub struct Losses(Arc<AtomicU64>);

impl Losses {
    /// The count.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// An entry with its time.
type Entry = (DateTime<Local>, Line);

/// A log with its writer's thread. Dropping it writes the lines that wait, within a bound.
pub struct Writer {
    lines: Option<Sender<Entry>>,
    lost: Arc<AtomicU64>,
    written: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the writer: on the standard error, or in the journal where the standard error leads there.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn start(form: LogForm) -> std::io::Result<Writer> {
        let stderr = || Box::new(std::io::stderr());
        match form {
            LogForm::Json => Writer::on(stderr(), Form::Json),
            LogForm::Text => match Journal::of_stderr() {
                Some(journal) => Writer::on(Box::new(journal), Form::Journal),
                None if leads_to_journal() => Writer::on(stderr(), Form::Priority),
                None => Writer::on(stderr(), Form::Text),
            },
        }
    }

    fn on(out: Box<dyn Write + Send>, form: Form) -> std::io::Result<Writer> {
        let (lines, lines_out) = bounded(QUEUE);
        let (written_in, written) = bounded(1);
        let lost = Arc::new(AtomicU64::new(0));
        let thread = thread::Builder::new().name("log".into()).spawn({
            let lost = Arc::clone(&lost);
            move || {
                write_lines(out, form, &lines_out, &lost);
                let _ = written_in.send(());
            }
        })?;
        Ok(Writer { lines: Some(lines), lost, written, thread: Some(thread) })
    }

    /// The way into the log, for any thread.
    pub fn log(&self) -> Log {
        let (lines, lost) = (self.lines.clone(), Arc::clone(&self.lost));
        let take = move |line| {
            let entry = (Local::now(), line);
            if lines.as_ref().is_none_or(|lines| lines.try_send(entry).is_err()) {
                lost.fetch_add(1, Ordering::Relaxed);
            }
        };
        Log::counted(take, Losses(Arc::clone(&self.lost)))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.lines = None;
        // Other holders of the log keep the queue open; its idle writer notices within the bound.
        match self.written.recv_timeout(CLOSE_MAX) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                if let Some(thread) = self.thread.take() {
                    let _ = thread.join();
                }
            }
            // The reader stands still: the thread ends with the process.
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// The writer's thread. A line that cannot be written counts as lost; the next is tried all the same.
fn write_lines(mut out: Box<dyn Write + Send>, form: Form, lines: &Receiver<Entry>, lost: &AtomicU64) {
    let mut reported = 0;
    while let Ok((at, line)) = lines.recv() {
        let missing = lost.load(Ordering::Relaxed) - reported;
        if missing > 0 {
            let text =
                format!("{missing} lines of this log were lost: their reader was gone, or slower than they came");
            if out.write_all(&form.octets(&Local::now(), &Line::new(Level::Warning, text))).is_ok() {
                reported += missing;
            }
        }
        if out.write_all(&form.octets(&at, &line)).and_then(|()| out.flush()).is_err() {
            lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::mpsc;
    use std::time::Instant;

    /// A reader that stands still until it is let go, then fails as a closed pipe does.
    struct Stuck(mpsc::Receiver<()>);

    impl Write for Stuck {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_stands_still_costs_lines_and_holds_no_thread_up() {
        let (release, stuck) = mpsc::channel();
        let writer = Writer::on(Box::new(Stuck(stuck)), Form::Text).unwrap();
        let log = writer.log();
        let began = Instant::now();
        for _ in 0..QUEUE + 1000 {
            log(Level::Info, "a line");
        }
        assert!(began.elapsed() < Duration::from_secs(5), "logging waited for its reader");
        // The writer holds one line; the queue holds as many as it may; the others are counted.
        let lost = log.losses().count();
        assert!((999..=1000).contains(&lost), "{lost} lost");
        drop(release);
        drop(log);
    }

    #[test]
    fn a_line_after_lost_ones_says_how_many_were_lost() {
        #[derive(Clone, Default)]
        struct Kept(Arc<parking_lot::Mutex<Vec<u8>>>);
        impl Write for Kept {
            fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
                self.0.lock().extend_from_slice(octets);
                Ok(octets.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let kept = Kept::default();
        let writer = Writer::on(Box::new(kept.clone()), Form::Priority).unwrap();
        writer.lost.store(7, Ordering::Relaxed);
        (writer.log())(Level::Info, "after");
        drop(writer);
        let text = String::from_utf8(kept.0.lock().clone()).unwrap();
        assert!(text.starts_with("<4>7 lines of this log were lost") && text.ends_with("<6>after\n"), "{text}");
    }
}
