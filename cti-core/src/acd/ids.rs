//! The small numbers of distribution: agents, queues, skills, offers, contacts, reasons.
//!
//! Never: holds anything but numbers and the limits of how many there are.

use core::cmp::Ordering;

use arrayvec::ArrayVec;

use crate::by_key::Key;
use crate::csta::CallId;
pub use crate::device::index::{QueueIx, StationIx};

/// Telephones that one offer rings at most. Beyond this a ring-all queue rings the first sixteen by idle time.
pub const RING_MAX: usize = 16;

/// Skills of one agent, and skills one call may need. More are an error of the configuration.
pub const SKILLS_MAX: usize = 16;

/// Agents whose missed offer a waiting contact remembers. The oldest is forgotten first.
pub const MISSED_MAX: usize = 8;

/// An agent, by place in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct AgentIx(pub u16);

/// A skill, by place in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct SkillIx(pub u16);

/// An offer; counted from 1 and never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct OfferId(pub u64);

/// A request to be called back; counted from 1 and never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct CallBackId(pub u64);

/// The reason code of *not ready*; 0 where none was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct Reason(pub u8);

/// A place in line for an agent: held by a call that waits, or by a caller who has hung up and is to be called back.
/// Calls come first, then call-backs, each by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Contact {
    /// A call in the queue.
    Call(CallId),
    /// A call-back (virtual hold): it keeps the place its caller had earned.
    CallBack(CallBackId),
}

impl Contact {
    /// Returns true if announcements reach it: a caller to be called back has hung up.
    pub const fn listens(self) -> bool {
        matches!(self, Contact::Call(_))
    }

    /// Kind and number, for the order: compared without a branch for each kind, and a call's number is positive.
    const fn rank(self) -> (bool, u64) {
        match self {
            Contact::Call(call) => (false, call.0.unsigned_abs() as u64),
            Contact::CallBack(request) => (true, request.0),
        }
    }
}

impl Key for Contact {
    fn number(self) -> u64 {
        let (is_call_back, number) = self.rank();
        number | u64::from(is_call_back) << (u64::BITS - 1)
    }
}

impl Key for OfferId {
    fn number(self) -> u64 {
        self.0
    }
}

impl Ord for Contact {
    fn cmp(&self, other: &Contact) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for Contact {
    fn partial_cmp(&self, other: &Contact) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Agents of one offer.
pub type Ringing = ArrayVec<AgentIx, RING_MAX>;

/// Skills with levels: those an agent has, or those a call needs. Sorted by skill, each once, no level 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize)]
pub struct Skills(ArrayVec<(SkillIx, u8), SKILLS_MAX>);

/// More than [`SKILLS_MAX`] skills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManySkills;

impl Skills {
    /// No skill.
    pub const NONE: Skills = Skills(ArrayVec::new_const());

    /// Skills from pairs of skill and level (1 lowest, 255 highest); of a skill named twice the higher level counts.
    ///
    /// # Errors
    /// [`TooManySkills`] if more than [`SKILLS_MAX`] have a level.
    pub fn new(pairs: &[(SkillIx, u8)]) -> Result<Skills, TooManySkills> {
        let mut skills = Skills::NONE;
        for &(skill, level) in pairs {
            skills.raise(skill, level)?;
        }
        Ok(skills)
    }

    /// The union, each skill at the higher of both levels.
    ///
    /// # Errors
    /// [`TooManySkills`] if both together have more than [`SKILLS_MAX`].
    pub fn with(&self, other: &Skills) -> Result<Skills, TooManySkills> {
        let mut skills = self.clone();
        for &(skill, level) in &other.0 {
            skills.raise(skill, level)?;
        }
        Ok(skills)
    }

    fn raise(&mut self, skill: SkillIx, level: u8) -> Result<(), TooManySkills> {
        match self.0.binary_search_by_key(&skill, |&(each, _)| each) {
            Ok(at) => self.0[at].1 = self.0[at].1.max(level),
            Err(_) if level == 0 => {}
            Err(at) => self.0.try_insert(at, (skill, level)).map_err(|_| TooManySkills)?,
        }
        Ok(())
    }

    /// The level of a skill; 0 if absent.
    pub fn level(&self, skill: SkillIx) -> u8 {
        self.0.binary_search_by_key(&skill, |&(each, _)| each).map_or(0, |at| self.0[at].1)
    }

    /// The widest gap between `needs` and these skills, with the levels needed and had; none if all needs are met.
    pub fn gap(&self, needs: &Skills) -> Option<(u8, u8)> {
        needs
            .0
            .iter()
            .map(|&(skill, needs)| (needs, self.level(skill)))
            .filter(|(needs, has)| needs > has)
            .max_by_key(|(needs, has)| needs - has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_gap_decides_and_a_missing_skill_counts_as_level_0() {
        let [language, billing] = [SkillIx(0), SkillIx(7)];
        let needs = Skills::new(&[(billing, 3), (language, 5)]).expect("two skills");
        let agent = Skills::new(&[(language, 4)]).expect("one skill");
        assert_eq!(agent.gap(&needs), Some((3, 0)));
        let agent = Skills::new(&[(language, 4), (billing, 9)]).expect("two skills");
        assert_eq!(agent.gap(&needs), Some((5, 4)));
        assert_eq!(agent.gap(&Skills::NONE), None);
    }

    #[test]
    fn one_skill_more_than_there_is_room_for_is_refused() {
        let many: Vec<_> = (0..=SKILLS_MAX as u16).map(|skill| (SkillIx(skill), 1)).collect();
        assert_eq!(Skills::new(&many), Err(TooManySkills));
        assert!(Skills::new(&many[1..]).is_ok());
    }
}
