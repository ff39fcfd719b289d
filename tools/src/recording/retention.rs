//! Retention: the recordings whose time is over, and the removal of their files.
//!
//! A file is removed first and its removal put on record after that. A crash in between leaves a recording whose file
//! is missing; the next sweep puts it on record. Calls on hold are left out, and so is all that is not yet old enough.
//!
//! The database's side is in `tipring_core::store::sqlite::retention`.
//!
//! Never: reads a clock, or writes to the database.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use tipring_core::recording::recordings;
use tipring_core::store::sqlite::{Aged, RecordingAudit, SqliteStore};

use crate::failure::Failure;

const MS_PER_DAY: i64 = 86_400_000;
/// Recordings that one sweep removes at most.
pub const REMOVALS_MAX: usize = 1000;
/// Recordings read at a time.
const PAGE: usize = 500;
/// The user of removals in audit records.
const USER: &str = "retention";

/// The days that recordings are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retention {
    /// For queues without their own, and calls without a queue; none keeps them for ever.
    pub days: Option<u32>,
    /// By queue.
    pub queues: BTreeMap<String, u32>,
}

impl Retention {
    /// The days that a recording is kept; none for ever.
    pub fn days_of(&self, queue: Option<&str>) -> Option<u32> {
        queue.and_then(|queue| self.queues.get(queue)).copied().or(self.days)
    }

    /// Returns the days after which a recording is to be removed now; none if it stays.
    pub fn due(&self, aged: &Aged, now_ms: i64) -> Option<u32> {
        let days = self.days_of(aged.queue.as_deref())?;
        let is_over = now_ms.saturating_sub(aged.began_ms) >= i64::from(days) * MS_PER_DAY;
        (is_over && !aged.is_held).then_some(days)
    }

    /// Removes the files of recordings whose time is over, at most [`REMOVALS_MAX`]. Returns their audit records, which
    /// are to be kept with the removals.
    ///
    /// # Errors
    /// The database cannot be read, or a file cannot be removed: a sentence. Those before are removed, and found so by
    /// the next sweep.
    pub fn sweep(&self, store: &SqliteStore, folder: &Path, now_ms: i64) -> Result<Vec<RecordingAudit>, Failure> {
        let Some(least) = self.queues.values().chain(self.days.as_ref()).min() else { return Ok(Vec::new()) };
        let before_ms = now_ms.saturating_sub(i64::from(*least) * MS_PER_DAY).saturating_add(1);
        let mut removed = Vec::new();
        let mut after = 0;
        loop {
            let page = store.aged_recordings(before_ms, after, PAGE)?;
            let Some(last) = page.last() else { return Ok(removed) };
            after = last.id;
            for (aged, days) in page.iter().filter_map(|aged| Some((aged, self.due(aged, now_ms)?))) {
                // A name that is not ours is left alone.
                if recordings::recording_of(&aged.file).is_none() {
                    continue;
                }
                let path = folder.join(&aged.file);
                match std::fs::remove_file(&path) {
                    Ok(()) => {}
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(format!("{} cannot be removed: {error}", path.display()).into()),
                }
                // The folder of a day goes with its last file.
                let _ = path.parent().map(std::fs::remove_dir);
                removed.push(RecordingAudit {
                    at_ms: now_ms,
                    user: USER.into(),
                    os_user: USER.into(),
                    act: "remove",
                    recording: Some(aged.id),
                    call: aged.call,
                    detail: aged.file.clone(),
                    reason: format!("kept for {days} days"),
                });
                if removed.len() >= REMOVALS_MAX {
                    return Ok(removed);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tipring_core::csta::CallId;
    use tipring_core::store::sqlite::RecordingRow;
    use tipring_core::store::{Record, RecordingEnd, RecordingRecord, Store, StoreId, StoreRequest};
    use tipring_driver::time::Tick;

    const NOW: i64 = 1000 * MS_PER_DAY;

    fn aged(days: i64, queue: Option<&str>, is_held: bool) -> Aged {
        Aged {
            id: 1,
            call: 1,
            file: "a.wav".into(),
            began_ms: NOW - days * MS_PER_DAY,
            queue: queue.map(str::to_owned),
            is_held,
        }
    }

    #[test]
    fn a_recording_is_due_when_its_own_days_are_over_unless_it_is_held() {
        let rules = Retention { days: Some(90), queues: BTreeMap::from([("5000".into(), 365), ("5001".into(), 7)]) };
        let for_ever = Retention { days: None, queues: BTreeMap::from([("5001".into(), 7)]) };
        for (rules, aged, wanted) in [
            (&rules, aged(89, None, false), None),
            (&rules, aged(90, None, false), Some(90)),
            (&rules, aged(90, Some("5002"), false), Some(90)),
            (&rules, aged(90, Some("5000"), false), None),
            (&rules, aged(365, Some("5000"), false), Some(365)),
            (&rules, aged(7, Some("5001"), false), Some(7)),
            (&rules, aged(4000, Some("5001"), true), None),
            (&rules, aged(-3, None, false), None),
            (&for_ever, aged(4000, None, false), None),
            (&for_ever, aged(4000, Some("5001"), false), Some(7)),
        ] {
            assert_eq!(rules.due(&aged, NOW), wanted, "{aged:?}");
        }
    }

    /// A database and a folder with recordings that began on the given days, calls numbered from 1.
    fn site(name: &str, days: &[i64]) -> (std::path::PathBuf, SqliteStore) {
        let folder = std::env::temp_dir().join(format!("tipring-retention-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let mut store = SqliteStore::open(&folder.join("tipring.db"), 0).unwrap();
        for (call, day) in (1..).zip(days) {
            let began = (day * MS_PER_DAY) as u64;
            let recording = recordings::recording_id(began, call as u16);
            let file = recordings::file_name(recording);
            std::fs::create_dir_all(folder.join(&file).parent().unwrap()).unwrap();
            std::fs::write(folder.join(&file), "sound").unwrap();
            let (began, end) = (Tick(began), RecordingEnd::Whole);
            let record = RecordingRecord { recording, call: CallId(call), file, began, samples: 8, end };
            store.submit(StoreRequest::Keep { id: StoreId(0), records: vec![Record::Recording(record)] });
        }
        store.commit().unwrap();
        (folder, store)
    }

    #[test]
    fn a_sweep_removes_what_is_due_and_the_next_one_puts_on_record_what_a_crash_left_between() {
        let (folder, mut store) = site("sweep", &[900, 909, 911]);
        let rules = Retention { days: Some(90), ..Retention::default() };
        let file = |row: &RecordingRow| folder.join(&row.file);
        let before = store.recordings().unwrap();
        let lost = rules.sweep(&store, &folder, NOW).unwrap();
        assert_eq!(lost.len(), 2);
        assert!(!file(&before[0]).exists() && !file(&before[1]).exists() && file(&before[2]).exists());
        assert!(!file(&before[0]).parent().unwrap().exists(), "the folder of the day has gone with its last file");
        // The program ends before the removals are kept.
        let again = rules.sweep(&store, &folder, NOW + 1000).unwrap();
        assert_eq!(again.len(), 2);
        store.keep_removals(&again).unwrap();
        assert_eq!(rules.sweep(&store, &folder, NOW + 2000).unwrap(), []);
        let removed: Vec<Option<i64>> = store.recordings().unwrap().iter().map(|row| row.removed_ms).collect();
        assert_eq!(removed, [Some(NOW + 1000), Some(NOW + 1000), None]);
        let audit = store.recording_audit((0, i64::MAX), None, Some(1)).unwrap();
        assert_eq!((audit.len(), audit[0].reason.as_str()), (1, "kept for 90 days"));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_call_on_hold_outlives_its_time_until_it_is_released() {
        let (folder, mut store) = site("held", &[100, 100]);
        let rules = Retention { days: Some(1), ..Retention::default() };
        let act = |act| RecordingAudit {
            at_ms: NOW,
            user: "zhao".into(),
            os_user: "zhao".into(),
            act,
            recording: None,
            call: 2,
            detail: String::new(),
            reason: "court".into(),
        };
        store.hold_recordings(&act("hold"), true).unwrap();
        let calls = |swept: Vec<RecordingAudit>| -> Vec<i32> { swept.iter().map(|audit| audit.call).collect() };
        let swept = rules.sweep(&store, &folder, NOW).unwrap();
        store.keep_removals(&swept).unwrap();
        assert_eq!(calls(swept), [1]);
        store.hold_recordings(&act("release"), false).unwrap();
        assert_eq!(calls(rules.sweep(&store, &folder, NOW).unwrap()), [2]);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
