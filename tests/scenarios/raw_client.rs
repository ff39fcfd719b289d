//! A client written from the wire's description alone: a socket, a frame header, a handful of tags. It logs in, watches
//! a headset, sees the caller's number, answers, and clears; what the card's and the exchange's side of it heard is the
//! judge.
//!
//! Shares no code with the library that serves it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use tipring_tests::{Folder, Listen, Process, site_config};

const SOON: Duration = Duration::from_secs(20);
const A_CALL: Duration = Duration::from_secs(60);

/// Event classes.
const ACS_REQUEST: u16 = 0;
const ACS_CONFIRMATION: u16 = 2;
const CSTA_REQUEST: u16 = 3;
const CSTA_UNSOLICITED: u16 = 4;
const CSTA_CONFIRMATION: u16 = 5;

/// A frame as it came: class, type, invoke id, cross reference, body, private area.
#[derive(Debug, Clone)]
struct Received {
    class: u16,
    kind: u16,
    invoke: u32,
    monitor: u32,
    body: Vec<u8>,
    private: Vec<u8>,
}

/// One BER value: tag and contents.
#[derive(Debug, Clone, PartialEq)]
struct Tlv(u8, Vec<u8>);

fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match contents.len() {
        short @ 0..=0x7f => out.push(short as u8),
        long @ 0x80..=0xff => out.extend([0x81, long as u8]),
        longer => out.extend([0x82, (longer >> 8) as u8, longer as u8]),
    }
    out.extend(contents);
    out
}

fn sequence(members: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &members.concat())
}

fn text(text: &str) -> Vec<u8> {
    tlv(0x16, text.as_bytes())
}

fn enumerated(value: u8) -> Vec<u8> {
    tlv(0x0a, &[value])
}

/// Takes the values out of the contents of a sequence.
fn values(mut octets: &[u8]) -> Vec<Tlv> {
    let mut values = Vec::new();
    while let [tag, first, rest @ ..] = octets {
        let (length, rest) = match *first {
            short @ 0..=0x7f => (usize::from(short), rest),
            0x81 => (usize::from(rest[0]), &rest[1..]),
            0x82 => (usize::from(rest[0]) << 8 | usize::from(rest[1]), &rest[2..]),
            other => panic!("a length of {other:#x}"),
        };
        values.push(Tlv(*tag, rest[..length].to_vec()));
        octets = &rest[length..];
    }
    values
}

/// The members of a body, which is one sequence.
fn members(body: &[u8]) -> Vec<Tlv> {
    let outer = values(body);
    assert_eq!((outer.len(), outer[0].0), (1, 0x30), "a body is one sequence");
    values(&outer[0].1)
}

struct Raw {
    stream: TcpStream,
    invoke: u32,
    kept: Vec<Received>,
}

impl Raw {
    fn connect(address: &str) -> Raw {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(A_CALL)).unwrap();
        Raw { stream, invoke: 0, kept: Vec::new() }
    }

    fn send(&mut self, class: u16, kind: u16, body: &[u8], vendor: Option<(&str, &[u8])>) -> u32 {
        self.invoke += 1;
        let mut private = Vec::new();
        if let Some((vendor, data)) = vendor {
            private.extend(vendor.as_bytes());
            private.resize(32, 0);
            private.extend((data.len() as u16).to_le_bytes());
            private.extend(data);
        }
        let mut frame = Vec::new();
        frame.extend((18 + body.len() as u32 + private.len() as u32).to_le_bytes());
        frame.extend(1u16.to_le_bytes());
        frame.extend(self.invoke.to_le_bytes());
        frame.extend(0u32.to_le_bytes());
        for field in [class, kind, body.len() as u16, private.len() as u16] {
            frame.extend(field.to_le_bytes());
        }
        frame.extend(body);
        frame.extend(private);
        self.stream.write_all(&frame).unwrap();
        self.invoke
    }

    fn receive(&mut self) -> Received {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).expect("a frame comes in time");
        let mut frame = vec![0; u32::from_le_bytes(length) as usize];
        self.stream.read_exact(&mut frame).unwrap();
        let short = |at: usize| u16::from_le_bytes([frame[at], frame[at + 1]]);
        let long = |at: usize| u32::from_le_bytes([frame[at], frame[at + 1], frame[at + 2], frame[at + 3]]);
        assert_eq!(short(0), 1, "the version is 1");
        let (body, private) = (usize::from(short(14)), usize::from(short(16)));
        assert_eq!(frame.len(), 18 + body + private);
        Received {
            class: short(10),
            kind: short(12),
            invoke: long(2),
            monitor: long(6),
            body: frame[18..18 + body].to_vec(),
            private: frame[18 + body..].to_vec(),
        }
    }

    /// Waits for a frame of this class and type; keeps the others.
    fn wait(&mut self, class: u16, kind: u16) -> Received {
        if let Some(at) = self.kept.iter().position(|frame| (frame.class, frame.kind) == (class, kind)) {
            return self.kept.remove(at);
        }
        loop {
            let frame = self.receive();
            if (frame.class, frame.kind) == (class, kind) {
                return frame;
            }
            assert_ne!((frame.class, frame.kind), (CSTA_CONFIRMATION, 53), "a request was refused: {frame:x?}");
            self.kept.push(frame);
        }
    }

    /// Asks for a service and waits for its confirmation.
    fn ask(&mut self, kind: u16, body: &[u8], confirmation: u16) -> Received {
        let invoke = self.send(CSTA_REQUEST, kind, body, None);
        let frame = self.wait(CSTA_CONFIRMATION, confirmation);
        assert_eq!(frame.invoke, invoke);
        frame
    }
}

/// The reversible cipher of the password field, from its description: 16 rounds on nibbles, five blocks, one key.
fn encipher(password: &str, key: [u8; 8]) -> Vec<u8> {
    const P: [usize; 16] = [3, 14, 15, 2, 13, 12, 4, 5, 9, 6, 0, 1, 11, 7, 10, 8];
    const S: [&str; 16] = [
        "f857c2e9016d34ba",
        "2ce6f018d3a49b57",
        "529fc4d0ea68b137",
        "fd26785904c31abe",
        "5e2bda708641fc39",
        "82fa596c0b1d734e",
        "e8094b27c3a5d16f",
        "148adb7e5f39026c",
        "53c8b2ea41d067f9",
        "60bed4cf728a1539",
        "b5aef1c064293d78",
        "72a0e8f4cb915d36",
        "74f951cb038e2a6d",
        "9480a31c5f72be6d",
        "9547e831dbc20f6a",
        "9abd53f01c8764e2",
    ];
    let nibble = |octets: &[u8], n: usize| usize::from(octets[n / 2] >> (4 * (n % 2)) & 15);
    let mut plain = password.as_bytes().to_vec();
    plain.resize(40, 0);
    let mut out = Vec::new();
    for block in plain.chunks(8) {
        let mut data: Vec<usize> = (0..16).map(|n| nibble(block, n)).collect();
        let mut key = u64::from_le_bytes(key);
        for _ in 0..16 {
            let octets = key.to_le_bytes();
            let substituted: Vec<usize> = (0..16)
                .map(|n| {
                    let digit = S[n].as_bytes()[data[n] ^ nibble(&octets, n)];
                    (digit as char).to_digit(16).unwrap() as usize
                })
                .collect();
            data = P.iter().map(|&from| substituted[from]).collect();
            key = key.rotate_left(4);
        }
        out.extend(data.chunks(2).map(|pair| (pair[0] | pair[1] << 4) as u8));
    }
    out
}

#[test]
fn the_cipher_gives_the_check_value_of_its_description() {
    let cipher = encipher("secret", [0, 1, 2, 3, 4, 5, 6, 7]);
    let hex: String = cipher[..16].iter().map(|octet| format!("{octet:02x}")).collect();
    assert_eq!(hex, "aa74ae08fb331996d4bb387515261996");
}

fn open(address: &str, login: &str, password: &str) -> Raw {
    let mut raw = Raw::connect(address);
    raw.send(ACS_REQUEST, 10, &sequence(&[enumerated(1)]), None);
    let names = raw.wait(ACS_CONFIRMATION, 11);
    let list = &members(&names.body)[1];
    let name = values(&values(&list.1)[0].1)[0].1.clone();
    raw.send(ACS_REQUEST, 5, &sequence(&[tlv(5, &[])]), None);

    let mut raw = Raw::connect(address);
    raw.send(ACS_REQUEST, 8, &sequence(&[text(login)]), Some(("NT_TCP", &[0x80, 1, 1, 1, 3, 1, 1])));
    let challenge = members(&raw.wait(ACS_CONFIRMATION, 13).body);
    let key: [u8; 8] = challenge[1].1.clone().try_into().expect("a challenge has eight octets");
    let body = sequence(&[
        enumerated(1),
        tlv(0x16, &name),
        text(login),
        tlv(0x04, &encipher(password, key)),
        text("raw"),
        enumerated(1),
        text("TS1-2"),
        text("none"),
        text(""),
    ]);
    raw.send(ACS_REQUEST, 1, &body, Some(("VERSION", b"\0TIPRING#1\0")));
    let opened = raw.wait(ACS_CONFIRMATION, 2);
    assert!(opened.private.starts_with(b"TIPRING\0"), "private data was granted: {opened:x?}");
    raw
}

#[test]
fn a_raw_client_answers_a_headset_and_clears_it() {
    let folder = Folder::new("raw");
    let path = |name: &str| folder.path(name).display().to_string();
    let scenario = "[callers]\ncount = 1\ntalk_ms = [40000, 41000]\nhang_up_first_percent = 0\n\
                    [[agent]]\nstation = 2\nphone = \"unattended\"\n[[agent]]\nstation = 3\nphone = \"headset\"\n";
    std::fs::write(folder.path("day.toml"), scenario).unwrap();
    let mut card = Process::start(
        ["sim", "card", "--socket", &path("card.sock"), "--seed", "11", "--scenario", &path("day.toml")],
        Listen::Out,
        &[],
    );
    card.wait_for_file(&folder.path("card.sock"), SOON);
    folder.write_site(&site_config());
    let mut server = Process::start(["serve", "--config", &path("site.toml")], Listen::Err, &[]);
    let serving = server.wait_for("the address", SOON, |line| line.contains("serving "));
    let mut raw = open(serving.rsplit(' ').next().unwrap(), "desk2", "change-me-too-2");

    let no_filter = sequence(&[tlv(3, &[2, 0, 0]), tlv(3, &[4, 0]), tlv(3, &[2, 0]), tlv(3, &[6, 0]), tlv(2, &[0])]);
    let monitor = raw.ask(111, &sequence(&[text("1002"), no_filter]), 114);
    let cross_reference = u32::from(*members(&monitor.body)[0].1.last().unwrap());
    // The telephone is off hook as soon as the card has come up; until then it is out of service.
    card.wait_for("the headset", SOON, |line| line.contains("station_lifted") && line.contains("\"station\":3"));
    std::thread::sleep(Duration::from_secs(1));
    for mode in [0, 3] {
        let password = if mode == 0 { "change-me-2" } else { "" };
        let body = sequence(&[text("1002"), enumerated(mode), text("7002"), text(""), text(password)]);
        raw.ask(49, &body, 50);
    }

    let started: Value =
        serde_json::from_str(&card.wait_for("a call", A_CALL, |line| line.contains("call_started"))).unwrap();
    let delivered = raw.wait(CSTA_UNSOLICITED, 57);
    assert_eq!(delivered.monitor, cross_reference);
    let fields = members(&delivered.body);
    assert_eq!(values(&fields[1].1)[0].1, b"1002", "it alerts at the headset");
    assert_eq!(values(&fields[2].1)[0].1, started["number"].as_str().unwrap().as_bytes(), "the caller's number");
    assert_eq!(fields[5], Tlv(0x0a, vec![2]), "the headset's own state is alerting");
    assert_eq!(delivered.private[34], 1, "version 1 of the screen-pop data");
    let pop: Value = serde_json::from_slice(&delivered.private[35..]).expect("the screen-pop data are JSON");
    assert_eq!(pop["caller"], started["number"]);

    // The screen is read before the call is answered; the caller, without a menu, has meanwhile pressed a key in vain.
    std::thread::sleep(Duration::from_secs(2));
    let connection = tlv(0x30, &fields[0].1);
    raw.ask(3, &sequence(std::slice::from_ref(&connection)), 4);
    let established = raw.wait(CSTA_UNSOLICITED, 59);
    assert_eq!(members(&established.body)[5], Tlv(0x0a, vec![3]), "the headset takes part");
    // A second answer of the same call is refused, in the standard's words.
    raw.send(CSTA_REQUEST, 3, &sequence(std::slice::from_ref(&connection)), None);
    let refused = loop {
        let frame = raw.receive();
        if frame.class == CSTA_CONFIRMATION {
            break frame;
        }
        raw.kept.push(frame);
    };
    assert_eq!(refused.kind, 53, "{refused:x?}");

    // Both directions stand: each heard the other, as the exchange and the telephone tell it.
    for listener in ["\"by\":{\"call\":1}", "\"by\":{\"station\":3}"] {
        let heard =
            card.wait_for("a phrase to be heard", A_CALL, |line| line.contains("\"heard\"") && line.contains(listener));
        let heard: Value = serde_json::from_str(&heard).unwrap();
        assert!(heard["snr_db"].as_f64().unwrap() > 20.0, "{heard}");
    }
    raw.ask(9, &sequence(&[connection]), 10);
    let cleared = raw.wait(CSTA_UNSOLICITED, 56);
    assert_eq!(cleared.monitor, cross_reference);
    card.wait_for("the end of the call", SOON, |line| line.contains("call_ended") && line.contains("card"));
    raw.send(ACS_REQUEST, 3, &sequence(&[tlv(5, &[])]), None);
    raw.wait(ACS_CONFIRMATION, 4);
    assert!(server.terminate().success());
}
