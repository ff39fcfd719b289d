//! Legs, and the whole history of a call (cradle to grave): its own record, those of the calls it took in, and the legs
//! of all of them.
//!
//! The legs of a call that were committed together stand in one row.
//!
//! Never: counts a leg that is not over; those of calls in progress are kept apart.

use rusqlite::{OptionalExtension, Row, Transaction, params};
use tipring_driver::time::Tick;

use super::calls::{self, CallRow};
use super::{SqliteStore, json, store_error};
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

/// A leg at a telephone of an agent, with the record of its call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentLeg {
    /// The leg.
    pub leg: LegRow,
    /// The call; none if its record is not kept any more, or it is in progress.
    pub call: Option<CallRow>,
}

/// The leg whose [`COLUMNS`] a row begins with.
fn read_leg(row: &Row<'_>) -> rusqlite::Result<LegRow> {
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
}

impl SqliteStore {
    /// The legs at an agent's telephones that have a part between `from` and, not included, `to` (milliseconds since
    /// 1970), in the order of their beginning. A call that went on as another has the record of that one.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn legs_of_agent(&self, agent: &str, from: u64, to: u64) -> Result<Vec<AgentLeg>, StoreError> {
        let bound = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
        let read = || -> rusqlite::Result<Vec<AgentLeg>> {
            let of_leg = COLUMNS.split(", ").map(|column| format!("l.{column}")).collect::<Vec<_>>().join(", ");
            let mut select = self.connection.prepare(&format!(
                "SELECT {of_leg}, {} FROM leg AS l LEFT JOIN call AS c ON c.ucid = l.ucid \
                 WHERE l.block IN (SELECT id FROM leg_block WHERE instr(legs, ?4)) \
                 AND l.agent = ?1 AND l.began_ms < ?3 AND l.ended_ms >= ?2 ORDER BY l.began_ms, l.block, l.place",
                calls::COLUMNS
            ))?;
            let at = COLUMNS.split(", ").count();
            // Few rows have the text of the agent.
            let rows = select.query_map(params![agent, bound(from), bound(to), json(agent)?], |row| {
                let call = row.get::<_, Option<i32>>(at)?.map(|_| calls::read_row(row, at)).transpose()?;
                Ok(AgentLeg { leg: read_leg(row)?, call })
            })?;
            rows.collect()
        };
        read().map_err(|error| store_error("reading the calls of an agent", &error))
    }

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
                "{family} SELECT {COLUMNS} FROM leg WHERE ucid IN (SELECT ucid FROM down) ORDER BY began_ms, block, place"
            ))?
            .query_map([&root], read_leg)?
            .collect::<Result<_, _>>()?;
        Ok(Some(Course { calls, legs }))
    }
}

/// The columns of a leg.
const COLUMNS: &str = "ucid, call_id, device, kind, agent, began_ms, connected_ms, ended_ms, rung_ms, hold_ms, \
    longest_hold_ms, holds, reached, cause, ended_by";

/// The legs of a call as they stand in its row: for each an array of the columns from `device` on.
pub(super) fn row_of<'a>(
    at: &dyn Fn(Tick) -> i64,
    legs: impl Iterator<Item = &'a LegRecord>,
) -> rusqlite::Result<String> {
    let one = |leg: &'a LegRecord| {
        (
            leg.device.as_str(),
            leg.kind.name(),
            leg.agent.as_ref().map(|agent| agent.as_str()),
            at(leg.began),
            leg.connected.map(at),
            at(leg.ended),
            leg.rung.as_ms(),
            leg.hold.as_ms(),
            leg.longest_hold.as_ms(),
            leg.holds,
            leg.reached.name(),
            calls::cause_column(leg.cause),
            leg.ended_by.name(),
        )
    };
    json(&legs.map(one).collect::<Vec<_>>())
}

/// Keeps legs that are over, those of a call in one row.
pub(super) fn keep(
    transaction: &Transaction<'_>,
    at: &dyn Fn(Tick) -> i64,
    mut legs: Vec<&LegRecord>,
) -> rusqlite::Result<()> {
    let mut insert = transaction
        .prepare_cached("INSERT INTO leg_block (ucid, call_id, interrupted, legs) VALUES (?1, ?2, 0, ?3)")?;
    legs.sort_by(|one, other| one.call.cmp(&other.call).then_with(|| one.ucid.cmp(&other.ucid)));
    for of_call in legs.chunk_by(|one, next| (one.call, one.ucid) == (next.call, next.ucid)) {
        let row = row_of(at, of_call.iter().copied())?;
        insert.execute(params![of_call[0].ucid.as_str(), of_call[0].call.0, row])?;
    }
    Ok(())
}

/// Makes legs of those of calls in progress, which end with their calls in `open_call`. One that ended while its call
/// stood on is there already: it stood when the open row was written.
pub(super) fn close_open(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "INSERT INTO leg_block (ucid, call_id, interrupted, legs) \
         SELECT ucid, call_id, 1, json_group_array(json_set(value, '$[5]', MAX(json_extract(value, '$[5]'), ended_ms))) \
         FROM open_call AS open, json_each(open.legs) AS stood WHERE NOT EXISTS (SELECT 1 FROM leg \
         WHERE leg.ucid = open.ucid AND leg.call_id = open.call_id AND leg.device = json_extract(stood.value, '$[0]') \
         AND json_extract(stood.value, '$[5]') BETWEEN leg.began_ms AND leg.ended_ms) \
         GROUP BY call_id ORDER BY call_id",
    )
}

#[cfg(test)]
mod tests {
    use tipring_driver::time::Ticks;

    use super::super::tests::{Folder, call, ucid};
    use super::*;
    use crate::csta::cause::EventCause;
    use crate::csta::{CallId, DeviceId};
    use crate::store::{LegEndedBy, LegKind, LegReached, Record, Store, StoreId, StoreRequest};

    fn leg(number: i32, began: u64) -> Record {
        Record::Leg(Box::new(leg_of(number, began)))
    }

    fn leg_of(number: i32, began: u64) -> LegRecord {
        LegRecord {
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
        }
    }

    #[test]
    fn the_legs_of_a_call_that_was_not_over_end_with_it_at_the_next_start_and_each_is_there_once() {
        let folder = Folder::new("open-legs");
        let mut store = SqliteStore::open(&folder.database(), 1_000_000).unwrap();
        let open = |number: i32, stations: &[&str]| {
            let Record::Call(record) = call(number) else { panic!("a call") };
            let of = |name: &&str| LegRecord {
                device: DeviceId::new(name).unwrap(),
                ended_by: LegEndedBy::Interrupted,
                ended: Tick(2_000),
                ..leg_of(number, 1_000)
            };
            Record::Open(record, stations.iter().map(of).collect())
        };
        let mut keep = |records: Vec<Record>| {
            for (id, record) in records.into_iter().enumerate() {
                store.submit(StoreRequest::Keep { id: StoreId(id as u64), records: vec![record] });
            }
            store.commit().unwrap();
        };
        keep(vec![open(1, &["1001"]), open(2, &["1001"]), open(3, &["1001"])]);
        // Call 1 is over; of call 2 a leg has ended, and another device has come; call 3 stands as it was.
        keep(vec![leg(1, 1_000), call(1), leg(2, 1_000), open(2, &["1001", "1002"])]);
        store.close_open_calls().unwrap();
        store.close_open_calls().unwrap();
        let legs = |number: i32| {
            let course = store.course(ucid(number).as_str()).unwrap().unwrap();
            let leg = |leg: crate::store::sqlite::LegRow| (leg.device, leg.ended_by, leg.ended_ms);
            course.legs.into_iter().map(leg).collect::<Vec<_>>()
        };
        assert_eq!(legs(1), [("1001".into(), "client".into(), 1_061_000)]);
        let call_ended = store.calls().unwrap().iter().find(|row| row.call_id == 3).unwrap().ended_ms;
        let cut = |name: &str| (name.to_owned(), "interrupted".to_owned(), call_ended);
        assert_eq!(legs(2), [("1001".into(), "client".into(), 1_061_000), cut("1002")]);
        assert_eq!(legs(3), [cut("1001")]);
    }

    fn consultation(number: i32, main_call: i32) -> Record {
        let Record::Call(mut record) = call(number) else { panic!("a call") };
        (record.main_call, record.offered) = (Some(ucid(main_call)), Tick(1_000 * number as u64));
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
            store.submit(StoreRequest::Keep { id: StoreId(id as u64), records: vec![record] });
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
    fn the_legs_of_an_agent_are_those_with_a_part_in_the_span_each_with_its_call() {
        let folder = Folder::new("agent-legs");
        let mut store = SqliteStore::open(&folder.database(), 1_000_000).unwrap();
        let of_agent = |number: i32, began: u64| {
            let agent = Some(crate::csta::AgentId::new("7001").unwrap());
            Record::Leg(Box::new(LegRecord { agent, ..leg_of(number, began) }))
        };
        let records = [call(1), of_agent(1, 1_000), leg(1, 1_000), of_agent(2, 200_000), of_agent(3, 400_000)];
        for (id, record) in records.into_iter().enumerate() {
            store.submit(StoreRequest::Keep { id: StoreId(id as u64), records: vec![record] });
        }
        store.commit().unwrap();
        let legs = store.legs_of_agent("7001", 1_050_000, 1_400_000).unwrap();
        let found: Vec<_> = legs.iter().map(|it| (it.leg.call_id, it.call.as_ref().map(|call| call.call_id))).collect();
        assert_eq!(found, [(1, Some(1)), (2, None)]);
        assert_eq!(store.legs_of_agent("7002", 0, u64::MAX).unwrap(), []);
    }

    #[test]
    fn a_call_older_than_its_universal_identifier_has_a_course_without_legs() {
        let folder = Folder::new("old-course");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        store.submit(StoreRequest::Keep { id: StoreId(1), records: vec![call(1)] });
        store.commit().unwrap();
        store.connection.execute("UPDATE call SET ucid = NULL", []).unwrap();
        let course = store.course("1").unwrap().expect("a call");
        assert_eq!((course.calls.len(), course.legs.len()), (1, 0));
    }
}
