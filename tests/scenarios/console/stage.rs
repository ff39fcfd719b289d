//! The stage of the console's tests: a browser, a card's simulator with its callers, and a site with users on it.
//!
//! Never: takes a step of a test.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use serde_json::Value;
use tipring_hw_sim::scenario::{Scenario, Socket};
use tipring_tests::{Folder, Listen, Process, run, site_config, site_users};
use tipring_tools::users::Cost;

use super::browser::{Browser, Page};

/// Time limit for what takes moments on an idle machine.
pub const SOON: Duration = Duration::from_secs(60);
/// Time limit for what takes a call.
pub const A_CALL: Duration = Duration::from_secs(180);
/// The seed of the callers.
pub const SEED: u64 = 11;
/// The judge of accessibility, pinned.
const AXE: &str = "axe-core@4.14.1";

/// The sample of a scoring form.
const FORMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tools/samples/quality/hotline.toml");

/// Everything that a test of the console needs.
pub struct Stage {
    pub folder: Folder,
    pub browser: Browser,
    pub card: Process,
    pub server: Process,
    /// Address of the console.
    pub address: String,
    /// The text of axe-core, if npm could fetch it.
    pub axe: Option<String>,
    /// Number of the first caller, who is the customer 王芳.
    pub number: String,
}

impl Stage {
    /// Builds it for a day of callers; nothing without a browser, and the test says so.
    pub fn new(name: &str, day: &str) -> Option<Stage> {
        let folder = Folder::new(name);
        let Some(browser) = Browser::start(&folder.path("")) else {
            eprintln!("LEFT OUT: the console in a browser; install Debian's package chromium");
            return None;
        };
        let axe = axe(&folder.path(""));
        if axe.is_none() {
            eprintln!("LEFT OUT: axe-core; npm could not fetch {AXE}");
        }
        let scenario: Scenario = toml::from_str(day).unwrap();
        let sockets = [Socket::Trunk, Socket::Trunk, Socket::Station, Socket::Station];
        let number = scenario.plan(SEED, &sockets).unwrap().calls[0].number().to_owned();
        std::fs::write(folder.path("day.toml"), day).unwrap();
        std::fs::write(folder.path("customers.csv"), format!("number,name,account\n{number},王芳,SG-004711\n"))
            .unwrap();
        write_prompt(&folder.path("prompts"), "outage");
        let path = |name: &str| folder.path(name).display().to_string();
        let seed = SEED.to_string();
        let mut card = Process::start(
            ["sim", "card", "--socket", &path("card.sock"), "--seed", &seed, "--scenario", &path("day.toml")],
            Listen::Out,
            &[],
        );
        card.wait_for_file(&folder.path("card.sock"), SOON);
        let config = site_config()
            .replace("\"handset\"", "\"headset\"")
            .replace("# customers =", "customers =")
            .replace("# forms = \"forms.toml\"", &format!("forms = {FORMS:?}"))
            .replace("# prompts =", "prompts =")
            .replace("# [server.json]", "[server.json]")
            .replace("# listen = \"127.0.0.1:4580\"", &format!("listen = \"127.0.0.1:{}\"", free_port()));
        folder.write_site(&format!("{config}\n[[event_mode]]\nname = \"storm\"\n"));
        let mut users = site_users();
        users.set_user("board", "change-me-board", vec!["everything:*".parse().unwrap()], Cost::LEAST).unwrap();
        users.save(&folder.path("users.toml")).unwrap();
        let (server, address) = serve(&folder);
        Some(Stage { folder, browser, card, server, address, axe, number })
    }

    /// Starts the site anew after its end.
    pub fn serve_again(&mut self) {
        let (server, address) = serve(&self.folder);
        assert_eq!(address, self.address);
        self.server = server;
    }

    /// Asks the site to end, as a service manager does.
    pub fn terminate(&mut self) -> ExitStatus {
        self.server.terminate()
    }

    /// Judges a page, and keeps its picture.
    pub fn judge(&self, page: &mut Page, name: &str) {
        page.picture(&pictures().join(format!("{name}.png")));
        let Some(axe) = &self.axe else { return };
        page.evaluate(&format!("{axe};0"));
        let found = page.evaluate(
            "axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) => \
             `${impact} ${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`))",
        );
        assert_eq!(found, Value::Array(Vec::new()), "axe-core on the page {name}");
    }

    /// The desk of the agent 7002 at the station 1002, ready.
    pub fn open_desk(&self) -> Page {
        let mut desk = self.browser.open(&self.address);
        desk.wait_for("form", SOON);
        self.judge(&mut desk, "log-in");
        let fields = [
            ("login", "desk2"),
            ("password", "change-me-too-2"),
            ("agent", "7002"),
            ("agentPassword", "change-me-2"),
            ("station", "1002"),
        ];
        log_in(&mut desk, &fields);
        desk.wait_for(".badge.notReady", SOON);
        press_for(&mut desk, "ready", "r");
        // A caller who waits already comes at once.
        desk.wait_for(".badge.ready, .call", SOON);
        desk
    }

    /// The page of a supervisor with every right, at the station 1001.
    pub fn open_board(&self) -> Page {
        let mut board = self.browser.open(&self.address);
        log_in(&mut board, &[("login", "board"), ("password", "change-me-board"), ("station", "1001")]);
        board
    }

    /// The JSON lines of a command about the site's database.
    pub fn lines_of(&self, command: &[&str]) -> Vec<Value> {
        let database = self.folder.path("tipring.db").display().to_string();
        let output = run([command, &["--db", &database, "--json"]].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        // A report begins with the definitions of its columns.
        let lines = text.lines().filter(|line| !line.contains("\"definitions\""));
        let lines: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(!lines.is_empty(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        lines
    }

    /// The first of them.
    pub fn line_of(&self, command: &[&str]) -> Value {
        self.lines_of(command).swap_remove(0)
    }
}

/// A prompt of a tenth of a second.
fn write_prompt(folder: &Path, name: &str) {
    std::fs::create_dir_all(folder).unwrap();
    let form =
        hound::WavSpec { channels: 1, sample_rate: 8000, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut file = hound::WavWriter::create(folder.join(name).with_extension("wav"), form).unwrap();
    (0..800).for_each(|_| file.write_sample(0_i16).unwrap());
    file.finalize().unwrap();
}

/// Folder for pictures of the pages.
fn pictures() -> PathBuf {
    let folder = std::env::temp_dir().join("tipring-console");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The text of axe-core, if npm can fetch it.
fn axe(folder: &Path) -> Option<String> {
    let packed = Command::new("npm").args(["pack", "--silent", AXE]).current_dir(folder).output().ok()?;
    let archive = String::from_utf8_lossy(&packed.stdout).trim().to_owned();
    let unpacked = Command::new("tar").args(["-xzf", &archive]).current_dir(folder).status().ok()?;
    if !packed.status.success() || !unpacked.success() {
        return None;
    }
    std::fs::read_to_string(folder.join("package/axe.min.js")).ok()
}

/// A port that is free now, for a server that is to come back at the same address.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn serve(folder: &Folder) -> (Process, String) {
    let mut server =
        Process::start(["serve", "--config", folder.path("site.toml").to_str().unwrap()], Listen::Err, &[]);
    let line = server.wait_for("the console", SOON, |line| line.contains("console at http"));
    (server, line.rsplit(' ').next().unwrap().to_owned())
}

fn log_in(page: &mut Page, fields: &[(&str, &str)]) {
    page.wait_for("form input[name=login]", SOON);
    for (name, value) in fields {
        page.fill(&format!("input[name={name}]"), value);
    }
    page.press("Enter");
    page.wait_for(".bar", SOON);
    page.evaluate("document.activeElement.blur()");
}

/// Presses the key of an action once it is possible; a page that was loaded anew has to find its session first.
pub fn press_for(page: &mut Page, action: &str, key: &str) {
    page.wait_for(&format!("[data-action={action}]:not(:disabled)"), SOON);
    page.press(key);
}
