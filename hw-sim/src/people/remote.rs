//! The party at the far end of the exchange: a caller or a called party.
//!
//! A party knows as much as any telephone user: the sound in the receiver, and the answer shown on the telephone.

use std::collections::VecDeque;

use rand_chacha::ChaCha8Rng;

use super::context::Context;
use super::path_check::ReceiverId;
use super::talker::Talker;
use super::truth::{Listener, Stage, What};
use super::voice::{Phrases, Speaker};
use crate::network::Sound;
use crate::network::country::Country;
use crate::network::fax::{FaxMachine, Progress};
use crate::network::signal::SILENCE;
use crate::network::signal::tone::Tone;
use crate::network::signal::tone_receiver::{Signal, Sounding};
use crate::network::telephone::Handset;
use crate::scenario::{CallPlan, Span};

/// Length of sound that counts as a prompt, in ms.
const PROMPT_MS: u32 = 800;
/// Length of silence that ends a prompt, in ms.
const PROMPT_OVER_MS: u32 = 700;
/// From the end of the prompt to pressing a key, in ms.
const THINKING_MS: Span = Span(300, 900);
/// Length of a key, in ms.
const PRESS_MS: Span = Span(80, 160);
/// From one key to the next of a number, in ms.
const BETWEEN_KEYS_MS: Span = Span(120, 300);
/// Time without a prompt, or without its end, after which the key is pressed, in ms.
const NO_PROMPT_MS: u32 = 10_000;
const LONG_PROMPT_MS: u32 = 30_000;
/// After a key, what is heard of the prompt still is not taken for a human, in ms.
const SETTLING_MS: u32 = 300;
/// Length of voice that counts as a human's, in ms.
const HUMAN_MS: u32 = 300;
/// From recognising a human to the first word, in ms.
const FIRST_WORD_MS: Span = Span(150, 400);
/// Time without voice after which the other party counts as gone, in ms.
const DESERTED_MS: u32 = 4000;
/// All being said: silence before a caller who hangs up first does so, and one who lets the other go first, in ms.
const FAREWELL_MS: u32 = 700;
const PATIENT_FAREWELL_MS: u32 = 9000;
/// From hearing busy tone to hanging up, in ms.
const STARTLED_MS: Span = Span(300, 1200);

/// Actions of a remote party at the telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Lifts the handset: called parties only.
    Lifts,
    /// Puts it down.
    HangsUp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// Listening to ringback.
    Ringing,
    /// Listening to a menu; `sound_ms` of it so far.
    Menu { sound_ms: u32 },
    /// About to press the key.
    Thinking { left_ms: u32 },
    /// Holding the key.
    Pressing { key: char, since: u64 },
    /// Leaving a message.
    Message,
    /// Waiting for a human.
    Queued,
    /// Talking.
    Talking,
    /// All is said.
    Farewell,
    /// A fax machine at work.
    Faxing,
    /// The telephone rings; it is lifted at the end of the time, if ever.
    Rung { left_ms: Option<u32> },
    /// About to put the telephone down.
    Leaving { left_ms: u32 },
    /// Gone.
    Gone,
}

/// A remote party of one call.
#[derive(Debug)]
pub(super) struct Remote {
    /// The number of the call.
    pub call: u32,
    handset: Handset,
    talker: Talker,
    rng: ChaCha8Rng,
    doing: Doing,
    doing_ms: u32,
    ring_patience_ms: u32,
    queue_patience_ms: u32,
    waited_ms: u32,
    talk_ms: u32,
    talked_ms: u32,
    /// The keys of each prompt that are still to be pressed.
    turns: VecDeque<VecDeque<char>>,
    message_ms: Option<u32>,
    hangs_up_first: bool,
    /// The machine, if it is one.
    fax: Option<FaxMachine>,
    answered_at: Option<u64>,
    welcomed: bool,
    /// Sound of the network when the line is gone.
    network: Option<Tone>,
    heard: Sound,
    receiver: ReceiverId,
}

impl Remote {
    /// A caller, listening to ringback from now on.
    pub(super) fn caller(
        plan: &CallPlan,
        country: &Country,
        phrases: Phrases,
        rng: ChaCha8Rng,
        context: &mut Context,
    ) -> Remote {
        let now = context.now();
        Remote {
            call: plan.call,
            handset: Handset::new(country),
            talker: Talker::new(phrases, Speaker::Remote { call: plan.call }),
            fax: plan.fax.then(|| FaxMachine::calling(plan.talk_ms, rng.clone())),
            rng,
            doing: Doing::Ringing,
            doing_ms: 0,
            ring_patience_ms: plan.ring_patience_ms,
            queue_patience_ms: plan.queue_patience_ms,
            waited_ms: 0,
            talk_ms: plan.talk_ms,
            talked_ms: 0,
            turns: plan
                .key
                .map(String::from)
                .iter()
                .chain(&plan.more_keys)
                .map(|keys| keys.chars().collect())
                .collect(),
            message_ms: plan.message_ms,
            hangs_up_first: plan.hangs_up_first,
            answered_at: None,
            welcomed: false,
            network: None,
            heard: SILENCE,
            receiver: context.path_check.open(Listener::Call(plan.call), now),
        }
    }

    /// A called party, who lifts after `answer_after_ms`, if ever.
    pub(super) fn callee(
        plan: &CallPlan,
        answer_after_ms: Option<u32>,
        country: &Country,
        phrases: Phrases,
        rng: ChaCha8Rng,
        context: &mut Context,
    ) -> Remote {
        let fax = plan.fax.then(|| FaxMachine::answering(rng.clone()));
        let caller = Remote::caller(plan, country, phrases, rng, context);
        Remote { doing: Doing::Rung { left_ms: answer_after_ms }, fax, ..caller }
    }

    /// The telephone shows "connected".
    pub(super) fn connected(&mut self, now: u64) {
        self.answered_at = Some(now);
        self.handset.tone_receiver.forget();
        if self.fax.is_some() {
            self.turn_to(Doing::Faxing);
        } else {
            self.next_prompt();
        }
    }

    /// Listens to the next prompt, or waits for a human where no key is left.
    fn next_prompt(&mut self) {
        let waits = self.turns.is_empty() && self.message_ms.is_none();
        self.turn_to(if waits { Doing::Queued } else { Doing::Menu { sound_ms: 0 } });
    }

    /// The line to the other side is gone: the network gives busy tone.
    pub(super) fn disconnected(&mut self, country: &Country) {
        self.network = Some(Tone::new(country.busy));
    }

    /// Sound in the receiver in this millisecond.
    pub(super) fn hear(&mut self, sound: &Sound, context: &mut Context) {
        self.heard = *sound;
        let now = context.now();
        context.path_check.hear(self.receiver, sound, now);
    }

    /// The network's tone, if the line is gone.
    pub(super) fn network_ms(&mut self) -> Option<Sound> {
        self.network.as_mut().map(Tone::next_ms)
    }

    /// Progress of a caller.
    pub(super) fn stage(&self) -> Option<Stage> {
        match (self.answered_at, self.welcomed, self.doing) {
            (None, _, _) => Some(Stage::Ringing),
            (Some(_), true, _) => None,
            (Some(_), false, Doing::Menu { .. } | Doing::Thinking { .. } | Doing::Pressing { .. } | Doing::Message) => {
                Some(Stage::Menu)
            }
            (Some(_), false, _) => Some(Stage::Queued),
        }
    }

    fn turn_to(&mut self, doing: Doing) {
        self.doing = doing;
        self.doing_ms = 0;
    }

    /// Runs a millisecond on the sound of the last one: the sound sent, and the action.
    pub(super) fn step(&mut self, context: &mut Context) -> (Sound, Option<Act>) {
        if self.talker.is_speaking() {
            self.handset.tone_receiver.mask();
        }
        let new_block = self.handset.tone_receiver.hear(&self.heard);
        self.doing_ms += 1;
        if new_block && self.hears_the_end() {
            let left_ms = STARTLED_MS.pick(&mut self.rng);
            self.turn_to(Doing::Leaving { left_ms });
        }
        let mut more = false;
        let mut sent = None;
        let act = match self.doing {
            Doing::Ringing => (self.doing_ms >= self.ring_patience_ms).then_some(Act::HangsUp),
            Doing::Menu { sound_ms } => self.menu(sound_ms),
            Doing::Thinking { left_ms } => self.thinking(left_ms.saturating_sub(1), context),
            Doing::Pressing { key, since } => self.pressing(key, since, context),
            Doing::Queued => self.queued(context),
            Doing::Talking => {
                more = self.talking();
                None
            }
            Doing::Message => {
                more = self.message_ms.is_some_and(|length| self.doing_ms < length);
                (!more && !self.talker.is_speaking()).then_some(Act::HangsUp)
            }
            Doing::Farewell => self.farewell(),
            Doing::Faxing => {
                let progress = self.fax.as_mut().map(|fax| fax.step(&self.heard));
                sent = progress.map(|(sound, _)| sound);
                progress.and_then(|(_, progress)| self.faxing(progress, context))
            }
            Doing::Rung { left_ms } => left_ms.and_then(|left_ms| self.rung(left_ms.saturating_sub(1), context)),
            Doing::Leaving { left_ms } => self.leaving(left_ms.saturating_sub(1)),
            Doing::Gone => None,
        };
        if act == Some(Act::HangsUp) {
            self.turn_to(Doing::Gone);
        }
        let voice = self.talker.next_ms(more, &mut self.rng, context);
        (self.handset.say(&sent.unwrap_or(voice)), act)
    }

    fn menu(&mut self, mut sound_ms: u32) -> Option<Act> {
        let tone_receiver = &self.handset.tone_receiver;
        if tone_receiver.sounding().0 != Sounding::Silence {
            sound_ms += 1;
        }
        self.doing = Doing::Menu { sound_ms };
        let heard_out = sound_ms >= PROMPT_MS && tone_receiver.quiet_ms() >= PROMPT_OVER_MS;
        let no_prompt = sound_ms < PROMPT_MS && self.doing_ms >= NO_PROMPT_MS;
        if heard_out || no_prompt || self.doing_ms >= LONG_PROMPT_MS {
            let left_ms = THINKING_MS.pick(&mut self.rng);
            self.turn_to(Doing::Thinking { left_ms });
        }
        None
    }

    fn thinking(&mut self, left_ms: u32, context: &Context) -> Option<Act> {
        self.doing = Doing::Thinking { left_ms };
        if left_ms > 0 {
            return None;
        }
        match self.turns.front_mut().and_then(VecDeque::pop_front) {
            Some(key) => {
                let length = PRESS_MS.pick(&mut self.rng);
                self.handset.press(key, length as u16);
                self.turn_to(Doing::Pressing { key, since: context.now() });
            }
            None if self.message_ms.is_some() => {
                self.talker.begin(Speaker::Remote { call: self.call }, 0);
                self.turn_to(Doing::Message);
            }
            None => self.turn_to(Doing::Queued),
        }
        None
    }

    fn pressing(&mut self, key: char, since: u64, context: &mut Context) -> Option<Act> {
        if !self.handset.is_keying() {
            context.emit(What::DigitKeyed { call: self.call, digit: key, from_ms: since });
            if self.turns.front().is_some_and(|keys| !keys.is_empty()) {
                let left_ms = BETWEEN_KEYS_MS.pick(&mut self.rng);
                self.turn_to(Doing::Thinking { left_ms });
            } else {
                self.turns.pop_front();
                self.next_prompt();
            }
        }
        None
    }

    fn queued(&mut self, context: &mut Context) -> Option<Act> {
        self.waited_ms += 1;
        if self.doing_ms == SETTLING_MS {
            self.handset.tone_receiver.forget();
        }
        if self.doing_ms > SETTLING_MS && self.handset.tone_receiver.voice_ms() >= HUMAN_MS {
            self.welcome(context);
            return None;
        }
        (self.waited_ms >= self.queue_patience_ms).then_some(Act::HangsUp)
    }

    /// Returns true to say another phrase.
    fn talking(&mut self) -> bool {
        self.talked_ms += 1;
        let alone = self.handset.tone_receiver.since_voice_ms().min(self.talked_ms) >= DESERTED_MS;
        let more = self.talked_ms < self.talk_ms && !alone;
        if !self.talker.is_speaking() && !more {
            let done = self.talked_ms >= self.talk_ms;
            self.turn_to(if done { Doing::Farewell } else { Doing::Queued });
        }
        more
    }

    fn farewell(&self) -> Option<Act> {
        let limit = if self.hangs_up_first { FAREWELL_MS } else { PATIENT_FAREWELL_MS };
        (self.handset.tone_receiver.quiet_ms() >= limit && self.doing_ms >= FAREWELL_MS).then_some(Act::HangsUp)
    }

    fn rung(&mut self, left_ms: u32, context: &Context) -> Option<Act> {
        self.doing = Doing::Rung { left_ms: Some(left_ms) };
        if left_ms > 0 {
            return None;
        }
        self.answered_at = Some(context.now());
        self.welcomed = true;
        self.handset.tone_receiver.forget();
        if self.fax.is_some() {
            self.turn_to(Doing::Faxing);
        } else {
            let pause = FIRST_WORD_MS.pick(&mut self.rng);
            self.talker.begin(Speaker::Remote { call: self.call }, pause);
            self.turn_to(Doing::Talking);
        }
        Some(Act::Lifts)
    }

    fn leaving(&mut self, left_ms: u32) -> Option<Act> {
        self.doing = Doing::Leaving { left_ms };
        (left_ms == 0).then_some(Act::HangsUp)
    }

    /// Outcome of the fax machine.
    fn faxing(&mut self, progress: Option<Progress>, context: &mut Context) -> Option<Act> {
        match progress? {
            Progress::Answered => {
                self.welcomed = true;
                let waited_ms = self.answered_at.map_or(0, |at| context.now() - at);
                context.emit(What::FaxAnswered { call: self.call, waited_ms });
                None
            }
            Progress::Sent => {
                context.emit(What::FaxSent { call: self.call });
                Some(Act::HangsUp)
            }
            Progress::Received | Progress::GaveUp => Some(Act::HangsUp),
        }
    }

    /// Busy tone after the call was answered, or after it was refused.
    fn hears_the_end(&self) -> bool {
        match self.doing {
            Doing::Leaving { .. } | Doing::Gone | Doing::Rung { .. } => false,
            Doing::Ringing
            | Doing::Menu { .. }
            | Doing::Thinking { .. }
            | Doing::Pressing { .. }
            | Doing::Message
            | Doing::Queued
            | Doing::Talking
            | Doing::Faxing
            | Doing::Farewell => {
                matches!(self.handset.tone_receiver.signal(), Some(Signal::Busy | Signal::Congestion))
            }
        }
    }

    fn welcome(&mut self, context: &mut Context) {
        if !self.welcomed {
            self.welcomed = true;
            let waited_ms = self.answered_at.map_or(0, |at| context.now() - at);
            context.emit(What::Welcomed { call: self.call, waited_ms });
            let pause = FIRST_WORD_MS.pick(&mut self.rng);
            self.talker.begin(Speaker::Remote { call: self.call }, pause);
        }
        self.turn_to(Doing::Talking);
    }

    /// Puts the telephone down for good.
    pub(super) fn hang_up(&mut self, context: &mut Context) {
        self.talker.stop(context);
        self.handset.put_down();
        let now = context.now();
        context.path_check.close(self.receiver, now);
        self.turn_to(Doing::Gone);
    }
}
