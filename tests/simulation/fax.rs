//! Fax machines in virtual time: one that calls and is sent to the site's own, one that has nowhere to go, and one that
//! is called.

use std::cell::RefCell;
use std::rc::Rc;

use tipring_core::csta::event::{CallData, Event, Machine};
use tipring_core::csta::{DeviceId, MonitorFilter, Request};
use tipring_core::store::sqlite::{CallRow, SqliteStore};
use tipring_core::time::Tick;
use tipring_hw_sim::card::tdm400p::{Module, Tdm400p};
use tipring_hw_sim::people::Town;
use tipring_hw_sim::people::truth::{Truth, What};
use tipring_hw_sim::people::voice::{PhraseId, Phrases, Speaker};
use tipring_hw_sim::scenario::{Scenario, Socket};
use tipring_tests::{Folder, site_users};
use tipring_tools::config::{SiteConfig, TEMPLATE};
use tipring_tools::run::lockstep::{Client, Lockstep};
use tipring_tools::run::threads::tlink;
use tipring_tsapi::pdu::acs::{LoginId, ServerId};
use tipring_tsapi::session::client::{ClientOutput, ClientSettings, Incoming};
use tipring_tsapi::session::login::Vendor;

const MODULES: [Module; 4] = [Module::Fxo, Module::Fxo, Module::Fxs, Module::Fxs];
const SOCKETS: [Socket; 4] = [Socket::Trunk, Socket::Trunk, Socket::Station, Socket::Station];
/// Limit of a simulated day, in ms.
const LIMIT_MS: u64 = 400_000;

/// A fax machine at 1002 that T1 sends fax machines to; T2 sends them nowhere.
const SITE: &str = "number = \"95598\"\nfax = \"1002\"";

/// Lines throw back a part of the greeting, as lines do.
const LINES: &str = "
[lines.impairments]
loss_db = 3.5
noise_dbm0 = -55.0
echo_loss_db = 12.0
echo_delay_ms = 4
[[agent]]
station = 3
phone = \"fax\"
";

/// Events received by a screen, with the call data of each.
type Seen = Vec<(Event, Option<CallData>)>;

/// A monitor of one device that collects the events it receives.
struct Screen {
    device: &'static str,
    request: Option<Request>,
    seen: Rc<RefCell<Seen>>,
}

impl Client for Screen {
    fn handle_output(&mut self, _: Tick, output: &ClientOutput) {
        match output {
            ClientOutput::Opened { .. } => {
                let device = DeviceId::new(self.device).unwrap();
                self.request = Some(Request::MonitorDevice { device, filter: MonitorFilter::default() });
            }
            ClientOutput::Incoming(Incoming::Report { event, data, .. }) => {
                self.seen.borrow_mut().push((event.clone(), data.clone()));
            }
            _ => {}
        }
    }

    fn handle_time(&mut self, _: Tick) {}

    fn poll_request(&mut self) -> Option<Request> {
        self.request.take()
    }
}

/// Results of a day.
struct Day {
    truths: Vec<Truth>,
    calls: Vec<CallRow>,
    /// Events received by the screen at 1002.
    seen: Seen,
}

/// A voice that greets for longer than a fax machine takes to make itself known.
fn write_greeting(path: &std::path::Path) {
    let spec =
        hound::WavSpec { channels: 1, sample_rate: 8000, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    let phrases = Phrases::new(5, None);
    for turn in 1..6 {
        let speaker = Speaker::Agent { station: u8::MAX, occasion: 1 };
        phrases.samples(PhraseId { speaker, turn }).into_iter().for_each(|sample| writer.write_sample(sample).unwrap());
    }
    writer.finalize().unwrap();
}

fn day(name: &str, scenario: &str) -> Day {
    let folder = Folder::new(name);
    let greeting = folder.path("greeting.wav");
    write_greeting(&greeting);
    let text = TEMPLATE
        .replacen("number = \"95598\"", SITE, 1)
        .replacen("kind = \"headset\"", "kind = \"handset\"", 1)
        .replacen("# greeting = \"prompts/greeting.wav\"", &format!("greeting = {greeting:?}"), 1);
    let mut site = SiteConfig::parse(&text).unwrap();
    site.users = site_users();
    site.store.recordings = folder.path("recordings");
    let scenario: Scenario = toml::from_str(&format!("{scenario}{LINES}")).unwrap();
    let (town, truth) = Town::new(&scenario, 11, &SOCKETS, None).unwrap();
    let store = SqliteStore::open(&folder.path("tipring.db"), 0).unwrap();
    let seen = Rc::default();
    let screen = Screen { device: "1002", request: None, seen: Rc::clone(&seen) };
    let server = ServerId::new(tlink(&site).unwrap().as_str()).unwrap();
    let mut settings = ClientSettings::new(server, LoginId::new("desk2").unwrap(), "change-me-too-2");
    settings.vendors = vec![Vendor::tipring()];
    let clients = vec![(settings, screen)];
    let card = Tdm400p::new(MODULES, Box::new(town));
    let mut lockstep = Lockstep::new(&site, vec![Box::new(card)], 0, store, clients).unwrap();
    let mut truths = Vec::new();
    let mut end = None;
    while end.is_none_or(|end| lockstep.now().0 < end) {
        lockstep.step().unwrap();
        truths.extend(std::iter::from_fn(|| truth.poll_truth()));
        if end.is_none() && truth.finished() {
            end = Some(lockstep.now().0 + 5000);
        }
        assert!(lockstep.now().0 < LIMIT_MS, "the day does not end: {truths:#?}");
    }
    let finished = lockstep.finish().unwrap();
    assert_eq!(finished.troubles, [""; 0]);
    Day { truths, calls: finished.store.calls().unwrap(), seen: Rc::into_inner(seen).unwrap().into_inner() }
}

impl Day {
    fn when(&self, what: impl Fn(&What) -> bool) -> Option<u64> {
        self.truths.iter().find(|truth| what(&truth.what)).map(|truth| truth.ms)
    }
}

#[test]
fn a_calling_fax_machine_is_taken_out_of_the_greeting_to_the_one_of_the_site() {
    let day = day("fax-in", "[[call]]\nline = 0\nfax = true\nnumber = \"01062345678\"\ntalk_ms = 15000\n");
    let answered = day.when(|what| matches!(what, What::Answered { call: 1, .. })).expect("the trunk is answered");
    let rang = day.when(|what| matches!(what, What::StationRang { station: 3 })).expect("the fax machine rings");
    // CNG may begin with the end of a burst: the next one ends 4 s after it at the latest, if it is not lost under the
    // greeting.
    assert!(rang - answered < 8000, "it rang {} ms after the answer", rang - answered);
    assert!(day.when(|what| matches!(what, What::FaxAnswered { call: 1, .. })).is_some(), "{:#?}", day.truths);
    assert!(day.when(|what| matches!(what, What::FaxSent { call: 1 })).is_some(), "{:#?}", day.truths);
    let [call] = &day.calls[..] else { panic!("one call: {:?}", day.calls) };
    assert_eq!(call.machine.as_deref(), Some("fax"));
    assert_eq!((call.outcome.as_str(), call.station.as_deref()), ("answered", Some("1002")));
    assert_eq!((call.caller.as_str(), call.queue.as_deref(), call.agent.as_deref()), ("01062345678", None, None));
    let delivered = day.seen.iter().find(|(event, _)| matches!(event, Event::Delivered { .. })).expect("Delivered");
    assert_eq!(delivered.1.as_ref().and_then(|data| data.machine), Some(Machine::Fax));
}

#[test]
fn a_fax_machine_with_nowhere_to_go_is_recorded_as_what_it_was() {
    let day = day("fax-nowhere", "[[call]]\nline = 1\nfax = true\ntalk_ms = 15000\n");
    let [call] = &day.calls[..] else { panic!("one call: {:?}", day.calls) };
    assert_eq!((call.machine.as_deref(), call.outcome.as_str()), (Some("fax"), "abandoned-in-ivr"));
    assert!(day.when(|what| matches!(what, What::StationRang { .. })).is_none(), "{:#?}", day.truths);
    assert!(day.when(|what| matches!(what, What::FaxAnswered { .. })).is_none());
}

#[test]
fn a_caller_who_speaks_is_no_fax_machine() {
    let day = day("no-fax", "[[call]]\nline = 0\nkey = \"1\"\nqueue_patience_ms = 20000\n");
    let [call] = &day.calls[..] else { panic!("one call: {:?}", day.calls) };
    assert_eq!((call.machine.as_deref(), call.outcome.as_str()), (None, "abandoned-queued"));
}

#[test]
fn a_called_fax_machine_answers_by_its_tone_and_the_record_says_so() {
    let scenario = "[callers]\ncount = 0\n[callees]\nfax = [\"02161234567\"]\nanswer_after_ms = [3000, 3000]\n\
                    [[outgoing]]\nstation = 2\nafter_ms = 1000\ndigits = \"902161234567#\"\n";
    let day = day("fax-out", scenario);
    let lifted = day.when(|what| matches!(what, What::OutgoingAnswered { .. })).expect("it answers") as i64;
    let [call] = &day.calls[..] else { panic!("one call: {:?}", day.calls) };
    assert_eq!((call.direction.as_str(), call.machine.as_deref()), ("outbound", Some("fax-or-modem")));
    assert_eq!(call.outcome, "answered");
    // CED begins 1.9 s after the answer and is believed after half a second: sooner than the silence after ringback.
    let established = call.established_ms.expect("it was answered");
    assert!((2300..2700).contains(&(established - lifted)), "{} ms after the answer", established - lifted);
}
