//! Messages of caller identity: SDMF and MDMF (GR-30-CORE; YD/T 1277.1-2003 uses the same octets).

/// What an exchange knows of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// The number, digits only.
    Number(String),
    /// The caller withheld it (`P`).
    Private,
    /// The exchange does not have it (`O`).
    Unavailable,
}

/// Which message carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Single data message: time and number.
    Sdmf,
    /// Multiple data message: time, number, name.
    Mdmf,
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

/// The octets of a message, type to checksum. A single data message has no room for a name.
///
/// `name` is sent as it is: ASCII, or GB 2312 in China.
pub fn message(format: Format, stamp: &Stamp, identity: &Identity, name: Option<&[u8]>) -> Vec<u8> {
    let body = match format {
        Format::Sdmf => {
            let mut body = stamp.to_vec();
            match identity {
                Identity::Number(digits) => body.extend(digits.bytes().take(NUMBER_MAX)),
                Identity::Private => body.push(b'P'),
                Identity::Unavailable => body.push(b'O'),
            }
            body
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
            body
        }
    };
    let kind = match format {
        Format::Sdmf => SDMF_CALL,
        Format::Mdmf => MDMF_CALL,
    };
    let mut message = vec![kind, body.len() as u8];
    message.extend(body);
    let sum = message.iter().fold(0u8, |sum, &octet| sum.wrapping_add(octet));
    message.push(sum.wrapping_neg());
    message
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

    #[test]
    fn published_messages() {
        let stamp = b"09301230";
        let number = Identity::Number("6095551212".into());
        assert_eq!(
            message(Format::Sdmf, stamp, &number, None),
            hex("04 12 30 39 33 30 31 32 33 30 36 30 39 35 35 35 31 32 31 32 54")
        );
        assert_eq!(
            message(Format::Mdmf, stamp, &number, Some(b"JOHN DOE")),
            hex(
                "80 20 01 08 30 39 33 30 31 32 33 30 02 0A 36 30 39 35 35 35 31 32 31 32 07 08 4A 4F 48 4E 20 44 4F 45 7F"
            )
        );
        assert_eq!(
            message(Format::Mdmf, stamp, &Identity::Private, None),
            hex("80 0D 01 08 30 39 33 30 31 32 33 30 04 01 50 83")
        );
        assert_eq!(
            message(Format::Mdmf, stamp, &Identity::Number("01062345678".into()), Some(&[0xd5, 0xc5, 0xc8, 0xfd])),
            hex("80 1D 01 08 30 39 33 30 31 32 33 30 02 0B 30 31 30 36 32 33 34 35 36 37 38 07 04 D5 C5 C8 FD 17")
        );
    }
}
