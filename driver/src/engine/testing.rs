//! A card in memory, for the tests of the engine: ports that sound and show what a test wants, and remember what they
//! got.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use super::{Acceptance, Command, CommandRefused, Ends, Engine, EventSink, Settings};
use crate::card::{
    Card, CardCounters, CardError, CardState, Frame, Law, Linefeed, PortCommand, PortCondition, PortKind,
};
use crate::country::CHINA;
use crate::dsp::{SILENCE, Samples, g711};
use crate::ids::{ChannelId, PortId, PromptId, RecordingId};
use crate::line::LineEvent;
use crate::media::file_io::{FileService, Library, PromptSource, RecordingTarget};
use crate::media::{MediaCommand, MediaEvent};
use crate::refusal::Refusal;
use crate::spsc::{Producer, queue};
use crate::time::Tick;

/// Signal at the far end of a port: a tick at a time, none for silence.
pub(crate) type Voice = Box<dyn FnMut() -> Option<Samples> + Send>;

/// The far end of a port.
pub(crate) struct FakePort {
    pub kind: PortKind,
    pub ringing: bool,
    pub battery: bool,
    /// A station's loop.
    pub loop_closed: bool,
    /// A trunk's hook switch.
    pub off_hook: bool,
    pub linefeed: Linefeed,
    pub voice: Option<Voice>,
    /// Every sample this port was given.
    pub heard: Vec<i16>,
    pub commands: Vec<PortCommand>,
}

/// A card in memory.
pub(crate) struct Fake {
    pub ports: Vec<FakePort>,
    pub state: CardState,
    /// Ticks of sound that wait in the card.
    pub waiting: usize,
    /// Failure of the next poll.
    pub failure: Option<CardError>,
    /// Ticks that come with each poll.
    pub per_poll: usize,
    pub counters: CardCounters,
    conditions: VecDeque<(PortId, PortCondition)>,
    scan: usize,
}

/// A handle on a card in memory: one end for the engine, others for the test.
#[derive(Clone)]
pub(crate) struct FakeCard(Arc<Mutex<Fake>>);

impl FakeCard {
    pub(crate) fn new(kinds: &[PortKind]) -> FakeCard {
        let port = |kind: &PortKind| FakePort {
            kind: *kind,
            ringing: false,
            battery: true,
            loop_closed: false,
            off_hook: false,
            linefeed: Linefeed::Open,
            voice: None,
            heard: Vec::new(),
            commands: Vec::new(),
        };
        let conditions =
            kinds.iter().enumerate().map(|(port, kind)| (PortId(port as u8), PortCondition::Service(*kind)));
        FakeCard(Arc::new(Mutex::new(Fake {
            ports: kinds.iter().map(port).collect(),
            state: CardState::Running,
            waiting: 0,
            failure: None,
            per_poll: 1,
            counters: CardCounters::default(),
            conditions: conditions.collect(),
            scan: 0,
        })))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Fake> {
        self.0.lock().unwrap()
    }

    /// The card comes back with all its modules.
    pub(crate) fn revive(&self) {
        let mut fake = self.lock();
        fake.state = CardState::Running;
        for port in 0..fake.ports.len() {
            let condition = PortCondition::Service(fake.ports[port].kind);
            fake.conditions.push_back((PortId(port as u8), condition));
        }
    }
}

impl Card for FakeCard {
    fn ports(&self) -> usize {
        self.lock().ports.len()
    }

    fn law(&self) -> Law {
        Law::A
    }

    fn state(&self) -> CardState {
        self.lock().state
    }

    fn kind(&self, port: PortId) -> PortKind {
        self.lock().ports[usize::from(port.0)].kind
    }

    fn poll(&mut self) -> Result<usize, CardError> {
        let mut fake = self.lock();
        if let Some(failure) = fake.failure.take() {
            fake.state = CardState::Failed;
            fake.waiting = 0;
            return Err(failure);
        }
        if fake.state != CardState::Running {
            return Ok(0);
        }
        fake.waiting += fake.per_poll;
        // One module a service, as the real card does.
        let scan = fake.scan % fake.ports.len();
        fake.scan += 1;
        if let Some(condition) = fake.ports[scan].shown() {
            fake.conditions.push_back((PortId(scan as u8), condition));
        }
        Ok(fake.waiting)
    }

    fn exchange(&mut self, received: &mut [Frame], played: &mut [Frame], transmit: &[Frame]) {
        // Nothing waits in this card: what it is given is played at once.
        played.copy_from_slice(transmit);
        let mut fake = self.lock();
        fake.waiting -= 1;
        fake.counters.ticks += 1;
        for ((port, received), transmit) in fake.ports.iter_mut().zip(received).zip(transmit) {
            let samples = port.voice.as_mut().and_then(|voice| voice()).unwrap_or(SILENCE);
            *received = g711::encode_frame(Law::A, &samples);
            port.heard.extend(g711::decode_frame(Law::A, transmit));
        }
    }

    fn poll_condition(&mut self) -> Option<(PortId, PortCondition)> {
        self.lock().conditions.pop_front()
    }

    fn command(&mut self, port: PortId, command: PortCommand) {
        let port = &mut self.lock().ports[usize::from(port.0)];
        port.commands.push(command);
        match command {
            PortCommand::Linefeed(linefeed) => port.linefeed = linefeed,
            PortCommand::Hook(off_hook) => port.off_hook = off_hook,
        }
    }

    fn counters(&self) -> CardCounters {
        self.lock().counters
    }

    fn stop(&mut self) {
        self.lock().state = CardState::Failed;
    }
}

impl FakePort {
    fn shown(&self) -> Option<PortCondition> {
        match self.kind {
            PortKind::Fxs => {
                Some(PortCondition::Fxs { loop_closed: self.loop_closed, linefeed: self.linefeed, power_alarm: false })
            }
            PortKind::Fxo => Some(PortCondition::Fxo {
                ringing: self.ringing && !self.off_hook,
                volts: if !self.battery {
                    0
                } else if self.off_hook {
                    7
                } else {
                    48
                },
                milliamps: if self.battery && self.off_hook { 22 } else { 0 },
                off_hook: self.off_hook,
            }),
            PortKind::Absent | PortKind::Broken => None,
        }
    }
}

/// Events that a sink was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    Line(u16, LineEvent),
    Media(MediaEvent),
    Refused(Option<ChannelId>, Refusal),
}

/// A sink that remembers.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub given: Vec<(Tick, Given)>,
    pub ticks: u64,
}

impl EventSink for Memory {
    fn line_event(&mut self, now: Tick, channel: ChannelId, event: LineEvent) -> Acceptance {
        self.given.push((now, Given::Line(channel.0, event)));
        Acceptance::Accepted
    }

    fn media_event(&mut self, now: Tick, event: MediaEvent) {
        self.given.push((now, Given::Media(event)));
    }

    fn command_refused(&mut self, now: Tick, refused: CommandRefused) {
        self.given.push((now, Given::Refused(refused.command.channel(), refused.reason)));
    }

    fn tick(&mut self, now: Tick) {
        assert_eq!(now.0, self.ticks + 1, "every tick is posted once, in order");
        self.ticks = now.0;
    }
}

/// Prompts from memory, recordings into a folder.
pub(crate) struct Shelf {
    pub folder: std::path::PathBuf,
    pub prompts: Vec<PromptSource>,
}

impl Library for Shelf {
    fn prompt(&mut self, prompt: PromptId) -> Result<PromptSource, String> {
        match self.prompts.get(prompt.0 as usize) {
            Some(PromptSource::File(path)) => Ok(PromptSource::File(path.clone())),
            Some(PromptSource::Samples(samples)) => Ok(PromptSource::Samples(samples.clone())),
            Some(PromptSource::Source(_)) | None => Err("there is no such prompt".to_string()),
        }
    }

    fn recording(&mut self, recording: RecordingId) -> Result<RecordingTarget, String> {
        Ok(RecordingTarget::File(self.folder.join(format!("{}.wav", recording.0))))
    }
}

/// An engine with cards in memory, its file service, and a hand on both.
pub(crate) struct Rig {
    pub engine: Engine<Memory>,
    pub files: FileService,
    pub commands: Producer<Command>,
    pub ends: Option<(crate::spsc::Consumer<super::Trouble>, super::SharedCounters)>,
    pub folder: std::path::PathBuf,
}

impl Rig {
    /// An engine of these cards. `name` names its folder.
    pub(crate) fn new(name: &str, cards: &[FakeCard], prompts: Vec<PromptSource>) -> Rig {
        let folder = std::env::temp_dir().join(format!("tipring-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (commands, commands_end) = queue(256);
        let cards = cards.iter().map(|card| Box::new(card.clone()) as Box<dyn Card>).collect();
        let (engine, ends) = Engine::new(cards, Settings::new(&CHINA), commands_end, Memory::default());
        let Ends { files, troubles, counters } = ends;
        let files = FileService::new(files, Box::new(Shelf { folder: folder.clone(), prompts }));
        Rig { engine, files, commands, ends: Some((troubles, counters)), folder }
    }

    /// Runs for this many milliseconds. Returns what the sink was given.
    pub(crate) fn run(&mut self, ms: u64) -> Vec<Given> {
        for _ in 0..ms {
            self.engine.step_once(1);
            self.files.step();
        }
        self.given()
    }

    pub(crate) fn given(&mut self) -> Vec<Given> {
        self.engine.sink().given.drain(..).map(|(_, given)| given).collect()
    }

    pub(crate) fn media(&mut self, command: MediaCommand) {
        self.commands.push(Command::Media(command)).unwrap();
    }

    pub(crate) fn line(&mut self, channel: u16, command: crate::line::LineCommand) {
        self.commands.push(Command::Line { channel: ChannelId(channel), command }).unwrap();
    }

    /// The sentences reported so far.
    pub(crate) fn troubles(&mut self) -> Vec<String> {
        let (troubles, _) = self.ends.as_mut().unwrap();
        std::iter::from_fn(|| troubles.pop()).map(|trouble| trouble.to_string()).collect()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        // A folder left behind in the temporary directory does no harm.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A voice of one sine, for this many ticks of silence before it.
pub(crate) fn sine(hz: f64, amplitude: f64) -> Voice {
    let mut at = 0u64;
    Box::new(move || {
        let mut samples = SILENCE;
        for sample in &mut samples {
            *sample = (amplitude * (core::f64::consts::TAU * hz * at as f64 / 8000.0).sin()) as i16;
            at += 1;
        }
        Some(samples)
    })
}
