//! The store's process is killed at any moment: whatever it had acknowledged is in the database.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use tipring_core::csta::{AgentId, AgentState, DeviceId};
use tipring_core::store::sqlite::SqliteStore;
use tipring_core::store::{AgentRecord, Record, Store, StoreId, StoreReply, StoreRequest};
use tipring_driver::time::Tick;
use tipring_tests::Folder;
use tipring_tests::seed::with_seeds;

/// Variable with the child's database.
const DATABASE: &str = "TIPRING_TEST_DATABASE";

/// Keeps records for ever, in groups of different sizes, and says which are acknowledged.
#[test]
#[ignore = "not a test: the process that the test below kills"]
fn keep_records_until_killed() {
    let Some(path) = std::env::var_os(DATABASE) else { return };
    let mut store = SqliteStore::open(Path::new(&path), 0).unwrap();
    let mut next = 0;
    loop {
        for _ in 0..=next % 7 {
            next += 1;
            let record = Record::Agent(Box::new(AgentRecord {
                at: Tick(next),
                agent: AgentId::new("7001").unwrap(),
                station: DeviceId::new("1001").unwrap(),
                state: AgentState::Ready,
                reason: 0,
            }));
            store.submit(StoreRequest::Keep { id: StoreId(next), records: vec![record] });
        }
        store.commit().unwrap();
        while let Some(reply) = store.poll_reply() {
            let StoreReply::Kept { up_to } = reply else { panic!("{reply:?}") };
            println!("kept {}", up_to.0);
        }
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    with_seeds("scenarios", "what_was_acknowledged_survives_a_kill", 1..=8, |seed| {
        let folder = Folder::new("killed-store");
        let database = folder.path("tipring.db");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed_store::keep_records_until_killed", "--ignored", "--nocapture"])
            .env(DATABASE, &database)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // The moment is a count of answers, so that it does not hang on how fast the machine is.
        let moment = (seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 57) as usize;
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut kept = lines.filter_map(|line| line.strip_prefix("kept ")?.parse::<i64>().ok());
        let mut last = kept.nth(moment).expect("records are kept");
        child.kill().unwrap();
        child.wait().unwrap();
        // What it had said before it was killed counts as well.
        last = kept.last().unwrap_or(last);

        let database = rusqlite::Connection::open(&database).unwrap();
        let there: i64 =
            database.query_row("SELECT count(*) FROM agent_state WHERE at_ms <= ?1", [last], |row| row.get(0)).unwrap();
        assert_eq!(there, last, "acknowledged up to {last}");
        let sound: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
    });
}
