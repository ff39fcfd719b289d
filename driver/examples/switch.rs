//! The smallest exchange: the first trunk of a card is put through to its first station.
//!
//! ```text
//! cargo run -p tipring-driver --example switch -- /tmp/card.sock 2      # until two calls are over
//! cargo run -p tipring-driver --example switch -- 0000:05:01.0 2 interrupt
//! ```

use tipring_driver::{
    Acceptance, CHINA, ChannelId, Command, CommandRefused, Engine, EventSink, LineCommand, LineEvent, LineKind,
    MediaCommand, MediaEvent, OpenSettings, Producer, Service, Settings, Tick, open, queue,
};

/// Takes events and gives commands. A real core does so in a thread of its own.
struct Switch {
    commands: Producer<Command>,
    trunk: Option<ChannelId>,
    station: Option<ChannelId>,
    finished: usize,
}

impl EventSink for Switch {
    fn line_event(&mut self, now: Tick, channel: ChannelId, event: LineEvent) -> Acceptance {
        println!("{now}  {channel}: {event:?}");
        match event {
            LineEvent::InService(LineKind::Trunk) => self.trunk = self.trunk.or(Some(channel)),
            LineEvent::InService(LineKind::Station) => self.station = self.station.or(Some(channel)),
            _ => {}
        }
        let (Some(trunk), Some(station)) = (self.trunk, self.station) else { return Acceptance::Accepted };
        let line = |channel, command| Command::Line { channel, command };
        let commands = match event {
            LineEvent::Offered => vec![line(station, LineCommand::Ring(None))],
            LineEvent::OffHook => {
                let connect = MediaCommand::Connect { a: trunk, b: station };
                vec![line(trunk, LineCommand::Answer), Command::Media(connect)]
            }
            LineEvent::RingingStopped => vec![line(station, LineCommand::Release)],
            LineEvent::OnHook | LineEvent::Released(_) => {
                self.finished += usize::from(event == LineEvent::OnHook);
                let disconnect = MediaCommand::Disconnect { a: trunk, b: station };
                vec![Command::Media(disconnect), line(trunk, LineCommand::Release)]
            }
            _ => Vec::new(),
        };
        commands.into_iter().for_each(|command| self.commands.push(command).expect("few are under way"));
        Acceptance::Accepted
    }
    fn media_event(&mut self, _now: Tick, _event: MediaEvent) {}
    fn command_refused(&mut self, now: Tick, refused: CommandRefused) {
        println!("{now}  {refused}");
    }
    fn tick(&mut self, _now: Tick) {}
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, address, calls, service @ ..] = &arguments[..] else { return Err("Usage: switch CARD CALLS".into()) };
    let service = if service.is_empty() { Service::Position } else { Service::Interrupt };
    let opened = open(&address.parse()?, OpenSettings { service, ..OpenSettings::default() })?;
    let (mut pace, calls) = (opened.pace()?, calls.parse()?);
    let (commands, commands_out) = queue(64);
    let sink = Switch { commands, trunk: None, station: None, finished: 0 };
    let (mut engine, _ends) = Engine::new(vec![opened.card], Settings::new(&CHINA), commands_out, sink);
    while engine.sink().finished < calls {
        engine.step_once(pace.wait());
    }
    engine.stop();
    Ok(())
}
