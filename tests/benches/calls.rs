//! Calls a second over the whole path, on one processor: ring, queue, agent chosen, answer, clear, record committed;
//! every event encoded for one monitor.
//!
//! ```text
//! cargo bench -p tipring-tests --bench calls
//! TIPRING_SECONDS=30 TIPRING_LINES=1000 cargo bench -p tipring-tests --bench calls
//! TIPRING_CALLS=20000 valgrind --tool=callgrind PROGRAM      # instructions of the core alone, for these calls
//! TIPRING_CHANGE_LOG=1 cargo bench -p tipring-tests --bench calls      with the log of a replica
//! TIPRING_PART=scale cargo bench -p tipring-tests --bench calls        # from 24 to 2,400 channels, to 5,000 monitors
//! ```
//!
//! One thread has the lines, the core and the encoder; the store's has SQLite with a durable commit for each group, as
//! the program has it. Both run on one processor, with the program's allocator. Lines and people react at once, so that
//! a call takes as long as the path is long.
//!
//! | turn | callers |
//! |---|---|
//! | alone | each idle line rings at once; the core's events and records are dropped, the records acknowledged |
//! | best | each idle line rings at once, while no more calls than the site has room for wait for their records |
//! | twice | twice as many: one who finds no idle line is refused; while the store is behind, lines are left ringing |
//!
//! The turns are taken in rounds, and what is said of them is the median: one round beside other work does not count.
//! Twice is judged by the best of its own round; each is measured once it is under way. A call counts as served when
//! the database has its record. At the end the rows are counted. Not shown: sound, and sockets. Run it alone: it shares
//! its processor with whatever else is there.
//!
//! Never: leaves a record out, or keeps one without its commit.

#[path = "calls/lines.rs"]
mod lines;
#[path = "calls/outside.rs"]
mod outside;
#[path = "calls/program.rs"]
mod program;
#[path = "calls/records.rs"]
mod records;
#[path = "calls/scale.rs"]
mod scale;
#[path = "calls/site.rs"]
mod site;

use std::cell::Cell;
use std::time::{Duration, Instant};

use mimalloc::MiMalloc;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::time::ClockId;
use nix::unistd::Pid;
use tipring_tests::Folder;

use lines::Callers;
use outside::{Nothing, Outside};
use program::Program;
use site::{Clock, Site, Size};

/// That of the program.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Calls whose records may wait at once in the best turn, for each line.
const WAITING_FOR_EACH_LINE: u64 = 16;
/// Time before a turn is measured.
const WARM_UP: Duration = Duration::from_millis(500);
/// The longest time to wait for the end of the last call.
const IDLE_MAX: Duration = Duration::from_secs(60);
/// Rounds of turns; an odd number has a median.
const ROUNDS: usize = 5;

fn main() {
    let number = |name: &str| {
        let text = std::env::var(name).ok();
        text.map(|text| text.parse::<u64>().unwrap_or_else(|_| panic!("{name} is a number")))
    };
    let (seconds, lines) = (number("TIPRING_SECONDS").unwrap_or(2), number("TIPRING_LINES").unwrap_or(240));
    let lines = u16::try_from(lines).ok().filter(|lines| (1..=2000).contains(lines)).expect("1 to 2000 lines");
    let mut one = CpuSet::new();
    one.set(0).expect("a processor");
    sched_setaffinity(Pid::from_raw(0), &one).expect("this program may choose its processor");
    match std::env::var("TIPRING_PART").as_deref() {
        Ok("scale") => return scale::measure(),
        Ok(other) => panic!("TIPRING_PART is scale, not {other}"),
        Err(_) => {}
    }
    if let Some(calls) = number("TIPRING_CALLS") {
        let mut site = Site::new(Size::of(lines), Callers::Unknown, Clock::Turns, Nothing::default());
        while site.begun() < calls {
            ring_all(&mut site);
        }
        settle(&mut site);
        return site.check();
    }
    println!("{lines} lines, {lines} agents, {ROUNDS} rounds of {seconds} s a turn, one processor");
    for (callers, name) in [(Callers::Unknown, "callers without a number"), (Callers::Known, "callers looked up")] {
        let folder = Folder::new("calls");
        let clock = || Clock::Wall(Instant::now());
        let mut alone = Site::new(Size::of(lines), callers, clock(), Nothing::default());
        let mut site = Site::new(Size::of(lines), callers, clock(), Program::new(&folder.path("calls.db")));
        println!("{name}:");
        let length = Duration::from_secs(seconds);
        let rounds: Vec<_> =
            (0..ROUNDS).map(|_| (measure_alone(&mut alone, length), measure(&mut site, length))).collect();
        let (core, served, share) = (
            median(rounds.iter().map(|(core, _)| *core)),
            median(rounds.iter().map(|(_, round)| round.best)),
            median(rounds.iter().map(|(_, round)| round.twice / round.best)),
        );
        println!(
            "  median: core alone {core:.0} calls/s; best {served:.0} calls/s; twice {:.1} % of it",
            100.0 * share
        );
        alone.check();
        site.check();
        let begun = site.begun();
        site.outside.count_rows(begun);
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Each idle line rings.
fn ring_all<O: Outside>(site: &mut Site<O>) {
    site.turn(u64::from(site.lines()));
}

/// Calls a second of the core alone.
fn measure_alone(site: &mut Site<Nothing>, length: Duration) -> f64 {
    let turn = run(site, length, ring_all);
    println!(
        "  alone  {:>9.0} calls/s; {:.1} µs of processor a call, {:.1} records",
        turn.rate(),
        turn.each(turn.core),
        turn.per_call(turn.records)
    );
    settle(site);
    turn.rate()
}

/// Calls served a second.
struct Round {
    best: f64,
    twice: f64,
}

fn measure(site: &mut Site<Program>, length: Duration) -> Round {
    let most = WAITING_FOR_EACH_LINE * u64::from(site.lines());
    let best = |site: &mut Site<Program>| site.turn(most.saturating_sub(site.begun() - site.committed()));
    run(site, WARM_UP, best);
    let turn = run(site, length, best);
    let rate = turn.rate();
    println!("  best   {rate:>9.0} calls/s; {}", turn.costs());
    settle(site);

    let (began, offered) = (Instant::now(), Cell::new(0));
    let (behind, left) = site.left_ringing();
    site.outside.records.most();
    let mut turn = |site: &mut Site<Program>| {
        let so_far = (began.elapsed().as_secs_f64() * 2.0 * rate) as u64;
        site.turn(so_far - offered.replace(so_far));
    };
    run(site, WARM_UP, &mut turn);
    let before = offered.get();
    let twice = run(site, length, turn);
    let (served, offered) = (twice.rate(), offered.get() - before);
    let refused = offered.saturating_sub(twice.begun);
    println!("  twice  {served:>9.0} calls/s, {:.0} % of the best; {}", 100.0 * served / rate, twice.costs());
    println!("         {offered} callers, {refused} refused, {} taken", twice.begun);
    let idle = settle(site);
    let waiting = site.outside.records.most();
    let (times, ringing) = site.left_ringing();
    println!(
        "         idle after {:.2} s; up to {waiting} steps waited for the store; left ringing {}, in {} times",
        idle.as_secs_f64(),
        ringing - left,
        times - behind
    );
    Round { best: rate, twice: served }
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
    /// Calls served a second.
    fn rate(&self) -> f64 {
        self.committed as f64 / self.seconds
    }

    /// Microseconds of these seconds for each call.
    fn each(&self, seconds: f64) -> f64 {
        1e6 * seconds / self.committed.max(1) as f64
    }

    fn per_call(&self, count: u64) -> f64 {
        count as f64 / self.committed.max(1) as f64
    }

    fn costs(&self) -> String {
        format!(
            "{:.1} µs of processor a call: core {:.1}, encoder {:.1}, store {:.1}; a call has {:.1} events of {:.0} octets, \
             {:.1} records",
            self.each(self.core + self.store),
            self.each(self.core - self.encoder),
            self.each(self.encoder),
            self.each(self.store),
            self.per_call(self.events),
            self.octets as f64 / self.events.max(1) as f64,
            self.per_call(self.records),
        )
    }
}

fn seconds_of(clock: ClockId) -> f64 {
    Duration::from(clock.now().expect("Linux")).as_secs_f64()
}

/// Goes on for a time.
fn run<O: Outside>(site: &mut Site<O>, length: Duration, mut turn: impl FnMut(&mut Site<O>)) -> Turn {
    let counts = |site: &Site<O>| {
        let core = seconds_of(ClockId::CLOCK_THREAD_CPUTIME_ID);
        let all = seconds_of(ClockId::CLOCK_PROCESS_CPUTIME_ID);
        let sent = site.outside.sent();
        ([site.begun(), site.committed(), sent.events, sent.octets, site.kept()], [core, sent.seconds, all - core])
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

/// Until every call has its record, and every line is idle. Returns the time.
fn settle<O: Outside>(site: &mut Site<O>) -> Duration {
    let began = Instant::now();
    while !site.is_idle() {
        assert!(began.elapsed() < IDLE_MAX, "calls are left: {}", site.left());
        site.turn(0);
    }
    began.elapsed()
}
