//! Alarms: conditions that a person has to do something about, raised and cleared with their times.
//!
//! [`RULES`] is the table of them, in `alarms/rules.rs`: name, severity (ITU-T X.733), the time for which a condition
//! must hold, the condition, and the remedy. A condition that holds is an alarm on a subject: a card, a line, a disk.
//! It is cleared as soon as it no longer holds; a thing that happens in a moment, such as a jump of the clock, holds
//! for ten minutes.
//!
//! Never: reads a clock or a disk; it judges a snapshot and readings.

use std::collections::{BTreeMap, VecDeque};

use super::readings::Readings;
use super::snapshot::Snapshot;
use crate::log::{Field, Level, Line};

pub(crate) mod alarm;
mod rules;

pub use self::alarm::{Alarm, Severity};
use self::rules::{Facts, Recent};
pub use self::rules::{RULES, Rule};

/// Alarms that are kept, cleared ones included.
pub const KEPT_MAX: usize = 200;
/// Time for which a thing that happens in a moment holds, s.
const MOMENT_S: f64 = 600.0;
/// Change of the wall clock against the machine's steady one that counts as a jump, ms.
const JUMP_MS: i64 = 2_000;

/// A count whose growth in the last ten minutes counts.
#[derive(Debug, Default)]
struct Growth {
    last: Option<u64>,
    /// Growth since the first of these minutes, and the time of the latest.
    grown: u64,
    at_s: f64,
}

impl Growth {
    fn observe(&mut self, count: u64, now_s: f64) -> u64 {
        let grown = count.saturating_sub(self.last.replace(count).unwrap_or(count));
        if now_s - self.at_s >= MOMENT_S {
            self.grown = 0;
        }
        if grown > 0 {
            (self.grown, self.at_s) = (self.grown + grown, now_s);
        }
        self.grown
    }
}

/// A condition that holds.
#[derive(Debug)]
struct Condition {
    since_s: f64,
    /// Position in the kept alarms, counted from the first ever; none until it has held long enough.
    alarm: Option<u64>,
}

/// The alarms of a site.
#[derive(Debug, Default)]
pub struct Alarms {
    kept: VecDeque<Alarm>,
    /// Alarms that were kept before the first of `kept`.
    before: u64,
    conditions: BTreeMap<(&'static str, String), Condition>,
    recordings: Growth,
    not_taken: Growth,
    log: Growth,
    samples: Growth,
    clock_ms: Option<i64>,
    jump: Option<(i64, f64)>,
}

impl Alarms {
    /// The alarms of a site that starts, with those kept by its last run; none of them is active any more.
    pub fn restore(kept: Vec<Alarm>, now_ms: u64) -> Alarms {
        let mut kept = VecDeque::from(kept);
        kept.iter_mut().for_each(|alarm| _ = alarm.cleared_ms.get_or_insert(now_ms));
        Alarms { kept, ..Alarms::default() }
    }

    /// Judges a snapshot and readings at a time since the start, `now_ms` by the wall clock. Returns lines for the log:
    /// one for each alarm that is raised or cleared.
    pub fn observe(&mut self, snapshot: &Snapshot, readings: &Readings, now_ms: u64) -> Vec<Line> {
        let now_s = snapshot.up_s;
        let facts = Facts { snapshot, readings, recent: self.recent(snapshot, readings, now_s) };
        let mut holding = BTreeMap::new();
        for rule in RULES {
            for (subject, text) in (rule.judge)(&facts) {
                holding.insert((rule.id, subject), (rule, text));
            }
        }
        let mut lines = Vec::new();
        let ended: Vec<_> = self.conditions.keys().filter(|key| !holding.contains_key(*key)).cloned().collect();
        for key in ended {
            if let Some(number) = self.conditions.remove(&key).and_then(|condition| condition.alarm) {
                lines.extend(self.clear(number, now_ms));
            }
        }
        for (key, (rule, text)) in holding {
            let condition = self.conditions.entry(key.clone()).or_insert(Condition { since_s: now_s, alarm: None });
            if condition.alarm.is_none() && now_s - condition.since_s >= rule.hold_s {
                condition.alarm = Some(self.before + self.kept.len() as u64);
                lines.push(self.raise(rule, key.1, text, now_ms));
            }
        }
        lines
    }

    /// Active alarms, the oldest first.
    pub fn active(&self) -> impl Iterator<Item = &Alarm> {
        self.kept.iter().filter(|alarm| alarm.cleared_ms.is_none())
    }

    /// All that are kept, the oldest first.
    pub fn kept(&self) -> impl Iterator<Item = &Alarm> {
        self.kept.iter()
    }

    fn recent(&mut self, snapshot: &Snapshot, readings: &Readings, now_s: f64) -> Recent {
        let samples = snapshot.cards.iter().filter_map(|card| card.counters.get("lost_samples")).sum();
        let jump = readings.clock_ms - self.clock_ms.replace(readings.clock_ms).unwrap_or(readings.clock_ms);
        if jump.abs() >= JUMP_MS {
            self.jump = Some((jump, now_s));
        }
        self.jump = self.jump.filter(|(_, at_s)| now_s - at_s < MOMENT_S);
        Recent {
            recordings_failed: self.recordings.observe(snapshot.recordings.failed, now_s),
            calls_not_taken: self.not_taken.observe(snapshot.store.calls_not_taken, now_s),
            log_lost: self.log.observe(snapshot.log_lost, now_s),
            samples_lost: self.samples.observe(samples, now_s),
            clock_jump_ms: self.jump.map_or(0, |(jump, _)| jump),
        }
    }

    fn raise(&mut self, rule: &Rule, subject: String, text: String, now_ms: u64) -> Line {
        let line =
            Line::new(rule.severity.level(), format!("alarm, {}: {text}. {}", rule.severity.name(), rule.remedy));
        self.kept.push_back(Alarm {
            id: rule.id.into(),
            severity: rule.severity,
            subject,
            text,
            remedy: rule.remedy.into(),
            raised_ms: now_ms,
            cleared_ms: None,
        });
        if self.kept.len() > KEPT_MAX {
            self.kept.pop_front();
            self.before += 1;
        }
        line.with(Field::Alarm, rule.id)
    }

    fn clear(&mut self, number: u64, now_ms: u64) -> Option<Line> {
        let alarm = self.kept.get_mut(number.checked_sub(self.before)? as usize)?;
        alarm.cleared_ms = Some(now_ms);
        let lasted = now_ms.saturating_sub(alarm.raised_ms) / 1000;
        let text = format!("alarm cleared after {lasted} s: {}", alarm.text);
        Some(Line::new(Level::Info, text).with(Field::Alarm, &alarm.id))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::run::gauges::PostgresStatus;
    use crate::run::observe::{LeaderStatus, ShiftStatus, ToReturnStatus};
    use crate::run::readings::Disk;
    use crate::run::sources::tests::example;

    /// A site in which nothing is wrong.
    fn well() -> Snapshot {
        let mut snapshot = example();
        snapshot.cards[0].running = true;
        snapshot.status.out_of_service.clear();
        snapshot.status.trunks.iter_mut().for_each(|group| group.available = group.trunks);
        snapshot
    }

    fn disk(free: u64) -> Readings {
        let disk = Disk { name: "recordings".into(), folder: "recordings".into(), free, wanted: 1_000_000_000 };
        Readings { disks: vec![disk], ..Readings::default() }
    }

    fn active(alarms: &Alarms) -> Vec<&str> {
        alarms.active().map(|alarm| alarm.id.as_str()).collect()
    }

    fn at(snapshot: &Snapshot, up_s: f64) -> Snapshot {
        Snapshot { up_s, ..snapshot.clone() }
    }

    #[test]
    fn every_rule_has_a_name_of_its_own_and_a_remedy() {
        let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(names.len(), RULES.len());
        for rule in RULES {
            assert!(rule.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.id);
            assert!(rule.remedy.len() > 20 && !rule.remedy.ends_with('.'), "{}", rule.id);
        }
    }

    #[test]
    fn a_card_that_goes_raises_an_alarm_and_one_that_comes_back_clears_it() {
        let mut alarms = Alarms::default();
        let mut snapshot = well();
        assert_eq!(alarms.observe(&at(&snapshot, 1.0), &disk(u64::MAX), 1_000), []);
        snapshot.cards[0].running = false;
        assert_eq!(alarms.observe(&at(&snapshot, 2.0), &disk(u64::MAX), 2_000), [], "it has to hold for a while");
        let lines = alarms.observe(&at(&snapshot, 5.0), &disk(u64::MAX), 5_000);
        assert_eq!((lines.len(), lines[0].level), (1, Level::Error));
        assert!(lines[0].text.starts_with("alarm, critical: The card socket:card.sock does not run. "), "{lines:?}");
        assert_eq!(lines[0].fields, [(Field::Alarm, "card-gone".to_owned())]);
        assert_eq!(alarms.observe(&at(&snapshot, 6.0), &disk(u64::MAX), 6_000), [], "once is enough");
        assert_eq!(active(&alarms), ["card-gone"]);
        snapshot.cards[0].running = true;
        let lines = alarms.observe(&at(&snapshot, 9.0), &disk(u64::MAX), 9_000);
        assert_eq!(lines[0].text, "alarm cleared after 4 s: The card socket:card.sock does not run");
        assert_eq!(active(&alarms), [""; 0]);
        assert_eq!(alarms.kept().next().map(|alarm| (alarm.raised_ms, alarm.cleared_ms)), Some((5_000, Some(9_000))));
    }

    #[test]
    fn each_condition_raises_its_alarm_on_its_subject() {
        let mut alarms = Alarms::default();
        let mut snapshot = well();
        alarms.observe(&at(&snapshot, 0.0), &disk(u64::MAX), 0);
        snapshot.status.out_of_service = vec!["T1".into(), "T2".into()];
        snapshot.status.queues[0].waiting = 2;
        snapshot.still_s = (2.0, 0.0);
        snapshot.store.refusing_s = Some(1.0);
        snapshot.store.committing_s = Some(6.0);
        snapshot.recordings.failed = 1;
        snapshot.recordings.unsynced_s = 6.0;
        snapshot.store.behind = true;
        snapshot.store.calls_not_taken = 3;
        snapshot.postgres = Some(PostgresStatus { behind_s: 61.0, refused: 1, ..PostgresStatus::default() });
        snapshot.log_lost += 5;
        *snapshot.cards[0].counters.get_mut("lost_samples").unwrap() += 80;
        let keys_fault = Some("The key file recordings.keys is not there".into());
        let readings = Readings { clock_ms: -3_000, keys_fault, ..disk(999_999_999) };
        alarms.observe(&at(&snapshot, 1.0), &readings, 1_000);
        alarms.observe(&at(&snapshot, 40.0), &readings, 40_000);
        let seen: Vec<_> = alarms.active().map(|alarm| (alarm.id.as_str(), alarm.subject.as_str())).collect();
        let wanted = [
            ("clock-jumped", ""),
            ("disk-low", "recordings"),
            ("log-lost", ""),
            ("postgres-behind", ""),
            ("postgres-refused", ""),
            ("recording-failed", ""),
            ("recordings-unsynced", ""),
            ("sound-lost", ""),
            ("store-behind", ""),
            ("store-slow", ""),
            ("thread-still", "core"),
            ("keys-unusable", "recordings"),
            ("line-out-of-service", "T1"),
            ("line-out-of-service", "T2"),
            ("queue-unstaffed", "5000"),
            ("store-refused", ""),
        ];
        assert_eq!(seen, wanted);
        let jumped = alarms.active().next().unwrap();
        assert_eq!(jumped.text, "The machine's clock was set by -3.0 s");
    }

    #[test]
    fn callers_to_be_called_back_are_an_alarm_as_the_end_of_the_day_nears_and_while_any_is_late() {
        let mut alarms = Alarms::default();
        let mut snapshot = well();
        let mut raised = |count, late, is_near| {
            let due_ms = Some(1_767_600_000_000);
            snapshot.status.queues[0].to_return = ToReturnStatus { count, late, due_ms, is_near };
            alarms.observe(&snapshot, &disk(u64::MAX), 0);
            alarms.active().map(|alarm| alarm.text.clone()).collect::<Vec<_>>()
        };
        assert_eq!(raised(2, 0, false), [""; 0]);
        let near = raised(2, 0, true);
        assert!(near.len() == 1 && near[0].starts_with("2 callers who hung up at 5000 (Hotline)"), "{near:?}");
        assert!(near[0].contains(" by ") && !near[0].contains("late"), "{near:?}");
        assert_eq!(raised(0, 0, false), [""; 0]);
        assert!(raised(3, 1, false)[0].ends_with(", 1 of them late"));
    }

    #[test]
    fn a_shift_that_is_not_led_by_two_is_an_alarm_after_five_minutes() {
        let mut alarms = Alarms::default();
        let mut snapshot = well();
        let leader = |agent: &str, is_signed_in| LeaderStatus { agent: agent.into(), is_signed_in };
        let shift = |deputy| ShiftStatus {
            shift: "早班".into(),
            end_ms: 0,
            principal: leader("7001", true),
            deputy: leader("7002", deputy),
        };
        snapshot.status.shifts = vec![shift(false)];
        alarms.observe(&at(&snapshot, 0.0), &disk(u64::MAX), 0);
        alarms.observe(&at(&snapshot, 299.0), &disk(u64::MAX), 0);
        assert_eq!(active(&alarms), [""; 0]);
        alarms.observe(&at(&snapshot, 300.0), &disk(u64::MAX), 0);
        let text = alarms.active().next().map(|alarm| alarm.text.clone()).unwrap_or_default();
        assert_eq!(text, "The shift 早班 is not led by two: its deputy is 7002 (not signed in)");
        snapshot.status.shifts = vec![shift(true)];
        alarms.observe(&at(&snapshot, 301.0), &disk(u64::MAX), 0);
        assert_eq!(active(&alarms), [""; 0]);
    }

    #[test]
    fn a_thing_of_a_moment_stands_for_ten_minutes_after_the_last() {
        let mut alarms = Alarms::default();
        let mut snapshot = well();
        alarms.observe(&at(&snapshot, 0.0), &disk(u64::MAX), 0);
        snapshot.log_lost += 1;
        alarms.observe(&at(&snapshot, 10.0), &disk(u64::MAX), 0);
        assert_eq!(active(&alarms), ["log-lost"]);
        alarms.observe(&at(&snapshot, 609.0), &disk(u64::MAX), 0);
        assert_eq!(active(&alarms), ["log-lost"]);
        alarms.observe(&at(&snapshot, 610.0), &disk(u64::MAX), 0);
        assert_eq!(active(&alarms), [""; 0]);
    }

    #[test]
    fn the_last_alarms_are_kept_over_a_restart_and_are_bounded() {
        let mut alarms = Alarms::default();
        let (good, mut bad) = (well(), well());
        bad.still_s = (2.0, 2.0);
        for second in 0..KEPT_MAX as u64 {
            alarms.observe(&at(&bad, second as f64), &disk(u64::MAX), second);
            alarms.observe(&at(&good, second as f64), &disk(u64::MAX), second);
        }
        assert_eq!((alarms.kept().count(), alarms.active().count()), (KEPT_MAX, 0));
        alarms.observe(&at(&bad, 900.0), &disk(u64::MAX), 900);
        assert_eq!(alarms.active().count(), 2);
        let restored = Alarms::restore(alarms.kept().cloned().collect(), 1_000);
        assert_eq!((restored.kept().count(), restored.active().count()), (KEPT_MAX, 0));
        assert_eq!(restored.kept().last().unwrap().cleared_ms, Some(1_000));
    }
}
