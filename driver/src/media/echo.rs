//! Echo control of all channels: enabled lines, and the taps for recording and for the listeners.
//!
//! Listeners get the output of the non-linear processor (residual echo suppressed); detectors and recorders get the
//! signal before it, in which nothing of what was said is missing.
//!
//! Never: touches the sound of a line that is not in conversation: what an exchange or a telephone sends by itself
//! stays as it is.

use crate::card::{Frame, Law};
use crate::dsp::echo::Control;
use crate::dsp::{Lanes, SILENCE, Samples, g711};
use crate::time::SAMPLES_PER_TICK;

/// Echo control of all channels.
#[derive(Debug)]
pub(crate) struct EchoControls {
    /// One a channel; none at all if it is turned off.
    controls: Vec<Control>,
    lanes: Lanes,
    /// Far-end signal of each line in this tick.
    sent: Vec<Samples>,
    /// Sound of each party, for its listeners.
    heard: Vec<Samples>,
}

impl EchoControls {
    /// Of `channels` channels, with echoes up to `tail_ms` late; 0 turns it off.
    pub(crate) fn new(channels: usize, tail_ms: u32) -> EchoControls {
        let controls = if tail_ms == 0 { Vec::new() } else { vec![Control::new(tail_ms); channels] };
        let silence = vec![SILENCE; channels];
        EchoControls { controls, lanes: Lanes::NONE, sent: silence.clone(), heard: silence }
    }

    /// Turns a channel's on, knowing nothing yet, or off.
    pub(crate) fn set(&mut self, lane: usize, on: bool) {
        let Some(control) = self.controls.get_mut(lane) else { return };
        match (self.lanes.contains(lane), on) {
            (false, true) => {
                control.reset();
                self.lanes.insert(lane);
            }
            (true, false) => self.lanes.remove(lane),
            (false, false) | (true, true) => {}
        }
    }

    /// Takes what each party said in this tick, and what each card played in the same time. Returns the output of the
    /// linear cancellers, which replaces `said`, and the output of echo control as a whole; both are the same as long
    /// as it is off on all channels.
    pub(crate) fn step<'a>(
        &'a mut self,
        laws: &[Law],
        said: &'a mut [Samples],
        played: &[Frame],
    ) -> (&'a [Samples], &'a [Samples]) {
        let EchoControls { controls, lanes, sent, heard } = self;
        if lanes.is_empty() {
            return (said, said);
        }
        for (lane, sent) in sent.iter_mut().enumerate() {
            if lanes.contains(lane) {
                *sent = far(laws[lane], &played[lane]);
            }
        }
        heard.copy_from_slice(said);
        let parts = controls.iter_mut().zip(&*sent).zip(said.iter_mut().zip(&mut *heard)).enumerate();
        let on = parts.filter(|(lane, _)| lanes.contains(*lane));
        Control::step_together(on.map(|(_, ((control, sent), (said, heard)))| (control, sent, said, heard)));
        (said, heard)
    }
}

/// Sound that was sent. The octet of silence decodes to a little more than nothing in A-law; nothing costs nothing.
fn far(law: Law, frame: &Frame) -> Samples {
    if *frame == [law.idle(); SAMPLES_PER_TICK] { SILENCE } else { g711::decode_frame(law, frame) }
}
