//! A card with one ringing line, on a socket: for trying a driver by hand.
//!
//! ```text
//! cargo run -p tipring-hw-sim --example ringing_line -- /tmp/card.sock [wall | driven]
//! ```
//!
//! The line on socket 0 rings, one second in five, until it is answered; then it hums at 400 Hz. The telephone on
//! socket 1 is lifted when it has rung for two seconds, and put down eight seconds later. What happens is printed.
//! `driven` lets the card wait for its driver, as a guest under emulation needs it.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use tipring_hw_sim::card::tdm400p::{Module, Tdm400p};
use tipring_hw_sim::network::{Sound, StationFeed, StationLoad, TrunkFeed, TrunkLoad, WireFeed, WireLoad, World};
use tipring_hw_sim::vfio_user::{Clock, Server};

/// The far ends of both wires.
#[derive(Default)]
struct Bench {
    ms: u32,
    line: Hook,
    telephone: Hook,
    rung_ms: u32,
    samples: u32,
}

/// One end of a wire: off hook or not, and for how long.
#[derive(Default)]
struct Hook {
    off: bool,
    since_ms: u32,
}

impl Hook {
    fn becomes(&mut self, ms: u32, off: bool, words: [&str; 2]) {
        self.since_ms += 1;
        if self.off != off {
            println!("{ms:>7} ms: {}", words[usize::from(off)]);
            *self = Hook { off, since_ms: 0 };
        }
    }
}

impl Bench {
    fn hum(&mut self) -> Sound {
        std::array::from_fn(|_| {
            self.samples = (self.samples + 1) % 20;
            (7219.0 * (std::f32::consts::TAU * self.samples as f32 / 20.0).sin()) as i16
        })
    }

    fn exchange(&mut self, load: &TrunkLoad) -> TrunkFeed {
        self.line.becomes(self.ms, load.off_hook, ["the line is released", "the line is answered"]);
        let rings = !self.line.off && self.line.since_ms > 3_000 && self.line.since_ms % 5_000 < 1_000;
        let sound = if self.line.off { self.hum() } else { [0; 8] };
        TrunkFeed { battery_volts: 48.0, ringing_volts: if rings { 75.0 } else { 0.0 }, sound, ..TrunkFeed::default() }
    }

    fn telephone(&mut self, feed: &StationFeed) -> StationLoad {
        self.rung_ms += u32::from(feed.ringing_volts > 30.0);
        let off_hook = if self.telephone.off { self.telephone.since_ms < 8_000 } else { self.rung_ms >= 2_000 };
        self.rung_ms = if off_hook { 0 } else { self.rung_ms };
        self.telephone.becomes(self.ms, off_hook, ["the telephone is put down", "the telephone is lifted"]);
        StationLoad { off_hook, ..StationLoad::default() }
    }
}

impl World for Bench {
    fn step(&mut self, loads: &[WireLoad], feeds: &mut [WireFeed]) {
        self.ms += 1;
        for (load, feed) in loads.iter().zip(feeds) {
            *feed = match load {
                WireLoad::Nothing => WireFeed::Nothing,
                WireLoad::Trunk(load) => WireFeed::Trunk(self.exchange(load)),
                WireLoad::Station(feed) => WireFeed::Station(self.telephone(feed)),
            };
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("the path of the socket is missing")?;
    let clock = match arguments.next().as_deref() {
        None | Some("wall") => Clock::Wall,
        Some("driven") => Clock::Driven,
        Some(other) => return Err(format!("there is no clock called {other}: it is wall or driven").into()),
    };
    let modules = [Module::Fxo, Module::Fxs, Module::Absent, Module::Absent];
    let mut server = Server::bind(Path::new(&path), Box::new(Tdm400p::new(modules, Box::new(Bench::default()))))?;
    println!("a card with a trunk and a station is on {path}");
    Ok(server.run(clock, &AtomicBool::new(false))?)
}
