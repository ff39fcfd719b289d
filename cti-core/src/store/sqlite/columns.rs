//! Values of columns that stand for names.
//!
//! Never: takes a name that is not known for another one.

use rusqlite::Row;
use rusqlite::types::FromSqlError;

/// A value of a name in a column.
pub(super) fn named<T>(row: &Row<'_>, column: &str, of_name: fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    let name: String = row.get(column)?;
    let index = row.as_ref().column_index(column)?;
    of_name(&name).ok_or_else(|| {
        let why = FromSqlError::Other(format!("{column} {name:?} is not known").into());
        rusqlite::Error::FromSqlConversionFailure(index, rusqlite::types::Type::Text, Box::new(why))
    })
}
