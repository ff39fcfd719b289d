//! Columns of reports: what they mean, and how they stand in a table for people.
//!
//! Never: has a column without a definition.

use tipring_core::report::rows::DEFINITIONS;
use tipring_core::{notice, shift, voice_mail, work_order};

/// Columns of lists, which are no figures.
const OF_LISTS: &[(&str, &str)] = &[
    ("at", "moment at which the caller hung up or was cut off, the last time"),
    ("first", "moment of the first time"),
    ("times", "times that the caller has left without an answer since then"),
    ("caller", "number of the caller; empty if not known"),
    ("customer", "name of the caller in the file of customers; empty if not known"),
    ("left", "hung up: by the caller; cut off: by a client, a stop of the site, a line that died, the longest wait"),
    ("due", "end of the business day by which the caller is to be called back; empty if it was not known"),
    ("wait", "wait in the queue, s"),
    ("scores", "scores of inspection; those for calibration and those withdrawn left out"),
    ("mean_score", "mean share of the points that could be had"),
    ("least_score", "lowest share"),
    ("most_score", "highest share"),
    ("fatal_errors", "scores with a fatal error"),
    ("appealed", "scores whose appeal is open"),
    ("call", "identifier of the call, for `report call` and `report why`"),
    ("direction", "inbound, outbound, or internal"),
    ("called", "number that was dialled"),
    ("station", "telephone that answered"),
    ("trunk", "trunk of the call"),
    ("keyed", "keys that the caller pressed"),
    ("talked", "time from the answer by a person to the end, s; empty without an answer"),
    ("outcome", "outcome of the call"),
    ("released_by", "side that ended the call"),
    ("offered_at", "moment at which the call began"),
    ("answered_at", "moment at which the line was answered, by a person or the menu"),
    ("queued_at", "moment at which the call entered its queue"),
    ("alerting_at", "moment at which a telephone rang"),
    ("established_at", "moment at which a person answered"),
    ("ended_at", "moment of the end"),
    ("recording", "number of the recording"),
    ("machine", "machine that was recognised, such as fax"),
    ("ucid", "universal identifier of the call"),
    ("kin", "universal identifier of the call that this one was a consultation of"),
    ("cause", "cause of the end, as CSTA numbers them"),
    ("part", "log-in: from signing in to signing out; state: one after another; call: at the agent's telephone"),
    ("began", "beginning; that of the span where it was earlier"),
    ("ended", "end; empty while it lasts"),
    ("length", "length within the span, s"),
    ("state", "state of the agent"),
    ("number", "number of the other side; empty if not known"),
    ("rang", "time that the telephone rang, s"),
    ("held", "time on hold, s"),
    ("reached", "how far the call came at the telephone"),
    ("ended_by", "side that ended it there"),
];

/// The definition of a column; empty for one that there is not.
pub fn definition(column: &str) -> &'static str {
    OF_LISTS
        .iter()
        .chain(DEFINITIONS)
        .chain(work_order::DEFINITIONS)
        .chain(notice::DEFINITIONS)
        .chain(voice_mail::DEFINITIONS)
        .chain(shift::DEFINITIONS)
        .find(|(name, _)| *name == column)
        .map_or("", |(_, text)| text)
}

/// The form of a column's moments in a table for people; none for columns of other values.
pub fn moments(column: &str) -> Option<&'static str> {
    match column {
        "begin" | "end" | "at" | "first" | "due" => Some("%Y-%m-%d %H:%M"),
        "offered_at" | "answered_at" | "queued_at" | "alerting_at" | "established_at" | "ended_at" | "began"
        | "ended" => Some("%Y-%m-%d %H:%M:%S"),
        _ => None,
    }
}

/// True for a column of text, which stands at the left.
pub fn is_text(column: &str) -> bool {
    moments(column).is_some()
        || matches!(
            column,
            "name"
                | "agent"
                | "group"
                | "caller"
                | "called"
                | "customer"
                | "queue"
                | "order_kind"
                | "mailbox"
                | "shift"
                | "left"
                | "direction"
                | "outcome"
                | "released_by"
                | "part"
                | "state"
                | "reason_name"
                | "number"
                | "reached"
                | "ended_by"
        )
}

/// The width of a column in a table for people; a longer value pushes the rest of its row on.
pub fn width(column: &str) -> usize {
    match column {
        "name" | "agent" | "group" | "queue" | "direction" => 8,
        "caller" | "called" | "number" | "order_kind" => 14,
        "customer" | "reason_name" | "state" => 12,
        "outcome" => 18,
        _ => match moments(column) {
            Some(form) if form.ends_with("%S") => 19,
            Some(_) => 16,
            None => column.len().max(6),
        },
    }
}

/// True for a column of shares, which are shown in percent.
pub fn is_share(column: &str) -> bool {
    column.starts_with("sl_")
        || column.ends_with("_score")
        || matches!(
            column,
            "service_level" | "abandon_rate" | "abandon_rate_without_short" | "occupancy" | "utilisation"
        )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_column_of_a_list_has_no_second_meaning_in_a_report() {
        let figures = [DEFINITIONS, work_order::DEFINITIONS, notice::DEFINITIONS, voice_mail::DEFINITIONS];
        let figures = figures.into_iter().flatten().chain(shift::DEFINITIONS);
        let figures: BTreeSet<_> = figures.map(|(name, _)| *name).collect();
        let lists: BTreeSet<_> = OF_LISTS.iter().map(|(name, _)| *name).collect();
        assert_eq!(lists.len(), OF_LISTS.len(), "each once");
        assert_eq!(lists.intersection(&figures).collect::<Vec<_>>(), Vec::<&&str>::new());
    }
}
