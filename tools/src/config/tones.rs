//! Tones that a site writes down itself: of a private exchange, of a country without a profile, of one line that
//! differs.
//!
//! Never: listens. It only makes the patterns that the detector gets beside those of the country.

use serde::{Deserialize, Serialize};
use tipring_driver::country::Country;
use tipring_driver::dsp::progress::{Bank, Cadence, Detection, Pattern, Span};
use tipring_driver::signal::ToneKind;

/// A tone: its meaning, its frequencies, its cadence.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ToneConfig {
    /// The meaning.
    pub meaning: ToneMeaning,
    /// The frequencies that sound together, in hertz (200 to 3600); of a tone that swells, the one in the middle.
    pub hz: Vec<f64>,
    /// Sound, silence, sound, silence, … in ms; left out for a tone without a break.
    #[serde(default)]
    pub cadence_ms: Vec<u32>,
}

/// The meaning of a tone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum ToneMeaning {
    /// Dial: the line awaits a number
    Dial,
    /// Ringback: the far end is ringing
    Ringback,
    /// Busy: the far end is busy, or has gone
    Busy,
    /// Congestion, or number unobtainable
    Congestion,
}

impl ToneMeaning {
    /// The tone as the detector names it.
    pub const fn kind(self) -> ToneKind {
        match self {
            ToneMeaning::Dial => ToneKind::Dial,
            ToneMeaning::Ringback => ToneKind::Ringback,
            ToneMeaning::Busy => ToneKind::Busy,
            ToneMeaning::Congestion => ToneKind::Congestion,
        }
    }

    /// The word of the configuration.
    pub const fn word(self) -> &'static str {
        match self {
            ToneMeaning::Dial => "dial",
            ToneMeaning::Ringback => "ringback",
            ToneMeaning::Busy => "busy",
            ToneMeaning::Congestion => "congestion",
        }
    }
}

/// The band of a telephone, in hertz.
const BAND_HZ: std::ops::RangeInclusive<f64> = 200.0..=3600.0;
/// Lengths of a sound or a silence, in ms: the detector looks every 10 ms and remembers 12 s.
const SPAN_MS: std::ops::RangeInclusive<u32> = 40..=10_000;
/// The most sounds and silences of a cadence: the detector remembers twice as many.
const SPANS_MAX: usize = 8;
/// The most frequencies of a tone.
const PARTS_MAX: usize = 4;
/// Deviation of a span from its length, in per cent; that of the countries' profiles.
const TOLERANCE: u32 = 15;
/// Frequencies nearer to each other are the same for a steady tone and a burst of another.
const SAME_HZ: f64 = 30.0;

impl ToneConfig {
    /// Checks the tone by itself. An error is the key and a sentence.
    ///
    /// # Errors
    /// Values that no tone has, or that the detector cannot part in this country.
    pub fn check(&self, country: &Country) -> Result<(), (&'static str, String)> {
        let count = self.hz.len();
        if !(1..=PARTS_MAX).contains(&count) {
            return Err(("hz", format!("hz is 1 to {PARTS_MAX} frequencies that sound together, not {count}")));
        }
        if let Some(hz) = self.hz.iter().find(|hz| !BAND_HZ.contains(*hz)) {
            return Err(("hz", format!("hz: {hz} is not on a telephone line; it is 200 to 3600")));
        }
        let apart = 600.0 / f64::from(country.detection.coherent_ms);
        let mut sorted = self.hz.clone();
        sorted.sort_by(f64::total_cmp);
        if let Some(&[low, high]) = sorted.windows(2).find(|pair| pair[1] - pair[0] < apart) {
            let text = format!(
                "hz: {low} and {high} are too near to be parted in {} (it takes {apart:.0} Hz); together they swell, so \
                 write the middle, hz = [{}]",
                country.code,
                f64::midpoint(low, high)
            );
            return Err(("hz", text));
        }
        let spans = self.cadence_ms.len();
        if !spans.is_multiple_of(2) || spans > SPANS_MAX {
            let text = format!(
                "cadence_ms is sound and silence in turn, so an even count up to {SPANS_MAX}, not {spans}; leave it out for \
                 a tone without a break"
            );
            return Err(("cadence_ms", text));
        }
        if let Some(ms) = self.cadence_ms.iter().find(|ms| !SPAN_MS.contains(*ms)) {
            return Err(("cadence_ms", format!("cadence_ms: each is 40 to 10000 ms, not {ms}")));
        }
        if self.cadence_ms.is_empty() && self.meaning == ToneMeaning::Ringback {
            let text = "a ringback without cadence_ms sounds like dial tone; write its sound and silence";
            return Err(("cadence_ms", text.to_owned()));
        }
        Ok(())
    }

    fn pattern(&self, steady_ms: u32) -> Pattern {
        let cadence = match self.cadence_ms.len() {
            0 if self.meaning == ToneMeaning::Dial => Cadence::Steady { ms: steady_ms, gap_ms: 60 },
            0 => Cadence::Steady { ms: steady_ms.max(2500), gap_ms: 0 },
            count => {
                let spans: Vec<_> = self.cadence_ms.iter().map(|ms| Span::around(*ms, TOLERANCE)).collect();
                Cadence::Cycle { spans: spans.leak(), enough: self.enough(count) }
            }
        };
        Pattern { tone: self.meaning.kind(), hz: self.hz.clone().leak(), cadence }
    }

    /// Spans that must fit: a ringback is known by its first bursts, a tone that releases only when speech is ruled
    /// out.
    fn enough(&self, spans: usize) -> u8 {
        let enough = match self.meaning {
            ToneMeaning::Ringback => spans - 1,
            ToneMeaning::Dial => spans.max(3),
            ToneMeaning::Busy | ToneMeaning::Congestion => {
                let shortest = self.cadence_ms.iter().min().copied().unwrap_or(0);
                spans.max(if shortest < 300 { 9 } else { 7 })
            }
        };
        enough as u8
    }
}

/// A country whose lines have these tones, too. It stays for as long as the program runs, like the countries
/// themselves.
///
/// # Errors
/// The place of the first tone that is one too many, and a sentence.
pub fn country_with(country: &'static Country, tones: &[ToneConfig]) -> Result<&'static Country, (usize, String)> {
    if tones.is_empty() {
        return Ok(country);
    }
    let theirs = country.detection.patterns;
    let cadences = tones.iter().filter(|tone| !tone.cadence_ms.is_empty());
    let bursts: Vec<(f64, u32)> = cadences
        .map(|tone| {
            let longest = tone.cadence_ms.iter().step_by(2).max().copied().unwrap_or(0);
            (tone.hz[0], Span::around(longest, TOLERANCE).max_ms)
        })
        .chain(theirs.iter().filter_map(|pattern| match pattern.cadence {
            Cadence::Cycle { spans, .. } => {
                Some((pattern.hz[0], spans.iter().step_by(2).map(|span| span.max_ms).max().unwrap_or(0)))
            }
            Cadence::Steady { .. } | Cadence::Regular { .. } => None,
        }))
        .collect();
    // A steady tone is known when it lasts longer than any burst at its frequency.
    let longer_than_bursts = |hz: f64, ms: u32| {
        let near = bursts.iter().filter(|(other, _)| (other - hz).abs() < SAME_HZ);
        near.map(|(_, burst_ms)| burst_ms + 100).max().unwrap_or(0).max(ms)
    };
    let mut patterns = Vec::new();
    for (index, tone) in tones.iter().enumerate() {
        patterns.push(tone.pattern(longer_than_bursts(tone.hz[0], 1250)));
        let all: Vec<Pattern> = patterns.iter().chain(theirs).copied().collect();
        if !Bank::has_room_for(&all) {
            let text = "the detector has room for eight different frequencies in six sets, the country's among them; leave out \
                        a tone, or write frequencies as the country has them";
            return Err((index, text.to_owned()));
        }
    }
    patterns.extend(theirs.iter().map(|pattern| match pattern.cadence {
        Cadence::Steady { ms, gap_ms } => {
            Pattern { cadence: Cadence::Steady { ms: longer_than_bursts(pattern.hz[0], ms), gap_ms }, ..*pattern }
        }
        Cadence::Cycle { .. } | Cadence::Regular { .. } => *pattern,
    }));
    let detection = Detection { patterns: patterns.leak(), ..country.detection };
    Ok(Box::leak(Box::new(Country { detection, ..*country })))
}

#[cfg(test)]
mod tests {
    use tipring_driver::country::CHINA;

    use super::*;

    fn country(code: &str) -> &'static Country {
        Country::of(code).expect("a country with a profile")
    }

    fn tone(meaning: ToneMeaning, hz: &[f64], cadence_ms: &[u32]) -> ToneConfig {
        ToneConfig { meaning, hz: hz.to_vec(), cadence_ms: cadence_ms.to_vec() }
    }

    #[test]
    fn values_that_no_tone_has_are_refused_with_the_key_and_the_remedy() {
        for (wrong, key, text) in [
            (tone(ToneMeaning::Busy, &[], &[500, 500]), "hz", "1 to 4"),
            (tone(ToneMeaning::Busy, &[50.0], &[500, 500]), "hz", "200 to 3600"),
            (tone(ToneMeaning::Dial, &[413.0, 438.0], &[]), "hz", "hz = [425.5]"),
            (tone(ToneMeaning::Busy, &[425.0], &[500]), "cadence_ms", "even count"),
            (tone(ToneMeaning::Busy, &[425.0], &[500, 20]), "cadence_ms", "40 to 10000"),
            (tone(ToneMeaning::Ringback, &[425.0], &[]), "cadence_ms", "dial tone"),
        ] {
            let (found, why) = wrong.check(country("DE")).expect_err("it is refused");
            assert_eq!(found, key, "{why}");
            assert!(why.contains(text), "{why}");
        }
        tone(ToneMeaning::Ringback, &[400.0, 450.0], &[400, 200, 400, 2000]).check(country("GB")).expect("it is right");
    }

    #[test]
    fn a_steady_tone_of_the_country_is_known_only_after_the_longest_burst_of_the_site() {
        let own = [tone(ToneMeaning::Congestion, &[450.0], &[2500, 500])];
        let country = country_with(&CHINA, &own).expect("there is room");
        let steady = country.detection.patterns.iter().find_map(|pattern| match pattern.cadence {
            Cadence::Steady { ms, .. } => Some(ms),
            Cadence::Cycle { .. } | Cadence::Regular { .. } => None,
        });
        assert_eq!(steady, Some(2875 + 100));
        assert_eq!(country.detection.patterns.len(), CHINA.detection.patterns.len() + 1);
    }

    #[test]
    fn more_frequencies_than_the_detector_has_room_for_are_refused_at_the_first_that_is_too_many() {
        let own: Vec<_> =
            (0..8).map(|n| tone(ToneMeaning::Busy, &[600.0 + 100.0 * f64::from(n)], &[500, 500])).collect();
        let (index, why) = country_with(&CHINA, &own).expect_err("there is no room");
        assert_eq!(index, 4, "{why}");
    }
}
