//! Written messages are read again, whatever they are and however they are cut.

use proptest::collection::vec;
use proptest::prelude::*;
use tipring_tsapi::ber::{Reader, Writer};
use tipring_tsapi::frame::{Frame, Reassembly};
use tipring_tsapi::pdu::private_area::{self, DATA_OCTETS_MAX, Private};
use tipring_tsapi::session::password;

use crate::messages::Message;
use crate::random;

fn written(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut Writer::new(&mut out));
    out
}

proptest! {
    #[test]
    fn integers(value: i32, redundant in 0usize..4) {
        let octets = written(|writer| writer.integer(value));
        prop_assert!(octets.len() <= 6);
        prop_assert_eq!(Reader::new(&octets).integer(), Ok(value));
        // Repeated sign octets change nothing.
        let sign = if value < 0 { 0xFF } else { 0x00 };
        let longer = [&[2, octets[1] + redundant as u8][..], &vec![sign; redundant], &octets[2..]].concat();
        prop_assert_eq!(Reader::new(&longer).integer(), Ok(value));
    }

    #[test]
    fn strings(octets in vec(any::<u8>(), 0..70_000), text in "[\\x01-\\x7f]{0,300}") {
        let written_octets = written(|writer| writer.octet_string(&octets));
        prop_assert_eq!(Reader::new(&written_octets).octet_string(70_000), Ok(&octets[..]));
        let written_text = written(|writer| writer.ia5_string(&text));
        prop_assert_eq!(Reader::new(&written_text).ia5_string(300), Ok(&text[..]));
        if !text.is_empty() {
            prop_assert!(Reader::new(&written_text).ia5_string(text.len() - 1).is_err());
        }
    }

    #[test]
    fn bit_strings(bits: u16, count in 9u8..=16) {
        let kept = bits & (0xFFFF << (16 - count));
        let octets = written(|writer| writer.bits16(bits, count));
        prop_assert_eq!(Reader::new(&octets).bits(), Ok(kept));
        let octets = written(|writer| writer.bits8((bits >> 8) as u8, count - 8));
        prop_assert_eq!(Reader::new(&octets).bits(), Ok(bits & (0xFF00 << (16 - count)) & 0xFF00));
    }

    #[test]
    fn messages(message in random::message(), invoke: u32, monitor: i32) {
        let octets = message.build(invoke, monitor, &[]);
        let (frame, length) = Frame::split(&octets).unwrap().unwrap();
        prop_assert_eq!((length, frame.header.invoke, frame.header.monitor), (octets.len(), invoke, monitor));
        prop_assert_eq!(Message::read(&frame), Ok(message));
    }

    #[test]
    fn streams_however_they_are_cut(messages in vec(random::message(), 1..12), cuts in vec(1usize..200, 1..40)) {
        let stream: Vec<u8> = messages.iter().flat_map(|message| message.build(1, 2, &[])).collect();
        let mut reassembly = Reassembly::new();
        let (mut rest, mut read) = (&stream[..], Vec::new());
        for size in cuts.iter().cycle() {
            let (piece, next) = rest.split_at((*size).min(rest.len()));
            reassembly.push(piece);
            while let Some(frame) = reassembly.frame().unwrap() {
                read.push(Message::read(&frame).unwrap());
            }
            rest = next;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(read, messages);
        prop_assert_eq!(reassembly.pending(), 0);
    }

    #[test]
    fn call_data_of_any_size_fits_and_is_cut_only_if_it_must(call in random::call_data()) {
        let whole = 1 + serde_json::to_vec(&call).unwrap().len();
        let data = private_area::write_call_data(&call);
        prop_assert!(data.len() <= DATA_OCTETS_MAX);
        let area = private_area::area("TIPRING", &data);
        let read = Private::read(&area).unwrap().unwrap();
        let read = private_area::read_call_data(read.data).unwrap();
        if whole <= DATA_OCTETS_MAX {
            prop_assert_eq!(read, call);
        } else {
            // A character has at most 6 octets in JSON: no more room is left than one would have taken.
            // A line of the card goes whole, and first: then the last that went would have been too much.
            let mut more = read.clone();
            if let (Some(card), Some(all)) = (&mut more.card, &call.card) {
                card.lines.extend(all.lines.get(card.lines.len()).cloned());
            }
            let with_line = 1 + serde_json::to_vec(&more).unwrap().len();
            let is_full = data.len() > DATA_OCTETS_MAX - 6 || with_line > DATA_OCTETS_MAX;
            prop_assert!(is_full, "{} octets of {}", data.len(), whole);
            let kept = |cut: &Option<String>, all: &Option<String>| match (cut, all) {
                (Some(cut), Some(all)) => all.starts_with(cut.as_str()),
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            };
            prop_assert!(kept(&read.customer, &call.customer) && kept(&read.account, &call.account));
            prop_assert!(kept(&read.caller, &call.caller) && kept(&read.queue, &call.queue));
            prop_assert!(kept(&read.caller_name, &call.caller_name));
            prop_assert!(call.keyed.starts_with(&read.keyed));
            prop_assert_eq!(read.wait_ms, call.wait_ms);
        }
    }

    #[test]
    fn passwords(password in vec(1u8.., 0..=40), challenge: [u8; 8]) {
        let plain = password::decipher(&password::encipher(&password, challenge), challenge).unwrap();
        prop_assert_eq!(&plain[..password.len()], &password[..]);
        prop_assert!(plain[password.len()..].iter().all(|octet| *octet == 0));
    }
}
