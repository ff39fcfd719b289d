//! The tables of the store of which a replica has a copy, and rows of them as they are carried over.
//!
//! The replica has the names of tables and columns that the store has. What the store keeps in blocks (legs, decisions,
//! states, entries of the log of events) has rows one by one there, as the store's views show them.
//!
//! [`TABLES`], in `tables`, is the table of them. A row of the store is known by its *key*; the rows of a block share
//! its key, so that what stands under a key is replaced as a whole.
//!
//! Never: reads or writes a database.

mod tables;

pub use self::tables::{LEFT_OUT, TABLES};

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
