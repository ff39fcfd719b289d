//! The order of the modules of each crate, and a test that no file imports one that stands above it.
//!
//! The place of a file is that of the longest entry of [`CRATES`] with which its module's path begins. A file may
//! import those at or below its own place, and files of one place form no circle. A module and the modules declared
//! inside it are one room: imports between the two are free. Modules for tests only are left out.

use std::collections::{BTreeMap, BTreeSet};

use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, tokenize};
use syn::visit::{self, Visit};

use crate::sources::sources;

/// The modules of one crate, from the bottom up.
struct Crate {
    /// The folder of its sources.
    folder: &'static str,
    /// Paths of modules, the lowest first; the root of the crate stands above them all.
    order: &'static [&'static str],
    /// Pairs of files that may import each other.
    pairs: &'static [[&'static str; 2]],
}

/// Every crate of the workspace of more than one module. A module without a place here fails the test.
const CRATES: &[Crate] = &[
    Crate {
        folder: "driver/src",
        order: &[
            "counters", "sync", "time", "ids", "refusal", "place", "spsc", "shared", "signal", "pci", "pace", "card",
            "dsp", "limits", "country", "media", "line", "engine",
        ],
        pairs: &[],
    },
    Crate {
        folder: "cti-core/csta/src",
        order: &[
            "message",
            "enumerations",
            "text",
            "id",
            "state",
            "device",
            "customer_card",
            "cause",
            "capabilities",
            "private::user_info",
            "private::values",
            "call_data",
            "vendor",
            "tipring",
            "private",
            "event",
            "filter",
            "reply",
            "request",
            "switch",
            "rights",
            "required_right",
        ],
        pairs: &[],
    },
    Crate {
        folder: "cti-core/src",
        order: &[
            "limits",
            "number_plan",
            "named",
            "by_key",
            "pairs",
            "sorted",
            "person",
            "channel",
            "flow",
            "recording",
            "work_order::number",
            "work_order::rules",
            "work_order::kind",
            "work_order::refusal",
            "work_order::order",
            "work_order",
            "customer",
            "notice",
            "device::index",
            "acd::ids",
            "route::destination",
            "route::feature_code",
            "agent::reason",
            "agent::ring_count",
            "report::moment",
            "store::call_back",
            "store::message",
            "voice_mail",
            "acd",
            "agent::activity",
            "report::event",
            "shift",
            "acd::call_back_requests",
            "store",
            "report",
            "config",
            "input",
            "device",
            "agent",
            "route",
            "timers",
            "monitor",
            "model",
            "route::dialogue",
            "call",
            "action",
            "sound",
            "pending",
            "core",
            "replay",
            "switching",
        ],
        pairs: &[],
    },
    Crate {
        folder: "cti-core/capi/src",
        order: &[
            "abi",
            "failure",
            "leases",
            "slots",
            "text",
            "queue",
            "sim",
            "sound",
            "library",
            "traces",
            "machine",
            "context",
            "border",
            "functions",
        ],
        pairs: &[],
    },
    Crate {
        folder: "tsapi/src",
        order: &["ber::tag", "error", "ber", "frame", "pdu", "json", "session", "client", "server"],
        pairs: &[],
    },
    Crate {
        folder: "tsapi/capi/src",
        order: &[
            "layout",
            "servers",
            "code",
            "events",
            "private_pdus",
            "encode",
            "link",
            "stream",
            "memory",
            "private",
            "acs",
            "csta",
        ],
        pairs: &[],
    },
    Crate {
        folder: "tsapi/web/src",
        order: &[
            "console",
            "replay_buffer",
            "resumable_sessions",
            "changes",
            "figures",
            "records",
            "message",
            "schema",
            "listener",
            "probe",
            "session",
            "hub",
            "server",
        ],
        pairs: &[],
    },
    Crate {
        folder: "hw-sim/src",
        order: &[
            "guest_memory",
            "network",
            "config_space",
            "device",
            "fault",
            "scenario",
            "people",
            "card",
            "vfio_user",
        ],
        pairs: &[],
    },
    Crate {
        folder: "tools/postgres/src",
        order: &["trouble", "address", "connection", "query", "schema", "replica"],
        pairs: &[],
    },
    Crate {
        folder: "tools/src",
        order: &[
            "failure",
            "owner",
            "plural",
            "clock",
            "site_clock",
            "log",
            "orders",
            "sound_file",
            "encryption",
            "caller_audio",
            "password",
            "dip",
            "config::names",
            "users",
            "report",
            "recording::retention",
            "recording::disk_space",
            "config",
            "replication",
            "notices",
            "shifts",
            "customers",
            "recording",
            "day",
            "run",
            "cmd",
            "cli",
        ],
        pairs: &[],
    },
];

/// The path of a module: its names from the crate's root, which itself is empty.
type ModulePath = Vec<String>;

/// The module that a file of a crate is.
fn module_of(file: &str, folder: &str) -> ModulePath {
    let inside = file.strip_prefix(folder).expect("the file is one of the folder").trim_start_matches('/');
    let mut names: ModulePath = inside.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if names.last().is_some_and(|last| last == "mod") || names == ["lib"] || names == ["main"] {
        names.pop();
    }
    names
}

/// The paths that a file names from inside its crate, each as the module it is read in and the names that follow.
#[derive(Default)]
struct Paths {
    /// The module being read.
    here: ModulePath,
    /// Paths from the root of the crate.
    named: BTreeSet<ModulePath>,
    /// Modules for tests only that are declared here.
    for_tests: BTreeSet<ModulePath>,
}

impl Paths {
    /// Adds a path if it begins inside the crate.
    fn add(&mut self, names: &[String]) {
        let mut rest = names;
        let mut path = match rest.first().map(String::as_str) {
            Some("crate") => ModulePath::new(),
            Some("self" | "super") => self.here.clone(),
            _ => return,
        };
        if matches!(rest[0].as_str(), "crate" | "self") {
            rest = &rest[1..];
        }
        while rest.first().is_some_and(|name| name == "super") {
            path.pop();
            rest = &rest[1..];
        }
        path.extend_from_slice(rest);
        self.named.insert(path);
    }

    fn add_tree(&mut self, tree: &syn::UseTree, before: &mut ModulePath) {
        let depth = before.len();
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.add_tree(&path.tree, before);
            }
            syn::UseTree::Name(name) => {
                before.push(name.ident.to_string());
                self.add(before);
            }
            syn::UseTree::Rename(name) => {
                before.push(name.ident.to_string());
                self.add(before);
            }
            syn::UseTree::Glob(_) => self.add(before),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(tree, before)),
        }
        before.truncate(depth);
    }
}

/// Returns true for an item that is compiled for tests only.
fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string();
            condition.split(|c: char| !c.is_alphanumeric()).any(|word| word == "test") && !condition.contains("not")
        }
        _ => false,
    })
}

/// The tokens of a macro without spaces and strings, its documentation among them.
fn without_strings(tokens: &str) -> String {
    let mut at = 0;
    let mut rest = String::new();
    for token in tokenize(tokens, FrontmatterAllowed::No) {
        let piece = &tokens[at..at + token.len as usize];
        at += piece.len();
        if !matches!(token.kind, TokenKind::Literal { .. } | TokenKind::Whitespace | TokenKind::LineComment { .. }) {
            rest += piece;
        }
    }
    rest
}

impl<'a> Visit<'a> for Paths {
    fn visit_item(&mut self, item: &'a syn::Item) {
        let attributes = match item {
            syn::Item::Const(item) => &item.attrs,
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Struct(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_for_tests(attributes) {
            visit::visit_item(self, item);
        } else if let syn::Item::Mod(item) = item {
            let mut path = self.here.clone();
            path.push(item.ident.to_string());
            self.for_tests.insert(path);
        }
    }

    fn visit_item_mod(&mut self, item: &'a syn::ItemMod) {
        self.here.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.here.pop();
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        self.add_tree(&item.tree, &mut ModulePath::new());
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let names: ModulePath = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.add(&names);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'a syn::Macro) {
        let tokens = without_strings(&call.tokens.to_string());
        for (at, _) in tokens.match_indices("crate::") {
            let end = tokens[at..].find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
            let path = &tokens[at..end.map_or(tokens.len(), |end| at + end)];
            self.add(&path.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect::<ModulePath>());
        }
        visit::visit_macro(self, call);
    }
}

/// The imports of a crate: each module with those that it names, without its own ancestors and descendants.
fn imports(folder: &str, files: &BTreeMap<String, String>) -> BTreeMap<ModulePath, BTreeSet<ModulePath>> {
    let modules: BTreeSet<ModulePath> = files.keys().map(|file| module_of(file, folder)).collect();
    let mut named: BTreeMap<ModulePath, BTreeSet<ModulePath>> = BTreeMap::new();
    let mut for_tests: BTreeSet<ModulePath> = BTreeSet::new();
    for (file, text) in files {
        let module = module_of(file, folder);
        let parsed = syn::parse_file(text).unwrap_or_else(|error| panic!("{file} cannot be read: {error}"));
        let mut paths = Paths { here: module.clone(), ..Paths::default() };
        paths.visit_file(&parsed);
        for_tests.append(&mut paths.for_tests);
        let targets = paths.named.iter().map(|path| {
            let mut path = path.as_slice();
            while !path.is_empty() && !modules.contains(path) {
                path = &path[..path.len() - 1];
            }
            path.to_vec()
        });
        let is_another_room = |other: &ModulePath| !other.starts_with(&module) && !module.starts_with(other);
        let targets: BTreeSet<ModulePath> = targets.filter(is_another_room).collect();
        named.entry(module).or_default().extend(targets);
    }
    let is_at_work = |module: &ModulePath| !for_tests.iter().any(|tests| module.starts_with(tests));
    named.retain(|module, _| is_at_work(module));
    named
}

/// The place of a module in its crate's order.
fn place(module: &ModulePath, order: &[&str]) -> Option<usize> {
    if module.is_empty() {
        return Some(order.len());
    }
    let starts = |entry: &str| {
        entry
            .split("::")
            .zip(module.iter().map(Some).chain(std::iter::repeat(None)))
            .all(|(a, b)| b.is_some_and(|b| a == b))
    };
    let found = order.iter().enumerate().filter(|(_, entry)| starts(entry));
    found.max_by_key(|(_, entry)| entry.len()).map(|(at, _)| at)
}

/// The offences of a crate against its order, one line each.
fn offences(package: &Crate, files: &BTreeMap<String, String>) -> Vec<String> {
    let imports = imports(package.folder, files);
    let mut found = Vec::new();
    for (module, targets) in &imports {
        let name = module.join("::");
        let Some(own) = place(module, package.order) else {
            found.push(format!("{}: {name} has no place in the order of its crate's modules", package.folder));
            continue;
        };
        for target in targets {
            let place = place(target, package.order);
            if place.is_some_and(|place| place > own) {
                found.push(format!("{}: {name} imports {}, which stands above it", package.folder, target.join("::")));
            } else if place == Some(own) && reaches(&imports, target, module) {
                let target = target.join("::");
                if !package.pairs.iter().any(|pair| pair.contains(&&*name) && pair.contains(&&*target)) {
                    found.push(format!("{}: {name} imports {target}, which leads back to it", package.folder));
                }
            }
        }
    }
    found
}

/// Returns true if imports lead from one module to another.
fn reaches(imports: &BTreeMap<ModulePath, BTreeSet<ModulePath>>, from: &ModulePath, to: &ModulePath) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        if module == to {
            return true;
        }
        if seen.insert(module) {
            open.extend(imports.get(module).into_iter().flatten());
        }
    }
    false
}

#[test]
fn no_file_imports_one_that_stands_above_it() {
    let found: Vec<String> = CRATES.iter().flat_map(|package| offences(package, &sources(package.folder))).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A crate of the given modules, each with its imports, in the order given.
fn offences_of(order: &'static [&'static str], files: &[(&str, &str)]) -> Vec<String> {
    let files = files.iter().map(|(module, text)| (format!("a/src/{module}.rs"), (*text).to_owned())).collect();
    offences(&Crate { folder: "a/src", order, pairs: &[["pair::left", "pair::right"]] }, &files)
}

#[test]
fn an_import_of_a_module_above_is_found_however_it_is_written() {
    let above = ["a/src: low imports high::part, which stands above it"];
    for text in [
        "use crate::high::part::Thing;",
        "use crate::{high::part as it, other};",
        "use super::high::part::{self, Thing};",
        "fn low() { crate::high::part::thing() }",
        "fn low() { assert!(crate::high::part::thing()) }",
        "mod inside { use super::super::high::part::*; }",
    ] {
        assert_eq!(
            offences_of(&["low", "high"], &[("low", text), ("high/part", "use crate::low::Thing;")]),
            above,
            "{text}"
        );
    }
}

#[test]
fn a_path_in_the_documentation_of_a_macro_is_no_import() {
    let low = "define! { /// Travels in [`X`](crate::high::X).\n A \"crate::high::X\" }";
    assert!(offences_of(&["low", "high"], &[("low", low), ("high", "use crate::low::A;")]).is_empty());
}

#[test]
fn a_circle_in_one_place_is_found_and_a_pair_that_may_be_is_not() {
    let circle = [("room/a", "use super::b::X;"), ("room/b", "use super::c::X;"), ("room/c", "use super::a::X;")];
    assert_eq!(offences_of(&["room"], &circle).len(), 3);
    assert!(offences_of(&["room"], &circle[..2]).is_empty());
    let pair = [("pair/left", "use super::right::X;"), ("pair/right", "use super::left::X;")];
    assert!(offences_of(&["pair"], &pair).is_empty());
}

#[test]
fn a_module_and_its_parts_are_one_room_and_tests_stand_outside_the_order() {
    let files = [
        (
            "low/mod",
            "mod part; #[cfg(test)] mod tests; use self::part::X; #[cfg(test)] mod more { use crate::high::X; }",
        ),
        ("low/part", "use super::X;"),
        ("low/tests", "use crate::high::X;"),
        ("high", "use crate::low::part::X;"),
    ];
    assert!(offences_of(&["low", "high"], &files).is_empty());
}

#[test]
fn a_module_without_a_place_is_found() {
    let found = offences_of(&["low"], &[("low", ""), ("new", ""), ("lib", "use crate::low::X;")]);
    assert_eq!(found, ["a/src: new has no place in the order of its crate's modules"]);
}
