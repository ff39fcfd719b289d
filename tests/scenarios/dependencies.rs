//! Dependencies between packages, and the files that may touch the outside world, read from manifests and sources.

use std::fs;

use crate::sources::{lines_at_work, root, sources, test_modules};

/// Of ours, what each package may depend on; `tests` may see everything.
const OURS: &[(&str, &str, &[&str])] = &[
    ("driver", "tipring-driver", &[]),
    ("cti-core/csta", "tipring-csta-types", &[]),
    ("cti-core", "tipring-core", &["tipring-csta-types", "tipring-driver"]),
    ("cti-core/capi", "tipring-capi", &["tipring-core", "tipring-direct", "tipring-driver", "tipring-hw-sim"]),
    ("tsapi", "tipring-tsapi", &["tipring-csta-types"]),
    ("tsapi/capi", "tipring-csta", &["tipring-csta-types", "tipring-tsapi"]),
    ("tsapi/web", "tipring-web", &["tipring-csta-types", "tipring-tsapi"]),
    ("hw-sim", "tipring-hw-sim", &[]),
    ("hw-sim/direct", "tipring-direct", &["tipring-driver", "tipring-hw-sim"]),
    (
        "tools",
        "tipring",
        &[
            "tipring-driver",
            "tipring-core",
            "tipring-direct",
            "tipring-tsapi",
            "tipring-web",
            "tipring-hw-sim",
            "tipring-postgres",
        ],
    ),
    ("tools/postgres", "tipring-postgres", &["tipring-core"]),
];

/// Of others, what each library may depend on. The program `tools` and the tests choose for themselves.
const OTHERS: &[(&str, &[&str])] = &[
    ("driver", &["arrayvec", "encoding_rs", "hound", "loom", "nix", "parking_lot", "pci-driver", "serde", "shuttle"]),
    ("cti-core/csta", &["arrayvec", "schemars", "serde"]),
    ("cti-core", &["arrayvec", "foldhash", "rusqlite", "serde", "serde_json"]),
    ("cti-core/capi", &["libc", "nix", "parking_lot"]),
    ("tsapi", &["getrandom", "nix", "parking_lot", "rustls", "serde", "serde_json"]),
    ("tsapi/capi", &["nix", "parking_lot", "rustls"]),
    (
        "tsapi/web",
        &[
            "axum",
            "flate2",
            "getrandom",
            "parking_lot",
            "schemars",
            "serde",
            "serde_json",
            "sha2",
            "tokio",
            "tokio-rustls",
        ],
    ),
    ("tools/postgres", &["bytes", "rustls", "tokio", "tokio-postgres", "tokio-postgres-rustls"]),
    ("hw-sim/direct", &["nix", "parking_lot"]),
    ("hw-sim", &["memmap2", "nix", "rand", "rand_chacha", "serde", "serde_json"]),
];

/// Modules of the driver that the core may use: the pure half.
const PURE_HALF: &[&str] =
    &["country", "dsp", "engine", "ids", "line", "media", "shared", "signal", "spsc", "sync", "time"];

/// Files of the four libraries that may touch the outside world; every other file is pure.
const EDGES: &[&str] = &[
    "driver/build.rs",
    "driver/src/place/mapping.rs",
    "driver/src/shared/region.rs",
    "driver/src/pci/",
    "driver/src/engine.rs",
    "driver/src/pace.rs",
    "driver/src/pace/interrupt.rs",
    "driver/src/media/file_io.rs",
    "driver/src/media/wav.rs",
    "driver/examples/",
    "cti-core/src/store/sqlite.rs",
    "cti-core/capi/",
    "tsapi/src/server.rs",
    "tsapi/src/server/",
    "tsapi/src/client.rs",
    "tsapi/benches/",
    "tsapi/capi/",
    "tsapi/web/src/listener.rs",
    "tsapi/web/src/probe.rs",
    "tsapi/web/src/server.rs",
    "tsapi/web/src/server/",
    "tsapi/web/src/resumable_sessions.rs",
    "tsapi/examples/",
    "hw-sim/direct/",
    "hw-sim/src/guest_memory.rs",
    "hw-sim/src/vfio_user/",
    "hw-sim/examples/",
];

/// Words by which a file reaches outside: clocks, threads, files, sockets, descriptors.
const OUTSIDE: &[&str] = &[
    "std::net",
    "std::os::unix::net",
    "std::fs",
    "std::thread",
    "std::process",
    "Instant::now",
    "SystemTime",
    "thread::sleep",
    "TcpStream",
    "TcpListener",
    "UnixStream",
    "File::open",
    "File::create",
    "nix::",
    "libc::",
];

fn manifest(folder: &str) -> toml::Table {
    let path = root().join(folder).join("Cargo.toml");
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).parse().expect("a manifest is TOML")
}

/// The names under `[dependencies]`, `[dev-dependencies]` left out, those of targets included.
fn dependencies(manifest: &toml::Table) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut take = |table: Option<&toml::Value>| {
        names.extend(table.and_then(|t| t.as_table()).into_iter().flat_map(|t| t.keys().cloned()));
    };
    take(manifest.get("dependencies"));
    for target in manifest.get("target").and_then(|t| t.as_table()).into_iter().flat_map(|t| t.values()) {
        take(target.get("dependencies"));
    }
    names
}

#[test]
fn each_package_knows_only_those_it_may() {
    for (folder, package, allowed) in OURS {
        let manifest = manifest(folder);
        assert_eq!(manifest["package"]["name"].as_str(), Some(*package));
        let others = OTHERS.iter().find(|(name, _)| name == folder).map(|(_, others)| *others);
        let used = dependencies(&manifest);
        for name in allowed.iter().chain(others.into_iter().flatten()) {
            assert!(used.iter().any(|used| used == name), "{folder} may depend on {name}, and does not");
        }
        for name in used {
            if name.starts_with("tipring") {
                assert!(allowed.contains(&name.as_str()), "{folder} must not depend on {name}");
            } else if let Some(others) = others {
                assert!(others.contains(&name.as_str()), "{folder} must not depend on {name}");
            }
        }
    }
}

/// Packages at the edge that have an asynchronous runtime, because the library that speaks the protocol has.
const ASYNCHRONOUS: &[&str] = &["tipring-web", "tipring-postgres"];

#[test]
fn the_edges_alone_have_an_asynchronous_runtime() {
    for (folder, package, _) in OURS {
        let manifest = manifest(folder);
        let runtime = dependencies(&manifest).into_iter().find(|name| {
            ["tokio", "axum", "hyper", "async-std", "smol", "futures", "postgres"]
                .iter()
                .any(|word| name.starts_with(word))
        });
        assert!(runtime.is_none() || ASYNCHRONOUS.contains(package), "{folder} must not depend on {runtime:?}");
    }
}

#[test]
fn the_core_stands_on_the_pure_half_of_the_driver() {
    for (file, text) in sources("cti-core/src") {
        for (at, _) in text.match_indices("tipring_driver::") {
            let rest = &text[at + "tipring_driver::".len()..];
            if let Some(list) = rest.strip_prefix('{') {
                let list = &list[..list.find(';').unwrap_or(list.len())];
                let mut depth = 0;
                let mut word = String::new();
                for c in list.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        _ if depth > 0 => {}
                        ',' => {
                            let module = word.split("::").next().unwrap_or("").trim().to_owned();
                            assert!(module.is_empty() || PURE_HALF.contains(&module.as_str()), "{file} uses {module}");
                            word.clear();
                        }
                        c => word.push(c),
                    }
                }
            } else {
                let module: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                assert!(PURE_HALF.contains(&module.as_str()), "{file} uses tipring_driver::{module}");
            }
        }
    }
}

/// Files that run in the media thread, beyond functions of the bus: sockets and VFIO are opened elsewhere, and reached
/// without a lock.
const MEDIA_THREAD: &[&str] = &[
    "driver/src/engine",
    "driver/src/card",
    "driver/src/line",
    "driver/src/dsp",
    "driver/src/media",
    "driver/src/spsc.rs",
    "driver/src/sync.rs",
    "driver/src/pace.rs",
    "driver/src/pace/interrupt.rs",
    "cti-core/src/channel/table.rs",
];

/// Of these, what runs in the file thread.
const FILE_THREAD: &[&str] = &["driver/src/media/file_io", "driver/src/media/wav.rs"];

/// Words by which a file locks, or waits for another thread.
const LOCKS: &[&str] = &[
    "Mutex",
    "RwLock",
    "Condvar",
    "Barrier",
    "OnceLock",
    "LazyLock",
    "mpsc",
    "park()",
    ".join()",
    "println!",
    "spin_loop",
];

#[test]
fn nothing_in_the_media_thread_locks_or_waits_for_another_thread() {
    let mut looked_at = 0;
    for (place, line) in ["driver", "cti-core"].into_iter().flat_map(lines_at_work) {
        let is_in = |files: &[&str]| files.iter().any(|file| place.starts_with(file));
        if is_in(MEDIA_THREAD) && !is_in(FILE_THREAD) {
            looked_at += 1;
            assert!(!LOCKS.iter().any(|word| line.contains(word)), "{place} in the media thread: {line}");
        }
    }
    assert!(looked_at > 5000, "{looked_at} lines: is this test looking in the right place?");
}

#[test]
fn only_the_edges_touch_the_outside_world() {
    for edge in EDGES {
        let path = root().join(edge);
        assert!(if edge.ends_with('/') { path.is_dir() } else { path.is_file() }, "{edge} is no edge any more");
    }
    for folder in ["driver", "cti-core", "tsapi", "hw-sim"] {
        for (place, line) in lines_at_work(folder) {
            if EDGES.iter().any(|edge| place.starts_with(edge)) {
                continue;
            }
            for word in OUTSIDE {
                assert!(!line.contains(word), "{place}: {word} in a file that should be pure: {line}");
            }
        }
    }
}

#[test]
fn unsafe_stays_in_the_few_files_that_own_it() {
    let owners = [
        "cti-core/capi/src/",
        "cti-core/src/channel/sink.rs",
        "driver/src/dsp/vector.rs",
        "driver/src/engine/plain.rs",
        "driver/src/pci/",
        "driver/src/place",
        "driver/src/spsc.rs",
        "driver/src/shared/region.rs",
        "hw-sim/src/guest_memory.rs",
        "hw-sim/src/vfio_user",
        "tools/src/cli.rs",
        "tools/src/run/engine/composed.rs",
        "tools/src/run/engine/message.rs",
        "tools/src/run/realtime.rs",
        "tools/src/run/threads/wake.rs",
        "tsapi/capi/src/",
    ];
    for folder in ["driver", "cti-core", "tsapi", "hw-sim", "tools"] {
        let sources = sources(folder);
        let for_tests: Vec<String> = sources.values().flat_map(|text| test_modules(text).0).collect();
        for (file, text) in sources {
            if text.contains("allow(unsafe_code)")
                && !for_tests.iter().any(|name| file.ends_with(&format!("/{name}.rs")))
            {
                assert!(owners.iter().any(|owner| file.starts_with(owner)), "{file} allows itself unsafe code");
            }
        }
    }
}
