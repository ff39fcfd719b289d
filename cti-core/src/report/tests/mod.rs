//! Every figure computed a second time, in another way: by looking at the whole log for each one.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::bounds::Bounds;
use super::event::{CallKey, Entry, Event};
use super::figures::{Figures, Limits, ServiceLevel};
use super::ledger::{Key, Ledger};
use super::rows::{AgentRow, CallRow, DEFINITIONS, TrunkRow};
use crate::acd::ids::Reason;
use crate::agent::Activity;
use crate::csta::{AgentId, CallId, DeviceId};

fn device(text: &str) -> DeviceId {
    DeviceId::new(text).expect("a short name")
}

fn agent(text: &str) -> AgentId {
    AgentId::new(text).expect("a short name")
}

const BEGIN: u64 = 1_700_000_000_000;
const QUARTER: u64 = 900_000;
const QUARTERS: usize = 8;

/// A log of a few hours from dice: calls that wait, ring, are answered, held, abandoned; agents who come and go.
fn log(dice: &[(u8, u8, u32)]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut at = BEGIN - QUARTER;
    // By call: answered or not.
    let mut open: BTreeMap<CallKey, bool> = BTreeMap::new();
    let mut calls = CallId(0);
    for &(what, which, pause) in dice {
        at += u64::from(pause);
        let agent = agent(&format!("70{}", which % 3));
        let queue = device(["hotline", "billing"][usize::from(which % 2)]);
        let nth = |answered: bool| {
            let these: Vec<_> = open.iter().filter(|(_, each)| **each == answered).map(|(&call, _)| call).collect();
            (!these.is_empty()).then(|| these[usize::from(which) % these.len()])
        };
        let waiting = nth(false);
        let event = match (what % 12, waiting, nth(true)) {
            (0..=2, ..) => {
                calls.0 += 1;
                open.insert(calls, false);
                let caller = if which % 5 == 0 { DeviceId::EMPTY } else { device(&format!("555{}", which % 4)) };
                let group = device(["", "city", "mobile"][usize::from(which) % 3]);
                Event::Queued { call: calls, queue, caller, dialled: device("95598"), group }
            }
            (3, Some(call), _) => Event::Missed { call, agent },
            (4 | 5, Some(call), _) => {
                open.insert(call, true);
                Event::Answered { call, agent, rings: which % 8 }
            }
            (6, Some(call), _) => {
                open.remove(&call);
                match which % 4 {
                    0 => Event::FlowedOut { call, to: device("voice mail") },
                    1 => Event::CallBackLeft { call },
                    2 => Event::Cleared { call },
                    _ => Event::Abandoned { call, due: None },
                }
            }
            (7 | 8, _, Some(call)) => {
                open.remove(&call);
                let hold = u64::from(which) * 500;
                let (transferred, by_customer) = (which % 7 == 0, which % 3 == 0);
                Event::Ended { call, hold, longest_hold: hold, transferred, by_customer }
            }
            (9, ..) => Event::Seized {
                trunk: device(&format!("T{}", which % 4)),
                group: device("city"),
                incoming: which % 2 == 0,
            },
            (10, ..) => Event::Released { trunk: device(&format!("T{}", which % 4)) },
            _ => {
                let all = [
                    Activity::Idle,
                    Activity::Talking,
                    Activity::Work,
                    Activity::NotReady(Reason(1)),
                    Activity::LoggedOff,
                    Activity::Offered,
                ];
                Event::Agent { agent, to: all[usize::from(which / 3) % all.len()], queue }
            }
        };
        entries.push(Entry { seq: entries.len() as u64, at, event });
    }
    entries
}

fn ledger(entries: &[Entry], bounds: Bounds) -> Ledger {
    let limits = BTreeMap::from([(device("billing"), Limits { in_time: 60_000, ..Limits::default() })]);
    let mut ledger = Ledger::new(bounds, Limits::default(), limits);
    entries.iter().for_each(|entry| ledger.apply(entry));
    ledger.close(BEGIN + QUARTER * QUARTERS as u64);
    ledger
}

/// A call's whole story, gathered by walking through the log.
#[derive(Default)]
struct Story {
    queue: DeviceId,
    keys: Vec<Key>,
    queued: u64,
    answered: Option<(u64, AgentId, u8)>,
    left: Option<(u64, Event)>,
    ended: Option<(u64, u64, u64, bool, bool)>,
    missed: Vec<(u64, AgentId)>,
}

fn stories(entries: &[Entry]) -> Vec<Story> {
    let mut all: BTreeMap<CallKey, Story> = BTreeMap::new();
    for Entry { at, event, .. } in entries {
        match event {
            Event::Queued { call, queue, dialled, group, .. } => {
                let mut keys = vec![Key::Queue(*queue), Key::Dialled(*dialled)];
                keys.extend((!group.is_empty()).then_some(Key::Group(*group)));
                all.insert(*call, Story { queue: *queue, keys, queued: *at, ..Story::default() });
            }
            Event::Missed { call, agent } => {
                all.get_mut(call).expect("queued").missed.push((*at, *agent));
            }
            Event::Answered { call, agent, rings } => {
                all.get_mut(call).expect("queued").answered = Some((*at, *agent, *rings));
            }
            Event::Abandoned { call, due: None }
            | Event::Cleared { call }
            | Event::FlowedOut { call, .. }
            | Event::CallBackLeft { call } => {
                all.get_mut(call).expect("queued").left = Some((*at, *event));
            }
            Event::Ended { call, hold, longest_hold, transferred, by_customer } => {
                let ended = (*at, *hold, *longest_hold, *transferred, *by_customer);
                all.get_mut(call).expect("queued").ended = Some(ended);
            }
            _ => {}
        }
    }
    all.into_values().collect()
}

/// Figures of one key in one span of time, from the stories.
fn recomputed(stories: &[Story], entries: &[Entry], key: &Key, from: u64, to: u64) -> Figures {
    let within = |at: u64| (from..to).contains(&at);
    let mut sum = Figures::default();
    for story in stories {
        let limit = if story.queue == device("billing") { 60_000 } else { 20_000 };
        let is_agent = |agent: &AgentId| *key == Key::Agent(*agent);
        let is_answerer = story.answered.as_ref().is_some_and(|(_, agent, _)| is_agent(agent));
        let mine = story.keys.contains(key);
        sum.offered += u64::from(mine && within(story.queued));
        let missed = |(at, agent): &&(u64, AgentId)| within(*at) && (mine || is_agent(agent));
        sum.missed += story.missed.iter().filter(missed).count() as u64;
        if let Some((at, _, rings)) = story.answered.as_ref().filter(|(at, ..)| within(*at) && (mine || is_answerer)) {
            let wait = at - story.queued;
            sum.answered += 1;
            sum.answered_in_time += u64::from(wait <= limit);
            sum.wait_answered += wait;
            sum.longest_wait = sum.longest_wait.max(wait);
            sum.rings[match rings {
                0 | 1 => 0,
                2..=5 => usize::from(*rings) - 1,
                _ => 5,
            }] += 1;
            sum.late += u64::from(*rings > 4);
        }
        if let Some((at, event)) = story.left.as_ref().filter(|(at, _)| within(*at) && mine) {
            let wait = at - story.queued;
            match event {
                Event::Abandoned { .. } => {
                    sum.abandoned += 1;
                    sum.abandoned_in_time += u64::from(wait <= limit);
                    sum.abandoned_short += u64::from(wait <= 5_000);
                    sum.wait_abandoned += wait;
                    sum.longest_wait = sum.longest_wait.max(wait);
                }
                Event::FlowedOut { .. } => sum.flowed_out += 1,
                Event::Cleared { .. } => sum.cleared += 1,
                _ => sum.call_backs += 1,
            }
        }
        let ended = story.ended.filter(|(at, ..)| within(*at) && (mine || is_answerer));
        if let Some((at, hold, longest, transferred, by_customer)) = ended {
            let answered = story.answered.as_ref().expect("answered").0;
            sum.handled += 1;
            sum.talk += (at - answered).saturating_sub(hold);
            sum.hold += hold;
            sum.longest_hold = sum.longest_hold.max(longest);
            sum.held_too_long += u64::from(longest > 60_000);
            sum.too_long += u64::from(at - answered > 180_000);
            sum.transferred += u64::from(transferred);
            sum.by_customer += u64::from(by_customer);
        }
    }
    for (agent, spans) in activities(entries) {
        for (begin, end, activity, queue) in spans {
            let of = *key == Key::Queue(queue) || *key == Key::Agent(agent);
            if of && activity == Activity::Work {
                sum.work += end.min(to).saturating_sub(begin.max(from));
            }
        }
    }
    sum
}

type Spans = Vec<(u64, u64, Activity, DeviceId)>;

fn activities(entries: &[Entry]) -> BTreeMap<AgentId, Spans> {
    let mut all: BTreeMap<AgentId, Spans> = BTreeMap::new();
    for Entry { at, event, .. } in entries {
        if let Event::Agent { agent, to, queue } = event {
            let spans = all.entry(*agent).or_default();
            if let Some(last) = spans.last_mut() {
                last.1 = *at;
            }
            spans.push((*at, u64::MAX, *to, *queue));
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_figure_of_every_report_is_equal_when_computed_anew(
        dice in proptest::collection::vec((any::<u8>(), any::<u8>(), 0..90_000u32), 0..200),
    ) {
        let entries = log(&dice);
        let bounds = Bounds::regular(BEGIN, QUARTER, QUARTERS).expect("ascending");
        let ledger = ledger(&entries, bounds.clone());
        let stories = stories(&entries);
        let mut keys: BTreeSet<_> = stories.iter().flat_map(|story| story.keys.clone()).collect();
        keys.extend((0..3).map(|n| Key::Agent(agent(&format!("70{n}")))));
        let got: BTreeMap<_, _> = ledger.figures().map(|(ix, key, of)| ((ix, *key), *of)).collect();
        for ix in 0..QUARTERS {
            let (from, to) = bounds.interval(ix);
            for key in &keys {
                let expected = recomputed(&stories, &entries, key, from, to);
                prop_assert_eq!(got.get(&(ix, *key)).copied().unwrap_or_default(), expected, "{:?}", key);
            }
            for (agent, spans) in activities(&entries) {
                let all = ledger.times().find(|(at, each, _)| *at == ix && *each == agent.as_str());
                let all = all.map_or([0; Activity::COUNT], |(.., times)| *times);
                let mut expected = [0; Activity::COUNT];
                for (begin, end, activity, _) in spans {
                    expected[activity.index()] += end.min(to).saturating_sub(begin.max(from));
                }
                prop_assert_eq!(all, expected, "{}", agent);
            }
        }
        // The same log over other bounds: hours hold what their quarters hold.
        let hours = Bounds::regular(BEGIN, 4 * QUARTER, QUARTERS / 4).expect("ascending");
        let hours = self::ledger(&entries, hours);
        for key in &keys {
            prop_assert_eq!(ledger.total(key), hours.total(key));
        }
    }
}

fn entry(seq: u64, at: u64, event: Event) -> Entry {
    Entry { seq, at: BEGIN + at * 1000, event }
}

fn queued(call: i32, caller: &str) -> Event {
    let (queue, caller, dialled) = (device("hotline"), device(caller), device("95598"));
    Event::Queued { call: CallId(call), queue, caller, dialled, group: DeviceId::EMPTY }
}

fn hour() -> Bounds {
    Bounds::regular(BEGIN, 3_600_000, 1).expect("ascending")
}

#[test]
fn the_service_level_is_given_by_each_formula_and_of_no_calls_there_is_none() {
    let figures = Figures {
        offered: 100,
        answered: 80,
        answered_in_time: 60,
        abandoned: 15,
        abandoned_in_time: 9,
        abandoned_short: 5,
        ..Figures::default()
    };
    let all = ServiceLevel::ALL.map(|(formula, _)| formula.of(&figures).expect("calls"));
    let expected = [0.6, 60.0 / 95.0, 60.0 / 90.0, 60.0 / 86.0, 69.0 / 95.0, 0.75];
    assert_eq!(all, expected);
    assert!(ServiceLevel::ALL.iter().all(|(formula, _)| formula.of(&Figures::default()).is_none()));
}

#[test]
fn the_abandoned_stay_on_the_list_until_they_are_answered_or_called_back() {
    let mut ledger = Ledger::new(hour(), Limits::default(), BTreeMap::new());
    let events = [
        (0, queued(1, "5551")),
        (10, Event::Abandoned { call: CallId(1), due: None }),
        (20, queued(2, "5552")),
        (25, Event::Abandoned { call: CallId(2), due: None }),
        (30, queued(3, "")),
        (31, Event::Abandoned { call: CallId(3), due: None }),
        (40, queued(4, "5551")),
        (50, Event::Answered { call: CallId(4), agent: agent("7001"), rings: 2 }),
    ];
    for (seq, (at, event)) in events.into_iter().enumerate() {
        ledger.apply(&entry(seq as u64, at, event));
    }
    let callers = |ledger: &Ledger| ledger.abandoned().map(|lost| lost.caller.to_string()).collect::<Vec<_>>();
    assert_eq!(callers(&ledger), ["5552", ""]);
    ledger.apply(&entry(
        8,
        60,
        Event::CallBackDone {
            request: 1,
            queue: device("5000"),
            caller: device("5552"),
            state: crate::store::CallBackState::Reached,
        },
    ));
    assert_eq!(callers(&ledger), [""]);
}

#[test]
fn callers_are_returned_in_time_until_their_business_day_ends_and_late_after_it() {
    let mut ledger = Ledger::new(hour(), Limits::default(), BTreeMap::new());
    let due = Some(BEGIN + 100_000);
    let left = |call: i32| Event::Abandoned { call: CallId(call), due };
    let reached = |number: &str| Event::Reached { caller: device(number), agent: agent("7001") };
    let events = [
        (0, queued(1, "5551")),
        (10, left(1)),
        (11, queued(2, "5552")),
        (20, left(2)),
        (21, queued(3, "5551")),
        (30, left(3)),
        (31, queued(4, "")),
        (40, left(4)),
        (41, queued(5, "5553")),
        (50, left(5)),
        (51, queued(6, "5554")),
        (60, Event::Abandoned { call: CallId(6), due: None }),
        (100, reached("5551")),
        (101, reached("5552")),
        (102, reached("5559")),
    ];
    for (seq, (at, event)) in events.into_iter().enumerate() {
        ledger.apply(&entry(seq as u64, at, event));
    }
    ledger.close(BEGIN + 200_000);
    let rows = ledger.return_rows();
    let [row] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((row.queue.as_str(), row.lost_callers), ("hotline", 5), "one without a number cannot be called back");
    assert_eq!((row.returned, row.returned_in_time, row.returned_late), (3, 2, 1));
    assert_eq!((row.return_mean, row.return_longest), (Some(241_000.0 / 3.0 / 1000.0), Some(90.0)));
    assert_eq!((row.to_return, row.to_return_late), (2, 1), "of one no end of a day is known");
    let now = ledger.to_return(&device("hotline"), BEGIN + 90_000);
    assert_eq!((now.count, now.late, now.next_due, now.oldest), (2, 0, due, Some(BEGIN + 50_000)));
    let later = ledger.to_return(&device("hotline"), BEGIN + 100_001);
    assert_eq!((later.late, later.next_due), (1, None));
    let given_up = crate::store::CallBackState::GivenUp;
    let done = Event::CallBackDone { request: 1, queue: device("5000"), caller: device("5553"), state: given_up };
    ledger.apply(&entry(15, 300, done));
    let row = &ledger.return_rows()[0];
    assert_eq!((row.returns_given_up, row.to_return, row.to_return_late), (1, 1, 0));
    let next = hour().interval(0).1;
    ledger.roll(Bounds::new(vec![next, next + 1000]).expect("ascending"));
    let row = &ledger.return_rows()[0];
    assert_eq!((row.lost_callers, row.returned, row.to_return), (0, 0, 1), "one who is open stays so");
}

#[test]
fn a_clock_set_back_takes_no_time_away_and_a_gap_in_the_log_is_counted() {
    let mut ledger = Ledger::new(hour(), Limits::default(), BTreeMap::new());
    ledger.apply(&entry(0, 100, queued(1, "5551")));
    ledger.apply(&entry(1, 50, Event::Answered { call: CallId(1), agent: agent("7001"), rings: 1 }));
    let total = ledger.total(&Key::Queue(device("hotline")));
    assert_eq!((total.answered, total.wait_answered), (1, 0));
    ledger.apply(&entry(1, 200, Event::Abandoned { call: CallId(1), due: None }));
    assert_eq!(ledger.gaps(), 0, "an entry read twice is no gap");
    ledger.apply(&entry(5, 200, queued(2, "")));
    assert_eq!(ledger.gaps(), 3);
}

#[test]
fn the_live_view_shows_who_waits_and_since_when_agents_do_what_they_do() {
    let mut ledger = Ledger::new(hour(), Limits::default(), BTreeMap::new());
    let work = Event::Agent { agent: agent("7001"), to: Activity::Work, queue: device("hotline") };
    for (seq, (at, event)) in [(0, queued(1, "")), (5, queued(2, "")), (7, work)].into_iter().enumerate() {
        ledger.apply(&entry(seq as u64, at, event));
    }
    assert_eq!(ledger.waiting(&device("hotline")), (2, 7000));
    assert_eq!(ledger.activity(&agent("7001")), Some((Activity::Work, 0)));
    ledger.apply(&entry(3, 9, Event::Abandoned { call: CallId(1), due: None }));
    assert_eq!(ledger.waiting(&device("hotline")), (1, 4000));
}

#[test]
fn bounds_hold_days_of_any_length_and_refuse_disorder() {
    let hours = |n: u64| BEGIN + n * 3_600_000;
    let days = Bounds::new(vec![hours(0), hours(23), hours(48)]).expect("ascending");
    assert_eq!(days.interval(0), (hours(0), hours(23)));
    assert!(Bounds::new(vec![hours(1), hours(1)]).is_none() && Bounds::new(vec![hours(1)]).is_none());
}

#[test]
fn every_column_has_a_definition_and_an_entry_reads_back_as_written() {
    fn columns<T: serde::Serialize>(row: &T) -> Vec<String> {
        let serde_json::Value::Object(map) = serde_json::to_value(row).expect("plain") else { panic!("a row") };
        map.keys().cloned().collect()
    }
    let bounds = hour();
    let mut ledger = Ledger::new(bounds, Limits::default(), BTreeMap::new());
    let idle = Event::Agent { agent: agent("7001"), to: Activity::Idle, queue: DeviceId::EMPTY };
    let seized = Event::Seized { trunk: device("T1"), group: device("city"), incoming: true };
    let too_long = Event::BreakTooLong { agent: agent("7001"), reason: 1 };
    let left = Event::Abandoned { call: CallId(1), due: Some(BEGIN) };
    for (seq, event) in [queued(1, "5551"), idle, seized, too_long, left].into_iter().enumerate() {
        let entry = entry(seq as u64, 1, event);
        let text = serde_json::to_string(&entry).expect("plain");
        assert_eq!(serde_json::from_str::<Entry>(&text).expect("reads back"), entry);
        ledger.apply(&entry);
    }
    ledger.close(BEGIN + 3_600_000);
    let calls: Vec<CallRow> = ledger.call_rows(|_| true, |_| ServiceLevel::Standard);
    let agents: Vec<AgentRow> = ledger.agent_rows();
    let breaks = ledger.break_rows(|_| String::new());
    let trunks: Vec<TrunkRow> = ledger.trunk_rows();
    assert_eq!((trunks[0].traffic * 3600.0).round(), 3599.0);
    assert_eq!((agents[0].idle, agents[0].occupancy), (3599.0, Some(0.0)));
    let returns = ledger.return_rows();
    let all = [columns(&calls[0]), columns(&agents[0]), columns(&trunks[0]), columns(&breaks[0]), columns(&returns[0])];
    let used: BTreeSet<_> = all.into_iter().flatten().collect();
    let defined: BTreeSet<_> = DEFINITIONS.iter().map(|(column, _)| (*column).to_owned()).collect();
    assert_eq!(used, defined);
}

#[test]
fn breaks_are_counted_by_reason_and_one_beyond_its_limit_lasts_until_the_agent_returns() {
    let mut ledger = Ledger::new(hour(), Limits::default(), BTreeMap::new());
    let to = |to| Event::Agent { agent: agent("7001"), to, queue: DeviceId::EMPTY };
    let too_long = Event::BreakTooLong { agent: agent("7001"), reason: 1 };
    let id = agent("7001");
    let steps = [
        (0, to(Activity::Idle), None),
        (10, to(Activity::NotReady(Reason(1))), None),
        (40, too_long, Some(1)),
        (50, to(Activity::Talking), Some(1)),
        (60, to(Activity::NotReady(Reason(1))), Some(1)),
        (70, to(Activity::NotReady(Reason(2))), None),
        (75, to(Activity::Idle), None),
    ];
    for (seq, (at, event, over)) in steps.into_iter().enumerate() {
        ledger.apply(&entry(seq as u64, at, event));
        assert_eq!(ledger.break_too_long(&id), over, "at {at} s");
    }
    ledger.close(BEGIN + 100_000);
    let rows = ledger.break_rows(|code| format!("reason {code}"));
    let figures: Vec<_> =
        rows.iter().map(|row| (row.reason_name.as_str(), row.breaks, row.break_time, row.breaks_too_long)).collect();
    assert_eq!(figures, [("reason 1", 2, 50.0, 1), ("reason 2", 1, 5.0, 0)]);
    assert_eq!(ledger.agent_rows()[0].not_ready, 55.0, "the same time in all");
}

#[test]
fn after_a_start_what_was_cut_off_has_ended_with_the_last_entry_before() {
    let mut ledger = Ledger::new(hour(), Limits::default(), BTreeMap::new());
    let idle = Event::Agent { agent: agent("7001"), to: Activity::Idle, queue: DeviceId::EMPTY };
    let seized = Event::Seized { trunk: device("T1"), group: device("city"), incoming: true };
    let answered = Event::Answered { call: CallId(2), agent: agent("7001"), rings: 1 };
    let events = [(0, idle), (0, seized), (10, queued(1, "5551")), (10, queued(2, "")), (20, answered)];
    for (seq, (at, event)) in events.into_iter().enumerate() {
        ledger.apply(&entry(seq as u64, at, event));
    }
    ledger.apply(&entry(5, 500, Event::Started));
    ledger.close(BEGIN + 600_000);
    let total = ledger.total(&Key::Queue(device("hotline")));
    assert_eq!((total.offered, total.answered, total.cleared, total.handled), (2, 1, 1, 0));
    assert_eq!(ledger.waiting(&device("hotline")), (0, 0));
    assert_eq!(ledger.agent_rows()[0].idle, 20.0, "nothing is known of the time between");
    assert_eq!((ledger.activity(&agent("7001")), ledger.trunks(&device("city"))), (None, (0, 0)));
}

#[test]
fn a_ledger_that_rolls_from_interval_to_interval_gives_the_figures_of_one_over_all() {
    let dice: Vec<_> = (0..400u32).map(|n| ((n * 7 % 251) as u8, (n * 13 % 241) as u8, n * 997 % 60_000)).collect();
    let entries = log(&dice);
    let bounds = Bounds::regular(BEGIN, QUARTER, QUARTERS).expect("ascending");
    let whole = ledger(&entries, bounds.clone());
    let one = |ix| {
        let (begin, end) = bounds.interval(ix);
        Bounds::new(vec![begin, end]).expect("ascending")
    };
    let limits = BTreeMap::from([(device("billing"), Limits { in_time: 60_000, ..Limits::default() })]);
    let mut rolling = Ledger::new(one(0), Limits::default(), limits);
    let mut rest = entries.iter().peekable();
    for ix in 0..QUARTERS {
        let (_, end) = bounds.interval(ix);
        while let Some(entry) = rest.next_if(|entry| entry.at < end) {
            rolling.apply(entry);
        }
        rolling.close(end);
        let of = |ledger: &Ledger, at| ledger.figures().filter(|(ix, ..)| *ix == at).map(|it| (*it.1, *it.2)).collect();
        let (got, expected): (Vec<_>, Vec<_>) = (of(&rolling, 0), of(&whole, ix));
        assert_eq!(got, expected, "interval {ix}");
        let times = |ledger: &Ledger, at| -> Vec<_> {
            ledger.times().filter(|(ix, ..)| *ix == at).map(|it| (it.1.to_owned(), *it.2)).collect()
        };
        assert_eq!(times(&rolling, 0), times(&whole, ix), "interval {ix}");
        if ix + 1 < QUARTERS {
            rolling.roll(one(ix + 1));
        }
    }
}
