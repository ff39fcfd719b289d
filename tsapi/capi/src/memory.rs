//! Memory of the program: texts, structures and buffers behind its pointers.
//!
//! Every function trusts its caller that a pointer which is not NULL points to what the headers declare; NULL is an
//! error with a code, or what the headers say of it.
//!
//! Never: keeps a pointer.

use core::ffi::{CStr, c_char, c_int, c_long, c_uchar, c_ushort, c_void};
use core::slice;

use tipring_csta_types::filter::MonitorFilter;
use tipring_csta_types::request::SetupInformation;
use tipring_csta_types::{CallId, ConnectionDevice, ConnectionId, DeviceId};
use tipring_tsapi::pdu::private_area;

use crate::code;
use crate::layout::{ALIGN, aligned};
use crate::stream::Event;

/// Octets of a vendor's name.
pub(crate) const VENDOR_OCTETS: usize = 32;
/// Octets of an event's header.
const HEADER: usize = 16;
/// Offset of the heap in CSTAEvent_t.
const HEAP: usize = 1328;

/// ConnectionID_t.
#[derive(Debug)]
#[repr(C)]
pub struct ConnectionIdT {
    call: c_long,
    device: [c_char; 64],
    kind: c_int,
}

/// CSTAMonitorFilter_t.
#[derive(Debug)]
#[repr(C)]
pub struct MonitorFilterT {
    call: c_ushort,
    feature: c_uchar,
    agent: c_uchar,
    maintenance: c_uchar,
    private: c_long,
}

/// SetUpValues_t.
#[derive(Debug)]
#[repr(C)]
pub struct SetUpValuesT {
    length: u32,
    value: *const c_uchar,
}

/// PrivateData_t; the data go on behind it.
#[derive(Debug)]
#[repr(C)]
pub struct PrivateDataT {
    pub(crate) vendor: [u8; VENDOR_OCTETS],
    pub(crate) length: c_ushort,
    data: [u8; 1],
}

/// Offset of the data in PrivateData_t.
pub(crate) const DATA: usize = VENDOR_OCTETS + 2;

/// Returns a text up to its NUL; NULL is the empty one.
///
/// # Safety
/// `text` is NULL or points to a text with a NUL.
pub(crate) unsafe fn text<'a>(text: *const c_char) -> Result<&'a str, i64> {
    if text.is_null() {
        return Ok("");
    }
    // SAFETY: as the caller promises.
    unsafe { CStr::from_ptr(text) }.to_str().map_err(|_| code::BAD_PARAMETER)
}

/// Returns a device, as [`text`].
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn device(device: *const c_char) -> Result<DeviceId, i64> {
    // SAFETY: as the caller promises.
    DeviceId::new(unsafe { text(device) }?).map_err(|_| code::BAD_PARAMETER)
}

/// Returns a connection; NULL is an error.
///
/// # Safety
/// `connection` is NULL or points to a ConnectionID_t.
pub(crate) unsafe fn connection(connection: *const ConnectionIdT) -> Result<ConnectionId, i64> {
    // SAFETY: as the caller promises.
    let connection = unsafe { connection.as_ref() }.ok_or(code::BAD_PARAMETER)?;
    Ok(ConnectionId {
        call: CallId(i32::try_from(connection.call).map_err(|_| code::BAD_PARAMETER)?),
        // SAFETY: the array lies in the caller's structure and has a NUL.
        device: unsafe { device(connection.device.as_ptr()) }?,
        kind: ConnectionDevice::from_number(connection.kind).ok_or(code::BAD_PARAMETER)?,
    })
}

/// Returns a filter; NULL suppresses nothing.
///
/// # Safety
/// `filter` is NULL or points to a CSTAMonitorFilter_t.
pub(crate) unsafe fn filter(filter: *const MonitorFilterT) -> MonitorFilter {
    // SAFETY: as the caller promises.
    let Some(filter) = (unsafe { filter.as_ref() }) else { return MonitorFilter::NONE };
    MonitorFilter {
        call: filter.call,
        feature: filter.feature,
        agent: filter.agent,
        maintenance: filter.maintenance,
        private: i32::from(filter.private != 0),
    }
}

/// Returns set-up information; NULL is none.
///
/// # Safety
/// `values` is NULL or points to a SetUpValues_t with as many octets as it says.
pub(crate) unsafe fn setup(values: *const SetUpValuesT) -> SetupInformation {
    // SAFETY: as the caller promises.
    match unsafe { values.as_ref() } {
        Some(values) if !values.value.is_null() => {
            // SAFETY: as the caller promises.
            SetupInformation(unsafe { slice::from_raw_parts(values.value, values.length as usize) }.to_vec())
        }
        Some(_) | None => SetupInformation::default(),
    }
}

/// Returns private data as an area of a frame; NULL and length 0 are none.
///
/// # Safety
/// `data` is NULL or points to a PrivateData_t with as many octets of data as its length says.
pub(crate) unsafe fn private_area(data: *const PrivateDataT) -> Result<Vec<u8>, i64> {
    // SAFETY: as the caller promises.
    let Some(head) = (unsafe { data.as_ref() }) else { return Ok(Vec::new()) };
    if head.length == 0 {
        return Ok(Vec::new());
    }
    let end = head.vendor.iter().position(|octet| *octet == 0).ok_or(code::BAD_PARAMETER)?;
    let vendor = core::str::from_utf8(&head.vendor[..end]).map_err(|_| code::BAD_PARAMETER)?;
    // SAFETY: as the caller promises.
    let octets = unsafe { slice::from_raw_parts(data.cast::<u8>().add(DATA), usize::from(head.length)) };
    Ok(private_area::area(vendor, octets))
}

/// Copies a text into an array, cut to what it takes, with a NUL.
///
/// # Safety
/// `to` points to `size` characters.
pub(crate) unsafe fn put_text(to: *mut c_char, size: usize, text: &str) {
    let length = text.len().min(size - 1);
    // SAFETY: as the caller promises; the length leaves room for the NUL.
    unsafe {
        core::ptr::copy_nonoverlapping(text.as_ptr(), to.cast::<u8>(), length);
        *to.add(length) = 0;
    }
}

/// Lays an event down in the program's buffer, and its private data where the program wants them.
///
/// # Safety
/// `buffer` points to `*size` octets; `size` is good; `data` is NULL or points to a PrivateData_t with room for as many
/// octets as its length says.
pub(crate) unsafe fn lay_down(
    handle: u64,
    event: &Event,
    buffer: *mut c_void,
    size: *mut c_ushort,
    data: *mut PrivateDataT,
) -> Result<(), i64> {
    // SAFETY: as the caller promises.
    let room = usize::from(unsafe { *size });
    let fixed = if matches!(event.class, 1 | 6) { 0 } else { 8 };
    let proper = HEADER + fixed + event.image.body.len();
    let has_heap = !event.image.heap.is_empty();
    // In its place in CSTAEvent_t; in a smaller buffer right behind the event.
    let behind = aligned(proper, ALIGN);
    let heap = if HEAP + event.image.heap.len() <= room { HEAP } else { behind };
    let whole = if has_heap { heap + event.image.heap.len() } else { proper };
    // SAFETY: as the caller promises.
    unsafe { *size = c_ushort::try_from(whole).unwrap_or(c_ushort::MAX) };
    if whole > room {
        return Err(code::BUFFER_SMALL);
    }
    // SAFETY: as the caller promises.
    if let Some(head) = unsafe { data.as_mut() } {
        let (vendor, octets) = event.private.as_ref().map_or(("", &[][..]), |(vendor, octets)| (vendor, octets));
        let wanted = c_ushort::try_from(octets.len()).unwrap_or(c_ushort::MAX);
        if wanted > core::mem::replace(&mut head.length, wanted) {
            return Err(code::BUFFER_SMALL);
        }
        head.vendor = [0; VENDOR_OCTETS];
        let length = vendor.len().min(VENDOR_OCTETS - 1);
        head.vendor[..length].copy_from_slice(&vendor.as_bytes()[..length]);
        // SAFETY: the program has room for as many octets as its length said, which is not less.
        unsafe { core::ptr::copy_nonoverlapping(octets.as_ptr(), data.cast::<u8>().add(DATA), octets.len()) };
    }
    let mut image = vec![0; whole];
    let mut put = |at: usize, octets: &[u8]| image[at..at + octets.len()].copy_from_slice(octets);
    put(0, &handle.to_ne_bytes());
    put(8, &event.class.to_ne_bytes());
    put(10, &event.pdu.to_ne_bytes());
    if fixed > 0 {
        put(HEADER, &event.reference.to_ne_bytes());
    }
    put(HEADER + fixed, &event.image.body);
    if has_heap {
        put(heap, &event.image.heap);
        for (place, to) in &event.image.pointers {
            put(place.offset(HEADER + fixed, heap), &(buffer as usize + heap + to).to_ne_bytes());
        }
    }
    // SAFETY: the buffer has room for `whole` octets.
    unsafe { core::ptr::copy_nonoverlapping(image.as_ptr(), buffer.cast::<u8>(), whole) };
    Ok(())
}
