//! Tests of trunk groups: orders of hunting, reserves, overflow, blocking.
//!
//! Never: needs a line, or a call.

use proptest::prelude::*;

use super::*;
use crate::testing::device;

const ORDINARY: SeizureClass = SeizureClass::Ordinary;

fn names(count: usize) -> Vec<DeviceId> {
    (1..=count).map(|n| device(&format!("T{n}"))).collect()
}

/// A group of some of the trunks `T1`, `T2` …
fn group(name: &str, trunks: &[usize], order: HuntOrder) -> TrunkGroupConfig {
    TrunkGroupConfig {
        device: device(name),
        trunks: trunks.iter().map(|n| device(&format!("T{n}"))).collect(),
        direction: TrunkDirection::Both,
        reserve: 0,
        reserve_call_back: 0,
        order,
    }
}

/// The groups with all trunks idle, the first having become so first.
fn idle(configs: &[TrunkGroupConfig], count: usize) -> TrunkGroups {
    let mut groups = TrunkGroups::new(configs, &names(count)).expect("groups that can be");
    (0..count).for_each(|trunk| groups.set_idle(TrunkIx(trunk as u16), true));
    groups
}

/// Names of the trunks that ordinary calls seize one after the other, each held.
fn seized(groups: &mut TrunkGroups, class: SeizureClass) -> Vec<u16> {
    let mut all = Vec::new();
    while let Some(trunk) = groups.choose(groups.all(), class, &[]) {
        groups.update_seized(trunk);
        groups.set_idle(trunk, false);
        all.push(trunk.0 + 1);
    }
    all
}

#[test]
fn a_site_without_groups_hunts_from_its_last_trunk_and_tries_none_twice() {
    let mut groups = idle(&[], 3);
    groups.set_idle(TrunkIx(1), false);
    let next = |tried: &[TrunkIx]| groups.choose(groups.all(), ORDINARY, tried);
    assert_eq!(next(&[]), Some(TrunkIx(2)));
    assert_eq!(next(&[TrunkIx(2)]), Some(TrunkIx(0)));
    assert_eq!(next(&[TrunkIx(2), TrunkIx(0)]), None);
}

#[test]
fn each_order_of_hunting_seizes_the_trunk_it_names() {
    use HuntOrder::{Ascending, Cyclic, Descending, LongestIdle};
    for (order, first, again) in
        [(Ascending, [1, 2, 3], 1), (Descending, [3, 2, 1], 3), (LongestIdle, [1, 2, 3], 2), (Cyclic, [1, 2, 3], 1)]
    {
        let mut groups = idle(&[group("city", &[1, 2, 3], order)], 3);
        assert_eq!(seized(&mut groups, ORDINARY), first, "{order:?}");
        // The second comes back first, then the others.
        [1, 0, 2].map(TrunkIx).into_iter().for_each(|trunk| groups.set_idle(trunk, true));
        assert_eq!(groups.choose(groups.all(), ORDINARY, &[]), Some(TrunkIx(again - 1)), "{order:?}");
    }
    let mut cyclic = idle(&[group("city", &[1, 2, 3], Cyclic)], 3);
    let mut turns = Vec::new();
    for _ in 0..4 {
        let trunk = cyclic.choose(cyclic.all(), ORDINARY, &[]).expect("an idle trunk");
        cyclic.update_seized(trunk);
        turns.push(trunk.0 + 1);
    }
    assert_eq!(turns, [1, 2, 3, 1], "each call seizes the trunk after that of the call before");
}

#[test]
fn a_full_group_overflows_to_the_next_one_and_a_group_for_incoming_calls_is_passed_over() {
    let mut configs = [
        group("in", &[1], HuntOrder::Ascending),
        group("long", &[2], HuntOrder::Ascending),
        group("city", &[3, 4], HuntOrder::Ascending),
    ];
    configs[0].direction = TrunkDirection::In;
    let mut groups = idle(&configs, 4);
    assert_eq!(seized(&mut groups, ORDINARY), [2, 3, 4]);
    let judged = groups.consider(groups.all(), ORDINARY, &[]);
    let reasons: Vec<_> = judged.iter().map(|(_, considered)| *considered).collect();
    let none = Considered::NoneIdle;
    assert_eq!(reasons, [Considered::IncomingOnly, none, none, none], "the last is the group of all other trunks");
}

#[test]
fn a_reserve_is_left_by_ordinary_calls_taken_in_part_by_calling_back_and_wholly_in_an_emergency() {
    let mut config = group("city", &[1, 2, 3, 4, 5], HuntOrder::Ascending);
    (config.reserve, config.reserve_call_back) = (2, 1);
    let mut groups = idle(&[config], 5);
    assert_eq!(seized(&mut groups, ORDINARY), [1, 2]);
    let judged = groups.consider([GroupIx(0)], ORDINARY, &[]);
    assert_eq!(judged, [(GroupIx(0), Considered::Reserved { idle: 3, kept: 3 })]);
    assert_eq!(seized(&mut groups, SeizureClass::CallBack), [3]);
    assert_eq!(seized(&mut groups, SeizureClass::Emergency), [4, 5]);
}

#[test]
fn a_blocked_trunk_is_seized_by_no_call_until_it_is_unblocked() {
    let mut groups = idle(&[], 2);
    groups.set_blocked(TrunkIx(1), true, true);
    // Its line comes to rest once more while it is blocked.
    groups.set_idle(TrunkIx(1), true);
    assert!(groups.is_blocked(TrunkIx(1)));
    assert_eq!(seized(&mut groups, SeizureClass::Emergency), [1]);
    groups.set_blocked(TrunkIx(1), false, true);
    assert_eq!(seized(&mut groups, ORDINARY), [2]);
}

#[test]
fn a_trunk_is_in_one_group_that_there_is() {
    let twice = [group("a", &[1], HuntOrder::Ascending), group("b", &[1], HuntOrder::Ascending)];
    assert_eq!(TrunkGroups::new(&twice, &names(2)).err(), Some(device("T1")));
    assert_eq!(TrunkGroups::new(&[group("a", &[3], HuntOrder::Ascending)], &names(2)).err(), Some(device("T3")));
}

fn orders() -> impl Strategy<Value = HuntOrder> {
    prop::sample::select(vec![HuntOrder::Ascending, HuntOrder::Descending, HuntOrder::LongestIdle, HuntOrder::Cyclic])
}

fn configs() -> impl Strategy<Value = Vec<TrunkGroupConfig>> {
    let directions = prop::sample::select(vec![TrunkDirection::In, TrunkDirection::Out, TrunkDirection::Both]);
    let one = (orders(), directions, 0..3u16, 0..3u16);
    prop::collection::vec(one, 0..4).prop_map(|groups| {
        let each = groups.into_iter().enumerate();
        each.map(|(ix, (order, direction, reserve, reserve_call_back))| TrunkGroupConfig {
            direction,
            reserve,
            reserve_call_back,
            ..group(&format!("g{ix}"), &[3 * ix + 1, 3 * ix + 2, 3 * ix + 3], order)
        })
        .collect()
    })
}

proptest! {
    /// Whatever is idle, blocked and tried: a trunk that is seized is idle, not blocked, not tried, of a group for
    /// calls out, and leaves what its group reserves. If none is seized, every group has its reason.
    #[test]
    fn no_call_seizes_a_reserved_trunk(
        configs in configs(),
        states in prop::collection::vec((any::<bool>(), any::<bool>()), 14),
        tried in prop::collection::vec(0..14u16, 0..4),
        class in prop::sample::select(vec![ORDINARY, SeizureClass::CallBack, SeizureClass::Emergency]),
    ) {
        let mut groups = TrunkGroups::new(&configs, &names(14)).expect("groups that can be");
        for (ix, (is_idle, is_blocked)) in states.iter().enumerate() {
            let trunk = TrunkIx(ix as u16);
            groups.set_idle(trunk, *is_idle);
            groups.set_blocked(trunk, *is_blocked, *is_idle);
        }
        let tried: Vec<_> = tried.into_iter().map(TrunkIx).collect();
        let can = |trunk: &TrunkIx| states[usize::from(trunk.0)] == (true, false) && !tried.contains(trunk);
        let fresh = |group: GroupIx| groups.trunks(group).iter().filter(|trunk| can(trunk)).count();
        let kept = |group: GroupIx| configs.get(usize::from(group.0)).map_or(0, |of| match class {
            SeizureClass::Ordinary => of.reserve + of.reserve_call_back,
            SeizureClass::CallBack => of.reserve,
            SeizureClass::Emergency => 0,
        });
        let is_for_out = |group: GroupIx| class == SeizureClass::Emergency
            || configs.get(usize::from(group.0)).is_none_or(|of| of.direction != TrunkDirection::In);
        let judged = groups.consider(groups.all(), class, &tried);
        let chosen = groups.choose(groups.all(), class, &tried);
        match chosen {
            Some(trunk) => {
                let group = groups.of(trunk);
                prop_assert!(can(&trunk) && is_for_out(group) && fresh(group) > usize::from(kept(group)));
                prop_assert_eq!(judged.last(), Some(&(group, Considered::Seizes(trunk))));
            }
            None => {
                for group in groups.all() {
                    prop_assert!(!is_for_out(group) || fresh(group) <= usize::from(kept(group)));
                }
                prop_assert_eq!(judged.len(), groups.all().count());
            }
        }
    }
}
