//! Driver for PCI voice cards; it does in software what card firmware would do: PCI registers and DMA at the bottom;
//! line events, played and recorded sound, and switched ports at the top. Real cards are reached through VFIO,
//! simulated ones through a vfio-user socket.
//!
//! # The loop
//!
//! A media thread owns the cards: it waits for the next tick ([`Pace`]) and steps the [`Engine`]; every event goes to
//! an [`EventSink`], and commands come back through a bounded queue. This example has no card; the engine keeps time
//! without one:
//!
//! ```
//! use tipring_driver::{
//!     Acceptance, CHINA, ChannelId, Command, CommandRefused, Engine, EventSink, LineCommand, LineEvent, MediaEvent,
//!     Refusal, Settings, Tick, queue,
//! };
//!
//! #[derive(Default)]
//! struct Events {
//!     line: Vec<LineEvent>,
//!     refused: Vec<CommandRefused>,
//! }
//!
//! impl EventSink for Events {
//!     fn line_event(&mut self, _now: Tick, _channel: ChannelId, event: LineEvent) -> Acceptance {
//!         self.line.push(event);
//!         Acceptance::Accepted
//!     }
//!     fn media_event(&mut self, _now: Tick, _event: MediaEvent) {}
//!     fn command_refused(&mut self, _now: Tick, refused: CommandRefused) {
//!         self.refused.push(refused);
//!     }
//!     fn tick(&mut self, _now: Tick) {}
//! }
//!
//! // With cards: tipring_driver::open("0000:05:01.0".parse()?, settings)?.card, as many as there are.
//! let (mut commands, commands_out) = queue(64);
//! let (mut engine, _ends) = Engine::new(Vec::new(), Settings::new(&CHINA), commands_out, Events::default());
//! commands.push(Command::Line { channel: ChannelId(0), command: LineCommand::Answer })?;
//! engine.step_once(1); // In production: engine.step_once(pace.wait()).
//! assert_eq!(engine.now(), Tick(1));
//! assert_eq!(engine.sink().refused[0].reason, Refusal::NoChannel); // There is no channel 0.
//! engine.stop();
//! # Ok::<(), tipring_driver::spsc::Full>(())
//! ```
//!
//! Never: waits on the media thread. An [`EventSink`] takes no lock, allocates nothing, and does no I/O.
//!
//! # The map
//!
//! | module | what it holds |
//! |---|---|
//! | [`pci`] | one PCI function, however it is reached: VFIO, vfio-user; DMA memory, transmit watchdog |
//! | [`card`] | one module a card: registers in, frames and port conditions out; [`open()`] |
//! | [`mod@line`] | line signalling: ring detection, answer and disconnect supervision, dialling, caller ID, ringing |
//! | [`signal`] | keys, numbers, caller ID, tones and detections: the types shared by `line`, `dsp` and `media` |
//! | [`dsp`] | codecs, tones, DTMF, FSK caller ID, call progress, echo canceller, level control, noise reduction |
//! | [`media`] | the tick: switch matrix, conferences, players, recorders, WAV files |
//! | [`engine`], [`pace`] | the loop of the media thread; its timing source |
//! | [`country`] | profiles of countries and lines, as data |
//! | [`spsc`], [`sync`] | lock-free queues between threads; atomics |
//! | [`shared`], `place` | memory shared by two processes |
//! | `counters` | sets of counters, made from one list of fields |
//! | [`ids`], [`time`] | identifiers of channels, ports and tasks; ticks |
//! | `limits`, [`refusal`] | bounds; reasons of refused commands |
//!
//! # Glossary
//!
//! Places without a link are private to the crate: their files stand under the same path.
//!
//! | term | here | source |
//! |---|---|---|
//! | answer supervision, disconnect supervision | `line::loop_start::supervision` | GR-506, ES 201 970 |
//! | polarity reversal (answer, disconnect) | `line::loop_start::fxo`, [`line::DisconnectSignal`] | ES 201 970 |
//! | CPC, loop break of a trunk | `line::loop_start::fxo`, [`line::DisconnectSignal::LoopBreak`] | GR-506 |
//! | CPC, loop break towards a station | `line::loop_start::fxs`, [`LineCommand::Disconnect`] | GR-506 |
//! | caller ID (CLIP, CNAM) of a trunk | [`signal::CallerId`], `line::loop_start::cid_rx` | GR-30, EN 300 659 |
//! | caller ID towards a station | [`LineCommand::Ring`], `line::loop_start::cid_tx` | GR-30, EN 300 659 |
//! | caller ID towards a station: FSK sender | `dsp::caller_id::sender` | GR-30, V.23 |
//! | caller ID modem (FSK): octets | `dsp::fsk`; receivers of all lines, `dsp::caller_id::bank` | Bell 202, V.23 |
//! | caller ID message (SDMF, MDMF) | `dsp::caller_id::message` | GR-30, EN 300 659-3 |
//! | caller ID message of Japan | `dsp::caller_id::ntt` | NTT technical reference |
//! | caller ID by DTMF | `line::loop_start::cid_rx`, `dsp::dtmf` | EN 300 659-1 |
//! | DT-AS, RP-AS | `dsp::caller_id::alert`, `line::loop_start::cid_rx` | EN 300 659-1 |
//! | call-waiting caller ID: CAS, acknowledgement (TE-ACK) | none: on hook alone | GR-30, EN 300 659-2 |
//! | called-terminal alert (CAR), primary answer | `line::loop_start::fxs`, `line::loop_start::fxo` | NTT |
//! | tone plan of a country: dial, busy, congestion tone, ringback | [`country`], its table of files | E.180 |
//! | tone generation | `dsp::tone::ToneSpec` | E.180 |
//! | call progress, SIT | `dsp::progress`, `dsp::progress::sit` | E.180, E.182, Q.35 |
//! | DTMF | `dsp::dtmf` | Q.23, Q.24 |
//! | twist, talk-off | `dsp::dtmf::judge`, `dsp::dtmf::low_band` | Q.24 |
//! | line echo canceller, NLP, comfort noise | `dsp::echo` | G.168 |
//! | double talk: step size falls; transfer logic | `dsp::echo::step_size`; `dsp::echo::path_select` | G.168 |
//! | echo path change | `dsp::echo::path_select`; the step afterwards, `dsp::echo::step_size` | G.168 |
//! | proof of an echo before the first transfer of the taps | `dsp::echo::echo_detector` | |
//! | voice activity (VAD), silence | `media::voice_activity` | |
//! | hangover | `dsp::echo::nlp` | G.168 |
//! | tap: a coefficient of the adaptive filter | `dsp::echo` | G.168 |
//! | lane: one line of several in a vector (SIMD) | `dsp::vector`, `dsp::progress::lane` | |
//! | convergence, ERLE | `dsp::echo::convergence` | G.168 |
//! | level control, noise reduction | `dsp::agc`, `dsp::noise_reduction` | G.169, G.160 |
//! | fax and modem tones (CNG, CED, CT) | [`signal::FaxModemTone`] | T.30, V.25, V.8 |
//! | ring trip: answer of a station | `line::loop_start::fxs` | Si3210 data sheet |
//! | ring trip: threshold | `card::tdm400p::line_settings` | Si3210 data sheet |
//! | ring trip: filter, debounce | `card::tdm400p::proslic::registers::ring_trip` | Si3210 data sheet |
//! | DC-DC converter, battery supply, their calibration | `card::tdm400p::proslic::bring_up` | Si3210 data sheet |
//! | on-hook transmission (caller ID, message lamp): linefeed and times | `line::loop_start::cid_tx` | GR-30 |
//! | on-hook transmission: carried out | `line::loop_start::fxs`, [`card::Linefeed`] | GR-30 |
//! | linefeed | [`card::Linefeed`]; its register, `card::tdm400p::proslic::registers` | Si3210 data sheet |
//! | hook flash, off-hook debounce | [`LineEvent::Flash`], `line::loop_start::fxs`, `line::debounce` | |
//! | hook flash sent on a trunk | [`LineCommand::Flash`]; among digits, `line::dial` | |
//! | ringing cadence | `line::cadence::RingCadence`, [`country`] | E.180 |
//! | distinctive ringing | none: one ringing cadence a country | |
//! | pulse dialling, DTMF dialling on a trunk | `line::dial` | |
//! | pulse digits of a station | `line::loop_start::fxs` | |
//! | message waiting lamp (MWI, VMWI) | [`LineCommand::MessageWaiting`], `line::loop_start::fxs` | |
//! | conference mixing | `media::conference`, `media::mix` | |
//! | ring detection, DAA: the register bit | `card::tdm400p::daa` | Si3050 data sheet |
//! | ring validation: its cadence, an incoming call | `line::cadence::RingDetector`, [`LineEvent::Offered`] | E.180 |
//! | line impedance | `card::tdm400p::line_settings` | Si3050, Si3210 data sheets |
//! | hybrid balance (reset value): station | `card::tdm400p::proslic::bits::HYBRID_RESET` | Si3210 data sheet |
//! | hybrid balance (reset value): trunk | `card::tdm400p::daa::registers` | Si3050 data sheet |
//! | echo return loss (ERL): least assumed | `dsp::echo::step_size` | G.168 |
//! | glare | `line::loop_start::fxo`, [`LineFailure::Glare`](line::LineFailure) | GR-506 |
//! | collision of a line event with a command (glare in software) | [`Acceptance::Superseded`] | |
//! | DMA underrun, overrun | `card::tdm400p::dma`; counted in [`card::CardCounters`] | TJ320 data sheet |
//! | registers, direct and indirect | `card::tdm400p::proslic::registers` | Si3210 data sheet |
//! | SPI to the modules, bit-banged | `card::tdm400p::spi` | Si3050, Si3210 data sheets |
//! | self test of a module: registers, codec loopback, battery | `card::module_test` | |
//! | line test (GR-909): foreign voltage, leakage, ringer equivalence (REN) | none | |
//! | IOMMU, DMA mapping | `pci::vfio`; the memory, `pci::dma` | VFIO |
//! | interrupt | `pci::vfio`, [`pace`] | PCI 2.2 |
//! | slip, elastic buffer between two cards' clocks | `engine::elastic` | |
//! | board, card | one thing: a *board* is a card that an engine runs, [`BoardId`] | |
//! | transmit watchdog | [`pci::tx_watchdog`] | |
//! | late tick, scheduling latency, jitter of the media thread | [`engine::Counters`], [`pace`] | |
//! | interrupt coalescing | none: two interrupts for each receive ring, `card::tdm400p::interrupt` | |
//! | tick | [`Tick`] | 1 ms, 8 samples of every channel |
//!
//! # Not here
//!
//! | term | |
//! |---|---|
//! | E1, T1, ISDN: Q.931, Q.921, PRI; causes (Q.850); R2/MFC | no digital lines yet |
//! | answering machine detection | none; call progress ends with the answer |
//! | card firmware | none is loaded: signalling and DSP are in this crate |
//! | SIP, VoIP | no packets; calls are on lines |
//! | licences | none; bounds are in `limits` |

#![warn(unreachable_pub)]
#![warn(clippy::missing_errors_doc, clippy::missing_panics_doc)]

pub mod card;
mod counters;
pub mod country;
pub mod dsp;
pub mod engine;
pub mod ids;
pub(crate) mod limits;
pub mod line;
pub mod media;
pub mod pace;
pub mod pci;
mod place;
pub mod refusal;
pub mod shared;
pub mod signal;
pub mod spsc;
pub mod sync;
pub mod time;

#[cfg(all(feature = "vfio", feature = "vfio-user"))]
pub use self::card::{Address, OpenSettings, Opened, Service, open};
pub use self::country::{CHINA, Country};
pub use self::engine::{Command, CommandRefused, Engine, EventSink, Settings};
pub use self::ids::{BoardId, ChannelId, ConferenceId, PortId, PromptId, RecordingId, TaskId};
pub use self::line::{Acceptance, LineCommand, LineEvent, LineKind};
pub use self::media::{MediaCommand, MediaEvent, Track};
pub use self::pace::Pace;
pub use self::refusal::Refusal;
pub use self::spsc::{Consumer, Producer, queue};
pub use self::time::{Tick, Ticks};
