//! A cable that is pulled: clients in a network namespace behind a pair of virtual interfaces, whose far end goes down.
//! Nothing comes that says so: the kernel's timers alone find out.
//!
//! Never: runs where a namespace cannot be made; the test says so then.

use std::fs::File;
use std::net::SocketAddr;
use std::process::Command;
use std::thread;
use std::time::Duration;

use nix::sched::{CloneFlags, setns};
use tipring_core::csta::{MonitorCrossRefId, MonitorFilter, Reply, Request, SessionId};
use tipring_tsapi::client::Client;
use tipring_tsapi::session::Incoming;

use crate::messages::device;
use crate::sockets::{Heard, answer_all, delivered, eventually, options, start_at};

/// The server's address on the cable, and the clients' (RFC 2544's block for tests).
const NEAR: &str = "198.18.213.1";
const FAR: &str = "198.18.213.2";
/// Interval of events.
const PACE: Duration = Duration::from_millis(20);

/// A cable from this namespace to another one.
struct Cable {
    namespace: String,
    interface: String,
}

fn ip(arguments: &str) -> bool {
    Command::new("ip").args(arguments.split(' ')).output().is_ok_and(|output| output.status.success())
}

impl Cable {
    /// Lays it; nothing where this process may not.
    fn lay() -> Option<Cable> {
        let number = std::process::id();
        let cable = Cable { namespace: format!("tipring-{number}"), interface: format!("tip{number}") };
        let Cable { namespace, interface } = &cable;
        let steps = [
            format!("netns add {namespace}"),
            format!("link add {interface} type veth peer name far netns {namespace}"),
            format!("addr add {NEAR}/30 dev {interface}"),
            format!("link set {interface} up"),
            format!("-n {namespace} addr add {FAR}/30 dev far"),
            format!("-n {namespace} link set far up"),
        ];
        match steps.iter().find(|step| !ip(step)) {
            None => Some(cable),
            Some(step) => {
                eprintln!("LEFT OUT: a pulled cable; `ip {step}` wants root, iproute2 and a kernel with veth");
                None
            }
        }
    }

    /// Does something at the far end.
    fn at_the_far_end<T: Send>(&self, act: impl FnOnce() -> T + Send) -> T {
        let namespace = File::open(format!("/var/run/netns/{}", self.namespace)).expect("it was made");
        thread::scope(|scope| {
            let there = scope.spawn(|| {
                setns(namespace, CloneFlags::CLONE_NEWNET).expect("root may");
                act()
            });
            there.join().expect("no panic there")
        })
    }

    fn pull(&self) {
        assert!(ip(&format!("-n {} link set far down", self.namespace)));
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        // With the namespace its end of the cable goes, and with that the other one.
        ip(&format!("netns del {}", self.namespace));
        ip(&format!("link del {}", self.interface));
    }
}

/// A client with a monitor; the monitor's number is the session's.
fn open(address: SocketAddr, login: &str) -> (Client, MonitorCrossRefId) {
    let mut client = Client::open(&options(address, login, "secret")).expect("the login is good");
    let request = Request::MonitorDevice { device: device("1001"), filter: MonitorFilter::default() };
    match client.call(&request).expect("everything is permitted") {
        Reply::Monitor { monitor, .. } => (client, monitor),
        other => panic!("{other:?}"),
    }
}

#[test]
fn clients_behind_a_pulled_cable_are_cut_off_and_no_other_client_loses_an_event() {
    let Some(cable) = Cable::lay() else { return };
    let shorter = |settings: &mut tipring_tsapi::server::Settings| {
        settings.keep_alive = Duration::from_secs(3);
        settings.stall_limit = Duration::from_secs(2);
    };
    let rig = start_at(&format!("{NEAR}:0"), shorter, answer_all);
    let server = &rig.server;
    let address = server.address();
    let (mut near, near_monitor) = open(address, "agent1");
    let ((_busy, busy_monitor), (_idle, idle_monitor)) =
        cable.at_the_far_end(|| (open(address, "agent2"), open(address, "agent3")));
    assert_eq!(server.counters().connected, 3);

    cable.pull();
    let dispatcher = server.dispatcher();
    let mut calls = 0;
    eventually("the end of both clients at the far end", || {
        calls += 1;
        for monitor in [near_monitor, busy_monitor] {
            dispatcher.report(SessionId(monitor.0.unsigned_abs()), monitor, &delivered(calls), &None);
        }
        match near.receive(PACE).expect("the near client is served") {
            Some(Incoming::Report { event, .. }) => assert_eq!(event, delivered(calls)),
            other => panic!("{other:?} instead of call {calls}"),
        }
        thread::sleep(PACE);
        server.counters().connected == 1
    });
    assert_eq!(server.counters().lost, 2, "{}", server.counters());
    let heard = rig.stop();
    for monitor in [busy_monitor, idle_monitor] {
        let session = SessionId(monitor.0.unsigned_abs());
        let is_end = |heard: &Heard| matches!(heard, Heard::Closed(closed) if *closed == session);
        assert_eq!(heard.iter().filter(|heard| is_end(heard)).count(), 1, "the core hears of the end of {session:?}");
    }
}
