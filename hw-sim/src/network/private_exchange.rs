//! A private exchange at the far end of a ground-start line: its trunk port, which seizes, is rung, and is cleared.
//!
//! | state | sees | does | next |
//! |---|---|---|---|
//! | Idle | a wish to call | grounds ring | Grounding |
//! | Idle | tip connected | blocks calls out: the other end has seized the line | Seized |
//! | Grounding | tip connected, no ringing | closes the loop, then removes ring ground | Talking |
//! | Grounding | ringing | removes ring ground: the other end was first (glare) | Seized |
//! | Grounding | nothing for long | gives up | Idle |
//! | Seized | ringing, a wish to answer | closes the loop | Talking |
//! | Seized | tip open | the caller has gone | Idle |
//! | Talking | tip open | opens the loop | Idle |
//! | Talking | a wish to clear | opens the loop | Clearing |
//! | Clearing | tip open | | Idle |
//!
//! Sources: ANSI/TIA-464 for the order; its times are a port's own filters, tens of milliseconds.
//!
//! Never: decides when to call or to answer.

use std::collections::VecDeque;

use super::signal::SILENCE;
use super::{Sound, StationFeed, StationLoad};

/// Tip connected, or open, counts after so long, in ms.
const TIP_CONNECTED_MS: u32 = 20;
const TIP_OPEN_MS: u32 = 100;
/// Ring stays grounded for so long after the loop was closed, in ms.
const OVERLAP_MS: u32 = 30;
/// A line on which nothing happens after ring was grounded is given up after so long, in ms.
const GROUNDED_MS: u32 = 5000;
/// Ringing counts from this voltage on, root mean square.
const RINGING_VOLTS: f32 = 20.0;

/// Events of the port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortEvent {
    /// The line was got for a call out: dial tone is to follow.
    Granted,
    /// The other end has seized the line.
    Taken,
    /// It rings.
    Rings,
    /// The other end was first with a line that was wanted for a call out.
    Glare,
    /// The other end has let go of the line.
    Cleared,
    /// Nothing came of the ground on ring.
    GaveUp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    Grounding { ms: u32 },
    Seized { rings: bool },
    Talking { ms: u32 },
    Clearing,
}

/// The trunk port of a private exchange.
#[derive(Debug)]
pub struct PrivateExchange {
    state: State,
    /// Tip as it is believed to be, and for how long it has been otherwise.
    tip_connected: bool,
    differs_ms: u32,
    /// Sound of the last millisecond of a call.
    heard: Sound,
    events: VecDeque<PortEvent>,
}

impl Default for PrivateExchange {
    fn default() -> PrivateExchange {
        PrivateExchange {
            state: State::Idle,
            tip_connected: false,
            differs_ms: 0,
            heard: SILENCE,
            events: VecDeque::new(),
        }
    }
}

impl PrivateExchange {
    /// The next event, if there is one.
    pub fn poll(&mut self) -> Option<PortEvent> {
        self.events.pop_front()
    }

    /// Wants the line for a call out. False if it is taken.
    pub fn seize(&mut self) -> bool {
        let free = self.state == State::Idle;
        if free {
            self.state = State::Grounding { ms: 0 };
        }
        free
    }

    /// Answers a line that rings. False if it does not.
    pub fn answer(&mut self) -> bool {
        let rings = self.state == State::Seized { rings: true };
        if rings {
            self.state = State::Talking { ms: OVERLAP_MS };
        }
        rings
    }

    /// Lets go of the line.
    pub fn clear(&mut self) {
        self.state = match self.state {
            State::Talking { .. } | State::Clearing => State::Clearing,
            State::Idle | State::Grounding { .. } => State::Idle,
            State::Seized { rings } => State::Seized { rings },
        };
    }

    /// Sound on the line while a call is in progress.
    pub fn heard(&self) -> &Sound {
        &self.heard
    }

    /// Runs one millisecond, its party saying `voice`.
    pub fn step(&mut self, feed: &StationFeed, voice: &Sound) -> StationLoad {
        let tip_turned = self.watch_tip(feed.tip_connected);
        let rings = feed.ringing_volts >= RINGING_VOLTS;
        let before = self.state;
        self.state = match before {
            State::Idle if self.tip_connected || rings => self.emit(PortEvent::Taken, State::Seized { rings: false }),
            State::Idle => State::Idle,
            State::Grounding { .. } if rings => self.emit(PortEvent::Glare, State::Seized { rings: false }),
            State::Grounding { .. } if self.tip_connected => self.emit(PortEvent::Granted, State::Talking { ms: 0 }),
            State::Grounding { ms } if ms >= GROUNDED_MS => self.emit(PortEvent::GaveUp, State::Idle),
            State::Grounding { ms } => State::Grounding { ms: ms + 1 },
            State::Seized { rings: false } if rings => self.emit(PortEvent::Rings, State::Seized { rings: true }),
            State::Seized { .. } | State::Talking { .. } if tip_turned && !self.tip_connected => {
                self.emit(PortEvent::Cleared, State::Idle)
            }
            State::Seized { rings } => State::Seized { rings },
            State::Talking { ms } => State::Talking { ms: ms.saturating_add(1) },
            State::Clearing if !self.tip_connected => State::Idle,
            State::Clearing => State::Clearing,
        };
        match self.state {
            State::Grounding { .. } => StationLoad { ring_grounded: true, ..StationLoad::default() },
            State::Talking { ms } => {
                self.heard = feed.sound;
                StationLoad { off_hook: true, ring_grounded: ms < OVERLAP_MS, sound: *voice }
            }
            State::Idle | State::Seized { .. } | State::Clearing => StationLoad::default(),
        }
    }

    fn emit(&mut self, event: PortEvent, next: State) -> State {
        self.events.push_back(event);
        next
    }

    /// True when tip is believed to be otherwise from now on.
    fn watch_tip(&mut self, connected: bool) -> bool {
        self.differs_ms = if connected == self.tip_connected { 0 } else { self.differs_ms + 1 };
        let turned = self.differs_ms >= if connected { TIP_CONNECTED_MS } else { TIP_OPEN_MS };
        if turned {
            (self.tip_connected, self.differs_ms) = (connected, 0);
        }
        turned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: StationFeed = StationFeed {
        battery_volts: 0.0,
        ringing_volts: 0.0,
        ringing_hertz: 0.0,
        ringing_offset_volts: 0.0,
        tip_connected: false,
        sound: SILENCE,
    };
    const CONNECTED: StationFeed = StationFeed { battery_volts: 48.0, tip_connected: true, ..OPEN };
    const RINGING: StationFeed = StationFeed { ringing_volts: 60.0, ..CONNECTED };

    /// Runs for that many ms with this on the line; returns the last load and the events.
    fn live(port: &mut PrivateExchange, ms: u32, feed: &StationFeed) -> (StationLoad, Vec<PortEvent>) {
        let mut load = StationLoad::default();
        (0..ms).for_each(|_| load = port.step(feed, &SILENCE));
        (load, std::iter::from_fn(|| port.poll()).collect())
    }

    #[test]
    fn it_grounds_ring_and_closes_the_loop_when_tip_is_grounded() {
        let mut port = PrivateExchange::default();
        live(&mut port, 100, &OPEN);
        assert!(port.seize());
        let (load, events) = live(&mut port, 1000, &OPEN);
        assert!(load.ring_grounded && !load.off_hook && events.is_empty());
        let (load, events) = live(&mut port, 25, &CONNECTED);
        assert!(load.ring_grounded && load.off_hook);
        assert_eq!(events, [PortEvent::Granted]);
        let (load, _) = live(&mut port, 50, &CONNECTED);
        assert!(!load.ring_grounded && load.off_hook);
        let (load, events) = live(&mut port, 150, &OPEN);
        assert!(!load.off_hook);
        assert_eq!(events, [PortEvent::Cleared]);
    }

    #[test]
    fn a_line_whose_tip_is_grounded_cannot_be_seized() {
        let mut port = PrivateExchange::default();
        assert_eq!(live(&mut port, 50, &CONNECTED).1, [PortEvent::Taken]);
        assert!(!port.seize() && !port.answer());
        assert_eq!(live(&mut port, 50, &RINGING).1, [PortEvent::Rings]);
        assert!(port.answer());
        assert!(live(&mut port, 10, &CONNECTED).0.off_hook);
        port.clear();
        assert!(!live(&mut port, 10, &CONNECTED).0.off_hook);
        assert!(!port.seize(), "not before tip is open again");
        live(&mut port, 150, &OPEN);
        assert!(port.seize());
    }

    #[test]
    fn nothing_on_a_grounded_ring_is_given_up() {
        let mut port = PrivateExchange::default();
        port.seize();
        assert_eq!(live(&mut port, 6000, &OPEN).1, [PortEvent::GaveUp]);
    }
}
