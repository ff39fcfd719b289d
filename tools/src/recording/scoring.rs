//! Scores of recordings: bound to the recording by number and checksum, to the form by its file's checksum. The command
//! line and the console score through the same functions.
//!
//! Never: changes the points of a score; a wrong one is withdrawn, and another one is given.

use std::collections::BTreeMap;

use tipring_core::store::sqlite::{FoundRecording, STEPS, ScoreRow, ScoreStep};

use super::archive::{Archive, Presence};
use super::checksum;
use super::form::Form;
use crate::clock;
use crate::failure::Failure;

/// A score as an inspector gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// Answers by question.
    pub answers: BTreeMap<String, String>,
    /// A remark.
    pub remark: String,
    /// For calibration: compared with others, counted for no agent.
    pub calibration: bool,
    /// The inspector.
    pub inspector: String,
    /// The user of the operating system, or the console with its address.
    pub os_user: String,
}

/// Scores a recording by a form. Returns the score as it was kept, with its number.
///
/// # Errors
/// An answer that is none, a recording without sound or changed since it was finished, a database that takes nothing: a
/// sentence.
pub fn score(archive: &mut Archive, found: FoundRecording, form: &Form, given: Given) -> Result<ScoreRow, Failure> {
    let points = form.score(&given.answers)?;
    if !matches!(archive.presence(&found.recording), Presence::Whole | Presence::CutOff) {
        // The sentence that says why there is no sound.
        archive.sound(&found.recording)?;
    }
    let sha256 = checksum::of_file(&archive.path(&found.recording))?.sha256;
    if found.recording.sha256.as_ref().is_some_and(|known| *known != sha256) {
        let file = &found.recording.file;
        return Err(format!("{file} has changed since it was finished; `tipring recording verify` says how").into());
    }
    let kind = if given.calibration { "calibration" } else { "inspection" };
    let mut row = ScoreRow {
        id: 0,
        at_ms: clock::epoch_ms(),
        recording: found.recording.id,
        sha256,
        call_id: found.recording.call_id,
        agent: found.call.and_then(|call| call.agent),
        form: form.title(),
        form_sha256: form.sha256.clone(),
        kind: kind.to_owned(),
        inspector: given.inspector,
        os_user: given.os_user,
        points: points.points,
        possible: points.possible,
        fatal: points.fatal.join("; "),
        answers: serde_json::to_string(&points.answers)?,
        remark: given.remark,
        state: "standing".to_owned(),
    };
    row.id = archive.store.keep_score(&row)?;
    Ok(row)
}

/// Brings a score into another state.
///
/// # Errors
/// There is no such score, or it cannot come into that state: a sentence.
pub fn step(archive: &mut Archive, step: &ScoreStep) -> Result<(), Failure> {
    let (score, state) = (step.score, step.state.as_str());
    let Some(before) = archive.store.step_score(step)? else {
        return Err(format!("There is no score {score}; `tipring quality list` shows those there are").into());
    };
    let from = STEPS.iter().find(|(to, _)| *to == state).map_or(&[][..], |(_, from)| *from);
    if from.contains(&before.as_str()) {
        return Ok(());
    }
    Err(format!("The score {score} is {before}; only one that is {} can be {state}", from.join(" or ")).into())
}
