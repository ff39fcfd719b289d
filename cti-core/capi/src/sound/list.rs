//! Play lists: sources one after the other without a gap, read as they are played.
//!
//! Never: holds more of a file in memory than a few milliseconds of it.

use std::path::PathBuf;
use std::sync::Arc;

use tipring_driver::dsp::Samples;
use tipring_driver::ids::TaskId;
use tipring_driver::media::file_io::SoundSource;
use tipring_driver::media::wav::PromptReader;

use super::{Lease, SoundReport, SoundReports};
use crate::leases::{Reader, Recall};

/// Samples a second.
pub const RATE: u32 = 8_000;
/// Samples a millisecond.
pub const PER_MS: usize = RATE as usize / 1000;
/// Amplitude of a sine of 0 dBm0 (G.711: 3.14 dB below full scale of the A-law).
pub const FULL: f64 = 22_827.0;
/// Samples that a program's function is asked for at once: 20 ms.
const ASKED: usize = 20 * PER_MS;

/// The sound of one item.
#[derive(Debug, Clone)]
pub enum Sound {
    /// A WAV file.
    File(PathBuf),
    /// Samples.
    Samples(Arc<[i16]>),
    /// One or two sines with these amplitudes.
    Tone {
        /// Frequencies; 0 for none.
        hertz: [f64; 2],
        /// Peak of each.
        peak: f64,
    },
    /// Nothing.
    Silence,
    /// Whatever the program's function gives.
    Live(Reader),
}

/// One item of a play list.
#[derive(Debug, Clone)]
pub struct Item {
    /// The sound.
    pub sound: Sound,
    /// Samples skipped at its beginning.
    pub skip: usize,
    /// Samples played at most.
    pub limit: usize,
    /// Factor for each sample.
    pub gain: f32,
    /// Times it is played, at least once; none for no end.
    pub times: Option<u32>,
}

/// A play list.
#[derive(Debug)]
pub struct PlayList {
    items: Vec<Item>,
    at: usize,
    played: u32,
    open: Option<Open>,
    /// Samples for a tick that is not complete yet.
    held: Vec<i16>,
    recall: Recall,
    lease: Option<Lease>,
    notices: Option<(TaskId, SoundReports)>,
}

/// An item being played.
#[derive(Debug)]
struct Open {
    input: Input,
    left: usize,
    gain: f32,
    /// Nothing of it has been heard yet.
    fresh: bool,
}

#[derive(Debug)]
enum Input {
    File(PromptReader, PathBuf),
    Samples(Arc<[i16]>, usize),
    Tone { hertz: [f64; 2], peak: f64, at: u64 },
    Silence,
    Live { reader: Reader, recall: Recall, got: Vec<i16>, used: usize },
}

impl PlayList {
    /// A list at its beginning.
    pub fn new(items: Vec<Item>) -> PlayList {
        PlayList {
            items,
            at: 0,
            played: 0,
            open: None,
            held: Vec::new(),
            recall: Recall::default(),
            lease: None,
            notices: None,
        }
    }

    /// Returns true if a function of the program gives some of the sound.
    pub fn is_lent(&self) -> bool {
        self.items.iter().any(|item| matches!(item.sound, Sound::Live(_)))
    }

    /// Ends the calls of the program's functions.
    pub fn recall(&self) -> Recall {
        self.recall.clone()
    }

    /// Belongs to this task from now on: failures are noticed, and what the program lent is in use until this goes.
    pub fn belong(&mut self, task: TaskId, notices: &SoundReports) {
        self.lease = self.is_lent().then(|| Lease::new(task, notices.clone()));
        self.notices = Some((task, notices.clone()));
    }

    /// Opens the item that is to be played now; none at the end of the list.
    fn open(&mut self) -> Result<Option<&mut Open>, String> {
        if self.open.is_none() {
            let Some(item) = self.items.get(self.at) else { return Ok(None) };
            let input = match &item.sound {
                Sound::File(path) => {
                    let failed = |why| format!("{}: {why}", path.display());
                    let mut reader = PromptReader::open(path).map_err(failed)?;
                    reader.skip(item.skip as u64).map_err(failed)?;
                    Input::File(reader, path.clone())
                }
                Sound::Samples(samples) => Input::Samples(Arc::clone(samples), item.skip.min(samples.len())),
                Sound::Tone { hertz, peak } => Input::Tone { hertz: *hertz, peak: *peak, at: 0 },
                Sound::Silence => Input::Silence,
                Sound::Live(reader) => {
                    Input::Live { reader: *reader, recall: self.recall.clone(), got: Vec::new(), used: 0 }
                }
            };
            self.open = Some(Open { input, left: item.limit, gain: item.gain, fresh: true });
        }
        Ok(self.open.as_mut())
    }

    /// The item has ended: once more, or the next.
    fn advance(&mut self) {
        let heard = self.open.take().is_some_and(|open| !open.fresh);
        self.played += 1;
        // An item without a single sample is not repeated.
        if heard && self.items[self.at].times.is_none_or(|times| self.played < times) {
            return;
        }
        (self.at, self.played) = (self.at + 1, 0);
    }
}

impl SoundSource for PlayList {
    fn read(&mut self, into: &mut [i16]) -> Result<Option<usize>, String> {
        if self.read_tick(into).is_some() {
            return Ok(Some(PER_MS));
        }
        let read = self.next(into);
        if let (Err(why), Some((task, notices))) = (&read, &self.notices) {
            notices.push(SoundReport::Failed(*task, why.clone()));
        }
        read
    }

    fn rewind(&mut self) -> Result<(), String> {
        (self.at, self.played, self.open) = (0, 0, None);
        self.held.clear();
        Ok(())
    }
}

impl PlayList {
    /// A whole tick of samples in memory, as nearly every read of them is; none for all that is not so plain.
    fn read_tick(&mut self, into: &mut [i16]) -> Option<()> {
        let into: &mut Samples = into.try_into().ok()?;
        let open = self.open.as_mut().filter(|open| self.held.is_empty() && open.gain == 1.0)?;
        let Input::Samples(samples, at) = &mut open.input else { return None };
        let (tick, left) = (samples.get(*at..)?.first_chunk()?, open.left.checked_sub(PER_MS)?);
        *into = *tick;
        (*at, open.left, open.fresh) = (*at + PER_MS, left, false);
        Some(())
    }

    fn next(&mut self, into: &mut [i16]) -> Result<Option<usize>, String> {
        let mut filled = 0;
        if !self.held.is_empty() {
            filled = self.held.len().min(into.len());
            into[..filled].copy_from_slice(&self.held[..filled]);
            self.held.clear();
        }
        while filled < into.len() {
            let Some(open) = self.open()? else { return Ok(Some(filled)) };
            let most = open.left.min(into.len() - filled);
            let room = &mut into[filled..filled + most];
            match if most == 0 { Ok(Some(0)) } else { open.input.read(room) }? {
                None => {
                    self.held.extend_from_slice(&into[..filled]);
                    return Ok(None);
                }
                Some(0) => self.advance(),
                Some(count) => {
                    open.left -= count;
                    open.fresh = false;
                    let gain = open.gain;
                    for sample in into[filled..filled + count].iter_mut().filter(|_| gain != 1.0) {
                        *sample = (f32::from(*sample) * gain).round() as i16;
                    }
                    filled += count;
                }
            }
        }
        Ok(Some(filled))
    }
}

impl Input {
    /// Puts samples at the beginning of `into`: their number, 0 at the end, none when there are none at this moment.
    fn read(&mut self, into: &mut [i16]) -> Result<Option<usize>, String> {
        match self {
            Input::File(reader, path) => {
                reader.read(into).map(Some).map_err(|why| format!("{}: {why}", path.display()))
            }
            Input::Samples(samples, at) => {
                let count = into.len().min(samples.len() - *at);
                into[..count].copy_from_slice(&samples[*at..*at + count]);
                *at += count;
                Ok(Some(count))
            }
            Input::Tone { hertz, peak, at } => {
                for sample in &mut *into {
                    let time = *at as f64 / f64::from(RATE);
                    let sum: f64 = hertz.iter().map(|hertz| (std::f64::consts::TAU * hertz * time).sin()).sum();
                    *sample = (*peak * sum) as i16;
                    *at += 1;
                }
                Ok(Some(into.len()))
            }
            Input::Silence => {
                into.fill(0);
                Ok(Some(into.len()))
            }
            Input::Live { reader, recall, got, used } => {
                if *used == got.len() {
                    if recall.is_set() {
                        return Ok(Some(0));
                    }
                    got.resize(ASKED, 0);
                    *used = 0;
                    let count = reader.read(got);
                    got.truncate(count.unwrap_or(0));
                    match count {
                        None => return Ok(Some(0)),
                        Some(0) => return Ok(None),
                        Some(_) => {}
                    }
                }
                let count = into.len().min(got.len() - *used);
                into[..count].copy_from_slice(&got[*used..*used + count]);
                *used += count;
                Ok(Some(count))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(sound: Sound, limit: usize) -> Item {
        Item { sound, skip: 0, limit, gain: 1.0, times: Some(1) }
    }

    fn all(list: &mut PlayList) -> Vec<i16> {
        let mut heard = Vec::new();
        loop {
            let mut tick = [0; 8];
            let count = list.read(&mut tick).expect("no file").expect("nothing is live");
            heard.extend(&tick[..count]);
            if count < tick.len() {
                return heard;
            }
        }
    }

    #[test]
    fn sources_follow_each_other_without_a_gap_with_their_own_parts_gains_and_repetitions() {
        let samples: Arc<[i16]> = Arc::from([1000, 2000, 3000, 4000, 5000]);
        let part = Item { skip: 1, limit: 3, gain: 0.5, times: Some(2), ..item(Sound::Samples(samples), 0) };
        let mut list = PlayList::new(vec![part, item(Sound::Silence, 2), item(Sound::Samples(Arc::from([7])), 9)]);
        let expected = [1000, 1500, 2000, 1000, 1500, 2000, 0, 0, 7];
        assert_eq!(all(&mut list), expected);
        list.rewind().expect("it can");
        assert_eq!(all(&mut list), expected);
        let empty = Item { times: None, ..item(Sound::Samples(Arc::from([])), 9) };
        assert_eq!(all(&mut PlayList::new(vec![empty])), [0i16; 0]);
    }

    #[allow(unsafe_code)]
    unsafe extern "C" fn in_bits(user: *mut std::ffi::c_void, samples: *mut i16, _capacity: usize) -> i32 {
        let count = user.addr();
        // SAFETY: the room is longer than the numbers used here.
        unsafe {
            static ASKED: std::sync::atomic::AtomicI32 = std::sync::atomic::AtomicI32::new(0);
            match ASKED.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
                0 | 2 => (0..count).for_each(|at| samples.add(at).write(5)),
                1 => return 0,
                _ => return -1,
            }
        }
        count as i32
    }

    #[allow(unsafe_code)]
    unsafe extern "C" fn counted(user: *mut std::ffi::c_void, _samples: *mut i16, capacity: usize) -> i32 {
        // SAFETY: the test below lends its counter.
        unsafe { *user.cast::<u32>() += 1 };
        capacity as i32
    }

    #[test]
    fn a_function_is_not_asked_again_once_its_operation_is_over() {
        let mut calls = 0u32;
        let user = (&raw mut calls).expose_provenance();
        let mut list = PlayList::new(vec![item(Sound::Live(Reader { function: counted, user }), usize::MAX)]);
        let mut sound = [0; ASKED];
        assert_eq!(list.read(&mut sound), Ok(Some(ASKED)));
        list.recall().set();
        assert_eq!(list.read(&mut sound), Ok(Some(0)), "the list ends");
        assert_eq!(calls, 1);
    }

    #[test]
    fn a_live_source_that_has_less_than_a_tick_is_asked_again_before_the_tick_is_played() {
        let reader = Reader { function: in_bits, user: 5 };
        let mut list = PlayList::new(vec![item(Sound::Live(reader), usize::MAX), item(Sound::Silence, 1)]);
        assert!(list.is_lent());
        let mut tick = [1; 8];
        assert_eq!(list.read(&mut tick), Ok(None));
        assert_eq!((list.read(&mut tick), tick), (Ok(Some(8)), [5; 8]));
        assert_eq!((list.read(&mut tick), &tick[..3]), (Ok(Some(3)), &[5, 5, 0][..]));
    }
}
