//! Scores of recordings by command: forms checked, answers refused, appeals, calibration, and the report by agent.
//!
//! Never: uses a form that is not the sample or a change of it.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tipring_tests::{Folder, run};

use super::complaint;
use super::demonstration::demonstration;

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/samples/quality/hotline.toml")
}

/// Answers that give every point of the sample, with some replaced.
fn answers(other: &[&str]) -> Vec<String> {
    let shown = String::from_utf8(run(["quality", "form", sample().to_str().unwrap()]).stdout).unwrap();
    let questions = shown.lines().skip(1).filter_map(|line| {
        let (id, best) = (line.split_whitespace().next()?, line.rsplit_once('(')?.1.split([',', ')']).next()?);
        (!id.starts_with(['C', 'X']) || ["C1", "C2", "C3", "C4", "C5"].contains(&id)).then(|| format!("{id}={best}"))
    });
    let mut answers: Vec<String> = questions.collect();
    for other in other {
        let id = other.split('=').next().unwrap();
        answers.retain(|answer| answer.split('=').next() != Some(id));
        answers.push((*other).to_owned());
    }
    answers
}

fn quality(folder: &Folder, arguments: &[&str]) -> (bool, String) {
    let database = folder.path("tipring.db").display().to_string();
    let output = run([&["quality"], arguments, &["--db", &database]].concat());
    let text = if output.status.success() { output.stdout } else { output.stderr };
    (output.status.success(), String::from_utf8(text).unwrap())
}

fn score(folder: &Folder, by: &str, more: &[&str], other: &[&str]) -> (bool, String) {
    let (form, answers) = (sample().display().to_string(), answers(other));
    let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
    quality(folder, &[&["score", "1"], &answers[..], &["--form", &form, "--by", by], more].concat())
}

#[test]
fn a_score_follows_from_its_answers_and_goes_through_appeal_into_the_report() {
    let folder = demonstration("quality");
    assert_eq!(score(&folder, "zhao", &[], &[]).1.trim(), "score 1: 100 of 100 points");
    assert_eq!(score(&folder, "zhao", &[], &["A1=8", "C6=yes", "E1=na"]).1.trim(), "score 2: 91 of 95 points");
    assert!(score(&folder, "zhao", &[], &["X1=yes"]).1.contains("score 3: 0 of 100 points, fatal: hung up"));
    assert!(score(&folder, "li", &["--calibration"], &["A2=no"]).0);
    assert!(score(&folder, "wu", &["--calibration"], &[]).0);
    let why = ["--why", "C6 was a quotation", "--as", "agent 7001"];
    let step = |act: &str, score: &str| quality(&folder, &[&[act, score], &why[..]].concat());
    assert_eq!(step("appeal", "2"), (true, "score 2: appealed\n".into()));
    assert!(step("appeal", "2").1.contains("is appealed; only one that is standing or confirmed"));
    assert!(step("confirm", "2").0 && step("withdraw", "3").0);
    assert!(step("confirm", "9").1.contains("no score 9"));
    let (_, compared) = quality(&folder, &["calibration", "1"]);
    assert!(compared.contains("spread 10.0 percentage points"), "{compared}");
    let database = folder.path("tipring.db").display().to_string();
    let report = run(["report", "quality", "--json", "--db", &database]).stdout;
    let row: Value = serde_json::from_str(String::from_utf8(report).unwrap().lines().nth(1).unwrap()).unwrap();
    let mean = row["mean_score"].as_f64().unwrap();
    assert!(row["scores"] == 2 && (mean - (1.0 + 91.0 / 95.0) / 2.0).abs() < 1e-9, "{row}");
    let (_, hints) = quality(&folder, &["hints", "1", "--json"]);
    let hints: Value = serde_json::from_str(&hints).unwrap();
    assert!(hints["talk"]["caller"].as_f64().unwrap() > 0.05 && hints["call"]["rang"].as_f64().is_some(), "{hints}");
}

#[test]
fn wrong_forms_and_answers_are_named_and_a_changed_recording_has_no_score() {
    let folder = demonstration("refused-score");
    for (other, why) in [
        (&["A1=9"][..], "A1 takes 10, 8, 0, na, not \"9\""),
        (&["Z9=yes"], "has no question Z9"),
        (&["A1"], "an answer is QUESTION=ANSWER"),
    ] {
        let (done, text) = score(&folder, "zhao", &[], other);
        assert!(!done && text.contains(why), "{other:?}: {text}");
    }
    let wrong = folder.path("wrong.toml");
    let text = std::fs::read_to_string(sample()).unwrap().replace("id = \"A2\"", "id = \"A1\"");
    std::fs::write(&wrong, text).unwrap();
    let refused = complaint(&["quality", "form", wrong.to_str().unwrap()]);
    assert!(refused.contains("wrong.toml:13: there are two questions A1"), "{refused}");
    let day = std::fs::read_dir(folder.path("recordings")).unwrap().next().unwrap().unwrap().path();
    for file in std::fs::read_dir(day).unwrap().map(|file| file.unwrap().path()) {
        let mut octets = std::fs::read(&file).unwrap();
        *octets.last_mut().unwrap() ^= 1;
        std::fs::write(&file, octets).unwrap();
    }
    let (done, text) = score(&folder, "zhao", &[], &[]);
    assert!(!done && text.contains("has changed since it was finished"), "{text}");
}
