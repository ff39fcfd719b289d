//! `tipring report messages`: messages of callers by mailbox and queue, from their steps alone.
//!
//! Never: counts by itself; figures are those of `tipring_core::voice_mail`.

use std::io::Write;

use tipring_core::voice_mail::Tally;

use super::Common;
use super::steps::Walk;
use crate::failure::Failure;
use crate::report::table::Table;

/// Columns of the table for people.
pub(in crate::cmd) const MESSAGES: &[&str] = &[
    "begin",
    "mailbox",
    "queue",
    "messages_left",
    "messages_heard",
    "hear_mean",
    "hear_longest",
    "messages_called",
    "call_mean",
    "messages_done",
    "settle_mean",
    "settle_longest",
    "messages_open",
    "messages_unheard",
    "open_within_4h",
    "open_beyond_24h",
    "oldest_message",
];

/// The title of the report.
pub(in crate::cmd) const TITLE: &str = "Messages by mailbox and queue; times run from the caller's first word";

pub(super) fn print(common: &Common, out: impl Write) -> Result<(), Failure> {
    let opened = common.source.open()?;
    let store = &opened.store;
    let table = Table::new(out, common.output(opened.clock), TITLE, MESSAGES);
    let mut walk = Walk::new(common, &opened, store.message_span()?, table, Tally::new)?;
    store.each_message_step(walk.end_ms(), |message, place, step| walk.at(step.at_ms).apply(message, place, step))?;
    walk.finish()
}
