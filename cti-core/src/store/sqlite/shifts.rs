//! Namings of the people who lead shifts, as they are kept.
//!
//! Never: changes or removes a naming; the last one of a shift is in force.

use core::fmt;

use rusqlite::types::FromSqlError;
use rusqlite::{Connection, Row, TransactionBehavior, params};

use super::{SqliteStore, store_error};
use crate::csta::AgentId;
use crate::shift::{Leaders, Naming, NamingRefusal, Shift};
use crate::store::StoreError;

/// The reason why a naming was not kept.
#[derive(Debug)]
pub enum NamingError {
    /// The rules refuse it.
    Refused(NamingRefusal),
    /// The database failed.
    Store(StoreError),
}

impl fmt::Display for NamingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NamingError::Refused(refusal) => refusal.fmt(f),
            NamingError::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NamingError {}

impl From<NamingRefusal> for NamingError {
    fn from(refusal: NamingRefusal) -> NamingError {
        NamingError::Refused(refusal)
    }
}

impl From<rusqlite::Error> for NamingError {
    fn from(error: rusqlite::Error) -> NamingError {
        NamingError::Store(store_error("naming who leads a shift", &error))
    }
}

fn agent(row: &Row<'_>, column: &str) -> rusqlite::Result<AgentId> {
    let text: String = row.get(column)?;
    AgentId::new(&text).map_err(|error| {
        let why = FromSqlError::Other(format!("{column} {text:?}: {error}").into());
        let index = row.as_ref().column_index(column).unwrap_or_default();
        rusqlite::Error::FromSqlConversionFailure(index, rusqlite::types::Type::Text, Box::new(why))
    })
}

fn naming(row: &Row<'_>) -> rusqlite::Result<Naming> {
    Ok(Naming {
        shift: Shift { begin_ms: row.get("begin_ms")?, end_ms: row.get("end_ms")?, name: row.get("shift")? },
        leaders: Leaders { principal: agent(row, "principal")?, deputy: agent(row, "deputy")? },
        person: row.get("person")?,
        named_ms: row.get("named_ms")?,
    })
}

impl SqliteStore {
    /// Names the principal of a shift, its deputy, or both; who is not named stays. Returns the people in force.
    ///
    /// # Errors
    /// The rules refuse it, or the database takes nothing.
    pub fn name_shift(
        &mut self,
        shift: &Shift,
        (principal, deputy): (Option<AgentId>, Option<AgentId>),
        person: &str,
        now_ms: i64,
    ) -> Result<Leaders, NamingError> {
        if shift.end_ms <= now_ms {
            return Err(NamingRefusal::Over(shift.name.clone()).into());
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let last = read(&transaction, (shift.begin_ms, shift.begin_ms + 1))?;
        let last = last.into_iter().rfind(|naming| naming.shift.name == shift.name);
        let before = last.as_ref().map(|naming| naming.leaders).unwrap_or_default();
        let leaders = before.with(principal, deputy)?;
        let named_ms = last.map_or(now_ms, |last| now_ms.max(last.named_ms));
        let insert = "INSERT INTO shift_naming (shift, begin_ms, end_ms, principal, deputy, person, named_ms) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        transaction.execute(
            insert,
            params![
                shift.name,
                shift.begin_ms,
                shift.end_ms,
                leaders.principal.as_str(),
                leaders.deputy.as_str(),
                person,
                named_ms,
            ],
        )?;
        transaction.commit()?;
        Ok(leaders)
    }

    /// Returns the namings of shifts that begin in a span, ms since 1970: by shift, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn namings(&self, span: (i64, i64)) -> Result<Vec<Naming>, StoreError> {
        read(&self.connection, span).map_err(|error| store_error("reading who leads shifts", &error))
    }
}

fn read(connection: &Connection, (from_ms, to_ms): (i64, i64)) -> rusqlite::Result<Vec<Naming>> {
    let select = "SELECT * FROM shift_naming WHERE begin_ms >= ?1 AND begin_ms < ?2 ORDER BY begin_ms, shift, id";
    connection.prepare_cached(select)?.query_map([from_ms, to_ms], naming)?.collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::Folder;
    use super::*;

    fn agent(id: &str) -> AgentId {
        AgentId::new(id).expect("short")
    }

    #[test]
    fn each_naming_stays_on_record_and_the_last_is_in_force() {
        let folder = Folder::new("shifts");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        let shift = |begin_ms: i64, name: &str| Shift { begin_ms, end_ms: begin_ms + 100, name: name.into() };
        let (early, late) = (shift(1000, "early"), shift(1100, "late"));
        let both = (Some(agent("7001")), Some(agent("7002")));
        store.name_shift(&early, both, "zhao", 500).unwrap();
        store.name_shift(&late, (Some(agent("7003")), None), "zhao", 501).unwrap();
        let changed = store.name_shift(&early, (None, Some(agent("7004"))), "li", 1050).unwrap();
        assert_eq!(changed, Leaders { principal: agent("7001"), deputy: agent("7004") });
        let refused = store.name_shift(&early, both, "zhao", 1100).unwrap_err();
        assert!(matches!(refused, NamingError::Refused(NamingRefusal::Over(_))), "{refused}");
        let refused = store.name_shift(&late, (None, None), "zhao", 600).unwrap_err();
        assert!(matches!(refused, NamingError::Refused(NamingRefusal::NoOne)), "{refused}");
        let all = store.namings((0, i64::MAX)).unwrap();
        let shown: Vec<_> = all.iter().map(|of| (of.shift.name.as_str(), of.person.as_str(), of.named_ms)).collect();
        assert_eq!(shown, [("early", "zhao", 500), ("early", "li", 1050), ("late", "zhao", 501)]);
        assert_eq!(store.namings((1001, 1100)).unwrap(), []);
    }
}
