//! `tipring report quality`: scores of quality inspection by agent.
//!
//! Never: counts a score of calibration, or one that was withdrawn.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;
use tipring_core::store::sqlite::ScoreRow;

use super::{Common, Opened};
use crate::cmd::quality::share;
use crate::failure::Failure;
use crate::report::table::Table;

/// A row of the report of quality.
#[derive(Debug, Serialize)]
struct QualityRow {
    agent: String,
    scores: u64,
    mean_score: f64,
    least_score: f64,
    most_score: f64,
    fatal_errors: u64,
    appealed: u64,
}

const QUALITY: &[&str] = &["agent", "scores", "mean_score", "least_score", "most_score", "fatal_errors", "appealed"];

/// Scores by agent. Those of calibration and those withdrawn count for none.
pub(super) fn print(common: &Common, out: impl Write) -> Result<(), Failure> {
    let Opened { store, clock, .. } = common.source.open()?;
    let scores = store.scores(common.span.bounds_ms(clock), None, None)?;
    let mut agents: BTreeMap<String, Vec<ScoreRow>> = BTreeMap::new();
    for score in scores.into_iter().filter(|score| score.kind == "inspection" && score.state != "withdrawn") {
        agents.entry(score.agent.clone().unwrap_or_default()).or_default().push(score);
    }
    let mut table = Table::new(out, common.output(clock), "Quality: shares of the points that could be had", QUALITY);
    for (agent, scores) in agents {
        let shares: Vec<f64> = scores.iter().map(share).collect();
        table.row(&QualityRow {
            agent,
            scores: scores.len() as u64,
            mean_score: shares.iter().sum::<f64>() / shares.len() as f64,
            least_score: shares.iter().copied().fold(f64::MAX, f64::min),
            most_score: shares.iter().copied().fold(f64::MIN, f64::max),
            fatal_errors: scores.iter().filter(|score| !score.fatal.is_empty()).count() as u64,
            appealed: scores.iter().filter(|score| score.state == "appealed").count() as u64,
        })?;
    }
    table.finish().map(drop)
}
