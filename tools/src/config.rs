//! The configuration of a site, read from TOML into types that cannot be wrong.
//!
//! Never: opens a card or a database. It only says which.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tipring_core::csta::DeviceId;
use tipring_core::csta::rights::Rights;
use tipring_core::flow::calendar::Routes;
use tipring_driver::country::LineProfile;
use tipring_driver::ids::ChannelId;

use self::calendar::{CalendarConfig, Zone};
use self::fault::{ConfigError, Fault, Severity};
use self::read::Reading;
use self::shift::ShiftConfig;
use crate::dip::SourceConfig;
use crate::plural::count;
use crate::site_clock::SiteClock;
use crate::users::{Grant, GroupConfig, Policy, RoleConfig, User, Users};

pub mod agent;
pub mod board;
pub mod business_hours;
pub mod calendar;
mod check;
pub mod country;
pub mod dialling;
pub mod differ;
pub mod fault;
mod flow_file;
pub mod flows;
pub mod ivr;
pub mod keys;
pub mod lines;
pub mod mailbox;
pub mod mode;
pub mod names;
mod notice;
pub mod order_kind;
pub mod queue;
mod read;
pub mod reason;
pub mod rules;
pub mod server;
pub mod shift;
pub mod sound;
mod staffing;
#[cfg(test)]
mod template;
pub mod times;
pub mod tones;
pub mod trunk_group;
pub mod usual;

pub use agent::{AgentConfig, CallerConfig, MembershipConfig};
pub use board::{Address, BoardConfig, CardAddress, Service};
pub use country::SiteCountry;
pub use dialling::DiallingConfig;
pub use ivr::IvrConfig;
pub use keys::{KeysConfig, SecondFlashConfig};
pub use lines::{StationConfig, StationKind, TrunkConfig};
pub use mailbox::MailboxConfig;
pub use mode::EventModeConfig;
pub use names::{Agent, Device, Key, dialled};
pub use order_kind::OrderKindConfig;
pub use queue::QueueConfig;
pub use reason::ReasonConfig;
pub use server::{EngineConfig, JsonConfig, MetricsConfig, ServerConfig, StoreConfig, TlsConfig};
pub use sound::{RecordingConfig, SoundConfig, Tap};
pub use times::TimesConfig;
pub use tones::{ToneConfig, ToneMeaning};
pub use trunk_group::TrunkGroupConfig;

/// A commented configuration to start from.
pub const TEMPLATE: &str = include_str!("site.toml");

/// A whole site.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteConfig {
    /// Country of the lines.
    #[serde(default)]
    pub country: SiteCountry,
    /// Tones beside the country's.
    #[serde(rename = "tone", default)]
    pub tones: Vec<ToneConfig>,
    /// Interfaces for clients.
    pub server: ServerConfig,
    /// The engine in a process of its own, if it is in one.
    #[serde(default)]
    pub engine: Option<EngineConfig>,
    /// Database, recordings and customers.
    pub store: StoreConfig,
    /// The cards.
    #[serde(rename = "board")]
    pub boards: Vec<BoardConfig>,
    /// The lines of the exchange.
    #[serde(rename = "trunk", default)]
    pub trunks: Vec<TrunkConfig>,
    /// Trunk groups.
    #[serde(rename = "trunk_group", default)]
    pub trunk_groups: Vec<TrunkGroupConfig>,
    /// The telephones.
    #[serde(rename = "station", default)]
    pub stations: Vec<StationConfig>,
    /// Greeting and menu of incoming calls.
    pub ivr: IvrConfig,
    /// Queues of callers.
    #[serde(rename = "queue")]
    pub queues: Vec<QueueConfig>,
    /// The agents.
    #[serde(rename = "agent", default)]
    pub agents: Vec<AgentConfig>,
    /// Callers known by their numbers.
    #[serde(rename = "caller", default)]
    pub callers: Vec<CallerConfig>,
    /// Reasons of *not ready*, with names and limits.
    #[serde(rename = "reason", default)]
    pub reasons: Vec<ReasonConfig>,
    /// Kinds of work orders; the usual ones if there is none.
    #[serde(rename = "order_kind", default)]
    pub order_kinds: Vec<OrderKindConfig>,
    /// The calendar of the business hours. Its days with hours are working days of call-backs after service, Monday to
    /// Friday if left out; and by the end of its hours missed callers are to be called back, by midnight if left out.
    #[serde(default, alias = "order_calendar")]
    pub business_calendar: Option<String>,
    /// Time before the end of the business hours from which callers not called back are an alarm, min: 0 to 720.
    #[serde(default = "an_hour")]
    pub return_warning_min: u32,
    /// Shifts, each led by one principal and one deputy.
    #[serde(rename = "shift", default)]
    pub shifts: Vec<ShiftConfig>,
    /// Roles beyond those that every site has.
    #[serde(rename = "role", default)]
    pub roles: Vec<RoleConfig>,
    /// Groups of devices.
    #[serde(rename = "group", default)]
    pub groups: Vec<GroupConfig>,
    /// Places where calls can be parked.
    #[serde(default)]
    pub parking: Vec<Device>,
    /// Feature access codes.
    #[serde(default)]
    pub keys: KeysConfig,
    /// Users and agents' passwords, from a file of their own.
    #[serde(skip)]
    pub users: Users,
    /// Outgoing calls from stations.
    #[serde(default)]
    pub dialling: DiallingConfig,
    /// Times of calls.
    #[serde(default)]
    pub times: TimesConfig,
    /// Echo control, and music on hold.
    #[serde(default)]
    pub sound: SoundConfig,
    /// Purpose and treatment of recordings.
    #[serde(default)]
    pub recording: RecordingConfig,
    /// Data sources of flows.
    #[serde(rename = "source", default)]
    pub sources: Vec<SourceConfig>,
    /// Mailboxes of callers' messages.
    #[serde(rename = "mailbox", default)]
    pub mailboxes: Vec<MailboxConfig>,
    /// Calendars of hours and holidays, by name.
    #[serde(rename = "calendar", default)]
    pub calendars: BTreeMap<String, CalendarConfig>,
    /// The time zone of calendars, and of all days and moments that are shown; that of Shanghai if left out.
    #[serde(default)]
    pub time_zone: Option<Zone>,
    /// Event modes, put in force by `tipring site mode`.
    #[serde(rename = "event_mode", default)]
    pub event_modes: Vec<EventModeConfig>,
    /// The event mode in force; calendars with a route for it give that route.
    #[serde(skip)]
    pub mode: Option<EventModeConfig>,
}

/// All that is found out about a site's file and the files it names.
#[derive(Debug)]
pub struct Inspection {
    /// The site; none if the file cannot be made out.
    pub site: Option<SiteConfig>,
    /// Faults, warnings and notes, by file and line.
    pub faults: Vec<Fault>,
}

impl Inspection {
    /// The site, and its warnings and notes.
    ///
    /// # Errors
    /// All errors, if there is any.
    pub fn usable(self) -> Result<(SiteConfig, Vec<Fault>), ConfigError> {
        let (errors, others): (Vec<_>, Vec<_>) =
            self.faults.into_iter().partition(|fault| fault.severity == Severity::Error);
        match self.site {
            Some(site) if errors.is_empty() => Ok((site, others)),
            _ => Err(ConfigError(errors)),
        }
    }
}

const fn an_hour() -> u32 {
    60
}

impl SiteConfig {
    /// Reads a configuration file alone; its relative paths are taken from its folder.
    ///
    /// # Errors
    /// All errors of the file.
    pub fn load_without_users(path: &Path) -> Result<SiteConfig, ConfigError> {
        let text = read_text(path)?;
        let Reading { value, source, mut faults } = read::read::<SiteConfig>(&text);
        faults.extend(value.iter().flat_map(|site| check::faults(site, &source)));
        faults.sort_by_key(|fault| fault.line);
        let faults = faults.into_iter().map(|fault| fault.in_file(path)).collect();
        let (mut site, _) = Inspection { site: value, faults }.usable()?;
        site.settle_country();
        check::place_sources(&mut site, path, &source);
        site.resolve(path.parent().unwrap_or(Path::new(".")));
        Ok(site)
    }

    /// Reads a configuration file with its users file and flows; relative paths are taken from its folder.
    ///
    /// # Errors
    /// All errors of these files.
    pub fn load(path: &Path) -> Result<SiteConfig, ConfigError> {
        SiteConfig::inspect(path).usable().map(|(site, _)| site)
    }

    /// Reads a configuration file, and with it its users file, flows and prompts. Finds all faults at once.
    pub fn inspect(path: &Path) -> Inspection {
        let text = match read_text(path) {
            Ok(text) => text,
            Err(error) => return Inspection { site: None, faults: error.0 },
        };
        let Reading { value, source, mut faults } = read::read::<SiteConfig>(&text);
        let Some(mut site) = value else {
            return Inspection { site: None, faults: faults.into_iter().map(|fault| fault.in_file(path)).collect() };
        };
        faults.extend(check::faults(&site, &source));
        site.settle_country();
        check::place_sources(&mut site, path, &source);
        site.resolve(path.parent().unwrap_or(Path::new(".")));
        faults.extend(check::missing_files(&site, &source));
        let users = users_of(&mut site);
        faults.extend(staffing::warnings(&site, &source));
        faults.extend(mode::flow_faults(&site, &source));
        faults.sort_by_key(|fault| fault.line);
        let mut faults: Vec<_> = faults.into_iter().map(|fault| fault.in_file(path)).collect();
        faults.extend(users);
        // Faults of the flow that [ivr] becomes are faults of [ivr], which have been found.
        let found = flows::SiteFlows::read(&site).err().unwrap_or_default();
        faults.extend(found.into_iter().filter(|fault| fault.file.as_deref() != Some(Path::new(flows::MENU))));
        Inspection { site: Some(site), faults }
    }

    /// Reads a configuration from text.
    ///
    /// # Errors
    /// All errors of the text.
    pub fn parse(text: &str) -> Result<SiteConfig, ConfigError> {
        let Reading { value, source, mut faults } = read::read::<SiteConfig>(text);
        faults.extend(value.iter().flat_map(|site| check::faults(site, &source)));
        faults.sort_by_key(|fault| fault.line);
        let (mut site, _) = Inspection { site: value, faults }.usable()?;
        site.settle_country();
        Ok(site)
    }

    /// Gives the country the site's own tones, if they are right.
    fn settle_country(&mut self) {
        if self.tones.iter().all(|tone| tone.check(self.country.0).is_ok()) {
            self.country.0 = tones::country_with(self.country.0, &self.tones).unwrap_or(self.country.0);
        }
    }

    fn resolve(&mut self, folder: &Path) {
        let here = |path: &mut PathBuf| *path = folder.join(&*path);
        here(&mut self.store.database);
        if let Some(engine) = &mut self.engine {
            here(&mut engine.socket);
        }
        here(&mut self.store.recordings);
        let store = &mut self.store;
        store.customers.iter_mut().chain(&mut store.password_file).chain(&mut store.ca).for_each(here);
        self.recording.forms.iter_mut().chain(&mut self.recording.keys).for_each(here);
        here(&mut self.server.users);
        if let Some(tls) = &mut self.server.tls {
            here(&mut tls.certificate);
            here(&mut tls.key);
        }
        if let Some(tls) = self.server.json.as_mut().and_then(|json| json.tls.as_mut()) {
            here(&mut tls.certificate);
            here(&mut tls.key);
        }
        self.ivr.greeting.iter_mut().for_each(here);
        self.ivr.flows.iter_mut().for_each(here);
        self.ivr.prompts.iter_mut().for_each(here);
        for source in &mut self.sources {
            source.sqlite.iter_mut().chain(&mut source.password_file).chain(&mut source.ca).for_each(here);
        }
        for board in &mut self.boards {
            if let Address::Socket(path) = &mut board.card.0 {
                here(path);
            }
        }
    }

    /// The site's clock.
    pub fn clock(&self) -> SiteClock {
        SiteClock::new(self.zone())
    }

    /// The time zone.
    pub fn zone(&self) -> chrono_tz::Tz {
        self.time_zone.map_or(chrono_tz::Asia::Shanghai, |zone| zone.0)
    }

    /// The routes of all calendars from a moment on, in milliseconds since 1970.
    pub fn routes(&self, unix_ms: i64) -> BTreeMap<String, Routes> {
        let from = chrono::DateTime::from_timestamp_millis(unix_ms).unwrap_or_default();
        let each = self.calendars.iter();
        each.map(|(name, calendar)| (name.clone(), calendar.routes(self.zone(), from, self.mode.is_some()))).collect()
    }

    /// Counts of what is configured, for `serve --check`.
    pub fn summary(&self) -> String {
        let counts = [
            (self.boards.len(), "board"),
            (self.trunks.len(), "trunk"),
            (self.stations.len(), "station"),
            (self.queues.len(), "queue"),
            (self.agents.len(), "agent"),
            (self.users.users.len(), "user"),
        ];
        counts.map(|(of, noun)| count(of, noun)).join(", ")
    }

    /// The lines that differ from the country's ordinary ones.
    pub fn profiles(&self) -> Result<Vec<(ChannelId, LineProfile)>, ConfigError> {
        let country = self.country.0;
        let trunks = self.trunks.iter().map(|trunk| (trunk.port, trunk.profile(country)));
        let stations = self.stations.iter().map(|station| (station.port, station.profile(country)));
        let line = |(port, profile): (u16, Result<LineProfile, String>)| {
            Ok((ChannelId(port), profile.map_err(ConfigError::new)?))
        };
        trunks.chain(stations).map(line).collect()
    }

    /// The devices that a client can name: trunks, trunk groups, stations, queues.
    pub fn has_device(&self, device: &DeviceId) -> bool {
        self.has_named(device) || self.trunk_groups.iter().any(|group| group.name.0 == *device)
    }

    /// Returns true for the name of a trunk, a station or a queue.
    fn has_named(&self, device: &DeviceId) -> bool {
        self.trunks.iter().any(|trunk| trunk.name.0 == *device)
            || self.stations.iter().any(|station| station.extension.0 == *device)
            || self.queues.iter().any(|queue| queue.device.0 == *device)
    }

    /// The rights that grants give at this site.
    ///
    /// # Errors
    /// A role, group or device that there is not.
    pub fn rights_of(&self, grants: &[Grant]) -> Result<Rights, ConfigError> {
        let known = |device: &DeviceId| self.has_device(device);
        let policy = Policy::new(&self.roles, &self.groups, &known).map_err(ConfigError::new)?;
        policy.rights(grants).map_err(ConfigError::new)
    }

    /// The rights of every user.
    ///
    /// # Errors
    /// A role, group or device that there is not, with the user.
    pub fn rights(&self) -> Result<BTreeMap<&str, Rights>, ConfigError> {
        self.rights_of(&[])?;
        let of = |user: &'_ User| self.rights_of(&user.grants);
        let users = self.users.users.iter();
        users
            .map(|user| match of(user) {
                Ok(rights) => Ok((user.login.as_str(), rights)),
                Err(error) => Err(ConfigError::new(format!("the user {}: {error}", user.login))),
            })
            .collect()
    }
}

/// Reads the text of a configuration file.
fn read_text(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|error| {
        let remedy = match error.kind() {
            std::io::ErrorKind::NotFound => {
                ". Name it by --site or --config FILE, or have one written: tipring site new"
            }
            std::io::ErrorKind::PermissionDenied => ". Run this as root, or as the user of the site",
            _ => "",
        };
        ConfigError::new(format!("The configuration {} cannot be read: {error}{remedy}", path.display()))
    })
}

/// Reads the users file of a site into it. Returns its faults.
fn users_of(site: &mut SiteConfig) -> Vec<Fault> {
    let file = site.server.users.clone();
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => return vec![Fault::of(&file, None, format!("the users file cannot be read: {error}"))],
    };
    let Reading { value, source, mut faults } = read::read::<Users>(&text);
    site.users = value.unwrap_or_default();
    faults.extend(staffing::user_faults(site, &source));
    faults.into_iter().map(|fault| fault.in_file(&file)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_configuration_is_one_that_can_be_used() {
        let config = SiteConfig::parse(TEMPLATE).unwrap();
        assert_eq!(config.boards[0].card, CardAddress(Address::Socket("card.sock".into())));
        assert_eq!(config.stations.len(), 2);
    }

    #[test]
    fn mistakes_are_reported_by_name() {
        let wrong = |from: &str, to: &str| SiteConfig::parse(&TEMPLATE.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(wrong("port = 1", "port = 0").contains("port 0 is used twice"));
        assert!(wrong("default = \"5000\"", "default = \"5009\"").contains("no queue 5009"));
        assert!(wrong("extension = \"1002\"", "extension = \"1001\"").contains("1001 stands there twice"));
        assert!(wrong("kind = \"headset\"", "kind = \"sofa\"").contains("sofa"));
        assert!(wrong("socket:card.sock", "usb:1").contains("a card is written"));
        assert!(wrong("listen", "lissen").contains("lissen"));
        assert!(wrong("receive_ring_ms = 64", "receive_ring_ms = 1").contains("2 to 128"));
        assert!(wrong("echo_tail_ms = 16", "echo_tail_ms = 3").contains("4 to 128, not 3"));
        let roles = "[[role]]\nname = \"agent\"\nservices = [\"observe\"]\n\n[sound]";
        assert!(wrong("[sound]", roles).contains("one that every site has"));
        let group = "[[group]]\nname = \"desks\"\ndevices = [\"1001\", \"1009\"]\n\n[sound]";
        assert!(wrong("[sound]", group).contains("the group desks has 1009"));
        let country = wrong("country = \"CN\"", "country = \"XX\"");
        assert!(["XX", "CN", "US", "GB", "DE", "JP", "HK"].iter().all(|code| country.contains(code)), "{country}");
        for unknown in ["1009", "T1"] {
            let error = wrong("name = \"T2\"", &format!("name = \"T2\"\nfax = \"{unknown}\""));
            assert!(
                error.contains(&format!("trunk T2 sends fax machines to {unknown}, but there is no such")),
                "{error}"
            );
        }
        assert!(wrong("name = \"T2\"", "name = \"T2\"\nsignalling = \"ground\"").contains("trunk T2"));
    }
}
