//! What hangs on the wires in these tests: telephones and exchanges worked by hand, which send back what they hear.

use std::sync::{Arc, Mutex, MutexGuard};

use tipring_hw_sim::network::{StationLoad, TrunkFeed, WireFeed, WireLoad, World};

/// The four wires.
#[derive(Debug, Default)]
pub struct Wires {
    /// The telephones: off hook or not.
    pub lifted: [bool; 4],
    /// The exchanges: battery in volts, signed by its polarity.
    pub battery: [f32; 4],
    /// The exchanges: ringing voltage.
    pub ringing: [f32; 4],
    /// What the modules did in the last millisecond.
    pub loads: Vec<WireLoad>,
}

/// The wires, shared by the card and the test.
#[derive(Debug, Clone)]
pub struct WiresHandle(Arc<Mutex<Wires>>);

impl Wires {
    /// Telephones on hook, exchanges with battery.
    pub fn handle() -> WiresHandle {
        WiresHandle(Arc::new(Mutex::new(Wires { battery: [-48.0; 4], ..Wires::default() })))
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
        for (port, (load, feed)) in loads.iter().zip(feeds).enumerate() {
            *feed = match load {
                WireLoad::Nothing => WireFeed::Nothing,
                WireLoad::Trunk(load) => WireFeed::Trunk(TrunkFeed {
                    battery_volts: wires.battery[port],
                    ringing_volts: wires.ringing[port],
                    sound: load.sound,
                }),
                WireLoad::Station(load) => {
                    WireFeed::Station(StationLoad { off_hook: wires.lifted[port], sound: load.sound })
                }
            };
        }
    }
}
