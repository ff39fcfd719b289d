//! No octets from outside make a session panic, or leave it waiting for ever.

use core::time::Duration;
use proptest::collection::vec;
use proptest::prelude::*;
use tipring_core::csta::Request;
use tipring_tsapi::frame::{FRAME_OCTETS_MAX, Frame, HEADER_OCTETS};
use tipring_tsapi::session::{ClientOutput, ClientSession, ServerOutput, ServerSession};

use crate::conversation::{next_output, open_server, server};
use crate::golden::{self, Golden};
use crate::messages::Message;
use crate::ms;

/// End of a session.
#[derive(PartialEq, Eq, Debug)]
enum Fate {
    Closed,
    Alive,
}

/// Drains a server's session, answering what it asks.
fn settle(server: &mut ServerSession) -> (Fate, usize) {
    let (mut fate, mut outputs) = (Fate::Alive, 0);
    while let Some(output) = next_output(ms(50), server) {
        outputs += 1;
        match output {
            ServerOutput::Send(octets) => {
                let mut rest = &octets[..];
                while !rest.is_empty() {
                    let (frame, length) = Frame::split(rest).expect("ours are good").expect("and whole");
                    Message::read(&frame).expect("ours can be read");
                    rest = &rest[length..];
                }
            }
            ServerOutput::Request { invoke, .. } => {
                server.handle_reply(invoke, Err(tipring_core::csta::cause::UniversalFailure::GenericOperation), None);
            }
            ServerOutput::Closed { .. } => fate = Fate::Closed,
            ServerOutput::Opened { .. } | ServerOutput::LogIn { .. } => {}
        }
    }
    (fate, outputs)
}

/// A session that has swallowed something strange either ends or goes on: after at most one longest frame's worth of
/// good requests it answers again or has closed.
fn is_not_wedged(server: &mut ServerSession) {
    if settle(server).0 == Fate::Closed {
        return;
    }
    let good = Message::Request(Request::GetApiCaps).build(77, 0, &[]).repeat(40);
    for _ in 0..FRAME_OCTETS_MAX / good.len() + 2 {
        server.handle_octets(ms(100), &good);
        let (fate, outputs) = settle(server);
        if fate == Fate::Closed || outputs > 0 {
            return;
        }
    }
    panic!("a session neither answers nor ends");
}

#[test]
fn no_flipped_bit_of_a_golden_frame_harms_a_server() {
    for Golden { octets, .. } in golden::all_frames() {
        for bit in 0..octets.len() * 8 {
            let mut flipped = octets.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            for mut session in [open_server("TIPRING#1"), server()] {
                session.handle_octets(ms(50), &flipped);
                is_not_wedged(&mut session);
            }
        }
    }
}

#[test]
fn no_prefix_of_a_golden_frame_harms_a_server() {
    for Golden { name, octets } in golden::frames() {
        for length in 0..octets.len() {
            let mut session = open_server("");
            let fresh = *session.counters();
            session.handle_octets(ms(50), &octets[..length]);
            let (fate, outputs) = settle(&mut session);
            assert_eq!((fate, outputs), (Fate::Alive, 0), "{name}: half a frame is no frame");
            assert_eq!(session.counters().frames_received, fresh.frames_received);
            // What is missing may come as late as it likes.
            session.handle_octets(ms(60), &octets[length..]);
            assert_eq!(session.counters().frames_received, fresh.frames_received + 1, "{name} after {length}");
            is_not_wedged(&mut session);
        }
    }
}

#[test]
fn no_flipped_bit_of_a_golden_frame_harms_a_client() {
    let logged_in = || {
        let settings = tipring_tsapi::session::ClientSettings::new(
            tipring_tsapi::pdu::acs::ServerId::fitted("AVAYA#CM#CSTA#AES"),
            tipring_tsapi::pdu::acs::LoginId::fitted("user"),
            "secret",
        );
        let mut client = ClientSession::new(settings, Duration::ZERO);
        client.handle_octets(ms(1), &golden::frame("auth reply two"));
        client.handle_octets(ms(1), &golden::frame("open stream conf"));
        client.request(&Request::GetApiCaps).expect("it is open");
        client
    };
    for Golden { octets, .. } in golden::all_frames() {
        for bit in 0..octets.len() * 8 {
            let mut flipped = octets.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let mut client = logged_in();
            client.handle_octets(ms(50), &flipped);
            while client.poll_output().is_some_and(|output| !matches!(output, ClientOutput::Closed { .. })) {}
        }
    }
}

proptest! {
    #[test]
    fn no_octets_harm_a_session(pieces in vec(vec(any::<u8>(), 0..200), 0..20)) {
        for mut session in [open_server(""), server()] {
            let mut fate = Fate::Alive;
            for piece in &pieces {
                session.handle_octets(ms(50), piece);
                if settle(&mut session).0 == Fate::Closed {
                    fate = Fate::Closed;
                }
            }
            if fate == Fate::Alive {
                is_not_wedged(&mut session);
            }
        }
    }

    /// A good header with any body: all kinds of BER.
    #[test]
    fn no_body_harms_a_session(class in 0u16..8, pdu in 0u16..140, body in vec(any::<u8>(), 0..120)) {
        let mut octets = vec![0; HEADER_OCTETS];
        octets[0..4].copy_from_slice(&(18 + body.len() as u32).to_le_bytes());
        octets[4] = 1;
        octets[14..16].copy_from_slice(&class.to_le_bytes());
        octets[16..18].copy_from_slice(&pdu.to_le_bytes());
        octets[18..20].copy_from_slice(&(body.len() as u16).to_le_bytes());
        octets.extend(&body);
        for mut session in [open_server(""), server()] {
            session.handle_octets(ms(50), &octets);
            is_not_wedged(&mut session);
        }
    }
}
