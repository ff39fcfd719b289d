//! The functions of `tipring.h`, in its order. Each checks its arguments and hands over.
//!
//! Never: decides anything about a line or an operation.

#![allow(unsafe_code)]
#![allow(missing_docs, reason = "each function is documented in tipring.h")]

pub mod maintenance;
pub mod operation;
pub mod simulation;
#[cfg(test)]
mod tests;

use std::ffi::{c_char, c_void};
use std::ops::RangeInclusive;
use std::time::Duration;

use tipring_core::channel::{State as LineState, Word};
use tipring_driver::dsp::caller_id::message::{NAME_SENT_MAX, name_octets};
use tipring_driver::line::{CallerId, LineCommand, Number};
use tipring_driver::media::MediaSettings;
use tipring_driver::media::gain::{GAIN_MAX_TENTHS_DB, Gain};
use tipring_driver::media::{Role, ToneKind};

use crate::abi::{self, number};
use crate::border::{self, Entry, Opened, guard};
use crate::context::log::Log;
use crate::context::{Config, Context};
use crate::failure::{Outcome, fail};
use crate::machine::event;
use crate::text::{CText, of_error};

/// Cards of a context.
const CARDS_MAX: u32 = 128;
/// Echo tails that can be asked for, in ms.
const ECHO_TAIL_MS: RangeInclusive<u32> = 4..=128;

#[unsafe(no_mangle)]
pub extern "C" fn tr_abi_version() -> u32 {
    abi::ABI_VERSION
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_strerror(error: i32, language: u32) -> *const c_char {
    of_error(error, language).as_ptr()
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_last_detail(buffer: *mut c_char, capacity: usize) -> usize {
    border::last_detail(buffer, capacity)
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_open(config: *const abi::Config, ctx: *mut *mut Entry) -> i32 {
    guard(|| {
        let given = border::structure(config)?;
        border::store(ctx, std::ptr::null_mut())?;
        border::unset(given.reserved)?;
        let config = Config {
            cards: border::texts(given.cards, given.card_count, CARDS_MAX)?,
            country: border::text_or_null(given.country)?.unwrap_or("CN").to_owned(),
            queue: given.queue_capacity,
            virtual_clock: given.virtual_clock != 0,
            echo_tail_ms: echo_tail(given.echo_tail_ms)?,
            log: Log::new(given.log, given.log_user.expose_provenance()),
        };
        let opened = Opened::new()?;
        let context = Context::open(Entry::next_number(), config)?;
        border::store(ctx, Entry::leak(context, opened))?;
        Ok(0)
    })
}

/// The echo tail of tr_config, as the engine takes it.
fn echo_tail(ms: u32) -> Outcome<u32> {
    match ms {
        0 => Ok(MediaSettings::default().echo_tail_ms),
        number::ECHO_OFF => Ok(0),
        ms if ECHO_TAIL_MS.contains(&ms) => Ok(ms),
        ms => fail!(E_ARGUMENT, "An echo tail of {ms} ms is not among {ECHO_TAIL_MS:?} ms, 0 and TR_ECHO_OFF"),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_close(ctx: *mut Entry, drain_ms: u32) -> i32 {
    guard(|| {
        let entry = Entry::of(ctx)?;
        entry.with(|context| context.close(Duration::from_millis(drain_ms.into())))?;
        entry.forget();
        Ok(0)
    })
}

/// Runs a call on an open context.
pub(crate) fn with(ctx: *mut Entry, act: impl FnOnce(&std::sync::Arc<Context>) -> Outcome<i32>) -> i32 {
    guard(|| Entry::of(ctx)?.with(act))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_port_count(ctx: *mut Entry) -> i32 {
    with(ctx, |context| Ok(context.port_count() as i32))
}

fn state_of((kind, word): (u32, Word)) -> abi::State {
    abi::State {
        size: size_of::<abi::State>() as u32,
        kind,
        state: event::state(word.state),
        cause: event::cause(word.cause),
        r#use: word.generation.number(),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_port_state(ctx: *mut Entry, port: u32, state: *mut abi::State) -> i32 {
    with(ctx, |context| match context.port(port as usize) {
        Some(read) => border::write(state, &state_of(read)).map(|()| 0),
        None => fail!(E_ARGUMENT, "There is no port {port}"),
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_channel_open(ctx: *mut Entry, path: *const c_char, user: *mut c_void, channel: *mut u64) -> i32 {
    with(ctx, |context| {
        border::store(channel, 0)?;
        let path = border::text(path, "The path")?;
        let port = match path.split_once('/') {
            Some((card, port)) => card.parse().ok().zip(port.parse().ok()).and_then(|(c, p)| context.port_on(c, p)),
            None => path.parse().ok(),
        };
        let Some(port) = port else { fail!(E_ARGUMENT, "{path:?} is no channel; use CARD/PORT, such as 0/3") };
        border::store(channel, context.call(|machine| machine.open(port, user.expose_provenance()))?)?;
        Ok(0)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_channel_close(ctx: *mut Entry, channel: u64) -> i32 {
    with(ctx, |context| context.call(|machine| machine.close(channel)).map(|()| 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_channel_state(ctx: *mut Entry, channel: u64, state: *mut abi::State) -> i32 {
    if let Some(read) = border::quick_state(ctx, channel)
        && border::quick_write(state, || state_of(read))
    {
        return 0;
    }
    checked_channel_state(ctx, channel, state)
}

/// `tr_channel_state` for a call with a fault, or a structure of another size: out of the way of the quick read.
#[cold]
#[inline(never)]
fn checked_channel_state(ctx: *mut Entry, channel: u64, state: *mut abi::State) -> i32 {
    guard(|| match Entry::of(ctx)?.state(channel) {
        Some(read) => border::write(state, &state_of(read)).map(|()| 0),
        None => fail!(E_STALE, "No channel is open under this handle"),
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_snapshot(ctx: *mut Entry, states: *mut abi::State, capacity: usize, sequence: *mut u64) -> i32 {
    with(ctx, |context| {
        let (read, at) = context.snapshot()?;
        if !sequence.is_null() {
            border::store(sequence, at)?;
        }
        let read: Vec<abi::State> = read.into_iter().map(state_of).collect();
        border::write_all(states, capacity, &read)?;
        Ok(read.len() as i32)
    })
}

fn timeout(ms: u32) -> Option<Duration> {
    (ms != number::FOREVER).then(|| Duration::from_millis(ms.into()))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_event_next(ctx: *mut Entry, event: *mut abi::Event, timeout_ms: u32) -> i32 {
    with(ctx, |context| {
        // Checked before an event is taken: none may be lost to a bad pointer.
        border::structure(event.cast_const())?;
        match context.next_event(timeout(timeout_ms))? {
            Some((sequence, taken)) => border::write(event, &taken.to_abi(sequence)).map(|()| 1),
            None => Ok(0),
        }
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_event_fd(ctx: *mut Entry) -> i32 {
    with(ctx, |context| Ok(context.descriptor()))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_set_handler(ctx: *mut Entry, handler: Option<abi::EventFn>, user: *mut c_void) -> i32 {
    with(ctx, |context| context.set_handler(handler.map(|handler| (handler, user.expose_provenance()))).map(|()| 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_event_post(ctx: *mut Entry, value: u64, user: *mut c_void) -> i32 {
    with(ctx, |context| context.call(|machine| machine.post(value, user.expose_provenance())).map(|()| 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_timer_start(
    ctx: *mut Entry,
    interval_ms: u32,
    periodic: u32,
    user: *mut c_void,
    timer: *mut u64,
) -> i32 {
    with(ctx, |context| {
        border::store(timer, 0)?;
        let user = user.expose_provenance();
        border::store(timer, context.call(|machine| machine.start_timer(interval_ms, periodic != 0, user))?)?;
        Ok(0)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_timer_stop(ctx: *mut Entry, timer: u64) -> i32 {
    with(ctx, |context| context.call(|machine| machine.stop_timer(timer)).map(|()| 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_answer(ctx: *mut Entry, trunk: u64) -> i32 {
    with(ctx, |context| context.call(|machine| machine.answer(trunk)).map(|()| 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_release(ctx: *mut Entry, channel: u64) -> i32 {
    with(ctx, |context| context.call(|machine| machine.release(channel)).map(|()| 0))
}

/// A number as the lines take it.
fn telephone_number(text: &str) -> Outcome<Number> {
    match Number::from(text) {
        Ok(number) => Ok(number),
        Err(_) => fail!(E_ARGUMENT, "{text:?} is longer than the {} keys a number may have", Number::new().capacity()),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_ring(ctx: *mut Entry, station: u64, number: *const c_char, name: *const c_char) -> i32 {
    with(ctx, |context| {
        let mut caller = None;
        if let Some(text) = border::text_or_null(number)? {
            let mut known = CallerId { number: telephone_number(caller_number(text)?)?, ..CallerId::default() };
            let name = border::text_or_null(name)?.unwrap_or("");
            caller_name(name)?;
            if known.name.try_push_str(name).is_err() {
                fail!(E_ARGUMENT, "{name:?} is longer than a name may be");
            }
            caller = Some(known);
        } else if !name.is_null() {
            fail!(E_ARGUMENT, "A name is sent with a number only; an empty one stands for none");
        }
        context.call(|machine| machine.ring(station, caller)).map(|()| 0)
    })
}

/// A number as caller ID carries it; an empty one says that there is none.
fn caller_number(text: &str) -> Outcome<&str> {
    if text.chars().any(|key| !matches!(key, '0'..='9' | '*' | '#' | '+')) {
        fail!(E_ARGUMENT, "{text:?} cannot be sent as a number; use 0 to 9, *, # and +");
    }
    Ok(text)
}

/// A name as caller ID carries it.
fn caller_name(text: &str) -> Outcome<Vec<u8>> {
    match name_octets(text) {
        Some(octets) => Ok(octets.to_vec()),
        None => fail!(E_ARGUMENT, "{text:?} cannot be sent as a name: at most {NAME_SENT_MAX} octets of GB 2312"),
    }
}

fn line(ctx: *mut Entry, channel: u64, kind: u32, state: LineState, command: LineCommand) -> i32 {
    with(ctx, |context| context.call(|machine| machine.line(channel, kind, state, command)).map(|()| 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_flash(ctx: *mut Entry, trunk: u64) -> i32 {
    line(ctx, trunk, number::KIND_TRUNK, LineState::InUse, LineCommand::Flash)
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_disconnect(ctx: *mut Entry, station: u64) -> i32 {
    line(ctx, station, number::KIND_STATION, LineState::InUse, LineCommand::Disconnect)
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_message_waiting(ctx: *mut Entry, station: u64, on: u32) -> i32 {
    line(ctx, station, number::KIND_STATION, LineState::Idle, LineCommand::MessageWaiting(on != 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_tone(ctx: *mut Entry, channel: u64, tone: u32) -> i32 {
    with(ctx, |context| {
        let tone = match tone {
            number::TONE_NONE => None,
            number::TONE_DIAL => Some(ToneKind::Dial),
            number::TONE_RINGBACK => Some(ToneKind::Ringback),
            number::TONE_BUSY => Some(ToneKind::Busy),
            number::TONE_CONGESTION => Some(ToneKind::Congestion),
            number::TONE_ZIP => Some(ToneKind::Zip),
            other => fail!(E_ARGUMENT, "{other} is no tone"),
        };
        context.call(|machine| machine.tone(channel, tone)).map(|()| 0)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_gain(ctx: *mut Entry, channel: u64, hears_tenth_db: i32, says_tenth_db: i32) -> i32 {
    with(ctx, |context| {
        let checked = |tenths: i32| match i16::try_from(tenths) {
            Ok(tenths) if tenths.abs() <= GAIN_MAX_TENTHS_DB => Ok(tenths),
            _ => fail!(E_ARGUMENT, "A gain is -{GAIN_MAX_TENTHS_DB} to {GAIN_MAX_TENTHS_DB} tenths of a decibel"),
        };
        let gain = Gain { hears: checked(hears_tenth_db)?, says: checked(says_tenth_db)? };
        context.call(|machine| machine.gain(channel, gain)).map(|()| 0)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_bridge(ctx: *mut Entry, a: u64, b: u64) -> i32 {
    with(ctx, |context| context.call(|machine| machine.bridge(a, b)).map(|()| 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_unbridge(ctx: *mut Entry, a: u64, b: u64) -> i32 {
    with(ctx, |context| context.call(|machine| machine.unbridge(a, b)).map(|()| 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_listen(ctx: *mut Entry, listener: u64, talker: u64) -> i32 {
    with(ctx, |context| context.call(|machine| machine.listen(listener, talker)).map(|()| 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_unlisten(ctx: *mut Entry, listener: u64, talker: u64) -> i32 {
    with(ctx, |context| context.call(|machine| machine.unlisten(listener, talker)).map(|()| 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_conference_create(ctx: *mut Entry, conference: *mut u64) -> i32 {
    with(ctx, |context| {
        border::store(conference, 0)?;
        border::store(conference, context.call(|machine| machine.conference_create())?).map(|()| 0)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_conference_destroy(ctx: *mut Entry, conference: u64) -> i32 {
    with(ctx, |context| context.call(|machine| machine.conference_destroy(conference)).map(|()| 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_conference_join(ctx: *mut Entry, conference: u64, channel: u64, role: u32) -> i32 {
    with(ctx, |context| {
        let role = match role {
            number::ROLE_PARTY => Role::Party,
            number::ROLE_LISTENER => Role::Listener,
            number::ROLE_TALKER => Role::Talker,
            other => fail!(E_ARGUMENT, "{other} is no role"),
        };
        context.call(|machine| machine.join(conference, channel, role)).map(|()| 0)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_conference_leave(ctx: *mut Entry, conference: u64, channel: u64) -> i32 {
    with(ctx, |context| context.call(|machine| machine.conference_leave(conference, channel)).map(|()| 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_counters_read(ctx: *mut Entry, counters: *mut abi::Counters) -> i32 {
    with(ctx, |context| {
        let (engine, events, events_lost) = context.counted();
        let read = abi::Counters {
            size: size_of::<abi::Counters>() as u32,
            reserved: 0,
            ticks: engine.ticks,
            late_ticks: engine.late_ticks,
            longest_wait_ms: engine.longest_wait_ms,
            commands_refused: engine.commands_refused,
            events,
            events_lost,
            dry_ticks: engine.player_dry_ticks,
            gap_ticks: engine.recorder_lost_ticks,
        };
        border::write(counters, &read).map(|()| 0)
    })
}

/// A text in a structure's field.
pub(crate) fn field(text: &str) -> [c_char; abi::TEXT_MAX] {
    CText::<{ abi::TEXT_MAX }>::new(text).octets()
}
