//! The promise in the confirmation of a service: the states in which it leaves its connections (ECMA-179), and for an
//! answer that is carried out by and by, that it comes.
//!
//! Never: judges what others do next.

use ConnectionState::{Alerting, Connected, Failed, Held, Queued};

use super::small_site::Site;
use super::step::{At, Of, Step};
use crate::channel::State;
use crate::csta::event::Event;
use crate::csta::tipring::ReleaseScope;
use crate::csta::{CallId, Feature};
use crate::model::ConnectionState;
use crate::timers::Timer;

/// A connection, and the states of which it must have one; none for the state of a connection that has ended.
type Promise = (CallId, At, &'static [Option<ConnectionState>]);

const GONE: &[Option<ConnectionState>] = &[None];
const HELD: &[Option<ConnectionState>] = &[Some(Held)];
const TALKS: &[Option<ConnectionState>] = &[Some(Connected)];
/// One who answers may find that the other has just gone: a tone.
const ANSWERED: &[Option<ConnectionState>] = &[Some(Connected), Some(Failed)];
const ANSWERS: &[Option<ConnectionState>] = &[Some(Connected), Some(Alerting)];
const SENT_BACK: &[Option<ConnectionState>] = &[None, Some(Alerting)];
const PARKED: &[Option<ConnectionState>] = &[Some(Queued)];

/// The promises of a step.
pub(super) struct Promises {
    step: Step,
    promises: Vec<Promise>,
}

impl Promises {
    /// The promises of a step in the state before it.
    pub(super) fn of(step: Step, site: &Site) -> Promises {
        Promises { step, promises: promises(step, site).unwrap_or_default() }
    }

    /// Judges the state after the step was done.
    pub(super) fn judge(self, site: &mut Site) {
        for (call, at, states) in self.promises {
            let now = site.state(call, at);
            let what = if self.step == Step::Deadline { "AnswerCall was confirmed" } else { "it was confirmed" };
            assert!(states.contains(&now), "{what}, and {at:?} is {now:?}: {}", site.in_words());
        }
        if let Step::Answer(Of(at, _)) = self.step {
            site.answers.insert(at);
        }
        let mut answers = std::mem::take(&mut site.answers);
        answers.retain(|&at| site.call_in(at, Alerting).is_some() && !is_taken_away(at, site));
        site.answers = answers;
    }
}

/// A call that was taken from a station, and rings there again, has yet to be answered.
fn is_taken_away(at: At, site: &Site) -> bool {
    site.rig.events.iter().any(|(_, _, event)| match event {
        Event::Diverted { connection: it, .. } | Event::ConnectionCleared { dropped_connection: it, .. } => {
            it.device == at.id()
        }
        _ => false,
    })
}

fn promises(step: Step, site: &Site) -> Option<Vec<Promise>> {
    let call = |of| site.connection(of).map(|connection| connection.call);
    let at_once = |at, of| (site.line(at) == State::InUse).then_some((of, at, TALKS));
    Some(match step {
        Step::Answer(of) => vec![(call(of)?, of.0, ANSWERS)],
        // The queue may give the call to the same agent again, also one to which a telephone is forwarded.
        Step::Deflect(of, At::Q5000) => vec![(call(of)?, of.0, SENT_BACK)],
        Step::Deflect(of, _) | Step::SingleTransfer(of, _) if !site.is_plain() => vec![(call(of)?, of.0, SENT_BACK)],
        Step::Clear(of) | Step::Deflect(of, _) => vec![(call(of)?, of.0, GONE)],
        Step::ForceRelease(of, ReleaseScope::Connection) => vec![(call(of)?, of.0, GONE)],
        Step::ClearCall(of) | Step::ForceRelease(of, ReleaseScope::Call) => vec![(call(of)?, of.0, GONE)],
        Step::Hold(of) | Step::Consult(of, _) => vec![(call(of)?, of.0, HELD)],
        Step::Retrieve(of) => vec![(call(of)?, of.0, TALKS)],
        Step::Alternate(active, other) => vec![(call(active)?, active.0, HELD), (call(other)?, other.0, ANSWERED)],
        Step::Reconnect(active, held) => vec![(call(active)?, active.0, GONE), (call(held)?, held.0, TALKS)],
        Step::Transfer(active, held) => vec![(call(active)?, active.0, GONE), (call(held)?, held.0, GONE)],
        Step::Conference(active, held) => vec![(call(active)?, active.0, TALKS), (call(held)?, held.0, GONE)],
        Step::PickUp(of, by) => at_once(by, call(of)?).into_iter().collect(),
        Step::Complete(Feature::CampOn, of) => vec![(call(of)?, of.0, TALKS)],
        Step::SingleTransfer(of, _) => vec![(call(of)?, of.0, GONE)],
        Step::SingleConference(of, by, _) | Step::Supervise(of, by, _) => at_once(by, call(of)?).into_iter().collect(),
        Step::TakeOver(of, by) => match at_once(by, call(of)?) {
            Some(promise) => vec![promise, (call(of)?, of.0, GONE)],
            None => Vec::new(),
        },
        Step::Park(of) => vec![(call(of)?, of.0, GONE), (call(of)?, At::P4001, PARKED)],
        Step::Deadline => answers_due(site),
        _ => Vec::new(),
    })
}

/// A confirmed answer comes with the end of its zip tone, and no other deadline of the switch takes it away.
fn answers_due(site: &Site) -> Vec<Promise> {
    let first = site.rig.core.timers.iter().next();
    let promise = |at: At| {
        let call = site.call_in(at, Alerting)?;
        match first? {
            Timer::Connection(of, device) if (of, device) == (call, site.device(at)) => Some((call, at, TALKS)),
            Timer::Connection(..) => None,
            _ => Some((call, at, ANSWERS)),
        }
    };
    site.answers.iter().copied().filter_map(promise).collect()
}
