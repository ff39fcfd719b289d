//! The routing dialogue: a client that has registered is asked for the destination of each call that comes to a number,
//! and of each that a flow's node asks for.
//!
//! ```text
//! client: RouteRegister ─► registration
//! call at the number ─► RouteRequest ─► RouteSelect ─► destination ─► RouteUsed, RouteEnd
//!                            │              └─ not possible ─► ReRoute (while retries remain)
//!                            └─ time-out, RouteEnd, client gone ─► the number's own entry, or the node's `failed`
//! ```
//!
//! Never: keeps a caller waiting for a client; each dialogue has a deadline and a default.

use crate::core::{Action, Core};
use crate::csta::cause::UniversalFailure as F;
use crate::csta::private::UserInfo;
use crate::csta::request::{ALL_ROUTE_ADDRESS, SetupInformation};
use crate::csta::rights::Devices;
use crate::csta::switch::{EventReport, SwitchRequest};
use crate::csta::{
    CallId, DeviceId, ExtendedDeviceId, Reply, RouteRegisterId, RoutingCrossRefId, SelectValue, SessionId,
};
use crate::device::Device;
use crate::flow::walk::Input;
use crate::model::Change;
use crate::route::dial_plan::Route;
use crate::route::dialogue::Client;

impl Core {
    /// CSTARouteRegisterReq.
    pub(super) fn route_register(&mut self, session: SessionId, device: DeviceId) -> Result<Reply, F> {
        let number = match device.as_str() {
            ALL_ROUTE_ADDRESS => {
                let rights = self.sessions.get(&session).ok_or(F::GenericSystemResourceAvailability)?;
                if rights.rights.observed() != Devices::All {
                    return Err(F::PrivilegeViolationOnSpecifiedDevice);
                }
                None
            }
            _ => match self.permitted(session, &device)? {
                number @ Device::Number(_) => Some(number),
                _ => return Err(F::InvalidObjectType),
            },
        };
        let register = self.routing.register(session, number)?;
        Ok(Reply::RouteRegister { register })
    }

    /// CSTARouteRegisterCancel.
    pub(super) fn route_register_cancel(&mut self, session: SessionId, register: RouteRegisterId) -> Result<Reply, F> {
        let calls = self.routing.cancel(session, register)?;
        calls.into_iter().for_each(|call| self.on_no_route(call));
        Ok(Reply::RouteRegisterCancel { register })
    }

    /// A session is gone: its registrations end, and its calls go where they would have gone without it.
    pub(crate) fn end_routing_of(&mut self, session: SessionId) {
        let calls = self.routing.close(session);
        calls.into_iter().for_each(|call| self.on_no_route(call));
    }

    /// Asks the client that has registered for a number for the route of a call. False if there is none. The caller
    /// sets the deadline.
    pub(super) fn ask_route(&mut self, id: CallId, number: Device) -> bool {
        let Some(detail) = self.details.get(&id) else { return false };
        let (called, calling) = (detail.called, detail.calling);
        let routed_call = detail.party(number).map_or(detail.connection(), |party| party.connection);
        let Some(Client { session, register, dialogue, .. }) = self.routing.ask(id, number) else { return false };
        let request = Box::new(SwitchRequest::Route {
            register,
            dialogue,
            current_route: called,
            calling_device: calling,
            routed_call,
            algorithm: SelectValue::Normal,
            priority: false,
            setup_information: SetupInformation::default(),
        });
        let data = self.event_data(id);
        self.actions.push_back(Action::SwitchRequest { session, request, data });
        true
    }

    /// The client has selected a route.
    pub(super) fn on_route_selected(
        &mut self,
        session: SessionId,
        (register, dialogue): (RouteRegisterId, RoutingCrossRefId),
        (route, user_info): (DeviceId, &UserInfo),
        retries: i16,
        used_wanted: bool,
    ) {
        let Some(call) = self.routing.own(session, register, dialogue) else { return };
        let selected = self.selected(call, &route).ok_or(F::InvalidDestination);
        let to = match user_info.judge().and(selected) {
            Ok(to) => to,
            Err(_) if retries > 0 => {
                let request = Box::new(SwitchRequest::ReRoute { register, dialogue });
                return self.actions.push_back(Action::SwitchRequest { session, request, data: None });
            }
            Err(failure) => {
                self.end_dialogue(dialogue, failure);
                return self.on_no_route(call);
            }
        };
        self.attach(call, user_info);
        if used_wanted {
            let calling = self.details.get(&call).map_or(ExtendedDeviceId::NOT_KNOWN, |detail| detail.calling);
            let (route_used, domain) = match to {
                Route::Outside(_) => (ExtendedDeviceId::outside(route), true),
                Route::Station(_) | Route::Queue(_) => (ExtendedDeviceId::inside(route), false),
            };
            let report = EventReport::RouteUsed { register, dialogue, route_used, calling_device: calling, domain };
            self.actions.push_back(Action::EventReport { session, report: Box::new(report), data: None });
        }
        self.end_dialogue(dialogue, F::GenericUnspecified);
        self.divert_from_number(call, to);
    }

    /// The destination that a client has selected, if the call can go there: a station that calls has its class of
    /// restriction.
    fn selected(&self, call: CallId, route: &DeviceId) -> Option<Route> {
        let caller = self.details.get(&call)?.log.caller?;
        let to = match caller {
            Device::Station(station) => self.dial_plan.route_for(route.as_str(), station).ok(),
            _ => self.dial_plan.route(route.as_str()),
        };
        to.filter(|to| match to {
            Route::Outside(number) => self.dial_plan.outside.outgoing(number).is_some(),
            Route::Station(_) | Route::Queue(_) => true,
        })
    }

    /// The client gives the dialogue up: the call goes to the number's own entry.
    pub(super) fn on_route_ended(
        &mut self,
        session: SessionId,
        register: RouteRegisterId,
        dialogue: RoutingCrossRefId,
    ) {
        if let Some(call) = self.routing.own(session, register, dialogue) {
            self.routing.end(dialogue);
            self.on_no_route(call);
        }
    }

    /// Route request time-out, set in `incoming_trunk` to [`CallTimers::route_answer`](crate::config::CallTimers).
    /// Returns true if there was a dialogue.
    pub(super) fn on_route_timed_out(&mut self, call: CallId) -> bool {
        let Some(dialogue) = self.routing.of_call(call) else { return false };
        self.end_dialogue(dialogue, F::RequestTimeoutRejection);
        self.on_no_route(call);
        true
    }

    /// No client has given a route: the flow that asked goes on, or the call goes to the entry of its trunk.
    fn on_no_route(&mut self, id: CallId) {
        match self.details.get(&id).and_then(|detail| detail.script.as_ref()) {
            Some(_) => self.flow_step(id, &Input::Failed),
            None => self.send_to_entry(id),
        }
    }

    /// The caller has gone, or has been led elsewhere from the number.
    pub(super) fn apply_to_routing(&mut self, change: &Change) {
        if let Some(client) = self.routing.follow(change, &self.model) {
            let is_gone = self.model.call(client.call).is_none();
            self.report_route_end(client, if is_gone { F::NoActiveCall } else { F::InvalidObjectState });
        }
    }

    fn end_dialogue(&mut self, dialogue: RoutingCrossRefId, error: F) {
        if let Some(client) = self.routing.end(dialogue) {
            self.report_route_end(client, error);
        }
    }

    fn report_route_end(&mut self, Client { session, register, dialogue, .. }: Client, error: F) {
        let report = Box::new(EventReport::RouteEnd { register, dialogue, error });
        self.actions.push_back(Action::EventReport { session, report, data: None });
    }
}
