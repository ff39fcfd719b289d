//! Ground start: a station module and the trunk port of a private exchange, which seize the line from both sides.

use tipring_driver::country::{LineProfile, Start};
use tipring_driver::line::{Digit, LineCommand, LineEvent, LineFailure};
use tipring_hw_sim::network::private_exchange::{PortEvent, PrivateExchange};
use tipring_hw_sim::network::signal::dtmf::Sequence;

use super::Facts;
use super::rig::{Case, Expected, Far, Party, Step};

/// All cases of ground start in a country.
pub fn cases(facts: Facts) -> Vec<Case> {
    // A private exchange does not evaluate caller ID on a trunk.
    let line = LineProfile { start: Start::Ground, caller_id: None, ..facts.near().line };
    let case = |signal: &str, steps| {
        let signal = format!("ground start: {signal}");
        Case { facts, signal, line, far: Far::PrivateExchange, steps }
    };
    // Open for longer than a flash is on hook.
    let down = u64::from(facts.near().timers.flash_max_ms);
    let put_down = |from: u64| event(LineEvent::OnHook, from + down - 20, from + down + 100);
    let gone = || vec![Step::Port(PrivateExchange::clear), put_down(0), Step::Quiet(2000)];
    let cleared = || {
        vec![
            Step::Command(LineCommand::Disconnect),
            event(LineEvent::OnHook, 0, 50),
            Step::PortEvent(PortEvent::Cleared, 300),
            Step::Quiet(2000),
        ]
    };
    let press = Step::Party(Party::Presses(Sequence::new("5", 100, 100)));
    let five = event(LineEvent::Digit(Digit::new('5').expect("a key")), 0, 500);
    let clears = |line: &mut PrivateExchange| line.clear();
    vec![
        case("it calls in, is heard, and lets go", steps([calls_in(), vec![press, five], gone()])),
        case("it calls in, and is let go", steps([calls_in(), cleared()])),
        case("it is called, answers, and lets go", steps([called(), gone()])),
        case("it is called, answers, and is let go, twice", steps([called(), cleared(), called(), cleared()])),
        case("it is called right after it was let go", called_again()),
        case(
            "a caller who gives up opens tip",
            vec![
                Step::Command(LineCommand::Ring(None)),
                Step::PortEvent(PortEvent::Taken, 200),
                Step::PortEvent(PortEvent::Rings, 400),
                Step::Quiet(2000),
                Step::Command(LineCommand::Release),
                event(LineEvent::Idle, 0, 50),
                Step::PortEvent(PortEvent::Cleared, 300),
                Step::Quiet(8000),
            ],
        ),
        case(
            "glare: it seizes just before it is called",
            vec![
                Step::Port(wants),
                Step::Command(LineCommand::Ring(None)),
                event(LineEvent::Failed(LineFailure::Glare), 40, 200),
                event(LineEvent::OffHook, 40, 200),
                Step::PortEvent(PortEvent::Granted, 300),
                Step::Quiet(2000),
                Step::Port(clears),
                put_down(0),
            ],
        ),
        case(
            "glare: it seizes just after it is called",
            vec![
                Step::Command(LineCommand::Ring(None)),
                Step::Quiet(10),
                Step::Port(wants),
                event(LineEvent::Failed(LineFailure::Glare), 40, 200),
                event(LineEvent::OffHook, 40, 200),
                Step::PortEvent(PortEvent::Granted, 300),
                Step::Quiet(2000),
            ],
        ),
        case(
            "once it is called it cannot seize",
            vec![
                Step::Command(LineCommand::Ring(None)),
                Step::Quiet(100),
                Step::Port(|port| assert!(!port.seize(), "tip is grounded")),
                Step::Quiet(500),
                Step::Port(|port| assert!(port.answer(), "it rings")),
                event(LineEvent::OffHook, 40, 200),
            ],
        ),
        case(
            "a ground on ring that is taken away again",
            vec![
                Step::Port(wants),
                event(LineEvent::OffHook, 40, 120),
                Step::Port(clears),
                put_down(0),
                Step::Quiet(2000),
            ],
        ),
    ]
}

fn event(event: LineEvent, from: u64, to: u64) -> Step {
    Step::Expect(Expected::Event(event), from, to)
}

fn steps(parts: impl IntoIterator<Item = Vec<Step>>) -> Vec<Step> {
    parts.into_iter().flatten().collect()
}

fn wants(port: &mut PrivateExchange) {
    assert!(port.seize(), "the line is free");
}

fn calls_in() -> Vec<Step> {
    vec![
        Step::Port(wants),
        event(LineEvent::OffHook, 40, 120),
        Step::PortEvent(PortEvent::Granted, 200),
        Step::Quiet(3000),
    ]
}

fn called() -> Vec<Step> {
    vec![
        Step::Command(LineCommand::Ring(None)),
        Step::PortEvent(PortEvent::Taken, 1000),
        Step::PortEvent(PortEvent::Rings, 1000),
        Step::Quiet(100),
        Step::Port(|port| assert!(port.answer(), "it rings")),
        event(LineEvent::OffHook, 20, 200),
        Step::Quiet(2000),
    ]
}

/// No matter how soon the next call is: the port sees tip open before it sees it grounded again.
fn called_again() -> Vec<Step> {
    let again = vec![
        Step::Command(LineCommand::Disconnect),
        event(LineEvent::OnHook, 0, 50),
        Step::Command(LineCommand::Ring(None)),
        Step::PortEvent(PortEvent::Cleared, 300),
        Step::PortEvent(PortEvent::Taken, 1000),
        Step::PortEvent(PortEvent::Rings, 1500),
        Step::Port(|port| assert!(port.answer(), "it rings")),
        event(LineEvent::OffHook, 20, 200),
    ];
    steps([called(), again])
}
