//! A voice card, firmware included: lines, sound and switching.
//!
//! Registers and DMA at the bottom; line events, played and recorded sound and switched ports at the top.
//! Never decides who gets a call, never imports the simulator.
//!
//! | folder | what it holds |
//! |---|---|
//! | [`pci`] | one PCI function, however it is reached |
//! | [`card`] | one module a card: registers in, frames and port conditions out |
//! | [`mod@line`] | debounced line signalling: what a line says and what can be done to it |
//! | [`dsp`] | codecs, tones, DTMF, caller identity |
//! | [`media`] | the tick: switch matrix, players, recorders |
//! | [`engine`], [`pace`] | the body of the media thread, and what wakes it |
//! | [`ring`], [`sync`] | hand-over between threads without waiting |

pub mod card;
pub mod country;
pub mod dsp;
pub mod engine;
pub mod ids;
pub mod limits;
pub mod line;
pub mod media;
pub mod pace;
pub mod pci;
pub mod ring;
pub mod signal;
pub mod sync;
pub mod time;
