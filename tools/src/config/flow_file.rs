//! A flow's file: name, version, and a table for each node, the first node first.
//!
//! ```toml
//! version = 3
//!
//! [node.welcome]
//! do = "menu"
//! prompt = "welcome"
//! ```
//!
//! Never: checks what nodes lead to; that is the core's check.

use serde::Deserialize;
use tipring_core::flow::check::FlowSource;
use tipring_core::flow::node::Node;
use toml::de::{DeTable, DeValue};

/// A fault of a flow's file: its line, counted from 1, and a sentence.
pub type Fault = (u32, String);

/// Reads a flow from the text of its file. `name` is its name unless the file gives another.
///
/// # Errors
/// All faults of the file.
pub fn parse(name: &str, text: &str) -> Result<FlowSource, Vec<Fault>> {
    let line = |at: usize| 1 + text.get(..at).map_or(0, |before| before.matches('\n').count()) as u32;
    let root = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        vec![(line(at), error.message().to_owned())]
    })?;
    let mut flow = FlowSource { name: name.to_owned(), version: 1, nodes: Vec::new() };
    let mut faults = Vec::new();
    for (key, value) in root.into_inner() {
        let at = line(key.span().start);
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("name", DeValue::String(name)) => flow.name = name.clone().into_owned(),
            ("version", DeValue::Integer(version)) => match version.as_str().parse() {
                Ok(version) => flow.version = version,
                Err(_) => faults.push((at, "version is a whole number from 0 on".to_owned())),
            },
            ("node", DeValue::Table(_)) => {
                let DeValue::Table(nodes) = value.into_inner() else { continue };
                for (name, node) in nodes {
                    let at = line(name.span().start);
                    match Node::deserialize(toml::de::ValueDeserializer::from(node)) {
                        Ok(node) => flow.nodes.push((name.get_ref().clone().into_owned(), at, node)),
                        Err(error) => faults.push((at, format!("{}: {}", name.get_ref(), error.message()))),
                    }
                }
            }
            (key, _) => faults.push((at, format!("{key} has no place here: name, version and [node.NAME] are wanted"))),
        }
    }
    flow.nodes.sort_by_key(|(_, line, _)| *line);
    if faults.is_empty() { Ok(flow) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_come_in_the_order_of_the_file_each_with_its_line() {
        let text = "version = 3\n\n[node.z]\ndo = \"play\"\nprompt = \"p\"\nnext = \"a\"\n[node.a]\ndo = \"end\"\n";
        let flow = parse("hotline", text).unwrap();
        let nodes: Vec<_> = flow.nodes.iter().map(|(name, line, _)| (name.as_str(), *line)).collect();
        assert_eq!((flow.name.as_str(), flow.version, nodes), ("hotline", 3, vec![("z", 3), ("a", 7)]));
    }

    #[test]
    fn every_fault_of_a_file_has_its_line() {
        let text = "verzion = 3\n[node.a]\ndo = \"plai\"\n[node.b]\ndo = \"play\"\nnext = \"a\"\n";
        let faults = parse("hotline", text).unwrap_err();
        assert!(faults[0].0 == 2 && faults[0].1.contains("plai"), "{faults:?}");
        assert!(faults[1].0 == 4 && faults[1].1.contains("prompt"), "{faults:?}");
        assert!(faults[2].0 == 1 && faults[2].1.contains("verzion"), "{faults:?}");
        assert_eq!(parse("hotline", "version = 1\n[node.a\n").unwrap_err()[0].0, 2);
    }
}
