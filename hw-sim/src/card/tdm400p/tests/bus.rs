//! The card as a PCI function: its windows, its interrupt, its way into memory, and what goes wrong there.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::*;

#[test]
fn without_its_clock_nothing_moves_but_registers_answer() {
    let mut host = Host::started(vec![Planned::during(Fault::StoppedClock, 10, 50)]);
    let position = |host: &mut Host| {
        let mut octets = [0; 4];
        host.card.read(Region::Bar(1), 0x24, &mut octets);
        u32::from_le_bytes(octets)
    };
    host.live(10);
    let before = position(&mut host);
    host.live(50);
    assert_eq!((position(&mut host), host.fxs(0)), (before, 0x05));
    host.live(1);
    assert_eq!(position(&mut host), before + 32);
}

#[test]
fn memory_that_does_not_answer_is_a_master_abort() {
    let mut host = Host::started(vec![]);
    host.live(2);
    host.write(register::INTSTAT, 0xff);
    host.memory.clear();
    host.live(1);
    assert_eq!(host.read(register::INTSTAT) & 0x30, 0x10);
    let mut status = [0; 2];
    host.card.read(Region::Config, 0x06, &mut status);
    assert_eq!(u16::from_le_bytes(status) & STATUS_RECEIVED_MASTER_ABORT, STATUS_RECEIVED_MASTER_ABORT);
    assert!(host.card.interrupt());
}

#[test]
fn a_target_abort_on_demand_carries_no_sound() {
    let mut host = Host::started(vec![Planned::during(Fault::TargetAbort, 2, 1)]);
    host.live(2);
    assert_eq!(host.read(register::INTSTAT) & 0x30, 0);
    host.file.write_all_at(&[0x77; 4 * RING as usize], u64::from(4 * RING)).unwrap();
    host.live(1);
    assert_eq!(host.read(register::INTSTAT) & 0x30, 0x20);
    assert!(host.heard().iter().all(|&word| word == 0x7777_7777));
}

#[test]
fn without_bus_mastering_nothing_moves() {
    let mut host = Host::started(vec![]);
    host.card.write(Region::Config, 0x04, &[0x02]);
    host.live(10);
    assert_eq!(host.memory.misses(), 0);
    assert_eq!(host.card.ring_ms(), None);
    let mut position = [0; 4];
    host.card.read(Region::Bar(1), 0x14, &mut position);
    assert_eq!(u32::from_le_bytes(position), BUFFER);
    host.card.write(Region::Config, 0x04, &[0x06]);
    assert_eq!(host.card.ring_ms(), Some(RING / 8));
}

#[test]
fn accesses_of_any_width_and_alignment_reach_the_same_octets() {
    let mut host = Host::started(vec![]);
    host.write(register::OPER, 0);
    host.card.write(Region::Config, 0x04, &[0x07]);
    let all: Vec<u8> = (0..0x40u64).map(|offset| host.read(offset)).collect();
    for bar in [0, 1] {
        for length in 1..=8usize {
            for offset in 0..0x40 - length {
                let mut octets = [0; 8];
                host.card.read(Region::Bar(bar), offset as u64, &mut octets[..length]);
                assert_eq!(
                    octets[..length],
                    all[offset..offset + length],
                    "{length} octets at {offset:#x} of BAR {bar}"
                );
            }
        }
    }
    // An address written in pieces: a word across the middle, then the octets at its ends.
    host.card.write(Region::Bar(0), 0x19, &[0x22, 0x33]);
    host.card.write(Region::Bar(1), 0x18, &[0x10]);
    host.card.write(Region::Bar(0), 0x1b, &[0x44]);
    let mut octets = [0; 4];
    host.card.read(Region::Bar(1), 0x18, &mut octets);
    assert_eq!(octets, [0x10, 0x22, 0x33, 0x44]);
    // Four registers in one go: control, operation, directions and levels, in this order.
    host.card.write(Region::Bar(1), 0x00, &[0x41, 0x00, 0xdf, 0x1c]);
    assert_eq!(host.fxs(0), 0x05, "modules are out of reset, and pins where they were put");
    // Beyond the registers there is nothing, and beyond the region neither.
    let mut octets = [0; 4];
    host.card.read(Region::Bar(1), 0xfe, &mut octets);
    assert_eq!(octets[2..], [0xff; 2]);
    host.card.write(Region::Bar(1), 0xfff, &[0; 4]);
}

#[test]
fn the_interrupt_can_be_disabled_and_in_d3_there_is_none() {
    let mut host = Host::started(vec![]);
    host.live(8);
    assert!(host.card.interrupt());
    host.card.write(Region::Config, 0x05, &[0x04]);
    assert!(!host.card.interrupt());
    let mut status = [0; 2];
    host.card.read(Region::Config, 0x06, &mut status);
    assert_eq!(status[0] & 0x08, 0x08, "the status register tells it all the same");
    host.card.write(Region::Config, 0x05, &[0x00]);
    assert!(host.card.interrupt());
    host.card.write(Region::Config, 0x44, &[0x03]);
    assert!(!host.card.interrupt() && host.card.taken() && host.card.ring_ms().is_none());
    assert_eq!(host.read(register::CNTL), 0xff);
    let before = host.memory.misses();
    host.live(50);
    assert_eq!(host.memory.misses(), before);
    host.card.write(Region::Config, 0x44, &[0x00]);
    host.card.write(Region::Config, 0x04, &[0x06, 0x00]);
    assert_eq!((host.read(register::OPER), host.read(register::MASK0)), (0, 0), "it begins anew");
    host.start();
    host.live(8);
    assert!(host.card.interrupt());
}

#[test]
fn a_card_whose_windows_are_moved_while_it_runs_goes_on() {
    let mut host = Host::started(vec![]);
    host.live(3);
    host.card.write(Region::Config, 0x04, &[0x04, 0x00]);
    for base in [[0xff; 4], [0x00, 0x00, 0xe0, 0xfe]] {
        host.card.write(Region::Config, 0x14, &base);
        host.live(2);
    }
    host.card.write(Region::Config, 0x04, &[0x06, 0x00]);
    let mut position = [0; 4];
    host.card.read(Region::Bar(1), 0x24, &mut position);
    assert_eq!(u32::from_le_bytes(position), BUFFER + 4 * RING + 7 * 32, "DMA does not go through windows");
}

#[test]
fn memory_may_be_taken_away_and_given_back_while_dma_runs() {
    let mut host = Host::started(vec![]);
    host.live(2);
    host.write(register::INTSTAT, 0xff);
    assert_eq!(host.memory.unmap(u64::from(BUFFER), 4096).unwrap(), 1);
    host.live(3);
    assert_eq!(host.read(register::INTSTAT) & 0x30, 0x10);
    host.memory.map(u64::from(BUFFER), 4096, host.file.try_clone().unwrap().into(), 0, true).unwrap();
    host.write(register::INTSTAT, 0xff);
    host.say(0x1234_5678);
    let misses = host.memory.misses();
    host.live(RING / 8);
    assert_eq!((host.read(register::INTSTAT) & 0x3f, host.memory.misses()), (0x0f, misses));
    assert!(host.heard().iter().all(|&word| word == u32::MAX), "no module speaks, and the whole ring is written");
}

#[test]
fn both_bars_are_the_same_registers_and_answer_only_when_decoded() {
    let mut host = Host::started(vec![]);
    host.write(0xc4, 0x5a);
    let mut octet = [0];
    host.card.read(Region::Bar(0), 0xc4, &mut octet);
    assert_eq!(octet, [0xff], "I/O is not decoded");
    host.card.write(Region::Config, 0x04, &[0x07]);
    host.card.read(Region::Bar(0), 0xc4, &mut octet);
    assert_eq!(octet, [0x5a]);
    host.card.read(Region::Bar(0), 256, &mut octet);
    assert_eq!(octet, [0xff]);
}

#[test]
fn interrupts_are_late_lost_or_spurious_as_planned() {
    // Rings of 8 ms: an event every 4.
    let pin = |plan: Vec<Planned>| {
        let mut host = Host::started(plan);
        (0..16)
            .map(|_| {
                host.live(1);
                let pin = host.card.interrupt();
                host.write(register::INTSTAT, if pin { 0x0f } else { 0 });
                pin
            })
            .collect::<Vec<bool>>()
    };
    let up = |at: &[usize]| (0..16).map(|ms| at.contains(&ms)).collect::<Vec<bool>>();
    assert_eq!(pin(vec![]), up(&[3, 7, 11, 15]));
    assert_eq!(pin(vec![Planned::during(Fault::LateInterrupt, 7, 2)]), up(&[3, 9, 11, 15]));
    assert_eq!(pin(vec![Planned::during(Fault::LostInterrupt, 7, 1)]), up(&[3, 11, 15]));
    assert_eq!(pin(vec![Planned::during(Fault::SpuriousInterrupt, 5, 1)]), up(&[3, 5, 7, 11, 15]));
}

#[test]
fn a_reset_of_the_function_stops_everything() {
    let mut host = Host::started(vec![]);
    host.live(10);
    assert!(host.card.interrupt());
    host.card.reset();
    assert!(!host.card.interrupt());
    assert_eq!(host.read(register::CNTL), 0xff, "memory is not decoded");
    host.card.write(Region::Config, 0x04, &[0x06]);
    assert_eq!((host.read(register::CNTL), host.read(register::OPER), host.read(register::MASK0)), (0, 0, 0));
}

#[test]
fn a_million_random_accesses_do_no_harm() {
    const SEED: u64 = 7;
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let plan = vec![
        Planned::at_random(Fault::BrownOut { port: 0 }, 0.01),
        Planned::at_random(Fault::Noise { port: 1, level_dbm0: 3.0 }, 0.5),
        Planned::at_random(Fault::MasterAbort, 0.01),
    ];
    let mut host = Host::started(plan);
    // Accesses of 1, 2 and 4 octets to each BAR and to configuration space, and milliseconds of running DMA.
    let (mut widths, mut running) = ([[0; 3]; 3], 0);
    for count in 0..1_000_000u32 {
        let [kind, offset, length, value] = rng.next_u32().to_le_bytes();
        let region = match kind % 32 {
            0 => Region::Config,
            1..16 => Region::Bar(0),
            16..31 => Region::Bar(1),
            _ => Region::Bar(kind % 8),
        };
        let offset = if kind & 0x80 != 0 { u64::from(offset) } else { u64::from(offset) % 0x30 };
        // Mostly what a processor does, and now and then what only a hostile client can.
        let length = if length < 16 { usize::from(length) } else { 1 << (length % 3) };
        let place = match region {
            Region::Bar(number @ 0..2) => Some(usize::from(number)),
            Region::Config => Some(2),
            Region::Bar(_) => None,
        };
        if let (Some(place), 1 | 2 | 4) = (place, length) {
            widths[place][length.ilog2() as usize] += 1;
        }
        if kind & 0x40 != 0 {
            host.card.read(region, offset, &mut [0; 16][..length]);
        } else {
            host.card.write(region, offset, &[value; 16][..length]);
        }
        if count.is_multiple_of(64) {
            host.telephone(value & 1 != 0, i16::from(value) << 7);
            running += u32::from(host.card.ring_ms().is_some());
            host.live(1);
        }
        // What random writes have switched off is switched on again.
        if count.is_multiple_of(256) {
            host.card.write(Region::Config, 0x44, &[0x00]);
            host.card.write(Region::Config, 0x04, &[0x07]);
            host.start();
        }
    }
    assert!(widths.as_flattened().iter().all(|&count| count > 8_000), "{widths:?}");
    assert!(running > 5_000, "DMA ran for {running} of 15625 ms");
    host.card.reset();
    host.card.write(Region::Config, 0x04, &[0x06, 0]);
    host.write(register::AUXC, 0xdf);
    host.write(register::CNTL, 0x41);
    host.set_pins(PINS_IDLE);
    host.telephone(false, 0);
    assert_eq!(host.fxs(0), 0x05, "seed {SEED}: the card still works");
}
