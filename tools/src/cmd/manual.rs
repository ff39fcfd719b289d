//! `tipring manual`: the manual pages of the program, one a subcommand.
//!
//! Never: repeats an argument; all come from the arguments themselves.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;

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
    let mut program = program.disable_help_subcommand(true);
    program.build();
    write(&program, &args.to).map_err(unwritable)?;
    Ok(())
}

/// Writes the page of a command, and those of its subcommands.
fn write(command: &Command, folder: &Path) -> io::Result<()> {
    for subcommand in command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        write(subcommand, folder)?;
    }
    let page = Man::new(command.clone());
    let mut text = Vec::new();
    page.render(&mut text)?;
    fs::write(folder.join(page.get_filename()), notes(&String::from_utf8_lossy(&text)))
}

/// A page whose words behind the options stand as they are written, under the usual title.
fn notes(page: &str) -> String {
    let Some((before, rest)) = page.split_once("\n.SH EXTRA\n") else { return page.to_owned() };
    let (notes, after) = rest.split_at(rest.find("\n.SH ").map_or(rest.len(), |at| at + 1));
    format!("{before}\n.SH NOTES\n.nf\n{}\n.fi\n{after}", notes.trim_end())
}

#[cfg(test)]
mod tests {
    use super::notes;

    #[test]
    fn words_behind_the_options_are_not_filled() {
        let page = ".SH OPTIONS\nnone\n.SH EXTRA\nSignals:\n  TERM  stop\n.SH VERSION\nv1\n";
        let written = ".SH OPTIONS\nnone\n.SH NOTES\n.nf\nSignals:\n  TERM  stop\n.fi\n.SH VERSION\nv1\n";
        assert_eq!(notes(page), written);
        assert_eq!(notes(".SH OPTIONS\n"), ".SH OPTIONS\n");
    }
}
