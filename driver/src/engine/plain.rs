//! The promise that a command is plain data (no pointers), so that another process may send it; and its shape, a hash
//! of the sources of its types.
//!
//! Never: holds anything but that promise.

#![allow(unsafe_code)]

use super::Command;
use crate::place::{Plain, Shape, shape_of};

// SAFETY: numbers, texts of fixed room and enums of them; their sources are all of the list.
unsafe impl Plain for Command {
    const SHAPE: Shape = shape_of(&[
        include_bytes!("../engine.rs"),
        include_bytes!("../ids.rs"),
        include_bytes!("../line/mod.rs"),
        include_bytes!("../signal.rs"),
        include_bytes!("../media/mod.rs"),
        include_bytes!("../media/gain.rs"),
        include_bytes!("../dsp/enhance.rs"),
        include_bytes!("../refusal.rs"),
        include_bytes!("../time.rs"),
    ]);
}
