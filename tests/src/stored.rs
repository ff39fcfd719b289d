//! Results of deterministic runs, stored beside the tests and compared whole.
//!
//! Never: stores times of the wall clock, or anything else that differs from machine to machine.

use std::path::Path;

use serde_json::Value;

/// The variable that, set to 1, stores results anew instead of comparing them.
pub const VARIABLE: &str = "TIPRING_RENEW";

/// Members of a demo's summary that its seed alone decides.
const COUNTED: &[&str] = &[
    "calls",
    "screen_pops",
    "caller_ids_sent",
    "caller_ids_correct",
    "digits_sent",
    "digits_correct",
    "recordings",
    "cdrs",
    "late_ticks",
];

/// Compares a demo's summary with `simulation/stored/NAME.json`.
///
/// # Panics
///
/// When they differ, with both and the command that stores the new one.
pub fn compare(name: &str, summary: &Value) {
    let counted: Value = COUNTED.iter().map(|member| ((*member).to_owned(), summary[*member].clone())).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("simulation/stored").join(name).with_extension("json");
    if std::env::var(VARIABLE).is_ok_and(|renew| renew == "1") {
        let text = format!("{counted:#}\n");
        std::fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        return;
    }
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let stored: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(
        stored == counted,
        "{name}: stored {stored:#}\n now {counted:#}\n\
         if the new one is right: {VARIABLE}=1 cargo test -p tipring-tests --test simulation"
    );
}
