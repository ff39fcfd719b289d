//! One call from ring to hang-up, without hardware: a caller rings on a trunk, presses 1, is given to the agent at
//! station 1001, talks and hangs up. The lines' events are written by hand; everything the core decides is printed.
//!
//!     cargo run -p tipring-core --example one_call

use std::sync::Arc;

use tipring_core::acd::ids::Skills;
use tipring_core::acd::rule::QueueRules;
use tipring_core::channel::{ChannelTable, TableSink};
use tipring_core::config::{AgentConfig, Destination, QueueConfig, QueueSound, StationConfig, StationKind};
use tipring_core::config::{MembershipConfig, PersonalConfig, TrunkConfig, UserConfig};
use tipring_core::csta::rights::Rights;
use tipring_core::csta::{AgentId, AgentMode, AgentPassword, DeviceId, InvokeId, MonitorFilter, Request, SessionId};
use tipring_core::flow::book::FlowBook;
use tipring_core::flow::check::{Flows, Known};
use tipring_core::flow::one_key_menu::OneKeyMenu;
use tipring_core::store::{StoreReply, StoreRequest};
use tipring_core::time::{Tick, Ticks};
use tipring_core::{Action, Config, Core};
use tipring_driver::engine::EventSink;
use tipring_driver::ids::{ChannelId, PromptId};
use tipring_driver::line::{CallerId, Digit, DisconnectSignal, LineEvent, LineKind, Number};
use tipring_driver::media::RecordingKind;
use tipring_driver::spsc::queue_with_reserve;

fn main() {
    let id = |text| DeviceId::new(text).expect("a short name");
    let (trunk, station) = (ChannelId(0), ChannelId(1));
    let (agent_id, password) = (AgentId::new("7001").expect("short"), AgentPassword::new("secret").expect("short"));
    let key = Digit::new('1').expect("a key");
    let (name, number, entry) = (id("T1"), id("6000"), Destination::Flow(id("hotline")));
    let menu = OneKeyMenu {
        prompt: Some("welcome".into()),
        choices: vec![(key.as_char(), "5000".into())],
        default: "5000".into(),
        key_wait: Ticks::from_secs(5),
        tries: 2,
    };
    let known = Known { prompts: ["welcome".into()].into(), queues: ["5000".into()].into(), ..Known::default() };
    let flows = FlowBook {
        flows: Flows::check(&[menu.flow("hotline")], &known).expect("a flow without faults"),
        prompts: [("welcome".into(), PromptId(1))].into(),
        ..FlowBook::default()
    };
    let site = Config {
        trunks: vec![TrunkConfig { channel: trunk, device: name, number, entry, fax: None }],
        stations: vec![StationConfig {
            channel: station,
            device: id("1001"),
            kind: StationKind::Handset,
            pickup_group: None,
        }],
        agents: vec![AgentConfig {
            id: agent_id,
            password,
            name: "Agent One".into(),
            skills: Skills::NONE,
            queues: vec![MembershipConfig::equal(id("5000"))],
            greeting: None,
        }],
        queues: vec![QueueConfig {
            device: id("5000"),
            name: "Hotline".into(),
            rules: QueueRules::default(),
            longest_wait: None,
            personal: PersonalConfig::default(),
            after_call_work: Ticks::from_secs(5),
            sound: QueueSound::Ringback,
            announces_agent: false,
        }],
        flows,
        users: vec![UserConfig { login: "desk".into(), rights: Rights::everything() }],
        record: Some(RecordingKind::Evidence),
        ..Config::default()
    };

    // The table, the ring, and the two ends: the media thread's sink and the core.
    let table = Arc::new(ChannelTable::new(2));
    let (producer, mut events) = queue_with_reserve(64, 8);
    let mut lines = TableSink::new(table.clone(), producer);
    let mut core = Core::new(site, table).expect("a site that can be");

    // A client watches station 1001 and logs its agent on.
    let client = SessionId(1);
    core.handle_session_opened(client, "desk");
    let monitor = Request::MonitorDevice { device: id("1001"), filter: MonitorFilter::default() };
    core.handle_request(client, InvokeId(1), monitor, None);
    for (invoke, mode) in [(2, AgentMode::LogIn), (3, AgentMode::Ready)] {
        let agent = Request::SetAgentState { device: id("1001"), mode, agent_id, agent_group: id(""), password };
        core.handle_request(client, InvokeId(invoke), agent, None);
    }

    // What the lines say, and when, in milliseconds.
    let caller = CallerId { number: Number::from("13800138000").expect("short"), ..CallerId::default() };
    let call = [
        (1, trunk, LineEvent::InService(LineKind::Trunk)),
        (1, station, LineEvent::InService(LineKind::Station)),
        (1_000, trunk, LineEvent::Offered),
        (2_900, trunk, LineEvent::CallerIdentity(caller)),
        (5_200, trunk, LineEvent::Digit(key)),
        (9_000, station, LineEvent::OffHook),
        (39_000, trunk, LineEvent::Released(DisconnectSignal::Tone)),
        (39_800, station, LineEvent::OnHook),
    ];
    for (at, channel, event) in call {
        println!("{:>9}  {channel}: {event:?}", Tick(at).to_string());
        lines.line_event(Tick(at), channel, event);
        lines.tick(Tick(at));
        while let Some(event) = events.pop() {
            core.handle_channel_event(event);
            while let Some(action) = core.poll_action() {
                match action {
                    Action::Store(StoreRequest::Keep { id, records }) => {
                        records.iter().for_each(|record| println!("           keep {record:?}"));
                        core.handle_stored(StoreReply::Kept { up_to: id });
                    }
                    Action::Report { event, .. } => println!("           tell {event:?}"),
                    other => println!("           {other:?}"),
                }
            }
        }
    }
}
