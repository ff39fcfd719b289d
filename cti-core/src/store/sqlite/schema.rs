//! The schema: its migrations, and bringing a database up to date.
//!
//! Never: changes a migration that a released version has applied.

use rusqlite::Connection;

use super::{StoreError, store_error};

/// The migrations in order; the database's `user_version` counts those it has had.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001-calls.sql"),
    include_str!("../migrations/0002-machine.sql"),
    include_str!("../migrations/0003-event.sql"),
    include_str!("../migrations/0004-supervision.sql"),
    include_str!("../migrations/0005-decision.sql"),
    include_str!("../migrations/0006-open-call.sql"),
    include_str!("../migrations/0007-recording-audit.sql"),
    include_str!("../migrations/0008-call-back.sql"),
    include_str!("../migrations/0009-message.sql"),
    include_str!("../migrations/0010-recording-proof.sql"),
    include_str!("../migrations/0011-quality.sql"),
    include_str!("../migrations/0012-leg.sql"),
    include_str!("../migrations/0013-reason.sql"),
    include_str!("../migrations/0014-event-mode.sql"),
    include_str!("../migrations/0015-recording-mark.sql"),
    include_str!("../migrations/0016-work-order.sql"),
    include_str!("../migrations/0017-open-leg.sql"),
    include_str!("../migrations/0018-customer.sql"),
    include_str!("../migrations/0019-notice.sql"),
    include_str!("../migrations/0020-last-kept.sql"),
    include_str!("../migrations/0021-number-plan.sql"),
    include_str!("../migrations/0022-after-service.sql"),
    include_str!("../migrations/0023-read-in.sql"),
    include_str!("../migrations/0024-message-step.sql"),
    include_str!("../migrations/0025-shift.sql"),
    include_str!("../migrations/0026-event-block.sql"),
    include_str!("../migrations/0027-index-once.sql"),
    include_str!("../migrations/0028-rows-together.sql"),
    include_str!("../migrations/0029-event-place.sql"),
];

/// Applies the migrations that a database has not had, one transaction each.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let fail = |error: rusqlite::Error| store_error("bringing the database up to date", &error);
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(fail)?;
    let version = usize::try_from(version).unwrap_or(usize::MAX);
    if version > MIGRATIONS.len() {
        return Err(StoreError {
            operation: "bringing the database up to date",
            why: format!("it was written by a newer version of this program (schema {version})"),
            may_pass: false,
        });
    }
    for (number, migration) in MIGRATIONS.iter().enumerate().skip(version) {
        let transaction = connection.transaction().map_err(fail)?;
        transaction.execute_batch(migration).map_err(fail)?;
        transaction.pragma_update(None, "user_version", number as i64 + 1).map_err(fail)?;
        transaction.commit().map_err(fail)?;
    }
    Ok(())
}
