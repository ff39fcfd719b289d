//! The one way in for all inputs, and the entries of their log that have not been written yet.
//!
//! Never: logs an input without the reads of channel words that it caused.

use super::Core;
use crate::input::{Entry, Input, Outcome};

/// Entries that have not been taken out.
#[derive(Debug, Clone, Default)]
pub(crate) struct InputLog {
    entries: Option<Vec<Entry>>,
}

impl Core {
    /// Takes an input. Then drain [`poll_action`](Core::poll_action).
    pub fn handle(&mut self, input: Input) -> Outcome {
        match input {
            Input::Channel(event) => self.handle_channel_event(event),
            Input::Request { session, invoke, request, data } => self.handle_request(session, invoke, request, data),
            Input::Opened { session, login } => self.handle_session_opened(session, &login),
            Input::Closed(session) => self.handle_session_closed(session),
            Input::Stored(reply) => self.handle_stored(reply),
            Input::Dipped(dip, answer) => self.handle_dipped(dip, answer),
            Input::Pin { station, agent, is_right } => self.handle_pin(&station, &agent, is_right),
            Input::CommandRoom(room) => self.handle_command_room(room),
            Input::RecordingRoom(has_room) => self.handle_recording_room(has_room),
            Input::WallClock(unix_ms) => self.handle_wall_clock(unix_ms),
            Input::Flows(book) => self.handle_flows(*book),
            Input::AcdConfig(changed) => {
                let (acd, flows) = *changed;
                return self.handle_acd_config(&acd, flows).into();
            }
            Input::Settings(config) => return self.handle_settings(&config).into(),
            Input::Users(users) => return self.handle_users(&users).into(),
            Input::Calendars(calendars) => self.handle_calendars(calendars),
            Input::BusinessDays(days) => self.handle_business_days(days),
            Input::EventMode(mode) => self.handle_event_mode(mode),
            Input::TrunkBlocked(trunk, blocked) => return Outcome::Trunk(self.handle_trunk_blocked(&trunk, blocked)),
            Input::Tap { tap, user, station } => return Outcome::Tap(self.handle_tap(tap, &user, &station)),
            Input::TapEnded(tap) => self.handle_tap_ended(tap),
            Input::Drain(is_draining) => self.handle_drain(is_draining),
            Input::Stop => self.handle_stop(),
            Input::Stopped => self.handle_stopped(),
        }
        Outcome::Done
    }

    /// Logs inputs from now on: take the entries by [`take_log`](Core::take_log) after each, before its actions.
    pub fn keep_log(&mut self) {
        self.input_log.entries.get_or_insert_default();
        self.asked.get_or_insert_default();
    }

    /// Takes the entries since the last call, in order; none if no log is kept.
    pub fn take_log(&mut self) -> Vec<Entry> {
        self.complete_entry();
        self.input_log.entries.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Begins the entry of an input.
    pub(crate) fn begin_entry(&mut self, input: impl FnOnce() -> Input) {
        self.complete_entry();
        if let Some(entries) = &mut self.input_log.entries {
            entries.push(Entry { now: self.now, input: input(), looks: Vec::new() });
        }
    }

    /// Returns true if every entry has been taken out.
    pub(super) fn is_log_taken(&self) -> bool {
        self.input_log.entries.as_ref().is_none_or(Vec::is_empty)
    }

    fn complete_entry(&mut self) {
        self.hand_on_records();
        let looks = self.channels.end_input();
        if let Some(entry) = self.input_log.entries.as_mut().and_then(|entries| entries.last_mut()) {
            entry.looks.extend(looks);
        }
    }
}
