//! Changes of records: a message names the lists that a session has open and has to read anew.
//!
//! The message has no number and is not kept: the newest stands for all before. A client that has lost its socket reads
//! its lists anew with the next one.
//!
//! Never: says what has changed in an order or a notice.

use serde_json::json;

/// Changes of work orders and notices since the last question.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// The work orders.
    pub orders: Vec<OrderChange>,
    /// Any work order may have changed.
    pub all_orders: bool,
    /// Notices have come, begun or ended.
    pub notices: bool,
}

impl Changes {
    /// Returns true if nothing has changed.
    pub(crate) const fn is_empty(&self) -> bool {
        self.orders.is_empty() && !self.all_orders && !self.notices
    }
}

/// A change of a work order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderChange {
    /// The customer's number; empty if not known.
    pub number: String,
    /// The owner.
    pub owner: String,
}

/// A list that a client has open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum List {
    /// Work orders: of a customer's number, or those that are listed without one.
    Orders(Option<String>),
    /// Notices.
    Notices,
}

/// The lists that a client has open, and those of them that have changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Watched {
    orders: Option<Option<String>>,
    notices: bool,
    changed: Changed,
}

/// The lists to be read anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Changed {
    orders: bool,
    notices: bool,
}

impl Watched {
    /// The client opens a list, in place of another of its kind.
    pub(crate) fn open(&mut self, list: List) {
        match list {
            List::Orders(number) => self.orders = Some(number),
            List::Notices => self.notices = true,
        }
    }

    /// Returns true if the client has a list open.
    pub(crate) const fn is_any(&self) -> bool {
        self.orders.is_some() || self.notices
    }

    /// Takes changes over; `concerns` judges those of orders by the number whose list is open. Returns true if there is
    /// a message for the socket.
    pub(crate) fn offer(&mut self, changes: &Changes, concerns: impl Fn(Option<&str>, &OrderChange) -> bool) -> bool {
        let orders = self.orders.as_ref().is_some_and(|number| {
            changes.all_orders || changes.orders.iter().any(|change| concerns(number.as_deref(), change))
        });
        let notices = self.notices && changes.notices;
        self.changed.orders |= orders;
        self.changed.notices |= notices;
        orders || notices
    }

    /// Returns the message that waits for the socket.
    pub(crate) fn poll(&mut self) -> Option<String> {
        let Changed { orders, notices } = core::mem::take(&mut self.changed);
        let lists = [("orders", orders), ("notices", notices)];
        let changed: Vec<_> = lists.into_iter().filter(|(_, changed)| *changed).map(|(list, _)| list).collect();
        (!changed.is_empty()).then(|| json!({ "changed": changed }).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_that_is_open_is_named_once_after_changes_that_concern_it() {
        let change = |number: &str| Changes {
            orders: vec![OrderChange { number: number.into(), owner: "li".into() }],
            ..Changes::default()
        };
        let same = |number: Option<&str>, change: &OrderChange| number == Some(change.number.as_str());
        let mut watched = Watched::default();
        let all = Changes { all_orders: true, notices: true, ..Changes::default() };
        assert!(!watched.offer(&all, same) && !watched.is_any(), "no list is open");
        watched.open(List::Orders(Some("5550001".into())));
        assert!(!watched.offer(&change("5550002"), same));
        assert!(watched.offer(&change("5550001"), same) && watched.offer(&change("5550001"), same));
        assert_eq!((watched.poll(), watched.poll()), (Some(r#"{"changed":["orders"]}"#.into()), None));
        watched.open(List::Orders(Some("5550002".into())));
        assert!(!watched.offer(&change("5550001"), same), "the other customer's list is open now");
        watched.open(List::Notices);
        assert!(watched.offer(&all, same));
        assert_eq!(watched.poll().unwrap(), r#"{"changed":["orders","notices"]}"#);
    }
}
