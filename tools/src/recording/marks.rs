//! Marks of a recording as they are shown: places in the file in place of moments.
//!
//! Never: reads a file.

use serde::Serialize;
use tipring_core::store::sqlite::{MarkRow, RecordingRow};
use tipring_driver::time::SAMPLE_RATE_HZ;

/// A mark of a recording.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mark {
    /// The kind: `start`, `stop`, `pause`, `bookmark`.
    pub kind: String,
    /// Place in the file, in s from its begin.
    pub seconds: f64,
    /// Place of a pause's end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<f64>,
    /// Reason for which a pause has ended; none while it goes on, and where the program ended first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
    /// The user who has asked for it; empty where the system has set it.
    pub user: String,
    /// The station at whose call.
    pub station: String,
    /// The text of a bookmark.
    pub text: String,
}

impl Mark {
    /// A mark of a recording. One without an end lasts as long as the file.
    pub fn new(recording: &RecordingRow, row: MarkRow) -> Mark {
        let length = recording.samples as f64 / f64::from(SAMPLE_RATE_HZ);
        let place = |at_ms: i64| ((at_ms - recording.began_ms).max(0) as f64 / 1000.0).min(length);
        let is_pause = row.kind == "pause";
        Mark {
            seconds: place(row.at_ms),
            until: is_pause.then(|| row.until_ms.map_or(length, place)),
            kind: row.kind,
            ended_by: row.ended_by,
            user: row.user,
            station: row.station,
            text: row.text,
        }
    }

    /// Length in s of the pauses among some marks, to the sample.
    pub fn paused(marks: &[Mark]) -> f64 {
        let rate = f64::from(SAMPLE_RATE_HZ);
        let samples = |mark: &Mark| Some(((mark.until? - mark.seconds) * rate).round() as u64);
        marks.iter().filter_map(samples).sum::<u64>() as f64 / rate
    }

    /// The mark as a line.
    pub fn line(&self) -> String {
        let mut text = match self.until {
            Some(until) => format!("{:.1} s to {until:.1} s", self.seconds),
            None => format!("{:.1} s", self.seconds),
        };
        if !self.text.is_empty() {
            text += &format!(" {:?}", self.text);
        }
        if !self.user.is_empty() {
            text += &format!(", by {:?} at {}", self.user, self.station);
        }
        match self.ended_by.as_deref() {
            Some("limit") => text + ", ended at the limit",
            Some("recording-ended") => text + ", to the end",
            _ => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_stands_at_its_place_in_the_file_and_a_pause_without_an_end_lasts_to_the_files() {
        let recording = RecordingRow {
            id: 5,
            call_id: 17,
            file: "x.wav".into(),
            began_ms: 10_000,
            samples: 80_000,
            whole: true,
            sha256: None,
            octets: None,
            removed_ms: None,
            reason: None,
        };
        let row = |kind: &str, at_ms, until_ms, text: &str| MarkRow {
            number: 1,
            kind: kind.into(),
            at_ms,
            until_ms,
            ended_by: None,
            user: "zhao".into(),
            station: "1001".into(),
            text: text.into(),
        };
        let of = |row| Mark::new(&recording, row);
        let marks = [
            of(row("pause", 11_000, Some(13_500), "")),
            of(row("bookmark", 14_000, None, "promise")),
            of(row("pause", 19_000, None, "")),
        ];
        assert_eq!((marks[0].seconds, marks[0].until), (1.0, Some(3.5)));
        assert_eq!((marks[1].seconds, marks[1].until), (4.0, None));
        assert_eq!((marks[2].seconds, marks[2].until), (9.0, Some(10.0)));
        assert_eq!(Mark::paused(&marks), 3.5);
        let short = of(row("pause", 10_110, Some(10_120), ""));
        assert_eq!(Mark::paused(&[short]), 0.01, "no more digits than there are samples");
        assert_eq!(marks[1].line(), "4.0 s \"promise\", by \"zhao\" at 1001");
    }
}
