//! The smallest exchange: what rings on a trunk is put through to a telephone.
//!
//! ```text
//! cargo run -p tipring-driver --example switch -- /tmp/card.sock 2      # until two calls are over
//! cargo run -p tipring-driver --example switch -- 0000:05:01.0 2        # on a real card, bound to vfio-pci
//! cargo run -p tipring-driver --example switch -- 0000:05:01.0 2 interrupt    # by interrupt, not position
//! ```
//!
//! The first trunk belongs to the first station, the second to the second, and so on. A ringing trunk is answered and
//! its station rung; when that is lifted, both hear each other, until one of them goes.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use tipring_driver::card::tdm400p::{Settings as CardSettings, Tdm400p};
use tipring_driver::country::CHINA;
use tipring_driver::engine::{Acceptance, Command, Engine, EventSink, Settings};
use tipring_driver::ids::ChannelId;
use tipring_driver::line::{LineCommand, LineEvent, LineKind};
use tipring_driver::media::{MediaCommand, MediaEvent, ToneKind};
use tipring_driver::pace::{InterruptPace, Pace, TimerPace};
use tipring_driver::pci::PciFunction;
use tipring_driver::pci::attach::Interrupt;
use tipring_driver::pci::reopen::Never;
use tipring_driver::pci::vfio::Vfio;
use tipring_driver::pci::vfio_user::{DEADLINE, VfioUser};
use tipring_driver::ring::{Producer, ring};
use tipring_driver::time::Tick;

/// Hears of events and gives commands. A real core would do so in a thread of its own.
struct Switch {
    commands: Producer<Command>,
    trunks: Vec<ChannelId>,
    stations: Vec<ChannelId>,
    finished: usize,
}

impl Switch {
    fn line(&mut self, channel: ChannelId, command: LineCommand) {
        self.commands.push(Command::Line { channel, command }).expect("few commands are under way");
    }

    fn media(&mut self, command: MediaCommand) {
        self.commands.push(Command::Media(command)).expect("few commands are under way");
    }

    /// The other party of a channel.
    fn partner(&self, channel: ChannelId) -> Option<ChannelId> {
        let beside = |these: &[ChannelId], others: &[ChannelId]| {
            these.iter().position(|&one| one == channel).and_then(|at| others.get(at).copied())
        };
        beside(&self.trunks, &self.stations).or_else(|| beside(&self.stations, &self.trunks))
    }
}

impl EventSink for Switch {
    fn line_event(&mut self, now: Tick, channel: ChannelId, event: LineEvent) -> Acceptance {
        println!("{now}  {channel}: {event:?}");
        match event {
            LineEvent::InService(LineKind::Trunk) => self.trunks.push(channel),
            LineEvent::InService(LineKind::Station) => self.stations.push(channel),
            _ => {}
        }
        let Some(partner) = self.partner(channel) else { return Acceptance::Accepted };
        match event {
            LineEvent::Offered => {
                self.line(channel, LineCommand::Answer);
                self.line(partner, LineCommand::Ring(None));
            }
            LineEvent::OffHook => self.media(MediaCommand::Connect { a: channel, b: partner }),
            LineEvent::Released(_) => {
                self.media(MediaCommand::Disconnect { a: channel, b: partner });
                self.media(MediaCommand::Tone { channel: partner, tone: Some(ToneKind::Busy) });
                self.line(channel, LineCommand::Release);
            }
            LineEvent::OnHook => {
                self.media(MediaCommand::Disconnect { a: channel, b: partner });
                self.media(MediaCommand::Tone { channel, tone: None });
                self.line(partner, LineCommand::Release);
                self.finished += 1;
            }
            _ => {}
        }
        Acceptance::Accepted
    }

    fn media_event(&mut self, _now: Tick, _event: MediaEvent) {}

    fn tick(&mut self, _now: Tick) {}
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (target, calls, by_interrupt) = match &arguments[..] {
        [target, calls] => (target, calls, false),
        [target, calls, service] if service == "position" => (target, calls, false),
        [target, calls, service] if service == "interrupt" => (target, calls, true),
        _ => {
            eprintln!("Usage: switch CARD CALLS [position | interrupt], for example: switch /tmp/card.sock 2");
            return ExitCode::from(2);
        }
    };
    let Ok(calls) = calls.parse() else {
        eprintln!("{calls} is not a number of calls");
        return ExitCode::from(2);
    };
    match run(target, calls, by_interrupt) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(target: &str, calls: usize, by_interrupt: bool) -> Result<(), Box<dyn Error>> {
    let function: Box<dyn PciFunction> = if target.contains('/') {
        Box::new(VfioUser::connect(Path::new(target), DEADLINE)?)
    } else {
        Box::new(Vfio::open(target)?)
    };
    // By position a timer says when to look at the card; by interrupt the card has its say in it.
    let card_settings = CardSettings::default();
    let (needs, mut pace): (_, Box<dyn Pace>) = if by_interrupt {
        let line = Interrupt::new()?;
        (card_settings.needs().with_interrupt(line.clone()), Box::new(InterruptPace::new(vec![line])?))
    } else {
        (card_settings.needs(), Box::new(TimerPace::new()?))
    };
    let card = Tdm400p::new(needs.attach(function)?, Box::new(Never), card_settings);
    let (commands, commands_end) = ring(64);
    let settings = Settings::new(&CHINA);
    let sink = Switch { commands, trunks: Vec::new(), stations: Vec::new(), finished: 0 };
    let (mut engine, mut ends) = Engine::new(vec![Box::new(card)], settings, commands_end, sink);
    let mut last = None;
    // Three more seconds, so that the far ends see everything on hook.
    while last.is_none_or(|last: Tick| engine.now().0 < last.0 + 3_000) {
        engine.step_once(pace.wait());
        while let Some(trouble) = ends.troubles.pop() {
            println!("{trouble}");
        }
        if engine.sink().finished >= calls && last.is_none() {
            last = Some(engine.now());
        }
    }
    println!("{:?}\n{:?}", engine.counters(), ends.counters.card(0));
    engine.stop();
    Ok(())
}
