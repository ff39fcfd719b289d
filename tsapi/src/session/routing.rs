//! Routing on a stream of version 1 of the interface: PDUs 83 and 86, whose devices are plain.
//!
//! Never: carries a routing dialogue out.

use tipring_csta_types::switch::{EventReport, SwitchRequest};

use crate::ber::{Ber, Writer};

/// CSTARouteRequest, the form of version 1: plain devices.
pub(super) const ROUTE_REQUEST_V1: u16 = 83;
/// CSTARouteUsed, the form of version 1: plain devices.
pub(super) const ROUTE_USED_V1: u16 = 86;

/// Returns the writer of a route request's members in the form of version 1.
pub(super) fn plain_request(request: &SwitchRequest) -> Option<impl FnOnce(&mut Writer<'_>)> {
    let SwitchRequest::Route {
        register,
        dialogue,
        current_route,
        calling_device,
        routed_call,
        algorithm,
        priority,
        setup_information,
    } = request
    else {
        return None;
    };
    Some(|writer: &mut Writer<'_>| {
        register.write(writer);
        dialogue.write(writer);
        current_route.device.write(writer);
        calling_device.device.write(writer);
        routed_call.write(writer);
        algorithm.write(writer);
        priority.write(writer);
        setup_information.write(writer);
    })
}

/// Returns the writer of a used route's members in the form of version 1.
pub(super) fn plain_used(report: &EventReport) -> Option<impl FnOnce(&mut Writer<'_>)> {
    let EventReport::RouteUsed { register, dialogue, route_used, calling_device, domain } = report else { return None };
    Some(|writer: &mut Writer<'_>| {
        register.write(writer);
        dialogue.write(writer);
        route_used.device.write(writer);
        calling_device.device.write(writer);
        domain.write(writer);
    })
}
