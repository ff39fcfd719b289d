//! Rows of a report as a table, CSV or JSON lines, each with the definitions of its columns.
//!
//! Never: keeps a row; each is written as it comes.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::columns::{definition, is_share, is_text, moments, width};
use super::span::moment;
use crate::failure::Failure;

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A table for people.
    Text,
    /// Comma-separated values; lines of definitions begin with `#`.
    Csv(Moments),
    /// JSON lines: the head with the definitions, then one object a row. Moments are milliseconds since 1970 UTC.
    Json,
}

/// The form of moments in comma-separated values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moments {
    /// ISO 8601, by the site's clock with its offset.
    Iso,
    /// Milliseconds since 1970 UTC.
    Epoch,
}

/// The clock of the reports, said on each.
pub const CLOCK: &str = "waits run from entry into the queue to the agent's answer; rings are bursts begun at the \
                         agent's station; moments are this machine's clock";

/// A report that is being written.
pub struct Table<'a, W> {
    out: W,
    form: Form,
    title: &'a str,
    /// Columns of the table for people.
    shown: &'a [&'a str],
    /// Columns in the order of the row; known with the first one.
    columns: Vec<String>,
    rows: u64,
}

impl<'a, W: Write> Table<'a, W> {
    /// A report of that title; `shown` are the columns of the table for people.
    pub fn new(out: W, form: Form, title: &'a str, shown: &'a [&'a str]) -> Table<'a, W> {
        Table { out, form, title, shown, columns: Vec::new(), rows: 0 }
    }

    /// Writes a row.
    ///
    /// # Errors
    /// The output takes no more.
    pub fn row(&mut self, row: &impl Serialize) -> Result<(), Failure> {
        if self.rows == 0 {
            self.columns = columns(row)?;
            self.head()?;
        }
        self.rows += 1;
        if self.form == Form::Json {
            serde_json::to_writer(&mut self.out, row)?;
            return Ok(self.out.write_all(b"\n")?);
        }
        let values = serde_json::to_value(row)?;
        let cells = |columns: &[String]| -> Vec<String> {
            columns.iter().map(|column| cell(column, &values[column.as_str()], self.form)).collect()
        };
        match self.form {
            Form::Csv(_) => self.csv(&cells(&self.columns)),
            _ => {
                let columns: Vec<String> = self.shown.iter().map(|column| (*column).to_owned()).collect();
                let cells = cells(&columns);
                self.line(&cells)
            }
        }
    }

    /// Ends the report: the definitions below a table. Returns the count of rows.
    ///
    /// # Errors
    /// The output takes no more.
    pub fn finish(mut self) -> Result<u64, Failure> {
        if self.rows == 0 {
            self.columns = self.shown.iter().map(|column| (*column).to_owned()).collect();
            self.head()?;
        }
        if self.form == Form::Text {
            if self.rows == 0 {
                writeln!(self.out, "nothing in this span")?;
            }
            writeln!(self.out)?;
            for column in self.shown {
                writeln!(self.out, "{column}: {}", definition(column))?;
            }
            writeln!(self.out, "clock: {CLOCK}")?;
        }
        self.out.flush()?;
        Ok(self.rows)
    }

    fn head(&mut self) -> Result<(), Failure> {
        match self.form {
            Form::Text => {
                writeln!(self.out, "{}", self.title)?;
                let names: Vec<String> = self.shown.iter().map(|column| (*column).to_owned()).collect();
                self.line(&names)
            }
            Form::Csv(_) => {
                writeln!(self.out, "# {}", self.title)?;
                writeln!(self.out, "# clock: {CLOCK}")?;
                for column in &self.columns {
                    writeln!(self.out, "# {column}: {}", definition(column))?;
                }
                self.csv(&self.columns.clone())
            }
            Form::Json => {
                let definitions = self.columns.iter().map(|column| (column.clone(), definition(column).into()));
                let definitions: serde_json::Map<String, Value> = definitions.collect();
                let head = json!({ "report": self.title, "clock": CLOCK, "definitions": definitions });
                Ok(writeln!(self.out, "{head}")?)
            }
        }
    }

    fn csv(&mut self, cells: &[String]) -> Result<(), Failure> {
        let mut writer = csv::Writer::from_writer(&mut self.out);
        writer.write_record(cells)?;
        Ok(writer.flush()?)
    }

    fn line(&mut self, cells: &[String]) -> Result<(), Failure> {
        let mut line = String::new();
        for (column, cell) in self.shown.iter().zip(cells) {
            let width = width(column);
            let gap = if line.is_empty() { "" } else { "  " };
            if is_text(column) {
                line += &format!("{gap}{cell:<width$}");
            } else {
                line += &format!("{gap}{cell:>width$}");
            }
        }
        Ok(writeln!(self.out, "{}", line.trim_end())?)
    }
}

/// Ends quietly where the reader has gone.
pub fn is_closed(failure: &Failure) -> bool {
    failure.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// The names of a row's columns in its own order.
fn columns(row: &impl Serialize) -> Result<Vec<String>, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.serialize(row)?;
    let text = writer.into_inner().map_err(|error| error.to_string())?;
    let mut reader = csv::Reader::from_reader(text.as_slice());
    Ok(reader.headers()?.iter().map(str::to_owned).collect())
}

/// A value as text: moments by the site's clock, shares in a table for people in percent.
fn cell(column: &str, value: &Value, form: Form) -> String {
    if let (Some(shown), Some(at)) = (moments(column), value.as_u64()) {
        return match form {
            Form::Text => moment(at).format(shown).to_string(),
            Form::Csv(Moments::Epoch) => at.to_string(),
            Form::Csv(Moments::Iso) | Form::Json => moment(at).to_rfc3339(),
        };
    }
    match (column, value) {
        (_, Value::Null) => if form == Form::Text { "-" } else { "" }.to_owned(),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Number(number)) if form == Form::Text && number.is_f64() => {
            let number = number.as_f64().unwrap_or_default();
            match column {
                _ if is_share(column) => format!("{:.1}%", number * 100.0),
                "traffic" => format!("{number:.2}"),
                _ => format!("{number:.1}"),
            }
        }
        (_, value) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tipring_core::report::rows::TrunkRow;

    fn written(form: Form, rows: &[TrunkRow]) -> String {
        let mut out = Vec::new();
        let mut table = Table::new(&mut out, form, "trunks", &["begin", "group", "incoming", "traffic"]);
        rows.iter().for_each(|row| table.row(row).expect("written"));
        table.finish().expect("written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn every_form_says_what_its_columns_mean_and_which_clock_was_used() {
        let row = TrunkRow {
            begin: 1_700_000_000_000,
            end: 1_700_003_600_000,
            group: "95598".into(),
            incoming: 7,
            outgoing: 1,
            blocked: 0,
            traffic: 1.25,
        };
        for form in [Form::Text, Form::Csv(Moments::Iso), Form::Json] {
            let text = written(form, std::slice::from_ref(&row));
            assert!(text.contains("95598") && text.contains("1.25"), "{text}");
            assert!(text.contains("seizures for calls in") && text.contains(CLOCK), "{text}");
            assert!(written(form, &[]).contains(CLOCK), "an empty report explains itself as well");
        }
        let epoch = written(Form::Csv(Moments::Epoch), std::slice::from_ref(&row));
        assert!(epoch.contains("\n1700000000000,1700003600000,95598,7,"), "{epoch}");
        let csv = written(Form::Csv(Moments::Iso), &[row]);
        let began = moment(1_700_000_000_000).to_rfc3339();
        assert!(csv.contains(&format!("\n{began},")), "{csv}");
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(csv.as_bytes());
        assert_eq!(reader.headers().expect("a head").len(), 7);
        assert_eq!(reader.records().count(), 1);
    }
}
