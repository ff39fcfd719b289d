//! The holds of a device's part in a call: how many, how long together, and the longest.
//!
//! Never: decides what is a hold.

use tipring_driver::time::{Tick, Ticks};

/// The holds of a device's part in a call. It is written as fields of the type that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Holds {
    /// Time of the holds that have ended.
    #[serde(rename = "hold")]
    pub total: Ticks,
    /// The longest of them.
    #[serde(rename = "longest_hold")]
    pub longest: Ticks,
    /// Count, with the one that lasts.
    #[serde(rename = "holds", default)]
    pub count: u16,
    /// Beginning of the one that lasts.
    #[serde(rename = "held", default)]
    pub since: Option<Tick>,
}

impl Holds {
    /// A hold begins, unless one lasts.
    pub fn begin(&mut self, now: Tick) {
        if self.since.is_none() {
            self.since = Some(now);
            self.count = self.count.saturating_add(1);
        }
    }

    /// Ends the hold that lasts, if any.
    pub fn end(&mut self, now: Tick) {
        if let Some(since) = self.since.take() {
            let length = now.since(since);
            self.total = self.total + length;
            self.longest = self.longest.max(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hold_is_counted_once_and_the_longest_is_kept() {
        let mut holds = Holds::default();
        for (begins, ends) in [(500, 800), (900, 1000)] {
            holds.begin(Tick(begins));
            holds.begin(Tick(begins + 1));
            holds.end(Tick(ends));
            holds.end(Tick(ends + 1));
        }
        assert_eq!(holds, Holds { total: Ticks(400), longest: Ticks(300), count: 2, since: None });
    }
}
