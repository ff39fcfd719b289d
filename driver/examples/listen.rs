//! Records one port of a card to a file, and prints what its lines say meanwhile.
//!
//! ```text
//! cargo run -p tipring-driver --example listen -- /tmp/card.sock 0 10 heard.wav     # port 0 for 10 seconds
//! ```
//!
//! A whole engine in small: a card, a pace, the file thread, commands in, events out. `/tmp/card.sock` is a simulated
//! card; a real one is given by its bus address, as 0000:05:01.0.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::{sleep, spawn};
use std::time::Duration;

use tipring_driver::card::{OpenSettings, open};
use tipring_driver::country::CHINA;
use tipring_driver::engine::{Acceptance, Command, CommandRefused, Engine, EventSink, Settings};
use tipring_driver::ids::{ChannelId, PromptId, RecordingId, TaskId};
use tipring_driver::line::LineEvent;
use tipring_driver::media::file_io::{FileService, Library, PromptSource, RecordingTarget};
use tipring_driver::media::{MediaCommand, MediaEvent, RecordingKind, Track};
use tipring_driver::spsc::queue;
use tipring_driver::time::Tick;

/// Prints each event. A real sink would hand it on: printing is slow, and the media thread must not wait.
struct Printer {
    finished: bool,
}

impl EventSink for Printer {
    fn line_event(&mut self, now: Tick, channel: ChannelId, event: LineEvent) -> Acceptance {
        println!("{now}  {channel}: {event:?}");
        Acceptance::Accepted
    }

    fn media_event(&mut self, now: Tick, event: MediaEvent) {
        println!("{now}  {event:?}");
        self.finished = true;
    }

    fn command_refused(&mut self, now: Tick, refused: CommandRefused) {
        println!("{now}  {refused}");
    }

    fn tick(&mut self, _now: Tick) {}
}

/// There is one recording, and no prompt.
struct OneFile(PathBuf);

impl Library for OneFile {
    fn prompt(&mut self, _prompt: PromptId) -> Result<PromptSource, String> {
        Err("there are no prompts here".to_string())
    }

    fn recording(&mut self, _recording: RecordingId) -> Result<RecordingTarget, String> {
        Ok(RecordingTarget::File(self.0.clone()))
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [target, port, seconds, file] = &arguments[..] else {
        eprintln!("Usage: listen CARD PORT SECONDS FILE, for example: listen /tmp/card.sock 0 10 heard.wav");
        return ExitCode::from(2);
    };
    match (port.parse(), seconds.parse()) {
        (Ok(port), Ok(seconds)) => match listen(target, ChannelId(port), seconds, file.into()) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(error) => eprintln!("{error}"),
        },
        (Err(_), _) => eprintln!("{port} is not a port: ports are counted from 0"),
        (_, Err(_)) => eprintln!("{seconds} is not a number of seconds"),
    }
    ExitCode::FAILURE
}

fn listen(target: &str, channel: ChannelId, seconds: u64, file: PathBuf) -> Result<(), Box<dyn Error>> {
    let opened = open(&target.parse()?, OpenSettings::default())?;
    let mut pace = opened.pace()?;
    opened.reached?;
    let (mut commands, commands_end) = queue(16);
    let sink = Printer { finished: false };
    let (mut engine, mut ends) = Engine::new(vec![opened.card], Settings::new(&CHINA), commands_end, sink);

    let mut files = FileService::new(ends.files, Box::new(OneFile(file)));
    spawn(move || {
        loop {
            files.step();
            while let Some(trouble) = files.poll_trouble() {
                eprintln!("{trouble}");
            }
            sleep(Duration::from_millis(10));
        }
    });

    let (task, recording) = (TaskId(1), RecordingId(1));
    let (left, right) = (Track::Received(channel), Track::Sent(channel));
    let record = MediaCommand::Record { task, left, right, recording, kind: RecordingKind::Evidence, silence: None };
    commands.push(Command::Media(record))?;
    while !engine.sink().finished {
        if engine.now() >= Tick(seconds * 1000) {
            // Stopping twice does no harm.
            let _ = commands.push(Command::Media(MediaCommand::Stop { task }));
        }
        let elapsed = pace.wait();
        engine.step_once(elapsed);
        while let Some(trouble) = ends.troubles.pop() {
            eprintln!("{trouble}");
        }
    }
    engine.stop();
    println!("{:?}", engine.counters());
    Ok(())
}
