//! Messages of caller identity: SDMF and MDMF (GR-30-CORE; YD/T 1277.1-2003 uses the same octets).

/// Caller identity as the exchange has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// The number, digits only.
    Number(String),
    /// The caller withheld it (`P`).
    Private,
    /// The exchange does not have it (`O`).
    Unavailable,
}

/// Type of the message that carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Single data message: time and number.
    Sdmf,
    /// Multiple data message: time, number, name.
    Mdmf,
}

/// Contents of the caller-ID message of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdData {
    /// Time of the call.
    pub stamp: Stamp,
    /// Calling line identification.
    pub identity: Identity,
    /// The caller's name as it is sent: ASCII, or GB 2312 in China. A single data message has no room for it.
    pub name: Option<Vec<u8>>,
    /// The message, where there is a choice.
    pub format: Format,
}

impl CallerIdData {
    /// The number as keys between two marks. Absence has codes of two digits: 00 not available, 10 restricted.
    pub fn as_keys(&self, begin: char, end: char) -> String {
        match &self.identity {
            Identity::Number(digits) => format!("{begin}{digits}{end}"),
            Identity::Unavailable => format!("B00{end}"),
            Identity::Private => format!("B10{end}"),
        }
    }
}

/// The month, day, hour and minute that go with a call: `MMDDHHMM` in ASCII.
pub type Stamp = [u8; 8];

const SDMF_CALL: u8 = 0x04;
const MDMF_CALL: u8 = 0x80;
const TIME: u8 = 0x01;
const NUMBER: u8 = 0x02;
const NUMBER_ABSENT: u8 = 0x04;
const NAME: u8 = 0x07;

/// The longest name that is sent, in octets (GR-30).
pub const NAME_MAX: usize = 15;
/// The longest number that is sent, in digits.
pub const NUMBER_MAX: usize = 20;

/// The octets of a message, type to checksum (GR-30-CORE, EN 300 659-3, YD/T 1277.1).
pub fn message(caller_id: &CallerIdData) -> Vec<u8> {
    let CallerIdData { stamp, identity, name, format } = caller_id;
    let (kind, body) = match format {
        Format::Sdmf => {
            let mut body = stamp.to_vec();
            match identity {
                Identity::Number(digits) => body.extend(digits.bytes().take(NUMBER_MAX)),
                Identity::Private => body.push(b'P'),
                Identity::Unavailable => body.push(b'O'),
            }
            (SDMF_CALL, body)
        }
        Format::Mdmf => {
            let mut body = Vec::new();
            parameter(&mut body, TIME, stamp);
            match identity {
                Identity::Number(digits) => {
                    parameter(&mut body, NUMBER, &digits.as_bytes()[..digits.len().min(NUMBER_MAX)]);
                }
                Identity::Private => parameter(&mut body, NUMBER_ABSENT, b"P"),
                Identity::Unavailable => parameter(&mut body, NUMBER_ABSENT, b"O"),
            }
            if let Some(name) = name {
                parameter(&mut body, NAME, &name[..name.len().min(NAME_MAX)]);
            }
            (MDMF_CALL, body)
        }
    };
    let mut message = vec![kind, body.len() as u8];
    message.extend(body);
    let sum = message.iter().fold(0u8, |sum, &octet| sum.wrapping_add(octet));
    message.push(sum.wrapping_neg());
    message
}

/// Decoded message, as a display shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Indication {
    /// Calling line identification.
    Caller {
        /// The number, or why there is none.
        identity: Identity,
        /// The name as it was sent, if one was.
        name: Option<Vec<u8>>,
    },
    /// Message waiting indication: true lights the lamp.
    Waiting(bool),
}

impl Indication {
    /// Reads an identity sent as DTMF keys between two marks, the second mark included.
    pub fn of_keys(keys: &str) -> Option<Indication> {
        let digits: String = keys.chars().filter(char::is_ascii_digit).collect();
        let identity = match (keys.chars().next()?, &digits[..]) {
            ('B', "00") => Identity::Unavailable,
            ('B', "10") => Identity::Private,
            _ => Identity::Number(digits),
        };
        Some(Indication::Caller { identity, name: None })
    }
}

const SDMF_WAITING: u8 = 0x06;
const MDMF_WAITING: u8 = 0x82;
const INDICATOR: u8 = 0x0b;
/// Message waiting indication in SDMF: one code three times over.
const LAMP_ON: u8 = 0x42;
const LAMP_OFF: u8 = 0x6f;

/// Reads an SDMF or MDMF message; `None` if it is damaged or unknown.
pub fn read(octets: &[u8]) -> Option<Indication> {
    let (&[kind, length], rest) = octets.split_first_chunk::<2>()?;
    let whole = octets.get(..usize::from(length) + 3)?;
    let body = rest.get(..usize::from(length))?;
    if whole.iter().fold(0u8, |sum, &octet| sum.wrapping_add(octet)) != 0 {
        return None;
    }
    match (kind, body) {
        (SDMF_WAITING, [LAMP_ON, LAMP_ON, LAMP_ON]) => Some(Indication::Waiting(true)),
        (SDMF_WAITING, [LAMP_OFF, LAMP_OFF, LAMP_OFF]) => Some(Indication::Waiting(false)),
        (SDMF_CALL, _) => {
            let number = body.get(8..)?;
            Some(Indication::Caller { identity: number_of(number)?, name: None })
        }
        (MDMF_WAITING, _) => match parameters(body)?.into_iter().find(|(kind, _)| *kind == INDICATOR)?.1 {
            [0xff] => Some(Indication::Waiting(true)),
            [0x00] => Some(Indication::Waiting(false)),
            _ => None,
        },
        (MDMF_CALL, _) => {
            let parameters = parameters(body)?;
            let of = |wanted: u8| parameters.iter().find(|(kind, _)| *kind == wanted).map(|(_, data)| *data);
            let identity = number_of(of(NUMBER).or(of(NUMBER_ABSENT))?)?;
            Some(Indication::Caller { identity, name: of(NAME).map(<[u8]>::to_vec) })
        }
        _ => None,
    }
}

/// Reads NTT's number display message; `None` if it is damaged or another message.
pub fn read_ntt(octets: &[u8]) -> Option<Indication> {
    let end = octets.windows(2).position(|pair| pair.iter().map(|octet| octet & 0x7f).eq([DLE, ETX]))? + 2;
    let (frame, sum) = (octets.get(..end)?, octets.get(end..end + 2)?);
    let covered = frame.get(2..)?.iter().chain(sum);
    let odd = frame.iter().any(|octet| octet.count_ones() % 2 == 1);
    if covered.fold(0, |sum, &octet| crc16(sum, octet)) != 0 || odd {
        return None;
    }
    let plain: Vec<u8> = frame.iter().map(|octet| octet & 0x7f).collect();
    let content = plain.strip_prefix(&[DLE, SOH, NTT_HEADER, DLE, STX, NTT_NUMBER_DISPLAY])?;
    let mut body = Vec::new();
    let mut octets = content[..content.len() - 2].iter();
    while let Some(&octet) = octets.next() {
        body.push(octet);
        if octet == DLE && octets.next() != Some(&DLE) {
            return None;
        }
    }
    let (&length, body) = body.split_first()?;
    let parameters = parameters(body.get(..usize::from(length)).filter(|all| all.len() == body.len())?)?;
    let of = |wanted: u8| parameters.iter().find(|(kind, _)| *kind == wanted).map(|(_, data)| *data);
    Some(Indication::Caller { identity: number_of(of(NTT_NUMBER).or(of(NTT_ABSENT))?)?, name: None })
}

/// Digits, or the one letter that says why there are none.
fn number_of(data: &[u8]) -> Option<Identity> {
    match data {
        b"P" => Some(Identity::Private),
        b"O" => Some(Identity::Unavailable),
        digits => Some(Identity::Number(String::from_utf8(digits.to_vec()).ok()?)),
    }
}

fn parameters(mut body: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut parameters = Vec::new();
    while let Some((&[kind, length], rest)) = body.split_first_chunk::<2>() {
        let (data, rest) = rest.split_at_checked(length.into())?;
        parameters.push((kind, data));
        body = rest;
    }
    body.is_empty().then_some(parameters)
}

const DLE: u8 = 0x10;
const SOH: u8 = 0x01;
const STX: u8 = 0x02;
const ETX: u8 = 0x03;
const NTT_HEADER: u8 = 0x07;
const NTT_NUMBER_DISPLAY: u8 = 0x40;
const NTT_NUMBER: u8 = 0x02;
const NTT_ABSENT: u8 = 0x04;

/// The octets of NTT's number display, each of seven bits with even parity, the two of the checksum as they are.
pub fn ntt_message(caller_id: &CallerIdData) -> Vec<u8> {
    let mut body = Vec::new();
    match &caller_id.identity {
        Identity::Number(digits) => {
            parameter(&mut body, NTT_NUMBER, &digits.as_bytes()[..digits.len().min(NUMBER_MAX)]);
        }
        Identity::Private => parameter(&mut body, NTT_ABSENT, b"P"),
        Identity::Unavailable => parameter(&mut body, NTT_ABSENT, b"O"),
    }
    let mut frame = vec![DLE, SOH, NTT_HEADER, DLE, STX, NTT_NUMBER_DISPLAY];
    for octet in std::iter::once(body.len() as u8).chain(body) {
        // What looks like the beginning of a control sequence is doubled.
        frame.push(octet);
        if octet == DLE {
            frame.push(DLE);
        }
    }
    frame.extend([DLE, ETX]);
    for octet in &mut frame {
        *octet |= (octet.count_ones() as u8 & 1) << 7;
    }
    // The checksum covers what follows SOH.
    let sum = frame[2..].iter().fold(0u16, |sum, &octet| crc16(sum, octet));
    frame.extend(sum.to_le_bytes());
    frame
}

/// x^16 + x^12 + x^5 + 1, the least significant bit of each octet first.
fn crc16(sum: u16, octet: u8) -> u16 {
    (0..8).fold(sum ^ u16::from(octet), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0x8408 } else { sum >> 1 })
}

fn parameter(body: &mut Vec<u8>, kind: u8, data: &[u8]) {
    body.extend([kind, data.len() as u8]);
    body.extend(data);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        text.split(' ').map(|octet| u8::from_str_radix(octet, 16).unwrap()).collect()
    }

    fn caller_id_of(format: Format, identity: Identity, name: Option<&[u8]>) -> CallerIdData {
        CallerIdData { stamp: *b"09301230", identity, name: name.map(<[u8]>::to_vec), format }
    }

    #[test]
    fn published_messages() {
        let number = || Identity::Number("6095551212".into());
        assert_eq!(
            message(&caller_id_of(Format::Sdmf, number(), None)),
            hex("04 12 30 39 33 30 31 32 33 30 36 30 39 35 35 35 31 32 31 32 54")
        );
        assert_eq!(
            message(&caller_id_of(Format::Mdmf, number(), Some(b"JOHN DOE"))),
            hex(
                "80 20 01 08 30 39 33 30 31 32 33 30 02 0A 36 30 39 35 35 35 31 32 31 32 07 08 4A 4F 48 4E 20 44 4F 45 7F"
            )
        );
        assert_eq!(
            message(&caller_id_of(Format::Mdmf, Identity::Private, None)),
            hex("80 0D 01 08 30 39 33 30 31 32 33 30 04 01 50 83")
        );
        let name = [0xd5, 0xc5, 0xc8, 0xfd];
        assert_eq!(
            message(&caller_id_of(Format::Mdmf, Identity::Number("01062345678".into()), Some(&name))),
            hex("80 1D 01 08 30 39 33 30 31 32 33 30 02 0B 30 31 30 36 32 33 34 35 36 37 38 07 04 D5 C5 C8 FD 17")
        );
    }

    #[test]
    fn number_display_of_japan() {
        let frame = ntt_message(&caller_id_of(Format::Mdmf, Identity::Number("0312345678".into()), None));
        let plain: Vec<u8> = frame[..frame.len() - 2].iter().map(|octet| octet & 0x7f).collect();
        assert_eq!(&plain[..9], [DLE, SOH, 0x07, DLE, STX, 0x40, 12, 0x02, 10]);
        assert_eq!(&plain[9..19], b"0312345678");
        assert!(frame[..frame.len() - 2].iter().all(|octet| octet.count_ones() % 2 == 0));
        // A checksum over everything with its own octets leaves nothing.
        assert_eq!(frame[2..].iter().fold(0, |sum, &octet| crc16(sum, octet)), 0);
    }

    #[test]
    fn what_is_sent_is_read_and_what_is_damaged_is_not() {
        let name = Some(&b"JOHN DOE"[..]);
        for identity in [Identity::Number("03123456789012".into()), Identity::Private, Identity::Unavailable] {
            let sent = caller_id_of(Format::Mdmf, identity.clone(), name);
            let told = |name: Option<&[u8]>| {
                Some(Indication::Caller { identity: identity.clone(), name: name.map(<[u8]>::to_vec) })
            };
            assert_eq!(read(&message(&sent)), told(name));
            assert_eq!(read_ntt(&ntt_message(&sent)), told(None));
            let mut damaged = message(&sent);
            damaged[5] ^= 1;
            assert_eq!(read(&damaged), None);
            let mut damaged = ntt_message(&sent);
            damaged[8] ^= 3;
            assert_eq!(read_ntt(&damaged), None);
            assert_eq!(read(&message(&caller_id_of(Format::Sdmf, identity.clone(), None))), told(None));
        }
        assert_eq!(read(&[0x06, 3, 0x42, 0x42, 0x42, 0x31]), Some(Indication::Waiting(true)));
        assert_eq!(
            Indication::of_keys("D123C"),
            Some(Indication::Caller { identity: Identity::Number("123".into()), name: None })
        );
    }

    #[test]
    fn numbers_as_keys() {
        assert_eq!(caller_id_of(Format::Sdmf, Identity::Number("123".into()), None).as_keys('D', 'C'), "D123C");
        assert_eq!(caller_id_of(Format::Sdmf, Identity::Private, None).as_keys('A', '#'), "B10#");
    }
}
