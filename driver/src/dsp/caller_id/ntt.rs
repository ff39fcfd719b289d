//! NTT number display: the caller-ID frame of Japan.
//!
//! ```text
//! frame   DLE SOH header DLE STX service length parameters DLE ETX checksum checksum
//! ```
//!
//! All octets but the checksum have seven bits and even parity. A DLE among length and parameters is doubled, and the
//! length does not count the double. The checksum is CRC-16 (x^16 + x^12 + x^5 + 1, lowest bit first, from 0) over all
//! that follows SOH, up to ETX and with it, parity included, sent low octet first.
//!
//! Never: knows how the octets travel.
//!
//! Source: NTT technical reference, number display.

use arrayvec::ArrayVec;

use super::message::{MESSAGE_MAX, Message, read_absence, read_number};
use crate::signal::{AbsenceReason, CallerId};

/// DLE with its parity: the first octet of a frame, which no message of the other form begins with.
pub(super) const BEGIN: u8 = 0x90;

const DLE: u8 = 0x10;
const SOH: u8 = 0x01;
const STX: u8 = 0x02;
const ETX: u8 = 0x03;
/// Header and service of a number display.
const HEADER: u8 = 0x07;
const SERVICE: u8 = 0x40;
/// Parameters: the number, and why it is absent (`P` withheld, `O` no service, `C` coin telephone, `S` other).
const NUMBER: u8 = 0x02;
const ABSENT: u8 = 0x04;
/// The longest number sent, in digits, as in the other messages.
const NUMBER_SENT_MAX: usize = 20;
/// Octets before the service, and from ETX on.
const AHEAD: usize = 5;
const CHECKSUM: usize = 2;

/// A frame as it comes in.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    octets: ArrayVec<u8, MESSAGE_MAX>,
    /// The octet before was a DLE that is not the second of two.
    escaped: bool,
    /// Octets of the checksum still to come, once ETX was there.
    left: Option<usize>,
}

/// Effect of an octet on a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Taken {
    /// More is to come.
    More,
    /// The frame is whole: caller ID, or none if it is damaged or about something else.
    Whole(Option<CallerId>),
    /// It is longer than any frame.
    TooLong,
}

impl Frame {
    /// Takes the next octet, the first of them [`BEGIN`].
    pub(super) fn take(&mut self, octet: u8) -> Taken {
        if self.octets.try_push(octet).is_err() {
            return Taken::TooLong;
        }
        match self.left {
            Some(0) => return Taken::TooLong,
            Some(1) => {
                self.left = Some(0);
                return Taken::Whole(parse(&self.octets));
            }
            Some(left) => {
                self.left = Some(left - 1);
                return Taken::More;
            }
            None => {}
        }
        let plain = octet & 0x7f;
        if self.escaped && plain == ETX {
            self.left = Some(CHECKSUM);
        }
        self.escaped = plain == DLE && !self.escaped;
        Taken::More
    }
}

/// Composes the frame of a call: the number, cut to 20 digits, or why there is none.
pub(super) fn compose(caller: &CallerId) -> Message {
    let mut parameters = ArrayVec::<u8, { NUMBER_SENT_MAX + 2 }>::new();
    let number = || caller.number.bytes().filter(u8::is_ascii_digit).take(NUMBER_SENT_MAX);
    match (number().count(), caller.absence) {
        (0, Some(AbsenceReason::Private)) => parameters.extend([ABSENT, 1, b'P']),
        (0, Some(AbsenceReason::Unavailable) | None) => parameters.extend([ABSENT, 1, b'O']),
        (digits, _) => {
            parameters.extend([NUMBER, digits as u8]);
            parameters.extend(number());
        }
    }
    // With every octet doubled it is less than a fourth of a message.
    let mut frame = Message::from_iter([DLE, SOH, HEADER, DLE, STX, SERVICE]);
    for octet in core::iter::once(parameters.len() as u8).chain(parameters) {
        frame.push(octet);
        if octet == DLE {
            frame.push(DLE);
        }
    }
    frame.extend([DLE, ETX]);
    for octet in &mut frame {
        *octet |= (octet.count_ones() as u8 & 1) << 7;
    }
    let sum = frame.iter().skip(2).fold(0, |sum, octet| crc16(sum, *octet));
    frame.extend(sum.to_le_bytes());
    frame
}

/// Caller ID of a whole frame; none if it is damaged, or about something else.
fn parse(frame: &[u8]) -> Option<CallerId> {
    let (body, checksum) = frame.split_last_chunk::<CHECKSUM>()?;
    let sum = body.get(2..)?.iter().fold(0, |sum, octet| crc16(sum, *octet));
    let even = body.iter().all(|octet| octet.count_ones().is_multiple_of(2));
    if sum != u16::from_le_bytes(*checksum) || !even {
        return None;
    }
    let plain = |octet: &u8| octet & 0x7f;
    if !body.iter().map(plain).take(AHEAD).eq([DLE, SOH, HEADER, DLE, STX]) || plain(body.get(AHEAD)?) != SERVICE {
        return None;
    }
    // Without DLE ETX, and every double DLE as one.
    let mut content = ArrayVec::<u8, MESSAGE_MAX>::new();
    let mut doubled = false;
    for octet in body.get(AHEAD + 1..body.len() - 2)?.iter().map(plain) {
        doubled = octet == DLE && !doubled;
        if !doubled {
            content.push(octet);
        }
    }
    let (length, parameters) = content.split_first()?;
    (parameters.len() == usize::from(*length)).then(|| read(parameters)).flatten()
}

fn read(mut parameters: &[u8]) -> Option<CallerId> {
    let mut caller = CallerId::default();
    while let Some((&[kind, length], rest)) = parameters.split_first_chunk::<2>() {
        let (data, rest) = rest.split_at_checked(length.into())?;
        parameters = rest;
        match kind {
            NUMBER => caller.number = read_number(data),
            ABSENT => caller.absence = Some(read_absence(*data.first()?)),
            // The kind of number and the number dialled: nothing that a caller is known by.
            _ => {}
        }
    }
    parameters.is_empty().then_some(caller)
}

fn crc16(sum: u16, octet: u8) -> u16 {
    (0..8).fold(sum ^ u16::from(octet), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0x8408 } else { sum >> 1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{AbsenceReason, Number};

    /// The frame of these parameters, made by the rules above.
    fn frame(parameters: &[u8]) -> Vec<u8> {
        let mut frame = vec![DLE, SOH, HEADER, DLE, STX, SERVICE];
        for octet in [&[parameters.len() as u8], parameters].concat() {
            frame.push(octet);
            frame.extend((octet == DLE).then_some(DLE));
        }
        frame.extend([DLE, ETX]);
        for octet in &mut frame {
            *octet |= (octet.count_ones() as u8 & 1) << 7;
        }
        let sum = frame[2..].iter().fold(0, |sum, octet| crc16(sum, *octet));
        frame.extend(sum.to_le_bytes());
        frame
    }

    fn taken(octets: &[u8]) -> Vec<Taken> {
        let mut frame = Frame::default();
        octets.iter().map(|octet| frame.take(*octet)).filter(|taken| *taken != Taken::More).collect()
    }

    fn number(digits: &str) -> CallerId {
        CallerId { number: Number::from(digits).unwrap(), ..CallerId::default() }
    }

    #[test]
    fn what_is_composed_is_read() {
        for digits in ["0312345678", "03123456789012", "1"] {
            assert_eq!(
                compose(&number(digits))[..],
                frame(&[&[NUMBER, digits.len() as u8], digits.as_bytes()].concat())
            );
            assert_eq!(taken(&compose(&number(digits))), [Taken::Whole(Some(number(digits)))]);
        }
        for absence in [AbsenceReason::Private, AbsenceReason::Unavailable] {
            let caller = CallerId { absence: Some(absence), ..CallerId::default() };
            assert_eq!(taken(&compose(&caller)), [Taken::Whole(Some(caller))]);
        }
    }

    #[test]
    fn the_number_is_read_from_a_whole_frame_and_not_before() {
        let octets = frame(b"\x02\x0a0312345678");
        assert_eq!(octets[0], BEGIN);
        assert_eq!(taken(&octets), [Taken::Whole(Some(number("0312345678")))]);
        assert_eq!(taken(&octets[..octets.len() - 1]), []);
    }

    #[test]
    fn a_length_that_looks_like_a_control_character_is_doubled_on_the_way() {
        // 16 octets of parameters: the length is DLE.
        let octets = frame(b"\x02\x0e03123456789012");
        assert_eq!(taken(&octets), [Taken::Whole(Some(number("03123456789012")))]);
    }

    #[test]
    fn why_a_number_is_absent_is_told() {
        for (reason, absence) in
            [(b'P', AbsenceReason::Private), (b'O', AbsenceReason::Unavailable), (b'C', AbsenceReason::Unavailable)]
        {
            let caller = CallerId { absence: Some(absence), ..CallerId::default() };
            assert_eq!(taken(&frame(&[ABSENT, 1, reason])), [Taken::Whole(Some(caller))]);
        }
    }

    #[test]
    fn the_number_dialled_is_not_the_callers() {
        let octets = frame(b"\x02\x040999\x21\x07abcdefg\x09\x041111");
        assert_eq!(taken(&octets), [Taken::Whole(Some(number("0999")))]);
    }

    #[test]
    fn no_flipped_bit_makes_another_caller() {
        let whole = frame(b"\x02\x0a0312345678");
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut damaged = whole.clone();
                damaged[at] ^= 1 << bit;
                assert!(!taken(&damaged).iter().any(|taken| matches!(taken, Taken::Whole(Some(_)))), "{at}, bit {bit}");
            }
        }
    }

    #[test]
    fn octets_without_end_are_given_up() {
        assert_eq!(taken(&[0x81; MESSAGE_MAX + 1]), [Taken::TooLong]);
    }
}
