//! Calling back (virtual hold): a request is left and kept, its caller is let go, and its place stays in line.
//!
//! | stage | event | then |
//! |---|---|---|
//! | the store has not acknowledged it | it is kept | the call ends or its flow goes on; the place is in line |
//! | | it is not, or not in time | the caller waits on at the old place, or the flow goes on by `failed` |
//! | in line | called in | the caller has the place |
//!
//! The states of a request are in `acd::call_back_requests`; this file carries them out. Requests from outside, and
//! those of the run before, are in `call_back_order`.
//!
//! Never: lets a caller go whose request could be lost.

use tipring_driver::ids::PromptId;
use tipring_driver::line::{Digit, Number};
use tipring_driver::time::{Tick, Ticks};

use super::BY_SWITCH;
use super::step::Left;
use crate::acd::call_back_requests::{CallBackRequest, NotTaken, RequestStage};
use crate::acd::floor::Entry;
use crate::acd::ids::{CallBackId, Contact, QueueIx};
use crate::acd::lane::Place;
use crate::acd::rule::Target;
use crate::call::{CallBackPart, Detail, Doing};
use crate::core::{Action, Core, Trouble};
use crate::csta::{CallId, DeviceId};
use crate::device::Device;
use crate::flow::walk::Input;
use crate::limits::CALL_BACK_SAVE_MAX;
use crate::model::ConnectionState;
use crate::report::event::Event;
use crate::store::{CallBackRecord, CallBackState, Outcome, Record, ReleasedBy, StoreId};
use crate::timers::Timer;

impl Core {
    /// Offers a call-back to a caller who waits: it is said, and the key is taken from now on. False if it cannot be,
    /// or has been said before.
    pub(super) fn offer_call_back(&mut self, call: CallId, queue: QueueIx) -> bool {
        let Some(detail) = self.details.get(&call) else { return false };
        let Some(rule) = self.floor.rules(queue).call_back.as_ref() else { return false };
        let prompt = rule.prompt.as_ref().and_then(|name| self.prompt_of(detail, name));
        if detail.is_call_back_offered || self.judge_number(&caller_of(detail)).is_err() {
            return false;
        }
        let Some(detail) = self.details.get_mut(&call) else { return false };
        detail.is_call_back_offered = true;
        detail.speech.say(prompt);
        self.touch(call);
        true
    }

    /// A prompt by name, in the language of a call.
    pub(super) fn prompt_of(&self, detail: &Detail, name: &str) -> Option<PromptId> {
        match &detail.script {
            Some(script) => self.flows.version(script.book).prompt(script.walk.language, name),
            None => self.flows.newest().prompt(self.flows.newest().language, name),
        }
    }

    /// Judges a number that is to be called back.
    fn judge_number(&self, number: &Number) -> Result<(), NotTaken> {
        self.requests.judge(number)?;
        self.dial_plan.outside(number).map(drop).ok_or(NotTaken::NoNumber)
    }

    /// A key of a caller who waits and has been offered a call-back. False if it does not accept it.
    pub(super) fn accept_call_back(&mut self, call: CallId, digit: Digit) -> bool {
        let Some(detail) = self.details.get(&call) else { return false };
        let Some((queue, _)) = detail.place.filter(|_| detail.is_call_back_offered && detail.call_back.is_none())
        else {
            return false;
        };
        let rule = self.floor.rules(queue).call_back.as_ref();
        // While a telephone rings for it, the call is about to be answered.
        let waits = self.model.state(call, Device::Queue(queue)) == Some(ConnectionState::Queued);
        let Some(rule) = rule.filter(|rule| waits && rule.key == digit.as_char()) else { return false };
        if let Some(flow) = rule.flow {
            // The wait that was earned goes along.
            self.send_out(call, queue, Target::To(flow));
            return true;
        }
        let taken = rule.taken.as_ref().and_then(|name| self.prompt_of(detail, name));
        let number = caller_of(detail);
        if self.leave_request(call, queue, number).is_ok()
            && let Some(detail) = self.details.get_mut(&call)
        {
            detail.speech.say(taken);
            self.touch(call);
        }
        true
    }

    /// A flow leaves a request for its caller, or for the number that was keyed. None if it cannot be taken.
    pub(super) fn flow_call_back(&mut self, call: CallId, queue: &str, number: Option<&str>) -> Option<CallBackId> {
        let queue = DeviceId::new(queue).ok().and_then(|queue| self.devices.find(&queue));
        let Some(Device::Queue(queue)) = queue else { return None };
        let number = match number {
            Some(number) => Number::from(number).unwrap_or_default(),
            None => caller_of(self.details.get(&call)?),
        };
        self.leave_request(call, queue, number).ok()
    }

    /// Leaves a request; the call is held until it is kept.
    fn leave_request(&mut self, call: CallId, queue: QueueIx, number: Number) -> Result<CallBackId, NotTaken> {
        let place = self.details.get(&call).and_then(|detail| detail.place).map(|(_, place)| place);
        let waited = self.details.get(&call).map(|detail| detail.waited).unwrap_or_default();
        let waits_since = place.map_or(Tick(self.now.0.saturating_sub(waited.0)), |place| place.since);
        let detail = self.details.get(&call);
        let is_vip = detail.and_then(|detail| detail.data.card.as_ref()).is_some_and(|card| card.vip);
        let id = self.put_on_list((call, 0), queue, (number, is_vip), (waits_since, place))?;
        self.floor.call_left(Contact::Call(call));
        if let Some(detail) = self.details.get_mut(&call) {
            detail.call_back = Some(CallBackPart::Leaves(id));
        }
        Ok(id)
    }

    /// The device of an outside number: its normal form.
    fn normal_device(&self, number: &Number) -> DeviceId {
        DeviceId::new(&self.numbers.normal_or_same(number)).unwrap_or_default()
    }

    /// Puts a number on the list and has it kept.
    pub(super) fn put_on_list(
        &mut self,
        (call, work_order): (CallId, i64),
        queue: QueueIx,
        (number, is_vip): (Number, bool),
        (waits_since, place): (Tick, Option<Place>),
    ) -> Result<CallBackId, NotTaken> {
        self.judge_number(&number)?;
        let asked = self.moment();
        let since = asked.saturating_sub(self.now.since(waits_since).as_ms());
        let (tries, next, stage, is_cancelled) = (0, asked, RequestStage::Unsaved, false);
        let request = CallBackRequest {
            queue,
            number,
            call,
            asked,
            since,
            waits_since,
            place,
            tries,
            next,
            stage,
            is_cancelled,
            is_vip,
            work_order,
        };
        let id = self.requests.add(request)?;
        // Several numbers of one input are acknowledged one by one.
        self.hand_on_records();
        if let Some(saved) = self.persist_request(id, CallBackState::Waiting) {
            self.unsaved.insert(saved, id);
        }
        self.timers.set(Timer::CallBack(id), self.now + CALL_BACK_SAVE_MAX);
        Ok(id)
    }

    /// Has the store keep a request as it stands.
    pub(super) fn persist_request(&mut self, id: CallBackId, state: CallBackState) -> Option<StoreId> {
        let request = self.requests.get(id)?;
        let record = self.record_of_request(id, request, state);
        let record = Record::CallBack(Box::new(record));
        Some(self.persist(record))
    }

    fn record_of_request(&self, id: CallBackId, request: &CallBackRequest, state: CallBackState) -> CallBackRecord {
        let queue = self.devices.id(Device::Queue(request.queue));
        let &CallBackRequest { number, call, asked, since, tries, next, is_vip, work_order, .. } = request;
        let changed = self.moment();
        CallBackRecord { id, queue, number, call, asked, since, tries, next, state, changed, is_vip, work_order }
    }

    /// The store has acknowledged a request: its caller is let go, and its place is in line.
    pub(crate) fn on_request_kept(&mut self, id: CallBackId) {
        let Some(request) = self.requests.get(id).filter(|request| request.stage == RequestStage::Unsaved) else {
            return;
        };
        let (call, queue) = (request.call, request.queue);
        self.timers.stop(Timer::CallBack(id));
        self.enter_line(id);
        let Some(detail) = self.details.get_mut(&call) else { return };
        if detail.call_back != Some(CallBackPart::Leaves(id)) {
            return;
        }
        if detail.script.as_ref().is_some_and(|script| script.doing == Doing::CallBack(id)) {
            detail.call_back = None;
            self.log_left_in_flow(call, queue);
            self.flow_step(call, &Input::Done);
        } else if detail.place.is_some() {
            self.leave_place(call, Left::CallBack);
            self.let_go(call);
        } else {
            // A client has led it elsewhere meanwhile.
            detail.call_back = None;
        }
    }

    /// A caller who has left a request in a flow: the queue counts it like one who left it while waiting.
    fn log_left_in_flow(&mut self, call: CallId, queue: QueueIx) {
        self.log_queued(call, self.devices.id(Device::Queue(queue)));
        self.append(Event::CallBackLeft { call });
    }

    /// Ends the call of a request that is kept, once its confirmation has been said.
    pub(super) fn let_go(&mut self, call: CallId) {
        let Some(detail) = self.details.get_mut(&call) else { return };
        let Some(CallBackPart::Leaves(id)) = detail.call_back else { return };
        let is_kept = self.requests.get(id).is_none_or(|request| request.stage != RequestStage::Unsaved);
        if is_kept && detail.speech.now().is_none() {
            detail.log.end.get_or_insert((self.now, Outcome::CallBackLeft, ReleasedBy::System));
            let _ = self.model.clear_call(call, BY_SWITCH);
        }
    }

    /// The store has not acknowledged a request, or not in time: its caller waits on, or the flow goes on.
    pub(crate) fn on_request_lost(&mut self, id: CallBackId) {
        if self.requests.get(id).is_none_or(|request| request.stage != RequestStage::Unsaved) {
            return;
        }
        // Should it be kept after all, it is to be over.
        self.persist_request(id, CallBackState::Cancelled);
        let Some(request) = self.requests.remove(id) else { return };
        self.timers.stop(Timer::CallBack(id));
        self.unsaved.retain(|_, other| *other != id);
        self.actions.push_back(Action::Trouble(Trouble::CallBackNotKept { number: request.number }));
        let call = request.call;
        let Some(detail) = self.details.get_mut(&call) else { return };
        detail.call_back.take_if(|part| *part == CallBackPart::Leaves(id));
        match detail.place {
            Some((queue, place)) => {
                detail.speech.stop();
                let entry = Entry { place: Some(place), ..self.entry(call, queue, false) };
                self.floor.call_queued(entry, self.now);
                self.touch(call);
            }
            None => self.flow_step(call, &Input::Failed),
        }
    }

    /// A request takes its place in line.
    pub(super) fn enter_line(&mut self, id: CallBackId) {
        let Some(request) = self.requests.get(id) else { return };
        let number = self.normal_device(&request.number);
        let entry = Entry {
            place: request.place,
            waited: self.now.since(request.waits_since),
            credit: self.callers.rule(&number, request.is_vip).map_or(Ticks::ZERO, |rule| rule.credit),
            ..Entry::new(Contact::CallBack(id), request.queue)
        };
        let place = self.floor.call_queued(entry, self.now);
        if let Some(request) = self.requests.get_mut(id) {
            (request.place, request.stage) = (Some(place), RequestStage::Waits);
        }
    }

    /// Takes a request out of line until a tick.
    pub(super) fn pause_request(&mut self, id: CallBackId, until: Tick) {
        self.floor.call_left(Contact::CallBack(id));
        if let Some(request) = self.requests.get_mut(id) {
            request.stage = RequestStage::Pauses;
            self.timers.set(Timer::CallBack(id), until);
        }
    }

    /// The time of a request has come.
    pub(crate) fn on_request_due(&mut self, id: CallBackId) {
        match self.requests.get(id).map(|request| request.stage) {
            Some(RequestStage::Unsaved) => self.on_request_lost(id),
            Some(RequestStage::Pauses) => self.enter_line(id),
            _ => {}
        }
    }

    /// Takes a request off the list for good.
    pub(super) fn finish_request(&mut self, id: CallBackId, state: CallBackState) {
        self.persist_request(id, state);
        let Some(request) = self.requests.remove(id) else { return };
        self.floor.call_left(Contact::CallBack(id));
        self.timers.stop(Timer::CallBack(id));
        self.unsaved.retain(|_, other| *other != id);
        let queue = self.devices.id(Device::Queue(request.queue));
        let caller = self.normal_device(&request.number);
        self.append(Event::CallBackDone { request: id.0, queue, caller, state });
    }

    /// A call enters a queue. If its caller is to be called back, there is no need any more: the call has the wait that
    /// was earned.
    pub(super) fn called_in(&mut self, call: CallId) {
        let Some(detail) = self.details.get(&call) else { return };
        let Some(id) = self.requests.of_number(detail.calling.device.as_str()) else { return };
        let Some(request) = self.requests.get(id).filter(|request| request.call != call) else { return };
        let (waited, stage) = (self.now.since(request.waits_since), request.stage);
        match stage {
            RequestStage::Waits | RequestStage::Pauses => {}
            RequestStage::Offered(..) if self.stop_attempt(id) => {}
            // It is being dialled: its end takes it off the list.
            _ => return,
        }
        self.finish_request(id, CallBackState::CalledIn);
        if let Some(detail) = self.details.get_mut(&call) {
            detail.waited = detail.waited.max(waited);
        }
    }

    /// Returns true if a customer has called in and waits or talks.
    pub(super) fn is_here(&self, number: &Number) -> bool {
        let is_theirs = |detail: &Detail| {
            self.numbers.is_same(detail.calling.device.as_str(), number)
                && detail.log.queue.is_some()
                && detail.log.end.is_none()
        };
        self.details.values().any(|detail| is_theirs(detail))
    }
}

#[cfg(test)]
impl Core {
    /// Each open request is in line, pauses with a timer, or is at one agent by one call: none is lost, none twice.
    pub(super) fn check_requests(&self) {
        let mut agents = std::collections::BTreeSet::new();
        for (id, request) in self.requests.iter() {
            let is_in_line = self.floor.place(Contact::CallBack(id)).is_some();
            let is_timed = self.timers.is_set(Timer::CallBack(id));
            let stage = request.stage;
            let is_right = match stage {
                RequestStage::Unsaved | RequestStage::Pauses => !is_in_line && is_timed,
                RequestStage::Waits => is_in_line && self.floor.offer_of(Contact::CallBack(id)).is_none(),
                RequestStage::Offered(call, agent) => {
                    let offer = self.floor.offer_of(Contact::CallBack(id));
                    offer.is_some() && self.details.contains_key(&call) && agents.insert(agent)
                }
                RequestStage::Dialled(call, agent) => {
                    !is_in_line && self.details.contains_key(&call) && agents.insert(agent)
                }
                RequestStage::Called(call, agent) => {
                    let is_kept = self.floor.offer_of(Contact::CallBack(id)).is_some() == agent.is_some();
                    let is_alone = agent.is_none_or(|agent| agents.insert(agent));
                    is_in_line && is_kept && is_alone && self.details.contains_key(&call)
                }
            };
            assert!(is_right || self.is_stopping, "the request {id:?} of {} is lost: {stage:?}", request.number);
        }
    }
}

/// The caller's number as far as it can be dialled: as the exchange spells it, which knows whether it is of elsewhere.
fn caller_of(detail: &Detail) -> Number {
    match detail.identity {
        Some(identity) if !identity.number.is_empty() => identity.number,
        _ => Number::from(detail.calling.device.as_str()).unwrap_or_default(),
    }
}
