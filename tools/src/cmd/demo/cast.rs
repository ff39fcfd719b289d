//! Participants of a demo: the site, its lines and people, the scenario, the customers.

use std::collections::BTreeMap;
use std::path::Path;

use tipring_core::csta::{AgentId, AgentPassword, DeviceId};
use tipring_core::customer::{Customer, CustomerChange};
use tipring_core::time::Ticks;
use tipring_driver::line::Digit;
use tipring_hw_sim::card::tdm400p::Module;
use tipring_hw_sim::people::voice::{PhraseId, Phrases, Speaker};
use tipring_hw_sim::scenario::{Agent as SimAgent, Alone, CallPlan, Phone, Plan, Scenario, Socket, Span};

use super::desk::Seat;
use super::programme::Programme;
use super::supervisor::Task;
use super::{DemoArgs, Speed};
use crate::config::{
    Address, Agent, AgentConfig, BoardConfig, CardAddress, Device, DiallingConfig, IvrConfig, JsonConfig, Key,
    KeysConfig, MembershipConfig, QueueConfig, RecordingConfig, ServerConfig, Service, SiteConfig, SiteCountry,
    StationConfig, StationKind, StoreConfig, Tap, TrunkConfig,
};
use crate::failure::Failure;
use crate::users::{Cost, Grant, Users};

/// Sockets of the one card.
pub const PORTS: usize = 4;
/// The first agent.
const FIRST_AGENT: &str = "7001";
/// The queue of the hotline.
const QUEUE: &str = "5000";
/// The queue of the first two agents.
const COLLEAGUES_QUEUE: &str = "5001";
/// The third agent wears a headset and answers from the screen; the others lift a handset.
const HEADSET_AGENT: u32 = 7003;
/// The number by which callers reach the site.
const NUMBER: &str = "95598";
/// The user of the console.
pub const CONSOLE_LOGIN: &str = "demo";
/// The password of that user; it protects nothing.
pub const CONSOLE_PASSWORD: &str = "demo-demo";
/// Every fifth caller is a stranger.
const STRANGER_EVERY: usize = 5;
/// Wrap-up after a call, in s.
const AFTER_CALL_WORK_S: u32 = 2;
/// A demo runs on whatever machine it finds, busy or not: rings as deep as they go, and some more delay than a site
/// wants.
const RECEIVE_RING_MS: u32 = 128;
/// Samples played ahead, in ms.
const TRANSMIT_AHEAD_MS: u32 = 48;
/// Length of each part of call control, in ms: some phrases of everyone.
pub const PART_MS: u64 = 8_000;
/// Length of a part by the wall clock, where talks are short.
const PART_REAL_MS: u64 = 4_000;
/// Phrases short enough for some of them to be whole within a part.
pub const PHRASE_MS: Span = Span(1200, 1800);
/// Calls at the end that find both agents free, for the programme of call control.
const CALLS_ALONE: u32 = 3;
/// The first agent is slow to lift the handset, so that the colleague can pick the call up.
const SLOW_REACTION_MS: Span = Span(3200, 3800);
/// Agents wait for a colleague's word for longer than that.
const SILENCE_MS: u32 = 5500;
/// Names for customers; public and common.
const NAMES: &[&str] =
    &["王芳", "李伟", "张敏", "刘洋", "陈静", "杨磊", "赵丽", "黄强", "周涛", "吴霞", "Anna Schmidt", "John Miller"];

/// Everything that is decided before a demo begins.
pub struct Cast {
    /// The site.
    pub site: SiteConfig,
    /// Behaviour of the people.
    pub scenario: Scenario,
    /// Modules in the sockets of each card.
    pub modules: Vec<[Module; PORTS]>,
    /// Agents at their stations.
    pub seats: Vec<Seat>,
    /// Acts of call control to be shown.
    pub programme: Programme,
    /// Customers by number.
    pub customers: BTreeMap<String, Customer>,
    /// The name of the trunk at each socket.
    pub trunks: BTreeMap<u8, String>,
    /// The extension of the station at each socket.
    pub stations: BTreeMap<u8, String>,
}

/// Numbers of lines, agents and cards, and what the people do there.
pub struct Outline<'a> {
    /// Trunks, at the first sockets.
    pub trunks: usize,
    /// Agents, at the sockets after them.
    pub agents: usize,
    /// Cards.
    pub cards: usize,
    /// Seed of the random numbers.
    pub seed: u64,
    /// Country of the lines.
    pub country: SiteCountry,
    /// Purpose of the recordings.
    pub recording: Tap,
    /// Callers, and the habits of agents.
    pub scenario: Scenario,
    /// Length of each part of call control.
    pub each: Ticks,
    /// Acts of call control.
    pub programme: Programme,
    /// A key of the menu for calls that come to the first two agents alone.
    pub colleagues_key: Option<char>,
    /// Folder of all files.
    pub out: &'a Path,
}

impl Cast {
    /// Decides everything for a demo: the calls, the agents on the last sockets, trunks on the others.
    pub fn new(args: &DemoArgs) -> Result<Cast, Failure> {
        let DemoArgs { calls, agents, seed, speed, country, recording, ref out, .. } = *args;
        let mut cast = Cast::of(Outline {
            trunks: PORTS - agents,
            agents,
            cards: 1,
            seed,
            country,
            recording,
            scenario: scenario(calls, speed, agents > 1),
            each: Ticks::from_ms(if speed == Speed::Real { PART_REAL_MS } else { PART_MS }),
            programme: Programme::all(),
            colleagues_key: None,
            out,
        })?;
        if args.has_console() {
            let site = &mut cast.site;
            site.server.json = Some(JsonConfig { listen: ([127, 0, 0, 1], 0).into(), origins: Vec::new(), tls: None });
            let grant = Grant { role: "everything".into(), devices: "*".into() };
            site.users.set_user(CONSOLE_LOGIN, CONSOLE_PASSWORD, vec![grant], Cost::LEAST)?;
        }
        Ok(cast)
    }

    /// Decides everything for this many lines and agents.
    pub fn of(outline: Outline<'_>) -> Result<Cast, Failure> {
        let Outline { trunks, agents, cards, seed, country, recording, scenario, each, programme, colleagues_key, out } =
            outline;
        let socket = |socket: usize| match socket {
            trunk if trunk < trunks => Module::Fxo,
            station if station < trunks + agents => Module::Fxs,
            _ => Module::Absent,
        };
        let modules: Vec<[Module; PORTS]> =
            (0..cards).map(|card| std::array::from_fn(|port| socket(card * PORTS + port))).collect();
        let of_stations = trunks as u8..(trunks + agents) as u8;
        let trunks: BTreeMap<u8, String> =
            (0..trunks as u8).map(|socket| (socket, format!("T{}", socket + 1))).collect();
        let stations: BTreeMap<u8, String> =
            of_stations.zip(1001..).map(|(socket, number)| (socket, number.to_string())).collect();
        let mut seats: Vec<Seat> =
            stations.values().zip(7001..).map(|(extension, agent)| seat(extension, agent)).collect();
        // The first two agents are each other's colleagues, and supervisors. The second is the quicker one.
        if let [first, second, ..] = &mut seats[..] {
            first.supervises = Some(Task { station: second.station, each, picks_up: false });
            second.supervises = Some(Task { station: first.station, each, picks_up: true });
        }
        let scenario = at_telephones(scenario, country, &stations, &seats);
        let plan = scenario.plan(seed, &sockets(&modules))?;
        let customers = customers_of(&plan, seed);
        // An hour of a site's recordings needs not fit: a demo's take some MB.
        let recording = RecordingConfig { least_free_mb: 0, ..RecordingConfig::of(recording) };
        let mut site = site((country, recording), &trunks, &stations, &seats, out)?;
        if let Some(key) = colleagues_key.and_then(Digit::new) {
            give_colleagues_a_queue(&mut site, key)?;
        }
        Ok(Cast { site, scenario, modules, seats, programme, customers, trunks, stations })
    }

    /// The customers as rows of an import.
    pub fn rows(&self) -> impl Iterator<Item = CustomerChange> {
        self.customers.values().map(|customer| CustomerChange {
            numbers: customer.numbers.clone(),
            name: Some(customer.name.clone()),
            account: Some(customer.account.clone()),
            ..CustomerChange::default()
        })
    }
}

/// Customers for the callers of a plan, by number. Some callers are none: they are strangers.
pub fn customers_of(plan: &Plan, seed: u64) -> BTreeMap<String, Customer> {
    let known = plan
        .calls
        .iter()
        .enumerate()
        .filter(|(index, call)| !call.number().is_empty() && index % STRANGER_EVERY != STRANGER_EVERY - 1);
    let customer = |(index, call): (usize, &CallPlan)| {
        let number = call.number().to_owned();
        let name = NAMES[(index + seed as usize % NAMES.len()) % NAMES.len()].to_owned();
        let account = format!("SG-{:06}", (seed.wrapping_mul(7919) + index as u64 * 104_729) % 1_000_000);
        (number.clone(), Customer { numbers: vec![number], name, account, ..Customer::default() })
    };
    known.map(customer).collect()
}

/// Converts modules to the wires that the simulated people use.
pub fn sockets(modules: &[[Module; PORTS]]) -> Vec<Socket> {
    let socket = |module: &Module| match module {
        Module::Absent => Socket::Empty,
        Module::Fxo => Socket::Trunk,
        Module::Fxs => Socket::Station,
    };
    modules.iter().flatten().map(socket).collect()
}

fn seat(extension: &str, agent: u32) -> Seat {
    let text = "our own identifiers are short and plain";
    Seat {
        agent: AgentId::new(&agent.to_string()).expect(text),
        password: AgentPassword::new(&format!("pin-{agent}")).expect(text),
        station: DeviceId::new(extension).expect(text),
        supervises: None,
        headset: agent == HEADSET_AGENT,
    }
}

/// Callers of a demo.
fn scenario(calls: u32, speed: Speed, has_colleagues: bool) -> Scenario {
    let mut scenario = Scenario::of_calls(calls);
    if has_colleagues {
        scenario.callers.alone = Alone { calls: CALLS_ALONE.min(calls / 2), ..Alone::default() };
    }
    if speed == Speed::Real {
        // For a spectator: shorter talks, and no wrap-up of a minute.
        scenario.callers.talk_ms = Span(8_000, 12_000);
        scenario.callers.alone.talk_ms = Span(22_000, 26_000);
        scenario.callers.some_abandon = calls >= 10;
        scenario.agents.long_linger_ms = Span(1000, 3000);
    }
    scenario
}

/// The scenario with each agent at a telephone, and with voices short enough for the parts of call control.
fn at_telephones(
    mut scenario: Scenario,
    country: SiteCountry,
    stations: &BTreeMap<u8, String>,
    seats: &[Seat],
) -> Scenario {
    let has_colleagues = seats.len() > 1;
    scenario.lines.country = country.to_string();
    scenario.each_agent = stations
        .keys()
        .zip(seats)
        .map(|(station, seat)| {
            let phone = if seat.headset { Phone::Headset } else { Phone::Handset };
            let reaction_ms = (has_colleagues && seat.agent.as_str() == FIRST_AGENT).then_some(SLOW_REACTION_MS);
            SimAgent { station: *station, phone, reaction_ms }
        })
        .collect();
    scenario.voices.phrase_ms = PHRASE_MS;
    scenario.agents.silence_ms = SILENCE_MS;
    scenario
}

fn site(
    (country, recording): (SiteCountry, RecordingConfig),
    trunks: &BTreeMap<u8, String>,
    stations: &BTreeMap<u8, String>,
    seats: &[Seat],
    out: &Path,
) -> Result<SiteConfig, Failure> {
    let device = |text: &str| Device::try_from(text.to_owned());
    let queue = device(QUEUE)?;
    let choices = ('1'..='9').filter_map(Digit::new).map(|digit| (Key(digit), queue)).collect::<BTreeMap<_, _>>();
    Ok(SiteConfig {
        engine: None,
        tones: Vec::new(),
        country,
        server: ServerConfig {
            listen: ([127, 0, 0, 1], 0).into(),
            switch: "DEMO".into(),
            server: "DESK".into(),
            tls: None,
            metrics: None,
            drain_s: 0,
            json: None,
            clear_streams: true,
            users: out.join("users.toml"),
            media_processor: None,
        },
        store: StoreConfig::in_folder(out),
        boards: vec![BoardConfig {
            card: CardAddress(Address::Socket(out.join("card.sock"))),
            service: Service::Position,
            receive_ring_ms: Some(RECEIVE_RING_MS),
            transmit_ahead_ms: Some(TRANSMIT_AHEAD_MS),
        }],
        trunk_groups: Vec::new(),
        trunks: trunks
            .iter()
            .map(|(socket, name)| Ok(TrunkConfig::ordinary((*socket).into(), device(name)?, Some(device(NUMBER)?))))
            .collect::<Result<_, String>>()?,
        stations: stations
            .iter()
            .zip(seats)
            .map(|((socket, extension), seat)| {
                let kind = if seat.headset { StationKind::Headset } else { StationKind::Handset };
                Ok(StationConfig::ordinary((*socket).into(), device(extension)?, kind))
            })
            .collect::<Result<_, String>>()?,
        sources: Vec::new(),
        mailboxes: Vec::new(),
        ivr: IvrConfig {
            greeting: Some(out.join("prompts/greeting.wav")),
            wait_s: 6,
            default: Some(queue),
            choices,
            ..IvrConfig::default()
        },
        queues: vec![QueueConfig { after_call_work_s: AFTER_CALL_WORK_S, ..QueueConfig::usual(queue, "Hotline") }],
        agents: seats
            .iter()
            .map(|seat| AgentConfig {
                id: Agent(seat.agent),
                name: format!("Agent {}", seat.agent),
                queues: vec![MembershipConfig::Equal(queue)],
                skills: Default::default(),
                greeting: None,
            })
            .collect(),
        callers: Vec::new(),
        roles: Vec::new(),
        groups: Vec::new(),
        users: users(seats)?,
        parking: Vec::new(),
        keys: KeysConfig::default(),
        dialling: DiallingConfig::default(),
        sound: Default::default(),
        times: Default::default(),
        recording,
        calendars: Default::default(),
        time_zone: None,
        event_modes: Vec::new(),
        mode: None,
        reasons: Vec::new(),
        order_kinds: Vec::new(),
        business_calendar: None,
        return_warning_min: 60,
        shifts: Vec::new(),
    })
}

/// A queue of the first two agents alone, to which a key of the menu leads.
fn give_colleagues_a_queue(site: &mut SiteConfig, key: Digit) -> Result<(), String> {
    let queue = Device::try_from(COLLEAGUES_QUEUE.to_owned())?;
    let usual = QueueConfig::usual(queue, "Colleagues");
    site.queues.push(QueueConfig { after_call_work_s: AFTER_CALL_WORK_S, ..usual });
    site.ivr.choices.insert(Key(key), queue);
    site.agents.iter_mut().take(2).for_each(|agent| agent.queues.push(MembershipConfig::Equal(queue)));
    Ok(())
}

/// The users and agents of the seats. Their passwords are in the open, and so the least hash is good enough.
fn users(seats: &[Seat]) -> Result<Users, String> {
    let mut users = Users::default();
    for seat in seats {
        let grant = |role: &str, device: DeviceId| Grant { role: role.into(), devices: device.to_string() };
        let mut grants = vec![grant("agent", seat.station)];
        grants.extend(seat.supervises.map(|task| grant("supervisor", task.station)));
        users.set_user(&login(seat), &stream_password(seat), grants, Cost::LEAST)?;
        users.set_agent(seat.agent, seat.password.as_str(), Cost::LEAST)?;
    }
    Ok(users)
}

/// The login with which a seat's screen opens its stream.
pub fn login(seat: &Seat) -> String {
    format!("desk-{}", seat.station)
}

/// The password with which a seat's screen opens its stream.
pub fn stream_password(seat: &Seat) -> String {
    format!("screen-{}", seat.station)
}

/// Writes the greeting: a voice of its own, in a language of its own.
pub fn write_greeting(seed: u64, path: &Path) -> Result<(), Failure> {
    let spec =
        hound::WavSpec { channels: 1, sample_rate: 8000, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut writer = hound::WavWriter::create(path, spec)?;
    // The last station number belongs to no agent: the voice is the system's own.
    let id = PhraseId { speaker: Speaker::Agent { station: u8::MAX, occasion: 1 }, turn: 1 };
    for sample in Phrases::new(seed, None).samples(id) {
        writer.write_sample(sample)?;
    }
    Ok(writer.finalize()?)
}
