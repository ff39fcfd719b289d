//! One world at the wires of several cards.
//!
//! Each card has a part of its own, which takes what the card's modules do on their wires and gives what they find.
//! The world is stepped beside the cards, once a millisecond: a card finds what the world did a millisecond ago,
//! whatever its place among the others, and a card whose clock stands still holds up no one else's wires.
//!
//! Never: runs the world because a card was stepped.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{WireFeed, WireLoad, World};

/// The wires of all cards, by socket.
struct Wires {
    loads: Vec<WireLoad>,
    feeds: Vec<WireFeed>,
}

type Shared = Arc<Mutex<Wires>>;

/// A world with several cards.
pub struct Joined {
    world: Box<dyn World>,
    wires: Shared,
}

/// The wires of one card.
struct Part {
    wires: Shared,
    first: usize,
}

fn lock(wires: &Shared) -> MutexGuard<'_, Wires> {
    wires.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Joined {
    /// Joins `cards` cards of `ports` sockets each to a world, whose sockets are counted through all of them. Returns
    /// the world of each card, too.
    pub fn new(world: Box<dyn World>, cards: usize, ports: usize) -> (Joined, Vec<Box<dyn World>>) {
        let count = cards * ports;
        let wires = Wires { loads: vec![WireLoad::Nothing; count], feeds: vec![WireFeed::Nothing; count] };
        let wires = Arc::new(Mutex::new(wires));
        let part = |card| Box::new(Part { wires: Arc::clone(&wires), first: card * ports }) as Box<dyn World>;
        let parts = (0..cards).map(part).collect();
        (Joined { world, wires }, parts)
    }

    /// Runs one millisecond of the world.
    pub fn step(&mut self) {
        let Wires { loads, feeds } = &mut *lock(&self.wires);
        self.world.step(loads, feeds);
    }
}

impl World for Part {
    fn step(&mut self, loads: &[WireLoad], feeds: &mut [WireFeed]) {
        let mut wires = lock(&self.wires);
        let (own, count) = (self.first, loads.len());
        wires.loads[own..own + count].copy_from_slice(loads);
        feeds.copy_from_slice(&wires.feeds[own..own + count]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{StationLoad, TrunkLoad};

    /// A telephone at each socket that is off hook when a trunk at the socket across was a millisecond ago.
    struct Across;

    impl World for Across {
        fn step(&mut self, loads: &[WireLoad], feeds: &mut [WireFeed]) {
            let count = loads.len();
            for (socket, feed) in feeds.iter_mut().enumerate() {
                let WireLoad::Trunk(load) = loads[count - 1 - socket] else { continue };
                *feed = WireFeed::Station(StationLoad { off_hook: load.off_hook, ..StationLoad::default() });
            }
        }
    }

    fn heard(part: &mut dyn World, off_hook: [bool; 2]) -> [bool; 2] {
        let mut feeds = [WireFeed::Nothing; 2];
        part.step(&off_hook.map(|off_hook| WireLoad::Trunk(TrunkLoad { off_hook, sound: [0; 8] })), &mut feeds);
        feeds.map(|feed| matches!(feed, WireFeed::Station(StationLoad { off_hook: true, .. })))
    }

    #[test]
    fn each_card_finds_at_its_own_sockets_what_the_world_made_of_all_of_them_a_millisecond_ago() {
        let (mut joined, mut parts) = Joined::new(Box::new(Across), 2, 2);
        assert_eq!(heard(&mut *parts[0], [true, false]), [false, false]);
        assert_eq!(heard(&mut *parts[1], [false, false]), [false, false]);
        joined.step();
        assert_eq!(heard(&mut *parts[1], [true, false]), [false, true], "across from socket 0");
        // The other card's clock stands still: what its modules did last stands.
        joined.step();
        assert_eq!(heard(&mut *parts[1], [false, false]), [false, true]);
        assert_eq!(heard(&mut *parts[0], [false, false]), [false, true], "across from socket 2");
        joined.step();
        assert_eq!(heard(&mut *parts[1], [false, false]), [false, false]);
    }
}
