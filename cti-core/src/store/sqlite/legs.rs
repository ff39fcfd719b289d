//! Legs, and the whole course of a call: its own record, those of the calls it took in, and the legs of all of them.
//!
//! Never: writes a leg that is not over.

use rusqlite::{OptionalExtension, Transaction, params};

use super::calls::{self, CallRow};
use super::{SqliteStore, store_error};
use crate::store::{LegRecord, StoreError};

/// A leg as its row stands: see the file in `migrations/` for what the columns mean.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[expect(missing_docs, reason = "the columns are explained where they are made")]
pub struct LegRow {
    pub ucid: String,
    pub call_id: i32,
    pub device: String,
    pub kind: String,
    pub agent: Option<String>,
    pub began_ms: i64,
    pub connected_ms: Option<i64>,
    pub ended_ms: i64,
    pub rung_ms: i64,
    pub hold_ms: i64,
    pub longest_hold_ms: i64,
    pub holds: i64,
    pub reached: String,
    pub cause: Option<i32>,
    pub ended_by: String,
}

/// The course of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// The call first, then the calls it took in, in the order of their beginning.
    pub calls: Vec<CallRow>,
    /// The legs of all of them, in the order of their beginning.
    pub legs: Vec<LegRow>,
}

impl SqliteStore {
    /// The course of a call, by its identifier or its universal identifier. A consultation leads to the customer's
    /// call. None if there is no such call.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn course(&self, call: &str) -> Result<Option<Course>, StoreError> {
        self.read_course(call).map_err(|error| store_error("reading the course of a call", &error))
    }

    fn read_course(&self, call: &str) -> rusqlite::Result<Option<Course>> {
        // Identifiers begin again after 2³¹ calls: the last one of a number is meant.
        let found: Option<(i64, Option<String>)> = self
            .connection
            .query_row(
                "SELECT id, ucid FROM call WHERE ucid = ?1 OR call_id = CAST(?1 AS INTEGER) AND LENGTH(?1) < 20 \
                 ORDER BY id DESC LIMIT 1",
                [call],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let Some((id, ucid)) = found else { return Ok(None) };
        let Some(ucid) = ucid else {
            // Written before calls had their universal identifier in the record.
            let select = format!("SELECT {} FROM call AS c WHERE id = ?1", calls::COLUMNS);
            let call = self.connection.query_row(&select, [id], |row| calls::read_row(row, 0))?;
            return Ok(Some(Course { calls: vec![call], legs: Vec::new() }));
        };
        let root: String = self.connection.query_row(
            "WITH RECURSIVE up (ucid, depth) AS (
                 SELECT ?1, 0 UNION SELECT call.kin, depth + 1 FROM call JOIN up ON call.ucid = up.ucid
                 WHERE call.kin IS NOT NULL AND depth < 100
             ) SELECT ucid FROM up ORDER BY depth DESC LIMIT 1",
            [ucid],
            |row| row.get(0),
        )?;
        let family = "WITH RECURSIVE down (ucid, depth) AS (
                 SELECT ?1, 0 UNION SELECT call.ucid, depth + 1 FROM call JOIN down ON call.kin = down.ucid
                 WHERE call.ucid IS NOT NULL AND depth < 100
             )";
        let calls = self
            .connection
            .prepare(&format!(
                "{family} SELECT {} FROM call AS c WHERE c.ucid IN (SELECT ucid FROM down) \
                 ORDER BY c.ucid <> ?1, c.offered_ms, c.id",
                calls::COLUMNS
            ))?
            .query_map([&root], |row| calls::read_row(row, 0))?
            .collect::<Result<_, _>>()?;
        let legs = self
            .connection
            .prepare(&format!(
                "{family} SELECT ucid, call_id, device, kind, agent, began_ms, connected_ms, ended_ms, rung_ms, hold_ms, \
                 longest_hold_ms, holds, reached, cause, ended_by FROM leg WHERE ucid IN (SELECT ucid FROM down) \
                 ORDER BY began_ms, id"
            ))?
            .query_map([&root], |row| {
                Ok(LegRow {
                    ucid: row.get(0)?,
                    call_id: row.get(1)?,
                    device: row.get(2)?,
                    kind: row.get(3)?,
                    agent: row.get(4)?,
                    began_ms: row.get(5)?,
                    connected_ms: row.get(6)?,
                    ended_ms: row.get(7)?,
                    rung_ms: row.get(8)?,
                    hold_ms: row.get(9)?,
                    longest_hold_ms: row.get(10)?,
                    holds: row.get(11)?,
                    reached: row.get(12)?,
                    cause: row.get(13)?,
                    ended_by: row.get(14)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        Ok(Some(Course { calls, legs }))
    }
}

pub(super) fn keep(
    transaction: &Transaction<'_>,
    at: &dyn Fn(tipring_driver::time::Tick) -> i64,
    leg: &LegRecord,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO leg (ucid, call_id, device, kind, agent, began_ms, connected_ms, ended_ms, rung_ms, hold_ms, \
             longest_hold_ms, holds, reached, cause, ended_by) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(params![
            leg.ucid.as_str(),
            leg.call.0,
            leg.device.as_str(),
            leg.kind.name(),
            leg.agent.as_ref().map(|agent| agent.as_str()),
            at(leg.began),
            leg.connected.map(at),
            at(leg.ended),
            leg.rung.as_ms() as i64,
            leg.hold.as_ms() as i64,
            leg.longest_hold.as_ms() as i64,
            leg.holds,
            leg.reached.name(),
            calls::cause_column(leg.cause),
            leg.ended_by.name(),
        ])
        .map(drop)
}

#[cfg(test)]
mod tests {
    use tipring_driver::time::{Tick, Ticks};

    use super::super::tests::{Folder, call, ucid};
    use super::*;
    use crate::csta::cause::EventCause;
    use crate::csta::{CallId, DeviceId};
    use crate::store::{LegEndedBy, LegKind, LegReached, Record, Store, StoreId, StoreRequest};

    fn leg(number: i32, began: u64) -> Record {
        Record::Leg(Box::new(LegRecord {
            ucid: ucid(number),
            call: CallId(number),
            device: DeviceId::new("1001").unwrap(),
            kind: LegKind::Station,
            agent: None,
            began: Tick(began),
            connected: Some(Tick(began + 4_000)),
            ended: Tick(began + 60_000),
            rung: Ticks(4_000),
            hold: Ticks(2_000),
            longest_hold: Ticks(2_000),
            holds: 1,
            reached: LegReached::Connected,
            cause: EventCause::Transfer,
            ended_by: LegEndedBy::Client,
        }))
    }

    fn consultation(number: i32, kin: i32) -> Record {
        let Record::Call(mut record) = call(number) else { panic!("a call") };
        (record.kin, record.offered) = (Some(ucid(kin)), Tick(1_000 * number as u64));
        Record::Call(record)
    }

    #[test]
    fn the_course_of_a_call_and_of_each_consultation_in_it_is_the_same() {
        let folder = Folder::new("course");
        let mut store = SqliteStore::open(&folder.database(), 1_000_000).unwrap();
        // Call 3 was a consultation of call 2, which was one of call 1; call 4 has nothing to do with them.
        let records = [
            consultation(3, 2),
            leg(3, 9_000),
            consultation(2, 1),
            leg(2, 5_000),
            call(1),
            leg(1, 1_000),
            call(4),
            leg(4, 0),
        ];
        for (id, record) in records.into_iter().enumerate() {
            store.submit(StoreRequest::Keep { id: StoreId(id as u64), record });
        }
        store.commit().unwrap();
        let course = store.course("1").unwrap().expect("a call");
        assert_eq!(course.calls.iter().map(|call| call.call_id).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(course.legs.iter().map(|leg| leg.call_id).collect::<Vec<_>>(), [1, 2, 3]);
        let leg = &course.legs[0];
        assert_eq!((leg.began_ms, leg.connected_ms, leg.ended_ms), (1_001_000, Some(1_005_000), 1_061_000));
        assert_eq!((leg.rung_ms, leg.hold_ms, leg.holds, leg.cause), (4_000, 2_000, 1, Some(32)));
        for other in ["2", "3", ucid(3).as_str()] {
            assert_eq!(store.course(other).unwrap(), Some(course.clone()), "{other}");
        }
        assert_eq!(store.course("9").unwrap(), None);
        assert_eq!(store.course("no call").unwrap(), None);
    }

    #[test]
    fn a_call_older_than_its_universal_identifier_has_a_course_without_legs() {
        let folder = Folder::new("old-course");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        store.submit(StoreRequest::Keep { id: StoreId(1), record: call(1) });
        store.commit().unwrap();
        store.connection.execute("UPDATE call SET ucid = NULL", []).unwrap();
        let course = store.course("1").unwrap().expect("a call");
        assert_eq!((course.calls.len(), course.legs.len()), (1, 0));
    }
}
