//! An exchange of pairs: a call on a trunk is put through to the station of the same place.
//!
//! ```text
//! cargo run -p tipring-driver --example exchange -- /tmp/card.sock 2      # until two calls are over
//! cargo run -p tipring-driver --example exchange -- 0000:05:01.0 2        # on a real card, bound to vfio-pci
//! cargo run -p tipring-driver --example exchange -- 0000:05:01.0 2 interrupt    # by interrupt, not position
//! ```
//!
//! The first trunk belongs to the first station, the second to the second, and so on. A ringing trunk is answered and
//! its station rung; when that is lifted, both hear each other, until one of them goes.

use std::error::Error;
use std::process::ExitCode;

use tipring_driver::media::ToneKind;
use tipring_driver::{
    Acceptance, CHINA, ChannelId, Command, CommandRefused, Engine, EventSink, LineCommand, LineEvent, LineKind,
    MediaCommand, MediaEvent, OpenSettings, Producer, Service, Settings, Tick, open, queue,
};

/// Takes events and gives commands. A real core does so in a thread of its own.
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

    fn command_refused(&mut self, now: Tick, refused: CommandRefused) {
        println!("{now}  {refused}");
    }

    fn tick(&mut self, _now: Tick) {}
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (target, calls, by_interrupt) = match &arguments[..] {
        [target, calls] => (target, calls, false),
        [target, calls, service] if service == "position" => (target, calls, false),
        [target, calls, service] if service == "interrupt" => (target, calls, true),
        _ => {
            eprintln!("Usage: exchange CARD CALLS [position | interrupt], for example: exchange /tmp/card.sock 2");
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
    let service = if by_interrupt { Service::Interrupt } else { Service::Position };
    let opened = open(&target.parse()?, OpenSettings { service, ..OpenSettings::default() })?;
    let mut pace = opened.pace()?;
    opened.reached?;
    let (commands, commands_end) = queue(64);
    let settings = Settings::new(&CHINA);
    let sink = Switch { commands, trunks: Vec::new(), stations: Vec::new(), finished: 0 };
    let (mut engine, mut ends) = Engine::new(vec![opened.card], settings, commands_end, sink);
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
