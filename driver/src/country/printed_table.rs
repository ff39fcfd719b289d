//! The profiles printed as a table for people: tones, ringing, caller ID, flash, sources. The data are in the
//! countries' own files, listed in [`country`](super).
//!
//! Never: says anything that is not in a profile.

use std::fmt::Write;

use super::{COUNTRIES, CallerIdKind, CallerIdTiming, Country};
use crate::dsp::tone::{FOREVER, SegmentSignal, ToneSpec};

const HEADING: &str = "\
| code | country | dial tone | ringback | busy | congestion | ringing | caller ID | flash ms | impedance | confidence: tones, \
caller ID, flash | sources |
|---|---|---|---|---|---|---|---|---|---|---|---|
";

/// All profiles as a table in Markdown: frequencies in hertz (`+` together, `*` swelling by), sound/silence in ms.
pub fn table() -> String {
    let mut text = HEADING.to_owned();
    for country in COUNTRIES {
        let tones = [&country.tones.dial, &country.tones.ringback, &country.tones.busy, &country.tones.congestion];
        let [dial, ringback, busy, congestion] = tones.map(tone);
        let evidence = country.evidence;
        let _ = writeln!(
            text,
            "| {} | {} | {dial} | {ringback} | {busy} | {congestion} | {} | {} | {} | {} | {}, {}, {} | {} |",
            country.code,
            country.name,
            ringing(country),
            caller_id(country),
            country.timers.flash_sent_ms,
            impedance(country),
            evidence.tones,
            evidence.caller_id,
            evidence.flash,
            evidence.sources,
        );
    }
    text
}

/// The tone in the notation of the tone tables: `425 500/500`.
fn tone(spec: &ToneSpec) -> String {
    let mut text = String::new();
    let mut hz = String::new();
    for (index, segment) in spec.segments.iter().enumerate() {
        let signal = frequencies(&segment.signal);
        if !signal.is_empty() && signal != hz {
            let _ = write!(text, "{}{signal} ", if text.is_empty() { "" } else { " " });
            hz = signal;
        } else if index > 0 {
            text.push(if segment.signal == SegmentSignal::Silence { '/' } else { ' ' });
        }
        match segment.ms {
            FOREVER => text.push_str("continuous"),
            ms => {
                let _ = write!(text, "{ms}");
            }
        }
    }
    text
}

fn frequencies(signal: &SegmentSignal) -> String {
    match signal {
        SegmentSignal::Silence => String::new(),
        SegmentSignal::Sum(components) => {
            components.iter().map(|component| component.hz.to_string()).collect::<Vec<_>>().join("+")
        }
        SegmentSignal::Modulated { carrier, by_hz } => format!("{}*{by_hz}", carrier.hz),
    }
}

fn ringing(country: &Country) -> String {
    let bursts = country.ringing.cadence.iter().map(|burst| format!("{}/{}", burst.on_ms, burst.off_ms));
    format!("{} Hz {}", country.ringing.hz, bursts.collect::<Vec<_>>().join(" "))
}

fn caller_id(country: &Country) -> String {
    let Some(service) = country.line.caller_id else { return "none".to_owned() };
    let kind = match service.kind {
        CallerIdKind::Bell202 => "Bell 202".to_owned(),
        CallerIdKind::V23 => "V.23".to_owned(),
        CallerIdKind::Ntt => "V.23 (NTT)".to_owned(),
        CallerIdKind::Dtmf { start, end } => format!("DTMF {start}…{end}"),
    };
    let timing = match service.timing {
        CallerIdTiming::AfterFirstRing => "after the first ring",
        CallerIdTiming::AfterRingPulse => "after a ring pulse",
        CallerIdTiming::BeforeFirstRing { reversal: false, alert: false } => "before the first ring",
        CallerIdTiming::BeforeFirstRing { reversal: true, alert: false } => "after a reversal",
        CallerIdTiming::BeforeFirstRing { reversal: false, alert: true } => "after DT-AS",
        CallerIdTiming::BeforeFirstRing { reversal: true, alert: true } => "after a reversal and DT-AS",
        CallerIdTiming::AfterPrimaryAnswer => "after a primary answer",
    };
    format!("{kind} {timing}")
}

fn impedance(country: &Country) -> &'static str {
    use crate::card::tdm400p::line_settings::{LineSettings, StationImpedance};
    match LineSettings::of(country.code).map(|settings| settings.station.impedance) {
        Some(StationImpedance::Ohm600) => "600",
        Some(StationImpedance::Ohm900) => "900",
        Some(StationImpedance::Tbr21) => "270 + 750 ∥ 150 nF",
        Some(StationImpedance::Australia) => "220 + 820 ∥ 120 nF",
        Some(StationImpedance::Germany) => "220 + 820 ∥ 115 nF",
        Some(StationImpedance::BritishTelecom) => "370 + 620 ∥ 310 nF",
        None => "–",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_documentation_is_that_of_the_profiles() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/country/countries.md");
        if std::env::var_os("TIPRING_BLESS").is_some() {
            std::fs::write(path, table()).expect("the table is written");
        }
        let written = std::fs::read_to_string(path).expect("the table is there");
        assert_eq!(written, table(), "TIPRING_BLESS=1 cargo test -p tipring-driver table writes it anew");
    }

    #[test]
    fn a_tone_is_written_as_in_the_tone_tables() {
        assert_eq!(tone(&super::super::UNITED_KINGDOM.tones.ringback), "400+450 400/200 400/2000");
        assert_eq!(tone(&super::super::INDIA.tones.dial), "400*25 continuous");
        assert_eq!(tone(&super::super::ITALY.tones.special_dial), "470 400 425 400");
    }
}
