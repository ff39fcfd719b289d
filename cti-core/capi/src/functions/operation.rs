//! The operations of `tipring.h`: lists of conditions and sources read, then begun.
//!
//! Never: touches the media thread; sound is read and made in the caller's.

use std::path::Path;
use std::sync::Arc;

use tipring_driver::media::file_io::PromptSource;
use tipring_driver::media::wav::PromptReader;

use super::{telephone_number, timeout, with};
use crate::abi::{self, number};
use crate::border::{self, Entry};
use crate::context::Context;
use crate::failure::{Failure, Outcome, fail};
use crate::machine::{Begin, Condition, Until};
use std::ffi::c_char;

/// Conditions of an operation, and sources of a play list.
const CONDITIONS_MAX: usize = 16;
const SOURCES_MAX: usize = 256;
/// Sound that is put together in memory, in samples: ten minutes.
const SAMPLES_MAX: usize = 600 * RATE as usize;
/// Samples a second.
const RATE: u32 = 8_000;
/// Amplitude of a sine of 0 dBm0.
const FULL: f64 = 22_827.0;
/// Time for a call out to be answered by default, in ms.
const DIAL_MS: u32 = 60_000;
/// The keys there are.
const KEYS: &str = "0123456789*#ABCD";

fn until(conditions: *const abi::Until, count: usize) -> Outcome<Until> {
    border::structures(conditions, count, CONDITIONS_MAX)?.into_iter().map(condition).collect()
}

fn condition(given: abi::Until) -> Outcome<Condition> {
    let time = || match given.value {
        0 => fail!(E_ARGUMENT, "A condition's time is zero"),
        ms => Ok(u64::from(ms)),
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
        number::UNTIL_FIRST_DIGIT => Condition::FirstDigit(time()?),
        number::UNTIL_INTER_DIGIT => Condition::InterDigit(time()?),
        number::UNTIL_MAX_TIME => Condition::MaxTime(time()?),
        other => fail!(E_ARGUMENT, "{other} is no condition"),
    })
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
        begin(context, channel, Begin::Play(sound(&sources)?), until, op)
    })
}

/// The sound of a list: one whole file is streamed, everything else is put together here, so that no gap is heard.
fn sound(sources: &[abi::Source]) -> Outcome<PromptSource> {
    match sources {
        [] => fail!(E_ARGUMENT, "A play list has at least one source"),
        [file] if file.kind == number::SOURCE_FILE && file.start_ms == 0 && file.length_ms == 0 => {
            let path = Path::new(border::text(file.path, "The path")?);
            // Opened once to say at once what is wrong with it.
            PromptReader::open(path).map_err(of_file(path))?;
            Ok(PromptSource::File(path.to_owned()))
        }
        list => {
            let mut samples = Vec::new();
            for source in list {
                append(&mut samples, source)?;
                if samples.len() > SAMPLES_MAX {
                    fail!(E_RESOURCE, "A play list that is put together is at most ten minutes long");
                }
            }
            Ok(PromptSource::Samples(Arc::from(samples)))
        }
    }
}

fn of_file(path: &Path) -> impl FnOnce(tipring_driver::media::wav::WavError) -> Failure {
    let path = path.display().to_string();
    move |why| Failure::new(abi::error::E_IO, format!("{path}: {why}"))
}

/// The part of `all` that a source asks for.
fn part<'a>(all: &'a [i16], source: &abi::Source) -> &'a [i16] {
    let samples = |ms: u32| ms as usize * (RATE as usize / 1000);
    let rest = all.get(samples(source.start_ms)..).unwrap_or(&[]);
    match source.length_ms {
        0 => rest,
        ms => &rest[..samples(ms).min(rest.len())],
    }
}

fn append(samples: &mut Vec<i16>, source: &abi::Source) -> Outcome<()> {
    match source.kind {
        number::SOURCE_FILE => {
            let path = Path::new(border::text(source.path, "The path")?);
            let mut reader = PromptReader::open(path).map_err(of_file(path))?;
            let mut all = Vec::new();
            let mut piece = [0; 4096];
            loop {
                let read = reader.read(&mut piece).map_err(of_file(path))?;
                all.extend_from_slice(&piece[..read]);
                if read < piece.len() || all.len() > SAMPLES_MAX {
                    break;
                }
            }
            samples.extend_from_slice(part(&all, source));
        }
        number::SOURCE_MEMORY => {
            samples.extend_from_slice(part(border::samples(source.samples, source.count)?, source))
        }
        number::SOURCE_TONE => tone(samples, source)?,
        number::SOURCE_SILENCE if source.length_ms > 0 => {
            samples.resize(samples.len() + source.length_ms as usize * (RATE as usize / 1000), 0);
        }
        number::SOURCE_SILENCE => fail!(E_ARGUMENT, "A silence has a length"),
        other => fail!(E_ARGUMENT, "{other} is no source"),
    }
    Ok(())
}

fn tone(samples: &mut Vec<i16>, source: &abi::Source) -> Outcome<()> {
    let hertz = [f64::from(source.hertz), f64::from(source.hertz2)];
    let level = f64::from(source.level_dbm0);
    if !(1.0..4000.0).contains(&hertz[0]) || !(0.0..4000.0).contains(&hertz[1]) {
        fail!(E_ARGUMENT, "A tone lies between 1 and 4,000 Hz");
    }
    if !(-60.0..=0.0).contains(&level) || source.length_ms == 0 {
        fail!(E_ARGUMENT, "A tone has a level of -60 to 0 dBm0 and a length");
    }
    let amplitude = FULL * 10f64.powf(level / 20.0);
    for n in 0..source.length_ms * (RATE / 1000) {
        let turns = |hertz: f64| (std::f64::consts::TAU * hertz * f64::from(n) / f64::from(RATE)).sin();
        let sum = amplitude * (turns(hertz[0]) + if hertz[1] > 0.0 { turns(hertz[1]) } else { 0.0 });
        samples.push(sum.clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16);
    }
    Ok(())
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
        let path = Path::new(border::text(sink.path, "The path")?);
        if path.exists() {
            fail!(E_IO, "{} exists already", path.display());
        }
        if !path.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir()) {
            fail!(E_IO, "The folder of {} does not exist", path.display());
        }
        let until = until(conditions, until_count)?;
        let record = Begin::Record { path: path.to_owned(), right: sink.right, enhance: sink.enhance != 0 };
        begin(context, channel, record, until, op)
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
