//! The requests of the vendor `TIPRING`, and of the vendor dialect, in the words of the tables.
//!
//! Never: asks for a service of CSTA.

use super::{Play, connection};
use crate::csta::AgentMode;
use crate::csta::private::RequestData;
use crate::csta::tipring::{ReleaseScope, Remark, SupervisionMode, TipringReply, TipringRequest};
use crate::csta::vendor::VendorRequest;
use crate::testing::device;
use crate::testing::rig::ALL;

impl Play {
    /// A request of the vendor `TIPRING`, or of the vendor dialect; none if the words are not of one.
    pub(super) fn tipring(&mut self, words: &[&str]) -> Option<Option<String>> {
        let to = |ix: usize| device(words.get(ix).copied().unwrap_or_default());
        let follow = words.last() == Some(&"follow");
        let remark = Remark(words.get(3..).unwrap_or_default().join(" "));
        let supervise = |mode| TipringRequest::SuperviseCall {
            active_call: connection(words[1]),
            supervisor: to(2),
            mode,
            follow,
            remark: Remark::default(),
        };
        let request = match words[0] {
            "listen" => supervise(SupervisionMode::Listen),
            "whisper" => supervise(SupervisionMode::Whisper),
            "barge" => supervise(SupervisionMode::Barge),
            "stop" => TipringRequest::StopSupervision { supervisor: to(1) },
            "takeover" => TipringRequest::TakeOverCall { active_call: connection(words[1]), supervisor: to(2), remark },
            "release" => {
                let scope = if words[2] == "call" { ReleaseScope::Call } else { ReleaseScope::Connection };
                TipringRequest::ForceRelease { call: connection(words[1]), scope, remark }
            }
            "force" => {
                let mode = match words[2] {
                    "logout" => AgentMode::LogOut,
                    "ready" => AgentMode::Ready,
                    "work" => AgentMode::WorkNotReady,
                    _ => AgentMode::NotReady,
                };
                TipringRequest::ForceAgentState { device: to(1), mode, reason_code: 7, remark }
            }
            "record" => TipringRequest::StartRecording { active_call: connection(words[1]) },
            "stoprecord" => TipringRequest::StopRecording { active_call: connection(words[1]) },
            "pause" => TipringRequest::PauseRecording { active_call: connection(words[1]) },
            "resume" => TipringRequest::ResumeRecording { active_call: connection(words[1]) },
            "bookmark" => {
                let text = Remark(words[2..].join(" "));
                TipringRequest::BookmarkRecording { active_call: connection(words[1]), text }
            }
            "park" => TipringRequest::ParkCall { active_call: connection(words[1]), place: to(2) },
            "single" => {
                let vendor =
                    VendorRequest::SingleStepTransferCall { active_call: connection(words[1]), transferred_to: to(2) };
                let done = self.rig.escape(ALL, RequestData { vendor: Some(vendor), ..RequestData::default() });
                return Some(done.err().map(|why| format!("refused: {why:?}")));
            }
            _ => return None,
        };
        Some(match self.rig.tipring(ALL, request) {
            Err(why) => Some(format!("refused: {why:?}")),
            Ok(TipringReply::ParkCall { parked_call }) => {
                Some(format!("parked call {}@{}", parked_call.call.0, parked_call.device))
            }
            Ok(
                TipringReply::SuperviseCall { is_prompted: true, .. }
                | TipringReply::TakeOverCall { is_prompted: true, .. },
            ) => Some("rings first".into()),
            Ok(
                TipringReply::StartRecording { recording }
                | TipringReply::StopRecording { recording }
                | TipringReply::PauseRecording { recording }
                | TipringReply::ResumeRecording { recording }
                | TipringReply::BookmarkRecording { recording },
            ) => Some(format!("at {} ms", recording.position_ms)),
            Ok(TipringReply::ForceAgentState { state }) => Some(format!("agent is {state:?}")),
            Ok(_) => None,
        })
    }
}
