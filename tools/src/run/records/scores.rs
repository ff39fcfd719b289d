//! Forms, scores and their states for the console.
//!
//! Never: has a rule of scoring; those are in the forms and in the functions that the command line has as well.

use tipring_core::store::sqlite::{ScoreRow, ScoreStep, SqliteStore};
use tipring_web::records::{
    RecordsClient, RecordsRefusal, RecordsReply, RecordsRequest, ScoreItem, ScoreState, StepItem,
};

use super::recordings::{number, one};
use super::{Place, Seen, failed, no_right, not_known, out_of_range, reason_of};
use crate::clock;
use crate::recording::archive::{Archive, console_user};
use crate::recording::form::Form;
use crate::recording::scoring::{self, Given};

fn load(place: &Place) -> Result<Vec<Form>, RecordsRefusal> {
    place.forms.as_deref().map_or(Ok(Vec::new()), Form::load).map_err(failed)
}

pub(super) fn forms(place: &Place) -> Result<RecordsReply, RecordsRefusal> {
    Ok(RecordsReply::Forms { forms: load(place)?.iter().map(Form::item).collect() })
}

pub(super) fn score(
    place: &Place,
    seen: &Seen,
    client: &RecordsClient,
    request: &RecordsRequest,
) -> Result<RecordsReply, RecordsRefusal> {
    let RecordsRequest::ScoreRecording { recording, form, answers, remark, calibration } = request else {
        return Err(out_of_range("this is no score"));
    };
    let forms = load(place)?;
    let form = forms.iter().find(|known| known.title() == *form).ok_or_else(|| {
        not_known(format!("there is no form {form:?}; `forms` under [recording] names the file of forms"))
    })?;
    let mut archive = place.act()?;
    let found = one(&archive, seen, recording)?;
    let given = Given {
        answers: answers.clone(),
        remark: remark.clone(),
        calibration: *calibration,
        inspector: client.login.clone(),
        os_user: console_user(&client.address),
    };
    let ScoreRow { id, points, possible, fatal, .. } =
        scoring::score(&mut archive, found, form, given).map_err(failed)?;
    Ok(RecordsReply::Scored { score: id, points, possible, fatal })
}

pub(super) fn list(place: &Place, seen: &Seen, request: &RecordsRequest) -> Result<RecordsReply, RecordsRefusal> {
    let RecordsRequest::ListScores { recording, agent, from_ms, to_ms } = request else {
        return Err(out_of_range("this is no search for scores"));
    };
    let recording = recording.as_deref().map(number).transpose()?;
    let archive = place.read()?;
    let span = (from_ms.unwrap_or(0), to_ms.unwrap_or(i64::MAX));
    let rows = archive.store.scores(span, agent.as_deref(), recording).map_err(|error| failed(error.into()))?;
    let mut scores = Vec::new();
    for row in rows {
        if is_seen(&archive, seen, row.recording)? {
            scores.push(item(&archive.store, row)?);
        }
    }
    Ok(RecordsReply::Scores { scores })
}

fn is_seen(archive: &Archive, seen: &Seen, recording: i64) -> Result<bool, RecordsRefusal> {
    Ok(seen.is_all() || one(archive, seen, &recording.to_string()).is_ok())
}

fn item(store: &SqliteStore, row: ScoreRow) -> Result<ScoreItem, RecordsRefusal> {
    let steps = store.score_steps(row.id).map_err(|error| failed(error.into()))?;
    Ok(ScoreItem {
        score: row.id,
        at_ms: row.at_ms,
        recording: row.recording.to_string(),
        call: row.call_id,
        agent: row.agent,
        form: row.form,
        kind: row.kind,
        inspector: row.inspector,
        points: row.points,
        possible: row.possible,
        fatal: row.fatal,
        answers: serde_json::from_str(&row.answers).map_err(|error| failed(error.into()))?,
        remark: row.remark,
        state: row.state,
        steps: steps
            .into_iter()
            .map(|ScoreStep { at_ms, state, user, reason, .. }| StepItem { at_ms, state, user, reason })
            .collect(),
    })
}

pub(super) fn step(
    place: &Place,
    seen: &Seen,
    client: &RecordsClient,
    (score, state, reason): (i64, ScoreState, &str),
) -> Result<RecordsReply, RecordsRefusal> {
    let reason = reason_of(reason)?;
    let mut archive = place.act()?;
    let rows = archive.store.scores((0, i64::MAX), None, None).map_err(|error| failed(error.into()))?;
    let row = rows.iter().find(|row| row.id == score).ok_or_else(|| not_known(format!("there is no score {score}")))?;
    if !is_seen(&archive, seen, row.recording)? {
        return Err(no_right());
    }
    let state = match state {
        ScoreState::Appealed => "appealed",
        ScoreState::Confirmed => "confirmed",
        ScoreState::Withdrawn => "withdrawn",
    };
    let step = ScoreStep {
        at_ms: clock::epoch_ms(),
        score,
        state: state.to_owned(),
        user: client.login.clone(),
        os_user: console_user(&client.address),
        reason,
    };
    scoring::step(&mut archive, &step).map_err(failed)?;
    Ok(RecordsReply::Done)
}
