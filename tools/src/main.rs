//! The program `tipring`: parse, run, report.

use std::process::ExitCode;

use clap::Parser;
use tipring_tools::cli::Cli;
use tipring_tools::failure::exit_status;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("tipring: {error}");
            ExitCode::from(exit_status(&error))
        }
    }
}
