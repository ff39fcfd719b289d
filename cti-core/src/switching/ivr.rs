//! A call in a flow: what its nodes say is carried out, and what comes of it is the walk's next input.
//!
//! ```text
//! prompt ended, key, deadline, answer ─► Input ─► step of the walk ─► Do ─► sound, deadline, question, destination
//!                                          ▲                          │
//!                                          └──── known at once ◄──────┘
//! ```
//!
//! | occupation | its deadline stands for |
//! |---|---|
//! | a prompt plays | the end of the prompt, should it be lost |
//! | a key is awaited | no key |
//! | a data source, a routing client is asked | failure |
//! | the call is in a queue or at a destination | none: those have their own |
//!
//! A call that cannot stay at the destination to which its flow has sent it comes back to its number, and the flow goes
//! on by that node's other way, unless that is busy tone alone. The walk ends with the first answer of a person, or
//! with the call.
//!
//! Never: decides what follows in a flow; that is the walk's.

use std::collections::BTreeMap;
use std::sync::Arc;

use tipring_driver::ids::PromptId;
use tipring_driver::line::{Digit, NUMBER_MAX};
use tipring_driver::time::Ticks;

use super::BY_SWITCH;
use super::step::Step;
use crate::call::{Detail, Doing, Script};
use crate::core::{Action, Core, Trouble};
use crate::csta::cause::EventCause;
use crate::csta::{CallId, DeviceId};
use crate::device::Device;
use crate::flow::book::{FlowBook, FlowBooks};
use crate::flow::say::Language;
use crate::flow::walk::{DipAnswer, DipId, Do, Input, LANGUAGE, Value, Walk, step};
use crate::limits::{CALL_BACK_SAVE_MAX, PROMPT_MAX};
use crate::notice::heard;
use crate::route::dial_plan::Route;
use crate::timers::Timer;

/// The variables that a walk begins with: the caller's number, the number called, and the customer as far as known;
/// `vip` is `yes` for one, and is not there for others.
const CALLER: &str = "caller";
const CALLED: &str = "called";
const CUSTOMER: &str = "customer";
const ACCOUNT: &str = "account";
const REGION: &str = "region";
const VIP: &str = "vip";
/// Variables that are no call data: an event has their values under names of their own.
const KNOWN: [&str; 7] = [CALLER, CALLED, CUSTOMER, ACCOUNT, REGION, VIP, LANGUAGE];

/// The first identifier of composed prompts; those of files are below.
const COMPOSED: u32 = 1 << 31;

impl Core {
    /// Begins a flow, by its number, for a call that alerts at a number.
    pub(super) fn begin_flow(&mut self, id: CallId, number: Device, flow: u16) {
        let (version, book) = (self.flows.newest_id(), self.flows.newest());
        let Some(detail) = self.details.get_mut(&id) else { return };
        let name = self.flow_names.get(usize::from(flow)).map_or("", String::as_str);
        let language = customers_language(detail, book).unwrap_or(book.language);
        let Some((walk, first)) = Walk::begin(&book.flows, name, language, known(detail)) else {
            // The newest version has no such flow any more.
            let caller = detail.log.caller;
            self.actions.push_back(Action::Trouble(Trouble::NoSuchFlow { flow: name.to_owned() }));
            if let (Ok(()), Some(caller)) = (self.model.take(id, number, BY_SWITCH), caller) {
                self.fail(id, caller, EventCause::DestNotObtainable);
            }
            return;
        };
        let until = self.now + PROMPT_MAX;
        detail.script = Some(Box::new(Script { book: version, walk, number, doing: Doing::Awaits, until }));
        self.flow_do(id, first);
    }

    /// The call is at its number no more, and no flow has led it away: it was picked up there, or is over. Or the one
    /// who speaks to the flow is there no more.
    pub(super) fn apply_to_flow(&mut self, step: Step) {
        self.follow_message(step.call);
        let is_of_number = matches!(step.device, Device::Number(_)) && step.row.to.is_none();
        if is_of_number && self.number_of(step.call).is_none() {
            let script = self.details.get(&step.call).and_then(|detail| detail.script.as_ref());
            if script.is_some_and(|script| script.doing != Doing::Away) {
                self.end_script(step.call);
            }
        }
    }

    /// The caller has pressed a key.
    pub(super) fn on_caller_digit(&mut self, id: CallId, digit: Digit) {
        if self.accept_call_back(id, digit) {
            return;
        }
        let Some(detail) = self.details.get_mut(&id) else { return };
        let Some(script) = detail.script.as_ref().filter(|script| script.doing != Doing::Away) else { return };
        if let Doing::Message(message) = script.doing {
            return self.on_message_key(id, message, digit);
        }
        if !script.walk.is_masked(&self.flows.version(script.book).flows) && detail.data.keyed.len() < NUMBER_MAX {
            Arc::make_mut(&mut detail.data).keyed.push(digit.as_char());
        }
        self.flow_step(id, &Input::Key(digit));
    }

    /// The deadline of a call at a number.
    pub(super) fn on_flow_deadline(&mut self, id: CallId, number: Device) {
        if self.on_route_timed_out(id) {
            return;
        }
        let doing = self.details.get(&id).and_then(|detail| detail.script.as_ref()).map(|script| script.doing);
        match doing.unwrap_or(Doing::Away) {
            Doing::Plays { .. } => self.flow_step(id, &Input::Played),
            Doing::Awaits => self.flow_step(id, &Input::TimedOut),
            Doing::Dips(dip) => {
                self.dips.remove(&dip);
                self.counters.failed_dips += 1;
                self.flow_step(id, &Input::TimedOut);
            }
            Doing::Asks => self.flow_step(id, &Input::Failed),
            Doing::CallBack(request) => self.on_request_lost(request),
            Doing::Message(message) => self.on_message_deadline(id, message),
            Doing::Away => self.leave_number(id, number),
        }
    }

    /// A data source has answered.
    pub(crate) fn on_dipped(&mut self, id: CallId, dip: DipId, answer: DipAnswer) {
        let script = self.details.get(&id).and_then(|detail| detail.script.as_ref());
        if script.is_none_or(|script| script.doing != Doing::Dips(dip)) {
            return;
        }
        let input = match answer {
            DipAnswer::Found(text) => Input::Answer(Some(text)),
            DipAnswer::None => Input::Answer(None),
            DipAnswer::Failed(why) => {
                self.counters.failed_dips += 1;
                self.actions.push_back(Action::Trouble(Trouble::DipFailed { why }));
                Input::Failed
            }
        };
        self.flow_step(id, &input);
    }

    /// The call leaves its flow.
    pub(super) fn end_script(&mut self, id: CallId) {
        let script = self.details.get_mut(&id).and_then(|detail| detail.script.take());
        self.drop_script(script.map(|script| script.doing));
    }

    /// A flow is over: an answer to its question is of no use, and a message ends.
    pub(super) fn drop_script(&mut self, doing: Option<Doing>) {
        match doing {
            Some(Doing::Dips(dip)) => drop(self.dips.remove(&dip)),
            Some(doing) => self.drop_message(doing),
            None => {}
        }
    }

    /// The store has found the caller, whose flow may ask for the account. Prompts from now on are in the customer's
    /// language, unless the caller has chosen one.
    pub(super) fn update_known(detail: &mut Detail, books: &FlowBooks) {
        let all = known(detail);
        let script = detail.script.as_ref();
        let language = script.and_then(|script| customers_language(detail, books.version(script.book)));
        if let Some(script) = &mut detail.script {
            let has_chosen = script.walk.data.contains_key(LANGUAGE);
            script.walk.language = language.filter(|_| !has_chosen).unwrap_or(script.walk.language);
            for (name, value) in all {
                script.walk.data.entry(name).or_insert(value);
            }
        }
    }

    /// Walks on by an input.
    pub(super) fn flow_step(&mut self, id: CallId, input: &Input) {
        if let Some(next) = self.walk(id, input) {
            self.flow_do(id, next);
        }
    }

    fn walk(&mut self, id: CallId, input: &Input) -> Option<Do> {
        let script = self.details.get_mut(&id)?.script.as_mut()?;
        let book = self.flows.version(script.book);
        Some(step(&book.flows, &mut script.walk, input))
    }

    /// Carries out what a walk says, until something has to be waited for.
    fn flow_do(&mut self, id: CallId, first: Do) {
        let mut next = first;
        while let Some(input) = self.flow_node(id, next) {
            match self.walk(id, &input) {
                Some(what) => next = what,
                None => return,
            }
        }
        self.update_variables(id);
    }

    /// Plays prompts one after the other. Returns the outcome if there is nothing to play.
    fn play_parts(&mut self, id: CallId, parts: Option<&[PromptId]>) -> Option<Input> {
        match parts {
            None => return Some(Input::Failed),
            Some([]) => return Some(Input::Played),
            Some(&[prompt]) => self.play(id, prompt),
            Some(parts) => {
                let prompt = PromptId(COMPOSED | self.next_composed);
                self.next_composed = (self.next_composed + 1) % COMPOSED;
                self.actions.push_back(Action::Compose { prompt, parts: parts.to_vec() });
                self.play(id, prompt);
            }
        }
        None
    }

    /// Carries out one thing. Returns its outcome, if that is known at once.
    fn flow_node(&mut self, id: CallId, what: Do) -> Option<Input> {
        let failed = |done: bool| (!done).then_some(Input::Failed);
        match what {
            Do::Play { prompt, .. } => {
                let script = self.details.get(&id)?.script.as_ref()?;
                match self.flows.version(script.book).prompt(script.walk.language, &prompt) {
                    Some(prompt) => self.play(id, prompt),
                    None => return Some(Input::Played),
                }
                None
            }
            Do::Say(phrases) => {
                let script = self.details.get(&id)?.script.as_ref()?;
                let parts = self.flows.version(script.book).phrases(script.walk.language, &phrases);
                self.play_parts(id, parts.as_deref())
            }
            Do::Notices => {
                let script = self.details.get(&id)?.script.as_ref()?;
                let data = &self.details.get(&id)?.data;
                let region = data.card.as_ref().map_or("", |card| &card.region);
                let number = data.caller.as_deref().unwrap_or("");
                let now_ms = i64::try_from(self.moment()).unwrap_or(i64::MAX);
                let names = heard(&self.notices, (number, region), &self.numbers, now_ms);
                let book = self.flows.version(script.book);
                let prompts = names.iter().filter_map(|name| book.prompt(script.walk.language, name));
                let parts: Vec<PromptId> = prompts.collect();
                if parts.is_empty() {
                    return Some(Input::Answer(None));
                }
                self.play_parts(id, Some(&parts))
            }
            Do::Await(wait) => self.occupy(id, Doing::Awaits, wait),
            Do::Calendar(name) => {
                Some(Input::Answer(self.calendars.get(&name).map(|routes| routes.at(self.moment()).to_owned())))
            }
            Do::Dip { source, key, wait } => {
                self.next_dip += 1;
                let dip = DipId(self.next_dip);
                self.dips.insert(dip, id);
                self.ask_source(dip, source, key, wait);
                self.occupy(id, Doing::Dips(dip), wait)
            }
            Do::Ask { route, wait } => {
                let point = DeviceId::new(&route).ok().and_then(|route| self.devices.find(&route));
                if !point.is_some_and(|point| self.ask_route(id, point)) {
                    return Some(Input::Failed);
                }
                self.occupy(id, Doing::Asks, wait)
            }
            Do::Queue(name) => match DeviceId::new(&name).ok().and_then(|name| self.devices.find(&name)) {
                Some(Device::Queue(queue)) => failed(self.flow_to_queue(id, queue)),
                _ => Some(Input::Failed),
            },
            Do::Transfer(to) => match self.dial_plan.route(&to) {
                Some(Route::Station(station)) => failed(self.flow_to_station(id, station)),
                Some(Route::Queue(queue)) => failed(self.flow_to_queue(id, queue)),
                Some(Route::Outside(to)) => {
                    let number = self.number_of(id)?;
                    self.occupy(id, Doing::Away, Ticks::ZERO);
                    self.call_out_from(id, number, to);
                    None
                }
                None => Some(Input::Failed),
            },
            Do::Busy => {
                let (from, caller) = (self.number_of(id)?, self.details.get(&id)?.log.caller?);
                self.details.get_mut(&id)?.script = None;
                if self.model.take(id, from, BY_SWITCH).is_ok() {
                    self.fail(id, caller, EventCause::Busy);
                    self.model.settle(id, BY_SWITCH);
                }
                None
            }
            Do::CallBack { queue, number } => match self.flow_call_back(id, &queue, number.as_deref()) {
                Some(request) => self.occupy(id, Doing::CallBack(request), CALL_BACK_SAVE_MAX),
                None => Some(Input::Failed),
            },
            Do::VoiceMail(_) => {
                self.begin_message(id);
                None
            }
            Do::Clear => {
                self.end_of_flow(id);
                None
            }
            Do::Nothing => None,
        }
    }

    fn play(&mut self, id: CallId, prompt: PromptId) {
        let count = self.count_playing();
        self.occupy(id, Doing::Plays { prompt, count }, PROMPT_MAX);
    }

    /// A number that tells one playing from the next.
    pub(super) fn count_playing(&mut self) -> u32 {
        self.next_playing = self.next_playing.wrapping_add(1).max(1);
        self.next_playing
    }

    /// A new occupation with its deadline. Returns no outcome: it comes later.
    pub(super) fn occupy(&mut self, id: CallId, doing: Doing, wait: Ticks) -> Option<Input> {
        let until = self.now + wait;
        let script = self.details.get_mut(&id)?.script.as_mut()?;
        (script.doing, script.until) = (doing, until);
        if doing != Doing::Away {
            self.timers.set(Timer::Connection(id, script.number), until);
            self.touch(id);
        }
        None
    }

    /// The variables of a walk are call data.
    fn update_variables(&mut self, id: CallId) {
        let Some(detail) = self.details.get_mut(&id) else { return };
        let Some(script) = &detail.script else { return };
        let shown = script.walk.data.iter().filter(|(name, value)| !value.masked && !KNOWN.contains(&name.as_str()));
        let shown: BTreeMap<_, _> = shown.map(|(name, value)| (name.clone(), value.text.clone())).collect();
        if shown != detail.data.variables {
            Arc::make_mut(&mut detail.data).variables = shown;
        }
    }
}

/// The variables that are known of a call.
fn known(detail: &Detail) -> BTreeMap<String, Value> {
    let called = Some(detail.called.device.as_str().to_owned());
    let data = &detail.data;
    let card = data.card.as_ref();
    [
        (CALLER, data.caller.clone()),
        (CALLED, called),
        (CUSTOMER, data.customer.clone()),
        (ACCOUNT, data.account.clone()),
        (REGION, card.map(|card| card.region.clone()).filter(|region| !region.is_empty())),
        (VIP, card.filter(|card| card.vip).map(|_| "yes".to_owned())),
    ]
    .into_iter()
    .filter_map(|(name, text)| Some((name.to_owned(), Value::plain(&text?))))
    .collect()
}

/// The language that the file of customers has for the caller, if the site's flows speak it.
fn customers_language(detail: &Detail, book: &FlowBook) -> Option<Language> {
    let language = Language::of_folder(&detail.data.card.as_ref()?.language)?;
    (language == book.language || book.flows.sets_language(language)).then_some(language)
}
