//! Checks that the types cannot make: names used twice, names of things that are not there, values out of range. All
//! faults are found at once, each with its line and a remedy.
//!
//! Never: opens a file other than to see that it is there, and that a key file has keys.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;

use tipring_core::csta::DeviceId;
use tipring_driver::dsp::echo::TAIL_MS;

use super::business_hours::check_business_hours;
use super::dialling::check_dialling;
use super::fault::{Fault, Faults, Source, instead};
use super::mode::check_modes;
use super::order_kind::check_order_kinds;
use super::read::STAND_IN;
use super::reason::check_reasons;
use super::rules::Names;
use super::shift::check_shifts;
use super::staffing::{check_announced, check_groups};
use super::trunk_group::check_trunk_groups;
use super::{Address, CardAddress, Device, MembershipConfig, SiteConfig};
use crate::dip;
use crate::encryption::keys::Keys;

/// Finds the faults of a site that was read from a text.
pub(super) fn faults(site: &SiteConfig, source: &Source<'_>) -> Vec<Fault> {
    let mut faults = Faults::new(source);
    check_values(site, &mut faults);
    check_names(site, &mut faults);
    check_queues(site, &mut faults);
    check_rules(site, &mut faults);
    check_sources(site, &mut faults);
    if let Some(Err((key, why))) = site.store.replica() {
        faults.add(("store", None, key), why);
    }
    check_mailboxes(site, &mut faults);
    if let Err(why) = site.keys.codes() {
        faults.add(("keys", None, "codes"), format!("{why}; give each service 1 to 4 digits of its own"));
    }
    check_groups(site, &mut faults);
    check_trunk_groups(site, &mut faults);
    check_announced(site, &mut faults);
    check_dialling(site, &mut faults);
    check_reasons(site, &mut faults);
    check_order_kinds(site, &mut faults);
    check_business_hours(site, &mut faults);
    check_shifts(site, &mut faults);
    check_calendars(site, &mut faults);
    check_modes(site, &mut faults);
    check_addresses(site, &mut faults);
    faults.sorted()
}

/// Finds files that a resolved site names and that are not there, and a key file without a key.
pub(super) fn missing_files(site: &SiteConfig, source: &Source<'_>) -> Vec<Fault> {
    let mut faults = Faults::new(source);
    let tls = site.server.tls.as_ref();
    let json = site.server.json.as_ref().and_then(|json| json.tls.as_ref());
    let files = [
        (("ivr", None, "greeting"), "greeting", site.ivr.greeting.as_ref()),
        (("store", None, "customers"), "file of customers", site.store.customers.as_ref()),
        (("recording", None, "forms"), "file of scoring forms", site.recording.forms.as_ref()),
        (("server", None, "tls.certificate"), "certificate", tls.map(|tls| &tls.certificate)),
        (("server", None, "tls.key"), "private key", tls.map(|tls| &tls.key)),
        (("server", None, "json.tls.certificate"), "certificate", json.map(|tls| &tls.certificate)),
        (("server", None, "json.tls.key"), "private key", json.map(|tls| &tls.key)),
    ];
    for (place, name, path) in files {
        if let Some(path) = path.filter(|path| !path.is_file() && !path.ends_with(STAND_IN.to_string())) {
            faults.add(place, format!("the {name} {} is not there; put it there, or leave it out", path.display()));
        }
    }
    if let Some(prompts) = site.ivr.prompts.as_ref().filter(|folder| !folder.is_dir()) {
        let text = format!("the folder of prompts {} is not there; make it, or leave it out", prompts.display());
        faults.add(("ivr", None, "prompts"), text);
    }
    if let Some(Err(why)) = site.recording.keys.as_deref().map(Keys::load) {
        faults.add(("recording", None, "keys"), why);
    }
    faults.sorted()
}

fn check_values(site: &SiteConfig, faults: &mut Faults<'_>) {
    for (index, board) in site.boards.iter().enumerate() {
        if let Err(why) = board.check() {
            let key = if board.receive_ring_ms.is_some() { "receive_ring_ms" } else { "transmit_ahead_ms" };
            faults.add(("board", Some(index), key), why);
        }
    }
    let tail_ms = site.sound.echo_tail_ms;
    if tail_ms != 0 && !TAIL_MS.contains(&tail_ms) {
        let (least, most) = (TAIL_MS.start(), TAIL_MS.end());
        let text = format!("echo_tail_ms is 0 for no echo control, or {least} to {most}, not {tail_ms}");
        faults.add(("sound", None, "echo_tail_ms"), text);
    }
    for (key, why) in site.times.faults() {
        faults.add(("times", None, key), why);
    }
    if let Err(why) = site.recording.kind() {
        faults.add(("recording", None, "tap"), why);
    }
    if let Err((key, why)) = site.recording.check() {
        faults.add(("recording", None, key), why);
    }
    for (key, queues) in [("queues", &site.recording.queues), ("on_demand", &site.recording.on_demand)] {
        for queue in queues {
            if !site.queues.iter().any(|known| known.device == *queue) {
                faults.add(("recording", None, key), format!("{key}: there is no queue {}", queue.0));
            }
        }
    }
    for agent in &site.recording.agents {
        if !site.agents.iter().any(|known| known.id == *agent) {
            faults.add(("recording", None, "agents"), format!("agents: there is no agent {}", agent.0));
        }
    }
    for queue in site.recording.queues_keep_days.keys() {
        if !site.queues.iter().any(|known| known.device == *queue) {
            let text = format!("queues_keep_days: there is no queue {}", queue.0);
            faults.add(("recording", None, "queues_keep_days"), text);
        }
    }
    let country = site.country.0;
    check_tones(site, faults);
    for (index, trunk) in site.trunks.iter().enumerate() {
        if let Err(why) = trunk.profile(country) {
            faults.add(("trunk", Some(index), ""), why);
        }
    }
    for (index, station) in site.stations.iter().enumerate() {
        if let Err(why) = station.profile(country) {
            faults.add(("station", Some(index), ""), why);
        }
    }
}

/// Tones that no line has, and one too many.
fn check_tones(site: &SiteConfig, faults: &mut Faults<'_>) {
    let country = site.country.0;
    let mut all_right = true;
    for (index, tone) in site.tones.iter().enumerate() {
        if let Err((key, why)) = tone.check(country) {
            all_right = false;
            faults.add(("tone", Some(index), key), why);
        }
    }
    if all_right && let Err((index, why)) = super::tones::country_with(country, &site.tones) {
        faults.add(("tone", Some(index), "hz"), why);
    }
}

/// Hours and holidays that never are.
fn check_calendars(site: &SiteConfig, faults: &mut Faults<'_>) {
    for (name, calendar) in &site.calendars {
        if let Some(hours) = calendar.hours.iter().position(|hours| hours.days.is_empty()) {
            let text = format!("hours {} of the calendar {name} have no days; write days = [\"mon\"]", hours + 1);
            faults.add(("calendar", None, &format!("{name}.hours")), text);
        }
        if let Some(hours) = calendar.hours.iter().position(|hours| hours.from == hours.to) {
            let text = format!(
                "hours {} of the calendar {name} end as they begin; for a whole day write from = \"00:00\", to = \"23:59\"",
                hours + 1
            );
            faults.add(("calendar", None, &format!("{name}.hours")), text);
        }
        for day in calendar.holidays.iter().filter(|day| day.to.is_some_and(|to| to.0 < day.from.0)) {
            let text = format!(
                "a holiday of the calendar {name} ends before {}, its first day; put to after from",
                day.from.0
            );
            faults.add(("calendar", None, &format!("{name}.holidays")), text);
        }
    }
}

/// Addresses and cards that are used twice.
fn check_addresses(site: &SiteConfig, faults: &mut Faults<'_>) {
    let server = &site.server;
    let all = [
        ("listen", Some(server.listen)),
        ("tls.listen", server.tls.as_ref().map(|tls| tls.listen)),
        ("metrics.listen", server.metrics.as_ref().map(|metrics| metrics.listen)),
        ("json.listen", server.json.as_ref().map(|json| json.listen)),
    ];
    let mut taken: BTreeMap<SocketAddr, &str> = BTreeMap::new();
    for (key, address) in all.into_iter().filter_map(|(key, address)| Some((key, address.filter(|it| it.port() != 0)?)))
    {
        if let Some(first) = taken.insert(address, key) {
            let text = format!("{address} is used twice, as {first} and as {key}; give one of them another port");
            faults.add(("server", None, key), text);
        }
    }
    for (index, board) in site.boards.iter().enumerate() {
        let first = site.boards.iter().position(|other| other.card == board.card).unwrap_or(index);
        if first < index && board.card != CardAddress(Address::Pci(STAND_IN.into())) {
            let text = format!("the card {} is used twice; each [[board]] is a card of its own", board.card);
            faults.add(("board", Some(index), "card"), text);
        }
    }
}

/// Ports, devices and agents that stand there twice.
fn check_names(site: &SiteConfig, faults: &mut Faults<'_>) {
    let trunks = site.trunks.iter().enumerate().map(|(index, trunk)| ("trunk", index, trunk.port, trunk.name, "name"));
    let stations = site
        .stations
        .iter()
        .enumerate()
        .map(|(index, station)| ("station", index, station.port, station.extension, "extension"));
    let lines: Vec<_> = trunks.chain(stations).collect();
    let mut ports: BTreeMap<u16, (&str, Device)> = BTreeMap::new();
    for (kind, index, port, name, _) in &lines {
        if let Some((first, owner)) = ports.insert(*port, (kind, *name)) {
            let text = format!(
                "port {port} is used twice, by the {first} {} and the {kind} {}; a port has one line, ports are \
                 counted from 0 over all boards",
                owner.0, name.0
            );
            faults.add((kind, Some(*index), "port"), text);
        }
    }
    let queues = site.queues.iter().enumerate().map(|(index, queue)| ("queue", index, queue.device, "device"));
    let mut names = BTreeSet::new();
    for (kind, index, name, key) in
        lines.iter().map(|(kind, index, _, name, key)| (*kind, *index, *name, *key)).chain(queues)
    {
        if !names.insert(name) {
            let text = format!("the device {} stands there twice; give this one a number of its own", name.0);
            faults.add((kind, Some(index), key), text);
        }
    }
    for place in &site.parking {
        if !names.insert(*place) {
            let text = format!("the parking place {} has the name of another device; give it one of its own", place.0);
            faults.add(("parking", None, ""), text);
        }
    }
    let mut agents = BTreeSet::new();
    for (index, agent) in site.agents.iter().enumerate() {
        if !agents.insert(agent.id) {
            faults.add(
                ("agent", Some(index), "id"),
                format!("the agent {} stands there twice; remove one, or give it an id of its own", agent.id.0),
            );
        }
    }
}

/// Data sources that cannot be ones, and names that stand there twice.
fn check_sources(site: &SiteConfig, faults: &mut Faults<'_>) {
    let mut names = BTreeSet::new();
    for (index, source) in site.sources.iter().enumerate() {
        if let Err((key, why)) = dip::Source::new(source) {
            faults.add(("source", Some(index), key), format!("the source {:?}: {why}", source.name));
        }
        if !names.insert(&source.name) {
            faults.add(("source", Some(index), "name"), format!("the source {:?} stands there twice", source.name));
        }
    }
}

/// The values and owners of mailboxes, and names that stand there twice.
fn check_mailboxes(site: &SiteConfig, faults: &mut Faults<'_>) {
    let has_owner = |owner: &DeviceId| {
        site.stations.iter().any(|station| station.extension.0 == *owner)
            || site.agents.iter().any(|agent| agent.id.0.as_str() == owner.as_str())
    };
    let mut names = BTreeSet::new();
    for (index, mailbox) in site.mailboxes.iter().enumerate() {
        for (key, why) in mailbox.faults(has_owner) {
            faults.add(("mailbox", Some(index), key), why);
        }
        if !names.insert(mailbox.name) {
            faults.add(("mailbox", Some(index), "name"), format!("the mailbox {} stands there twice", mailbox.name.0));
        }
    }
}

/// Writes into each data source the place of its query or address: the file, and the line in its text.
pub(super) fn place_sources(site: &mut SiteConfig, file: &Path, lines: &Source<'_>) {
    for (index, source) in site.sources.iter_mut().enumerate() {
        let key = if source.query.is_some() { "query" } else { "url" };
        let line = lines.line(("source", Some(index), key)).unwrap_or(1);
        source.place = format!("{}:{line}", file.display());
    }
}

/// The rules of queues, and the skills of agents.
fn check_rules(site: &SiteConfig, faults: &mut Faults<'_>) {
    let names = Names::new(site);
    for (index, queue) in site.queues.iter().enumerate() {
        for (key, why) in names.faults(queue) {
            faults.add(("queue", Some(index), key), format!("the queue {}, {key}: {why}", queue.device.0));
        }
    }
    for (index, caller) in site.callers.iter().enumerate() {
        for (key, why) in names.caller_faults(caller) {
            faults.add(("caller", Some(index), key), format!("[[caller]], {key}: {why}"));
        }
    }
    for (index, agent) in site.agents.iter().enumerate() {
        for (key, why) in names.agent_faults(agent) {
            faults.add(("agent", Some(index), key), format!("the agent {}, {key}: {why}", agent.id.0));
        }
    }
}

/// Queues, and stations for fax machines, that are named and not there.
fn check_queues(site: &SiteConfig, faults: &mut Faults<'_>) {
    let queues: BTreeSet<Device> = site.queues.iter().map(|queue| queue.device).collect();
    let stations: BTreeSet<Device> = site.stations.iter().map(|station| station.extension).collect();
    let missing = |queue: &Device| {
        let name = queue.0.as_str();
        let known = || queues.iter().map(|queue| queue.0.as_str()).filter(|name| !name.starts_with(STAND_IN));
        (!queues.contains(queue) && !name.starts_with(STAND_IN)).then(|| {
            format!(
                "there is no queue {name}; add a [[queue]] with this device, or name one: {}",
                instead(name, known())
            )
        })
    };
    if let Some(text) = site.ivr.default.as_ref().and_then(missing) {
        faults.add(("ivr", None, "default"), text);
    }
    if site.ivr.default.is_none() && site.ivr.entry.is_none() {
        let text = "callers have nowhere to go: name a queue as default, or a flow as entry";
        faults.add(("ivr", None, ""), text);
    }
    for (key, queue) in &site.ivr.choices {
        if let Some(text) = missing(queue) {
            faults.add(("ivr", None, &format!("choices.{}", key.0.as_char())), text);
        }
    }
    for (index, agent) in site.agents.iter().enumerate() {
        for queue in agent.queues.iter().map(MembershipConfig::queue) {
            if let Some(text) = missing(&queue) {
                faults.add(("agent", Some(index), "queues"), format!("agent {}: {text}", agent.id.0));
            }
        }
    }
    for (index, trunk) in site.trunks.iter().enumerate() {
        if let Some(fax) = trunk.fax.filter(|fax| !queues.contains(fax) && !stations.contains(fax)) {
            let text = format!(
                "the trunk {} sends fax machines to {}, but there is no such station or queue; {}",
                trunk.name.0,
                fax.0,
                instead(fax.0.as_str(), queues.iter().chain(&stations).map(|device| device.0.as_str()))
            );
            faults.add(("trunk", Some(index), "fax"), text);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{SiteConfig, TEMPLATE};

    /// The line of a text in the printed configuration, counted from 1.
    fn line_of(text: &str, needle: &str) -> usize {
        1 + text.lines().position(|line| line == needle).unwrap()
    }

    #[test]
    fn all_faults_are_found_at_once_each_with_its_line() {
        let text = TEMPLATE
            .replacen("port = 1", "port = 0", 1)
            .replacen("default = \"5000\"", "default = \"5009\"", 1)
            .replacen("1 = \"5000\"", "1 = \"5010\"", 1)
            .replacen("echo_tail_ms = 16", "echo_tail_ms = 3", 1)
            .replacen("outside_line_prefix = \"9\"", "outside_line_prefix = \"99\"", 1)
            .replacen("id = \"7002\"", "id = \"7001\"", 1);
        let why = SiteConfig::parse(&text).unwrap_err().to_string();
        let second_port = line_of(&text, "name = \"T2\"") - 1;
        for (line, fault) in [
            (second_port, "port 0 is used twice, by the trunk T1 and the trunk T2"),
            (line_of(&text, "default = \"5009\""), "there is no queue 5009"),
            (line_of(&text, "1 = \"5010\""), "there is no queue 5010"),
            (line_of(&text, "echo_tail_ms = 3"), "echo_tail_ms is 0"),
            (line_of(&text, "outside_line_prefix = \"99\""), "outside_line_prefix is one key"),
            (line_of(&text, "name = \"Agent Two\"") - 1, "the agent 7001 stands there twice"),
        ] {
            assert!(why.contains(&format!("line {line}: {fault}")), "{fault} at {line}:\n{why}");
        }
        assert_eq!(why.lines().filter(|text| text.contains("line ")).count(), 6, "{why}");
    }
}
