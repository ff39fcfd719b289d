//! The short form of an IVR menu, as a flow: one prompt, a queue for each key, and one for callers who press no key or
//! a wrong one. The menu of flows in general is [`Node::Menu`].
//!
//! Never: walks otherwise than every flow.

use tipring_driver::time::Ticks;

use super::check::FlowSource;
use super::node::Node;

/// A menu of one key.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OneKeyMenu {
    /// Name of the prompt; without one callers are asked for no key and go straight to the default queue.
    pub prompt: Option<String>,
    /// Queues by key.
    pub choices: Vec<(char, String)>,
    /// Queue of callers who press nothing, or nothing that is offered.
    pub default: String,
    /// Wait for a key after the prompt.
    pub key_wait: Ticks,
    /// Plays of the prompt altogether.
    pub tries: u8,
}

impl OneKeyMenu {
    /// Returns the menu as a flow of this name.
    pub fn flow(&self, name: &str) -> FlowSource {
        let to = |queue: &str| format!("queue {queue}");
        let queue = |queue: &String| (to(queue), 1, Node::Queue { queue: queue.clone(), full: BUSY.to_owned() });
        let Some(prompt) = &self.prompt else {
            let nodes = vec![queue(&self.default), (BUSY.to_owned(), 1, Node::Busy)];
            return FlowSource { name: name.to_owned(), version: 1, nodes };
        };
        let menu = Node::Menu {
            prompt: Some(prompt.clone()),
            keys: self.choices.iter().map(|(key, queue)| (*key, to(queue))).collect(),
            wait: self.key_wait.as_ms(),
            tries: self.tries,
            no_key: to(&self.default),
            wrong_key: to(&self.default),
        };
        let mut nodes = vec![("menu".to_owned(), 1, menu)];
        for device in self.choices.iter().map(|(_, queue)| queue).chain([&self.default]) {
            if nodes.iter().all(|(name, ..)| *name != to(device)) {
                nodes.push(queue(device));
            }
        }
        nodes.push((BUSY.to_owned(), 1, Node::Busy));
        FlowSource { name: name.to_owned(), version: 1, nodes }
    }
}

/// The node of callers who cannot stay in their queue.
const BUSY: &str = "busy";
