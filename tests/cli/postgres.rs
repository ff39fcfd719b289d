//! PostgreSQL, on a server that the test starts, as another user, in a folder of its own: data sources, with the sample
//! hotline's balance and what goes wrong with databases; and the records of a site, which it keeps too.
//!
//! Never: reaches a server that it has not started.

mod replica;
mod routed;

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User, geteuid};
use tipring_tests::{Folder, run};
use tipring_tools::dip::{DipError, Source, SourceConfig, faults};

/// A bound for what takes milliseconds on an idle machine.
const WAIT: Duration = Duration::from_secs(20);
const BALANCE: &str = "SELECT amount FROM balance WHERE account = $1";
const PASSWORD: &str = "of the database 1";
/// Rows of every kind, and a function that writes.
const MORE: &str = "\
CREATE TABLE meter (account BIGINT, read_on DATE, reading NUMERIC(9, 3), note TEXT);
INSERT INTO meter VALUES (571, '2026-11-01', 120.5, NULL), (571, '2026-12-01', 240.25, '读数'), (572, NULL, 1, 'x');
CREATE FUNCTION put(name TEXT) RETURNS TEXT LANGUAGE sql AS
  $$ INSERT INTO balance VALUES (name, '0') RETURNING account $$;
";

/// The folder of the server's programs; none where it is not installed.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path().join("bin"));
    versions.filter(|folder| folder.join("initdb").exists() && folder.join("postgres").exists()).max()
}

/// A server with an empty cluster, whose administrator is the user `hotline`.
struct Server {
    programs: PathBuf,
    folder: Folder,
    port: u16,
    child: Option<Child>,
}

impl Server {
    fn new(programs: PathBuf) -> Server {
        let folder = Folder::new("postgres");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Server { programs, folder, port, child: None };
        let write = |name: &str, text: &str| {
            fs::write(server.folder.path(name), text).unwrap();
            fs::set_permissions(server.folder.path(name), fs::Permissions::from_mode(0o600)).unwrap();
        };
        let identity = rcgen::generate_simple_self_signed(vec!["localhost".into(), "127.0.0.1".into()]).unwrap();
        write("server.pem", &identity.cert.pem());
        write("server.key", &identity.signing_key.serialize_pem());
        write("password", &format!("{PASSWORD}\n"));
        let other = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
        write("other.pem", &other.cert.pem());
        write("wrong", "of another database\n");
        fs::create_dir(server.folder.path("data")).unwrap();
        for name in [".", "data", "server.pem", "server.key", "password"] {
            server.give(&server.folder.path(name));
        }
        let made = server
            .command("initdb")
            .args(["--username", "hotline", "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"])
            .args(["--no-sync", "--pwfile"])
            .arg(server.folder.path("password"))
            .stdout(Stdio::null())
            .status();
        assert!(made.unwrap().success(), "initdb");
        server.start();
        server
    }

    /// The user of the server, who is not root.
    fn user() -> Option<User> {
        let found = || User::from_name("postgres").ok().flatten().expect("the server's package has made its user");
        geteuid().is_root().then(found)
    }

    fn give(&self, path: &Path) {
        if let Some(user) = Server::user() {
            chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
        }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.arg("-D").arg(self.folder.path("data")).current_dir(self.folder.path("data")).stdin(Stdio::null());
        if let Some(user) = Server::user() {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }

    fn start(&mut self) {
        let setting = |name: &str, file: &str| format!("{name}={}", self.folder.path(file).display());
        let log = fs::File::options().create(true).append(true).open(self.folder.path("log")).unwrap();
        let child = self
            .command("postgres")
            .args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "ssl=on"])
            .args(["-c", &setting("unix_socket_directories", ".")])
            .args(["-c", &setting("ssl_cert_file", "server.pem"), "-c", &setting("ssl_key_file", "server.key")])
            .args(["-c", "shared_buffers=4MB", "-c", "autovacuum=off"])
            .stderr(log)
            .spawn();
        self.child = Some(child.expect("the server can be started"));
        let mut source = self.source("SELECT $1", "");
        self.eventually("it takes connections", || source.prepare().is_ok());
    }

    fn end(&mut self, signal: Signal) {
        if let Some(mut child) = self.child.take() {
            let _ = kill(Pid::from_raw(child.id().cast_signed()), signal);
            let _ = child.wait();
        }
    }

    /// Ends the server as `pg_ctl stop` does: connections are cut.
    fn stop(&mut self) {
        self.end(Signal::SIGINT);
    }

    fn eventually(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let began = Instant::now();
        while !holds() {
            let log = || fs::read_to_string(self.folder.path("log")).unwrap_or_default();
            assert!(began.elapsed() < WAIT, "{what}: not within {WAIT:?}\n{}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A source's table, without its head: over TCP by loopback and without TLS, unless there is more.
    fn table(&self, query: &str, more: &str) -> String {
        let (port, folder) = (self.port, self.folder.path("."));
        let (folder, sslmode) = (folder.display(), if more.contains("ca =") { "verify-full" } else { "disable" });
        let file = if more.contains("password_file") { "" } else { "password" };
        let password = if file.is_empty() { String::new() } else { format!("password_file = \"{folder}/{file}\"\n") };
        let more = more.replace("FOLDER", &folder.to_string());
        format!(
            "name = \"balance\"\npostgres = \"postgresql://hotline@localhost:{port}/postgres?sslmode={sslmode}\"\n\
             query = {query:?}\n{password}{more}\n"
        )
    }

    fn config(&self, query: &str, more: &str) -> SourceConfig {
        toml::from_str(&self.table(query, more)).unwrap()
    }

    fn source(&self, query: &str, more: &str) -> Source {
        Source::new(&self.config(query, more)).unwrap()
    }

    /// PostgreSQL's own client, at a database of the server.
    fn psql(&self, database: &str) -> Command {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-h", "127.0.0.1", "-U", "hotline", "-p", &self.port.to_string(), "-d", database]);
        psql.env("PGPASSWORD", PASSWORD);
        psql
    }

    /// Has the server carry out statements.
    fn carry_out(&self, statements: &str) {
        let mut child = self
            .psql("postgres")
            .args(["--quiet", "-v", "ON_ERROR_STOP=1"])
            .stdin(Stdio::piped())
            .spawn()
            .expect("psql stands beside the server");
        child.stdin.take().unwrap().write_all(statements.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{statements}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end(Signal::SIGQUIT);
    }
}

fn why(answer: Result<impl std::fmt::Debug, DipError>) -> String {
    match answer {
        Err(DipError::Wrong(why) | DipError::Away(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_postgresql_database_is_asked_and_may_hang_go_and_come_back() {
    let Some(programs) = programs() else {
        let banner = "\n*** SKIPPED: no PostgreSQL server here; apt-get install postgresql ***\n";
        std::io::stderr().write_all(banner.as_bytes()).unwrap();
        return;
    };
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/samples/hotline");
    let mut server = Server::new(programs);
    server.carry_out(&fs::read_to_string(samples.join("billing.sql")).unwrap());
    server.carry_out(MORE);
    answers_are_those_of_the_first_row(&server);
    a_query_that_cannot_work_is_refused_at_the_start(&server);
    no_query_writes(&server);
    a_connection_is_encrypted_to_the_server_that_is_meant(&server);
    the_sample_asks_it(&server, &samples);
    routed::callers_are_routed_by_what_it_answers(&server);
    replica::a_day_is_carried_over_whatever_is_killed(&mut server);
    a_hang_costs_the_wait_and_no_more(&server);
    a_database_that_went_away_is_asked_when_it_is_back(&mut server);
}

fn answers_are_those_of_the_first_row(server: &Server) {
    let mut source = server.source(BALANCE, "");
    for (account, amount) in [("0571", Some("12.50")), ("10086", Some("238.05")), ("0573", None), ("", None)] {
        assert_eq!(source.ask(account, WAIT), Ok(amount.map(str::to_owned)), "{account}");
    }
    for account in ["1' OR '1'='1", "\u{0}", "户号"] {
        assert_eq!(source.ask(account, WAIT), Ok(None), "{account}");
    }
    let readings = |columns: &str| format!("SELECT {columns} FROM meter WHERE account = $1 ORDER BY read_on DESC; ");
    for (columns, key, answer) in [
        ("reading, note", "571", Some("240.250")),
        ("read_on -- its day\n", "0571", Some("2026-12-01")),
        ("note", "571", Some("读数")),
        ("account", "571", Some("571")),
        ("reading / 2::float8", "572", Some("0.5")),
        ("reading > 0", "572", Some("true")),
        ("read_on", "572", None),
        ("note", "", None),
        ("note", "12a", None),
        ("note", "99999999999999999999", None),
    ] {
        let answered = server.source(&readings(columns), "").ask(key, WAIT);
        assert_eq!(answered, Ok(answer.map(str::to_owned)), "{columns} {key}");
    }
    let long = why(server.source("SELECT repeat('长', $1)", "").ask("4097", WAIT));
    assert!(long.contains("more than 4096 octets"), "{long}");
    let broken = why(server.source("SELECT 1 / ($1::text)::int", "").ask("secret", WAIT));
    assert!(broken.contains("SQLSTATE 22P02") && !broken.contains("secret"), "{broken}");
}

fn a_query_that_cannot_work_is_refused_at_the_start(server: &Server) {
    for (query, expected) in [
        ("SELECT amount FROM balances WHERE account = $1", "\"balances\" does not exist"),
        ("SELECT amount FROM balance WHERE account = $1 AND amount = $2", "2 parameters"),
        ("DELETE FROM balance WHERE account = $1", "one SELECT"),
        ("INSERT INTO balance VALUES ($1, '0') RETURNING amount", "one SELECT"),
    ] {
        let config = SourceConfig { place: "site.toml:7".into(), ..server.config(query, "") };
        let found = faults(&[config]);
        assert!(found.len() == 1 && found[0].starts_with("site.toml:7: the source balance: "), "{query}: {found:?}");
        assert!(found[0].contains(expected), "{query}: {found:?}");
    }
    // A site starts without its database, too: these are said in the log, and by doctor.
    let wrong = server.config(BALANCE, "password_file = \"FOLDER/wrong\"");
    assert_eq!(faults(std::slice::from_ref(&wrong)), [""; 0]);
    let said = why(Source::new(&wrong).unwrap().prepare());
    assert!(said.contains("28P01") && said.contains("look at the user, at password_file"), "{said}");
}

fn no_query_writes(server: &Server) {
    let mut writes = server.source("SELECT put($1)", "");
    assert_eq!(writes.prepare(), Ok(()), "the database knows only when it is asked");
    let refused = why(writes.ask("0999", WAIT));
    assert!(refused.contains("25006") && refused.contains("may not write"), "{refused}");
    let mut locks = server.source("SELECT amount FROM balance WHERE account = $1 FOR UPDATE", "");
    assert!(why(locks.ask("0571", WAIT)).contains("may not write"));
    assert_eq!(server.source(BALANCE, "").ask("0999", WAIT), Ok(None));
}

fn a_connection_is_encrypted_to_the_server_that_is_meant(server: &Server) {
    let ssl = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND $1 <> ''";
    let encrypted = |more: &str| server.source(ssl, more).ask("1", WAIT);
    assert_eq!(encrypted("ca = \"FOLDER/server.pem\""), Ok(Some("true".into())));
    assert_eq!(encrypted(""), Ok(Some("false".into())));
    let said = why(encrypted("ca = \"FOLDER/other.pem\""));
    assert!(said.contains("name its authority by ca"), "{said}");
}

fn the_sample_asks_it(server: &Server, samples: &Path) {
    let folder = Folder::new("postgres-sample");
    for file in ["hotline.toml", "balance.toml", "callback.toml"] {
        fs::copy(samples.join(file), folder.path(file)).unwrap();
    }
    fs::write(folder.path("say.sh"), ": > \"$3\"\n").unwrap();
    let say = format!("sh {}", folder.path("say.sh").display());
    let prompts = [samples.join("prompts.sh"), folder.path("prompts")];
    assert!(Command::new("sh").args(prompts).env("SAY", say).status().unwrap().success());
    let site = fs::read_to_string(samples.join("site.toml")).unwrap();
    let sqlite =
        "name = \"balance\"\nsqlite = \"billing.db\"\nquery = \"SELECT amount FROM balance WHERE account = ?1\"\n";
    let [config, flow] = ["site.toml", "balance.toml"].map(|name| folder.path(name).display().to_string());
    let with = |table: &str| {
        assert!(site.contains(sqlite));
        fs::write(&config, site.replace(sqlite, table)).unwrap();
    };
    with(&server.table(BALANCE, ""));
    let output = run(["flow", "run", &flow, "--config", &config, "--ask", "--keys", "0571#"]);
    let walked = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(walked.contains("asks balance for \"0571\": 12.50\n"), "{walked}{complained}");
    let found = String::from_utf8_lossy(&run(["doctor", "--config", &config]).stdout).into_owned();
    assert!(found.contains("sources: the source balance is ready to be asked"), "{found}");
    with(&server.table("SELECT amounts FROM balance WHERE account = $1", ""));
    let output = run(["serve", "--check", "--config", &config]);
    let text = fs::read_to_string(&config).unwrap();
    let line = 1 + text.lines().position(|line| line.starts_with("query = ")).unwrap();
    let complained = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(complained.contains(&format!("site.toml:{line}: the source balance: ")), "{complained}");
    assert!(!output.status.success() && complained.contains("amounts"), "{complained}");
}

fn a_hang_costs_the_wait_and_no_more(server: &Server) {
    let mut source = server.source("SELECT pg_backend_pid() FROM pg_sleep($1)", "");
    let pid = |answer: Result<Option<String>, DipError>| answer.unwrap().unwrap().parse::<i32>().unwrap();
    let first = pid(source.ask("0", WAIT));
    let began = Instant::now();
    assert_eq!(source.ask("60", Duration::from_millis(200)), Err(DipError::TimedOut));
    assert!(began.elapsed() < WAIT, "{:?}", began.elapsed());
    let second = pid(source.ask("0", WAIT));
    // The database has let go of the question, too.
    let sleeping = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {first} AND wait_event = $1");
    let mut sleeping = server.source(&sleeping, "");
    server.eventually("the statement ends", || sleeping.ask("PgSleep", WAIT) == Ok(Some("0".into())));
    // A server that stands still and keeps its sockets: the next question goes over a new connection.
    kill(Pid::from_raw(second), Signal::SIGSTOP).unwrap();
    let answer = source.ask("0", Duration::from_millis(200));
    let third = source.ask("0", WAIT);
    kill(Pid::from_raw(second), Signal::SIGCONT).unwrap();
    assert_eq!(answer, Err(DipError::TimedOut));
    assert_ne!(pid(third), second);
}

fn a_database_that_went_away_is_asked_when_it_is_back(server: &mut Server) {
    let mut source = server.source(BALANCE, "");
    let expected = Ok(Some("12.50".to_owned()));
    assert_eq!(source.ask("0571", WAIT), expected);
    server.stop();
    server.start();
    assert_eq!(source.ask("0571", WAIT), expected, "nothing was asked while it was away");
    server.stop();
    for moment in ["it has just gone", "a moment later", "at once again"] {
        let said = why(source.ask("0571", WAIT));
        assert!(said.contains("refused") && !said.contains("0571"), "{moment}: {said}");
    }
    server.start();
    server.eventually("it is asked again", || source.ask("0571", WAIT) == expected);
    // A table that is changed below a prepared query.
    server.carry_out("ALTER TABLE balance ALTER COLUMN amount TYPE NUMERIC(9, 1) USING amount::numeric");
    assert_eq!(source.ask("0571", WAIT), Ok(Some("12.5".into())));
    server.carry_out("DROP TABLE balance");
    let said = why(source.ask("0571", WAIT));
    assert!(said.contains("\"balance\" does not exist") && said.contains("correct the query"), "{said}");
}
