//! Golden tables of transfer and conference, in all their orders: `golden/*.txt`.
//!
//! A table has one block for each order: its steps to the left, the changes that each reports in the middle, and to the
//! right the connections that are left, as device, state and call (i initiated, a alerting, c connected, h held,
//! q queued, f failed). The tables are read against the orders of events that ECMA-179 gives for the services.

use super::*;

const ONE: CallId = CallId(1);
const TWO: CallId = CallId(2);

/// A step, with the words for it.
type Step = (&'static str, fn(&mut Model) -> Result<(), Refused>);

/// An order: its name, and its steps.
struct Order {
    name: String,
    steps: Vec<Step>,
}

/// The two calls of a consultation.
struct Consultation {
    name: String,
    steps: Vec<Step>,
    /// B has held its side too.
    b_holds: bool,
    /// C has answered.
    answered: bool,
}

const TALK: [Step; 2] = [
    ("A calls B", |m| {
        call(m, A, B);
        Ok(())
    }),
    ("B answers", |m| m.answer(ONE, B, WHY)),
];
const B_HOLDS: Step = ("B holds", |m| m.hold(ONE, B, WHY));
const CONSULT: Step = ("A consults C", |m| {
    consult(m, ONE, A, C);
    Ok(())
});
const C_ANSWERS: Step = ("C answers", |m| m.answer(TWO, C, WHY));
const TRANSFER: Step = ("A transfers", |m| m.transfer(TWO, ONE, A, WHY));
const CONFERENCE: Step = ("A confers", |m| m.conference(TWO, ONE, A, WHY));
const A_LEAVES: Step = ("A leaves", |m| leave(m, A));
const B_LEAVES: Step = ("B leaves", |m| leave(m, B));
const C_LEAVES: Step = ("C leaves", |m| leave(m, C));
const B_RETRIEVES: Step = ("B retrieves", |m| m.retrieve(TWO, B, WHY));

/// A device leaves the second call; one that the call has left already does not leave it again.
fn leave(model: &mut Model, device: Device) -> Result<(), Refused> {
    if model.state(TWO, device).is_some() { model.clear(TWO, device, WHY) } else { Ok(()) }
}

/// The two calls of a consultation, in each of their states, with the words for it.
fn consultations() -> Vec<Consultation> {
    let mut all = Vec::new();
    for b_holds in [false, true] {
        for answered in [true, false] {
            let mut steps = TALK.to_vec();
            steps.extend(b_holds.then_some(B_HOLDS));
            steps.push(CONSULT);
            steps.extend(answered.then_some(C_ANSWERS));
            let held = if b_holds { "held on both sides" } else { "held by A" };
            let reached = if answered { "C has answered" } else { "C alerts" };
            all.push(Consultation { name: format!("{held}, {reached}"), steps, b_holds, answered });
        }
    }
    all
}

fn transfers() -> Vec<Order> {
    let mut all = Vec::new();
    for Consultation { name, steps: mut before, b_holds, answered } in consultations() {
        before.push(TRANSFER);
        let back = b_holds.then_some(B_RETRIEVES);
        let mut ends: Vec<(&str, Vec<Step>)> = Vec::new();
        if answered {
            ends.push(("B leaves first", back.into_iter().chain([B_LEAVES, C_LEAVES]).collect()));
            ends.push(("C leaves first", back.into_iter().chain([C_LEAVES, B_LEAVES]).collect()));
        } else {
            ends.push((
                "C answers, B leaves first",
                [C_ANSWERS].into_iter().chain(back).chain([B_LEAVES, C_LEAVES]).collect(),
            ));
            ends.push((
                "C answers, C leaves first",
                [C_ANSWERS].into_iter().chain(back).chain([C_LEAVES, B_LEAVES]).collect(),
            ));
            ends.push(("B leaves before the answer", vec![B_LEAVES]));
        }
        if b_holds && answered {
            ends.push(("B leaves while it holds", vec![B_LEAVES, C_LEAVES]));
            ends.push(("C leaves while B holds", vec![C_LEAVES, B_LEAVES]));
        }
        all.extend(ends.into_iter().map(|(end, after)| Order {
            name: format!("{name}; {end}"),
            steps: before.iter().copied().chain(after).collect(),
        }));
    }
    all
}

fn conferences() -> Vec<Order> {
    let leaving = [A_LEAVES, B_LEAVES, C_LEAVES];
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let mut all = Vec::new();
    for Consultation { name, steps: mut before, b_holds, answered } in consultations() {
        before.push(CONFERENCE);
        before.extend((!answered).then_some(C_ANSWERS));
        before.extend(b_holds.then_some(B_RETRIEVES));
        all.extend(orders.map(|order| Order {
            name: format!("{name}; {} leave", order.map(|at| ["A", "B", "C"][at]).join(", then ")),
            steps: before.iter().copied().chain(order.map(|at| leaving[at])).collect(),
        }));
    }
    all
}

fn states(model: &Model) -> String {
    let mut all: Vec<String> = model
        .calls()
        .flat_map(|call| call.connections.iter().map(|it| (it.device, it.state, call.id.0)))
        .map(|(device, state, call)| format!("{}{}{call}", name(device), format!("{state:?}")[..1].to_lowercase()))
        .collect();
    all.sort();
    all.join(" ")
}

fn table(title: &str, orders: &[Order]) -> String {
    let mut text = format!("# {title}\n");
    for order in orders {
        text += &format!("\n## {}\n", order.name);
        let mut model = site(Bounds::default());
        for &(words, act) in &order.steps {
            act(&mut model).unwrap_or_else(|why| panic!("{words} in {}: {why:?}", order.name));
            if model.changes().is_empty() {
                continue;
            }
            assert_eq!(model.check(), Ok(()), "{words} in {}", order.name);
            let changes = changes(&mut model).join(" · ");
            text += format!("{words:<13}| {changes:<78}| {}", states(&model)).trim_end();
            text += "\n";
        }
        assert!(model.is_empty(), "{} ends with an empty site", order.name);
    }
    text
}

fn compare(golden: &str, actual: &str) {
    let differs = golden.lines().zip(actual.lines()).find(|(golden, actual)| golden != actual);
    assert!(golden == actual, "the first line that differs: {differs:#?}\nthe whole table:\n{actual}");
}

#[test]
fn the_golden_table_of_transfers_holds_in_every_order() {
    compare(include_str!("golden/transfer.txt"), &table("Transfer: A talks to B, and consults C", &transfers()));
}

#[test]
fn the_golden_table_of_conferences_holds_in_every_order() {
    compare(include_str!("golden/conference.txt"), &table("Conference: A talks to B, and consults C", &conferences()));
}
