//! Recordings and messages that a crash or a power loss cut off, made playable and put on record.
//!
//! Never: drops a message whose key is not there.

use std::fs;
use std::path::{Path, PathBuf};

use tipring_core::recording::recordings;
use tipring_core::store::MessageState;
use tipring_core::store::sqlite::SqliteStore;
use tipring_driver::ids::RecordingId;
use tipring_driver::media::file_io;
use tipring_driver::media::wav::Repair;
use tipring_driver::time::SAMPLE_RATE_HZ;

use crate::encryption::Unreadable;
use crate::encryption::key_ring::KeyRing;
use crate::encryption::repair::{recover, repair};
use crate::failure::Failure;

/// The names of the recordings in a folder that are not whole.
pub fn parts_of(folder: &Path) -> Vec<PathBuf> {
    let Ok(days) = fs::read_dir(folder) else { return Vec::new() };
    let mut parts: Vec<PathBuf> = days
        .flatten()
        .filter_map(|day| fs::read_dir(day.path()).ok())
        .flat_map(|files| files.flatten().filter_map(|file| file_io::whole_of(&file.path())))
        .collect();
    parts.sort();
    parts
}

/// Makes the recordings playable that a crash or a power loss cut off, gives them their names, and notes them in the
/// store; so too those that have `ended` since without a core to note them. Returns a sentence for the log about each.
pub fn recover_recordings(
    folder: &Path,
    keys: &KeyRing,
    ended: &[PathBuf],
    store: &mut SqliteStore,
) -> Result<Vec<String>, Failure> {
    let parts = parts_of(folder);
    let ended: Vec<PathBuf> = ended.iter().filter(|path| !parts.contains(path)).cloned().collect();
    let mut said = Vec::new();
    for (path, is_part) in parts.into_iter().map(|path| (path, true)).chain(ended.into_iter().map(|path| (path, false)))
    {
        let Some((recording, began_ms)) =
            path.strip_prefix(folder).ok().and_then(Path::to_str).and_then(recordings::recording_of)
        else {
            continue;
        };
        match if is_part { recover(&path, keys) } else { repair(&path, keys) } {
            Ok(repair) => {
                let samples = repair.samples();
                store.note_cut_off(recording, began_ms, samples)?;
                store.complete_message(recording, samples)?;
                said.push(format!(
                    "{} was cut off when the program last ended; {} s of it are there",
                    path.display(),
                    samples / u64::from(SAMPLE_RATE_HZ)
                ));
            }
            Err(error) => said.push(format!("{} was cut off and cannot be made playable: {error}", path.display())),
        }
    }
    // The file was whole, but the end of the message had not reached the database; or its sound is not there.
    for message in store.messages(&[MessageState::Recording])? {
        let whole = folder.join(&message.file);
        let there = if whole.exists() { whole } else { file_io::part_of(&whole) };
        let repaired = repair(&there, keys);
        if let Err(Unreadable::NoKey(why)) = &repaired {
            // It is one as soon as the key is there.
            said.push(format!("The message {} waits for its key: {why}", message.file));
            continue;
        }
        let samples = repaired.map_or(0, Repair::samples);
        store.complete_message(RecordingId(message.id as u64), samples)?;
        said.push(format!("The message {} was cut off when the program last ended", message.file));
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use tipring_core::csta::CallId;
    use tipring_core::store::{MessageRecord, Record, Store, StoreId, StoreRequest};
    use tipring_core::time::Tick;
    use tipring_driver::media::file_io::SoundSink;

    use super::*;
    use crate::encryption::keys::{self, Key};
    use crate::encryption::writer::EncryptedSink;

    #[test]
    fn a_message_that_was_cut_off_waits_until_its_key_is_there() {
        let folder = std::env::temp_dir().join(format!("tipring-recovered-{}", std::process::id()));
        let recording = recordings::recording_of("2026-11-30/120000-000-00001.wav").expect("a name").0;
        let path = folder.join(recordings::file_name(recording));
        fs::create_dir_all(path.parent().expect("a day")).unwrap();
        let mut store = SqliteStore::open(&folder.join("tipring.db"), 0).unwrap();
        let message = Record::Message(Box::new(MessageRecord {
            recording,
            call: CallId(7),
            mailbox: "complaints".into(),
            owner: None,
            caller: "13800138000".into(),
            name: String::new(),
            at: Tick(1000),
            samples: 0,
            file: recordings::file_name(recording),
            state: MessageState::Recording,
        }));
        store.submit(StoreRequest::Keep { id: StoreId(1), records: vec![message] });
        store.commit().unwrap();
        let key = Key::draw(String::new()).unwrap();
        let mut sink = EncryptedSink::create(path, &key).unwrap();
        sink.write(&[1; 9000], &[2; 9000]).unwrap();
        drop(sink);

        let of = |store: &SqliteStore, state| {
            store.messages(&[state]).unwrap().iter().map(|it| it.samples).collect::<Vec<_>>()
        };
        let said = recover_recordings(&folder, &KeyRing::default(), &[], &mut store).unwrap();
        assert!(
            said.iter().any(|text| text.contains("waits for its key") && text.contains(&key.id().to_string())),
            "{said:?}"
        );
        assert_eq!(of(&store, MessageState::Recording).len(), 1);
        keys::make(&folder.join("keys"), &key).unwrap();
        let ring = KeyRing::new(Some(&folder.join("keys")));
        recover_recordings(&folder, &ring, &[], &mut store).unwrap();
        // Four chunks of a quarter of a second.
        assert_eq!(of(&store, MessageState::New), [8000]);
        assert_eq!(recover_recordings(&folder, &ring, &[], &mut store).unwrap(), [""; 0]);
        fs::remove_dir_all(folder).unwrap();
    }
}
