//! Result of a demo: for people a few lines, for programs one JSON object.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::judge::{Findings, Heard};

/// Result of a run.
pub struct Summary {
    /// The seed.
    pub seed: u64,
    /// Findings of the judge.
    pub findings: Findings,
    /// Ticks that were served late.
    pub late_ticks: u64,
    /// From the tick that decided an event to the event in the client's hand, in microseconds, in no order.
    pub latencies_us: Vec<u64>,
    /// Duration on the board's clock, in ms.
    pub virtual_ms: u64,
    /// Duration on the wall clock, in seconds.
    pub wall_seconds: f64,
    /// The hash of `events.jsonl`.
    pub event_log_sha256: String,
}

impl Summary {
    /// Returns true if every offered call ended as it should.
    pub fn is_good(&self) -> bool {
        self.findings.faults.is_empty()
    }

    /// The latency that a share of the events stayed below.
    fn latency_us(&self, share: f64) -> u64 {
        let mut sorted = self.latencies_us.clone();
        sorted.sort_unstable();
        let place = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
        sorted.get(place).copied().unwrap_or(0)
    }

    fn virtual_seconds(&self) -> f64 {
        self.virtual_ms as f64 / 1000.0
    }
}

#[derive(Serialize)]
struct Calls {
    offered: usize,
    answered: usize,
    abandoned: usize,
}

#[derive(Serialize)]
struct Audio {
    paths_checked: usize,
    min_snr_db: Option<f64>,
}

#[derive(Serialize)]
struct Latency {
    p50: u64,
    p99: u64,
}

/// Three places behind the point: more would only be noise in a text.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

impl Serialize for Summary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let found = &self.findings;
        let mut object = serializer.serialize_struct("summary", 17)?;
        object.serialize_field("seed", &self.seed)?;
        let calls = Calls { offered: found.offered, answered: found.answered, abandoned: found.abandoned };
        object.serialize_field("calls", &calls)?;
        object.serialize_field("screen_pops", &found.screen_pops)?;
        object.serialize_field("caller_ids_sent", &found.caller_ids_sent)?;
        object.serialize_field("caller_ids_correct", &found.caller_ids_correct)?;
        object.serialize_field("digits_sent", &found.digits_sent)?;
        object.serialize_field("digits_correct", &found.digits_correct)?;
        let min_snr_db = found.min_snr_db.map(|snr| (f64::from(snr) * 10.0).round() / 10.0);
        object.serialize_field("audio", &Audio { paths_checked: found.paths_checked, min_snr_db })?;
        object.serialize_field("recordings", &found.recordings)?;
        object.serialize_field("cdrs", &found.cdrs)?;
        object.serialize_field("call_control", &found.call_control)?;
        object.serialize_field("late_ticks", &self.late_ticks)?;
        let latency = Latency { p50: self.latency_us(0.5), p99: self.latency_us(0.99) };
        object.serialize_field("event_latency_us", &latency)?;
        object.serialize_field("virtual_seconds", &rounded(self.virtual_seconds()))?;
        object.serialize_field("talk_seconds", &rounded(found.talk_ms as f64 / 1000.0))?;
        object.serialize_field("wall_seconds", &rounded(self.wall_seconds))?;
        object.serialize_field("event_log_sha256", &self.event_log_sha256)?;
        object.end()
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let found = &self.findings;
        writeln!(f, "{} calls: {} answered, {} abandoned", found.offered, found.answered, found.abandoned)?;
        writeln!(
            f,
            "{} screen pops; {} of {} numbers and {} of {} keys right",
            found.screen_pops, found.caller_ids_correct, found.caller_ids_sent, found.digits_correct, found.digits_sent
        )?;
        write!(
            f,
            "{} recordings, {} call detail records; {} phrases compared",
            found.recordings, found.cdrs, found.paths_checked
        )?;
        match found.min_snr_db {
            Some(snr) => writeln!(f, ", the worst at {snr:.1} dB")?,
            None => writeln!(f)?,
        }
        let control = &found.call_control;
        for (service, Heard { parts, heard, kept_from }) in [
            ("pickup", control.pickup),
            ("hold and consultation", control.consultation),
            ("conference", control.conference),
            ("transfer", control.transfer),
            ("listen, whisper, barge in", control.supervision),
        ] {
            if parts > 0 {
                writeln!(f, "{service}: phrases heard where they should be {heard}, kept from other ears {kept_from}")?;
            }
        }
        writeln!(
            f,
            "{:.1} s on the line, {:.1} s of talk (two calls at once for {:.1} s), in {:.1} s by the wall clock",
            self.virtual_seconds(),
            found.talk_ms as f64 / 1000.0,
            found.two_talking_ms as f64 / 1000.0,
            self.wall_seconds
        )?;
        write!(
            f,
            "events reached the screens in {} µs (median), {} µs (99 %); {} late ticks",
            self.latency_us(0.5),
            self.latency_us(0.99),
            self.late_ticks
        )
    }
}
