//! Events of lines, players and recorders, turned into events and ends of operations.
//!
//! Never: gives a command to a line.

use std::sync::atomic::Ordering;

use tipring_core::channel::{Cause, ChannelEvent, State, What};
use tipring_driver::line::{AbsenceReason, CallerId, DisconnectSignal, LineEvent, LineFailure, LineKind};
use tipring_driver::media::{MediaEnd, MediaEvent};
use tipring_driver::signal::FaxModemTone;

use super::{Machine, Present};
use crate::abi::number;
use crate::queue::Event;
use crate::text::CText;

/// TR_CAUSE_* of a cause in a channel's word.
pub const fn cause(cause: Cause) -> u32 {
    match cause {
        Cause::Normal => number::CAUSE_NORMAL,
        Cause::RingingStopped => number::CAUSE_RINGING_STOPPED,
        Cause::Tone => number::CAUSE_TONE,
        Cause::LoopBreak => number::CAUSE_LOOP_BREAK,
        Cause::Polarity => number::CAUSE_POLARITY,
        Cause::Silence => number::CAUSE_SILENCE,
        Cause::NoDialTone => number::CAUSE_NO_DIAL_TONE,
        Cause::NoBattery => number::CAUSE_NO_BATTERY,
        Cause::Busy => number::CAUSE_BUSY,
        Cause::Congestion => number::CAUSE_CONGESTION,
        Cause::Lost => number::CAUSE_LOST,
        Cause::Glare => number::CAUSE_GLARE,
        Cause::Unassigned => number::CAUSE_UNASSIGNED,
        Cause::Intercepted => number::CAUSE_INTERCEPTED,
        Cause::Announced => number::CAUSE_ANNOUNCED,
    }
}

const fn released(signal: DisconnectSignal) -> u32 {
    match signal {
        DisconnectSignal::Tone => number::CAUSE_TONE,
        DisconnectSignal::LoopBreak => number::CAUSE_LOOP_BREAK,
        DisconnectSignal::Polarity => number::CAUSE_POLARITY,
        DisconnectSignal::Silence => number::CAUSE_SILENCE,
    }
}

const fn failed(failure: LineFailure) -> u32 {
    match failure {
        LineFailure::NoDialTone => number::CAUSE_NO_DIAL_TONE,
        LineFailure::NoBattery => number::CAUSE_NO_BATTERY,
        LineFailure::Busy => number::CAUSE_BUSY,
        LineFailure::Congestion => number::CAUSE_CONGESTION,
        LineFailure::Unassigned => number::CAUSE_UNASSIGNED,
        LineFailure::Intercepted => number::CAUSE_INTERCEPTED,
        LineFailure::Announced => number::CAUSE_ANNOUNCED,
        LineFailure::Glare => number::CAUSE_GLARE,
    }
}

/// TR_STATE_* of a state in a channel's word.
pub const fn state(state: State) -> u32 {
    match state {
        State::OutOfService => number::STATE_OUT_OF_SERVICE,
        State::Idle => number::STATE_IDLE,
        State::Offered => number::STATE_OFFERED,
        State::Dialling => number::STATE_DIALLING,
        State::Ringing => number::STATE_RINGING,
        State::InUse => number::STATE_IN_USE,
        State::Released => number::STATE_RELEASED,
        State::Releasing => number::STATE_RELEASING,
    }
}

/// The name in the header of a state in a channel's word.
pub const fn state_name(state: State) -> &'static str {
    match state {
        State::OutOfService => "TR_STATE_OUT_OF_SERVICE",
        State::Idle => "TR_STATE_IDLE",
        State::Offered => "TR_STATE_OFFERED",
        State::Dialling => "TR_STATE_DIALLING",
        State::Ringing => "TR_STATE_RINGING",
        State::InUse => "TR_STATE_IN_USE",
        State::Released => "TR_STATE_RELEASED",
        State::Releasing => "TR_STATE_RELEASING",
    }
}

impl Machine {
    /// Takes one event of the channels.
    pub fn handle(&mut self, event: ChannelEvent) {
        self.advance(event.at.0);
        match event.what {
            What::Line { channel, generation, event } => {
                let port = channel.index();
                if port < self.ports.len() {
                    self.ports[port].known = generation;
                    self.line_event(port, event);
                }
            }
            What::Media(MediaEvent::PlayEnded { task, end }) => self.task_ended(task, reason(end), 0),
            What::Media(MediaEvent::RecordEnded { task, end, samples, .. }) => {
                self.task_ended(task, reason(end), samples);
            }
            What::Refused(refused) => self.trouble(&refused.to_string()),
            What::Tick => {}
        }
    }

    /// Events of lines were lost on their way: what they would have ended is ended by the words.
    pub fn reconcile(&mut self) {
        for port in 0..self.ports.len() {
            let word = self.table.read(Machine::id(port));
            if word.generation != self.ports[port].known || word.state.is_at_rest() {
                self.end_ops(port, number::REASON_HANGUP, cause(word.cause));
            }
            self.ports[port].known = word.generation;
            let present = &mut self.ports[port].present;
            present.in_service = word.state != State::OutOfService;
            present.offered = word.state == State::Offered;
            present.off_hook = word.state == State::InUse;
        }
        self.trouble("Events of lines were lost, because they came faster than they were taken; read the states");
    }

    /// Reports trouble that belongs to no operation.
    pub fn trouble(&mut self, text: &str) {
        let event = Event { text: CText::new(text), ..Event::new(number::EVENT_TROUBLE, self.now_ms) };
        self.queue.push(event, false);
    }

    /// Reports the present state of a line whose port was not open: the events that lead to it.
    pub(super) fn report_present(&mut self, port: usize) {
        let Present { in_service, offered, off_hook, caller } = self.ports[port].present;
        let station = self.shared.kind[port].load(Ordering::Relaxed) == number::KIND_STATION;
        if in_service {
            self.report(port, true, |said| said.kind = number::EVENT_IN_SERVICE);
        }
        if offered {
            self.report(port, false, |said| said.kind = number::EVENT_OFFERED);
        }
        if let Some(caller) = caller.filter(|_| offered) {
            self.report(port, false, |said| identity(said, &caller));
        }
        if off_hook && station {
            self.report(port, false, |said| said.kind = number::EVENT_OFF_HOOK);
        }
    }

    /// Keeps what an event says of where the line stands.
    fn keep(&mut self, port: usize, event: &LineEvent) {
        let present = &mut self.ports[port].present;
        match event {
            LineEvent::InService(_) => present.in_service = true,
            LineEvent::OutOfService => *present = Present::default(),
            LineEvent::Offered => present.offered = true,
            LineEvent::CallerIdentity(caller) => present.caller = Some(*caller),
            LineEvent::RingingStopped | LineEvent::Idle => (present.offered, present.caller) = (false, None),
            LineEvent::OffHook => present.off_hook = true,
            LineEvent::OnHook => present.off_hook = false,
            LineEvent::Answered
            | LineEvent::Dialled
            | LineEvent::Digit(_)
            | LineEvent::Failed(_)
            | LineEvent::Flash
            | LineEvent::FaxModemTone(_)
            | LineEvent::Released(_) => {}
        }
    }

    fn line_event(&mut self, port: usize, event: LineEvent) {
        self.keep(port, &event);
        let hang_up = number::REASON_HANGUP;
        let (kind, why) = match event {
            LineEvent::InService(kind) => {
                let kind = match kind {
                    LineKind::Trunk => number::KIND_TRUNK,
                    LineKind::Station => number::KIND_STATION,
                };
                self.shared.kind[port].store(kind, Ordering::Relaxed);
                (number::EVENT_IN_SERVICE, number::CAUSE_NORMAL)
            }
            LineEvent::OutOfService => {
                self.end_ops(port, hang_up, number::CAUSE_LOST);
                (number::EVENT_OUT_OF_SERVICE, number::CAUSE_LOST)
            }
            LineEvent::Offered => (number::EVENT_OFFERED, number::CAUSE_NORMAL),
            LineEvent::RingingStopped => {
                self.end_ops(port, hang_up, number::CAUSE_RINGING_STOPPED);
                (number::EVENT_ABANDONED, number::CAUSE_RINGING_STOPPED)
            }
            LineEvent::OffHook => {
                self.ports[port].keys.clear();
                (number::EVENT_OFF_HOOK, number::CAUSE_NORMAL)
            }
            LineEvent::OnHook => {
                self.end_ops(port, hang_up, number::CAUSE_NORMAL);
                (number::EVENT_ON_HOOK, number::CAUSE_NORMAL)
            }
            LineEvent::Flash => (number::EVENT_FLASH, number::CAUSE_NORMAL),
            LineEvent::Answered => {
                self.end_dial(port, number::REASON_END, number::CAUSE_NORMAL);
                (number::EVENT_CONNECTED, number::CAUSE_NORMAL)
            }
            LineEvent::Released(signal) => {
                let why = released(signal);
                self.end_dial(port, number::REASON_FAILED, why);
                self.end_ops(port, hang_up, why);
                (number::EVENT_DISCONNECTED, why)
            }
            LineEvent::Failed(failure) => {
                let why = failed(failure);
                self.end_dial(port, number::REASON_FAILED, why);
                self.end_ops(port, hang_up, why);
                (number::EVENT_FAILED, why)
            }
            LineEvent::Idle => {
                self.ports[port].keys.clear();
                (number::EVENT_RESTED, number::CAUSE_NORMAL)
            }
            LineEvent::Dialled => return,
            LineEvent::Digit(digit) => {
                let key = digit.as_char();
                self.report(port, false, |said| {
                    said.kind = number::EVENT_DIGIT;
                    said.text = CText::new(key.encode_utf8(&mut [0; 4]));
                });
                self.digit(port, key);
                return;
            }
            LineEvent::CallerIdentity(caller) => {
                self.report(port, false, |said| identity(said, &caller));
                return;
            }
            LineEvent::FaxModemTone(tone) => {
                self.report(port, false, |said| {
                    said.kind = number::EVENT_MACHINE;
                    said.text = CText::new(machine(tone));
                });
                return;
            }
        };
        let important = why != number::CAUSE_NORMAL
            || matches!(kind, number::EVENT_ON_HOOK | number::EVENT_RESTED | number::EVENT_IN_SERVICE);
        self.report(port, important, |said| {
            said.kind = kind;
            said.cause = why;
        });
    }
}

/// The name of a machine's tone in its Recommendation: T.30, V.25, V.8.
const fn machine(tone: FaxModemTone) -> &'static str {
    match tone {
        FaxModemTone::FaxCalls => "CNG",
        FaxModemTone::Answers => "CED",
        FaxModemTone::ModemCalls => "CT",
    }
}

/// TR_EVENT_CALLER_ID.
fn identity(said: &mut Event, caller: &CallerId) {
    said.kind = number::EVENT_CALLER_ID;
    said.value = presence(caller);
    said.text = CText::new(&caller.number);
    said.text2 = CText::new(&caller.name);
}

/// The value of TR_EVENT_CALLER_ID.
fn presence(caller: &CallerId) -> u64 {
    match caller.absence {
        Some(AbsenceReason::Private) => 1,
        Some(AbsenceReason::Unavailable) => 2,
        None if caller.number.is_empty() && caller.name.is_empty() => 3,
        None => 0,
    }
}

const fn reason(end: MediaEnd) -> u32 {
    match end {
        MediaEnd::Complete | MediaEnd::Silence => number::REASON_END,
        MediaEnd::Stopped => number::REASON_STOPPED,
        MediaEnd::FileFailed => number::REASON_FILE,
        MediaEnd::NoResources => number::REASON_RESOURCE,
    }
}
