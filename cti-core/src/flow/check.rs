//! The check of flows at load: every fault with its line and the remedy, all at once.
//!
//! Never: passes a flow that can keep a caller for ever.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use super::node::Node;

/// A flow as read from its file: nodes with names and lines, the first node first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowSource {
    /// Name.
    pub name: String,
    /// Version, raised with each change.
    pub version: u32,
    /// Nodes: name, line in the file, node.
    pub nodes: Vec<(String, u32, Node)>,
}

/// Names that exist at the site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Prompts.
    pub prompts: BTreeSet<String>,
    /// Queues.
    pub queues: BTreeSet<String>,
    /// Calendars.
    pub calendars: BTreeSet<String>,
    /// Data sources.
    pub sources: BTreeSet<String>,
    /// Boxes for messages.
    pub mailboxes: BTreeSet<String>,
}

/// A checked flow: exits are places.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Flow {
    /// Name.
    pub name: String,
    /// Version.
    pub version: u32,
    pub(super) nodes: Vec<Node<usize>>,
}

/// All flows of a site, checked together.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Flows(pub(super) BTreeMap<String, Flow>);

/// Nested flows at most.
pub const DEPTH_MAX: usize = 8;

/// A fault of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The flow.
    pub flow: String,
    /// The line in its file.
    pub line: u32,
    /// The node.
    pub node: String,
    /// The fault and its remedy.
    pub text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.flow, self.line, self.node, self.text)
    }
}

impl Flows {
    /// Checks flows together; returns all faults, by flow and line.
    ///
    /// # Errors
    /// All faults.
    pub fn check(sources: &[FlowSource], known: &Known) -> Result<Flows, Vec<Fault>> {
        let mut faults = Vec::new();
        let names: BTreeSet<_> = sources.iter().map(|source| source.name.as_str()).collect();
        let mut flows = BTreeMap::new();
        for source in sources {
            let mut report = |line: u32, node: &str, text: String| {
                faults.push(Fault { flow: source.name.clone(), line, node: node.to_owned(), text });
            };
            if source.nodes.is_empty() {
                report(1, "", "The flow has no node: write at least one, `do = \"end\"`".to_owned());
            }
            let mut places = BTreeMap::new();
            for (place, (name, line, _)) in source.nodes.iter().enumerate() {
                if places.insert(name.as_str(), place).is_some() {
                    report(*line, name, "Two nodes have this name: rename one".to_owned());
                }
            }
            for (name, line, node) in &source.nodes {
                for (way, to) in node.ways() {
                    if !places.contains_key(to.as_str()) {
                        report(*line, name, format!("`{way}` leads to \"{to}\", which is no node of this flow"));
                    }
                }
                for text in node_faults(node, known, &names) {
                    report(*line, name, text);
                }
            }
            let nodes: Option<Vec<_>> =
                source.nodes.iter().map(|(.., node)| node.map(|to| places.get(to.as_str()).copied())).collect();
            let Some(nodes) = nodes else { continue };
            for place in unreached(&nodes) {
                let (name, line, _) = &source.nodes[place];
                report(*line, name, "No way leads here: remove it, or lead a way to it".to_owned());
            }
            if let Some(place) = uncounted_circle(&nodes) {
                let (name, line, _) = &source.nodes[place];
                let text = "A caller could go round here for ever: put a `do = \"count\"` into the circle";
                report(*line, name, text.to_owned());
            }
            let (name, version) = (source.name.clone(), source.version);
            if flows.insert(name.clone(), Flow { name, version, nodes }).is_some() {
                report(1, "", "Two flows have this name: rename one".to_owned());
            }
        }
        for source in sources {
            for (name, line, node) in &source.nodes {
                if let Node::Call { flow, .. } = node
                    && depth(&flows, flow, DEPTH_MAX).is_none()
                {
                    let text = format!("Flows call each other in a circle or more than {DEPTH_MAX} deep from here");
                    faults.push(Fault { flow: source.name.clone(), line: *line, node: name.clone(), text });
                }
            }
        }
        faults.sort_by(|a, b| (&a.flow, a.line).cmp(&(&b.flow, b.line)));
        if faults.is_empty() { Ok(Flows(flows)) } else { Err(faults) }
    }

    /// The names of all flows, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A flow by name.
    pub fn get(&self, name: &str) -> Option<&Flow> {
        self.0.get(name)
    }
}

/// Faults of a node by itself.
fn node_faults(node: &Node, known: &Known, flows: &BTreeSet<&str>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut need = |set: &BTreeSet<String>, kind: &str, name: &String| {
        if !set.contains(name) {
            faults.push(format!("There is no {kind} \"{name}\": make it, or correct the name"));
        }
    };
    match node {
        Node::Play { prompt, .. } | Node::Menu { prompt: Some(prompt), .. } | Node::Collect { prompt, .. } => {
            need(&known.prompts, "prompt", prompt);
        }
        Node::Queue { queue, .. } | Node::CallBack { queue, .. } => need(&known.queues, "queue", queue),
        Node::Calendar { calendar, .. } => need(&known.calendars, "calendar", calendar),
        Node::Dip { source, .. } => need(&known.sources, "data source", source),
        Node::VoiceMail { mailbox } => need(&known.mailboxes, "mailbox", mailbox),
        Node::Call { flow, .. } if !flows.contains(flow.as_str()) => {
            faults.push(format!("There is no flow \"{flow}\": make it, or correct the name"));
        }
        _ => {}
    }
    let is_key = |key: &char| key.is_ascii_digit() || matches!(key, '*' | '#');
    match node {
        Node::Menu { keys, tries, wait, .. } => {
            if let Some(key) = keys.keys().find(|key| !is_key(key)) {
                faults.push(format!("'{key}' is no key of a telephone: use 0 to 9, * or #"));
            }
            if keys.is_empty() {
                faults.push("The menu offers no key: add one to `keys`".to_owned());
            }
            if *tries == 0 || *wait == 0 {
                faults.push("`tries` and `wait` are at least 1".to_owned());
            }
        }
        Node::Collect { min, max, end, tries, wait, between, .. } => {
            if min > max || *max == 0 || *max > 32 {
                faults.push(format!("`min` {min} to `max` {max} is no length: max is 1 to 32, min at most max"));
            }
            if end.is_some_and(|key| !is_key(&key)) {
                faults.push("`end` is no key of a telephone: use # or *".to_owned());
            }
            if [u64::from(*tries), *wait, *between].contains(&0) {
                faults.push("`tries`, `wait` and `between` are at least 1".to_owned());
            }
        }
        Node::Dip { wait: 0, .. } | Node::Ask { wait: 0, .. } => faults.push("`wait` is at least 1 ms".to_owned()),
        _ => {}
    }
    faults
}

/// Nodes that no way from the first leads to.
fn unreached(nodes: &[Node<usize>]) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    let mut todo = vec![0];
    while let Some(place) = todo.pop() {
        if place < nodes.len() && seen.insert(place) {
            todo.extend(nodes[place].ways().into_iter().map(|(_, &to)| to));
        }
    }
    (0..nodes.len()).filter(|place| !seen.contains(place)).collect()
}

/// A node on a circle without a count. The way on of a count is no part of one: it is taken a limited number of times.
fn uncounted_circle(nodes: &[Node<usize>]) -> Option<usize> {
    let ways = |place: usize| -> Vec<usize> {
        match &nodes[place] {
            Node::Count { over, .. } => vec![*over],
            node => node.ways().into_iter().map(|(_, &to)| to).collect(),
        }
    };
    let mut into = vec![0; nodes.len()];
    (0..nodes.len()).flat_map(ways).for_each(|to| into[to] += 1);
    let mut todo: Vec<_> = (0..nodes.len()).filter(|&place| into[place] == 0).collect();
    while let Some(place) = todo.pop() {
        for to in ways(place) {
            into[to] -= 1;
            if into[to] == 0 {
                todo.push(to);
            }
        }
    }
    (0..nodes.len()).find(|&place| into[place] > 0)
}

/// The depth of nested flows; none beyond `most`.
fn depth(flows: &BTreeMap<String, Flow>, name: &str, most: usize) -> Option<usize> {
    let most = most.checked_sub(1)?;
    let Some(flow) = flows.get(name) else { return Some(1) };
    let mut deepest = 0;
    for node in &flow.nodes {
        if let Node::Call { flow, .. } = node {
            deepest = deepest.max(depth(flows, flow, most)?);
        }
    }
    Some(1 + deepest)
}
