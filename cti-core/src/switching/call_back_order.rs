//! The list of call-backs as others change it: orders from outside, and the requests that were open when the last run
//! ended.
//!
//! Never: takes a request off the list while its number is being dialled.

use tipring_driver::time::Ticks;

use crate::acd::call_back_requests::{CallBackRequest, NotTaken, RequestStage};
use crate::acd::ids::CallBackId;
use crate::core::{Action, Core, Trouble};
use crate::csta::CallId;
use crate::device::Device;
use crate::store::{CallBackOrder, CallBackRecord, CallBackState};
use crate::timers::Timer;

impl Core {
    /// Carries out a change of the list from outside.
    pub(crate) fn on_call_back_order(&mut self, order: &CallBackOrder) {
        let done = match order {
            CallBackOrder::Add { number, queue, is_vip, work_order } => match self.devices.find(queue) {
                Some(Device::Queue(queue)) => self
                    .put_on_list((CallId(0), *work_order), queue, (*number, *is_vip), (self.now, None))
                    .map(drop)
                    .map_err(|not| match not {
                        NotTaken::NoNumber => "the number cannot be dialled",
                        NotTaken::OpenAlready(_) => "a request of this number is open",
                        NotTaken::Full => "the list is full",
                    }),
                _ => Err("there is no such queue"),
            },
            CallBackOrder::Cancel { number } => match self.requests.of_number(number) {
                Some(id) => {
                    self.cancel_request(id);
                    Ok(())
                }
                None => Err("no request of this number is open"),
            },
        };
        if let Err(why) = done {
            let (CallBackOrder::Add { number, .. } | CallBackOrder::Cancel { number }) = *order;
            self.actions.push_back(Action::Trouble(Trouble::CallBackOrderRefused { number, why }));
        }
    }

    /// Takes a request off the list; one whose number is being dialled, once that has failed.
    fn cancel_request(&mut self, id: CallBackId) {
        let Some(request) = self.requests.get_mut(id) else { return };
        request.is_cancelled = true;
        let stage = request.stage;
        match stage {
            RequestStage::Dialled(..) | RequestStage::Called(..) => return,
            RequestStage::Offered(..) if !self.stop_attempt(id) => return,
            _ => {}
        }
        self.finish_request(id, CallBackState::Cancelled);
    }

    /// Goes on with the requests that were open when the last run ended.
    pub(crate) fn restore_requests(&mut self, records: &[CallBackRecord]) {
        for record in records {
            let Some(Device::Queue(queue)) = self.devices.find(&record.queue) else {
                self.actions.push_back(Action::Trouble(Trouble::CallBackOrderRefused {
                    number: record.number,
                    why: "its queue is gone; it stays in the store",
                }));
                continue;
            };
            let &CallBackRecord { number, call, asked, since, tries, next, is_vip, work_order, .. } = record;
            let (stage, is_cancelled, place) = (RequestStage::Pauses, false, None);
            let waits_since = self.now;
            let request = CallBackRequest {
                queue,
                number,
                call,
                asked,
                since,
                waits_since,
                place,
                tries,
                next,
                stage,
                is_cancelled,
                is_vip,
                work_order,
            };
            self.requests.restore(record.id, request);
            let pause = next.saturating_sub(self.moment());
            match pause {
                // Those of the run before stand before all who call in now, in their own order.
                0 => self.enter_line(record.id),
                pause => self.timers.set(Timer::CallBack(record.id), self.now + Ticks(pause)),
            }
        }
    }
}
