//! The threads of data sources: each source has a bounded queue of questions, and one or a few threads that ask it.
//!
//! ```text
//! core ─► queue of the source ─► its threads ─► answers ─► core (woken by its waker)
//! ```
//!
//! Never: holds up the core. A question without room in its queue fails at once; one whose wait is over before its
//! turn is not asked any more.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, bounded};
use parking_lot::Mutex;
use tipring_core::flow::walk::{DipAnswer, DipId};

use super::wake::CoreWaker;
use crate::dip::{DipError, Source, SourceConfig, answer};
use crate::log::{Level, Log};
use crate::run::pump::Question;

/// An answer on its way to the core.
pub(super) type Answered = (DipId, DipAnswer);

/// Counts of a source since it was configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SourceCounters {
    /// Questions asked.
    pub asked: u64,
    /// Entries found.
    pub found: u64,
    /// Questions without an entry.
    pub none: u64,
    /// Questions that failed.
    pub failed: u64,
    /// Questions whose wait was over.
    pub timed_out: u64,
    /// Questions that found no room in the queue.
    pub refused: u64,
}

impl fmt::Display for SourceCounters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SourceCounters { asked, found, none, failed, timed_out, refused } = self;
        write!(
            f,
            "{asked} questions asked: {found} found, {none} without an entry, {failed} failed, {timed_out} timed out; \
             {refused} refused"
        )
    }
}

#[derive(Debug, Default)]
struct Counts {
    found: AtomicU64,
    none: AtomicU64,
    failed: AtomicU64,
    timed_out: AtomicU64,
    refused: AtomicU64,
}

impl Counts {
    fn read(&self) -> SourceCounters {
        let [found, none, failed, timed_out, refused] =
            [&self.found, &self.none, &self.failed, &self.timed_out, &self.refused]
                .map(|count| count.load(Ordering::Relaxed));
        SourceCounters { asked: found + none + failed + timed_out, found, none, failed, timed_out, refused }
    }
}

/// A question on its way to its source.
struct Waiting {
    dip: DipId,
    key: String,
    deadline: Instant,
}

/// A source at work.
struct Desk {
    config: SourceConfig,
    questions: Sender<Waiting>,
    counts: Arc<Counts>,
}

/// The data sources at work.
pub(super) struct Dips {
    desks: Mutex<BTreeMap<String, Desk>>,
    answers: Sender<Answered>,
    waker: Arc<CoreWaker>,
    log: Log,
}

impl Dips {
    /// No source yet. Answers go into the queue, and the core is woken.
    pub(super) fn new(answers: Sender<Answered>, waker: Arc<CoreWaker>, log: Log) -> Dips {
        Dips { desks: Mutex::default(), answers, waker, log }
    }

    /// Replaces the sources: those that are as before stay at work, those that are gone end with their last question.
    ///
    /// # Errors
    /// A source is wrong, or the system has no thread left: a sentence. The sources are as before then.
    pub(super) fn set(&self, sources: &[SourceConfig]) -> Result<(), String> {
        let mut fresh = BTreeMap::new();
        for config in sources {
            let same = self.desks.lock().get(&config.name).is_some_and(|desk| same(&desk.config, config));
            if !same {
                fresh.insert(config.name.clone(), self.open(config)?);
            }
        }
        let mut desks = self.desks.lock();
        desks.retain(|name, _| sources.iter().any(|config| config.name == *name));
        desks.extend(fresh);
        Ok(())
    }

    /// Starts the threads of a source.
    fn open(&self, config: &SourceConfig) -> Result<Desk, String> {
        let (questions, waiting) = bounded(config.queue.into());
        let counts = Arc::new(Counts::default());
        for _ in 0..config.threads {
            let source = Source::new(config).map_err(|(_, why)| format!("{}: {why}", config.place))?;
            let worker = Worker {
                source,
                place: config.place.clone(),
                waiting: waiting.clone(),
                answers: self.answers.clone(),
                waker: Arc::clone(&self.waker),
                counts: Arc::clone(&counts),
                log: Log::clone(&self.log),
            };
            let name = format!("dip-{}", config.name);
            let started = thread::Builder::new().name(name).spawn(move || worker.run());
            started.map_err(|error| format!("No thread for the source {}: {error}", config.name))?;
        }
        Ok(Desk { config: config.clone(), questions, counts })
    }

    /// Hands a question to its source. Returns the answer if it cannot be asked.
    pub(super) fn ask(&self, question: Question) -> Option<Answered> {
        let Question { dip, source, key, wait } = question;
        let desks = self.desks.lock();
        let Some(desk) = desks.get(&source) else {
            return Some((
                dip,
                DipAnswer::Failed(format!("there is no source {source}; add a [[source]] of this name")),
            ));
        };
        let waiting = Waiting { dip, key: key.text, deadline: Instant::now() + Duration::from_millis(wait.as_ms()) };
        if desk.questions.try_send(waiting).is_ok() {
            return None;
        }
        desk.counts.refused.fetch_add(1, Ordering::Relaxed);
        let why = format!("{} questions wait for the source {source} already", desk.config.queue);
        Some((dip, DipAnswer::Failed(why)))
    }

    /// The counts of each source.
    pub(super) fn counters(&self) -> Vec<(String, SourceCounters)> {
        self.desks.lock().iter().map(|(name, desk)| (name.clone(), desk.counts.read())).collect()
    }
}

/// True if two configurations differ at most in the line where they stand.
fn same(a: &SourceConfig, b: &SourceConfig) -> bool {
    *a == SourceConfig { place: a.place.clone(), ..b.clone() }
}

/// A thread of a source.
struct Worker {
    source: Source,
    /// Place of the source in the configuration: file and line.
    place: String,
    waiting: Receiver<Waiting>,
    answers: Sender<Answered>,
    waker: Arc<CoreWaker>,
    counts: Arc<Counts>,
    log: Log,
}

impl Worker {
    /// Asks until there will be no more questions.
    fn run(mut self) {
        if let Err(error) = self.source.prepare() {
            let place = &self.place;
            (self.log)(Level::Warning, &format!("{place}: {error}; it is tried again with each question"));
        }
        let waiting = self.waiting.clone();
        for Waiting { dip, key, deadline } in waiting {
            let wait = deadline.saturating_duration_since(Instant::now());
            let asked = if wait.is_zero() {
                Err(DipError::TimedOut)
            } else {
                let panicked = |_| Err(DipError::Away("its thread has failed; the log has the reason".into()));
                catch_unwind(AssertUnwindSafe(|| self.source.ask(&key, wait))).unwrap_or_else(panicked)
            };
            let count = match &asked {
                Ok(Some(_)) => &self.counts.found,
                Ok(None) => &self.counts.none,
                Err(DipError::TimedOut) => &self.counts.timed_out,
                Err(_) => &self.counts.failed,
            };
            count.fetch_add(1, Ordering::Relaxed);
            // The core has gone on already after the wait.
            if asked == Err(DipError::TimedOut) {
                (self.log)(Level::Warning, &format!("The source {} did not answer in time", self.source.name()));
                continue;
            }
            if self.answers.send((dip, answer(asked))).is_err() {
                return;
            }
            self.waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use tipring_core::flow::walk::Value;
    use tipring_driver::time::Ticks;

    use super::*;

    const BOUND: Duration = Duration::from_secs(10);

    fn source(name: &str, url: &str, queue: u16) -> SourceConfig {
        toml::from_str(&format!("name = {name:?}\nurl = \"http://{url}/{{key}}\"\nqueue = {queue}")).unwrap()
    }

    fn question(dip: u64, source: &str, wait_ms: u64) -> Question {
        let (source, key) = (source.to_owned(), Value::plain("1"));
        Question { dip: DipId(dip), source, key, wait: Ticks::from_ms(wait_ms) }
    }

    #[test]
    fn a_source_that_stands_still_costs_its_own_callers_the_wait_and_the_core_nothing() {
        let (answers_in, answers) = bounded(16);
        let dips = Dips::new(answers_in, Arc::new(CoreWaker::new().unwrap()), Log::new(|_| {}));
        // Nothing accepts connections here, so that the first question lasts as long as it may.
        let still = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let held = TcpListener::bind(still).unwrap();
        let (still, gone) = (still.to_string(), "127.0.0.1:1");
        dips.set(&[source("still", &still, 1), source("gone", gone, 8)]).unwrap();
        let unknown = dips.ask(question(1, "other", 100)).unwrap();
        assert!(
            matches!(&unknown, (DipId(1), DipAnswer::Failed(why)) if why.contains("no source other")),
            "{unknown:?}"
        );
        let mut refused = Vec::new();
        for dip in 2..8 {
            refused.extend(dips.ask(question(dip, "still", 200)));
        }
        // One is in work at most, and one waits.
        assert!(refused.len() >= 4, "{refused:?}");
        assert!(matches!(&refused[0].1, DipAnswer::Failed(why) if why.contains("wait for the source still already")));
        assert_eq!(dips.ask(question(8, "gone", 5000)), None);
        let answer = answers.recv_timeout(BOUND).unwrap();
        assert!(matches!(&answer, (DipId(8), DipAnswer::Failed(why)) if why.starts_with("the source gone: ")));
        let began = Instant::now();
        let counts = |name: &str| dips.counters().into_iter().find(|(known, _)| known == name).unwrap().1;
        while counts("still").timed_out < 6 - refused.len() as u64 && began.elapsed() < BOUND {
            thread::sleep(Duration::from_millis(5));
        }
        let SourceCounters { asked, timed_out, refused: turned_away, .. } = counts("still");
        assert_eq!((asked, timed_out, turned_away), (6 - refused.len() as u64, asked, refused.len() as u64));
        assert!(answers.try_recv().is_err(), "the core has gone on after the wait");
        drop(held);
        // A source that stays keeps its counts; one that is gone is not asked.
        dips.set(&[source("still", &still, 1)]).unwrap();
        assert_eq!(counts("still").timed_out, timed_out);
        assert!(dips.ask(question(9, "gone", 100)).is_some());
    }
}
