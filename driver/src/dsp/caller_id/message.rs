//! Caller-ID messages: SDMF and MDMF octets, composed and parsed.
//!
//! ```text
//! message    type, length of the body, body, checksum     (all octets together are 0 modulo 256)
//! SDMF body  MMDDHHMM, then the number in digits, or O or P
//! MDMF body  parameters: type, length, data
//! ```
//!
//! Never: knows how the octets travel.
//!
//! Sources: GR-30-CORE, EN 300 659-3; names by GB 2312 as in YD/T 1277.1-2003, or by ISO 8859-1 as European gateways
//! send them.

use arrayvec::{ArrayString, ArrayVec};
use encoding_rs::{GB18030, WINDOWS_1252};

use crate::signal::{AbsenceReason, CallerId, NAME_MAX, Number};

/// A type, a length, a body of at most 255 octets, a checksum.
pub(crate) const MESSAGE_MAX: usize = 258;

/// A whole message.
pub type Message = ArrayVec<u8, MESSAGE_MAX>;

/// The longest name sent, in octets: GR-30 allows 15, Chinese networks a little more.
pub const NAME_SENT_MAX: usize = 30;

/// The form of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Single data message format: date, time and number.
    Sdmf,
    /// Multiple data message format: date, time, number, name, reasons.
    Mdmf,
}

/// Time of the call, by the clock of the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

mod kind {
    pub(super) const SDMF_CALL: u8 = 0x04;
    pub(super) const SDMF_WAITING: u8 = 0x06;
    pub(super) const MDMF_CALL: u8 = 0x80;
    pub(super) const MDMF_WAITING: u8 = 0x82;
    pub(super) const CHARGE: u8 = 0x86;
    pub(super) const SHORT_MESSAGE: u8 = 0x89;
}

mod parameter {
    pub(super) const STAMP: u8 = 0x01;
    pub(super) const NUMBER: u8 = 0x02;
    pub(super) const DIALABLE_NUMBER: u8 = 0x03;
    pub(super) const NUMBER_ABSENT: u8 = 0x04;
    pub(super) const NAME: u8 = 0x07;
    pub(super) const NAME_ABSENT: u8 = 0x08;
    pub(super) const VISUAL_INDICATOR: u8 = 0x0b;
}

/// Returns true if a message may begin with this octet.
pub(crate) fn is_kind(octet: u8) -> bool {
    matches!(
        octet,
        kind::SDMF_CALL
            | kind::SDMF_WAITING
            | kind::MDMF_CALL
            | kind::MDMF_WAITING
            | kind::CHARGE
            | kind::SHORT_MESSAGE
    )
}

/// Composes the message of a call. A number is cut to 20 digits (EN 300 659-3), a name to 30 octets.
pub(crate) fn compose(caller: &CallerId, stamp: Stamp, format: Format) -> Message {
    let mut message = Message::new();
    // Everything below fits: 2 + 10 + 22 + 32 octets and the checksum.
    let mut put = |octets: &[u8]| message.extend(octets.iter().copied());
    let when = digits(stamp);
    let number: ArrayVec<u8, 20> = caller.number.bytes().take(20).collect();
    let absence = match caller.absence {
        Some(AbsenceReason::Private) => b'P',
        Some(AbsenceReason::Unavailable) | None => b'O',
    };
    match format {
        Format::Sdmf => {
            put(&[kind::SDMF_CALL, 0]);
            put(&when);
            put(if number.is_empty() { core::slice::from_ref(&absence) } else { &number });
        }
        Format::Mdmf => {
            put(&[kind::MDMF_CALL, 0, parameter::STAMP, when.len() as u8]);
            put(&when);
            if number.is_empty() {
                put(&[parameter::NUMBER_ABSENT, 1, absence]);
            } else {
                put(&[parameter::NUMBER, number.len() as u8]);
                put(&number);
            }
            if caller.name.is_empty() {
                put(&[parameter::NAME_ABSENT, 1, absence]);
            } else {
                let name = encode_name(&caller.name);
                put(&[parameter::NAME, name.len() as u8]);
                put(&name);
            }
        }
    }
    message[1] = (message.len() - 2) as u8;
    message.push(checksum(&message));
    message
}

/// Composes the message that lights or puts out the lamp for waiting messages: three octets of SDMF (GR-30), or date,
/// time and visual indicator in MDMF (GR-30, EN 300 659-3).
pub(crate) fn compose_waiting(waiting: bool, stamp: Stamp, format: Format) -> Message {
    let mut message = Message::new();
    match format {
        Format::Sdmf => {
            message.extend([kind::SDMF_WAITING, 3]);
            message.extend([if waiting { 0x42 } else { 0x6f }; 3]);
        }
        Format::Mdmf => {
            let when = digits(stamp);
            let indicator = if waiting { 0xff } else { 0x00 };
            message.extend([kind::MDMF_WAITING, 5 + when.len() as u8, parameter::STAMP, when.len() as u8]);
            message.extend(when);
            message.extend([parameter::VISUAL_INDICATOR, 1, indicator]);
        }
    }
    message.push(checksum(&message));
    message
}

/// The caller in a whole message; none if it is damaged, or about something other than a call.
pub fn parse(message: &[u8]) -> Option<CallerId> {
    let (&[kind, length], rest) = message.split_first_chunk::<2>()?;
    let (_, body) = rest.split_last()?;
    if body.len() != length as usize || checksum(message) != 0 {
        return None;
    }
    match kind {
        kind::SDMF_CALL => parse_single(body),
        kind::MDMF_CALL => parse_multiple(body),
        _ => None,
    }
}

/// Checksum: the octet that makes the sum 0 modulo 256.
fn checksum(octets: &[u8]) -> u8 {
    octets.iter().fold(0_u8, |sum, octet| sum.wrapping_add(*octet)).wrapping_neg()
}

fn parse_single(body: &[u8]) -> Option<CallerId> {
    let (_, number) = body.split_at_checked(8)?;
    let mut caller = CallerId::default();
    put_number(&mut caller, number);
    Some(caller)
}

/// Octets of zero may fill the body up.
fn parse_multiple(mut body: &[u8]) -> Option<CallerId> {
    let mut caller = CallerId::default();
    let mut dialable = Number::new();
    while let Some((&[kind, length], rest)) = body.split_first_chunk::<2>() {
        let (data, rest) = rest.split_at_checked(length as usize)?;
        body = rest;
        match kind {
            parameter::NUMBER => put_number(&mut caller, data),
            parameter::DIALABLE_NUMBER => dialable = read_number(data),
            parameter::NUMBER_ABSENT => caller.absence = Some(read_absence(*data.first()?)),
            parameter::NAME => match data {
                [reason @ (b'P' | b'O')] => caller.absence = caller.absence.or(Some(read_absence(*reason))),
                name => caller.name = decode_name(name),
            },
            // Date, qualifier, charges and what later standards add: nothing that a caller is known by.
            _ => {}
        }
    }
    if caller.number.is_empty() && caller.absence.is_none() {
        caller.number = dialable;
    }
    if !caller.number.is_empty() {
        caller.absence = None;
    }
    body.iter().all(|octet| *octet == 0).then_some(caller)
}

/// Takes a number, or the reason for which there is none in its place. Of two numbers the first counts.
fn put_number(caller: &mut CallerId, data: &[u8]) {
    match data {
        [reason] if reason.is_ascii_alphabetic() => caller.absence = Some(read_absence(*reason)),
        number if caller.number.is_empty() => caller.number = read_number(number),
        _ => {}
    }
}

/// `P` is private; `O`, and the letters that some countries add (`C`, `S`, `I`), tell that the exchange has no number
/// to give.
pub(super) fn read_absence(reason: u8) -> AbsenceReason {
    if reason == b'P' { AbsenceReason::Private } else { AbsenceReason::Unavailable }
}

pub(super) fn read_number(octets: &[u8]) -> Number {
    let mut number = Number::new();
    for octet in octets {
        if matches!(octet, b'0'..=b'9' | b'*' | b'#' | b'+') && number.try_push(char::from(*octet)).is_err() {
            break;
        }
    }
    number
}

fn digits(stamp: Stamp) -> [u8; 8] {
    let mut octets = [b'0'; 8];
    let fields = [stamp.month, stamp.day, stamp.hour, stamp.minute];
    for (pair, value) in octets.chunks_exact_mut(2).zip(fields) {
        pair[0] += value / 10 % 10;
        pair[1] += value % 10;
    }
    octets
}

/// Octets of GB 2312 or ISO 8859-1, of which ASCII is a part, into UTF-8. GB 18030 holds the former and what Chinese
/// networks send beyond it; Windows-1252 the latter.
fn decode_name(octets: &[u8]) -> ArrayString<NAME_MAX> {
    // A character of GB 2312 is two octets above ASCII; letters with accents rarely stand side by side.
    let has_pairs = octets.array_windows::<2>().any(|pair| !pair[0].is_ascii() && !pair[1].is_ascii());
    let encoding = if has_pairs { GB18030 } else { WINDOWS_1252 };
    let mut text = [0; NAME_MAX];
    let (_, _, written, _) = encoding.new_decoder_without_bom_handling().decode_to_utf8(octets, &mut text, true);
    let mut name = ArrayString::new();
    // The decoder writes whole characters only.
    name.push_str(core::str::from_utf8(&text[..written]).unwrap_or_default().trim_end_matches(['\0', ' ']));
    name
}

/// The octets of a name as a line sends it, in GB 2312. `None` for one that is too long, or has a character that is not
/// in it.
pub fn name_octets(name: &str) -> Option<ArrayVec<u8, NAME_SENT_MAX>> {
    let octets = encode_name(name);
    (decode_name(&octets)[..] == *name.trim_end_matches(' ')).then_some(octets)
}

/// UTF-8 into GB 2312 octets, cut after a whole character; what it cannot say becomes a question mark.
fn encode_name(name: &str) -> ArrayVec<u8, NAME_SENT_MAX> {
    let mut octets = ArrayVec::new();
    for character in name.chars() {
        let mut utf8 = [0; 4];
        let mut coded = [0; 4];
        let text = character.encode_utf8(&mut utf8);
        let (result, _, written) = GB18030.new_encoder().encode_from_utf8_without_replacement(text, &mut coded, true);
        let coded: &[u8] = match result {
            // Four octets are beyond what telephones show.
            encoding_rs::EncoderResult::InputEmpty if written <= 2 => &coded[..written],
            _ => b"?",
        };
        if octets.try_extend_from_slice(coded).is_err() {
            break;
        }
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: Stamp = Stamp { month: 9, day: 30, hour: 12, minute: 30 };

    fn caller(number: &str, name: &str, absence: Option<AbsenceReason>) -> CallerId {
        let text = "too long for the test";
        CallerId { number: Number::from(number).expect(text), name: ArrayString::from(name).expect(text), absence }
    }

    fn octets(hex: &str) -> Vec<u8> {
        hex.split_whitespace()
            .map(|octet| u8::from_str_radix(octet, 16).expect("the vectors are hexadecimal"))
            .collect()
    }

    #[test]
    fn a_name_that_would_arrive_as_another_has_no_octets() {
        assert_eq!(name_octets("LIN"), Some(encode_name("LIN")));
        assert_eq!(name_octets("王小明").map(|name| name.len()), Some(6));
        assert_eq!(name_octets(""), Some(ArrayVec::new()));
        for name in ["👍", "a name of thirty-one characters", "王小明王小明王小明王小明王小明王"] {
            assert_eq!(name_octets(name), None, "{name}");
        }
    }

    #[test]
    fn the_lamp_is_lit_and_put_out_in_either_form() {
        let stamp = Stamp { month: 9, day: 30, hour: 12, minute: 30 };
        assert_eq!(compose_waiting(true, stamp, Format::Sdmf)[..], [0x06, 3, 0x42, 0x42, 0x42, 0x31]);
        assert_eq!(compose_waiting(false, stamp, Format::Sdmf)[..5], [0x06, 3, 0x6f, 0x6f, 0x6f]);
        let message = compose_waiting(true, stamp, Format::Mdmf);
        assert_eq!(message[..4], [0x82, 13, 0x01, 8]);
        assert_eq!(message[4..12], *b"09301230");
        assert_eq!(message[12..15], [0x0b, 1, 0xff]);
        assert_eq!((message.len(), checksum(&message)), (16, 0));
        assert_eq!(parse(&message), None, "it is about no call");
    }

    #[test]
    fn published_messages_are_understood() {
        let single = octets("04 12 30 39 33 30 31 32 33 30 36 30 39 35 35 35 31 32 31 32 54");
        assert_eq!(parse(&single), Some(caller("6095551212", "", None)));
        assert_eq!(compose(&caller("6095551212", "", None), STAMP, Format::Sdmf).as_slice(), single);

        let multiple = octets(
            "80 20 01 08 30 39 33 30 31 32 33 30 02 0A 36 30 39 35 35 35 31 32 31 32 \
             07 08 4A 4F 48 4E 20 44 4F 45 7F",
        );
        assert_eq!(parse(&multiple), Some(caller("6095551212", "JOHN DOE", None)));
        assert_eq!(compose(&caller("6095551212", "JOHN DOE", None), STAMP, Format::Mdmf).as_slice(), multiple);

        let private = octets("80 0D 01 08 30 39 33 30 31 32 33 30 04 01 50 83");
        assert_eq!(parse(&private), Some(caller("", "", Some(AbsenceReason::Private))));
    }

    /// A message of parameters.
    fn message_of(parameters: &[(u8, &[u8])], padding: &[u8]) -> Message {
        let mut message = Message::new();
        message.extend([kind::MDMF_CALL, 0]);
        for (kind, data) in parameters {
            message.extend([*kind, data.len() as u8]);
            message.extend(data.iter().copied());
        }
        message.extend(padding.iter().copied());
        message[1] = (message.len() - 2) as u8;
        message.push(checksum(&message));
        message
    }

    #[test]
    fn messages_beyond_the_standard_are_understood_as_exchanges_mean_them() {
        let doe = caller("6095551212", "JOHN DOE", None);
        let (private, unavailable) = (Some(AbsenceReason::Private), Some(AbsenceReason::Unavailable));
        type Parameter<'a> = (u8, &'a [u8]);
        let (date, number, name): (Parameter, Parameter, Parameter) =
            ((1, b"09301230"), (2, b"6095551212"), (7, b"JOHN DOE"));
        for (parameters, padding, meant) in [
            (&[date, (3, number.1), name][..], &b""[..], doe),
            (&[(3, b"12"), number, name], b"", doe),
            (&[number, (3, b"12"), name], b"", doe),
            (&[number, name, (2, b"12")], b"", doe),
            (&[number, name, (2, b"")], b"", doe),
            (&[date, number, name], b"\0", doe),
            (&[date, number, name], b"\0\0\0", doe),
            (&[(2, b"P"), (7, b"P")], b"", caller("", "", private)),
            (&[(2, b"O"), (7, b"O")], b"", caller("", "", unavailable)),
            (&[(4, b"P"), (3, b"12")], b"", caller("", "", private)),
            (&[number, (7, b"P")], b"", caller("6095551212", "", None)),
        ] {
            assert_eq!(parse(&message_of(parameters, padding)), Some(meant), "{parameters:?} {padding:?}");
        }
        assert_eq!(parse(&message_of(&[number, name], b"\x01")), None);
    }

    #[test]
    fn names_in_iso_8859_1_are_understood_beside_chinese_ones() {
        let names: [(&[u8], &str); 6] = [
            (b"M\xfcller J\xfcrgen", "Müller Jürgen"),
            (b"Fran\xe7ois Lef\xe8vre", "François Lefèvre"),
            (b"Zo\xeb", "Zoë"),
            (b"Garc\xeda Nu\xf1o", "García Nuño"),
            (b"\xd5\xc5\xc8\xfd", "张三"),
            // 镕 is beyond GB 2312: its second octet is an F.
            (b"\xd6\xec\xe9F\xbb\xf9", "朱镕基"),
        ];
        for (octets, name) in names {
            assert_eq!(decode_name(octets).as_str(), name);
        }
    }

    #[test]
    fn chinese_names_are_understood() {
        let message =
            octets("80 1D 01 08 30 39 33 30 31 32 33 30 02 0B 30 31 30 36 32 33 34 35 36 37 38 07 04 D5 C5 C8 FD 17");
        let zhang = caller("01062345678", "张三", None);
        assert_eq!(parse(&message), Some(zhang));
        assert_eq!(compose(&zhang, STAMP, Format::Mdmf).as_slice(), message);
    }

    #[test]
    fn absent_numbers_have_their_reason() {
        for absence in [AbsenceReason::Private, AbsenceReason::Unavailable] {
            for format in [Format::Sdmf, Format::Mdmf] {
                let sent = caller("", "", Some(absence));
                assert_eq!(parse(&compose(&sent, STAMP, format)), Some(sent));
            }
        }
    }

    #[test]
    fn a_damaged_octet_is_never_a_message() {
        let message = compose(&caller("01062345678", "张三", None), STAMP, Format::Mdmf);
        for at in 0..message.len() {
            for bit in 0..8 {
                let mut damaged = message.clone();
                damaged[at] ^= 1 << bit;
                assert_eq!(parse(&damaged), None, "bit {bit} of octet {at}");
            }
            assert_eq!(parse(&message[..at]), None, "cut to {at} octets");
        }
    }

    #[test]
    fn parameters_that_overrun_the_body_are_refused() {
        let mut message = vec![kind::MDMF_CALL, 4, parameter::NUMBER, 9, b'1', b'2'];
        message.push(checksum(&message));
        assert_eq!(parse(&message), None);
    }

    #[test]
    fn long_names_are_cut_after_a_whole_character() {
        let long = "欧阳".repeat(10);
        let parsed = parse(&compose(&caller("1", &long, None), STAMP, Format::Mdmf)).expect("it was composed");
        assert_eq!(parsed.name.as_str(), "欧阳".repeat(7) + "欧");
    }
}
