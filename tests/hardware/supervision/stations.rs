//! Stations: what a telephone does with its loop, and what becomes of it.

use tipring_driver::line::{AbsenceReason, CallerId, Digit, LineCommand, LineEvent, Number};
use tipring_hw_sim::network::country::Moment;
use tipring_hw_sim::network::signal::caller_id::{Identity, Indication};
use tipring_hw_sim::network::telephone::{Dial, Telephone};

use super::Facts;
use super::rig::{Case, Expected, Far, Seen, Step};

/// All cases of stations in a country.
pub fn cases(facts: Facts) -> Vec<Case> {
    let mut cases = flashes(facts);
    cases.extend(pulses(facts));
    cases.extend(rung(facts));
    cases.extend(identified(facts));
    cases.extend(waiting(facts));
    cases
}

fn case(facts: Facts, signal: &str, steps: Vec<Step>) -> Case {
    Case { facts, signal: signal.into(), line: facts.near().line, far: Far::Telephone, steps }
}

fn event(event: LineEvent, from: u64, to: u64) -> Step {
    Step::Expect(Expected::Event(event), from, to)
}

fn phone(act: impl Fn(&mut Telephone) + 'static) -> Step {
    Step::Phone(Box::new(act))
}

fn digit(key: char) -> LineEvent {
    LineEvent::Digit(Digit::new(key).expect("a key"))
}

/// The telephone is lifted, something is done with its hook, and this comes of it.
fn lifted(act: impl Fn(&mut Telephone) + 'static, then: Vec<Step>) -> Vec<Step> {
    let mut steps = vec![phone(Telephone::lift), event(LineEvent::OffHook, 40, 120), Step::Quiet(1000), phone(act)];
    steps.extend(then);
    steps.push(Step::Quiet(3000));
    steps
}

fn flashes(facts: Facts) -> Vec<Case> {
    let (least, most) = facts.far().flash_ms;
    let (least, most) = (u32::from(least), u32::from(most));
    let flash = |ms: u32, then| lifted(move |phone| phone.flash(ms), then);
    // The loop is looked at every 8 ms; a break that could be a pulse is known for what it is when no other follows.
    let reported = |ms: u32| vec![event(LineEvent::Flash, ms.into(), u64::from(ms) + 400)];
    // A break shorter than 80 ms is a pulse where pulses are taken.
    let shortest = least.max(80) + 10;
    let mut cases = vec![
        case(facts, "the shortest flash", flash(shortest, reported(shortest))),
        case(
            facts,
            "a flash from the middle of the window",
            flash(least.midpoint(most).max(100), reported(least.midpoint(most).max(100))),
        ),
        case(facts, "the longest flash", flash(most - 20, reported(most - 20))),
        case(
            facts,
            "a break longer than a flash is on hook",
            flash(
                most + 150,
                vec![
                    event(LineEvent::OnHook, most.into(), u64::from(most) + 60),
                    event(LineEvent::OffHook, most.into(), u64::from(most) + 300),
                ],
            ),
        ),
        case(facts, "a break of 60 ms is a pulse", flash(60, vec![event(digit('1'), 60, 400)])),
        case(facts, "a break of 10 ms is nothing", flash(10, vec![])),
    ];
    if least >= 250 {
        cases.push(case(
            facts,
            "a break too long for a pulse and too short for a flash is nothing",
            flash(least - 40, vec![]),
        ));
    }
    let down = vec![
        phone(Telephone::lift),
        event(LineEvent::OffHook, 40, 120),
        Step::Quiet(1000),
        phone(Telephone::put_down),
        event(LineEvent::OnHook, most.into(), u64::from(most) + 60),
        Step::Quiet(3000),
    ];
    cases.push(case(facts, "put down", down));
    cases
}

fn pulses(facts: Facts) -> Vec<Case> {
    // GB/T 15279 and YDN 065: 8 to 14 pulses a second, 1.3 to 2.5 times as long open as closed, 350 ms between digits
    // at least.
    let dials = [(10.0, 1.6, 700), (8.0, 1.3, 500), (8.0, 2.5, 400), (14.0, 1.3, 500), (14.0, 2.5, 360)];
    let of = |(per_second, ratio, between_digits_ms): (f64, f64, u32)| {
        let period = 1000.0 / per_second;
        let break_ms = (period * ratio / (1.0 + ratio)).round() as u32;
        let dial = Dial { break_ms, make_ms: period.round() as u32 - break_ms, between_digits_ms };
        // A one alone would be a flash where its break is as long as one.
        let digits = "2507394860";
        let heard = digits.chars().map(|key| event(digit(key), 100, 20_000)).collect();
        let name = format!("pulses, {per_second} a second, {ratio} to 1");
        case(facts, &name, lifted(move |phone| phone.dial_pulses_by(digits, dial), heard))
    };
    let mut cases: Vec<Case> = dials.into_iter().map(of).collect();
    let one = vec![event(digit('1'), 60, 1000), event(digit('1'), 60, 2000), event(digit('0'), 60, 4000)];
    cases.push(case(facts, "pulses of an ordinary dial: 1, 1, 0", lifted(|phone| phone.dial_pulses("110"), one)));
    cases
}

fn rung(facts: Facts) -> Vec<Case> {
    // The country's cadence at the exchange is what a station gets, too.
    let cadence = facts.far().ringing_cadence;
    let keeps_it = move |seen: &Seen| {
        let lengths: Vec<u64> = seen.ringing.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        let first = seen.ringing.iter().position(|(_, on)| *on).ok_or("it never rang")?;
        for (at, length) in lengths[first..].iter().enumerate() {
            let expected = u64::from(cadence[at % cadence.len()]);
            if length.abs_diff(expected) > 20 {
                return Err(format!("{length} ms instead of {expected}: {:?}", seen.ringing));
            }
        }
        (lengths.len() >= first + 4).then_some(()).ok_or_else(|| "it rang too little".to_string())
    };
    let ring = || Step::Command(LineCommand::Ring(None));
    vec![
        case(
            facts,
            "ringing in the country's cadence, and answered in a silence",
            vec![
                ring(),
                Step::Quiet(14_300),
                Step::Check(Box::new(keeps_it)),
                phone(Telephone::lift),
                event(LineEvent::OffHook, 40, 150),
                Step::Quiet(2000),
            ],
        ),
        case(
            facts,
            "answered in a burst of ringing",
            vec![
                ring(),
                Step::Quiet(200),
                phone(Telephone::lift),
                event(LineEvent::OffHook, 40, 200),
                Step::Quiet(2000),
            ],
        ),
        case(
            facts,
            "ringing that is given up",
            vec![
                ring(),
                Step::Quiet(3000),
                Step::Command(LineCommand::Release),
                event(LineEvent::Idle, 0, 50),
                Step::Quiet(8000),
            ],
        ),
    ]
}

/// Caller ID, by the country's method, as shown on a telephone made for it.
fn identified(facts: Facts) -> Vec<Case> {
    let number = || CallerId { number: Number::from("0312345678").expect("a number"), ..CallerId::default() };
    let withheld = || CallerId { absence: Some(AbsenceReason::Private), ..CallerId::default() };
    let rows = [
        ("caller ID is shown", number(), Identity::Number("0312345678".into())),
        ("that the number is withheld is shown", withheld(), Identity::Private),
    ];
    let rings = facts.near().ringing.cadence;
    let first_answers = usize::from(facts.far().delivery.moment == Moment::FirstAnswer);
    let of = move |(signal, caller, shown): (&str, CallerId, Identity)| {
        let check = move |seen: &Seen| {
            let [(shown_at, Indication::Caller { identity, .. })] = &seen.shown[..] else {
                return Err("one caller was to be shown".to_string());
            };
            let bursts = |from: u64| {
                let pairs = seen.ringing.windows(2).filter(move |pair| pair[0].1 && pair[0].0 >= from);
                pairs.map(|pair| pair[1].0 - pair[0].0)
            };
            let after = bursts(*shown_at).next().ok_or("it did not ring after that")?;
            if after.abs_diff(rings[0].on_ms.into()) > 20 {
                return Err(format!("the first ring after it was {after} ms long"));
            }
            let closed = seen.hook.iter().filter(|(_, closed)| *closed).count();
            if closed != first_answers {
                return Err(format!("the set lifted itself {closed} times"));
            }
            (*identity == shown).then_some(()).ok_or(format!("{identity:?} was shown"))
        };
        let steps = vec![
            Step::Command(LineCommand::Ring(Some(caller))),
            Step::Quiet(16_000),
            Step::Check(Box::new(check)),
            phone(Telephone::lift),
            event(LineEvent::OffHook, 40, 200),
            Step::Quiet(8000),
        ];
        case(facts, signal, steps)
    };
    rows.into_iter().map(of).collect()
}

/// The lamp for waiting messages, where the country has a way to light it.
fn waiting(facts: Facts) -> Vec<Case> {
    if facts.far().delivery.moment == Moment::FirstAnswer {
        return Vec::new();
    }
    let shown = |expected: &'static [Indication]| {
        Step::Check(Box::new(move |seen: &Seen| {
            let shown: Vec<&Indication> = seen.shown.iter().map(|(_, shown)| shown).collect();
            shown.iter().copied().eq(expected).then_some(()).ok_or(format!("{expected:?} was to be shown"))
        }))
    };
    let lamp = |lit: bool| Step::Command(LineCommand::MessageWaiting(lit));
    let steps = vec![
        lamp(true),
        Step::Quiet(4000),
        shown(&[Indication::Waiting(true)]),
        lamp(false),
        Step::Quiet(4000),
        shown(&[Indication::Waiting(true), Indication::Waiting(false)]),
        phone(Telephone::lift),
        event(LineEvent::OffHook, 40, 120),
    ];
    vec![case(facts, "the lamp for waiting messages", steps)]
}
