//! The files of one demonstration, made once and copied for each test that changes them.
//!
//! Never: changes what the other tests see.

use std::path::Path;
use std::sync::OnceLock;

use tipring_tests::{Folder, run};

/// Database, recordings and events of ten calls at two agents, in a folder of the test's own.
pub(super) fn demonstration(name: &str) -> Folder {
    static MADE: OnceLock<Folder> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let folder = Folder::new("demonstration");
        let out = folder.path("").display().to_string();
        let size = ["--calls", "10", "--agents", "2", "--seed", "7", "--speed", "max", "--out", &out];
        let output = run([&["demo"], &size[..]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        folder
    });
    let folder = Folder::new(name);
    copy(&made.path(""), &folder.path(""));
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}
