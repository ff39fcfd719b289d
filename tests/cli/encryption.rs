//! The key file of encrypted recordings by command, and what is said where a key is missing or a file was changed.
//!
//! Never: needs a site that runs; `tests/scenarios` has those.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use tipring_driver::media::file_io::{FileSink, SoundSink};
use tipring_driver::media::wav::Tracks;
use tipring_tests::run;
use tipring_tools::encryption::keys::Keys;
use tipring_tools::encryption::writer::EncryptedSink;

use super::complaint;
use super::message::{NUMBER, site};

fn said(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn keys_are_made_added_and_listed_and_a_message_needs_the_one_that_it_was_written_with() {
    let (folder, file) = site("encryption");
    let text = fs::read_to_string(&file).unwrap();
    let site = ["--site", file.as_str()];
    let none = complaint(&[&["store", "key", "new"], &site[..]].concat());
    assert!(none.contains("names no key file"), "{none}");
    fs::write(&file, text.replacen("# keys = \"", "keys = \"", 1)).unwrap();
    let missing = String::from_utf8(run(["site", "check", &file]).stdout).unwrap();
    assert!(missing.contains("recordings.keys is not there") && missing.contains("tipring store key new"), "{missing}");

    let keys = folder.path("recordings.keys");
    said(&[&["store", "key", "new"], &site[..]].concat());
    assert_eq!(fs::metadata(&keys).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(complaint(&[&["store", "key", "new"], &site[..]].concat()).contains("is there already"));
    let (left, right) = (vec![700; 9000], vec![-700; 9000]);
    let path = folder.path("recordings/message.wav");
    let mut sink = EncryptedSink::create(path.clone(), Keys::load(&keys).unwrap().writing()).unwrap();
    sink.write(&left, &right).and_then(|()| sink.finish()).unwrap();
    said(&[&["store", "key", "add"], &site[..]].concat());
    let listed = said(&[&["store", "key", "list"], &site[..]].concat());
    let ids: Vec<&str> = listed.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert!(ids.len() == 2 && listed.lines().next().unwrap().ends_with("encrypts and decrypts"), "{listed}");

    // A copy is the very file that it would be in the clear.
    let mut plain = FileSink::create(folder.path("plain.wav"), Tracks::Each).unwrap();
    plain.write(&left, &right).and_then(|()| plain.finish()).unwrap();
    let number = NUMBER.to_string();
    let export = |name: &str, more: &[&str]| {
        let to = folder.path(name).display().to_string();
        run([&["message", "export", &number, "--to", &to, "--why", "x"], &site[..], more].concat())
    };
    assert!(export("copy.wav", &[]).status.success());
    assert_eq!(fs::read(folder.path("copy.wav")).unwrap(), fs::read(folder.path("plain.wav")).unwrap());

    // One octet changed: refused, and no copy of a part is left; with silence in its place where that is asked for.
    let whole = fs::read(&path).unwrap();
    let mut changed = whole.clone();
    changed[100] ^= 1;
    fs::write(&path, changed).unwrap();
    let refused = export("damaged.wav", &[]);
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(why.contains("from 0.00 s to 0.25 s is not what was written") && why.contains("message.wav"), "{why}");
    assert!(!folder.path("damaged.wav").exists());
    assert!(export("damaged.wav", &["--despite-damage"]).status.success());
    let rest = fs::read(folder.path("damaged.wav")).unwrap();
    let (head, silence) = (44, 44 + 8_000);
    assert!(rest[head..silence].iter().all(|&octet| octet == 0));
    assert_eq!(rest[silence..], fs::read(folder.path("plain.wav")).unwrap()[silence..]);
    fs::write(&path, &whole).unwrap();

    // Without its key: its id is named, by the doctor too, who looks at a recording of each day.
    fs::create_dir_all(folder.path("recordings/2026-11-30")).unwrap();
    fs::copy(&path, folder.path("recordings/2026-11-30/120000-000-00001.wav")).unwrap();
    let lines = fs::read_to_string(&keys).unwrap();
    let kept: Vec<&str> = lines.lines().filter(|line| !line.starts_with(ids[1])).collect();
    fs::write(&keys, kept.join("\n")).unwrap();
    let why = String::from_utf8(export("none.wav", &[]).stderr).unwrap();
    assert!(why.contains(&format!("encrypted by the key {}", ids[1])) && why.contains(ids[0]), "{why}");
    let report: Value = serde_json::from_slice(&run(["doctor", "--config", &file, "--json"]).stdout).unwrap();
    let found: Vec<&Value> =
        report["findings"].as_array().unwrap().iter().filter(|finding| finding["check"] == "keys").collect();
    let outcomes: Vec<_> = found.iter().map(|finding| finding["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["good", "failed"], "{found:?}");
    assert!(found[1]["text"].as_str().unwrap().contains(ids[1]), "{found:?}");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(complaint(&["serve", "--config", &file]).contains("chmod 600"));
}
