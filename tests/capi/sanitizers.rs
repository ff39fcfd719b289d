//! 256 channels and 8 threads, plain and under the address and thread sanitizers.
//!
//! Never: passes over a report, or suppresses one but that of [`ARC`].

use std::path::PathBuf;
use std::process::Command;

use tipring_tests::Folder;

use super::{build, capi, passes, printed, root};

/// Rounds of all channels: a sanitizer makes each some twenty times as long.
const ROUNDS: &str = "4";

#[test]
fn of_256_channels_and_8_threads_no_completion_is_lost() {
    passes("threads.c");
}

#[test]
fn the_sanitizers_of_the_c_compiler_find_nothing() {
    for flag in ["-fsanitize=address,undefined", "-fsanitize=thread"] {
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

/// The one report that the thread sanitizer makes of a sound program: it does not know fences, and the standard
/// library, which comes built, orders the last drop of an `Arc` by one. A drop that is a fault all the same frees what
/// is in use, and that the address sanitizer reports.
const ARC: &str = "race:<alloc::sync::Arc<*>>::drop_slow\n";

/// The target of the instrumented library: with one that is named, build scripts are left as they are.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// The library built with a sanitizer of rustc's, in a folder of its own. The standard library is as it comes.
fn instrumented(sanitizer: &str) -> PathBuf {
    let folder = root().join("target/sanitizer").join(sanitizer);
    let built = Command::new(env!("CARGO"))
        .args(["rustc", "--package", "tipring-capi", "--lib", "--crate-type", "cdylib", "--target", TARGET])
        .arg("--target-dir")
        .arg(&folder)
        .current_dir(root())
        // A sanitizer is an unstable flag, which the stable compiler takes with this.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", format!("-Zsanitizer={sanitizer} -Cunsafe-allow-abi-mismatch=sanitizer"))
        .status()
        .expect("cargo can be started");
    assert!(built.success(), "building with -Zsanitizer={sanitizer} failed");
    let debug = folder.join(TARGET).join("debug");
    let _ = std::os::unix::fs::symlink("libtipring.so", debug.join("libtipring.so.0"));
    debug
}

/// The sanitizer's runtime that belongs to rustc: the C compiler's may be older, and lack what the library calls.
fn runtime(name: &str) -> PathBuf {
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().expect("rustc can be started");
    let folder = PathBuf::from(printed(&sysroot).trim()).join("lib/rustlib").join(TARGET).join("lib");
    let files = std::fs::read_dir(&folder).expect("rustc has libraries").flatten().map(|file| file.path());
    let is_it = |file: &PathBuf| file.to_string_lossy().ends_with(&format!("_rt.{name}.a"));
    files.into_iter().find(is_it).unwrap_or_else(|| panic!("{} holds no runtime of {name}", folder.display()))
}

/// A program of C, instrumented by the C compiler, with the instrumented library and its runtime.
fn build_both(source: &str, sanitizer: &str, name: &str, folder: &Folder) -> PathBuf {
    let (libraries, object) = (instrumented(sanitizer), folder.path("program.o"));
    let symbols = Command::new("nm").arg("-D").arg(libraries.join("libtipring.so")).output().expect("nm is there");
    assert!(printed(&symbols).contains(&format!("__{name}_")), "the library is not instrumented");
    let mut compile = Command::new("cc");
    compile.args(["-std=c11", "-D_GNU_SOURCE", "-O1", "-g", "-c", &format!("-fsanitize={sanitizer}"), "-I"]);
    compile.arg(capi().join("include")).arg(root().join("tests/capi").join(source)).arg("-o").arg(&object);
    let program = folder.path("program");
    let mut link = Command::new("cc");
    link.arg(&object).arg("-Wl,--whole-archive").arg(runtime(name)).args(["-Wl,--no-whole-archive", "-rdynamic", "-L"]);
    link.arg(&libraries).arg(format!("-Wl,-rpath,{}", libraries.display()));
    link.args(["-ltipring", "-lm", "-lpthread", "-ldl", "-lrt", "-o"]).arg(&program);
    for mut step in [compile, link] {
        let output = step.output().expect("the compiler can be started");
        assert!(output.status.success(), "{sanitizer}: {}", printed(&output));
    }
    program
}

/// `cargo test -p tipring-tests --test capi both_sides -- --ignored`
#[test]
#[ignore = "builds the library twice; minutes"]
fn the_sanitizers_find_nothing_on_both_sides_of_the_interface() {
    for (sanitizer, name) in [("thread", "tsan"), ("address", "asan")] {
        let folder = Folder::new("capi-both-sides");
        let known = folder.path("known");
        std::fs::write(&known, ARC).expect("the folder can be written");
        let output = Command::new(build_both("threads.c", sanitizer, name, &folder))
            .args([folder.path("").as_os_str(), ROUNDS.as_ref()])
            .env("TSAN_OPTIONS", format!("suppressions={}", known.display()))
            .output()
            .expect("a C program can be started");
        assert!(output.status.success() && printed(&output).contains("ok"), "{sanitizer}: {}", printed(&output));
    }
}
