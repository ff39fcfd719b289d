//! Owners of files that root writes for a site which runs as another user.
//!
//! Never: changes the owner of a file that another user writes.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

use nix::unistd::geteuid;

/// Gives a file that root has written to the owner of another file or folder: the one that it is to replace, or the one
/// that it stands in.
///
/// # Errors
/// One of them is not there.
pub fn give(file: &Path, like: &Path) -> io::Result<()> {
    if !geteuid().is_root() {
        return Ok(());
    }
    let like = fs::metadata(like)?;
    chown(file, Some(like.uid()), Some(like.gid()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_root_writes_belongs_to_the_folders_owner() {
        if !geteuid().is_root() {
            return;
        }
        let folder = std::env::temp_dir().join(format!("tipring-owner-{}", std::process::id()));
        let file = folder.join("users.toml");
        fs::create_dir_all(&folder).unwrap();
        chown(&folder, Some(12_345), Some(12_346)).unwrap();
        fs::write(&file, "").unwrap();
        give(&file, &folder).unwrap();
        let owner = fs::metadata(&file).map(|file| (file.uid(), file.gid())).unwrap();
        fs::remove_dir_all(folder).unwrap();
        assert_eq!(owner, (12_345, 12_346));
    }
}
