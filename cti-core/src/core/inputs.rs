//! Inputs of the core, one transaction each: channel events, requests, sessions, answers of store and data sources,
//! changes of the site, the stop.
//!
//! Never: returns before the transaction is committed.

use std::collections::BTreeMap;

use tipring_driver::media::MediaEvent;
use tipring_driver::time::Tick;

use super::{Core, Session};
use crate::action::{Action, Trouble};
use crate::channel::{ChannelEvent, What};
use crate::csta::private::RequestData;
use crate::csta::{InvokeId, Request, SessionId};
use crate::flow::book::FlowBook;
use crate::flow::calendar::Routes;
use crate::flow::walk::{DipAnswer, DipId};
use crate::input::Input;
use crate::limits::{COMMANDS_AMPLE, SESSIONS_MAX};
use crate::store::{Record, StoreReply};

impl Core {
    /// Takes one event of the media thread. Then drain [`poll_action`](Core::poll_action).
    pub fn handle_channel_event(&mut self, event: ChannelEvent) {
        if self.is_idle_tick(&event) {
            // No entry of the log: later ones have their own tick.
            self.set_now(self.now.max(event.at));
            return;
        }
        self.begin_entry(|| Input::Channel(event));
        if event.at.0 > self.now.0 + 1 {
            // Markers were left out because the ring was half full: their time has passed all the same.
            self.advance(Tick(event.at.0 - 1));
        }
        self.set_now(self.now.max(event.at));
        match event.what {
            What::Line { channel, generation, event } => {
                self.channels.take(channel, generation, &event);
                self.on_line_event(channel, generation, event);
            }
            What::Media(MediaEvent::PlayEnded { task, end: _ }) => self.on_play_ended(task),
            What::Media(MediaEvent::RecordEnded { task: _, recording, end, samples, voice }) => {
                self.on_record_ended(recording, end, samples, voice);
            }
            What::Refused(refused) => {
                self.counters.commands_refused += 1;
                self.actions.push_back(Action::Trouble(Trouble::CommandRefused(refused)));
            }
            What::Tick => {
                self.advance(event.at);
                if let Some(why) = self.channels.take_overflowed() {
                    self.reconcile(why);
                }
            }
        }
        self.commit();
    }

    /// Returns true for the marker of a tick at which nothing is due.
    fn is_idle_tick(&self, event: &ChannelEvent) -> bool {
        event.what == What::Tick
            && self.timers.next().is_none_or(|due| due > event.at)
            && !self.channels.is_overflowed()
    }

    /// Takes one service request; its answer comes out of [`poll_action`](Core::poll_action), before any event it
    /// causes.
    pub fn handle_request(
        &mut self,
        session: SessionId,
        invoke: InvokeId,
        request: Request,
        data: Option<Box<RequestData>>,
    ) {
        self.begin_entry(|| Input::Request { session, invoke, request: request.clone(), data: data.clone() });
        let place = self.actions.len();
        let Some(result) = self.carry_out(session, request, data) else { return };
        self.commit();
        if result.is_err() {
            self.counters.refused += 1;
        }
        let (result, data) = match result {
            Ok((reply, data)) => (Ok(reply), data),
            Err(failure) => (Err(failure), None),
        };
        // Whatever was done has put its events behind this place: the confirmation goes before them.
        self.actions.insert(place, Action::Reply { session, invoke, result, data });
    }

    /// A session has been opened by a user whose password was right.
    pub fn handle_session_opened(&mut self, session: SessionId, login: &str) {
        self.begin_entry(|| Input::Opened { session, login: login.to_owned() });
        if self.sessions.len() >= SESSIONS_MAX {
            self.counters.refused += 1;
            self.actions.push_back(Action::Trouble(Trouble::TooManySessions { login: login.to_owned() }));
            return;
        }
        // A user who is not in the list may open a stream if the edge says so, but no device is granted.
        let rights = self.users.get(login).cloned().unwrap_or_default();
        self.sessions.insert(session, Session { login: login.to_owned(), rights });
    }

    /// A session is gone: its monitors end, its calls go on.
    pub fn handle_session_closed(&mut self, session: SessionId) {
        self.begin_entry(|| Input::Closed(session));
        self.end_routing_of(session);
        self.sessions.remove(&session);
        self.monitors.end_session(session);
        self.commit();
    }

    /// Takes one answer of the store.
    pub fn handle_stored(&mut self, reply: StoreReply) {
        self.begin_entry(|| Input::Stored(reply.clone()));
        self.stored(&reply);
        match reply {
            StoreReply::Kept { up_to } => {
                let later = self.unsaved.split_off(&up_to.next());
                let kept = core::mem::replace(&mut self.unsaved, later);
                if !kept.is_empty() {
                    kept.into_values().for_each(|request| self.on_request_kept(request));
                    self.commit();
                }
                self.take_left_ringing();
            }
            StoreReply::CallBackOrders { orders, last } => {
                orders.iter().for_each(|order| self.on_call_back_order(order));
                // Behind the records of what they have changed: nothing is lost between.
                self.persist(Record::CallBackOrdersDone(last));
                self.commit();
            }
            StoreReply::Customer { id, customer, card } => {
                if let Some(call) = self.looked_up.remove(&id) {
                    if !card.is_empty() {
                        self.on_customer(call, customer, *card);
                    }
                    self.on_looked_up(call);
                    self.commit();
                }
            }
            StoreReply::NewMessages(counts) => self.on_new_messages(counts),
            StoreReply::Notices(notices) => self.notices = notices,
            StoreReply::Failed { id, why } => {
                if let Some(call) = self.looked_up.remove(&id) {
                    self.counters.failed_look_ups += 1;
                    self.actions.push_back(Action::Trouble(Trouble::LookUpFailed { why }));
                    self.on_looked_up(call);
                    self.commit();
                    return;
                }
                if let Some(request) = self.unsaved.remove(&id) {
                    self.on_request_lost(request);
                    self.commit();
                }
                self.counters.not_stored += 1;
                self.actions.push_back(Action::Trouble(Trouble::NotStored { why }));
            }
        }
    }

    /// Replaces the flows. Calls that walk finish the version they began with.
    pub fn handle_flows(&mut self, book: FlowBook) {
        self.begin_entry(|| Input::Flows(Box::new(book.clone())));
        self.set_flows(book);
    }

    pub(crate) fn set_flows(&mut self, book: FlowBook) {
        for name in book.flows.names() {
            if !self.flow_names.iter().any(|known| known == name) {
                self.flow_names.push(name.to_owned());
            }
        }
        let scripts = self.details.values().filter_map(|detail| detail.script.as_ref());
        let walked = scripts.map(|script| script.book).collect();
        self.flows.replace(book, &walked);
    }

    /// Replaces the routes of calendars, by name.
    pub fn handle_calendars(&mut self, calendars: BTreeMap<String, Routes>) {
        self.begin_entry(|| Input::Calendars(calendars.clone()));
        self.calendars = calendars;
        self.follow_calendars();
    }

    /// Replaces the business days, each with its first moment and the first after it, ms since 1970, the earliest
    /// first: callers who hang up before an answer are to be called back by the end of theirs.
    pub fn handle_business_days(&mut self, days: Vec<(u64, u64)>) {
        self.begin_entry(|| Input::BusinessDays(days.clone()));
        self.business_days = days;
    }

    /// Begins recordings of calls from now on only if the disk has room for them; those under way go on.
    pub fn handle_recording_room(&mut self, has_room: bool) {
        self.begin_entry(|| Input::RecordingRoom(has_room));
        self.has_recording_room = has_room;
    }

    /// The number of commands that the engine's ring is sure to take from now on. While there is no place for a new
    /// call's, no channel is claimed for one: a claim is never left without its command.
    pub fn handle_command_room(&mut self, room: usize) {
        let room = if room < COMMANDS_AMPLE { room } else { usize::MAX };
        if room == self.command_room {
            return;
        }
        self.begin_entry(|| Input::CommandRoom(room));
        let had_room = self.has_command_room();
        self.command_room = room;
        if !had_room && self.has_command_room() {
            self.commit();
        }
    }

    /// Takes the answer of a data source. One that comes too late changes nothing.
    pub fn handle_dipped(&mut self, dip: DipId, answer: DipAnswer) {
        self.begin_entry(|| Input::Dipped(dip, answer.clone()));
        self.dipped(dip);
        if let Some(call) = self.dips.remove(&dip) {
            self.on_dipped(call, dip, answer);
            self.commit();
        }
    }

    /// The program will stop when the calls in progress have ended: new calls get busy tone, make-call requests are
    /// refused, waiting callers are still served. A station that holds a call may consult another. With false the
    /// program does not stop after all.
    pub fn handle_drain(&mut self, is_draining: bool) {
        self.begin_entry(|| Input::Drain(is_draining));
        self.is_draining = is_draining;
    }

    /// The program is about to stop: ends every call, so that each has its record. Then drain
    /// [`poll_action`](Core::poll_action), and go on as before until [`is_settled`](Core::is_settled), so that
    /// recordings come to their ends.
    pub fn handle_stop(&mut self) {
        self.begin_entry(|| Input::Stop);
        self.is_stopping = true;
        self.end_all_calls();
        self.log_all_off();
    }

    /// The engine has stopped: calls that came since [`handle_stop`](Core::handle_stop) end as well, and a recording
    /// whose end was not reported by now never will be.
    pub fn handle_stopped(&mut self) {
        self.begin_entry(|| Input::Stopped);
        self.is_stopping = true;
        self.end_all_calls();
        self.log_all_off();
        while let Some((&recording, _)) = self.recordings.first_key_value() {
            self.on_recording_lost(recording);
        }
    }
}
