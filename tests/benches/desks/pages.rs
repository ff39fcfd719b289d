//! The console in Chromium beside the other clients: a desk and a wallboard, and the time from an event to a frame.
//!
//! Never: drives the pages once they are open; they do what the socket says.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::fleet::{WALLBOARD, station};

/// Time limit for what takes moments on an idle machine.
const SOON: Duration = Duration::from_secs(120);

/// Notes when a call is drawn as alerting, by its number, and when a queue's count of calls is, by the count: after the
/// frame that shows it, in ms since 1970.
const WATCH: &str = "(() => {
  window.drawn = { calls: {}, counts: {} };
  const note = (map, key) => {
    if (key in map) return;
    map[key] = null;
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => { map[key] = performance.timeOrigin + performance.now(); };
      port2.postMessage(0);
    });
  };
  const look = () => {
    for (const card of document.querySelectorAll('.call.alerting')) note(drawn.calls, card.dataset.call);
    const count = document.querySelector('[data-figure=offered] dd');
    if (count) note(drawn.counts, count.innerText);
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true, attributes: true });
})()";

/// Events posted for the pages, with their moments in ms since 1970.
#[derive(Default)]
pub struct Posted {
    /// The desk's calls.
    pub calls: BTreeMap<i32, f64>,
    /// The counts of calls that the wallboard shows.
    pub counts: BTreeMap<u64, f64>,
}

/// This moment in ms since 1970, as a page's clock has it.
pub fn wall_ms() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is later").as_secs_f64() * 1e3
}

/// Frames that the pages have drawn, and the memory that they take.
pub struct Seen {
    /// The desk's calls by number, and the moment at which each was drawn as alerting, in ms since 1970.
    calls: Value,
    /// The counts of calls on the wallboard, and the moment at which each was drawn.
    counts: Value,
    /// Memory of the scripts of desk and wallboard after a collection of garbage, in octets.
    heaps: [f64; 2],
    /// Memory that a page's process shares with no other, in KiB: the larger of the two.
    process_kib: f64,
}

/// The pages, looked after by a thread of their own: the bench answers their requests meanwhile.
pub struct Pages {
    to: Sender<()>,
    from: Receiver<Seen>,
}

impl Pages {
    /// Opens a desk for the first station and a wallboard; nothing without a browser, and the bench says so. The first
    /// answer of [`Pages::seen`] comes once both have their monitors.
    pub fn open(folder: &Path, address: SocketAddr) -> Option<Pages> {
        let Some(browser) = Browser::start(folder) else {
            println!("LEFT OUT: the console in a browser; install Debian's package chromium");
            return None;
        };
        let ((to, asked), (seen, from)) = (channel(), channel());
        crate::named("pages", move || {
            let address = format!("http://{address}/");
            let mut desk = log_in(&browser, &address, station(0).as_str());
            let mut wall = log_in(&browser, &address, WALLBOARD);
            desk.wait_for(".agent", SOON);
            wall.press("2");
            wall.wait_for("[data-figure=offered] dd", SOON);
            for page in [&mut desk, &mut wall] {
                page.evaluate(WATCH);
            }
            loop {
                for page in [&mut desk, &mut wall] {
                    page.send("HeapProfiler.collectGarbage", json!({}));
                    assert_eq!(page.errors, Vec::<String>::new(), "errors of a page");
                }
                let [calls, counts] = [("calls", &mut desk), ("counts", &mut wall)]
                    .map(|(name, page)| page.evaluate(&format!("drawn.{name}")));
                let heaps = [&mut desk, &mut wall]
                    .map(|page| page.send("Runtime.getHeapUsage", json!({}))["usedSize"].as_f64().expect("a number"));
                // The browser has processes in reserve, too; those are smaller.
                let process_kib = browser.renderers().into_iter().filter_map(private_kib).fold(0.0, f64::max);
                // The bench is over where it is not taken.
                if seen.send(Seen { calls, counts, heaps, process_kib }).is_err() || asked.recv().is_err() {
                    return;
                }
            }
        });
        Some(Pages { to, from })
    }

    /// Asks for what is on the pages now.
    pub fn look(&self) {
        self.to.send(()).expect("the pages are open");
    }

    /// The answer, once it is there.
    pub fn seen(&self) -> Option<Seen> {
        match self.from.try_recv() {
            Ok(seen) => Some(seen),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => panic!("the pages have failed"),
        }
    }
}

impl Seen {
    /// Prints the latencies of what was posted.
    pub fn print_latencies(&self, posted: &Posted) {
        let calls = posted.calls.iter().map(|(call, at)| (call.to_string(), *at)).collect();
        print_latencies("a call's pop, to the frame of its desk", calls, &self.calls);
        let counts = posted.counts.iter().map(|(count, at)| (count.to_string(), *at)).collect();
        print_latencies("a queue's figure, to the frame of its wallboard", counts, &self.counts);
    }

    /// Prints the memory.
    pub fn print_memory(&self, when: &str) {
        let [desk, wall] = self.heaps.map(|octets| octets / f64::from(1 << 20));
        let process = self.process_kib / 1024.0;
        println!(
            "{when}: scripts of the desk {desk:.1} MiB, of the wallboard {wall:.1} MiB, a page's process {process:.0} MiB"
        );
    }
}

/// Prints the latencies of one kind: of what was posted and drawn.
fn print_latencies(name: &str, posted: Vec<(String, f64)>, drawn: &Value) {
    let count = posted.len();
    let latency = |(key, at): (String, f64)| drawn[&key].as_f64().map(|shown| shown - at);
    let mut all: Vec<f64> = posted.into_iter().filter_map(latency).collect();
    all.sort_by(f64::total_cmp);
    let at = |share: usize| all.get(all.len().saturating_sub(1) * share / 100).copied().unwrap_or(f64::NAN);
    println!("{name}: {} of {count}, median {:.1} ms, 99 % {:.1} ms", all.len(), at(50), at(99));
}

/// Opens the console, and a session of a user.
fn log_in(browser: &Browser, address: &str, login: &str) -> Page {
    let mut page = browser.open(address);
    page.wait_for("form input[name=login]", SOON);
    page.fill("input[name=login]", login);
    page.fill("input[name=password]", "secret");
    page.press("Enter");
    page.wait_for(".bar", SOON);
    page
}

/// Memory of a process that it shares with no other, in KiB: its anonymous pages. Nothing of one that is gone.
fn private_kib(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("RssAnon:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
