//! Sources asked for real: a database in a temporary folder, a server of a few lines on the loopback.
//!
//! Never: reaches a host of the network.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::{ANSWER_MAX, DipError, Source, SourceConfig, faults};

const WAIT: Duration = Duration::from_secs(5);
const BALANCE: &str = "SELECT amount FROM balance WHERE account = ?1";

/// A folder of one test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("tipring-dip-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// A database with the balances of accounts.
    fn database(&self, balances: &[(&str, &str)]) -> PathBuf {
        let path = self.0.join("billing.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("CREATE TABLE balance (account TEXT PRIMARY KEY, amount)").unwrap();
        for (account, amount) in balances {
            connection.execute(&format!("INSERT INTO balance VALUES ('{account}', {amount})"), []).unwrap();
        }
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn config(text: &str) -> SourceConfig {
    toml::from_str(&format!("name = \"balance\"\n{text}")).unwrap()
}

fn sql(file: &Path, query: &str) -> Source {
    Source::new(&config(&format!("sqlite = {file:?}\nquery = {query:?}"))).unwrap()
}

fn web(address: &str, more: &str) -> Source {
    Source::new(&config(&format!("url = \"http://{address}/balance?account={{key}}\"\n{more}"))).unwrap()
}

/// A server that answers every request with the head and body that a function gives for its target. Returns its
/// address.
fn server(answer: impl Fn(&str) -> String + Send + Clone + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let first = lines.next().unwrap_or_else(|| Ok(String::new())).unwrap_or_default();
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                let _ = stream.write_all(answer(first.split(' ').nth(1).unwrap_or_default()).as_bytes());
            });
        }
    });
    address
}

fn http(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

#[test]
fn the_first_column_of_the_first_row_is_the_answer_whatever_its_type() {
    let folder = Folder::new("types");
    let balances = [("1", "'12.50'"), ("2", "7"), ("3", "0.5"), ("4", "NULL"), ("户号", "'八'")];
    let mut source = sql(&folder.database(&balances), BALANCE);
    for (account, amount) in [("1", Some("12.50")), ("2", Some("7")), ("3", Some("0.5")), ("户号", Some("八"))] {
        assert_eq!(source.ask(account, WAIT), Ok(amount.map(str::to_owned)), "{account}");
    }
    // The form of PostgreSQL is one of SQLite, too.
    let mut same = sql(&folder.0.join("billing.db"), &BALANCE.replace("?1", "$1"));
    assert_eq!((same.prepare(), same.ask("2", WAIT)), (Ok(()), Ok(Some("7".into()))));
    for account in ["4", "5", "", "1' OR '1'='1"] {
        assert_eq!(source.ask(account, WAIT), Ok(None), "{account}");
    }
}

#[test]
fn a_database_that_comes_back_or_is_replaced_is_asked_again() {
    let folder = Folder::new("replaced");
    let path = folder.0.join("billing.db");
    let mut source = sql(&path, BALANCE);
    let Err(DipError::Away(why)) = source.ask("1", WAIT) else { panic!("there is no database yet") };
    assert!(why.starts_with("the source balance: ") && why.contains("billing.db cannot be opened"), "{why}");
    folder.database(&[("1", "10")]);
    assert_eq!(source.ask("1", WAIT), Ok(Some("10".into())));
    fs::remove_file(&path).unwrap();
    assert!(matches!(source.ask("1", WAIT), Err(DipError::Away(_))));
    folder.database(&[("1", "20")]);
    assert_eq!(source.ask("1", WAIT), Ok(Some("20".into())));
    fs::remove_file(&path).unwrap();
    fs::write(&path, "no database at all, but long enough to be taken for one by its size ".repeat(100)).unwrap();
    assert!(matches!(source.ask("1", WAIT), Err(DipError::Away(_))));
}

#[test]
fn a_query_that_takes_too_long_is_interrupted_and_the_next_one_works() {
    let folder = Folder::new("slow");
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE ?1 = 'slow' OR i < 3) \
                   SELECT max(i) FROM n";
    let mut source = sql(&folder.database(&[]), endless);
    let began = Instant::now();
    assert_eq!(source.ask("slow", Duration::from_millis(50)), Err(DipError::TimedOut));
    assert!(began.elapsed() < WAIT, "{:?}", began.elapsed());
    assert_eq!(source.ask("fast", WAIT), Ok(Some("3".into())));
}

#[test]
fn a_database_locked_by_another_program_costs_the_wait_and_no_more() {
    let folder = Folder::new("locked");
    let path = folder.database(&[("1", "10")]);
    let mut source = sql(&path, BALANCE);
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let began = Instant::now();
    assert_eq!(source.ask("1", Duration::from_millis(50)), Err(DipError::TimedOut));
    assert!(began.elapsed() < WAIT, "{:?}", began.elapsed());
    writer.execute_batch("ROLLBACK").unwrap();
    assert_eq!(source.ask("1", WAIT), Ok(Some("10".into())));
}

#[test]
fn a_query_that_can_never_work_is_a_fault_with_its_place() {
    let folder = Folder::new("wrong");
    let path = folder.database(&[]);
    for (query, why) in [
        ("SELEC amount FROM balance WHERE account = ?1", "syntax error"),
        ("SELECT amount FROM bills WHERE account = ?1", "no such table: bills"),
        ("SELECT sum FROM balance WHERE account = ?1", "no such column: sum"),
        ("SELECT amount FROM balance", "the query has 0 parameters"),
        ("SELECT amount FROM balance WHERE account = ?1 AND amount > ?2", "the query has 2 parameters"),
        ("SELECT amount FROM balance WHERE account = ?1; SELECT 2", "one SELECT"),
        ("DELETE FROM balance WHERE account = ?1", "write a SELECT"),
        ("DELETE FROM balance WHERE account = ?1 RETURNING amount", "write a SELECT"),
        ("", "SQL is empty"),
    ] {
        let mut config = config(&format!("sqlite = {path:?}\nquery = {query:?}"));
        config.place = "site.toml:12".into();
        let found = faults(&[config]);
        assert!(found.len() == 1 && found[0].starts_with("site.toml:12: the source balance: "), "{query}: {found:?}");
        assert!(found[0].contains(why), "{query}: {found:?}");
    }
}

#[test]
fn a_database_that_is_only_away_is_no_fault() {
    let away = config(&format!("sqlite = \"/nowhere/billing.db\"\nquery = {BALANCE:?}"));
    assert_eq!(faults(&[away]), Vec::<String>::new());
}

#[test]
fn a_table_of_a_million_rows_is_searched_by_its_index() {
    let folder = Folder::new("million");
    let path = folder.database(&[]);
    let fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) \
                INSERT INTO balance SELECT printf('%07d', i), i FROM n";
    let connection = Connection::open(&path).unwrap();
    connection.execute(fill, []).unwrap();
    let plan: String = connection.query_row(&format!("EXPLAIN QUERY PLAN {BALANCE}"), ["0"], |row| row.get(3)).unwrap();
    assert!(plan.starts_with("SEARCH balance USING INDEX"), "{plan}");
    let mut source = sql(&path, BALANCE);
    for account in ["0000001", "0500000", "1000000"] {
        assert_eq!(source.ask(account, WAIT), Ok(Some(account.trim_start_matches('0').to_owned())), "{account}");
    }
    assert_eq!(source.ask("1000001", WAIT), Ok(None));
}

#[test]
fn the_key_is_encoded_and_the_body_is_the_answer() {
    let address = server(|target| http("200 OK", &format!(" {target}\n")));
    let mut source = web(&address, "");
    for (key, sent) in [("0571", "0571"), ("a&b=c d/é", "a%26b%3Dc%20d%2F%C3%A9"), ("{key}", "%7Bkey%7D")] {
        assert_eq!(source.ask(key, WAIT), Ok(Some(format!("/balance?account={sent}"))), "{key}");
    }
}

#[test]
fn a_json_pointer_leads_to_the_answer() {
    let body = r#"{"amount": 12.5, "name": "Wang", "open": true, "last": null, "bills": [{"due": "2026-12-01"}]}"#;
    let address = server(move |_| http("200 OK", body));
    for (pointer, answer) in [
        ("/amount", Some("12.5")),
        ("/name", Some("Wang")),
        ("/open", Some("true")),
        ("/bills/0/due", Some("2026-12-01")),
        ("/last", None),
        ("/missing", None),
    ] {
        let answered = web(&address, &format!("json = {pointer:?}")).ask("1", WAIT);
        assert_eq!(answered, Ok(answer.map(str::to_owned)), "{pointer}");
    }
    let Err(DipError::Away(why)) = web(&address, "json = \"/bills\"").ask("1", WAIT) else { panic!("a list") };
    assert!(why.contains("neither text nor number"), "{why}");
}

#[test]
fn statuses_bodies_and_servers_that_give_no_answer() {
    let address = server(|target| match target.rsplit('=').next() {
        Some("none") => http("404 Not Found", "no such account"),
        Some("empty") => http("200 OK", ""),
        Some("nothing") => "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".into(),
        Some("broken") => http("500 Internal Server Error", "1"),
        Some("long") => http("200 OK", &"1".repeat(ANSWER_MAX + 1)),
        Some("endless") => http("200 OK", &"1".repeat(100_000)),
        Some("circle") => "HTTP/1.1 302 Found\r\nLocation: /balance?account=circle\r\nContent-Length: 0\r\n\r\n".into(),
        _ => "no HTTP at all\r\n\r\n".into(),
    });
    let mut source = web(&address, "");
    for key in ["none", "empty", "nothing"] {
        assert_eq!(source.ask(key, WAIT), Ok(None), "{key}");
    }
    for (key, expected) in
        [("broken", "500"), ("long", "4096"), ("endless", "65536"), ("circle", "redirect"), ("other", "")]
    {
        let Err(DipError::Away(why)) = source.ask(key, WAIT) else { panic!("{key} has an answer") };
        assert!(why.starts_with("the source balance: ") && why.contains(expected), "{key}: {why}");
        assert!(!why.contains("account="), "{key}: {why}");
    }
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    assert!(matches!(web(&gone, "").ask("1", WAIT), Err(DipError::Away(_))));
}

#[test]
fn a_server_that_does_not_answer_costs_the_wait_and_no_more() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut source = web(&listener.local_addr().unwrap().to_string(), "");
    let began = Instant::now();
    assert_eq!(source.ask("1", Duration::from_millis(80)), Err(DipError::TimedOut));
    assert!(began.elapsed() < WAIT, "{:?}", began.elapsed());
}

#[test]
fn a_table_that_is_no_source_is_refused_with_the_remedy() {
    for (text, key, why) in [
        ("", "", "either sqlite and query, or postgres and query, or url"),
        ("sqlite = \"a.db\"", "sqlite", "add query"),
        ("sqlite = \"a.db\"\nquery = \"SELECT ?1\"\nurl = \"http://a/{key}\"", "", "either"),
        ("sqlite = \"a.db\"\nquery = \"SELECT ?1\"\njson = \"/a\"", "json", "leave it out"),
        ("url = \"http://a/{key}\"\nquery = \"SELECT ?1\"", "query", "leave it out"),
        ("sqlite = \"a.db\"\nquery = \"SELECT ?1\"\npassword_file = \"p\"", "password_file", "belongs to postgres"),
        ("sqlite = \"a.db\"\nquery = \"SELECT ?1\"\nca = \"c\"", "ca", "belongs to postgres or url"),
        ("postgres = \"postgresql://u@h/d?sslmode=disable\"", "postgres", "account = $1"),
        ("postgres = \"postgresql://u@h/d?sslmode=disable\"\nquery = \"SELECT ?1\"", "query", "writes it as $1"),
        ("postgres = \"postgresql://u:p@h/d\"\nquery = \"SELECT $1\"", "postgres", "password_file"),
        ("postgres = \"postgresql://u@h/d\"\nquery = \"SELECT $1\"", "postgres", "add ca"),
        ("postgres = \"postgresql://u@h/d\"\nquery = \"SELECT $1\"\njson = \"/a\"", "json", "belongs to url"),
        ("postgres = \"postgresql://u@h/d\"\nurl = \"http://a/{key}\"", "", "either"),
        ("url = \"http://a/b\"", "url", "{key}"),
        ("url = \"http://{key}/b\"", "url", "{key}"),
        ("url = \"ftp://a/{key}\"", "url", "no address"),
        ("url = \"balance/{key}\"", "url", "no address"),
        ("url = \"http://a/{key}\"\njson = \"amount\"", "json", "begins with /"),
        ("url = \"http://a/{key}\"\nca = \"ca.pem\"", "ca", "https"),
        ("url = \"http://a/{key}\"\nthreads = 0", "threads", "1 to 16"),
        ("url = \"http://a/{key}\"\nqueue = 0", "queue", "1 to 1000"),
    ] {
        let (at, found) = Source::new(&config(text)).unwrap_err();
        assert!(at == key && found.contains(why), "{text}: {at}: {found}");
    }
}
