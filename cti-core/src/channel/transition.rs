//! Steps of a channel, and the side that may take each: seizing of a trunk, glare, release. Pure: the same word and the
//! same event or intent give the same step.
//!
//! Every pair of state and event is spelled out. An event of the line that has no edge from the present state has
//! lost a race against a command (the state is then the core's doing), or the line machine is at fault; either way it
//! does not count, and nothing changes.

use tipring_driver::line::{CallerId, DisconnectSignal, LineCommand, LineEvent, LineFailure, Number};

use super::word::{Cause, Owner, State, Word};

/// Effect of a line event on a channel's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEdge {
    /// The channel takes this step.
    Step(Word),
    /// The event is reported, but the word stays.
    Stay,
    /// The event does not fit the state: a command came first.
    Superseded,
}

/// A step that the core requests. Each is one edge, or a few into the same state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// *Offered* → *InUse*: answers a ringing trunk.
    Answer,
    /// *Idle* → *Dialling*: seizes a trunk and dials.
    Dial(Number),
    /// *Idle* → *Ringing*: rings a station, with caller ID.
    Ring(Option<CallerId>),
    /// *Ringing* → *Releasing*: stops ringing a station that was not lifted.
    StopRinging,
    /// *Dialling*, *InUse* or *Released* → *Releasing*: puts a trunk on hook.
    Release,
}

impl Intent {
    /// Returns true if the step begins the part of a line in a call.
    pub const fn begins(&self) -> bool {
        match self {
            Intent::Answer | Intent::Dial(_) | Intent::Ring(_) => true,
            Intent::StopRinging | Intent::Release => false,
        }
    }

    /// The line command that belongs to the step.
    pub const fn line_command(&self) -> LineCommand {
        match self {
            Intent::Answer => LineCommand::Answer,
            Intent::Dial(number) => LineCommand::Dial(*number),
            Intent::Ring(caller) => LineCommand::Ring(*caller),
            Intent::StopRinging | Intent::Release => LineCommand::Release,
        }
    }
}

/// Returns the effect of `event` on `word`.
pub const fn line(word: Word, event: &LineEvent) -> LineEdge {
    use LineEdge::{Stay, Superseded};
    use State as S;
    let state = word.state;
    match event {
        LineEvent::InService(_) => match state {
            S::OutOfService => step(word, S::Idle, Cause::Normal),
            S::Idle | S::Offered | S::Dialling | S::Ringing | S::InUse | S::Released | S::Releasing => Superseded,
        },
        LineEvent::OutOfService => match state {
            S::OutOfService => Superseded,
            S::Idle | S::Offered | S::Dialling | S::Ringing | S::InUse | S::Released | S::Releasing => {
                step(word, S::OutOfService, Cause::Lost)
            }
        },
        LineEvent::Offered => match state {
            S::Idle => step(word, S::Offered, Cause::Normal),
            S::OutOfService | S::Offered | S::Dialling | S::Ringing | S::InUse | S::Released | S::Releasing => {
                Superseded
            }
        },
        LineEvent::CallerIdentity(_) => match state {
            // Before the first ring, between rings, or just after the answer.
            S::Idle | S::Offered | S::InUse => Stay,
            S::OutOfService | S::Dialling | S::Ringing | S::Released | S::Releasing => Superseded,
        },
        LineEvent::RingingStopped => match state {
            S::Offered => step(word, S::Idle, Cause::RingingStopped),
            S::OutOfService | S::Idle | S::Dialling | S::Ringing | S::InUse | S::Released | S::Releasing => Superseded,
        },
        LineEvent::OffHook => match state {
            // Lifted to call, lifted to answer, or lifted in the moment when ringing stopped.
            S::Idle | S::Ringing | S::Releasing => step(word, S::InUse, Cause::Normal),
            S::OutOfService | S::Offered | S::Dialling | S::InUse | S::Released => Superseded,
        },
        LineEvent::OnHook => match state {
            S::InUse => step(word, S::Idle, Cause::Normal),
            S::OutOfService | S::Idle | S::Offered | S::Dialling | S::Ringing | S::Released | S::Releasing => {
                Superseded
            }
        },
        LineEvent::Flash | LineEvent::Digit(_) | LineEvent::FaxModemTone(_) => match state {
            S::InUse => Stay,
            S::OutOfService | S::Idle | S::Offered | S::Dialling | S::Ringing | S::Released | S::Releasing => {
                Superseded
            }
        },
        LineEvent::Dialled => match state {
            S::Dialling => Stay,
            S::OutOfService | S::Idle | S::Offered | S::Ringing | S::InUse | S::Released | S::Releasing => Superseded,
        },
        LineEvent::Answered => match state {
            S::Dialling => step(word, S::InUse, Cause::Normal),
            S::OutOfService | S::Idle | S::Offered | S::Ringing | S::InUse | S::Released | S::Releasing => Superseded,
        },
        LineEvent::Released(signal) => match state {
            S::Dialling | S::InUse => step(word, S::Released, released(*signal)),
            S::OutOfService | S::Idle | S::Offered | S::Ringing | S::Released | S::Releasing => Superseded,
        },
        LineEvent::Failed(failure) => match state {
            S::Dialling | S::InUse => step(word, S::Released, failed(*failure)),
            // The line would not ring: it is as if ringing had stopped by itself.
            S::Ringing => step(word, S::Idle, failed(*failure)),
            S::OutOfService | S::Idle | S::Offered | S::Released | S::Releasing => Superseded,
        },
        LineEvent::Idle => match state {
            S::Releasing => step(word, S::Idle, Cause::Normal),
            S::OutOfService | S::Idle | S::Offered | S::Dialling | S::Ringing | S::InUse | S::Released => Superseded,
        },
    }
}

/// The word after `intent`, if the state allows it.
pub const fn command(word: Word, intent: &Intent) -> Option<Word> {
    use State as S;
    let to = match (intent, word.state) {
        (Intent::Answer, S::Offered) => S::InUse,
        (Intent::Dial(_), S::Idle) => S::Dialling,
        (Intent::Ring(_), S::Idle) => S::Ringing,
        (Intent::StopRinging, S::Ringing) | (Intent::Release, S::Dialling | S::InUse | S::Released) => S::Releasing,
        (Intent::Answer | Intent::Dial(_) | Intent::Ring(_) | Intent::StopRinging | Intent::Release, _) => return None,
    };
    Some(word.step(to, Owner::Core, word.cause_kept(to)))
}

const fn step(word: Word, to: State, cause: Cause) -> LineEdge {
    LineEdge::Step(word.step(to, Owner::Line, cause))
}

/// Makes both directions of the table of ends of a call at its far end: the cause in the word, and the event of the
/// line. A signal or a failure that is missing does not compile.
macro_rules! ends {
    (Released: $($signal:ident)*; Failed: $($failure:ident)*; none: $($other:ident)*;) => {
        const fn released(signal: DisconnectSignal) -> Cause {
            match signal {
                $(DisconnectSignal::$signal => Cause::$signal,)*
            }
        }

        const fn failed(failure: LineFailure) -> Cause {
            match failure {
                $(LineFailure::$failure => Cause::$failure,)*
            }
        }

        /// The event behind the cause of a *Released* word; none if the far end has no part in it.
        pub(crate) const fn end_of(cause: Cause) -> Option<LineEvent> {
            match cause {
                $(Cause::$signal => Some(LineEvent::Released(DisconnectSignal::$signal)),)*
                $(Cause::$failure => Some(LineEvent::Failed(LineFailure::$failure)),)*
                $(Cause::$other => None,)*
            }
        }

        /// All ends.
        #[cfg(test)]
        const ENDS: &[LineEvent] = &[
            $(LineEvent::Released(DisconnectSignal::$signal),)*
            $(LineEvent::Failed(LineFailure::$failure),)*
        ];
    };
}

ends! {
    Released: Tone LoopBreak Polarity Silence;
    Failed: NoDialTone NoBattery Busy Congestion Unassigned Intercepted Announced Glare;
    none: Normal RingingStopped Lost;
}

impl Word {
    /// The cause in a further state: that of the far end's release stays while this end is being put on hook.
    const fn cause_kept(self, to: State) -> Cause {
        match (self.state, to) {
            (State::Released, State::Releasing) => self.cause,
            _ => Cause::Normal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::word::Generation;

    fn at(state: State) -> Word {
        Word { state, owner: Owner::Line, cause: Cause::Normal, generation: Generation::default() }
    }

    #[test]
    fn a_lifted_station_can_never_be_released_by_stopping_its_ringing() {
        assert_eq!(command(at(State::InUse), &Intent::StopRinging), None);
    }

    #[test]
    fn a_ringing_trunk_can_be_answered_but_not_seized() {
        assert_eq!(command(at(State::Offered), &Intent::Answer).map(|word| word.state), Some(State::InUse));
        assert_eq!(command(at(State::Offered), &Intent::Dial(Number::new())), None);
    }

    #[test]
    fn nothing_but_the_line_brings_a_channel_back_into_service() {
        let dial = Intent::Dial(Number::new());
        for intent in [Intent::Answer, dial, Intent::Ring(None), Intent::StopRinging, Intent::Release] {
            assert_eq!(command(at(State::OutOfService), &intent), None);
        }
    }

    #[test]
    fn every_state_can_reach_rest_by_steps_that_exist() {
        // One line event or command after another, as the line and the core would take them.
        let mut reached = vec![State::Idle, State::OutOfService];
        let events =
            [LineEvent::RingingStopped, LineEvent::OnHook, LineEvent::Idle, LineEvent::Failed(LineFailure::NoBattery)];
        loop {
            let before = reached.len();
            for &state in State::ALL {
                let by_line = events.iter().filter_map(|event| match line(at(state), event) {
                    LineEdge::Step(word) => Some(word.state),
                    LineEdge::Stay | LineEdge::Superseded => None,
                });
                let by_core = [Intent::Release, Intent::StopRinging]
                    .into_iter()
                    .filter_map(|intent| command(at(state), &intent).map(|word| word.state));
                if by_line.chain(by_core).any(|next| reached.contains(&next)) && !reached.contains(&state) {
                    reached.push(state);
                }
            }
            if reached.len() == before {
                break;
            }
        }
        assert_eq!(reached.len(), State::ALL.len());
    }

    #[test]
    fn each_end_of_a_call_at_its_far_end_comes_back_from_its_cause() {
        let mut causes = std::collections::BTreeSet::new();
        for event in ENDS {
            let LineEdge::Step(word) = line(at(State::Dialling), event) else { panic!("{event:?} ends no call") };
            assert_eq!((word.state, end_of(word.cause)), (State::Released, Some(*event)));
            assert!(causes.insert(format!("{:?}", word.cause)), "two ends with the cause {:?}", word.cause);
        }
    }

    #[test]
    fn the_reason_of_a_release_is_kept_until_the_line_rests() {
        let LineEdge::Step(released) = line(at(State::InUse), &LineEvent::Released(DisconnectSignal::Tone)) else {
            panic!("a trunk in use can be released by its far end");
        };
        assert_eq!(command(released, &Intent::Release).map(|word| word.cause), Some(Cause::Tone));
    }
}
