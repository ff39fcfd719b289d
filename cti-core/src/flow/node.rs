//! Nodes of a flow, as written in its file. `To` is a node's name in the source and its place once checked.
//!
//! Never: has a way on that may be left out.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::say::Kind;

/// A way on that is left out.
const fn no_way<To>() -> Option<To> {
    None
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Node<To = String> {
    /// Plays a prompt; keys do not end it.
    Play {
        /// Name of the prompt.
        prompt: String,
        /// Next node.
        next: To,
    },
    /// Plays the notices that hold now for the caller's region.
    Notices {
        /// Next node.
        next: To,
        /// Next node where none holds; `next` if left out.
        #[serde(default = "no_way")]
        none: Option<To>,
    },
    /// Says a variable.
    Say {
        /// Reading.
        kind: Kind,
        /// Name of the variable.
        value: String,
        /// Next node.
        next: To,
        /// Next node if the variable is missing or cannot be read that way.
        failed: To,
    },
    /// Plays a prompt and awaits one key, which ends the prompt (barge-in).
    Menu {
        /// Name of the prompt; none to await the key in silence.
        #[serde(default)]
        prompt: Option<String>,
        /// Next node by key: `0` to `9`, `*`, `#`.
        keys: BTreeMap<char, To>,
        /// Wait for a key after the prompt, ms.
        wait: u64,
        /// Plays of the prompt altogether.
        tries: u8,
        /// Next node when the last try brought no key.
        no_key: To,
        /// Next node when the last try brought a key that is not offered.
        wrong_key: To,
    },
    /// Plays a prompt and collects digits.
    Collect {
        /// Name of the prompt.
        prompt: String,
        /// Variable for the digits.
        into: String,
        /// Fewest digits.
        min: u8,
        /// Most digits; reaching it ends the input.
        max: u8,
        /// Key that ends the input; none to wait for the most or the pause.
        end: Option<char>,
        /// Wait for the first digit after the prompt, ms.
        wait: u64,
        /// Wait between digits, ms; afterwards the input is complete.
        between: u64,
        /// Tries altogether.
        tries: u8,
        /// Card data or a PIN: neither logged nor recorded.
        #[serde(default)]
        masked: bool,
        /// Next node.
        next: To,
        /// Next node when the last try brought no digit.
        no_key: To,
        /// Next node when the last try brought too few digits.
        too_few: To,
    },
    /// Goes on by the value of a variable.
    Branch {
        /// Name of the variable.
        value: String,
        /// Next node by value.
        cases: BTreeMap<String, To>,
        /// Next node for all other values, or none.
        default: To,
    },
    /// Goes on by the route that a calendar of hours and holidays gives now.
    Calendar {
        /// Name of the calendar.
        calendar: String,
        /// Next node by route.
        cases: BTreeMap<String, To>,
        /// Next node for all other routes.
        default: To,
    },
    /// Looks data up outside (SQL or HTTP) by the value of a variable.
    Dip {
        /// Name of the source.
        source: String,
        /// Variable whose value is looked up.
        key: String,
        /// Longest wait, ms.
        wait: u64,
        /// Variable for the answer.
        into: String,
        /// Next node.
        next: To,
        /// Next node when there is no such entry.
        none: To,
        /// Next node when the source failed or took too long.
        failed: To,
    },
    /// Sets a variable, which is call data on the screen pop too. The variable `language` is the language of phrases
    /// and prompts from here on: `mandarin`, `cantonese` or `english`.
    Set {
        /// Name of the variable.
        into: String,
        /// Text.
        value: String,
        /// Next node.
        next: To,
    },
    /// Lets the caller pass a number of times.
    Count {
        /// Passages.
        most: u8,
        /// Next node up to then.
        next: To,
        /// Next node afterwards.
        over: To,
    },
    /// Walks another flow, then goes on here.
    Call {
        /// Name of the flow.
        flow: String,
        /// Next node.
        next: To,
    },
    /// Asks a client for the route (CSTA routing).
    Ask {
        /// Name of the routing point.
        route: String,
        /// Longest wait, ms.
        wait: u64,
        /// Next node when no client answered in time.
        failed: To,
    },
    /// Enters a queue.
    Queue {
        /// Name of the queue.
        queue: String,
        /// Next node when the queue's gate turns the caller away, or its longest wait is over.
        full: To,
    },
    /// Leaves a message.
    VoiceMail {
        /// Name of the box.
        mailbox: String,
    },
    /// Leaves a request to be called back by a queue.
    CallBack {
        /// Name of the queue.
        queue: String,
        /// Variable with the number that was keyed; left out for the caller's own.
        #[serde(default)]
        number: Option<String>,
        /// Next node once it is kept.
        next: To,
        /// Next node when none can be taken: no number, or one is open already; or it cannot be kept.
        failed: To,
    },
    /// Goes to a station or a number.
    Transfer {
        /// The destination.
        to: String,
        /// Next node when it is busy or does not answer.
        failed: To,
    },
    /// Gives busy tone, then the call is cleared.
    Busy,
    /// Ends this flow: back to the one that called it, or the call is cleared.
    End,
}

impl<To> Node<To> {
    /// All exits, with their names.
    pub fn ways(&self) -> Vec<(&'static str, &To)> {
        match self {
            Node::Play { next, .. } | Node::Set { next, .. } | Node::Call { next, .. } => vec![("next", next)],
            Node::Notices { next, none } => {
                [("next", next)].into_iter().chain(none.iter().map(|to| ("none", to))).collect()
            }
            Node::Say { next, failed, .. } => vec![("next", next), ("failed", failed)],
            Node::Menu { keys, no_key, wrong_key, .. } => {
                let keys = keys.values().map(|to| ("keys", to));
                keys.chain([("no_key", no_key), ("wrong_key", wrong_key)]).collect()
            }
            Node::Collect { next, no_key, too_few, .. } => {
                vec![("next", next), ("no_key", no_key), ("too_few", too_few)]
            }
            Node::Branch { cases, default, .. } | Node::Calendar { cases, default, .. } => {
                cases.values().map(|to| ("cases", to)).chain([("default", default)]).collect()
            }
            Node::Dip { next, none, failed, .. } => vec![("next", next), ("none", none), ("failed", failed)],
            Node::Count { next, over, .. } => vec![("next", next), ("over", over)],
            Node::CallBack { next, failed, .. } => vec![("next", next), ("failed", failed)],
            Node::Ask { failed, .. } | Node::Transfer { failed, .. } => {
                vec![("failed", failed)]
            }
            Node::Queue { full, .. } => vec![("full", full)],
            Node::VoiceMail { .. } | Node::Busy | Node::End => vec![],
        }
    }

    /// The node with its exits replaced; none if an exit cannot be replaced.
    pub fn map<New>(&self, to: impl Fn(&To) -> Option<New>) -> Option<Node<New>> {
        let each = |cases: &BTreeMap<String, To>| {
            cases.iter().map(|(value, next)| Some((value.clone(), to(next)?))).collect::<Option<_>>()
        };
        Some(match self {
            Node::Play { prompt, next } => Node::Play { prompt: prompt.clone(), next: to(next)? },
            Node::Notices { next, none } => {
                let none = match none {
                    Some(none) => Some(to(none)?),
                    None => None,
                };
                Node::Notices { next: to(next)?, none }
            }
            Node::Say { kind, value, next, failed } => {
                Node::Say { kind: *kind, value: value.clone(), next: to(next)?, failed: to(failed)? }
            }
            Node::Menu { prompt, keys, wait, tries, no_key, wrong_key } => Node::Menu {
                prompt: prompt.clone(),
                keys: keys.iter().map(|(key, next)| Some((*key, to(next)?))).collect::<Option<_>>()?,
                wait: *wait,
                tries: *tries,
                no_key: to(no_key)?,
                wrong_key: to(wrong_key)?,
            },
            Node::Collect { prompt, into, min, max, end, wait, between, tries, masked, next, no_key, too_few } => {
                Node::Collect {
                    prompt: prompt.clone(),
                    into: into.clone(),
                    min: *min,
                    max: *max,
                    end: *end,
                    wait: *wait,
                    between: *between,
                    tries: *tries,
                    masked: *masked,
                    next: to(next)?,
                    no_key: to(no_key)?,
                    too_few: to(too_few)?,
                }
            }
            Node::Branch { value, cases, default } => {
                Node::Branch { value: value.clone(), cases: each(cases)?, default: to(default)? }
            }
            Node::Calendar { calendar, cases, default } => {
                Node::Calendar { calendar: calendar.clone(), cases: each(cases)?, default: to(default)? }
            }
            Node::Dip { source, key, wait, into, next, none, failed } => Node::Dip {
                source: source.clone(),
                key: key.clone(),
                wait: *wait,
                into: into.clone(),
                next: to(next)?,
                none: to(none)?,
                failed: to(failed)?,
            },
            Node::Set { into, value, next } => Node::Set { into: into.clone(), value: value.clone(), next: to(next)? },
            Node::Count { most, next, over } => Node::Count { most: *most, next: to(next)?, over: to(over)? },
            Node::Call { flow, next } => Node::Call { flow: flow.clone(), next: to(next)? },
            Node::Ask { route, wait, failed } => Node::Ask { route: route.clone(), wait: *wait, failed: to(failed)? },
            Node::Queue { queue, full } => Node::Queue { queue: queue.clone(), full: to(full)? },
            Node::VoiceMail { mailbox } => Node::VoiceMail { mailbox: mailbox.clone() },
            Node::CallBack { queue, number, next, failed } => {
                Node::CallBack { queue: queue.clone(), number: number.clone(), next: to(next)?, failed: to(failed)? }
            }
            Node::Transfer { to: destination, failed } => {
                Node::Transfer { to: destination.clone(), failed: to(failed)? }
            }
            Node::Busy => Node::Busy,
            Node::End => Node::End,
        })
    }
}
