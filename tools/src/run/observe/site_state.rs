//! The state of the core at a moment, for an observer that has not seen how it came about.
//!
//! Never: holds figures of the day. They come from the entries of the log alone.

use tipring_core::core::{CallInProgress, Core};
use tipring_core::csta::{AgentId, AgentState, DeviceId, MonitorCrossRefId, SessionId};

use super::{Call, CallState, Observer};

/// The state of the core, as far as the observer shows it.
#[derive(Debug, Clone, Default)]
pub struct SiteState {
    /// The monitors of the site.
    pub monitors: Vec<(MonitorCrossRefId, DeviceId)>,
    /// The lines in service.
    pub in_service: Vec<DeviceId>,
    /// The trunks that are blocked for calls out.
    pub blocked: Vec<DeviceId>,
    /// The agents who are logged on, with their stations and states.
    pub agents: Vec<(AgentId, DeviceId, AgentState)>,
    /// The calls that have reached a device.
    pub calls: Vec<CallInProgress>,
    /// Calls that have ended since the start, and those of them that a person has answered.
    pub ended: (u64, u64),
}

impl SiteState {
    /// The state of a core whose session `site` has the site's monitors.
    pub fn of(core: &Core, site: SessionId, ended: (u64, u64)) -> SiteState {
        SiteState {
            monitors: core.monitored_devices(site),
            in_service: core.lines_in_service(),
            blocked: core.blocked_trunks(),
            agents: core.logged_on_agents(),
            calls: core.calls_in_progress(),
            ended,
        }
    }
}

impl Observer {
    /// Takes a state in place of what was seen so far. The figures are those of [`read_log`](Observer::read_log) and of
    /// the entries behind it.
    pub fn begin_with(&mut self, state: SiteState) {
        let SiteState { monitors, in_service, blocked, agents, calls, ended } = state;
        self.monitors = monitors.into_iter().collect();
        self.out_of_service = self.lines.clone();
        in_service.iter().for_each(|line| _ = self.out_of_service.remove(line));
        self.blocked = blocked.into_iter().collect();
        for agent in self.agents.values_mut() {
            (agent.station, agent.state) = (None, AgentState::Null);
        }
        for (id, station, state) in agents {
            if let Some(agent) = self.agents.get_mut(id.as_str()) {
                (agent.station, agent.state) = (Some(station), state);
            }
        }
        let entered = |CallInProgress { call, caller, device, state }| {
            (call, Call { caller, device, state: CallState::from(state) })
        };
        self.calls = calls.into_iter().map(entered).collect();
        (self.ended, self.answered) = ended;
    }
}
