//! Sound through the card: octet for octet, in order, none lost, none twice, also when the driver is late.

use tipring_driver::card::{Card, Frame, PortCommand};
use tipring_driver::ids::PortId;

use crate::rig::Rig;

/// The driver's sound in its n-th tick: all octets, in an order that differs from port to port.
pub fn said(tick: u64) -> [Frame; 4] {
    std::array::from_fn(|port| {
        std::array::from_fn(|sample| {
            let n = tick * 8 + sample as u64 + port as u64 * 1000;
            (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8
        })
    })
}

/// The sound heard when none is sent.
pub fn idle() -> [Frame; 4] {
    [[0xd5; 8]; 4]
}

/// A card whose telephones are lifted and whose trunks are seized, so that everything said comes back.
fn looped() -> Rig {
    let mut rig = Rig::new("xxoo");
    rig.bring_up();
    rig.wires.hold().lifted = [true; 4];
    for port in [2, 3] {
        rig.card.command(PortId(port), PortCommand::Hook(true));
    }
    rig.run(1000);
    rig
}

/// Says ticks in order and keeps what is heard, and what was really played in the same time, being late as `late` says
/// for a millisecond: how many pass unserviced.
fn talk(rig: &mut Rig, ms: u64, late: impl Fn(u64) -> u64) -> (Vec<[Frame; 4]>, Vec<[Frame; 4]>) {
    let (mut heard, mut sent) = (Vec::new(), Vec::new());
    let mut tick = 0;
    let mut at = 0;
    while at < ms {
        for _ in 0..=late(at) {
            rig.slot.lock().step();
            at += 1;
        }
        for _ in 0..rig.card.poll().expect("the card runs") {
            let (mut received, mut played) = ([[0; 8]; 4], [[0; 8]; 4]);
            rig.card.exchange(&mut received, &mut played, &said(tick));
            heard.push(received);
            sent.push(played);
            tick += 1;
        }
    }
    (heard, sent)
}

/// The ticks by which what is heard lags behind what is said.
pub const LOOP_TICKS: usize = 5;

/// Counts the idle ticks; each other must be the one sent for it.
pub fn silent_ticks(heard: &[[Frame; 4]]) -> u64 {
    let mut silent = 0;
    for (tick, frames) in heard.iter().enumerate().skip(LOOP_TICKS) {
        if *frames == idle() {
            silent += 1;
        } else {
            assert_eq!(*frames, said((tick - LOOP_TICKS) as u64), "tick {tick} is what was said for it, or idle");
        }
    }
    silent
}

#[test]
fn what_is_said_into_a_loop_comes_back_octet_for_octet() {
    let mut rig = looped();
    let (heard, _) = talk(&mut rig, 5000, |_| 0);
    assert!(heard.len() >= 4999);
    for (tick, frames) in heard.iter().enumerate().skip(LOOP_TICKS) {
        assert_eq!(*frames, said((tick - LOOP_TICKS) as u64), "tick {tick}");
    }
    let counters = rig.card.counters();
    assert_eq!((counters.lost_samples, counters.underrun_ticks, counters.bus_errors), (0, 0, 0));
}

#[test]
fn a_stall_of_20_ms_every_second_loses_nothing_and_replays_nothing() {
    let mut rig = looped();
    let (heard, _) = talk(&mut rig, 10_000, |at| if at % 1000 == 500 { 20 } else { 0 });
    let counters = rig.card.counters();
    assert_eq!(counters.lost_samples, 0);
    assert!(heard.len() >= 9_999, "every tick was received");
    let silent = silent_ticks(&heard);
    assert_eq!(counters.underrun_ticks, silent, "each idle tick was counted");
    assert!((100..=200).contains(&silent), "{silent} idle ticks for ten stalls of 20 ms");
}

#[test]
fn what_was_played_is_known_word_for_word_also_in_stalls() {
    let mut rig = looped();
    let (heard, played) = talk(&mut rig, 10_000, |at| match at % 1000 {
        500 => 20,
        // Longer than the receive ring, and than the transmit ring.
        700 => 70 + at / 1000 * 20,
        _ => 0,
    });
    assert!(rig.card.counters().lost_samples > 0, "the long stalls lost something");
    assert!(heard.len() > 8000);
    for (tick, (heard, played)) in heard.iter().zip(&played).enumerate() {
        assert_eq!(heard, played, "the wires send back what they hear: tick {tick}");
    }
}
