#!/usr/bin/env bash
# The Rust crate phonenumber takes the first digit off numbers that are already in international form.
#
# One would guess: +78001234567 is complete, so reading it and writing it in E.164 form gives +78001234567 again.
# So it is: the trunk prefix of the country is looked for after the country code, too, and taken off: Russian numbers that
# begin with 8 (free numbers, Saint Petersburg) lose it, as do free numbers of Belarus, Kazakhstan and Lithuania. No error
# is raised; is_valid() says no, but it is seldom asked of numbers that were complete. The Python port with the same
# metadata keeps all of them.
# Met by: caller-ID look-ups, call-back lists and records keyed by E.164 numbers.
#
# Needs cargo and python3 with pip. Builds phonenumber 0.3.10+9.0.33 and unpacks phonenumbers 9.0.33 in a temporary folder.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
pip download -q --no-deps -d . phonenumbers==9.0.33
python3 -m zipfile -e ./*.whl python
# One example of each type of number of each country, in E.164 form; the Python port gives each back as it is.
PYTHONPATH=python python3 - > numbers <<'PY'
import phonenumbers as p

numbers = set()
for region in p.SUPPORTED_REGIONS:
    for kind in range(11):
        example = p.example_number_for_type(region, kind)
        if example is not None:
            numbers.add((region, p.format_number(example, p.PhoneNumberFormat.E164)))
numbers.add(("RU", "+78121234567"))
for region, number in sorted(numbers):
    again = p.format_number(p.parse(number, region), p.PhoneNumberFormat.E164)
    assert again == number, f"this has changed: the Python port gives {again} for {number}"
    print(region, number)
PY
mkdir -p check/src
cat > check/Cargo.toml <<'TOML'
[package]
name = "check"
version = "0.0.0"
edition = "2021"
[dependencies]
phonenumber = "=0.3.10"
TOML
cat > check/src/main.rs <<'RUST'
use phonenumber::{country::Id, parse, Mode};

fn main() {
    let list = std::fs::read_to_string("numbers").expect("the list");
    let (mut all, mut changed) = (0, 0);
    for line in list.lines() {
        let (region, number) = line.split_once(' ').expect("a country and a number");
        let Ok(country) = region.parse::<Id>() else { continue };
        let known = parse(Some(country), number).expect("a valid number");
        let e164 = known.format().mode(Mode::E164).to_string();
        all += 1;
        if e164 != number {
            changed += 1;
            let bare = parse(None, number).expect("a valid number").format().mode(Mode::E164).to_string();
            println!("{region} {number} becomes {e164}, without a country {bare}; is_valid() {}", known.is_valid());
        }
    }
    println!("{changed} of {all} are changed");
}
RUST
CARGO_TARGET_DIR=$work/target nice cargo run -q --manifest-path check/Cargo.toml | tee seen
for pair in '+78001234567 becomes +7001234567, without a country +7001234567;' '+78121234567 becomes +7121234567,'; do
    grep -qF "RU $pair" seen || { echo "this has changed: not $pair"; exit 1; }
done
# Seen: 11 of 1126 are changed
