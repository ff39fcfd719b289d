//! `tipring store key`: the key file of a site's recordings and messages.
//!
//! Never: shows a secret; takes a key away.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::config::SiteConfig;
use crate::config::usual::site_file;
use crate::encryption::keys::{self, Key, Keys};
use crate::failure::Failure;
use crate::site_clock::SiteClock;

/// Arguments of `tipring store key`.
#[derive(Debug, Args)]
pub(super) struct KeyArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Makes the key file, for its owner alone; from the site's next start recordings and messages are encrypted
    New(FileArgs),
    /// Puts another key in front of the others: it encrypts from the next recording on, without a restart
    Add(FileArgs),
    /// Lists the ids of the keys and the days on which they were made; no secret is shown
    List(FileArgs),
}

#[derive(Debug, Args)]
struct FileArgs {
    /// The key file; without it, the one that [recording] of the site names as keys
    file: Option<PathBuf>,
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    site: PathBuf,
}

impl FileArgs {
    fn file(&self) -> Result<PathBuf, Failure> {
        if let Some(file) = &self.file {
            return Ok(file.clone());
        }
        let site = SiteConfig::load_without_users(&self.site)?;
        let none = || {
            format!(
                "{} names no key file. Name one in its [recording], as keys = \"recordings.keys\", or on this command's line",
                self.site.display()
            )
        };
        Ok(site.recording.keys.ok_or_else(none)?)
    }
}

/// Today, by the clock of this computer.
fn drawn() -> Result<Key, String> {
    Key::draw(SiteClock::of_machine().now().format("%Y-%m-%d").to_string())
}

pub(super) fn run(args: &KeyArgs) -> Result<(), Failure> {
    match &args.action {
        Action::New(args) => {
            let (file, key) = (args.file()?, drawn()?);
            keys::make(&file, &key)?;
            println!("{}: the key {}", file.display(), key.id());
            println!("The site encrypts by it from its next start, if its [recording] names the file as keys");
            println!("Keep a copy of the file apart from the recordings: without it none of them can be heard again");
        }
        Action::Add(args) => {
            let (file, key) = (args.file()?, drawn()?);
            keys::add(&file, &key)?;
            println!("{}: the key {} encrypts from now on, the others decrypt", file.display(), key.id());
            println!("Keep a copy of the file, as it is now, apart from the recordings");
        }
        Action::List(args) => {
            let keys = Keys::load(&args.file()?)?;
            for (at, key) in keys.iter().enumerate() {
                println!("{}  {}  {}", key.id(), key.made, if at == 0 { "encrypts and decrypts" } else { "decrypts" });
            }
        }
    }
    Ok(())
}
