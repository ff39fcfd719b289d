//! An event on its way from the core to its clients takes no memory of its own: counted in a process of its own, in all
//! of its threads.
//!
//! Never: counts among other tests, whose memory is in the same process.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tipring_core::csta::private::EventData;
use tipring_core::csta::{MonitorCrossRefId, MonitorFilter, Reply, Request, SessionId};
use tipring_tsapi::client::{Client, ClientOptions};
use tipring_tsapi::session::login::Vendor;

use crate::messages::{self, device};
use crate::sockets::{answer_all, delivered, options, start};

/// True while allocations are counted, and their number.
static COUNTS: AtomicBool = AtomicBool::new(false);
static COUNT: AtomicU64 = AtomicU64::new(0);

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count() {
    if COUNTS.load(Ordering::Relaxed) {
        COUNT.fetch_add(1, Ordering::Relaxed);
    }
}

// SAFETY: everything is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the rules of `alloc`, which are the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `System` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the pointer came from `System` with this layout.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// Events of a turn, which wait together, and turns: first those in which buffers grow, then those that are counted.
const EVENTS: i32 = 50;
const TURNS: [i32; 2] = [20, 40];

/// A stream with a monitor, read into a buffer of its own.
struct Listener {
    _client: Client,
    socket: File,
    monitor: MonitorCrossRefId,
}

impl Listener {
    /// Reads a frame; returns its length.
    fn hear(&mut self, buffer: &mut [u8]) -> usize {
        self.socket.read_exact(&mut buffer[..4]).expect("a frame's length");
        let length = u32::from_le_bytes([buffer[0], buffer[1], buffer[2], buffer[3]]) as usize;
        self.socket.read_exact(&mut buffer[..length]).expect("a frame");
        length
    }
}

/// Sends events to streams with private data of every kind and prints how many allocations that took.
#[test]
#[ignore = "not a test: the process in which the test below counts"]
fn send_events_and_print_the_allocations() {
    let rig = start(|_| {}, answer_all);
    let dispatcher = rig.server.dispatcher();
    let mut listeners: Vec<Listener> =
        [vec![Vendor::tipring()], vec![Vendor { name: "ECS".into(), version: 8 }], Vec::new()]
            .into_iter()
            .map(|vendors| {
                let options = ClientOptions { vendors, ..options(rig.server.address(), "agent1", "secret") };
                let mut client = Client::open(&options).expect("the login is good");
                let request = Request::MonitorDevice { device: device("1001"), filter: MonitorFilter::default() };
                let Reply::Monitor { monitor, .. } = client.call(&request).unwrap() else { panic!("a monitor") };
                let socket = File::from(client.as_fd().try_clone_to_owned().unwrap());
                Listener { _client: client, socket, monitor }
            })
            .collect();
    let data = Some(Arc::new(EventData::of_call(Arc::new(messages::call_data()))));
    let mut buffer = vec![0; 64 * 1024];
    let mut call = 0;
    let mut octets = [0; 3];
    let mut turn = || {
        for _ in 0..EVENTS {
            call += 1;
            for listener in &listeners {
                let session = SessionId(listener.monitor.0.unsigned_abs());
                dispatcher.report(session, listener.monitor, &delivered(call), &data);
            }
        }
        for (listener, octets) in listeners.iter_mut().zip(&mut octets) {
            *octets = (0..EVENTS).map(|_| listener.hear(&mut buffer)).max().unwrap_or(0);
        }
    };
    (0..TURNS[0]).for_each(|_| turn());
    COUNTS.store(true, Ordering::SeqCst);
    (0..TURNS[1]).for_each(|_| turn());
    COUNTS.store(false, Ordering::SeqCst);
    assert!(octets[0] > octets[2] && octets[1] > octets[2], "private data travel: {octets:?}");
    println!("allocated {}", COUNT.load(Ordering::SeqCst));
    drop(listeners);
    rig.stop();
}

#[test]
fn an_event_is_sent_to_every_kind_of_stream_without_an_allocation() {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "allocation::send_events_and_print_the_allocations", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&child.stdout);
    let count: Option<u64> = text.lines().find_map(|line| line.rsplit_once("allocated ")?.1.trim().parse().ok());
    let text = format!("{text}{}", String::from_utf8_lossy(&child.stderr));
    assert_eq!(count, Some(0), "of {} events: {text}", TURNS[1] * EVENTS * 3);
}
