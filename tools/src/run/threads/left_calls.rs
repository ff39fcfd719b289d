//! The calls that an earlier middleware has left in an engine: come back to, or given up.
//!
//! Given up are calls whose log cannot be read or replayed, and those to which [`FAILURES_MAX`] come-backs have failed.
//! Records that the lost core made and the store has not kept are made once more, as far as the log leads; the log goes
//! aside for those who look for the fault; then the site begins anew, which ends the calls.
//!
//! Never: lets calls end without a report and their records.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tipring_core::channel::{ChannelEvent, ChannelTable};
use tipring_core::core::{Action, Core};
use tipring_core::csta::AgentPassword;
use tipring_core::replay::Recovery;
use tipring_core::store::sqlite::SqliteStore;
use tipring_core::store::{Store, StoreRequest};
use tipring_driver::spsc::Consumer;

use super::core_recovery::{CameBack, come_back};
use super::watchdog::message;
use crate::clock;
use crate::config::SiteConfig;
use crate::failure::Failure;
use crate::log::{Level, Log};
use crate::run::input_log::ReadLog;
use crate::run::observe::Observer;
use crate::run::restart_attempts::{FAILURES_MAX, RestartAttempts};

/// Logs of calls that were given up that are kept, the newest.
const LOGS_KEPT: usize = 5;

/// The calls that are left in a run of an engine, if there are any.
pub(super) struct LeftCalls {
    inputs: PathBuf,
    run: u64,
    read: Option<Result<ReadLog, Failure>>,
    restart_attempts: Arc<RestartAttempts>,
    log: Log,
}

impl LeftCalls {
    /// Looks for the log that a middleware has left beside a run of an engine.
    pub(super) fn find(inputs: &Path, run: u64, log: &Log) -> LeftCalls {
        let restart_attempts = Arc::new(RestartAttempts::read(inputs, run));
        let (read, log) = (ReadLog::read(inputs, run).transpose(), Log::clone(log));
        LeftCalls { inputs: inputs.into(), run, read, restart_attempts, log }
    }

    /// The word under which agents' PINs are known to the lost core.
    pub(super) fn agent_key(&self) -> Option<AgentPassword> {
        Some(self.read.as_ref()?.as_ref().ok()?.beginning.agent_key)
    }

    /// Comes back to the calls: see [`come_back`]; the count of come-backs has this one as failed until the core has
    /// taken all that waits. None if there are none, or they are given up.
    ///
    /// # Errors
    /// The calls are to be given up, and the database does not take the records that the lost core has made.
    pub(super) fn take_over(
        mut self,
        table: &Arc<ChannelTable>,
        given: u64,
        events: &mut Consumer<ChannelEvent>,
        store: &mut SqliteStore,
        observer: Observer,
        now_ms: u64,
    ) -> Result<Option<(CameBack, Arc<RestartAttempts>)>, Failure> {
        let failed = self.restart_attempts.failed();
        let why = match self.read.take() {
            None => return Ok(None),
            Some(Err(why)) => why.to_string(),
            Some(Ok(_)) if failed >= FAILURES_MAX => {
                format!("The program has failed at {failed} come-backs to them in a row, and would fail again")
            }
            Some(Ok(read)) => {
                if let Err(why) = self.restart_attempts.begin() {
                    (self.log)(Level::Error, &format!("{why}. Should the program fail now, that is not counted"));
                }
                let table = Arc::clone(table);
                let back = AssertUnwindSafe(|| come_back(read, table, given, events, store, observer, now_ms));
                match catch_unwind(back) {
                    Ok(Ok(back)) => return Ok(Some((back, self.restart_attempts))),
                    Ok(Err(why)) => why.to_string(),
                    Err(panic) => said(&*panic),
                }
            }
        };
        self.give_up(&why, table, store, now_ms)?;
        Ok(None)
    }

    fn give_up(
        &self,
        why: &str,
        table: &Arc<ChannelTable>,
        store: &mut SqliteStore,
        now_ms: u64,
    ) -> Result<(), Failure> {
        // Where this, too, ends the program, the next start does without the replay.
        let replays = self.restart_attempts.failed() <= FAILURES_MAX;
        let _ = self.restart_attempts.begin();
        let kept = if replays { self.keep_records(table, store)? } else { 0 };
        let aside = match move_aside(&self.inputs, now_ms) {
            Ok(file) => format!(
                "The log of their inputs is now {}: if the program is at fault, report it with that file. Remove it \
                 then, for it has numbers of customers",
                file.display()
            ),
            Err(error) => format!("The log of their inputs, {}, could not be kept: {error}", self.inputs.display()),
        };
        let records = match kept {
            0 => String::new(),
            kept => format!(" {kept} records of theirs that the database did not have are kept."),
        };
        let text = format!(
            "The calls in progress cannot be taken over: {why}. They end, and their records say interrupted.{records} \
             {aside}"
        );
        (self.log)(Level::Error, &text);
        self.restart_attempts.end();
        Ok(())
    }

    /// Has the store keep the records to which the log leads, as far as it can be replayed, and which the store has
    /// not. Returns their count.
    fn keep_records(&self, table: &Arc<ChannelTable>, store: &mut SqliteStore) -> Result<usize, Failure> {
        let Ok(Some(ReadLog { beginning, entries, .. })) = ReadLog::read(&self.inputs, self.run) else { return Ok(0) };
        let mut requests: Vec<StoreRequest> = beginning.core.core().unanswered().cloned().collect();
        let Ok(mut recovery) = Recovery::new(beginning.core, Arc::clone(table), 0) else { return Ok(0) };
        for entry in entries {
            let take = |action: &Action| {
                if let Action::Store(request) = action {
                    requests.push(request.clone());
                }
            };
            if catch_unwind(AssertUnwindSafe(|| recovery.replay(entry, take))).is_err() {
                break;
            }
        }
        let last_kept = store.last_kept(self.run)?;
        requests.retain(|request| matches!(request, StoreRequest::Keep { .. }) && Some(request.id()) > last_kept);
        requests.into_iter().for_each(|request| store.submit(request));
        let count = store.pending();
        while store.is_pending() {
            store.commit()?;
        }
        // The answers are for the lost core.
        while store.poll_reply().is_some() {}
        Ok(count)
    }
}

/// Agents and queues of a core that has come back which its site has no more, a sentence on each.
pub(super) fn gone(core: &Core, site: &SiteConfig) -> Vec<String> {
    let agents = core.logged_on_agents().into_iter().map(|(agent, ..)| agent);
    let agents = agents.filter(|agent| site.agents.iter().all(|known| known.id.0 != *agent));
    let agents = agents.map(|agent| {
        format!("The agent {agent} is in the configuration no more: logged off once call and work have ended")
    });
    let queues = core.queue_devices().filter(|queue| site.queues.iter().all(|known| known.device.0 != *queue));
    let queues = queues.map(|queue| {
        format!(
            "The queue {queue} is in the configuration no more: it stays, with the calls that wait there and the agents \
             who served it, until the calls are ended by a stop (INT)"
        )
    });
    agents.chain(queues).collect()
}

/// A panic of the replay, as a sentence. The panic itself is in the log.
fn said(panic: &(dyn Any + Send)) -> String {
    format!("The program fails as it replays their inputs ({})", message(panic))
}

/// Moves a log aside under the name of a moment. Returns its path; the oldest of many are removed.
fn move_aside(inputs: &Path, now_ms: u64) -> std::io::Result<PathBuf> {
    let aside = inputs.with_extension(format!("inputs-{}", clock::file_stamp(now_ms as i64)));
    std::fs::rename(inputs, &aside)?;
    let mut kept = logs_aside(inputs);
    kept.sort();
    for old in kept.iter().rev().skip(LOGS_KEPT) {
        std::fs::remove_file(old)?;
    }
    Ok(aside)
}

/// The logs that were moved aside: their names end with a moment.
fn logs_aside(inputs: &Path) -> Vec<PathBuf> {
    let Some(name) = inputs.file_name().and_then(|name| name.to_str()) else { return Vec::new() };
    let folder = inputs.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_one = |file: &PathBuf| {
        let moment = file.file_name().and_then(|found| found.to_str()?.strip_prefix(name)?.strip_prefix('-'));
        moment.is_some_and(|moment| moment.starts_with(|first: char| first.is_ascii_digit()))
    };
    files.filter(is_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_moved_aside_have_the_name_of_their_moment_and_the_newest_are_kept() {
        let folder = std::env::temp_dir().join(format!("tipring-left-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let inputs = folder.join("site.inputs");
        std::fs::write(folder.join("site.inputs-new"), "").unwrap();
        let count = LOGS_KEPT as u64 + 2;
        for day in 0..count {
            std::fs::write(&inputs, day.to_string()).unwrap();
            move_aside(&inputs, 1_767_225_600_000 + day * 86_400_000).unwrap();
        }
        assert!(!inputs.exists());
        let mut kept = logs_aside(&inputs);
        kept.sort();
        assert_eq!(kept.len(), LOGS_KEPT);
        assert_eq!(kept[0].file_name().unwrap(), "site.inputs-2026-01-03T000000Z");
        assert!(folder.join("site.inputs-new").exists(), "which is written now");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn records_of_the_lost_core_are_kept_once_as_far_as_its_log_can_be_replayed() {
        use crate::run::input_log::{Beginning, InputLog};
        use tipring_core::channel::What;
        use tipring_core::config::Config;
        use tipring_core::csta::DeviceId;
        use tipring_core::input::{Entry, Input};
        use tipring_driver::ids::TaskId;
        use tipring_driver::media::{MediaEnd, MediaEvent};
        use tipring_driver::time::Tick;

        let folder = std::env::temp_dir().join(format!("tipring-left-records-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (inputs, run) = (folder.join("site.inputs"), 7);
        let table = Arc::new(ChannelTable::new(2));
        let mode = |name| DeviceId::new(name).unwrap();
        let mut core = Core::new(Config::default(), Arc::clone(&table)).unwrap();
        core.keep_log();
        core.handle_event_mode(mode("night"));
        drop(core.take_log());
        while core.poll_action().is_some() {}
        let core = core.checkpoint().expect("nothing is to be done");
        let agent_key = AgentPassword::default();
        let beginning = Beginning { agent_key, commands: 0, taken: 0, site: Vec::new(), ended: (0, 0), core };
        let mut written = InputLog::begin(&inputs, run, &beginning).unwrap();
        let entry = |now, input| Entry { now: Tick(now), input, looks: Vec::new() };
        // No core bears an event at the end of time.
        let ended = MediaEvent::PlayEnded { task: TaskId(1), end: MediaEnd::Complete };
        let unbearable = ChannelEvent { at: Tick(u64::MAX), what: What::Media(ended) };
        let entries = [
            entry(3, Input::EventMode(mode("storm"))),
            entry(u64::MAX, Input::Channel(unbearable)),
            entry(4, Input::EventMode(mode("flood"))),
        ];
        written.append(0, &entries).unwrap();
        let mut store = SqliteStore::open(&folder.join("site.db"), 0).unwrap();
        store.set_run(run);
        let left = LeftCalls::find(&inputs, run, &Log::new(|_| {}));
        // The first is behind the note that the program has started.
        assert_eq!(left.keep_records(&table, &mut store).unwrap(), 3);
        assert_eq!((store.last_entry().unwrap(), store.last_event_mode().unwrap().as_str()), (3, "storm"));
        assert_eq!(store.poll_reply(), None, "a core that begins has asked for nothing");
        assert_eq!(left.keep_records(&table, &mut store).unwrap(), 0);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
