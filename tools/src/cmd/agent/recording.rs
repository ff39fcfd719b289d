//! Commands of the softphone about the recording of its call.
//!
//! Never: sends anything.

use std::fmt;

use tipring_core::csta::ConnectionId;
use tipring_core::csta::tipring::{RecordingPosition, Remark, TipringReply, TipringRequest};

/// A command about the recording of the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recording {
    /// Begin one.
    Start,
    /// End it.
    Stop,
    /// Begin a pause.
    Pause,
    /// End a pause.
    Resume,
    /// Set a bookmark.
    Mark(Remark),
    /// Query its state.
    Query,
}

impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Recording::Start => f.write_str("record start"),
            Recording::Stop => f.write_str("record stop"),
            Recording::Pause => f.write_str("record pause"),
            Recording::Resume => f.write_str("record resume"),
            Recording::Mark(text) => write!(f, "record mark {}", text.0),
            Recording::Query => f.write_str("record"),
        }
    }
}

impl Recording {
    /// Reads the words behind `record`; none if they are no command.
    ///
    /// # Errors
    /// A bookmark without a text.
    pub fn of_words(words: &[&str]) -> Result<Option<Recording>, String> {
        Ok(Some(match words {
            [] => Recording::Query,
            ["start"] => Recording::Start,
            ["stop"] => Recording::Stop,
            ["pause"] => Recording::Pause,
            ["resume"] => Recording::Resume,
            ["mark"] => return Err("a bookmark has a text: record mark TEXT".into()),
            ["mark", text @ ..] => Recording::Mark(Remark(text.join(" "))),
            _ => return Ok(None),
        }))
    }

    /// Returns the request on a conversation.
    pub fn request(&self, active_call: ConnectionId) -> TipringRequest {
        match self {
            Recording::Start => TipringRequest::StartRecording { active_call },
            Recording::Stop => TipringRequest::StopRecording { active_call },
            Recording::Pause => TipringRequest::PauseRecording { active_call },
            Recording::Resume => TipringRequest::ResumeRecording { active_call },
            Recording::Mark(text) => TipringRequest::BookmarkRecording { active_call, text: text.clone() },
            Recording::Query => TipringRequest::QueryRecording { active_call },
        }
    }
}

/// Returns a reply in words; none if it is not about a recording.
pub fn reply_words(reply: &TipringReply) -> Option<String> {
    let place = |recording: &RecordingPosition| {
        format!("at {:.1} s of recording {}", recording.position_ms as f64 / 1000.0, recording.id)
    };
    match reply {
        TipringReply::StartRecording { recording }
        | TipringReply::StopRecording { recording }
        | TipringReply::PauseRecording { recording }
        | TipringReply::ResumeRecording { recording }
        | TipringReply::BookmarkRecording { recording } => Some(place(recording)),
        TipringReply::QueryRecording { recording: None, .. } => Some("not recorded".to_owned()),
        TipringReply::QueryRecording { state, recording: Some(recording) } => {
            Some(format!("{}, {}", state.name(), place(recording)))
        }
        _ => None,
    }
}
