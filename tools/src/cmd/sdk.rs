//! `tipring sdk install`: libtipring and libcsta for C programs, laid down where a compiler finds them.
//!
//! The shared library is linked once more from the static one, since symbol versions cannot be given to it otherwise;
//! the static one is made one object that shows the functions of its headers alone.
//!
//! Never: builds Rust code; it names the command that does.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use clap::{Args, Subcommand};

/// `tipring sdk`.
#[derive(Debug, Args)]
pub struct SdkArgs {
    #[command(subcommand)]
    command: SdkCommand,
}

#[derive(Debug, Subcommand)]
enum SdkCommand {
    /// Installs libtipring and libcsta, their headers, pkg-config files and examples below a folder
    Install(InstallArgs),
}

/// `tipring sdk install`.
#[derive(Debug, Args)]
struct InstallArgs {
    /// Folder to install below: PREFIX/lib, PREFIX/include, PREFIX/share/doc/tipring, PREFIX/share/man
    #[arg(long, default_value = "/usr/local")]
    prefix: PathBuf,
    /// Folder of the libraries below PREFIX; Debian's is lib/x86_64-linux-gnu
    #[arg(long, value_name = "DIR", default_value = "lib")]
    libdir: PathBuf,
    /// Folder that stands for the root of the file system while a package is made
    #[arg(long, value_name = "DIR")]
    destdir: Option<PathBuf>,
    /// Folder with libtipring.a and libcsta.a, when they are not beside this program
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
    "tr_self_test.3", "tr_sim_advance.3", "tr_strerror.3",
);
/// The guide for those who come from another library, beside the examples.
const PORTING: &str = include_str!("../../docs/porting.md");

macro_rules! csta_files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../tsapi/capi/include/", $name)))),*]
    };
}

/// A library that is installed.
struct Library {
    /// Its name for the linker.
    name: &'static str,
    /// Its package, which builds it.
    package: &'static str,
    headers: &'static [File],
    pkg_config: File,
    version_script: &'static str,
}

impl Library {
    /// The name that programs are linked with; its number changes only when something is taken away.
    fn soname(&self) -> String {
        format!("lib{}.so.0", self.name)
    }
}

const TIPRING: Library = Library {
    name: "tipring",
    package: "tipring-capi",
    headers: HEADERS,
    pkg_config: ("tipring.pc", include_str!("../../../cti-core/capi/tipring.pc.in")),
    version_script: include_str!("../../../cti-core/capi/tipring.map"),
};

const CSTA: Library = Library {
    name: "csta",
    package: "tipring-csta",
    headers: csta_files!(
        "acs.h",
        "acsdefs.h",
        "acslimit.h",
        "attpdefs.h",
        "attpriv.h",
        "ATT_private_identifiers.h",
        "csta.h",
        "cstadefs.h",
        "CSTA_device_feature_types.h",
        "tsplatfm.h",
    ),
    pkg_config: ("tipring-csta.pc", include_str!("../../../tsapi/capi/tipring-csta.pc.in")),
    version_script: include_str!("../../../tsapi/capi/csta.map"),
};

/// Carries out the command; returns a sentence for the user, or a sentence that says what is missing.
///
/// # Errors
/// A library that is not built, a folder that cannot be written, a linker that fails.
pub fn run(args: &SdkArgs) -> Result<(), String> {
    let SdkCommand::Install(install) = &args.command;
    let library = static_library(&TIPRING, install.libraries.as_deref())?;
    let prefix = std::path::absolute(&install.prefix).map_err(|why| format!("{}: {why}", install.prefix.display()))?;
    // The files go below `place`; what they say of themselves is the prefix.
    let place = match &install.destdir {
        Some(root) => root.join(prefix.strip_prefix("/").unwrap_or(&prefix)),
        None => prefix.clone(),
    };
    let (lib, include) = (place.join(&install.libdir), place.join("include"));
    let (examples, manual) = (place.join("share/doc/tipring/examples"), place.join("share/man/man3"));
    for folder in [&lib.join("pkgconfig"), &include, &examples, &manual] {
        fs::create_dir_all(folder).map_err(|why| format!("The folder {} cannot be made: {why}", folder.display()))?;
    }
    let prefix_text = prefix.to_str().ok_or("The prefix is not UTF-8, and pkg-config files are")?;
    let libdir_text = install.libdir.to_str().ok_or("--libdir is not UTF-8, and pkg-config files are")?;
    let named = |text: &str| {
        text.replace("@prefix@", prefix_text)
            .replace("@libdir@", libdir_text)
            .replace("@version@", env!("CARGO_PKG_VERSION"))
    };
    lay_down(&TIPRING, &library, &lib, &include, named)?;
    match static_library(&CSTA, install.libraries.as_deref()) {
        Ok(library) => {
            lay_down(&CSTA, &library, &lib, &include, named)?;
            println!("libcsta is installed: pkg-config knows it as tipring-csta");
        }
        Err(why) => println!("libcsta is left out: {why}"),
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
    write(&place.join("share/doc/tipring/porting.md"), PORTING)?;
    println!(
        "libtipring {} is installed below {prefix_text}. To build with it:
  export PKG_CONFIG_PATH={prefix_text}/{libdir_text}/pkgconfig
  cc program.c $(pkg-config --cflags --libs tipring) -Wl,-rpath,{prefix_text}/{libdir_text}
  cc program.c $(pkg-config --cflags tipring) {prefix_text}/{libdir_text}/libtipring.a -lm -lpthread -ldl   (static)
Examples: make -C {}
From another library: {prefix_text}/share/doc/tipring/porting.md",
        env!("CARGO_PKG_VERSION"),
        examples.display()
    );
    Ok(())
}

/// Lays a library down: shared and static, headers, pkg-config file with its places named.
fn lay_down(
    library: &Library,
    archive: &Path,
    lib: &Path,
    include: &Path,
    named: impl Fn(&str) -> String,
) -> Result<(), String> {
    let shared = link(library, archive, lib)?;
    localise(library, archive, &shared, lib)?;
    for (name, text) in library.headers {
        write(&include.join(name), text)?;
    }
    let (name, text) = library.pkg_config;
    write(&lib.join("pkgconfig").join(name), &named(text))
}

fn static_library(of: &Library, folder: Option<&Path>) -> Result<PathBuf, String> {
    let beside = || std::env::current_exe().ok().and_then(|program| program.parent().map(Path::to_owned));
    let folder = folder.map(Path::to_owned).or_else(beside).unwrap_or_default();
    let library = folder.join(format!("lib{}.a", of.name));
    if library.is_file() {
        return Ok(library);
    }
    Err(format!(
        "{} is not there. Build it in the clone, and name the folder that cargo puts it into: cargo build --release -p {}; \
         tipring sdk install --libraries target/release",
        library.display(),
        of.package
    ))
}

/// Links the shared library with its SONAME and symbol versions. Returns its path.
fn link(library: &Library, archive: &Path, folder: &Path) -> Result<PathBuf, String> {
    let script = folder.join(format!(".{}.map", library.name));
    write(&script, library.version_script)?;
    let (plain, soname) = (format!("lib{}.so", library.name), library.soname());
    let shared = folder.join(format!("{plain}.{}", env!("CARGO_PKG_VERSION")));
    let output = Command::new("cc")
        .args(["-shared", "-Wl,--whole-archive"])
        .arg(archive)
        .arg("-Wl,--no-whole-archive")
        .arg(format!("-Wl,--version-script={}", script.display()))
        .arg(format!("-Wl,-soname,{soname}"))
        .args(["-Wl,--gc-sections", "-lm", "-lpthread", "-ldl", "-lgcc_s", "-o"])
        .arg(&shared)
        .output();
    let _ = fs::remove_file(&script);
    let output = output.map_err(|why| format!("cc cannot be started: {why}. Install a C compiler"))?;
    succeeded(&output, &format!("Linking {}", shared.display()))?;
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o755))
        .map_err(|why| format!("{}: {why}", shared.display()))?;
    let name = shared.file_name().unwrap_or_default();
    for alias in [soname, plain] {
        let alias = folder.join(alias);
        let _ = fs::remove_file(&alias);
        symlink(name, &alias).map_err(|why| format!("{}: {why}", alias.display()))?;
    }
    Ok(shared)
}

/// Makes the static library: one object with what the functions of the interface need, and no other name of it to be
/// seen. So it goes with whatever else a program links, an SQLite or a second library in Rust.
fn localise(library: &Library, archive: &Path, shared: &Path, folder: &Path) -> Result<(), String> {
    let exported = tool(Command::new("nm").args(["-D", "--defined-only", "--format=just-symbols"]).arg(shared))?;
    // The symbol of the version itself has no `@` behind it.
    let names: Vec<&str> = exported.lines().filter_map(|line| line.split_once('@').map(|(name, _)| name)).collect();
    let (object, list) = (folder.join(format!(".{}.o", library.name)), folder.join(format!(".{}.names", library.name)));
    write(&list, &names.join("\n"))?;
    let to = folder.join(format!("lib{}.a", library.name));
    let _ = fs::remove_file(&to);
    let wanted = names.iter().flat_map(|name| ["-u", name]);
    let made = tool(Command::new("ld").args(["-r", "--gc-sections"]).args(wanted).arg("-o").arg(&object).arg(archive))
        .and_then(|_| {
            let keep = format!("--keep-global-symbols={}", list.display());
            // Bitcode of the Rust compiler's LLVM is of no use to a C program, and older tools of LLVM fail on it.
            let without = ["--strip-debug", "--remove-section=.llvmbc", "--remove-section=.llvmcmd"];
            tool(Command::new("objcopy").arg(keep).args(without).arg(&object))
        })
        .and_then(|_| tool(Command::new("ar").arg("rcs").arg(&to).arg(&object)));
    for file in [&object, &list] {
        let _ = fs::remove_file(file);
    }
    made.map(drop)
}

/// Runs a tool of the linker's package and returns what it printed.
fn tool(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|why| format!("{name} cannot be started: {why}. Install binutils"))?;
    succeeded(&output, &name)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn succeeded(output: &Output, what: &str) -> Result<(), String> {
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{what} failed: {}", String::from_utf8_lossy(&output.stderr)))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|why| format!("{} cannot be written: {why}", path.display()))
}
