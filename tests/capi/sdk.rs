//! The installed SDK: programs are built from it as its users build them, with nothing but what pkg-config prints.
//!
//! Never: uses a header or a library of the source tree.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use tipring_tests::Folder;

use super::{SOON, STRICT, card_behind_a_socket, libraries, porting, printed, root};

fn install(prefix: &Path, libraries: &Path) -> Output {
    Command::new(tipring_tests::tipring())
        .args(["sdk", "install", "--prefix"])
        .arg(prefix)
        .arg("--libraries")
        .arg(libraries)
        .output()
        .expect("tipring can be started")
}

/// The folder that the SDK is installed below, once for all tests; it stays beside the library.
fn prefix() -> &'static Path {
    static PREFIX: OnceLock<PathBuf> = OnceLock::new();
    PREFIX.get_or_init(|| {
        let built = libraries().parent().expect("the library stands in the build folder");
        let prefix = built.join("sdk");
        let _ = std::fs::remove_dir_all(&prefix);
        let installed = install(&prefix, built);
        assert!(installed.status.success(), "{}", printed(&installed));
        prefix
    })
}

/// A command that finds the SDK, to build with it and to run what was built.
fn with_sdk(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env("PKG_CONFIG_PATH", prefix().join("lib/pkgconfig")).env("LD_LIBRARY_PATH", prefix().join("lib"));
    command
}

/// Builds one source as the manual says: the compiler, and what pkg-config prints.
fn build(source: &Path, folder: &Folder) -> PathBuf {
    let program = folder.path(source.file_stem().and_then(|stem| stem.to_str()).expect("a source has a name"));
    let output = with_sdk("sh")
        .args(["-euc", r#"flags=$(pkg-config --cflags --libs tipring); cc "$1" $flags -o "$2""#, "sh"])
        .args([source, &program])
        .output()
        .expect("a shell can be started");
    assert!(output.status.success(), "pkg-config is Debian's pkgconf: {}", printed(&output));
    program
}

#[test]
fn the_same_binary_serves_a_call_on_the_simulator_and_on_a_card_behind_a_socket() {
    let folder = Folder::new("capi-either");
    let program = build(&root().join("tests/capi/either.c"), &folder);
    let scenario = "[opening]\nafter = \"start\"\ndelay_ms = 5000\n[callers]\ncount = 1\n";
    let mut card = card_behind_a_socket(&folder, scenario);
    for name in ["sim:fxo,fxs".into(), folder.path("card.sock")] {
        let output = with_sdk(&program).arg(folder.path("")).arg(&name).output().expect("it can be started");
        assert!(output.status.success() && printed(&output).contains("ok"), "{}: {}", name.display(), printed(&output));
        // What it recorded is a voice, or the tone said by the far end: no silence.
        let mut reader = hound::WavReader::open(folder.path("heard.wav")).expect("the recording is there");
        let peak = reader.samples::<i16>().filter_map(Result::ok).map(i16::unsigned_abs).max();
        assert!(peak > Some(1000), "{}: peak {peak:?}", name.display());
        std::fs::remove_file(folder.path("heard.wav")).expect("the recording can be removed");
    }
    card.wait_for("the end of the call", SOON, |line| line.contains("call_ended") && line.contains("card"));
}

#[test]
fn the_installed_makefile_builds_every_example_without_a_warning() {
    let folder = Folder::new("capi-examples");
    let installed = prefix().join("share/doc/tipring/examples");
    let mut sources = Vec::new();
    for file in std::fs::read_dir(installed).expect("the examples are installed").flatten() {
        std::fs::copy(file.path(), folder.path(&file.file_name().to_string_lossy())).expect("an example can be copied");
        let name = file.path();
        if name.extension().is_some_and(|language| language == "c" || language == "cpp") {
            sources.push(name.file_stem().expect("a source has a name").to_string_lossy().into_owned());
        }
    }
    assert!(sources.len() >= 8, "{sources:?}");
    let output = with_sdk("make")
        .arg("-C")
        .arg(folder.path(""))
        .env("CFLAGS", STRICT.join(" "))
        .env("CXXFLAGS", STRICT.join(" "))
        .output()
        .expect("make can be started");
    assert!(output.status.success(), "{}", printed(&output));
    for name in sources {
        // Started without its arguments, each says how it is used.
        let usage = Command::new(folder.path(&name)).output().unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(usage.status.code(), Some(2), "{name}: {}", printed(&usage));
    }
}

/// A program may have an SQLite of its own, or other libraries in Rust: the static library shows its functions alone.
#[test]
fn the_static_library_goes_with_whatever_else_a_program_links() {
    let folder = Folder::new("capi-static");
    let library = prefix().join("lib/libtipring.a");
    let listed = Command::new("nm").args(["-g", "--defined-only", "--format=just-symbols"]).arg(&library).output();
    let listed = String::from_utf8_lossy(&listed.expect("nm is there").stdout).into_owned();
    let names: Vec<&str> = listed.lines().filter(|line| !line.is_empty() && !line.ends_with(':')).collect();
    assert!(names.len() > 50 && names.iter().all(|name| name.starts_with("tr_")), "{names:?}");
    let source = folder.path("own.c");
    let text = "#include <tipring.h>
int sqlite3_open(void) { return 7; }
int rust_eh_personality(void) { return 7; }
int main(void)
{
    const char *cards[] = {\"sim:fxo\"};
    tr_config config = TR_CONFIG_INIT;
    tr_ctx *ctx;
    config.cards = cards;
    config.card_count = 1;
    return tr_open(&config, &ctx) != TR_OK || tr_close(ctx, 0) != TR_OK || sqlite3_open() != 7;
}
";
    std::fs::write(&source, text).expect("the source can be written");
    let program = folder.path("own");
    let output = Command::new("cc")
        .arg("-I")
        .arg(prefix().join("include"))
        .args([&source, &library])
        .args(["-lm", "-lpthread", "-ldl", "-o"])
        .arg(&program)
        .output()
        .expect("the compiler can be started");
    assert!(output.status.success(), "{}", printed(&output));
    assert!(Command::new(&program).status().expect("it runs").success());
}

#[test]
fn an_sdk_without_its_library_says_which_command_builds_it() {
    let folder = Folder::new("capi-nothing");
    let missing = install(&folder.path("prefix"), &folder.path("nowhere"));
    assert!(!missing.status.success() && printed(&missing).contains("cargo build"), "{}", printed(&missing));
}

#[test]
fn each_function_has_a_manual_page_of_its_name_in_the_sdk() {
    for name in porting::words(&porting::headers(), "tr_sim_").iter().chain(&["tr_open", "tr_close", "tr_op_stop"]) {
        let page = prefix().join(format!("share/man/man3/{name}.3"));
        assert!(page.exists() || *name == "tr_sim_state", "{}", page.display());
    }
}

#[test]
fn each_symbol_of_the_installed_library_carries_the_version_it_came_with() {
    let shared = prefix().join("lib/libtipring.so");
    let listed = Command::new("nm").args(["-D", "--defined-only"]).arg(&shared).output().expect("nm is there");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("tr_open@@TIPRING_0"), "{listed}");
    assert!(listed.lines().all(|line| line.contains("@@TIPRING_0") || line.ends_with(" A TIPRING_0")), "{listed}");
}
