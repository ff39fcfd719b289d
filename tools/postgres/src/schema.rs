//! The tables of a replica: those of the store, by its names, and the replica's own.
//!
//! | table | holds |
//! |---|---|
//! | those of [`TABLES`] | the store's rows. A moment (`offered_ms`) has its time beside it (`offered_at`) |
//! | `replica` | one row: the version of the tables, the store, and how far it is carried over |
//! | `replica_refused` | rows that the database does not take, each with the reason |
//!
//! Statements make what is not there yet: views and rights of others stay. Columns other than keys may be empty.
//!
//! Never: takes a table or a column away.

use tipring_core::store::replicated::{Kind, MODULUS, TABLES, Table};

/// The version of what this file makes of the tables of the store; it counts above the version of those.
pub(crate) const FORM: i64 = 1;

/// The replica's own tables.
const OWN: &str = "\
CREATE TABLE IF NOT EXISTS replica (
    one        integer PRIMARY KEY CHECK (one = 1),
    version    bigint NOT NULL,       -- of the tables
    store      text,                  -- the store that is carried over; NULL: none yet
    log        text,                  -- its log of changed rows
    up_to      bigint NOT NULL,       -- the last change that is carried over
    fill_table text,                  -- the table that is copied from its beginning; NULL: none
    fill_after text,                  -- its last key that is copied; NULL: none yet
    changed_at timestamptz
);
INSERT INTO replica (one, version, up_to) VALUES (1, 0, 0) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS replica_refused (
    table_name text NOT NULL,
    key        text NOT NULL,
    why        text NOT NULL,
    refused_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (table_name, key)
);
";

/// A name, in quotes: `user` is a word of SQL.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// Names in quotes, separated by commas.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// The type of a column.
const fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Integer | Kind::Moment => "bigint",
        Kind::Real => "double precision",
        Kind::Text => "text",
        Kind::Json => "json",
    }
}

/// The type in which values of a kind are sent.
pub(crate) const fn sent_as(kind: Kind) -> &'static str {
    match kind {
        Kind::Json => "text",
        other => type_of(other),
    }
}

/// The column with the time of a moment: `offered_ms` is `offered_at`, `at_ms` is `at`.
fn time_of(moment: &str) -> String {
    match moment.trim_end_matches("_ms") {
        "at" => "at".to_owned(),
        begin => format!("{begin}_at"),
    }
}

/// The statements that make what is not there of all tables, and empty them.
pub(crate) fn statements() -> String {
    OWN.to_owned() + &TABLES.iter().map(make).collect::<String>()
}

fn make(table: &Table) -> String {
    let name = quoted(table.name);
    let column = |column: &str| format!("{} {}", quoted(column), table.kind(column).map_or("text", type_of));
    let keys: Vec<String> = table.primary.iter().map(|key| column(key)).collect();
    let mut added: Vec<String> = Vec::new();
    for (of, kind) in table.columns {
        if !table.primary.contains(of) {
            added.push(format!("ADD COLUMN IF NOT EXISTS {}", column(of)));
        }
        if *kind == Kind::Moment {
            added.push(format!(
                "ADD COLUMN IF NOT EXISTS {} timestamptz GENERATED ALWAYS AS (to_timestamp({} / 1000.0::double precision)) \
                 STORED",
                quoted(&time_of(of)),
                quoted(of)
            ));
        }
    }
    let primary = list(table.primary.iter().copied());
    let mut text = format!("CREATE TABLE IF NOT EXISTS {name} ({}, PRIMARY KEY ({primary}));\n", keys.join(", "));
    // They are filled anew, and an empty table takes columns and indexes at once.
    text += &format!("TRUNCATE {name};\nALTER TABLE {name} {};\n", added.join(", "));
    for index in table.indexes {
        let index_name = quoted(&format!("{}_by_{}", table.name, index.join("_")));
        let columns = list(index.iter().copied());
        text += &format!("CREATE INDEX IF NOT EXISTS {index_name} ON {name} ({columns});\n");
    }
    text
}

/// The statement that empties all tables.
pub(crate) fn empty() -> String {
    format!("TRUNCATE {}, replica_refused", list(TABLES.iter().map(|table| table.name)))
}

/// The statement that deletes the rows under keys; each parameter holds the values of one column of them.
pub(crate) fn delete(table: &Table) -> String {
    let types = table.key.iter().map(|key| table.kind(key).map_or("text", sent_as)).collect::<Vec<_>>();
    let is_it = |(place, key): (usize, &&str)| format!("t.{} = k.c{place}", quoted(key));
    let is_it: Vec<String> = table.key.iter().enumerate().map(is_it).collect();
    format!("DELETE FROM {} AS t USING {} WHERE {}", quoted(table.name), unnest("k", &types), is_it.join(" AND "))
}

/// The statement that inserts rows; each parameter holds the values of one column of them.
pub(crate) fn insert(table: &Table) -> String {
    let types: Vec<&str> = table.columns.iter().map(|(_, kind)| sent_as(*kind)).collect();
    let value = |(place, (_, kind)): (usize, &(&str, Kind))| match kind {
        Kind::Json => format!("r.c{place}::json"),
        _ => format!("r.c{place}"),
    };
    let values: Vec<String> = table.columns.iter().enumerate().map(value).collect();
    let columns = list(table.columns.iter().map(|(name, _)| *name));
    let (name, from) = (quoted(table.name), unnest("r", &types));
    format!("INSERT INTO {name} ({columns}) SELECT {} FROM {from}", values.join(", "))
}

fn unnest(name: &str, types: &[&str]) -> String {
    let arrays = types.iter().enumerate().map(|(place, of)| format!("${}::{of}[]", place + 1)).collect::<Vec<_>>();
    let columns = (0..types.len()).map(|place| format!("c{place}")).collect::<Vec<_>>();
    format!("unnest({}) AS {name}({})", arrays.join(", "), columns.join(", "))
}

/// The statement that adds a table up: the terms are those of
/// [`Sums`](tipring_core::store::replicated::Sums), which the store computes in the same way.
pub(crate) fn sums(table: &Table) -> String {
    let columns = table.columns.iter().map(|(name, kind)| {
        let name = quoted(name);
        let term = match kind {
            Kind::Integer | Kind::Moment => format!("{name} % {MODULUS}"),
            Kind::Real => format!("trunc({name} * 1000)::bigint % {MODULUS}"),
            Kind::Text | Kind::Json => format!(
                "octet_length({name}::text) + 3 * ascii(left({name}::text, 1)) + 7 * ascii(right({name}::text, 1))"
            ),
        };
        format!(", count({name}), coalesce(sum({term}), 0)::bigint")
    });
    format!("SELECT count(*) {} FROM {}", columns.collect::<String>(), quoted(table.name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_time_of_a_moment_has_a_name_of_its_own() {
        assert_eq!(["offered_ms", "at_ms", "dispatch_due_ms"].map(time_of), ["offered_at", "at", "dispatch_due_at"]);
        for table in TABLES {
            let mut names: BTreeSet<String> = table.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
            for (moment, _) in table.columns.iter().filter(|(_, kind)| *kind == Kind::Moment) {
                assert!(names.insert(time_of(moment)), "{}: {moment}", table.name);
            }
            assert!(!["replica", "replica_refused"].contains(&table.name));
        }
    }

    #[test]
    fn indexes_have_names_of_their_own() {
        let text = statements();
        let names: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("CREATE INDEX IF NOT EXISTS ")).collect();
        let of = |line: &&str| line.split(' ').next().map(str::to_owned);
        assert!(names.len() > 10 && names.iter().filter_map(of).collect::<BTreeSet<_>>().len() == names.len());
        // Names of tables are no longer than the database keeps them.
        assert!(names.iter().filter_map(of).all(|name| name.len() <= 63 + 2));
    }

    #[test]
    fn statements_send_a_column_in_one_array() {
        let table = Table::named("customer_number").unwrap();
        assert_eq!(
            insert(table),
            "INSERT INTO \"customer_number\" (\"number\", \"customer\", \"place\") SELECT r.c0, r.c1, r.c2 \
             FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS r(c0, c1, c2)"
        );
        assert_eq!(
            delete(Table::named("recording_mark").unwrap()),
            "DELETE FROM \"recording_mark\" AS t USING unnest($1::bigint[], $2::bigint[]) AS k(c0, c1) \
             WHERE t.\"recording_id\" = k.c0 AND t.\"number\" = k.c1"
        );
    }
}
