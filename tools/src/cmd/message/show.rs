//! Messages and their steps, listed and shown.
//!
//! Never: changes one.

use std::io::Write;

use serde::Serialize;
use tipring_core::store::MessageState;
use tipring_core::store::sqlite::MessageRow;
use tipring_core::voice_mail::{Place, StepRecord};
use tipring_driver::time::SAMPLE_RATE_HZ;

use super::{ListArgs, ShowArgs, StepsArgs};
use crate::clock::epoch_ms;
use crate::cmd::listing::age;
use crate::cmd::source::Opened;
use crate::failure::Failure;

/// A message as it is listed.
#[derive(Debug, Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    row: &'a MessageRow,
    /// Time since the caller began to speak, in s; of one that is done, up to that.
    age_s: i64,
    /// Length, in s.
    length_s: f64,
}

impl Listed<'_> {
    fn new(row: &MessageRow) -> Listed<'_> {
        let is_done = row.state == MessageState::Done.name();
        let until_ms = if is_done { row.changed_ms } else { epoch_ms() };
        let length_s = row.samples as f64 / f64::from(SAMPLE_RATE_HZ);
        Listed { row, age_s: (until_ms - row.at_ms) / 1000, length_s }
    }

    fn caller(&self) -> String {
        let known = [self.row.caller.as_str(), self.row.name.as_str()].into_iter().filter(|text| !text.is_empty());
        let known = known.collect::<Vec<_>>().join(" ");
        if known.is_empty() { "number not known".into() } else { known }
    }

    fn mailbox(&self) -> String {
        let owner = self.row.owner.as_ref().map_or(String::new(), |owner| format!(" ({owner})"));
        format!("{}{owner}", self.row.mailbox)
    }
}

/// A step as it is listed: with its message where all are, alone where those of one message are.
#[derive(Debug, Serialize)]
struct StepRow {
    message: i64,
    mailbox: String,
    /// The queue in which the caller waited last before the message; empty if in none.
    queue: String,
    /// The moment, ms since 1970; of `left` the one at which the caller began to speak.
    at_ms: i64,
    step: &'static str,
    from: Option<&'static str>,
    to: &'static str,
    /// The person; empty for the program.
    person: String,
    remark: String,
    /// The call; 0 for none.
    call: i32,
}

impl StepRow {
    fn new(message: i64, place: &Place, step: &StepRecord) -> StepRow {
        StepRow {
            message,
            mailbox: place.mailbox.clone(),
            queue: place.queue.clone(),
            at_ms: step.at_ms,
            step: step.step.name(),
            from: step.from.map(MessageState::name),
            to: step.to.name(),
            person: step.person.clone(),
            remark: step.remark.clone(),
            call: step.call,
        }
    }
}

pub(super) fn list(args: &ListArgs, out: &mut impl Write) -> Result<(), Failure> {
    let open = [MessageState::Recording, MessageState::New, MessageState::Heard];
    let states = open.into_iter().chain(args.all.then_some(MessageState::Done)).collect::<Vec<_>>();
    let Opened { store, clock, .. } = args.source.open()?;
    let rows = store.messages(&states)?;
    let is_wanted = |row: &&MessageRow| {
        args.mailbox.as_ref().is_none_or(|mailbox| *mailbox == row.mailbox)
            && args.owner.as_ref().is_none_or(|owner| Some(owner) == row.owner.as_ref())
            && args.taken_by.as_ref().is_none_or(|person| *person == row.taken_by)
    };
    let mut count = 0;
    for message in rows.iter().filter(is_wanted).map(Listed::new) {
        count += 1;
        if args.json {
            serde_json::to_writer(&mut *out, &message)?;
            writeln!(out)?;
            continue;
        }
        if count == 1 {
            writeln!(
                out,
                "{:<20} {:<10} {:<16}  {:<7} {:>7}  {:<8}  {:<28}  FOR",
                "NUMBER", "STATE", "LEFT", "AGE", "LENGTH", "TAKEN BY", "CALLER"
            )?;
        }
        let row = message.row;
        let called = if row.called_ms.is_some() { ", called back" } else { "" };
        writeln!(
            out,
            "{:<20} {:<10} {}  {:<7} {:>5.0} s  {:<8}  {:<28}  {}",
            row.id,
            row.state,
            clock.minute(row.at_ms),
            age(message.age_s),
            message.length_s,
            if row.taken_by.is_empty() { "-" } else { &row.taken_by },
            format!("{}{called}", message.caller()),
            message.mailbox(),
        )?;
    }
    if count == 0 && !args.json {
        writeln!(out, "There is no message")?;
    }
    Ok(out.flush()?)
}

pub(super) fn show(args: &ShowArgs, out: &mut impl Write) -> Result<(), Failure> {
    let Opened { store, clock, .. } = args.source.open()?;
    for &number in &args.numbers {
        let unknown = || format!("There is no message {number}; `tipring message list` shows those there are");
        let row = store.message(number)?.ok_or_else(unknown)?;
        let (message, steps) = (Listed::new(&row), store.message_steps(number)?);
        if args.json {
            let of_message = Place { mailbox: row.mailbox.clone(), queue: String::new() };
            let steps = steps.iter().map(|step| serde_json::to_value(StepRow::new(number, &of_message, step)));
            let mut value = serde_json::to_value(&message)?;
            let mut steps = steps.collect::<Result<Vec<_>, _>>()?;
            for step in steps.iter_mut().filter_map(serde_json::Value::as_object_mut) {
                step.retain(|name, _| !matches!(name.as_str(), "message" | "mailbox" | "queue"));
            }
            value["steps"] = steps.into();
            writeln!(out, "{value}")?;
            continue;
        }
        writeln!(out, "Message {number}: {}", row.state)?;
        for (name, value) in [
            ("Caller", message.caller()),
            ("Mailbox", message.mailbox()),
            ("Left", format!("{} ({})", clock.second(row.at_ms), age(message.age_s))),
            ("Length", format!("{:.0} s", message.length_s)),
            ("Call", row.call_id.to_string()),
            ("Taken by", row.taken_by.clone()),
        ] {
            if !value.is_empty() {
                writeln!(out, "  {name:<9} {value}")?;
            }
        }
        for step in steps {
            let mut line = format!("  {}  {}", clock.second(step.at_ms), step.step.name());
            for (word, text) in [(" by ", &step.person), (": ", &step.remark)] {
                if !text.is_empty() {
                    line += &format!("{word}{text}");
                }
            }
            if step.call != 0 {
                line += &format!(" (call {})", step.call);
            }
            writeln!(out, "{line}")?;
        }
    }
    Ok(out.flush()?)
}

pub(super) fn steps(args: &StepsArgs, out: &mut impl Write) -> Result<(), Failure> {
    let Opened { store, clock, .. } = args.source.open()?;
    let (from_ms, to_ms) = args.listing.span(clock)?;
    let mut rows = Vec::new();
    store.each_message_step(to_ms, |message, place, step| {
        if step.at_ms >= from_ms {
            rows.push(StepRow::new(message, place, step));
        }
    })?;
    if !args.listing.write(&rows, out)? {
        for row in &rows {
            let by = if row.person.is_empty() { String::new() } else { format!(" by {}", row.person) };
            let when = clock.second(row.at_ms);
            writeln!(out, "{when}  {}  {:<8} {}{by}", row.message, row.step, row.mailbox)?;
        }
    }
    Ok(out.flush()?)
}
