//! The media thread's end of the table: what a line says becomes a step of its word and an event for the core.
//!
//! The event queue is bounded. Hang-ups, completions and changes of service may use its last places
//! ([`queue_with_reserve`](tipring_driver::spsc::queue_with_reserve)); tick markers leave half of it free, since the
//! next marker says the same. What does not fit all the same is counted, and the table remembers that something was
//! lost, so that the core looks at the words themselves.
//!
//! Never: waits, locks, allocates, or lets an event through that the word did not accept.

use std::sync::Arc;

use tipring_driver::engine::{Acceptance, Command, CommandRefused, EventSink};
use tipring_driver::ids::ChannelId;
use tipring_driver::line::LineEvent;
use tipring_driver::media::MediaEvent;
use tipring_driver::shared::{Plain, Shape};
use tipring_driver::spsc::Producer;
use tipring_driver::time::Tick;

use super::table::ChannelTable;
use super::word::Generation;

/// An event from the media thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ChannelEvent {
    /// Tick of the event.
    pub at: Tick,
    /// The event.
    pub what: What,
}

// SAFETY: numbers, texts of fixed room and enums of them; beside the driver's sources, these are all.
#[allow(unsafe_code)]
unsafe impl Plain for ChannelEvent {
    const SHAPE: Shape = <Command as Plain>::SHAPE.with(include_bytes!("sink.rs")).with(include_bytes!("word.rs"));
}

/// Kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum What {
    /// A line event that the channel's word has accepted.
    Line {
        /// The line.
        channel: ChannelId,
        /// The use of the channel that it belongs to.
        generation: Generation,
        /// The line's event.
        event: LineEvent,
    },
    /// A player or recorder ended.
    Media(MediaEvent),
    /// A command was refused, and has changed nothing.
    Refused(CommandRefused),
    /// All events of this tick and of those before have been given.
    Tick,
}

/// The engine's [`EventSink`]: steps the words and fills the ring.
pub struct TableSink {
    table: Arc<ChannelTable>,
    events: Producer<ChannelEvent>,
}

impl TableSink {
    /// A sink for `table` that fills `events`.
    pub fn new(table: Arc<ChannelTable>, events: Producer<ChannelEvent>) -> TableSink {
        TableSink { table, events }
    }

    fn push(&mut self, event: ChannelEvent, important: bool) {
        let pushed = if important { self.events.push_important(event) } else { self.events.push(event) };
        if pushed.is_err() {
            self.table.count_lost();
        }
    }
}

impl EventSink for TableSink {
    fn line_event(&mut self, now: Tick, channel: ChannelId, event: LineEvent) -> Acceptance {
        match self.table.line_step(channel, &event) {
            Some(word) => {
                let what = What::Line { channel, generation: word.generation, event };
                self.push(ChannelEvent { at: now, what }, is_important(&event));
                Acceptance::Accepted
            }
            None => {
                self.table.count_superseded();
                Acceptance::Superseded
            }
        }
    }

    fn media_event(&mut self, now: Tick, event: MediaEvent) {
        self.push(ChannelEvent { at: now, what: What::Media(event) }, true);
    }

    fn command_refused(&mut self, now: Tick, refused: CommandRefused) {
        self.push(ChannelEvent { at: now, what: What::Refused(refused) }, false);
    }

    fn tick(&mut self, now: Tick) {
        if self.events.room() > self.events.capacity() / 2 {
            // There was room a moment ago and only this end fills it.
            let _ = self.events.push(ChannelEvent { at: now, what: What::Tick });
        }
    }
}

/// Returns true for an event that ends something: it may use the ring's last places.
const fn is_important(event: &LineEvent) -> bool {
    match event {
        LineEvent::RingingStopped
        | LineEvent::OnHook
        | LineEvent::Released(_)
        | LineEvent::Failed(_)
        | LineEvent::Idle
        | LineEvent::InService(_)
        | LineEvent::OutOfService => true,
        LineEvent::Offered
        | LineEvent::CallerIdentity(_)
        | LineEvent::OffHook
        | LineEvent::Flash
        | LineEvent::Digit(_)
        | LineEvent::Dialled
        | LineEvent::Answered
        | LineEvent::FaxModemTone(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use tipring_driver::line::{Digit, LineKind};
    use tipring_driver::spsc::{Consumer, queue_with_reserve};

    use super::super::table::Reread;
    use super::*;
    use crate::channel::State;

    const STATION: ChannelId = ChannelId(0);

    fn sink(capacity: usize, reserve: usize) -> (TableSink, Arc<ChannelTable>, Consumer<ChannelEvent>) {
        let table = Arc::new(ChannelTable::new(1));
        let (events, taken) = queue_with_reserve(capacity, reserve);
        (TableSink::new(table.clone(), events), table, taken)
    }

    #[test]
    fn an_event_against_the_word_is_answered_with_glare_and_not_told() {
        let (mut sink, table, mut taken) = sink(8, 2);
        assert_eq!(sink.line_event(Tick(1), STATION, LineEvent::OnHook), Acceptance::Superseded);
        assert_eq!(table.counters().superseded, 1);
        assert_eq!(taken.pop(), None);
    }

    #[test]
    fn when_the_ring_is_full_hang_ups_still_fit_and_the_loss_of_others_is_told() {
        let (mut sink, table, mut taken) = sink(4, 2);
        sink.line_event(Tick(1), STATION, LineEvent::InService(LineKind::Station));
        sink.line_event(Tick(2), STATION, LineEvent::OffHook);
        let digit = Digit::new('5').expect("a key");
        assert_eq!(sink.line_event(Tick(3), STATION, LineEvent::Digit(digit)), Acceptance::Accepted);
        sink.line_event(Tick(4), STATION, LineEvent::OnHook);
        assert_eq!(table.counters().lost, 1);
        assert_eq!(table.take_overflowed(), Some(Reread::Lost));
        assert_eq!(table.take_overflowed(), None);
        assert_eq!(table.read(STATION).state, State::Idle);
        let kept: Vec<Tick> = std::iter::from_fn(|| taken.pop()).map(|event| event.at).collect();
        assert_eq!(kept, [Tick(1), Tick(2), Tick(4)]);
    }

    #[test]
    fn words_and_events_cross_to_another_process() {
        use std::os::fd::AsFd;
        use tipring_driver::shared::{Plan, Region, RingSpot, Side};

        use crate::channel::{Intent, TableSpot};

        fn planned() -> (Plan, TableSpot, RingSpot<ChannelEvent>) {
            let mut plan = Plan::default();
            let table = TableSpot::new(&mut plan, 1);
            let events = plan.ring("events", Side::Maker, 8, 2);
            (plan, table, events)
        }
        let (plan, table, events) = planned();
        let (mut maker, file) = Region::create(plan).expect("memory");
        let words = Arc::new(ChannelTable::in_region(&maker, &table).expect("its spot"));
        assert_eq!(words.read(STATION), crate::channel::Word::START);
        let mut sink = TableSink::new(words.clone(), maker.producer(&events).expect("its end"));
        sink.line_event(Tick(1), STATION, LineEvent::InService(LineKind::Station));

        let (plan, table, events) = planned();
        let mut guest = Region::attach(file.as_fd(), plan).expect("the same plan");
        let seen = ChannelTable::in_region(&guest, &table).expect("its spot");
        let mut taken = guest.consumer(&events).expect("its end");
        let Some(ChannelEvent { what: What::Line { generation, event, .. }, .. }) = taken.pop() else {
            panic!("no event came");
        };
        assert_eq!(event, LineEvent::InService(LineKind::Station));
        let _ = seen.claim(STATION, generation, Intent::Ring(None)).expect("the station is at rest");
        assert_eq!(words.read(STATION).state, State::Ringing);
        assert_eq!(sink.line_event(Tick(2), STATION, LineEvent::OnHook), Acceptance::Superseded);
        assert_eq!(seen.counters().superseded, 1);
    }

    #[test]
    fn tick_markers_leave_half_of_the_ring_to_events() {
        let (mut sink, table, mut taken) = sink(8, 2);
        for tick in 0..100 {
            sink.tick(Tick(tick));
        }
        assert_eq!(table.take_overflowed(), None);
        assert!(std::iter::from_fn(|| taken.pop()).count() <= 4);
    }
}
