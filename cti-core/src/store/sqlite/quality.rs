//! Scores of quality inspection, and the changes of their states.
//!
//! Never: changes points or answers of a score that was kept.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, named_params, params};
use serde::Serialize;

use super::{SqliteStore, store_error};
use crate::store::StoreError;

/// A score as its row stands; its identifier is given by the database.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the columns are explained where they are made")]
pub struct ScoreRow {
    pub id: i64,
    pub at_ms: i64,
    pub recording: i64,
    pub sha256: String,
    pub call_id: i32,
    pub agent: Option<String>,
    pub form: String,
    pub form_sha256: String,
    pub kind: String,
    pub inspector: String,
    pub os_user: String,
    pub points: f64,
    pub possible: f64,
    pub fatal: String,
    pub answers: String,
    pub remark: String,
    pub state: String,
}

/// A change of a score's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are explained where they are made")]
pub struct ScoreStep {
    pub at_ms: i64,
    pub score: i64,
    pub state: String,
    pub user: String,
    pub os_user: String,
    pub reason: String,
}

/// States from which a score can come into another, and that other.
pub const STEPS: &[(&str, &[&str])] =
    &[("appealed", &["standing", "confirmed"]), ("confirmed", &["appealed"]), ("withdrawn", &["standing", "appealed"])];

impl SqliteStore {
    /// Keeps a score. Returns its identifier.
    ///
    /// # Errors
    /// The database takes no records.
    pub fn keep_score(&mut self, score: &ScoreRow) -> Result<i64, StoreError> {
        let kept = self.connection.execute(
            "INSERT INTO score (at_ms, recording, sha256, call_id, agent, form, form_sha256, kind, inspector, os_user, points, \
             possible, fatal, answers, remark, state) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 'standing')",
            params![
                score.at_ms,
                score.recording,
                score.sha256,
                score.call_id,
                score.agent,
                score.form,
                score.form_sha256,
                score.kind,
                score.inspector,
                score.os_user,
                score.points,
                score.possible,
                score.fatal,
                score.answers,
                score.remark
            ],
        );
        kept.map(|_| self.connection.last_insert_rowid()).map_err(|error| store_error("keeping a score", &error))
    }

    /// Returns the scores given from `from` up to, not including, `to` (milliseconds since 1970), oldest first; of one
    /// agent or recording, if given.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn scores(
        &self,
        (from, to): (i64, i64),
        agent: Option<&str>,
        recording: Option<i64>,
    ) -> Result<Vec<ScoreRow>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading scores", &error);
        let mut select = self
            .connection
            .prepare_cached(
                "SELECT id, at_ms, recording, sha256, call_id, agent, form, form_sha256, kind, inspector, os_user, points, \
                 possible, fatal, answers, remark, state FROM score WHERE at_ms >= :from AND at_ms < :to \
                 AND (:agent IS NULL OR agent = :agent) AND (:recording IS NULL OR recording = :recording) \
                 ORDER BY at_ms, id",
            )
            .map_err(fail)?;
        let given = named_params! { ":from": from, ":to": to, ":agent": agent, ":recording": recording };
        let rows = select.query_map(given, |row| {
            Ok(ScoreRow {
                id: row.get(0)?,
                at_ms: row.get(1)?,
                recording: row.get(2)?,
                sha256: row.get(3)?,
                call_id: row.get(4)?,
                agent: row.get(5)?,
                form: row.get(6)?,
                form_sha256: row.get(7)?,
                kind: row.get(8)?,
                inspector: row.get(9)?,
                os_user: row.get(10)?,
                points: row.get(11)?,
                possible: row.get(12)?,
                fatal: row.get(13)?,
                answers: row.get(14)?,
                remark: row.get(15)?,
                state: row.get(16)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(fail)
    }

    /// Returns the count of each recording's scores of inspection that are not withdrawn.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn scored_recordings(&self) -> Result<BTreeMap<i64, u32>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("counting scores", &error);
        let select = "SELECT recording, COUNT(*) FROM score WHERE kind = 'inspection' AND state <> 'withdrawn' \
                      GROUP BY recording";
        let mut select = self.connection.prepare_cached(select).map_err(fail)?;
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.and_then(Iterator::collect).map_err(fail)
    }

    /// Brings a score into another state, and keeps the step. Returns the state it was in: the step was made if
    /// [`STEPS`] lead from there, and nothing was changed otherwise. None if there is no such score.
    ///
    /// # Errors
    /// The database takes no records.
    pub fn step_score(&mut self, step: &ScoreStep) -> Result<Option<String>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("keeping the state of a score", &error);
        let transaction = self.connection.transaction().map_err(fail)?;
        let before: Option<String> = transaction
            .query_row("SELECT state FROM score WHERE id = ?1", [step.score], |row| row.get(0))
            .optional()
            .map_err(fail)?;
        let Some(before) = before else { return Ok(None) };
        if STEPS.iter().any(|(to, from)| *to == step.state && from.contains(&before.as_str())) {
            transaction
                .execute("UPDATE score SET state = ?2 WHERE id = ?1", params![step.score, step.state])
                .and_then(|_| {
                    transaction.execute(
                        "INSERT INTO score_step (at_ms, score, state, user, os_user, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                        params![step.at_ms, step.score, step.state, step.user, step.os_user, step.reason],
                    )
                })
                .map_err(fail)?;
            transaction.commit().map_err(fail)?;
        }
        Ok(Some(before))
    }

    /// Returns the changes of a score's state, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn score_steps(&self, score: i64) -> Result<Vec<ScoreStep>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading the states of a score", &error);
        let select = "SELECT at_ms, score, state, user, os_user, reason FROM score_step WHERE score = ?1 ORDER BY id";
        let mut select = self.connection.prepare_cached(select).map_err(fail)?;
        let rows = select.query_map([score], |row| {
            Ok(ScoreStep {
                at_ms: row.get(0)?,
                score: row.get(1)?,
                state: row.get(2)?,
                user: row.get(3)?,
                os_user: row.get(4)?,
                reason: row.get(5)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(fail)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Folder;
    use super::*;

    #[test]
    fn a_score_is_appealed_and_confirmed_by_steps_that_stay_on_record() {
        let folder = Folder::new("score");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        let score = ScoreRow {
            id: 0,
            at_ms: 1000,
            recording: 10,
            sha256: "aa".into(),
            call_id: 7,
            agent: Some("7001".into()),
            form: "hotline 1".into(),
            form_sha256: "bb".into(),
            kind: "inspection".into(),
            inspector: "zhao".into(),
            os_user: "root".into(),
            points: 88.0,
            possible: 100.0,
            fatal: String::new(),
            answers: "{}".into(),
            remark: String::new(),
            state: String::new(),
        };
        let id = store.keep_score(&score).unwrap();
        let kept = store.scores((0, 2000), Some("7001"), Some(10)).unwrap();
        assert_eq!(kept, [ScoreRow { id, state: "standing".into(), ..score }]);
        assert_eq!(store.scores((0, 1000), None, None).unwrap(), []);
        let mut step = |score, state: &str| {
            let (user, os_user) = ("li".into(), "root".into());
            let step = ScoreStep { at_ms: 2000, score, state: state.into(), user, os_user, reason: "A1".into() };
            store.step_score(&step).unwrap()
        };
        assert_eq!(step(id, "confirmed").as_deref(), Some("standing"), "nothing was appealed");
        assert_eq!(step(id, "appealed").as_deref(), Some("standing"));
        assert_eq!(step(id, "appealed").as_deref(), Some("appealed"), "once is enough");
        assert_eq!(step(id, "confirmed").as_deref(), Some("appealed"));
        assert_eq!(step(99, "appealed"), None);
        let states: Vec<String> = store.score_steps(id).unwrap().into_iter().map(|step| step.state).collect();
        assert_eq!(states, ["appealed", "confirmed"]);
    }
}
