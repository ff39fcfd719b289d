//! `tipring completions`: what a shell needs to complete commands and options.
//!
//! Never: repeats an argument; all come from the arguments themselves.

use std::io;

use clap::{Args, Command};
use clap_complete::Shell;

/// `tipring completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Writes the completions of a program to the standard output.
pub fn run(args: &CompletionsArgs, program: &mut Command) {
    clap_complete::generate(args.shell, program, "tipring", &mut io::stdout());
}
