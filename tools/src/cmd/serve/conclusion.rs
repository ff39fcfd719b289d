//! The end of `tipring serve`: the last lines of the log, and the exit status.
//!
//! Never: says that records are safe when they are not.

use std::process::ExitCode;

use super::FAILED;
use crate::failure::Failure;
use crate::log::{Level, Log};
use crate::run::threads::StoreEnd;

/// Exit status of records that the database did not take (sysexits: EX_IOERR).
const NOT_KEPT: u8 = 74;

/// The last lines and the exit status.
pub(super) fn conclude(
    failure: Option<String>,
    store: Option<StoreEnd>,
    stopped: Result<(), Failure>,
    log: &Log,
) -> Result<ExitCode, Failure> {
    let status = match store {
        Some(StoreEnd::Safe) => {
            if failure.is_none() && stopped.is_ok() {
                log(Level::Info, "stopped; every record is safe");
                return Ok(ExitCode::SUCCESS);
            }
            log(Level::Info, "every record that the core has made is safe");
            FAILED
        }
        Some(StoreEnd::Aside { records, file }) => {
            let file = file.display();
            log(Level::Error, &format!("stopped; the database did not take {records} records: they are in {file}"));
            NOT_KEPT
        }
        Some(StoreEnd::Lost { records, why }) => {
            log(Level::Error, &format!("stopped; {records} records are lost: {why}"));
            NOT_KEPT
        }
        None => {
            log(Level::Error, "the store did not end; records of the last moments may be lost");
            NOT_KEPT
        }
    };
    if let Some(why) = failure {
        log(Level::Error, &format!("{why}; the program has ended for it"));
        return Ok(ExitCode::from(FAILED));
    }
    if let Err(error) = stopped {
        log(Level::Error, &error.to_string());
        return Ok(ExitCode::from(FAILED));
    }
    Ok(ExitCode::from(status))
}
