//! The declarations of the headers beside the functions of the library: each argument and result by its type.
//!
//! The definitions of the sources are printed as C, and the C compiler is given that behind the headers: it takes a
//! second declaration of a function only if it is the same.
//!
//! Never: names or comments; those are for people, and other tests compare the exported names.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use syn::{FnArg, GenericArgument, Item, Pat, PathArguments, PointerMutability, ReturnType, Type};
use tipring_tests::Folder;

use super::{STRICT, capi, printed};

/// Types of the sources with their names in C.
const TYPES: &[(&str, &str)] = &[
    ("c_char", "char"),
    ("c_void", "void"),
    ("f32", "float"),
    ("i16", "int16_t"),
    ("i32", "int32_t"),
    ("i64", "int64_t"),
    ("u32", "uint32_t"),
    ("u64", "uint64_t"),
    ("usize", "size_t"),
    ("Entry", "tr_ctx"),
    ("Config", "tr_config"),
    ("State", "tr_state"),
    ("Event", "tr_event"),
    ("EventFn", "tr_event_fn"),
    ("Until", "tr_until"),
    ("Source", "tr_source"),
    ("Sink", "tr_sink"),
    ("OpState", "tr_op_state"),
    ("OpResult", "tr_result"),
    ("Counters", "tr_counters"),
    ("SimState", "tr_sim_state"),
];

/// The files that define functions of the interface.
fn sources() -> Vec<PathBuf> {
    let functions = capi().join("src/functions");
    let mut files = vec![functions.with_extension("rs")];
    files.extend(std::fs::read_dir(functions).expect("the folder is there").flatten().map(|file| file.path()));
    files
}

/// A type as C writes it.
fn in_c(of: &Type) -> String {
    match of {
        Type::Ptr(pointer) => {
            let constant = if matches!(pointer.mutability, PointerMutability::Const(_)) { " const" } else { "" };
            format!("{}{constant} *", in_c(&pointer.elem))
        }
        Type::Path(path) => {
            let last = path.path.segments.last().expect("a path has segments");
            // A function that may be missing is a pointer that may be NULL.
            if let (true, PathArguments::AngleBracketed(of)) = (last.ident == "Option", &last.arguments)
                && let Some(GenericArgument::Type(of)) = of.args.first()
            {
                return in_c(of);
            }
            let known = TYPES.iter().find(|(ours, _)| last.ident == ours);
            known.unwrap_or_else(|| panic!("{} has no name in C here", last.ident)).1.to_owned()
        }
        _ => panic!("a type that no function of the interface had before"),
    }
}

/// The functions as C declares them, one a line.
fn defined() -> String {
    let mut text = String::new();
    for source in sources() {
        let source = std::fs::read_to_string(source).expect("a source can be read");
        for item in syn::parse_file(&source).expect("it is Rust").items {
            let Item::Fn(function) = item else { continue };
            if function.sig.abi.is_none() {
                continue;
            }
            let result = match &function.sig.output {
                ReturnType::Default => "void".to_owned(),
                ReturnType::Type(_, of) => in_c(of),
            };
            let arguments: Vec<String> = function
                .sig
                .inputs
                .iter()
                .map(|argument| match argument {
                    FnArg::Typed(argument) => match &*argument.pat {
                        Pat::Ident(name) => format!("{} {}", in_c(&argument.ty), name.ident),
                        _ => panic!("an argument without a name"),
                    },
                    FnArg::Receiver(_) => panic!("a function of the interface has no self"),
                })
                .collect();
            let arguments = if arguments.is_empty() { "void".to_owned() } else { arguments.join(", ") };
            writeln!(text, "{result} {}({arguments});", function.sig.ident).expect("a string grows");
        }
    }
    text
}

fn compile(declarations: &str, folder: &Folder) -> Output {
    let source = folder.path("both.c");
    std::fs::write(&source, format!("#include <tipring_sim.h>\n{declarations}")).expect("it can be written");
    Command::new("cc")
        .args(STRICT)
        .args(["-std=c11", "-fsyntax-only", "-I"])
        .arg(capi().join("include"))
        .arg(source)
        .output()
        .expect("the compiler can be started")
}

#[test]
fn each_function_has_the_arguments_and_the_result_that_the_header_declares() {
    let folder = Folder::new("capi-signatures");
    let defined = defined();
    assert!(defined.lines().count() > 50, "{defined}");
    let same = compile(&defined, &folder);
    assert!(same.status.success(), "{}", printed(&same));
    // One argument of another size is found.
    let other = compile(&defined.replacen("uint32_t drain_ms", "uint64_t drain_ms", 1), &folder);
    assert!(!other.status.success() && printed(&other).contains("tr_close"), "{}", printed(&other));
}
