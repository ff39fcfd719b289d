//! Callers who left before an answer, and what agents were offered.
//!
//! Never: runs in the program.

use super::*;

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
fn callers_who_were_cut_off_are_on_the_list_and_one_who_left_several_times_is_on_it_once() {
    let mut ledger = Ledger::new(hour(), Limits::default(), BTreeMap::new());
    let (soon, later) = (Some(BEGIN + 1_000_000), Some(BEGIN + 2_000_000));
    let events = [
        (0, queued(1, "5551")),
        (10, Event::Abandoned { call: CallId(1), due: later }),
        (20, queued(2, "5552")),
        (25, Event::Cleared { call: CallId(2), due: soon }),
        (30, queued(3, "5551")),
        (37, Event::Cleared { call: CallId(3), due: soon }),
        (40, queued(4, "")),
        (41, Event::Abandoned { call: CallId(4), due: None }),
        (42, queued(5, "")),
        (43, Event::Abandoned { call: CallId(5), due: None }),
        (50, queued(6, "5553")),
        (51, queued(7, "5552")),
        (52, Event::FlowedOut { call: CallId(7), to: device("menu") }),
    ];
    for (seq, (at, event)) in events.into_iter().enumerate() {
        ledger.apply(&entry(seq as u64, at, event));
    }
    ledger.apply(&entry(13, 900, Event::Started));
    let callers = |since: u64| {
        let all = ledger.lost_callers(BEGIN + since * 1000).into_iter();
        all.map(|of| (of.last.caller.to_string(), of.times, (of.last.at - BEGIN) / 1000, of.last.is_cut_off))
            .collect::<Vec<_>>()
    };
    let of = |caller: &str, times, at, is_cut_off| (caller.to_owned(), times, at, is_cut_off);
    let all = [of("5552", 1, 25, true), of("5551", 2, 37, true), of("", 1, 41, false), of("", 1, 43, false)];
    assert_eq!(callers(0), [&all[..], &[of("5553", 1, 52, true)]].concat(), "the start found the last one waiting");
    assert_eq!(callers(11)[1], of("5551", 1, 37, true), "of the times since that moment");
    let twice = ledger.lost_callers(0)[1];
    assert_eq!((twice.first, twice.due, twice.last.wait), (BEGIN + 10_000, soon, 7_000));
    let total = ledger.total(&Key::Queue(device("hotline")));
    assert_eq!((total.abandoned, total.cleared), (3, 3));
    assert_eq!(ledger.return_rows()[0].lost_callers, 4, "of those with a number, each time");
}

#[test]
fn what_an_agent_was_offered_is_what_was_answered_or_missed() {
    let mut ledger = Ledger::new(hour(), Limits::default(), BTreeMap::new());
    let events = [
        (0, queued(1, "5551")),
        (10, Event::Missed { call: CallId(1), agent: agent("7001") }),
        (20, Event::Answered { call: CallId(1), agent: agent("7002"), rings: 1 }),
        (30, queued(2, "5552")),
        (31, Event::Answered { call: CallId(2), agent: agent("7001"), rings: 1 }),
    ];
    for (seq, (at, event)) in events.into_iter().enumerate() {
        ledger.apply(&entry(seq as u64, at, event));
    }
    let rows = ledger.call_rows(|key| matches!(key, Key::Agent(_)), |_| ServiceLevel::default());
    let offered: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.offered, row.answered, row.missed)).collect();
    assert_eq!(offered, [("7001", 2, 1, 1), ("7002", 1, 1, 0)]);
}
