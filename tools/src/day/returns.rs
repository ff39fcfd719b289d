//! Callers of a simulated day who gave up and are called back: put on their queue's list some time later, by dice.
//!
//! Never: puts a caller on the list after the day is closed.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tipring_core::csta::DeviceId;
use tipring_core::store::sqlite::SqliteStore;
use tipring_core::store::{CallBackOrder, StoreError};
use tipring_driver::line::Number;

use super::people::Dice;

/// Mean time until a caller is put on the list, s.
const AFTER_S: f64 = 1200.0;

/// The callers who are to be put on the list.
pub struct Returns {
    dice: Dice,
    /// Moment, number of the caller, place of the queue.
    due: BinaryHeap<Reverse<(i64, u64, usize)>>,
}

impl Returns {
    /// No callers yet.
    pub fn new(seed: u64) -> Returns {
        Returns { dice: Dice(seed ^ 0x7265_7475_726e_7300), due: BinaryHeap::new() }
    }

    /// A caller has given up in a queue; `share` of them are called back.
    pub fn after_abandon(&mut self, caller: u64, queue: usize, share: f64, now_ms: i64) {
        if self.dice.chance(share) {
            let after = self.dice.length(AFTER_S).map_or(0, |after| after.as_ms() as i64);
            self.due.push(Reverse((now_ms + after, caller, queue)));
        }
    }

    /// Puts the callers who are due on the lists of their queues. The core hears of them by the store's replies.
    ///
    /// # Errors
    /// The store takes no records.
    pub fn settle(&mut self, store: &mut SqliteStore, now_ms: i64) -> Result<(), StoreError> {
        while let Some(Reverse((_, caller, queue))) = self.due.peek().copied().filter(|Reverse((at, ..))| *at <= now_ms)
        {
            self.due.pop();
            let number = Number::from(&super::number_of(caller)).unwrap_or_default();
            let queue = DeviceId::new(super::queue_number(queue)).unwrap_or_default();
            store.order_call_back(&CallBackOrder::Add { number, queue, is_vip: false, work_order: 0 })?;
        }
        store.poll_call_back_orders()
    }
}
