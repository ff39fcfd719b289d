//! A shift, and the people who were named to lead it.
//!
//! Never: gives one person both places.

use core::fmt;

use crate::csta::AgentId;

/// A shift of one day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shift {
    /// Its begin, ms since 1970.
    pub begin_ms: i64,
    /// Its end, ms since 1970; it is not included.
    pub end_ms: i64,
    /// Its name.
    pub name: String,
}

/// The principal and the deputy of a shift; empty where none is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Leaders {
    /// The principal.
    pub principal: AgentId,
    /// The deputy.
    pub deputy: AgentId,
}

/// A naming, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// The shift.
    pub shift: Shift,
    /// The people who lead it from that moment on.
    pub leaders: Leaders,
    /// The person who named them.
    pub person: String,
    /// The moment, ms since 1970.
    pub named_ms: i64,
}

/// The reason why a naming is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamingRefusal {
    /// Neither is named.
    NoOne,
    /// One person is to be both.
    Both(AgentId),
    /// The shift is over.
    Over(String),
}

impl fmt::Display for NamingRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NamingRefusal::NoOne => write!(f, "a principal or a deputy is to be named"),
            NamingRefusal::Both(agent) => {
                write!(f, "agent {} cannot be principal and deputy of one shift; name two", agent.as_str())
            }
            NamingRefusal::Over(shift) => write!(f, "the shift {shift} is over; who led it stays as it is on record"),
        }
    }
}

impl std::error::Error for NamingRefusal {}

impl Leaders {
    /// These with others in the places that are given.
    ///
    /// # Errors
    /// Neither is given, or one person would have both places.
    pub fn with(self, principal: Option<AgentId>, deputy: Option<AgentId>) -> Result<Leaders, NamingRefusal> {
        if principal.is_none() && deputy.is_none() {
            return Err(NamingRefusal::NoOne);
        }
        let mut leaders =
            Leaders { principal: principal.unwrap_or(self.principal), deputy: deputy.unwrap_or(self.deputy) };
        if leaders.principal == leaders.deputy && !leaders.principal.is_empty() {
            // One who is moved from one place to the other leaves the first.
            match (principal, deputy) {
                (Some(_), None) => leaders.deputy = AgentId::EMPTY,
                (None, Some(_)) => leaders.principal = AgentId::EMPTY,
                _ => return Err(NamingRefusal::Both(leaders.principal)),
            }
        }
        Ok(leaders)
    }
}

impl Shift {
    /// True while it runs.
    pub const fn holds(&self, now_ms: i64) -> bool {
        self.begin_ms <= now_ms && now_ms < self.end_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(id: &str) -> AgentId {
        AgentId::new(id).expect("short")
    }

    #[test]
    fn a_shift_has_one_of_each_and_one_who_is_moved_leaves_the_other_place() {
        let none = Leaders::default();
        assert_eq!(none.with(None, None), Err(NamingRefusal::NoOne));
        assert_eq!(none.with(Some(agent("7001")), Some(agent("7001"))), Err(NamingRefusal::Both(agent("7001"))));
        let both = none.with(Some(agent("7001")), Some(agent("7002"))).unwrap();
        let changed = both.with(None, Some(agent("7003"))).unwrap();
        assert_eq!(changed, Leaders { principal: agent("7001"), deputy: agent("7003") });
        let moved = both.with(Some(agent("7002")), None).unwrap();
        assert_eq!(moved, Leaders { principal: agent("7002"), deputy: AgentId::EMPTY });
    }
}
