//! Calls a second over the whole path, on one processor: ring, queue, agent chosen, answer, clear, record committed;
//! every event encoded for one monitor.
//!
//! ```text
//! cargo bench -p tipring-tests --bench calls
//! TIPRING_SECONDS=30 TIPRING_LINES=1000 cargo bench -p tipring-tests --bench calls
//! ```
//!
//! One thread has the lines, the core and the encoder; the store's has SQLite with a durable commit for each group, as
//! the program has it. Both run on one processor, with the program's allocator. Lines and people react at once, so that
//! a call takes as long as the path is long.
//!
//! | turn | callers |
//! |---|---|
//! | best | each idle line rings at once, while no more calls than the site has room for wait for their records |
//! | twice | twice as many: one who finds no idle line is refused; while the store is behind, lines are left ringing |
//!
//! A call counts as served when the database has its record. At the end the rows are counted. Not shown: sound, and
//! sockets. Run it alone: it shares its processor with whatever else is there.
//!
//! Never: leaves a record out, or keeps one without its commit.

#[path = "calls/lines.rs"]
mod lines;
#[path = "calls/records.rs"]
mod records;
#[path = "calls/site.rs"]
mod site;

use std::time::{Duration, Instant};

use mimalloc::MiMalloc;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::time::ClockId;
use nix::unistd::Pid;
use tipring_tests::Folder;

use lines::Callers;
use site::Site;

/// That of the program.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Calls whose records may wait at once in the best turn, for each line.
const WAITING_FOR_EACH_LINE: u64 = 16;
/// Time before a turn is measured.
const WARM_UP: Duration = Duration::from_millis(500);
/// The longest time to wait for the end of the last call.
const IDLE_MAX: Duration = Duration::from_secs(60);

fn main() {
    let number = |name: &str, usual: u64| {
        std::env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
    };
    let (seconds, lines) = (number("TIPRING_SECONDS", 5), number("TIPRING_LINES", 240));
    let lines = u16::try_from(lines).ok().filter(|lines| (1..=2000).contains(lines)).expect("1 to 2000 lines");
    let mut one = CpuSet::new();
    one.set(0).expect("a processor");
    sched_setaffinity(Pid::from_raw(0), &one).expect("this program may choose its processor");
    println!("{lines} lines, {lines} agents, {seconds} s a turn, one processor");
    for (callers, name) in [(Callers::Unknown, "callers without a number"), (Callers::Known, "callers looked up")] {
        let folder = Folder::new("calls");
        let mut site = Site::new(lines, callers, &folder.path("calls.db"));
        println!("{name}:");
        measure(&mut site, Duration::from_secs(seconds));
        site.count_rows();
    }
}

fn measure(site: &mut Site, length: Duration) {
    let most = WAITING_FOR_EACH_LINE * u64::from(site.lines());
    let best = |site: &mut Site| site.turn(most.saturating_sub(site.begun() - site.committed()));
    run(site, WARM_UP, best);
    let turn = run(site, length, best);
    let rate = turn.committed as f64 / turn.seconds;
    println!("  best   {rate:>9.0} calls/s; {}", turn.costs());
    settle(site);

    let (mut due, begun) = (0.0, Instant::now());
    let mut offered = 0_u64;
    let twice = run(site, length, |site| {
        let now = begun.elapsed().as_secs_f64() * 2.0 * rate;
        let arrive = (now - due) as u64;
        (due, offered) = (due + arrive as f64, offered + arrive);
        site.turn(arrive);
    });
    let served = twice.committed as f64 / twice.seconds;
    let refused = offered - twice.begun;
    println!("  twice  {served:>9.0} calls/s, {:.0} % of the best; {}", 100.0 * served / rate, twice.costs());
    println!("         {offered} callers, {refused} refused, {} taken", twice.begun);
    let (idle, waiting) = settle(site);
    let (times, ringing) = site.left_ringing();
    println!(
        "         idle after {:.2} s; up to {waiting} steps waited for the store; left ringing {ringing}, in {times} times",
        idle.as_secs_f64()
    );
}

/// The outcome of a turn.
struct Turn {
    seconds: f64,
    begun: u64,
    committed: u64,
    /// Processor time of the core's thread, of the encoder in it, and of the store's, in seconds.
    core: f64,
    encoder: f64,
    store: f64,
    events: u64,
    octets: u64,
    records: u64,
}

impl Turn {
    fn costs(&self) -> String {
        let each = |seconds: f64| 1e6 * seconds / self.committed.max(1) as f64;
        let per_call = |count: u64| count as f64 / self.committed.max(1) as f64;
        format!(
            "{:.1} µs of processor a call: core {:.1}, encoder {:.1}, store {:.1}; a call has {:.1} events of {:.0} octets, \
             {:.1} records",
            each(self.core + self.store),
            each(self.core - self.encoder),
            each(self.encoder),
            each(self.store),
            per_call(self.events),
            self.octets as f64 / self.events.max(1) as f64,
            per_call(self.records),
        )
    }
}

fn seconds_of(clock: ClockId) -> f64 {
    Duration::from(clock.now().expect("Linux")).as_secs_f64()
}

/// Goes on for a time.
fn run(site: &mut Site, length: Duration, mut turn: impl FnMut(&mut Site)) -> Turn {
    let counts = |site: &Site| {
        let core = seconds_of(ClockId::CLOCK_THREAD_CPUTIME_ID);
        let all = seconds_of(ClockId::CLOCK_PROCESS_CPUTIME_ID);
        let (events, octets) = site.encoded();
        ([site.begun(), site.committed(), events, octets, site.kept()], [core, site.encoding(), all - core])
    };
    let (before, began) = (counts(site), Instant::now());
    while began.elapsed() < length {
        turn(site);
    }
    let (after, seconds) = (counts(site), began.elapsed().as_secs_f64());
    let [begun, committed, events, octets, records] = std::array::from_fn(|ix| after.0[ix] - before.0[ix]);
    let [core, encoder, store] = std::array::from_fn(|ix| after.1[ix] - before.1[ix]);
    Turn { seconds, begun, committed, core, encoder, store, events, octets, records }
}

/// Until every call has its record, and every line is idle. Returns the time, and the most requests that waited.
fn settle(site: &mut Site) -> (Duration, usize) {
    let (began, waiting) = (Instant::now(), site.most_waiting());
    while !site.is_idle() {
        assert!(began.elapsed() < IDLE_MAX, "calls are left: {}", site.left());
        site.turn(0);
    }
    (began.elapsed(), waiting)
}
