//! Talk-off: keys that are heard where there are none, in speech and music of others, ours beside spandsp's.
//!
//! Not part of a usual run, since hours of sound are fetched and made first, by `talk_off/corpus.sh`.
//! `TIPRING_TALK_OFF` names the folder to keep them in.
//!
//! Never: holds a sound of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use tipring_driver::dsp::dtmf::{Bank, Event};
use tipring_driver::dsp::{Lanes, padded};

/// False keys that ours may hear more than spandsp's.
const MORE: usize = 2;
/// Hours that the sound must have at the least.
const HOURS: f64 = 10.0;

fn false_keys(sound: &[u8]) -> usize {
    let mut bank = Bank::new(1);
    let mut keys = 0;
    for tick in sound.chunks(16) {
        let samples: Vec<i16> = tick.as_chunks().0.iter().map(|octets| i16::from_le_bytes(*octets)).collect();
        bank.step(&[padded(&samples)], &Lanes::first(1), &mut |_, event| {
            keys += usize::from(matches!(event, Event::Begun(_)));
        });
    }
    keys
}

#[test]
#[ignore = "fetches and makes ten hours of sound; TIPRING_TALK_OFF names the folder"]
fn ten_hours_of_others_hold_no_more_keys_than_spandsp_hears() {
    let folder =
        std::env::var_os("TIPRING_TALK_OFF").map_or_else(|| std::env::temp_dir().join("talk-off"), PathBuf::from);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("standards/talk_off/corpus.sh");
    let status = Command::new("bash").arg(script).arg(&folder).status().expect("bash runs");
    assert!(status.success(), "the corpus in {}", folder.display());
    let entries = std::fs::read_dir(&folder).expect("the folder of the corpus");
    let mut sounds: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    sounds.retain(|path| path.extension().is_some_and(|extension| extension == "s16"));
    sounds.sort();
    let (mut hours, mut own, mut others) = (0.0, 0, 0);
    println!("{:40}{:>8}{:>10}{:>10}", "false keys", "hours", "tipring", "spandsp");
    for path in sounds {
        let sound = std::fs::read(&path).expect("a sound");
        let heard = std::fs::read_to_string(path.with_extension("spandsp")).expect("what spandsp heard");
        let (length, ours) = (sound.len() as f64 / 57_600_000.0, false_keys(&sound));
        let theirs: usize = heard.trim().parse().expect("a number");
        println!("{:40}{length:>8.2}{ours:>10}{theirs:>10}", path.file_stem().expect("a name").display());
        (hours, own, others) = (hours + length, own + ours, others + theirs);
    }
    println!("{:40}{hours:>8.2}{own:>10}{others:>10}", "all");
    assert!(hours >= HOURS, "only {hours:.1} hours");
    assert!(own <= others + MORE, "{own} false keys, spandsp {others}");
}
