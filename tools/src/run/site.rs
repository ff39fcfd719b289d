//! Conversion of a configuration: the core's own configuration, and the files and accounts around it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::{Mutex, RwLock};
use tipring_core::agent::ring_count::RingCadence;
use tipring_core::config as core;
use tipring_core::csta::rights::Rights;
use tipring_core::csta::{AgentId, AgentPassword, DeviceId};
use tipring_core::flow::book::FlowBook;
use tipring_core::recording::recordings;
use tipring_core::route::feature_code::SecondFlash;
use tipring_driver::card::tdm400p::LineSettings;
use tipring_driver::dsp::caller_id::Stamp;
use tipring_driver::engine::Settings as EngineSettings;
use tipring_driver::ids::{ChannelId, PromptId, RecordingId};
use tipring_driver::media::MediaSettings;
use tipring_driver::media::file_io::{Library, PromptSource, RecordingTarget};
use tipring_driver::spsc::Consumer;
use tipring_driver::time::Ticks;
use tipring_tsapi::session::{Accounts, Recalled};

use super::engine::composed::{self, Composed};
use super::sounds::{Shelf, Sounds, stock};
use super::taps::Taps;
use crate::config::fault::listed;
use crate::config::flows::{MENU, SiteFlows};
use crate::config::rules::Names;
use crate::config::{MembershipConfig, SecondFlashConfig, SiteConfig, SiteCountry, StationKind, TrunkGroupConfig};
use crate::encryption::key_ring::KeyRing;
use crate::encryption::writer::EncryptedSink;
use crate::failure::Failure;
use crate::log::{Level, Log};
use crate::users::{self, Users};

/// The core's configuration of a site whose first tick is at `epoch_ms`, with its flows.
///
/// Agents' passwords are verified by [`SiteAccounts`]; the core gets `agent_key` instead, which no client knows.
pub fn core_config(
    site: &SiteConfig,
    epoch_ms: i64,
    agent_key: AgentPassword,
    flows: FlowBook,
) -> Result<core::Config, Failure> {
    let menu = DeviceId::new(MENU)?;
    let names = Names::new(site);
    Ok(core::Config {
        epoch_ms: epoch_ms.max(0) as u64,
        trunks: site
            .trunks
            .iter()
            .map(|trunk| core::TrunkConfig {
                channel: ChannelId(trunk.port),
                device: trunk.name.0,
                number: trunk.number.unwrap_or(trunk.name).0,
                entry: core::Destination::Flow(trunk.flow.or(site.ivr.entry).map_or(menu, |flow| flow.0)),
                fax: trunk.fax.map(|fax| fax.0),
            })
            .collect(),
        trunk_groups: site.trunk_groups.iter().map(TrunkGroupConfig::group).collect(),
        stations: site
            .stations
            .iter()
            .map(|station| core::StationConfig {
                channel: ChannelId(station.port),
                device: station.extension.0,
                kind: match station.kind {
                    StationKind::Handset => core::StationKind::Handset,
                    StationKind::Headset => core::StationKind::Headset,
                },
                pickup_group: station.pickup_group,
            })
            .collect(),
        agents: site
            .agents
            .iter()
            .map(|agent| {
                Ok(core::AgentConfig {
                    id: agent.id.0,
                    password: agent_key,
                    name: agent.name.clone(),
                    skills: names.skills(&agent.skills)?,
                    queues: agent.queues.iter().map(MembershipConfig::membership).collect(),
                    greeting: agent.greeting.clone(),
                })
            })
            .collect::<Result<_, Failure>>()?,
        queues: site
            .queues
            .iter()
            .map(|queue| {
                Ok(core::QueueConfig {
                    device: queue.device.0,
                    name: queue.name.clone(),
                    rules: names.rules(queue, ring_cadence(site.country))?,
                    personal: core::PersonalConfig {
                        owner: queue.owner.map(|owner| owner.0),
                        hold: Ticks::from_secs(queue.preferred_agent_wait_s.into()),
                        last_agent: Ticks::from_secs(queue.last_agent_s.into()),
                    },
                    longest_wait: queue.longest_wait_s.map(|wait| Ticks::from_secs(wait.into())),
                    after_call_work: Ticks::from_secs(queue.after_call_work_s.into()),
                    sound: queue.music.clone().map_or(core::QueueSound::Ringback, core::QueueSound::Prompt),
                    announces_agent: queue.announce_agent,
                })
            })
            .collect::<Result<_, Failure>>()?,
        callers: site.callers.iter().flat_map(crate::config::CallerConfig::rules).collect(),
        reasons: site.reason_rules(),
        flows,
        users: site
            .rights()?
            .into_iter()
            .map(|(login, rights)| core::UserConfig { login: login.into(), rights })
            .collect(),
        numbers: site.number_plan()?,
        dial_plan: site.dial_plan()?,
        times: site.times.times(),
        hold_music: site.sound.hold_music.clone(),
        parking: site.parking.iter().map(|place| place.0).collect(),
        feature_codes: site.keys.codes()?,
        second_flash: match site.keys.second_flash {
            SecondFlashConfig::Conference => SecondFlash::Conference,
            SecondFlashConfig::Alternate => SecondFlash::Alternate,
        },
        record: Some(site.recording.kind()?),
        record_rules: site.recording.rules(),
        ring_cadence: ring_cadence(site.country),
        ..core::Config::default()
    })
}

/// The cadence by which a country's telephones ring: the first burst, and the rest of the cycle.
fn ring_cadence(country: SiteCountry) -> RingCadence {
    let cadence = country.0.ringing.cadence;
    let cycle: u32 = cadence.iter().map(|burst| burst.on_ms + burst.off_ms).sum();
    let on = cadence.first().map_or(0, |burst| burst.on_ms);
    RingCadence { on: Ticks::from_ms(on.into()), off: Ticks::from_ms((cycle - on).into()) }
}

/// The engine's settings of a site that starts at a time by the wall clock.
pub fn engine_settings(site: &SiteConfig, start: Stamp) -> Result<EngineSettings, Failure> {
    let echo_tail_ms = site.sound.echo_tail_ms;
    let media = MediaSettings { clock_at_start: start, echo_tail_ms, ..MediaSettings::default() };
    Ok(EngineSettings { lines: site.profiles()?, media, ..EngineSettings::new(site.country.0) })
}

/// Returns the module settings for a country's lines.
pub fn line_settings(country: SiteCountry) -> Result<LineSettings, Failure> {
    let code = country.0.code;
    LineSettings::of(code).copied().ok_or_else(|| format!("The card has no line settings for {code}").into())
}

/// Reads the flows of a site and puts their sounds where the file thread finds them.
///
/// # Errors
/// All faults of flows, prompts and phrases.
pub fn read_flows(site: &SiteConfig, sounds: &dyn Sounds) -> Result<FlowBook, Failure> {
    let flows = SiteFlows::read(site).map_err(|faults| listed(&faults))?;
    Ok(stock(&flows, sounds).map_err(|faults| faults.join("\n"))?)
}

/// The folder of recordings; makes it if it is not there.
///
/// # Errors
/// It cannot be made: a sentence.
pub fn recordings_folder(site: &SiteConfig) -> Result<PathBuf, Failure> {
    let folder = site.store.recordings.clone();
    fs::create_dir_all(&folder)
        .map_err(|error| format!("The folder of recordings {} cannot be made: {error}", folder.display()))?;
    Ok(folder)
}

/// The sounds of a site: prompts from the shelf, recordings into their folder.
pub struct SiteLibrary {
    prompts: Arc<Shelf>,
    composed: Option<Consumer<Composed>>,
    taps: Arc<Taps>,
    recordings: PathBuf,
    keys: KeyRing,
}

impl SiteLibrary {
    /// The sounds of `site`; makes the folder of recordings if it is not there.
    ///
    /// # Errors
    /// The folder cannot be made, or the key file cannot be used: a sentence.
    pub fn new(site: &SiteConfig, prompts: Arc<Shelf>) -> Result<SiteLibrary, Failure> {
        let recordings = recordings_folder(site)?;
        let keys = KeyRing::new(site.recording.keys.as_deref());
        keys.keys()?;
        Ok(SiteLibrary { prompts, composed: None, taps: Arc::default(), recordings, keys })
    }

    /// A library with taps for listeners.
    pub fn with_taps(self, taps: Arc<Taps>) -> SiteLibrary {
        SiteLibrary { taps, ..self }
    }

    /// A library with prompts composed of its sounds, as a ring brings them.
    pub fn with_composed(self, ring: Consumer<Composed>) -> SiteLibrary {
        SiteLibrary { composed: Some(ring), ..self }
    }
}

impl Library for SiteLibrary {
    fn prompt(&mut self, prompt: PromptId) -> Result<PromptSource, String> {
        // A prompt is in the ring before the command that plays it.
        while let Some((prompt, parts)) = self.composed.as_mut().and_then(composed::pop) {
            self.prompts.compose(prompt, parts);
        }
        let samples = self.prompts.samples(prompt).ok_or_else(|| format!("There is no prompt {}", prompt.0))?;
        Ok(PromptSource::Samples(samples))
    }

    fn recording(&mut self, recording: RecordingId) -> Result<RecordingTarget, String> {
        if let Some(sink) = self.taps.sink(recording) {
            return sink.map(RecordingTarget::Sink);
        }
        let path = self.recordings.join(recordings::file_name(recording));
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
        }
        Ok(match self.keys.keys()? {
            None => RecordingTarget::File(path),
            Some(keys) => RecordingTarget::Sink(Box::new(EncryptedSink::create(path, keys.writing())?)),
        })
    }
}

/// The users of a site with their rights, and its agents.
///
/// A password that has changed, and a user or agent that was removed, are seen at once; new users and other grants when
/// the site is read again.
pub struct SiteAccounts {
    /// The file; none where users stand in memory alone.
    file: Option<PathBuf>,
    users: Mutex<(Option<SystemTime>, Arc<Users>)>,
    rights: RwLock<BTreeMap<String, Arc<Rights>>>,
    agent_key: AgentPassword,
    log: Log,
}

/// The rights of a site's users by their log-ins.
fn rights_of(site: &SiteConfig) -> Result<BTreeMap<String, Arc<Rights>>, Failure> {
    Ok(site.rights()?.into_iter().map(|(login, rights)| (login.to_owned(), Arc::new(rights))).collect())
}

impl SiteAccounts {
    /// The users of `site`; `agent_key` is the password by which the core knows every agent.
    ///
    /// # Errors
    /// A grant of something that there is not.
    pub fn new(site: &SiteConfig, agent_key: AgentPassword, log: Log) -> Result<SiteAccounts, Failure> {
        let file = site.server.users.is_file().then(|| site.server.users.clone());
        let changed = file.as_deref().and_then(users::changed);
        let rights = RwLock::new(rights_of(site)?);
        Ok(SiteAccounts { file, users: Mutex::new((changed, Arc::new(site.users.clone()))), rights, agent_key, log })
    }

    /// Replaces the rights by those of a site; log-ins from now on get them.
    ///
    /// # Errors
    /// A grant of something that there is not; the rights before stay.
    pub fn set_rights(&self, site: &SiteConfig) -> Result<(), Failure> {
        *self.rights.write() = rights_of(site)?;
        Ok(())
    }

    /// Returns the users as the file has them now; as it had them last, if it cannot be read.
    fn users(&self) -> Arc<Users> {
        let mut known = self.users.lock();
        if let Some(file) = &self.file {
            let changed = users::changed(file);
            if changed != known.0 {
                match Users::load(file) {
                    Ok(users) => known.1 = Arc::new(users),
                    Err(why) => (self.log)(Level::Error, &format!("{why}. The users before stay")),
                }
                known.0 = changed;
            }
        }
        Arc::clone(&known.1)
    }
}

impl Accounts for SiteAccounts {
    fn verify(&self, login: &str, password: &str) -> Option<Arc<Rights>> {
        let verified = self.users().verify(login, password);
        self.rights.read().get(login).filter(|_| verified).cloned()
    }

    fn verify_agent(&self, agent: &AgentId, password: &AgentPassword) -> Option<AgentPassword> {
        self.users().verify_agent(agent, password.as_str()).then_some(self.agent_key)
    }

    fn recall(&self, login: &str) -> Option<Recalled<Arc<Rights>>> {
        let mark = self.users().mark(login)?;
        self.rights.read().get(login).cloned().map(|grant| Recalled { grant, mark })
    }

    fn recall_agent(&self, agent: &AgentId) -> Option<Recalled<AgentPassword>> {
        self.users().agent_mark(agent).map(|mark| Recalled { grant: self.agent_key, mark })
    }
}

/// Returns a password for the core's agents that cannot be guessed.
pub fn new_agent_key() -> Result<AgentPassword, Failure> {
    let mut octets = [0; 15];
    getrandom::fill(&mut octets)?;
    let text: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    Ok(AgentPassword::new(&text)?)
}
