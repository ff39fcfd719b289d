//! Beginning and end of a message: the header of 22 octets, the body, the private area.
//!
//! The header is little-endian; the body is BER. A frame is
//! `length:4 version:2 invoke:4 cross-reference:4 class:2 type:2 body-length:2 private-length:2 body private`,
//! where `length` does not count itself.
//!
//! Never: knows what a body means, or grows a buffer beyond one frame because a length says so.

use crate::ber::Writer;
use crate::error::FrameError;

/// Octets of the vendor name of a private area, at least one of them NUL.
pub(crate) const VENDOR_OCTETS: usize = 32;
/// Octets of a private area before its data: vendor name and length.
pub(crate) const PRIVATE_HEAD_OCTETS: usize = VENDOR_OCTETS + 2;

/// Octets of the header, the frame length included.
pub const HEADER_OCTETS: usize = 22;
/// The frame length does not count itself.
const LENGTH_OCTETS: usize = 4;
/// The only version there is.
const VERSION: u16 = 1;
/// The longest body and the longest private area, sent or taken: some peers read these lengths as signed numbers.
pub const AREA_OCTETS_MAX: usize = 32_767;
/// The longest frame with its header.
pub const FRAME_OCTETS_MAX: usize = HEADER_OCTETS + 2 * AREA_OCTETS_MAX;

/// Memory that an idle [`Reassembly`] keeps: a usual request's.
const IDLE_OCTETS: usize = 512;

/// Offsets of the header's fields.
mod field {
    use core::ops::Range;
    pub(super) const LENGTH: Range<usize> = 0..4;
    pub(super) const VERSION: Range<usize> = 4..6;
    pub(super) const INVOKE: Range<usize> = 6..10;
    pub(super) const MONITOR: Range<usize> = 10..14;
    pub(super) const CLASS: Range<usize> = 14..16;
    pub(super) const PDU: Range<usize> = 16..18;
    pub(super) const BODY: Range<usize> = 18..20;
    pub(super) const PRIVATE: Range<usize> = 20..22;
}

/// Event class: the kind of a message and its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventClass {
    /// 0: about the stream, asked by the client.
    AcsRequest,
    /// 1: about the stream, sent by the server.
    AcsUnsolicited,
    /// 2: the answer to 0.
    AcsConfirmation,
    /// 3: a service, asked by the client; of a router also by the server.
    CstaRequest,
    /// 4: what a monitor sees.
    CstaUnsolicited,
    /// 5: the answer to 3.
    CstaConfirmation,
    /// 6: an event without a monitor.
    CstaEventReport,
}

impl EventClass {
    /// The number on the wire.
    pub const fn number(self) -> u16 {
        match self {
            EventClass::AcsRequest => 0,
            EventClass::AcsUnsolicited => 1,
            EventClass::AcsConfirmation => 2,
            EventClass::CstaRequest => 3,
            EventClass::CstaUnsolicited => 4,
            EventClass::CstaConfirmation => 5,
            EventClass::CstaEventReport => 6,
        }
    }

    /// The class with a number on the wire.
    pub const fn from_number(number: u16) -> Option<EventClass> {
        match number {
            0 => Some(EventClass::AcsRequest),
            1 => Some(EventClass::AcsUnsolicited),
            2 => Some(EventClass::AcsConfirmation),
            3 => Some(EventClass::CstaRequest),
            4 => Some(EventClass::CstaUnsolicited),
            5 => Some(EventClass::CstaConfirmation),
            6 => Some(EventClass::CstaEventReport),
            _ => None,
        }
    }
}

/// The header, lengths left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// A request's number, echoed by its confirmation; 0 in unsolicited messages.
    pub invoke: u32,
    /// The monitor an event is for; 0 in all other classes.
    pub monitor: i32,
    /// Its event class.
    pub class: EventClass,
    /// Number of the message of that kind.
    pub pdu: u16,
}

impl Header {
    /// A header of a message that no monitor sees.
    pub const fn new(class: EventClass, pdu: u16, invoke: u32) -> Header {
        Header { invoke, monitor: 0, class, pdu }
    }

    /// The header's octets; both areas have at most [`AREA_OCTETS_MAX`].
    const fn octets(self, body_octets: usize, private_octets: usize) -> [u8; HEADER_OCTETS] {
        let [l0, l1, l2, l3] = ((HEADER_OCTETS - LENGTH_OCTETS + body_octets + private_octets) as u32).to_le_bytes();
        let [v0, v1] = VERSION.to_le_bytes();
        let [i0, i1, i2, i3] = self.invoke.to_le_bytes();
        let [m0, m1, m2, m3] = self.monitor.to_le_bytes();
        let [c0, c1] = self.class.number().to_le_bytes();
        let [t0, t1] = self.pdu.to_le_bytes();
        let [b0, b1] = (body_octets as u16).to_le_bytes();
        let [p0, p1] = (private_octets as u16).to_le_bytes();
        [l0, l1, l2, l3, v0, v1, i0, i1, i2, i3, m0, m1, m2, m3, c0, c1, t0, t1, b0, b1, p0, p1]
    }
}

/// A whole message, as it lies in the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The header.
    pub header: Header,
    /// One BER SEQUENCE.
    pub body: &'a [u8],
    /// Empty, or vendor, length and data; see [`crate::pdu::private_area`].
    pub private: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The first frame of `octets` and how many of them it takes; nothing while it is not whole.
    ///
    /// # Errors
    /// The header cannot be one: its fault, as soon as it is there, whatever the rest.
    pub fn split(octets: &'a [u8]) -> Result<Option<(Frame<'a>, usize)>, FrameError> {
        let Some(length) = octets.get(field::LENGTH).map(u32_le) else { return Ok(None) };
        let whole = length as usize + LENGTH_OCTETS;
        if whole < HEADER_OCTETS {
            return Err(FrameError::TooShort { length });
        }
        if whole > FRAME_OCTETS_MAX {
            return Err(FrameError::TooLong { length });
        }
        let Some(head) = octets.first_chunk::<HEADER_OCTETS>() else { return Ok(None) };
        // What is wrong with a header is said at once, not when the body has come.
        let version = u16_le(&head[field::VERSION]);
        if version != VERSION {
            return Err(FrameError::Version(version));
        }
        let (body, private) = (u16_le(&head[field::BODY]), u16_le(&head[field::PRIVATE]));
        if HEADER_OCTETS + usize::from(body) + usize::from(private) != whole {
            return Err(FrameError::Inconsistent { length, body, private });
        }
        let class = u16_le(&head[field::CLASS]);
        let class = EventClass::from_number(class).ok_or(FrameError::Class(class))?;
        let Some(areas) = octets.get(HEADER_OCTETS..whole) else { return Ok(None) };
        let (body, private) = areas.split_at(usize::from(body));
        let header = Header {
            invoke: u32_le(&head[field::INVOKE]),
            monitor: u32_le(&head[field::MONITOR]).cast_signed(),
            class,
            pdu: u16_le(&head[field::PDU]),
        };
        Ok(Some((Frame { header, body, private }, whole)))
    }
}

/// A message was too long for its frame: one area would have more than [`AREA_OCTETS_MAX`] octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

/// Builds a frame: `body` writes the members of the outer SEQUENCE; `private` is the whole private area, or empty.
///
/// # Errors
/// [`TooLong`] if an area would have more than [`AREA_OCTETS_MAX`] octets.
pub fn build(header: Header, private: &[u8], body: impl FnOnce(&mut Writer<'_>)) -> Result<Vec<u8>, TooLong> {
    let mut octets = Vec::with_capacity(256);
    append(&mut octets, header, private, body)?;
    Ok(octets)
}

/// Appends a frame, as [`build`] builds it.
///
/// # Errors
/// [`TooLong`] if an area would have more than [`AREA_OCTETS_MAX`] octets; then nothing is appended.
pub fn append(
    out: &mut Vec<u8>,
    header: Header,
    private: &[u8],
    body: impl FnOnce(&mut Writer<'_>),
) -> Result<(), TooLong> {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER_OCTETS]);
    Writer::new(out).sequence(body);
    let body_octets = out.len() - start - HEADER_OCTETS;
    if body_octets > AREA_OCTETS_MAX || private.len() > AREA_OCTETS_MAX {
        out.truncate(start);
        return Err(TooLong);
    }
    out.extend_from_slice(private);
    out[start..start + HEADER_OCTETS].copy_from_slice(&header.octets(body_octets, private.len()));
    Ok(())
}

/// Appends a frame of a body that is encoded already, and of private data with their vendor's name.
///
/// # Errors
/// [`TooLong`] if an area would have more than [`AREA_OCTETS_MAX`] octets; then nothing is appended.
pub fn append_parts(
    out: &mut Vec<u8>,
    header: Header,
    body: &[u8],
    private: Option<(&str, &[u8])>,
) -> Result<(), TooLong> {
    let private_octets = private.map_or(0, |(_, data)| PRIVATE_HEAD_OCTETS + data.len());
    if body.len() > AREA_OCTETS_MAX || private_octets > AREA_OCTETS_MAX {
        return Err(TooLong);
    }
    out.reserve(HEADER_OCTETS + body.len() + private_octets);
    out.extend_from_slice(&header.octets(body.len(), private_octets));
    out.extend_from_slice(body);
    if let Some((vendor, data)) = private {
        write_private(out, vendor, data);
    }
    Ok(())
}

/// Appends a private area to a frame.
pub(crate) fn write_private(out: &mut Vec<u8>, vendor: &str, data: &[u8]) {
    let start = out.len();
    let name = vendor.as_bytes();
    out.extend_from_slice(&name[..name.len().min(VENDOR_OCTETS - 1)]);
    out.resize(start + VENDOR_OCTETS, 0);
    out.extend_from_slice(&(data.len() as u16).to_le_bytes());
    out.extend_from_slice(data);
}

/// Puts frames together again, however the network has cut them. Holds at most one frame that is not whole.
#[derive(Debug, Default)]
pub struct Reassembly {
    /// Octets that are not yet part of a whole frame.
    octets: Vec<u8>,
    /// Number of octets taken.
    taken: usize,
}

impl Reassembly {
    /// Nothing yet.
    pub const fn new() -> Reassembly {
        Reassembly { octets: Vec::new(), taken: 0 }
    }

    /// Takes what came. Call [`Reassembly::frame`] until it gives none before the next of these.
    pub fn push(&mut self, octets: &[u8]) {
        self.octets.drain(..self.taken);
        self.taken = 0;
        self.octets.extend_from_slice(octets);
    }

    /// The next whole frame. After an error nothing more can be had.
    ///
    /// # Errors
    /// As [`Frame::split`].
    pub fn frame(&mut self) -> Result<Option<Frame<'_>>, FrameError> {
        match Frame::split(&self.octets[self.taken..])? {
            Some((frame, octets)) => {
                self.taken += octets;
                Ok(Some(frame))
            }
            None => Ok(None),
        }
    }

    /// Gives memory back that a burst has taken, once every frame of it is out.
    pub fn rest(&mut self) {
        if self.pending() == 0 {
            self.octets.clear();
            self.taken = 0;
            self.octets.shrink_to(IDLE_OCTETS);
        }
    }

    /// Octets of a frame that is not whole yet.
    pub fn pending(&self) -> usize {
        self.octets.len() - self.taken
    }
}

fn u16_le(octets: &[u8]) -> u16 {
    octets.iter().rev().fold(0, |number, octet| (number << 8) | u16::from(*octet))
}

fn u32_le(octets: &[u8]) -> u32 {
    octets.iter().rev().fold(0, |number, octet| (number << 8) | u32::from(*octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn abort() -> Vec<u8> {
        build(Header::new(EventClass::AcsRequest, 5, 2), &[], |w| w.null()).unwrap()
    }

    #[test]
    fn a_frame_is_laid_out_octet_by_octet() {
        let octets = [22, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 4, 0, 0, 0, 0x30, 2, 5, 0];
        assert_eq!(abort(), octets);
    }

    #[test]
    fn frames_come_out_however_they_were_cut() {
        let stream = [abort(), abort(), abort()].concat();
        for size in 1..stream.len() {
            let mut reassembly = Reassembly::new();
            let mut frames = 0;
            for piece in stream.chunks(size) {
                reassembly.push(piece);
                while let Some(frame) = reassembly.frame().unwrap() {
                    assert_eq!(frame.body, [0x30, 2, 5, 0]);
                    frames += 1;
                }
            }
            assert_eq!((frames, reassembly.pending()), (3, 0), "pieces of {size}");
        }
    }

    #[test]
    fn a_wrong_header_is_told_as_soon_as_it_shows() {
        let with = |at: usize, value: u8| {
            let mut octets = abort();
            octets[at] = value;
            octets.truncate(HEADER_OCTETS);
            Frame::split(&octets).map(|frame| frame.map(|(frame, _)| frame.header)).unwrap_err()
        };
        assert_eq!(with(0, 17), FrameError::TooShort { length: 17 });
        assert_eq!(with(3, 1), FrameError::TooLong { length: 0x0100_0016 });
        assert_eq!(with(4, 2), FrameError::Version(2));
        assert_eq!(with(14, 7), FrameError::Class(7));
        assert_eq!(with(18, 3), FrameError::Inconsistent { length: 22, body: 3, private: 0 });
        assert_eq!(with(20, 1), FrameError::Inconsistent { length: 22, body: 4, private: 1 });
    }
}
