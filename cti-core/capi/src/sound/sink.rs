//! Sinks of recordings: a WAV file, the program's memory, a function of the program, or none.
//!
//! Never: writes into the program's memory, or calls its function, after the recording is finished.

use std::path::PathBuf;

use tipring_driver::ids::TaskId;
use tipring_driver::media::file_io::{FileSink, SoundSink};
use tipring_driver::media::wav::Tracks;

use super::list::PER_MS;
use super::listen::{Ears, SoundCondition};
use super::{Lease, SoundReport, SoundReports};
use crate::abi::number;
use crate::leases::{Recall, Room, Writer};

/// Samples of each side that a program's function is given at once: 20 ms.
const GIVEN: usize = 20 * PER_MS;

/// Destination of recorded sound.
#[derive(Debug, Clone)]
pub enum Place {
    /// A WAV file that does not exist yet.
    File(PathBuf),
    /// Memory of the program.
    Memory(Room),
    /// A function of the program.
    Function(Writer),
    /// Nowhere: it is listened to only.
    Nowhere,
}

/// A recording to be made.
#[derive(Debug, Clone)]
pub struct SinkPlan {
    /// Destination of the sound.
    pub place: Place,
    /// Its tracks; two are interleaved in memory.
    pub tracks: Tracks,
    /// The conditions, each with its place in the program's list.
    pub conditions: Vec<(u32, SoundCondition)>,
    /// Ends the calls of the program's function.
    pub recall: Recall,
}

impl SinkPlan {
    /// Returns true if something of the program is used.
    pub fn is_lent(&self) -> bool {
        matches!(self.place, Place::Memory(_) | Place::Function(_))
    }

    /// The most samples of each side that find a place.
    pub fn most(&self) -> u64 {
        match self.place {
            Place::Memory(room) => room.capacity as u64 / u64::from(self.tracks.count()),
            Place::File(_) | Place::Function(_) | Place::Nowhere => u64::MAX,
        }
    }

    /// Makes the sink, on the file thread. The error is a sentence.
    pub fn open(self, task: TaskId, notices: SoundReports) -> Result<Box<dyn SoundSink>, String> {
        let lease = || Lease::new(task, notices.clone());
        let interleaved = Interleaved { tracks: self.tracks, room: Vec::new() };
        let sink: Box<dyn SoundSink> = match self.place {
            Place::File(path) => Box::new(Noticed::create(path, self.tracks, task, notices.clone())?),
            Place::Memory(room) => Box::new(Memory { room, used: 0, interleaved, lease: lease(), full: false }),
            Place::Function(writer) => {
                Box::new(Function { writer, recall: self.recall, interleaved, lease: lease(), over: false })
            }
            Place::Nowhere => Box::new(Nowhere),
        };
        Ok(if self.conditions.is_empty() { sink } else { Box::new(Ears::new(sink, task, notices, self.conditions)) })
    }
}

/// A WAV file whose failure is noticed.
struct Noticed {
    file: FileSink,
    task: TaskId,
    notices: SoundReports,
}

impl Noticed {
    fn create(path: PathBuf, tracks: Tracks, task: TaskId, notices: SoundReports) -> Result<Noticed, String> {
        let name = path.display().to_string();
        match FileSink::create(path, tracks) {
            Ok(file) => Ok(Noticed { file, task, notices }),
            Err(why) => {
                let why = format!("{name}: {why}");
                notices.push(SoundReport::Failed(task, why.clone()));
                Err(why)
            }
        }
    }

    fn notice(&self, done: Result<(), String>) -> Result<(), String> {
        done.inspect_err(|why| self.notices.push(SoundReport::Failed(self.task, why.clone())))
    }
}

impl SoundSink for Noticed {
    fn write(&mut self, left: &[i16], right: &[i16]) -> Result<(), String> {
        let done = self.file.write(left, right);
        self.notice(done)
    }

    fn checkpoint(&mut self) -> Result<(), String> {
        let done = self.file.checkpoint();
        self.notice(done)
    }

    fn finish(&mut self) -> Result<(), String> {
        let done = self.file.finish();
        self.notice(done)
    }
}

/// A sink that keeps nothing.
pub struct Nowhere;

impl SoundSink for Nowhere {
    fn write(&mut self, _left: &[i16], _right: &[i16]) -> Result<(), String> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), String> {
        Ok(())
    }
}

/// Tracks one after the other for each sample.
#[derive(Debug)]
struct Interleaved {
    tracks: Tracks,
    room: Vec<i16>,
}

impl Interleaved {
    fn add(&mut self, left: &[i16], right: &[i16]) {
        let pairs = left.iter().zip(right);
        match self.tracks {
            Tracks::Each => self.room.extend(pairs.flat_map(|(left, right)| [*left, *right])),
            Tracks::Left => self.room.extend_from_slice(left),
            Tracks::Sum => self.room.extend(pairs.map(|(left, right)| left.saturating_add(*right))),
        }
    }
}

struct Memory {
    room: Room,
    used: usize,
    interleaved: Interleaved,
    lease: Lease,
    full: bool,
}

impl SoundSink for Memory {
    fn write(&mut self, left: &[i16], right: &[i16]) -> Result<(), String> {
        self.interleaved.add(left, right);
        self.used += self.room.put(self.used, &self.interleaved.room);
        self.interleaved.room.clear();
        // Room for a part of a sample's tracks is no room.
        if !self.full && self.used + usize::from(self.interleaved.tracks.count()) > self.room.capacity {
            self.full = true;
            self.lease.met(number::REASON_FULL);
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), String> {
        Ok(())
    }
}

struct Function {
    writer: Writer,
    recall: Recall,
    interleaved: Interleaved,
    lease: Lease,
    over: bool,
}

impl Function {
    fn give(&mut self, samples: &[i16]) {
        if !self.over && !self.recall.is_set() && !self.writer.write(samples) {
            self.over = true;
            self.lease.met(number::REASON_END);
        }
    }

    fn flush(&mut self) {
        let samples = std::mem::take(&mut self.interleaved.room);
        if !samples.is_empty() {
            self.give(&samples);
        }
        self.interleaved.room = samples;
        self.interleaved.room.clear();
    }
}

impl SoundSink for Function {
    fn write(&mut self, mut left: &[i16], mut right: &[i16]) -> Result<(), String> {
        let tracks = self.interleaved.tracks;
        while !left.is_empty() {
            let count = left.len().min(GIVEN - self.interleaved.room.len() / usize::from(tracks.count()));
            let (said, said_later) = left.split_at(count);
            let (heard, heard_later) = right.split_at(count);
            (left, right) = (said_later, heard_later);
            if count == GIVEN && tracks == Tracks::Left {
                // As it comes from the engine: there is nothing to gather.
                self.give(said);
                continue;
            }
            self.interleaved.add(said, heard);
            if self.interleaved.room.len() == GIVEN * usize::from(tracks.count()) {
                self.flush();
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), String> {
        self.flush();
        Ok(())
    }
}

impl Lease {
    /// SoundReports a reason to end that belongs to no condition of the program.
    fn met(&self, reason: u32) {
        self.notices.push(SoundReport::Met { task: self.task, reason, place: 0 });
    }
}
