//! A flow as a picture has it: what each node does, its argument, and its exits with their labels.
//!
//! Never: gives a node a place on paper.

use super::check::FlowSource;
use super::node::Node;

/// A node of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureNode {
    /// The name.
    pub name: String,
    /// The node's type, as `do` has it in the flow's file.
    pub kind: &'static str,
    /// The node's argument: a prompt, a variable, a queue; empty for a type without one.
    pub about: String,
    /// The exits: a key, a value, or the name of the member, and the name of the next node.
    pub ways: Vec<(String, String)>,
}

/// A node's type and argument.
fn type_and_argument(node: &Node) -> (&'static str, &str) {
    match node {
        Node::Play { prompt, .. } => ("play", prompt),
        Node::Notices { .. } => ("notices", ""),
        Node::Say { value, .. } => ("say", value),
        Node::Menu { prompt, .. } => ("menu", prompt.as_deref().unwrap_or_default()),
        Node::Collect { into, .. } => ("collect", into),
        Node::Branch { value, .. } => ("branch", value),
        Node::Calendar { calendar, .. } => ("calendar", calendar),
        Node::Dip { source, .. } => ("dip", source),
        Node::Set { into, .. } => ("set", into),
        Node::Count { .. } => ("count", ""),
        Node::Call { flow, .. } => ("call", flow),
        Node::Ask { route, .. } => ("ask", route),
        Node::Queue { queue, .. } => ("queue", queue),
        Node::VoiceMail { mailbox } => ("voice_mail", mailbox),
        Node::CallBack { queue, .. } => ("call_back", queue),
        Node::Transfer { to, .. } => ("transfer", to),
        Node::Busy => ("busy", ""),
        Node::End => ("end", ""),
    }
}

/// The labels of a node's choices, in the order in which [`Node::ways`] has them.
fn choices(node: &Node) -> Vec<String> {
    match node {
        Node::Menu { keys, .. } => keys.keys().map(char::to_string).collect(),
        Node::Branch { cases, .. } | Node::Calendar { cases, .. } => cases.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

/// The nodes of a flow, in the order of its file; the first is where it begins.
pub fn picture(flow: &FlowSource) -> Vec<PictureNode> {
    let drawn = |(name, _, node): &(String, u32, Node)| {
        let (kind, about) = type_and_argument(node);
        let mut choices = choices(node).into_iter();
        let label = |member: &str| choices.next().unwrap_or_else(|| member.to_owned());
        let ways = node.ways().into_iter();
        let ways = ways.scan(label, |label, (member, to)| Some((label(member), to.clone()))).collect();
        PictureNode { name: name.clone(), kind, about: about.to_owned(), ways }
    };
    flow.nodes.iter().map(drawn).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::one_key_menu::OneKeyMenu;
    use tipring_driver::time::Ticks;

    #[test]
    fn a_menu_has_its_keys_on_its_ways_and_then_the_others_by_name() {
        let menu = OneKeyMenu {
            prompt: Some("greeting".into()),
            choices: [('1', "5000".to_owned()), ('9', "5001".to_owned())].into(),
            default: "5000".into(),
            key_wait: Ticks::from_secs(5),
            tries: 2,
        };
        let nodes = picture(&menu.flow("menu"));
        let first = nodes.iter().find(|node| node.kind == "menu").expect("a menu");
        assert_eq!(first.about, "greeting");
        let labels: Vec<&str> = first.ways.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(labels, ["1", "9", "no_key", "wrong_key"]);
        let names: Vec<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
        assert!(nodes.iter().flat_map(|node| &node.ways).all(|(_, to)| names.contains(&to.as_str())), "{nodes:?}");
        assert!(nodes.iter().any(|node| (node.kind, node.about.as_str()) == ("queue", "5001")), "{nodes:?}");
    }
}
