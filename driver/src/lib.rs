//! A voice card, firmware included: lines, sound and switching.
//!
//! Registers and DMA at the bottom; line events, played and recorded sound and switched ports at the top.
//! Never decides who gets a call, never imports the simulator.
//!
//! | folder | what it holds |
//! |---|---|
//! | [`pci`] | one PCI function, however it is reached |
//! | [`card`] | one module a card: registers in, frames and port conditions out |
//! | [`line`] | debounced line signalling: what a line says and what can be done to it |
//! | [`dsp`] | codecs, tones, DTMF, caller identity |
//! | [`media`] | the tick: switch matrix, players, recorders |
//! | [`engine`] | the body of the media thread |

pub mod card;
pub mod country;
pub mod dsp;
pub mod engine;
pub mod ids;
pub mod line;
pub mod media;
pub mod pci;
pub mod time;
