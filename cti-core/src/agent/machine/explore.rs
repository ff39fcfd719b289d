//! Every state an agent can reach by requests, facts and deadlines in any order; and sentences about single orders.

use std::collections::{BTreeSet, VecDeque};

use super::*;
use crate::agent::ReasonRule;

const QUEUE: QueueIx = QueueIx(0);
const DESK: StationIx = StationIx(1);
const BREAK: Reason = Reason(3);

fn rules() -> AgentRules {
    let rule = ReasonRule { code: BREAK, name: "break".into(), limit: Some(Ticks::from_secs(30)) };
    let reasons = Reasons::new(vec![rule]);
    AgentRules { misses: 2, missed: Reason(9), reasons, after_call_work_max: Ticks::from_secs(40) }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Ask(AgentRequest),
    See(Fact),
    /// Until the next deadline.
    Wait,
    /// Five seconds without a deadline in them.
    Pass,
}

const PASS: Ticks = Ticks::from_secs(5);

const STEPS: [Step; 18] = [
    Step::Ask(AgentRequest::LogOn(DESK, Presence::Ready)),
    Step::Ask(AgentRequest::LogOn(DESK, Presence::NotReady(BREAK))),
    Step::Ask(AgentRequest::LogOff(Reason(4))),
    Step::Ask(AgentRequest::NotReady(BREAK)),
    Step::Ask(AgentRequest::Ready),
    Step::Ask(AgentRequest::AfterCallWork(Ticks::from_secs(20))),
    Step::See(Fact::Offered),
    Step::See(Fact::Withdrawn),
    Step::See(Fact::Missed),
    Step::See(Fact::CallBegan),
    Step::See(Fact::CallEnded { work: None }),
    Step::See(Fact::CallEnded { work: Some((QUEUE, Ticks::from_secs(10))) }),
    Step::See(Fact::BusyTone),
    Step::See(Fact::OffHook),
    Step::See(Fact::OnHook),
    Step::See(Fact::OutOfOrder),
    Step::Wait,
    Step::Pass,
];

/// An agent's times by activity: a fold of its changes.
#[derive(Clone)]
struct History {
    activity: Activity,
    since: Tick,
    times: [Ticks; Activity::COUNT],
    shifts: u32,
}

impl History {
    fn new(now: Tick) -> History {
        History { activity: Activity::LoggedOff, since: now, times: [Ticks::ZERO; Activity::COUNT], shifts: 0 }
    }

    fn apply(&mut self, change: &Change) {
        self.close(change.at);
        self.shifts += u32::from(change.from == Activity::LoggedOff);
        self.activity = change.to;
    }

    /// Counts the running activity up to `now`.
    fn close(&mut self, now: Tick) {
        let time = &mut self.times[self.activity.index()];
        *time = *time + now.since(self.since);
        self.since = self.since.max(now);
    }

    /// The time of all activities but *logged off*.
    fn logged_on(&self) -> Ticks {
        Ticks(self.times.iter().skip(1).map(|time| time.0).sum())
    }
}

/// A fact the ACD and the line can bring in this state.
fn can_be(agent: &Agent, step: Step, now: Tick) -> bool {
    match step {
        Step::See(Fact::Offered) => matches!(agent.availability(), Availability::Free(_)),
        Step::See(Fact::Withdrawn | Fact::Missed) => agent.is_offered,
        Step::See(Fact::CallBegan) => agent.calls < 2 && !agent.is_dead,
        Step::See(Fact::CallEnded { .. }) => agent.calls > 0,
        Step::See(Fact::OutOfOrder) => agent.calls == 0,
        Step::Wait => agent.next_tick().is_some(),
        Step::Pass => agent.next_tick().is_some_and(|next| next > now + PASS),
        _ => true,
    }
}

/// Carries a step out; returns the moment after it and the changes.
fn take(agent: &mut Agent, step: Step, now: Tick) -> (Tick, Vec<Change>) {
    match step {
        Step::Ask(request) => match agent.request(request, Doer::Agent, now, &rules()) {
            Ok(Taken::Now(change)) => (now, change.into_iter().collect()),
            Ok(Taken::Pending) => {
                assert_eq!(agent.pending(), Some(request), "the last request is the pending one");
                (now, vec![])
            }
            Err(_) => (now, vec![]),
        },
        Step::See(fact) => (now, agent.observe(fact, now, &rules()).into_iter().collect()),
        Step::Pass => (now + PASS, vec![]),
        Step::Wait => {
            let now = agent.next_tick().expect("waits").max(now);
            let mut changes = Vec::new();
            while let Some(due) = agent.advance(now, &rules()) {
                if let Due::AfterCallWorkEnded(change) = due {
                    changes.extend(change);
                }
            }
            (now, changes)
        }
    }
}

fn check(agent: &Agent, now: Tick) {
    let activity = agent.activity();
    assert_eq!(matches!(agent.availability(), Availability::Free(_)), activity == Activity::Idle);
    assert_eq!(agent.csta_state() == AgentState::Null, activity == Activity::LoggedOff);
    assert_eq!(agent.station.is_some(), activity != Activity::LoggedOff);
    if activity == Activity::LoggedOff {
        assert!(agent.pending.is_none() && agent.work.is_none() && !agent.is_offered, "nothing outlives the log-off");
    }
    if activity == Activity::Idle {
        assert!(agent.pending.is_none() && agent.line == Line::Quiet && agent.calls == 0, "{agent:?}");
    }
    let can_wait = agent.calls > 0 || agent.is_offered || agent.work.is_some() || agent.line == Line::BusyTone;
    assert!(agent.pending.is_none() || can_wait, "a pending request has something to wait for: {agent:?}");
    assert!(agent.work.is_none_or(|(_, until)| until > now && until <= agent.work_since + rules().after_call_work_max));
}

/// The state apart from the absolute time.
fn key(agent: &Agent, now: Tick) -> String {
    let rest = |until: Tick| until.since(now).0;
    let work = agent.work.map(|(queue, until)| (queue, rest(until), now.since(agent.work_since).0));
    let (limit, unreported) = (None, agent.unreported.map(|_| Tick::ZERO));
    let bare = Agent { work: None, work_since: Tick::ZERO, idle_since: Tick::ZERO, limit, unreported, ..agent.clone() };
    format!("{bare:?} {work:?} {:?}", agent.limit.map(rest))
}

#[test]
fn in_every_order_of_events_no_agent_is_stuck_and_all_times_add_up() {
    let begin = Tick(1000);
    let mut seen = BTreeSet::new();
    let mut todo = VecDeque::from([(Agent::new(), begin, History::new(begin), None::<Tick>)]);
    let mut steps = 0u32;
    while let Some((agent, now, history, logged_on)) = todo.pop_front() {
        if !seen.insert(key(&agent, now)) {
            continue;
        }
        for step in STEPS {
            if !can_be(&agent, step, now) {
                continue;
            }
            let (mut agent, mut history, from) = (agent.clone(), history.clone(), agent.activity());
            let (then, changes) = take(&mut agent, step, now);
            steps += 1;
            check(&agent, then);
            assert!(changes.len() <= 1, "one step, one change");
            assert_eq!(from != agent.activity(), changes.len() == 1, "each change is written once");
            if let [change] = changes[..] {
                assert_eq!((change.from, change.to, change.at), (from, agent.activity(), then));
                history.apply(&change);
            }
            history.close(then);
            let on = |activity| activity != Activity::LoggedOff;
            let logged_on = match (on(from), on(agent.activity())) {
                (false, true) => Some(then),
                (true, false) => None,
                _ => logged_on,
            };
            if let (Some(since), 1) = (logged_on, history.shifts) {
                assert_eq!(history.logged_on(), then.since(since), "times add up to the time logged on");
            }
            todo.push_back((agent, then, history, logged_on));
        }
        // Calls that end, a handset put down and deadlines alone lead to rest.
        let (mut agent, mut now) = (agent, now);
        for _ in 0..8 {
            let step = match agent.activity() {
                _ if agent.calls > 0 => Step::See(Fact::CallEnded { work: None }),
                Activity::Offered => Step::See(Fact::Missed),
                _ if agent.line != Line::Quiet => Step::See(Fact::OnHook),
                _ if agent.next_tick().is_some() => Step::Wait,
                _ => break,
            };
            (now, _) = take(&mut agent, step, now);
        }
        let rest = matches!(
            agent.activity(),
            Activity::Idle | Activity::NotReady(_) | Activity::LoggedOff | Activity::OutOfOrder
        );
        assert!(rest && agent.pending.is_none(), "stuck: {agent:?}");
    }
    eprintln!("{} states, {steps} steps", seen.len());
    assert!(seen.len() > 500 && steps > 5_000, "{} states, {steps} steps", seen.len());
}

/// A logged-on, ready agent.
fn ready() -> Agent {
    let mut agent = Agent::new();
    take(&mut agent, STEPS[0], Tick(0));
    agent
}

/// Steps at one-second intervals; the activities passed through.
fn run(agent: &mut Agent, steps: &[Step]) -> Vec<Activity> {
    let mut now = Tick(0);
    let mut all = Vec::new();
    for &step in steps {
        let (then, changes) = take(agent, step, now + Ticks(1000));
        now = then;
        all.extend(changes.iter().map(|change| change.to));
    }
    all
}

const ASK_BREAK: Step = Step::Ask(AgentRequest::NotReady(BREAK));
const ASK_READY: Step = Step::Ask(AgentRequest::Ready);
const ASK_OFF: Step = Step::Ask(AgentRequest::LogOff(Reason(4)));
const CALL: Step = Step::See(Fact::CallBegan);
const END: Step = Step::See(Fact::CallEnded { work: Some((QUEUE, Ticks::from_secs(10))) });

#[test]
fn ready_pressed_after_break_during_a_call_leaves_no_break_and_keeps_the_work() {
    let mut agent = ready();
    let passed = run(&mut agent, &[CALL, ASK_BREAK, ASK_READY, END, Step::Wait]);
    assert_eq!(passed, [Activity::Talking, Activity::AfterCallWork, Activity::Idle]);
}

#[test]
fn a_break_asked_for_during_a_call_begins_when_the_work_has_ended() {
    let mut agent = ready();
    let passed = run(&mut agent, &[CALL, ASK_BREAK, END, Step::Wait]);
    assert_eq!(passed, [Activity::Talking, Activity::AfterCallWork, Activity::NotReady(BREAK)]);
}

#[test]
fn a_log_off_asked_for_during_a_call_outlasts_a_second_call_that_is_missed() {
    let mut agent = ready();
    let missed = [CALL, ASK_OFF, Step::See(Fact::Offered), Step::See(Fact::Missed)];
    assert_eq!(run(&mut agent, &missed), [Activity::Talking]);
    assert_eq!(agent.pending(), Some(AgentRequest::LogOff(Reason(4))));
    assert_eq!(run(&mut agent, &[Step::See(Fact::CallEnded { work: None })]), [Activity::LoggedOff]);
}

#[test]
fn not_ready_while_ringing_takes_effect_at_once() {
    let mut agent = ready();
    let passed = run(&mut agent, &[Step::See(Fact::Offered), ASK_BREAK]);
    assert_eq!(passed, [Activity::Offered, Activity::NotReady(BREAK)]);
    assert_eq!(agent.csta_state(), AgentState::NotReady);
}

#[test]
fn work_begins_when_the_call_ends_even_with_the_handset_still_off_hook() {
    let mut agent = ready();
    let passed = run(&mut agent, &[CALL, END, Step::See(Fact::BusyTone), Step::Wait, Step::See(Fact::OnHook)]);
    assert_eq!(passed, [Activity::Talking, Activity::AfterCallWork, Activity::BusyTone, Activity::Idle]);
    let passed = run(&mut agent, &[Step::See(Fact::OffHook), Step::See(Fact::OnHook)]);
    assert_eq!(passed, [Activity::OffHook, Activity::Idle], "a handset left off hook is not free");
}

#[test]
fn a_call_out_ends_idleness_and_a_withdrawn_offer_does_not() {
    let idle_since = |agent: &Agent| match agent.availability() {
        Availability::Free(since) => since,
        away => panic!("{away:?}"),
    };
    let mut agent = ready();
    run(&mut agent, &[Step::See(Fact::Offered), Step::See(Fact::Withdrawn)]);
    assert_eq!(idle_since(&agent), Tick(0));
    run(&mut agent, &[CALL, Step::See(Fact::CallEnded { work: None })]);
    assert_eq!(idle_since(&agent), Tick(2000));
}

#[test]
fn after_so_many_misses_in_a_row_the_agent_is_not_ready_with_the_reason_for_it() {
    let mut agent = ready();
    let miss = [Step::See(Fact::Offered), Step::See(Fact::Missed)];
    assert_eq!(run(&mut agent, &miss), [Activity::Offered, Activity::Idle]);
    assert_eq!(run(&mut agent, &miss), [Activity::Offered, Activity::NotReady(Reason(9))]);
    assert_eq!(run(&mut agent, &[ASK_READY]), [Activity::Idle], "never logged off for it, and ready again by request");
}

#[test]
fn work_can_be_lengthened_up_to_its_limit_and_ended_early() {
    let mut agent = ready();
    let longer = Step::Ask(AgentRequest::AfterCallWork(Ticks::from_secs(30)));
    run(&mut agent, &[CALL, END, longer]);
    assert_eq!(agent.next_tick(), Some(Tick(33_000)));
    run(&mut agent, &[longer; 20]);
    assert_eq!(agent.next_tick(), Some(Tick(42_000)), "40 s from the end of the call at 2 s");
    assert_eq!(run(&mut agent, &[ASK_READY]), [Activity::Idle]);
}

#[test]
fn a_break_beyond_its_limit_is_reported_once() {
    let mut agent = ready();
    run(&mut agent, &[ASK_BREAK]);
    assert_eq!(agent.next_tick(), Some(Tick(31_000)));
    assert_eq!(agent.advance(Tick(31_000), &rules()), Some(Due::BreakTooLong(BREAK)));
    assert_eq!(agent.advance(Tick(99_000), &rules()), None);
}

#[test]
fn a_break_that_is_asked_for_again_goes_on_and_another_reason_begins_anew() {
    let mut agent = ready();
    run(&mut agent, &[ASK_BREAK]);
    agent.request(AgentRequest::NotReady(BREAK), Doer::Agent, Tick(20_000), &rules()).expect("taken");
    assert_eq!(agent.next_tick(), Some(Tick(31_000)), "no break is lengthened by asking for it again");
    agent.request(AgentRequest::NotReady(Reason(9)), Doer::Agent, Tick(25_000), &rules()).expect("taken");
    assert_eq!(agent.next_tick(), None, "a reason without a limit");
    agent.request(AgentRequest::NotReady(BREAK), Doer::Agent, Tick(26_000), &rules()).expect("taken");
    assert_eq!(agent.next_tick(), Some(Tick(56_000)));
}

#[test]
fn a_limit_that_changes_counts_from_the_begin_of_the_break() {
    let mut agent = ready();
    run(&mut agent, &[ASK_BREAK]);
    let rule = |limit| ReasonRule { code: BREAK, name: "break".into(), limit };
    let with = |limit| AgentRules { reasons: Reasons::new(vec![rule(limit)]), ..rules() };
    agent.apply_limits(&with(None));
    assert_eq!(agent.next_tick(), None);
    let shorter = with(Some(Ticks::from_secs(10)));
    agent.apply_limits(&shorter);
    assert_eq!(agent.advance(Tick(20_000), &shorter), Some(Due::BreakTooLong(BREAK)));
    agent.apply_limits(&with(Some(Ticks::from_secs(15))));
    assert_eq!(agent.next_tick(), None, "reported once");
}

#[test]
fn a_log_out_keeps_its_reason_until_the_next_log_on() {
    let mut agent = ready();
    run(&mut agent, &[CALL, ASK_OFF]);
    assert_eq!(agent.reason(), Reason(0));
    run(&mut agent, &[Step::See(Fact::CallEnded { work: None })]);
    assert_eq!((agent.activity(), agent.reason()), (Activity::LoggedOff, Reason(4)));
    agent.request(STEPS_LOG_ON, Doer::Agent, Tick(40), &rules()).expect("logged on");
    assert_eq!(agent.reason(), Reason(0));
}

#[test]
fn a_forced_state_is_written_with_its_source() {
    let mut agent = ready();
    agent.observe(Fact::CallBegan, Tick(10), &rules());
    let taken = agent.request(AgentRequest::NotReady(BREAK), Doer::Supervisor, Tick(20), &rules());
    assert_eq!(taken, Ok(Taken::Pending));
    let change = agent.observe(Fact::CallEnded { work: None }, Tick(30), &rules()).expect("changes");
    assert_eq!((change.to, change.by), (Activity::NotReady(BREAK), Doer::Supervisor));
    assert_eq!(agent.request(STEPS_LOG_ON, Doer::Agent, Tick(40), &rules()), Err(Refused::LoggedOn));
}

const STEPS_LOG_ON: AgentRequest = AgentRequest::LogOn(DESK, Presence::Ready);
