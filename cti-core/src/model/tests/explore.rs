//! Every order of all services, line events and deadlines on three stations, a trunk, a queue and a parking place.
//!
//! The whole: `cargo test --release -p tipring-core --lib model::tests::explore -- --ignored --nocapture`.

use std::collections::{HashSet, VecDeque};

use super::*;

const STATIONS: [Device; 3] = [A, B, C];
const DEVICES: [Device; 6] = [A, B, C, T, Q, P];
const BOUNDS: Bounds = Bounds { calls: 6, connections: 4, appearances: 2 };

/// The part of a connection that decides what can follow.
type Cell = (u8, Device, ConnectionState, Wait, Role, Option<Device>);

/// A model without identifiers and times: calls are numbered by their connections.
fn canonical(model: &Model) -> Vec<Cell> {
    let mut calls: Vec<(bool, Vec<Cell>)> = model
        .calls()
        .map(|call| {
            let cell = |it: &Connection| (0, it.device, it.state, it.wait, it.role, it.recall);
            let mut cells: Vec<Cell> = call.connections.iter().map(cell).collect();
            cells.sort();
            (call.predictive.is_some(), cells)
        })
        .collect();
    calls.sort();
    let numbered = calls.into_iter().enumerate();
    numbered
        .flat_map(|(n, (_, cells))| {
            cells.into_iter().map(move |cell| (n as u8, cell.1, cell.2, cell.3, cell.4, cell.5))
        })
        .collect()
}

type Action = Box<dyn Fn(&mut Model) -> bool>;

/// Every service with every operand, whether or not it will be refused.
fn actions(model: &Model) -> Vec<Action> {
    let mut all: Vec<Action> = Vec::new();
    for from in STATIONS {
        all.push(Box::new(move |m| m.initiate(from, WHY).is_ok()));
        for to in DEVICES {
            all.push(Box::new(move |m| from != to && to != P && m.make(from, to, WHY).is_ok()));
        }
    }
    for to in [A, Q] {
        all.push(Box::new(move |m| m.arrive(T, to, WHY).is_ok()));
    }
    all.push(Box::new(|m| m.predictive(T, QueueIx(0), WHY).is_ok()));
    let ids: Vec<CallId> = model.calls().map(|call| call.id).collect();
    for &id in &ids {
        all.push(Box::new(move |m| m.clear_call(id, WHY).is_ok()));
        all.push(Box::new(move |m| m.accept(id, T, WHY).is_ok()));
        all.push(Box::new(move |m| m.reach(id, T, WHY).is_ok()));
        all.push(Box::new(move |m| m.far_end_answered(id, T, WHY).is_ok()));
        for by in DEVICES {
            all.push(Box::new(move |m| m.clear(id, by, WHY).is_ok()));
            all.push(Box::new(move |m| m.expire(id, by, WHY).is_ok()));
            all.push(Box::new(move |m| m.answer(id, by, WHY).is_ok()));
        }
        for by in STATIONS {
            all.push(Box::new(move |m| m.hold(id, by, WHY).is_ok()));
            all.push(Box::new(move |m| m.retrieve(id, by, WHY).is_ok()));
            all.push(Box::new(move |m| m.park(id, by, P, WHY).is_ok()));
            for role in [Role::Party, Role::Silent, Role::Coach(StationIx(0))] {
                all.push(Box::new(move |m| m.observe(id, by, role, WHY).is_ok()));
            }
            for to in DEVICES {
                all.push(Box::new(move |m| by != to && to != P && m.consult(id, by, to, WHY).is_ok()));
                all.push(Box::new(move |m| m.deflect(id, by, to, WHY).is_ok()));
                all.push(Box::new(move |m| m.pickup(id, to, by, WHY).is_ok()));
            }
            all.push(Box::new(move |m| m.divert(id, Q, by, WHY).is_ok()));
            for &other in &ids {
                all.push(Box::new(move |m| m.alternate(id, other, by, WHY).is_ok()));
                all.push(Box::new(move |m| m.reconnect(id, other, by, WHY).is_ok()));
                all.push(Box::new(move |m| m.transfer(id, other, by, WHY).is_ok()));
                all.push(Box::new(move |m| m.conference(id, other, by, WHY).is_ok()));
            }
        }
    }
    all
}

/// Deadlines, and hang-ups of those who are connected, empty the site. Returns their number.
fn empties(model: &Model) -> Result<usize, String> {
    let mut model = model.clone();
    for steps in 0..64 {
        let of = |call: &Call| call.connections.iter().map(|it| (call.id, *it)).collect::<Vec<_>>();
        let all: Vec<(CallId, Connection)> = model.calls().flat_map(of).collect();
        if all.is_empty() {
            return Ok(steps);
        }
        // Deadlines first: a hang-up must not be needed where a deadline runs.
        let before = canonical(&model);
        let waits = all.iter().filter(|(_, it)| it.wait != Wait::None);
        let moved = waits
            .into_iter()
            .any(|&(call, it)| model.expire(call, it.device, WHY).is_ok() && canonical(&model) != before);
        if !moved {
            let Some(&(call, it)) = all.iter().find(|(_, it)| it.state == ConnectionState::Connected) else {
                return Err(format!("stuck: {before:?}"));
            };
            model.clear(call, it.device, WHY).map_err(|why| format!("{why:?} in {before:?}"))?;
        }
    }
    Err(format!("never empty: {:?}", canonical(&model)))
}

struct Explored {
    states: usize,
    steps: u64,
    longest: usize,
    whole: bool,
}

fn explore(first: Model, most: usize) -> Result<Explored, String> {
    let mut seen: HashSet<Vec<Cell>> = HashSet::from([canonical(&first)]);
    let mut todo = VecDeque::from([first]);
    let mut found = Explored { states: 0, steps: 0, longest: 0, whole: true };
    while let Some(mut model) = todo.pop_front() {
        found.states += 1;
        drop(model.drain_changes());
        found.longest = found.longest.max(empties(&model)?);
        for action in actions(&model) {
            let mut next = model.clone();
            if !action(&mut next) {
                if !next.changes().is_empty() {
                    return Err(format!("a refusal changed {:?} by {:?}", canonical(&model), next.changes()));
                }
                continue;
            }
            found.steps += 1;
            next.check()
                .map_err(|broken| format!("{broken:?} after {:?} by {:?}", canonical(&model), next.changes()))?;
            if seen.len() >= most {
                found.whole = false;
            } else if seen.insert(canonical(&next)) {
                todo.push_back(next);
            }
        }
    }
    Ok(found)
}

fn report(found: &Explored) {
    println!(
        "{} states, {} steps, each empty after at most {} deadlines and hang-ups{}",
        found.states,
        found.steps,
        found.longest,
        if found.whole { "" } else { " (bounded)" }
    );
}

#[test]
fn no_order_of_services_and_deadlines_leaves_a_call_stuck() {
    let found = explore(site(BOUNDS), 4_000).unwrap_or_else(|why| panic!("{why}"));
    report(&found);
    assert!(found.states >= 4_000);
}

#[test]
#[ignore = "minutes: the whole state space"]
fn no_order_of_services_and_deadlines_leaves_a_call_stuck_on_the_whole_site() {
    let found = explore(site(BOUNDS), usize::MAX).unwrap_or_else(|why| panic!("{why}"));
    report(&found);
    assert!(found.whole);
}

/// The table with a fault: each row is changed, or left out.
fn planted(change: impl Fn(&Row) -> Option<Row>) -> &'static [Row] {
    Box::leak(TABLE.iter().filter_map(change).collect::<Vec<_>>().into_boxed_slice())
}

#[test]
fn a_hold_without_a_deadline_is_found() {
    let rows = planted(|row| match row.trigger {
        Trigger::Hold => Some(Row { wait: Wait::None, ..*row }),
        _ => Some(*row),
    });
    assert!(explore(site(BOUNDS).with_rows(rows), 4_000).is_err());
}

#[test]
fn an_alerting_station_without_a_deadline_is_found() {
    let rows = planted(|row| match row.trigger {
        Trigger::Offer => Some(Row { wait: Wait::None, ..*row }),
        _ => Some(*row),
    });
    assert!(explore(site(BOUNDS).with_rows(rows), 4_000).is_err());
}

#[test]
fn a_party_that_is_left_alone_is_found() {
    let rows = planted(|row| match (row.from, row.trigger) {
        (Some(ConnectionState::Connected), Trigger::Fail) => None,
        _ => Some(*row),
    });
    assert!(explore(site(BOUNDS).with_rows(rows), 4_000).is_err());
}

#[test]
fn every_state_can_be_cleared_and_every_one_but_connected_has_a_deadline() {
    for row in TABLE {
        let Some(to) = row.to else { continue };
        assert!(TABLE.iter().any(|next| next.from == Some(to) && next.trigger == Trigger::Clear), "{to:?}");
        assert!(to == ConnectionState::Connected || row.wait != Wait::None, "{row:?}");
    }
}
