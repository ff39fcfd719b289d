//! Scoring forms: sections, questions, weights and fatal errors, read from TOML, and the points of answers.
//!
//! | question | answer | points |
//! |---|---|---|
//! | `points` | `yes`, `no` | all, none |
//! | `steps` | one of the steps | as many |
//! | `deduct` | `yes`, `no` (if left out) | as many less in its section |
//!
//! `na` leaves a question out of the points that can be had. A section has from 0 to its maximum. A fatal error leaves
//! no points at all.
//!
//! Never: knows a rule of one form; forms are data.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use tipring_web::records::{FormItem, QuestionItem, SectionItem};
use toml::Spanned;

use crate::failure::Failure;
use crate::recording::checksum;

/// A file of forms.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FormFile {
    #[serde(rename = "form")]
    forms: Vec<Form>,
}

/// A scoring form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    name: Spanned<String>,
    version: u32,
    #[serde(rename = "section")]
    sections: Vec<Section>,
    #[serde(default)]
    fatal: Vec<Fatal>,
    /// SHA-256 of the file.
    #[serde(skip)]
    pub sha256: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    title: Spanned<String>,
    /// The most that it can have; the sum of its questions if left out.
    #[serde(default)]
    points: Option<f64>,
    #[serde(rename = "question")]
    questions: Vec<Question>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    id: Spanned<String>,
    text: String,
    #[serde(default)]
    points: Option<f64>,
    #[serde(default)]
    steps: Vec<f64>,
    #[serde(default)]
    deduct: Option<f64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fatal {
    id: Spanned<String>,
    text: String,
}

/// The points of a form's answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    /// The points.
    pub points: f64,
    /// The points that could be had.
    pub possible: f64,
    /// Fatal errors, by their texts.
    pub fatal: Vec<String>,
    /// The answers, by question; those left out included.
    pub answers: BTreeMap<String, String>,
}

impl Form {
    /// Reads the forms of a file.
    ///
    /// # Errors
    /// All faults, each a line with file, line and the remedy.
    pub fn load(path: &Path) -> Result<Vec<Form>, Failure> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("The form {} cannot be read: {error}", path.display()))?;
        let sha256 = checksum::of_file(path)?.sha256;
        let forms = parse(&text).map_err(|faults| {
            faults.iter().map(|(line, why)| format!("{}:{line}: {why}", path.display())).collect::<Vec<_>>().join("\n")
        })?;
        Ok(forms.into_iter().map(|form| Form { sha256: sha256.clone(), ..form }).collect())
    }

    /// Name and version.
    pub fn title(&self) -> String {
        format!("{} {}", self.name.get_ref(), self.version)
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.name.get_ref()
    }

    /// The most points that can be had.
    pub fn possible(&self) -> f64 {
        self.sections.iter().map(Section::most).sum()
    }

    /// The questions with their texts and the answers that there are.
    pub fn questions(&self) -> impl Iterator<Item = (&str, &str, String)> {
        let questions = self.sections.iter().flat_map(|section| &section.questions);
        let questions =
            questions.map(|question| (question.id.get_ref().as_str(), question.text.as_str(), question.answers()));
        let fatal =
            self.fatal.iter().map(|fatal| (fatal.id.get_ref().as_str(), fatal.text.as_str(), "fatal: yes, no".into()));
        questions.chain(fatal)
    }

    /// The form as the console draws it.
    pub fn item(&self) -> FormItem {
        let section = |section: &Section| SectionItem {
            title: section.title.get_ref().clone(),
            points: section.most(),
            questions: section.questions.iter().map(Question::item).collect(),
        };
        let fatal = |fatal: &Fatal| QuestionItem {
            id: fatal.id.get_ref().clone(),
            text: fatal.text.clone(),
            answers: vec!["yes".into(), "no".into()],
            usual: Some("no".into()),
        };
        FormItem {
            title: self.title(),
            possible: self.possible(),
            sections: self.sections.iter().map(section).collect(),
            fatal: self.fatal.iter().map(fatal).collect(),
        }
    }

    /// Computes the points of answers.
    ///
    /// # Errors
    /// A question that there is not, an answer that is none, or a question without one: all of them, one a line.
    pub fn score(&self, given: &BTreeMap<String, String>) -> Result<Points, Failure> {
        let known: BTreeSet<&str> = self.questions().map(|(id, ..)| id).collect();
        let mut faults: Vec<String> = given
            .keys()
            .filter(|id| !known.contains(id.as_str()))
            .map(|id| format!("The form {} has no question {id}", self.title()))
            .collect();
        let mut answers = given.clone();
        let (mut points, mut possible) = (0.0, 0.0);
        for section in &self.sections {
            let (mut had, mut open) = (0.0, section.most());
            for question in &section.questions {
                let id = question.id.get_ref();
                let answer = match given.get(id) {
                    Some(answer) => answer.as_str(),
                    None if question.deduct.is_some() => "no",
                    None => {
                        faults.push(format!("{id} ({}) has no answer; it takes {}", question.text, question.answers()));
                        continue;
                    }
                };
                match question.value(answer) {
                    Some(Some(value)) => had += value,
                    Some(None) => open -= question.most(),
                    None => faults.push(format!("{id} takes {}, not {answer:?}", question.answers())),
                }
                answers.insert(id.clone(), answer.to_owned());
            }
            let open = open.max(0.0);
            points += had.clamp(0.0, open);
            possible += open;
        }
        let mut fatal = Vec::new();
        for error in &self.fatal {
            match given.get(error.id.get_ref()).map(String::as_str) {
                None | Some("no") => {}
                Some("yes") => fatal.push(error.text.clone()),
                Some(other) => faults.push(format!("{} takes yes or no, not {other:?}", error.id.get_ref())),
            }
        }
        if !faults.is_empty() {
            return Err(faults.join("\n").into());
        }
        let points = if fatal.is_empty() { points } else { 0.0 };
        Ok(Points { points, possible, fatal, answers })
    }

    fn faults(&self, faults: &mut Vec<(usize, String)>) {
        let mut ids = BTreeSet::new();
        let mut once = |id: &Spanned<String>, faults: &mut Vec<(usize, String)>| {
            if id.get_ref().is_empty() || id.get_ref().contains(['=', ' ']) {
                faults.push((
                    id.span().start,
                    format!("{:?} is no name of a question: without blanks and =", id.get_ref()),
                ));
            }
            if !ids.insert(id.get_ref().clone()) {
                faults.push((id.span().start, format!("there are two questions {}", id.get_ref())));
            }
        };
        for section in &self.sections {
            let at = section.title.span().start;
            let sum: f64 = section.questions.iter().map(Question::most).sum();
            if section.questions.is_empty() {
                faults.push((at, format!("the section {} has no question", section.title.get_ref())));
            }
            if section.points.is_some_and(|points| points <= 0.0 || points > sum) {
                let text = format!(
                    "the section {} has {} points, its questions have {sum}",
                    section.title.get_ref(),
                    section.most()
                );
                faults.push((at, text));
            }
            for question in &section.questions {
                once(&question.id, faults);
                if let Err(why) = question.check() {
                    faults.push((question.id.span().start, format!("{}: {why}", question.id.get_ref())));
                }
            }
        }
        self.fatal.iter().for_each(|fatal| once(&fatal.id, faults));
        if self.sections.is_empty() {
            faults.push((self.name.span().start, format!("the form {} has no section", self.name.get_ref())));
        }
    }
}

impl Section {
    fn most(&self) -> f64 {
        self.points.unwrap_or_else(|| self.questions.iter().map(Question::most).sum())
    }
}

impl Question {
    /// The most points that it gives.
    fn most(&self) -> f64 {
        self.points.unwrap_or_else(|| self.steps.iter().copied().fold(0.0, f64::max))
    }

    fn check(&self) -> Result<(), String> {
        let kinds = [self.points.is_some(), !self.steps.is_empty(), self.deduct.is_some()];
        if kinds.iter().filter(|is| **is).count() != 1 {
            return Err("it has either points, or steps, or deduct".into());
        }
        let values = self.points.iter().chain(&self.deduct).chain(&self.steps);
        if values.clone().any(|value| !value.is_finite() || *value < 0.0)
            || self.most() + self.deduct.unwrap_or(0.0) <= 0.0
        {
            return Err("points are above 0, and steps from 0 up".into());
        }
        Ok(())
    }

    fn item(&self) -> QuestionItem {
        QuestionItem {
            id: self.id.get_ref().clone(),
            text: self.text.clone(),
            answers: self.answer_list(),
            usual: self.deduct.map(|_| "no".into()),
        }
    }

    fn answers(&self) -> String {
        self.answer_list().join(", ")
    }

    fn answer_list(&self) -> Vec<String> {
        let steps: Vec<String> = match self.steps.is_empty() {
            true => vec!["yes".into(), "no".into()],
            false => self.steps.iter().map(f64::to_string).collect(),
        };
        steps.into_iter().chain(["na".into()]).collect()
    }

    /// The points of an answer: none within if the question does not apply, none if it is no answer.
    fn value(&self, answer: &str) -> Option<Option<f64>> {
        let step = || answer.parse().ok().filter(|value| self.steps.contains(value));
        Some(match (answer, self.points, self.deduct) {
            ("na", ..) => None,
            ("yes", Some(points), _) => Some(points),
            ("yes", _, Some(deduct)) => Some(-deduct),
            ("no", Some(_), _) | ("no", _, Some(_)) => Some(0.0),
            _ => Some(step()?),
        })
    }
}

/// Parses forms. Returns all faults with their lines otherwise.
fn parse(text: &str) -> Result<Vec<Form>, Vec<(usize, String)>> {
    let line = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
    let file: FormFile = toml::from_str(text)
        .map_err(|error| vec![(line(error.span().map_or(0, |span| span.start)), error.message().to_owned())])?;
    let mut faults = Vec::new();
    let mut names = BTreeSet::new();
    for form in &file.forms {
        form.faults(&mut faults);
        if !names.insert((form.name.get_ref(), form.version)) {
            faults.push((form.name.span().start, format!("the form {} is there twice", form.title())));
        }
    }
    if faults.is_empty() {
        return Ok(file.forms);
    }
    faults.sort();
    Err(faults.into_iter().map(|(at, why)| (line(at), why)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = r#"
[[form]]
name = "small"
version = 2
[[form.section]]
title = "Content"
question = [{ id = "A1", text = "right", steps = [10, 8, 0] }, { id = "A2", text = "whole", points = 10 }]
[[form.section]]
title = "Words"
points = 4
question = [{ id = "C1", text = "polite", points = 4 }, { id = "C6", text = "forbidden words", deduct = 6 }]
[[form.fatal]]
id = "F1"
text = "insult"
"#;

    fn points(answers: &[(&str, &str)]) -> Result<(f64, f64), String> {
        let form = parse(FORM).unwrap().remove(0);
        let given = answers.iter().map(|(id, answer)| ((*id).to_owned(), (*answer).to_owned())).collect();
        form.score(&given).map(|points| (points.points, points.possible)).map_err(|error| error.to_string())
    }

    #[test]
    fn points_follow_from_answers() {
        for (answers, wanted) in [
            (&[("A1", "10"), ("A2", "yes"), ("C1", "yes")][..], (24.0, 24.0)),
            (&[("A1", "8"), ("A2", "no"), ("C1", "yes"), ("C6", "no")], (12.0, 24.0)),
            (&[("A1", "10"), ("A2", "na"), ("C1", "yes")], (14.0, 14.0)),
            (&[("A1", "10"), ("A2", "yes"), ("C1", "yes"), ("C6", "yes")], (20.0, 24.0)),
            (&[("A1", "10"), ("A2", "yes"), ("C1", "yes"), ("F1", "yes")], (0.0, 24.0)),
        ] {
            assert_eq!(points(answers), Ok(wanted), "{answers:?}");
        }
        let wrong = points(&[("A1", "9"), ("B1", "yes"), ("F1", "maybe")]).unwrap_err();
        for why in ["no question B1", "A1 takes 10, 8, 0, na", "A2 (whole) has no answer", "F1 takes yes or no"] {
            assert!(wrong.contains(why), "{wrong}");
        }
    }

    #[test]
    fn every_fault_of_a_form_is_named_with_its_line() {
        let text = FORM
            .replace("\"A2\"", "\"A1\"")
            .replace("points = 4\n", "points = 40\n")
            .replace("steps = [10, 8, 0]", "steps = [10], deduct = 1");
        let faults = parse(&text).unwrap_err();
        let lines: Vec<usize> = faults.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [7, 7, 9], "{faults:?}");
        for (text, why) in [("[[form]]\nname = 3", "invalid type"), ("x = 1", "unknown field")] {
            let faults = parse(text).unwrap_err();
            assert!(faults[0].1.contains(why), "{faults:?}");
        }
    }
}
