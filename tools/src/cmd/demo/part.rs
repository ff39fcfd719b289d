//! Parts of a conversation in which more than an agent and a caller are concerned, with the voices that each hears.
//!
//! Never: measures sound; the judge compares it with this table.

use tipring_core::csta::tipring::SupervisionMode;
use tipring_core::csta::{CallId, DeviceId};

/// One of the people in a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The agent whose call it is, or was.
    Agent,
    /// The supervisor, or the colleague.
    Other,
    /// The caller.
    Caller,
}

/// Kind of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// A supervisor's.
    Supervision(SupervisionMode),
    /// The caller is on hold, and the colleague's telephone rings.
    Hold,
    /// Agent and colleague speak, and the caller is on hold.
    Consultation,
    /// All three talk.
    Conference,
    /// The colleague has taken the call over.
    Transfer,
    /// The colleague has picked the call up that alerted at the agent's telephone.
    Pickup,
}

/// Voices that agent, other and caller hear.
type Hears = [&'static [Role]; 3];

impl PartKind {
    const fn hears(self) -> Hears {
        use Role::{Agent, Caller, Other};
        match self {
            PartKind::Supervision(SupervisionMode::Listen) => [&[Caller], &[Agent, Caller], &[Agent]],
            PartKind::Supervision(SupervisionMode::Whisper) => [&[Other, Caller], &[Agent, Caller], &[Agent]],
            PartKind::Supervision(SupervisionMode::Barge) | PartKind::Conference => {
                [&[Other, Caller], &[Agent, Caller], &[Agent, Other]]
            }
            PartKind::Hold => [&[], &[], &[]],
            PartKind::Consultation => [&[Other], &[Agent], &[]],
            PartKind::Transfer | PartKind::Pickup => [&[], &[Caller], &[Other]],
        }
    }

    /// Returns the voices that are heard by one of the people.
    pub const fn heard_by(self, listener: Role) -> &'static [Role] {
        let [agent, other, caller] = self.hears();
        match listener {
            Role::Agent => agent,
            Role::Other => other,
            Role::Caller => caller,
        }
    }
}

/// A part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its kind.
    pub kind: PartKind,
    /// The call.
    pub call: CallId,
    /// The station of the supervisor or the colleague.
    pub other: DeviceId,
    /// The station of the agent.
    pub station: DeviceId,
}
