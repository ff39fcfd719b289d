//! The functions of csta.h, one line each: arguments, and the request that they make.
//!
//! Never: knows what a service does.

use core::ffi::{c_char, c_int, c_long, c_short, c_uchar, c_ulong};

use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::device::{ForwardingInfo, ForwardingType};
use tipring_csta_types::{
    AgentId, AgentMode, AgentPassword, AllocationState, DeviceListLevel, Feature, MonitorCrossRefId, Request,
    RouteRegisterId, RoutingCrossRefId, SystemStatus,
};

use crate::acs::invoke;
use crate::code;
use crate::memory::{self, ConnectionIdT, MonitorFilterT, PrivateDataT, SetUpValuesT};
use crate::stream::{self, Outgoing};

/// The type of an argument in C.
macro_rules! c_type {
    (connection) => { *const ConnectionIdT };
    (device) => { *const c_char };
    (agent) => { *const c_char };
    (password) => { *const c_char };
    (filter) => { *const MonitorFilterT };
    (setup) => { *const SetUpValuesT };
    (flag) => { c_char };
    (octet) => { c_uchar };
    (short) => { c_short };
    (index) => { c_long };
    (monitor) => { c_long };
    (register) => { c_long };
    (dialogue) => { c_long };
    ($enumeration:ident) => { c_int };
}

/// The value of an argument.
macro_rules! value {
    (connection $given:ident) => {
        // SAFETY: as the program promises.
        unsafe { memory::connection($given) }?
    };
    (device $given:ident) => {
        // SAFETY: as the program promises.
        unsafe { memory::device($given) }?
    };
    (agent $given:ident) => {
        // SAFETY: as the program promises.
        AgentId::new(unsafe { memory::text($given) }?).map_err(|_| code::BAD_PARAMETER)?
    };
    (password $given:ident) => {
        // SAFETY: as the program promises.
        AgentPassword::new(unsafe { memory::text($given) }?).map_err(|_| code::BAD_PARAMETER)?
    };
    (filter $given:ident) => {
        // SAFETY: as the program promises.
        unsafe { memory::filter($given) }
    };
    (setup $given:ident) => {
        // SAFETY: as the program promises.
        unsafe { memory::setup($given) }
    };
    (flag $given:ident) => {
        $given != 0
    };
    (octet $given:ident) => {
        $given
    };
    (short $given:ident) => {
        $given
    };
    (index $given:ident) => {
        number($given)?
    };
    (monitor $given:ident) => {
        MonitorCrossRefId(number($given)?)
    };
    (register $given:ident) => {
        RouteRegisterId(number($given)?)
    };
    (dialogue $given:ident) => {
        RoutingCrossRefId(number($given)?)
    };
    (feature $given:ident) => {
        named(Feature::from_number($given))?
    };
    (allocation $given:ident) => {
        named(AllocationState::from_number($given))?
    };
    (mode $given:ident) => {
        named(AgentMode::from_number($given))?
    };
    (failure $given:ident) => {
        named(UniversalFailure::from_number($given))?
    };
    (status $given:ident) => {
        named(SystemStatus::from_number($given))?
    };
    (level $given:ident) => {
        named(DeviceListLevel::from_number($given))?
    };
    (forwarding $given:ident) => {
        named(ForwardingType::from_number($given))?
    };
}

/// Declares the functions: a `service` has a number and private data, an `event` private data alone, a `query` a number
/// alone.
macro_rules! functions {
    ($($form:ident $name:ident($($argument:ident: $kind:ident),*) => $request:ident $({ $($members:tt)* })?;)*) => {
        $(functions!(@$form $name, [$($argument: $kind),*], Request::$request $({ $($members)* })?);)*
    };
    (@service $name:ident, [$($argument:ident: $kind:ident),*], $request:expr) => {
        #[doc = concat!("The service of csta.h: ", stringify!($request))]
        /// # Safety
        /// Pointers are NULL or point to what csta.h declares.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            handle: c_ulong, id: c_ulong, $($argument: c_type!($kind),)* private: *const PrivateDataT,
        ) -> c_long {
            let request = || { $(let $argument = value!($kind $argument);)* Ok($request) };
            // SAFETY: as the program promises.
            ask(handle, id, request(), unsafe { memory::private_area(private) })
        }
    };
    (@event $name:ident, [$($argument:ident: $kind:ident),*], $request:expr) => {
        #[doc = concat!("The message of csta.h: ", stringify!($request))]
        /// # Safety
        /// Pointers are NULL or point to what csta.h declares.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            handle: c_ulong, $($argument: c_type!($kind),)* private: *const PrivateDataT,
        ) -> c_long {
            let request = || { $(let $argument = value!($kind $argument);)* Ok($request) };
            // SAFETY: as the program promises.
            ask(handle, 0, request(), unsafe { memory::private_area(private) })
        }
    };
    (@query $name:ident, [$($argument:ident: $kind:ident),*], $request:expr) => {
        #[doc = concat!("The service of csta.h: ", stringify!($request))]
        #[unsafe(no_mangle)]
        pub extern "C" fn $name(handle: c_ulong, id: c_ulong, $($argument: c_type!($kind),)*) -> c_long {
            let request = || { $(let $argument = value!($kind $argument);)* Ok($request) };
            ask(handle, id, request(), Ok(Vec::new()))
        }
    };
}

fn ask(handle: c_ulong, id: c_ulong, request: Result<Request, i64>, private: Result<Vec<u8>, i64>) -> c_long {
    match (request, private) {
        (Ok(request), Ok(private)) => stream::request(handle, invoke(id), &Outgoing::Service(request), &private),
        (Err(code), _) | (_, Err(code)) => code,
    }
}

fn named<T>(value: Option<T>) -> Result<T, i64> {
    value.ok_or(code::BAD_PARAMETER)
}

fn number(value: c_long) -> Result<i32, i64> {
    i32::try_from(value).map_err(|_| code::BAD_PARAMETER)
}

functions! {
    service cstaAlternateCall(active_call: connection, other_call: connection)
        => AlternateCall { active_call, other_call };
    service cstaAnswerCall(alerting_call: connection) => AnswerCall { alerting_call };
    service cstaCallCompletion(feature: feature, call: connection) => CallCompletion { feature, call };
    service cstaClearCall(call: connection) => ClearCall { call };
    service cstaClearConnection(call: connection) => ClearConnection { call };
    service cstaConferenceCall(held_call: connection, active_call: connection)
        => ConferenceCall { held_call, active_call };
    service cstaConsultationCall(active_call: connection, called_device: device)
        => ConsultationCall { active_call, called_device };
    service cstaDeflectCall(deflect_call: connection, called_device: device)
        => DeflectCall { deflect_call, called_device };
    service cstaGroupPickupCall(deflect_call: connection, pickup_device: device)
        => GroupPickupCall { deflect_call, pickup_device };
    service cstaHoldCall(active_call: connection, reservation: flag) => HoldCall { active_call, reservation };
    service cstaMakeCall(calling_device: device, called_device: device) => MakeCall { calling_device, called_device };
    service cstaMakePredictiveCall(calling_device: device, called_device: device, allocation_state: allocation)
        => MakePredictiveCall { calling_device, called_device, allocation_state };
    service cstaPickupCall(deflect_call: connection, called_device: device)
        => PickupCall { deflect_call, called_device };
    service cstaReconnectCall(active_call: connection, held_call: connection)
        => ReconnectCall { active_call, held_call };
    service cstaRetrieveCall(held_call: connection) => RetrieveCall { held_call };
    service cstaTransferCall(held_call: connection, active_call: connection)
        => TransferCall { held_call, active_call };
    service cstaSetMsgWaitingInd(device: device, messages: flag) => SetMessageWaiting { device, messages };
    service cstaSetDoNotDisturb(device: device, do_not_disturb: flag) => SetDoNotDisturb { device, do_not_disturb };
    service cstaSetForwarding(device: device, forwarding_type: forwarding, forwarding_on: flag, forwarding_destination: device)
        => SetForwarding { device, forward: ForwardingInfo { kind: forwarding_type, on: forwarding_on, destination: forwarding_destination } };
    service cstaSetAgentState(device: device, mode: mode, agent_id: agent, agent_group: device, password: password)
        => SetAgentState { device, mode, agent_id, agent_group, password };
    service cstaQueryMsgWaitingInd(device: device) => QueryMessageWaiting { device };
    service cstaQueryDoNotDisturb(device: device) => QueryDoNotDisturb { device };
    service cstaQueryForwarding(device: device) => QueryForwarding { device };
    service cstaQueryAgentState(device: device) => QueryAgentState { device };
    service cstaQueryLastNumber(device: device) => QueryLastNumber { device };
    service cstaQueryDeviceInfo(device: device) => QueryDeviceInfo { device };
    service cstaMonitorDevice(device: device, filter: filter) => MonitorDevice { device, filter };
    service cstaMonitorCall(call: connection, filter: filter) => MonitorCall { call, filter };
    service cstaMonitorCallsViaDevice(device: device, filter: filter) => MonitorCallsViaDevice { device, filter };
    service cstaChangeMonitorFilter(monitor: monitor, filter: filter) => ChangeMonitorFilter { monitor, filter };
    service cstaMonitorStop(monitor: monitor) => MonitorStop { monitor };
    service cstaSnapshotCallReq(call: connection) => SnapshotCall { call };
    service cstaSnapshotDeviceReq(device: device) => SnapshotDevice { device };
    service cstaRouteRegisterReq(routing_device: device) => RouteRegister { routing_device };
    service cstaRouteRegisterCancel(register: register) => RouteRegisterCancel { register };
    event cstaRouteSelect(register: register, dialogue: dialogue, route_selected: device, remain_retry: short, setup_information: setup, route_used_req: flag)
        => RouteSelect { register, dialogue, route_selected, remain_retry, setup_information, route_used_req };
    event cstaRouteEnd(register: register, dialogue: dialogue, error: failure)
        => RouteEnd { register, dialogue, error };
    service cstaRouteSelectInv(register: register, dialogue: dialogue, route_selected: device, remain_retry: short, setup_information: setup, route_used_req: flag)
        => RouteSelect { register, dialogue, route_selected, remain_retry, setup_information, route_used_req };
    service cstaRouteEndInv(register: register, dialogue: dialogue, error: failure)
        => RouteEnd { register, dialogue, error };
    service cstaEscapeService() => Escape;
    service cstaEscapeServiceConf(error: failure) => EscapeConf { error };
    event cstaSendPrivateEvent() => SendPrivate;
    service cstaSysStatReq() => SystemStatus;
    service cstaSysStatStart(filter: octet) => SystemStatusStart { filter };
    service cstaSysStatStop() => SystemStatusStop;
    service cstaChangeSysStatFilter(filter: octet) => ChangeSystemStatusFilter { filter };
    service cstaSysStatReqConf(status: status) => SystemStatusConf { status };
    event cstaSysStatEvent(status: status) => SystemStatusEvent { status };
    query cstaGetAPICaps() => GetApiCaps;
    query cstaGetDeviceList(index: index, level: level) => GetDeviceList { index, level };
    query cstaQueryCallMonitor() => QueryCallMonitor;
}
