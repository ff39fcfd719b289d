//! A core from its configuration: every reference of the configuration is resolved, or refused.
//!
//! Never: leaves a rule that leads to no device.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use tipring_driver::time::{Tick, Ticks};

use super::{Core, users};
use crate::acd;
use crate::acd::call_back_requests::Requests;
use crate::acd::callers::{CallerRule, Callers};
use crate::acd::floor::Floor;
use crate::acd::ids::AgentIx;
use crate::acd::rule::{OVERFLOW_MAX, QueueRules};
use crate::action::Counters;
use crate::agent::{AgentRules, Reasons, Roster};
use crate::by_key::ByCall;
use crate::channel::{ChannelTable, ChannelView};
use crate::config::{CallerConfig, Config, ConfigError, QueueConfig, QueueSound};
use crate::csta::AgentId;
use crate::device::{Devices, Features};
use crate::flow::book::FlowBooks;
use crate::model::{Bounds, Model};
use crate::monitor::Monitors;
use crate::pending::{PromptedServices, Supervisions};
use crate::route::dial_plan::DialPlan;
use crate::route::dialogue::Routing;
use crate::route::outside_number::OutsidePlan;
use crate::route::target::Target;
use crate::route::trunk_group::TrunkGroups;
use crate::sorted::Sorted;
use crate::sound::Sound;
use crate::store::StoreId;
use crate::timers::Timers;

/// The settings of a queue that are not rules of distribution.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct QueueSettings {
    pub(crate) after_call_work: Ticks,
    pub(crate) sound: QueueSound,
    pub(crate) longest_wait: Ticks,
    pub(crate) owner: Option<AgentIx>,
    pub(crate) hold: Ticks,
    pub(crate) last_agent: Ticks,
    pub(crate) announces_agent: bool,
}

impl QueueSettings {
    /// The settings of a queue; calls wait for the usual time if it gives none.
    pub(crate) fn new(queue: &QueueConfig, owner: Option<AgentIx>, usual: Ticks) -> QueueSettings {
        QueueSettings {
            after_call_work: queue.after_call_work,
            sound: queue.sound.clone(),
            owner,
            hold: queue.personal.hold,
            last_agent: queue.personal.last_agent,
            announces_agent: queue.announces_agent,
            longest_wait: queue.longest_wait.unwrap_or(usual),
        }
    }
}

/// The rules of all queues, known to lead somewhere.
fn queue_rules(queues: &[QueueConfig], devices: &Devices, flows: &[String]) -> Result<Vec<QueueRules>, ConfigError> {
    let check = |queue: &QueueConfig| {
        if let Some(flow) = queue.rules.call_back.as_ref().and_then(|rule| rule.flow) {
            Target::resolve(flow, devices, flows)?;
        }
        let exits = queue.rules.gate.iter().map(|gate| gate.to);
        for exit in exits.chain(queue.rules.overflow.iter().map(|rule| rule.to)) {
            match exit {
                acd::rule::Target::Queue(to) if usize::from(to.0) >= queues.len() => {
                    return Err(ConfigError::NoSuchOverflow(queue.device, to));
                }
                acd::rule::Target::To(destination) => drop(Target::resolve(destination, devices, flows)?),
                _ => {}
            }
        }
        match queue.rules.overflow.len() > OVERFLOW_MAX {
            true => Err(ConfigError::TooManyRules(queue.device)),
            false => Ok(queue.rules.clone()),
        }
    };
    queues.iter().map(check).collect()
}

impl Core {
    /// The core of a site whose channels are in `table`. Every device is out of service until its line says otherwise.
    ///
    /// # Errors
    ///
    /// If the configuration contradicts itself or the table.
    pub fn new(config: Config, table: Arc<ChannelTable>) -> Result<Core, ConfigError> {
        let devices = Devices::new(&config, table.len())?;
        let trunks: Vec<_> = config.trunks.iter().map(|trunk| trunk.device).collect();
        let trunk_groups = TrunkGroups::new(&config.trunk_groups, &trunks).map_err(ConfigError::NoSuchTrunk)?;
        let (rules, emergency) = (&config.dial_plan.rules, &config.dial_plan.emergency);
        let outside =
            OutsidePlan::new(rules, emergency, &devices, &trunk_groups).map_err(ConfigError::NoSuchDialling)?;
        let flow_names: Vec<_> = config.flows.flows.names().map(str::to_owned).collect();
        let entries = config
            .trunks
            .iter()
            .map(|trunk| Target::resolve(trunk.entry, &devices, &flow_names))
            .collect::<Result<_, _>>()?;
        let users = users::by_login(&config.users)?;
        // One missed offer is enough: the next caller is not to wait for the same empty chair.
        let reasons = Reasons::new(config.reasons.clone());
        let rules = AgentRules { misses: 1, reasons, ..AgentRules::default() };
        let roster = Roster::new(&config.agents, &devices, rules)?;
        let profile = config.agents.iter().map(|agent| Roster::profile(agent, &devices)).collect::<Result<_, _>>()?;
        let owner = |id: Option<AgentId>| match id {
            Some(id) => roster.find(&id).map(Some).ok_or(ConfigError::NoSuchAgent(id)),
            None => Ok(None),
        };
        let known = config.callers.iter().map(|caller| {
            let CallerConfig { callers, credit, .. } = caller.clone();
            Ok(CallerRule { callers, credit, owner: owner(caller.owner)? })
        });
        let callers = Callers::new(known.collect::<Result<_, ConfigError>>()?, config.numbers.clone());
        let owners =
            config.queues.iter().map(|queue| owner(queue.personal.owner)).collect::<Result<Vec<_>, ConfigError>>()?;
        let rules = queue_rules(&config.queues, &devices, &flow_names)?;
        let kinds: Vec<_> = devices.stations().iter().map(|station| station.kind).collect();
        let model = Model::new(&kinds, devices.trunks().len(), devices.parks(), Bounds::default(), config.last_call);
        let mut core = Core {
            now: Tick::ZERO,
            epoch_ms: config.epoch_ms,
            node: config.node.clamp(1, 99_999),
            times: config.times,
            record: config.record,
            record_rules: config.record_rules,
            command_room: usize::MAX,
            has_recording_room: true,
            hold_music: config.hold_music,
            dial_plan: DialPlan::new(config.dial_plan.outside_line_prefix, outside, &devices),
            model,
            floor: Floor::new(rules, profile),
            roster,
            queues: config
                .queues
                .iter()
                .zip(owners)
                .map(|(queue, owner)| QueueSettings::new(queue, owner, config.times.queue_stay))
                .collect(),
            ring_cadence: config.ring_cadence,
            last_entry: config.last_entry,
            is_log_begun: false,
            queued: Vec::new(),
            clock_shift_ms: 0,
            exits: Vec::new(),
            callers,
            sound: Sound::new(table.len()),
            devices,
            in_service: Sorted::default(),
            entries,
            flows: FlowBooks::new(config.flows),
            flow_names,
            calendars: BTreeMap::new(),
            business_days: Vec::new(),
            dips: BTreeMap::new(),
            next_dip: 0,
            next_composed: 0,
            channels: ChannelView::new(table),
            input_log: super::log::InputLog::default(),
            asked: None,
            trunk_groups,
            features: Features::default(),
            completions: Vec::new(),
            requests: Requests::new(config.last_call_back, config.numbers.clone()),
            numbers: config.numbers,
            unsaved: BTreeMap::new(),
            routing: Routing::default(),
            supervisions: Supervisions::default(),
            prompted: PromptedServices::default(),
            feature_codes: Arc::new(config.feature_codes),
            second_flash: config.second_flash,
            pins: BTreeMap::new(),
            details: ByCall::default(),
            next_token: 0,
            next_playing: 0,
            touched: Sorted::default(),
            touched_calls: Sorted::default(),
            changes: Vec::new(),
            recordings: BTreeMap::new(),
            taps: BTreeMap::new(),
            new_messages: BTreeMap::new(),
            notices: Vec::new(),
            next_recording: 0,
            timers: Timers::default(),
            monitors: Monitors::default(),
            sessions: BTreeMap::new(),
            users,
            looked_up: BTreeMap::new(),
            is_stopping: false,
            is_draining: false,
            #[cfg(test)]
            is_checked: true,
            next_store_id: 0,
            kept: StoreId(0),
            to_keep: None,
            is_store_behind: false,
            left_ringing: VecDeque::new(),
            actions: VecDeque::new(),
            counters: Counters::default(),
        };
        core.restore_requests(&config.call_backs);
        Ok(core)
    }
}
