//! The sound of taps on its way from the file thread to the listeners: a bounded buffer each, in A-law.
//!
//! A listener who is late loses the oldest sound, and gets the count of it. A tap that is not read ends by itself: its
//! sound is refused, and the recorder with it.
//!
//! Never: holds the file thread up; sound of more than [`KEPT`].

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::{CallId, DeviceId};
use tipring_driver::card::Law;
use tipring_driver::dsp::g711;
use tipring_driver::ids::RecordingId;
use tipring_driver::media::file_io::SoundSink;
use tipring_driver::time::SAMPLE_RATE_HZ;

/// The bit that no recording's number has: numbers with it are those of taps.
const TAP_BIT: u64 = 1 << 63;
/// Samples of a side that are kept for a listener: 2 s.
pub const KEPT: usize = 2 * SAMPLE_RATE_HZ as usize;
/// Samples after which a tap that was not read ends: 10 s.
const UNREAD_MAX: u64 = 10 * SAMPLE_RATE_HZ as u64;

/// The core, as it begins and ends taps.
pub trait TapCore: Send + Sync {
    /// Begins a tap at a station. Returns the call.
    ///
    /// # Errors
    /// There is no conversation there, or the site has no recorder left.
    fn begin_tap(&self, tap: RecordingId, user: &str, station: DeviceId) -> Result<CallId, UniversalFailure>;

    /// Ends a tap.
    fn end_tap(&self, tap: RecordingId);
}

/// Sound of a tap since it was read last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TapSound {
    /// The station's own voice: A-law octets.
    pub said: Vec<u8>,
    /// The sound that it heard, likewise.
    pub heard: Vec<u8>,
    /// Samples that were lost before these.
    pub lost: u64,
    /// No more comes.
    pub ended: bool,
}

#[derive(Debug, Default)]
struct Buffer {
    said: VecDeque<u8>,
    heard: VecDeque<u8>,
    lost: u64,
    unread: u64,
    ended: bool,
}

/// The taps of a site.
#[derive(Debug, Default)]
pub struct Taps {
    next: AtomicU64,
    buffers: Mutex<BTreeMap<u64, Heard>>,
}

/// A user who listens, and the buffer that the user reads.
type Heard = (String, Arc<Mutex<Buffer>>);

/// The file thread's end of a tap.
struct Tapped(Arc<Mutex<Buffer>>);

impl SoundSink for Tapped {
    fn write(&mut self, left: &[i16], right: &[i16]) -> Result<(), String> {
        let mut buffer = self.0.lock();
        if buffer.unread > UNREAD_MAX {
            buffer.ended = true;
            return Err("the listener has gone".into());
        }
        buffer.unread += left.len() as u64;
        buffer.said.extend(left.iter().map(|&sample| g711::encode(Law::A, sample)));
        buffer.heard.extend(right.iter().map(|&sample| g711::encode(Law::A, sample)));
        let over = buffer.said.len().saturating_sub(KEPT);
        buffer.said.drain(..over);
        buffer.heard.drain(..over);
        buffer.lost += over as u64;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), String> {
        self.0.lock().ended = true;
        Ok(())
    }
}

impl Taps {
    /// Makes the buffer of a tap for a user. Returns its number.
    pub fn open(&self, user: &str) -> RecordingId {
        let tap = TAP_BIT | self.next.fetch_add(1, Ordering::Relaxed);
        self.buffers.lock().insert(tap, (user.to_owned(), Arc::default()));
        RecordingId(tap)
    }

    /// The place for the sound of a tap; none for the number of a recording.
    ///
    /// # Errors
    /// The tap was closed meanwhile: a sentence.
    pub fn sink(&self, tap: RecordingId) -> Option<Result<Box<dyn SoundSink>, String>> {
        if tap.0 & TAP_BIT == 0 {
            return None;
        }
        let buffer = self.buffers.lock().get(&tap.0).map(|(_, buffer)| Arc::clone(buffer));
        let gone = || "the listener has gone".to_owned();
        Some(buffer.map(|buffer| Box::new(Tapped(buffer)) as Box<dyn SoundSink>).ok_or_else(gone))
    }

    /// The sound of a user's tap since the last time; none if the user has no such tap.
    pub fn read(&self, tap: RecordingId, user: &str) -> Option<TapSound> {
        let mut buffers = self.buffers.lock();
        let buffer = buffers.get(&tap.0).filter(|(of, _)| of == user).map(|(_, buffer)| Arc::clone(buffer))?;
        let mut buffer = buffer.lock();
        let Buffer { said, heard, lost, unread, ended } = &mut *buffer;
        *unread = 0;
        let sound = TapSound {
            said: said.drain(..).collect(),
            heard: heard.drain(..).collect(),
            lost: std::mem::take(lost),
            ended: *ended,
        };
        if sound.ended {
            buffers.remove(&tap.0);
        }
        Some(sound)
    }

    /// Takes the buffer of a user's tap away. False if the user has no such tap.
    pub fn close(&self, tap: RecordingId, user: &str) -> bool {
        let mut buffers = self.buffers.lock();
        buffers.get(&tap.0).is_some_and(|(of, _)| of == user) && buffers.remove(&tap.0).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_gets_the_newest_sound_and_learns_what_was_lost() {
        let taps = Taps::default();
        let tap = taps.open("zhao");
        let mut sink = taps.sink(tap).expect("a tap").expect("open");
        assert!(taps.sink(RecordingId(7)).is_none(), "the number of a recording");
        for block in 0..3 {
            sink.write(&[block * 1000; 8000], &[0; 8000]).unwrap();
        }
        assert_eq!(taps.read(tap, "li"), None, "another user's");
        let sound = taps.read(tap, "zhao").unwrap();
        assert_eq!((sound.said.len(), sound.heard.len(), sound.lost, sound.ended), (KEPT, KEPT, 8000, false));
        assert_eq!(sound.said[0], g711::encode(Law::A, 1000));
        assert_eq!(taps.read(tap, "zhao").unwrap(), TapSound::default());
        sink.write(&[5; 8], &[6; 8]).unwrap();
        sink.finish().unwrap();
        let last = taps.read(tap, "zhao").unwrap();
        assert_eq!((last.said.len(), last.ended), (8, true));
        assert_eq!(taps.read(tap, "zhao"), None, "it is over");
    }

    #[test]
    fn a_tap_that_is_not_read_or_that_was_closed_refuses_its_sound() {
        let taps = Taps::default();
        let tap = taps.open("zhao");
        let mut sink = taps.sink(tap).expect("a tap").expect("open");
        let seconds = (0..20).take_while(|_| sink.write(&[1; 8000], &[1; 8000]).is_ok()).count();
        assert_eq!(seconds, 11);
        assert!(!taps.close(tap, "li") && taps.close(tap, "zhao") && !taps.close(tap, "zhao"));
        assert!(taps.sink(tap).expect("a tap").is_err());
    }
}
