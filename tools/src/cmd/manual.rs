//! `tipring manual`: the manual pages of the program, one a subcommand.
//!
//! Never: written by hand; they come from the arguments themselves.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Command};

use crate::failure::Failure;

/// `tipring manual`.
#[derive(Debug, Args)]
pub struct ManualArgs {
    /// Folder for the pages: tipring.1, tipring-serve.1, and so on
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// Writes the pages of a program.
///
/// # Errors
/// A folder or file that cannot be written.
pub fn run(args: &ManualArgs, program: Command) -> Result<(), Failure> {
    let unwritable = |why| format!("{}: {why}", args.to.display());
    fs::create_dir_all(&args.to).map_err(unwritable)?;
    clap_mangen::generate_to(program.disable_help_subcommand(true), &args.to).map_err(unwritable)?;
    Ok(())
}
