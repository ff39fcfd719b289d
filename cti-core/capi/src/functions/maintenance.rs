//! Maintenance of `tipring.h`: self tests and traces.
//!
//! Never: decides whether a line can be tested.

use std::ffi::c_char;

use super::with;
use crate::abi::number;
use crate::border::{self, Entry};
use crate::failure::Outcome;

fn begun(op: *mut u64, handle: u64) -> Outcome<i32> {
    if op.is_null() {
        return Ok(0);
    }
    border::store(op, handle).map(|()| 0)
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_self_test(ctx: *mut Entry, card: u32, port: u32, op: *mut u64) -> i32 {
    with(ctx, |context| {
        let port = (port != number::ALL_PORTS).then_some(port as usize);
        begun(op, context.call(|machine| machine.self_test(card as usize, port))?)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tr_trace(ctx: *mut Entry, card: u32, path: *const c_char, op: *mut u64) -> i32 {
    with(ctx, |context| begun(op, context.trace(card as usize, border::path(path, "The path")?)?))
}
