//! The octets that coverage has chosen (`tests/fuzz`), and those that once broke something: nothing panics.
//!
//! Never: chooses octets.

#[path = "../fuzz/targets.rs"]
mod targets;

/// The kept inputs of a target, a line of hexadecimal digits each.
const INPUTS: [(&str, &str); 5] = [
    ("frame", include_str!("../fuzz/corpus/frame.hex")),
    ("json", include_str!("../fuzz/corpus/json.hex")),
    ("opening", include_str!("../fuzz/corpus/opening.hex")),
    ("private", include_str!("../fuzz/corpus/private.hex")),
    ("stream", include_str!("../fuzz/corpus/stream.hex")),
];

#[test]
fn every_kept_input_is_taken_in_order() {
    for ((name, target), (of, inputs)) in targets::TARGETS.into_iter().zip(INPUTS) {
        assert_eq!(name, of);
        assert!(inputs.lines().count() > 10, "{name}: is this test looking in the right place?");
        for (line, input) in (1..).zip(inputs.lines()) {
            let octet = |at| u8::from_str_radix(&input[at..at + 2], 16).expect("hexadecimal digits");
            let octets: Vec<u8> = (0..input.len()).step_by(2).map(octet).collect();
            let taken = std::panic::catch_unwind(|| target(&octets));
            assert!(taken.is_ok(), "tests/fuzz/corpus/{name}.hex, line {line}");
        }
    }
}
