//! Equipment on the wires in these tests: telephones and exchanges worked by hand, which send back what they hear.

use std::sync::{Arc, Mutex, MutexGuard};

use tipring_hw_sim::network::{Sound, StationLoad, TrunkFeed, WireFeed, WireLoad, World};

/// The four wires.
#[derive(Debug, Default)]
pub struct Wires {
    /// The telephones: off hook or not.
    pub lifted: [bool; 4],
    /// The exchanges: battery in volts, signed by its polarity.
    pub battery: [f32; 4],
    /// The exchanges: ringing voltage.
    pub ringing: [f32; 4],
    /// The frequency with which they ring.
    pub ringing_hertz: f32,
    /// Sound of the far ends; without one they send back what they hear.
    pub voice: Option<Voice>,
    /// State of the modules in the last millisecond.
    pub loads: Vec<WireLoad>,
}

/// A sine at the far ends.
#[derive(Debug, Clone, Copy, Default)]
pub struct Voice {
    /// Its peak, 0 for silence.
    pub peak: f32,
    /// Its frequency in hertz.
    pub hertz: f32,
    sample: u64,
}

impl Voice {
    /// A sine that begins at 0.
    pub fn new(peak: f32, hertz: f32) -> Voice {
        Voice { peak, hertz, sample: 0 }
    }

    /// Its next millisecond.
    pub fn next(&mut self) -> Sound {
        std::array::from_fn(|_| {
            self.sample += 1;
            let turns = f64::from(self.hertz) * self.sample as f64 / 8000.0;
            (f64::from(self.peak) * (std::f64::consts::TAU * turns).sin()).round() as i16
        })
    }
}

/// The wires, shared by the card and the test.
#[derive(Debug, Clone)]
pub struct WiresHandle(Arc<Mutex<Wires>>);

impl Wires {
    /// Telephones on hook, exchanges with battery.
    pub fn handle() -> WiresHandle {
        WiresHandle(Arc::new(Mutex::new(Wires { battery: [-48.0; 4], ringing_hertz: 25.0, ..Wires::default() })))
    }
}

impl WiresHandle {
    /// The wires, for looking at them or working them.
    pub fn hold(&self) -> MutexGuard<'_, Wires> {
        self.0.lock().unwrap()
    }
}

impl World for WiresHandle {
    fn step(&mut self, loads: &[WireLoad], feeds: &mut [WireFeed]) {
        let mut wires = self.hold();
        wires.loads = loads.to_vec();
        let voice = wires.voice.as_mut().map(Voice::next);
        for (port, (load, feed)) in loads.iter().zip(feeds).enumerate() {
            *feed = match load {
                WireLoad::Nothing => WireFeed::Nothing,
                WireLoad::Trunk(load) => WireFeed::Trunk(TrunkFeed {
                    battery_volts: wires.battery[port],
                    ringing_volts: wires.ringing[port],
                    ringing_hertz: wires.ringing_hertz,
                    sound: voice.unwrap_or(load.sound),
                }),
                WireLoad::Station(load) => WireFeed::Station(StationLoad {
                    off_hook: wires.lifted[port],
                    sound: voice.unwrap_or(load.sound),
                    ..StationLoad::default()
                }),
            };
        }
    }
}
