//! Administration from the console: agents with their queues, skills and PINs, queues, reasons of *not ready*, the
//! event mode in force, flows as pictures, and lines.
//!
//! The configuration is read as it is written; a change goes to the thread that owns the site, like one that is asked
//! for at the control socket, and its log has the user.
//!
//! Never: writes the configuration, or puts it in force.

use std::path::PathBuf;

use crossbeam::channel::Sender;
use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::rights::{Devices, ServiceGroup};
use tipring_core::flow::check::FlowSource;
use tipring_core::flow::picture::{PictureNode, picture};
use tipring_web::records::{
    AgentSetting, FlowItem, FlowNode, FlowWay, LineItem, Pin, QueueSetting, ReasonSetting, RecordsClient,
    RecordsRefusal, RecordsReply, RecordsRequest,
};

use super::{Place, failed, out_of_range, refusal};
use crate::config::flows::flow_sources;
use crate::config::mode::NORMAL;
use crate::config::queue::StrategyName;
use crate::config::{AgentConfig, QueueConfig, ReasonConfig, SiteConfig};
use crate::run::control::{self, Asked, ControlRequest};
use crate::run::edit::SiteChange;
use crate::run::observe::Observer;
use crate::users::check_agent_password;

/// The way to a site that can be administered.
#[derive(Debug, Clone)]
pub struct Administration {
    /// The configuration.
    pub path: PathBuf,
    /// Requests to the thread that owns the site.
    pub asked: Sender<Asked>,
}

/// The administration, for a user who may use it.
///
/// # Errors
/// The user has not the right to administer the site as a whole; or this site is not run from a configuration file.
pub(super) fn permitted<'a>(
    administration: Option<&'a Administration>,
    client: &RecordsClient,
) -> Result<&'a Administration, RecordsRefusal> {
    if client.rights.devices(ServiceGroup::Administer) != Some(&Devices::All) {
        return Err(refusal(UniversalFailure::SecurityViolation, "the user has no right to administer the site"));
    }
    let none = || refusal(UniversalFailure::ResourceOutOfService, "this site has no configuration file");
    administration.ok_or_else(none)
}

/// Carries a request of administration out.
pub(super) fn answer(
    administration: &Administration,
    place: &Place,
    client: &RecordsClient,
    request: &RecordsRequest,
) -> Result<RecordsReply, RecordsRefusal> {
    let change = |request| change(administration, client, request);
    match request {
        RecordsRequest::SetAgent { setting } => change(ControlRequest::Change(SiteChange::Agent(setting.clone()))),
        RecordsRequest::SetQueue { setting } => change(ControlRequest::Change(SiteChange::Queue(setting.clone()))),
        RecordsRequest::SetReasons { reasons } => change(ControlRequest::Change(SiteChange::Reasons(reasons.clone()))),
        RecordsRequest::AddAgent { setting, pin } => {
            check_agent_password(&pin.0).map_err(out_of_range)?;
            change(ControlRequest::Change(SiteChange::NewAgent(setting.clone())))?;
            change(new_pin(&setting.agent, pin))
        }
        RecordsRequest::SetPin { agent, pin } => change(new_pin(agent, pin)),
        RecordsRequest::SetEventMode { mode } => change(ControlRequest::Mode(mode.clone())),
        RecordsRequest::BlockTrunk { trunk, blocked } => {
            change(ControlRequest::Trunk { name: trunk.clone(), blocked: *blocked })
        }
        RecordsRequest::ReadFlows => flows(&written(administration)?),
        _ => settings(&written(administration)?, place),
    }
}

fn new_pin(agent: &str, pin: &Pin) -> ControlRequest {
    ControlRequest::Pin { agent: agent.to_owned(), pin: pin.clone() }
}

/// The site as it is written.
fn written(administration: &Administration) -> Result<SiteConfig, RecordsRefusal> {
    SiteConfig::load(&administration.path).map_err(|error| failed(error.into()))
}

fn settings(site: &SiteConfig, place: &Place) -> Result<RecordsReply, RecordsRefusal> {
    let modes = site.event_modes.iter().map(|mode| mode.name.0.to_string());
    let reason =
        |reason: &ReasonConfig| ReasonSetting { code: reason.code, name: reason.name.clone(), limit_s: reason.limit_s };
    Ok(RecordsReply::Settings {
        agents: site.agents.iter().map(agent).collect(),
        queues: site.queues.iter().map(queue).collect(),
        reasons: site.reasons.iter().map(reason).collect(),
        strategies: StrategyName::ALL.map(|strategy| strategy.name().to_owned()).into(),
        modes: [NORMAL.to_owned()].into_iter().chain(modes).collect(),
        mode: place.mode.clone().unwrap_or_else(|| NORMAL.to_owned()),
    })
}

fn agent(agent: &AgentConfig) -> AgentSetting {
    AgentSetting {
        agent: agent.id.0.to_string(),
        name: agent.name.clone(),
        queues: agent.queues.iter().map(|part| part.queue().0.to_string()).collect(),
        skills: agent.skills.clone(),
    }
}

fn queue(queue: &QueueConfig) -> QueueSetting {
    QueueSetting {
        queue: queue.device.0.to_string(),
        name: queue.name.clone(),
        strategy: queue.strategy.name().to_owned(),
        by_skill: queue.by_skill.clone(),
        alert_s: queue.alert_s,
        after_call_work_s: queue.after_call_work_s,
        retry_s: queue.retry_s,
        importance_s: queue.importance_s,
        longest_wait_s: queue.longest_wait_s,
        skills: queue.skills.clone(),
    }
}

fn flows(site: &SiteConfig) -> Result<RecordsReply, RecordsRefusal> {
    let (sources, _, faults) = flow_sources(site);
    if let Some(fault) = faults.first() {
        return Err(refusal(UniversalFailure::GenericOperation, fault.to_string()));
    }
    let way = |(label, to): (String, String)| FlowWay { label, to };
    let node = |PictureNode { name, kind, about, ways }: PictureNode| FlowNode {
        node: name,
        kind: kind.to_owned(),
        about,
        ways: ways.into_iter().map(way).collect(),
    };
    let flow = |source: &FlowSource| FlowItem {
        flow: source.name.clone(),
        nodes: picture(source).into_iter().map(node).collect(),
    };
    Ok(RecordsReply::Flows { flows: sources.iter().map(flow).collect() })
}

/// The lines of the site as they are now.
pub(super) fn lines(place: &Place, observer: &Observer) -> RecordsReply {
    let lines = place.lines.iter().map(|line| {
        let (in_service, blocked) = observer.line(&line.device);
        LineItem {
            device: line.device.to_string(),
            kind: line.kind.to_owned(),
            port: line.port,
            number: line.number.map(|number| number.to_string()),
            in_service,
            blocked,
        }
    });
    RecordsReply::Lines { lines: lines.collect() }
}

/// Has the site carry a change out.
fn change(
    administration: &Administration,
    client: &RecordsClient,
    request: ControlRequest,
) -> Result<RecordsReply, RecordsRefusal> {
    let user = format!("{} at {}", client.login, client.address);
    let done = control::hand_out(&administration.asked, request, user);
    done.map(|_| RecordsReply::Done).map_err(|why| refusal(UniversalFailure::ValueOutOfRange, why))
}
