//! Records of the day: those of the core go into the store in groups, and what the log says becomes known to people.
//!
//! Never: changes a record.

use tipring_core::agent::Activity;
use tipring_core::csta::AgentId;
use tipring_core::report::event::Event;
use tipring_core::store::{GROUP_MAX, Record, Store, StoreReply, StoreRequest};
use tipring_core::time::{Tick, Ticks};

use super::people::Deed;
use super::{Day, OWN};
use crate::failure::Failure;

/// Time after which an agent who missed a call is ready again, s.
const BACK_S: f64 = 45.0;

impl Day {
    pub(super) fn keep(&mut self, request: StoreRequest) -> Result<(), Failure> {
        let is_urgent = matches!(request, StoreRequest::Keep { record: Record::CallBack(_), .. });
        if let StoreRequest::Keep { record: Record::Event(entry), .. } = &request {
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
        if is_urgent || self.store.pending() >= GROUP_MAX {
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
            self.agenda.set(self.now + after, Deed::Back(agent));
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
            if reply != (StoreReply::Kept { id: OWN }) {
                self.core.handle_stored(reply);
            }
        }
    }
}
