//! Properties of the exchange that differ by country, as data.
//!
//! Tones from ITU-T E.180 Supplement 2 and the national standards named; levels where those say none are usual ones.
//! The bounds of a hook flash are those of access equipment in the field (Germany: 80 ms, as older exchanges have it,
//! to 310).

use super::signal::fsk::Modem;
use super::signal::tone::ToneSpec;

/// The far end of a line as a country has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Country {
    /// ISO 3166 code.
    pub code: &'static str,
    /// Heard when the line is taken, until the first digit.
    pub dial: ToneSpec,
    /// Dial tone while a service is on that changes what becomes of calls, if it is a tone in a steady cadence.
    /// (The stutter of North America, and the two tones of the United Kingdom in turn, are not.)
    pub special_dial: Option<ToneSpec>,
    /// Ringback tone.
    pub ringback: ToneSpec,
    /// Heard when the other end is engaged, or has gone.
    pub busy: ToneSpec,
    /// Heard when the network has no way.
    pub congestion: ToneSpec,
    /// Heard when there is no such number.
    pub unobtainable: ToneSpec,
    /// Heard in a call while another one waits.
    pub call_waiting: ToneSpec,
    /// Heard on a line left off hook long after a call.
    pub howler: ToneSpec,
    /// The ringing voltage at the exchange, root mean square.
    pub ringing_volts: f32,
    /// The frequency of ringing in hertz.
    pub ringing_hertz: f32,
    /// Ringing on, off, on, off, … in milliseconds.
    pub ringing_cadence: &'static [u16],
    /// The shortest and the longest break of the loop that is a hook flash, in milliseconds, where lines have that
    /// service.
    pub flash_ms: (u16, u16),
    /// Caller ID service.
    pub delivery: Delivery,
}

/// Caller ID service: its place in the ringing, its signalling and its protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// Moment of delivery.
    pub moment: Moment,
    /// By what.
    pub carrier: Carrier,
}

/// Place of caller ID in the ringing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Between the first and second ring.
    RingGap,
    /// After a ring too short to be one (EN 300 659-1, RP-AS).
    RingPulse,
    /// Before the first ring.
    BeforeRing {
        /// The polarity is reversed first.
        reversal: bool,
        /// The dual alerting tone is sent first (DT-AS).
        alert: bool,
    },
    /// After the set has gone off hook for it, before the first ordinary ring (Japan).
    FirstAnswer,
}

/// Signalling of caller ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// Frequency-shift keying.
    Fsk(Modem),
    /// Keys, with a mark before and one after the number.
    Keys {
        /// The key before the number.
        begin: char,
        /// The key after it.
        end: char,
    },
}

const HZ_450: &[f32] = &[450.0];
const HZ_425: &[f32] = &[425.0];
const HZ_400: &[f32] = &[400.0];
const PRECISE_DIAL: &[f32] = &[350.0, 440.0];
const PRECISE_RINGBACK: &[f32] = &[440.0, 480.0];
const PRECISE_BUSY: &[f32] = &[480.0, 620.0];
const RING_GAP_BELL: Delivery = Delivery { moment: Moment::RingGap, carrier: Carrier::Fsk(Modem::Bell202) };

/// China: GB/T 3380-1982 and YDN 065-1997 for tones and ringing, YD/T 1277.1-2003 for caller identity.
pub const CHINA: Country = Country {
    code: "CN",
    dial: ToneSpec::steady(HZ_450, -10.0),
    special_dial: Some(ToneSpec::switched(HZ_450, -10.0, &[400, 40])),
    ringback: ToneSpec::switched(HZ_450, -10.0, &[1000, 4000]),
    busy: ToneSpec::switched(HZ_450, -10.0, &[350, 350]),
    congestion: ToneSpec::switched(HZ_450, -10.0, &[700, 700]),
    unobtainable: ToneSpec::switched(HZ_450, -10.0, &[100, 100, 100, 100, 100, 100, 400, 400]),
    call_waiting: ToneSpec::switched(HZ_450, -20.0, &[400, 4000]),
    howler: ToneSpec::steady(&[950.0], 0.0),
    ringing_volts: 90.0,
    ringing_hertz: 25.0,
    ringing_cadence: &[1000, 4000],
    flash_ms: (80, 500),
    delivery: RING_GAP_BELL,
};

/// North America: GR-506-CORE, ANSI T1.401, GR-30-CORE.
pub const UNITED_STATES: Country = Country {
    code: "US",
    dial: ToneSpec::steady(PRECISE_DIAL, -13.0),
    special_dial: None,
    ringback: ToneSpec::switched(PRECISE_RINGBACK, -19.0, &[2000, 4000]),
    busy: ToneSpec::switched(PRECISE_BUSY, -24.0, &[500, 500]),
    congestion: ToneSpec::switched(PRECISE_BUSY, -24.0, &[250, 250]),
    unobtainable: ToneSpec::switched(PRECISE_BUSY, -24.0, &[250, 250]),
    call_waiting: ToneSpec::switched(&[440.0], -13.0, &[300, 9700]),
    howler: ToneSpec::switched(&[1400.0, 2060.0, 2450.0, 2600.0], -6.0, &[100, 100]),
    ringing_volts: 88.0,
    ringing_hertz: 20.0,
    ringing_cadence: &[2000, 4000],
    flash_ms: (300, 1000),
    delivery: RING_GAP_BELL,
};

/// United Kingdom: BT SIN 350 and 351 for tones, SIN 227 and 242 for caller identity.
pub const UNITED_KINGDOM: Country = Country {
    code: "GB",
    dial: ToneSpec::steady(PRECISE_DIAL, -13.0),
    special_dial: None,
    ringback: ToneSpec::switched(&[400.0, 450.0], -13.0, &[400, 200, 400, 2000]),
    busy: ToneSpec::switched(HZ_400, -10.0, &[375, 375]),
    congestion: ToneSpec::switched(HZ_400, -10.0, &[400, 350, 225, 525]),
    unobtainable: ToneSpec::steady(HZ_400, -10.0),
    call_waiting: ToneSpec::switched(HZ_400, -13.0, &[100, 4000]),
    howler: ToneSpec::steady(&[800.0], 0.0),
    ringing_volts: 75.0,
    ringing_hertz: 25.0,
    ringing_cadence: &[400, 200, 400, 2000],
    flash_ms: (50, 130),
    delivery: Delivery {
        moment: Moment::BeforeRing { reversal: true, alert: true },
        carrier: Carrier::Fsk(Modem::V23),
    },
};

/// Germany: 1 TR 110, ETSI TR 101 041, EN 300 659-1.
pub const GERMANY: Country = Country {
    code: "DE",
    dial: ToneSpec::steady(HZ_425, -10.0),
    special_dial: Some(ToneSpec::steady(&[400.0, 425.0], -13.0)),
    ringback: ToneSpec::switched(HZ_425, -10.0, &[1000, 4000]),
    busy: ToneSpec::switched(HZ_425, -10.0, &[480, 480]),
    congestion: ToneSpec::switched(HZ_425, -10.0, &[240, 240]),
    unobtainable: ToneSpec::switched(HZ_425, -10.0, &[240, 240]),
    call_waiting: ToneSpec::switched(HZ_425, -20.0, &[200, 200, 200, 5000]),
    howler: ToneSpec::steady(&[950.0], 0.0),
    ringing_volts: 60.0,
    ringing_hertz: 25.0,
    ringing_cadence: &[1000, 4000],
    flash_ms: (80, 310),
    delivery: Delivery { moment: Moment::RingPulse, carrier: Carrier::Fsk(Modem::V23) },
};

/// Japan: NTT's technical reference for telephone service interfaces.
pub const JAPAN: Country = Country {
    code: "JP",
    dial: ToneSpec::steady(HZ_400, -13.0),
    special_dial: Some(ToneSpec::switched(HZ_400, -13.0, &[125, 125])),
    ringback: ToneSpec { modulation_hertz: 16.0, ..ToneSpec::switched(HZ_400, -13.0, &[1000, 2000]) },
    busy: ToneSpec::switched(HZ_400, -13.0, &[500, 500]),
    congestion: ToneSpec::switched(HZ_400, -13.0, &[500, 500]),
    unobtainable: ToneSpec::switched(HZ_400, -13.0, &[500, 500]),
    call_waiting: ToneSpec { modulation_hertz: 16.0, ..ToneSpec::switched(HZ_400, -16.0, &[500, 4000]) },
    howler: ToneSpec { modulation_hertz: 16.0, ..ToneSpec::steady(HZ_400, 0.0) },
    ringing_volts: 75.0,
    ringing_hertz: 16.0,
    ringing_cadence: &[1000, 2000],
    flash_ms: (300, 1000),
    delivery: Delivery { moment: Moment::FirstAnswer, carrier: Carrier::Fsk(Modem::V23) },
};

/// Hong Kong: HKCA 2011.
pub const HONG_KONG: Country = Country {
    code: "HK",
    dial: ToneSpec::steady(PRECISE_DIAL, -13.0),
    special_dial: None,
    ringback: ToneSpec::switched(PRECISE_RINGBACK, -16.0, &[400, 200, 400, 3000]),
    busy: ToneSpec::switched(PRECISE_BUSY, -20.0, &[500, 500]),
    congestion: ToneSpec::switched(PRECISE_BUSY, -20.0, &[250, 250]),
    unobtainable: ToneSpec::steady(PRECISE_BUSY, -20.0),
    call_waiting: ToneSpec::switched(&[440.0], -16.0, &[500, 500, 500, 500, 500, 8000]),
    howler: ToneSpec::switched(&[1400.0, 2060.0, 2450.0, 2600.0], -6.0, &[100, 100]),
    ringing_volts: 75.0,
    ringing_hertz: 25.0,
    ringing_cadence: &[400, 200, 400, 3000],
    flash_ms: (300, 1000),
    delivery: RING_GAP_BELL,
};

mod others;

pub use others::OTHERS;

/// Countries with a row of their own here.
const FIRST: [Country; 6] = [CHINA, UNITED_STATES, UNITED_KINGDOM, GERMANY, JAPAN, HONG_KONG];

/// All countries known here.
pub const COUNTRIES: [Country; 22] = {
    let mut all = [CHINA; 22];
    let mut at = 0;
    while at < all.len() {
        all[at] = if at < FIRST.len() { FIRST[at] } else { OTHERS[at - FIRST.len()] };
        at += 1;
    }
    all
};

/// The country of this ISO 3166 code.
pub fn country(code: &str) -> Option<Country> {
    COUNTRIES.into_iter().find(|country| country.code == code)
}
