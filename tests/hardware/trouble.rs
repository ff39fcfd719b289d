//! Troubles of cards beyond the faults of `faults.rs`: the rest is not disturbed, no trouble is reported twice, and
//! none costs more time.

use tipring_driver::card::tdm400p::Settings;
use tipring_driver::card::{Card, CardError, CardState, PortCondition, PortKind};
use tipring_driver::pci::PciErrorKind;
use tipring_hw_sim::fault::{Fault, Planned};

use crate::rig::Rig;

fn with(modules: &str, faults: Vec<Planned>) -> Rig {
    Rig::with(modules, Settings::default(), faults)
}

/// Takes the service conditions reported of a port, in order; drops all other conditions.
fn services(rig: &mut Rig, port: u8) -> Vec<PortKind> {
    let conditions = std::mem::take(&mut rig.conditions);
    let of_port = conditions.into_iter().filter(|(of, _)| of.0 == port);
    of_port
        .filter_map(|(_, condition)| match condition {
            PortCondition::Service(kind) => Some(kind),
            PortCondition::Fxs { .. } | PortCondition::Fxo { .. } => None,
        })
        .collect()
}

#[test]
fn a_brown_out_is_repaired_without_disturbing_the_others() {
    for (port, kind) in [(0, PortKind::Fxs), (2, PortKind::Fxo)] {
        let mut rig = with("xxoo", vec![Planned::during(Fault::BrownOut { port: usize::from(port) }, 4000, 1)]);
        rig.bring_up();
        while rig.ms < 3990 {
            rig.run(1);
        }
        assert_eq!(services(&mut rig, port), [kind]);
        rig.run(3000);
        let others = rig.conditions.clone();
        assert_eq!(services(&mut rig, port), [PortKind::Broken, kind], "port {port} went and came back");
        assert!(rig.errors.is_empty());
        let disturbed = others.iter().any(|(of, said)| of.0 != port && matches!(said, PortCondition::Service(_)));
        assert!(!disturbed, "the other ports are undisturbed");
        assert_eq!(rig.card.state(), CardState::Running);
    }
}

#[test]
fn aborted_dma_is_counted_and_survived_now_and_then() {
    for fault in [Fault::MasterAbort, Fault::TargetAbort] {
        let mut rig = with("xo--", vec![Planned::at_random(fault, 0.05)]);
        rig.bring_up();
        rig.run(5000);
        assert_eq!(rig.card.state(), CardState::Running);
        assert!(rig.card.counters().bus_errors > 100);
        assert_eq!(rig.card.counters().lost_samples, 0);
    }
}

#[test]
fn a_card_whose_time_stands_still_fails() {
    let mut rig = Rig::new("xo--");
    rig.bring_up();
    for _ in 0..300 {
        rig.service(&mut |_| [[0xd5; 8]; 4]);
    }
    assert!(matches!(rig.errors[..], [CardError::Stalled { ms: 250 }]), "{:?}", rig.errors);
}

#[test]
fn a_removed_card_fails_once() {
    let mut rig = Rig::new("xo--");
    rig.bring_up();
    rig.slot.lock().set_removed(true);
    rig.run(100);
    let [CardError::Pci(error)] = &rig.errors[..] else { panic!("{:?}", rig.errors) };
    assert!(matches!(error.kind, PciErrorKind::Gone));
    assert_eq!(services(&mut rig, 0), [PortKind::Fxs, PortKind::Broken]);
}

#[test]
fn a_service_costs_one_transaction_and_a_bounded_number_of_accesses() {
    let mut rig = Rig::new("xxoo");
    let mut worst = 0;
    for _ in 0..4000 {
        let before = rig.slot.lock().traffic().accesses;
        rig.run(1);
        worst = worst.max(rig.slot.lock().traffic().accesses - before);
    }
    assert!(worst <= 2000, "{worst} accesses in one service of bring-up");
    let made = |rig: &Rig| {
        let traffic = rig.slot.lock().traffic();
        (traffic.transactions, traffic.accesses)
    };
    let before = made(&rig);
    rig.run(1000);
    let after = made(&rig);
    assert_eq!(after.0 - before.0, 1000);
    assert!(after.1 - before.1 <= 80 * 1000, "{} accesses a second", after.1 - before.1);
}

#[test]
fn the_same_faults_and_seed_give_the_same_run() {
    let run = || {
        let noise = Fault::Noise { port: 2, level_dbm0: -40.0 };
        let mut rig = with("xxoo", vec![Planned::at_random(noise, 0.5), Planned::at_random(Fault::MasterAbort, 0.01)]);
        rig.run(4000);
        (rig.conditions.len(), rig.card.counters())
    };
    assert_eq!(run(), run());
}
