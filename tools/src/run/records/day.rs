//! The team leader's day: figures of today and yesterday, and callers who were not reached.
//!
//! Never: computes a figure; figures come from the ledger that reports have.

use chrono::{DateTime, Days, TimeDelta};
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::{Map, Value};
use tipring_core::acd::ids::Reason;
use tipring_core::agent::Reasons;
use tipring_core::csta::DeviceId;
use tipring_core::report::bounds::Bounds;
use tipring_core::report::ledger::{Key, Ledger};
use tipring_core::store::CallBackOrder;
use tipring_core::store::sqlite::{CallBackRow, SqliteStore};
use tipring_web::records::{AbandonedItem, RecordsRefusal, RecordsReply};

use super::{Place, Seen, failed, no_right, not_known, out_of_range};
use crate::config::dialled;
use crate::failure::Failure;
use crate::report::computation::{self, Targets};
use crate::report::span::Interval;
use crate::site_clock::{SiteClock, unix_ms};

/// Days before today whose abandoned calls are listed.
const ABANDONED_DAYS: u64 = 7;

/// The first moment of the day that lies a count of days before a moment.
fn midnight(clock: SiteClock, at: DateTime<Tz>, days: u64) -> DateTime<Tz> {
    clock.midnight(at.date_naive().checked_sub_days(Days::new(days)).unwrap_or(at.date_naive()))
}

pub(super) fn report(place: &Place, seen: &Seen, interval: u32) -> Result<RecordsReply, RecordsRefusal> {
    let interval = match interval {
        15 | 30 | 60 => Interval::Minutes(interval),
        _ => return Err(out_of_range(format!("an interval has 15, 30 or 60 min, not {interval}"))),
    };
    let now = place.clock().now();
    let (today, yesterday) = (midnight(place.clock(), now, 0), midnight(place.clock(), now, 1));
    let archive = place.read()?;
    let read = || -> Result<RecordsReply, Failure> {
        let queues =
            |from, to, interval: Interval| queue_rows(&archive.store, &place.targets, seen, interval.bounds(from, to)?);
        let end = now + TimeDelta::milliseconds(1);
        let (agents, breaks) = match seen.is_all() {
            true => {
                let whole = || Interval::Whole.bounds(today, end);
                (agent_rows(&archive.store, whole()?)?, break_rows(&archive.store, &place.reasons, whole()?)?)
            }
            false => Default::default(),
        };
        Ok(RecordsReply::Day {
            today_ms: unix_ms(&today),
            yesterday_ms: unix_ms(&yesterday),
            today: queues(today, end, interval)?,
            yesterday: queues(yesterday, today, interval)?,
            queues: queues(today, end, Interval::Whole)?,
            agents,
            breaks,
        })
    };
    read().map_err(failed)
}

fn queue_rows(
    store: &SqliteStore,
    targets: &Targets,
    seen: &Seen,
    bounds: Bounds,
) -> Result<Vec<Map<String, Value>>, Failure> {
    let is_seen = |key: &Key| matches!(key, Key::Queue(queue) if seen.device(queue.as_str()));
    rows(store, targets, bounds, |ledger| {
        ledger.call_rows(is_seen, |key| match key {
            Key::Queue(queue) => targets.formula(queue),
            _ => targets.formula(&DeviceId::EMPTY),
        })
    })
}

fn agent_rows(store: &SqliteStore, bounds: Bounds) -> Result<Vec<Map<String, Value>>, Failure> {
    rows(store, &Targets::default(), bounds, Ledger::agent_rows)
}

fn break_rows(store: &SqliteStore, reasons: &Reasons, bounds: Bounds) -> Result<Vec<Map<String, Value>>, Failure> {
    let name = |code| reasons.find(Reason(code)).map(|rule| rule.name.clone()).unwrap_or_default();
    rows(store, &Targets::default(), bounds, |ledger| ledger.break_rows(name))
}

/// The rows of a report, as its JSON lines have them.
fn rows<R: Serialize>(
    store: &SqliteStore,
    targets: &Targets,
    bounds: Bounds,
    of: impl Fn(&Ledger) -> Vec<R>,
) -> Result<Vec<Map<String, Value>>, Failure> {
    let mut found = Vec::new();
    computation::read(store, targets, bounds, |ledger| found.extend(of(ledger)))?;
    let object = |row: R| match serde_json::to_value(row)? {
        Value::Object(object) => Ok(object),
        other => Err(format!("a row of a report is an object, not {other}").into()),
    };
    found.into_iter().map(object).collect()
}

pub(super) fn abandoned(place: &Place, seen: &Seen) -> Result<RecordsReply, RecordsRefusal> {
    let archive = place.read()?;
    unreached(&archive.store, place.clock(), seen).map(|callers| RecordsReply::Abandoned { callers }).map_err(failed)
}

fn unreached(store: &SqliteStore, clock: SiteClock, seen: &Seen) -> Result<Vec<AbandonedItem>, Failure> {
    let now = clock.now();
    let bounds = Interval::Whole.bounds(midnight(clock, now, ABANDONED_DAYS), now + TimeDelta::milliseconds(1))?;
    let ledger = computation::read(store, &Targets::default(), bounds, |_| {})?;
    let mut open = store.call_backs(true)?;
    let mut callers = Vec::new();
    for of in ledger.lost_callers(0).into_iter().filter(|of| seen.device(of.last.queue.as_str())) {
        let lost = of.last;
        let (caller, queue) = (lost.caller.to_string(), lost.queue.to_string());
        let is_theirs = |row: &CallBackRow| row.queue == queue && store.number_plan().is_same(&row.number, &caller);
        let at = open.iter().position(|row| !caller.is_empty() && is_theirs(row));
        let request = at.map(|at| open.remove(at));
        callers.push(AbandonedItem {
            at_ms: i64::try_from(lost.at).unwrap_or(i64::MAX),
            name: store.customer_of(&caller)?.map(|customer| customer.name),
            caller,
            queue,
            wait_ms: Some(lost.wait),
            times: of.times,
            call_back: request.as_ref().map(|row| row.state.clone()),
            tries: request.map_or(0, |row| row.tries.into()),
        });
    }
    for row in open.into_iter().filter(|row| seen.device(&row.queue)) {
        callers.push(AbandonedItem {
            at_ms: row.asked_ms,
            name: store.customer_of(&row.number)?.map(|customer| customer.name),
            caller: row.number,
            queue: row.queue,
            wait_ms: None,
            times: 0,
            call_back: Some(row.state),
            tries: row.tries.into(),
        });
    }
    callers.sort_by_key(|item| item.at_ms);
    Ok(callers)
}

pub(super) fn call_back(place: &Place, seen: &Seen, number: &str, queue: &str) -> Result<RecordsReply, RecordsRefusal> {
    let device = place.queues.iter().find(|known| known.as_str() == queue).copied();
    let device = device.ok_or_else(|| not_known(format!("there is no queue {queue:?}")))?;
    if !seen.device(queue) {
        return Err(no_right());
    }
    let mut archive = place.act()?;
    let number = dialled(number, archive.store.number_plan()).map_err(out_of_range)?;
    let open = archive.store.call_backs(true).map_err(|error| failed(error.into()))?;
    if open.iter().any(|row| archive.store.number_plan().is_same(&row.number, &number)) {
        return Err(failed("the number is on the list already".into()));
    }
    let order = CallBackOrder::Add { number, queue: device, is_vip: false, work_order: 0 };
    archive.store.order_call_back(&order).map_err(|error| failed(error.into()))?;
    Ok(RecordsReply::Done)
}
