//! The functions of `tipring_sim.h`.
//!
//! Never: acts on a port that is not simulated.

use std::ffi::c_char;

use tipring_hw_sim::network::exchange::Refusal;

use super::operation::pressed;
use super::{caller_name, caller_number, field, with};
use tipring_hw_sim::network::impairment::ECHO_DELAY_MAX_MS;

use crate::abi::{self, number};
use crate::border::{self, Entry};
use crate::failure::{Outcome, fail};
use crate::sim::Port;

fn far_end(ctx: *mut Entry, port: u32, act: impl FnOnce(&mut Port) -> Outcome<()>) -> i32 {
    with(ctx, |context| context.far_end(port as usize, act).map(|()| 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_sim_advance(ctx: *mut Entry, ms: u32) -> i32 {
    with(ctx, |context| context.advance(ms).map(|()| 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_sim_call(ctx: *mut Entry, port: u32, number: *const c_char, name: *const c_char) -> i32 {
    far_end(ctx, port, |end| {
        let number = border::text_or_null(number)?;
        let name = border::text_or_null(name)?.map(caller_name).transpose()?;
        // "P" says that the number is withheld.
        if let Some(number) = number.filter(|number| *number != "P") {
            caller_number(number)?;
        }
        end.call(number, name)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_sim_answer(ctx: *mut Entry, port: u32) -> i32 {
    far_end(ctx, port, Port::answer)
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_sim_refuse(ctx: *mut Entry, port: u32, how: u32) -> i32 {
    far_end(ctx, port, |end| {
        end.refuse(match how {
            0 => None,
            number::SIM_BUSY => Some(Refusal::Engaged),
            number::SIM_CONGESTION => Some(Refusal::NoWay),
            number::SIM_UNOBTAINABLE => Some(Refusal::Unobtainable),
            other => fail!(E_ARGUMENT, "{other} is no way to refuse a call"),
        })
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_sim_hangup(ctx: *mut Entry, port: u32) -> i32 {
    far_end(ctx, port, Port::hang_up)
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_sim_loop_break(ctx: *mut Entry, port: u32, ms: u32) -> i32 {
    far_end(ctx, port, |end| match u16::try_from(ms) {
        Ok(ms) => end.dip(ms),
        Err(_) => fail!(E_ARGUMENT, "A loop break is at most {} ms long", u16::MAX),
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_sim_lift(ctx: *mut Entry, port: u32) -> i32 {
    far_end(ctx, port, Port::lift)
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_sim_put_down(ctx: *mut Entry, port: u32) -> i32 {
    far_end(ctx, port, Port::put_down)
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_sim_flash(ctx: *mut Entry, port: u32, ms: u32) -> i32 {
    far_end(ctx, port, |end| end.flash(ms))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_sim_keys(ctx: *mut Entry, port: u32, keys: *const c_char) -> i32 {
    far_end(ctx, port, |end| end.keys(pressed(border::text(keys, "The keys")?)?))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_sim_speak(ctx: *mut Entry, port: u32, samples: *const i16, count: usize) -> i32 {
    far_end(ctx, port, |end| end.speak(border::samples(samples, count)?))
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_sim_heard(ctx: *mut Entry, port: u32, samples: *mut i16, capacity: usize) -> i64 {
    with(ctx, |context| {
        let room = border::room(samples, capacity)?;
        context.far_end(port as usize, |end| Ok(end.heard(room) as i32))
    })
    .into()
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_sim_noise(ctx: *mut Entry, port: u32, dbm0: f32) -> i32 {
    far_end(ctx, port, |end| {
        if dbm0 != 0.0 && !(-70.0..=-20.0).contains(&dbm0) {
            fail!(E_ARGUMENT, "Noise is -70 to -20 dBm0, or 0 for none");
        }
        end.noise((dbm0 != 0.0).then_some(dbm0));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_sim_echo(ctx: *mut Entry, port: u32, loss_db: f32, delay_ms: u32) -> i32 {
    far_end(ctx, port, |end| {
        let delay = u16::try_from(delay_ms).ok().filter(|ms| *ms <= ECHO_DELAY_MAX_MS);
        let (Some(delay), true) = (delay, loss_db == 0.0 || (1.0..=60.0).contains(&loss_db)) else {
            fail!(E_ARGUMENT, "An echo is lost by 1 to 60 dB, or 0 for none, and late by 0 to {ECHO_DELAY_MAX_MS} ms");
        };
        end.echo((loss_db != 0.0).then_some(loss_db), delay);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_sim_state_read(ctx: *mut Entry, port: u32, state: *mut abi::SimState) -> i32 {
    far_end(ctx, port, |end| {
        let (off_hook, ringing, rings, number) = end.state();
        let read = abi::SimState {
            size: size_of::<abi::SimState>() as u32,
            off_hook: off_hook.into(),
            ringing: ringing.into(),
            rings,
            dialled: field(number),
        };
        border::write(state, &read)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_sim_fault(ctx: *mut Entry, port: u32, fault: u32, on: u32) -> i32 {
    far_end(ctx, port, |end| end.fault(fault, on != 0))
}
