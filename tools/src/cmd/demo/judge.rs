//! The judge: what really happened, by the world's own account, against what the system says.
//!
//! The system's side is only what left a TSAPI client and what stands in the store and in the recordings. Whatever does
//! not agree becomes a sentence in [`Findings::faults`].
//!
//! Never: looks into the driver or the core.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tipring_core::csta::DeviceIdStatus;
use tipring_core::customer::Customer;
use tipring_core::number_plan::NumberPlan;
use tipring_core::store::sqlite::{CallRow, RecordingRow};
use tipring_hw_sim::people::truth::{Side, Stage, Truth, What};
use tipring_hw_sim::people::voice::Phrases;

use self::hearing::Parts;
pub use self::hearing::{CallControl, Heard, TimedPart};
use self::phrases::{Disturbed, judge_phrases};
use self::recording::judge_recording;
use self::ring_rule::Offered;
pub use self::ring_rule::RingRule;
use super::desk::Pop;
use super::part::PartKind;
use crate::config::Tap;

mod hearing;
mod phrases;
mod recording;
mod ring_rule;

/// Least ratio of a caller's voice at the other end to its error, in decibels.
pub const SNR_LEAST_DB: f32 = 25.0;
/// Samples of a millisecond.
const SAMPLES_PER_MS: i64 = 8;
/// Time a line may ring before it is an offered call, in ms: debounce, and the scan of a module.
const OFFERED_WITHIN_MS: i64 = 1000;
/// Largest difference between two reports of the same loop closure, in ms.
const LOOP_WITHIN_MS: i64 = 150;
/// Time to the detection of off-hook, in ms: debounce, and the scan of a module.
const LIFT_WITHIN_MS: i64 = 300;
/// Time to the detection of a caller's release, in ms: busy tone has to be recognised.
const RELEASE_WITHIN_MS: i64 = 6000;
/// Time to the detection of an abandoned call while it rings, in ms: a whole pause of the cadence has to pass.
const RINGING_STOPPED_WITHIN_MS: i64 = 8000;

/// All that is known of a run.
pub struct Evidence<'a> {
    /// Events of the simulated world.
    pub truths: &'a [Truth],
    /// Call detail records.
    pub calls: &'a [CallRow],
    /// Recordings.
    pub recordings: &'a [RecordingRow],
    /// Folder of recordings.
    pub folder: &'a Path,
    /// Purpose of the recordings.
    pub tap: Tap,
    /// Screen pops.
    pub pops: &'a [Pop],
    /// Customers by number.
    pub customers: &'a BTreeMap<String, Customer>,
    /// The parts of call control.
    pub parts: &'a [TimedPart],
    /// Phrases of the simulated people.
    pub phrases: &'a Phrases,
    /// Rule by which ringing is a call.
    pub rings: RingRule,
    /// Plan by which two spellings are one number.
    pub plan: &'a NumberPlan,
    /// The name of the trunk at each socket, without those of cards with faults.
    pub trunks: &'a BTreeMap<u8, String>,
    /// The extension of the station at each socket.
    pub stations: &'a BTreeMap<u8, String>,
    /// The sockets of cards with faults. Calls there are not judged here.
    pub disturbed: &'a BTreeSet<u8>,
}

/// Findings of the judge.
#[derive(Debug, Default)]
pub struct Findings {
    /// Calls that were made; a caller may give up before the line rings.
    pub made: usize,
    /// Calls that rang a line.
    pub offered: usize,
    /// Calls that a person answered.
    pub answered: usize,
    /// Calls whose caller gave up.
    pub abandoned: usize,
    /// Calls that popped on a screen.
    pub screen_pops: usize,
    /// Numbers that were fully sent.
    pub caller_ids_sent: usize,
    /// Numbers that stand in the records as they were sent.
    pub caller_ids_correct: usize,
    /// Keys that callers pressed.
    pub digits_sent: usize,
    /// Keys that stand in the records as they were pressed.
    pub digits_correct: usize,
    /// Phrases compared with what was said: at the other end, and in the recordings.
    pub paths_checked: usize,
    /// The worst of them.
    pub min_snr_db: Option<f32>,
    /// Phrases in the parts of call control.
    pub call_control: CallControl,
    /// Recordings that can be played and hold what was said.
    pub recordings: usize,
    /// Call detail records.
    pub cdrs: usize,
    /// Talk time in ms, summed over the calls.
    pub talk_ms: i64,
    /// Time with two or more calls in conversation, in ms.
    pub two_talking_ms: i64,
    /// Contradictions between the evidence.
    pub faults: Vec<String>,
}

/// A call as it really was. Times in the world's milliseconds.
#[derive(Debug, Clone, Default)]
struct TrueCall {
    call: u32,
    line: u8,
    number: String,
    /// Beginning of the ordinary ringing, if it came to that.
    rang: Option<i64>,
    id_complete: bool,
    keyed: String,
    answered: Option<i64>,
    /// Moment at which the exchange saw the loop closed after the caller was gone, before the line's next call.
    seized: Option<i64>,
    welcomed: Option<i64>,
    abandoned: Option<Stage>,
    ended: Option<(i64, Side)>,
}

/// Judges a run.
pub fn judge(evidence: &Evidence<'_>) -> Findings {
    let mut findings = Findings::default();
    let calls = true_calls(evidence.truths);
    let mut matched = matched(evidence, &calls, &mut findings);
    findings.made = calls.len();
    findings.offered = matched.len();
    findings.cdrs = matched.len();
    let offset = clock_offset(&matched);
    let disturbed = Disturbed::new(evidence, &calls, &mut matched, offset);
    for (call, row) in &matched {
        judge_identity(evidence, call, row, &mut findings);
        judge_outcome(call, row, &mut findings);
        judge_times(evidence, call, row, offset, &mut findings);
    }
    let parts = Parts::new(evidence, &matched);
    parts.judge(evidence, &mut findings);
    judge_phrases(evidence, &parts, &disturbed, &matched, &mut findings);
    for (call, row) in &matched {
        if row.established_ms.is_some() {
            judge_recording((evidence, &parts), call, row, offset, &mut findings);
        }
    }
    judge_talk(&matched, &mut findings);
    findings
}

fn true_calls(truths: &[Truth]) -> Vec<TrueCall> {
    let mut calls: BTreeMap<u32, TrueCall> = BTreeMap::new();
    for truth in truths {
        let ms = truth.ms as i64;
        match &truth.what {
            What::CallStarted { line, call, number, .. } => {
                let true_call = TrueCall { call: *call, line: *line, number: number.clone(), ..TrueCall::default() };
                calls.insert(*call, true_call);
            }
            What::RingingBegan { call, .. } => {
                calls.entry(*call).and_modify(|known| known.rang = Some(ms));
            }
            What::CallerIdSent { call, complete, .. } => {
                calls.entry(*call).and_modify(|known| known.id_complete |= complete);
            }
            What::LineSeized { line } => {
                let last = calls.values_mut().rev().find(|known| known.line == *line);
                if let Some(known) = last.filter(|known| known.ended.is_some()) {
                    known.seized = known.seized.or(Some(ms));
                }
            }
            What::Answered { call, .. } => {
                calls.entry(*call).and_modify(|known| known.answered = known.answered.or(Some(ms)));
            }
            What::DigitKeyed { call, digit, .. } => {
                calls.entry(*call).and_modify(|known| known.keyed.push(*digit));
            }
            What::Welcomed { call, .. } => {
                calls.entry(*call).and_modify(|known| known.welcomed = Some(ms));
            }
            What::Abandoned { call, stage } => {
                calls.entry(*call).and_modify(|known| known.abandoned = Some(*stage));
            }
            What::CallEnded { call, by, .. } => {
                calls.entry(*call).and_modify(|known| known.ended = Some((ms, *by)));
            }
            _ => {}
        }
    }
    calls.into_values().collect()
}

impl TrueCall {
    /// Moment of the loop that the record has as the answer, as the exchange saw it. A caller may give up in the moment
    /// of the answer, before the exchange has debounced the loop: it then sees a line at rest be seized, and the card,
    /// which rang a moment ago, has answered.
    fn looped(&self, row: &CallRow) -> Option<i64> {
        let gave_up = self.abandoned == Some(Stage::Ringing) && row.answered_ms.is_some();
        self.answered.or(self.seized.filter(|_| gave_up))
    }

    /// Judges if the line's rules made it an offered call, and so a record.
    fn offered(&self, rule: RingRule) -> Offered {
        match (self.rang, self.ended, self.abandoned) {
            (None, _, _) => Offered::Never,
            (Some(rang), Some((ended, _)), Some(Stage::Ringing)) => rule.judge(ended - rang),
            (Some(_), _, _) => Offered::Always,
        }
    }
}

/// Pairs each call with its record: on each trunk the calls came in the order of the records.
fn matched<'a>(
    evidence: &'a Evidence<'_>,
    calls: &'a [TrueCall],
    findings: &mut Findings,
) -> Vec<(&'a TrueCall, &'a CallRow)> {
    let mut pairs = Vec::new();
    for (line, trunk) in evidence.trunks {
        let mut true_calls: Vec<&TrueCall> =
            calls.iter().filter(|call| call.line == *line && call.offered(evidence.rings) != Offered::Never).collect();
        let rows: Vec<&CallRow> = evidence
            .calls
            .iter()
            .filter(|row| row.direction == "inbound" && row.trunk.as_deref() == Some(trunk))
            .collect();
        while true_calls.len() > rows.len()
            && let Some(index) = true_calls.iter().position(|call| call.offered(evidence.rings) == Offered::Perhaps)
        {
            true_calls.remove(index);
        }
        if true_calls.len() != rows.len() {
            findings.faults.push(format!(
                "{} calls were offered at {trunk}, and there are {} call detail records of it",
                true_calls.len(),
                rows.len()
            ));
        }
        pairs.extend(true_calls.into_iter().zip(rows));
    }
    pairs.sort_by_key(|(call, _)| call.call);
    pairs
}

/// Offset of a record's time to the world's: the median over all answers, which both sides detected as the same loop
/// closure.
fn clock_offset(matched: &[(&TrueCall, &CallRow)]) -> i64 {
    let mut offsets: Vec<i64> =
        matched.iter().filter_map(|(call, row)| Some(row.answered_ms? - call.answered?)).collect();
    offsets.sort_unstable();
    offsets.get(offsets.len() / 2).copied().unwrap_or(0)
}

fn judge_identity(evidence: &Evidence<'_>, call: &TrueCall, row: &CallRow, findings: &mut Findings) {
    if call.id_complete && !call.number.is_empty() {
        findings.caller_ids_sent += 1;
        if evidence.plan.is_same(&row.caller, &call.number) {
            findings.caller_ids_correct += 1;
        } else {
            findings.faults.push(format!(
                "call {}: {:?} was sent as the caller's number, and {:?} stands in the record",
                call.call, call.number, row.caller
            ));
        }
    }
    findings.digits_sent += call.keyed.len();
    let correct = call.keyed.chars().zip(row.keyed.chars()).filter(|(keyed, heard)| keyed == heard).count();
    findings.digits_correct += correct;
    if row.keyed != call.keyed {
        findings
            .faults
            .push(format!("call {}: {:?} was keyed, and {:?} stands in the record", call.call, call.keyed, row.keyed));
    }
    if row.established_ms.is_some() {
        judge_pop(evidence, call, row, findings);
    }
}

fn judge_pop(evidence: &Evidence<'_>, call: &TrueCall, row: &CallRow, findings: &mut Findings) {
    let number = call.number.as_str();
    let Some(pop) = evidence.pops.iter().rev().find(|pop| {
        pop.connection.call.0 == row.call_id && Some(pop.connection.device.as_str()) == row.station.as_deref()
    }) else {
        findings.faults.push(format!("call {}: it was answered, and nothing popped at {:?}", call.call, row.station));
        return;
    };
    findings.screen_pops += 1;
    let mut wrong = |what: &str, popped: &dyn std::fmt::Debug, truth: &dyn std::fmt::Debug| {
        findings.faults.push(format!("call {}: the screen said {what} {popped:?}, and it was {truth:?}", call.call));
    };
    if call.id_complete {
        let popped = match pop.calling.status {
            // A consultation comes from a colleague, with the caller's number in its data.
            DeviceIdStatus::Provided if evidence.stations.values().any(|it| it == pop.calling.device.as_str()) => {
                pop.data.as_ref().and_then(|data| data.caller.as_deref()).unwrap_or_default()
            }
            DeviceIdStatus::Provided => pop.calling.device.as_str(),
            DeviceIdStatus::NotKnown | DeviceIdStatus::NotRequired => "",
        };
        if !evidence.plan.is_same(popped, number) {
            wrong("number", &popped, &number);
        }
    }
    let Some(data) = &pop.data else {
        findings.faults.push(format!("call {}: the screen pop came without private data", call.call));
        return;
    };
    if data.keyed != call.keyed {
        wrong("key", &data.keyed, &call.keyed);
    }
    if call.id_complete {
        let known = evidence.customers.get(number);
        if data.customer.as_ref() != known.map(|customer| &customer.name) {
            wrong("customer", &data.customer, &known.map(|customer| &customer.name));
        }
        if data.account.as_ref() != known.map(|customer| &customer.account) {
            wrong("account", &data.account, &known.map(|customer| &customer.account));
        }
    }
}

fn judge_outcome(call: &TrueCall, row: &CallRow, findings: &mut Findings) {
    let fits: &[&str] = match (call.welcomed, call.abandoned) {
        // Answered in the moment in which the caller gave up.
        (_, Some(Stage::Ringing)) if call.looped(row).is_some() => &["abandoned-in-ivr"],
        (_, Some(Stage::Ringing)) => &["abandoned-ringing"],
        (_, Some(Stage::Menu)) => &["abandoned-in-ivr"],
        // A caller who hangs up in the queue cannot know that a telephone has begun to ring.
        (_, Some(Stage::Queued)) => &["abandoned-queued", "abandoned-alerting"],
        (Some(_), None) => &["answered"],
        (None, None) => &[],
    };
    if fits.contains(&row.outcome.as_str()) {
        match row.outcome.as_str() {
            "answered" => findings.answered += 1,
            _ => findings.abandoned += 1,
        }
    } else {
        findings.faults.push(format!(
            "call {}: the record says {:?}, and the caller was {}",
            call.call,
            row.outcome,
            match (call.welcomed, call.abandoned) {
                (_, Some(stage)) => format!("gone at this stage: {stage:?}"),
                (Some(_), None) => "spoken to".into(),
                (None, None) => "neither spoken to nor gone of their own will".into(),
            }
        ));
    }
}

fn judge_times(evidence: &Evidence<'_>, call: &TrueCall, row: &CallRow, offset: i64, findings: &mut Findings) {
    let mut within = |what: &str, recorded: i64, truth: i64, least: i64, most: i64| {
        let late = recorded - offset - truth;
        if !(least..=most).contains(&late) {
            findings.faults.push(format!(
                "call {}: the record has it {what} {late} ms after it was; {least} to {most} ms would do",
                call.call
            ));
        }
    };
    let rang = call.rang.unwrap_or_default();
    within("offered", row.offered_ms, rang, -LOOP_WITHIN_MS, OFFERED_WITHIN_MS);
    let looped = call.looped(row);
    if let (Some(recorded), Some(truth)) = (row.answered_ms, looped) {
        within("answered", recorded, truth, -LOOP_WITHIN_MS, LOOP_WITHIN_MS);
    }
    if let Some((truth, by)) = call.ended {
        let (least, most) = match (by, call.abandoned) {
            (_, Some(Stage::Ringing)) => (-LOOP_WITHIN_MS, RINGING_STOPPED_WITHIN_MS),
            (Side::Remote, _) => (-LOOP_WITHIN_MS, RELEASE_WITHIN_MS),
            (Side::Card | Side::Exchange, _) => (-1000, 1000),
        };
        within("ended", row.ended_ms, truth, least, most);
    }
    if row.answered_ms.is_some() != looped.is_some() {
        findings
            .faults
            .push(format!("call {}: answered at {:?}, in the record at {:?}", call.call, looped, row.answered_ms));
    }
    if !lifted_when_established(evidence, row, offset) {
        findings.faults.push(format!("call {}: the handset was not lifted when the record has it answered", call.call));
    }
}

/// The transfer of a record's call, if it was transferred.
fn transfer_of<'a>(evidence: &'a Evidence<'_>, row: &CallRow) -> Option<&'a TimedPart> {
    evidence.parts.iter().find(|it| it.part.kind == PartKind::Transfer && it.part.call.0 == row.call_id)
}

/// Returns true if the station's handset was lifted when the record has the call answered. Both sides detect a
/// handset's lifting; a headset, which never rings, answers from the screen.
fn lifted_when_established(evidence: &Evidence<'_>, row: &CallRow, offset: i64) -> bool {
    // A transferred call was answered where it came from.
    let answered = transfer_of(evidence, row).map(|it| it.part.station.as_str()).or(row.station.as_deref());
    let station = evidence.stations.iter().find(|(_, extension)| Some(extension.as_str()) == answered);
    let (Some(established), Some((socket, _))) = (row.established_ms, station) else { return true };
    let rings = |truth: &Truth| matches!(truth.what, What::StationRang { station } if station == *socket);
    let lifted_then = |truth: &Truth| {
        matches!(truth.what, What::StationLifted { station } if station == *socket)
            && (-LOOP_WITHIN_MS..=LIFT_WITHIN_MS).contains(&(established - offset - truth.ms as i64))
    };
    !evidence.truths.iter().any(rings) || evidence.truths.iter().any(lifted_then)
}

fn take_snr(what: &str, snr_db: f32, findings: &mut Findings) {
    findings.min_snr_db = Some(findings.min_snr_db.map_or(snr_db, |least| least.min(snr_db)));
    if snr_db < SNR_LEAST_DB {
        findings.faults.push(format!("{what} has {snr_db:.1} dB; {SNR_LEAST_DB} are wanted"));
    }
}

fn judge_talk(matched: &[(&TrueCall, &CallRow)], findings: &mut Findings) {
    let mut edges: Vec<(i64, i64)> = Vec::new();
    for (_, row) in matched {
        if let Some(established) = row.established_ms {
            findings.talk_ms += row.ended_ms - established;
            edges.extend([(established, 1), (row.ended_ms, -1)]);
        }
    }
    edges.sort_unstable();
    let (mut talking, mut since) = (0, 0);
    for (at, change) in edges {
        if talking >= 2 {
            findings.two_talking_ms += at - since;
        }
        talking += change;
        since = at;
    }
}

#[cfg(test)]
mod tests;
