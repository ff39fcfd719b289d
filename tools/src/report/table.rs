//! Rows of a report as a table, CSV or JSON lines; table and JSON lines with the definitions of their columns.
//!
//! Never: keeps a row; each is written as it comes.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::columns::{Column, Look};
use crate::failure::Failure;
use crate::site_clock::SiteClock;

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A table for people.
    Text,
    /// Comma-separated values by RFC 4180: a line of names, then the rows.
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

/// Form and clock of a report.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// The form.
    pub form: Form,
    /// The clock of its days and moments.
    pub clock: SiteClock,
}

impl Output {
    /// The clocks of a report, said on each.
    pub fn clocks(&self) -> String {
        format!(
            "waits run from entry into the queue to the agent's answer; rings are bursts begun at the agent's station; days \
             and moments are those of {}",
            self.clock.name()
        )
    }
}

/// A report that is being written.
pub struct Table<'a, W> {
    out: W,
    output: Output,
    title: &'a str,
    /// Columns of the table for people.
    shown: &'a [&'a str],
    /// Columns in the order of the row; known with the first one.
    columns: Vec<String>,
    rows: u64,
}

impl<'a, W: Write> Table<'a, W> {
    /// A report of that title; `shown` are the columns of the table for people.
    pub fn new(out: W, output: Output, title: &'a str, shown: &'a [&'a str]) -> Table<'a, W> {
        Table { out, output, title, shown, columns: Vec::new(), rows: 0 }
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
        if self.output.form == Form::Json {
            serde_json::to_writer(&mut self.out, row)?;
            return Ok(self.out.write_all(b"\n")?);
        }
        let values = serde_json::to_value(row)?;
        let cells = |columns: &[String]| -> Vec<String> {
            columns.iter().map(|column| cell(column, &values[column.as_str()], self.output)).collect()
        };
        match self.output.form {
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
        if self.output.form == Form::Text {
            if self.rows == 0 {
                writeln!(self.out, "nothing in this span")?;
            }
            writeln!(self.out)?;
            for column in self.shown {
                writeln!(self.out, "{column}: {}", Column::named(column).definition)?;
            }
            writeln!(self.out, "clock: {}", self.output.clocks())?;
        }
        self.out.flush()?;
        Ok(self.rows)
    }

    fn head(&mut self) -> Result<(), Failure> {
        match self.output.form {
            Form::Text => {
                writeln!(self.out, "{}", self.title)?;
                let names: Vec<String> = self.shown.iter().map(|column| (*column).to_owned()).collect();
                self.line(&names)
            }
            Form::Csv(_) => {
                let names = self.columns.clone();
                self.csv(&names)
            }
            Form::Json => {
                let definitions =
                    self.columns.iter().map(|column| (column.clone(), Column::named(column).definition.into()));
                let definitions: serde_json::Map<String, Value> = definitions.collect();
                let head = json!({
                    "report": self.title,
                    "clock": self.output.clocks(),
                    "time_zone": self.output.clock.name(),
                    "moments": "milliseconds since 1970-01-01 UTC",
                    "definitions": definitions
                });
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
            let Column { look, width, .. } = Column::named(column);
            let gap = if line.is_empty() { "" } else { "  " };
            match look {
                Look::Text | Look::Minute | Look::Second => line += &format!("{gap}{cell:<width$}"),
                Look::Number | Look::Share | Look::Erlang => line += &format!("{gap}{cell:>width$}"),
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
fn cell(column: &str, value: &Value, Output { form, clock }: Output) -> String {
    let Column { look, .. } = Column::named(column);
    if let (Some(shown), Some(at)) = (look.moment(), value.as_u64()) {
        return match form {
            Form::Text => clock.at(at).format(shown).to_string(),
            Form::Csv(Moments::Epoch) => at.to_string(),
            Form::Csv(Moments::Iso) | Form::Json => clock.at(at).to_rfc3339(),
        };
    }
    match value {
        Value::Null => if form == Form::Text { "-" } else { "" }.to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) if form == Form::Text && number.is_f64() => {
            let number = number.as_f64().unwrap_or_default();
            match look {
                Look::Share => format!("{:.1}%", number * 100.0),
                Look::Erlang => format!("{number:.2}"),
                Look::Text | Look::Number | Look::Minute | Look::Second => format!("{number:.1}"),
            }
        }
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tipring_core::report::rows::TrunkRow;

    fn output(form: Form) -> Output {
        Output { form, clock: SiteClock::named("Asia/Shanghai") }
    }

    fn written(form: Form, rows: &[TrunkRow]) -> String {
        let mut out = Vec::new();
        let mut table = Table::new(&mut out, output(form), "trunks", &["begin", "group", "incoming", "traffic"]);
        rows.iter().for_each(|row| table.row(row).expect("written"));
        table.finish().expect("written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn table_and_json_say_what_their_columns_mean_and_which_clock_was_used_and_values_begin_with_their_names() {
        let row = TrunkRow {
            begin: 1_700_000_000_000,
            end: 1_700_003_600_000,
            group: "95598".into(),
            incoming: 7,
            outgoing: 1,
            blocked: 0,
            traffic: 1.25,
        };
        for form in [Form::Text, Form::Json] {
            let text = written(form, std::slice::from_ref(&row));
            assert!(text.contains("95598") && text.contains("1.25"), "{text}");
            assert!(text.contains("seizures for calls in") && text.contains("Asia/Shanghai"), "{text}");
            assert!(written(form, &[]).contains("Asia/Shanghai"), "an empty report explains itself as well");
        }
        let epoch = written(Form::Csv(Moments::Epoch), std::slice::from_ref(&row));
        assert_eq!(epoch.lines().nth(1), Some("1700000000000,1700003600000,95598,7,1,0,1.25"), "{epoch}");
        assert_eq!(written(Form::Csv(Moments::Iso), &[]), "begin,group,incoming,traffic\n", "names alone");
        let csv = written(Form::Csv(Moments::Iso), &[row]);
        assert!(csv.contains("\n2023-11-15T06:13:20+08:00,"), "{csv}");
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        assert_eq!(reader.headers().expect("a head").len(), 7);
        assert_eq!(reader.records().count(), 1);
    }
}
