//! Trunks: how a call is offered, dialled, answered and released, and what is none of these.

use tipring_driver::country::{AnswerSignals, DialBy, DisconnectSignals, LineProfile};
use tipring_driver::line::{DisconnectSignal, LineCommand, LineEvent, LineFailure, Number};
use tipring_hw_sim::network::exchange::{Equipment, ExchangeEvent, ExchangeLine, Refusal, Release, Seizure};
use tipring_hw_sim::network::signal::caller_id::{CallerIdData, Format, Identity};
use tipring_hw_sim::network::signal::dtmf::Sequence;
use tipring_hw_sim::network::signal::music::Music;
use tipring_hw_sim::network::signal::tone::{Tone, ToneSpec};

use super::rig::{Act, Case, Expected, Far, Party, Seen, Step};
use super::{Facts, NO_ANSWER, NO_DISCONNECT};
use crate::speech::Speech;

/// A number whose end the exchange knows, which no country's service numbers begin with.
const NUMBER: &str = "60123457";
/// A call is long enough for anything to be mistaken in it.
const LONG_MS: u64 = 45_000;

/// All cases of trunks in a country.
pub fn cases(facts: Facts) -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(offered(facts));
    cases.extend(dialled(facts));
    cases.extend(answered(facts));
    cases.extend(not_answered(facts));
    cases.extend(released(facts));
    cases.extend(not_released(facts));
    cases.extend(flashed(facts));
    cases
}

fn case(facts: Facts, signal: &str, line: LineProfile, equipment: Equipment, steps: Vec<Step>) -> Case {
    Case { facts, signal: signal.into(), line, far: Far::Exchange(Box::new(equipment)), steps }
}

fn event(event: LineEvent, from: u64, to: u64) -> Step {
    Step::Expect(Expected::Event(event), from, to)
}

fn exchange(act: Act) -> Step {
    Step::Exchange(act)
}

fn speaks() -> Step {
    Step::Party(Party::Speaks(Box::new(Speech::new(11))))
}

fn plays(seed: u64) -> Step {
    Step::Party(Party::Plays(Box::new(Music::new(seed, -13.0))))
}

fn sounds(spec: ToneSpec) -> Step {
    Step::Party(Party::Sounds(Box::new(Tone::new(spec))))
}

fn dial() -> Step {
    Step::Command(LineCommand::Dial(Number::from(NUMBER).expect("a number")))
}

/// A call goes out, and the exchange has its number.
fn call_out() -> Vec<Step> {
    vec![
        dial(),
        Step::ExchangeEvent(ExchangeEvent::Seized, 100),
        event(LineEvent::Dialled, 2000, 20_000),
        Step::ExchangeEvent(ExchangeEvent::Dialled(NUMBER.into()), 20_000),
    ]
}

/// A call has come in and was answered.
fn call_in() -> Vec<Step> {
    vec![
        exchange(|line| assert!(line.ring(None))),
        event(LineEvent::Offered, 100, 1000),
        Step::Command(LineCommand::Answer),
        Step::ExchangeEvent(ExchangeEvent::Answered, 200),
    ]
}

fn steps(parts: impl IntoIterator<Item = Vec<Step>>) -> Vec<Step> {
    parts.into_iter().flatten().collect()
}

fn caller() -> CallerIdData {
    CallerIdData {
        stamp: *b"09301230",
        identity: Identity::Number("0312345678".into()),
        name: None,
        format: Format::Mdmf,
    }
}

fn offered(facts: Facts) -> Vec<Case> {
    let (far, line) = (facts.far(), facts.near().line);
    let ordinary = Equipment::ordinary(far);
    let after_last_burst = move |seen: &Seen| {
        let (stopped, _) = seen.events.last().ok_or("nothing was said")?;
        let (ended, _) = seen.ringing.iter().rfind(|(_, on)| !on).ok_or("it never rang")?;
        let after = stopped - ended;
        let right = facts.gap_ms + 300..=facts.gone_ms;
        right.contains(&after).then_some(()).ok_or(format!("noticed {after} ms after the last burst, not {right:?}"))
    };
    let gives_up = || {
        vec![
            exchange(ExchangeLine::party_leaves),
            event(LineEvent::RingingStopped, 0, facts.gone_ms),
            Step::Check(Box::new(after_last_burst)),
            Step::Quiet(10_000),
        ]
    };
    let identified = steps([
        vec![
            exchange(|line| assert!(line.ring(Some(&caller())))),
            event(LineEvent::Offered, 0, 12_000),
            Step::Expect(Expected::Number("0312345678"), 0, 12_000),
            Step::Quiet(20_000),
        ],
        gives_up(),
    ]);
    let unidentified = steps([
        vec![
            exchange(|line| assert!(line.ring(None))),
            event(LineEvent::Offered, 100, 1000),
            // Without caller ID, the line reports an empty identity at the second ring.
            Step::Expect(Expected::Number(""), 2000, 8000),
            Step::Quiet(20_300),
        ],
        gives_up(),
    ]);
    let mut cases = vec![
        case(facts, "a call is offered once, with caller ID, and its end is noticed", line, ordinary, identified),
        case(facts, "a call without caller ID is offered once, and its end is noticed", line, ordinary, unidentified),
    ];
    let ringing = |line: &mut ExchangeLine| assert!(line.ring(None));
    cases.push(case(
        facts,
        "glare: it rings when it is to be taken",
        line,
        ordinary,
        vec![
            exchange(ringing),
            Step::Quiet(60),
            dial(),
            event(LineEvent::Failed(LineFailure::Glare), 0, 50),
            Step::Quiet(1000),
            Step::Command(LineCommand::Release),
            event(LineEvent::Idle, 0, 50),
            event(LineEvent::Offered, 0, 5000),
        ],
    ));
    cases.push(case(
        facts,
        "glare: the offer comes second",
        line,
        ordinary,
        vec![
            Step::Glare(true),
            exchange(ringing),
            event(LineEvent::Offered, 100, 1000),
            dial(),
            event(LineEvent::Failed(LineFailure::Glare), 0, 50),
            Step::Glare(false),
            Step::Command(LineCommand::Release),
            event(LineEvent::Idle, 0, 50),
            event(LineEvent::Offered, 0, 5000),
        ],
    ));
    cases.push(case(
        facts,
        "glare: it rings in the moment in which it is taken",
        line,
        ordinary,
        vec![
            dial(),
            exchange(ringing),
            speaks(),
            Step::ExchangeEvent(ExchangeEvent::Answered, 200),
            event(LineEvent::Failed(LineFailure::NoDialTone), 4000, 7000),
            Step::Command(LineCommand::Release),
            Step::ExchangeEvent(ExchangeEvent::Released, 2000),
            event(LineEvent::Idle, 0, 3000),
            Step::Quiet(3000),
        ],
    ));
    cases
}

fn dialled(facts: Facts) -> Vec<Case> {
    let (far, line) = (facts.far(), facts.near().line);
    let with = |seizure| Equipment { seizure, ..Equipment::ordinary(far) };
    let ends_so = || {
        vec![
            dial(),
            Step::ExchangeEvent(ExchangeEvent::Seized, 100),
            event(LineEvent::Failed(LineFailure::NoDialTone), 2000, 6500),
            Step::Command(LineCommand::Release),
            Step::ExchangeEvent(ExchangeEvent::Released, 2000),
            event(LineEvent::Idle, 500, 3000),
        ]
    };
    let late = vec![
        dial(),
        Step::ExchangeEvent(ExchangeEvent::Seized, 100),
        Step::Quiet(3000),
        event(LineEvent::Dialled, 4000, 20_000),
        Step::ExchangeEvent(ExchangeEvent::Dialled(NUMBER.into()), 20_000),
    ];
    let mut cases = vec![
        case(facts, "no dial tone", line, with(Seizure::Nothing), ends_so()),
        case(facts, "congestion instead of dial tone", line, with(Seizure::Congestion), ends_so()),
        case(facts, "dial tone after three seconds", line, with(Seizure::DialTone { after_ms: 3000 }), late),
    ];
    if far.special_dial.is_some() {
        cases.push(case(facts, "special dial tone", line, with(Seizure::SpecialDialTone), call_out()));
    }
    let by_pulses = LineProfile { dial_by: DialBy::Pulses, ..line };
    let pulses = steps([call_out(), vec![Step::Check(Box::new(move |seen| pulses_are_right(facts, seen)))]]);
    cases.push(case(facts, "dialling by pulses", by_pulses, Equipment::ordinary(far), pulses));
    cases
}

/// As many breaks as the digits say, ten a second, of the country's shape, and long enough between digits.
fn pulses_are_right(facts: Facts, seen: &Seen) -> Result<(), String> {
    let breaks = seen.breaks();
    let mut digits = vec![0];
    for pair in breaks.windows(2) {
        let make = pair[1].0 - pair[0].0 - pair[0].1;
        *digits.last_mut().expect("one at least") += 1;
        if make > 200 {
            if !(500..=900).contains(&make) {
                return Err(format!("{make} ms between digits"));
            }
            digits.push(0);
            continue;
        }
        let period = pair[1].0 - pair[0].0;
        // 10 ± 1 a second.
        if !(91..=111).contains(&period) {
            return Err(format!("a pulse every {period} ms"));
        }
    }
    *digits.last_mut().expect("one at least") += 1;
    let expected: Vec<u32> =
        NUMBER.chars().filter_map(|digit| digit.to_digit(10)).map(|n| if n == 0 { 10 } else { n }).collect();
    if digits != expected {
        return Err(format!("pulses {digits:?} instead of {expected:?}"));
    }
    let (least, most) = facts.break_percent;
    match breaks.iter().find(|(_, length)| !(least..=most).contains(length)) {
        Some((at, length)) => Err(format!("at {at} the loop was open for {length} of about 100 ms")),
        None => Ok(()),
    }
}

fn answered(facts: Facts) -> Vec<Case> {
    let (far, near) = (facts.far(), facts.near().line);
    let ordinary = Equipment::ordinary(far);
    let reversing = Equipment { reverses_on_answer: true, ..ordinary };
    let line = |answer, disconnect| LineProfile { answer, disconnect, ..near };
    let by_polarity = AnswerSignals { polarity: true, ..NO_ANSWER };
    let by_voice = AnswerSignals { voice_ms: Some(1500), ..NO_ANSWER };
    let by_time = AnswerSignals { after_dialling_ms: Some(20_000), ..NO_ANSWER };
    let rings = || vec![exchange(ExchangeLine::ring_beyond), Step::Quiet(13_000)];
    let polarity_back = DisconnectSignals { polarity: true, ..NO_DISCONNECT };
    let reverses = || vec![exchange(ExchangeLine::party_answers), event(LineEvent::Answered, 40, 250)];
    let back = |from, to| {
        vec![exchange(ExchangeLine::party_leaves), event(LineEvent::Released(DisconnectSignal::Polarity), from, to)]
    };
    let picked_up = |from, to| vec![exchange(ExchangeLine::party_answers), event(LineEvent::Answered, from, to)];
    let ringback = near.answer.after_ringback_ms.map_or(0, u64::from);
    let voice = near.answer.voice_ms.map_or(0, u64::from);
    let ended = facts.ringback_gap_ms;
    vec![
        case(
            facts,
            "answer by reversal, release by its return",
            line(by_polarity, polarity_back),
            reversing,
            steps([call_out(), rings(), reverses(), vec![speaks(), Step::Quiet(5000)], back(40, 250)]),
        ),
        case(
            facts,
            "a reversal that returns at once releases after its guard",
            line(by_polarity, polarity_back),
            reversing,
            steps([call_out(), rings(), reverses(), vec![Step::Quiet(200)], back(200, 700)]),
        ),
        case(
            facts,
            "answer by voice after ringback",
            line(by_voice, NO_DISCONNECT),
            ordinary,
            steps([call_out(), rings(), vec![speaks()], picked_up(1500, 5000)]),
        ),
        case(
            facts,
            "answer by the end of ringback, in silence",
            near,
            ordinary,
            steps([call_out(), rings(), picked_up(ringback, ended + ended / 5 + ringback + 500)]),
        ),
        case(
            facts,
            "a call that was answered in silence is released by silence",
            line(near.answer, DisconnectSignals { silence_ms: Some(10_000), ..NO_DISCONNECT }),
            ordinary,
            steps([
                call_out(),
                rings(),
                picked_up(ringback, ended + ended / 5 + ringback + 500),
                vec![Step::Party(Party::Silent), event(LineEvent::Released(DisconnectSignal::Silence), 10_000, 12_000)],
            ]),
        ),
        case(
            facts,
            "answer by a voice well before ringback is known to have ended",
            near,
            ordinary,
            steps([call_out(), rings(), vec![speaks()], picked_up(voice, 2000)]),
        ),
        case(
            facts,
            "answer by time where nothing is heard",
            line(by_time, NO_DISCONNECT),
            ordinary,
            steps([
                call_out(),
                vec![
                    exchange(ExchangeLine::ring_beyond_with_custom_ringback),
                    event(LineEvent::Answered, 19_000, 21_000),
                ],
            ]),
        ),
    ]
}

fn not_answered(facts: Facts) -> Vec<Case> {
    let (far, near) = (facts.far(), facts.near().line);
    let ordinary = Equipment::ordinary(far);
    let by_voice = LineProfile { answer: AnswerSignals { voice_ms: Some(1500), ..near.answer }, ..near };
    let by_polarity = LineProfile { answer: AnswerSignals { polarity: true, ..NO_ANSWER }, ..near };
    let reversing = Equipment { reverses_on_answer: true, ..ordinary };
    let congestion = if facts.alike { LineFailure::Busy } else { LineFailure::Congestion };
    let mut cases = Vec::new();
    for (how, line) in [("", near), (", where voices answer", by_voice)] {
        cases.push(case(
            facts,
            &format!("ringback is no answer{how}"),
            line,
            ordinary,
            steps([call_out(), vec![exchange(ExchangeLine::ring_beyond), Step::Quiet(LONG_MS)]]),
        ));
        // Each of these tunes has a note somewhere that is as long as a burst of ringback, and as high.
        for seed in [1, 14, 29] {
            cases.push(case(
                facts,
                &format!("custom ringback is no answer{how}: tune {seed}"),
                line,
                ordinary,
                steps([
                    call_out(),
                    vec![plays(seed), exchange(ExchangeLine::ring_beyond_with_custom_ringback), Step::Quiet(LONG_MS)],
                ]),
            ));
        }
        let refusals: [(&str, Act, LineFailure); 3] = [
            ("busy", |line| line.refuse(Refusal::Engaged), LineFailure::Busy),
            ("congestion", |line| line.refuse(Refusal::NoWay), congestion),
            ("number unobtainable", |line| line.refuse(Refusal::Unobtainable), congestion),
        ];
        for (signal, refuse, failure) in refusals {
            let fails = || vec![exchange(refuse), event(LineEvent::Failed(failure), 1000, 7000), Step::Quiet(10_000)];
            cases.push(case(
                facts,
                &format!("{signal} is a failure and no answer{how}"),
                line,
                ordinary,
                steps([call_out(), fails()]),
            ));
            let rings = vec![exchange(ExchangeLine::ring_beyond), Step::Quiet(13_000)];
            cases.push(case(
                facts,
                &format!("{signal} after ringback is a failure and no answer{how}"),
                line,
                ordinary,
                steps([call_out(), rings, fails()]),
            ));
        }
    }
    cases.push(case(
        facts,
        "custom ringback until the reversal",
        by_polarity,
        reversing,
        steps([
            call_out(),
            vec![plays(6), exchange(ExchangeLine::ring_beyond_with_custom_ringback), Step::Quiet(30_000)],
            vec![exchange(ExchangeLine::party_answers), event(LineEvent::Answered, 40, 250)],
        ]),
    ));
    cases
}

fn released(facts: Facts) -> Vec<Case> {
    let (far, near) = (facts.far(), facts.near().line);
    let with = |release| Equipment { release, ..Equipment::ordinary(far) };
    let line = |disconnect| LineProfile { disconnect, ..near };
    let ends = |signal, from, to| {
        steps([
            call_in(),
            vec![speaks(), Step::Quiet(6000), Step::Party(Party::Silent)],
            vec![
                exchange(ExchangeLine::party_leaves),
                event(LineEvent::Released(signal), from, to),
                Step::Quiet(3000),
                Step::Command(LineCommand::Release),
                Step::ExchangeEvent(ExchangeEvent::Released, 2000),
                event(LineEvent::Idle, 500, 3000),
            ],
        ])
    };
    let two = DisconnectSignals { silence_ms: Some(10_000), votes: 2, ..near.disconnect };
    let silence = DisconnectSignals { silence_ms: Some(10_000), ..NO_DISCONNECT };
    let mut cases = Vec::new();
    let tones = [
        ("busy", Release::BusyTone),
        ("congestion", Release::Congestion),
        ("number unobtainable", Release::Unobtainable),
    ];
    for (signal, release) in tones {
        let name = format!("release by {signal}");
        cases.push(case(facts, &name, near, with(release), ends(DisconnectSignal::Tone, 1000, 6000)));
        let name = format!("release by {signal} that stands, where it takes two votes");
        cases.push(case(facts, &name, line(two), with(release), ends(DisconnectSignal::Tone, 4000, 9000)));
    }
    for ms in [200, 500, 1000] {
        let name = format!("release by a loop break of {ms} ms");
        cases.push(case(facts, &name, near, with(Release::LoopBreak(ms)), ends(DisconnectSignal::LoopBreak, 100, 300)));
        let name = format!("release by a loop break of {ms} ms, whatever votes it takes");
        cases.push(case(
            facts,
            &name,
            line(two),
            with(Release::LoopBreak(ms)),
            ends(DisconnectSignal::LoopBreak, 100, 300),
        ));
    }
    cases.push(case(
        facts,
        "release by silence",
        line(silence),
        with(Release::Silence),
        ends(DisconnectSignal::Silence, 10_000, 12_000),
    ));
    // Congestion for as long as it takes to know it, then nothing: a tone and silence.
    cases.push(case(
        facts,
        "release by a tone and silence together",
        line(two),
        with(Release::Silence),
        steps([
            call_in(),
            vec![speaks(), Step::Quiet(6000), sounds(far.busy), Step::Quiet(4500), Step::Party(Party::Silent)],
            vec![event(LineEvent::Released(DisconnectSignal::Silence), 9000, 12_000)],
        ]),
    ));
    cases
}

fn not_released(facts: Facts) -> Vec<Case> {
    let (far, near) = (facts.far(), facts.near().line);
    let ordinary = Equipment::ordinary(far);
    let careful =
        LineProfile { disconnect: DisconnectSignals { silence_ms: Some(10_000), votes: 2, ..near.disconnect }, ..near };
    let silent = Equipment { release: Release::Silence, ..ordinary };
    let lasts = |what: Vec<Step>| steps([call_in(), what, vec![Step::Quiet(LONG_MS)]]);
    let dip = |line: &mut ExchangeLine| line.dip(100);
    let mut cases = vec![
        case(
            facts,
            "a dip of 100 ms is no release",
            near,
            ordinary,
            lasts(vec![speaks(), Step::Quiet(2000), exchange(dip)]),
        ),
        case(
            facts,
            "silence is no release unless it is asked for",
            near,
            silent,
            lasts(vec![exchange(ExchangeLine::party_leaves)]),
        ),
        case(
            facts,
            "one vote of two is no release",
            careful,
            silent,
            lasts(vec![exchange(ExchangeLine::party_leaves)]),
        ),
        case(facts, "speech is no release", near, ordinary, lasts(vec![speaks()])),
        case(facts, "ringback is no release", near, ordinary, lasts(vec![sounds(far.ringback)])),
        case(facts, "another call that waits is no release", near, ordinary, lasts(vec![sounds(far.call_waiting)])),
        case(
            facts,
            "a busy tone that a voice takes back is no release, where it takes two votes",
            careful,
            ordinary,
            lasts(vec![speaks(), Step::Quiet(3000), sounds(far.busy), Step::Quiet(4500), speaks()]),
        ),
    ];
    for seed in 0..6 {
        let name = format!("music is no release: tune {seed}");
        cases.push(case(facts, &name, near, ordinary, lasts(vec![plays(seed)])));
    }
    let keys = "1234567890*#";
    let pressed =
        keys.chars().filter_map(tipring_driver::line::Digit::new).map(|key| event(LineEvent::Digit(key), 0, 4000));
    let press = Step::Party(Party::Presses(Sequence::new(keys, 100, 100)));
    let steps = steps([call_in(), vec![Step::Quiet(1000), press], pressed.collect(), vec![Step::Quiet(10_000)]]);
    cases.push(case(facts, "keys are no release", near, ordinary, steps));
    cases
}

fn flashed(facts: Facts) -> Vec<Case> {
    let (far, near) = (facts.far(), facts.near().line);
    let equipment = Equipment { flash_ms: Some(far.flash_ms), ..Equipment::ordinary(far) };
    let one_break = move |seen: &Seen| {
        let (least, most) = facts.flash_sent_ms;
        match seen.breaks()[..] {
            [(_, ms)] if (least..=most).contains(&ms) => Ok(()),
            ref breaks => Err(format!("one break of {least} to {most} ms was expected: {breaks:?}")),
        }
    };
    let flash = || {
        vec![
            speaks(),
            Step::Quiet(3000),
            Step::Command(LineCommand::Flash),
            Step::ExchangeEvent(ExchangeEvent::Flashed, 2000),
            Step::Party(Party::Silent),
            Step::Quiet(2000),
            Step::Check(Box::new(one_break)),
        ]
    };
    vec![
        case(
            facts,
            "a flash is a break of the country's length and nothing else",
            near,
            equipment,
            steps([call_in(), flash()]),
        ),
        case(
            facts,
            "dial tone after a flash is no release",
            near,
            equipment,
            steps([
                call_in(),
                flash(),
                vec![sounds(far.dial), Step::Quiet(4000), Step::Party(Party::Silent), Step::Quiet(3000)],
            ]),
        ),
    ]
}
