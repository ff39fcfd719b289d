//! Hook switch of a subscriber line as the exchange sees it: seizure, release, hook flash, pulse digits.
//!
//! Times are those of China (YDN 065, GB/T 15279).

/// Time after which a closed loop counts, in ms: an idle line is seized, ringing is tripped.
const CLOSED_MS: u32 = 30;
/// Time after which an open loop is a release, in ms, where no hook flash can follow.
const OPEN_MS: u32 = 250;
/// A break of a pulse lasts so long, in ms: 8 to 14 pulses a second, break to make 1.3 to 2.5.
const PULSE_MS: std::ops::RangeInclusive<u32> = 25..=110;
/// Time of closed loop after which a pulse digit is over, in ms.
const DIGIT_OVER_MS: u32 = 250;

/// Change of the loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookEvent {
    /// It was closed.
    Closed,
    /// It was opened for good.
    Opened,
    /// It was opened for a moment, as long as a hook flash is.
    Flash,
    /// A digit was dialled by pulses.
    PulseDigit(char),
}

/// Watches a loop.
#[derive(Debug, Clone)]
pub struct HookWatch {
    /// The shortest and longest break that is a flash, in ms, if the line has that service.
    flash_ms: Option<(u16, u16)>,
    closed: bool,
    /// Time in the present condition of the loop, in ms.
    for_ms: u32,
    /// Last condition that was reported.
    believed_closed: bool,
    pulses: u32,
}

impl HookWatch {
    /// Watches a loop that is open. `flash_ms` are the bounds of a hook flash, if the line has that service.
    pub fn new(flash_ms: Option<(u16, u16)>) -> HookWatch {
        HookWatch { flash_ms, closed: false, for_ms: 0, believed_closed: false, pulses: 0 }
    }

    /// Returns true if the exchange sees the loop closed.
    pub fn is_closed(&self) -> bool {
        self.believed_closed
    }

    /// Sees the loop for a millisecond.
    pub fn see(&mut self, closed: bool) -> Option<HookEvent> {
        if closed != self.closed {
            let lasted = self.for_ms;
            self.closed = closed;
            self.for_ms = 1;
            return if closed && self.believed_closed { self.break_is_over(lasted) } else { None };
        }
        self.for_ms = self.for_ms.saturating_add(1);
        if closed {
            if !self.believed_closed && self.for_ms == CLOSED_MS {
                self.believed_closed = true;
                self.pulses = 0;
                return Some(HookEvent::Closed);
            }
            if self.pulses > 0 && self.for_ms == DIGIT_OVER_MS {
                let pulses = std::mem::take(&mut self.pulses);
                let digit = (pulses <= 10).then(|| char::from_digit(pulses % 10, 10)).flatten();
                return digit.map(HookEvent::PulseDigit);
            }
            return None;
        }
        let release_ms = self.flash_ms.map_or(OPEN_MS, |(_, longest)| OPEN_MS.max(u32::from(longest) + 1));
        if self.believed_closed && self.for_ms == release_ms {
            self.believed_closed = false;
            return Some(HookEvent::Opened);
        }
        None
    }

    /// The loop is closed again before anyone took it for a release.
    fn break_is_over(&mut self, lasted: u32) -> Option<HookEvent> {
        if let Some((shortest, longest)) = self.flash_ms
            && (u32::from(shortest)..=u32::from(longest)).contains(&lasted)
        {
            return Some(HookEvent::Flash);
        }
        if PULSE_MS.contains(&lasted) {
            self.pulses += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(flash: Option<(u16, u16)>, loops: &[(bool, u32)]) -> Vec<HookEvent> {
        let mut watch = HookWatch::new(flash);
        let each = loops.iter().flat_map(|&(closed, ms)| std::iter::repeat_n(closed, ms as usize));
        each.filter_map(|closed| watch.see(closed)).collect()
    }

    #[test]
    fn seizure_and_release() {
        assert_eq!(events(None, &[(true, 500), (false, 400)]), [HookEvent::Closed, HookEvent::Opened]);
        assert_eq!(events(None, &[(true, 20), (false, 400)]), []);
        assert_eq!(events(None, &[(true, 500), (false, 200), (true, 100)]), [HookEvent::Closed]);
    }

    #[test]
    fn flash_where_there_is_that_service() {
        let flash = Some((80, 500));
        assert_eq!(events(flash, &[(true, 500), (false, 100), (true, 100)]), [HookEvent::Closed, HookEvent::Flash]);
        assert_eq!(events(flash, &[(true, 500), (false, 499)]), [HookEvent::Closed]);
        assert_eq!(events(flash, &[(true, 500), (false, 600)]), [HookEvent::Closed, HookEvent::Opened]);
    }

    #[test]
    fn digits_by_pulses() {
        let mut loops = vec![(true, 800)];
        for count in [1, 2, 10] {
            loops.extend([(false, 62), (true, 38)].repeat(count));
            loops.push((true, 600));
        }
        let digits = ['1', '2', '0'].map(HookEvent::PulseDigit);
        assert_eq!(events(None, &loops)[1..], digits);
    }
}
