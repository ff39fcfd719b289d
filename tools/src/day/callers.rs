//! Callers of the day: how they come, wait, press, give up, are heard and talk.
//!
//! Never: tells the core anything but by the ends of the lines.

use tipring_core::store::{Store, StoreRequest};
use tipring_core::time::Ticks;
use tipring_driver::line::{CallerId, Digit, DisconnectSignal, LineEvent, Number};

use super::people::{Caller, Scheduled, Talk};
use super::{Day, OWN, number_of, unix_ms};
use crate::failure::Failure;

impl Day {
    pub(super) fn next_arrival(&mut self) {
        if let Some(after) = self.dice.length(3600.0 / self.habits.callers).filter(|_| !self.is_closed) {
            self.agenda.set(self.now + after, Scheduled::Arrive);
        }
    }

    /// The next caller takes a free line, of whichever number.
    pub(super) fn arrive(&mut self) {
        self.next_arrival();
        let idle: Vec<u16> = (0..self.size.lines).filter(|&trunk| self.is_idle[usize::from(trunk)]).collect();
        if idle.is_empty() {
            self.truth.blocked += 1;
            return;
        }
        let trunk = idle[self.dice.of(idle.len())];
        self.count += 1;
        let number = self.count;
        self.is_idle[usize::from(trunk)] = false;
        self.callers[usize::from(trunk)] = Some(Caller { number, ..Caller::default() });
        self.queued[usize::from(trunk)] = self.now;
        let queue = self.queue_of(trunk);
        self.truth.offered[queue] += 1;
        self.line(trunk, LineEvent::Offered);
        let identity = CallerId { number: Number::from(&number_of(number)).unwrap_or_default(), ..CallerId::default() };
        self.line(trunk, LineEvent::CallerIdentity(identity));
        if let Some(patience) = self.dice.length(self.habits.patience) {
            self.agenda.set(self.now + patience, Scheduled::GiveUp(trunk, number));
        }
    }

    pub(super) fn caller(&self, trunk: u16, number: u64) -> Option<Caller> {
        self.callers[usize::from(trunk)].filter(|caller| caller.number == number)
    }

    /// The caller on a line hangs up.
    pub(super) fn hang_up(&mut self, trunk: u16) {
        self.callers[usize::from(trunk)] = None;
        self.line(trunk, LineEvent::Released(DisconnectSignal::Tone));
    }

    /// Returns true if a caller is still there and has not been served.
    pub(super) fn waits(&self, trunk: u16, number: u64) -> bool {
        self.caller(trunk, number).is_some_and(|caller| !caller.is_served)
    }

    pub(super) fn abandon(&mut self, trunk: u16) -> Result<(), Failure> {
        let queue = self.queue_of(trunk);
        self.truth.abandoned[queue] += 1;
        let caller = self.callers[usize::from(trunk)];
        self.hang_up(trunk);
        if let Some(caller) = caller {
            self.returns.after_abandon(caller.number, queue, self.habits.returns, unix_ms(self.now));
        }
        let left = caller
            .and_then(|caller| self.messages.after_abandon(caller.call, caller.number, self.now, unix_ms(self.now)));
        if let Some(record) = left {
            self.store.submit(StoreRequest::Keep { id: OWN, records: vec![record] });
            self.commit()?;
            self.answers();
        }
        Ok(())
    }

    /// A caller presses the key for a call-back, and hangs up if the call goes on all the same.
    pub(super) fn press(&mut self, trunk: u16, number: u64) {
        if let Some(caller) = &mut self.callers[usize::from(trunk)] {
            caller.has_pressed = true;
        }
        if let Some(key) = Digit::new('1') {
            self.line(trunk, LineEvent::Digit(key));
        }
        self.agenda.set(self.now + Ticks::from_secs(3), Scheduled::PressedInVain(trunk, number));
    }

    pub(super) fn queue_of(&self, trunk: u16) -> usize {
        if self.size.queues == 1 { 0 } else { [0, 1, 0, 2][usize::from(trunk % 4)] }
    }

    /// A caller and an agent hear each other.
    pub(super) fn heard(&mut self, trunk: u16, station: u16) {
        let Some(agent) = station.checked_sub(self.size.lines) else { return };
        if let Some(other) = trunk.checked_sub(self.size.lines) {
            return self.agents_hear(agent, other);
        }
        // One who is called back is heard when the number is answered, not while the network rings it.
        let waits = |caller: &&mut Caller| !caller.is_served && caller.called_by.is_none();
        let Some(caller) = self.callers[usize::from(trunk)].as_mut().filter(waits) else { return };
        caller.is_served = true;
        let queue = self.queue_of(trunk);
        self.truth.answered[queue] += 1;
        self.truth.wait_answered[queue] += self.now.since(self.queued[usize::from(trunk)]).as_ms();
        // A call that is picked up is answered by the agent who picked it up.
        self.truth.picked_up[queue] += u64::from(self.desks[usize::from(agent)].picks_up);
        self.talk(trunk, agent);
    }

    /// A customer who is called back answers.
    pub(super) fn customer_answers(&mut self, trunk: u16) {
        let Some(caller) = self.callers[usize::from(trunk)].as_mut() else { return };
        let Some(agent) = caller.called_by else { return };
        caller.is_served = true;
        self.desks[usize::from(agent)].calls_back = false;
        self.truth.called_back += 1;
        self.talk(trunk, agent);
    }

    /// A caller and an agent begin to talk.
    pub(super) fn talk(&mut self, trunk: u16, agent: u16) {
        self.count += 1;
        let number = self.count;
        if self.desks[usize::from(agent)].talk.is_some() {
            self.faults.push(format!("agent {agent} has two callers at {} ms", self.now.0));
        }
        self.desks[usize::from(agent)].talk = Some(Talk { number, trunk, since: self.now, is_of_queue: true });
        let talk = self.dice.length(self.habits.talk).unwrap_or(Ticks::ZERO);
        let mut end = self.now + talk;
        if self.dice.chance(self.habits.holds) {
            let begin = self.now + Ticks::from_ms((talk.as_ms() as f64 * self.dice.share()) as u64);
            let hold = self.dice.length(self.habits.hold).unwrap_or(Ticks::ZERO);
            self.agenda.set(begin, Scheduled::Hold(agent, number));
            self.agenda.set(begin + hold, Scheduled::Retrieve(agent, number));
            end += hold;
        } else {
            self.plan_consultation(agent, number, talk);
        }
        self.agenda.set(end, Scheduled::End(agent, number));
    }
}
