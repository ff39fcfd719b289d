//! BER beside rasn: the same event, to the same octets and back, in one run.
//!
//! ```text
//! cargo bench -p tipring-tests --bench ber --features rasn
//! ```
//!
//! Each figure is the median of many short turns, in nanoseconds an event; ours and the peer's take turns. Both begin
//! with the value in memory and end with its octets in a new buffer, or the other way round; ours makes and reads the
//! frame around them too. The octets are compared first. What it does not show: rasn is general and reads whatever
//! ASN.1 allows; ours knows the subset that TSAPI uses, and keeps device names in place where rasn has them on the
//! heap.

#[cfg(feature = "rasn")]
#[path = "ber/peer.rs"]
mod peer;

use std::hint::black_box;
use std::time::Instant;

use tipring_core::csta::event::Event;
use tipring_tsapi::frame::{self, Frame, Header};
use tipring_tsapi::pdu::{Framed, Pdu};

/// Events of a turn, and turns.
const EVENTS: usize = 2000;
const TURNS: usize = 201;

/// The body of a Delivered event, as a JTAPI client of another maker takes it (`wire/golden/event.txt`).
const DELIVERED: u16 = 57;
const BODY: [u8; 77] = [
    0x30, 0x4b, 0x30, 0x0c, 0x02, 0x01, 0x2a, 0x16, 0x04, 0x31, 0x30, 0x30, 0x31, 0x0a, 0x01, 0x00, 0x30, 0x0c, 0x16,
    0x04, 0x31, 0x30, 0x30, 0x31, 0x0a, 0x01, 0x00, 0x0a, 0x01, 0x00, 0x30, 0x0f, 0x16, 0x07, 0x35, 0x35, 0x35, 0x31,
    0x32, 0x33, 0x34, 0x0a, 0x01, 0x14, 0x0a, 0x01, 0x00, 0x30, 0x0c, 0x16, 0x04, 0x31, 0x30, 0x30, 0x31, 0x0a, 0x01,
    0x00, 0x0a, 0x01, 0x00, 0x30, 0x08, 0x16, 0x00, 0x0a, 0x01, 0x00, 0x0a, 0x01, 0x02, 0x0a, 0x01, 0x02, 0x0a, 0x01,
    0x16,
];

/// The header of its frame, and the frame, are made and read by ours as well: that is how it is used.
const CROSS_REFERENCE: i32 = 7;

fn main() {
    let event = Event::read(DELIVERED, &BODY).expect("it is a Delivered event");
    let frame = build(&event);
    assert!(frame.ends_with(&BODY), "ours writes other octets");
    let write = || {
        black_box(build(black_box(&event)));
    };
    let read = || {
        let (frame, _) = Frame::split(black_box(&frame)).expect("a good header").expect("a whole frame");
        black_box(Event::read(frame.header.pdu, frame.body).is_ok());
    };
    #[cfg(feature = "rasn")]
    let [peer_write, peer_read] = peer::work(&BODY);
    #[cfg(not(feature = "rasn"))]
    let [peer_write, peer_read] = [|| {}, || {}];
    println!("{:<8} {:>10} {:>10} {:>8}", "", "tipring", PEER, "ratio");
    contest("write", write, peer_write);
    contest("read", read, peer_read);
}

/// Name of the second column.
const PEER: &str = if cfg!(feature = "rasn") { "rasn" } else { "nothing" };

fn build(event: &Event) -> Vec<u8> {
    let header = Header { class: event.class(), pdu: event.number(), invoke: 0, monitor: CROSS_REFERENCE };
    frame::build(header, &[], |writer| event.write(writer)).expect("an event fits into a frame")
}

/// Times both in turns and prints the medians, and the median of the ratios.
fn contest(name: &str, mut ours: impl FnMut(), mut peer: impl FnMut()) {
    let mut turns: Vec<[f64; 2]> = (0..TURNS).map(|_| [nanoseconds(&mut ours), nanoseconds(&mut peer)]).collect();
    let mut median = |figure: fn(&[f64; 2]) -> f64| {
        turns.sort_by(|a, b| figure(a).total_cmp(&figure(b)));
        figure(&turns[TURNS / 2])
    };
    let (ours, peer, ratio) = (median(|turn| turn[0]), median(|turn| turn[1]), median(|turn| turn[0] / turn[1]));
    println!("{name:<8} {ours:>7.0} ns {peer:>7.0} ns {ratio:>8.2}");
}

fn nanoseconds(call: &mut impl FnMut()) -> f64 {
    let begun = Instant::now();
    for _ in 0..EVENTS {
        call();
    }
    begun.elapsed().as_secs_f64() * 1e9 / EVENTS as f64
}
