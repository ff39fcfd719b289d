//! The channel table beside mutexes: what a line's event costs the media thread while another thread looks at all
//! channels.
//!
//! ```text
//! cargo bench -p tipring-tests --bench table
//! ```
//!
//! The same edges, the same ring behind them; only the words differ: atomics, one `parking_lot` mutex over all of them,
//! or a mutex for each. The three take turns. A median says what a step costs, the tail what the media thread waits for
//! others; the worst of all are mostly the machine's own, and the same for all three. What it does not show:
//! priorities. A mutex held by a thread that was put aside keeps a real-time thread waiting; an atomic word cannot.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use parking_lot::Mutex;
use tipring_core::channel::transition::{self, LineEdge};
use tipring_core::channel::{ChannelEvent, ChannelTable, TableSink, What, Word};
use tipring_driver::engine::EventSink;
use tipring_driver::ids::ChannelId;
use tipring_driver::line::{LineEvent, LineKind};
use tipring_driver::spsc::{Producer, queue};
use tipring_driver::time::Tick;

/// The ports of a large site.
const CHANNELS: u16 = 480;
/// Rounds over all channels in one turn, each a handset lifted and put down.
const ROUNDS: usize = 100;
const TURNS: usize = 20;

/// A channel table: written by the media thread, read by any thread.
trait Table: Send + Sync {
    fn line_event(&self, channel: ChannelId, event: LineEvent) -> Option<Word>;
    /// Looks at every channel once, as a wallboard does.
    fn look(&self) -> usize;
}

struct OneLock(Mutex<Vec<Word>>);

impl Table for OneLock {
    fn line_event(&self, channel: ChannelId, event: LineEvent) -> Option<Word> {
        step(&mut self.0.lock()[channel.index()], event)
    }
    fn look(&self) -> usize {
        self.0.lock().iter().filter(|word| black_box(**word).state.is_at_rest()).count()
    }
}

struct ManyLocks(Vec<Mutex<Word>>);

impl Table for ManyLocks {
    fn line_event(&self, channel: ChannelId, event: LineEvent) -> Option<Word> {
        step(&mut self.0[channel.index()].lock(), event)
    }
    fn look(&self) -> usize {
        self.0.iter().filter(|word| black_box(*word.lock()).state.is_at_rest()).count()
    }
}

fn step(word: &mut Word, event: LineEvent) -> Option<Word> {
    match transition::line(*word, &event) {
        LineEdge::Step(next) => *word = next,
        LineEdge::Stay => {}
        LineEdge::Superseded => return None,
    }
    Some(*word)
}

/// The nanoseconds of every event of one turn.
fn turn(mut event: impl FnMut(ChannelId, LineEvent), mut between: impl FnMut()) -> Vec<u32> {
    let mut times = Vec::with_capacity(2 * ROUNDS * usize::from(CHANNELS));
    for _ in 0..ROUNDS {
        for said in [LineEvent::OffHook, LineEvent::OnHook] {
            for channel in 0..CHANNELS {
                let begun = Instant::now();
                event(ChannelId(channel), said);
                times.push(begun.elapsed().as_nanos() as u32);
            }
            between();
        }
    }
    times
}

/// One turn with a reader at work on the other processor.
fn beside<T: Sync + ?Sized>(
    table: &T,
    look: impl Fn(&T) -> usize + Send + Sync,
    turn: impl FnOnce() -> Vec<u32>,
) -> Vec<u32> {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                black_box(look(table));
            }
        });
        let times = turn();
        stop.store(true, Ordering::Relaxed);
        times
    })
}

fn ours() -> Vec<u32> {
    let table = Arc::new(ChannelTable::new(CHANNELS.into()));
    let (events, mut taken) = queue(4 * usize::from(CHANNELS));
    let mut sink = TableSink::new(Arc::clone(&table), events);
    for channel in 0..CHANNELS {
        sink.line_event(Tick::ZERO, ChannelId(channel), LineEvent::InService(LineKind::Station));
    }
    let look = |table: &ChannelTable| {
        (0..CHANNELS).filter(|channel| table.read(ChannelId(*channel)).state.is_at_rest()).count()
    };
    beside(&*table, look, || {
        turn(
            |channel, event| {
                sink.line_event(Tick::ZERO, channel, event);
            },
            || while taken.pop().is_some() {},
        )
    })
}

fn locked(table: &dyn Table) -> Vec<u32> {
    let (mut events, mut taken): (Producer<ChannelEvent>, _) = queue(4 * usize::from(CHANNELS));
    for channel in 0..CHANNELS {
        table.line_event(ChannelId(channel), LineEvent::InService(LineKind::Station));
    }
    let say = |channel, event| {
        if let Some(word) = table.line_event(channel, event) {
            let what = What::Line { channel, generation: word.generation, event };
            let _ = events.push(ChannelEvent { at: Tick::ZERO, what });
        }
    };
    beside(table, |table| table.look(), || turn(say, || while taken.pop().is_some() {}))
}

fn main() {
    let mut times: [Vec<u32>; 3] = Default::default();
    for _ in 0..TURNS {
        times[0].extend(ours());
        times[1].extend(locked(&OneLock(Mutex::new(vec![Word::START; CHANNELS.into()]))));
        times[2].extend(locked(&ManyLocks((0..CHANNELS).map(|_| Mutex::new(Word::START)).collect())));
    }
    println!("{:<18} {:>10} {:>10} {:>12} {:>12}", "ns an event", "median", "99 %", "99.99 %", "99.999 %");
    for (name, times) in ["atomic words", "one mutex", "a mutex a channel"].into_iter().zip(&mut times) {
        times.sort_unstable();
        let [median, p99, p9999, p99999] =
            [0.5, 0.99, 0.9999, 0.999_99].map(|part| times[(times.len() as f64 * part) as usize]);
        println!("{name:<18} {median:>10} {p99:>10} {p9999:>12} {p99999:>12}");
    }
}
