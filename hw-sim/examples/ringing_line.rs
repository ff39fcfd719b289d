//! A card with two ringing lines and two telephones, on a socket: for trying a driver by hand.
//!
//! ```text
//! cargo run -p tipring-hw-sim --example ringing_line -- /tmp/card.sock [wall | driven]
//! ```
//!
//! Each line rings until it is answered and then hums a tone of its own; each telephone is lifted after two seconds of
//! ringing, or by itself now and then, and hums, too. What happens, and what each end hears, is printed. `driven` lets
//! the card wait for its driver, as a guest under emulation needs it.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use tipring_hw_sim::card::tdm400p::{Module, Tdm400p};
use tipring_hw_sim::network::{Sound, TrunkFeed, WireFeed, WireLoad, World};
use tipring_hw_sim::vfio_user::{Clock, Server};

/// Both ends of all wires, and the time.
#[derive(Default)]
struct Bench {
    ms: u32,
    wires: [Wire; 4],
}

#[derive(Default)]
struct Wire {
    off_hook: bool,
    rung_ms: u32,
    since_ms: u32,
    phase: f32,
    heard: Vec<i16>,
}

impl Wire {
    /// A second of tone, a little at a time: 0 dBm0 less 10 dB.
    fn hum(&mut self, hertz: f32) -> Sound {
        std::array::from_fn(|_| {
            self.phase = (self.phase + hertz / 8000.0).fract();
            (7219.0 * (std::f32::consts::TAU * self.phase).sin()) as i16
        })
    }

    /// Says once a second what was heard: level in dBm0, and pitch by counting zero crossings.
    fn hear(&mut self, ms: u32, who: &str, sound: &Sound) {
        self.heard.extend(sound);
        if self.heard.len() >= 8000 {
            let power = self.heard.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>() / self.heard.len() as f64;
            let pitch = self.heard.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
            let level = 20.0 * (power.sqrt().max(1.0) / 16141.0).log10();
            println!("{ms} {who} hears {pitch} Hz at {level:.1} dBm0");
            self.heard.clear();
        }
    }

    fn hook(&mut self, ms: u32, who: &str, off_hook: bool, words: [&str; 2]) {
        if self.off_hook != off_hook {
            println!("{ms} {who} {}", words[usize::from(off_hook)]);
            *self = Wire { off_hook, ..Wire::default() };
        }
        self.since_ms += 1;
    }
}

impl World for Bench {
    fn step(&mut self, loads: &[WireLoad], feeds: &mut [WireFeed]) {
        self.ms += 1;
        let ms = self.ms;
        for (number, ((load, feed), wire)) in loads.iter().zip(feeds).zip(&mut self.wires).enumerate() {
            let tone = 400.0 + 100.0 * number as f32;
            match load {
                WireLoad::Nothing => {}
                WireLoad::Trunk(load) => {
                    let who = format!("line {}", number + 1);
                    wire.hook(ms, &who, load.off_hook, ["is released", "is answered"]);
                    // Three seconds of rest, then ringing: one second in five.
                    let rings = !wire.off_hook && wire.since_ms > 3_000 && wire.since_ms % 5_000 < 1_000;
                    if rings && wire.since_ms % 5_000 == 0 {
                        println!("{ms} {who} rings");
                    }
                    let mut found = TrunkFeed { battery_volts: 48.0, ..TrunkFeed::default() };
                    found.ringing_volts = if rings { 75.0 } else { 0.0 };
                    if wire.off_hook {
                        found.sound = wire.hum(tone);
                        wire.hear(ms, &who, &load.sound);
                    }
                    *feed = WireFeed::Trunk(found);
                }
                WireLoad::Station(found) => {
                    let who = format!("telephone {}", number + 1);
                    wire.rung_ms += u32::from(found.ringing_volts > 30.0);
                    if wire.rung_ms == 1 {
                        println!("{ms} {who} rings");
                        wire.rung_ms = 2;
                    }
                    let lifted = match wire.off_hook {
                        false => wire.rung_ms >= 2_000 || wire.since_ms > 20_000,
                        true => wire.since_ms < 8_000,
                    };
                    wire.hook(ms, &who, lifted, ["is put down", "is lifted"]);
                    let mut load = tipring_hw_sim::network::StationLoad { off_hook: wire.off_hook, sound: [0; 8] };
                    if wire.off_hook {
                        load.sound = wire.hum(tone);
                        wire.hear(ms, &who, &found.sound);
                    }
                    *feed = WireFeed::Station(load);
                }
            }
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
    let modules = [Module::Fxo, Module::Fxo, Module::Fxs, Module::Fxs];
    let card = Tdm400p::new(modules, Box::new(Bench::default()));
    let mut server = Server::bind(Path::new(&path), Box::new(card))?;
    println!("a card with two trunks and two stations is on {path}");
    server.run(clock, &AtomicBool::new(false))?;
    Ok(())
}
