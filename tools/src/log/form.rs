//! The forms of an entry: text for people, JSON for collectors, the native protocol of systemd's journal.
//!
//! | form | an entry |
//! |---|---|
//! | text | `2026-03-05 09:00:00.004+08:00 INFO  call 4: 13800138000 rings at 1001` |
//! | JSON | `{"at":"2026-03-05T09:00:00.004+08:00","level":"info","message":"…","call":4,"device":"1001"}` |
//! | journal | `PRIORITY`, `MESSAGE`, `SYSLOG_IDENTIFIER`, `CALL`, `DEVICE`, … |
//! | priority | `<6>call 4: …`, for a journal that reads the standard error |
//!
//! Fields have the same names everywhere, in capital letters in the journal. They are written beside the sentence; no
//! reader has to take a sentence apart.
//!
//! Never: writes.

use chrono::{DateTime, Local, SecondsFormat};
use serde_json::{Map, Value};

use super::{Field, Line};

/// The program's name in the journal.
const IDENTIFIER: &str = "tipring";

/// The form of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A line with local date and time.
    Text,
    /// A JSON object a line.
    Json,
    /// A line with syslog's number in front; the reader has a clock of its own.
    Priority,
    /// A datagram of the journal's native protocol.
    Journal,
}

impl Form {
    /// Writes an entry in this form.
    pub(super) fn octets(self, at: &DateTime<Local>, line: &Line) -> Vec<u8> {
        let Line { level, text, .. } = line;
        match self {
            Form::Text => format!("{} {} {text}\n", at.format("%Y-%m-%d %H:%M:%S%.3f%:z"), level.padded()).into_bytes(),
            Form::Priority => format!("<{}>{text}\n", level.number()).into_bytes(),
            Form::Json => json(at, line),
            Form::Journal => journal(line),
        }
    }
}

fn json(at: &DateTime<Local>, line: &Line) -> Vec<u8> {
    let mut object = Map::new();
    object.insert("at".into(), at.to_rfc3339_opts(SecondsFormat::Millis, false).into());
    object.insert("level".into(), line.level.name().into());
    object.insert("message".into(), line.text.as_str().into());
    for (field, value) in &line.fields {
        // Calls are numbers, everything else is text, also where it looks like a number.
        let value = match (field, value.parse::<i64>()) {
            (Field::Call, Ok(number)) => number.into(),
            _ => Value::from(value.as_str()),
        };
        object.insert(field.name().into(), value);
    }
    let mut octets = Value::Object(object).to_string().into_bytes();
    octets.push(b'\n');
    octets
}

/// An entry in the journal's native protocol: `NAME=value` a line, or the name, the length in 64 bits (little-endian)
/// and the value where the value has lines of its own.
fn journal(line: &Line) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut add = |name: &str, value: &str| {
        octets.extend_from_slice(name.as_bytes());
        if value.contains('\n') {
            octets.push(b'\n');
            octets.extend_from_slice(&(value.len() as u64).to_le_bytes());
        } else {
            octets.push(b'=');
        }
        octets.extend_from_slice(value.as_bytes());
        octets.push(b'\n');
    };
    add("PRIORITY", &line.level.number().to_string());
    add("SYSLOG_IDENTIFIER", IDENTIFIER);
    add("MESSAGE", &line.text);
    for (field, value) in &line.fields {
        add(&field.name().to_ascii_uppercase(), value);
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;
    use chrono::TimeZone;

    fn at() -> DateTime<Local> {
        Local.timestamp_millis_opt(1_767_225_600_004).unwrap()
    }

    fn line() -> Line {
        Line::new(Level::Warning, "call 4: failed at 1001").with(Field::Call, 4).with(Field::Device, "1001")
    }

    fn text(form: Form, line: &Line) -> String {
        String::from_utf8(form.octets(&at(), line)).unwrap()
    }

    #[test]
    fn a_line_has_date_offset_and_level() {
        let found = text(Form::Text, &Line::new(Level::Warning, "card gone"));
        assert!(found.starts_with("20") && found.contains(".004") && found.ends_with(" WARN  card gone\n"), "{found}");
        assert_eq!(text(Form::Priority, &Line::new(Level::Error, "card gone")), "<3>card gone\n");
    }

    #[test]
    fn an_object_has_the_sentence_and_its_fields_under_stable_names() {
        let found = text(Form::Json, &line());
        assert_eq!(found.matches('\n').count(), 1);
        let object: Value = serde_json::from_str(&found).unwrap();
        assert_eq!(object["level"], "warning");
        assert_eq!(object["message"], "call 4: failed at 1001");
        assert_eq!((object["call"].as_i64(), object["device"].as_str()), (Some(4), Some("1001")));
        let stamp = DateTime::parse_from_rfc3339(object["at"].as_str().unwrap()).unwrap();
        assert_eq!(stamp.timestamp_millis(), 1_767_225_600_004);
    }

    #[test]
    fn a_sentence_with_quotes_and_line_ends_stays_one_object_and_one_journal_entry() {
        let line = Line::new(Level::Info, "a \"b\"\nMESSAGE=c").with(Field::User, "x\ny");
        let found = text(Form::Json, &line);
        assert_eq!(found.matches('\n').count(), 1);
        assert_eq!(serde_json::from_str::<Value>(&found).unwrap()["message"], "a \"b\"\nMESSAGE=c");
        let mut wanted = b"PRIORITY=6\nSYSLOG_IDENTIFIER=tipring\nMESSAGE\n".to_vec();
        wanted.extend_from_slice(&15_u64.to_le_bytes());
        wanted.extend_from_slice(b"a \"b\"\nMESSAGE=c\nUSER\n");
        wanted.extend_from_slice(&3_u64.to_le_bytes());
        wanted.extend_from_slice(b"x\ny\n");
        assert_eq!(Form::Journal.octets(&at(), &line), wanted);
    }

    #[test]
    fn an_entry_of_the_journal_has_fields_of_its_own() {
        assert_eq!(
            text(Form::Journal, &line()),
            "PRIORITY=4\nSYSLOG_IDENTIFIER=tipring\nMESSAGE=call 4: failed at 1001\nCALL=4\nDEVICE=1001\n"
        );
    }
}
