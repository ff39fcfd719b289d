//! Hearing in the parts of call control, by the phrases found in the sound of each receiver, against the table in
//! `part`.
//!
//! A phrase counts that was spoken to its end within one part. That it was heard where it should not be is a fault
//! each time. That it was not found where it should be is a fault, too; where two voices speak together and hide each
//! other from the search, it is one if no phrase of the part was found.
//!
//! Never: asks the system what was connected.

use std::collections::BTreeMap;

use serde::Serialize;
use tipring_hw_sim::people::truth::{Listener, What};
use tipring_hw_sim::people::voice::{PhraseId, Speaker};

use super::super::part::{Part, PartKind, Role};
use super::{CallRow, Evidence, Findings, TrueCall};

/// Time at both ends of a part that belongs to neither: an event on its way, a handset's debounce, in ms.
const GUARD_MS: i64 = 500;
/// Time after a part in which people have not yet noticed its end, in ms.
const NOTICE_MS: i64 = 3000;
/// Phrases of a speaker within a part from which silence in a receiver of one voice is a fault, and of more.
const PHRASES_LEAST: usize = 1;
const MIXED_PHRASES_LEAST: usize = 2;
/// The people of a part.
const ROLES: [Role; 3] = [Role::Other, Role::Agent, Role::Caller];

/// A part with its place in the world's time, in ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimedPart {
    /// The part.
    pub part: Part,
    /// Its beginning.
    pub from_ms: i64,
    /// Its end.
    pub to_ms: i64,
}

/// Phrases in parts of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Heard {
    /// Parts with a phrase that could be judged.
    pub parts: usize,
    /// Phrases found in the receiver of one who should hear them.
    pub heard: usize,
    /// Phrases that one who should not hear them did not hear.
    pub kept_from: usize,
}

impl Heard {
    fn add(&mut self, more: Heard) {
        self.parts += more.parts;
        self.heard += more.heard;
        self.kept_from += more.kept_from;
    }
}

/// Phrases in the parts of call control, by service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct CallControl {
    /// Calls on hold, and consultations.
    pub consultation: Heard,
    /// Conferences.
    pub conference: Heard,
    /// Transferred calls.
    pub transfer: Heard,
    /// Calls picked up.
    pub pickup: Heard,
    /// Supervisors who listen, whisper and barge in.
    pub supervision: Heard,
}

impl CallControl {
    /// Adds the phrases of another run.
    pub fn add(&mut self, other: &CallControl) {
        let CallControl { consultation, conference, transfer, pickup, supervision } = self;
        for (own, more) in [
            (consultation, other.consultation),
            (conference, other.conference),
            (transfer, other.transfer),
            (pickup, other.pickup),
            (supervision, other.supervision),
        ] {
            own.add(more);
        }
    }

    /// All services together.
    pub fn sum(&self) -> Heard {
        let mut sum = self.consultation;
        [self.conference, self.transfer, self.pickup, self.supervision].into_iter().for_each(|more| sum.add(more));
        sum
    }

    fn of(&mut self, kind: PartKind) -> &mut Heard {
        match kind {
            PartKind::Supervision(_) => &mut self.supervision,
            PartKind::Hold | PartKind::Consultation => &mut self.consultation,
            PartKind::Conference => &mut self.conference,
            PartKind::Transfer => &mut self.transfer,
            PartKind::Pickup => &mut self.pickup,
        }
    }
}

/// A part with the people in it.
#[derive(Debug, Clone, Copy)]
struct Scene {
    timed: TimedPart,
    other: Listener,
    agent: Listener,
    caller: Listener,
}

/// The parts of a run.
pub(super) struct Parts {
    scenes: Vec<Scene>,
    /// Beginning and end of each phrase, and whether it was spoken to its end.
    spoken: BTreeMap<PhraseId, (i64, i64, bool)>,
}

impl Parts {
    pub(super) fn new(evidence: &Evidence<'_>, matched: &[(&TrueCall, &CallRow)]) -> Parts {
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
            let other = Listener::Station(socket(timed.part.other.as_str())?);
            let (call, _) = matched.iter().find(|(_, row)| row.call_id == timed.part.call.0)?;
            let caller = Listener::Call(call.call);
            Some(Scene { timed: *timed, other, agent, caller })
        };
        Parts { scenes: evidence.parts.iter().filter_map(scene).collect(), spoken }
    }

    /// Returns true if a receiver had more than one voice in it during a phrase.
    pub(super) fn mixes(&self, phrase: PhraseId, by: Listener) -> bool {
        self.touched(phrase).any(|scene| scene.people().contains(&by))
    }

    /// Returns true if a phrase was spoken by one of the people of a part.
    pub(super) fn covers(&self, phrase: PhraseId) -> bool {
        self.touched(phrase).any(|scene| scene.people().contains(&listener_of(phrase.speaker)))
    }

    /// The people of the parts, each with each.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (Listener, Listener)> {
        self.scenes.iter().flat_map(|scene| {
            let people = scene.people();
            people.into_iter().flat_map(move |one| people.into_iter().map(move |other| (one, other)))
        })
    }

    /// The parts that a phrase touches.
    fn touched(&self, phrase: PhraseId) -> impl Iterator<Item = &Scene> {
        let spoken = self.spoken.get(&phrase).copied();
        self.scenes.iter().filter(move |scene| {
            let (from, to) = (scene.timed.from_ms - GUARD_MS, scene.timed.to_ms + NOTICE_MS);
            spoken.is_some_and(|(began, ended, _)| began < to && ended > from)
        })
    }

    /// Judges who hears whom in each part.
    pub(super) fn judge(&self, evidence: &Evidence<'_>, findings: &mut Findings) {
        for scene in &self.scenes {
            let mut judged = false;
            let Part { kind, call, .. } = scene.timed.part;
            for speaking in ROLES {
                let speaker = scene.listener(speaking);
                let phrases: Vec<PhraseId> = self.within(scene, speaker).collect();
                judged |= !phrases.is_empty();
                for listening in ROLES.into_iter().filter(|role| *role != speaking) {
                    let listener = scene.listener(listening);
                    let voices = kind.heard_by(listening);
                    let found = phrases.iter().filter(|phrase| was_heard(evidence, **phrase, listener)).count();
                    let words = |what: &str| {
                        format!(
                            "call {}, {kind:?} at {} ms: {listening:?}, {listener:?}, {what} {speaking:?}, {speaker:?}",
                            call.0, scene.timed.from_ms
                        )
                    };
                    let least = if voices.len() > 1 { MIXED_PHRASES_LEAST } else { PHRASES_LEAST };
                    let counted = findings.call_control.of(kind);
                    match voices.contains(&speaking) {
                        false if found > 0 => findings.faults.push(words("was not to hear, and heard")),
                        false => counted.kept_from += phrases.len(),
                        true if found == 0 && phrases.len() >= least => {
                            findings.faults.push(words("was to hear, and did not hear"));
                        }
                        true => counted.heard += found,
                    }
                }
            }
            findings.call_control.of(kind).parts += usize::from(judged);
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
    const fn people(&self) -> [Listener; 3] {
        [self.other, self.agent, self.caller]
    }

    const fn listener(&self, role: Role) -> Listener {
        match role {
            Role::Agent => self.agent,
            Role::Other => self.other,
            Role::Caller => self.caller,
        }
    }
}

fn was_heard(evidence: &Evidence<'_>, phrase: PhraseId, listener: Listener) -> bool {
    evidence.truths.iter().any(
        |truth| matches!(&truth.what, What::Heard { phrase: heard, by, .. } if *heard == phrase && *by == listener),
    )
}

pub(super) fn listener_of(speaker: Speaker) -> Listener {
    match speaker {
        Speaker::Remote { call } => Listener::Call(call),
        Speaker::Agent { station, .. } => Listener::Station(station),
    }
}
