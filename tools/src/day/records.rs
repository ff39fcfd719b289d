//! Records of the day: those of the core go into the store in groups, and what the log says becomes known to people.
//!
//! Never: changes a record.

use tipring_core::agent::Activity;
use tipring_core::csta::AgentId;
use tipring_core::report::event::Event;
use tipring_core::store::{Record, Store, StoreReply, StoreRequest};
use tipring_core::time::{Tick, Ticks};

use super::Day;
use super::people::Scheduled;
use crate::failure::Failure;

/// Records committed together.
const GROUP: usize = 256;
/// Time after which an agent who missed a call is ready again, s.
const BACK_S: f64 = 45.0;

impl Day {
    pub(super) fn keep(&mut self, request: StoreRequest) -> Result<(), Failure> {
        let records = match &request {
            StoreRequest::Keep { records, .. } => records.as_slice(),
            StoreRequest::FindCustomer { .. } => &[],
        };
        let is_urgent = records.iter().any(|record| matches!(record, Record::CallBack(_)));
        for record in records {
            let Record::Event(entry) = record else { continue };
            match entry.event {
                Event::Queued { call, caller, .. } => {
                    let number = caller.as_str().get(3..).and_then(|text| text.parse::<u64>().ok());
                    let mut callers = self.callers.iter_mut().flatten();
                    if let Some(caller) = callers.find(|caller| Some(caller.number) == number) {
                        caller.call = call;
                    }
                }
                Event::Agent { agent, to: Activity::NotReady(_), .. } => self.missed(agent),
                _ => {}
            }
        }
        self.store.submit(request);
        if is_urgent || self.store.pending() >= GROUP {
            self.commit()?;
        }
        self.answers();
        Ok(())
    }

    /// An agent was made not ready after a missed call, and comes back.
    pub(super) fn missed(&mut self, agent: AgentId) {
        let Some(&agent) = self.agents.get(&agent) else { return };
        let desk = &mut self.desks[usize::from(agent)];
        // The log-in is followed by ready at once.
        if self.now > Tick::ZERO && !desk.is_paused && !std::mem::replace(&mut desk.is_coming_back, true) {
            let after = self.dice.length(BACK_S).unwrap_or(Ticks::ZERO);
            self.agenda.set(self.now + after, Scheduled::Back(agent));
        }
    }

    pub(super) fn commit(&mut self) -> Result<(), Failure> {
        while self.store.is_pending() {
            self.store.commit()?;
        }
        Ok(())
    }

    pub(super) fn answers(&mut self) {
        while let Some(reply) = self.store.poll_reply() {
            if let StoreReply::Failed { why, .. } = &reply {
                self.faults.push(why.clone());
            }
            self.core.handle_stored(reply);
        }
    }
}
