//! Notices in flows: before each queue the prompt of an event mode, or the notices of now.
//!
//! Never: knows which mode is in force, or which notices hold.

use tipring_core::flow::check::FlowSource;
use tipring_core::flow::node::Node;

/// Has flows play the notice of an event mode before each of their queues.
pub(super) fn play_notice(sources: &mut [FlowSource], notice: &str) {
    put_before_queues(sources, notice, |next| Node::Play { prompt: notice.to_owned(), next });
}

/// Has flows play the notices of now before each of their queues.
pub(super) fn play_notices(sources: &mut [FlowSource]) {
    put_before_queues(sources, "notices", |next| Node::Notices { next, none: None });
}

/// Puts a node before each queue; `what` is for its name.
fn put_before_queues(sources: &mut [FlowSource], what: &str, node: impl Fn(String) -> Node) {
    for source in sources {
        let queues: Vec<(String, u32)> = source
            .nodes
            .iter()
            .filter(|(.., node)| matches!(node, Node::Queue { .. }))
            .map(|(name, line, _)| (name.clone(), *line))
            .collect();
        let before = |name: &str| format!("{what} before {name}");
        for (.., node) in &mut source.nodes {
            let to =
                |to: &String| Some(if queues.iter().any(|(name, _)| name == to) { before(to) } else { to.clone() });
            if let Some(changed) = node.map(to) {
                *node = changed;
            }
        }
        for (name, line) in queues {
            let node = (before(&name), line, node(name.clone()));
            // The first node is the flow's begin.
            let at = source.nodes.iter().position(|(other, ..)| *other == name).unwrap_or(0);
            source.nodes.insert(at, node);
        }
    }
}
