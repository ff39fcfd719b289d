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

/// The form of a column's values in a table for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Words and names, at the left.
    Text,
    /// Counts, and times in seconds with one place.
    Number,
    /// Shares from 0 to 1, in percent.
    Share,
    /// Traffic in erlang, with two places.
    Erlang,
    /// Moments to the minute.
    Minute,
    /// Moments to the second.
    Second,
}

impl Look {
    /// The form of a moment; none for other values.
    pub const fn moment(self) -> Option<&'static str> {
        match self {
            Look::Minute => Some("%Y-%m-%d %H:%M"),
            Look::Second => Some("%Y-%m-%d %H:%M:%S"),
            Look::Text | Look::Number | Look::Share | Look::Erlang => None,
        }
    }
}

/// Columns that are no plain numbers, with their widths.
const LOOKS: &[(&str, Look, usize)] = &[
    ("begin", Look::Minute, 16),
    ("end", Look::Minute, 16),
    ("at", Look::Minute, 16),
    ("first", Look::Minute, 16),
    ("due", Look::Minute, 16),
    ("offered_at", Look::Second, 19),
    ("answered_at", Look::Second, 19),
    ("queued_at", Look::Second, 19),
    ("alerting_at", Look::Second, 19),
    ("established_at", Look::Second, 19),
    ("ended_at", Look::Second, 19),
    ("began", Look::Second, 19),
    ("ended", Look::Second, 19),
    ("name", Look::Text, 8),
    ("agent", Look::Text, 8),
    ("group", Look::Text, 8),
    ("queue", Look::Text, 8),
    ("direction", Look::Text, 8),
    ("caller", Look::Text, 14),
    ("called", Look::Text, 14),
    ("number", Look::Text, 14),
    ("order_kind", Look::Text, 14),
    ("customer", Look::Text, 12),
    ("reason_name", Look::Text, 12),
    ("state", Look::Text, 12),
    ("outcome", Look::Text, 18),
    ("mailbox", Look::Text, 7),
    ("shift", Look::Text, 6),
    ("left", Look::Text, 7),
    ("released_by", Look::Text, 11),
    ("part", Look::Text, 6),
    ("reached", Look::Text, 9),
    ("ended_by", Look::Text, 8),
    ("service_level", Look::Share, 13),
    ("sl_strict", Look::Share, 9),
    ("sl_standard", Look::Share, 11),
    ("sl_without_short", Look::Share, 16),
    ("sl_neutral", Look::Share, 10),
    ("sl_abandons_good", Look::Share, 16),
    ("sl_answered_only", Look::Share, 16),
    ("abandon_rate", Look::Share, 12),
    ("abandon_rate_without_short", Look::Share, 26),
    ("occupancy", Look::Share, 9),
    ("utilisation", Look::Share, 11),
    ("mean_score", Look::Share, 10),
    ("least_score", Look::Share, 11),
    ("most_score", Look::Share, 10),
    ("traffic", Look::Erlang, 7),
];

/// A column of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its meaning.
    pub definition: &'static str,
    /// Its form in a table for people.
    pub look: Look,
    /// Its width there; a longer value pushes the rest of its row on.
    pub width: usize,
}

impl Column {
    /// The column of a name; without a definition if no report has it.
    pub fn named(name: &str) -> Column {
        let own = [OF_LISTS, DEFINITIONS, work_order::DEFINITIONS, notice::DEFINITIONS];
        let all = own.into_iter().chain([voice_mail::DEFINITIONS, shift::DEFINITIONS]).flatten();
        let definition = { all }.find(|(of, _)| *of == name).map_or("", |(_, text)| text);
        let look = LOOKS.iter().find(|(of, ..)| *of == name);
        let (look, width) = look.map_or((Look::Number, name.len().max(6)), |(_, look, width)| (*look, *width));
        Column { definition, look, width }
    }
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

    #[test]
    fn every_column_with_a_look_is_defined_and_no_head_is_wider_than_its_column() {
        for (name, _, width) in LOOKS {
            assert_ne!(Column::named(name).definition, "", "{name}");
            assert!(name.len() <= *width || name.len() <= 9, "{name}");
        }
        assert_eq!(Column::named("talk").look, Look::Number);
        assert_eq!(Column::named("stranger").definition, "");
    }
}
