//! Cards, telephones and exchanges in software, from the data sheets.
//!
//! Never imports the driver or the core: it must be able to disagree with them.
//!
//! | place | what it holds |
//! |---|---|
//! | [`device`] | what a simulated card is to whatever carries its PCI traffic |
//! | [`config_space`], [`guest_memory`] | PCI configuration; the driver's buffers as a card sees them |
//! | [`card`] | the cards: [`card::tdm400p`] |
//! | [`vfio_user`] | a device behind a Unix socket, for emulators and drivers |
//! | [`fault`] | what goes wrong, by seed |
//! | [`network`] | what hangs on the wires: an exchange on a trunk module, a telephone on a station module |
//! | [`people`] | callers, agents, their voices and ears, and the truth about them |
//! | [`scenario`] | a day as data: callers and their patience, agents and their telephones |
//!
//! A card is simulated at the level of its registers, DMA and interrupt: a driver written for the real one finds no
//! difference it may rely on. Below that, it is coarser: time goes in steps of a millisecond (8 frames), and voltages
//! and currents are those of a short line.

pub mod card;
pub mod config_space;
pub mod device;
pub mod fault;
pub mod guest_memory;
pub mod network;
pub mod people;
pub mod scenario;
pub mod vfio_user;
