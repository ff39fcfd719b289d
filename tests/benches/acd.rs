//! Distribution of calls: the time from a freed agent to the next offer, by calls waiting and by strategy, with 200
//! agents in 20 overlapping queues; and an hour of virtual time of a site that is offered 40 calls a second and answers
//! them.
//!
//! ```text
//! cargo bench -p tipring-tests --bench acd
//! TIPRING_PART=hour cargo bench -p tipring-tests --bench acd       # or offers
//! ```
//!
//! The first drives the floor and its decision alone. The hour is one of `tipring sim day`, without sound: the whole
//! core (lines' states, calls, queues, agents' states), its log and its records in a temporary SQLite database, and the
//! dice of the people; once with calls that are offered and answered alone, and once with misses, holds, consultations,
//! transfers, pickups, breaks and call-backs. Not in it: cards, sound, sockets, and waiting for a disk.
//!
//! Never: counts a call as answered that a caller did not hear answered.

use std::time::{Duration, Instant};

use nix::time::ClockId;
use tipring_core::acd::decide::{Decision, decide};
use tipring_core::acd::floor::{AgentProfile, Availability, Entry, Floor};
use tipring_core::acd::ids::{AgentIx, Contact, QueueIx, SkillIx, Skills};
use tipring_core::acd::rule::{QueueMembership, QueueRules, Strategy, Widening};
use tipring_core::csta::CallId;
use tipring_core::store::sqlite::SqliteStore;
use tipring_driver::time::{Tick, Ticks};
use tipring_tools::day::site::{EPOCH_MS, Habits};
use tipring_tools::day::{Size, pass};

const QUEUES: u16 = 20;
const AGENTS: u16 = 200;
/// Queues of one agent; each shares members with its neighbours.
const PARTS: u16 = 5;
const ROUNDS: u64 = 20_000;

fn skills(agent: u64) -> Skills {
    let level = |skill: u64| (SkillIx(skill as u16), 1 + (agent / (3 + skill) % 4) as u8);
    Skills::new(&[level(0), level(1)]).expect("two skills")
}

fn needs(call: u64) -> Skills {
    match call % 4 {
        0 => Skills::NONE,
        n => Skills::new(&[(SkillIx((n % 2) as u16), n as u8)]).expect("one skill"),
    }
}

fn floor(strategy: Strategy) -> Floor {
    let widening = (1..=4).map(|step| Widening { after: Ticks::from_secs(30 * step), lower: step as u8 }).collect();
    let rules = QueueRules { strategy, widening, ..QueueRules::default() };
    let parts =
        |agent: u16| (0..PARTS).map(move |part| QueueMembership::equal(QueueIx((agent + part * 3) % QUEUES))).collect();
    let profile = (0..AGENTS).map(|agent| AgentProfile { skills: skills(agent.into()), queues: parts(agent) });
    Floor::new(vec![rules; QUEUES as usize], profile.collect())
}

/// Decisions until nothing is left, timed; the offers are answered.
fn settle(floor: &mut Floor, now: Tick) -> u32 {
    let mut offers = 0;
    floor.advance(now);
    loop {
        let (decision, why) = decide(floor, now);
        let offer = floor.accept(&decision, &why, now);
        match (decision, offer) {
            (Decision::Nothing { .. }, _) => return offers,
            (Decision::Offer { to, .. }, Some(offer)) => {
                floor.answer(offer, to[0], now).expect("rings");
                offers += 1;
            }
            _ => {}
        }
    }
}

fn measure(strategy: Strategy, waiting: u64) -> [Duration; 3] {
    let mut floor = floor(strategy);
    let mut calls = 0;
    let enter = |floor: &mut Floor, calls: &mut u64, now: Tick| {
        *calls += 1;
        let contact = Contact::Call(CallId(*calls as i32));
        let credit = Ticks::from_secs([0, 0, 60, 600][(*calls / 7 % 4) as usize]);
        let queue = QueueIx((*calls * 7 % u64::from(QUEUES)) as u16);
        floor.call_queued(Entry { needs: needs(*calls / 3), credit, ..Entry::new(contact, queue) }, now);
    };
    for place in 0..waiting {
        enter(&mut floor, &mut calls, Tick(place * 20));
    }
    let mut now = Tick(waiting * 20);
    settle(&mut floor, now);
    let mut times = Vec::with_capacity(ROUNDS as usize);
    for round in 0..ROUNDS {
        let agent = AgentIx((round * 37 % u64::from(AGENTS)) as u16);
        let begin = Instant::now();
        floor.set_agent(agent, Availability::Free(now), now);
        let offers = settle(&mut floor, now);
        times.push(begin.elapsed());
        for _ in 0..offers {
            enter(&mut floor, &mut calls, now);
        }
        settle(&mut floor, now);
        now += Ticks(250);
    }
    times.sort_unstable();
    [50, 99, 100].map(|percent| times[(times.len() * percent / 100).min(times.len() - 1)])
}

/// Calls a second of the hour.
const RATE: f64 = 40.0;
/// Mean talk, s: short, so that a site has the agents for that rate.
const TALK: f64 = 12.0;

/// The hour of people who do nothing but call, answer and hang up, and that of people with all habits.
fn hours() {
    let plain = Habits::of_erlang(RATE * 3600.0, TALK, f64::INFINITY);
    hour("offered and answered alone", 1000, plain);
    let all = Habits { callers: RATE * 3600.0, talk: TALK, work: 3, lift: 2.0, hold: 5.0, ..Habits::usual(1400) };
    hour("with all habits", 1400, all);
}

fn hour(name: &str, agents: u16, habits: Habits) {
    let size = Size { lines: 1200, agents, queues: 3, length: Ticks::from_secs(3600) };
    // A temporary file, which is never synced. The commits of a database in memory take the longer the larger it is.
    let store = SqliteStore::open("".as_ref(), EPOCH_MS as i64).expect("a temporary database");
    let processor = || Duration::from(ClockId::CLOCK_PROCESS_CPUTIME_ID.now().expect("Linux")).as_secs_f64();
    let (begin, before) = (Instant::now(), processor());
    let passed = pass(size, habits, 1, store).expect("the hour passes");
    let (seconds, worked) = (begin.elapsed().as_secs_f64(), processor() - before);
    assert!(passed.faults.is_empty(), "{:?}", passed.faults);
    let [offered, answered] = [&passed.truth.offered, &passed.truth.answered].map(|queues| queues.iter().sum::<u64>());
    let each = |calls: u64| calls as f64 / size.length.as_ms() as f64 * 1000.0;
    println!(
        "an hour of {} lines, {agents} agents and {} queues, {name}: {:.1} calls offered and {:.1} answered a second, \
         {} found all lines busy",
        size.lines,
        size.queues,
        each(offered),
        each(answered),
        passed.truth.blocked
    );
    let length = passed.end.0 as f64 / 1000.0;
    println!(
        "{length:.0} s of virtual time in {seconds:.1} s: {:.0} times real time; {worked:.1} s of a processor: {:.0} times",
        length / seconds,
        length / worked
    );
}

fn offers() {
    println!("freed agent to offer, carried out: {AGENTS} agents, {QUEUES} queues, {PARTS} of them each");
    println!("{:<16}{:>10}{:>12}{:>12}{:>12}", "strategy", "waiting", "median", "p99", "longest");
    let strategies = [
        ("longest idle", Strategy::LongestIdle),
        ("ring all", Strategy::RingAll),
        ("skill level", Strategy::SkillLevel(SkillIx(0))),
        ("weighted", Strategy::Weighted { seed: 1 }),
    ];
    for (name, strategy) in strategies {
        for waiting in [100, 1000, 10_000] {
            let [median, p99, longest] =
                measure(strategy, waiting).map(|time| format!("{:.1} µs", time.as_secs_f64() * 1e6));
            println!("{name:<16}{waiting:>10}{median:>12}{p99:>12}{longest:>12}");
        }
    }
}

fn main() {
    match std::env::var("TIPRING_PART").as_deref() {
        Ok("hour") => hours(),
        Ok("offers") => offers(),
        Ok(other) => panic!("TIPRING_PART is offers or hour, not {other}"),
        Err(_) => {
            offers();
            hours();
        }
    }
}
