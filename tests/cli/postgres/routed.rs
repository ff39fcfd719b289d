//! Callers whose flow asks PostgreSQL for their grade, and who are routed by the answer: from the line to the telephone
//! that rings.
//!
//! Never: lets a failed look-up pass for an empty one.

use std::collections::BTreeSet;
use std::fs;

use tipring_core::csta::event::Event;
use tipring_core::csta::{AgentId, AgentMode, AgentPassword, DeviceId, MonitorFilter, Request};
use tipring_tests::{Folder, Listen, Process, run};
use tipring_tsapi::client::{Client, ClientOptions};
use tipring_tsapi::session::client::Incoming;

use super::{Server, WAIT};

/// Two callers, the one soon after the other, whom two people at telephones answer.
const DAY: &str = "[callers]\ncount = 2\ngap_ms = [100, 300]\ntalk_ms = [20000, 20000]\nsome_abandon = false\n";
const FLOW: &str = r#"
version = 1

[node.ask]
do = "dip"
source = "grade"
key = "caller"
wait = 5000
into = "grade"
next = "known"
none = "usual"
failed = "end"

[node.known]
do = "branch"
value = "grade"
cases = { gold = "gold" }
default = "usual"

[node.gold]
do = "queue"
queue = "5001"
full = "end"

[node.usual]
do = "queue"
queue = "5000"
full = "end"

[node.end]
do = "end"
"#;
pub(super) const SITE: &str = r#"
[server]
listen = "127.0.0.1:0"
switch = "SITE"
server = "GRADES"
users = "users.toml"

[store]
database = "tipring.db"
recordings = "recordings"

[[board]]
card = "socket:card.sock"
receive_ring_ms = 128
transmit_ahead_ms = 48

[[trunk]]
port = 0
name = "T1"
number = "95598"

[[trunk]]
port = 1
name = "T2"
number = "95598"

[[station]]
port = 2
extension = "1001"
kind = "handset"

[[station]]
port = 3
extension = "1002"
kind = "handset"

[ivr]
flows = ["grade.toml"]
entry = "grade"

[[queue]]
device = "5000"
name = "Hotline"

[[queue]]
device = "5001"
name = "Gold"

[[agent]]
id = "7001"
name = "Agent One"
queues = ["5000"]

[[agent]]
id = "7002"
name = "Agent Two"
queues = ["5001"]

[[source]]
"#;

/// The number of the caller for whom the telephone of an agent rings.
fn caller_at(client: &mut Client) -> String {
    loop {
        match client.receive(WAIT).unwrap() {
            Some(Incoming::Report { event: Event::Delivered { calling_device, .. }, .. }) => {
                return calling_device.device.as_str().to_owned();
            }
            Some(_) => {}
            None => panic!("no telephone rings within {WAIT:?}"),
        }
    }
}

/// An agent at a desk, ready.
fn desk(address: &str, number: u8) -> Client {
    let (login, password) = (format!("desk{number}"), format!("change-me-too-{number}"));
    let mut client = Client::open(&ClientOptions::new(address, &login, &password)).unwrap();
    let device = DeviceId::new(&format!("100{number}")).unwrap();
    client.call(&Request::MonitorDevice { device, filter: MonitorFilter::default() }).unwrap();
    for mode in [AgentMode::LogIn, AgentMode::Ready] {
        let request = Request::SetAgentState {
            device,
            mode,
            agent_id: AgentId::new(&format!("700{number}")).unwrap(),
            agent_group: DeviceId::EMPTY,
            password: AgentPassword::new(&format!("change-me-{number}")).unwrap(),
        };
        client.call(&request).unwrap();
    }
    client
}

pub(super) fn callers_are_routed_by_what_it_answers(server: &Server) {
    let folder = Folder::new("postgres-routed");
    let path = |name: &str| folder.path(name).display().to_string();
    fs::write(path("day.toml"), DAY).unwrap();
    fs::write(path("grade.toml"), FLOW).unwrap();
    let (card_sock, day) = (path("card.sock"), path("day.toml"));
    let card = ["sim", "card", "--socket", &card_sock, "--seed", "3", "--scenario", &day];
    let customers = String::from_utf8(run([&card[..], &["--customers"]].concat()).stdout).unwrap();
    let numbers: Vec<&str> = customers.lines().skip(1).filter_map(|row| row.split(',').next()).collect();
    let [usual, gold] = numbers[..] else { panic!("two callers, not {customers}") };
    server.carry_out(&format!(
        "CREATE TABLE grade (number TEXT PRIMARY KEY, grade TEXT); INSERT INTO grade VALUES ('{gold}', 'gold');"
    ));
    let source = server.table("SELECT grade FROM grade WHERE number = $1", "").replacen("balance", "grade", 1);
    server.carry_out("CREATE DATABASE routed");
    let store = format!("{}recordings = ", server.store_lines("routed"));
    folder.write_site(&format!("{}{source}", SITE.replacen("recordings = ", &store, 1)));
    let mut card = Process::start(card, Listen::Out, &[]);
    card.wait_for_file(&folder.path("card.sock"), WAIT);
    let mut site = Process::start(["serve", "--config", &path("site.toml")], Listen::Err, &[]);
    let serving = site.wait_for("the address", WAIT, |line| line.contains("serving "));
    let address = serving.rsplit(' ').next().unwrap();
    let mut desks = [1, 2].map(|number| desk(address, number));
    let rung = desks.each_mut().map(caller_at);
    assert_eq!(rung, [usual, gold], "{:?}", site.seen());
    assert!(site.terminate().success(), "{:?}", site.seen());
    // Their records are there when the site has stopped, and no change waits for the next start.
    assert!(site.seen().iter().any(|line| line.contains("PostgreSQL has every record")), "{:?}", site.seen());
    let callers = server.ask("routed", "SELECT caller FROM call WHERE offered_at < established_at");
    assert_eq!(callers.lines().collect::<BTreeSet<_>>(), BTreeSet::from([usual, gold]));
    assert_eq!(server.ask("routed", "SELECT count(*) FROM leg WHERE kind = 'trunk'"), "2");
    let (said, equal) = super::replica::check(&path("site.toml"));
    assert!(equal, "{said}");
    let found = String::from_utf8_lossy(&run(["doctor", "--config", &path("site.toml")]).stdout).into_owned();
    assert!(found.contains("the PostgreSQL database of [store] can be written"), "{found}");
    let asked =
        site.seen().iter().any(|line| line.contains("source grade: 2 questions asked: 1 found, 1 without an entry"));
    assert!(asked, "{:?}", site.seen());
}
