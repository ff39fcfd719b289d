//! Dual-tone alerting signal ahead of a caller-ID message on the idle line (DT-AS). The same tones in a call (CAS, for
//! call-waiting caller ID) are not used.
//!
//! Both frequencies together and little else, for about as long as the standards send them: no voice does that by
//! chance. It is detected by a [`progress::Bank`](crate::dsp::progress::Bank) of its own.
//!
//! Sources: EN 300 659-1 and -2, BT SIN 227 (2130 and 2750 Hz, 88 to 110 ms on hook), GR-30-CORE (CAS, 75 to 85 ms).

use crate::dsp::progress::{Cadence, Detection, Pattern, Span};
use crate::dsp::tone::{Component, FOREVER, Segment, SegmentSignal, ToneSpec};

/// The alerting tone was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Alert;

/// Detection parameters: each frequency down to -40 dBm0, which is 8 dB less than a set in a call must hear (GR-30: -32
/// dBm).
pub const ALERT: Detection<Alert> = Detection {
    coherent_ms: 10,
    floor_dbm0: -40.0,
    purity: 0.7,
    majority_of: 3,
    patterns: &[Pattern {
        tone: Alert,
        hz: &[2130.0, 2750.0],
        // Blocks of 10 ms see 75 ms as 60 at least, and 110 as 120 at most.
        cadence: Cadence::Cycle { spans: &[Span { min_ms: 60, max_ms: 130 }], enough: 1 },
    }],
};

/// Generation parameters: -15 to -18 dBm each by common practice.
pub(crate) const TONE: ToneSpec = ToneSpec::repeated(&[Segment {
    signal: SegmentSignal::Sum(&[Component { hz: 2130.0, dbm0: -16.0 }, Component { hz: 2750.0, dbm0: -16.0 }]),
    ms: FOREVER,
}]);
/// For so long, in milliseconds: 100 ± 10 on hook.
pub(crate) const TONE_MS: u32 = 100;
