//! Vendor, device and subsystem numbers: which card is behind a PCI function.
//!
//! The bridge of the TDM400P (TigerJet TJ320) is on ISDN, single-port and T1 cards too, all with the same vendor and
//! device number, so the subsystem vendor decides. Never: touches a card. What is not in these tables is not ours.

use super::PciId;

/// The vendor number of the TigerJet bridges.
pub(crate) const TIGERJET: u16 = 0xe159;
/// The device number of the TJ300 and TJ320.
pub(crate) const TJ320: u16 = 0x0001;

/// A card that this driver knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CardModel {
    /// TDM400P, OpenVox A400P and their likes: a TJ320 and four sockets for analogue modules.
    Tdm400p(Tdm400pRevision),
}

/// The revisions of the TDM400P, as its subsystem vendor number tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tdm400pRevision {
    /// S400P prototype.
    Prototype,
    /// Revision E or F.
    EOrF,
    /// Revision H.
    H,
    /// Revision I; also OpenVox A400P.
    I,
}

impl CardModel {
    /// The name that is printed on the card, and its revision.
    pub const fn name(self) -> &'static str {
        match self {
            CardModel::Tdm400p(Tdm400pRevision::Prototype) => "S400P prototype",
            CardModel::Tdm400p(Tdm400pRevision::EOrF) => "TDM400P revision E/F",
            CardModel::Tdm400p(Tdm400pRevision::H) => "TDM400P revision H",
            CardModel::Tdm400p(Tdm400pRevision::I) => "TDM400P revision I / A400P",
        }
    }

    /// The number of ports.
    pub const fn ports(self) -> usize {
        match self {
            CardModel::Tdm400p(_) => 4,
        }
    }
}

/// The card that these numbers belong to; none if it is not one that this driver knows.
///
/// The numbers are those that the DAHDI driver `wctdm` accepts. The A800P and A1200P (subsystem vendors 9100, 9519,
/// 95d9, 9500, 9532, 8519, 9559, 9599) and the X100P family (8084 to 8087) have the same bridge and another design: not
/// ours.
pub const fn identify(id: PciId) -> Option<CardModel> {
    if id.vendor != TIGERJET || id.device != TJ320 {
        return None;
    }
    let revision = match id.subsystem_vendor {
        0xa159 | 0xe159 => Tdm400pRevision::Prototype,
        0xb100 => Tdm400pRevision::EOrF,
        0xb1d9 | 0xb118 | 0xb119 => Tdm400pRevision::I,
        0xa9fd | 0xa8fd | 0xa800 | 0xa801 | 0xa908 | 0xa901 => Tdm400pRevision::H,
        _ => return None,
    };
    Some(CardModel::Tdm400p(revision))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn id(vendor: u16, subsystem_vendor: u16) -> PciId {
        PciId { vendor, device: TJ320, subsystem_vendor, subsystem_device: 3 }
    }

    #[test]
    fn cards_are_told_by_their_subsystem_vendor() {
        assert_eq!(identify(id(TIGERJET, 0xb1d9)), Some(CardModel::Tdm400p(Tdm400pRevision::I)));
        assert_eq!(identify(id(TIGERJET, 0xb100)), Some(CardModel::Tdm400p(Tdm400pRevision::EOrF)));
        assert_eq!(identify(id(TIGERJET, 0x8085)), None, "an X100P has the same bridge");
        assert_eq!(identify(id(TIGERJET, 0x9100)), None, "an A1200P has the same bridge");
        assert_eq!(identify(id(0x8086, 0xb1d9)), None);
    }
}
