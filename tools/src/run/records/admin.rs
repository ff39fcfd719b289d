//! Administration from the console: agents with their queues and skills, and the event mode in force.
//!
//! The configuration is read as it is written; a change goes to the thread that owns the site, like one that is asked
//! for at the control socket, and its log has the user.
//!
//! Never: writes the configuration, or puts it in force.

use std::path::PathBuf;

use crossbeam::channel::Sender;
use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::rights::{Devices, ServiceGroup};
use tipring_web::records::{AgentSetting, QueueItem, RecordsClient, RecordsRefusal, RecordsReply};

use super::{Place, failed, refusal};
use crate::config::mode::NORMAL;
use crate::config::{AgentConfig, SiteConfig};
use crate::run::control::{self, Asked, ControlRequest};

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

pub(super) fn read(administration: &Administration, place: &Place) -> Result<RecordsReply, RecordsRefusal> {
    let site = SiteConfig::load(&administration.path).map_err(|error| failed(error.into()))?;
    let queues =
        site.queues.iter().map(|queue| QueueItem { queue: queue.device.0.to_string(), name: queue.name.clone() });
    let modes = site.event_modes.iter().map(|mode| mode.name.0.to_string());
    Ok(RecordsReply::Settings {
        agents: site.agents.iter().map(setting).collect(),
        queues: queues.collect(),
        modes: [NORMAL.to_owned()].into_iter().chain(modes).collect(),
        mode: place.mode.clone().unwrap_or_else(|| NORMAL.to_owned()),
    })
}

fn setting(agent: &AgentConfig) -> AgentSetting {
    AgentSetting {
        agent: agent.id.0.to_string(),
        name: agent.name.clone(),
        queues: agent.queues.iter().map(|part| part.queue().0.to_string()).collect(),
        skills: agent.skills.clone(),
    }
}

/// Has the site carry a change out.
pub(super) fn change(
    administration: &Administration,
    client: &RecordsClient,
    request: ControlRequest,
) -> Result<RecordsReply, RecordsRefusal> {
    let user = format!("{} at {}", client.login, client.address);
    let done = control::hand_out(&administration.asked, request, user);
    done.map(|_| RecordsReply::Done).map_err(|why| refusal(UniversalFailure::ValueOutOfRange, why))
}
