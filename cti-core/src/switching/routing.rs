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
//! Never: a caller kept waiting for a client; each dialogue has a deadline and a default.

use tipring_driver::line::Number;

use crate::core::{Action, Core};
use crate::csta::cause::UniversalFailure as F;
use crate::csta::request::{ALL_ROUTE_ADDRESS, Reply, SetupInformation};
use crate::csta::rights::Devices;
use crate::csta::switch::{EventReport, SwitchRequest};
use crate::csta::{CallId, DeviceId, ExtendedDeviceId, RouteRegisterId, RoutingCrossRefId, SelectValue};
use crate::device::Device;
use crate::ids::SessionId;
use crate::limits::ROUTES_MAX;
use crate::route::dial_plan::Route;
use crate::route::dialogue::{Dialogue, Registration};

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
        if self.routing.registrations.values().any(|it| it.number == number) {
            return Err(F::OutstandingRequestLimitExceeded);
        }
        if self.routing.registrations.len() >= ROUTES_MAX {
            return Err(F::ResourceLimitationRejection);
        }
        self.routing.last_register += 1;
        let register = RouteRegisterId(self.routing.last_register);
        self.routing.registrations.insert(register, Registration { session, number });
        Ok(Reply::RouteRegister { register })
    }

    /// CSTARouteRegisterCancel.
    pub(super) fn route_register_cancel(&mut self, session: SessionId, register: RouteRegisterId) -> Result<Reply, F> {
        if self.routing.registrations.get(&register).is_none_or(|it| it.session != session) {
            return Err(F::InvalidCrossRefId);
        }
        self.end_registration(register);
        Ok(Reply::RouteRegisterCancel { register })
    }

    /// A session is gone: its registrations end, and its calls go where they would have gone without it.
    pub(crate) fn end_routing_of(&mut self, session: SessionId) {
        let of = self.routing.registrations.iter().filter(|(_, it)| it.session == session);
        for register in of.map(|(&register, _)| register).collect::<Vec<_>>() {
            self.end_registration(register);
        }
    }

    fn end_registration(&mut self, register: RouteRegisterId) {
        self.routing.registrations.remove(&register);
        let of = self.routing.dialogues.iter().filter(|(_, it)| it.register == register);
        for dialogue in of.map(|(&dialogue, _)| dialogue).collect::<Vec<_>>() {
            if let Some(open) = self.routing.dialogues.remove(&dialogue) {
                self.on_no_route(open.call);
            }
        }
    }

    /// Asks the client that has registered for a number for the route of a call. False if there is none. The caller
    /// sets the deadline.
    pub(super) fn ask_route(&mut self, id: CallId, number: Device) -> bool {
        let Some((register, session)) = self.routing.of(number) else { return false };
        let Some(detail) = self.details.get(&id) else { return false };
        let (called, calling) = (detail.called, detail.calling);
        let routed_call = detail.party(number).map_or(detail.connection(), |party| party.connection);
        self.routing.last_dialogue += 1;
        let dialogue = RoutingCrossRefId(self.routing.last_dialogue);
        self.routing.dialogues.insert(dialogue, Dialogue { register, call: id });
        let request = SwitchRequest::Route {
            register,
            dialogue,
            current_route: called,
            calling_device: calling,
            routed_call,
            algorithm: SelectValue::Normal,
            priority: false,
            setup_information: SetupInformation::default(),
        };
        let data = self.event_data(id);
        self.actions.push_back(Action::SwitchRequest { session, request, data });
        true
    }

    /// The client has selected a route.
    pub(super) fn on_route_selected(
        &mut self,
        session: SessionId,
        (register, dialogue): (RouteRegisterId, RoutingCrossRefId),
        route: DeviceId,
        retries: i16,
        used_wanted: bool,
    ) {
        let Some(call) = self.own_dialogue(session, register, dialogue) else { return };
        let number = Number::from(route.as_str()).unwrap_or_default();
        let to = match self.dial_plan.route(&number) {
            Some(Route::Station(station)) => Some(Device::Station(station)),
            Some(Route::Queue(queue)) => Some(Device::Queue(queue)),
            Some(Route::Outside(_)) | None => None,
        };
        let Some(to) = to else {
            if retries > 0 {
                let request = SwitchRequest::ReRoute { register, dialogue };
                self.actions.push_back(Action::SwitchRequest { session, request, data: None });
            } else {
                self.end_dialogue(dialogue, F::InvalidDestination);
                self.on_no_route(call);
            }
            return;
        };
        if used_wanted {
            let calling = self.details.get(&call).map_or(ExtendedDeviceId::NOT_KNOWN, |detail| detail.calling);
            let route_used = ExtendedDeviceId::inside(route);
            let report =
                EventReport::RouteUsed { register, dialogue, route_used, calling_device: calling, domain: false };
            self.actions.push_back(Action::EventReport { session, report, data: None });
        }
        self.end_dialogue(dialogue, F::GenericUnspecified);
        self.divert_from_number(call, to);
    }

    /// The client gives the dialogue up: the call goes to the number's own entry.
    pub(super) fn on_route_ended(
        &mut self,
        session: SessionId,
        register: RouteRegisterId,
        dialogue: RoutingCrossRefId,
    ) {
        if let Some(call) = self.own_dialogue(session, register, dialogue) {
            self.routing.dialogues.remove(&dialogue);
            self.on_no_route(call);
        }
    }

    fn own_dialogue(
        &self,
        session: SessionId,
        register: RouteRegisterId,
        dialogue: RoutingCrossRefId,
    ) -> Option<CallId> {
        let of = self.routing.registrations.get(&register).filter(|it| it.session == session);
        let open = self.routing.dialogues.get(&dialogue).filter(|it| it.register == register);
        of.and(open).map(|open| open.call)
    }

    /// The client has not answered in time, or the caller is gone. True if there was a dialogue.
    pub(super) fn end_routing(&mut self, call: CallId, error: F) -> bool {
        let Some(dialogue) = self.routing.dialogue_of(call) else { return false };
        self.end_dialogue(dialogue, error);
        true
    }

    fn end_dialogue(&mut self, dialogue: RoutingCrossRefId, error: F) {
        let Some(Dialogue { register, .. }) = self.routing.dialogues.remove(&dialogue) else { return };
        let Some(session) = self.routing.registrations.get(&register).map(|it| it.session) else { return };
        let report = EventReport::RouteEnd { register, dialogue, error };
        self.actions.push_back(Action::EventReport { session, report, data: None });
    }
}
