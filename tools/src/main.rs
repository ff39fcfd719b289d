//! The program `tipring`: parse, run, report.

use std::process::ExitCode;

use tipring_tools::cli::Cli;
use tipring_tools::failure::exit_status;

fn main() -> ExitCode {
    match Cli::of_arguments().run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("tipring: {error}");
            ExitCode::from(exit_status(&error))
        }
    }
}
