//! The body of the file thread: files on one side, the rings of players and recorders on the other.
//!
//! Whoever runs it calls [`FileService::step`] again and again: a thread every few milliseconds, or a simulation
//! between ticks. A step moves what there is to move, 20 ms of a player or recorder at a time, and returns. A file that
//! fails ends its own task and no other; the reason stands in [`FileService::poll_trouble`] as a sentence for the log.
//!
//! A recording is made whole by a sync, which may wait long for a busy disk. A thread of its own does that where there
//! is one ([`FileService::finishing_apart`]); meanwhile the sound of all others goes on.
//!
//! A recording is written under its name with `.part` behind it, and gets its true name when it is whole and on the
//! disk, and the name too. Until then its sound goes to the file four times a second, with a header that says so: the
//! end of the process at any moment costs no more than a quarter of a second of it. A loss of power costs what the
//! system holds back as well: who must bound that syncs the file system now and then, from a thread that may wait. What
//! a crash leaves behind is repaired by [`recover`].
//!
//! A recording to be listened to is [made better](crate::dsp::enhance) here, on its way from the ring to the file: it
//! costs the media thread nothing, and some 0.1 % of a processor for each recording on this one. Such a file runs 0.2 s
//! behind the talk until it is finished; a crash loses so much more of it, and a whole one is as long as any other.
//!
//! Never: runs on the media thread; that one meets files only through rings.

mod endings;
mod threads;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::endings::{Ended, Ending, Endings};
pub use super::file_ring::FileEnds;
pub(crate) use super::file_ring::{FileReport, FileRequest, Piece, Slot, Take};
use super::wav::{self, PromptReader, RecordingWriter, Repair, Tracks, WavError};
use super::{MediaEnd, RecordingKind};
use crate::dsp::enhance::{Enhancement, Enhancer};
use crate::dsp::{SILENCE, Samples, padded};
use crate::ids::{PromptId, RecordingId};
use crate::time::{SAMPLE_RATE_HZ, SAMPLES_PER_TICK};

/// Read-ahead before a prompt begins to play, in ticks.
pub(crate) const READ_AHEAD_TICKS: usize = 40;
/// Ticks that are moved together once a task runs: each costs far less than alone.
const BATCH_TICKS: usize = 20;
/// Troubles kept for the log; older ones give way and are counted.
pub(crate) const TROUBLES_MAX: usize = 64;
/// Interval of the checkpoints, at which the sound of a recording goes to its file and the header is put right, in
/// samples of each side: a quarter of a second. A process that is killed loses as much, and 20 ms of the ring, where a
/// second is allowed: the rest is for a machine that comes late. A checkpoint is three writes and four seeks, and no
/// sync; 200 recordings have 800 of them a second, which take less than 1 % of a processor.
const CHECKPOINT_SAMPLES: u64 = SAMPLE_RATE_HZ as u64 / 4;

/// Source of prompts and destination of recordings: in tipring, the catalogue of the core.
pub trait Library: Send {
    /// Source of a prompt's sound.
    ///
    /// # Errors
    /// A sentence, if there is no such prompt; the player ends with [`MediaEnd::FileFailed`].
    fn prompt(&mut self, prompt: PromptId) -> Result<PromptSource, String>;

    /// Destination of a recording's sound.
    ///
    /// # Errors
    /// A sentence, if there is no place for the recording; it ends with [`MediaEnd::FileFailed`].
    fn recording(&mut self, recording: RecordingId) -> Result<RecordingTarget, String>;
}

/// Source of a prompt's sound.
pub enum PromptSource {
    /// In a WAV file: one channel at 8 kHz as 16-bit PCM, A-law or mu-law.
    File(PathBuf),
    /// In memory, as linear samples at 8 kHz.
    Samples(Arc<[i16]>),
    /// Wherever this takes it from.
    Source(Box<dyn SoundSource>),
}

/// Sound that is read as it is played: linear samples at 8 kHz, on the file thread.
pub trait SoundSource: Send {
    /// Puts the next samples at the beginning of `into` and returns their number. Fewer than there is room for says
    /// that the sound ends there; none at all, that there is nothing more at this moment.
    ///
    /// # Errors
    /// A sentence, if the sound cannot be read; the player ends with [`MediaEnd::FileFailed`].
    fn read(&mut self, into: &mut [i16]) -> Result<Option<usize>, String>;

    /// Goes back to the beginning.
    ///
    /// # Errors
    /// A sentence, if the beginning cannot be reached; the player ends with [`MediaEnd::FileFailed`].
    fn rewind(&mut self) -> Result<(), String>;
}

/// Destination of a recording's sound.
pub enum RecordingTarget {
    /// Into a WAV file that does not exist yet, a track for each party.
    File(PathBuf),
    /// Wherever this puts it.
    Sink(Box<dyn SoundSink>),
}

/// A place for the sound of a recording: linear samples at 8 kHz, on the file thread.
pub trait SoundSink: Send {
    /// Appends samples of both sides, as many of the one as of the other.
    ///
    /// # Errors
    /// A sentence, if the samples cannot be appended; no call follows.
    fn write(&mut self, left: &[i16], right: &[i16]) -> Result<(), String>;

    /// Secures what is there, about four times in a second of sound.
    ///
    /// # Errors
    /// A sentence, if what is there cannot be secured; no call follows.
    fn checkpoint(&mut self) -> Result<(), String> {
        Ok(())
    }

    /// Makes the recording whole: the last call, unless an error came before. It may wait for the disk, and come from
    /// another thread.
    ///
    /// # Errors
    /// A sentence, if the recording cannot be made whole; it ends with [`MediaEnd::FileFailed`].
    fn finish(&mut self) -> Result<(), String>;
}

/// A file that could not be used: a sentence for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileTrouble {
    /// The operation, as "Playing prompt 3 from greeting.wav".
    pub operation: String,
    /// Reason of the failure.
    pub reason: String,
}

impl fmt::Display for FileTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: {}", self.operation, self.reason)
    }
}

/// The body of the file thread.
pub struct FileService {
    ends: FileEnds,
    library: Box<dyn Library>,
    prompts: Vec<Option<OpenPrompt>>,
    recordings: Vec<Option<OpenRecording>>,
    /// Sound of a recording on its way to its sink; empty between two recordings.
    gathered: Gathered,
    endings: Endings,
    troubles: VecDeque<FileTrouble>,
    /// Troubles dropped since the last poll.
    troubles_lost: u64,
    recordings_failed: u64,
}

struct OpenPrompt {
    operation: String,
    /// None if it could not be opened.
    source: Option<Box<dyn SoundSource>>,
    repeat: bool,
    ready: bool,
    ended: bool,
}

struct OpenRecording {
    operation: String,
    /// None once it has failed.
    sink: Option<Box<dyn SoundSink>>,
    /// Its enhancement; none for evidence.
    enhancer: Option<Box<Enhancer>>,
    /// Samples of each side written, also when the sink is gone.
    samples: u64,
    checkpoint_at: u64,
}

impl FileService {
    /// Serves the engine whose ends these are.
    pub fn new(ends: FileEnds, library: Box<dyn Library>) -> FileService {
        let prompts = ends.prompts.iter().map(|_| None).collect();
        let recordings = ends.recordings.iter().map(|_| None).collect();
        FileService {
            ends,
            library,
            prompts,
            recordings,
            gathered: Gathered::default(),
            endings: Endings::Here,
            troubles: VecDeque::new(),
            troubles_lost: 0,
            recordings_failed: 0,
        }
    }

    /// A service with a thread of its own that makes recordings whole.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn finishing_apart(self) -> io::Result<FileService> {
        let endings = Endings::apart(self.recordings.len())?;
        Ok(FileService { endings, ..self })
    }

    /// Does what was asked, and moves what is due: a player's ring is filled when it has room for 20 ticks, and a
    /// recorder's emptied when it holds as many. Returns how many ticks of sound and requests it moved: 0 says that
    /// there was nothing to do.
    pub fn step(&mut self) -> usize {
        let mut moved = 0;
        while let Some(request) = self.ends.requests.pop() {
            self.handle_request(request);
            moved += 1;
        }
        for slot in 0..self.prompts.len() {
            moved += self.fill(Slot(slot as u16));
        }
        for slot in 0..self.recordings.len() {
            let ring = &mut self.ends.recordings[slot];
            if ring.len() >= BATCH_TICKS.min(ring.capacity() / 2) {
                moved += self.empty(Slot(slot as u16));
            }
        }
        while let Some(ended) = self.endings.poll() {
            self.conclude(ended);
            moved += 1;
        }
        moved
    }

    /// The next file that could not be used, oldest first. Where older ones were dropped because they were not polled,
    /// their number comes first.
    pub fn poll_trouble(&mut self) -> Option<FileTrouble> {
        match core::mem::take(&mut self.troubles_lost) {
            0 => self.troubles.pop_front(),
            lost => Some(FileTrouble {
                operation: format!("The log of {lost} files that could not be used"),
                reason: format!("more than {TROUBLES_MAX} waited to be read"),
            }),
        }
    }

    /// Number of recordings open now, or not yet whole.
    pub fn recordings_open(&self) -> usize {
        self.recordings.iter().flatten().count() + self.endings.under_way()
    }

    /// Number of recordings that could not be made, or not to their end.
    pub fn recordings_failed(&self) -> u64 {
        self.recordings_failed
    }

    /// Finishes every recording as far as it has come: the last thing before the process ends.
    pub fn finish(&mut self) {
        self.step();
        for slot in 0..self.recordings.len() {
            self.close_recording(Slot(slot as u16), 0);
        }
        while let Some(ended) = self.endings.wait() {
            self.conclude(ended);
        }
    }

    fn handle_request(&mut self, request: FileRequest) {
        match request {
            FileRequest::OpenPrompt { slot, prompt, repeat } => self.open_prompt(slot, prompt, repeat),
            FileRequest::ClosePrompt { slot } => {
                self.prompts[slot.index()] = None;
                self.report(FileReport::PromptClosed { slot });
            }
            FileRequest::OpenRecording { slot, recording, kind } => self.open_recording(slot, recording, kind),
            FileRequest::CloseRecording { slot, gap } => self.close_recording(slot, gap),
        }
    }

    fn open_prompt(&mut self, slot: Slot, prompt: PromptId, repeat: bool) {
        let mut operation = format!("Playing prompt {}", prompt.0);
        let source: Result<Box<dyn SoundSource>, String> = match self.library.prompt(prompt) {
            Ok(PromptSource::Samples(samples)) => Ok(Box::new(Memory { samples, at: 0 })),
            Ok(PromptSource::File(path)) => {
                operation += &format!(" from {}", path.display());
                PromptReader::open(&path).map(|reader| Box::new(reader) as _).map_err(|error| error.to_string())
            }
            Ok(PromptSource::Source(source)) => Ok(source),
            Err(reason) => Err(reason),
        };
        let (source, ended) = match source {
            Ok(source) => (Some(source), false),
            Err(reason) => {
                self.trouble(&operation, reason);
                // The ring is empty, for the slot was free.
                let _ = self.ends.prompts[slot.index()].push(Piece::End(MediaEnd::FileFailed));
                (None, true)
            }
        };
        self.prompts[slot.index()] = Some(OpenPrompt { operation, source, repeat, ready: false, ended });
    }

    /// Fills the ring of a player as far as there is room. Returns the ticks moved.
    fn fill(&mut self, slot: Slot) -> usize {
        let Some(prompt) = &mut self.prompts[slot.index()] else { return 0 };
        let ring = &mut self.ends.prompts[slot.index()];
        if prompt.ready && (prompt.ended || ring.room() < BATCH_TICKS.min(ring.capacity() / 2)) {
            return 0;
        }
        let mut moved = 0;
        let mut failure = None;
        let mut waits = false;
        while !prompt.ended && !waits && ring.room() > 0 {
            let piece = match prompt.next() {
                Ok(Some(piece)) => piece,
                Ok(None) => {
                    // It is asked again in the next step.
                    waits = true;
                    continue;
                }
                Err(error) => {
                    failure = Some(error);
                    Piece::End(MediaEnd::FileFailed)
                }
            };
            prompt.ended = matches!(piece, Piece::End(_));
            // There is room: only this end takes it away.
            let _ = ring.push(piece);
            moved += 1;
        }
        let enough = ring.capacity() - ring.room() >= READ_AHEAD_TICKS.min(ring.capacity());
        // A live source has no more than this.
        let live = waits && ring.room() < ring.capacity();
        let first = !prompt.ready && (prompt.ended || enough || live);
        prompt.ready |= first;
        if let Some(reason) = failure {
            let operation = prompt.operation.clone();
            self.trouble(&operation, reason);
        }
        if first {
            self.report(FileReport::PromptReady { slot });
        }
        moved
    }

    fn open_recording(&mut self, slot: Slot, recording: RecordingId, kind: RecordingKind) {
        let mut open = OpenRecording {
            operation: format!("Recording {}", recording.0),
            sink: None,
            enhancer: match kind {
                RecordingKind::Evidence | RecordingKind::Listening(Enhancement::NONE) => None,
                RecordingKind::Listening(enhancement) => Some(Box::new(Enhancer::new(enhancement))),
            },
            samples: 0,
            checkpoint_at: CHECKPOINT_SAMPLES,
        };
        let made = self.library.recording(recording).and_then(|target| match target {
            RecordingTarget::File(path) => {
                open.operation += &format!(" to {}", path.display());
                FileSink::create(path, Tracks::Each).map(|sink| Box::new(sink) as Box<dyn SoundSink>)
            }
            RecordingTarget::Sink(sink) => Ok(sink),
        });
        match made {
            Ok(sink) => open.sink = Some(sink),
            Err(reason) => {
                self.trouble(&open.operation, reason);
                self.recording_failed(slot, 0);
            }
        }
        self.recordings[slot.index()] = Some(open);
    }

    /// Empties the ring of a recorder into its file. Returns the ticks moved.
    fn empty(&mut self, slot: Slot) -> usize {
        let Some(recording) = &mut self.recordings[slot.index()] else { return 0 };
        let mut moved = 0;
        let mut done = Ok(());
        while let Some(take) = self.ends.recordings[slot.index()].pop() {
            moved += 1;
            done = done.and(recording.take(take, &mut self.gathered));
        }
        done = done.and_then(|()| recording.write(&mut self.gathered));
        if done.is_ok() && recording.samples >= recording.checkpoint_at {
            recording.checkpoint_at = recording.samples + CHECKPOINT_SAMPLES;
            done = recording.checkpoint();
        }
        if let Err(reason) = done {
            let (operation, samples) = (recording.operation.clone(), recording.samples);
            self.trouble(&operation, reason);
            self.recording_failed(slot, samples);
        }
        moved
    }

    fn close_recording(&mut self, slot: Slot, gap: u32) {
        self.empty(slot);
        let Some(mut recording) = self.recordings[slot.index()].take() else { return };
        let gathered = &mut self.gathered;
        let written = match recording.sink {
            Some(_) => recording.take(Take::Gap(gap), gathered).and_then(|()| recording.end(gathered)),
            None => Ok(()),
        };
        let OpenRecording { operation, sink, samples, .. } = recording;
        let ended = match written {
            Ok(()) => self.endings.begin(Ending { slot, operation, samples, sink }),
            Err(reason) => Some(Ended { slot, operation, samples, whole: Err(reason) }),
        };
        if let Some(ended) = ended {
            self.conclude(ended);
        }
    }

    fn conclude(&mut self, Ended { slot, operation, samples, whole }: Ended) {
        let end = match whole {
            Ok(true) => MediaEnd::Stopped,
            Ok(false) => MediaEnd::FileFailed,
            Err(reason) => {
                self.trouble(&operation, reason);
                self.recordings_failed += 1;
                MediaEnd::FileFailed
            }
        };
        self.report(FileReport::RecordingClosed { slot, end, samples });
    }

    fn recording_failed(&mut self, slot: Slot, samples: u64) {
        self.recordings_failed += 1;
        self.report(FileReport::RecordingFailed { slot, samples });
    }

    /// Each slot has at most two reports under way, and the ring holds that many for every slot.
    fn report(&mut self, report: FileReport) {
        let _ = self.ends.reports.push(report);
    }

    fn trouble(&mut self, operation: &str, reason: String) {
        if self.troubles.len() == TROUBLES_MAX {
            self.troubles.pop_front();
            self.troubles_lost += 1;
        }
        self.troubles.push_back(FileTrouble { operation: operation.to_string(), reason });
    }
}

impl OpenPrompt {
    /// The next tick of sound, or the end; none while the source has nothing yet. A prompt that repeats goes on without
    /// a gap.
    fn next(&mut self) -> Result<Option<Piece>, String> {
        let Some(source) = &mut self.source else { return Ok(Some(Piece::End(MediaEnd::Complete))) };
        let mut tick = SILENCE;
        let Some(mut filled) = source.read(&mut tick)? else { return Ok(None) };
        while self.repeat && filled < SAMPLES_PER_TICK {
            source.rewind()?;
            match source.read(&mut tick[filled..])? {
                // A prompt without a single sample ends, whether it repeats or not.
                None | Some(0) => break,
                Some(more) => filled += more,
            }
        }
        Ok(Some(if filled > 0 { Piece::Sound(padded(&tick[..filled])) } else { Piece::End(MediaEnd::Complete) }))
    }
}

/// Samples in memory.
struct Memory {
    samples: Arc<[i16]>,
    at: usize,
}

impl SoundSource for Memory {
    fn read(&mut self, into: &mut [i16]) -> Result<Option<usize>, String> {
        let count = into.len().min(self.samples.len() - self.at);
        into[..count].copy_from_slice(&self.samples[self.at..self.at + count]);
        self.at += count;
        Ok(Some(count))
    }

    fn rewind(&mut self) -> Result<(), String> {
        self.at = 0;
        Ok(())
    }
}

impl SoundSource for PromptReader {
    fn read(&mut self, into: &mut [i16]) -> Result<Option<usize>, String> {
        PromptReader::read(self, into).map(Some).map_err(|error| error.to_string())
    }

    fn rewind(&mut self) -> Result<(), String> {
        PromptReader::rewind(self).map_err(|error| error.to_string())
    }
}

/// Sound of a recording that is gathered to be written at once, each side.
#[derive(Default)]
struct Gathered([Vec<i16>; 2]);

impl Gathered {
    fn add(&mut self, left: &[i16], right: &[i16]) -> Result<(), Infallible> {
        self.0[0].extend_from_slice(left);
        self.0[1].extend_from_slice(right);
        Ok(())
    }
}

impl OpenRecording {
    /// Takes an entry of the ring. One that has failed takes it for nothing, until it is closed.
    fn take(&mut self, take: Take, gathered: &mut Gathered) -> Result<(), String> {
        match take {
            Take::Sound(sides) => self.gather(&sides, false, gathered),
            Take::Gap(ticks) => {
                for tick in 1..=ticks {
                    self.gather(&[SILENCE; 2], true, gathered);
                    // However long the gap is, little of it is in memory.
                    if tick.is_multiple_of(BATCH_TICKS as u32) {
                        self.write(gathered)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn gather(&mut self, sides: &[Samples; 2], gap: bool, gathered: &mut Gathered) {
        if self.sink.is_none() {
            return;
        }
        let mut add = |left: &[i16], right: &[i16]| gathered.add(left, right);
        let Ok(()) = match &mut self.enhancer {
            None => add(&sides[0], &sides[1]),
            Some(enhancer) if gap => enhancer.step_gap(1, &mut add),
            Some(enhancer) => enhancer.step(sides, &mut add),
        };
    }

    /// Writes what was gathered.
    fn write(&mut self, Gathered([left, right]): &mut Gathered) -> Result<(), String> {
        let written = match &mut self.sink {
            Some(sink) if !left.is_empty() => sink.write(left, right),
            _ => Ok(()),
        };
        match &written {
            Ok(()) => self.samples += left.len() as u64,
            Err(_) => self.sink = None,
        }
        left.clear();
        right.clear();
        written
    }

    fn checkpoint(&mut self) -> Result<(), String> {
        let Some(sink) = &mut self.sink else { return Ok(()) };
        let done = sink.checkpoint();
        if done.is_err() {
            self.sink = None;
        }
        done
    }

    /// Writes the sound that is not in the sink yet.
    fn end(&mut self, gathered: &mut Gathered) -> Result<(), String> {
        if let Some(enhancer) = &mut self.enhancer {
            let Ok(()) = enhancer.finish(&mut |left: &[i16], right: &[i16]| gathered.add(left, right));
        }
        self.write(gathered)
    }
}

/// A WAV file as a sink: under its `.part` name until it is whole.
pub struct FileSink {
    path: PathBuf,
    writer: RecordingWriter,
}

impl FileSink {
    /// Makes the file.
    ///
    /// # Errors
    /// A sentence, if there is a file of that name or of its `.part` name already, or none can be made.
    pub fn create(path: PathBuf, tracks: Tracks) -> Result<FileSink, String> {
        if path.exists() {
            return Err("there is a file of that name already".to_string());
        }
        let writer = RecordingWriter::create(&part_of(&path), tracks).map_err(|error| error.to_string())?;
        Ok(FileSink { path, writer })
    }
}

impl SoundSink for FileSink {
    fn write(&mut self, left: &[i16], right: &[i16]) -> Result<(), String> {
        self.writer.write(left, right).map_err(|error| error.to_string())
    }

    fn checkpoint(&mut self) -> Result<(), String> {
        self.writer.checkpoint().map_err(|error| error.to_string())
    }

    fn finish(&mut self) -> Result<(), String> {
        self.writer.finish().map_err(|error| error.to_string())?;
        name_whole(&self.path).map_err(|error| error.to_string())
    }
}

/// Suffix of a recording's name until it is whole.
const PART: &str = "part";

/// The name under which a recording is written until it is whole.
pub fn part_of(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".");
    name.push(PART);
    PathBuf::from(name)
}

/// The recording that is written under this name until it is whole; none if the name is not of that kind.
pub fn whole_of(part: &Path) -> Option<PathBuf> {
    (part.extension()? == PART).then(|| part.with_extension(""))
}

/// Gives a recording that is whole its true name, and waits until the name is on the disk.
///
/// # Errors
/// There is no such file under its `.part` name, or the folder cannot be written.
pub fn name_whole(path: &Path) -> io::Result<()> {
    fs::rename(part_of(path), path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Makes a recording whole that a crash has cut off: repairs the file under its `.part` name and gives it its true
/// name.
///
/// # Errors
/// As for [`repair`](wav::repair) of the file under its `.part` name; [`WavError::Io`] also if the true name cannot be
/// given.
pub fn recover(path: &Path) -> Result<Repair, WavError> {
    let repair = wav::repair(&part_of(path))?;
    name_whole(path)?;
    Ok(repair)
}

#[cfg(test)]
#[path = "file_io/tests.rs"]
mod tests;
