//! Recordings of the calls: whether they can be played, and whether what was said stands in them where it was said.
//!
//! Never: looks for a phrase that the world did not speak.

use std::path::Path;

use tipring_core::store::sqlite::CallRow;
use tipring_hw_sim::people::listen;
use tipring_hw_sim::people::truth::{Listener, What};
use tipring_hw_sim::people::voice::{PhraseId, Speaker};

use super::hearing::Parts;
use super::{Evidence, Findings, SAMPLES_PER_MS, TrueCall, take_snr, transfer_of};
use crate::config::Tap;

/// Least ratio in a recording to listen to: level control moves the gain, and noise reduction suppresses soft sounds.
const LISTENING_SNR_LEAST_DB: f32 = 6.0;
/// Largest distance of a phrase in a recording from its expected position, in samples.
const SEARCH: i64 = 50 * SAMPLES_PER_MS;

/// Judges the recording of a call that was answered by a person.
pub(super) fn judge_recording(
    (evidence, parts): (&Evidence<'_>, &Parts),
    call: &TrueCall,
    row: &CallRow,
    offset: i64,
    findings: &mut Findings,
) {
    let Some(recording) =
        evidence.recordings.iter().find(|recording| Some(recording.id) == row.recording && recording.whole)
    else {
        findings.faults.push(format!("call {}: it was answered, and there is no whole recording of it", call.call));
        return;
    };
    let (left, right) = match read_stereo(&evidence.folder.join(&recording.file)) {
        Ok(sides) => sides,
        Err(why) => {
            findings.faults.push(format!("call {}: {} {why}", call.call, recording.file));
            return;
        }
    };
    if left.len() as i64 != recording.samples {
        findings.faults.push(format!(
            "call {}: {} holds {} samples, and {} stand in the database",
            call.call,
            recording.file,
            left.len(),
            recording.samples
        ));
    }
    let mut checked = 0;
    for (phrase, from_ms, samples) in spoken(evidence, call, row, offset) {
        let side = match phrase.speaker {
            Speaker::Remote { .. } => &left,
            // All that the caller is sent: of several voices at once none is compared.
            Speaker::Agent { .. } if parts.mixes(phrase, Listener::Call(call.call)) => continue,
            Speaker::Agent { .. } => &right,
        };
        let expected = (from_ms + offset - recording.began_ms) * SAMPLES_PER_MS;
        if expected < 0 || expected + samples > side.len() as i64 {
            // Said before the recorder ran or after the system knew that the other was gone.
            continue;
        }
        let from = (expected - SEARCH).max(0);
        let heard = &side[from as usize..((expected + samples + SEARCH) as usize).min(side.len())];
        let mut source = evidence.phrases.samples(phrase);
        source.truncate(samples as usize);
        let Some(at) = listen::find(&source, heard, expected - from - SEARCH, expected - from + SEARCH) else {
            findings.faults.push(format!("call {}: phrase {phrase} is not in {}", call.call, recording.file));
            continue;
        };
        checked += 1;
        findings.paths_checked += 1;
        let measured = listen::measure(&source, heard, at);
        let what = format!("phrase {phrase} in {}", recording.file);
        match evidence.tap {
            Tap::Evidence => take_snr(&what, measured.snr_db, findings),
            Tap::Listening if measured.snr_db >= LISTENING_SNR_LEAST_DB => {}
            Tap::Listening => findings.faults.push(format!(
                "{what} has {:.1} dB; {LISTENING_SNR_LEAST_DB} are wanted for listening",
                measured.snr_db
            )),
        }
    }
    if checked == 0 {
        findings.faults.push(format!("call {}: no whole phrase lies within {}", call.call, recording.file));
    } else {
        findings.recordings += 1;
    }
}

/// The phrases said to their end by either party of a call while it was established: which, from when, how many
/// samples.
fn spoken(evidence: &Evidence<'_>, call: &TrueCall, row: &CallRow, offset: i64) -> Vec<(PhraseId, i64, i64)> {
    // The station of the record has the call since the transfer.
    let established = transfer_of(evidence, row)
        .map_or(row.established_ms.unwrap_or(row.ended_ms) - offset, |transfer| transfer.from_ms);
    let ended = row.ended_ms - offset;
    let socket = evidence
        .stations
        .iter()
        .find(|(_, extension)| Some(extension.as_str()) == row.station.as_deref())
        .map(|(socket, _)| *socket);
    evidence
        .truths
        .iter()
        .filter_map(|truth| match truth.what {
            What::Spoken { phrase, from_ms, samples, complete: true } => Some((phrase, from_ms as i64, samples as i64)),
            _ => None,
        })
        .filter(|(phrase, from, _)| match phrase.speaker {
            Speaker::Remote { call: of } => of == call.call,
            Speaker::Agent { station, .. } => Some(station) == socket && (established..ended).contains(from),
        })
        .collect()
}

/// Reads both sides of a recording.
fn read_stereo(path: &Path) -> Result<(Vec<i16>, Vec<i16>), String> {
    let mut reader = hound::WavReader::open(path).map_err(|error| format!("cannot be played: {error}"))?;
    let spec = reader.spec();
    if (spec.channels, spec.sample_rate, spec.bits_per_sample) != (2, 8000, 16) {
        return Err(format!("is not 16-bit stereo at 8 kHz but {spec:?}"));
    }
    let samples: Vec<i16> =
        reader.samples().collect::<Result<_, _>>().map_err(|error| format!("cannot be played to its end: {error}"))?;
    Ok(samples.chunks_exact(2).map(|pair| (pair[0], pair[1])).unzip())
}
