//! User-to-user information: octets of a client that a call carries to the other party's client.
//!
//! Never: knows the message in which it travels.

use arrayvec::ArrayVec;
use serde::{Deserialize, Serialize};

use crate::cause::UniversalFailure;
use crate::enumerations::numbered;

numbered!(open
    /// Protocol of user-to-user information (ATTUUIProtocolType).
    #[derive(Default)]
    UserInfoType {
        /// There is none.
        #[default]
        -1 None,
        /// The user's own.
        0 UserSpecific,
        /// IA5 text.
        4 Ia5,
        /// Q.931 call control.
        8 Q931,
    }
);

/// Length of the longest user-to-user information on the wire in octets.
pub const USER_INFO_MAX: usize = 129;

/// Length of the longest user-to-user information that a call carries, in octets: the vendors' rule since version 6 of
/// private data.
pub const USER_INFO_OF_CALL_MAX: usize = 96;

/// User-to-user information (UUI, Q.931 4.5.30): octets that a caller sends to the called party.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserInfo {
    /// Their protocol.
    #[serde(rename = "type")]
    pub kind: UserInfoType,
    /// The octets: at most 32 in versions up to 5, 96 by the vendors' rule since, 129 on the wire.
    pub data: ArrayVec<u8, USER_INFO_MAX>,
}

impl UserInfo {
    /// Returns true if there is none.
    pub fn is_none(&self) -> bool {
        self.kind == UserInfoType::None && self.data.is_empty()
    }

    /// Judges whether a call can carry it.
    ///
    /// # Errors
    /// VALUE_OUT_OF_RANGE beyond [`USER_INFO_OF_CALL_MAX`] octets, and for octets without a protocol.
    pub fn judge(&self) -> Result<(), UniversalFailure> {
        let has_no_protocol = self.kind == UserInfoType::None && !self.data.is_empty();
        if has_no_protocol || self.data.len() > USER_INFO_OF_CALL_MAX {
            return Err(UniversalFailure::ValueOutOfRange);
        }
        Ok(())
    }
}
