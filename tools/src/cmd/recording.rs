//! `tipring recording`: recordings found, heard and exported. An audit record of each that is heard or exported is
//! safe in the database before any sound is given out.
//!
//! Never: gives sound out that no audit record stands for.

mod audit;
mod find;
mod legal_hold;
mod play_export;
mod verify;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::failure::Failure;
use crate::report::table::is_closed;

/// Arguments of `tipring recording`.
#[derive(Debug, Args)]
pub struct RecordingArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists recordings by time, number, agent, queue, call, length or outcome
    List(find::ListArgs),
    /// Shows all that is known of a recording and its call
    Show(find::ShowArgs),
    /// Plays a recording, by `aplay` or to the standard output; leaves an audit record
    Play(play_export::PlayArgs),
    /// Writes copies of recordings: WAV, one side, A-law, or a vCon; leaves an audit record
    Export(play_export::ExportArgs),
    /// Compares files with their checksums: names each that is missing, short, changed or not on record
    Verify(verify::VerifyArgs),
    /// Puts the recordings of a call on hold: no retention removes them
    Hold(legal_hold::HoldArgs),
    /// Releases the recordings of a call that are on hold
    Release(legal_hold::HoldArgs),
    /// Lists the calls whose recordings are on hold
    Holds(legal_hold::ListArgs),
    /// Lists the audit records: who listened to or exported what, when and why
    Audit(audit::AuditArgs),
}

/// Does what the arguments ask.
pub fn run(args: &RecordingArgs) -> Result<ExitCode, Failure> {
    let done = match &args.action {
        Action::List(args) => find::list(args),
        Action::Show(args) => find::show(args),
        Action::Play(args) => play_export::play(args),
        Action::Export(args) => play_export::export(args),
        Action::Audit(args) => audit::run(args),
        Action::Hold(args) => legal_hold::set(args, true),
        Action::Release(args) => legal_hold::set(args, false),
        Action::Holds(args) => legal_hold::list(args),
        Action::Verify(args) => return verify::run(args),
    };
    match done {
        Err(failure) if is_closed(&failure) => Ok(ExitCode::SUCCESS),
        other => other.map(|()| ExitCode::SUCCESS),
    }
}
