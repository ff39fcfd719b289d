//! 256 channels and 8 threads, plain and under the address and thread sanitizers.
//!
//! Never: a sanitizer's report passed over; what is suppressed stands in `tsan.supp` with its reason.

use std::path::PathBuf;
use std::process::Command;

use tipring_tests::Folder;

use super::{build, build_against, passes, printed, root};

/// Sanitizers by the C compiler's name and by rustc's.
const SANITIZERS: [(&str, &str); 2] = [("-fsanitize=address,undefined", "address"), ("-fsanitize=thread", "thread")];
/// Rounds of all channels: a sanitizer makes each some twenty times as long.
const ROUNDS: &str = "4";

#[test]
fn of_256_channels_and_8_threads_no_completion_is_lost() {
    passes("threads.c");
}

#[test]
fn the_sanitizers_of_the_c_compiler_find_nothing() {
    for (flag, _) in SANITIZERS {
        let folder = Folder::new("capi-sanitizer");
        let program = build(&root().join("tests/capi/threads.c"), &folder, &[flag]);
        let output = Command::new(program)
            .args([folder.path("").as_os_str(), ROUNDS.as_ref()])
            .env("TSAN_OPTIONS", "ignore_noninstrumented_modules=1 halt_on_error=1")
            .output()
            .expect("a C program can be started");
        assert!(output.status.success() && printed(&output).contains("ok"), "{flag}: {}", printed(&output));
    }
}

/// The library built with a sanitizer of rustc's, in a folder of its own. The standard library is as it comes.
fn instrumented(sanitizer: &str) -> PathBuf {
    let target = root().join("target/sanitizer").join(sanitizer);
    let triple = "x86_64-unknown-linux-gnu";
    let built = Command::new(env!("CARGO"))
        .args(["rustc", "--package", "tipring-capi", "--lib", "--crate-type", "cdylib", "--target", triple])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(root())
        // A sanitizer is an unstable flag, which the stable compiler takes with this.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", format!("-Zsanitizer={sanitizer} -Cunsafe-allow-abi-mismatch=sanitizer"))
        .status()
        .expect("cargo can be started");
    assert!(built.success(), "building with -Zsanitizer={sanitizer} failed");
    let debug = target.join(triple).join("debug");
    let _ = std::os::unix::fs::symlink("libtipring.so", debug.join("libtipring.so.0"));
    debug
}

/// `cargo test -p tipring-tests --test capi both_sides -- --ignored`
#[test]
#[ignore = "builds the library twice; minutes"]
fn the_sanitizers_find_nothing_on_both_sides_of_the_interface() {
    for (flag, sanitizer) in SANITIZERS {
        let folder = Folder::new("capi-both-sides");
        let libraries = instrumented(sanitizer);
        let program = build_against(&libraries, &root().join("tests/capi/threads.c"), &folder, &[flag]);
        let suppressions = root().join("tests/capi/tsan.supp");
        let output = Command::new(program)
            .args([folder.path("").as_os_str(), ROUNDS.as_ref()])
            .env("TSAN_OPTIONS", format!("halt_on_error=1 suppressions={}", suppressions.display()))
            .output()
            .expect("a C program can be started");
        assert!(output.status.success() && printed(&output).contains("ok"), "{sanitizer}: {}", printed(&output));
    }
}
