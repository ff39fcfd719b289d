//! The limits of Q.24 and CM7291, ours beside spandsp's receiver: how many presses each gets wrong, of all sixteen
//! keys.
//!
//! Every press stands alone, at changing places in the blocks of either, and comes through A-law. To accept is to hear
//! it once, to reject is to hear nothing. Which limits ours must keep is said by tests/standards/q24_dtmf.rs, and
//! tested there.

use tipring_driver::dsp::dtmf::{Bank, Event};
use tipring_driver::dsp::{Lanes, SILENCE};

#[cfg(feature = "peers")]
use crate::peers::Keys;
use crate::press::{KEYS, Press, all};
use crate::signal::{MS, Random, Signal};

/// Places in the blocks that each press is tried at.
const PLACES: usize = 16;

/// A limit: what is sent, and whether it is to be heard.
struct Limit {
    name: &'static str,
    accept: bool,
    presses: Vec<Vec<Press>>,
    noise_dbm0: Option<f64>,
}

impl Limit {
    /// Presses made from each of the keys.
    fn of(name: &'static str, accept: bool, make: impl Fn(Press) -> Vec<Press>) -> Limit {
        Limit { name, accept, presses: all().flat_map(make).map(|press| vec![press]).collect(), noise_dbm0: None }
    }

    /// Counts the presses that a receiver gets wrong, and all presses.
    fn failures(&self, mut heard: impl FnMut(&[i16]) -> String) -> (usize, usize) {
        let mut random = Random::new(1);
        let mut wrong = 0;
        for presses in &self.presses {
            for place in 0..PLACES {
                let mut signal = Signal::default();
                // 102 samples are spandsp's block; ours are shorter.
                signal.silence(100 * MS + place * 102 / PLACES);
                presses.iter().for_each(|press| press.put(&mut signal));
                signal.silence(60 * MS);
                if let Some(dbm0) = self.noise_dbm0 {
                    signal.add_noise(dbm0, &mut random);
                }
                let wanted = if self.accept { (KEYS[presses[0].key] as char).to_string() } else { String::new() };
                wrong += usize::from(heard(&signal.through_a_law()) != wanted);
            }
        }
        (wrong, self.presses.len() * PLACES)
    }
}

fn limits() -> Vec<Limit> {
    let twist = |twist_db| move |press| vec![Press { twist_db, on_ms: 50.0, ..press }];
    let off = |part: f64| {
        move |press| {
            let presses = [(part, part), (-part, -part), (part, -part), (-part, part)];
            presses.map(|(low_off, high_off)| Press { low_off, high_off, ..press }).to_vec()
        }
    };
    let long = |on_ms| move |press| vec![Press { on_ms, ..press }];
    let level = |dbm0| move |press| vec![Press { dbm0, ..press }];
    let broken = |name, off_ms| {
        let presses = all().map(|press| vec![Press { on_ms: 33.0, off_ms, ..press }, Press { on_ms: 45.0, ..press }]);
        Limit { name, accept: true, presses: presses.collect(), noise_dbm0: None }
    };
    vec![
        Limit::of("accept: high group 8 dB down", true, twist(8.0)),
        Limit::of("accept: high group 7 dB down", true, twist(7.0)),
        Limit::of("accept: low group 4 dB down", true, twist(-4.0)),
        Limit::of("accept: frequencies 1.5 % off", true, off(0.015)),
        Limit::of("accept: frequencies 1.8 % off", true, off(0.018)),
        Limit::of("reject: frequencies 3.0 % off", false, off(0.03)),
        Limit::of("reject: frequencies 3.5 % off", false, off(0.035)),
        Limit::of("accept: 40 ms", true, long(40.0)),
        Limit::of("reject: 23 ms", false, long(23.0)),
        Limit::of("reject: 21 ms", false, long(21.0)),
        broken("accept: as one, a break of 6 ms", 6.0),
        broken("accept: as one, a break of 8 ms", 8.0),
        broken("accept: as one, a break of 10 ms", 10.0),
        Limit::of("accept: 0 dBm0 each", true, level(0.0)),
        Limit::of("accept: -25 dBm0 each", true, level(-25.0)),
        Limit::of("reject: -55 dBm0 each", false, level(-55.0)),
        // A pair at -10 dBm0 each has a power of -7.
        Limit { noise_dbm0: Some(-22.0), ..Limit::of("accept: noise 15 dB down", true, |press| vec![press]) },
    ]
}

fn ours(samples: &[i16]) -> String {
    let mut bank = Bank::new(1);
    let mut keys = String::new();
    for tick in samples.as_chunks::<8>().0.iter().copied().chain([SILENCE; 50]) {
        bank.step(&[tick], &Lanes::first(1), &mut |_, event| match event {
            Event::Begun(digit) => keys.push(digit.as_char()),
            Event::Ended(..) => {}
        });
    }
    keys
}

#[cfg(feature = "peers")]
fn spandsp(samples: &[i16]) -> String {
    let mut keys = Keys::new();
    samples.chunks(160).for_each(|chunk| keys.step(chunk));
    keys.step(&[0; 400]);
    keys.heard()
}

/// Prints the table.
pub fn run() {
    println!("\n{:40}{:>12}{:>12}{:>12}", "DTMF limits, presses got wrong", "tipring", "spandsp", "of");
    for limit in limits() {
        let (own, count) = limit.failures(ours);
        #[cfg(feature = "peers")]
        let other = limit.failures(spandsp).0.to_string();
        #[cfg(not(feature = "peers"))]
        let other = "-";
        println!("{:40}{own:>12}{other:>12}{count:>12}", limit.name);
    }
}
