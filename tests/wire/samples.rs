//! Every CSTA PDU of the standard and every vendor service against octets from elsewhere.
//!
//! The values follow a rule instead of a list: the n-th value of a message is n, or the text `dn`, or the n-th of its
//! enumeration; lists have two items. The octets in `golden/samples.txt` and `golden/vendor.txt` were written by the
//! same rule from the member tables of the protocol, by an encoder that shares nothing with this one.

use std::collections::BTreeMap;
use std::sync::Arc;

use tipring_core::csta::capabilities::Capabilities;
use tipring_core::csta::cause::{EventCause, UniversalFailure};
use tipring_core::csta::event::Event;
use tipring_core::csta::private::{ParticipationType, VendorDeviceType};
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
use tipring_tsapi::ber::Writer;
use tipring_tsapi::frame::Frame;
use tipring_tsapi::pdu::Pdu;
use tipring_tsapi::session::ServerOutput;

use crate::conversation::open_server_with;
use crate::golden::{hex, parse};
use crate::messages::Message;

/// A type of which there is a sample; `n` counts the values of a message.
trait Sample: Sized {
    fn sample(n: &mut i32) -> Self;
}

fn next(n: &mut i32) -> i32 {
    *n += 1;
    *n
}

impl Sample for bool {
    fn sample(n: &mut i32) -> bool {
        next(n) % 2 == 1
    }
}

impl Sample for u8 {
    fn sample(n: &mut i32) -> u8 {
        next(n) as u8
    }
}

macro_rules! number {
    ($($name:ident = $make:expr),* $(,)?) => {$(
        impl Sample for $name {
            fn sample(n: &mut i32) -> $name {
                $make(next(n))
            }
        }
    )*};
}
number!(
    i16 = |n| n as i16,
    i32 = |n| n,
    CallId = CallId,
    MonitorCrossRefId = MonitorCrossRefId,
    PrivateCrossRefId = PrivateCrossRefId,
    RouteRegisterId = RouteRegisterId,
    RoutingCrossRefId = RoutingCrossRefId,
    DeviceClass = |n| DeviceClass((n << 4) as u8 & DeviceClass::MASK),
    SetupInformation = |n| SetupInformation(vec![n as u8; 2]),
    UnicodeName = |n: i32| UnicodeName(n.to_string()),
);

macro_rules! text {
    ($($name:ident $prefix:literal),* $(,)?) => {$(
        impl Sample for $name {
            fn sample(n: &mut i32) -> $name {
                $name::new(&format!("{}{}", $prefix, next(n))).unwrap()
            }
        }
    )*};
}
text!(AccountInfo "d", AgentId "d", AgentPassword "d", AuthCode "d", DeviceId "d", Digits "", Ucid "");

macro_rules! numbered {
    ($($name:ident),* $(,)?) => {$(
        impl Sample for $name {
            fn sample(n: &mut i32) -> $name {
                $name::ALL[(next(n) - 1) as usize % $name::ALL.len()]
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
    DeviceIdType,
    DeviceListLevel,
    DeviceType,
    EventCause,
    Feature,
    ForwardingType,
    LocalConnectionState,
    ParticipationType,
    SdbLevel,
    SelectValue,
    SystemStatus,
    UniversalFailure,
    VendorDeviceType,
);

macro_rules! structure {
    ($($name:ident { $($member:ident),* })*) => {$(
        impl Sample for $name {
            fn sample(n: &mut i32) -> $name {
                $name { $($member: Sample::sample(n)),* }
            }
        }
    )*};
}
structure! {
    ConnectionId { call, device, kind }
    ExtendedDeviceId { device, kind, status }
    Connection { party, static_device }
    ForwardingInfo { kind, on, destination }
    SnapshotCallEntry { device, connection, state }
    SnapshotDeviceEntry { connection, states }
}

impl<T: Sample> Sample for Vec<T> {
    fn sample(n: &mut i32) -> Vec<T> {
        vec![T::sample(n), T::sample(n)]
    }
}

impl<T: Sample> Sample for Arc<[T]> {
    fn sample(n: &mut i32) -> Arc<[T]> {
        Vec::sample(n).into()
    }
}

impl Sample for MonitorFilter {
    fn sample(n: &mut i32) -> MonitorFilter {
        MonitorFilter {
            call: (next(n) << 2) as u16 & 0xFFFC,
            feature: (next(n) << 4) as u8 & 0xF0,
            agent: (next(n) << 2) as u8 & 0xFC,
            maintenance: (next(n) << 6) as u8 & 0xC0,
            private: next(n),
        }
    }
}

impl Sample for Capabilities {
    fn sample(n: &mut i32) -> Capabilities {
        Capabilities(core::array::from_fn(|_| bool::sample(n)))
    }
}

/// A sample of every message of a family.
macro_rules! sample_messages {
    ($(#[$doc:meta])* $family:ident tag $tag:literal {
        $($(#[$vdoc:meta])* $number:literal $(| $other:literal)* $variant:ident
            $({ $($(#[$mdoc:meta])* $member:ident: $type:ty),* $(,)? })?;)*
    }) => {
        impl Samples for $family {
            fn samples() -> Vec<$family> {
                vec![$({
                    #[allow(unused_mut, unused_variables, reason = "messages without members have no values")]
                    let mut n = 0;
                    $family::$variant $({ $($member: <$type as Sample>::sample(&mut n)),* })?
                }),*]
            }
        }
    };
}

trait Samples: Sized {
    fn samples() -> Vec<Self>;
}

events!(sample_messages);
requests!(sample_messages);
replies!(sample_messages);
switch_requests!(sample_messages);
event_reports!(sample_messages);
vendor_requests!(sample_messages);
vendor_replies!(sample_messages);
vendor_events!(sample_messages);

/// The golden octets of a file by PDU number, which opens each entry's name.
fn by_number(file: &str) -> BTreeMap<u16, Vec<u8>> {
    let number = |name: &str| name.split(' ').next().and_then(|number| number.parse().ok()).expect("a number");
    parse(file).into_iter().map(|golden| (number(&golden.name), golden.octets)).collect()
}

fn samples() -> Vec<Message> {
    let mut all = Vec::new();
    all.extend(Request::samples().into_iter().map(Message::Request));
    all.extend(Reply::samples().into_iter().map(Message::Reply));
    all.extend(Event::samples().into_iter().map(Message::Event));
    all.extend(SwitchRequest::samples().into_iter().map(Message::SwitchRequest));
    all.extend(EventReport::samples().into_iter().map(Message::EventReport));
    all.push(Message::Failure(UniversalFailure::sample(&mut 0)));
    all
}

#[test]
fn every_pdu_of_the_standard_is_read_and_written_by_the_member_tables() {
    let mut golden = by_number(include_str!("golden/samples.txt"));
    assert_eq!(golden.len(), 133, "all PDUs of the tables");
    for message in samples() {
        let octets = golden.remove(&message.number()).unwrap_or_else(|| panic!("no golden octets of {message:?}"));
        let (frame, _) = Frame::split(&octets).unwrap().unwrap();
        assert_eq!(frame.header.class, message.class(), "{message:?}");
        assert_eq!(Message::read(&frame).as_ref(), Ok(&message));
        let written = message.build(frame.header.invoke, frame.header.monitor, &[]);
        assert_eq!(hex(&written), hex(&octets), "{message:?}");
    }
    // Older forms of the routing PDUs, which mean the same.
    for (number, newer) in [(84, 132), (88, 133)] {
        let octets = golden.remove(&number).expect("an older form");
        let (frame, _) = Frame::split(&octets).unwrap().unwrap();
        let message = Message::read(&frame).unwrap();
        assert_eq!(message.number(), newer);
        assert!(samples().contains(&message), "{number} means what {newer} does");
    }
    assert_eq!(golden.keys().copied().collect::<Vec<_>>(), [83, 86], "those a server writes on version 1");
}

#[test]
fn routing_on_a_stream_of_version_1_travels_in_its_older_pdus() {
    let golden = by_number(include_str!("golden/samples.txt"));
    let mut n = 0;
    let device = |n: &mut i32| ExtendedDeviceId::inside(DeviceId::sample(n));
    let mut server = open_server_with("", "TS1");
    server.handle_switch_request(
        &SwitchRequest::Route {
            register: Sample::sample(&mut n),
            dialogue: Sample::sample(&mut n),
            current_route: device(&mut n),
            calling_device: device(&mut n),
            routed_call: Sample::sample(&mut n),
            algorithm: Sample::sample(&mut n),
            priority: Sample::sample(&mut n),
            setup_information: Sample::sample(&mut n),
        },
        &None,
    );
    let mut n = 0;
    server.handle_event_report(
        &EventReport::RouteUsed {
            register: Sample::sample(&mut n),
            dialogue: Sample::sample(&mut n),
            route_used: device(&mut n),
            calling_device: device(&mut n),
            domain: Sample::sample(&mut n),
        },
        &None,
    );
    let Some(ServerOutput::Send(mut both)) = server.poll_output() else { panic!("frames") };
    for number in [83, 86] {
        let (_, length) = Frame::split(&both).unwrap().expect("a whole frame");
        let mut written: Vec<u8> = both.drain(..length).collect();
        // The switch asks with no invoke id of its own.
        written[6] = 9;
        assert_eq!(hex(&written), hex(&golden[&number]), "PDU {number}");
    }
}

#[test]
fn every_vendor_service_is_read_and_written_by_the_member_tables() {
    fn check<T: Pdu + Samples + PartialEq + core::fmt::Debug>(golden: &mut BTreeMap<u16, Vec<u8>>) {
        for message in T::samples() {
            let octets = golden.remove(&message.number()).unwrap_or_else(|| panic!("no golden octets: {message:?}"));
            let mut written = vec![2, 0];
            written.extend(message.number().to_le_bytes());
            Writer::new(&mut written).sequence(|writer| message.write(writer));
            assert_eq!(hex(&written), hex(&octets), "{message:?}");
            assert_eq!(T::read(message.number(), &octets[4..]).as_ref(), Ok(&message));
        }
    }
    let mut golden = by_number(include_str!("golden/vendor.txt"));
    check::<VendorRequest>(&mut golden);
    check::<VendorReply>(&mut golden);
    check::<VendorEvent>(&mut golden);
    assert!(golden.is_empty(), "without a message: {:?}", golden.keys());
}
