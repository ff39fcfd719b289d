//! What differs from country to country at the far end of a line, as data.

use super::signal::fsk::Modem;
use super::signal::tone::ToneSpec;

/// The far end of a line as a country has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Country {
    /// ISO 3166 code.
    pub code: &'static str,
    /// Heard when the line is taken, until the first digit.
    pub dial: ToneSpec,
    /// Heard by who calls while the other end rings.
    pub ringback: ToneSpec,
    /// Heard when the other end is engaged, or has gone.
    pub busy: ToneSpec,
    /// Heard when the network has no way.
    pub congestion: ToneSpec,
    /// Heard on a line left off hook long after a call.
    pub howler: ToneSpec,
    /// The ringing voltage at the exchange, root mean square.
    pub ringing_volts: f32,
    /// Ringing on and off in milliseconds.
    pub ringing_cadence: &'static [u16],
    /// The modem of caller identity.
    pub modem: Modem,
}

const HZ_450: &[f32] = &[450.0];

/// China: GB/T 3380-1982 and YDN 065-1997 for tones and ringing, YD/T 1277.1-2003 for caller identity.
pub const CHINA: Country = Country {
    code: "CN",
    dial: ToneSpec { hertz: HZ_450, dbm0: -10.0, cadence: &[] },
    ringback: ToneSpec { hertz: HZ_450, dbm0: -10.0, cadence: &[1000, 4000] },
    busy: ToneSpec { hertz: HZ_450, dbm0: -10.0, cadence: &[350, 350] },
    congestion: ToneSpec { hertz: HZ_450, dbm0: -10.0, cadence: &[700, 700] },
    howler: ToneSpec { hertz: &[950.0], dbm0: 0.0, cadence: &[] },
    ringing_volts: 90.0,
    ringing_cadence: &[1000, 4000],
    modem: Modem::Bell202,
};
