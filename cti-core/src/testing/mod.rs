//! A small site for tests, and a [`Rig`] that stands in for everything below and above the core.

mod agent_greetings;
mod announcements;
mod call_backs;
mod calls_made;
mod cases;
mod commands;
mod complaints;
mod customer_first;
mod customers;
mod demand;
mod explore;
mod far_end_fax;
mod features;
mod flow_transfers;
mod flows;
mod judge;
mod legs;
mod listen;
mod losses;
mod messages;
mod pending_work_modes;
mod pickups;
mod queues;
mod random;
mod reasons;
mod reload;
mod requests;
mod rig;
mod services;
mod sound_trouble;
mod speed;
mod taps;
mod trouble;
mod trunk_groups;
mod users;
mod walks;

use std::collections::BTreeMap;

use tipring_driver::ids::{ChannelId, PromptId};
use tipring_driver::line::Digit;
use tipring_driver::media::RecordingKind;
use tipring_driver::time::Ticks;

use crate::acd::ids::Skills;
use crate::acd::rule::QueueRules;
use crate::config::{
    AgentConfig, CallTimers, Config, Destination, DialPlanConfig, MembershipConfig, PersonalConfig, QueueConfig,
    QueueSound, StationConfig, StationKind, TrunkConfig, UserConfig,
};
use crate::csta::rights::{Devices, Rights};
use crate::csta::{AgentId, AgentPassword, DeviceId};
use crate::flow::book::FlowBook;
use crate::flow::check::{FlowSource, Flows, Known};
use crate::flow::one_key_menu::OneKeyMenu;
use crate::flow::queue_position;
use crate::flow::say::{Language, Phrase, words};

/// A device's name.
pub(crate) fn device(text: &str) -> DeviceId {
    DeviceId::new(text).expect("a short name")
}

/// Every right on some devices.
pub(crate) fn only(devices: &[&str]) -> Rights {
    Rights::to(&Devices::Only(devices.iter().map(|name| device(name)).collect()))
}

/// A key.
pub(crate) fn key(c: char) -> Digit {
    Digit::new(c).expect("a key")
}

/// The menu of the tests: 1 and 2 lead to a queue each.
pub(crate) fn menu() -> OneKeyMenu {
    OneKeyMenu {
        prompt: Some("welcome".into()),
        choices: vec![('1', "5000".into()), ('2', "5001".into())],
        default: "5000".into(),
        key_wait: Ticks::from_secs(5),
        tries: 2,
    }
}

/// Flows as a book: `welcome` is prompt 1, `number` prompt 2, and each phrase has a prompt from 100 on.
pub(crate) fn book(flows: &[FlowSource]) -> FlowBook {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let known = Known {
        prompts: names(&["welcome", "number"]),
        queues: names(&["5000", "5001"]),
        calendars: names(&["hours"]),
        sources: names(&["balance"]),
        mailboxes: names(&["complaints"]),
    };
    let flows = Flows::check(flows, &known).expect("sound");
    let prompts = [("welcome".to_owned(), PromptId(1)), ("number".to_owned(), PromptId(2))].into();
    let all =
        Language::ALL.into_iter().flat_map(|language| words(language).into_iter().map(move |word| (language, word)));
    let places = Language::ALL.into_iter().flat_map(|language| {
        let idle = words(language);
        let each = queue_position::words(language).into_iter().filter(move |word| !idle.contains(word));
        each.map(move |word| (language, word))
    });
    let phrases =
        all.chain(places).zip(100..).map(|((language, word), id)| ((language, Phrase(word)), PromptId(id))).collect();
    FlowBook { flows, prompts, phrases, mailboxes: BTreeMap::new(), language: Language::Mandarin }
}

/// The prompt `music` of [`with_music`].
pub(crate) const MUSIC: PromptId = PromptId(9);

/// The site with music for those who wait in 5000, and for parties on hold.
pub(crate) fn with_music() -> Config {
    let mut config = site();
    config.flows.prompts.insert("music".to_owned(), MUSIC);
    config.queues[0].sound = QueueSound::Prompt("music".to_owned());
    config.hold_music = Some("music".to_owned());
    config
}

/// Two trunks (channels 0 and 1) into a flow, two handsets 1001 and 1002 (channels 2 and 3), a headset 1003 (channel
/// 4), the queues 5000 and 5001, the parking places 4001 and 4002, the agents 7001 to 7003 in both, and the users
/// `all`, `one` (only 1001) and `none`.
pub(crate) fn site() -> Config {
    let trunk = |channel, name| TrunkConfig {
        channel: ChannelId(channel),
        device: device(name),
        number: device("6000"),
        entry: Destination::Flow(device("main")),
        fax: None,
    };
    let station = |channel, name, kind| StationConfig {
        channel: ChannelId(channel),
        device: device(name),
        kind,
        pickup_group: Some(1),
    };
    let queue = |name| QueueConfig {
        device: device(name),
        name: format!("queue {name}"),
        rules: QueueRules::default(),
        longest_wait: None,
        personal: PersonalConfig::default(),
        after_call_work: Ticks::from_secs(5),
        sound: QueueSound::Ringback,
        announces_agent: false,
    };
    let agent = |id: &str| AgentConfig {
        id: AgentId::new(id).expect("short"),
        password: AgentPassword::new("secret").expect("short"),
        name: format!("Agent {id}"),
        skills: Skills::NONE,
        queues: vec![MembershipConfig::equal(device("5000")), MembershipConfig::equal(device("5001"))],
        greeting: None,
    };
    Config {
        epoch_ms: 1_700_000_000_000,
        trunks: vec![trunk(0, "T1"), trunk(1, "T2")],
        stations: vec![
            station(2, "1001", StationKind::Handset),
            station(3, "1002", StationKind::Handset),
            station(4, "1003", StationKind::Headset),
        ],
        agents: vec![agent("7001"), agent("7002"), agent("7003")],
        queues: vec![queue("5000"), queue("5001")],
        flows: book(&[menu().flow("main")]),
        users: vec![
            UserConfig { login: "all".into(), rights: Rights::everything() },
            UserConfig { login: "one".into(), rights: only(&["1001"]) },
            UserConfig { login: "none".into(), rights: Rights::default() },
        ],
        dial_plan: DialPlanConfig::default(),
        times: CallTimers::default(),
        parking: vec![device("4001"), device("4002")],
        record: Some(RecordingKind::Evidence),
        ..Config::default()
    }
}
