//! Line settings by country: what a trunk module's line interface must be set to, and how stations are rung.
//!
//! Trunk rows are the register values that DAHDI's `wctdm` writes for its modes of the same names (`fxo_modes.h`); the
//! comments say what they mean electrically, by the Si3050 data sheet. Never: talks to a module.

/// Settings of a trunk module (Si3050) for the lines of a country, as register values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrunkLine {
    /// Register 16: bit 6 on-hook speed, bit 1 ringer impedance, bit 0 ringing threshold (0: about 15 V, 1: about 21 V).
    pub international_1: u8,
    /// Register 26: bits 7:6 voltage between tip and ring, 5:4 least loop current, bit 1 current limit.
    pub dc_termination: u8,
    /// Register 30: bits 3:0 the impedance the line sees.
    pub ac_termination: u8,
    /// Register 31: bits 6:5 how long sound waits after off-hook, bit 3 on-hook speed.
    pub daa_control_5: u8,
}

/// How a station is rung and fed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StationLine {
    /// The frequency of ringing in hertz: 15 to 60.
    pub ringing_hz: f64,
    /// The peak of the ringing voltage: 40 to 88 V. Above 70 V the high battery is raised to its most.
    pub ringing_volts_peak: f64,
    /// The most current that a telephone is fed, in milliamperes: 20 to 41.
    pub loop_current_ma: u8,
}

/// All line settings of a country.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LineSettings {
    /// For trunk modules.
    pub trunk: TrunkLine,
    /// For station modules.
    pub station: StationLine,
}

const fn trunk(international_1: u8, dc_termination: u8, ac_termination: u8, daa_control_5: u8) -> TrunkLine {
    TrunkLine { international_1, dc_termination, ac_termination, daa_control_5 }
}

/// Ringing of 25 Hz, as most of the world rings, at a voltage that needs no boost.
const RING_25_HZ: StationLine = StationLine { ringing_hz: 25.0, ringing_volts_peak: 66.0, loop_current_ma: 23 };
/// Ringing of 20 Hz, as North America rings.
const RING_20_HZ: StationLine = StationLine { ringing_hz: 20.5, ringing_volts_peak: 64.0, loop_current_ma: 23 };

/// China: `wctdm` mode CHINA. Impedance code 15 is the global complex one; 10, the network of the national standard
/// (200 ohm + 680 ohm // 100 nF), exists too, but only on the Si3019.
pub const CHINA: LineSettings = LineSettings { trunk: trunk(0x00, 0x30, 0x0f, 0xa3), station: RING_25_HZ };
/// United States and Canada: mode FCC, which asks for the higher ringing threshold. 600 ohm.
pub const UNITED_STATES: LineSettings = LineSettings { trunk: trunk(0x01, 0xc0, 0x00, 0xa3), station: RING_20_HZ };
/// United Kingdom: mode UK. 320 ohm + 1050 ohm // 230 nF, current limit.
pub const UNITED_KINGDOM: LineSettings = LineSettings { trunk: trunk(0x00, 0xc2, 0x05, 0xab), station: RING_25_HZ };
/// Germany and Austria: mode GERMANY. 220 ohm + 820 ohm // 115 nF, current limit.
pub const GERMANY: LineSettings = LineSettings { trunk: trunk(0x00, 0xc2, 0x03, 0xab), station: RING_25_HZ };
/// The European norm TBR 21: mode TBR21. 270 ohm + 750 ohm // 150 nF, current limit.
pub const TBR_21: LineSettings = LineSettings { trunk: trunk(0x00, 0xc2, 0x02, 0xa3), station: RING_25_HZ };
/// Japan: mode JAPAN. 600 ohm, low voltage.
pub const JAPAN: LineSettings = LineSettings {
    trunk: trunk(0x00, 0x30, 0x00, 0xa3),
    // Japan rings with 15 to 20 Hz.
    station: StationLine { ringing_hz: 16.0, ..RING_25_HZ },
};
/// Hong Kong: mode HONGKONG. 600 ohm.
pub const HONG_KONG: LineSettings = LineSettings { trunk: trunk(0x00, 0xc0, 0x00, 0xa3), station: RING_25_HZ };
/// Australia: mode AUSTRALIA. 220 ohm + 820 ohm // 120 nF, slow on-hook.
pub const AUSTRALIA: LineSettings = LineSettings {
    trunk: trunk(0x40, 0x30, 0x03, 0xa3),
    station: StationLine { ringing_volts_peak: 84.0, ..RING_25_HZ },
};

/// The settings for a country by its ISO 3166 code, or for `TBR21`; none if there are none yet.
pub fn by_code(code: &str) -> Option<&'static LineSettings> {
    Some(match code {
        "CN" => &CHINA,
        "US" | "CA" => &UNITED_STATES,
        "GB" => &UNITED_KINGDOM,
        "DE" | "AT" => &GERMANY,
        "JP" => &JAPAN,
        "HK" => &HONG_KONG,
        "AU" => &AUSTRALIA,
        "TBR21" => &TBR_21,
        _ => return None,
    })
}
