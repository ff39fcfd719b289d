//! An agent at a telephone: hears it ring and lifts it, or wears a headset and hears a call begin.
//!
//! An agent talks as long as the other party does, and hangs up on silence or busy tone. After a call the handset may
//! stay in the hand for a while. An agent may also be asked to make calls.

use std::collections::VecDeque;

use rand_chacha::ChaCha8Rng;

use super::context::Context;
use super::path_check::ReceiverId;
use super::talker::Talker;
use super::truth::{HangUp, Listener, What};
use super::voice::{Phrases, Speaker};
use crate::network::country::Country;
use crate::network::fax::{FaxMachine, Progress};
use crate::network::signal::tone_receiver::{Signal, Sounding, ToneReceiver};
use crate::network::telephone::Telephone;
use crate::network::{StationFeed, StationLoad};
use crate::scenario::{AgentPlan, Dialling, OutgoingPlan, Phone, Span};

/// From lifting the handset to the first word, in ms.
const FIRST_WORD_MS: Span = Span(250, 600);
/// An agent with a headset speaks so long after the zip tone or the first sound of a voice, in ms.
const HEADSET_WORD_MS: Span = Span(200, 600);
/// Time since the last voice within which the other party is still talking, in ms.
const RECENT_MS: u32 = 1500;
/// A zip tone is so long, in ms, and follows so much silence.
const ZIP_MS: std::ops::RangeInclusive<u32> = 60..=900;
const ZIP_BEFORE_MS: u32 = 1000;
/// It is over when nothing has followed for so long, in ms: longer than the pauses of busy tone.
const ZIP_AFTER_MS: u32 = 440;
/// A voice without a zip tone before it is a call when it has lasted so long, in ms.
const VOICE_MS: u32 = 400;
/// From recognising busy tone to acting on it, in ms.
const STARTLED_MS: Span = Span(200, 700);
/// Between two calls that an agent makes, in ms.
const BETWEEN_CALLS_MS: u32 = 3000;
/// Time-outs for dial tone and for an answer, in ms.
const DIAL_TONE_PATIENCE_MS: u32 = 8000;
const ANSWER_PATIENCE_MS: u32 = 40_000;
/// Length of keys and of the pauses between them when dialling, in ms.
const KEY_ON_MS: Span = Span(80, 140);
const KEY_OFF_MS: Span = Span(90, 180);
/// A headset is put on when the line has been alive for so long, in ms.
const SHIFT_BEGINS_MS: u32 = 500;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Doing {
    /// Handset: on hook. Headset: listening. An unattended telephone never leaves this state.
    Free,
    /// The bell rings; the handset is lifted at the end.
    Reaching { left_ms: u32 },
    /// In a conversation, or about to greet.
    Talking,
    /// A fax machine at work.
    Faxing,
    /// Waiting for dial tone.
    WaitingToDial { digits: String, ms: u32 },
    /// Pressing keys.
    Dialling { digits: String },
    /// Waiting for an answer.
    Calling { ms: u32 },
    /// The call is over; the handset is put down at the end.
    Lingering { left_ms: u32, why: HangUp },
}

/// An agent and the telephone.
#[derive(Debug)]
pub(super) struct Agent {
    plan: AgentPlan,
    phone: Telephone,
    talker: Talker,
    rng: ChaCha8Rng,
    doing: Doing,
    occasion: u32,
    was_ringing: bool,
    /// Length of the present state without activity, in ms.
    free_ms: u32,
    receiver: Option<ReceiverId>,
    outgoing: VecDeque<OutgoingPlan>,
    /// The machine at work, if it is a fax machine.
    fax: Option<FaxMachine>,
}

impl Agent {
    /// The agent of `plan`, free, with the calls to be made in order.
    pub(super) fn new(
        plan: AgentPlan,
        country: &Country,
        phrases: Phrases,
        rng: ChaCha8Rng,
        outgoing: VecDeque<OutgoingPlan>,
    ) -> Agent {
        let speaker = Speaker::Agent { station: plan.station, occasion: 0 };
        Agent {
            phone: Telephone::new(country),
            talker: Talker::new(phrases, speaker),
            rng,
            doing: Doing::Free,
            occasion: 0,
            was_ringing: false,
            free_ms: 0,
            receiver: None,
            outgoing,
            fax: None,
            plan,
        }
    }

    /// Returns true if the agent could take a call: the telephone is in service, or it is unattended.
    pub(super) fn is_ready_to_open(&self) -> bool {
        self.plan.phone == Phone::Unattended || self.phone.alive_ms() >= 1000
    }

    /// Returns true if the telephone is idle and nothing is left to be done.
    pub(super) fn is_at_rest(&self) -> bool {
        let quiet = match self.plan.phone {
            Phone::Handset | Phone::Fax | Phone::Unattended => !self.phone.off_hook() && !self.phone.is_ringing(),
            Phone::Headset => true,
        };
        quiet && self.doing == Doing::Free && self.outgoing.is_empty()
    }

    /// Runs one millisecond. `open_ms` is how long ago the day began, if it has.
    pub(super) fn step(&mut self, feed: &StationFeed, open_ms: Option<u64>, context: &mut Context) -> StationLoad {
        self.watch_bell(context);
        self.free_ms = if self.doing == Doing::Free { self.free_ms.saturating_add(1) } else { 0 };
        let more = self.act(open_ms, context);
        let voice = match &mut self.fax {
            Some(fax) => {
                let (sound, progress) = fax.step(&feed.sound);
                self.faxing(progress, context);
                sound
            }
            None => self.talker.next_ms(more, &mut self.rng, context),
        };
        if self.talker.is_speaking() {
            self.phone.handset.tone_receiver.mask();
        }
        if let Some(receiver) = self.receiver {
            let now = context.now();
            context.path_check.hear(receiver, &feed.sound, now);
        }
        self.phone.step(feed, &voice)
    }

    fn watch_bell(&mut self, context: &mut Context) {
        let ringing = self.phone.is_ringing();
        let station = self.plan.station;
        match (self.was_ringing, ringing) {
            (false, true) => context.emit(What::StationRang { station }),
            (true, false) if !self.phone.off_hook() => context.emit(What::StationRingingStopped { station }),
            (true, false | true) | (false, false) => {}
        }
        self.was_ringing = ringing;
    }

    /// Decides what to do now; true to go on talking.
    fn act(&mut self, open_ms: Option<u64>, context: &mut Context) -> bool {
        match &mut self.doing {
            Doing::Free => {
                match self.plan.phone {
                    Phone::Handset | Phone::Fax => self.wait_for_bell(open_ms, context),
                    Phone::Headset => self.wait_for_zip(context),
                    Phone::Unattended => {}
                }
                false
            }
            Doing::Reaching { left_ms } => {
                *left_ms = left_ms.saturating_sub(1);
                if !self.phone.is_ringing() {
                    self.doing = Doing::Free;
                } else if *left_ms == 0 {
                    self.lift(context);
                    if self.plan.phone == Phone::Fax {
                        self.fax = Some(FaxMachine::answering(self.rng.clone()));
                        self.doing = Doing::Faxing;
                    } else {
                        self.begin_talk(FIRST_WORD_MS);
                    }
                }
                false
            }
            Doing::Faxing => {
                if matches!(self.phone.handset.tone_receiver.signal(), Some(Signal::Busy | Signal::Congestion)) {
                    self.fax = None;
                    self.give_up(HangUp::BusyTone);
                }
                false
            }
            Doing::Talking => self.talk(context),
            Doing::WaitingToDial { digits, ms } => {
                *ms += 1;
                if self.phone.handset.tone_receiver.signal() == Some(Signal::Dial) {
                    let digits = std::mem::take(digits);
                    let (on, off) = (KEY_ON_MS.pick(&mut self.rng), KEY_OFF_MS.pick(&mut self.rng));
                    match self.plan.dialling {
                        Dialling::Keys => self.phone.handset.dial(&digits, on as u16, off as u16),
                        Dialling::Pulses => self.phone.dial_pulses(&digits),
                    }
                    self.doing = Doing::Dialling { digits };
                } else if *ms >= DIAL_TONE_PATIENCE_MS {
                    self.give_up(HangUp::NobodyThere);
                }
                false
            }
            Doing::Dialling { digits } => {
                if !self.phone.is_dialling() {
                    let digits = std::mem::take(digits);
                    context.emit(What::StationDialled { station: self.plan.station, digits });
                    self.phone.handset.tone_receiver.forget();
                    self.doing = Doing::Calling { ms: 0 };
                }
                false
            }
            Doing::Calling { ms } => {
                *ms += 1;
                let patient = *ms < ANSWER_PATIENCE_MS;
                let tone_receiver = &self.phone.handset.tone_receiver;
                if matches!(tone_receiver.signal(), Some(Signal::Busy | Signal::Congestion)) {
                    self.give_up(HangUp::BusyTone);
                } else if tone_receiver.voice_ms() >= VOICE_MS {
                    self.begin_talk(FIRST_WORD_MS);
                } else if !patient {
                    self.give_up(HangUp::NobodyThere);
                }
                false
            }
            Doing::Lingering { left_ms, why } => {
                *left_ms = left_ms.saturating_sub(1);
                if *left_ms == 0 {
                    let why = *why;
                    self.put_down(why, context);
                }
                false
            }
        }
    }

    fn wait_for_bell(&mut self, open_ms: Option<u64>, context: &mut Context) {
        if self.phone.is_ringing() {
            self.doing = Doing::Reaching { left_ms: self.plan.reaction_ms.pick(&mut self.rng).max(1) };
            return;
        }
        let due = self.outgoing.front().is_some_and(|call| open_ms.is_some_and(|ms| ms >= u64::from(call.after_ms)));
        if due
            && self.free_ms >= BETWEEN_CALLS_MS
            && let Some(call) = self.outgoing.pop_front()
        {
            self.lift(context);
            self.doing = Doing::WaitingToDial { digits: call.digits, ms: 0 };
        }
    }

    fn wait_for_zip(&mut self, context: &mut Context) {
        if !self.phone.off_hook() {
            if self.phone.alive_ms() >= SHIFT_BEGINS_MS {
                self.lift(context);
            }
            return;
        }
        let tone_receiver = &self.phone.handset.tone_receiver;
        if zip_tone_is_over(tone_receiver) || tone_receiver.voice_ms() >= VOICE_MS {
            self.begin_talk(HEADSET_WORD_MS);
        }
    }

    fn begin_talk(&mut self, pause_ms: Span) {
        if self.plan.phone == Phone::Headset {
            self.occasion += 1;
        }
        let pause = pause_ms.pick(&mut self.rng);
        self.talker.begin(Speaker::Agent { station: self.plan.station, occasion: self.occasion }, pause);
        self.doing = Doing::Talking;
    }

    /// Goes on talking while the other party does; returns true to say another phrase.
    fn talk(&mut self, context: &mut Context) -> bool {
        let tone_receiver = &self.phone.handset.tone_receiver;
        let gone = matches!(tone_receiver.signal(), Some(Signal::Busy | Signal::Congestion));
        let (since_voice, quiet) = (tone_receiver.since_voice_ms(), tone_receiver.quiet_ms());
        if gone {
            self.talker.stop(context);
            self.end_talk(HangUp::BusyTone);
            return false;
        }
        if self.talker.turns() == 0 {
            return true;
        }
        // Silence is when neither side speaks.
        if since_voice.min(quiet).min(self.talker.silent_ms()) >= self.plan.silence_ms {
            let is_silent = since_voice > 1_000_000;
            self.end_talk(if is_silent { HangUp::NobodyThere } else { HangUp::Finished });
        }
        since_voice < RECENT_MS
    }

    /// Outcome of the fax machine.
    fn faxing(&mut self, progress: Option<Progress>, context: &mut Context) {
        let why = match progress {
            Some(Progress::Received | Progress::Sent) => HangUp::Finished,
            Some(Progress::GaveUp) => HangUp::NobodyThere,
            Some(Progress::Answered) | None => return,
        };
        self.fax = None;
        self.put_down(why, context);
    }

    fn end_talk(&mut self, why: HangUp) {
        if self.plan.phone == Phone::Headset {
            self.doing = Doing::Free;
            return;
        }
        let linger = match why {
            HangUp::BusyTone if self.occasion % 8 == 1 => self.plan.long_linger_ms,
            HangUp::BusyTone => self.plan.linger_ms,
            HangUp::Finished | HangUp::NobodyThere => Span(1, 1),
        };
        let left_ms = STARTLED_MS.pick(&mut self.rng) + linger.pick(&mut self.rng);
        self.doing = Doing::Lingering { left_ms, why };
    }

    fn give_up(&mut self, why: HangUp) {
        let left_ms = STARTLED_MS.pick(&mut self.rng);
        self.doing = Doing::Lingering { left_ms, why };
    }

    fn lift(&mut self, context: &mut Context) {
        if matches!(self.plan.phone, Phone::Handset | Phone::Fax) {
            self.occasion += 1;
        }
        self.phone.lift();
        let (station, now) = (self.plan.station, context.now());
        self.receiver = Some(context.path_check.open(Listener::Station(station), now));
        context.emit(What::StationLifted { station });
    }

    fn put_down(&mut self, why: HangUp, context: &mut Context) {
        self.talker.stop(context);
        self.phone.put_down();
        let (station, now) = (self.plan.station, context.now());
        if let Some(receiver) = self.receiver.take() {
            context.path_check.close(receiver, now);
        }
        context.emit(What::StationHungUp { station, why });
        self.doing = Doing::Free;
    }
}

/// A short sound after silence, and silence after it.
fn zip_tone_is_over(tone_receiver: &ToneReceiver) -> bool {
    let [(last, last_ms), (before, before_ms)] = tone_receiver.last_runs();
    let (now, now_ms) = tone_receiver.sounding();
    now == Sounding::Silence
        && (ZIP_AFTER_MS..ZIP_AFTER_MS + 40).contains(&now_ms)
        && last != Sounding::Silence
        && ZIP_MS.contains(&last_ms)
        && before == Sounding::Silence
        && before_ms >= ZIP_BEFORE_MS
}
