//! Countries with ordinary exchanges: 75 V of ringing, a howler of 950 Hz, and the tones of E.180 Supplement 2 or the
//! standard named.
//!
//! Never: takes a value from the driver's profiles.

use super::{
    CHINA, Carrier, Country, Delivery, HZ_400, HZ_425, Modem, Moment, PRECISE_BUSY, PRECISE_DIAL, PRECISE_RINGBACK,
    RING_GAP_BELL, ToneSpec,
};

const HZ_440: &[f32] = &[440.0];
const RING_GAP_V23: Delivery = Delivery { moment: Moment::RingGap, carrier: Carrier::Fsk(Modem::V23) };

/// The countries.
pub const OTHERS: [Country; 16] = [
    // France: E.180; EN 300 659-1.
    Country {
        code: "FR",
        dial: ToneSpec::steady(HZ_440, -10.0),
        special_dial: Some(ToneSpec::steady(&[330.0, 440.0], -13.0)),
        ringback: ToneSpec::switched(HZ_440, -10.0, &[1500, 3500]),
        busy: ToneSpec::switched(HZ_440, -10.0, &[500, 500]),
        congestion: ToneSpec::switched(HZ_440, -10.0, &[250, 250]),
        unobtainable: ToneSpec::switched(HZ_440, -10.0, &[250, 250]),
        call_waiting: ToneSpec::switched(HZ_440, -20.0, &[300, 10000]),
        ringing_volts: 75.0,
        ringing_hertz: 50.0,
        ringing_cadence: &[1500, 3500],
        flash_ms: (160, 320),
        delivery: RING_GAP_V23,
        ..CHINA
    },
    // Italy: E.180.
    Country {
        code: "IT",
        dial: ToneSpec::switched(HZ_425, -10.0, &[200, 200, 600, 1000]),
        special_dial: None,
        ringback: ToneSpec::switched(HZ_425, -10.0, &[1000, 4000]),
        busy: ToneSpec::switched(HZ_425, -10.0, &[500, 500]),
        congestion: ToneSpec::switched(HZ_425, -10.0, &[200, 200]),
        unobtainable: ToneSpec::switched(HZ_425, -10.0, &[200, 200]),
        call_waiting: ToneSpec::switched(HZ_425, -20.0, &[400, 100, 250, 100, 150, 14000]),
        ringing_volts: 75.0,
        ringing_hertz: 25.0,
        ringing_cadence: &[1000, 4000],
        flash_ms: (60, 140),
        delivery: RING_GAP_V23,
        ..CHINA
    },
    // Spain: E.180.
    Country {
        code: "ES",
        dial: ToneSpec::steady(HZ_425, -10.0),
        special_dial: Some(ToneSpec::switched(HZ_425, -10.0, &[1000, 100])),
        ringback: ToneSpec::switched(HZ_425, -10.0, &[1500, 3000]),
        busy: ToneSpec::switched(HZ_425, -10.0, &[200, 200]),
        congestion: ToneSpec::switched(HZ_425, -10.0, &[200, 200, 200, 200, 200, 600]),
        unobtainable: ToneSpec::switched(HZ_425, -10.0, &[200, 200, 200, 200, 200, 600]),
        call_waiting: ToneSpec::switched(HZ_425, -20.0, &[175, 175, 175, 3500]),
        ringing_volts: 75.0,
        ringing_hertz: 25.0,
        ringing_cadence: &[1500, 3000],
        flash_ms: (60, 140),
        delivery: RING_GAP_V23,
        ..CHINA
    },
    // Greece.
    Country {
        code: "GR",
        dial: ToneSpec::switched(HZ_425, -10.0, &[200, 300, 700, 800]),
        special_dial: Some(ToneSpec::switched(HZ_425, -10.0, &[650, 25])),
        ringback: ToneSpec::switched(HZ_425, -10.0, &[1000, 4000]),
        busy: ToneSpec::switched(HZ_425, -10.0, &[300, 300]),
        congestion: ToneSpec::switched(HZ_425, -10.0, &[200, 200]),
        unobtainable: ToneSpec::switched(HZ_425, -10.0, &[200, 200]),
        call_waiting: ToneSpec::switched(HZ_425, -20.0, &[150, 150, 150, 8000]),
        ringing_volts: 75.0,
        ringing_hertz: 25.0,
        ringing_cadence: &[1000, 4000],
        flash_ms: (60, 140),
        delivery: RING_GAP_V23,
        ..CHINA
    },
    // Russia: OST 45.223.
    Country {
        code: "RU",
        dial: ToneSpec::steady(HZ_425, -10.0),
        special_dial: Some(ToneSpec::switched(HZ_425, -10.0, &[400, 40])),
        ringback: ToneSpec::switched(HZ_425, -10.0, &[1000, 4000]),
        busy: ToneSpec::switched(HZ_425, -10.0, &[350, 350]),
        congestion: ToneSpec::switched(HZ_425, -10.0, &[175, 175]),
        unobtainable: ToneSpec::switched(HZ_425, -10.0, &[175, 175]),
        call_waiting: ToneSpec::switched(HZ_425, -20.0, &[200, 5000]),
        ringing_volts: 75.0,
        ringing_hertz: 25.0,
        ringing_cadence: &[1000, 4000],
        flash_ms: (60, 140),
        delivery: RING_GAP_V23,
        ..CHINA
    },
    // Australia: AS/CA S002.
    Country {
        code: "AU",
        dial: ToneSpec::steady(&[413.0, 438.0], -13.0),
        special_dial: Some(ToneSpec::switched(&[413.0, 438.0], -13.0, &[100, 40])),
        ringback: ToneSpec::switched(&[413.0, 438.0], -13.0, &[400, 200, 400, 2000]),
        busy: ToneSpec::switched(HZ_425, -10.0, &[375, 375]),
        congestion: ToneSpec::switched(HZ_425, -13.0, &[375, 375]),
        unobtainable: ToneSpec::switched(HZ_425, -10.0, &[2500, 500]),
        call_waiting: ToneSpec::switched(HZ_425, -20.0, &[200, 200, 200, 4400]),
        ringing_volts: 75.0,
        ringing_hertz: 25.0,
        ringing_cadence: &[400, 200, 400, 2000],
        flash_ms: (50, 140),
        delivery: RING_GAP_BELL,
        ..CHINA
    },
    // New Zealand: PTC 220, PTC 200.
    Country {
        code: "NZ",
        dial: ToneSpec::steady(HZ_400, -10.0),
        special_dial: None,
        ringback: ToneSpec::switched(&[400.0, 450.0], -13.0, &[400, 200, 400, 2000]),
        busy: ToneSpec::switched(HZ_400, -10.0, &[500, 500]),
        congestion: ToneSpec::switched(HZ_400, -10.0, &[250, 250]),
        unobtainable: ToneSpec::switched(HZ_400, -10.0, &[75, 100, 75, 100, 75, 100, 75, 400]),
        call_waiting: ToneSpec::switched(HZ_400, -20.0, &[200, 3000]),
        ringing_volts: 75.0,
        ringing_hertz: 20.0,
        ringing_cadence: &[400, 200, 400, 2000],
        flash_ms: (300, 1000),
        delivery: RING_GAP_BELL,
        ..CHINA
    },
    // India: TEC.
    Country {
        code: "IN",
        dial: ToneSpec { modulation_hertz: 25.0, ..ToneSpec::steady(HZ_400, -7.0) },
        special_dial: None,
        ringback: ToneSpec { modulation_hertz: 25.0, ..ToneSpec::switched(HZ_400, -7.0, &[400, 200, 400, 2000]) },
        busy: ToneSpec::switched(HZ_400, -10.0, &[750, 750]),
        congestion: ToneSpec::switched(HZ_400, -10.0, &[250, 250]),
        unobtainable: ToneSpec::switched(HZ_400, -10.0, &[2500, 500]),
        call_waiting: ToneSpec::switched(HZ_400, -20.0, &[200, 100, 200, 7500]),
        ringing_volts: 75.0,
        ringing_hertz: 25.0,
        ringing_cadence: &[400, 200, 400, 2000],
        flash_ms: (200, 1000),
        delivery: Delivery {
            moment: Moment::BeforeRing { reversal: true, alert: false },
            carrier: Carrier::Keys { begin: 'A', end: 'C' },
        },
        ..CHINA
    },
    // Singapore: IMDA TS PSTN.
    Country {
        code: "SG",
        dial: ToneSpec::steady(HZ_425, -10.0),
        special_dial: None,
        ringback: ToneSpec { modulation_hertz: 24.0, ..ToneSpec::switched(HZ_425, -7.0, &[400, 200, 400, 2000]) },
        busy: ToneSpec::switched(HZ_425, -10.0, &[750, 750]),
        congestion: ToneSpec::switched(HZ_425, -10.0, &[250, 250]),
        unobtainable: ToneSpec::switched(HZ_425, -10.0, &[2500, 500]),
        call_waiting: ToneSpec { modulation_hertz: 24.0, ..ToneSpec::switched(HZ_425, -17.0, &[300, 200, 300, 3200]) },
        ringing_volts: 75.0,
        ringing_hertz: 24.0,
        ringing_cadence: &[400, 200, 400, 2000],
        flash_ms: (300, 1000),
        delivery: RING_GAP_BELL,
        ..CHINA
    },
    // Malaysia: E.180.
    Country {
        code: "MY",
        dial: ToneSpec::steady(HZ_425, -10.0),
        special_dial: None,
        ringback: ToneSpec::switched(HZ_425, -10.0, &[400, 200, 400, 2000]),
        busy: ToneSpec::switched(HZ_425, -10.0, &[500, 500]),
        congestion: ToneSpec::switched(HZ_425, -10.0, &[500, 500]),
        unobtainable: ToneSpec::switched(HZ_425, -10.0, &[2500, 500]),
        call_waiting: ToneSpec::switched(HZ_425, -20.0, &[200, 600, 200, 3000]),
        ringing_volts: 75.0,
        ringing_hertz: 25.0,
        ringing_cadence: &[400, 200, 400, 2000],
        flash_ms: (60, 140),
        delivery: RING_GAP_BELL,
        ..CHINA
    },
    // South Africa.
    Country {
        code: "ZA",
        dial: ToneSpec { modulation_hertz: 33.3, ..ToneSpec::steady(HZ_400, -7.0) },
        special_dial: None,
        ringback: ToneSpec { modulation_hertz: 33.3, ..ToneSpec::switched(HZ_400, -7.0, &[400, 200, 400, 2000]) },
        busy: ToneSpec::switched(HZ_400, -10.0, &[500, 500]),
        congestion: ToneSpec::switched(HZ_400, -10.0, &[250, 250]),
        unobtainable: ToneSpec::switched(HZ_400, -10.0, &[2500, 500]),
        call_waiting: ToneSpec { modulation_hertz: 33.3, ..ToneSpec::switched(HZ_400, -17.0, &[250, 250]) },
        ringing_volts: 75.0,
        ringing_hertz: 25.0,
        ringing_cadence: &[400, 200, 400, 2000],
        flash_ms: (60, 140),
        delivery: RING_GAP_V23,
        ..CHINA
    },
    // United Arab Emirates: E.180.
    Country {
        code: "AE",
        dial: ToneSpec::steady(PRECISE_DIAL, -13.0),
        special_dial: None,
        ringback: ToneSpec::switched(&[400.0, 450.0], -13.0, &[400, 200, 400, 2000]),
        busy: ToneSpec::switched(HZ_400, -10.0, &[375, 375]),
        congestion: ToneSpec::switched(HZ_400, -10.0, &[400, 350, 225, 525]),
        unobtainable: ToneSpec::steady(HZ_400, -10.0),
        call_waiting: ToneSpec::switched(HZ_400, -20.0, &[100, 4000]),
        ringing_volts: 75.0,
        ringing_hertz: 25.0,
        ringing_cadence: &[400, 200, 400, 2000],
        flash_ms: (60, 140),
        delivery: RING_GAP_BELL,
        ..CHINA
    },
    // South Korea: E.180.
    Country {
        code: "KR",
        dial: ToneSpec::steady(PRECISE_DIAL, -13.0),
        special_dial: None,
        ringback: ToneSpec::switched(PRECISE_RINGBACK, -16.0, &[1000, 2000]),
        busy: ToneSpec::switched(PRECISE_BUSY, -20.0, &[500, 500]),
        congestion: ToneSpec::switched(PRECISE_BUSY, -20.0, &[300, 200]),
        unobtainable: ToneSpec::switched(PRECISE_BUSY, -20.0, &[300, 200]),
        call_waiting: ToneSpec::switched(PRECISE_DIAL, -20.0, &[250, 250, 250, 3250]),
        ringing_volts: 75.0,
        ringing_hertz: 20.0,
        ringing_cadence: &[1000, 2000],
        flash_ms: (300, 1000),
        delivery: RING_GAP_BELL,
        ..CHINA
    },
    // Taiwan: PSTN01; ETS 300 659-1.
    Country {
        code: "TW",
        dial: ToneSpec::steady(PRECISE_DIAL, -13.0),
        special_dial: None,
        ringback: ToneSpec::switched(PRECISE_RINGBACK, -16.0, &[1000, 2000]),
        busy: ToneSpec::switched(PRECISE_BUSY, -20.0, &[500, 500]),
        congestion: ToneSpec::switched(PRECISE_BUSY, -20.0, &[250, 250]),
        unobtainable: ToneSpec::switched(PRECISE_BUSY, -20.0, &[250, 250]),
        call_waiting: ToneSpec::switched(PRECISE_DIAL, -20.0, &[250, 250, 250, 3250]),
        ringing_volts: 75.0,
        ringing_hertz: 20.0,
        ringing_cadence: &[1000, 2000],
        flash_ms: (300, 1000),
        delivery: Delivery {
            moment: Moment::BeforeRing { reversal: false, alert: true },
            carrier: Carrier::Fsk(Modem::V23),
        },
        ..CHINA
    },
    // Thailand: E.180.
    Country {
        code: "TH",
        dial: ToneSpec { modulation_hertz: 50.0, ..ToneSpec::steady(HZ_400, -7.0) },
        special_dial: Some(ToneSpec { modulation_hertz: 50.0, ..ToneSpec::switched(HZ_400, -7.0, &[400, 100]) }),
        ringback: ToneSpec::switched(HZ_400, -10.0, &[1000, 4000]),
        busy: ToneSpec::switched(HZ_400, -10.0, &[500, 500]),
        congestion: ToneSpec::switched(HZ_400, -10.0, &[300, 300]),
        unobtainable: ToneSpec::switched(HZ_400, -10.0, &[300, 300]),
        call_waiting: ToneSpec::switched(&[1000.0], -20.0, &[400, 10000]),
        ringing_volts: 75.0,
        ringing_hertz: 25.0,
        ringing_cadence: &[1000, 4000],
        flash_ms: (200, 1000),
        delivery: RING_GAP_BELL,
        ..CHINA
    },
    // Brazil: Anatel.
    Country {
        code: "BR",
        dial: ToneSpec::steady(HZ_425, -10.0),
        special_dial: None,
        ringback: ToneSpec::switched(HZ_425, -10.0, &[1000, 4000]),
        busy: ToneSpec::switched(HZ_425, -10.0, &[250, 250]),
        congestion: ToneSpec::switched(HZ_425, -10.0, &[250, 250, 750, 250]),
        unobtainable: ToneSpec::switched(HZ_425, -10.0, &[250, 250, 750, 250]),
        call_waiting: ToneSpec::switched(HZ_425, -20.0, &[50, 1000]),
        ringing_volts: 75.0,
        ringing_hertz: 25.0,
        ringing_cadence: &[1000, 4000],
        flash_ms: (90, 500),
        delivery: Delivery {
            moment: Moment::BeforeRing { reversal: false, alert: false },
            carrier: Carrier::Keys { begin: 'A', end: 'C' },
        },
        ..CHINA
    },
];
