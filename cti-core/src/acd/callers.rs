//! Callers known by their number: their head start (VIP lane, 绿色通道), the owner of their account, the agent they talked
//! to last.
//!
//! Never: decides; what is known goes into the [`Entry`](super::floor::Entry) of a contact.

use std::collections::{BTreeMap, VecDeque};

use tipring_driver::time::{Tick, Ticks};

use super::ids::AgentIx;
use crate::csta::DeviceId;
use crate::number_plan::NumberPlan;

/// Callers whose last agent is remembered. The one remembered longest is forgotten first.
pub const LAST_AGENTS_MAX: usize = 10_000;

/// The callers of a rule.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum CallerSet {
    /// Callers of a number, or of all that begin so: its first digits and `*`; in any spelling.
    Number(String),
    /// Callers that the file of customers has as VIP.
    Vip,
}

/// A rule for callers.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CallerRule {
    /// The callers.
    pub callers: CallerSet,
    /// Head start over callers without.
    pub credit: Ticks,
    /// The owner of their account.
    pub owner: Option<AgentIx>,
}

impl CallerRule {
    /// The rank among rules that cover a caller, the lowest first: a whole number comes before the file of customers,
    /// and that before the first digits of numbers, those with the fewest free digits before the others. None if it
    /// does not cover the caller.
    fn rank(&self, number: &str, is_vip: bool, plan: &NumberPlan) -> Option<(u8, usize)> {
        match &self.callers {
            CallerSet::Vip => is_vip.then_some((1, 0)),
            CallerSet::Number(_) if number.is_empty() => None,
            CallerSet::Number(own) => {
                let place = if own.ends_with('*') { 2 } else { 0 };
                plan.free_digits(own, number).map(|free| (place, free))
            }
        }
    }
}

/// All that is known of callers.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Callers {
    rules: Vec<CallerRule>,
    plan: NumberPlan,
    last: BTreeMap<DeviceId, (AgentIx, Tick)>,
    /// Numbers in the order in which they were remembered first.
    order: VecDeque<DeviceId>,
}

impl Callers {
    /// The rules of a site; of those that cover a caller the closest counts.
    pub fn new(rules: Vec<CallerRule>, plan: NumberPlan) -> Callers {
        Callers { rules, plan, ..Callers::default() }
    }

    /// Replaces the rules; last agents stay known.
    pub fn set_rules(&mut self, rules: Vec<CallerRule>) {
        self.rules = rules;
    }

    /// Has numbers be compared by another plan.
    pub fn set_plan(&mut self, plan: NumberPlan) {
        self.plan = plan;
    }

    /// The rule for a caller; none for an unknown one.
    pub fn rule(&self, number: &DeviceId, is_vip: bool) -> Option<&CallerRule> {
        let ranked = self.rules.iter().filter_map(|rule| Some((rule.rank(number.as_str(), is_vip, &self.plan)?, rule)));
        ranked.min_by_key(|(rank, _)| *rank).map(|(_, rule)| rule)
    }

    /// Remembers the agent who answered a caller.
    pub fn answered(&mut self, number: DeviceId, agent: AgentIx, now: Tick) {
        if number.is_empty() {
            return;
        }
        if self.last.insert(number, (agent, now)).is_none() {
            self.order.push_back(number);
        }
        if self.order.len() > LAST_AGENTS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.last.remove(&oldest);
        }
    }

    /// The agent who answered a number last, unless that is longer ago than `within`.
    pub fn last_agent(&self, number: &DeviceId, now: Tick, within: Ticks) -> Option<AgentIx> {
        self.last.get(number).filter(|(_, at)| now.since(*at) <= within).map(|&(agent, _)| agent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> DeviceId {
        DeviceId::new(text).expect("short")
    }

    #[test]
    fn the_longest_rule_that_covers_a_number_counts_and_a_withheld_number_has_none() {
        let rule = |number: &str, seconds| CallerRule {
            callers: CallerSet::Number(number.into()),
            credit: Ticks::from_secs(seconds),
            owner: None,
        };
        let callers = Callers::new(
            vec![rule("138*", 1), rule("13800138000", 3), rule("13800*", 2), rule("*", 0)],
            NumberPlan::default(),
        );
        let credit = |text| callers.rule(&number(text), false).map(|rule| rule.credit.as_ms() / 1000);
        assert_eq!(credit("13800138000"), Some(3));
        assert_eq!(credit("13800138001"), Some(2));
        assert_eq!(credit("13811"), Some(1));
        assert_eq!(credit("5551234"), Some(0));
        assert_eq!(credit(""), None);
    }

    #[test]
    fn a_vip_of_the_file_comes_after_the_rule_of_the_own_number_and_before_that_of_first_digits() {
        let rule = |callers, seconds| CallerRule { callers, credit: Ticks::from_secs(seconds), owner: None };
        let of = |number: &str| CallerSet::Number(number.into());
        let callers = Callers::new(
            vec![rule(of("138*"), 1), rule(CallerSet::Vip, 2), rule(of("13800138000"), 3)],
            NumberPlan::default(),
        );
        let credit = |text, vip| callers.rule(&number(text), vip).map(|rule| rule.credit.as_ms() / 1000);
        assert_eq!((credit("13800138000", true), credit("13800138000", false)), (Some(3), Some(3)));
        assert_eq!((credit("13811", true), credit("13811", false)), (Some(2), Some(1)));
        assert_eq!((credit("5551234", true), credit("5551234", false)), (Some(2), None));
    }

    #[test]
    fn a_rule_covers_its_number_in_every_spelling() {
        let rule = |number: &str, seconds| CallerRule {
            callers: CallerSet::Number(number.into()),
            credit: Ticks::from_secs(seconds),
            owner: None,
        };
        let plan = NumberPlan::new("CN", "571").expect("a plan");
        let callers = Callers::new(vec![rule("+86 138 0013 8000", 3), rule("0571*", 2), rule("+86138*", 1)], plan);
        let credit = |text| callers.rule(&number(text), false).map(|rule| rule.credit.as_ms() / 1000);
        for spelling in ["13800138000", "013800138000", "008613800138000"] {
            assert_eq!(credit(spelling), Some(3), "{spelling}");
        }
        assert_eq!((credit("013811112222"), credit("87654321"), credit("01065529988")), (Some(1), Some(2), None));
    }

    #[test]
    fn the_last_agent_is_remembered_for_a_time_and_the_oldest_caller_is_forgotten_first() {
        let mut callers = Callers::default();
        let hour = Ticks::from_secs(3600);
        callers.answered(number("1"), AgentIx(4), Tick::ZERO);
        assert_eq!(callers.last_agent(&number("1"), Tick(3_600_000), hour), Some(AgentIx(4)));
        assert_eq!(callers.last_agent(&number("1"), Tick(3_600_001), hour), None);
        for n in 0..LAST_AGENTS_MAX {
            callers.answered(number(&format!("7{n}")), AgentIx(1), Tick::ZERO);
        }
        assert_eq!(callers.last_agent(&number("1"), Tick::ZERO, hour), None);
        assert_eq!(callers.last_agent(&number("79999"), Tick::ZERO, hour), Some(AgentIx(1)));
    }
}
