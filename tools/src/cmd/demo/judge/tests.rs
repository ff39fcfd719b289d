//! Doctored runs: a run without a fault, and each way in which the records, the screens, the recordings or the sound of
//! one can be wrong, with the fault that the judge must report.

mod disturbed;
mod ring_rule;

use std::ops::Range;
use std::path::PathBuf;

use tipring_core::csta::event::CallData;
use tipring_core::csta::tipring::SupervisionMode;
use tipring_core::csta::{CallId, ConnectionId, DeviceId, ExtendedDeviceId};
use tipring_core::number_plan::NumberPlan;
use tipring_core::time::Tick;
use tipring_hw_sim::people::truth::Listener;
use tipring_hw_sim::people::voice::{PhraseId, Speaker};

use super::super::part::{Part, PartKind, Role};
use super::*;

/// The caller's number.
const NUMBER: &str = "13800000001";
/// The trunk's socket and the station's, and the extension there.
const LINE: u8 = 0;
const STATION: u8 = 2;
const EXTENSION: &str = "1001";
/// The socket of the supervisor's or colleague's station, whose extension is 1002.
const OTHER: u8 = 3;
/// Milliseconds of records at the world's time 0.
const OFFSET: i64 = 1_000_000;
/// Times of the world, in ms.
const RANG: u64 = 1000;
const ANSWERED: u64 = 6000;
const LIFTED: u64 = 12_000;
const SPOKE_AGENT: u64 = 13_000;
const SPOKE_CALLER: u64 = 22_000;
const ENDED: u64 = 34_000;
/// Beginning of the recording and its end.
const RECORDED: Range<u64> = LIFTED + 50..ENDED + 500;

const AGENT: PhraseId = PhraseId { speaker: Speaker::Agent { station: STATION, occasion: 1 }, turn: 1 };
const CALLER: PhraseId = PhraseId { speaker: Speaker::Remote { call: 1 }, turn: 1 };

/// The evidence of a run of one call, to be doctored.
struct Case {
    truths: Vec<Truth>,
    calls: Vec<CallRow>,
    recordings: Vec<RecordingRow>,
    folder: PathBuf,
    tap: Tap,
    pops: Vec<Pop>,
    customers: BTreeMap<String, Customer>,
    phrases: Phrases,
    parts: Vec<TimedPart>,
    trunks: BTreeMap<u8, String>,
    disturbed: BTreeSet<u8>,
}

impl Case {
    /// A run in which all agrees. `name` is for the folder of its recording.
    fn new(name: &str) -> Case {
        let phrases = Phrases::new(7, None);
        let truth = |ms: u64, what: What| Truth { ms, what };
        let mut truths = vec![
            truth(RANG, What::CallStarted { line: LINE, call: 1, number: NUMBER.into(), name: String::new() }),
            truth(RANG, What::RingingBegan { line: LINE, call: 1 }),
            truth(
                RANG + 1500,
                What::CallerIdSent {
                    line: LINE,
                    call: 1,
                    number: NUMBER.into(),
                    name: None,
                    complete: true,
                    from_ms: RANG + 1200,
                },
            ),
            truth(ANSWERED, What::Answered { line: LINE, call: 1 }),
            truth(9000, What::DigitKeyed { call: 1, digit: '1', from_ms: 8900 }),
            truth(10_000, What::StationRang { station: STATION }),
            truth(LIFTED, What::StationLifted { station: STATION }),
            truth(SPOKE_AGENT + 900, What::Welcomed { call: 1, waited_ms: 7900 }),
        ];
        for (phrase, from_ms, by) in
            [(AGENT, SPOKE_AGENT, Listener::Call(1)), (CALLER, SPOKE_CALLER, Listener::Station(STATION))]
        {
            let samples = phrases.samples(phrase).len() as u64;
            let end = from_ms + samples / SAMPLES_PER_MS as u64;
            truths.push(truth(end, What::Spoken { phrase, from_ms, samples, complete: true }));
            let heard = What::Heard {
                phrase,
                by,
                delay_samples: 160,
                from_sample: 0,
                samples,
                complete: true,
                gain: 1.0,
                snr_db: 37.0,
            };
            truths.push(truth(end + 410, heard));
        }
        truths.push(truth(ENDED, What::CallEnded { line: LINE, call: 1, by: Side::Remote }));
        let row = CallRow {
            call_id: 5,
            direction: "inbound".into(),
            trunk: Some("trunk 0".into()),
            caller: NUMBER.into(),
            called: String::new(),
            queue: Some("support".into()),
            agent: Some("anna".into()),
            station: Some(EXTENSION.into()),
            keyed: "1".into(),
            offered_ms: OFFSET + RANG as i64 + 60,
            answered_ms: Some(OFFSET + ANSWERED as i64),
            queued_ms: Some(OFFSET + 9100),
            alerting_ms: Some(OFFSET + 10_000),
            established_ms: Some(OFFSET + LIFTED as i64 + 40),
            ended_ms: OFFSET + ENDED as i64 + 1500,
            outcome: "answered".into(),
            released_by: "caller".into(),
            recording: Some(3),
            machine: None,
            ucid: None,
            main_call: None,
            cause: None,
        };
        let data = CallData {
            customer: Some("Ada".into()),
            account: Some("A-1".into()),
            keyed: "1".into(),
            ..CallData::default()
        };
        let device = DeviceId::new(EXTENSION).expect("an extension");
        let pop = Pop {
            at: Tick(10_000),
            connection: ConnectionId { call: CallId(5), device, ..ConnectionId::default() },
            calling: ExtendedDeviceId::outside(DeviceId::new(NUMBER).expect("a number")),
            data: Some(data),
        };
        let folder = std::env::temp_dir().join(format!("tipring-judge-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
        let customer =
            Customer { numbers: vec![NUMBER.into()], name: "Ada".into(), account: "A-1".into(), ..Customer::default() };
        let mut case = Case {
            truths,
            calls: vec![row],
            recordings: vec![RecordingRow {
                id: 3,
                call_id: 5,
                file: "5.wav".into(),
                began_ms: OFFSET + RECORDED.start as i64,
                samples: 0,
                whole: true,
                sha256: None,
                octets: None,
                removed_ms: None,
                reason: None,
            }],
            folder,
            tap: Tap::Evidence,
            pops: vec![pop],
            customers: BTreeMap::from([(NUMBER.to_owned(), customer)]),
            phrases,
            parts: Vec::new(),
            trunks: BTreeMap::from([(LINE, "trunk 0".to_owned())]),
            disturbed: BTreeSet::new(),
        };
        case.record(2, |_, sample| sample);
        case
    }

    /// Writes the recording, with each sample of a side, 0 the trunk's and 1 the station's, changed as wanted.
    fn record(&mut self, channels: u16, change: impl Fn(usize, i16) -> i16) {
        let length = (RECORDED.end - RECORDED.start) as usize * SAMPLES_PER_MS as usize;
        let side = |number: usize, phrase: PhraseId, from_ms: u64| {
            let mut samples = vec![0; length];
            let from = (from_ms - RECORDED.start) as usize * SAMPLES_PER_MS as usize;
            for (to, sample) in samples[from..].iter_mut().zip(self.phrases.samples(phrase)) {
                *to = change(number, sample);
            }
            samples
        };
        let sides = [side(0, CALLER, SPOKE_CALLER), side(1, AGENT, SPOKE_AGENT)];
        let spec = hound::WavSpec {
            channels,
            sample_rate: 8000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(self.folder.join("5.wav"), spec).expect("the folder is there");
        for at in 0..length {
            for side in &sides[..usize::from(channels)] {
                writer.write_sample(side[at]).expect("the disk has room");
            }
        }
        writer.finalize().expect("the disk has room");
        self.recordings[0].samples = length as i64;
    }

    /// A part of call control, in which each of the three speaks twice; `hears` takes a listener and a speaker.
    fn play(&mut self, kind: PartKind, hears: impl Fn(Role, Role) -> bool) {
        let people = ROLES.map(listener);
        let hears = |by: Listener, of: Listener| {
            let role = |it: Listener| ROLES.into_iter().find(|role| listener(*role) == it).expect("one of the three");
            hears(role(by), role(of))
        };
        let device = |name| DeviceId::new(name).expect("an extension");
        let part = Part { kind, call: CallId(5), other: device("1002"), station: device(EXTENSION) };
        self.parts = vec![TimedPart { part, from_ms: 40_000, to_ms: 70_000 }];
        let mut ms = 41_000;
        for speaker in people {
            for turn in [11, 12] {
                let by = match speaker {
                    Listener::Call(call) => Speaker::Remote { call },
                    Listener::Station(station) => Speaker::Agent { station, occasion: 1 },
                };
                let phrase = PhraseId { speaker: by, turn };
                let spoken = What::Spoken { phrase, from_ms: ms, samples: 8000, complete: true };
                self.truths.push(Truth { ms: ms + 1000, what: spoken });
                let mut found = false;
                for by in people.into_iter().filter(|by| *by != speaker && hears(*by, speaker)) {
                    found = true;
                    let (gain, snr_db, samples) = (1.0, 3.0, 8000);
                    let heard = What::Heard {
                        phrase,
                        by,
                        delay_samples: 160,
                        from_sample: 0,
                        samples,
                        complete: true,
                        gain,
                        snr_db,
                    };
                    self.truths.push(Truth { ms: ms + 1410, what: heard });
                }
                if !found {
                    self.truths.push(Truth { ms: ms + 1410, what: What::Unheard { phrase } });
                }
                ms += 2000;
            }
        }
    }

    fn data(&mut self) -> &mut CallData {
        self.pops[0].data.as_mut().expect("the pop has data")
    }

    fn findings(&self) -> Findings {
        judge(&Evidence {
            truths: &self.truths,
            calls: &self.calls,
            recordings: &self.recordings,
            folder: &self.folder,
            tap: self.tap,
            pops: &self.pops,
            customers: &self.customers,
            phrases: &self.phrases,
            parts: &self.parts,
            rings: RingRule::new(25, 200),
            plan: &NumberPlan::default(),
            trunks: &self.trunks,
            stations: &BTreeMap::from([(STATION, EXTENSION.to_owned()), (OTHER, "1002".to_owned())]),
            disturbed: &self.disturbed,
        })
    }
}

impl Drop for Case {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Noise of that many dB below a phrase, by a fixed sequence.
fn noisy(sample: i16, divisor: i16) -> i16 {
    sample.saturating_add(if sample.wrapping_mul(31_421) & 64 == 0 { 3000 / divisor } else { -3000 / divisor })
}

/// A doctored run: its doctoring, and the fault as the judge reports it.
type Doctored = (fn(&mut Case), &'static str);

const DOCTORED: &[Doctored] = &[
    (|run| run.calls.clear(), "1 calls were offered at trunk 0, and there are 0 call detail records of it"),
    (|run| run.calls.push(run.calls[0].clone()), "1 calls were offered at trunk 0, and there are 2"),
    (|run| run.calls[0].caller = "13800000002".into(), "was sent as the caller's number, and \"13800000002\" stands"),
    (|run| run.calls[0].keyed = "2".into(), "\"1\" was keyed, and \"2\" stands in the record"),
    (|run| run.calls[0].keyed.push('1'), "\"1\" was keyed, and \"11\" stands in the record"),
    (|run| run.pops.clear(), "it was answered, and nothing popped at Some(\"1001\")"),
    (|run| run.pops[0].connection.call = CallId(6), "it was answered, and nothing popped"),
    (|run| run.pops[0].calling = ExtendedDeviceId::NOT_KNOWN, "the screen said number \"\", and it was"),
    (|run| run.pops[0].data = None, "the screen pop came without private data"),
    (|run| run.data().keyed.clear(), "the screen said key \"\", and it was \"1\""),
    (|run| run.data().customer = None, "the screen said customer None, and it was Some(\"Ada\")"),
    (|run| run.customers.clear(), "the screen said customer Some(\"Ada\"), and it was None"),
    (|run| run.data().account = Some("A-2".into()), "the screen said account Some(\"A-2\"), and it was"),
    (|run| run.calls[0].outcome = "abandoned-queued".into(), "and the caller was spoken to"),
    (
        |run| run.truths.push(Truth { ms: 33_000, what: What::Abandoned { call: 1, stage: Stage::Queued } }),
        "the record says \"answered\", and the caller was gone at this stage: Queued",
    ),
    (
        |run| run.truths.retain(|truth| !matches!(truth.what, What::Welcomed { .. })),
        "and the caller was neither spoken to nor gone",
    ),
    (|run| run.calls[0].offered_ms += OFFERED_WITHIN_MS, "the record has it offered 1060 ms after it was"),
    (|run| run.calls[0].offered_ms -= 300, "the record has it offered -240 ms after it was"),
    (|run| run.calls[0].ended_ms += RELEASE_WITHIN_MS, "the record has it ended 7500 ms after it was"),
    (|run| run.calls[0].answered_ms = None, "answered at Some(6000), in the record at None"),
    (
        |run| run.calls[0].established_ms = Some(OFFSET + 11_000),
        "the handset was not lifted when the record has it answered",
    ),
    (
        |run| run.truths.push(Truth { ms: 30_000, what: What::Unheard { phrase: CALLER } }),
        "phrase c1.1 was spoken, and was not heard",
    ),
    (|run| run.overhear(), "phrase c1.1 was heard by Station(3), who is not in the call"),
    (
        |run| {
            for truth in &mut run.truths {
                if let What::Heard { phrase: CALLER, snr_db, .. } = &mut truth.what {
                    *snr_db = 24.9;
                }
            }
        },
        "phrase c1.1 as it was heard has 24.9 dB; 25 are wanted",
    ),
    (|run| run.recordings.clear(), "it was answered, and there is no whole recording of it"),
    (|run| run.recordings[0].whole = false, "it was answered, and there is no whole recording of it"),
    (|run| run.recordings[0].file = "6.wav".into(), "6.wav cannot be played"),
    (|run| run.record(1, |_, sample| sample), "5.wav is not 16-bit stereo at 8 kHz"),
    (|run| run.recordings[0].samples -= 8, "samples, and 179592 stand in the database"),
    (|run| run.record(2, |side, sample| if side == 0 { 0 } else { sample }), "phrase c1.1 is not in 5.wav"),
    (|run| run.record(2, |side, sample| if side == 1 { 0 } else { sample }), "phrase s2.1.1 is not in 5.wav"),
    (|run| run.record(2, |_, sample| noisy(sample, 4)), "phrase c1.1 in 5.wav has "),
    (
        |run| {
            run.tap = Tap::Listening;
            run.record(2, |_, sample| noisy(sample, 2));
        },
        "dB; 6 are wanted for listening",
    ),
    (|run| run.truths.retain(|truth| !matches!(truth.what, What::Spoken { .. })), "no whole phrase lies within 5.wav"),
];

#[test]
fn a_run_in_which_all_agrees_has_no_fault_and_is_counted() {
    let findings = Case::new("whole").findings();
    assert_eq!(findings.faults, [""; 0]);
    let counted = [findings.made, findings.offered, findings.answered, findings.screen_pops, findings.recordings];
    assert_eq!((counted, findings.paths_checked, findings.cdrs), ([1; 5], 4, 1));
    assert_eq!((findings.caller_ids_sent, findings.caller_ids_correct), (1, 1));
    assert_eq!((findings.digits_sent, findings.digits_correct), (1, 1));
}

#[test]
fn each_doctored_run_is_reported_for_its_own_fault() {
    for (number, (doctor, fault)) in DOCTORED.iter().enumerate() {
        let mut run = Case::new(&format!("doctored-{number}"));
        doctor(&mut run);
        let faults = run.findings().faults;
        assert!(faults.iter().any(|found| found.contains(fault)), "run {number}: {fault:?} is not among {faults:#?}");
    }
}

#[test]
fn every_fault_report_of_the_judge_has_a_doctored_run() {
    let found: Vec<String> = (0..DOCTORED.len())
        .flat_map(|number| {
            let mut run = Case::new(&format!("every-{number}"));
            DOCTORED[number].0(&mut run);
            run.findings().faults
        })
        .collect();
    let source = concat!(include_str!("../judge.rs"), include_str!("recording.rs"), include_str!("phrases.rs"));
    let source: String = source.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut reports = 0;
    for report in source.split("faults").skip(1).map(|rest| rest.replacen(" .push( ", ".push(", 1)) {
        let Some(format) = report.trim_start().strip_prefix(".push(format!(") else { continue };
        let text = format.split('"').nth(1).expect("a format string");
        let parts = text.split(['{', '}']).step_by(2);
        let longest = parts.max_by_key(|part| part.len()).expect("a format string has text");
        assert!(found.iter().any(|fault| fault.contains(longest)), "no doctored run makes the judge say {text:?}");
        reports += 1;
    }
    assert!(reports >= 16, "{reports} reports: is this test reading the right text?");
}

#[test]
fn a_call_that_was_answered_or_waited_for_was_offered_however_shortly_it_rang() {
    let rule = RingRule::new(25, 200);
    let call = TrueCall { rang: Some(1000), ended: Some((1050, Side::Remote)), ..TrueCall::default() };
    assert_eq!(call.offered(rule), Offered::Always);
    assert_eq!(TrueCall { abandoned: Some(Stage::Ringing), ..call.clone() }.offered(rule), Offered::Never);
    assert_eq!(TrueCall { rang: None, ..call }.offered(rule), Offered::Never);
}

/// A run whose caller gives up after 222 ms of ringing, in the moment of the answer. The card closes the loop before
/// that; the exchange, which takes its time to believe it, sees a line at rest be seized `seized_after` ms later, if at
/// all.
fn given_up(name: &str, seized_after: Option<u64>) -> Findings {
    let mut run = Case::new(name);
    let gone = RANG + 222;
    run.truths.truncate(2);
    run.truths.push(Truth { ms: gone, what: What::Abandoned { call: 1, stage: Stage::Ringing } });
    run.truths.push(Truth { ms: gone, what: What::CallEnded { line: LINE, call: 1, by: Side::Remote } });
    let seized = seized_after.map(|after| Truth { ms: gone + after, what: What::LineSeized { line: LINE } });
    run.truths.extend(seized);
    // Without an answer that both have seen the clocks are one.
    let row = &mut run.calls[0];
    (row.offered_ms, row.answered_ms) = (RANG as i64 + 206, Some(RANG as i64 + 206));
    (row.ended_ms, row.outcome) = (gone as i64 + 4872, "abandoned-in-ivr".into());
    (row.queued_ms, row.alerting_ms, row.established_ms) = (None, None, None);
    row.keyed.clear();
    run.findings()
}

#[test]
fn an_answer_in_the_moment_in_which_the_caller_gave_up_is_one_if_the_exchange_saw_the_line_seized() {
    let findings = given_up("gave-up", Some(17));
    assert_eq!((findings.faults, findings.abandoned, findings.offered), (vec![], 1, 1));
    for (name, seized_after, fault) in [
        ("never-seized", None, "answered at None, in the record at Some(1206)"),
        ("seized-late", Some(1000), "the record has it answered -1016 ms after it was"),
    ] {
        let faults = given_up(name, seized_after).faults;
        assert!(faults.iter().any(|found| found.contains(fault)), "{fault:?} is not among {faults:#?}");
    }
}

const ROLES: [Role; 3] = [Role::Other, Role::Agent, Role::Caller];

fn listener(role: Role) -> Listener {
    match role {
        Role::Other => Listener::Station(OTHER),
        Role::Agent => Listener::Station(STATION),
        Role::Caller => Listener::Call(1),
    }
}

/// Each part with the number of its paths that carry a voice, out of six.
const PARTS: [(PartKind, usize); 8] = [
    (PartKind::Supervision(SupervisionMode::Listen), 4),
    (PartKind::Supervision(SupervisionMode::Whisper), 5),
    (PartKind::Supervision(SupervisionMode::Barge), 6),
    (PartKind::Hold, 0),
    (PartKind::Consultation, 2),
    (PartKind::Conference, 6),
    (PartKind::Transfer, 2),
    (PartKind::Pickup, 2),
];

#[test]
fn a_part_in_which_those_hear_who_should_is_no_fault_and_is_counted() {
    for (kind, paths) in PARTS {
        let mut case = Case::new(&format!("part-{kind:?}").replace(['(', ')'], ""));
        case.play(kind, |by, of| kind.heard_by(by).contains(&of));
        let findings = case.findings();
        assert_eq!(findings.faults, Vec::<String>::new(), "{kind:?}");
        let control = findings.call_control;
        let all = [control.consultation, control.conference, control.transfer, control.pickup, control.supervision];
        let counted: Vec<&Heard> = all.iter().filter(|heard| **heard != Heard::default()).collect();
        // Each of the three speaks twice, to two others.
        assert_eq!(counted, [&Heard { parts: 1, heard: 2 * paths, kept_from: 2 * (6 - paths) }], "{kind:?}");
    }
}

#[test]
fn each_path_that_carries_a_voice_it_should_not_or_does_not_carry_one_it_should_is_a_fault() {
    for (kind, _) in PARTS {
        for (by, of) in ROLES.into_iter().flat_map(|by| ROLES.map(|of| (by, of))).filter(|(by, of)| by != of) {
            let mut case = Case::new(&format!("doctored-{kind:?}-{by:?}-{of:?}").replace(['(', ')'], ""));
            let usual = |by: Role, of: Role| kind.heard_by(by).contains(&of);
            case.play(kind, |listener, speaker| usual(listener, speaker) != (listener == by && speaker == of));
            let what = if usual(by, of) { "was to hear, and did not hear" } else { "was not to hear, and heard" };
            let faults = case.findings().faults;
            assert!(faults.len() == 1 && faults[0].contains(what), "{kind:?}, {by:?} of {of:?}: {faults:?}");
        }
    }
}
