//! The rule by which ringing is a call: how long its first burst has to be seen.
//!
//! Never: decides when the end of the ringing is seen; the judge does.

/// The longest time between two looks at a module, in ms.
const LOOK_MS: i64 = 16;
/// Part of each cycle of ringing that a half-wave detector does not see, in per cent.
const UNSEEN_PERCENT: i64 = 55;

/// Shortest burst of ringing that offers a call, by the rules of the site's lines. A shorter burst may be bell tinkle,
/// a pulse dialled in parallel, or a ring pulse before caller ID. The detected ends of a burst depend on the scan of
/// the module, so between the two bounds either result is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingRule {
    /// A burst shorter than this is no call, in ms.
    never_below_ms: i64,
    /// A burst at least this long is one, in ms.
    always_from_ms: i64,
}

/// Result of the rule for a call's ringing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offered {
    /// It is none.
    Never,
    /// Either is right.
    Perhaps,
    /// It is one.
    Always,
}

impl RingRule {
    /// Rule for ringing of `hz` hertz, with `burst_min_ms` as the line's shortest burst.
    pub fn new(hz: u32, burst_min_ms: u32) -> RingRule {
        let burst_min_ms = i64::from(burst_min_ms);
        // At each end of a burst it may not show, and a look later shows it.
        let unseen_ms = 1000 * UNSEEN_PERCENT / 100 / i64::from(hz.max(1)) + LOOK_MS;
        RingRule { never_below_ms: burst_min_ms - LOOK_MS, always_from_ms: burst_min_ms + 2 * unseen_ms }
    }

    /// Judges a call abandoned `rang_ms` after ringing began: in the first burst that is its length, and the first
    /// burst of every country is long enough.
    pub(super) const fn judge(self, rang_ms: i64) -> Offered {
        if rang_ms < self.never_below_ms {
            Offered::Never
        } else if rang_ms < self.always_from_ms {
            Offered::Perhaps
        } else {
            Offered::Always
        }
    }
}
