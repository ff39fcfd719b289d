//! Checks that the types cannot make: names used twice, names of things that are not there, values out of range. All
//! faults are found at once, each with its line and a remedy.
//!
//! Never: opens a file other than to see that it is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use tipring_driver::dsp::echo::TAIL_MS;
use tipring_driver::line::Digit;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::rules::Names;
use super::{Device, PartConfig, SiteConfig};
use crate::dip::Source;

/// A fault of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its line, counted from 1, if it has one.
    line: Option<usize>,
    /// The fault and its remedy.
    text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// Place of a value: a table, which one of several of that name, and a key in it; no key is the table itself.
type Place<'a> = (&'a str, Option<usize>, &'a str);

/// The text of a configuration, by which values are found again.
struct Text<'a> {
    text: &'a str,
    root: Option<Spanned<DeTable<'a>>>,
}

impl<'a> Text<'a> {
    fn new(text: &'a str) -> Text<'a> {
        Text { text, root: DeTable::parse(text).ok() }
    }

    /// The line of a value; of its table, if the value is not there.
    fn line(&self, (table, index, key): Place<'_>) -> Option<usize> {
        let root = self.root.as_ref()?.get_ref();
        let (_, table) = root.iter().find(|(name, _)| name.get_ref() == table)?;
        let table = index.map_or(Some(table), |index| table.get_ref().get(index))?;
        let mut value: &Spanned<DeValue<'_>> = table;
        for key in key.split('.').filter(|key| !key.is_empty()) {
            match value.get_ref().get(key) {
                Some(inner) => value = inner,
                None => break,
            }
        }
        Some(1 + self.text.get(..value.span().start)?.matches('\n').count())
    }
}

/// The faults of a site.
struct Faults<'a> {
    source: Text<'a>,
    found: Vec<Fault>,
}

impl Faults<'_> {
    fn add(&mut self, place: Place<'_>, text: impl Into<String>) {
        self.found.push(Fault { line: self.source.line(place), text: text.into() });
    }

    fn sorted(mut self) -> Vec<Fault> {
        self.found.sort_by_key(|fault| fault.line);
        self.found
    }
}

/// Finds the faults of a site that was read from a text.
pub(super) fn faults(site: &SiteConfig, text: &str) -> Vec<Fault> {
    let mut faults = Faults { source: Text::new(text), found: Vec::new() };
    check_values(site, &mut faults);
    check_names(site, &mut faults);
    check_queues(site, &mut faults);
    check_rules(site, &mut faults);
    check_sources(site, &mut faults);
    if let Err(why) = site.keys.codes() {
        faults.add(("keys", None, ""), format!("{why}; give each service 1 to 4 digits of its own"));
    }
    if let Err(why) = site.rights() {
        faults.add(("group", None, ""), why.to_string());
    }
    faults.sorted()
}

/// Finds files that a resolved site names and that are not there.
pub(super) fn missing_files(site: &SiteConfig, text: &str) -> Vec<Fault> {
    let mut faults = Faults { source: Text::new(text), found: Vec::new() };
    let files = [
        (("ivr", None, "greeting"), "greeting", &site.ivr.greeting),
        (("store", None, "customers"), "file of customers", &site.store.customers),
    ];
    for (place, name, path) in files {
        if let Some(path) = path.as_ref().filter(|path| !path.is_file()) {
            faults.add(place, format!("the {name} {} is not there; put it there, or leave it out", path.display()));
        }
    }
    faults.sorted()
}

fn check_values(site: &SiteConfig, faults: &mut Faults<'_>) {
    if site.boards.is_empty() {
        faults.add(("board", None, ""), "there is no [[board]]: a site needs at least one card");
    }
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
    if let Err(why) = site.recording.kind() {
        faults.add(("recording", None, "tap"), why);
    }
    let prefix = site.dialling.trunk_prefix.as_str();
    let mut keys = prefix.chars();
    if keys.next().is_some_and(|key| Digit::new(key).is_none()) || keys.next().is_some() {
        let text = format!("trunk_prefix is one key of the telephone, or \"\" for none, not {prefix:?}");
        faults.add(("dialling", None, "trunk_prefix"), text);
    }
    let country = site.country.0;
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
            faults.add(("agent", Some(index), "id"), format!("the agent {} stands there twice", agent.id.0));
        }
    }
}

/// Data sources that cannot be ones, and names that stand there twice.
fn check_sources(site: &SiteConfig, faults: &mut Faults<'_>) {
    let mut names = BTreeSet::new();
    for (index, source) in site.sources.iter().enumerate() {
        if let Err((key, why)) = Source::new(source) {
            faults.add(("source", Some(index), key), format!("the source {:?}: {why}", source.name));
        }
        if !names.insert(&source.name) {
            faults.add(("source", Some(index), "name"), format!("the source {:?} stands there twice", source.name));
        }
    }
}

/// Writes into each data source the place of its query or address: the file, and the line in its text.
pub(super) fn place_sources(site: &mut SiteConfig, file: &Path, text: &str) {
    let lines = Text::new(text);
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
        let known: Vec<String> = queues.iter().map(|queue| queue.0.to_string()).collect();
        let known = if known.is_empty() { "none".into() } else { known.join(", ") };
        (!queues.contains(queue)).then(|| {
            format!("there is no queue {}; add a [[queue]] with this device, or name one there is: {known}", queue.0)
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
        for queue in agent.queues.iter().map(PartConfig::queue) {
            if let Some(text) = missing(&queue) {
                faults.add(("agent", Some(index), "queues"), format!("agent {}: {text}", agent.id.0));
            }
        }
    }
    for (index, trunk) in site.trunks.iter().enumerate() {
        if let Some(fax) = trunk.fax.filter(|fax| !queues.contains(fax) && !stations.contains(fax)) {
            let text = format!(
                "the trunk {} sends fax machines to {}, but there is no such station or queue",
                trunk.name.0, fax.0
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
            .replacen("trunk_prefix = \"9\"", "trunk_prefix = \"99\"", 1)
            .replacen("id = \"7002\"", "id = \"7001\"", 1);
        let why = SiteConfig::parse(&text).unwrap_err().to_string();
        let second_port = line_of(&text, "name = \"T2\"") - 1;
        for (line, fault) in [
            (second_port, "port 0 is used twice, by the trunk T1 and the trunk T2"),
            (line_of(&text, "default = \"5009\""), "there is no queue 5009"),
            (line_of(&text, "1 = \"5010\""), "there is no queue 5010"),
            (line_of(&text, "echo_tail_ms = 3"), "echo_tail_ms is 0"),
            (line_of(&text, "trunk_prefix = \"99\""), "trunk_prefix is one key"),
            (line_of(&text, "name = \"Agent Two\"") - 1, "the agent 7001 stands there twice"),
        ] {
            assert!(why.contains(&format!("line {line}: {fault}")), "{fault} at {line}:\n{why}");
        }
        assert_eq!(why.lines().filter(|text| text.contains("line ")).count(), 6, "{why}");
    }
}
