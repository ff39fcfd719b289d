//! Cards, telephones and exchanges in software, from the data sheets.
//!
//! Never imports the driver or the core: it must be able to disagree with them.
//!
//! | place | what it holds |
//! |---|---|
//! | [`network`] | what hangs on the wires: an exchange on a trunk module, a telephone on a station module |

pub mod device;
pub mod guest_memory;
pub mod network;
