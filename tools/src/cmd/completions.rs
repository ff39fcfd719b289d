//! `tipring completions`: what a shell needs to complete commands and options.
//!
//! Never: written by hand; it comes from the arguments themselves.

use std::io;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;

/// `tipring completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Writes the completions to the standard output.
pub fn run(args: &CompletionsArgs) {
    clap_complete::generate(args.shell, &mut Cli::command(), "tipring", &mut io::stdout());
}
