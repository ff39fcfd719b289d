//! The events of calls that a station makes, to another station and out, in the order of the TSAPI vendor dialect; the
//! test names are the rules. The numbers at the ends of lines are the local connection state and the cause.
//!
//! Never: has a call of a queue; those are in `flows`.

use tipring_driver::line::LineEvent;
use tipring_driver::media::{MediaCommand, ToneKind};

use super::device;
use super::rig::Rig;
use crate::csta::Reply;
use crate::store::{Direction, Outcome};

#[test]
fn a_call_from_station_to_station_goes_as_in_7_1() {
    let mut rig = Rig::new();
    rig.monitor("1001");
    rig.monitor("1002");
    rig.line(2, LineEvent::OffHook);
    assert_eq!(rig.reported(), ["D1001: initiated 1001 1 22"]);
    rig.keys(2, "1002");
    assert_eq!(rig.commanded(), ["3 ring for 1001"]);
    assert_eq!(
        rig.reported(),
        [
            "D1001: originated 1001 to 1002 3 22",
            "D1001: delivered 1002 from 1001 to 1002 over - 3 22",
            "D1002: delivered 1002 from 1001 to 1002 over - 2 22",
        ]
    );
    rig.line(3, LineEvent::OffHook);
    assert_eq!(rig.reported(), ["D1001: established 1002 over - 3 22", "D1002: established 1002 over - 3 22"]);
    rig.line(3, LineEvent::OnHook);
    assert_eq!(
        rig.reported(),
        ["D1001: dropped 1002 by 1002 3 -1", "D1002: dropped 1002 by 1002 0 -1", "D1001: failed 1001 at 1001 6 -1"]
    );
    let busy = MediaCommand::Tone { channel: tipring_driver::ids::ChannelId(2), tone: Some(ToneKind::Busy) };
    assert_eq!(rig.media.last(), Some(&busy));
    assert_eq!(rig.commanded(), ["2 disconnect"], "for a line that has a sign for it");
    rig.line(2, LineEvent::OnHook);
    assert_eq!(rig.reported(), ["D1001: dropped 1001 by 1001 0 -1"]);
    assert_eq!(rig.core.calls(), 0);
    assert_eq!(rig.calls()[0].direction, Direction::Internal);
}

#[test]
fn make_call_rings_the_callers_handset_first_and_confirms_before_it_tells() {
    let mut rig = Rig::new();
    rig.monitor("1001");
    let reply = rig.make_call("1001", "1002");
    assert_eq!(reply, Ok(Reply::MakeCall { new_call: rig.connection(1, "1001") }));
    assert_eq!(rig.commanded(), ["2 ring"]);
    assert_eq!(rig.reported(), ["D1001: initiated 1001 1 22"]);
    rig.line(2, LineEvent::OffHook);
    assert_eq!(rig.commanded(), ["3 ring for 1001"]);
    assert_eq!(
        rig.reported(),
        ["D1001: originated 1001 to 1002 3 22", "D1001: delivered 1002 from 1001 to 1002 over - 3 22"]
    );
}

#[test]
fn a_handset_nobody_lifts_for_its_call_stops_ringing() {
    let mut rig = Rig::new();
    rig.monitor("1001");
    rig.make_call("1001", "1002").expect("made");
    rig.reported();
    rig.pass(20_000);
    assert_eq!(rig.reported(), ["D1001: dropped 1001 by 1001 0 10"]);
    assert_eq!(rig.commanded(), ["2 ring", "2 release"]);
    assert_eq!(rig.calls()[0].outcome, Outcome::NotDialled);
}

#[test]
fn a_headset_calls_at_once_and_a_busy_station_fails_as_in_7_1() {
    let mut rig = Rig::new();
    rig.monitor("1003");
    rig.line(3, LineEvent::OffHook);
    rig.make_call("1003", "1002").expect("made");
    assert_eq!(
        rig.reported(),
        ["D1003: initiated 1003 1 22", "D1003: originated 1003 to 1002 3 22", "D1003: failed 1003 at 1002 6 3"]
    );
    rig.pass(3000);
    assert_eq!(rig.reported(), ["D1003: dropped 1003 by 1003 0 -1"]);
    let outcomes: Vec<Outcome> = rig.calls().iter().map(|call| call.outcome).collect();
    assert_eq!(outcomes, [Outcome::Busy]);
}

#[test]
fn a_number_that_leads_nowhere_fails_and_can_be_put_down() {
    let mut rig = Rig::new();
    rig.monitor("1001");
    rig.line(2, LineEvent::OffHook);
    rig.keys(2, "3");
    rig.line(2, LineEvent::OnHook);
    assert_eq!(
        rig.reported(),
        [
            "D1001: initiated 1001 1 22",
            "D1001: originated 1001 to 3 3 22",
            "D1001: failed 1001 at 3 6 13",
            "D1001: dropped 1001 by 1001 0 -1",
        ]
    );
}

#[test]
fn an_outgoing_call_reaches_the_network_as_in_7_2() {
    let mut rig = Rig::new();
    rig.monitor("1001");
    rig.line(2, LineEvent::OffHook);
    rig.keys(2, "9110");
    rig.reported();
    rig.pass(4000);
    assert_eq!(rig.commanded(), ["1 dial 110"]);
    assert_eq!(rig.reported(), ["D1001: originated 1001 to 110 3 22"]);
    rig.line(1, LineEvent::Dialled);
    assert_eq!(rig.reported(), ["D1001: reached 110 by T2 3 22"]);
    rig.line(1, LineEvent::Answered);
    assert_eq!(rig.reported(), ["D1001: established T1# over - 3 22"]);
    rig.line(2, LineEvent::OnHook);
    assert_eq!(rig.commanded(), ["1 release"]);
    let call = rig.calls()[0];
    assert_eq!((call.direction, call.outcome), (Direction::Outbound, Outcome::Answered));
    assert_eq!((call.called.as_str(), call.trunk), ("110", Some(device("T2"))));
}
