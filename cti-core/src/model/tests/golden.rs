//! Golden tables of transfer and conference, in all their orders: `golden/*.txt`.
//!
//! A table has one block for each order: its steps to the left, the changes that each reports in the middle, and to the
//! right the connections that are left, as device, state and call (i initiated, a alerting, c connected, h held,
//! q queued, f failed). The tables are read against the orders of events that ECMA-179 gives for the services.

use super::actions::Action;
use super::small_site::SmallSite;
use super::*;

const ONE: CallId = CallId(1);
const TWO: CallId = CallId(2);

/// A step, with the words for it.
type Step = (&'static str, Action);

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

const TALK: [Step; 2] = [("A calls B", Action::Make(A, B)), ("B answers", Action::Answer(ONE, B))];
const B_HOLDS: Step = ("B holds", Action::Hold(ONE, B));
const CONSULT: Step = ("A consults C", Action::Consult(ONE, A, C));
const C_ANSWERS: Step = ("C answers", Action::Answer(TWO, C));
const TRANSFER: Step = ("A transfers", Action::Transfer(TWO, ONE, A));
const CONFERENCE: Step = ("A confers", Action::Conference(TWO, ONE, A));
const A_LEAVES: Step = ("A leaves", Action::Clear(TWO, A));
const B_LEAVES: Step = ("B leaves", Action::Clear(TWO, B));
const C_LEAVES: Step = ("C leaves", Action::Clear(TWO, C));
const B_RETRIEVES: Step = ("B retrieves", Action::Retrieve(TWO, B));
const NO_ANSWER: Step = ("C's deadline", Action::Expire(TWO, C));
const A_ANSWERS: Step = ("A answers", Action::Answer(TWO, A));

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
            ends.push((
                "C does not answer",
                [NO_ANSWER, A_ANSWERS].into_iter().chain(back).chain([B_LEAVES, A_LEAVES]).collect(),
            ));
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
        let mut model = SmallSite::new(site(Bounds::default()));
        for &(words, action) in &order.steps {
            // A device that the call has left already does not leave it again.
            if let Action::Clear(call, device) = action
                && model.state(call, device).is_none()
            {
                continue;
            }
            action.apply(&mut model).unwrap_or_else(|why| panic!("{words} in {}: {why:?}", order.name));
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
