//! Commit: everything that follows from the steps of a transaction.
//!
//! Never: takes a step of its own; distribution takes its steps by the same services as clients.

use crate::core::Core;
use crate::timers::Timer;

impl Core {
    /// Applies the consequences of the changes of the model, lets distribution decide until it has nothing to say, and
    /// sets the sound.
    pub(crate) fn commit(&mut self) {
        loop {
            let mut changes = self.model.take_changes(core::mem::take(&mut self.changes));
            for ix in 0..changes.len() {
                self.apply_consequences(&changes, ix);
            }
            changes.clear();
            self.changes = changes;
            self.refresh_stations();
            self.ring_completions();
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
            Some(at) => self.timers.set_once(Timer::Floor, at.max(self.now + tipring_driver::time::Ticks(1))),
            None => self.timers.stop(Timer::Floor),
        }
        #[cfg(test)]
        if self.is_checked {
            self.check();
        }
    }

    /// The conditions when the core waits for what comes next: the deadline of each state that has one is set, and a
    /// call at a number is in a flow or asked about.
    #[cfg(test)]
    pub(crate) fn check_deadlines(&self) {
        if self.channels.is_overflowed() {
            // Events were lost: the words are read at the next tick.
            return;
        }
        for call in self.model.calls() {
            for it in &call.connections {
                let has = self.timers.is_set(Timer::Connection(call.id, it.device));
                let wants = self.deadline(call.id, it.device, (it.state, it.deadline)).is_some();
                assert!(has || !wants, "{it:?} of {:?} has no deadline: {call:?}", call.id);
            }
            let script = self.details.get(&call.id).and_then(|detail| detail.script.as_ref());
            let runs = script.is_some_and(|script| script.doing != crate::call::Doing::Away);
            let is_led = runs || self.routing.of_call(call.id).is_some();
            assert!(is_led || call.number().is_none(), "nothing goes on at the number of {call:?}");
            assert!(!runs || call.number().is_some(), "a flow goes on without a caller: {call:?}");
        }
        for (dialogue, open) in &self.routing.dialogues {
            let alerts = self.model.call(open.call).is_some_and(|call| call.number().is_some());
            assert!(alerts, "{dialogue:?} about {:?} has no end", open.call);
        }
        for (dip, call) in &self.dips {
            let script = self.details.get(call).and_then(|detail| detail.script.as_ref());
            assert!(
                script.is_some_and(|script| script.doing == crate::call::Doing::Dips(*dip)),
                "{dip:?} of {call:?} is asked for in vain"
            );
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
