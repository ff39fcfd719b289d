//! The store carried over into its replica on PostgreSQL, group by group.
//!
//! The store on SQLite is what acknowledges; the replica follows. A group is one transaction there, which also holds
//! how far the store is carried over: whatever is killed, the next group goes on from there. Rows are taken as they
//! stand, so that a replica which is behind may have some of them newer than others; it is whole again once nothing
//! waits.
//!
//! | the replica has | is done |
//! |---|---|
//! | no store | every table is copied from its beginning, then the changes since |
//! | this store and its log | the changes since its last group |
//! | this store and another log, as of one put back from a copy, or older tables | it is emptied, and copied anew |
//! | another store | nothing: it belongs to another site |
//!
//! Never: writes into the store.

use std::time::{Duration, Instant};

use tipring_core::store::replicated::{Key, Sums, TABLES, Table};
use tipring_core::store::sqlite::{ChangeLog, SqliteStore};
use tipring_postgres::replica::{Refused, Standing};
use tipring_postgres::{Address, Replica};

use crate::failure::Failure;

/// Rows of a group: a fraction of a second's work, and what memory holds easily.
const GROUP_MAX: usize = 5_000;

/// A group that was carried over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Step {
    /// The replica was emptied for the reason, and is copied from the beginning.
    pub began: Option<&'static str>,
    /// Rows read.
    pub rows: u64,
    /// Rows that the database has not taken now.
    pub refused: Vec<Refused>,
    /// Count of rows that it has not taken, these included.
    pub refused_count: u64,
    /// Changes that wait.
    pub waiting: u64,
    /// The last change that is carried over.
    pub up_to: i64,
    /// Tables are being copied from their beginning.
    pub is_filling: bool,
}

impl Step {
    /// Returns true if nothing is left.
    pub const fn is_whole(&self) -> bool {
        self.waiting == 0 && !self.is_filling
    }
}

/// The next thing to be done.
#[derive(Debug, PartialEq, Eq)]
enum Plan {
    /// Nothing: it has another store.
    OfAnother,
    /// Empty it, for the reason.
    Begin(&'static str),
    /// Copy on, from a table and its last key.
    Fill(&'static Table, Option<Key>),
    /// Carry changes over.
    Follow,
}

/// The next thing to be done for a replica; `version` is that of this program's tables.
fn plan(standing: &Standing, log: &ChangeLog, version: i64) -> Plan {
    let Some(store) = &standing.store else { return Plan::Begin("it is new") };
    if *store != log.store {
        return Plan::OfAnother;
    }
    if standing.version < version {
        return Plan::Begin("its tables are of an earlier version");
    }
    if standing.log.as_ref() != Some(&log.log) {
        return Plan::Begin("changes of the site's database since the last time were not logged");
    }
    if standing.up_to > log.last || standing.up_to + 1 < log.first {
        return Plan::Begin("it and the site's database were not copied at the same time");
    }
    match &standing.fill {
        None => Plan::Follow,
        Some((name, after)) => {
            let after = after.as_deref().map(serde_json::from_str);
            match (Table::named(name), after.transpose()) {
                (Some(table), Ok(after)) => Plan::Fill(table, after),
                _ => Plan::Begin("it was being copied by another version"),
            }
        }
    }
}

/// The replica of a site's store; none if it has none.
///
/// # Errors
/// The address is none: a sentence.
pub fn replica_at(address: Option<Result<Address, (&'static str, String)>>) -> Result<Option<Replica>, Failure> {
    let address = address.transpose().map_err(|(_, why)| why)?;
    Ok(address.map(|address| Replica::new(address, SqliteStore::schema())))
}

/// Carries a group over; `anew` empties the replica first, whatever it has.
///
/// # Errors
/// The store cannot be read, or the replica not be written: a sentence. Nothing of the group was done, or all.
pub fn step(store: &SqliteStore, replica: &mut Replica, anew: bool) -> Result<Step, Failure> {
    let standing = replica.begin().map_err(|failure| failure.to_string())?;
    let done = group(store, replica, standing, anew);
    if done.is_err() {
        replica.roll_back();
    }
    done
}

fn group(store: &SqliteStore, replica: &mut Replica, mut standing: Standing, anew: bool) -> Result<Step, Failure> {
    let none = "the site's database keeps no log of changes: `tipring serve` with this configuration begins it";
    let log = store.change_log()?.ok_or(none)?;
    let (mut done, before) = (Step::default(), standing.clone());
    let plan = if anew { Plan::Begin("it was asked for") } else { plan(&standing, &log, replica.version()) };
    match plan {
        Plan::OfAnother => {
            let why = "the PostgreSQL database has the records of another store: give each site a database of its own, \
                       or have this one take it by `tipring store postgres fill --site FILE`";
            return Err(why.into());
        }
        Plan::Begin(why) => {
            replica.empty().map_err(|failure| failure.to_string())?;
            let fill = TABLES.first().map(|table| (table.name.to_owned(), None));
            let (store, name) = (Some(log.store), Some(log.log));
            standing = Standing { store, log: name, up_to: log.last, fill, refused: 0, ..standing };
            done.began = Some(why);
        }
        Plan::Fill(table, after) => standing.fill = fill(store, replica, (table, after), &mut done)?,
        Plan::Follow => {
            let changed = store.changed_rows(standing.up_to, GROUP_MAX)?;
            for rows in &changed.rows {
                done.refused.extend(replica.write(rows).map_err(|failure| failure.to_string())?);
                done.rows += rows.rows.len() as u64;
            }
            standing.up_to = changed.up_to;
        }
    }
    match standing == before && done.began.is_none() {
        true => replica.roll_back(),
        false => replica.commit(&standing).map_err(|failure| failure.to_string())?,
    }
    done.refused_count = standing.refused.max(0) as u64 + done.refused.len() as u64;
    done.waiting = log.last.saturating_sub(standing.up_to).max(0) as u64;
    (done.up_to, done.is_filling) = (standing.up_to, standing.fill.is_some());
    Ok(done)
}

/// The place at which the copying of tables from their beginning stands: a table and the last key, as text.
type Cursor = (String, Option<String>);

/// Copies rows of tables on, a group of them. Returns the place from which the next group goes on.
fn fill(
    store: &SqliteStore,
    replica: &mut Replica,
    (mut table, mut after): (&'static Table, Option<Key>),
    done: &mut Step,
) -> Result<Option<Cursor>, Failure> {
    while done.rows < GROUP_MAX as u64 {
        let filled = store.rows_after(table, after.as_ref(), GROUP_MAX)?;
        done.refused.extend(replica.write(&filled.rows).map_err(|failure| failure.to_string())?);
        done.rows += filled.rows.rows.len() as u64;
        after = filled.last;
        if after.is_none() {
            let next = TABLES.iter().skip_while(|other| other.name != table.name).nth(1);
            match next {
                Some(next) => table = next,
                None => return Ok(None),
            }
        }
    }
    Ok(Some((table.name.to_owned(), after.map(|key| serde_json::to_string(&key)).transpose()?)))
}

/// Carries over what is left, group by group, for at most `wait`. Returns the last group, with the rows of all.
///
/// # Errors
/// As [`step`].
pub fn carry_rest(store: &SqliteStore, replica: &mut Replica, wait: Duration) -> Result<Step, Failure> {
    let began = Instant::now();
    let mut all = Step::default();
    loop {
        let last = step(store, replica, false)?;
        let (rows, mut refused) = (all.rows + last.rows, std::mem::take(&mut all.refused));
        refused.extend_from_slice(&last.refused);
        all = Step { rows, refused, ..last };
        if all.is_whole() || began.elapsed() >= wait {
            return Ok(all);
        }
    }
}

/// A difference between the store and its replica: the table, and a sentence.
pub type Difference = (&'static str, String);

/// Carries over what is left and compares all tables, at one moment of both. Returns their rows in the store, and the
/// differences.
///
/// # Errors
/// As [`step`].
pub fn compare(store: &SqliteStore, replica: &mut Replica) -> Result<(Vec<i64>, Vec<Difference>), Failure> {
    loop {
        carry_rest(store, replica, Duration::MAX)?;
        // No other writer while the transaction lasts.
        let standing = replica.begin().map_err(|failure| failure.to_string())?;
        let compared = store.sums().map_err(Failure::from).and_then(|(log, here)| {
            if log.is_none_or(|log| log.last != standing.up_to) {
                return Ok(None);
            }
            let there = replica.sums().map_err(|failure| failure.to_string())?;
            let all = TABLES.iter().zip(here.iter().zip(&there));
            let differences = all.flat_map(|(table, (here, there))| differences(table, here, there)).collect();
            Ok(Some((here.iter().map(|sums| sums.rows).collect(), differences)))
        });
        replica.roll_back();
        // A row has changed since: once more.
        if let Some(compared) = compared? {
            return Ok(compared);
        }
    }
}

fn differences(table: &'static Table, here: &Sums, there: &Sums) -> Vec<Difference> {
    if here.rows != there.rows {
        let text = format!("{} rows in the site's database, {} in PostgreSQL", here.rows, there.rows);
        return vec![(table.name, text)];
    }
    let columns = table.columns.iter().zip(here.columns.iter().zip(&there.columns));
    columns
        .filter(|(_, (here, there))| here != there)
        .map(|((column, _), (here, there))| {
            let [here, there] = [here, there].map(|(count, sum)| format!("{count} values, sum {sum}"));
            (table.name, format!("{column}: {here} in the site's database; {there} in PostgreSQL"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> ChangeLog {
        ChangeLog { store: "store".into(), log: "log".into(), first: 5, last: 9 }
    }

    fn standing() -> Standing {
        Standing { version: 1, store: Some("store".into()), log: Some("log".into()), up_to: 7, fill: None, refused: 0 }
    }

    #[test]
    fn a_replica_goes_on_from_where_it_is_or_begins_anew_or_is_left_alone() {
        let plan_of = |standing: Standing| plan(&standing, &log(), 1);
        assert_eq!(plan_of(standing()), Plan::Follow);
        assert_eq!(plan_of(Standing { up_to: 4, ..standing() }), Plan::Follow, "the first change is the next one");
        let begins = [
            Standing { store: None, ..standing() },
            Standing { version: 0, ..standing() },
            Standing { log: Some("another".into()), ..standing() },
            Standing { log: None, ..standing() },
            Standing { up_to: 3, ..standing() },
            Standing { up_to: 10, ..standing() },
            Standing { fill: Some(("no such table".into(), None)), ..standing() },
        ];
        for standing in begins {
            assert!(matches!(plan_of(standing.clone()), Plan::Begin(_)), "{standing:?}");
        }
        assert_eq!(plan_of(Standing { store: Some("another".into()), ..standing() }), Plan::OfAnother);
        let filling = Standing { fill: Some(("recording_mark".into(), Some("[7,2]".into()))), ..standing() };
        let Plan::Fill(table, Some(key)) = plan_of(filling) else { panic!("it goes on") };
        assert_eq!((table.name, key.to_string().as_str()), ("recording_mark", "7 2"));
    }

    #[test]
    fn differences_name_the_table_and_the_column() {
        let table = &TABLES[0];
        let sums = |rows, talk| {
            let columns = table.columns.iter().map(|(name, _)| (rows, if *name == "talk_ms" { talk } else { 0 }));
            Sums { rows, columns: columns.collect() }
        };
        assert_eq!(differences(table, &sums(3, 5), &sums(3, 5)), []);
        assert_eq!(differences(table, &sums(3, 5), &sums(2, 5))[0].1, "3 rows in the site's database, 2 in PostgreSQL");
        let found = differences(table, &sums(3, 5), &sums(3, 6));
        assert!(found.len() == 1 && found[0].1.starts_with("talk_ms: 3 values, sum 5"), "{found:?}");
    }
}
