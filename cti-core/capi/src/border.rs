//! The border to C: pointers checked, structures read by their size, panics stopped, failures remembered.
//!
//! Never: follows a pointer that is NULL, or lets a panic out.

#![allow(unsafe_code)]

use std::cell::RefCell;
use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Once};

use parking_lot::RwLock;
use tipring_core::channel::{ChannelTable, Word};
use tipring_driver::ids::ChannelId;

use crate::abi::{Sized32, error};
use crate::context::{Context, log};
use crate::failure::{Failure, Outcome, fail};
use crate::machine::Ports;

/// The largest structure that a newer program may hand in, in octets.
const STRUCTURE_MAX: u32 = 4096;
/// The longest text that is read, in octets.
const TEXT_MAX: usize = 4096;

thread_local! {
    static DETAIL: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Forks that led to this process since the library was loaded.
static FORKS: AtomicU32 = AtomicU32::new(0);
/// Contexts that are open, or on their way to it.
static OPEN: AtomicU32 = AtomicU32::new(0);
/// A context was open at a fork that led here: its threads are gone, and with them what they held.
static FORKED_OPEN: AtomicBool = AtomicBool::new(false);
static CONTEXTS: AtomicU32 = AtomicU32::new(0);

/// The target of a `tr_ctx` pointer. It is never freed: a pointer to a closed context stays good for an error.
pub struct Entry {
    context: RwLock<Option<(Arc<Context>, Opened)>>,
    open: AtomicBool,
    /// The process that it belongs to, by its forks.
    forks: u32,
    /// For reading states without the lock.
    ports: Arc<Ports>,
    table: Arc<ChannelTable>,
}

/// A context that counts as open until this goes.
pub struct Opened(());

impl Opened {
    /// Counts one more.
    ///
    /// # Errors
    /// `E_FORKED` in a child of a process that had a context open at the fork.
    pub fn new() -> Outcome<Opened> {
        static AT_FORK: Once = Once::new();
        AT_FORK.call_once(|| {
            // SAFETY: the handler works on atomics alone and is never unloaded.
            unsafe { libc::pthread_atfork(None, None, Some(child_of_fork)) };
        });
        if FORKED_OPEN.load(Ordering::Relaxed) {
            fail!(E_FORKED, "A context was open when this process was forked; close it before the fork, or call exec");
        }
        OPEN.fetch_add(1, Ordering::Relaxed);
        Ok(Opened(()))
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

extern "C" fn child_of_fork() {
    FORKS.fetch_add(1, Ordering::Relaxed);
    if OPEN.load(Ordering::Relaxed) > 0 {
        FORKED_OPEN.store(true, Ordering::Relaxed);
    }
}

/// Runs the body of a function: its failures, and panics, become numbers.
pub fn guard(body: impl FnOnce() -> Outcome<i32>) -> i32 {
    let outcome = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        Err(Failure::new(error::E_INTERNAL, format!("A panic: {}", text.unwrap_or("without a text"))))
    });
    match outcome {
        Ok(value) => value,
        Err(failure) => {
            DETAIL.with_borrow_mut(|detail| failure.detail.as_ref().clone_into(detail));
            failure.error
        }
    }
}

/// The sentence of this thread's last failure.
pub fn last_detail(buffer: *mut c_char, capacity: usize) -> usize {
    DETAIL.with_borrow(|detail| {
        if !buffer.is_null() && capacity > 0 {
            let fits = detail.floor_char_boundary(detail.len().min(capacity - 1));
            // SAFETY: the program promised `capacity` octets at `buffer`; `fits` is less.
            unsafe {
                std::ptr::copy_nonoverlapping(detail.as_ptr().cast(), buffer, fits);
                *buffer.add(fits) = 0;
            }
        }
        detail.len()
    })
}

impl Entry {
    /// The number of the next context of this process.
    pub fn next_number() -> u16 {
        (CONTEXTS.fetch_add(1, Ordering::Relaxed) + 1) as u16
    }

    /// An entry for good.
    pub fn leak(context: Arc<Context>, opened: Opened) -> *mut Entry {
        let (ports, table) = context.readable_by_all();
        let (context, forks) = (RwLock::new(Some((context, opened))), FORKS.load(Ordering::Relaxed));
        let entry = Entry { context, open: AtomicBool::new(true), forks, ports, table };
        Box::into_raw(Box::new(entry))
    }

    /// The entry behind a pointer.
    ///
    /// # Errors
    /// `E_ARGUMENT` for NULL, `E_FORKED` for one of another process.
    pub fn of<'a>(pointer: *mut Entry) -> Outcome<&'a Entry> {
        // SAFETY: a pointer that is not NULL came from tr_open, and entries are never freed.
        match unsafe { pointer.as_ref() } {
            Some(entry) if entry.forks == FORKS.load(Ordering::Relaxed) => Ok(entry),
            Some(_) => fail!(E_FORKED, "The context belongs to the process that opened it, not to a child of it"),
            None => fail!(E_ARGUMENT, "The context is NULL"),
        }
    }

    /// Does something with the open context. Several threads may; closing waits for all of them.
    ///
    /// # Errors
    /// `E_STALE` for one that was closed; `E_STATE` from the log's function.
    pub fn with<R>(&self, act: impl FnOnce(&Arc<Context>) -> Outcome<R>) -> Outcome<R> {
        if log::is_inside() {
            fail!(E_STATE, "The function of the log cannot call a context");
        }
        match self.context.read().as_ref() {
            Some((context, _)) => act(context),
            None => Err(Failure { error: error::E_STALE, detail: "The context is closed".into() }),
        }
    }

    /// Forgets the context once no other thread is in a call.
    pub fn forget(&self) {
        self.open.store(false, Ordering::Release);
        let context = self.context.write().take();
        // The context goes before it stops to count.
        drop(context);
    }

    /// A channel's kind and word: a few loads, no lock. `None` for a stale handle, and in another process.
    #[inline]
    pub fn state(&self, channel: u64) -> Option<(u32, Word)> {
        if self.forks != FORKS.load(Ordering::Relaxed) {
            return None;
        }
        let port = crate::slots::slot_of(channel);
        let open = self.ports.handle.get(port)?.load(Ordering::Acquire);
        if channel == 0 || open != channel || !self.open.load(Ordering::Acquire) {
            return None;
        }
        Some((self.ports.kind.get(port)?.load(Ordering::Relaxed), self.table.read(ChannelId(port as u16))))
    }
}

/// A channel's kind and word where nothing is wrong, without the guard: nothing here can panic. `None` sends the call
/// the way that finds out why.
#[inline]
pub fn quick_state(ctx: *mut Entry, channel: u64) -> Option<(u32, Word)> {
    // SAFETY: as in `Entry::of`.
    unsafe { ctx.as_ref() }?.state(channel)
}

/// Writes a structure into one of exactly its size; returns false for any other.
#[inline]
pub fn quick_write<T: Sized32>(pointer: *mut T, value: impl FnOnce() -> T) -> bool {
    // SAFETY: a structure begins with its size (Sized32); where that is the size of T, there is room for a T. Its own
    // size is what is written there.
    unsafe {
        if pointer.is_null() || pointer.cast::<u32>().read_unaligned() as usize != size_of::<T>() {
            return false;
        }
        pointer.write_unaligned(value());
    }
    true
}

/// Reads a structure of the program: what it left out is zero, what this library does not know must be.
///
/// # Errors
/// `E_ARGUMENT` for NULL, `E_SIZE`.
pub fn structure<T: Sized32>(pointer: *const T) -> Outcome<T> {
    if pointer.is_null() {
        fail!(E_ARGUMENT, "A structure is NULL");
    }
    let known = size_of::<T>();
    // SAFETY: a structure begins with its size (Sized32), and the program promised that many octets. T may be any
    // pattern of octets, zero included.
    unsafe {
        let size = pointer.cast::<u32>().read_unaligned();
        if !(8..=STRUCTURE_MAX).contains(&size) {
            fail!(E_SIZE, "A structure says it has {size} octets; set its size, or use its INIT macro");
        }
        let size = size as usize;
        let octets = pointer.cast::<u8>();
        if (known..size).any(|at| octets.add(at).read() != 0) {
            fail!(E_SIZE, "A structure has {size} octets and sets something this library of {known} does not know");
        }
        let mut value: T = std::mem::zeroed();
        std::ptr::copy_nonoverlapping(octets, (&raw mut value).cast::<u8>(), size.min(known));
        Ok(value)
    }
}

/// Reads an array of structures, each as long as the first says.
///
/// # Errors
/// As [`structure`]; `E_ARGUMENT` for more than `most`.
pub fn structures<T: Sized32>(pointer: *const T, count: usize, most: usize) -> Outcome<Vec<T>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if count > most {
        fail!(E_ARGUMENT, "A list of {count} has more than {most} entries");
    }
    let first = structure(pointer)?;
    // SAFETY: as in `structure`, which has read the first.
    let stride = unsafe { pointer.cast::<u32>().read_unaligned() } as usize;
    let mut all = vec![first];
    for index in 1..count {
        // SAFETY: the program promised `count` structures one behind the other.
        all.push(structure(unsafe { pointer.cast::<u8>().add(index * stride) }.cast::<T>())?);
    }
    Ok(all)
}

/// Writes a structure for the program, as much of it as it has room for; its own size stays.
///
/// # Errors
/// As [`structure`].
pub fn write<T: Sized32>(pointer: *mut T, value: &T) -> Outcome<()> {
    if pointer.is_null() {
        fail!(E_ARGUMENT, "A structure is NULL");
    }
    // SAFETY: the program promised as many octets as the structure's size says; the size itself is not overwritten.
    unsafe {
        let size = pointer.cast::<u32>().read_unaligned();
        if !(8..=STRUCTURE_MAX).contains(&size) {
            fail!(E_SIZE, "A structure says it has {size} octets; set its size, or use its INIT macro");
        }
        if size as usize == size_of::<T>() {
            // The usual case, with a length known to the compiler.
            let octets = size_of::<T>() - 4;
            std::ptr::copy_nonoverlapping((&raw const *value).cast::<u8>().add(4), pointer.cast::<u8>().add(4), octets);
            return Ok(());
        }
        let octets = (size as usize).min(size_of::<T>());
        std::ptr::copy_nonoverlapping((&raw const *value).cast::<u8>().add(4), pointer.cast::<u8>().add(4), octets - 4);
    }
    Ok(())
}

/// Writes structures for the program, as many as it has room for, each as long as it says itself.
///
/// # Errors
/// As [`structure`], and `E_ARGUMENT` for more room than can be in memory.
pub fn write_all<T: Sized32>(pointer: *mut T, capacity: usize, values: &[T]) -> Outcome<()> {
    possible::<T>(capacity)?;
    let mut place = pointer;
    for value in values.iter().take(capacity) {
        write(place, value)?;
        // SAFETY: the program promised `capacity` structures of the size that each of them says.
        place = unsafe { place.byte_add(place.cast::<u32>().read_unaligned() as usize) };
    }
    Ok(())
}

/// Stores a result.
///
/// # Errors
/// `E_ARGUMENT` for NULL.
pub fn store<T>(pointer: *mut T, value: T) -> Outcome<()> {
    if pointer.is_null() {
        fail!(E_ARGUMENT, "The place for the result is NULL");
    }
    // SAFETY: the program promised a place for a T.
    unsafe { pointer.write(value) };
    Ok(())
}

/// A text that may be missing.
///
/// # Errors
/// `E_ARGUMENT` when it is not UTF-8, or longer than 4,096 octets.
pub fn text_or_null<'a>(pointer: *const c_char) -> Outcome<Option<&'a str>> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: the program promised a text ended by a zero octet, valid during the call.
    let text = unsafe { CStr::from_ptr(pointer) };
    if text.count_bytes() > TEXT_MAX {
        fail!(E_ARGUMENT, "A text is longer than {TEXT_MAX} octets");
    }
    match text.to_str() {
        Ok(text) => Ok(Some(text)),
        Err(_) => fail!(E_ARGUMENT, "A text is not UTF-8"),
    }
}

/// A text.
///
/// # Errors
/// As [`text_or_null`], and `E_ARGUMENT` for NULL.
pub fn text<'a>(pointer: *const c_char, name: &str) -> Outcome<&'a str> {
    match text_or_null(pointer)? {
        Some(text) => Ok(text),
        None => fail!(E_ARGUMENT, "{name} is NULL"),
    }
}

/// Refuses a number of values that no object in memory can have: half of the address space is the most.
///
/// # Errors
/// `E_ARGUMENT`.
pub fn possible<T>(count: usize) -> Outcome<()> {
    match count.checked_mul(size_of::<T>()) {
        Some(octets) if isize::try_from(octets).is_ok() => Ok(()),
        _ => fail!(E_ARGUMENT, "There is no memory with room for {count} values of {} octets", size_of::<T>()),
    }
}

/// Refuses a reserved field that is set: what it will mean is not known here.
///
/// # Errors
/// `E_ARGUMENT`.
pub fn unset(reserved: u32) -> Outcome<()> {
    if reserved != 0 {
        fail!(E_ARGUMENT, "A reserved field is {reserved}; it must be 0, as the INIT macro leaves it");
    }
    Ok(())
}

/// The path of a file or folder.
///
/// # Errors
/// As [`text`], and `E_ARGUMENT` for an empty one.
pub fn path<'a>(pointer: *const c_char, name: &str) -> Outcome<&'a Path> {
    match text(pointer, name)? {
        "" => fail!(E_ARGUMENT, "{name} is empty"),
        path => Ok(Path::new(path)),
    }
}

/// Samples of the program.
///
/// # Errors
/// `E_ARGUMENT` for NULL with a count, or more than can be in memory.
pub fn samples<'a>(pointer: *const i16, count: usize) -> Outcome<&'a [i16]> {
    if count == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() {
        fail!(E_ARGUMENT, "The samples are NULL");
    }
    possible::<i16>(count)?;
    // SAFETY: the program promised `count` samples, valid during the call.
    Ok(unsafe { std::slice::from_raw_parts(pointer, count) })
}

/// Room for values of the program.
///
/// # Errors
/// `E_ARGUMENT` for NULL with a capacity, or more than can be in memory.
pub fn room<'a, T>(pointer: *mut T, capacity: usize) -> Outcome<&'a mut [T]> {
    if capacity == 0 {
        return Ok(&mut []);
    }
    if pointer.is_null() {
        fail!(E_ARGUMENT, "The buffer is NULL");
    }
    possible::<T>(capacity)?;
    // SAFETY: the program promised room for `capacity` values that are set already, valid during the call.
    Ok(unsafe { std::slice::from_raw_parts_mut(pointer, capacity) })
}

/// A list of texts.
///
/// # Errors
/// As [`text`].
pub fn texts(pointer: *const *const c_char, count: u32, most: u32) -> Outcome<Vec<String>> {
    if count > most {
        fail!(E_ARGUMENT, "A list of {count} has more than {most} entries");
    }
    if count > 0 && pointer.is_null() {
        fail!(E_ARGUMENT, "The list is NULL");
    }
    // SAFETY: the program promised `count` pointers.
    (0..count as usize).map(|at| Ok(text(unsafe { pointer.add(at).read() }, "An entry")?.to_owned())).collect()
}
