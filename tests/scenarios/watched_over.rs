//! A site under the eyes of those who watch over it: figures, health, and their change when a part fails.
//!
//! Never: judges a figure by its time.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use tipring_tests::{Folder, Listen, Process, site_config};

const SOON: Duration = Duration::from_secs(20);

/// A site with a port for those who watch over it, and its simulated card.
struct Site {
    card: Option<Process>,
    server: Process,
    address: String,
    folder: Folder,
}

impl Site {
    fn start(name: &str, arguments: &[&str]) -> Site {
        let folder = Folder::new(name);
        let socket = folder.path("card.sock").display().to_string();
        std::fs::write(folder.path("day.toml"), "[callers]\ncount = 0\n").unwrap();
        let scenario = folder.path("day.toml").display().to_string();
        let mut card = Process::start(
            ["sim", "card", "--socket", &socket, "--seed", "5", "--scenario", &scenario],
            Listen::Out,
            &[],
        );
        card.wait_for_file(&folder.path("card.sock"), SOON);
        folder.write_site(&site_config().replace(
            "# [server.metrics]\n# listen = \"127.0.0.1:9480\"",
            "[server.metrics]\nlisten = \"127.0.0.1:0\"",
        ));
        let config = folder.path("site.toml").display().to_string();
        let mut server = Process::start(["serve", "--config", &config].iter().chain(arguments), Listen::Err, &[]);
        let line = server.wait_for("the port", SOON, |line| line.contains("metrics at http://"));
        let address = line.split("metrics at http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        Site { card: Some(card), server, address, folder }
    }

    /// The status and the body of a page.
    fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let status = text.split(' ').nth(1).unwrap().parse().unwrap();
        (status, text.split_once("\r\n\r\n").unwrap().1.to_owned())
    }

    /// Waits until the health has a status. Returns its body.
    fn wait_for_health(&self, status: u16) -> String {
        let deadline = Instant::now() + SOON;
        loop {
            let (found, body) = self.get("/healthz");
            if found == status {
                return body;
            }
            assert!(Instant::now() < deadline, "still {found}: {body}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// The value of a sample.
fn value(page: &str, sample: &str) -> f64 {
    let line = page.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {sample} in\n{page}")).parse().unwrap()
}

#[test]
fn health_and_figures_follow_the_card_when_it_goes() {
    let mut site = Site::start("watched", &[]);
    let health = site.wait_for_health(200);
    assert!(health.contains("\"serves\":true"), "{health}");
    let (status, page) = site.get("/metrics");
    assert_eq!(status, 200);
    assert_eq!(value(&page, "tipring_serving"), 1.0);
    assert_eq!(value(&page, "tipring_agents{state=\"logged out\"}"), 2.0);
    assert!(value(&page, "tipring_media_ticks_total") > 0.0);
    let ticks = value(&page, "tipring_media_ticks_total");
    std::thread::sleep(Duration::from_millis(300));
    assert!(value(&site.get("/metrics").1, "tipring_media_ticks_total") > ticks, "time stands still");
    drop(site.card.take());
    let health = site.wait_for_health(503);
    assert!(health.contains("does not run: its lines are out of service"), "{health}");
    let (_, page) = site.get("/metrics");
    assert_eq!(value(&page, "tipring_serving"), 0.0);
    assert!(site.server.terminate().success());
    assert!(site.folder.path("tipring.db").is_file());
}

#[test]
fn a_json_log_is_one_object_a_line_with_its_fields() {
    let mut site = Site::start("json-log", &["--log", "json"]);
    let serving = site.server.wait_for("the address", SOON, |line| line.contains("serving "));
    let address = json(&serving)["message"].as_str().unwrap().rsplit(' ').next().unwrap().to_owned();
    let client = tipring_tsapi::client::Client::open(&tipring_tsapi::client::ClientOptions::new(
        &address,
        "desk1",
        "change-me-too-1",
    ));
    drop(client.unwrap());
    let line = json(&site.server.wait_for("the log-in", SOON, |line| line.contains("desk1")));
    assert_eq!((line["user"].as_str(), line["level"].as_str()), (Some("desk1"), Some("info")), "{line}");
    assert!(line["peer"].as_str().is_some_and(|peer| peer.starts_with("127.0.0.1")), "{line}");
    assert!(site.server.terminate().success());
    for line in site.server.seen() {
        assert!(json(line)["at"].is_string() && json(line)["message"].is_string(), "{line}");
    }
}

/// The object of a line.
fn json(line: &str) -> serde_json::Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[test]
fn a_site_that_may_let_calls_end_stops_at_once_when_there_are_none() {
    let mut site = Site::start("drain", &["--drain", "60"]);
    site.wait_for_health(200);
    let began = Instant::now();
    assert!(site.server.terminate().success());
    assert!(began.elapsed() < SOON, "it waited for calls that are not there");
    let log = site.server.seen().join("\n");
    assert!(log.contains("stopping when the calls in progress have ended"), "{log}");
}
