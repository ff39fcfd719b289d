//! Keys of a telephone as they are sent, right or wrong: what receivers are tried with.

use crate::signal::{MS, Signal};

pub const LOW: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
pub const HIGH: [f64; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
pub const KEYS: &[u8; 16] = b"123A456B789C*0#D";

/// One key as it is sent.
#[derive(Debug, Clone, Copy)]
pub struct Press {
    pub key: usize,
    /// Deviation of each frequency from nominal: relative, and in hertz.
    pub low_off: f64,
    pub high_off: f64,
    /// The level of the stronger tone.
    pub dbm0: f64,
    /// The low group above the high group, in dB: normal twist is positive.
    pub twist_db: f64,
    pub on_ms: f64,
    pub off_ms: f64,
}

impl Press {
    pub fn new(key: usize) -> Press {
        Press { key, low_off: 0.0, high_off: 0.0, dbm0: -10.0, twist_db: 0.0, on_ms: 50.0, off_ms: 50.0 }
    }

    pub fn tones(&self) -> [(f64, f64); 2] {
        let low = LOW[self.key / 4] * (1.0 + self.low_off);
        let high = HIGH[self.key % 4] * (1.0 + self.high_off);
        [(low, self.dbm0 + self.twist_db.min(0.0)), (high, self.dbm0 - self.twist_db.max(0.0))]
    }

    pub fn put(&self, signal: &mut Signal) {
        signal.tones((self.on_ms * MS as f64) as usize, &self.tones());
        signal.silence((self.off_ms * MS as f64) as usize);
    }
}

pub fn all() -> impl Iterator<Item = Press> {
    (0..KEYS.len()).map(Press::new)
}
