//! Structures of the program into octets, by the same descriptions by which messages come out of them.
//!
//! Never: keeps a pointer.

use core::slice;

use tipring_tsapi::ber::Writer;

use crate::code;
use crate::layout::{Node, POINTER_OFFSET, aligned};

/// Writes the members of a PDU from where each of them lies, as one SEQUENCE.
///
/// # Safety
/// Each place is NULL or points to what its member says.
pub(crate) unsafe fn write_members(node: Node, places: &[*const u8], writer: &mut Writer<'_>) -> Result<(), i64> {
    let Node::Record(members) = node else { return Err(code::BAD_PARAMETER) };
    let mut result = Ok(());
    writer.sequence(|writer| {
        // A PDU without members has a NULL.
        if let [Node::Null] = members {
            return writer.null();
        }
        for (member, place) in members.iter().zip(places) {
            // SAFETY: as the caller promises.
            result = result.and_then(|()| unsafe { write_node(*member, *place, writer) });
        }
    });
    result
}

/// Writes a member from where it lies; NULL is an empty one.
///
/// # Safety
/// `at` is NULL or points to what `node` says.
pub(crate) unsafe fn write_node(node: Node, at: *const u8, writer: &mut Writer<'_>) -> Result<(), i64> {
    // SAFETY: as the caller promises; a packed structure may not be aligned.
    let (octet, short, int, long) = unsafe {
        match (at.is_null(), node) {
            (true, _) => (0, 0, 0, 0),
            (false, Node::Bool | Node::Octet | Node::Bits8(_)) => (*at, 0, 0, 0),
            (false, Node::Short | Node::Bits16 | Node::Octets16(_) | Node::Bounded(..)) => {
                (0, at.cast::<u16>().read_unaligned(), 0, 0)
            }
            (false, Node::Enum | Node::Real | Node::Octets | Node::List(_)) => {
                (0, 0, at.cast::<u32>().read_unaligned(), 0)
            }
            (false, Node::Long) => (0, 0, 0, at.cast::<i64>().read_unaligned()),
            (false, Node::Text(_) | Node::Null | Node::Record(_)) => (0, 0, 0, 0),
        }
    };
    match node {
        // SAFETY: as the caller promises.
        Node::Text(size) => writer.ia5_string(unsafe { text(at, size) }?),
        Node::Bool => writer.boolean(octet != 0),
        Node::Octet => writer.integer(i32::from(octet)),
        Node::Bits8(count) => writer.bits8(octet, count),
        Node::Bits16 => writer.bits16(short, 14),
        Node::Short => writer.integer(i32::from(short.cast_signed())),
        Node::Long => writer.integer(i32::try_from(long).map_err(|_| code::BAD_PARAMETER)?),
        Node::Enum => writer.enumerated(int.cast_signed()),
        Node::Real => writer.real(f32::from_bits(int)),
        Node::Null => writer.null(),
        Node::Octets16(max) => {
            let length = usize::from(short);
            if length > max {
                return Err(code::BAD_PARAMETER);
            }
            // SAFETY: as the caller promises; there are `max` octets behind the length.
            writer.octet_string(unsafe { array(at, 2, length) });
        }
        Node::Octets => {
            // SAFETY: as the caller promises.
            writer.octet_string(unsafe { array(pointed(at), 0, int as usize) });
        }
        Node::Record(members) => {
            let mut result = Ok(());
            writer.sequence(|writer| {
                let mut offset = 0;
                for member in members {
                    offset = aligned(offset, member.align());
                    // SAFETY: the member lies within the structure.
                    result = result.and_then(|()| unsafe { write_node(*member, behind(at, offset), writer) });
                    offset += member.size();
                }
            });
            result?;
        }
        Node::List(element) => {
            // SAFETY: as the caller promises.
            unsafe { write_elements(*element, pointed(at), int as usize, writer) }?;
        }
        Node::Bounded(element, max) => {
            let count = usize::from(short);
            if count > max {
                return Err(code::BAD_PARAMETER);
            }
            // SAFETY: the elements lie behind their count, aligned.
            unsafe { write_elements(*element, behind(at, aligned(2, element.align())), count, writer) }?;
        }
    }
    Ok(())
}

/// # Safety
/// `first` is NULL or points to `count` elements.
unsafe fn write_elements(element: Node, first: *const u8, count: usize, writer: &mut Writer<'_>) -> Result<(), i64> {
    let count = if first.is_null() { 0 } else { count };
    // More than fit a frame are a count that was not set.
    if count > usize::from(u16::MAX) {
        return Err(code::BAD_PARAMETER);
    }
    let mut result = Ok(());
    writer.sequence(|writer| {
        for index in 0..count {
            let at = behind(first, index * element.size());
            // SAFETY: as the caller promises.
            result = result.and_then(|()| unsafe { write_node(element, at, writer) });
        }
    });
    result
}

const fn behind(at: *const u8, offset: usize) -> *const u8 {
    if at.is_null() { at } else { at.wrapping_add(offset) }
}

/// The pointer of a list, behind its count.
///
/// # Safety
/// `at` is NULL or points to the list.
unsafe fn pointed(at: *const u8) -> *const u8 {
    if at.is_null() {
        return at;
    }
    // SAFETY: as the caller promises.
    unsafe { at.add(POINTER_OFFSET).cast::<*const u8>().read_unaligned() }
}

/// # Safety
/// `at` is NULL or points to `offset + length` octets.
unsafe fn array<'a>(at: *const u8, offset: usize, length: usize) -> &'a [u8] {
    if at.is_null() {
        return &[];
    }
    // SAFETY: as the caller promises.
    unsafe { slice::from_raw_parts(at.add(offset), length) }
}

/// A text up to its NUL, which lies within `size` characters.
///
/// # Safety
/// `at` is NULL or points to a text with a NUL, or to `size` characters.
unsafe fn text<'a>(at: *const u8, size: usize) -> Result<&'a str, i64> {
    let mut length = 0;
    // SAFETY: as the caller promises, no octet behind the NUL is read.
    while !at.is_null() && unsafe { *at.add(length) } != 0 {
        length += 1;
        if length == size {
            return Err(code::BAD_PARAMETER);
        }
    }
    // SAFETY: as above.
    let text = core::str::from_utf8(unsafe { array(at, 0, length) }).map_err(|_| code::BAD_PARAMETER)?;
    if text.is_ascii() { Ok(text) } else { Err(code::BAD_PARAMETER) }
}
