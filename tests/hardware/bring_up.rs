//! Bring-up: the modules found on cards of all kinds, whole and broken.

use tipring_direct::Direct;
use tipring_driver::card::{Card, CardError, Linefeed, PortCommand, PortCondition, PortKind};
use tipring_driver::ids::PortId;
use tipring_driver::pci::PciFunction;
use tipring_driver::pci::ids::{CardModel, Tdm400pRevision, identify};

use crate::rig::Rig;

fn kinds(rig: &Rig) -> [PortKind; 4] {
    [0, 1, 2, 3].map(|port| rig.card.kind(PortId(port)))
}

#[test]
fn a_card_is_known_by_its_numbers() {
    let rig = Rig::new("xxoo");
    let id = Direct::open(&rig.slot).id();
    assert_eq!(identify(id), Some(CardModel::Tdm400p(Tdm400pRevision::I)));
}

#[test]
fn all_mixtures_of_modules_are_found_within_three_seconds() {
    use PortKind::{Absent, Fxo, Fxs};
    for (modules, expected) in [
        ("xxoo", [Fxs, Fxs, Fxo, Fxo]),
        ("ooxx", [Fxo, Fxo, Fxs, Fxs]),
        ("xxxx", [Fxs; 4]),
        ("oooo", [Fxo; 4]),
        ("-x-o", [Absent, Fxs, Absent, Fxo]),
        ("o---", [Fxo, Absent, Absent, Absent]),
    ] {
        let mut rig = Rig::new(modules);
        let ms = rig.bring_up();
        assert_eq!(kinds(&rig), expected, "{modules}");
        assert!(ms <= 3000, "{modules} took {ms} ms");
        rig.run(1);
        let reported: Vec<_> =
            rig.conditions.iter().filter(|(_, said)| matches!(said, PortCondition::Service(_))).copied().collect();
        let wanted: Vec<_> = (0..4).zip(expected).map(|(p, kind)| (PortId(p), PortCondition::Service(kind))).collect();
        assert_eq!(reported.len(), 4, "{modules}: {reported:?}");
        assert!(wanted.iter().all(|condition| reported.contains(condition)), "{modules}: {reported:?}");
    }
}

#[test]
fn an_empty_card_says_so() {
    let mut rig = Rig::new("----");
    rig.run(2000);
    assert!(matches!(rig.errors[..], [CardError::NoModules]), "{:?}", rig.errors);
}

#[test]
fn ringing_and_battery_are_seen_on_a_trunk() {
    let mut rig = Rig::new("o---");
    rig.bring_up();
    rig.run(50);
    let Some(PortCondition::Fxo { ringing: false, volts, off_hook: false, .. }) = rig.newest(0) else {
        panic!("an idle trunk is on hook and quiet")
    };
    assert!((-52..=-44).contains(&volts), "{volts} V");

    rig.wires.hold().ringing[0] = 75.0;
    rig.run(200);
    let rung = rig.conditions.iter().any(|(_, said)| matches!(said, PortCondition::Fxo { ringing: true, .. }));
    assert!(rung, "ringing is seen");
    rig.wires.hold().ringing[0] = 0.0;
    rig.run(600);
    assert!(matches!(rig.newest(0), Some(PortCondition::Fxo { ringing: false, .. })));

    rig.wires.hold().battery[0] = 0.0;
    rig.run(200);
    assert!(matches!(rig.newest(0), Some(PortCondition::Fxo { volts: 0, .. })));
}

#[test]
fn a_trunk_goes_off_hook_and_draws_current() {
    use tipring_hw_sim::network::{TrunkLoad, WireLoad};
    let mut rig = Rig::new("--o-");
    rig.bring_up();
    rig.card.command(PortId(2), PortCommand::Hook(true));
    rig.run(2);
    assert!(matches!(rig.wires.hold().loads[2], WireLoad::Trunk(TrunkLoad { off_hook: true, .. })), "at once");
    rig.run(200);
    let Some(PortCondition::Fxo { off_hook: true, milliamps, .. }) = rig.newest(2) else { panic!("it is off hook") };
    assert!((15..=40).contains(&milliamps), "{milliamps} mA");
    rig.card.command(PortId(2), PortCommand::Hook(false));
    rig.run(100);
    assert!(matches!(rig.newest(2), Some(PortCondition::Fxo { off_hook: false, milliamps: 0, .. })));
}

#[test]
fn a_station_is_rung_and_answered() {
    let mut rig = Rig::new("-x--");
    rig.bring_up();
    rig.run(50);
    assert!(
        matches!(
            rig.newest(1),
            Some(PortCondition::Fxs { loop_closed: false, linefeed: Linefeed::ForwardActive, power_alarm: false })
        ),
        "an idle station is fed"
    );
    rig.card.command(PortId(1), PortCommand::Linefeed(Linefeed::Ringing));
    rig.run(500);
    let Some(PortCondition::Fxs { linefeed: Linefeed::Ringing, .. }) = rig.newest(1) else { panic!("it rings") };
    rig.wires.hold().lifted[1] = true;
    rig.run(150);
    let Some(PortCondition::Fxs { loop_closed: true, linefeed: Linefeed::ForwardActive, .. }) = rig.newest(1) else {
        panic!("ring trip")
    };
    rig.wires.hold().lifted[1] = false;
    rig.run(100);
    assert!(matches!(rig.newest(1), Some(PortCondition::Fxs { loop_closed: false, .. })));
}
