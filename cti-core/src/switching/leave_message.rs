//! A caller leaves a message: greeting, tone, recording; and the lamps of those whose messages are new.
//!
//! | stage | ends with | next |
//! |---|---|---|
//! | the greeting plays | its end, or `#` | tone |
//! | tone | its length | recording |
//! | recording | `#`, the longest message, silence, a full disk | the file is finished |
//! | the file is finished | the recorder's end | the call is cleared |
//!
//! A caller who hangs up ends the message as `#` does. A message has a row in the store from its first moment, so that
//! an end of the program loses none.
//!
//! Never: keeps a message in which there is hardly a word.

use std::collections::{BTreeMap, BTreeSet};

use tipring_driver::ids::RecordingId;
use tipring_driver::line::Digit;
use tipring_driver::media::{RecordingKind, Track};
use tipring_driver::time::Ticks;

use super::BY_SWITCH;
use crate::call::{Detail, Doing, Message, Recorder};
use crate::core::Core;
use crate::csta::{AgentId, CallId, DeviceId};
use crate::device::{Device, StationIx};
use crate::flow::book::Mailbox;
use crate::limits::{PROMPT_MAX, RECORDING_WAIT_MAX};
use crate::model::ConnectionState;
use crate::pending::{OpenMessage, OpenRecording};
use crate::recording::recordings;
use crate::report::event::Event as Entry;
use crate::store::{MessageRecord, MessageState, Outcome, Record, ReleasedBy};

/// Length of the tone after which the caller speaks.
const TONE: Ticks = Ticks::from_ms(600);
/// Voice below which a message is dropped: hardly a word.
const VOICE_MIN: Ticks = Ticks::from_ms(1000);
/// The key that ends a message.
const END: char = '#';

impl Core {
    /// The mailbox at which a call's flow has come.
    fn mailbox(&self, id: CallId) -> Option<(&str, &Mailbox)> {
        let script = self.details.get(&id)?.script.as_ref()?;
        let book = self.flows.version(script.book);
        let name = script.walk.mailbox(&book.flows)?;
        Some((name, book.mailboxes.get(name)?))
    }

    /// Begins with the greeting, or with the tone where there is none.
    pub(super) fn begin_message(&mut self, id: CallId) {
        let greeting = self.mailbox(id).map(|(_, mailbox)| mailbox.greeting.clone());
        let Some(greeting) = greeting else { return self.end_of_flow(id) };
        let script = self.details.get(&id).and_then(|detail| detail.script.as_ref());
        let book = |of| self.flows.version(of);
        let prompt = script.zip(greeting).and_then(|(it, name)| book(it.book).prompt(it.walk.language, &name));
        match prompt {
            Some(prompt) => {
                let count = self.count_playing();
                self.occupy(id, Doing::Message(Message::Greeting { prompt, count }), PROMPT_MAX);
            }
            None => self.begin_tone(id),
        }
    }

    fn begin_tone(&mut self, id: CallId) {
        self.occupy(id, Doing::Message(Message::Tone), TONE);
    }

    /// The caller speaks.
    fn begin_message_recording(&mut self, id: CallId) {
        let Some((name, mailbox)) = self.mailbox(id) else { return self.end_of_flow(id) };
        let (longest, silence, owner) = (mailbox.longest, mailbox.silence, mailbox.owner);
        let mailbox = name.to_owned();
        let Some(detail) = self.details.get(&id) else { return };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let message =
            OpenMessage { mailbox, owner, caller: text(&detail.data.caller), name: text(&detail.data.customer) };
        let Some(channel) = self.speaker(id).and_then(|speaker| self.devices.channel(speaker)) else {
            // Whoever is there holds the call: the tone comes again.
            return self.begin_tone(id);
        };
        let recording = recordings::recording_id(self.epoch_ms + self.now.0, self.next_recording);
        self.next_recording = self.next_recording.wrapping_add(1);
        let tracks = (Track::Received(channel), Track::Received(channel));
        let kind = self.record.unwrap_or(RecordingKind::Evidence);
        let task = self.sound.record(tracks, (recording, kind, Some(silence)), &mut self.actions);
        let open = OpenRecording { call: id, began: self.now, message: Some(Box::new(message)) };
        self.persist_message(recording, &open, 0, MessageState::Recording);
        self.recordings.insert(recording, open);
        let recorder = Recorder::new(task, recording, channel);
        self.occupy(id, Doing::Message(Message::Recording(recorder)), longest);
    }

    /// A key of a caller who leaves a message.
    pub(super) fn on_message_key(&mut self, id: CallId, message: Message, digit: Digit) {
        if digit.as_char() == END {
            match message {
                Message::Greeting { .. } => self.begin_tone(id),
                Message::Recording(_) => self.on_message_deadline(id, message),
                Message::Tone | Message::Ends(_) => {}
            }
        }
    }

    /// The greeting has ended.
    pub(super) fn on_greeting_played(&mut self, id: CallId) {
        self.begin_tone(id);
    }

    /// The deadline of a stage.
    pub(super) fn on_message_deadline(&mut self, id: CallId, message: Message) {
        match message {
            Message::Greeting { .. } => self.begin_tone(id),
            Message::Tone => self.begin_message_recording(id),
            Message::Recording(recorder) => {
                self.occupy(id, Doing::Message(Message::Ends(recorder.recording)), RECORDING_WAIT_MAX);
                self.stop_recorder(Some(recorder));
            }
            Message::Ends(_) => self.end_of_flow(id),
        }
    }

    /// One who leaves a message has gone, or holds the call. The message ends; another begins, after a tone, for those
    /// to whom the call was transferred, or who take it up again.
    pub(super) fn follow_message(&mut self, id: CallId) {
        let script = self.details.get(&id).and_then(|detail| detail.script.as_ref());
        let Some(Doing::Message(Message::Recording(recorder))) = script.map(|script| script.doing) else { return };
        if self.number_of(id).is_none() {
            return;
        }
        let speaker = self.devices.line(recorder.channel).map(|line| line.device);
        if speaker.is_none_or(|speaker| self.model.state(id, speaker) != Some(ConnectionState::Connected)) {
            self.stop_recorder(Some(recorder));
            self.begin_tone(id);
        }
    }

    /// The party of a call who speaks to its flow: the caller, or after a transfer the first who is there.
    fn speaker(&self, id: CallId) -> Option<Device> {
        let (of, caller) = (self.model.call(id)?, self.details.get(&id)?.log.caller);
        let there = || of.parties().filter(|it| it.state == ConnectionState::Connected).map(|it| it.device);
        there().find(|&device| Some(device) == caller).or_else(|| there().next())
    }

    /// The call leaves its flow: a recorder at work ends.
    pub(super) fn drop_message(&mut self, doing: Doing) {
        if let Doing::Message(Message::Recording(recorder)) = doing {
            self.stop_recorder(Some(recorder));
        }
    }

    /// The recorder of a message has ended: the message is new, or dropped, and the call is over.
    pub(super) fn on_message_ended(
        &mut self,
        recording: RecordingId,
        open: &OpenRecording,
        samples: u64,
        voice: Ticks,
    ) {
        let is_kept = voice >= VOICE_MIN;
        let state = if is_kept { MessageState::New } else { MessageState::Dropped };
        self.persist_message(recording, open, samples, state);
        if let Some(message) = open.message.as_ref().filter(|_| is_kept) {
            let mailbox = DeviceId::new(&message.mailbox).unwrap_or_default();
            self.append(Entry::MessageLeft { call: open.call, mailbox });
        }
        let script = self.details.get(&open.call).and_then(|detail| detail.script.as_ref());
        let of_call = match script.map(|script| script.doing) {
            Some(Doing::Message(Message::Recording(recorder))) => recorder.recording == recording,
            Some(Doing::Message(Message::Ends(ended))) => ended == recording,
            _ => false,
        };
        if of_call {
            self.end_of_flow(open.call);
        }
    }

    fn persist_message(&mut self, recording: RecordingId, open: &OpenRecording, samples: u64, state: MessageState) {
        let Some(OpenMessage { mailbox, owner, caller, name }) = open.message.as_deref().cloned() else { return };
        let (call, at, file) = (open.call, open.began, recordings::file_name(recording));
        let record = MessageRecord { recording, call, mailbox, owner, caller, name, at, samples, file, state };
        self.persist(Record::Message(Box::new(record)));
    }

    /// The flow of a call is over: it has served the caller, and the call is cleared.
    pub(super) fn end_of_flow(&mut self, id: CallId) {
        if let Some(detail) = self.details.get_mut(&id) {
            detail.script = None;
            detail.log.end.get_or_insert((self.now, Outcome::ServedInIvr, ReleasedBy::System));
        }
        let _ = self.model.clear_call(id, BY_SWITCH);
    }

    /// Counts of new messages by owner. The lamps follow at the change between none and some; in between a lamp is its
    /// user's.
    pub(crate) fn on_new_messages(&mut self, new: BTreeMap<String, u32>) {
        let before = core::mem::replace(&mut self.new_messages, new);
        let owners: BTreeSet<&String> = before.keys().chain(self.new_messages.keys()).collect();
        let count = |of: &BTreeMap<String, u32>, owner| of.get(owner).copied().unwrap_or(0) > 0;
        let changed: Vec<(String, bool)> = owners
            .into_iter()
            .filter(|&owner| count(&before, owner) != count(&self.new_messages, owner))
            .map(|owner| (owner.clone(), count(&self.new_messages, owner)))
            .collect();
        for (owner, on) in changed {
            if let Some(station) = self.owner_station(&owner) {
                self.light(station, on);
            }
        }
    }

    /// An agent has come to a station, or has left it: its lamp is for the messages of who is there.
    pub(super) fn on_owner_moved(&mut self, agent: AgentId, station: StationIx, is_here: bool) {
        let some = |owner: &str| self.new_messages.get(owner).copied().unwrap_or(0) > 0;
        let own = some(self.devices.station(station).id.as_str());
        if some(agent.as_str()) && !own {
            self.light(station, is_here);
        }
    }

    /// The station of an owner: the station of that number, or where the agent is logged in.
    fn owner_station(&self, owner: &str) -> Option<StationIx> {
        if let Some(Device::Station(station)) = DeviceId::new(owner).ok().and_then(|id| self.devices.find(&id)) {
            return Some(station);
        }
        let agent = self.roster.find(&AgentId::new(owner).ok()?)?;
        let stations = (0..self.devices.stations().len()).map(|ix| StationIx(ix as u16));
        stations.into_iter().find(|&station| self.devices.station(station).agent == Some(agent))
    }
}

impl Detail {
    /// True while the caller leaves a message, or has left one: the flow has served the call.
    pub(crate) fn leaves_message(&self) -> bool {
        let doing = self.script.as_ref().map(|script| script.doing);
        matches!(doing, Some(Doing::Message(Message::Recording(_) | Message::Ends(_))))
    }
}
