//! Checks of people: users with their grants, roles and groups, agents without a password or a telephone, and queues
//! that no agent serves.
//!
//! Never: refuses a site that can be served; what is only incomplete is a warning or a note.

use std::collections::BTreeSet;

use super::fault::{Fault, Faults, Severity, Source, instead};
use super::mode::serves_in_a_mode;
use super::read::STAND_IN;
use super::{Device, SiteConfig};
use crate::users::{Policy, is_open_to_others};

/// Roles and groups that stand there twice, and groups of devices that there are not.
pub(super) fn check_groups(site: &SiteConfig, faults: &mut Faults<'_>) {
    let known = |_: &_| true;
    let mut names = BTreeSet::new();
    for (index, role) in site.roles.iter().enumerate() {
        let place = ("role", Some(index), "name");
        if let Err(why) = Policy::new(&site.roles[index..=index], &[], &known) {
            faults.add(place, format!("{why}; give it another name"));
        } else if !names.insert(&role.name) {
            faults.add(place, format!("the role {} stands there twice; give this one another name", role.name));
        }
    }
    let mut names = BTreeSet::new();
    for (index, group) in site.groups.iter().enumerate() {
        if !names.insert(&group.name) {
            let text = format!("the group {} stands there twice; give this one another name", group.name);
            faults.add(("group", Some(index), "name"), text);
        }
        for unknown in group.devices.iter().filter(|device| !site.has_device(&device.0)) {
            let text = format!("the group {} has {}, but there is no such device; ", group.name, unknown.0);
            faults.add(("group", Some(index), "devices"), text + &instead(unknown.0.as_str(), devices(site)));
        }
    }
}

/// Queues that announce an agent whose log-in cannot be said.
pub(super) fn check_announced(site: &SiteConfig, faults: &mut Faults<'_>) {
    for (index, queue) in site.queues.iter().enumerate().filter(|(_, queue)| queue.announce_agent) {
        let mut serving = site.agents.iter().filter(|it| it.queues.iter().any(|part| part.queue() == queue.device));
        if let Some(agent) = serving.find(|agent| !agent.id.0.as_str().bytes().all(|c| c.is_ascii_digit())) {
            let text = format!("announce_agent: the log-in {} is not of digits and cannot be said", agent.id.0);
            faults.add(("queue", Some(index), "announce_agent"), text);
        }
    }
}

/// The devices that clients can name.
fn devices(site: &SiteConfig) -> impl Iterator<Item = &str> {
    let trunks = site.trunks.iter().map(|trunk| &trunk.name);
    let stations = site.stations.iter().map(|station| &station.extension);
    let all = trunks.chain(stations).chain(site.queues.iter().map(|queue| &queue.device));
    all.map(|device: &Device| device.0.as_str()).filter(|name| !name.starts_with(STAND_IN))
}

/// Faults of a users file that has been read into its site: grants that cannot be, agents that there are not.
pub(super) fn user_faults(site: &SiteConfig, source: &Source<'_>) -> Vec<Fault> {
    let mut faults = Faults::new(source);
    let known = |device: &_| site.has_device(device);
    let Ok(policy) = Policy::new(&site.roles, &site.groups, &known) else { return Vec::new() };
    let mut logins = BTreeSet::new();
    for (index, user) in site.users.users.iter().enumerate() {
        if !logins.insert(&user.login) {
            let text = format!("the user {} stands there twice; remove one of them", user.login);
            faults.add(("user", Some(index), "login"), text);
        }
        for grant in &user.grants {
            if let Err(why) = policy.rights(std::slice::from_ref(grant)) {
                let names = devices(site).chain(site.groups.iter().map(|group| group.name.as_str()));
                let instead = instead(&grant.devices, names.chain(["*"]));
                let remedy = if why.contains("role") { String::new() } else { format!("; {instead}") };
                faults.add(("user", Some(index), "grants"), format!("the user {}: {why}{remedy}", user.login));
            }
        }
    }
    for (index, entry) in site.users.agents.iter().enumerate() {
        if site.agents.iter().all(|agent| agent.id.0 != entry.id) {
            let known = instead(entry.id.as_str(), site.agents.iter().map(|agent| agent.id.0.as_str()));
            let text = format!("this password is of an agent {} that there is not; {known}", entry.id);
            faults.add_as(Severity::Warning, ("agent", Some(index), "id"), text);
        }
    }
    faults.sorted()
}

/// Shortcomings of a site that can be served.
pub(super) fn warnings(site: &SiteConfig, source: &Source<'_>) -> Vec<Fault> {
    let mut faults = Faults::new(source);
    let mut add = |severity, place, text: String| faults.add_as(severity, place, text);
    let users = site.server.users.display();
    let users_place = ("server", None, "users");
    if site.users.users.is_empty() {
        let text = format!("{users} has no users, so no client can log in; add one with `tipring user add`");
        add(Severity::Note, users_place, text);
    }
    if is_open_to_others(&site.server.users) {
        add(Severity::Warning, users_place, format!("{users} can be read by others: chmod 600 {users}"));
    }
    let ivr = ("ivr", None, "");
    if site.agents.is_empty() {
        let text = "there is no [[agent]]: calls will wait and never be answered; add one with its queues";
        add(Severity::Warning, ("queue", None, ""), text.into());
    }
    if site.stations.is_empty() {
        let text = "there is no [[station]]: agents have no telephone; add one with port, extension and kind";
        add(Severity::Warning, ivr, text.into());
    } else if site.stations.len() < site.agents.len() {
        let (stations, agents) = (site.stations.len(), site.agents.len());
        let text = format!("{agents} agents share {stations} stations: no more can be logged in at once");
        add(Severity::Note, ("agent", Some(stations), ""), text);
    } else if !site.agents.is_empty() {
        for (index, station) in site.stations.iter().enumerate().skip(site.agents.len()) {
            let text = format!("no agent is left for the station {}; add an [[agent]]", station.extension.0);
            add(Severity::Note, ("station", Some(index), "extension"), text);
        }
    }
    if site.trunks.is_empty() {
        let text = "there is no [[trunk]]: no call can come in; add one with port and name";
        add(Severity::Warning, ivr, text.into());
    }
    for (index, agent) in site.agents.iter().enumerate() {
        let (place, id) = (("agent", Some(index), "id"), agent.id.0);
        if site.users.agents.iter().all(|entry| entry.id != id) {
            let text = format!("agent {id} has no password; set one with `tipring user passwd --agent {id}`");
            add(Severity::Note, place, text);
        }
        if agent.queues.is_empty() && !serves_in_a_mode(site, agent.id) {
            let text = format!("the agent {id} serves no queue and is offered no call; name the queues");
            add(Severity::Warning, ("agent", Some(index), "queues"), text);
        }
    }
    for (index, queue) in site.queues.iter().enumerate() {
        let number = queue.device.0;
        let is_served = site.agents.iter().any(|agent| agent.queues.iter().any(|part| part.queue() == queue.device));
        if !is_served && queue.overflow.is_empty() && queue.gate.is_empty() {
            let text = format!(
                "no [[agent]] serves the queue {number}: its calls will never be answered; name it in the queues of one"
            );
            add(Severity::Warning, ("queue", Some(index), "device"), text);
        }
        if queue.alert_s == 0 {
            let text = format!("alert_s = 0 at the queue {number}: its telephones never ring long enough; write 20");
            add(Severity::Warning, ("queue", Some(index), "alert_s"), text);
        }
    }
    faults.sorted()
}
