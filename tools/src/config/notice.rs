//! The notice of an event mode in flows: a prompt before each queue.
//!
//! Never: knows which mode is in force.

use tipring_core::flow::check::FlowSource;
use tipring_core::flow::node::Node;

/// Has flows play a notice before each of their queues.
pub(super) fn play_notice(sources: &mut [FlowSource], notice: &str) {
    for source in sources {
        let queues: Vec<(String, u32)> = source
            .nodes
            .iter()
            .filter(|(.., node)| matches!(node, Node::Queue { .. }))
            .map(|(name, line, _)| (name.clone(), *line))
            .collect();
        let before = |name: &str| format!("{notice} before {name}");
        for (.., node) in &mut source.nodes {
            let to =
                |to: &String| Some(if queues.iter().any(|(name, _)| name == to) { before(to) } else { to.clone() });
            if let Some(changed) = node.map(to) {
                *node = changed;
            }
        }
        for (name, line) in queues {
            let node = (before(&name), line, Node::Play { prompt: notice.to_owned(), next: name.clone() });
            // The first node is the flow's begin.
            let at = source.nodes.iter().position(|(other, ..)| *other == name).unwrap_or(0);
            source.nodes.insert(at, node);
        }
    }
}
