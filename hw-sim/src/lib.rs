//! Cards, telephones and exchanges in software, from the data sheets.
//!
//! Never imports the driver or the core: it must be able to disagree with them.
//!
//! | place | what it holds |
//! |---|---|
//! | [`network`] | what hangs on the wires: an exchange on a trunk module, a telephone on a station module |
//! | [`people`] | callers, agents, their voices and ears, and the truth about them |
//! | [`scenario`] | who calls, how patient they are, who sits at the telephones |

pub mod device;
pub mod guest_memory;
pub mod network;
pub mod people;
pub mod scenario;
