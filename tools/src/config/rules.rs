//! The rules of queues, agents and callers in the core's terms: numbers instead of names, and the faults found on the
//! way.
//!
//! Never: decides; a rule is carried out by the core.

use tipring_core::acd::ids::{QueueIx, SKILLS_MAX, SkillIx, Skills};
use tipring_core::acd::rule::OVERFLOW_MAX;
use tipring_core::acd::rule::{Condition, Gate, Overflow, QueueRules, Strategy, Target, Widening};
use tipring_core::agent::ring_count::RingCadence;
use tipring_core::config as core;
use tipring_core::csta::DeviceId;
use tipring_core::limits::AGENT_QUEUES_MAX;
use tipring_core::number_plan::NumberPlan;

use super::agent::{AgentConfig, CallerConfig};
use super::fault::instead;
use super::flows::MENU;
use super::queue::{ANSWER_WITHIN_S, AnnounceConfig, CallBackConfig, QueueConfig, SkillLevels, StrategyName, seconds};
use super::{Agent, Device, SiteConfig};

/// The names that rules refer to.
pub struct Names<'a> {
    site: &'a SiteConfig,
    skills: Vec<&'a str>,
}

impl<'a> Names<'a> {
    /// The names of a site. A skill is known by an agent who has it.
    pub fn new(site: &'a SiteConfig) -> Names<'a> {
        let mut skills: Vec<&str> = site.agents.iter().flat_map(|agent| agent.skills.keys()).map(|it| &**it).collect();
        skills.sort_unstable();
        skills.dedup();
        Names { site, skills }
    }

    fn skill(&self, name: &str) -> Result<SkillIx, String> {
        let at = self.skills.binary_search(&name).map_err(|_| {
            let known = instead(name, self.skills.iter().copied());
            format!("no agent has the skill {name:?}; give it to an agent, or name one: {known}")
        })?;
        Ok(SkillIx(at as u16))
    }

    /// Skills with levels.
    ///
    /// # Errors
    /// A skill that no agent has, or too many.
    pub fn skills(&self, levels: &SkillLevels) -> Result<Skills, String> {
        let pairs = levels.iter().map(|(name, &level)| Ok((self.skill(name)?, level)));
        let pairs = pairs.collect::<Result<Vec<_>, String>>()?;
        Skills::new(&pairs).map_err(|_| format!("there are more than {SKILLS_MAX} skills; leave some out"))
    }

    fn target(&self, to: &str) -> Result<Target, String> {
        if to == "busy" {
            return Ok(Target::Busy(None));
        }
        if to == "call-back" {
            return Ok(Target::CallBack);
        }
        let is = |device: &Device| device.0.as_str() == to;
        if let Some(at) = self.site.queues.iter().position(|queue| is(&queue.device)) {
            return Ok(Target::Queue(QueueIx(at as u16)));
        }
        if self.site.stations.iter().any(|station| is(&station.extension)) {
            return Ok(Target::To(core::Destination::Station(DeviceId::new(to).unwrap_or_default())));
        }
        let flows = self.site.ivr.flows.iter().filter_map(|path| path.file_stem()?.to_str());
        let flows: Vec<_> = flows.chain(self.site.ivr.default.map(|_| MENU)).collect();
        match (flows.contains(&to), DeviceId::new(to)) {
            (true, Ok(flow)) => Ok(Target::To(core::Destination::Flow(flow))),
            _ => {
                let queues = self.site.queues.iter().map(|queue| queue.device.0.as_str());
                let stations = self.site.stations.iter().map(|station| station.extension.0.as_str());
                let known = instead(to, queues.chain(stations).chain(flows.iter().copied()));
                Err(format!(
                    "there is no queue, station or flow {to:?}; write the number or name of one, \"busy\" or \"call-back\": {known}"
                ))
            }
        }
    }

    /// The faults of a queue's rules: the key they are at and a sentence.
    pub fn faults(&self, queue: &QueueConfig) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        let mut check = |key, result: Result<(), String>| found.extend(result.err().map(|why| (key, why)));
        check("skills", self.skills(&queue.skills).map(drop));
        check("strategy", self.strategy(queue).map(drop));
        check("owner", self.check_owner(queue.owner));
        for gate in &queue.gate {
            let timed = gate.after_s.is_some() || gate.every_s.is_some();
            check("gate", gate.condition().map(drop));
            check("gate", self.target(&gate.to).map(drop));
            check("gate", if timed { Err("is judged at entry: leave after_s and every_s out".into()) } else { Ok(()) });
            let itself = gate.to == queue.device.0.as_str();
            check("gate", if itself { Err("leads to its own queue; name another".into()) } else { Ok(()) });
        }
        for rule in &queue.overflow {
            let is_late = rule.after_s.is_none() && matches!(rule.condition(), Ok(Condition::Always));
            check("overflow", rule.condition().map(drop));
            check("overflow", self.target(&rule.to).map(drop));
            check("overflow", if is_late { Err("has no condition; add after_s, for a start".into()) } else { Ok(()) });
            let itself = rule.to == queue.device.0.as_str();
            check("overflow", if itself { Err("leads to its own queue; name another".into()) } else { Ok(()) });
        }
        if queue.overflow.len() > OVERFLOW_MAX {
            check("overflow", Err(format!("has more than {OVERFLOW_MAX} rules; leave some out")));
        }
        let steps = queue.widening.windows(2);
        if { steps }.any(|pair| pair[0].after_s >= pair[1].after_s || pair[0].lower >= pair[1].lower) {
            check("widening", Err("is to rise from step to step, in after_s and in lower".into()));
        }
        let offers = { queue.gate.iter().chain(&queue.overflow) }.any(|rule| rule.to == "call-back");
        let prompt = queue.call_back.as_ref().and_then(|it| it.prompt.as_ref());
        if offers && prompt.is_none() {
            check(
                "call_back",
                Err("is offered by a rule: add call_back = { prompt = \"NAME\" }, which says so".into()),
            );
        }
        if queue.call_back.is_some() && !self.site.has_calls_out() {
            check("call_back", Err("needs calls out: give [dialling] a outside_line_prefix".into()));
        }
        check("call_back", queue.call_back.as_ref().map_or(Ok(()), CallBackConfig::check));
        if let Some(flow) = queue.call_back.as_ref().and_then(|it| it.flow.as_ref()) {
            let leads = match self.target(flow) {
                Ok(Target::To(core::Destination::Flow(_))) => Ok(()),
                _ => Err(format!("there is no flow {flow:?}; write the name of one that [ivr] names")),
            };
            check("call_back", leads);
        }
        check("announce", queue.announce.as_ref().map_or(Ok(()), AnnounceConfig::check));
        if queue.answer_within_s.is_some_and(|wait| !ANSWER_WITHIN_S.contains(&wait)) {
            check("answer_within_s", Err(format!("is {} to {}", ANSWER_WITHIN_S.start(), ANSWER_WITHIN_S.end())));
        }
        if queue.alert_rings == Some(0) {
            check("alert_rings", Err("is 1 to 255 rings".into()));
        }
        found
    }

    fn check_owner(&self, owner: Option<Agent>) -> Result<(), String> {
        match owner.filter(|owner| self.site.agents.iter().all(|agent| agent.id != *owner)) {
            Some(owner) => {
                let known = instead(owner.0.as_str(), self.site.agents.iter().map(|agent| agent.id.0.as_str()));
                Err(format!("there is no agent {}; write the id of an [[agent]]: {known}", owner.0))
            }
            None => Ok(()),
        }
    }

    /// The faults of a rule for callers: the key they are at and a sentence.
    pub fn caller_faults(&self, caller: &CallerConfig) -> Vec<(&'static str, String)> {
        let mut found: Vec<_> = self.check_owner(caller.owner).err().map(|why| ("owner", why)).into_iter().collect();
        let is_number = |number: &&String| {
            let digits = number.strip_suffix('*').unwrap_or(number);
            *number == "*" || NumberPlan::default().normal(digits).is_some()
        };
        if let Some(number) = caller.numbers.iter().find(|number| !is_number(number)) {
            found.push((
                "numbers",
                format!("{number:?} is no number; write it as people do, and * at the end for all that begin so"),
            ));
        }
        if caller.numbers.is_empty() && !caller.vip {
            let text = "there is none; write those of the callers, \"*\" for all, or vip = true for VIP customers";
            found.push(("numbers", text.into()));
        }
        found
    }

    /// The faults of an agent: the key they are at and a sentence.
    pub fn agent_faults(&self, agent: &AgentConfig) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        if agent.queues.len() > AGENT_QUEUES_MAX {
            found.push(("queues", format!("are more than {AGENT_QUEUES_MAX}; leave some out")));
        }
        found.extend(self.skills(&agent.skills).err().map(|why| ("skills", why)));
        if let Some((name, _)) = agent.skills.iter().find(|(_, level)| **level == 0) {
            found.push(("skills", format!("{name} has level 0; levels are 1 to 255, leave it out for none")));
        }
        found
    }

    fn strategy(&self, queue: &QueueConfig) -> Result<Strategy, String> {
        Ok(match (queue.strategy, &queue.by_skill) {
            (StrategyName::SkillLevel, Some(skill)) => Strategy::SkillLevel(self.skill(skill)?),
            (StrategyName::SkillLevel, None) => {
                return Err("\"skill-level\" needs by_skill, the name of a skill".into());
            }
            (_, Some(_)) => return Err("by_skill belongs to strategy = \"skill-level\"; leave it out".into()),
            (StrategyName::LongestIdle, _) => Strategy::LongestIdle,
            (StrategyName::RoundRobin, _) => Strategy::RoundRobin,
            (StrategyName::FewestCalls, _) => Strategy::FewestCalls,
            (StrategyName::LeastTalk, _) => Strategy::LeastTalk,
            (StrategyName::RingAll, _) => Strategy::RingAll,
            (StrategyName::FixedOrder, _) => Strategy::FixedOrder,
            // The lots of a queue are its own: its number is their seed.
            (StrategyName::Weighted, _) => Strategy::Weighted { seed: queue.device.0.as_str().bytes().fold(1, mix) },
        })
    }

    /// The core's rules of a queue, with its rings in the cadence of the site's telephones.
    ///
    /// # Errors
    /// A name of something that there is not.
    pub fn rules(&self, queue: &QueueConfig, cadence: RingCadence) -> Result<QueueRules, String> {
        let gate = queue.gate.iter().map(|gate| Ok(Gate { when: gate.condition()?, to: self.target(&gate.to)? }));
        let overflow = queue.overflow.iter().map(|rule| {
            Ok(Overflow {
                after: seconds(rule.after_s.unwrap_or(0)),
                every: Some(seconds(rule.every_s.unwrap_or(5))),
                when: rule.condition()?,
                to: self.target(&rule.to)?,
            })
        });
        let widening = queue.widening.iter().map(|step| Widening { after: seconds(step.after_s), lower: step.lower });
        Ok(QueueRules {
            strategy: self.strategy(queue)?,
            credit: seconds(queue.importance_s),
            lease: queue.alert_rings.map_or(seconds(queue.alert_s), |rings| cadence.length(rings)),
            retry: seconds(queue.retry_s),
            needs: self.skills(&queue.skills)?,
            widening: widening.collect(),
            gate: gate.collect::<Result<_, String>>()?,
            overflow: overflow.collect::<Result<_, String>>()?,
            announce: queue.announce.as_ref().map(AnnounceConfig::rule),
            call_back: queue.call_back.as_ref().map(CallBackConfig::rule),
            handling: seconds(queue.handling_s),
        })
    }
}

fn mix(seed: u64, byte: u8) -> u64 {
    seed.wrapping_mul(31).wrapping_add(u64::from(byte))
}

#[cfg(test)]
mod tests {
    use tipring_core::acd::callers::CallerSet;

    use super::super::TEMPLATE;
    use super::*;
    use tipring_core::acd::rule::Announce;

    const CADENCE: RingCadence = tipring_core::agent::ring_count::CHINA;

    fn with(queue: &str) -> String {
        TEMPLATE.replacen("after_call_work_s = 5", &format!("after_call_work_s = 5\n{queue}"), 1).replacen(
            "name = \"Agent One\"",
            "name = \"Agent One\"\nskills = { cantonese = 5, billing = 2 }",
            1,
        )
    }

    fn rules(queue: &str) -> QueueRules {
        let site = SiteConfig::parse(&with(queue)).expect("a site that can be");
        Names::new(&site).rules(&site.queues[0], CADENCE).expect("rules")
    }

    #[test]
    fn the_rules_of_the_file_are_those_of_the_core() {
        let rules = rules(
            "strategy = \"skill-level\"\nby_skill = \"cantonese\"\nskills = { cantonese = 3 }\nimportance_s = 120\n\
             alert_rings = 3\nretry_s = 45\nwidening = [{ after_s = 30, lower = 1 }, { after_s = 60, lower = 3 }]\n\
             gate = [{ staff = \"no-agents\", to = \"busy\" }, { expected_wait_s = 600, to = \"menu\" }]\n\
             overflow = [{ after_s = 90, every_s = 10, depth = 4, to = \"1001\" }]\n\
             announce = { first_s = 15, position = true, prompt = \"thanks\" }",
        );
        let cantonese = SkillIx(1);
        assert_eq!(rules.strategy, Strategy::SkillLevel(cantonese));
        assert_eq!(rules.needs, Skills::new(&[(cantonese, 3)]).expect("one skill"));
        assert_eq!([rules.credit, rules.lease, rules.retry].map(|it| it.as_ms()), [120_000, 15_000, 45_000]);
        assert_eq!(rules.wait_for_gap(2), Some(seconds(60)));
        let menu = Target::To(core::Destination::Flow(DeviceId::new(MENU).expect("short")));
        let wanted = [(Condition::NoAgents, Target::Busy(None)), (Condition::ExpectedWait(seconds(600)), menu)];
        assert_eq!({ rules.gate }.into_iter().map(|it| (it.when, it.to)).collect::<Vec<_>>(), wanted);
        let rule = rules.overflow[0];
        assert_eq!((rule.after, rule.every, rule.when), (seconds(90), Some(seconds(10)), Condition::Depth(4)));
        assert!(matches!(rule.to, Target::To(core::Destination::Station(_))));
        let prompt = Some("thanks".to_owned());
        let wanted = Announce { first: seconds(15), every: seconds(60), position: true, expected: false, prompt };
        assert_eq!(rules.announce, Some(wanted));
    }

    #[test]
    fn every_strategy_has_its_name_in_the_file() {
        for (name, strategy) in [
            ("longest-idle", Strategy::LongestIdle),
            ("round-robin", Strategy::RoundRobin),
            ("fewest-calls", Strategy::FewestCalls),
            ("least-talk", Strategy::LeastTalk),
            ("ring-all", Strategy::RingAll),
            ("fixed-order", Strategy::FixedOrder),
        ] {
            assert_eq!(rules(&format!("strategy = \"{name}\"")).strategy, strategy);
        }
        assert!(matches!(rules("strategy = \"weighted\"").strategy, Strategy::Weighted { .. }));
    }

    #[test]
    fn every_fault_of_the_rules_is_found_at_once_with_its_line_and_a_remedy() {
        let text = with(
            "skills = { english = 1 }\nstrategy = \"skill-level\"\n\
             gate = [{ depth = 3, ratio = 200, to = \"busy\" }, { depth = 3, to = \"5000\" }]\n\
             overflow = [{ to = \"5009\" }]\nwidening = [{ after_s = 60, lower = 1 }, { after_s = 30, lower = 2 }]\n\
             alert_rings = 0\nannounce = { every_s = 60 }\ncall_back = { tries = 0 }",
        )
        .replacen("billing = 2", "billing = 0", 1);
        let why = SiteConfig::parse(&text).expect_err("eight faults and more").to_string();
        let line = |needle: &str| 1 + text.lines().position(|line| line.starts_with(needle)).expect("a line");
        for (key, fault) in [
            (
                "skills = { english",
                "no agent has the skill \"english\"; give it to an agent, or name one: there are bill",
            ),
            ("strategy =", "\"skill-level\" needs by_skill"),
            ("gate =", "has more than one condition; write a rule for each"),
            ("gate =", "leads to its own queue"),
            ("overflow =", "there is no queue, station or flow \"5009\"; write the number or name"),
            ("overflow =", "has no condition; add after_s"),
            ("widening =", "is to rise from step to step"),
            ("alert_rings =", "is 1 to 255 rings"),
            ("announce =", "says nothing; add position"),
            ("call_back =", "tries is 1 to 255"),
            ("skills = { cantonese", "billing has level 0"),
        ] {
            let at = format!("line {}: ", line(key));
            assert!(why.lines().any(|it| it.trim().starts_with(&at) && it.contains(fault)), "{key} {fault}:\n{why}");
        }
    }

    #[test]
    fn callers_are_known_by_their_numbers_and_each_fault_of_that_has_its_line() {
        let callers =
            "[[caller]]\nnumbers = [\"1380013*\", \"5551234\"]\nahead_s = 600\nowner = \"7002\"\nvip = true\n\n[sound]";
        let site = SiteConfig::parse(&TEMPLATE.replacen("[sound]", callers, 1)).expect("a site that can be");
        let rules: Vec<_> = site.callers[0].rules().map(|it| (it.callers, it.credit, it.owner)).collect();
        let owner = Some(site.agents[1].id.0);
        let numbers = ["1380013*", "5551234"].map(|number| CallerSet::Number(number.to_owned()));
        let sets: Vec<_> = numbers.into_iter().chain([CallerSet::Vip]).map(|set| (set, seconds(600), owner)).collect();
        assert_eq!(rules, sets);
        let wrong = callers.replace("5551234", "555-123x").replace("7002", "7009");
        let why = SiteConfig::parse(&TEMPLATE.replacen("[sound]", &wrong, 1)).expect_err("two faults").to_string();
        assert!(why.contains("\"555-123x\" is no number; write it as people do"), "{why}");
        assert!(why.contains("there is no agent 7009; write the id of an [[agent]]"), "{why}");
    }

    #[test]
    fn an_agents_part_is_a_number_or_a_table() {
        let parts = "queues = [{ queue = \"5000\", reserve_s = 60, position = 2, weight = 3 }]";
        let text = TEMPLATE.replacen(
            "name = \"Agent One\"\nqueues = [\"5000\"]",
            &format!("name = \"Agent One\"\n{parts}"),
            1,
        );
        let site = SiteConfig::parse(&text).expect("a site that can be");
        let of = |agent: usize| site.agents[agent].queues[0].membership();
        assert_eq!((of(0).reserve, of(0).position, of(0).weight), (seconds(60), 2, 3));
        assert_eq!(of(1), core::MembershipConfig::equal(of(0).queue));
    }
}
