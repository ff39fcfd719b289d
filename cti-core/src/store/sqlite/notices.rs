//! Notices as they are kept, and as the core has them while it runs.
//!
//! Never: has a rule of notices; those are in [`notice`](crate::notice).

use core::fmt;

use rusqlite::{Row, TransactionBehavior, params};

use super::{SqliteStore, store_error};
use crate::notice::{NOTICES_MAX, Notice, NoticeRefusal};
use crate::store::{StoreError, StoreReply};

/// The reason why a notice was not kept.
#[derive(Debug)]
pub enum NoticeError {
    /// The rules refuse it.
    Refused(NoticeRefusal),
    /// The database failed.
    Store(StoreError),
}

impl fmt::Display for NoticeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoticeError::Refused(refusal) => refusal.fmt(f),
            NoticeError::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NoticeError {}

impl From<NoticeRefusal> for NoticeError {
    fn from(refusal: NoticeRefusal) -> NoticeError {
        NoticeError::Refused(refusal)
    }
}

impl From<rusqlite::Error> for NoticeError {
    fn from(error: rusqlite::Error) -> NoticeError {
        NoticeError::Store(store_error("keeping notices", &error))
    }
}

const COLUMNS: &str = "id, text, prompt, region, from_ms, to_ms, is_planned, person, loaded_ms, ended_ms";

fn read(row: &Row<'_>) -> rusqlite::Result<Notice> {
    Ok(Notice {
        id: row.get(0)?,
        text: row.get(1)?,
        prompt: row.get(2)?,
        region: row.get(3)?,
        from_ms: row.get(4)?,
        to_ms: row.get(5)?,
        is_planned: row.get(6)?,
        person: row.get(7)?,
        loaded_ms: row.get(8)?,
        ended_ms: row.get(9)?,
    })
}

impl SqliteStore {
    /// Keeps a notice that is loaded now. Returns its number.
    ///
    /// # Errors
    /// The rules refuse it, or the database takes nothing.
    pub fn load_notice(&mut self, notice: &Notice) -> Result<i64, NoticeError> {
        notice.check()?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let open = "SELECT COUNT(*) FROM notice WHERE to_ms > ?1 AND ended_ms IS NULL";
        let open: i64 = transaction.query_row(open, [notice.loaded_ms], |row| row.get(0))?;
        if open >= NOTICES_MAX as i64 {
            return Err(NoticeRefusal::TooMany.into());
        }
        let insert = "INSERT INTO notice (text, prompt, region, from_ms, to_ms, is_planned, person, loaded_ms) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let Notice { text, prompt, region, from_ms, to_ms, is_planned, person, loaded_ms, .. } = notice;
        transaction.execute(
            insert,
            params![text.trim(), prompt, region.trim(), from_ms, to_ms, is_planned, person, loaded_ms],
        )?;
        let id = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(id)
    }

    /// Ends a notice before its time. Returns false if there is none of this number that holds or will hold.
    ///
    /// # Errors
    /// The database takes no change now.
    pub fn end_notice(&mut self, id: i64, by: &str, now_ms: i64) -> Result<bool, StoreError> {
        let update = "UPDATE notice SET ended_ms = ?3, ended_by = ?2 WHERE id = ?1 AND ended_ms IS NULL AND to_ms > ?3";
        let changed = self.connection.execute(update, params![id, by, now_ms]);
        changed.map(|rows| rows > 0).map_err(|error| store_error("ending a notice", &error))
    }

    /// Returns the notices that are not over at a moment, those that begin first before the others.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn notices(&self, now_ms: i64) -> Result<Vec<Notice>, StoreError> {
        self.notices_where("to_ms > ?1 AND COALESCE(ended_ms, to_ms) > ?1", now_ms)
    }

    /// Returns all notices that there ever were, those that begin first before the others.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn all_notices(&self) -> Result<Vec<Notice>, StoreError> {
        self.notices_where("?1 = ?1", 0)
    }

    fn notices_where(&self, condition: &str, now_ms: i64) -> Result<Vec<Notice>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading notices", &error);
        let select = format!("SELECT {COLUMNS} FROM notice WHERE {condition} ORDER BY from_ms, id");
        let mut select = self.connection.prepare_cached(&select).map_err(fail)?;
        select.query_map([now_ms], read).and_then(Iterator::collect).map_err(fail)
    }

    /// Has the core get the notices that hold or will hold, if they are others than it had last.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn poll_notices(&mut self, now_ms: i64) -> Result<(), StoreError> {
        let notices = self.notices(now_ms)?;
        if notices != self.notices_read {
            self.notices_read.clone_from(&notices);
            self.replies.push_back(StoreReply::Notices(notices));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Folder;
    use super::*;
    use crate::store::Store;

    fn notice(from_ms: i64, to_ms: i64) -> Notice {
        Notice {
            id: 0,
            text: "outage".into(),
            prompt: "outage".into(),
            region: "north".into(),
            from_ms,
            to_ms,
            is_planned: true,
            person: "zhao".into(),
            loaded_ms: 10,
            ended_ms: None,
        }
    }

    #[test]
    fn the_core_gets_notices_once_and_again_when_one_comes_ends_or_is_over() {
        let folder = Folder::new("notices");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        let polled = |store: &mut SqliteStore, now_ms| {
            store.poll_notices(now_ms).unwrap();
            match store.poll_reply() {
                Some(StoreReply::Notices(notices)) => Some(notices.iter().map(|it| it.id).collect::<Vec<_>>()),
                other => {
                    assert_eq!(other, None);
                    None
                }
            }
        };
        assert_eq!(polled(&mut store, 10), None);
        let first = store.load_notice(&notice(50, 60)).unwrap();
        let second = store.load_notice(&notice(20, 100)).unwrap();
        assert_eq!((polled(&mut store, 11), polled(&mut store, 12)), (Some(vec![second, first]), None));
        assert_eq!(polled(&mut store, 60), Some(vec![second]));
        assert!(store.end_notice(second, "li", 70).unwrap());
        assert_eq!(polled(&mut store, 70), Some(vec![]));
        assert!(!store.end_notice(second, "li", 71).unwrap() && !store.end_notice(first, "li", 71).unwrap());
        assert_eq!(store.all_notices().unwrap().len(), 2);
        let refused = store.load_notice(&notice(1, 5)).unwrap_err().to_string();
        assert!(refused.contains("over already"), "{refused}");
    }
}
