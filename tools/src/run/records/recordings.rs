//! Recordings found and heard in a browser.
//!
//! A recording is opened before it is heard: its audit record is on the disk before a sample leaves. Parts are read by
//! the user who has opened it, on the same run of the program.
//!
//! Never: holds more of a recording in memory than a part.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use data_encoding::BASE64;
use parking_lot::Mutex;
use tipring_core::store::sqlite::{FoundRecording, RecordingAudit, RecordingQuery, RecordingRow};
use tipring_driver::time::SAMPLE_RATE_HZ;
use tipring_web::records::{
    ROWS_MAX, RecordingItem, RecordsClient, RecordsRefusal, RecordsReply, RecordsRequest, SOUND_MAX,
};

use super::{Place, Seen, failed, no_right, not_known, out_of_range, reason_of, refusal};
use crate::clock;
use crate::encryption::key_ring::KeyRing;
use crate::encryption::reader::Damage;
use crate::recording::archive::{Archive, console_user};
use crate::recording::call_analytics::{self, Course};
use crate::recording::sound::Recorded;

use tipring_core::csta::cause::UniversalFailure;

/// Recordings that are open at a time; beyond them the one opened first is closed.
const OPEN_MAX: usize = 1_000;
/// Parts of a recording for its picture.
const PEAKS: u32 = 600;

/// The recordings that users have opened, oldest first, by login.
#[derive(Debug, Default)]
pub(super) struct Opened(VecDeque<(String, RecordingRow, Sound)>);

/// A recording's file, and the keys of its site.
type Sound = (PathBuf, Arc<KeyRing>);

impl Opened {
    fn open(&mut self, login: &str, recording: RecordingRow, sound: Sound) {
        self.0.retain(|(user, known, _)| (user.as_str(), known.id) != (login, recording.id));
        if self.0.len() >= OPEN_MAX {
            self.0.pop_front();
        }
        self.0.push_back((login.to_owned(), recording, sound));
    }

    fn sound(&self, login: &str, id: i64) -> Option<Sound> {
        self.0.iter().find(|(user, known, _)| (user.as_str(), known.id) == (login, id)).map(|(.., sound)| sound.clone())
    }
}

/// The number of a recording; beyond the whole numbers of JavaScript, therefore a text.
pub(super) fn number(text: &str) -> Result<i64, RecordsRefusal> {
    text.parse().map_err(|_| out_of_range(format!("a recording is named by its number, not {text:?}")))
}

/// The recording of a number, if the user may hear it.
pub(super) fn one(archive: &Archive, seen: &Seen, text: &str) -> Result<FoundRecording, RecordsRefusal> {
    let query = RecordingQuery { recording: Some(number(text)?), ..RecordingQuery::default() };
    let found = archive.store.find_recordings(&query).map_err(|error| failed(error.into()))?;
    let found = found.into_iter().next().ok_or_else(|| not_known(format!("there is no recording {text}")))?;
    if seen.call(found.call.as_ref()) { Ok(found) } else { Err(no_right()) }
}

pub(super) fn list(place: &Place, seen: &Seen, request: &RecordsRequest) -> Result<RecordsReply, RecordsRefusal> {
    let RecordsRequest::ListRecordings { from_ms, to_ms, number, agent, queue, unscored, limit } = request else {
        return Err(out_of_range("this is no search for recordings"));
    };
    if !(1..=ROWS_MAX).contains(limit) {
        return Err(out_of_range(format!("a limit is 1 to {ROWS_MAX}, not {limit}")));
    }
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let query = RecordingQuery {
        from_ms: *from_ms,
        to_ms: *to_ms,
        number: given(number),
        agent: given(agent),
        queue: given(queue),
        ..RecordingQuery::default()
    };
    let archive = place.read()?;
    let scored = archive.store.scored_recordings().map_err(|error| failed(error.into()))?;
    let (mut rows, mut more) = (VecDeque::new(), false);
    let done = archive.store.each_recording(&query, |found| {
        let scores = scored.get(&found.recording.id).copied().unwrap_or(0);
        if !seen.call(found.call.as_ref()) || (*unscored && scores > 0) {
            return;
        }
        if rows.len() >= *limit as usize {
            rows.pop_back();
            more = true;
        }
        rows.push_front((found, scores));
    });
    done.map_err(|error| failed(error.into()))?;
    let recordings = rows.into_iter().map(|(found, scores)| item(&archive, found, scores)).collect();
    Ok(RecordsReply::Recordings { recordings, more })
}

fn item(archive: &Archive, found: FoundRecording, scores: u32) -> RecordingItem {
    let presence = serde_json::to_value(archive.presence(&found.recording)).unwrap_or_default();
    let FoundRecording { recording, call } = found;
    let call = call.as_ref();
    RecordingItem {
        recording: recording.id.to_string(),
        call: recording.call_id,
        began_ms: recording.began_ms,
        seconds: recording.samples as f64 / f64::from(SAMPLE_RATE_HZ),
        direction: call.map(|call| call.direction.clone()),
        caller: call.map(|call| call.caller.clone()),
        called: call.map(|call| call.called.clone()),
        queue: call.and_then(|call| call.queue.clone()),
        agent: call.and_then(|call| call.agent.clone()),
        outcome: call.map(|call| call.outcome.clone()),
        presence: presence.as_str().unwrap_or_default().to_owned(),
        scores,
    }
}

pub(super) fn open(
    place: &Place,
    seen: &Seen,
    client: &RecordsClient,
    opened: &Mutex<Opened>,
    (recording, reason): (&str, &str),
) -> Result<RecordsReply, RecordsRefusal> {
    let reason = reason_of(reason)?;
    let mut archive = place.act()?;
    let found = one(&archive, seen, recording)?;
    let sound = || archive.sound(&found.recording).map_err(failed);
    let samples = sound()?.samples();
    let marks = archive.marks(&found.recording).map_err(failed)?;
    let talk = serde_json::to_value(call_analytics::measure(sound()?, &marks).map_err(failed)?).unwrap_or_default();
    let call = serde_json::to_value(found.call.as_ref().map(Course::new)).unwrap_or_default();
    let (left, right) = sound()?.peaks(PEAKS).map_err(failed)?;
    let act = RecordingAudit {
        at_ms: clock::epoch_ms(),
        user: client.login.clone(),
        os_user: console_user(&client.address),
        act: "play",
        recording: Some(found.recording.id),
        call: found.recording.call_id,
        detail: "both sides in the console".into(),
        reason,
    };
    archive.keep_audit(&[act]).map_err(failed)?;
    let path = archive.path(&found.recording);
    opened.lock().open(&client.login, found.recording, (path, Arc::clone(&archive.keys)));
    Ok(RecordsReply::Recording { samples, left, right, call, talk })
}

pub(super) fn read_sound(
    client: &RecordsClient,
    opened: &Mutex<Opened>,
    recording: &str,
    (from, count): (u32, u32),
) -> Result<RecordsReply, RecordsRefusal> {
    if !(1..=SOUND_MAX).contains(&count) {
        return Err(out_of_range(format!("a count of samples is 1 to {SOUND_MAX}, not {count}")));
    }
    let sound = opened.lock().sound(&client.login, number(recording)?);
    let (path, keys) = sound.ok_or_else(|| {
        refusal(UniversalFailure::InvalidObjectState, "the recording is not open; ask for openRecording first")
    })?;
    let (left, right) =
        Recorded::open(&path, &keys, Damage::Refused).and_then(|sound| sound.part(from, count)).map_err(failed)?;
    Ok(RecordsReply::Sound { from, left: BASE64.encode(&left), right: BASE64.encode(&right) })
}
