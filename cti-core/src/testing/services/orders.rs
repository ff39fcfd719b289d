//! Transfer and conference in all their orders: who has called whom in each of two calls, which of them is held, and
//! who leaves first. The flows are put together from these parts; what follows stands in `services/orders.txt`.
//!
//! Never: knows what a flow leads to; the golden table has it.

use std::fmt::Write;

use super::{compare, play};

/// A party of 1001 in one of its two calls: how the call begins, and how the party leaves. `{}` stands for the call's
/// number at that moment.
struct Party {
    name: &'static str,
    begins: &'static [&'static str],
    leaves: &'static str,
}

/// The first call of 1001.
const FIRST: &[Party] = &[
    Party {
        name: "T1 has called, through a queue",
        begins: &["ready 1001 7001", "call T1 5551234", "lift 1001"],
        leaves: "gone T1",
    },
    Party { name: "1003 has called", begins: &["make 1003 1001", "lift 1001"], leaves: "clear {}@1003" },
    Party {
        name: "1001 has called 1003",
        begins: &["lift 1001", "keys 1001 1003", "answer 1@1003", "wait 250"],
        leaves: "clear {}@1003",
    },
    Party {
        name: "1001 has called outside",
        begins: &["lift 1001", "keys 1001 95551234#", "dialled T2", "answered T2"],
        leaves: "gone T2",
    },
];

/// The second call of 1001, beside the first.
const SECOND: &[Party] = &[
    Party { name: "1001 has called 1002", begins: &["consult 1@1001 1002", "lift 1002"], leaves: "down 1002" },
    Party {
        name: "1002 has called, and camped on",
        begins: &["lift 1002", "keys 1002 1001", "camp 2@1002", "alternate 1@1001 2@1001"],
        leaves: "down 1002",
    },
    Party { name: "1001 has called 110", begins: &["consult 1@1001 9110"], leaves: "" },
];

/// Orders in which three leave.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// The flows, as golden tables have them, without what follows.
fn flows() -> String {
    let mut text = String::from("# Two calls of 1001 become one. Put together by `services/orders.rs`.\n");
    let mut count = 0;
    for first in FIRST {
        for second in SECOND {
            for alternates in [false, true] {
                for conference in [false, true] {
                    flow(&mut text, (first, second), alternates, conference, count);
                    count += 1;
                }
            }
        }
    }
    out_of_a_conference(&mut text);
    text
}

fn flow(text: &mut String, (first, second): (&Party, &Party), alternates: bool, conference: bool, count: usize) {
    let mut line = |words: std::fmt::Arguments<'_>| writeln!(text, "{words}").expect("text grows");
    let (held, active) = if alternates { (2, 1) } else { (1, 2) };
    let service = if conference { "conference" } else { "transfer" };
    let which = if alternates { "first" } else { "second" };
    line(format_args!("\n== {service}: {}; {}; the {which} talks", first.name, second.name));
    line(format_args!(": monitor 1001 1002 1003 T1 T2"));
    first.begins.iter().for_each(|act| line(format_args!(": {act}")));
    second.begins.iter().for_each(|act| line(format_args!(": {act}")));
    // The trunk that the first call has left.
    let trunk = if first.leaves == "gone T2" { "T1" } else { "T2" };
    if second.leaves.is_empty() {
        line(format_args!(": dialled {trunk}"));
        line(format_args!(": answered {trunk}"));
    }
    if alternates {
        line(format_args!(": alternate 2@1001 1@1001"));
    }
    line(format_args!("> {service} {held}@1001 {active}@1001"));
    let gone = format!("gone {trunk}");
    let leave = [first.leaves, if second.leaves.is_empty() { &gone } else { second.leaves }, "down 1001"];
    if conference {
        let order = ORDERS[count / 2 % ORDERS.len()];
        order.iter().for_each(|&who| line(format_args!("> {}", leave[who].replace("{}", &active.to_string()))));
    } else {
        line(format_args!(": down 1001"));
        let order = if (count / 2).is_multiple_of(2) { [0, 1] } else { [1, 0] };
        order.iter().for_each(|&who| line(format_args!("> {}", leave[who].replace("{}", &active.to_string()))));
    }
}

/// One of a conference consults 1003, and leaves the others with it.
fn out_of_a_conference(text: &mut String) {
    let mut line = |words: std::fmt::Arguments<'_>| writeln!(text, "{words}").expect("text grows");
    for by in ["1001", "1002"] {
        let other = if by == "1001" { "1002" } else { "1001" };
        let down = format!("down {other}");
        let leave = ["gone T1", "clear {}@1003", &down];
        for (order, alternates) in ORDERS.iter().zip([false, true].into_iter().cycle()) {
            let (held, active) = if alternates { (3, 2) } else { (2, 3) };
            let which = if alternates { "conference" } else { "consultation" };
            line(format_args!("\n== {by} transfers a conference to 1003; the {which} talks; {order:?} leave"));
            line(format_args!(": monitor 1001 1002 1003 T1"));
            FIRST[0].begins.iter().chain(SECOND[0].begins).for_each(|act| line(format_args!(": {act}")));
            line(format_args!(": conference 1@1001 2@1001"));
            line(format_args!(": consult 2@{by} 1003"));
            line(format_args!(": answer 3@1003"));
            line(format_args!(": wait 250"));
            if alternates {
                line(format_args!(": alternate 3@{by} 2@{by}"));
            }
            line(format_args!("> transfer {held}@{by} {active}@{by}"));
            line(format_args!(": down {by}"));
            order.iter().for_each(|&who| line(format_args!("> {}", leave[who].replace("{}", &active.to_string()))));
        }
    }
}

#[test]
fn transfer_and_conference_go_as_written_in_all_their_orders() {
    compare("orders", include_str!("orders.txt"), &play(&flows()));
}
