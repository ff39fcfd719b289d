//! The sample hotline on a simulated card in virtual time: one caller asks for a balance, the next leaves a message.
//!
//! Never: uses another flow than that of the sample.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use tipring_core::store::MessageState;
use tipring_core::store::sqlite::SqliteStore;
use tipring_core::time::Tick;
use tipring_hw_sim::card::tdm400p::{Module, Tdm400p};
use tipring_hw_sim::people::Town;
use tipring_hw_sim::people::voice::{PhraseId, Phrases, Speaker};
use tipring_hw_sim::scenario::{Scenario, Socket};
use tipring_tests::Folder;
use tipring_tools::config::SiteConfig;
use tipring_tools::config::flows::SiteFlows;
use tipring_tools::encryption::key_ring::KeyRing;
use tipring_tools::encryption::keys::{self, Key};
use tipring_tools::encryption::reader::Damage;
use tipring_tools::recording::sound::{Recorded, SoundForm};
use tipring_tools::run::lockstep::{Client, Lockstep};
use tipring_tsapi::session::client::ClientOutput;

const MODULES: [Module; 4] = [Module::Fxo, Module::Fxo, Module::Fxs, Module::Fxs];
const SOCKETS: [Socket; 4] = [Socket::Trunk, Socket::Trunk, Socket::Station, Socket::Station];
/// 2026-01-01 21:00 in Shanghai: night.
const NIGHT_MS: i64 = 1_767_272_400_000;
/// Ten hours earlier: open.
const DAY_MS: i64 = NIGHT_MS - 36_000_000;
/// Limit of a simulated day, in ms.
const LIMIT_MS: u64 = 300_000;

/// A client; none connects.
struct NoClient;

impl Client for NoClient {
    fn handle_output(&mut self, _: Tick, _: &ClientOutput) {}

    fn handle_time(&mut self, _: Tick) {}

    fn poll_request(&mut self) -> Option<tipring_core::csta::Request> {
        None
    }
}

/// A second and a half of voice, as any prompt may have.
fn write_voice(path: &Path) {
    let spec =
        hound::WavSpec { channels: 1, sample_rate: 8000, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    let phrases = Phrases::new(5, None);
    let speaker = Speaker::Agent { station: u8::MAX, occasion: 1 };
    let samples = (1..4).flat_map(|turn| phrases.samples(PhraseId { speaker, turn }).into_iter());
    samples.take(12_000).for_each(|sample| writer.write_sample(sample).unwrap());
    writer.finalize().unwrap();
}

/// The sample, copied into a folder with its prompts and its database made by its own scripts.
fn sample(folder: &Folder) -> SiteConfig {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("tools/samples/hotline");
    for file in ["hotline.toml", "balance.toml", "callback.toml", "site.toml"] {
        fs::copy(from.join(file), folder.path(file)).unwrap();
    }
    write_voice(&folder.path("voice.wav"));
    fs::write(folder.path("say.sh"), format!("cp {:?} \"$3\"\n", folder.path("voice.wav"))).unwrap();
    let prompts = Command::new("sh")
        .args([from.join("prompts.sh"), folder.path("prompts")])
        .env("SAY", format!("sh {}", folder.path("say.sh").display()))
        .status()
        .unwrap();
    assert!(prompts.success());
    let database = rusqlite::Connection::open(folder.path("billing.db")).unwrap();
    database.execute_batch(&fs::read_to_string(from.join("billing.sql")).unwrap()).unwrap();
    SiteConfig::load_without_users(&folder.path("site.toml")).unwrap()
}

/// Lets callers of a scenario call the sample. Returns the store after the last of them.
fn after_calls(folder: &Folder, site: &SiteConfig, epoch_ms: i64, scenario: &str) -> SqliteStore {
    let scenario: Scenario = toml::from_str(scenario).unwrap();
    let (town, truth) = Town::new(&scenario, 11, &SOCKETS, None).unwrap();
    let store = SqliteStore::open(&folder.path("tipring.db"), epoch_ms).unwrap();
    let card = Tdm400p::new(MODULES, Box::new(town));
    let mut lockstep = Lockstep::<NoClient>::new(site, vec![Box::new(card)], epoch_ms, store, Vec::new()).unwrap();
    let mut end = None;
    let mut truths = Vec::new();
    while end.is_none_or(|end| lockstep.now().0 < end) {
        lockstep.step().unwrap();
        truths.extend(std::iter::from_fn(|| truth.poll_truth()));
        if end.is_none() && truth.finished() {
            end = Some(lockstep.now().0 + 5000);
        }
        assert!(lockstep.now().0 < LIMIT_MS, "the callers do not end: {truths:#?}");
    }
    let finished = lockstep.finish().unwrap();
    assert_eq!(finished.troubles, [""; 0]);
    finished.store
}

#[test]
fn the_sample_has_no_fault() {
    let folder = Folder::new("hotline-check");
    let flows = SiteFlows::read(&sample(&folder)).unwrap();
    assert_eq!(flows.flows.names().collect::<Vec<_>>(), ["balance", "callback", "hotline"]);
    fs::remove_file(folder.path("prompts/english/message.wav")).unwrap();
    let faults = SiteFlows::read(&SiteConfig::load_without_users(&folder.path("site.toml")).unwrap()).unwrap_err();
    assert!(
        faults
            .iter()
            .any(|fault| fault.to_string().contains("complaints") && fault.to_string().contains("message.wav")),
        "{faults:?}"
    );
}

#[test]
fn a_caller_keys_an_account_and_hears_the_balance_from_the_database() {
    // Afterwards the menu comes again, and who keys nothing there is led to the queue.
    let queued_after = |account: &str| {
        let folder = Folder::new("hotline-balance");
        let call = format!(
            "[[call]]\nline = 0\nnumber = \"13800138000\"\nkey = \"1\"\nmore_keys = [\"{account}#\"]\n\
             queue_patience_ms = 60000\n"
        );
        let store = after_calls(&folder, &sample(&folder), DAY_MS, &call);
        let [call] = &store.calls().unwrap()[..] else { panic!("one call") };
        assert_eq!((call.keyed.clone(), call.outcome.as_str()), (format!("1{account}#"), "abandoned-queued"));
        call.queued_ms.unwrap() - call.answered_ms.unwrap()
    };
    // Twelve yuan five jiao are a prompt and five phrases of 1.5 s, an unknown account is one prompt.
    let longer = queued_after("0571") - queued_after("9571");
    assert!((7000..8500).contains(&longer), "{longer} ms");
}

#[test]
fn a_caller_at_night_leaves_a_message_that_waits_encrypted_for_its_owner() {
    let folder = Folder::new("hotline-message");
    let mut site = sample(&folder);
    keys::make(&folder.path("recordings.keys"), &Key::draw(String::new()).unwrap()).unwrap();
    site.recording.keys = Some(folder.path("recordings.keys"));
    let calls = "[[call]]\nline = 0\nnumber = \"13800138000\"\nkey = \"4\"\nmessage_ms = 6000\n\
                 [[call]]\nline = 1\nnumber = \"13900139000\"\nkey = \"4\"\nmessage_ms = 0\n";
    let store = after_calls(&folder, &site, NIGHT_MS, calls);
    let messages = store.messages(&[MessageState::Recording, MessageState::New, MessageState::Heard]).unwrap();
    let [message] = &messages[..] else { panic!("{messages:?}") };
    assert_eq!((message.caller.as_str(), message.mailbox.as_str()), ("13800138000", "complaints"));
    assert_eq!((message.state.as_str(), message.owner.as_deref()), ("new", Some("1002")));
    // The caller speaks to the end of the last phrase.
    assert!((5 * 8000..20 * 8000).contains(&message.samples), "{message:?}");
    let file = site.store.recordings.join(&message.file);
    let ring = KeyRing::new(site.recording.keys.as_deref());
    let opened = Recorded::open(&file, &ring, Damage::Refused).unwrap();
    assert_eq!(i64::from(opened.samples()), message.samples);
    // No millisecond of it stands in the file.
    let mut sound = Vec::new();
    opened.write(SoundForm { raw: true, ..SoundForm::WHOLE }, &mut sound).unwrap();
    let sealed = fs::read(&file).unwrap();
    let loud = sound.chunks_exact(32).filter(|piece| piece.iter().collect::<HashSet<_>>().len() > 12);
    let loud: HashSet<&[u8]> = loud.collect();
    let seen = |octets: &[u8]| octets.windows(32).any(|piece| loud.contains(piece));
    assert!(loud.len() > 100 && seen(&sound) && !seen(&sealed));
    let dropped = store.messages(&[MessageState::Dropped]).unwrap();
    assert_eq!(dropped.iter().map(|it| it.caller.as_str()).collect::<Vec<_>>(), ["13900139000"]);
    let outcomes: Vec<_> = store.calls().unwrap().into_iter().map(|call| call.outcome).collect();
    assert_eq!(outcomes, ["served-in-ivr", "served-in-ivr"]);
}
