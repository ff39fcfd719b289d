//! The default configuration: the one that a command takes where none is named.
//!
//! Never: reads a file.

use std::path::{Path, PathBuf};

/// The configuration of the installed site.
const INSTALLED: &str = "/etc/tipring/site.toml";
/// The configuration of a site in the folder one stands in.
const HERE: &str = "site.toml";

/// Returns `site.toml` of the working folder if it is there, else that of the installed site if there is one.
pub fn site_file() -> PathBuf {
    let found = [HERE, INSTALLED].into_iter().find(|file| Path::new(file).exists());
    found.unwrap_or(HERE).into()
}
