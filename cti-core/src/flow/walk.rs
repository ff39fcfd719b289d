//! The walk of one caller through flows.
//!
//! Each step takes one input and returns one thing to do, whose outcome is the next input. An input that does not
//! belong to what is being done, the end of a prompt that a key has cut short for instance, changes nothing.
//!
//! Never: writes a masked value into a debug line.

use core::fmt;
use std::collections::BTreeMap;

use tipring_driver::line::Digit;
use tipring_driver::time::Ticks;

use super::check::{Flow, Flows};
use super::node::Node;
use super::say::{self, Language, Phrase};

/// The variable that is the language of phrases and prompts.
pub const LANGUAGE: &str = "language";

/// The value of a variable.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Value {
    /// Text.
    pub text: String,
    /// Card data or a PIN.
    pub masked: bool,
}

impl Value {
    /// A value that may be shown.
    pub fn plain(text: &str) -> Value {
        Value { text: text.to_owned(), masked: false }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.masked { f.write_str("****") } else { write!(f, "{:?}", self.text) }
    }
}

/// A question to a data source, as the core counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct DipId(pub u64);

/// The answer of a data source.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum DipAnswer {
    /// The entry's text.
    Found(String),
    /// There is no such entry.
    None,
    /// The source could not be asked: the reason, as a sentence.
    Failed(String),
}

/// An event of the caller or of something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The prompt or the phrases have ended.
    Played,
    /// A key.
    Key(Digit),
    /// It is done: a request to be called back is kept.
    Done,
    /// The wait has passed.
    TimedOut,
    /// The answer of a data source or a calendar's route; none if there is no such entry.
    Answer(Option<String>),
    /// It failed: phrases without sound, source, queue's gate, transfer, routing client.
    Failed,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Do {
    /// Play a prompt by name; a key stops it if `barge_in`.
    Play {
        /// The prompt.
        prompt: String,
        /// A key ends it.
        barge_in: bool,
        /// Digits are neither logged nor recorded from here until the next node.
        masked: bool,
    },
    /// Play the notices of now for the caller, one after the other.
    Notices,
    /// Play phrases one after the other.
    Say(Vec<Phrase>),
    /// Await a key, so long at most.
    Await(Ticks),
    /// Ask a calendar for the route of now.
    Calendar(String),
    /// Look data up.
    Dip {
        /// The source.
        source: String,
        /// The key.
        key: Value,
        /// The longest wait.
        wait: Ticks,
    },
    /// Ask a routing client.
    Ask {
        /// The routing point.
        route: String,
        /// The longest wait.
        wait: Ticks,
    },
    /// Enter a queue.
    Queue(String),
    /// Leave a message.
    VoiceMail(String),
    /// Leave a request to be called back by a queue.
    CallBack {
        /// The queue.
        queue: String,
        /// The number that was keyed; none for the caller's own.
        number: Option<String>,
    },
    /// Go to a station or number.
    Transfer(String),
    /// Give busy tone, then clear the call.
    Busy,
    /// Clear the call.
    Clear,
    /// Nothing new: the input did not belong to what is being done.
    Nothing,
}

/// The state of a walk. Plain data: it can be kept over a restart.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Walk {
    /// Language of phrases.
    pub language: Language,
    /// Variables; call data for the screen pop, masked ones left out.
    pub data: BTreeMap<String, Value>,
    flow: String,
    node: usize,
    stack: Vec<(String, usize)>,
    #[serde(with = "crate::pairs")]
    counts: BTreeMap<(String, usize), u8>,
    tried: u8,
    digits: String,
    /// A prompt plays; otherwise a key, an answer or the end of something else is awaited.
    playing: bool,
}

impl Flows {
    /// Returns true if a flow sets this language, so that its prompts and phrases are there.
    pub fn sets_language(&self, language: Language) -> bool {
        let mut nodes = self.0.values().flat_map(|flow| &flow.nodes);
        nodes
            .any(|node| matches!(node, Node::Set { into, value, .. } if into == LANGUAGE && value == language.folder()))
    }
}

impl Walk {
    /// Begins a flow with the variables known at its beginning; none if there is no such flow.
    pub fn begin(flows: &Flows, flow: &str, language: Language, data: BTreeMap<String, Value>) -> Option<(Walk, Do)> {
        flows.get(flow)?;
        let mut walk = Walk {
            language,
            data,
            flow: flow.to_owned(),
            node: 0,
            stack: Vec::new(),
            counts: BTreeMap::new(),
            tried: 0,
            digits: String::new(),
            playing: false,
        };
        let first = walk.enter(flows, 0);
        Some((walk, first))
    }

    /// Flow and version of the caller's node.
    pub fn place<'a>(&self, flows: &'a Flows) -> Option<(&'a Flow, usize)> {
        flows.get(&self.flow).map(|flow| (flow, self.node))
    }

    /// The mailbox at which the caller is.
    pub fn mailbox<'a>(&self, flows: &'a Flows) -> Option<&'a str> {
        match flows.get(&self.flow)?.nodes.get(self.node)? {
            Node::VoiceMail { mailbox } => Some(mailbox),
            _ => None,
        }
    }

    /// True while card data or a PIN is being keyed: digits are neither logged nor recorded.
    pub fn is_masked(&self, flows: &Flows) -> bool {
        let of = flows.get(&self.flow).and_then(|flow| flow.nodes.get(self.node));
        matches!(of, Some(Node::Collect { masked: true, .. }))
    }

    /// True if a caller who cannot stay at the present node's destination goes on in the flow, rather than hears busy
    /// tone.
    pub fn goes_on(&self, flows: &Flows) -> bool {
        let of = |node: usize| flows.get(&self.flow).and_then(|flow| flow.nodes.get(node));
        match of(self.node) {
            Some(Node::Queue { full: next, .. } | Node::Transfer { failed: next, .. }) => {
                of(*next) != Some(&Node::Busy)
            }
            _ => false,
        }
    }

    /// Enters a node, and goes on through those that need nothing from outside.
    fn enter(&mut self, flows: &Flows, node: usize) -> Do {
        let mut node = node;
        loop {
            self.node = node;
            self.tried = 0;
            let Some(of) = flows.get(&self.flow).and_then(|flow| flow.nodes.get(node)) else { return Do::Clear };
            node = match of {
                Node::Set { into, value, next } => {
                    if into == LANGUAGE {
                        self.language = Language::of_folder(value).unwrap_or(self.language);
                    }
                    self.data.insert(into.clone(), Value::plain(value));
                    *next
                }
                Node::Branch { value, cases, default } => {
                    let value = self.data.get(value).map(|value| value.text.as_str());
                    *value.and_then(|value| cases.get(value)).unwrap_or(default)
                }
                Node::Count { most, next, over } => {
                    let count = self.counts.entry((self.flow.clone(), node)).or_default();
                    let passes = *count < *most;
                    *count = count.saturating_add(1);
                    if passes { *next } else { *over }
                }
                Node::Call { flow, next } => {
                    self.stack.push((self.flow.clone(), *next));
                    self.flow.clone_from(flow);
                    0
                }
                Node::End => match self.stack.pop() {
                    Some((flow, next)) => {
                        self.flow = flow;
                        next
                    }
                    None => return Do::Clear,
                },
                Node::Say { kind, value, next, failed } => {
                    let phrases =
                        self.data.get(value).and_then(|value| say::phrases(self.language, *kind, &value.text));
                    let Some(phrases) = phrases else {
                        node = *failed;
                        continue;
                    };
                    if phrases.is_empty() {
                        *next
                    } else {
                        self.playing = true;
                        return Do::Say(phrases);
                    }
                }
                _ => return self.begin_node(of),
            };
        }
    }

    /// The first thing to do at a node that needs something from outside.
    fn begin_node(&mut self, of: &Node<usize>) -> Do {
        self.digits.clear();
        if let Node::Menu { prompt: None, wait, .. } = of {
            self.playing = false;
            return Do::Await(Ticks::from_ms(*wait));
        }
        let play = |prompt: &String, barge_in, masked| Do::Play { prompt: prompt.clone(), barge_in, masked };
        self.playing =
            matches!(of, Node::Play { .. } | Node::Notices { .. } | Node::Menu { .. } | Node::Collect { .. });
        match of {
            Node::Play { prompt, .. } => play(prompt, false, false),
            Node::Notices { .. } => Do::Notices,
            Node::Menu { prompt, .. } => prompt.as_ref().map_or(Do::Nothing, |prompt| play(prompt, true, false)),
            Node::Collect { prompt, masked, .. } => play(prompt, true, *masked),
            Node::Calendar { calendar, .. } => Do::Calendar(calendar.clone()),
            Node::Dip { source, key, wait, .. } => {
                let key = self.data.get(key).cloned().unwrap_or_else(|| Value::plain(""));
                Do::Dip { source: source.clone(), key, wait: Ticks::from_ms(*wait) }
            }
            Node::Ask { route, wait, .. } => Do::Ask { route: route.clone(), wait: Ticks::from_ms(*wait) },
            Node::Queue { queue, .. } => Do::Queue(queue.clone()),
            Node::VoiceMail { mailbox } => Do::VoiceMail(mailbox.clone()),
            Node::CallBack { queue, number, .. } => Do::CallBack {
                queue: queue.clone(),
                number: number.as_ref().map(|name| self.data.get(name).map_or(String::new(), |it| it.text.clone())),
            },
            Node::Transfer { to, .. } => Do::Transfer(to.clone()),
            Node::Busy => Do::Busy,
            Node::Say { .. }
            | Node::Branch { .. }
            | Node::Set { .. }
            | Node::Count { .. }
            | Node::Call { .. }
            | Node::End => Do::Nothing,
        }
    }
}

/// The step: what follows from an input.
pub fn step(flows: &Flows, walk: &mut Walk, input: &Input) -> Do {
    let Some(of) = flows.get(&walk.flow).and_then(|flow| flow.nodes.get(walk.node)) else { return Do::Clear };
    let next = match (of, input) {
        (Node::Play { next, .. } | Node::Notices { next, .. } | Node::Say { next, .. }, Input::Played) => *next,
        (Node::Notices { next, none }, Input::Answer(None)) => none.unwrap_or(*next),
        (Node::CallBack { next, .. }, Input::Done) => *next,
        (Node::Menu { .. } | Node::Collect { .. }, _) => return step_keys(flows, walk, of, input),
        (Node::Calendar { cases, default, .. }, Input::Answer(Some(route))) => *cases.get(route).unwrap_or(default),
        (Node::Calendar { default, .. }, Input::Answer(None) | Input::Failed) => *default,
        (Node::Dip { into, next, .. }, Input::Answer(Some(text))) => {
            walk.data.insert(into.clone(), Value::plain(text));
            *next
        }
        (Node::Dip { none, .. }, Input::Answer(None)) => *none,
        (
            Node::Dip { failed, .. }
            | Node::Say { failed, .. }
            | Node::Ask { failed, .. }
            | Node::CallBack { failed, .. }
            | Node::Transfer { failed, .. }
            | Node::Queue { full: failed, .. },
            Input::Failed | Input::TimedOut,
        ) => *failed,
        _ => return Do::Nothing,
    };
    walk.enter(flows, next)
}

/// Keys of a menu or a collection.
fn step_keys(flows: &Flows, walk: &mut Walk, of: &Node<usize>, input: &Input) -> Do {
    match (of, input) {
        (Node::Menu { wait, .. } | Node::Collect { wait, .. }, Input::Played) if walk.playing => {
            walk.playing = false;
            Do::Await(Ticks::from_ms(*wait))
        }
        (Node::Menu { keys, wrong_key, tries, .. }, Input::Key(key)) => match keys.get(&key.as_char()) {
            Some(&next) => walk.enter(flows, next),
            None => walk.again(flows, of, *tries, *wrong_key),
        },
        (Node::Menu { no_key, tries, .. }, Input::TimedOut) if !walk.playing => walk.again(flows, of, *tries, *no_key),
        (Node::Collect { max, end, between, .. }, Input::Key(key)) => {
            walk.playing = false;
            if *end == Some(key.as_char()) {
                return walk.collected(flows, of);
            }
            walk.digits.push(key.as_char());
            if walk.digits.len() >= usize::from(*max) {
                walk.collected(flows, of)
            } else {
                Do::Await(Ticks::from_ms(*between))
            }
        }
        (Node::Collect { .. }, Input::TimedOut) if !walk.playing => walk.collected(flows, of),
        _ => Do::Nothing,
    }
}

impl Walk {
    /// The input of digits is complete.
    fn collected(&mut self, flows: &Flows, of: &Node<usize>) -> Do {
        let Node::Collect { into, min, masked, tries, next, no_key, too_few, .. } = of else { return Do::Nothing };
        let digits = core::mem::take(&mut self.digits);
        if digits.len() >= usize::from((*min).max(1)) || (*min == 0 && digits.is_empty()) {
            self.data.insert(into.clone(), Value { text: digits, masked: *masked });
            return self.enter(flows, *next);
        }
        self.again(flows, of, *tries, if digits.is_empty() { *no_key } else { *too_few })
    }

    /// Another try, or the way on after the last one.
    fn again(&mut self, flows: &Flows, of: &Node<usize>, tries: u8, last: usize) -> Do {
        self.tried += 1;
        if self.tried >= tries { self.enter(flows, last) } else { self.begin_node(of) }
    }
}
