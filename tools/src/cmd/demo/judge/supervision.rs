//! Hearing while a supervisor takes part in a conversation, by the phrases found in the sound of each receiver.
//!
//! | part | the supervisor is heard by | and hears |
//! |---|---|---|
//! | listen | none | caller and agent |
//! | whisper | the agent | caller and agent |
//! | barge | caller and agent | caller and agent |
//!
//! A phrase counts that was spoken to its end within one part. That it was heard where it should not be is a fault
//! each time; that it was not found where it should be is one if no phrase of the part was, because voices that speak
//! together hide each other from the search.
//!
//! Never: asks the system what was connected.

use std::collections::BTreeMap;

use serde::Serialize;
use tipring_core::csta::tipring::SupervisionMode;
use tipring_hw_sim::people::truth::{Listener, What};
use tipring_hw_sim::people::voice::{PhraseId, Speaker};

use super::super::desk::Part;
use super::{Evidence, Findings};

/// Time at both ends of a part that belongs to neither: an event on its way, a handset's debounce, in ms.
const GUARD_MS: i64 = 500;
/// Phrases of a speaker within a part from which silence elsewhere is a fault.
const PHRASES_LEAST: usize = 2;

/// A supervisor's part with its place in the world's time, in ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimedPart {
    /// The part.
    pub part: Part,
    /// Its beginning.
    pub from_ms: i64,
    /// Its end.
    pub to_ms: i64,
}

/// Phrases of and for supervisors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Supervision {
    /// Parts with a phrase that could be judged.
    pub parts: usize,
    /// Phrases found in the receiver of one who should hear them.
    pub heard: usize,
    /// Phrases that one who should not hear them did not hear.
    pub kept_from: usize,
}

/// A part with the people in it.
#[derive(Debug, Clone, Copy)]
struct Scene {
    timed: TimedPart,
    supervisor: Listener,
    agent: Listener,
    caller: Listener,
}

/// The supervised time of a run.
pub(super) struct Supervised {
    scenes: Vec<Scene>,
    /// Beginning and end of each phrase, and whether it was spoken to its end.
    spoken: BTreeMap<PhraseId, (i64, i64, bool)>,
}

impl Supervised {
    pub(super) fn new(evidence: &Evidence<'_>) -> Supervised {
        let socket = |extension: &str| {
            evidence.stations.iter().find(|(_, known)| known.as_str() == extension).map(|(socket, _)| *socket)
        };
        let spoken: BTreeMap<_, _> = evidence
            .truths
            .iter()
            .filter_map(|truth| match truth.what {
                What::Spoken { phrase, from_ms, complete, .. } => {
                    Some((phrase, (from_ms as i64, truth.ms as i64, complete)))
                }
                _ => None,
            })
            .collect();
        let scene = |timed: &TimedPart| {
            let agent = Listener::Station(socket(timed.part.station.as_str())?);
            let caller = caller_of(evidence, timed, agent)?;
            let supervisor = Listener::Station(socket(timed.part.supervisor.as_str())?);
            Some(Scene { timed: *timed, supervisor, agent, caller })
        };
        Supervised { scenes: evidence.parts.iter().filter_map(scene).collect(), spoken }
    }

    /// Returns true if a receiver had more than one voice in it during a phrase.
    pub(super) fn mixes(&self, phrase: PhraseId, by: Listener) -> bool {
        self.touched(phrase).any(|scene| [scene.supervisor, scene.agent, scene.caller].contains(&by))
    }

    /// Returns true if a phrase was spoken by one of a supervised conversation.
    pub(super) fn covers(&self, phrase: PhraseId) -> bool {
        self.touched(phrase)
            .any(|scene| [scene.supervisor, scene.agent, scene.caller].contains(&listener_of(phrase.speaker)))
    }

    /// The parts that a phrase touches.
    fn touched(&self, phrase: PhraseId) -> impl Iterator<Item = &Scene> {
        let spoken = self.spoken.get(&phrase).copied();
        self.scenes.iter().filter(move |scene| {
            let (from, to) = (scene.timed.from_ms - GUARD_MS, scene.timed.to_ms + 2 * GUARD_MS);
            spoken.is_some_and(|(began, ended, _)| began < to && ended > from)
        })
    }

    /// Judges who hears whom in each part.
    pub(super) fn judge(&self, evidence: &Evidence<'_>, findings: &mut Findings) {
        for scene in &self.scenes {
            let mut judged = false;
            for speaker in [scene.supervisor, scene.agent, scene.caller] {
                let phrases: Vec<PhraseId> = self.within(scene, speaker).collect();
                judged |= !phrases.is_empty();
                for listener in [scene.supervisor, scene.agent, scene.caller] {
                    if listener == speaker {
                        continue;
                    }
                    let found = phrases.iter().filter(|phrase| was_heard(evidence, **phrase, listener)).count();
                    let should = scene.should_hear(listener, speaker);
                    let words = |what: &str| {
                        let Part { mode, call, .. } = scene.timed.part;
                        format!(
                            "call {}, {mode:?} at {} ms: {listener:?} {what} {speaker:?}",
                            call.0, scene.timed.from_ms
                        )
                    };
                    match should {
                        false if found > 0 => findings.faults.push(words("was not to hear, and heard")),
                        false => findings.supervision.kept_from += phrases.len(),
                        true if found == 0 && phrases.len() >= PHRASES_LEAST => {
                            findings.faults.push(words("was to hear, and did not hear"));
                        }
                        true => findings.supervision.heard += found,
                    }
                }
            }
            findings.supervision.parts += usize::from(judged);
        }
    }

    /// The phrases that a speaker spoke to their ends within a part.
    fn within<'a>(&'a self, scene: &'a Scene, speaker: Listener) -> impl Iterator<Item = PhraseId> + 'a {
        let (from, to) = (scene.timed.from_ms + GUARD_MS, scene.timed.to_ms - GUARD_MS);
        self.spoken
            .iter()
            .filter(move |(phrase, (began, ended, complete))| {
                listener_of(phrase.speaker) == speaker && *complete && *began >= from && *ended <= to
            })
            .map(|(phrase, _)| *phrase)
    }
}

impl Scene {
    fn should_hear(&self, listener: Listener, speaker: Listener) -> bool {
        if speaker != self.supervisor {
            return true;
        }
        match self.timed.part.mode {
            SupervisionMode::Listen => false,
            SupervisionMode::Whisper => listener == self.agent,
            SupervisionMode::Barge => true,
        }
    }
}

fn was_heard(evidence: &Evidence<'_>, phrase: PhraseId, listener: Listener) -> bool {
    evidence.truths.iter().any(
        |truth| matches!(&truth.what, What::Heard { phrase: heard, by, .. } if *heard == phrase && *by == listener),
    )
}

fn listener_of(speaker: Speaker) -> Listener {
    match speaker {
        Speaker::Remote { call } => Listener::Call(call),
        Speaker::Agent { station, .. } => Listener::Station(station),
    }
}

/// The caller of a supervised call: the one in the agent's receiver during the part, or else the last before it.
fn caller_of(evidence: &Evidence<'_>, timed: &TimedPart, agent: Listener) -> Option<Listener> {
    let heard: Vec<(i64, Listener)> = evidence
        .truths
        .iter()
        .filter_map(|truth| match &truth.what {
            What::Heard { phrase, by, .. } if *by == agent => match phrase.speaker {
                Speaker::Remote { call } => Some((truth.ms as i64, Listener::Call(call))),
                Speaker::Agent { .. } => None,
            },
            _ => None,
        })
        .collect();
    let end = timed.to_ms + 2 * GUARD_MS;
    let during = heard.iter().find(|(ms, _)| (timed.from_ms..end).contains(ms));
    let before = || heard.iter().rev().find(|(ms, _)| *ms < timed.from_ms);
    during.or_else(before).map(|(_, caller)| *caller)
}
