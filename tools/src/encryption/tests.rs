//! The form of encrypted files, cut off at each octet and changed at each octet; keys and their file.

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tipring_driver::media::file_io::{FileSink, SoundSink, part_of};
use tipring_driver::media::wav::{Repair, Tracks};

use super::format::{BLOCK, HEADER, TAG};
use super::key_ring::KeyRing;
use super::keys::{self, Key, Keys};
use super::reader::{Damage, SoundFile, key_of, open};
use super::repair::{recover, repair};
use super::writer::EncryptedSink;

/// Octets of sound in a chunk of the tests: four samples of both sides.
const CHUNK: usize = 4 * BLOCK;

/// A folder with a key file, gone at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("tipring-encryption-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        keys::make(&folder.join("keys"), &Key::draw("2026-11-30".into()).unwrap()).unwrap();
        Folder(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn ring(&self) -> KeyRing {
        KeyRing::new(Some(&self.path("keys")))
    }

    /// A recording of a count of samples in chunks of the tests, finished or not.
    fn record(&self, name: &str, samples: i16, is_finished: bool) -> PathBuf {
        let (path, keys) = (self.path(name), Keys::load(&self.path("keys")).unwrap());
        let mut sink = EncryptedSink::with_chunks(path.clone(), keys.writing(), CHUNK as u32).unwrap();
        let (left, right) = sides(samples);
        sink.write(&left, &right).unwrap();
        sink.checkpoint().unwrap();
        if is_finished {
            sink.finish().unwrap();
        }
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn sides(samples: i16) -> (Vec<i16>, Vec<i16>) {
    ((0..samples).map(|at| 1000 + at).collect(), (0..samples).map(|at| -2000 - at).collect())
}

/// A recording in the clear, as octets of the file.
fn plain(folder: &Folder, samples: i16) -> Vec<u8> {
    let path = folder.path(&format!("plain-{samples}.wav"));
    let (left, right) = sides(samples);
    let mut sink = FileSink::create(path.clone(), Tracks::Each).unwrap();
    sink.write(&left, &right).unwrap();
    sink.finish().unwrap();
    fs::read(path).unwrap()
}

/// All octets of a file as it is read, or the reason why it is not.
fn all(path: &Path, ring: &KeyRing, damage: Damage) -> Result<Vec<u8>, String> {
    let mut octets = Vec::new();
    let mut file = open(path, ring, damage).map_err(|error| error.to_string())?;
    file.read_to_end(&mut octets).map_err(|error| error.to_string())?;
    Ok(octets)
}

/// Octets of the header of a WAV file.
const WAV: usize = 44;

#[test]
fn a_file_is_read_as_the_very_wav_file_that_it_would_be_in_the_clear_and_has_none_of_its_sound() {
    let folder = Folder::new("whole");
    // No sample, less than a chunk, exactly two, and more.
    for samples in [0, 3, 8, 11] {
        let file = folder.record(&format!("{samples}.wav"), samples, true);
        let plain = plain(&folder, samples);
        assert_eq!(all(&file, &folder.ring(), Damage::Refused).unwrap(), plain, "{samples} samples");
        let octets = fs::read(&file).unwrap();
        let sealed = (plain.len() - WAV) / CHUNK + 1;
        assert_eq!(octets.len(), HEADER + plain.len() - WAV + sealed * TAG);
        let shows = |file: &[u8]| plain[WAV..].chunks_exact(BLOCK).any(|it| file.windows(BLOCK).any(|at| at == it));
        assert!(!shows(&octets) && shows(&plain) == (samples > 0));
        assert!(!part_of(&file).exists());
    }
    // Two files of one sound have no chunk in common: each has its own key.
    let (one, other) = (folder.record("one.wav", 11, true), folder.record("other.wav", 11, true));
    let (one, other) = (fs::read(one).unwrap(), fs::read(other).unwrap());
    assert!(one[HEADER..].windows(8).all(|piece| other[HEADER..].windows(8).all(|other| other != piece)));
}

#[test]
fn any_place_is_read_and_a_plain_recording_is_read_beside() {
    let folder = Folder::new("places");
    let file = folder.record("a.wav", 11, true);
    let plain = plain(&folder, 11);
    let mut open_file = open(&file, &folder.ring(), Damage::Refused).unwrap();
    for at in (0..=plain.len()).rev() {
        assert_eq!(open_file.seek(SeekFrom::Start(at as u64)).unwrap(), at as u64);
        let mut rest = Vec::new();
        open_file.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, plain[at..], "from octet {at}");
    }
    assert_eq!(open_file.seek(SeekFrom::End(-4)).unwrap(), plain.len() as u64 - 4);
    assert!(open_file.seek(SeekFrom::Current(-1000)).is_err());
    let plain_file = folder.path("plain-11.wav");
    assert!(matches!(open(&plain_file, &KeyRing::default(), Damage::Refused).unwrap(), SoundFile::Plain(_)));
    assert_eq!(all(&plain_file, &folder.ring(), Damage::Refused).unwrap(), plain);
    assert_eq!(key_of(&plain_file).unwrap(), None);
    assert!(key_of(&file).unwrap().is_some());
}

#[test]
fn a_file_cut_off_at_any_octet_is_no_whole_one_and_repair_keeps_every_whole_chunk() {
    let folder = Folder::new("cut");
    let whole = fs::read(folder.record("a.wav", 11, true)).unwrap();
    let plain = plain(&folder, 11);
    let cut = folder.path("cut.wav");
    for length in 0..whole.len() {
        fs::write(part_of(&cut), &whole[..length]).unwrap();
        let why = all(&part_of(&cut), &folder.ring(), Damage::Refused);
        let chunks = length.saturating_sub(HEADER) / (CHUNK + TAG);
        if length < HEADER {
            // An empty file is no sound of any kind; opening it is left to the reader of WAV files.
            assert!(length == 0 || why.is_err(), "{length} octets");
            assert!(recover(&cut, &folder.ring()).is_err(), "{length} octets");
            continue;
        }
        assert!(why.unwrap_err().contains("cut off"), "{length} octets");
        let there = all(&part_of(&cut), &folder.ring(), Damage::Silence).unwrap();
        assert_eq!(there[WAV..], plain[WAV..WAV + chunks * CHUNK], "{length} octets");
        let samples = (chunks * CHUNK / BLOCK) as u64;
        assert_eq!(recover(&cut, &folder.ring()).unwrap(), Repair::Repaired { samples }, "{length} octets");
        assert_eq!(repair(&cut, &folder.ring()).unwrap(), Repair::WasWhole { samples }, "{length} octets");
        assert_eq!(all(&cut, &folder.ring(), Damage::Refused).unwrap()[WAV..], plain[WAV..WAV + chunks * CHUNK]);
        match open(&cut, &folder.ring(), Damage::Refused).unwrap() {
            SoundFile::Encrypted(file) => assert!(file.is_cut_off(), "a repaired file says so"),
            SoundFile::Plain(_) => panic!("it is encrypted"),
        }
        fs::remove_file(&cut).unwrap();
    }
    fs::write(&cut, &whole).unwrap();
    assert_eq!(repair(&cut, &folder.ring()).unwrap(), Repair::WasWhole { samples: 11 });
    assert_eq!(fs::read(&cut).unwrap(), whole);
}

#[test]
fn a_changed_octet_is_found_wherever_it_is_and_the_rest_is_read_where_that_is_asked_for() {
    let folder = Folder::new("changed");
    let whole = fs::read(folder.record("a.wav", 11, true)).unwrap();
    let plain = plain(&folder, 11);
    let changed = folder.path("changed.wav");
    for at in 0..whole.len() {
        let mut octets = whole.clone();
        octets[at] ^= 0x40;
        fs::write(&changed, &octets).unwrap();
        let is_refused = |read: Result<Vec<u8>, String>| match read {
            // Without its magic it is read as it stands, and is no WAV file.
            Ok(read) => at < 8 && read == octets,
            Err(_) => true,
        };
        assert!(is_refused(all(&changed, &folder.ring(), Damage::Refused)), "octet {at}");
        if let Some(at) = at.checked_sub(HEADER) {
            let read = all(&changed, &folder.ring(), Damage::Silence).unwrap();
            let number = at / (CHUNK + TAG);
            let (from, to) = (WAV + number * CHUNK, (WAV + (number + 1) * CHUNK).min(plain.len()));
            let mut wanted = plain.clone();
            wanted[from..to].fill(0);
            wanted.truncate(if number == 2 { from } else { plain.len() });
            assert_eq!(read[WAV..], wanted[WAV..], "octet {at} of the sound");
        }
    }
    // Chunks that change places, and one that is left out.
    let chunk = |number: usize| HEADER + number * (CHUNK + TAG)..HEADER + (number + 1) * (CHUNK + TAG);
    let swapped = [&whole[..HEADER], &whole[chunk(1)], &whole[chunk(0)], &whole[chunk(1).end..]].concat();
    let left_out = [&whole[..HEADER], &whole[chunk(1)], &whole[chunk(1).end..]].concat();
    for octets in [swapped, left_out] {
        fs::write(&changed, octets).unwrap();
        assert!(all(&changed, &folder.ring(), Damage::Refused).is_err());
    }
}

#[test]
fn a_power_loss_that_spoils_the_middle_keeps_what_is_behind_it() {
    let folder = Folder::new("spoiled");
    let path = folder.record("a.wav", 13, false);
    let mut octets = fs::read(part_of(&path)).unwrap();
    assert_eq!(octets.len(), HEADER + 3 * (CHUNK + TAG), "a full chunk is on the disk at once");
    octets[HEADER..HEADER + CHUNK + TAG].fill(0);
    octets.extend([0; 7]);
    fs::write(part_of(&path), &octets).unwrap();
    assert_eq!(recover(&path, &folder.ring()).unwrap(), Repair::Repaired { samples: 12 });
    let why = all(&path, &folder.ring(), Damage::Refused).unwrap_err();
    assert!(why.contains("is not what was written"), "{why}");
    let mut wanted = plain(&folder, 12);
    wanted[WAV..WAV + CHUNK].fill(0);
    assert_eq!(all(&path, &folder.ring(), Damage::Silence).unwrap(), wanted);
    // With everything spoiled nothing is cut off.
    let path = folder.record("b.wav", 13, false);
    let mut octets = fs::read(part_of(&path)).unwrap();
    octets[HEADER..].fill(0);
    fs::write(part_of(&path), &octets).unwrap();
    assert!(recover(&path, &folder.ring()).unwrap_err().to_string().contains("nothing in it was written"));
    assert_eq!(fs::read(part_of(&path)).unwrap(), octets);
}

#[test]
fn a_file_that_is_there_is_neither_replaced_nor_joined() {
    let folder = Folder::new("there");
    let keys = Keys::load(&folder.path("keys")).unwrap();
    for name in ["a.wav", "a.wav.part"] {
        fs::write(folder.path(name), "precious").unwrap();
        assert!(EncryptedSink::create(folder.path("a.wav"), keys.writing()).is_err());
        assert_eq!(fs::read(folder.path(name)).unwrap(), b"precious");
        fs::remove_file(folder.path(name)).unwrap();
    }
}

#[test]
fn a_new_key_encrypts_from_now_on_and_the_older_ones_decrypt() {
    let folder = Folder::new("rotation");
    let ring = folder.ring();
    let older = folder.record("older.wav", 11, true);
    let first = ring.keys().unwrap().unwrap().writing().id();
    keys::add(&folder.path("keys"), &Key::draw("2026-12-01".into()).unwrap()).unwrap();
    let newer = folder.record("newer.wav", 11, true);
    let second = ring.keys().unwrap().unwrap().writing().id();
    assert_ne!(first, second);
    assert_eq!((key_of(&older).unwrap(), key_of(&newer).unwrap()), (Some(first), Some(second)));
    for file in [&older, &newer] {
        assert_eq!(all(file, &ring, Damage::Refused).unwrap(), plain(&folder, 11));
        fs::remove_file(folder.path("plain-11.wav")).unwrap();
    }
    let text = fs::read_to_string(folder.path("keys")).unwrap();
    let days: Vec<_> = text.lines().filter_map(|line| line.split_whitespace().nth(2)).collect();
    assert!(text.starts_with("# Keys of this site") && days.ends_with(&["2026-12-01", "2026-11-30"]), "{days:?}");
    // A site without the older key names it, and one without keys too; neither spoils a file that it cannot read.
    let without: String =
        text.lines().filter(|line| !line.starts_with(&first.to_string())).collect::<Vec<_>>().join("\n");
    fs::write(folder.path("keys"), without).unwrap();
    for (ring, wanted) in [(folder.ring(), second.to_string()), (KeyRing::default(), "`keys` of [recording]".into())] {
        let why = all(&older, &ring, Damage::Silence).unwrap_err();
        assert!(why.contains(&format!("encrypted by the key {first}")) && why.contains(&wanted), "{why}");
        let before = fs::read(&older).unwrap();
        assert!(repair(&older, &ring).is_err());
        assert_eq!(fs::read(&older).unwrap(), before);
        assert_eq!(ring.lacks(first).is_some(), ring.lacks(second).is_none() || wanted.starts_with('`'));
    }
}

#[test]
fn a_key_file_is_for_its_owner_and_a_fault_in_it_has_its_line_and_shows_no_secret() {
    let folder = Folder::new("keys");
    let path = folder.path("keys");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let again = keys::make(&path, &Key::draw(String::new()).unwrap()).unwrap_err();
    assert!(again.contains("is there already"), "{again}");
    let text = fs::read_to_string(&path).unwrap();
    let (id, secret) = (text.lines().nth(2).unwrap()[..8].to_owned(), text.lines().nth(2).unwrap()[9..73].to_owned());
    let known = folder.ring();
    known.keys().unwrap();
    let refused = |text: &str, wanted: &str| {
        fs::write(&path, text).unwrap();
        let why = Keys::load(&path).unwrap_err();
        assert!(why.contains(wanted) && !why.contains(&secret[..12]), "{text}: {why}");
        let added = keys::add(&path, &Key::draw(String::new()).unwrap()).unwrap_err();
        assert_eq!((added, fs::read_to_string(&path).unwrap().as_str()), (why, text));
    };
    refused("", "no key in");
    refused(&text.replace(&secret[..60], ""), ":3: a line is an id");
    refused(&text.replace(&format!("{id} "), "00000000 "), ":3: the secret does not belong");
    refused(&format!("{text}{}", text.lines().nth(2).unwrap()), ":4: this key stands there twice");
    // A site that runs goes on with the keys that it has.
    assert_eq!(known.keys().unwrap().unwrap().writing().id().to_string(), id);
    fs::write(&path, &text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(Keys::load(&path).unwrap_err().contains("chmod 600"));
    fs::remove_file(&path).unwrap();
    assert!(Keys::load(&path).unwrap_err().contains("is not there"));
    assert!(!format!("{:?}", known.keys()).contains(&secret[..12]));
}
