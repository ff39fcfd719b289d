//! Cards of telephony that tipring knows by their PCI numbers and cannot drive.
//!
//! Never: lists a card that the driver can drive; those are the driver's (`pci::ids`).

use tipring_driver::pci::PciId;

/// A vendor's functions: any device, or one; any subsystem vendor, or one.
struct Other {
    vendor: u16,
    device: Option<u16>,
    subsystem_vendor: Option<u16>,
    name: &'static str,
}

const fn other(vendor: u16, device: Option<u16>, subsystem_vendor: Option<u16>, name: &'static str) -> Other {
    Other { vendor, device, subsystem_vendor, name }
}

/// The first row that fits counts. Numbers as in the kernel drivers of DAHDI and in the PCI ID repository.
const OTHERS: &[Other] = &[
    other(0xe159, Some(0x0001), Some(0x8085), "X100P, one analogue line"),
    other(0x1057, Some(0x5608), None, "X100P, one analogue line"),
    other(0x10ee, Some(0x0314), None, "TE405P or TE410P, four E1/T1 spans"),
    other(0xd161, Some(0x0405), None, "TE405P, four E1/T1 spans"),
    other(0xd161, Some(0x0410), None, "TE410P, four E1/T1 spans"),
    other(0xd161, Some(0x0420), None, "TE420, four E1/T1 spans"),
    other(0xd161, Some(0x1405), None, "TE405P, four E1/T1 spans"),
    other(0xd161, Some(0x1410), None, "TE410P, four E1/T1 spans"),
    other(0xd161, Some(0x1420), None, "TE420, four E1/T1 spans"),
    other(0xd161, Some(0x0205), None, "TE205P, two E1/T1 spans"),
    other(0xd161, Some(0x0210), None, "TE210P, two E1/T1 spans"),
    other(0xd161, Some(0x0220), None, "TE220, two E1/T1 spans"),
    other(0xd161, Some(0x1205), None, "TE205P, two E1/T1 spans"),
    other(0xd161, Some(0x1210), None, "TE210P, two E1/T1 spans"),
    other(0xd161, Some(0x1220), None, "TE220, two E1/T1 spans"),
    other(0xd161, Some(0x1820), None, "TE820, eight E1/T1 spans"),
    other(0xd161, Some(0x8005), None, "TDM410P, four analogue ports"),
    other(0xd161, None, None, "a card by Digium"),
    other(0x1923, None, None, "a card by Sangoma"),
    other(0x12c7, None, None, "a card by Dialogic"),
];

/// The name of a card that is known and cannot be driven.
pub fn name(id: PciId) -> Option<&'static str> {
    OTHERS
        .iter()
        .find(|row| {
            row.vendor == id.vendor
                && row.device.is_none_or(|device| device == id.device)
                && row.subsystem_vendor.is_none_or(|vendor| vendor == id.subsystem_vendor)
        })
        .map(|row| row.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tipring_driver::pci::ids::identify;

    #[test]
    fn a_known_card_is_named_and_is_none_that_can_be_driven() {
        let id = |vendor, device, subsystem_vendor| PciId { vendor, device, subsystem_vendor, subsystem_device: 0 };
        assert_eq!(name(id(0xe159, 1, 0x8085)), Some("X100P, one analogue line"));
        assert_eq!(name(id(0xd161, 0x8005, 0xd161)), Some("TDM410P, four analogue ports"));
        assert_eq!(name(id(0xd161, 0xb410, 0xd161)), Some("a card by Digium"));
        assert_eq!(name(id(0xe159, 1, 0xb1d9)), None, "a TDM400P");
        assert_eq!(name(id(0x8086, 0x100e, 0x1af4)), None, "a network card");
        for row in OTHERS {
            let id = id(row.vendor, row.device.unwrap_or(0), row.subsystem_vendor.unwrap_or(0));
            assert!(identify(id).is_none(), "{}", row.name);
        }
    }
}
