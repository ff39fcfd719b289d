//! Every PDU against octets from elsewhere: what is written is these octets, and these octets are what was meant.

use std::sync::LazyLock;

use tipring_tsapi::frame::Frame;
use tipring_tsapi::pdu::private_area::Private;

use crate::messages::{self, Message};

/// A frame from `golden/`.
pub struct Golden {
    pub name: String,
    pub octets: Vec<u8>,
}

static FRAMES: LazyLock<Vec<Golden>> = LazyLock::new(|| {
    let files = [
        include_str!("golden/acs.txt"),
        include_str!("golden/request.txt"),
        include_str!("golden/reply.txt"),
        include_str!("golden/event.txt"),
    ];
    files.into_iter().flat_map(parse).collect()
});

static OTHERS: LazyLock<Vec<Golden>> = LazyLock::new(|| parse(include_str!("golden/others.txt")));

/// All frames that are ours to send or to understand.
pub fn frames() -> &'static [Golden] {
    &FRAMES
}

/// All frames, those that ours never send among them.
pub fn all_frames() -> impl Iterator<Item = &'static Golden> {
    FRAMES.iter().chain(OTHERS.iter())
}

/// Entries begin with `== name` and `origin:`; what has only hex digits is the frame.
pub fn parse(file: &str) -> Vec<Golden> {
    let mut entries = file.split("\n== ");
    entries.next().expect("a file begins with what it is about");
    entries
        .map(|entry| {
            let (name, rest) = entry.split_once('\n').expect("a name has a line of its own");
            assert!(rest.starts_with("origin: "), "{name} does not say where it is from");
            let hex: String = rest
                .lines()
                .filter(|line| !line.starts_with("origin:") && !line.starts_with("note:"))
                .flat_map(|line| line.chars().filter(|c| !c.is_whitespace()))
                .collect();
            assert!(hex.len().is_multiple_of(2), "{name} has half an octet");
            let octet = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal digits");
            Golden { name: name.into(), octets: (0..hex.len()).step_by(2).map(octet).collect() }
        })
        .collect()
}

/// The golden frame of a name.
pub fn frame(name: &str) -> Vec<u8> {
    let found = all_frames().find(|golden| golden.name == name);
    found.unwrap_or_else(|| panic!("no golden frame is called {name:?}")).octets.clone()
}

#[test]
fn golden_octets_are_what_we_read_and_write() {
    let expected = messages::expected();
    let golden = frames();
    for Golden { name, octets } in golden {
        let (frame, length) = Frame::split(octets).expect("a good header").expect("a whole frame");
        assert_eq!(length, octets.len(), "{name}: frames stand alone");
        let (_, message) =
            expected.iter().find(|(expected, _)| expected == name).unwrap_or_else(|| panic!("{name:?} has no meaning"));
        assert_eq!(Message::read(&frame).as_ref(), Ok(message), "{name}, read");
        assert_eq!(frame.header.class, message.class(), "{name}");
        Private::read(frame.private).expect("a good private area");
        let written = message.build(frame.header.invoke, frame.header.monitor, frame.private);
        assert_eq!(hex(&written), hex(octets), "{name}, written");
    }
    assert_eq!(golden.len(), expected.len(), "every message has one golden frame");
}

#[test]
fn every_pdu_of_a_stream_has_golden_octets() {
    let mut numbers: Vec<_> = messages::expected()
        .iter()
        .filter(|(_, message)| matches!(message, Message::Acs(_)))
        .map(|(_, message)| message.number())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers, (1..=16).collect::<Vec<_>>());
}

pub fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
