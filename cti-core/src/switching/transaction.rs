//! Commit: everything that follows from the steps of a transaction.
//!
//! Never: a step of its own; distribution takes its steps by the same services as everyone.

use crate::core::Core;
use crate::timers::Timer;

impl Core {
    /// Folds the changes of the model, lets distribution decide until it has nothing to say, and sets the sound.
    pub(crate) fn commit(&mut self) {
        loop {
            let mut changes = core::mem::take(&mut self.changes);
            changes.extend(self.model.drain_changes());
            for ix in 0..changes.len() {
                self.fold(&changes, ix);
            }
            changes.clear();
            self.changes = changes;
            self.refresh_stations();
            self.call_back();
            self.offer_camped();
            self.follow_stations();
            if self.model.changes().is_empty() && !self.distribute() {
                break;
            }
        }
        self.log_waiting();
        self.settle_sound();
        match self.floor.next_tick().filter(|_| !self.is_stopping) {
            // What is due is looked at by the next commit; a decision that could not be carried out now is tried again.
            Some(at) => self.timers.set(Timer::Floor, at.max(self.now + tipring_driver::time::Ticks(1))),
            None => self.timers.stop(Timer::Floor),
        }
        #[cfg(test)]
        if self.is_checked {
            self.check();
        }
    }

    /// The conditions between two transactions.
    #[cfg(test)]
    fn check(&self) {
        if let Err(broken) = self.model.check() {
            panic!("{broken:?}: {:?}", self.model.calls().collect::<Vec<_>>());
        }
        assert_eq!(self.model.len(), self.details.len());
        self.check_requests();
        self.check_pauses();
        for call in self.model.calls() {
            let anyone = call.parties().any(|party| party.device.station().is_some() || party.device.trunk().is_some());
            assert!(anyone, "no party waits for an answer: {call:?}");
            let detail = self.details.get(&call.id).expect("each call has its particulars");
            let table: Vec<_> = call.connections.iter().map(|it| (it.device, it.state.local())).collect();
            let mut seen: Vec<_> = detail.parties.iter().map(|it| (it.device, it.state)).collect();
            seen.sort_by_key(|(device, _)| table.iter().position(|(other, _)| other == device));
            assert_eq!(seen, table, "the events of monitors differ from the table");
        }
    }
}
