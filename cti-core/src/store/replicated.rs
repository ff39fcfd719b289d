//! The tables of the store of which a replica has a copy, and rows of them as they are carried over.
//!
//! The replica has the names of tables and columns that the store has. What the store keeps in blocks (legs, decisions,
//! states, entries of the log of events) has rows one by one there, as the store's views show them.
//!
//! [`TABLES`] is the table of them. A row of the store is known by its *key*; the rows of a block share its key, so that
//! what stands under a key is replaced as a whole.
//!
//! Never: reads or writes a database.

use self::Kind::{Integer, Json, Moment, Real, Text};

/// Kind of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Integer,
    /// A moment, in milliseconds since 1970: a whole number. A replica has it as a time too.
    Moment,
    /// A number.
    Real,
    /// Text.
    Text,
    /// JSON.
    Json,
}

/// A column.
pub type Column = (&'static str, Kind);

/// A table of the store of which a replica has a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its name in a replica; in the store, a table or a view of it.
    pub name: &'static str,
    /// The store's table, and the columns of its primary key.
    pub kept_in: (&'static str, &'static [&'static str]),
    /// The columns that have these values in the replica.
    pub key: &'static [&'static str],
    /// The columns of the replica's primary key.
    pub primary: &'static [&'static str],
    /// All columns, in the order in which a row has them.
    pub columns: &'static [Column],
    /// The columns of each index of the replica beside the primary key.
    pub indexes: &'static [&'static [&'static str]],
}

impl Table {
    const fn new(
        name: &'static str,
        key: &'static [&'static str],
        columns: &'static [Column],
        indexes: &'static [&'static [&'static str]],
    ) -> Table {
        Table { name, kept_in: (name, key), key, primary: key, columns, indexes }
    }

    const fn blocks(
        name: &'static str,
        kept_in: (&'static str, &'static [&'static str]),
        columns: &'static [Column],
        indexes: &'static [&'static [&'static str]],
    ) -> Table {
        Table { name, kept_in, key: &["block"], primary: &["block", "place"], columns, indexes }
    }

    /// The table with a name.
    pub fn named(name: &str) -> Option<&'static Table> {
        TABLES.iter().find(|table| table.name == name)
    }

    /// The table whose rows a table of the store keeps.
    pub fn kept_in(kept: &str) -> Option<&'static Table> {
        TABLES.iter().find(|table| table.kept_in.0 == kept)
    }

    /// The kind of a column.
    pub fn kind(&self, column: &str) -> Option<Kind> {
        self.columns.iter().find(|(name, _)| *name == column).map(|(_, kind)| *kind)
    }

    /// The position of a column in a row.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|(name, _)| *name == column)
    }
}

/// The tables.
pub const TABLES: &[Table] = &[
    Table::new(
        "call",
        &["id"],
        &[
            ("id", Integer),
            ("call_id", Integer),
            ("direction", Text),
            ("trunk", Text),
            ("caller", Text),
            ("called", Text),
            ("queue", Text),
            ("agent", Text),
            ("station", Text),
            ("keyed", Text),
            ("offered_ms", Moment),
            ("answered_ms", Moment),
            ("queued_ms", Moment),
            ("alerting_ms", Moment),
            ("established_ms", Moment),
            ("ended_ms", Moment),
            ("wait_ms", Integer),
            ("talk_ms", Integer),
            ("outcome", Text),
            ("released_by", Text),
            ("recording", Integer),
            ("machine", Text),
            ("ucid", Text),
            ("kin", Text),
            ("cause", Integer),
        ],
        &[&["offered_ms"], &["caller", "offered_ms"], &["call_id"], &["ucid"]],
    ),
    Table::blocks(
        "leg",
        ("leg_block", &["id"]),
        &[
            ("block", Integer),
            ("place", Integer),
            ("ucid", Text),
            ("call_id", Integer),
            ("device", Text),
            ("kind", Text),
            ("agent", Text),
            ("began_ms", Moment),
            ("connected_ms", Moment),
            ("ended_ms", Moment),
            ("rung_ms", Integer),
            ("hold_ms", Integer),
            ("longest_hold_ms", Integer),
            ("holds", Integer),
            ("reached", Text),
            ("cause", Integer),
            ("ended_by", Text),
        ],
        &[&["ucid"], &["began_ms"]],
    ),
    Table::blocks(
        "event",
        ("event_block", &["first_seq"]),
        &[("block", Integer), ("place", Integer), ("seq", Integer), ("at_ms", Moment), ("kind", Text), ("data", Json)],
        &[&["seq"], &["at_ms"]],
    ),
    Table::blocks(
        "decision",
        ("decision_block", &["id"]),
        &[
            ("block", Integer),
            ("place", Integer),
            ("call_id", Integer),
            ("at_ms", Moment),
            ("queue", Text),
            ("decided", Text),
            ("rule", Text),
            ("chosen", Text),
            ("passed", Text),
        ],
        &[&["call_id"], &["at_ms"]],
    ),
    Table::blocks(
        "agent_state",
        ("agent_state_block", &["id"]),
        &[
            ("block", Integer),
            ("place", Integer),
            ("at_ms", Moment),
            ("agent", Text),
            ("station", Text),
            ("state", Text),
            ("reason", Integer),
        ],
        &[&["agent", "at_ms"], &["at_ms"]],
    ),
    Table::new(
        "recording",
        &["id"],
        &[
            ("id", Integer),
            ("call_id", Integer),
            ("file", Text),
            ("began_ms", Moment),
            ("samples", Integer),
            ("whole", Integer),
            ("sha256", Text),
            ("octets", Integer),
            ("removed_ms", Moment),
            ("reason", Text),
        ],
        &[&["call_id"], &["began_ms"]],
    ),
    Table::new(
        "recording_mark",
        &["recording_id", "number"],
        &[
            ("recording_id", Integer),
            ("number", Integer),
            ("kind", Text),
            ("at_ms", Moment),
            ("until_ms", Moment),
            ("ended_by", Text),
            ("user", Text),
            ("station", Text),
            ("text", Text),
        ],
        &[],
    ),
    Table::new(
        "recording_audit",
        &["id"],
        &[
            ("id", Integer),
            ("at_ms", Moment),
            ("user", Text),
            ("os_user", Text),
            ("act", Text),
            ("recording", Integer),
            ("call_id", Integer),
            ("detail", Text),
            ("reason", Text),
        ],
        &[&["at_ms"]],
    ),
    Table::new(
        "recording_hold",
        &["call_id"],
        &[("call_id", Integer), ("at_ms", Moment), ("user", Text), ("reason", Text)],
        &[],
    ),
    Table::new(
        "supervision",
        &["id"],
        &[
            ("id", Integer),
            ("at_ms", Moment),
            ("user", Text),
            ("act", Text),
            ("supervisor", Text),
            ("station", Text),
            ("agent", Text),
            ("call_id", Integer),
            ("remark", Text),
            ("failure", Integer),
        ],
        &[&["at_ms"]],
    ),
    Table::new(
        "call_back",
        &["id"],
        &[
            ("id", Integer),
            ("number", Text),
            ("queue", Text),
            ("call_id", Integer),
            ("asked_ms", Moment),
            ("since_ms", Moment),
            ("tries", Integer),
            ("next_ms", Moment),
            ("state", Text),
            ("changed_ms", Moment),
            ("work_order", Integer),
        ],
        &[&["number"], &["asked_ms"]],
    ),
    Table::new(
        "call_back_try",
        &["id"],
        &[
            ("id", Integer),
            ("call_back", Integer),
            ("at_ms", Moment),
            ("agent", Text),
            ("call_id", Integer),
            ("outcome", Text),
        ],
        &[&["call_back"]],
    ),
    Table::new(
        "message",
        &["id"],
        &[
            ("id", Integer),
            ("call_id", Integer),
            ("mailbox", Text),
            ("owner", Text),
            ("caller", Text),
            ("name", Text),
            ("at_ms", Moment),
            ("samples", Integer),
            ("file", Text),
            ("state", Text),
            ("changed_by", Text),
            ("changed_ms", Moment),
            ("taken_by", Text),
            ("called_ms", Moment),
        ],
        &[&["at_ms"]],
    ),
    Table::new(
        "message_step",
        &["id"],
        &[
            ("id", Integer),
            ("message", Integer),
            ("at_ms", Moment),
            ("step", Text),
            ("from_state", Text),
            ("to_state", Text),
            ("person", Text),
            ("remark", Text),
            ("call_id", Integer),
        ],
        &[&["message"], &["at_ms"]],
    ),
    Table::new(
        "score",
        &["id"],
        &[
            ("id", Integer),
            ("at_ms", Moment),
            ("recording", Integer),
            ("sha256", Text),
            ("call_id", Integer),
            ("agent", Text),
            ("form", Text),
            ("form_sha256", Text),
            ("kind", Text),
            ("inspector", Text),
            ("os_user", Text),
            ("points", Real),
            ("possible", Real),
            ("fatal", Text),
            ("answers", Json),
            ("remark", Text),
            ("state", Text),
        ],
        &[&["agent", "at_ms"]],
    ),
    Table::new(
        "score_step",
        &["id"],
        &[
            ("id", Integer),
            ("at_ms", Moment),
            ("score", Integer),
            ("state", Text),
            ("user", Text),
            ("os_user", Text),
            ("reason", Text),
        ],
        &[&["score"]],
    ),
    Table::new(
        "work_order",
        &["id"],
        &[
            ("id", Integer),
            ("kind", Text),
            ("urgency", Text),
            ("number", Text),
            ("name", Text),
            ("place", Text),
            ("text", Text),
            ("owner", Text),
            ("unit", Text),
            ("result", Text),
            ("call_id", Integer),
            ("recording", Integer),
            ("state", Text),
            ("since_ms", Moment),
            ("accepted_ms", Moment),
            ("changed_ms", Moment),
            ("dispatch_due_ms", Moment),
            ("answer_due_ms", Moment),
            ("repeats", Integer),
            ("try_due_ms", Moment),
            ("revisit_due_ms", Moment),
            ("tries", Integer),
        ],
        &[&["number"], &["accepted_ms"]],
    ),
    Table::new(
        "work_order_step",
        &["id"],
        &[
            ("id", Integer),
            ("work_order", Integer),
            ("at_ms", Moment),
            ("step", Text),
            ("from_state", Text),
            ("to_state", Text),
            ("person", Text),
            ("unit", Text),
            ("remark", Text),
            ("call_id", Integer),
            ("since_ms", Moment),
            ("dispatch_due_ms", Moment),
            ("answer_due_ms", Moment),
            ("reason", Text),
            ("try_due_ms", Moment),
            ("revisit_due_ms", Moment),
        ],
        &[&["work_order"], &["at_ms"]],
    ),
    Table::new(
        "customer_entry",
        &["id"],
        &[
            ("id", Integer),
            ("name", Text),
            ("account", Text),
            ("address", Text),
            ("language", Text),
            ("region", Text),
            ("vip", Integer),
            ("notes", Text),
        ],
        &[&["account"]],
    ),
    Table::new(
        "customer_number",
        &["number"],
        &[("number", Text), ("customer", Integer), ("place", Integer)],
        &[&["customer"]],
    ),
    Table::new(
        "customer_change",
        &["id"],
        &[("id", Integer), ("customer", Integer), ("at_ms", Moment), ("person", Text), ("what", Text)],
        &[&["customer"]],
    ),
    Table::new(
        "notice",
        &["id"],
        &[
            ("id", Integer),
            ("text", Text),
            ("prompt", Text),
            ("region", Text),
            ("from_ms", Moment),
            ("to_ms", Moment),
            ("is_planned", Integer),
            ("person", Text),
            ("loaded_ms", Moment),
            ("ended_ms", Moment),
            ("ended_by", Text),
        ],
        &[],
    ),
    Table::new(
        "shift_naming",
        &["id"],
        &[
            ("id", Integer),
            ("shift", Text),
            ("begin_ms", Moment),
            ("end_ms", Moment),
            ("principal", Text),
            ("deputy", Text),
            ("person", Text),
            ("named_ms", Moment),
        ],
        &[&["begin_ms"]],
    ),
];

/// The tables of the store that a replica does not have, with the reason.
pub const LEFT_OUT: &[(&str, &str)] = &[
    ("open_call", "calls under way: a call is in `call` when it is over, or was interrupted"),
    ("call_back_order", "on its way to the running program, which turns it into a row of `call_back`"),
    ("last_kept", "the program's own bookkeeping"),
    ("number_plan", "a setting of the site"),
    ("read_in", "the program's own bookkeeping"),
];

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// None.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// Text.
    Text(String),
}

/// The values of the columns of a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Key(pub Vec<KeyPart>);

/// A value of a column of a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum KeyPart {
    /// A whole number.
    Integer(i64),
    /// Text.
    Text(String),
}

impl core::fmt::Display for Key {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            let blank = if index == 0 { "" } else { " " };
            match part {
                KeyPart::Integer(number) => write!(f, "{blank}{number}")?,
                KeyPart::Text(text) => write!(f, "{blank}{text}")?,
            }
        }
        Ok(())
    }
}

/// Rows of a table, as they stand under some keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// The table.
    pub table: &'static Table,
    /// The keys; one without a row has none any more.
    pub keys: Vec<Key>,
    /// All rows under them.
    pub rows: Vec<Vec<Cell>>,
}

/// The count of a table's rows, and for each column the count of its values and a sum over them.
///
/// | kind | what is added up |
/// |---|---|
/// | whole numbers, moments | the number's remainder by [`MODULUS`] |
/// | numbers | the same of its whole thousandths |
/// | text, JSON | its octets, 3 times its first character, 7 times its last one |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums {
    /// Count of rows.
    pub rows: i64,
    /// Count of values and their sum, by column.
    pub columns: Vec<(i64, i64)>,
}

/// The modulus of sums: a prime by which no sum of 10¹² rows overflows.
pub const MODULUS: i64 = 1_000_003;
