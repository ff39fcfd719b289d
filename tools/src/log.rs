//! The log: one line an entry on the standard error, with local date and time, offset and level.
//!
//! Lines go through a bounded queue to a thread that writes them. A reader that is gone or stands still costs lines,
//! never the thread that logs: lines without room are counted, and the count is logged when there is room again.
//! Under systemd (`JOURNAL_STREAM` is set) the time is left out and the level stands in front as syslog's number.
//!
//! Never: blocks or panics a thread that logs.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use chrono::{DateTime, Local};
use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, bounded};

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
    /// The level's word in a line.
    const fn word(self) -> &'static str {
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

/// The receiver of log entries.
pub type Log = Arc<dyn Fn(Level, &str) + Send + Sync>;

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// With local date and time.
    Plain,
    /// For systemd's journal, which has a clock of its own.
    Journal,
}

impl Form {
    fn line(self, at: &DateTime<Local>, level: Level, text: &str) -> String {
        match self {
            Form::Plain => format!("{} {} {text}\n", at.format("%Y-%m-%d %H:%M:%S%.3f%:z"), level.word()),
            Form::Journal => format!("<{}>{text}\n", level.number()),
        }
    }
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

/// A log with its writer's thread. Dropping it writes the lines that wait, within a bound.
pub struct Writer {
    lines: Option<Sender<String>>,
    lost: Arc<AtomicU64>,
    form: Form,
    written: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the writer on the standard error.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn stderr() -> std::io::Result<Writer> {
        let form = if std::env::var_os("JOURNAL_STREAM").is_some() { Form::Journal } else { Form::Plain };
        Writer::start(Box::new(std::io::stderr()), form)
    }

    fn start(out: Box<dyn Write + Send>, form: Form) -> std::io::Result<Writer> {
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
        Ok(Writer { lines: Some(lines), lost, form, written, thread: Some(thread) })
    }

    /// The way into the log, for any thread.
    pub fn log(&self) -> Log {
        let (lines, lost, form) = (self.lines.clone(), Arc::clone(&self.lost), self.form);
        Arc::new(move |level, text| {
            let line = form.line(&Local::now(), level, text);
            if lines.as_ref().is_none_or(|lines| lines.try_send(line).is_err()) {
                lost.fetch_add(1, Ordering::Relaxed);
            }
        })
    }

    /// The count of lost lines, for any thread.
    pub fn losses(&self) -> Losses {
        Losses(Arc::clone(&self.lost))
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
fn write_lines(mut out: Box<dyn Write + Send>, form: Form, lines: &Receiver<String>, lost: &AtomicU64) {
    let mut reported = 0;
    while let Ok(line) = lines.recv() {
        let missing = lost.load(Ordering::Relaxed) - reported;
        if missing > 0 {
            let text =
                format!("{missing} lines of this log were lost: their reader was gone, or slower than they came");
            if out.write_all(form.line(&Local::now(), Level::Warning, &text).as_bytes()).is_ok() {
                reported += missing;
            }
        }
        if out.write_all(line.as_bytes()).and_then(|()| out.flush()).is_err() {
            lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
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
    fn a_line_has_date_offset_and_level() {
        let at = Local.timestamp_millis_opt(1_767_225_600_004).unwrap();
        let line = Form::Plain.line(&at, Level::Warning, "card gone");
        assert!(line.starts_with("20") && line.contains(".004") && line.ends_with(" WARN  card gone\n"), "{line}");
        assert_eq!(Form::Journal.line(&at, Level::Error, "card gone"), "<3>card gone\n");
    }

    #[test]
    fn a_reader_that_stands_still_costs_lines_and_holds_no_thread_up() {
        let (release, stuck) = mpsc::channel();
        let writer = Writer::start(Box::new(Stuck(stuck)), Form::Plain).unwrap();
        let log = writer.log();
        let began = Instant::now();
        for _ in 0..QUEUE + 1000 {
            log(Level::Info, "a line");
        }
        assert!(began.elapsed() < Duration::from_secs(5), "logging waited for its reader");
        // The writer holds one line; the queue holds as many as it may; the others are counted.
        let lost = writer.losses().count();
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
        let writer = Writer::start(Box::new(kept.clone()), Form::Journal).unwrap();
        writer.lost.store(7, Ordering::Relaxed);
        (writer.log())(Level::Info, "after");
        drop(writer);
        let text = String::from_utf8(kept.0.lock().clone()).unwrap();
        assert!(text.starts_with("<4>7 lines of this log were lost") && text.ends_with("<6>after\n"), "{text}");
    }
}
