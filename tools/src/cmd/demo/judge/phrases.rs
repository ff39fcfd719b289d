//! Phrases outside the parts of call control: each is heard, and by no one who is not in the call.
//!
//! A card with faults disturbs the calls at its ports. What is said in those is not judged, nor what an agent says to a
//! caller who is gone with the card.
//!
//! Never: asks the system what was connected; the records say who was in a call.

use std::collections::BTreeSet;

use tipring_core::store::sqlite::CallRow;
use tipring_hw_sim::people::truth::{Listener, Truth, What};
use tipring_hw_sim::people::voice::{PhraseId, Speaker};

use super::hearing::{Parts, listener_of};
use super::{Evidence, Findings, TrueCall, take_snr};

/// Time for which an agent may speak on to a caller whose line is gone, in ms: until the silence is noticed.
const SPEAKS_ON_MS: i64 = 15_000;

/// Calls, stations and times of cards with faults.
pub(super) struct Disturbed {
    calls: BTreeSet<u32>,
    stations: BTreeSet<u8>,
    /// The stations of their calls, with beginning and end in the world's ms.
    talks: Vec<(u8, i64, i64)>,
}

impl Disturbed {
    /// Takes the calls of disturbed stations out of the matched ones.
    pub(super) fn new(
        evidence: &Evidence<'_>,
        calls: &[TrueCall],
        matched: &mut Vec<(&TrueCall, &CallRow)>,
        offset: i64,
    ) -> Disturbed {
        let stations = evidence.disturbed.clone();
        let mut of_calls: BTreeSet<u32> =
            calls.iter().filter(|call| !evidence.trunks.contains_key(&call.line)).map(|call| call.call).collect();
        for truth in evidence.truths {
            let What::Heard { phrase, by, .. } = truth.what else { continue };
            match (phrase.speaker, by) {
                (Speaker::Remote { call }, Listener::Station(station))
                | (Speaker::Agent { station, .. }, Listener::Call(call))
                    if stations.contains(&station) =>
                {
                    of_calls.insert(call);
                }
                _ => {}
            }
        }
        let station_of = |row: &CallRow| socket_of(evidence, row.station.as_deref()?);
        matched.retain(|(call, row)| {
            let keeps = !of_calls.contains(&call.call) && station_of(row).is_none_or(|it| !stations.contains(&it));
            if !keeps {
                of_calls.insert(call.call);
            }
            keeps
        });
        let kept: BTreeSet<i32> = matched.iter().map(|(_, row)| row.call_id).collect();
        let talks = evidence.calls.iter().filter(|row| !kept.contains(&row.call_id)).filter_map(|row| {
            Some((station_of(row)?, row.alerting_ms? - offset, row.ended_ms - offset + SPEAKS_ON_MS))
        });
        let talks = if of_calls.is_empty() { Vec::new() } else { talks.collect() };
        Disturbed { calls: of_calls, stations, talks }
    }

    fn has(&self, listener: Listener) -> bool {
        match listener {
            Listener::Call(call) => self.calls.contains(&call),
            Listener::Station(station) => self.stations.contains(&station),
        }
    }

    /// Returns true if a station speaks in a disturbed call at a time.
    fn has_talk(&self, speaker: Listener, ms: i64) -> bool {
        self.talks.iter().any(|(of, from, to)| speaker == Listener::Station(*of) && (*from..*to).contains(&ms))
    }
}

fn socket_of(evidence: &Evidence<'_>, extension: &str) -> Option<u8> {
    evidence.stations.iter().find(|(_, known)| known.as_str() == extension).map(|(socket, _)| *socket)
}

/// Judges each phrase that was heard or spoken outside the parts.
pub(super) fn judge_phrases(
    evidence: &Evidence<'_>,
    parts: &Parts,
    disturbed: &Disturbed,
    matched: &[(&TrueCall, &CallRow)],
    findings: &mut Findings,
) {
    let mut in_call: BTreeSet<(Listener, Listener)> = parts.pairs().collect();
    for (call, row) in matched {
        if let Some(station) = row.station.as_deref().and_then(|station| socket_of(evidence, station)) {
            let (caller, agent) = (Listener::Call(call.call), Listener::Station(station));
            in_call.extend([(caller, agent), (agent, caller)]);
        }
    }
    for truth in evidence.truths {
        match &truth.what {
            What::Heard { phrase, by, .. } if disturbed.has(listener_of(phrase.speaker)) || disturbed.has(*by) => {}
            What::Heard { phrase, by, .. } if !in_call.contains(&(listener_of(phrase.speaker), *by)) => {
                findings.faults.push(format!("phrase {phrase} was heard by {by:?}, who is not in the call"));
            }
            // Voices that are mixed are measured by who hears them, not by their noise.
            What::Heard { phrase, by, .. } if parts.mixes(*phrase, *by) => {}
            What::Heard { phrase, snr_db, .. } => {
                findings.paths_checked += 1;
                take_snr(&format!("phrase {phrase} as it was heard"), *snr_db, findings);
            }
            What::Unheard { phrase } if parts.covers(*phrase) => {}
            What::Unheard { phrase } => {
                let speaker = listener_of(phrase.speaker);
                let is_disturbed = disturbed.has(speaker) || disturbed.has_talk(speaker, truth.ms as i64);
                if !is_disturbed && !was_lifted_in_vain(evidence, *phrase) {
                    findings.faults.push(format!("phrase {phrase} was spoken, and was not heard"));
                }
            }
            _ => {}
        }
    }
}

/// Returns true if an agent lifted a handset whose call had gone in that moment, and said a word before noticing: from
/// the lift to the end nothing was heard there, and none of the agent's phrases elsewhere.
fn was_lifted_in_vain(evidence: &Evidence<'_>, phrase: PhraseId) -> bool {
    let Speaker::Agent { station, .. } = phrase.speaker else { return false };
    let place = |what: &dyn Fn(&What) -> bool| evidence.truths.iter().position(|truth| what(&truth.what));
    let said = |what: &What| matches!(what, What::Spoken { phrase: spoken, .. } if *spoken == phrase);
    let Some(said) = place(&said) else { return false };
    let is_lift = |truth: &Truth| matches!(truth.what, What::StationLifted { station: of } if of == station);
    let is_end = |truth: &Truth| matches!(truth.what, What::StationHungUp { station: of, .. } if of == station);
    let Some(from) = evidence.truths[..said].iter().rposition(is_lift) else { return false };
    let Some(length) = evidence.truths[from..].iter().position(is_end) else { return false };
    !evidence.truths[from..from + length].iter().any(|truth| match &truth.what {
        What::Heard { phrase: heard, by, .. } => *by == Listener::Station(station) || heard.speaker == phrase.speaker,
        _ => false,
    })
}
