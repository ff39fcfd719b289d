//! C programs against `tipring.h`: built as their users build them, run on the simulator, judged by what is heard.

mod manual;
mod porting;
mod sanitizers;
mod sdk;
mod signatures;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::Duration;

use tipring_tests::{Folder, Listen, Process, built};

/// The longest wait for another process.
const SOON: Duration = Duration::from_secs(30);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ stands in the workspace")
}

fn capi() -> PathBuf {
    root().join("cti-core/capi")
}

/// The shared library, built in the profile of the tests.
fn newly_built() -> Option<PathBuf> {
    built("tipring-capi")
        .into_iter()
        .filter(|message| message["target"]["name"] == "tipring" && message["reason"] == "compiler-artifact")
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|name| name.as_str().map(PathBuf::from))
        .find(|name| name.extension().is_some_and(|extension| extension == "so"))
}

/// The folder with the libraries: those of the folder that `TIPRING_LIBRARIES` names, or else built, once.
fn libraries() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let named = std::env::var_os("TIPRING_LIBRARIES").map(|folder| Path::new(&folder).join("libtipring.so"));
        let library = named.or_else(newly_built).expect("cargo says where it put the library");
        // As a package lays them down: the file has the name that is written in it, and the linker's name points there.
        let folder = library.with_file_name("capi");
        std::fs::create_dir_all(&folder).expect("a folder beside the library can be made");
        std::fs::copy(&library, folder.join("libtipring.so.0")).expect("the library can be copied");
        std::fs::copy(library.with_extension("a"), folder.join("libtipring.a"))
            .expect("the static library can be copied");
        let _ = std::os::unix::fs::symlink("libtipring.so.0", folder.join("libtipring.so"));
        folder
    })
}

/// Strict flags, as an integrator's build would have them.
const STRICT: &[&str] = &["-Wall", "-Wextra", "-Werror", "-pedantic", "-O1", "-g"];

/// Compiles and links one source, C or C++ by its name, against the shared library; gives the program.
fn build(source: &Path, folder: &Folder, more: &[&str]) -> PathBuf {
    build_against(libraries(), source, folder, more)
}

/// As [`build`], against the shared library in this folder.
fn build_against(libraries: &Path, source: &Path, folder: &Folder, more: &[&str]) -> PathBuf {
    let program = folder.path(source.file_stem().and_then(|stem| stem.to_str()).expect("a source has a name"));
    let (compiler, standard) = match source.extension() {
        Some(extension) if extension == "cpp" => ("c++", "-std=c++17"),
        _ => ("cc", "-std=c11"),
    };
    let output = Command::new(compiler)
        .args(STRICT)
        .args([standard, "-D_GNU_SOURCE", "-pthread"])
        .args(more)
        .arg("-I")
        .arg(capi().join("include"))
        .arg("-I")
        .arg(capi().join("examples"))
        .arg("-I")
        .arg(root().join("tests/capi"))
        .arg(source)
        .arg("-L")
        .arg(libraries)
        .arg(format!("-Wl,-rpath,{}", libraries.display()))
        .args(["-ltipring", "-lm", "-o"])
        .arg(&program)
        .output()
        .expect("the compiler can be started");
    assert!(output.status.success(), "{}: {}", source.display(), String::from_utf8_lossy(&output.stderr));
    program
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Builds a test and runs it with a folder of its own; it says "ok" last.
fn passes(source: &str) {
    let (name, _) = source.split_once('.').expect("a source has a name and a language");
    let folder = Folder::new(&format!("capi-{name}"));
    let program = build(&root().join("tests/capi").join(source), &folder, &[]);
    let output = Command::new(program).arg(folder.path("")).output().expect("a C program can be started");
    assert!(output.status.success() && printed(&output).contains("ok"), "{name}: {}", printed(&output));
}

#[test]
fn the_answering_machine_plays_its_greeting_and_keeps_the_message() {
    passes("answering_machine.c");
}

#[test]
fn the_example_in_python_takes_a_message() {
    let folder = Folder::new("capi-python");
    let output = Command::new("python3")
        .arg("-B")
        .arg(root().join("tests/capi/answering_machine.py"))
        .arg(capi().join("examples"))
        .arg(folder.path(""))
        .env("LD_LIBRARY_PATH", libraries())
        .output()
        .expect("python3 can be started");
    assert!(output.status.success() && printed(&output).contains("ok"), "{}", printed(&output));
}

#[test]
fn the_callback_service_in_cpp_dials_the_number_that_was_keyed() {
    passes("callback_service.cpp");
}

#[test]
fn the_menu_is_interrupted_by_a_key_repeated_without_one_and_puts_through() {
    passes("ivr_menu.c");
}

#[test]
fn the_dialler_names_what_became_of_each_call() {
    passes("dialler.c");
}

#[test]
fn in_the_conference_all_hear_all_others() {
    passes("conference.c");
}

#[test]
fn sound_goes_from_and_to_phrases_functions_memory_and_files_as_the_conditions_say() {
    passes("sound.c");
}

#[test]
fn a_recording_holds_what_is_said_and_what_is_heard_and_silence_in_a_pause() {
    passes("sides.c");
}

#[test]
fn every_wrong_use_has_its_own_error_and_harms_nothing() {
    passes("bad_input.c");
}

#[test]
fn the_log_is_given_one_line_at_a_time_and_neither_calls_back_nor_holds_up_the_lines() {
    passes("log.c");
}

#[test]
fn a_self_test_passes_good_modules_names_faults_and_gives_way_to_a_call() {
    passes("self_test.c");
}

#[test]
fn a_trace_is_replayed_with_the_same_events_at_the_same_times() {
    passes("trace.c");
}

#[test]
fn over_many_calls_no_event_is_lost_and_no_operation_completed_twice() {
    passes("many_calls.c");
}

/// Starts a simulated card in a process of its own, with this scenario.
fn card_behind_a_socket(folder: &Folder, scenario: &str) -> Process {
    let path = |name: &str| folder.path(name).display().to_string();
    std::fs::write(folder.path("day.toml"), scenario).expect("the scenario can be written");
    let arguments = ["sim", "card", "--socket", &path("card.sock"), "--seed", "3", "--scenario", &path("day.toml")];
    let mut card = Process::start(arguments, Listen::Out, &[]);
    card.wait_for_file(&folder.path("card.sock"), SOON);
    card
}

#[test]
fn a_card_that_dies_ends_what_runs_on_it_and_comes_back_to_the_context_it_belongs_to() {
    let folder = Folder::new("capi-dies");
    let program = build(&root().join("tests/capi/card_dies.c"), &folder, &[]);
    let mut card = card_behind_a_socket(&folder, "[callers]\ncount = 0\n");
    let mut child = Command::new(&program)
        .arg(folder.path(""))
        .arg(folder.path("card.sock"))
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("a C program can be started");
    let mut lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines().map_while(Result::ok);
    assert_eq!(lines.next().as_deref(), Some("ready"));
    let second = Command::new(&program).arg(folder.path("")).arg(folder.path("card.sock")).output();
    let second = second.expect("it can be started again");
    assert!(printed(&second).contains("busy"), "{}", printed(&second));
    card.kill();
    std::fs::remove_file(folder.path("card.sock")).expect("the socket can be removed");
    assert_eq!(lines.next().as_deref(), Some("gone"));
    let _card = card_behind_a_socket(&folder, "[callers]\ncount = 0\n");
    assert_eq!(lines.next().as_deref(), Some("ok"));
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn a_stop_that_crosses_the_natural_end_gives_one_completion() {
    passes("races.c");
}

/// `cargo test --release -p tipring-tests --test capi million -- --ignored`
#[test]
#[ignore = "minutes"]
fn a_stop_that_crosses_the_natural_end_a_million_times_gives_one_completion_each() {
    let folder = Folder::new("capi-million");
    let program = build(&root().join("tests/capi/races.c"), &folder, &[]);
    let output = Command::new(program).arg(folder.path("")).arg("1000000").output().expect("it can be started");
    println!("{}", printed(&output));
    assert!(output.status.success() && printed(&output).contains("ok"), "{}", printed(&output));
}

#[test]
fn the_headers_are_accepted_as_c11_and_as_cpp17() {
    let folder = Folder::new("capi-headers");
    for (compiler, standard, name) in [("cc", "-std=c11", "header.c"), ("c++", "-std=c++17", "header.cpp")] {
        let source = folder.path(name);
        let text = "#include <tipring_sim.h>\nint main() { return tr_abi_version() < TR_ABI_VERSION; }\n";
        std::fs::write(&source, text.replace("main()", if compiler == "cc" { "main(void)" } else { "main()" }))
            .expect("the source can be written");
        let program = folder.path("header");
        // Linked statically here; the other tests link the shared library.
        let output = Command::new(compiler)
            .args(STRICT)
            .arg(standard)
            .arg("-I")
            .arg(capi().join("include"))
            .arg(&source)
            .arg(libraries().join("libtipring.a"))
            .args(["-lm", "-lpthread", "-ldl", "-o"])
            .arg(&program)
            .output()
            .expect("the compiler can be started");
        assert!(output.status.success(), "{name}: {}", printed(&output));
        assert!(Command::new(&program).status().expect("it runs").success());
    }
}

#[test]
fn the_library_exports_what_the_headers_declare_and_nothing_else() {
    let output = Command::new("nm")
        .args(["-D", "--defined-only", "--format=posix"])
        .arg(libraries().join("libtipring.so.0"))
        .output()
        .expect("nm is there");
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut exported: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    exported.sort_unstable();
    let headers: String = ["tipring.h", "tipring_sim.h"]
        .map(|name| std::fs::read_to_string(capi().join("include").join(name)).expect("the header is there"))
        .concat();
    // A declaration: a type, a space or a star, and a name that begins with tr_, followed by its arguments.
    let mut declared: Vec<&str> = headers
        .lines()
        .filter(|line| !line.starts_with([' ', '*', '/', '#']) && !line.starts_with("typedef"))
        .filter_map(|line| line.split_once('(').map(|(before, _)| before))
        .filter_map(|before| before.rsplit([' ', '*']).next())
        .filter(|name| name.starts_with("tr_"))
        .collect();
    declared.sort_unstable();
    assert_eq!(exported, declared);
    assert!(declared.len() > 50);
    let dynamic = Command::new("objdump").arg("-p").arg(libraries().join("libtipring.so.0")).output().expect("objdump");
    assert!(String::from_utf8_lossy(&dynamic.stdout).contains("libtipring.so.0"), "the SONAME");
}

#[test]
fn the_recorder_keeps_each_side_on_its_own_track() {
    passes("recorder.c");
}

#[test]
fn the_fax_detector_tells_a_machine_from_a_person() {
    passes("fax_detector.c");
}

#[test]
fn the_latency_meter_measures_what_lies_between_two_telephones() {
    passes("loop_latency.c");
}

/// Figures of the README: `cargo test --release -p tipring-tests --test capi cost -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn cost_of_a_state_read_and_of_a_command() {
    let folder = Folder::new("capi-bench");
    let program = build(&root().join("tests/capi/bench.c"), &folder, &[]);
    let output = Command::new(program).output().expect("a C program can be started");
    println!("{}", printed(&output));
    assert!(output.status.success());
}
