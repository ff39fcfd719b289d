//! The configuration of a site, read from TOML into types that cannot be wrong.
//!
//! Never: opens a card or a database. It only says which.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tipring_core::csta::rights::Rights;
use tipring_core::csta::{AgentId, DeviceId};
use tipring_core::flow::calendar::Routes;
use tipring_core::flow::say::Language;
use tipring_core::route::key_code::{KeyCodes, KeyService};
use tipring_driver::card::tdm400p::{AHEAD_MS, RECEIVE_MS, Settings};
use tipring_driver::country::LineProfile;
use tipring_driver::dsp::enhance::Enhancement;
use tipring_driver::ids::ChannelId;
use tipring_driver::line::Digit;
use tipring_driver::media::RecordingKind;
use tipring_driver::media::tick::MediaSettings;

use self::calendar::{CalendarConfig, Zone};
use crate::users::{Grant, GroupConfig, Policy, RoleConfig, User, Users, is_open_to_others};

pub mod calendar;
mod check;
mod flow_file;
pub mod flows;
pub mod lines;
pub mod queue;

pub use lines::{SiteCountry, StationConfig, StationKind, TrunkConfig};
pub use queue::{AgentConfig, CallerConfig, PartConfig, QueueConfig};

/// A commented configuration to start from.
pub const TEMPLATE: &str = include_str!("site.toml");

/// A whole site.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteConfig {
    /// Where the lines are.
    #[serde(default)]
    pub country: SiteCountry,
    /// Where clients connect.
    pub server: ServerConfig,
    /// Database, recordings and customers.
    pub store: StoreConfig,
    /// The cards.
    #[serde(rename = "board")]
    pub boards: Vec<BoardConfig>,
    /// The lines of the exchange.
    #[serde(rename = "trunk", default)]
    pub trunks: Vec<TrunkConfig>,
    /// The telephones.
    #[serde(rename = "station", default)]
    pub stations: Vec<StationConfig>,
    /// Greeting and menu of incoming calls.
    pub ivr: IvrConfig,
    /// Where callers wait.
    #[serde(rename = "queue")]
    pub queues: Vec<QueueConfig>,
    /// The agents.
    #[serde(rename = "agent", default)]
    pub agents: Vec<AgentConfig>,
    /// Callers known by their numbers.
    #[serde(rename = "caller", default)]
    pub callers: Vec<CallerConfig>,
    /// Roles beyond those that every site has.
    #[serde(rename = "role", default)]
    pub roles: Vec<RoleConfig>,
    /// Groups of devices.
    #[serde(rename = "group", default)]
    pub groups: Vec<GroupConfig>,
    /// Places where calls can be parked.
    #[serde(default)]
    pub parking: Vec<Device>,
    /// Services by keys.
    #[serde(default)]
    pub keys: KeysConfig,
    /// Users and agents' passwords, from a file of their own.
    #[serde(skip)]
    pub users: Users,
    /// Outgoing calls from stations.
    #[serde(default)]
    pub dialling: DiallingConfig,
    /// Echo control.
    #[serde(default)]
    pub sound: SoundConfig,
    /// Purpose and treatment of recordings.
    #[serde(default)]
    pub recording: RecordingConfig,
    /// Calendars of hours and holidays, by name.
    #[serde(rename = "calendar", default)]
    pub calendars: BTreeMap<String, CalendarConfig>,
    /// The time zone of calendars; that of Shanghai if left out.
    #[serde(default)]
    pub time_zone: Option<Zone>,
    /// Calendars with a route for it give that route.
    #[serde(default)]
    pub event_mode: bool,
}

/// Where clients connect.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// The address.
    pub listen: SocketAddr,
    /// The second part of the Tlink name.
    pub switch: String,
    /// The fourth part of the Tlink name.
    pub server: String,
    /// TLS for clients, on an address of its own.
    #[serde(default)]
    pub tls: Option<TlsConfig>,
    /// The JSON socket, for browsers and scripts.
    #[serde(default)]
    pub json: Option<JsonConfig>,
    /// False leaves `listen` to the name service: streams are opened within TLS only.
    #[serde(default = "yes")]
    pub clear_streams: bool,
    /// The users file.
    #[serde(default = "usual_users")]
    pub users: PathBuf,
    /// The processor that the media thread is kept to, counted from 0; any, if none is given.
    #[serde(default)]
    pub media_processor: Option<usize>,
}

/// The JSON socket.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonConfig {
    /// The address.
    pub listen: SocketAddr,
    /// Origins of pages that may connect, as `https://desk.example`.
    #[serde(default)]
    pub origins: Vec<String>,
}

/// TLS for clients.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The address.
    pub listen: SocketAddr,
    /// The server's certificate and those that signed it, as PEM.
    pub certificate: PathBuf,
    /// The certificate's private key, as PEM.
    pub key: PathBuf,
}

/// Paths of the database, the recordings and the customers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// The database.
    pub database: PathBuf,
    /// The folder of recordings.
    pub recordings: PathBuf,
    /// A CSV file of customers.
    #[serde(default)]
    pub customers: Option<PathBuf>,
}

/// A card.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoardConfig {
    /// Its address.
    pub card: CardAddress,
    /// Trigger of its service.
    #[serde(default)]
    pub service: Service,
    /// Depth of the receive ring, in ms (2 to 128): the driver's delay up to which no received sound is lost. The
    /// card's usual depth if left out.
    #[serde(default)]
    pub receive_ring_ms: Option<u32>,
    /// Samples played ahead, in ms (1 to 64): the delay of played sound, and the driver's delay up to which it has no
    /// gap. The card's usual value if left out.
    #[serde(default)]
    pub transmit_ahead_ms: Option<u32>,
}

/// Trigger of a card's service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// A timer, every millisecond: the card's position says how far it is.
    #[default]
    Position,
    /// The card's interrupt as well, twice in each round of the receive ring.
    Interrupt,
}

impl BoardConfig {
    /// The settings of its card.
    pub fn settings(&self) -> Settings {
        let usual = Settings::default();
        Settings {
            receive_ring_ms: self.receive_ring_ms.unwrap_or(usual.receive_ring_ms),
            transmit_ahead_ms: self.transmit_ahead_ms.unwrap_or(usual.transmit_ahead_ms),
            ..usual
        }
    }

    fn check(&self) -> Result<(), String> {
        let settings = self.settings();
        if !RECEIVE_MS.contains(&settings.receive_ring_ms) || !AHEAD_MS.contains(&settings.transmit_ahead_ms) {
            return Err(format!("{}: receive_ring_ms is 2 to 128, transmit_ahead_ms 1 to 64", self.card));
        }
        Ok(())
    }
}

/// Address of a card.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum CardAddress {
    /// A real one, by its PCI address.
    Pci(String),
    /// A simulated one, by its socket.
    Socket(PathBuf),
}

impl TryFrom<String> for CardAddress {
    type Error = String;
    fn try_from(text: String) -> Result<CardAddress, String> {
        match text.split_once(':') {
            Some(("pci", address)) if !address.is_empty() => Ok(CardAddress::Pci(address.into())),
            Some(("socket", path)) if !path.is_empty() => Ok(CardAddress::Socket(path.into())),
            _ => Err(format!("a card is written \"pci:0000:03:00.0\" or \"socket:/path\", not {text:?}")),
        }
    }
}

impl fmt::Display for CardAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CardAddress::Pci(address) => write!(f, "pci:{address}"),
            CardAddress::Socket(path) => write!(f, "socket:{}", path.display()),
        }
    }
}

/// Greeting and menu of incoming calls.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IvrConfig {
    /// A WAV file.
    #[serde(default)]
    pub greeting: Option<PathBuf>,
    /// Time to wait for a key after the greeting, in s.
    #[serde(default = "five")]
    pub wait_s: u32,
    /// The queue of callers who press nothing, or a key without a choice. Left out where callers enter a flow.
    #[serde(default)]
    pub default: Option<Device>,
    /// Which key leads where.
    #[serde(default)]
    pub choices: BTreeMap<Key, Device>,
    /// Files of flows.
    #[serde(default)]
    pub flows: Vec<PathBuf>,
    /// The folder of prompts and phrases.
    #[serde(default)]
    pub prompts: Option<PathBuf>,
    /// The language in which callers begin.
    #[serde(default)]
    pub language: Language,
    /// The flow of callers whose trunk names none; the greeting and its keys if left out.
    #[serde(default)]
    pub entry: Option<Device>,
}

/// Echo control of all lines.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoundConfig {
    /// Tail of the echo canceller, in ms: 4 to 128, or 0 for no echo control.
    #[serde(default = "usual_echo_tail_ms")]
    pub echo_tail_ms: u32,
}

impl Default for SoundConfig {
    fn default() -> SoundConfig {
        SoundConfig { echo_tail_ms: usual_echo_tail_ms() }
    }
}

fn usual_echo_tail_ms() -> u32 {
    MediaSettings::default().echo_tail_ms
}

/// Purpose and treatment of recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordingConfig {
    /// Where the sound is taken.
    #[serde(default)]
    pub tap: Tap,
    /// Level control (G.169); on by default for recordings to listen to.
    #[serde(default)]
    pub level_control: Option<bool>,
    /// Noise reduction (G.160); on by default for recordings to listen to.
    #[serde(default)]
    pub noise_reduction: Option<bool>,
}

/// Where the sound of recordings is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Tap {
    /// Before anything that could take a word away: to prove what was said
    #[default]
    Evidence,
    /// As the other party heard it: to be listened to
    Listening,
}

impl RecordingConfig {
    /// Of this tap, with what is usual for it.
    pub fn of(tap: Tap) -> RecordingConfig {
        RecordingConfig { tap, ..RecordingConfig::default() }
    }

    /// The same in the driver's words.
    pub fn kind(&self) -> Result<RecordingKind, String> {
        let RecordingConfig { tap, level_control, noise_reduction } = *self;
        match tap {
            Tap::Listening => Ok(RecordingKind::Listening(Enhancement {
                noise_reduction: noise_reduction.unwrap_or(true),
                level_control: level_control.unwrap_or(true),
            })),
            Tap::Evidence => {
                let wanted = [("level_control", level_control), ("noise_reduction", noise_reduction)];
                match wanted.into_iter().find(|(_, wanted)| *wanted == Some(true)) {
                    None => Ok(RecordingKind::Evidence),
                    Some((name, _)) => Err(format!(
                        "{name} would change what recordings are to prove; leave it out, or record for listening: tap = \"listening\""
                    )),
                }
            }
        }
    }
}

/// Services by keys: the meaning of a second hook flash, and other codes than the usual ones.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysConfig {
    /// Meaning of a hook flash beside a held call.
    #[serde(default)]
    pub second_flash: SecondFlashConfig,
    /// Codes by the names of their services; an empty one takes the service away.
    #[serde(default)]
    pub codes: BTreeMap<String, String>,
}

/// Meaning of a hook flash beside a held call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecondFlashConfig {
    /// The two calls become a conference.
    #[default]
    Conference,
    /// The two calls change places.
    Alternate,
}

impl KeysConfig {
    /// Returns the codes, in the core's terms.
    ///
    /// # Errors
    /// A name that is no service's, a code that is none, or one that two services have.
    pub fn codes(&self) -> Result<KeyCodes, String> {
        let mut codes = KeyCodes::default();
        let service = |name: &str| KeyService::ALL.iter().find(|(_, known, _)| *known == name).map(|it| it.0);
        for name in self.codes.keys() {
            let service = service(name).ok_or_else(|| {
                let names: Vec<_> = KeyService::ALL.iter().map(|it| it.1).collect();
                format!("keys: {name:?} is no service; there are {}", names.join(", "))
            })?;
            // All that change are taken away first, so that two services can change places.
            codes.set(service, "").map_err(|error| error.to_string())?;
        }
        for (name, code) in &self.codes {
            if let Some(service) = service(name) {
                codes.set(service, code).map_err(|error| format!("keys: {name}: {error}"))?;
            }
        }
        Ok(codes)
    }
}

/// Outgoing calls from stations.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiallingConfig {
    /// Digits before an outside number.
    #[serde(default = "nine")]
    pub trunk_prefix: String,
}

impl Default for DiallingConfig {
    fn default() -> DiallingConfig {
        DiallingConfig { trunk_prefix: nine() }
    }
}

fn yes() -> bool {
    true
}

fn usual_users() -> PathBuf {
    "users.toml".into()
}

fn five() -> u32 {
    5
}

fn twenty() -> u32 {
    20
}

fn nine() -> String {
    "9".into()
}

macro_rules! parsed {
    ($(#[$doc:meta])* $name:ident($inner:ty), $parse:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(pub $inner);

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<$name, String> {
                let parse: fn(&str) -> Result<$inner, String> = $parse;
                parse(&text).map($name)
            }
        }
    };
}

parsed!(
    /// A device's identifier.
    Device(DeviceId),
    |text| {
        DeviceId::new(text)
            .ok()
            .filter(|id| !id.is_empty())
            .ok_or(format!("{text:?} is no device: 1 to 63 plain characters are wanted"))
    }
);
parsed!(
    /// An agent's login.
    Agent(AgentId),
    |text| {
        AgentId::new(text)
            .ok()
            .filter(|id| !id.is_empty())
            .ok_or(format!("{text:?} is no agent: 1 to 31 plain characters are wanted"))
    }
);
parsed!(
    /// A key of the telephone.
    Key(Digit),
    |text| {
        let mut characters = text.chars();
        characters
            .next()
            .filter(|_| characters.next().is_none())
            .and_then(Digit::new)
            .ok_or(format!("{text:?} is no key of a telephone"))
    }
);

/// Why a configuration cannot be used.
#[derive(Debug)]
pub struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

fn unusable(path: &Path, error: &ConfigError) -> ConfigError {
    ConfigError(format!("The configuration {} cannot be used: {error}", path.display()))
}

/// Every fault on a line of its own, if there is any.
fn all_right(faults: &[check::Fault]) -> Result<(), ConfigError> {
    match faults {
        [] => Ok(()),
        faults => Err(listed(faults)),
    }
}

fn listed(faults: impl IntoIterator<Item = impl fmt::Display>) -> ConfigError {
    ConfigError(faults.into_iter().map(|fault| format!("\n  {fault}")).collect())
}

impl SiteConfig {
    /// Reads a configuration file alone; its relative paths are taken from its folder.
    ///
    /// # Errors
    /// A sentence with the file and what is wrong in it.
    pub fn load_without_users(path: &Path) -> Result<SiteConfig, ConfigError> {
        SiteConfig::read(path).map(|(config, _)| config)
    }

    /// Reads a configuration file. Returns its text with it.
    fn read(path: &Path) -> Result<(SiteConfig, String), ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError(format!("The configuration {} cannot be read: {error}", path.display())))?;
        let mut config = SiteConfig::parse(&text).map_err(|error| unusable(path, &error))?;
        config.resolve(path.parent().unwrap_or(Path::new(".")));
        Ok((config, text))
    }

    /// Reads a configuration file and its users file; relative paths are taken from the folder of the former.
    ///
    /// # Errors
    /// A sentence with the file and what is wrong in it.
    pub fn load(path: &Path) -> Result<SiteConfig, ConfigError> {
        let (mut config, text) = SiteConfig::read(path)?;
        all_right(&check::missing_files(&config, &text)).map_err(|error| unusable(path, &error))?;
        flows::SiteFlows::read(&config).map_err(|faults| unusable(path, &listed(faults)))?;
        config.users = Users::load(&config.server.users).map_err(ConfigError)?;
        config
            .rights()
            .map_err(|error| ConfigError(format!("The users file {}: {error}", config.server.users.display())))?;
        Ok(config)
    }

    /// Reads a configuration from text.
    pub fn parse(text: &str) -> Result<SiteConfig, ConfigError> {
        let config: SiteConfig = toml::from_str(text).map_err(|error| ConfigError(error.to_string()))?;
        all_right(&check::faults(&config, text))?;
        Ok(config)
    }

    fn resolve(&mut self, folder: &Path) {
        let here = |path: &mut PathBuf| *path = folder.join(&*path);
        here(&mut self.store.database);
        here(&mut self.store.recordings);
        self.store.customers.iter_mut().for_each(here);
        here(&mut self.server.users);
        if let Some(tls) = &mut self.server.tls {
            here(&mut tls.certificate);
            here(&mut tls.key);
        }
        self.ivr.greeting.iter_mut().for_each(here);
        self.ivr.flows.iter_mut().for_each(here);
        self.ivr.prompts.iter_mut().for_each(here);
        for board in &mut self.boards {
            if let CardAddress::Socket(path) = &mut board.card {
                here(path);
            }
        }
    }

    /// The time zone of calendars.
    pub fn zone(&self) -> chrono_tz::Tz {
        self.time_zone.map_or(chrono_tz::Asia::Shanghai, |zone| zone.0)
    }

    /// The routes of all calendars from a moment on, in milliseconds since 1970.
    pub fn routes(&self, unix_ms: i64) -> BTreeMap<String, Routes> {
        let from = chrono::DateTime::from_timestamp_millis(unix_ms).unwrap_or_default();
        let each = self.calendars.iter();
        each.map(|(name, calendar)| (name.clone(), calendar.routes(self.zone(), from, self.event_mode))).collect()
    }

    /// Counts of what is configured, for `serve --check`.
    pub fn summary(&self) -> String {
        format!(
            "{} boards, {} trunks, {} stations, {} queues, {} agents, {} users",
            self.boards.len(),
            self.trunks.len(),
            self.stations.len(),
            self.queues.len(),
            self.agents.len(),
            self.users.users.len()
        )
    }

    /// Sentences about a configuration that can be used, but hardly as it is meant.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let mut warn = |when: bool, text: &str| {
            if when {
                warnings.push(text.to_owned());
            }
        };
        let users = &self.server.users;
        warn(
            self.users.users.is_empty(),
            &format!("{} has no users, so no client can log in; add one with `tipring user add`", users.display()),
        );
        warn(is_open_to_others(users), &format!("{0} can be read by others: chmod 600 {0}", users.display()));
        warn(self.agents.is_empty(), "There is no [[agent]]: calls will wait and never be answered");
        warn(self.stations.is_empty(), "There is no [[station]]: agents have no telephone");
        warn(self.trunks.is_empty(), "There is no [[trunk]]: no call can come in");
        for agent in &self.agents {
            let known = self.users.agents.iter().any(|entry| entry.id == agent.id.0);
            let id = agent.id.0;
            warn(!known, &format!("Agent {id} has no password; set one with `tipring user passwd --agent {id}`"));
        }
        for queue in &self.queues {
            let (served, number) = (
                self.agents.iter().any(|agent| agent.queues.iter().any(|part| part.queue() == queue.device)),
                queue.device.0,
            );
            warn(!served, &format!("No [[agent]] serves the queue {number}: its calls will never be answered"));
            warn(
                queue.alert_s == 0,
                &format!("alert_s = 0 at the queue {number}: its telephones never ring long enough"),
            );
        }
        warnings
    }

    /// The lines that differ from the country's ordinary ones.
    pub fn profiles(&self) -> Result<Vec<(ChannelId, LineProfile)>, ConfigError> {
        let country = self.country.0;
        let trunks = self.trunks.iter().map(|trunk| (trunk.port, trunk.profile(country)));
        let stations = self.stations.iter().map(|station| (station.port, station.profile(country)));
        let line =
            |(port, profile): (u16, Result<LineProfile, String>)| Ok((ChannelId(port), profile.map_err(ConfigError)?));
        trunks.chain(stations).map(line).collect()
    }

    /// The devices that a client can name: trunks, stations, queues.
    pub fn has_device(&self, device: &DeviceId) -> bool {
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
        let policy = Policy::new(&self.roles, &self.groups, &known).map_err(ConfigError)?;
        policy.rights(grants).map_err(ConfigError)
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
                Err(error) => Err(ConfigError(format!("the user {}: {error}", user.login))),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_configuration_is_one_that_can_be_used() {
        let config = SiteConfig::parse(TEMPLATE).unwrap();
        assert_eq!(config.boards[0].card, CardAddress::Socket("card.sock".into()));
        assert_eq!(config.stations.len(), 2);
    }

    #[test]
    fn a_board_served_by_interrupt_has_rings_as_deep_as_any() {
        let text = "service = \"interrupt\"";
        let config =
            SiteConfig::parse(&TEMPLATE.replacen("receive_ring_ms = 64\ntransmit_ahead_ms = 4", text, 1)).unwrap();
        assert_eq!(config.boards[0].service, Service::Interrupt);
        assert_eq!(config.boards[0].settings(), Settings::default());
    }

    #[test]
    fn recordings_are_evidence_unless_they_are_for_listening() {
        let kind = |text: &str| {
            SiteConfig::parse(&TEMPLATE.replacen("tap = \"evidence\"", text, 1)).map(|site| site.recording.kind())
        };
        let listening = |noise_reduction, level_control| {
            Ok(RecordingKind::Listening(Enhancement { noise_reduction, level_control }))
        };
        for (text, wanted) in [
            ("", Ok(RecordingKind::Evidence)),
            ("level_control = false", Ok(RecordingKind::Evidence)),
            ("tap = \"listening\"", listening(true, true)),
            ("tap = \"listening\"\nnoise_reduction = false", listening(false, true)),
            ("tap = \"listening\"\nlevel_control = false", listening(true, false)),
        ] {
            assert_eq!(kind(text).unwrap(), wanted, "{text}");
        }
        for (text, why) in [
            ("tap = \"evidence\"\nlevel_control = true", "level_control would change"),
            ("noise_reduction = true", "noise_reduction would change"),
            ("tap = \"both\"", "`evidence` or `listening`"),
            ("tap = \"listening\"\nagc = true", "agc"),
            ("tap = \"listening\"\nlevel_control = 3", "level_control"),
        ] {
            let complaint = kind(text).expect_err(text).to_string();
            assert!(complaint.contains(why), "{text}: {complaint}");
        }
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

    #[test]
    fn key_codes_are_of_the_site_and_a_wrong_one_is_reported_with_its_line() {
        let with = |text: &str| SiteConfig::parse(&TEMPLATE.replacen("second_flash = \"conference\"", text, 1));
        let changed = with("second_flash = \"alternate\"\ncodes = { park = \"44\", group_pickup = \"45\" }").unwrap();
        let codes = changed.keys.codes().unwrap();
        assert!(format!("{:?}", codes.read("*44#")).contains("Park"), "two services change places");
        for (text, why) in [
            ("codes = { parc = \"8\" }", "\"parc\" is no service; there are log_in"),
            ("codes = { park = \"x\" }", "is not a key code"),
            ("codes = { park = \"40\" }", "two services have the key code 40"),
            ("second_flash = \"both\"", "both"),
        ] {
            let refused = with(text).expect_err(text).to_string();
            assert!(refused.contains(why) && refused.contains("line "), "{text}: {refused}");
        }
        let twice = SiteConfig::parse(&TEMPLATE.replacen("[\"4001\", \"4002\"]", "[\"1001\"]", 1)).unwrap_err();
        assert!(twice.to_string().contains("the parking place 1001 has the name of another device"), "{twice}");
    }
}
