//! Random values of every message a stream carries, from the vocabulary's own lists of members.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::Union;
use tipring_core::csta::call_data::{CallData, Machine, RELATED_CALLS_MAX, RecordingState};
use tipring_core::csta::capabilities::Capabilities;
use tipring_core::csta::cause::{EventCause, UniversalFailure};
use tipring_core::csta::customer_card::{CardLine, CardPart, CustomerCard};
use tipring_core::csta::event::Event;
use tipring_core::csta::private::{ParticipationType, USER_INFO_OF_CALL_MAX, UserInfo, UserInfoType, VendorDeviceType};
use tipring_core::csta::reply::{Reply, SnapshotCallEntry, SnapshotDeviceEntry};
use tipring_core::csta::request::SetupInformation;
use tipring_core::csta::switch::{EventReport, SwitchRequest};
use tipring_core::csta::vendor::{UnicodeName, VendorEvent, VendorReply, VendorRequest};
use tipring_core::csta::{
    AccountInfo, AgentId, AgentMode, AgentPassword, AgentState, AllocationState, AuthCode, CallId, Connection,
    ConnectionDevice, ConnectionId, ConnectionList, DeviceClass, DeviceId, DeviceIdStatus, DeviceIdType,
    DeviceListLevel, DeviceType, Digits, ExtendedDeviceId, Feature, ForwardingInfo, ForwardingType,
    LocalConnectionState, MonitorCrossRefId, MonitorFilter, PrivateCrossRefId, Request, RouteRegisterId,
    RoutingCrossRefId, SdbLevel, SelectValue, SystemStatus, Ucid, event_reports, events, replies, requests,
    switch_requests, vendor_events, vendor_replies, vendor_requests,
};

use crate::messages::Message;

/// A type of which there are random values.
pub trait Random: Sized + core::fmt::Debug + 'static {
    fn random() -> BoxedStrategy<Self>;
}

macro_rules! any_value {
    ($($name:ty),*) => {$(
        impl Random for $name {
            fn random() -> BoxedStrategy<$name> {
                any::<$name>().boxed()
            }
        }
    )*};
}
any_value!(bool, u8, i16, i32);

macro_rules! text {
    ($($name:ident $pattern:literal),* $(,)?) => {$(
        impl Random for $name {
            fn random() -> BoxedStrategy<$name> {
                $pattern.prop_map(|text| $name::new(&text).unwrap()).boxed()
            }
        }
    )*};
}
text!(
    DeviceId "[ -~]{0,63}", AgentId "[ -~]{0,31}", AgentPassword "[ -~]{0,31}", AccountInfo "[ -~]{0,31}",
    AuthCode "[ -~]{0,31}", Ucid "[0-9]{0,20}", Digits "[0-9*#]{0,32}",
);

macro_rules! numbered {
    ($($name:ident),* $(,)?) => {$(
        impl Random for $name {
            fn random() -> BoxedStrategy<$name> {
                proptest::sample::select($name::ALL).boxed()
            }
        }
    )*};
}
numbered!(
    AgentMode,
    AgentState,
    AllocationState,
    ConnectionDevice,
    DeviceIdStatus,
    DeviceListLevel,
    Feature,
    ForwardingType,
    LocalConnectionState,
    ParticipationType,
    SdbLevel,
    SelectValue,
    SystemStatus,
);

macro_rules! open_numbered {
    ($($name:ident),* $(,)?) => {$(
        impl Random for $name {
            fn random() -> BoxedStrategy<$name> {
                (-1..300).prop_map(|number| $name::from_number(number).unwrap()).boxed()
            }
        }
    )*};
}
open_numbered!(DeviceIdType, DeviceType, EventCause, UniversalFailure, VendorDeviceType);

macro_rules! number_id {
    ($($name:ident),* $(,)?) => {$(
        impl Random for $name {
            fn random() -> BoxedStrategy<$name> {
                any::<i32>().prop_map($name).boxed()
            }
        }
    )*};
}
number_id!(CallId, MonitorCrossRefId, PrivateCrossRefId, RouteRegisterId, RoutingCrossRefId);

macro_rules! structure {
    ($($name:ident { $($member:ident: $type:ty),* })*) => {$(
        impl Random for $name {
            fn random() -> BoxedStrategy<$name> {
                ($(<$type>::random(),)*).prop_map(|($($member,)*)| $name { $($member),* }).boxed()
            }
        }
    )*};
}
structure! {
    ConnectionId { call: CallId, device: DeviceId, kind: ConnectionDevice }
    ExtendedDeviceId { device: DeviceId, kind: DeviceIdType, status: DeviceIdStatus }
    Connection { party: ConnectionId, static_device: ExtendedDeviceId }
    ForwardingInfo { kind: ForwardingType, on: bool, destination: DeviceId }
    SnapshotCallEntry { device: ExtendedDeviceId, connection: ConnectionId, state: LocalConnectionState }
    SnapshotDeviceEntry { connection: ConnectionId, states: Vec<LocalConnectionState> }
}

impl<T: Random> Random for Vec<T> {
    fn random() -> BoxedStrategy<Vec<T>> {
        vec(T::random(), 0..8).boxed()
    }
}

impl<T: Random> Random for Arc<[T]> {
    fn random() -> BoxedStrategy<Arc<[T]>> {
        vec(T::random(), 0..8).prop_map(Vec::into).boxed()
    }
}

impl Random for DeviceClass {
    fn random() -> BoxedStrategy<DeviceClass> {
        any::<u8>().prop_map(|bits| DeviceClass(bits & DeviceClass::MASK)).boxed()
    }
}

impl Random for SetupInformation {
    fn random() -> BoxedStrategy<SetupInformation> {
        vec(any::<u8>(), 0..200).prop_map(SetupInformation).boxed()
    }
}

impl Random for UnicodeName {
    fn random() -> BoxedStrategy<UnicodeName> {
        ".{0,32}".prop_map(UnicodeName).boxed()
    }
}

impl Random for MonitorFilter {
    fn random() -> BoxedStrategy<MonitorFilter> {
        let bits = (any::<u16>(), any::<u8>(), any::<u8>(), any::<u8>(), any::<i32>());
        let filter = bits.prop_map(|(call, feature, agent, maintenance, private)| MonitorFilter {
            call: call & 0xFFFC,
            feature: feature & 0xF0,
            agent: agent & 0xFC,
            maintenance: maintenance & 0xC0,
            private,
        });
        filter.boxed()
    }
}

impl Random for Capabilities {
    fn random() -> BoxedStrategy<Capabilities> {
        vec(any::<bool>(), Capabilities::COUNT).prop_map(|built| Capabilities(built.try_into().unwrap())).boxed()
    }
}

/// Every message of a family is as likely as any other.
macro_rules! random_messages {
    ($(#[$doc:meta])* $family:ident tag $tag:literal {
        $($(#[$vdoc:meta])* $number:literal $(| $other:literal)* $variant:ident
            $({ $($(#[$mdoc:meta])* $member:ident: $type:ty),* $(,)? })?;)*
    }) => {
        impl Random for $family {
            fn random() -> BoxedStrategy<$family> {
                let all: Vec<BoxedStrategy<$family>> =
                    vec![$(random_messages!(@one $family $variant $({ $($member: $type),* })?)),*];
                Union::new(all).boxed()
            }
        }
    };
    (@one $family:ident $variant:ident) => { Just($family::$variant).boxed() };
    (@one $family:ident $variant:ident { $($member:ident: $type:ty),* }) => {
        ($(<$type>::random(),)*).prop_map(|($($member,)*)| $family::$variant { $($member),* }).boxed()
    };
}

events!(random_messages);
requests!(random_messages);
replies!(random_messages);
switch_requests!(random_messages);
event_reports!(random_messages);
vendor_requests!(random_messages);
vendor_replies!(random_messages);
vendor_events!(random_messages);

pub fn call_data() -> impl Strategy<Value = CallData> {
    let text = || proptest::option::of(".{0,700}");
    let machine =
        prop_oneof![Just(None), Just(Some(Machine::Fax)), Just(Some(Machine::Modem)), Just(Some(Machine::FaxOrModem)),];
    let variables = proptest::collection::btree_map(".{0,40}", ".{0,100}", 0..4);
    let recording = proptest::option::of(prop_oneof![Just(RecordingState::Off), Just(RecordingState::Paused)]);
    let line = (any::<i64>(), ".{0,60}").prop_map(|(at_ms, text)| CardLine { part: CardPart::Missed, at_ms, text });
    let card = (".{0,20}", any::<bool>(), ".{0,400}", any::<u32>(), proptest::collection::vec(line, 0..10)).prop_map(
        |(customer, vip, region, orders, lines)| CustomerCard {
            customer,
            vip,
            region,
            orders,
            lines,
            ..CustomerCard::default()
        },
    );
    let card = proptest::option::of(card);
    let notes = ".{0,700}";
    let related = "[0-9]{20}".prop_map(|digits| Ucid::new(&digits).unwrap());
    let related = vec(related, 0..=RELATED_CALLS_MAX);
    let of_client = (vec(any::<u8>(), 0..=USER_INFO_OF_CALL_MAX), related).prop_map(|(data, related)| {
        (UserInfo { kind: UserInfoType::UserSpecific, data: data.into_iter().collect() }, related)
    });
    let spoken = (notes, of_client);
    (text(), text(), text(), text(), ".{0,700}", text(), any::<u64>(), machine, variables, spoken, recording, card)
        .prop_map(
            |(
                customer,
                account,
                caller,
                caller_name,
                keyed,
                queue,
                wait_ms,
                machine,
                variables,
                (notes, (user_info, related_calls)),
                recording,
                card,
            )| {
                CallData {
                    customer,
                    account,
                    caller,
                    caller_name,
                    keyed,
                    queue,
                    wait_ms,
                    machine,
                    variables,
                    notes,
                    recording,
                    card,
                    user_info,
                    related_calls,
                }
            },
        )
}

/// Any message of an open stream.
pub fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        Request::random().prop_map(Message::Request),
        Reply::random().prop_map(Message::Reply),
        UniversalFailure::random().prop_map(Message::Failure),
        Event::random().prop_map(Message::Event),
        SwitchRequest::random().prop_map(Message::SwitchRequest),
        EventReport::random().prop_map(Message::EventReport),
    ]
}
