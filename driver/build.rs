//! The compiler's version, for the shape of what is shared with another process: the compiler is free in how it lays
//! out an enum, so two compilers need not agree.
//!
//! Never: looks at anything else of the machine.

use std::process::Command;

fn main() {
    let compiler = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let version = Command::new(compiler).arg("--version").output().map(|out| out.stdout).unwrap_or_default();
    println!("cargo:rustc-env=TIPRING_COMPILER={}", String::from_utf8_lossy(&version).trim());
    println!("cargo:rerun-if-changed=build.rs");
}
