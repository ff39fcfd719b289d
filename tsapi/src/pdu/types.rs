//! The types that the messages share: enumerations, identifiers, and structures by their members.
//!
//! Never: gives a type a meaning of its own.

use std::sync::Arc;

use tipring_csta_types::capabilities::Capabilities;
use tipring_csta_types::cause::{EventCause, UniversalFailure};
use tipring_csta_types::private::{
    AnswerTreatment, ConsultMode, DeliveredType, DeviceHistoryEntry, DropResource, EnteredCode, EnteredCodeIndicator,
    EnteredCodeType, ExtensionClass, ParticipationType, ProgressDescription, ProgressLocation, ReasonCode,
    ReasonForCallInfo, TalkState, TrunkInfo, UserInfoType, VendorDeviceType, WorkMode,
};
use tipring_csta_types::reply::{SnapshotCallEntry, SnapshotDeviceEntry};
use tipring_csta_types::request::SetupInformation;
use tipring_csta_types::vendor::UnicodeName;
use tipring_csta_types::{
    AccountInfo, AgentId, AgentMode, AgentPassword, AgentState, AllocationState, AuthCode, CallId, Connection,
    ConnectionDevice, ConnectionId, DeviceClass, DeviceId, DeviceIdStatus, DeviceIdType, DeviceListLevel, DeviceType,
    Digits, ExtendedDeviceId, Feature, ForwardingInfo, ForwardingType, LocalConnectionState, MonitorCrossRefId,
    MonitorFilter, PrivateCrossRefId, RouteRegisterId, RoutingCrossRefId, SdbLevel, SelectValue, SystemStatus, Ucid,
};

use crate::ber::{Ber, Member, Reader, Writer, default_members};
use crate::error::{BerError, BerErrorKind};

/// ENUMERATED, by the vocabulary's own numbers.
macro_rules! enumerated {
    ($($name:ident),* $(,)?) => {$(
        impl Ber for $name {
            #[inline]
            fn write(&self, writer: &mut Writer<'_>) {
                writer.enumerated(self.number());
            }
            #[inline]
            fn read(reader: &mut Reader<'_>) -> Result<$name, BerError> {
                reader.enumerated($name::from_number)
            }
        }

        impl Member for $name {
            #[inline]
            fn blank() -> $name {
                $name::ALL[0]
            }
        }
    )*};
}

enumerated!(
    AgentMode,
    AgentState,
    AllocationState,
    AnswerTreatment,
    ConnectionDevice,
    ConsultMode,
    DeliveredType,
    DeviceIdStatus,
    DeviceIdType,
    DeviceListLevel,
    DeviceType,
    DropResource,
    EnteredCodeIndicator,
    EnteredCodeType,
    EventCause,
    ExtensionClass,
    Feature,
    ForwardingType,
    LocalConnectionState,
    ParticipationType,
    ProgressDescription,
    ProgressLocation,
    ReasonCode,
    ReasonForCallInfo,
    SdbLevel,
    SelectValue,
    SystemStatus,
    TalkState,
    UniversalFailure,
    UserInfoType,
    VendorDeviceType,
    WorkMode,
);

/// IA5String of a bounded length, empty when absent.
macro_rules! text_id {
    ($($name:ident),* $(,)?) => {$(
        impl Ber for $name {
            #[inline]
            fn write(&self, writer: &mut Writer<'_>) {
                writer.ia5_padded(self.padded(), self.as_octets().len());
            }
            #[inline]
            fn read(reader: &mut Reader<'_>) -> Result<$name, BerError> {
                let mut text = $name::EMPTY;
                text.read_to(reader)?;
                Ok(text)
            }
        }

        impl Member for $name {
            #[inline]
            fn blank() -> $name {
                $name::EMPTY
            }
            #[inline]
            fn read_to(&mut self, reader: &mut Reader<'_>) -> Result<(), BerError> {
                let character = reader.error_here(BerErrorKind::BadCharacter);
                self.set(reader.ia5_octets($name::MAX)?).map_err(|_| character)
            }
        }
    )*};
}

text_id!(AccountInfo, AgentId, AgentPassword, AuthCode, DeviceId, Digits, Ucid);

/// INTEGER.
macro_rules! number_id {
    ($($name:ident),* $(,)?) => {$(
        impl Ber for $name {
            #[inline]
            fn write(&self, writer: &mut Writer<'_>) {
                writer.integer(self.0);
            }
            #[inline]
            fn read(reader: &mut Reader<'_>) -> Result<$name, BerError> {
                reader.integer().map($name)
            }
        }

        impl Member for $name {
            #[inline]
            fn blank() -> $name {
                $name(0)
            }
        }
    )*};
}

number_id!(CallId, MonitorCrossRefId, PrivateCrossRefId, RouteRegisterId, RoutingCrossRefId);

/// SEQUENCE of the members in the order of the wire.
macro_rules! sequence {
    ($($name:ident { $($member:ident),* })*) => {$(
        impl Ber for $name {
            #[inline]
            fn write(&self, writer: &mut Writer<'_>) {
                writer.sequence(|writer| { $(self.$member.write(writer);)* });
            }
            #[inline]
            fn read(reader: &mut Reader<'_>) -> Result<$name, BerError> {
                let mut sequence = $name::blank();
                sequence.read_to(reader)?;
                Ok(sequence)
            }
        }

        impl Member for $name {
            #[inline]
            fn blank() -> $name {
                $name { $($member: Member::blank()),* }
            }
            #[inline]
            fn read_to(&mut self, reader: &mut Reader<'_>) -> Result<(), BerError> {
                reader.sequence(|reader| {
                    $(self.$member.read_to(reader)?;)*
                    Ok(())
                })
            }
        }
    )*};
}

sequence! {
    ConnectionId { call, device, kind }
    ExtendedDeviceId { device, kind, status }
    Connection { party, static_device }
    ForwardingInfo { kind, on, destination }
    SnapshotCallEntry { device, connection, state }
    SnapshotDeviceEntry { connection, states }
    EnteredCode { kind, indicator, data, collector }
    TrunkInfo { connection, trunk_group, trunk_member }
    DeviceHistoryEntry { device, cause, connection }
}

default_members!(MonitorFilter, UnicodeName);

/// BIT STRING (4).
impl Ber for DeviceClass {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.bits8(self.0, 4);
    }
    fn read(reader: &mut Reader<'_>) -> Result<DeviceClass, BerError> {
        Ok(DeviceClass(u8::read(reader)? & DeviceClass::MASK))
    }
}

impl Member for DeviceClass {
    fn blank() -> DeviceClass {
        DeviceClass(0)
    }
}

/// OCTET STRING, bounded by the frame it came in.
impl Ber for SetupInformation {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.octet_string(&self.0);
    }
    fn read(reader: &mut Reader<'_>) -> Result<SetupInformation, BerError> {
        Ok(SetupInformation(reader.octet_string(usize::MAX)?.to_vec()))
    }
}

impl Member for SetupInformation {
    fn blank() -> SetupInformation {
        SetupInformation(Vec::new())
    }
}

/// SEQUENCE OF, shared by all monitors.
impl<T: Ber> Ber for Arc<[T]> {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.sequence(|writer| self.iter().for_each(|item| item.write(writer)));
    }
    fn read(reader: &mut Reader<'_>) -> Result<Arc<[T]>, BerError> {
        Vec::read(reader).map(Vec::into)
    }
}

impl<T: Ber> Member for Arc<[T]> {
    fn blank() -> Arc<[T]> {
        Arc::default()
    }
}

/// SEQUENCE OF INTEGER: UTF-16 code units, at most 64.
impl Ber for UnicodeName {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.sequence(|writer| self.0.encode_utf16().take(64).for_each(|unit| writer.integer(unit.into())));
    }
    fn read(reader: &mut Reader<'_>) -> Result<UnicodeName, BerError> {
        let out_of_bounds = reader.error_here(BerErrorKind::IntegerOutOfBounds);
        let units: Vec<i32> = Vec::read(reader)?;
        let units: Result<Vec<u16>, _> = units.into_iter().map(u16::try_from).collect();
        Ok(UnicodeName(String::from_utf16_lossy(&units.map_err(|_| out_of_bounds)?)))
    }
}

/// `CSTAMonitorFilter ::= SEQUENCE { call BIT STRING (14), feature BIT STRING (4), agent BIT STRING (6),
/// maintenance BIT STRING (2), privateFilter INTEGER }`
impl Ber for MonitorFilter {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.sequence(|writer| {
            writer.bits16(self.call, 14);
            writer.bits8(self.feature, 4);
            writer.bits8(self.agent, 6);
            writer.bits8(self.maintenance, 2);
            writer.integer(self.private);
        });
    }
    fn read(reader: &mut Reader<'_>) -> Result<MonitorFilter, BerError> {
        // Bits beyond the named ones have no meaning.
        reader.sequence(|reader| {
            Ok(MonitorFilter {
                call: reader.bits()? & 0xFFFC,
                feature: u8::read(reader)? & 0xF0,
                agent: u8::read(reader)? & 0xFC,
                maintenance: u8::read(reader)? & 0xC0,
                private: reader.integer()?,
            })
        })
    }
}

/// 79 INTEGERs that are members of the outer SEQUENCE themselves: 0 is not supported, anything else is.
impl Ber for Capabilities {
    fn write(&self, writer: &mut Writer<'_>) {
        for supported in self.0 {
            writer.integer(i32::from(supported));
        }
    }
    fn read(reader: &mut Reader<'_>) -> Result<Capabilities, BerError> {
        let mut capabilities = Capabilities::NONE;
        for supported in &mut capabilities.0 {
            *supported = reader.integer16()? != 0;
        }
        Ok(capabilities)
    }
}

impl Member for Capabilities {
    fn blank() -> Capabilities {
        Capabilities::NONE
    }
}
