//! Every figure computed a second time, in another way: by looking at the whole log for each one.
//!
//! Never: runs in the program.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

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
                    2 => Event::Cleared { call, due: None },
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
                    Activity::AfterCallWork,
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
            | Event::Cleared { call, due: None }
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
            if of && activity == Activity::AfterCallWork {
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
