//! `tipring sdk install`: libtipring for C programs, laid down where a compiler finds it.
//!
//! The shared library is linked once more from the static one, since symbol versions cannot be given to it otherwise.
//!
//! Never: builds Rust code; it names the command that does.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Args, Subcommand};

/// `tipring sdk`.
#[derive(Debug, Args)]
pub struct SdkArgs {
    #[command(subcommand)]
    command: SdkCommand,
}

#[derive(Debug, Subcommand)]
enum SdkCommand {
    /// Installs libtipring, its headers, pkg-config file and examples below a folder
    Install(InstallArgs),
}

/// `tipring sdk install`.
#[derive(Debug, Args)]
struct InstallArgs {
    /// Folder to install below: PREFIX/lib, PREFIX/include, PREFIX/share/doc/tipring, PREFIX/share/man
    #[arg(long, default_value = "/usr/local")]
    prefix: PathBuf,
    /// Folder with libtipring.a, when it is not beside this program
    #[arg(long)]
    libraries: Option<PathBuf>,
}

/// A file that is carried inside the program: its name and its text.
type File = (&'static str, &'static str);

macro_rules! files {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../cti-core/capi/", $folder, $name)))),*]
    };
}

const HEADERS: &[File] = files!("include/": "tipring.h", "tipring.hpp", "tipring_sim.h");
const EXAMPLES: &[File] = files!("examples/":
    "Makefile", "answering_machine.c", "answering_machine.py", "callback_service.cpp", "conference.c", "dialler.c", "fax_detector.c",
    "ivr_menu.c", "loop_latency.c", "recorder.c",
);
const MANUAL: &[File] = files!("man/":
    "tr_answer.3", "tr_bridge.3", "tr_channel_open.3", "tr_counters_read.3", "tr_event_next.3", "tr_open.3", "tr_play.3",
    "tr_sim_advance.3", "tr_strerror.3",
);
/// The guide for those who come from another library, beside the examples.
const PORTING: &str = include_str!("../../docs/porting.md");
const PKG_CONFIG: &str = include_str!("../../../cti-core/capi/tipring.pc.in");
const VERSION_SCRIPT: &str = include_str!("../../../cti-core/capi/tipring.map");

/// The name that programs are linked with; its number changes only when something is taken away.
const SONAME: &str = "libtipring.so.0";

/// Carries out the command; returns a sentence for the user, or a sentence that says what is missing.
///
/// # Errors
/// A library that is not built, a folder that cannot be written, a linker that fails.
pub fn run(args: &SdkArgs) -> Result<(), String> {
    let SdkCommand::Install(install) = &args.command;
    let library = static_library(install.libraries.as_deref())?;
    let prefix = std::path::absolute(&install.prefix).map_err(|why| format!("{}: {why}", install.prefix.display()))?;
    let (lib, include) = (prefix.join("lib"), prefix.join("include"));
    let (examples, manual) = (prefix.join("share/doc/tipring/examples"), prefix.join("share/man/man3"));
    for folder in [&lib.join("pkgconfig"), &include, &examples, &manual] {
        fs::create_dir_all(folder).map_err(|why| format!("The folder {} cannot be made: {why}", folder.display()))?;
    }
    link(&library, &lib)?;
    copy(&library, &lib.join("libtipring.a"))?;
    for (name, text) in HEADERS {
        write(&include.join(name), text)?;
    }
    for (name, text) in EXAMPLES {
        write(&examples.join(name), text)?;
    }
    for (name, text) in MANUAL {
        write(&manual.join(name), text)?;
        // Each function of the page is found under its own name.
        for other in text.lines().filter_map(|line| line.strip_prefix(".Nm ")) {
            let other = format!("{}.3", other.trim_end_matches([' ', ',']));
            if other != *name {
                write(&manual.join(other), &format!(".so man3/{name}\n"))?;
            }
        }
    }
    write(&prefix.join("share/doc/tipring/porting.md"), PORTING)?;
    let prefix_text = prefix.to_str().ok_or("The prefix is not UTF-8, and pkg-config files are")?;
    let pkg_config = PKG_CONFIG.replace("@prefix@", prefix_text).replace("@version@", env!("CARGO_PKG_VERSION"));
    write(&lib.join("pkgconfig/tipring.pc"), &pkg_config)?;
    println!(
        "libtipring {} is installed below {prefix_text}. To build with it:
  export PKG_CONFIG_PATH={prefix_text}/lib/pkgconfig
  cc program.c $(pkg-config --cflags --libs tipring) -Wl,-rpath,{prefix_text}/lib
Examples: make -C {}
From another library: {prefix_text}/share/doc/tipring/porting.md",
        env!("CARGO_PKG_VERSION"),
        examples.display()
    );
    Ok(())
}

fn static_library(folder: Option<&Path>) -> Result<PathBuf, String> {
    let beside = || std::env::current_exe().ok().and_then(|program| program.parent().map(Path::to_owned));
    let folder = folder.map(Path::to_owned).or_else(beside).unwrap_or_default();
    let library = folder.join("libtipring.a");
    if library.is_file() {
        return Ok(library);
    }
    Err(format!("{} is not there. Build it with: cargo build --release -p tipring-capi", library.display()))
}

/// Links the shared library with its SONAME and symbol versions.
fn link(library: &Path, folder: &Path) -> Result<(), String> {
    let script = folder.join(".tipring.map");
    write(&script, VERSION_SCRIPT)?;
    let shared = folder.join(format!("libtipring.so.{}", env!("CARGO_PKG_VERSION")));
    let output = Command::new("cc")
        .args(["-shared", "-Wl,--whole-archive"])
        .arg(library)
        .arg("-Wl,--no-whole-archive")
        .arg(format!("-Wl,--version-script={}", script.display()))
        .arg(format!("-Wl,-soname,{SONAME}"))
        .args(["-Wl,--gc-sections", "-lm", "-lpthread", "-ldl", "-lgcc_s", "-o"])
        .arg(&shared)
        .output();
    let _ = fs::remove_file(&script);
    let output = output.map_err(|why| format!("cc cannot be started: {why}. Install a C compiler"))?;
    if !output.status.success() {
        return Err(format!("Linking {} failed: {}", shared.display(), String::from_utf8_lossy(&output.stderr)));
    }
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o755))
        .map_err(|why| format!("{}: {why}", shared.display()))?;
    let name = shared.file_name().unwrap_or_default();
    for alias in [SONAME, "libtipring.so"] {
        let alias = folder.join(alias);
        let _ = fs::remove_file(&alias);
        symlink(name, &alias).map_err(|why| format!("{}: {why}", alias.display()))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::copy(from, to).map(drop).map_err(|why| format!("{} cannot be written: {why}", to.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|why| format!("{} cannot be written: {why}", path.display()))
}
