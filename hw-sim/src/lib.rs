//! Simulates a telephone card from its data sheets, with the exchange, the telephones, callers and agents.
//!
//! A [`World`](network::World) is the lines and telephones at a card's ports; a [`Town`](people::Town) is one with
//! callers and agents, made from a [`Scenario`](scenario::Scenario). [`TruthLog`](people::truth::TruthLog) records what
//! really happened, for tests to compare with. The card advances its world by 1 ms for each millisecond of its own
//! clock; it is served over a socket by [`vfio_user`], or stepped in process as a [`Device`](device::Device). The same
//! scenario and seed give the same calls, to the sample.
//!
//! Never: uses the driver or the core, so that an error of the driver is not repeated by the simulator.
//!
//! Without a card:
//!
//! ```
//! use tipring_hw_sim::network::{TrunkLoad, WireFeed, WireLoad, World};
//! use tipring_hw_sim::people::Town;
//! use tipring_hw_sim::people::truth::What;
//! use tipring_hw_sim::scenario::{Scenario, Socket};
//!
//! // One call; the module on the line answers at the first ring.
//! let (mut town, log) = Town::new(&Scenario::of_calls(1), 7, &[Socket::Trunk], None)?;
//! let (mut feeds, mut off_hook) = ([WireFeed::Nothing], false);
//! let mut events = Vec::new();
//! while !log.finished() {
//!     let load = TrunkLoad { off_hook, ..TrunkLoad::default() };
//!     town.step(&[WireLoad::Trunk(load)], &mut feeds);
//!     let WireFeed::Trunk(feed) = feeds[0] else { unreachable!("an exchange is on the wire") };
//!     off_hook |= feed.ringing_volts > 0.0;
//!     events.extend(std::iter::from_fn(|| log.poll_truth()));
//!     if events.iter().any(|event| matches!(event.what, What::CallEnded { .. })) {
//!         off_hook = false;
//!     }
//! }
//! assert!(events.iter().any(|event| matches!(event.what, What::CallStarted { .. })));
//! # Ok::<(), tipring_hw_sim::scenario::ScenarioError>(())
//! ```
//!
//! | standard term | place | source |
//! |---|---|---|
//! | subscriber line, exchange (central office) | [`network::exchange`] | GB/T 3380, ITU-T E.180 |
//! | telephone, hook switch, pulse dialling | [`network::telephone`] | GB/T 15279 |
//! | ground start, private exchange (PBX) | [`network::private_exchange`] | ANSI T1.401 |
//! | caller ID (CLIP), DT-AS, FSK | [`network::signal::caller_id`] | EN 300 659, GR-30, YD/T 1277 |
//! | caller ID display, message waiting | [`network::display`] | as before |
//! | DTMF | [`network::signal::dtmf`] | ITU-T Q.23, Q.24 |
//! | line impairments: loss, noise, hybrid echo (ERL), frequency shift | [`network::impairment`] | |
//! | wires of several cards | [`network::joined`] | |
//! | facsimile: CNG, CED, preamble | `network::fax` | ITU-T T.30 |
//! | simulated caller, called party | `people::remote`, [`people`] | |
//! | simulated agent | `people::agent` | |
//! | speech path check | [`people::listen`] | |
//! | scenario: callers and agents as data | [`scenario`] | |
//! | fault, by seed | [`fault`] | |
//! | FXO and FXS modules, DAA, SLIC, ring trip, linefeed | [`card::tdm400p`] | data sheets of TJ320, Si3050, Si3210 |
//! | PCI configuration space | `config_space` | PCI 2.2 |
//! | bus master memory | [`guest_memory`] | PCI 2.2 |
//! | vfio-user server | [`vfio_user`] | vfio-user specification |
//!
//! A card is simulated at the level of its registers, DMA and interrupt: a driver written for the real one finds no
//! difference it may rely on. Below that it is coarser: time goes in steps of a millisecond (8 frames), and voltages
//! and currents are those of a short line.

// Nothing is public that has no way out of the crate.
#![warn(unreachable_pub)]

pub mod card;
pub(crate) mod config_space;
pub mod device;
pub mod fault;
pub mod guest_memory;
pub mod network;
pub mod people;
pub mod scenario;
pub mod vfio_user;
