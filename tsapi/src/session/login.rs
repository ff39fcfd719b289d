//! Settled before a stream is open: the Tlink's name and address, the password, and by negotiation the version of the
//! interface, and vendor and version of private data.
//!
//! All of it is text and octets in, an answer out.
//!
//! Never: decides who may log in; the accounts do.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::ops::RangeInclusive;

use crate::pdu::private_area::{Dialect, TIPRING_VERSION, VENDOR_TIPRING};

/// The versions of the interface that we speak.
pub const API_VERSIONS: RangeInclusive<u16> = 1..=2;
/// The versions of the ECS vendor's private data that we grant.
///
/// A client that asks for them and is granted none takes every device for an outside one and offers no telephones to
/// its application. In every version a message without a private area is good.
pub const ECS_VERSIONS: RangeInclusive<u16> = 2..=10;
/// The names under which clients ask for them, the one we prefer first.
pub const ECS_NAMES: [&str; 2] = ["ECS", "AT&T Definity G3"];
/// The longest name of a Tlink.
const TLINK_MAX: usize = 48;

/// The name of a Tlink: vendor, switch, service and server, joined by `#`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tlink(String);

/// A name that cannot be a Tlink's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidTlink;

impl fmt::Display for InvalidTlink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "The names of switch and server must be plain ASCII without '#' or blanks, and short: \
             TIPRING#SWITCH#CSTA-S#SERVER has at most {TLINK_MAX} characters"
        )
    }
}

impl std::error::Error for InvalidTlink {}

impl Tlink {
    /// Makes the Tlink of a switch that a server serves in the clear.
    ///
    /// # Errors
    /// [`InvalidTlink`] if a name is empty, too long, or has a character beyond graphic ASCII or a `#`.
    pub fn new(switch: &str, server: &str) -> Result<Tlink, InvalidTlink> {
        Tlink::of_service("CSTA", switch, server)
    }

    /// Makes the Tlink of a switch that a server serves within TLS.
    ///
    /// # Errors
    /// As [`Tlink::new`].
    pub fn secure(switch: &str, server: &str) -> Result<Tlink, InvalidTlink> {
        Tlink::of_service("CSTA-S", switch, server)
    }

    fn of_service(service: &str, switch: &str, server: &str) -> Result<Tlink, InvalidTlink> {
        let good = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_graphic() && c != '#');
        let name = format!("TIPRING#{switch}#{service}#{server}");
        if good(switch) && good(server) && name.len() <= TLINK_MAX { Ok(Tlink(name)) } else { Err(InvalidTlink) }
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns true if a client means this one; case does not matter.
    pub fn is(&self, name: &str) -> bool {
        self.0.eq_ignore_ascii_case(name)
    }
}

/// The address of a Tlink as the name service writes it: an image of a socket address.
pub fn write_address(address: SocketAddr) -> Vec<u8> {
    let (family, port) = (if address.is_ipv4() { 0x02 } else { 0x0A }, address.port().to_be_bytes());
    let mut octets = vec![family, 0, port[0], port[1]];
    match address {
        SocketAddr::V4(v4) => {
            octets.extend(v4.ip().octets());
            octets.extend([0; 8]);
        }
        SocketAddr::V6(v6) => {
            octets.extend(v6.flowinfo().to_be_bytes());
            octets.extend(v6.ip().octets());
            octets.extend(v6.scope_id().to_le_bytes());
        }
    }
    octets
}

/// The address and port that the name service wrote; nothing if it is of a kind we do not know.
pub fn read_address(octets: &[u8]) -> Option<SocketAddr> {
    let port = u16::from_be_bytes(*octets.get(2..)?.first_chunk()?);
    match octets.first_chunk()? {
        [0x02, 0x00] => {
            let address: [u8; 4] = *octets.get(4..)?.first_chunk()?;
            Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::from(address)), port))
        }
        [0x0A, 0x00] => {
            let address: [u8; 16] = *octets.get(8..)?.first_chunk()?;
            Some(SocketAddr::new(IpAddr::V6(Ipv6Addr::from(address)), port))
        }
        _ => None,
    }
}

/// The versions a client can speak, as it lists them: numbers and ranges joined by `:`, as in `1-3:5`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions(Vec<RangeInclusive<u16>>);

impl Versions {
    /// Reads a list; nothing if it is not one.
    pub fn parse(list: &str) -> Option<Versions> {
        let entry = |entry: &str| {
            let (low, high) = entry.split_once('-').unwrap_or((entry, entry));
            let (low, high) = (number(low)?, number(high)?);
            (low <= high).then_some(low..=high)
        };
        list.split(':').map(entry).collect::<Option<_>>().map(Versions)
    }

    /// Returns the list of those within `supported`, in the form of a list; nothing if there is none.
    pub fn within(&self, supported: &RangeInclusive<u16>) -> Option<String> {
        let within: Vec<String> = self
            .0
            .iter()
            .map(|asked| (*asked.start().max(supported.start()), *asked.end().min(supported.end())))
            .filter(|(low, high)| low <= high)
            .map(|(low, high)| if low == high { low.to_string() } else { format!("{low}-{high}") })
            .collect();
        (!within.is_empty()).then(|| within.join(":"))
    }

    /// The highest version within `supported` that is on the list.
    pub fn highest(&self, supported: &RangeInclusive<u16>) -> Option<u16> {
        self.0
            .iter()
            .map(|asked| ((*asked.start()).max(*supported.start()), (*asked.end()).min(*supported.end())))
            .filter(|(low, high)| low <= high)
            .map(|(_, high)| high)
            .max()
    }
}

fn number(digits: &str) -> Option<u16> {
    let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

/// Reason for which no version of the interface was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoApiVersion {
    /// The request is not `TS` and a list of versions.
    Malformed,
    /// The list has no version that we speak.
    Unsupported,
}

/// The version of the interface for a request such as `TS1-2`.
///
/// # Errors
/// [`NoApiVersion`] if that is no list, or no version of it is spoken.
pub fn grant_api_version(asked: &str) -> Result<u16, NoApiVersion> {
    let versions = asked.strip_prefix("TS").and_then(Versions::parse).ok_or(NoApiVersion::Malformed)?;
    versions.highest(&API_VERSIONS).ok_or(NoApiVersion::Unsupported)
}

/// Vendor of a stream's private data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vendor {
    /// The vendor's name, as it stands in every private area.
    pub name: String,
    /// The version of the vendor's data.
    pub version: u16,
}

impl Vendor {
    /// Our own.
    pub fn tipring() -> Vendor {
        Vendor { name: VENDOR_TIPRING.into(), version: TIPRING_VERSION.into() }
    }

    /// Returns true if screen-pop data may be sent.
    pub fn is_tipring(&self) -> bool {
        self.name == VENDOR_TIPRING
    }

    /// Returns the dialect of its private data.
    pub fn dialect(&self) -> Option<Dialect> {
        match self.name.as_str() {
            VENDOR_TIPRING => Some(Dialect::Tipring),
            name if ECS_NAMES.contains(&name) => Dialect::ecs(self.version),
            _ => None,
        }
    }

    /// The request for exactly these vendors (data of vendor `VERSION`).
    pub fn write_request(asked: &[Vendor]) -> Vec<u8> {
        let list: Vec<String> = asked.iter().map(|vendor| format!("{}#{}", vendor.name, vendor.version)).collect();
        [&[0], list.join("#").as_bytes(), &[0]].concat()
    }

    /// The grant (data of the granted vendor).
    pub fn write_grant(&self) -> Vec<u8> {
        [&[0], self.version.to_string().as_bytes(), &[0]].concat()
    }

    /// Returns the grant; none if the data are not one.
    pub fn read_grant(name: &str, data: &[u8]) -> Option<Vendor> {
        let version = number(printable(data)?)?;
        Some(Vendor { name: name.into(), version })
    }
}

/// The vendor to grant to a request, if any: ours to whom asks for it, else one of those that others cannot do without.
/// A request that is not one gets none.
pub fn grant_vendor(request: &[u8]) -> Option<Vendor> {
    let tokens: Vec<&str> = printable(request)?.split('#').collect();
    let version = |wanted: &str, supported: RangeInclusive<u16>| {
        let asked = tokens.as_chunks::<2>().0.iter().filter(|[name, _]| *name == wanted);
        asked.filter_map(|[_, list]| Versions::parse(list)?.highest(&supported)).max()
    };
    let ours = u16::from(TIPRING_VERSION);
    let vendors = [(VENDOR_TIPRING, ours..=ours), (ECS_NAMES[0], ECS_VERSIONS), (ECS_NAMES[1], ECS_VERSIONS)];
    vendors
        .into_iter()
        .find_map(|(name, supported)| version(name, supported).map(|version| Vendor { name: name.into(), version }))
}

/// The text of version data: an octet that says so (0), ASCII, a NUL that some leave out.
fn printable(data: &[u8]) -> Option<&str> {
    let text = data.strip_prefix(&[0])?;
    let text = text.strip_suffix(&[0]).unwrap_or(text);
    core::str::from_utf8(text).ok().filter(|text| text.is_ascii() && !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(list: &str) -> Vec<u8> {
        [&[0], list.as_bytes(), &[0]].concat()
    }

    fn granted(list: &str) -> Option<(String, u16)> {
        grant_vendor(&request(list)).map(|vendor| (vendor.name, vendor.version))
    }

    #[test]
    fn the_highest_common_version_is_granted() {
        assert_eq!(grant_api_version("TS1-2"), Ok(2));
        assert_eq!(grant_api_version("TS1:2"), Ok(2));
        assert_eq!(grant_api_version("TS1-3:5"), Ok(2));
        assert_eq!(grant_api_version("TS1"), Ok(1));
        assert_eq!(grant_api_version("TS3-9"), Err(NoApiVersion::Unsupported));
        for bad in ["", "TS", "1-2", "TS1-", "TS2-1", "TS+1", "TS1::2", "TS99999"] {
            assert_eq!(grant_api_version(bad), Err(NoApiVersion::Malformed), "{bad:?}");
        }
    }

    #[test]
    fn ours_is_granted_to_whom_asks_and_others_to_whom_need_them() {
        assert_eq!(granted("TIPRING#1"), Some(("TIPRING".into(), 1)));
        assert_eq!(granted("ECS#4-10#TIPRING#1-3"), Some(("TIPRING".into(), 1)));
        assert_eq!(granted("ECS#4-10#AT&T Definity G3#4-10"), Some(("ECS".into(), 10)));
        assert_eq!(granted("AT&T Definity G3#2-8"), Some(("AT&T Definity G3".into(), 8)));
        assert_eq!(granted("ECS#8"), Some(("ECS".into(), 8)));
        assert_eq!(granted("ECS#8-10"), Some(("ECS".into(), 10)));
        assert_eq!(granted("ECS#11"), None);
        assert_eq!(granted("TIPRING#2"), None);
        assert_eq!(granted("OTHER#1"), None);
    }

    #[test]
    fn what_is_not_a_request_is_granted_nothing() {
        for bad in [&b""[..], b"TIPRING#1", &[1, b'8', 0], &[0], &[0, 0xFF, 0], b"\0TIPRING\0", b"\0#\0"] {
            assert_eq!(grant_vendor(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_grant_is_read_as_it_was_written() {
        let vendor = Vendor::tipring();
        assert_eq!(vendor.write_grant(), [0, b'1', 0]);
        assert_eq!(Vendor::read_grant("TIPRING", &[0, b'1', 0]), Some(vendor.clone()));
        assert_eq!(grant_vendor(&Vendor::write_request(std::slice::from_ref(&vendor))), Some(vendor));
        assert_eq!(Vendor::read_grant("ECS", &[2, 0]), None);
    }

    #[test]
    fn addresses_of_both_families_come_back() {
        for text in ["127.0.0.1:14450", "[2001:db8::7]:450"] {
            let address: SocketAddr = text.parse().unwrap();
            assert_eq!(read_address(&write_address(address)), Some(address));
        }
        let octets = write_address("127.0.0.1:14450".parse().unwrap());
        assert_eq!(octets, [2, 0, 0x38, 0x72, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        for length in 0..8 {
            assert_eq!(read_address(&octets[..length]), None);
        }
    }

    #[test]
    fn a_tlink_has_four_short_plain_parts() {
        let tlink = Tlink::new("OFFICE", "pc1").unwrap();
        assert_eq!(tlink.as_str(), "TIPRING#OFFICE#CSTA#pc1");
        assert!(tlink.is("tipring#office#csta#PC1"));
        for (switch, server) in [("", "a"), ("a#b", "c"), ("a b", "c"), ("总机", "c"), ("a", &"x".repeat(40))] {
            assert_eq!(Tlink::new(switch, server), Err(InvalidTlink));
        }
    }
}
