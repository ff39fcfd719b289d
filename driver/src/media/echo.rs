//! Echo control of all channels: enabled lines, and the taps for recording and for the listeners.
//!
//! Detectors and recorders get the sound as the linear canceller left it: nothing of what was said is missing in it.
//! Those who listen get it with the rest of the echo kept back.
//!
//! Never: touches the sound of a line that is not in conversation: what an exchange or a telephone sends by itself
//! stays as it is.

use arrayvec::ArrayVec;

use crate::card::{Frame, Law};
use crate::dsp::echo::{Control, WIDTH};
use crate::dsp::{Lanes, SILENCE, Samples, g711};
use crate::time::SAMPLES_PER_TICK;

/// Echo control of all channels.
#[derive(Debug)]
pub struct EchoControls {
    /// One a channel; none at all if it is turned off.
    controls: Vec<Control>,
    lanes: Lanes,
    /// Sound of each party, for its listeners.
    heard: Vec<Samples>,
}

impl EchoControls {
    /// Of `channels` channels, with echoes up to `tail_ms` late; 0 turns it off.
    pub fn new(channels: usize, tail_ms: u32) -> EchoControls {
        let controls = if tail_ms == 0 { Vec::new() } else { vec![Control::new(tail_ms); channels] };
        EchoControls { controls, lanes: Lanes::NONE, heard: vec![SILENCE; channels] }
    }

    /// Turns a channel's on, knowing nothing yet, or off.
    pub fn set(&mut self, lane: usize, on: bool) {
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

    /// Takes what each party said in this tick, and what each card played in the same time; takes the echo out of
    /// `said`, and returns what those who listen are to hear.
    pub fn step(&mut self, laws: &[Law], said: &mut [Samples], played: &[Frame]) -> &[Samples] {
        self.heard.copy_from_slice(said);
        let lanes = &self.lanes;
        let mut on = self.controls.iter_mut().enumerate().filter(|(lane, _)| lanes.contains(*lane));
        loop {
            let mut group = Group::default();
            for (lane, control) in on.by_ref().take(WIDTH) {
                group.push(lane, control, far(laws[lane], &played[lane]), said[lane]);
            }
            if group.lanes.is_empty() {
                break;
            }
            let controlled = Control::step_together(&mut group.controls, &group.far, &group.near);
            for (lane, controlled) in group.lanes.into_iter().zip(controlled) {
                said[lane] = controlled.linear;
                self.heard[lane] = controlled.heard;
            }
        }
        &self.heard
    }
}

/// Sound that was sent. The octet of silence decodes to a little more than nothing in A-law; nothing costs nothing.
fn far(law: Law, frame: &Frame) -> Samples {
    if *frame == [law.idle(); SAMPLES_PER_TICK] { SILENCE } else { g711::decode_frame(law, frame) }
}

/// Lines whose echoes are taken out side by side.
#[derive(Default)]
struct Group<'a> {
    lanes: ArrayVec<usize, WIDTH>,
    controls: ArrayVec<&'a mut Control, WIDTH>,
    far: ArrayVec<Samples, WIDTH>,
    near: ArrayVec<Samples, WIDTH>,
}

impl<'a> Group<'a> {
    fn push(&mut self, lane: usize, control: &'a mut Control, far: Samples, near: Samples) {
        self.lanes.push(lane);
        self.controls.push(control);
        self.far.push(far);
        self.near.push(near);
    }
}
