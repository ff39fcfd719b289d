//! The types that the messages share (connection, device, filter) and the numbers of their enumerations.

use tipring_csta_types::cause::{EventCause, UniversalFailure};
use tipring_csta_types::ids::MonitorCrossRefId;
use tipring_csta_types::request::{Capabilities, MonitorFilter, SnapshotCallEntry, SnapshotDeviceEntry};
use tipring_csta_types::{
    AGENT_ID_MAX, AccountInfo, AgentId, AgentMode, AgentPassword, AgentState, AuthCode, CallId, ConnectionDevice,
    ConnectionId, DEVICE_ID_MAX, DeviceId, DeviceIdStatus, DeviceIdType, DeviceListLevel, DeviceType, ExtendedDeviceId,
    LocalConnectionState, SdbLevel, SystemStatus,
};

use crate::ber::{Ber, Reader, Writer};
use crate::error::{BerError, BerErrorKind};

/// Gives an enumeration its numbers. With `_ = Other` every number has a meaning.
macro_rules! enumerated {
    ($name:ident { $($number:literal $variant:ident),* $(,)? }) => {
        impl Ber for $name {
            fn write(&self, writer: &mut Writer<'_>) {
                writer.enumerated(match self { $($name::$variant => $number),* });
            }
            fn read(reader: &mut Reader<'_>) -> Result<$name, BerError> {
                reader.enumerated(|number| match number { $($number => Some($name::$variant),)* _ => None })
            }
        }
    };
    ($name:ident { $($number:literal $variant:ident),* $(,)?; $other:ident }) => {
        impl Ber for $name {
            fn write(&self, writer: &mut Writer<'_>) {
                writer.enumerated(match self { $($name::$variant => $number,)* $name::$other(number) => *number });
            }
            fn read(reader: &mut Reader<'_>) -> Result<$name, BerError> {
                reader.enumerated(|number| Some(match number {
                    $($number => $name::$variant,)*
                    other => $name::$other(other),
                }))
            }
        }
    };
}

enumerated!(ConnectionDevice { 0 Static, 1 Dynamic });
enumerated!(DeviceIdType {
    0 DeviceIdentifier, 20 ImplicitPublic, 30 ExplicitPublicUnknown, 55 ExplicitPrivateLocalNumber, 70 TrunkIdentifier,
    71 TrunkGroupIdentifier; Other
});
enumerated!(DeviceIdStatus { 0 Provided, 1 NotKnown, 2 NotRequired });
enumerated!(LocalConnectionState { -1 None, 0 Null, 1 Initiate, 2 Alerting, 3 Connect, 4 Hold, 5 Queued, 6 Fail });
enumerated!(AgentState { -1 NotInitialized, 0 NotReady, 1 Null, 2 Ready, 3 WorkNotReady, 4 WorkReady });
enumerated!(AgentMode { 0 LogIn, 1 LogOut, 2 NotReady, 3 Ready, 4 WorkNotReady, 5 WorkReady });
enumerated!(DeviceType { 0 Station, 3 Acd, 4 Trunk, 19 AcdGroup, 20 TrunkGroup; Other });
enumerated!(SystemStatus {
    0 Initializing, 1 Enabled, 2 Normal, 3 MessagesLost, 4 Disabled, 5 OverloadImminent, 6 OverloadReached,
    7 OverloadRelieved
});
enumerated!(DeviceListLevel {
    1 HomeWorkTop, 2 AwayWorkTop, 3 DeviceDeviceMonitor, 4 CallDeviceMonitor, 5 CallControl, 6 Routing,
    7 CallCallMonitor
});
enumerated!(SdbLevel { -1 NoChecking, 0 AcsAndCsta, 1 AcsOnly });

impl Ber for EventCause {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.enumerated(self.number());
    }
    fn read(reader: &mut Reader<'_>) -> Result<EventCause, BerError> {
        reader.enumerated(|number| Some(EventCause::from_number(number)))
    }
}

/// CSTAFailure.
impl Ber for UniversalFailure {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.enumerated(self.number());
    }
    fn read(reader: &mut Reader<'_>) -> Result<UniversalFailure, BerError> {
        reader.enumerated(|number| Some(UniversalFailure::from_number(number)))
    }
}

/// Text identifiers: IA5String of so many characters, empty when absent.
macro_rules! text_id {
    ($name:ident, $max:expr) => {
        impl Ber for $name {
            fn write(&self, writer: &mut Writer<'_>) {
                writer.ia5_string(self.as_str());
            }
            fn read(reader: &mut Reader<'_>) -> Result<$name, BerError> {
                let character = reader.error_here(BerErrorKind::BadCharacter);
                $name::new(reader.ia5_string($max)?).map_err(|_| character)
            }
        }
    };
}

text_id!(DeviceId, DEVICE_ID_MAX);
text_id!(AgentId, AGENT_ID_MAX);
text_id!(AgentPassword, AGENT_ID_MAX);
text_id!(AccountInfo, AGENT_ID_MAX);
text_id!(AuthCode, AGENT_ID_MAX);

impl Ber for CallId {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.integer(self.0);
    }
    fn read(reader: &mut Reader<'_>) -> Result<CallId, BerError> {
        reader.integer().map(CallId)
    }
}

impl Ber for MonitorCrossRefId {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.integer(self.0);
    }
    fn read(reader: &mut Reader<'_>) -> Result<MonitorCrossRefId, BerError> {
        reader.integer().map(MonitorCrossRefId)
    }
}

/// `ConnectionID ::= SEQUENCE { callID INTEGER, deviceID DeviceID, devIDType ENUMERATED { staticID(0), dynamicID(1) } }`
impl Ber for ConnectionId {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.sequence(|writer| {
            self.call.write(writer);
            self.device.write(writer);
            self.kind.write(writer);
        });
    }
    fn read(reader: &mut Reader<'_>) -> Result<ConnectionId, BerError> {
        reader.sequence(|reader| {
            Ok(ConnectionId { call: Ber::read(reader)?, device: Ber::read(reader)?, kind: Ber::read(reader)? })
        })
    }
}

/// `ExtendedDeviceID ::= SEQUENCE { deviceID DeviceID, deviceIDType DeviceIDType, deviceIDStatus DeviceIDStatus }`
impl Ber for ExtendedDeviceId {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.sequence(|writer| {
            self.device.write(writer);
            self.kind.write(writer);
            self.status.write(writer);
        });
    }
    fn read(reader: &mut Reader<'_>) -> Result<ExtendedDeviceId, BerError> {
        reader.sequence(|reader| {
            Ok(ExtendedDeviceId { device: Ber::read(reader)?, kind: Ber::read(reader)?, status: Ber::read(reader)? })
        })
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
        // Bits beyond the named ones say nothing.
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

/// `CSTASnapshotCallResponseInfo ::= SEQUENCE { deviceOnCall ExtendedDeviceID, callIdentifier ConnectionID,
/// localConnectionState LocalConnectionState }`
impl Ber for SnapshotCallEntry {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.sequence(|writer| {
            self.device.write(writer);
            self.connection.write(writer);
            self.state.write(writer);
        });
    }
    fn read(reader: &mut Reader<'_>) -> Result<SnapshotCallEntry, BerError> {
        reader.sequence(|reader| {
            Ok(SnapshotCallEntry {
                device: Ber::read(reader)?,
                connection: Ber::read(reader)?,
                state: Ber::read(reader)?,
            })
        })
    }
}

/// `CSTASnapshotDeviceResponseInfo ::= SEQUENCE { callIdentifier ConnectionID,
/// localCallState SEQUENCE OF LocalConnectionState }`
impl Ber for SnapshotDeviceEntry {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.sequence(|writer| {
            self.connection.write(writer);
            self.states.write(writer);
        });
    }
    fn read(reader: &mut Reader<'_>) -> Result<SnapshotDeviceEntry, BerError> {
        reader.sequence(|reader| Ok(SnapshotDeviceEntry { connection: Ber::read(reader)?, states: Ber::read(reader)? }))
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
        let mut capabilities = Capabilities([false; Capabilities::COUNT]);
        for supported in &mut capabilities.0 {
            *supported = reader.integer16()? != 0;
        }
        Ok(capabilities)
    }
}
