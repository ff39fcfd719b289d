//! A call with its recordings as one JSON document: a vCon in its unsigned form (draft-ietf-vcon-vcon-core, syntax
//! 0.4.0).
//!
//! The outside party is party 0 and the left channel. The agent who had the call last is party 1; the right channel has
//! all that the outside party heard. The record of the call is an attachment, with the SHA-256 and the marks of each
//! file: bookmarks, and pauses, in which there is silence in place of what was said.
//!
//! Never: reads a file or a clock.

use chrono::{DateTime, SecondsFormat};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tipring_core::store::sqlite::{CallRow, FoundRecording};
use tipring_driver::time::SAMPLE_RATE_HZ;

use super::checksum::content_hash;
use super::marks::Mark;
use super::sound::{Side, SoundForm};

/// Party of the outside.
const OUTSIDE: usize = 0;
/// Party of the agent.
const AGENT: usize = 1;

/// A recording that goes into a document.
pub struct Content {
    /// The recording with its call.
    pub found: FoundRecording,
    /// The sound, in the form in which it is given out.
    pub sound: Vec<u8>,
    /// SHA-256 of the file in its place, in hexadecimal.
    pub sha256: String,
    /// Bookmarks and pauses of the recording.
    pub marks: Vec<Mark>,
}

/// Returns the document of recordings that belong together. `host` is the name under which identifiers are unique,
/// `now_ms` the time in milliseconds since 1970.
pub fn document(recordings: &[Content], form: SoundForm, host: &str, now_ms: i64) -> Value {
    let call = recordings.iter().find_map(|content| content.found.call.as_ref());
    let is_outbound = call.is_some_and(|call| call.direction == "outbound");
    let dialogs: Vec<Value> = recordings
        .iter()
        .map(|content| {
            let recording = &content.found.recording;
            let parties = match form.side {
                Side::Both => json!([OUTSIDE, AGENT]),
                Side::Caller => json!(OUTSIDE),
                Side::Agent => json!(AGENT),
            };
            let mut dialog = json!({
                "type": "recording",
                "start": date(recording.began_ms),
                "duration": recording.samples as f64 / f64::from(SAMPLE_RATE_HZ),
                "parties": parties,
                "mediatype": "audio/x-wav",
                "filename": recording.file,
                "encoding": "base64url",
                "body": BASE64URL_NOPAD.encode(&content.sound),
                "content_hash": content_hash(&content.sound),
            });
            let originator = if is_outbound { AGENT } else { OUTSIDE };
            if originator != OUTSIDE || form.side == Side::Agent {
                dialog["originator"] = originator.into();
            }
            dialog
        })
        .collect();
    let start = recordings.first().map_or(now_ms, |content| content.found.recording.began_ms);
    let record = json!({
        "call": call,
        "recordings": recordings.iter().map(|content| {
            let recording = &content.found.recording;
            json!({
                "recording": recording.id,
                "file": recording.file,
                "whole": recording.whole,
                "sha256": content.sha256,
                "form": form.name(),
                "marks": content.marks,
            })
        }).collect::<Vec<_>>(),
    });
    let number = recordings.first().map_or(0, |content| content.found.recording.id);
    json!({
        "vcon": "0.4.0",
        "uuid": uuid(start, number, host).to_string(),
        "created_at": date(now_ms),
        "parties": parties(call),
        "dialog": dialogs,
        "attachments": [{
            "purpose": "call detail record",
            "start": date(start),
            "party": AGENT,
            "dialog": 0,
            "mediatype": "application/json",
            "encoding": "none",
            "body": record.to_string(),
        }],
    })
}

/// The outside party and the agent, as far as the call's record knows them.
fn parties(call: Option<&CallRow>) -> Value {
    let (mut outside, mut agent) = (json!({}), json!({}));
    if let Some(call) = call {
        let number = if call.direction == "outbound" { &call.called } else { &call.caller };
        if !number.is_empty() {
            outside["tel"] = number.as_str().into();
        }
        if let Some(station) = &call.station {
            agent["tel"] = station.as_str().into();
        }
        if let Some(name) = &call.agent {
            agent["name"] = name.as_str().into();
        }
    }
    json!([outside, agent])
}

/// A moment as RFC 3339 has it, in UTC.
fn date(unix_ms: i64) -> String {
    DateTime::from_timestamp_millis(unix_ms).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// An identifier of version 8 (RFC 9562): the time, then 74 bits of a hash over host and recording. One recording has
/// one identifier.
fn uuid(unix_ms: i64, number: i64, host: &str) -> uuid::Uuid {
    let hash = Sha256::digest(format!("{host}/{number}"));
    let mut octets = [0; 16];
    octets[..6].copy_from_slice(&unix_ms.to_be_bytes()[2..]);
    octets[6..].copy_from_slice(&hash[..10]);
    uuid::Builder::from_custom_bytes(octets).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tipring_core::store::sqlite::RecordingRow;

    fn bookmark() -> Mark {
        let (kind, user, station, text) = ("bookmark".into(), "zhao".into(), "1001".into(), "promise".into());
        Mark { kind, seconds: 1.5, until: None, ended_by: None, user, station, text }
    }

    fn content(direction: &str) -> Content {
        let call = CallRow {
            call_id: 17,
            direction: direction.into(),
            trunk: Some("T1".into()),
            caller: "13800138000".into(),
            called: "95598".into(),
            queue: Some("5000".into()),
            agent: Some("7001".into()),
            station: Some("1001".into()),
            keyed: String::new(),
            offered_ms: 1_709_210_090_000,
            answered_ms: None,
            queued_ms: None,
            alerting_ms: None,
            established_ms: None,
            ended_ms: 1_709_210_200_000,
            outcome: "answered".into(),
            released_by: "caller".into(),
            recording: Some(5),
            machine: None,
            ucid: None,
            main_call: None,
            cause: None,
        };
        let recording = RecordingRow {
            id: 5,
            call_id: 17,
            file: "2024-02-29/123456-007-00012.wav".into(),
            began_ms: 1_709_210_096_007,
            samples: 20_000,
            whole: true,
            sha256: None,
            octets: None,
            removed_ms: None,
            reason: None,
        };
        let found = FoundRecording { recording, call: Some(call) };
        Content { found, sound: b"abc".to_vec(), sha256: "00".into(), marks: vec![bookmark()] }
    }

    #[test]
    fn a_document_names_both_parties_by_channel_and_carries_sound_hash_and_record() {
        let document = document(&[content("inbound")], SoundForm::WHOLE, "host", 1_709_220_000_000);
        assert_eq!(document["created_at"], "2024-02-29T15:20:00.000Z");
        assert_eq!(document["parties"], json!([{"tel": "13800138000"}, {"tel": "1001", "name": "7001"}]));
        let dialog = &document["dialog"][0];
        assert_eq!((&dialog["start"], &dialog["duration"]), (&json!("2024-02-29T12:34:56.007Z"), &json!(2.5)));
        assert_eq!((&dialog["parties"], &dialog["body"]), (&json!([0, 1]), &json!("YWJj")));
        assert_eq!(dialog["content_hash"], content_hash(b"abc"));
        assert!(dialog["originator"].is_null());
        let record: Value = serde_json::from_str(document["attachments"][0]["body"].as_str().unwrap()).unwrap();
        assert_eq!(
            (&record["call"]["outcome"], &record["recordings"][0]["sha256"]),
            (&json!("answered"), &json!("00"))
        );
        let mark = &record["recordings"][0]["marks"][0];
        assert_eq!((&mark["seconds"], &mark["text"]), (&json!(1.5), &json!("promise")));
    }

    #[test]
    fn a_call_out_begins_with_the_agent_and_one_side_has_one_party() {
        let of = |direction, side| {
            document(&[content(direction)], SoundForm { side, ..SoundForm::WHOLE }, "host", 0)["dialog"][0].clone()
        };
        assert_eq!(of("outbound", Side::Both)["originator"], 1);
        assert_eq!(of("inbound", Side::Caller)["parties"], 0);
        let agent = of("inbound", Side::Agent);
        assert_eq!((&agent["parties"], &agent["originator"]), (&json!(1), &json!(0)));
    }

    #[test]
    fn one_recording_has_one_identifier_and_it_is_of_version_8() {
        let one = uuid(1_709_210_096_007, 5, "host");
        assert_eq!(one, uuid(1_709_210_096_007, 5, "host"));
        assert_eq!(one.get_version_num(), 8);
        assert_ne!(one, uuid(1_709_210_096_007, 5, "other"));
    }
}
