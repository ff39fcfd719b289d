//! The records of a site kept in PostgreSQL too: a day of calls, messages and work orders, carried over by whoever gets
//! to it, killed and cut off in between; and those of a served site.
//!
//! Never: takes a table for equal that `tipring store postgres check` has not compared.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use rusqlite::Connection;
use tipring_core::store::replicated::TABLES;
use tipring_core::store::sqlite::SqliteStore;
use tipring_postgres::{Address, Replica};
use tipring_tests::{Folder, run, tipring};
use tipring_tools::replication::{self, Step};

use super::{Server, WAIT};

impl Server {
    /// The lines of a store's table that name a database of its own.
    pub(super) fn store_lines(&self, database: &str) -> String {
        let password = self.folder.path("password");
        format!("postgres = \"{}\"\npassword_file = \"{}\"\n", self.address_of(database), password.display())
    }

    fn address_of(&self, database: &str) -> String {
        format!("postgresql://hotline@localhost:{}/{database}?sslmode=disable", self.port)
    }

    fn replica(&self, database: &str) -> Replica {
        let address = Address::new(&self.address_of(database), Some(&self.folder.path("password")), None).unwrap();
        Replica::new(address, SqliteStore::schema())
    }

    /// The answer of a database to a query, as text.
    pub(super) fn ask(&self, database: &str, query: &str) -> String {
        let output = self.psql(database).args(["-At", "-c", query]).stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{query}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

/// Compares a site's database with PostgreSQL by the command. Returns what it prints and whether all are equal.
pub(super) fn check(config: &str) -> (String, bool) {
    let output = run(["store", "postgres", "check", "--site", config]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (said, output.status.success())
}

fn is_equal(config: &str) -> String {
    let (said, equal) = check(config);
    let lines = said.lines().filter(|line| line.ends_with(", equal")).count();
    assert!(equal && lines == TABLES.len(), "{said}");
    said
}

pub(super) fn a_day_is_carried_over_whatever_is_killed(server: &mut Server) {
    let folder = Folder::new("postgres-replica");
    let path = |name: &str| folder.path(name).display().to_string();
    let day = ["sim", "day", "--no-audio", "--lines", "8", "--agents", "5", "--hours", "3", "--seed", "7"];
    assert!(run([&day[..], &["--out", &path(".")]].concat()).status.success());
    server.carry_out("CREATE DATABASE records");
    let lines = server.store_lines("records");
    let config = path("site.toml");
    let text = super::routed::SITE.replacen("recordings = ", &format!("{lines}recordings = "), 1);
    fs::write(&config, text.replace("[[source]]\n", "")).unwrap();

    // Without a log of changes there is nothing to go on from.
    let (said, _) = check(&config);
    assert!(said.contains("keeps no log of changes"), "{said}");
    // A writer that is killed within a transaction, after its first group, and somewhere.
    let database = folder.path("tipring.db");
    let mut store = SqliteStore::open_beside(&database).unwrap();
    store.keep_change_log().unwrap();
    let mut replica = server.replica("records");
    assert_eq!(replication::step(&store, &mut replica, false).unwrap().began, Some("it is new"));
    assert!(replication::step(&store, &mut replica, false).unwrap().rows > 1_000);
    replica.begin().unwrap();
    replica.empty().unwrap();
    drop(replica);
    assert!(server.ask("records", "SELECT count(*) FROM call").parse::<u64>().unwrap() > 50, "it was not emptied");
    let mut child = Command::new(tipring())
        .args(["store", "postgres", "fill", "--site", &config])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    server.eventually("it has copied something", || server.ask("records", "SELECT count(*) FROM leg") != "0");
    child.kill().unwrap();
    child.wait().unwrap();
    let said = is_equal(&config);
    for table in ["call", "leg", "event", "decision", "agent_state", "message", "work_order_step", "recording"] {
        let line = said.lines().find(|line| line.starts_with(&format!("{table}: "))).unwrap();
        assert!(!line.contains(" 0 rows") || table == "recording", "{line}");
    }
    names_and_times_are_as_people_ask_for_them(server);
    changes_follow_and_an_outage_is_caught_up_with(server, &folder, &store);
    assert!(is_equal(&config).contains("customer_number: 1 row, equal"));
    a_refused_row_stops_nothing_and_is_named(server, &folder, &config);
    a_store_that_is_put_back_begins_anew_and_another_is_refused(server, &folder, &config);
}

fn names_and_times_are_as_people_ask_for_them(server: &Server) {
    let ask = |query: &str| server.ask("records", query);
    assert_eq!(ask("SELECT count(*) FROM call WHERE offered_at <> to_timestamp(offered_ms / 1000.0)"), "0");
    assert_eq!(ask("SELECT count(*) FROM event WHERE data->>'event' <> kind"), "0");
    assert_eq!(ask("SELECT max(seq) - count(*) FROM event"), "0");
    assert_eq!(ask("SELECT count(*) > 0 AND bool_and(at IS NOT NULL) FROM agent_state"), "t");
    assert_eq!(ask("SELECT count(*) FROM supervision WHERE \"user\" = '0'"), "0");
}

fn changes_follow_and_an_outage_is_caught_up_with(server: &mut Server, folder: &Folder, store: &SqliteStore) {
    let beside = Connection::open(folder.path("tipring.db")).unwrap();
    let mut replica = server.replica("records");
    let mut carry = |statements: &str| -> Step {
        beside.execute_batch(statements).unwrap();
        replication::carry_rest(store, &mut replica, WAIT).unwrap()
    };
    let step = carry(
        "INSERT INTO customer_entry (name, account) VALUES ('张 \"\\, {Wei}', '1'); \
         INSERT INTO customer_number VALUES ('0571', 1, 0), ('0572', 1, 1); \
         UPDATE message SET state = 'done', changed_by = '7001' WHERE id = (SELECT min(id) FROM message); \
         DELETE FROM call WHERE id = (SELECT max(id) FROM call)",
    );
    assert_eq!((step.rows, step.waiting, step.refused), (4, 0, vec![]), "the call has no row any more");
    assert_eq!(server.ask("records", "SELECT name FROM customer_entry"), "张 \"\\, {Wei}");
    server.stop();
    beside
        .execute_batch("DELETE FROM customer_number WHERE number = '0572'; UPDATE call SET talk_ms = talk_ms + 1")
        .unwrap();
    let mut replica = server.replica("records");
    let away = replication::step(store, &mut replica, false).unwrap_err().to_string();
    assert!(away.contains("refused"), "{away}");
    server.start();
    let caught_up = replication::carry_rest(store, &mut replica, WAIT).unwrap();
    assert!(caught_up.rows > 50 && caught_up.is_whole(), "{caught_up:?}");
    assert_eq!(server.ask("records", "SELECT number FROM customer_number"), "0571");
}

fn a_refused_row_stops_nothing_and_is_named(server: &Server, folder: &Folder, config: &str) {
    let beside = Connection::open(folder.path("tipring.db")).unwrap();
    let notice = |text: &str, from: &str| {
        let insert = format!(
            "INSERT INTO notice (text, prompt, region, from_ms, to_ms, is_planned, person, loaded_ms) \
             VALUES ({text}, '', '', {from}, 0, 0, '', 0)"
        );
        beside.execute_batch(&insert).unwrap();
    };
    notice("'one'", "0");
    notice("'no such time'", "9223372036854775807");
    notice("'a' || char(0)", "0");
    notice("'two'", "0");
    let (said, equal) = check(config);
    assert!(!equal && said.contains("notice: 4 rows in the site's database, 2 in PostgreSQL"), "{said}");
    let refused = server.ask("records", "SELECT table_name, key, why FROM replica_refused ORDER BY key");
    let lines: Vec<&str> = refused.lines().collect();
    assert!(lines.len() == 2 && lines[0].starts_with("notice|2|") && lines[1].contains("22021"), "{refused}");
    beside.execute_batch("UPDATE notice SET from_ms = 1 WHERE id = 2; DELETE FROM notice WHERE id = 3").unwrap();
    is_equal(config);
    assert_eq!(server.ask("records", "SELECT count(*) FROM replica_refused"), "0");
}

fn a_store_that_is_put_back_begins_anew_and_another_is_refused(server: &Server, folder: &Folder, config: &str) {
    let copy = folder.path("copy.db").display().to_string();
    assert!(run(["store", "backup", "--site", config, &copy]).status.success());
    let beside = Connection::open(folder.path("tipring.db")).unwrap();
    beside.execute_batch("DELETE FROM notice").unwrap();
    is_equal(config);
    drop(beside);
    assert!(run(["store", "restore", "--site", config, &copy]).status.success());
    let mut store = SqliteStore::open_beside(&folder.path("tipring.db")).unwrap();
    assert_eq!(store.change_log().unwrap(), None);
    store.keep_change_log().unwrap();
    is_equal(config);
    assert_eq!(server.ask("records", "SELECT count(*) FROM notice"), "3");
    // Another site's.
    let other = Folder::new("postgres-replica-other");
    let mut store = SqliteStore::open(&other.path("tipring.db"), 0).unwrap();
    store.keep_change_log().unwrap();
    let mut replica = server.replica("records");
    let why = replication::step(&store, &mut replica, false).unwrap_err().to_string();
    assert!(why.contains("records of another store") && why.contains("tipring store postgres fill"), "{why}");
    assert_eq!(server.ask("records", "SELECT count(*) FROM notice"), "3");
    // Taken over because it was asked for.
    replication::step(&store, &mut replica, true).unwrap();
    assert!(replication::carry_rest(&store, &mut replica, Duration::MAX).unwrap().is_whole());
    assert_eq!(server.ask("records", "SELECT count(*) FROM call"), "0");
}
