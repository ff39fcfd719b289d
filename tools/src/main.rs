//! The program `tipring`: parse, run, report.

use std::process::ExitCode;

use mimalloc::MiMalloc;
use tipring_tools::cli::Cli;
use tipring_tools::failure::exit_status;

/// A record is made by one thread and dropped by another: with this allocator neither waits for the other.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match Cli::of_arguments().run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("tipring: {error}");
            ExitCode::from(exit_status(&error))
        }
    }
}
