//! A store that is behind with its records: new calls are left ringing, or refused, until it has caught up.
//!
//! Never: ends a call in progress.

use tipring_driver::line::LineEvent;
use tipring_driver::media::ToneKind;

use crate::core::Trouble;
use crate::csta::cause::UniversalFailure;
use crate::store::StoreReply;
use crate::testing::rig::{Rig, caller};
use crate::testing::site;

#[test]
fn a_trunk_is_left_ringing_and_taken_with_its_identity_as_the_store_catches_up() {
    let mut rig = Rig::new();
    rig.store_answers = false;
    let last = rig.core.fall_behind();
    for trunk in [0, 1] {
        rig.line(trunk, LineEvent::Offered);
    }
    rig.line(0, LineEvent::CallerIdentity(caller("5551234")));
    rig.pass(3_000);
    assert_eq!((rig.core.calls(), rig.commanded()), (0, Vec::new()));
    assert_eq!(rig.core.counters().not_admitted, 2);
    assert!(matches!(rig.troubles[..], [Trouble::StoreBehind { .. }]), "once is enough: {:?}", rig.troubles);
    assert!(rig.core.is_store_behind());
    rig.line(1, LineEvent::RingingStopped);
    rig.store_answers = true;
    rig.core.handle_stored(StoreReply::Kept { up_to: last });
    rig.pump();
    assert!(!rig.core.is_store_behind());
    assert_eq!((rig.core.calls(), rig.commanded()), (1, vec!["0 answer".to_owned()]));
}

#[test]
fn clients_are_refused_and_telephones_hear_congestion_but_an_emergency_goes_out() {
    let mut config = site();
    config.dial_plan.emergency = vec!["110".into()];
    let mut rig = Rig::of(config);
    rig.store_answers = false;
    rig.core.fall_behind();
    assert_eq!(rig.make_call("1003", "95551234"), Err(UniversalFailure::ServiceBusy));
    rig.line(2, LineEvent::OffHook);
    rig.keys(2, "1002");
    assert_eq!(rig.tone(2), Some(ToneKind::Congestion));
    rig.line(2, LineEvent::OnHook);
    rig.commanded();
    rig.make_call("1003", "110").expect("made");
    assert_eq!(rig.commanded(), ["1 dial 110"]);
    assert_eq!(rig.core.counters().not_admitted, 2);
}
