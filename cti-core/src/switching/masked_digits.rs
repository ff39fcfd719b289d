//! Card data and PINs keyed into a flow are in no recording: the recorder pauses while a flow collects masked digits.
//!
//! A call is recorded from its first conversation on, in a flow too that it reaches afterwards: by the overflow of a
//! queue to which it was transferred. The pause ends [`KEY_HELD_MAX`] after the flow has gone on: a key is reported as
//! it is recognised, while its tone goes on. Until then it has no limit, for the node has: each wait for a key has one,
//! and the tries are counted.
//!
//! Never: masks the call data; that is `ivr`.

use crate::call::{Detail, Pause};
use crate::core::Core;
use crate::csta::CallId;
use crate::limits::KEY_HELD_MAX;

impl Core {
    /// Returns true while the flow of a call collects masked digits.
    pub(super) fn masks_digits(&self, detail: &Detail) -> bool {
        detail.script.as_ref().is_some_and(|script| script.walk.is_masked(&self.flows.version(script.book).flows))
    }

    /// Pauses the recorder of a call as its flow begins to collect masked digits, and lets it go on afterwards.
    pub(super) fn settle_masked_digits(&mut self, call: CallId) {
        let Some(detail) = self.details.get(&call) else { return };
        let Some(recorder) = &detail.recorder else { return };
        match (recorder.pause, self.masks_digits(detail)) {
            (None, true) => self.begin_pause_by_system(call, None, true),
            (Some(pause @ Pause { for_masked_digits: true, limit: Some(_), .. }), true) => {
                return self.set_pause(call, Pause { limit: None, ..pause });
            }
            (Some(pause @ Pause { for_masked_digits: true, limit: None, .. }), false) => {
                return self.set_pause(call, Pause { limit: Some(self.now + KEY_HELD_MAX), ..pause });
            }
            _ => return,
        }
        self.emit_recording(call);
    }
}
