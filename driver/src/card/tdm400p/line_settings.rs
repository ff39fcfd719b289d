//! Line settings by country: what a trunk module's line interface must be set to, and how stations are rung.
//!
//! Trunk rows are the register values that DAHDI's `wctdm` writes for its modes of the same names (`fxo_modes.h`); the
//! comments say what they mean electrically, by the Si3050 data sheet. Never: talks to a module.

use super::daa::registers::{
    CONTROL_5, CURRENT_LIMIT, IMPEDANCE_220_820, IMPEDANCE_370_620, IMPEDANCE_COMPLEX, IMPEDANCE_TBR_21,
    IMPEDANCE_UNITED_KINGDOM, LOOP_CURRENT_MIN_HIGHEST, OHM_600, ON_HOOK_SLOW, ON_HOOK_SPEED_2, RINGER_IMPEDANCE,
    RINGING_ABOVE_21_V, TIP_RING_HIGH,
};

/// Settings of a trunk module (Si3050) for the lines of a country, as register values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TrunkLine {
    /// Register 16: bit 6 on-hook speed, bit 1 ringer impedance, bit 0 ringing threshold (0: about 15 V, 1: about 21
    /// V).
    pub international_1: u8,
    /// Register 26: bits 7:6 voltage between tip and ring, 5:4 least loop current, bit 1 current limit.
    pub dc_termination: u8,
    /// Register 30: bits 3:0 the impedance the line sees.
    pub ac_termination: u8,
    /// Register 31: bits 6:5 how long sound waits after off-hook, bit 3 on-hook speed.
    pub daa_control_5: u8,
}

/// The impedance that a station module shows to its line: networks of the Si3210 by the codes of its register 10, of
/// which 2 and 3, 600 and 900 ohm in series with 2.16 uF, are of no country here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum StationImpedance {
    /// 600 ohm.
    Ohm600 = 0,
    /// 900 ohm.
    Ohm900 = 1,
    /// 270 ohm + (750 ohm // 150 nF): TBR 21.
    Tbr21 = 4,
    /// 220 ohm + (820 ohm // 120 nF): Australia.
    Australia = 5,
    /// 220 ohm + (820 ohm // 115 nF): Germany.
    Germany = 6,
    /// 370 ohm + (620 ohm // 310 nF): British Telecom.
    BritishTelecom = 7,
}

/// Feed and ringing of a station, in the units of the line; the module's registers follow by the data sheet's formulas.
///
/// The chip makes at most 94.5 V, of which it needs 9 V itself: peak and offset of ringing are 85.5 V together at most,
/// which is a sine of 60 V. That is less than an exchange's 75 to 105 V, and is for lines within a house.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct StationLine {
    /// Ringing voltage at the line.
    pub impedance: StationImpedance,
    /// The most current that a telephone is fed, in milliamperes: 20 to 41.
    pub loop_current_ma: u8,
    /// The current from which on the loop counts as closed, in milliamperes: up to 80.
    pub off_hook_ma: f64,
    /// The frequency of ringing in hertz: 15 to 60.
    pub ringing_hz: f64,
    /// The voltage of ringing, root mean square: up to 60 V.
    pub ringing_volts_rms: f64,
    /// The direct voltage under it. With none the chip knows a lifted telephone by the alternating current alone, which
    /// is enough on short lines.
    pub ringing_offset_volts: f64,
    /// The current from which on a ringing telephone counts as lifted, in milliamperes: up to 80.
    pub ring_trip_ma: f64,
}

/// All line settings of a country.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LineSettings {
    /// For trunk modules.
    pub(crate) trunk: TrunkLine,
    /// For station modules.
    pub(crate) station: StationLine,
}

const fn trunk(international_1: u8, dc_termination: u8, ac_termination: u8, daa_control_5: u8) -> TrunkLine {
    TrunkLine { international_1, dc_termination, ac_termination, daa_control_5 }
}

/// Settings common to all countries: the feed of a short line (20 to 25 mA, where standards ask for 18 at least), and
/// the thresholds that the Si3210's data sheet and `wctdm` have for it: a telephone on hook draws 1 mA at most, its
/// bell 7 mA for each REN. 600 ohm, and 25 Hz as most of the world rings; 47 V are what a supply of 75 V carries.
const SHORT_LINE: StationLine = StationLine {
    impedance: StationImpedance::Ohm600,
    loop_current_ma: 23,
    off_hook_ma: 10.0,
    ringing_hz: 25.0,
    ringing_volts_rms: 47.0,
    ringing_offset_volts: 0.0,
    ring_trip_ma: 34.0,
};

/// China. Trunk: mode CHINA; impedance code 15 is the global complex one; 10, the network of the national standard,
/// exists too, but only on the Si3019. Station: 200 ohm + (680 ohm // 100 nF) by YDN 065, to which the chip comes
/// nearest with Germany's network (24 dB of return loss; 600 ohm make 11); GB/T 3380: 25 Hz, 90 V, of which the chip
/// has 60.
pub(crate) const CHINA: LineSettings = LineSettings {
    trunk: trunk(0, LOOP_CURRENT_MIN_HIGHEST, IMPEDANCE_COMPLEX, CONTROL_5),
    station: StationLine { impedance: StationImpedance::Germany, ringing_volts_rms: 60.0, ..SHORT_LINE },
};
/// United States and Canada. Trunk: mode FCC, which asks for the higher ringing threshold; 600 ohm. Station: 600 ohm,
/// 20 Hz, and the 45 V of equipment on short loops (GR-506: 40 V at the set).
pub(crate) const UNITED_STATES: LineSettings = LineSettings {
    trunk: trunk(RINGING_ABOVE_21_V, TIP_RING_HIGH, OHM_600, CONTROL_5),
    station: StationLine { ringing_hz: 20.0, ringing_volts_rms: 45.0, ..SHORT_LINE },
};
/// United Kingdom. Trunk: mode UK; 320 ohm + 1050 ohm // 230 nF, current limit. Station: the network of BT's exchanges;
/// BT SIN 351: 25 Hz, 40 to 100 V.
pub(crate) const UNITED_KINGDOM: LineSettings = LineSettings {
    trunk: trunk(0, TIP_RING_HIGH | CURRENT_LIMIT, IMPEDANCE_UNITED_KINGDOM, CONTROL_5 | ON_HOOK_SPEED_2),
    station: StationLine { impedance: StationImpedance::BritishTelecom, ..SHORT_LINE },
};
/// Germany and Austria. Trunk: mode GERMANY; 220 ohm + 820 ohm // 115 nF, current limit. Station: the same network; 1
/// TR 110: 25 Hz, 32 to 75 V.
pub(crate) const GERMANY: LineSettings = LineSettings {
    trunk: trunk(0, TIP_RING_HIGH | CURRENT_LIMIT, IMPEDANCE_220_820, CONTROL_5 | ON_HOOK_SPEED_2),
    station: StationLine { impedance: StationImpedance::Germany, ..SHORT_LINE },
};
/// The European norm TBR 21. Trunk: mode TBR21; 270 ohm + 750 ohm // 150 nF, current limit. Station: the same network;
/// 25 Hz.
pub(crate) const TBR_21: LineSettings = LineSettings {
    trunk: trunk(0, TIP_RING_HIGH | CURRENT_LIMIT, IMPEDANCE_TBR_21, CONTROL_5),
    station: StationLine { impedance: StationImpedance::Tbr21, ..SHORT_LINE },
};
/// Japan. Trunk: mode JAPAN; 600 ohm, low voltage. Station: 600 ohm; NTT: 16 Hz (15 to 20), 65 to 83 V, of which the
/// chip has 60.
pub(crate) const JAPAN: LineSettings = LineSettings {
    trunk: trunk(0, LOOP_CURRENT_MIN_HIGHEST, OHM_600, CONTROL_5),
    station: StationLine { ringing_hz: 16.0, ringing_volts_rms: 60.0, ..SHORT_LINE },
};
/// Hong Kong, and the United Arab Emirates. Trunk: modes HONGKONG and UAE; 600 ohm. Station: 600 ohm; HKCA 2011: 25 Hz.
pub(crate) const HONG_KONG: LineSettings =
    LineSettings { trunk: trunk(0, TIP_RING_HIGH, OHM_600, CONTROL_5), station: SHORT_LINE };
/// Australia. Trunk: mode AUSTRALIA; 220 ohm + 820 ohm // 120 nF, slow on-hook. Station: the same network; AS/CA S002:
/// 25 Hz, 75 V, of which the chip has 60.
pub(crate) const AUSTRALIA: LineSettings = LineSettings {
    trunk: trunk(ON_HOOK_SLOW, LOOP_CURRENT_MIN_HIGHEST, IMPEDANCE_220_820, CONTROL_5),
    station: StationLine { impedance: StationImpedance::Australia, ringing_volts_rms: 60.0, ..SHORT_LINE },
};

/// France, Italy, Spain, Greece. Trunk: the mode of those names, which is TBR 21 with the second on-hook speed.
/// Station: the
/// network of TBR 21; E.180 supplement 2: 25 Hz, and 50 Hz in France.
pub(crate) const TBR_21_FAST: LineSettings = LineSettings {
    trunk: trunk(0, TIP_RING_HIGH | CURRENT_LIMIT, IMPEDANCE_TBR_21, CONTROL_5 | ON_HOOK_SPEED_2),
    ..TBR_21
};
/// France.
pub(crate) const FRANCE: LineSettings =
    LineSettings { station: StationLine { ringing_hz: 50.0, ..TBR_21.station }, ..TBR_21_FAST };
/// Russia, Malaysia, Thailand. Trunk: the modes of those names; 600 ohm, low voltage. Station: 600 ohm, 25 Hz.
pub(crate) const LOW_VOLTAGE: LineSettings =
    LineSettings { trunk: trunk(0, LOOP_CURRENT_MIN_HIGHEST, OHM_600, CONTROL_5), station: SHORT_LINE };
/// Brazil. Trunk: the same. Station: 900 ohm.
pub(crate) const BRAZIL: LineSettings =
    LineSettings { station: StationLine { impedance: StationImpedance::Ohm900, ..SHORT_LINE }, ..LOW_VOLTAGE };
/// Taiwan. Trunk: the same. Station: 600 ohm; PSTN01: 20 Hz.
pub(crate) const TAIWAN: LineSettings =
    LineSettings { station: StationLine { ringing_hz: 20.0, ..SHORT_LINE }, ..LOW_VOLTAGE };
/// South Korea. Trunk: mode SOUTHKOREA, as Hong Kong's. Station: 600 ohm, 20 Hz.
pub(crate) const SOUTH_KOREA: LineSettings =
    LineSettings { station: StationLine { ringing_hz: 20.0, ..SHORT_LINE }, ..HONG_KONG };
/// Singapore. Trunk: mode SINGAPORE, as Hong Kong's. Station: 600 ohm; IMDA TS PSTN: 24 Hz.
pub(crate) const SINGAPORE: LineSettings =
    LineSettings { station: StationLine { ringing_hz: 24.0, ..SHORT_LINE }, ..HONG_KONG };
/// India. Trunk: mode INDIA; impedance code 4, 370 ohm + 620 ohm // 310 nF. Station: 600 ohm; TEC: 25 Hz, 75 V, of
/// which the
/// chip has 60.
pub(crate) const INDIA: LineSettings = LineSettings {
    trunk: trunk(0, TIP_RING_HIGH, IMPEDANCE_370_620, CONTROL_5),
    station: StationLine { ringing_volts_rms: 60.0, ..SHORT_LINE },
};
/// New Zealand. Trunk: mode NEWZEALAND; 370 ohm + 620 ohm // 310 nF. Station: the same network, which is that of PTC
/// 220;
/// 20 Hz.
pub(crate) const NEW_ZEALAND: LineSettings = LineSettings {
    trunk: trunk(0, TIP_RING_HIGH, IMPEDANCE_370_620, CONTROL_5),
    station: StationLine { impedance: StationImpedance::BritishTelecom, ringing_hz: 20.0, ..SHORT_LINE },
};
/// South Africa. Trunk: mode SOUTHAFRICA; 220 ohm + 820 ohm // 115 nF, slow on-hook, synthesised ringer impedance.
/// Station:
/// the same network; 25 Hz.
pub(crate) const SOUTH_AFRICA: LineSettings = LineSettings {
    trunk: trunk(ON_HOOK_SLOW | RINGER_IMPEDANCE, TIP_RING_HIGH, IMPEDANCE_220_820, CONTROL_5),
    station: StationLine { impedance: StationImpedance::Germany, ..SHORT_LINE },
};

impl LineSettings {
    /// The settings for a country by its ISO 3166 code, or for `TBR21`; none if there are none yet.
    pub fn of(code: &str) -> Option<&'static LineSettings> {
        Some(match code {
            "CN" => &CHINA,
            "US" | "CA" => &UNITED_STATES,
            "GB" => &UNITED_KINGDOM,
            "DE" | "AT" => &GERMANY,
            "JP" => &JAPAN,
            "HK" | "AE" => &HONG_KONG,
            "AU" => &AUSTRALIA,
            "FR" => &FRANCE,
            "IT" | "ES" | "GR" => &TBR_21_FAST,
            "RU" | "MY" | "TH" => &LOW_VOLTAGE,
            "BR" => &BRAZIL,
            "TW" => &TAIWAN,
            "KR" => &SOUTH_KOREA,
            "SG" => &SINGAPORE,
            "IN" => &INDIA,
            "NZ" => &NEW_ZEALAND,
            "ZA" => &SOUTH_AFRICA,
            "TBR21" => &TBR_21,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::country::COUNTRIES;

    /// Resistance, then resistance beside a capacity in farads, then a capacity in series; 0 for what is not there.
    type Network = (f64, f64, f64, f64);

    /// Chip revisions by their codes.
    const CHIP: [Network; 8] = [
        (600.0, 0.0, 0.0, 0.0),
        (900.0, 0.0, 0.0, 0.0),
        (600.0, 0.0, 0.0, 2.16e-6),
        (900.0, 0.0, 0.0, 2.16e-6),
        (270.0, 750.0, 150e-9, 0.0),
        (220.0, 820.0, 120e-9, 0.0),
        (220.0, 820.0, 115e-9, 0.0),
        (370.0, 620.0, 310e-9, 0.0),
    ];

    /// Real and imaginary part at a frequency.
    fn impedance((series, beside, capacity, in_series): Network, hz: f64) -> (f64, f64) {
        let omega = core::f64::consts::TAU * hz;
        let product = omega * beside * capacity;
        let (mut real, mut imaginary) = (series, 0.0);
        real += beside / (1.0 + product * product);
        imaginary -= beside * product / (1.0 + product * product);
        if in_series > 0.0 {
            imaginary -= 1.0 / (omega * in_series);
        }
        (real, imaginary)
    }

    /// The return loss between two networks over the telephone band, in decibels.
    fn return_loss_db(a: Network, b: Network) -> f64 {
        let steps = 63;
        let reflected = |step: i32| {
            let hz = 300.0 + 50.0 * f64::from(step);
            let ((ar, ai), (br, bi)) = (impedance(a, hz), impedance(b, hz));
            ((ar - br).powi(2) + (ai - bi).powi(2)) / ((ar + br).powi(2) + (ai + bi).powi(2))
        };
        let mean = (0..steps).map(reflected).sum::<f64>() / f64::from(steps);
        -10.0 * mean.max(1e-12).log10()
    }

    #[test]
    fn trunk_rows_are_the_values_that_are_written_to_live_modules() {
        for (code, row) in [
            ("CN", [0x00, 0x30, 0x0f, 0xa3]),
            ("US", [0x01, 0xc0, 0x00, 0xa3]),
            ("GB", [0x00, 0xc2, 0x05, 0xab]),
            ("DE", [0x00, 0xc2, 0x03, 0xab]),
            ("TBR21", [0x00, 0xc2, 0x02, 0xa3]),
            ("JP", [0x00, 0x30, 0x00, 0xa3]),
            ("HK", [0x00, 0xc0, 0x00, 0xa3]),
            ("AU", [0x40, 0x30, 0x03, 0xa3]),
            ("FR", [0x00, 0xc2, 0x02, 0xab]),
            ("IT", [0x00, 0xc2, 0x02, 0xab]),
            ("ES", [0x00, 0xc2, 0x02, 0xab]),
            ("GR", [0x00, 0xc2, 0x02, 0xab]),
            ("RU", [0x00, 0x30, 0x00, 0xa3]),
            ("BR", [0x00, 0x30, 0x00, 0xa3]),
            ("MY", [0x00, 0x30, 0x00, 0xa3]),
            ("TH", [0x00, 0x30, 0x00, 0xa3]),
            ("TW", [0x00, 0x30, 0x00, 0xa3]),
            ("KR", [0x00, 0xc0, 0x00, 0xa3]),
            ("SG", [0x00, 0xc0, 0x00, 0xa3]),
            ("AE", [0x00, 0xc0, 0x00, 0xa3]),
            ("IN", [0x00, 0xc0, 0x04, 0xa3]),
            ("NZ", [0x00, 0xc0, 0x04, 0xa3]),
            ("ZA", [0x42, 0xc0, 0x03, 0xa3]),
        ] {
            let trunk = LineSettings::of(code).expect("a country").trunk;
            let found = [trunk.international_1, trunk.dc_termination, trunk.ac_termination, trunk.daa_control_5];
            assert_eq!(found, row, "{code}");
        }
    }

    #[test]
    fn each_country_has_the_network_of_the_chip_that_comes_nearest_to_its_own() {
        // The networks of the countries' standards.
        for (code, network) in [
            ("CN", (200.0, 680.0, 100e-9, 0.0)),
            ("US", (600.0, 0.0, 0.0, 0.0)),
            ("GB", (370.0, 620.0, 310e-9, 0.0)),
            ("DE", (220.0, 820.0, 115e-9, 0.0)),
            ("JP", (600.0, 0.0, 0.0, 0.0)),
            ("HK", (600.0, 0.0, 0.0, 0.0)),
            ("AU", (220.0, 820.0, 120e-9, 0.0)),
            ("TBR21", (270.0, 750.0, 150e-9, 0.0)),
            ("FR", (270.0, 750.0, 150e-9, 0.0)),
            ("NZ", (370.0, 620.0, 310e-9, 0.0)),
            ("ZA", (220.0, 820.0, 115e-9, 0.0)),
            ("BR", (900.0, 0.0, 0.0, 0.0)),
        ] {
            let losses = CHIP.map(|chip| return_loss_db(chip, network));
            let best = (0..8).max_by(|&a, &b| losses[a].total_cmp(&losses[b])).unwrap();
            let chosen = LineSettings::of(code).unwrap().station.impedance as usize;
            assert_eq!(chosen, best, "{code}: {losses:.1?} dB");
            assert!(losses[chosen] > 20.0, "{code}: {:.1} dB", losses[chosen]);
        }
    }

    #[test]
    fn stations_are_rung_as_the_country_rings_and_as_the_chip_can() {
        for country in COUNTRIES {
            let line = LineSettings::of(country.code).expect("line settings").station;
            assert_eq!(line.ringing_hz, f64::from(country.ringing.hz), "{}", country.name);
            let most = line.ringing_volts_rms * core::f64::consts::SQRT_2 + line.ringing_offset_volts.abs();
            assert!((56.0..=85.5).contains(&most), "{}: {most} V; 40 V is what a bell wants", country.name);
            assert!((20..=41).contains(&line.loop_current_ma) && f64::from(line.loop_current_ma) > line.off_hook_ma);
            // Three bells of a REN each must not trip it, and one telephone of 400 ohm must.
            let bells = 3.0 * line.ringing_volts_rms / 7.0;
            assert!(bells < line.ring_trip_ma && line.ringing_volts_rms / 0.4 > line.ring_trip_ma, "{}", country.name);
        }
    }
}
