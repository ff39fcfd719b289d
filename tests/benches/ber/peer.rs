//! The Delivered event for rasn, by the same ASN.1 that stands beside ours.

use std::hint::black_box;

use rasn::prelude::*;

#[derive(AsnType, Encode, Decode, Debug, Clone, PartialEq)]
struct DeliveredEvent {
    connection: ConnectionId,
    alerting_device: ExtendedDeviceId,
    calling_device: ExtendedDeviceId,
    called_device: ExtendedDeviceId,
    last_redirection_device: ExtendedDeviceId,
    local: LocalConnectionState,
    cause: EventCause,
}

#[derive(AsnType, Encode, Decode, Debug, Clone, PartialEq)]
struct ConnectionId {
    call: i32,
    device: Ia5String,
    kind: ConnectionDevice,
}

#[derive(AsnType, Encode, Decode, Debug, Clone, PartialEq)]
struct ExtendedDeviceId {
    device: Ia5String,
    kind: DeviceIdType,
    status: DeviceIdStatus,
}

#[derive(AsnType, Encode, Decode, Debug, Clone, Copy, PartialEq)]
#[rasn(enumerated)]
enum ConnectionDevice {
    Static = 0,
    Dynamic = 1,
}

#[derive(AsnType, Encode, Decode, Debug, Clone, Copy, PartialEq)]
#[rasn(enumerated)]
enum DeviceIdType {
    DeviceIdentifier = 0,
    ImplicitPublic = 20,
    ExplicitPublicUnknown = 30,
    TrunkIdentifier = 70,
}

#[derive(AsnType, Encode, Decode, Debug, Clone, Copy, PartialEq)]
#[rasn(enumerated)]
enum DeviceIdStatus {
    Provided = 0,
    NotKnown = 1,
    NotRequired = 2,
}

#[derive(AsnType, Encode, Decode, Debug, Clone, Copy, PartialEq)]
#[rasn(enumerated)]
enum LocalConnectionState {
    None = -1,
    Null = 0,
    Initiate = 1,
    Alerting = 2,
    Connect = 3,
    Hold = 4,
    Queued = 5,
    Fail = 6,
}

#[derive(AsnType, Encode, Decode, Debug, Clone, Copy, PartialEq)]
#[rasn(enumerated)]
enum EventCause {
    None = -1,
    NewCall = 22,
}

/// Writing and reading the event of these octets.
pub fn work(body: &'static [u8]) -> [Box<dyn FnMut()>; 2] {
    let event: DeliveredEvent = rasn::ber::decode(body).expect("rasn reads it");
    assert_eq!(rasn::ber::encode(&event).expect("rasn writes it"), body, "rasn writes other octets");
    [
        Box::new(move || {
            black_box(rasn::ber::encode(black_box(&event)).is_ok());
        }),
        Box::new(move || {
            black_box(rasn::ber::decode::<DeliveredEvent>(black_box(body)).is_ok());
        }),
    ]
}
