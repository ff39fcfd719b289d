//! The operations of `tipring.h`: lists of conditions and sources read, then begun.
//!
//! Never: touches the media thread; sound is read and made on the file thread.

use std::ffi::c_char;
use std::path::PathBuf;
use std::sync::Arc;

use tipring_core::flow::say::{self, Language};
use tipring_driver::media::file_io::part_of;
use tipring_driver::media::wav::{PromptReader, Tracks};

use super::{telephone_number, timeout, with};
use crate::abi::{self, number};
use crate::border::{self, Entry};
use crate::context::Context;
use crate::failure::{Failure, Outcome, fail};
use crate::leases::{Reader, Room, Writer};
use crate::machine::{Begin, Condition, RightTrack, Until};
use crate::sound::list::{FULL, Item, PER_MS, PlayList, Sound};
use crate::sound::listen::SoundCondition;
use crate::sound::signal::Signal;
use crate::sound::sink::Place;

/// Conditions of an operation, and sources of a play list.
const CONDITIONS_MAX: usize = 16;
const SOURCES_MAX: usize = 256;
/// The most that a source is made louder or softer, in tenths of a decibel.
const GAIN_MAX: i32 = 240;
/// Time for a call out to be answered by default, in ms.
const DIAL_MS: u32 = 60_000;
/// The keys there are.
const KEYS: &str = "0123456789*#ABCD";

fn until(conditions: *const abi::Until, count: usize) -> Outcome<Until> {
    border::structures(conditions, count, CONDITIONS_MAX)?.into_iter().map(condition).collect()
}

fn condition(given: abi::Until) -> Outcome<Condition> {
    border::unset(given.reserved)?;
    let time = || match given.value {
        0 => fail!(E_ARGUMENT, "A condition's time is zero"),
        ms => Ok(ms),
    };
    Ok(match given.kind {
        number::UNTIL_MAX_DIGITS if (1..=64).contains(&given.value) => Condition::MaxDigits(given.value as usize),
        number::UNTIL_MAX_DIGITS => fail!(E_ARGUMENT, "A collection has 1 to 64 keys, not {}", given.value),
        number::UNTIL_DIGIT => {
            let keys = border::text(given.text, "The set of keys")?;
            if keys.is_empty() || keys.chars().any(|key| !KEYS.contains(key)) {
                fail!(E_ARGUMENT, "{keys:?} is no set of keys; use some of {KEYS}");
            }
            Condition::Digit(telephone_number(keys)?)
        }
        number::UNTIL_FIRST_DIGIT => Condition::FirstDigit(time()?.into()),
        number::UNTIL_INTER_DIGIT => Condition::InterDigit(time()?.into()),
        number::UNTIL_MAX_TIME => Condition::MaxTime(time()?.into()),
        number::UNTIL_SILENCE => Condition::Heard(SoundCondition::Silence(time()?)),
        number::UNTIL_NO_SOUND => Condition::Heard(SoundCondition::NoSound(time()?)),
        number::UNTIL_SOUND => Condition::Heard(SoundCondition::Sound(time()?)),
        number::UNTIL_TONE => Condition::Heard(SoundCondition::Tone(signal(&border::structure(given.tone)?)?)),
        other => fail!(E_ARGUMENT, "{other} is no condition"),
    })
}

/// The frequencies of a tone.
fn frequencies(one: f32, two: f32) -> Outcome<[f64; 2]> {
    let hertz = [f64::from(one), f64::from(two)];
    if !(1.0..4000.0).contains(&hertz[0]) || !(0.0..4000.0).contains(&hertz[1]) {
        fail!(E_ARGUMENT, "A tone lies between 1 and 4,000 Hz");
    }
    Ok(hertz)
}

fn signal(given: &abi::ToneSpec) -> Outcome<Signal> {
    let hertz = frequencies(given.hertz, given.hertz2)?;
    if given.on_ms < 40 || (given.off_ms > 0) != (given.bursts > 0) || (1..40).contains(&given.off_ms) {
        fail!(E_ARGUMENT, "A tone lasts 40 ms or longer; one with pauses of 40 ms or longer has a number of bursts");
    }
    Ok(Signal { hertz, on_ms: given.on_ms, off_ms: given.off_ms, bursts: given.bursts })
}

fn begin(context: &Context, channel: u64, what: Begin, until: Until, op: *mut u64) -> Outcome<i32> {
    let begun = context.call(|machine| machine.begin(channel, what, until))?;
    if op.is_null() {
        return Ok(0);
    }
    border::store(op, begun).map(|()| 0)
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_play(
    ctx: *mut Entry,
    channel: u64,
    sources: *const abi::Source,
    source_count: usize,
    conditions: *const abi::Until,
    until_count: usize,
    op: *mut u64,
) -> i32 {
    with(ctx, |context| {
        context.port_of(channel)?;
        let sources = border::structures(sources, source_count, SOURCES_MAX)?;
        let until = until(conditions, until_count)?;
        if sources.is_empty() {
            fail!(E_ARGUMENT, "A play list has at least one source");
        }
        let mut items = Vec::new();
        for source in &sources {
            add(&mut items, source)?;
        }
        begin(context, channel, Begin::Play(PlayList::new(items)), until, op)
    })
}

/// Opens a file once, so that a fault of it is refused at once. A pipe or a device, which may keep its reader
/// waiting, is no file.
fn file(path: PathBuf) -> Outcome<Sound> {
    if std::fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
        fail!(E_IO, "{} is no regular file", path.display());
    }
    match PromptReader::open(&path) {
        Ok(_) => Ok(Sound::File(path)),
        Err(why) => Err(Failure::new(abi::error::E_IO, format!("{}: {why}", path.display()))),
    }
}

/// Adds what a source stands for.
fn add(items: &mut Vec<Item>, source: &abi::Source) -> Outcome<()> {
    border::unset(source.reserved)?;
    if source.gain_tenth_db.unsigned_abs() > GAIN_MAX.unsigned_abs() {
        fail!(E_ARGUMENT, "A gain is {} to {GAIN_MAX} tenths of a decibel", -GAIN_MAX);
    }
    let samples = |ms: u32| ms as usize * PER_MS;
    let limit = if source.length_ms == 0 { usize::MAX } else { samples(source.length_ms) };
    let item = |sound| Item {
        sound,
        skip: samples(source.start_ms),
        limit,
        gain: 10f32.powf(source.gain_tenth_db as f32 / 200.0),
        times: (source.times != number::FOREVER).then(|| source.times.max(1)),
    };
    match source.kind {
        number::SOURCE_FILE => items.push(item(file(border::path(source.path, "The path")?.to_owned())?)),
        number::SOURCE_MEMORY => {
            items.push(item(Sound::Samples(Arc::from(border::samples(source.samples, source.count)?))));
        }
        number::SOURCE_TONE => {
            let hertz = frequencies(source.hertz, source.hertz2)?;
            let level = f64::from(source.level_dbm0);
            if !(-60.0..=0.0).contains(&level) || source.length_ms == 0 {
                fail!(E_ARGUMENT, "A tone has a level of -60 to 0 dBm0 and a length");
            }
            items.push(item(Sound::Tone { hertz, peak: FULL * 10f64.powf(level / 20.0) }));
        }
        number::SOURCE_SILENCE if source.length_ms > 0 => items.push(item(Sound::Silence)),
        number::SOURCE_SILENCE => fail!(E_ARGUMENT, "A silence has a length"),
        number::SOURCE_PHRASE => {
            for path in phrase(source)? {
                items.push(Item { skip: 0, limit: usize::MAX, times: Some(1), ..item(file(path)?) });
            }
        }
        number::SOURCE_FUNCTION => {
            let Some(function) = source.read else { fail!(E_ARGUMENT, "The function that gives sound is NULL") };
            let reader = Reader { function, user: source.user.expose_provenance() };
            items.push(Item { skip: 0, times: Some(1), ..item(Sound::Live(reader)) });
        }
        other => fail!(E_ARGUMENT, "{other} is no source"),
    }
    Ok(())
}

/// The files of a phrase.
fn phrase(source: &abi::Source) -> Outcome<Vec<PathBuf>> {
    let language = match source.language {
        number::LANG_EN => Language::English,
        number::LANG_ZH => Language::Mandarin,
        number::LANG_YUE => Language::Cantonese,
        other => fail!(E_ARGUMENT, "{other} is no language"),
    };
    let kind = match source.phrase {
        number::PHRASE_DIGITS => say::Kind::Digits,
        number::PHRASE_NUMBER => say::Kind::Number,
        number::PHRASE_MONEY => say::Kind::Money,
        number::PHRASE_DATE => say::Kind::Date,
        other => fail!(E_ARGUMENT, "{other} is no kind of phrase"),
    };
    let folder = border::path(source.path, "The folder of the phrases")?;
    let text = border::text(source.text, "The text of the phrase")?;
    match say::phrases(language, kind, text) {
        Some(phrases) => Ok(phrases.iter().map(|phrase| folder.join(format!("{}.wav", phrase.0))).collect()),
        None => fail!(E_ARGUMENT, "{text:?} cannot be read as a phrase of this kind; see TR_PHRASE_ in tipring.h"),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_record(
    ctx: *mut Entry,
    channel: u64,
    sink: *const abi::Sink,
    conditions: *const abi::Until,
    until_count: usize,
    op: *mut u64,
) -> i32 {
    with(ctx, |context| {
        context.port_of(channel)?;
        let sink = border::structure(sink)?;
        border::unset(sink.reserved)?;
        let tracks = match sink.tracks {
            number::TRACKS_EACH => Tracks::Each,
            number::TRACKS_LEFT => Tracks::Left,
            number::TRACKS_SUM => Tracks::Sum,
            other => fail!(E_ARGUMENT, "{other} is no choice of tracks"),
        };
        let place = place(&sink, tracks)?;
        let until = until(conditions, until_count)?;
        let right = match sink.right_side {
            number::SIDE_SAYS => RightTrack::Says(sink.right),
            number::SIDE_HEARS => RightTrack::Hears(sink.right),
            other => fail!(E_ARGUMENT, "{other} is no side of a party"),
        };
        let record = Begin::Record { place, tracks, right, enhance: sink.enhance != 0 };
        begin(context, channel, record, until, op)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_record_pause(ctx: *mut Entry, op: u64, pause: u32) -> i32 {
    with(ctx, |context| context.call(|machine| machine.pause(op, pause != 0)).map(|()| 0))
}

fn place(sink: &abi::Sink, tracks: Tracks) -> Outcome<Place> {
    match sink.kind {
        number::SINK_FILE => {
            let path = border::path(sink.path, "The path")?;
            if path.exists() {
                fail!(E_IO, "{} exists already", path.display());
            }
            let part = part_of(path);
            if part.exists() {
                fail!(
                    E_IO,
                    "{} is there: a recording of this name is under way, or was cut off; rename or remove it",
                    part.display()
                );
            }
            if !path.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir()) {
                fail!(E_IO, "The folder of {} does not exist", path.display());
            }
            Ok(Place::File(path.to_owned()))
        }
        number::SINK_MEMORY => {
            if sink.samples.is_null() || sink.capacity < usize::from(tracks.count()) {
                fail!(E_ARGUMENT, "There is no room for a sample in the memory of the sink");
            }
            border::possible::<i16>(sink.capacity)?;
            Ok(Place::Memory(Room { at: sink.samples.expose_provenance(), capacity: sink.capacity }))
        }
        number::SINK_FUNCTION => match sink.write {
            Some(function) => Ok(Place::Function(Writer { function, user: sink.user.expose_provenance() })),
            None => fail!(E_ARGUMENT, "The function that takes sound is NULL"),
        },
        other => fail!(E_ARGUMENT, "{other} is no sink"),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_detect(
    ctx: *mut Entry,
    channel: u64,
    conditions: *const abi::Until,
    until_count: usize,
    op: *mut u64,
) -> i32 {
    with(ctx, |context| {
        context.port_of(channel)?;
        let until = until(conditions, until_count)?;
        if !until.iter().any(|condition| matches!(condition, Condition::Heard(_))) {
            fail!(E_ARGUMENT, "A detection needs a condition on what is heard");
        }
        begin(context, channel, Begin::Detect, until, op)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_ops(ctx: *mut Entry, ops: *mut abi::OpState, capacity: usize, sequence: *mut u64) -> i32 {
    with(ctx, |context| {
        let (read, at) = context.call(|machine| Ok((machine.ops(), machine.queue.sequence())))?;
        if !sequence.is_null() {
            border::store(sequence, at)?;
        }
        border::write_all(ops, capacity, &read)?;
        Ok(read.len() as i32)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_collect(
    ctx: *mut Entry,
    channel: u64,
    conditions: *const abi::Until,
    until_count: usize,
    clear_first: u32,
    op: *mut u64,
) -> i32 {
    with(ctx, |context| {
        context.port_of(channel)?;
        let until = until(conditions, until_count)?;
        if until.is_empty() {
            fail!(E_ARGUMENT, "A collection needs a condition that ends it");
        }
        begin(context, channel, Begin::Collect { clear_first: clear_first != 0 }, until, op)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_dial(ctx: *mut Entry, trunk: u64, number: *const c_char, timeout_ms: u32, op: *mut u64) -> i32 {
    with(ctx, |context| {
        context.port_of(trunk)?;
        let number = keys(border::text(number, "The number")?)?;
        let ms = if timeout_ms == 0 { DIAL_MS } else { timeout_ms };
        begin(context, trunk, Begin::Dial(number), vec![Condition::MaxTime(ms.into())], op)
    })
}

/// Keys of a telephone, without the pauses of a number that is dialled.
pub(super) fn pressed(text: &str) -> Outcome<&str> {
    if text.is_empty() || text.chars().any(|key| !KEYS.contains(key)) {
        fail!(E_ARGUMENT, "{text:?} cannot be pressed; use some of {KEYS}");
    }
    Ok(text)
}

fn keys(text: &str) -> Outcome<tipring_driver::line::Number> {
    if text.is_empty() || text.chars().any(|key| !KEYS.contains(key) && key != ',') {
        fail!(E_ARGUMENT, "{text:?} cannot be dialled; use {KEYS} and commas for pauses");
    }
    telephone_number(text)
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_send_digits(ctx: *mut Entry, trunk: u64, digits: *const c_char) -> i32 {
    with(ctx, |context| {
        let digits = keys(border::text(digits, "The keys")?)?;
        context.call(|machine| machine.send_digits(trunk, digits)).map(|()| 0)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_op_stop(ctx: *mut Entry, op: u64) -> i32 {
    with(ctx, |context| context.call(|machine| machine.stop(op)).map(|()| 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_op_wait(ctx: *mut Entry, op: u64, timeout_ms: u32, result: *mut abi::OpResult) -> i32 {
    with(ctx, |context| {
        if !result.is_null() {
            border::structure(result.cast_const())?;
        }
        let Some(finished) = context.wait_op(op, timeout(timeout_ms))? else { return Ok(0) };
        if !result.is_null() {
            let read = abi::OpResult {
                size: size_of::<abi::OpResult>() as u32,
                reason: finished.reason,
                met: finished.met,
                cause: finished.cause,
                duration_ms: finished.duration_ms,
                samples: finished.samples,
                text: finished.text.octets(),
            };
            border::write(result, &read)?;
        }
        Ok(1)
    })
}
