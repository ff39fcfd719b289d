//! Faults of cards and lines in a simulated day: one card of lines and one of telephones have them, and all others go
//! on as if nothing were.
//!
//! Never: gives a fault to a card whose calls are judged.

use std::collections::BTreeSet;

use tipring_hw_sim::fault::{Fault, Planned};
use tipring_hw_sim::scenario::Cut;

use crate::cmd::demo::cast::PORTS;
use crate::day::people::Dice;

/// Mean time between two faults of a card, in ms.
const BETWEEN_MS: u64 = 600_000;
/// A fault begins after the cards are up, in ms.
const FIRST_MS: u64 = 60_000;
/// The longest fault, in ms.
const LONGEST_MS: usize = 30_000;

/// Faults of a day.
#[derive(Debug, Default)]
pub(super) struct DayFaults {
    /// The faults of each card.
    pub(super) cards: Vec<Vec<Planned>>,
    /// Lines that are cut.
    pub(super) cuts: Vec<Cut>,
    /// Sockets of the cards with faults.
    pub(super) disturbed: BTreeSet<u8>,
}

impl DayFaults {
    /// Draws the faults of a day. A card of lines has some if there is another, and so the last card of telephones
    /// alone; the first two telephones are on neither.
    pub(super) fn draw(lines: usize, agents: usize, cards: usize, length_ms: u64, seed: u64) -> DayFaults {
        let mut dice = Dice(seed ^ 0x6661_756c_7473_0000);
        let mut faults = DayFaults { cards: vec![Vec::new(); cards], ..DayFaults::default() };
        let (of_lines, last) = (lines / PORTS, (lines + agents - 1) / PORTS);
        if of_lines >= 2 {
            let card = dice.of(of_lines);
            faults.disturb(card, length_ms, &mut dice, true);
        }
        if last * PORTS >= lines + 2 {
            faults.disturb(last, length_ms, &mut dice, false);
        }
        faults
    }

    /// Number of faults.
    pub(super) fn count(&self) -> usize {
        self.cards.iter().map(Vec::len).sum::<usize>() + self.cuts.len()
    }

    fn disturb(&mut self, card: usize, length_ms: u64, dice: &mut Dice, is_of_lines: bool) {
        self.disturbed.extend((0..PORTS).map(|port| (card * PORTS + port) as u8));
        let mut at = FIRST_MS;
        while at < length_ms {
            let (port, lasts) = (dice.of(PORTS), 1 + dice.of(LONGEST_MS) as u64);
            if is_of_lines && dice.chance(0.3) {
                let socket = (card * PORTS + port) as u8;
                self.cuts.push(Cut { socket, from_ms: at, to_ms: at + lasts });
            } else {
                self.cards[card].push(Planned::during(fault(dice, port, is_of_lines), at, lasts));
            }
            at += BETWEEN_MS / 2 + dice.of(BETWEEN_MS as usize) as u64;
        }
    }
}

fn fault(dice: &mut Dice, port: usize, is_of_lines: bool) -> Fault {
    match dice.of(11) {
        0 => Fault::LateInterrupt,
        1 => Fault::LostInterrupt,
        2 => Fault::SpuriousInterrupt,
        3 => Fault::MasterAbort,
        4 => Fault::TargetAbort,
        5 => Fault::StuckSerial { level: dice.chance(0.5) },
        6 => Fault::StoppedClock,
        7 if is_of_lines => Fault::CutLine { port },
        8 if is_of_lines => Fault::LinkLoss { port },
        7 => Fault::ShortCircuit { port },
        8 => Fault::Overheating { port },
        9 => Fault::Noise { port, level_dbm0: -60.0 + dice.of(40) as f32 },
        _ => Fault::Echo { port, loss_db: 3.0 + dice.of(20) as f32, delay_samples: dice.of(400) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_card_of_lines_and_the_last_of_telephones_have_faults_and_never_that_of_the_first_two_telephones() {
        for seed in 0..20 {
            let faults = DayFaults::draw(8, 6, 4, 3_600_000, seed);
            let cards: Vec<usize> = (0..4).filter(|card| !faults.cards[*card].is_empty()).collect();
            assert!(cards.iter().all(|card| [0, 1, 3].contains(card)), "{cards:?}");
            assert_eq!(faults.disturbed.len(), 8, "{:?}", faults.disturbed);
            assert!(faults.count() >= 8, "{}", faults.count());
            let is_of_lines = |socket: &u8| *socket < 8;
            assert!(faults.cuts.iter().all(|cut| is_of_lines(&cut.socket) && faults.disturbed.contains(&cut.socket)));
        }
        let small = DayFaults::draw(4, 4, 2, 3_600_000, 1);
        assert_eq!((small.count(), small.disturbed.len()), (0, 0), "a card alone of its kind has none");
    }
}
