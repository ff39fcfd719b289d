//! The server through its socket, by a client of a few lines that knows the protocol and nothing of the server's code.

use std::fs::File;
use std::io::{IoSlice, Read, Write};
use std::num::NonZeroU32;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::*;
use crate::device::Region;

/// A device of 256 octets: plain storage but for the first four. Writing octet 0 sets the pin to its bit 0; octet 1
/// says when a millisecond is taken; every step counts in octets 2 and 3, and in memory at 0x1000.
struct Plain {
    octets: [u8; 256],
}

impl Device for Plain {
    fn region_size(&self, region: Region) -> u64 {
        if region == Region::Bar(1) { 256 } else { 0 }
    }
    fn read(&mut self, _: Region, offset: u64, data: &mut [u8]) {
        data.copy_from_slice(&self.octets[offset as usize..][..data.len()]);
    }
    fn write(&mut self, _: Region, offset: u64, data: &[u8]) {
        self.octets[offset as usize..][..data.len()].copy_from_slice(data);
    }
    fn step(&mut self, memory: &GuestMemory) {
        let count = u16::from_le_bytes([self.octets[2], self.octets[3]]).wrapping_add(1);
        self.octets[2..4].copy_from_slice(&count.to_le_bytes());
        memory.write_u32(0x1000, u32::from(count));
        if self.octets[1] == 2 {
            self.octets[1] = 1;
        }
    }
    fn interrupt(&self) -> bool {
        self.octets[0] & 1 != 0
    }
    fn reset(&mut self) {
        self.octets = [0; 256];
    }
    fn taken(&self) -> bool {
        self.octets[1] != 1
    }
}

struct Running {
    path: PathBuf,
    stop: Arc<AtomicBool>,
    counters: Arc<Counters>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Running {
    fn start(name: &str, clock: Clock) -> Running {
        let path = std::env::temp_dir().join(format!("tipring-{}-{name}.sock", std::process::id()));
        let mut server = Server::bind(&path, Box::new(Plain { octets: [0; 256] })).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let counters = server.counters();
        let told = stop.clone();
        let thread = Some(std::thread::spawn(move || server.run(clock, &told)));
        Running { path, stop, counters, thread }
    }

    fn client(&self) -> Raw {
        let stream = UnixStream::connect(&self.path).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        Raw { stream, id: 0 }
    }

    fn greeted(&self) -> Raw {
        let mut client = self.client();
        client.ask(1, &[0, 0, 1, 0]).unwrap();
        client
    }

    fn eventually(&self, what: &str, condition: impl Fn(&Counters) -> bool) {
        let start = Instant::now();
        while !condition(&self.counters) {
            assert!(start.elapsed() < Duration::from_secs(10), "{what}: {:?}", self.counters);
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let result = self.thread.take().unwrap().join();
        if !std::thread::panicking() {
            result.unwrap().unwrap();
            assert!(!self.path.exists(), "the socket is removed at the end");
        }
    }
}

struct Raw {
    stream: UnixStream,
    id: u16,
}

fn message(id: u16, command: u16, flags: u32, body: &[u8]) -> Vec<u8> {
    let mut octets = Vec::new();
    octets.extend(id.to_le_bytes());
    octets.extend(command.to_le_bytes());
    octets.extend((16 + body.len() as u32).to_le_bytes());
    octets.extend(flags.to_le_bytes());
    octets.extend([0; 4]);
    octets.extend(body);
    octets
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn access(offset: u64, region: u32, count: u32, data: &[u8]) -> Vec<u8> {
    [&offset.to_le_bytes()[..], &words(&[region, count]), data].concat()
}

fn map_body(address: u64, length: u64, offset: u64) -> Vec<u8> {
    let mut body = words(&[32, 3]);
    [offset, address, length].iter().for_each(|number| body.extend(number.to_le_bytes()));
    body
}

impl Raw {
    fn send(&mut self, command: u16, flags: u32, body: &[u8]) -> u16 {
        self.id += 1;
        self.stream.write_all(&message(self.id, command, flags, body)).unwrap();
        self.id
    }

    fn send_with(&mut self, command: u16, body: &[u8], file: &impl AsFd) {
        self.id += 1;
        let octets = message(self.id, command, 0, body);
        let descriptors = [file.as_fd().as_raw_fd()];
        let control = [ControlMessage::ScmRights(&descriptors)];
        let sent = sendmsg::<()>(self.stream.as_raw_fd(), &[IoSlice::new(&octets)], &control, MsgFlags::empty(), None);
        assert_eq!(sent, Ok(octets.len()));
    }

    /// The next reply: its id, and its body or its error number.
    fn reply(&mut self) -> (u16, Result<Vec<u8>, u32>) {
        let mut header = [0; 16];
        self.stream.read_exact(&mut header).unwrap();
        let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().unwrap());
        let mut body = vec![0; word(4) as usize - 16];
        self.stream.read_exact(&mut body).unwrap();
        let id = u16::from_le_bytes([header[0], header[1]]);
        match word(8) {
            1 => (id, Ok(body)),
            0x21 => (id, Err(word(12))),
            flags => panic!("a reply with flags {flags:#x}"),
        }
    }

    fn ask(&mut self, command: u16, body: &[u8]) -> Result<Vec<u8>, u32> {
        let id = self.send(command, 0, body);
        let (replied, result) = self.reply();
        assert_eq!(replied, id);
        result
    }

    fn read(&mut self, offset: u64, count: u32) -> Vec<u8> {
        self.ask(9, &access(offset, 1, count, &[])).unwrap()[16..].to_vec()
    }

    fn write(&mut self, offset: u64, data: &[u8]) {
        self.ask(10, &access(offset, 1, data.len() as u32, data)).unwrap();
    }

    fn set_irqs(&mut self, flags: u32, count: u32) {
        self.ask(8, &words(&[20, flags, 0, 0, count])).unwrap();
    }
}

#[test]
fn the_version_is_the_lower_of_both() {
    let server = Running::start("version", Clock::Wall);
    for (asked, answered) in [(0, 0), (1, 1), (7, 1)] {
        let mut client = server.client();
        let reply = client.ask(1, &[0, 0, asked, 0]).unwrap();
        assert_eq!(reply[..4], [0, 0, answered, 0]);
        assert_eq!(reply.last(), Some(&0));
        let limits: serde_json::Value = serde_json::from_slice(&reply[4..reply.len() - 1]).unwrap();
        assert_eq!(limits["capabilities"]["max_msg_fds"], 8);
    }
    let mut client = server.client();
    assert_eq!(client.ask(1, &[1, 0, 0, 0]), Err(Errno::ENOTSUP as u32), "another major version");
    assert_eq!(client.ask(4, &words(&[16, 0, 0, 0])), Err(Errno::EINVAL as u32), "before the version");
}

#[test]
fn the_device_says_what_it_is() {
    let server = Running::start("info", Clock::Wall);
    let mut client = server.greeted();
    assert_eq!(client.ask(4, &words(&[16, 0, 0, 0])), Ok(words(&[16, 3, 9, 5])));
    let bar = client.ask(5, &words(&[32, 0, 1, 0, 0, 0, 0, 0])).unwrap();
    assert_eq!(bar, words(&[32, 3, 1, 0, 256, 0, 0, 0]));
    let rom = client.ask(5, &words(&[32, 0, 6, 0, 0, 0, 0, 0])).unwrap();
    assert_eq!(rom, words(&[32, 0, 6, 0, 0, 0, 0, 0]));
    assert_eq!(client.ask(5, &words(&[32, 0, 9, 0, 0, 0, 0, 0])), Err(Errno::EINVAL as u32));
    assert_eq!(client.ask(7, &words(&[16, 0, 0, 0])), Ok(words(&[16, 7, 0, 1])));
    assert_eq!(client.ask(7, &words(&[16, 0, 3, 0])), Ok(words(&[16, 0, 3, 0])));
}

#[test]
fn posted_writes_and_pipelined_reads_are_taken_in_order() {
    let server = Running::start("pipeline", Clock::Wall);
    let mut client = server.greeted();
    let mut octets = Vec::new();
    for n in 0..100u8 {
        octets.extend(message(u16::from(n), 10, 0x10, &access(16, 1, 1, &[n])));
        octets.extend(message(1000 + u16::from(n), 9, 0, &access(16, 1, 1, &[])));
    }
    client.stream.write_all(&octets).unwrap();
    for n in 0..100u8 {
        let (id, reply) = client.reply();
        assert_eq!(id, 1000 + u16::from(n), "a posted write is not answered");
        assert_eq!(reply.unwrap()[16..], [n]);
    }
}

#[test]
fn accesses_outside_the_region_are_refused_and_the_server_goes_on() {
    let server = Running::start("outside", Clock::Wall);
    let mut client = server.greeted();
    for body in [
        access(255, 1, 2, &[]),
        access(u64::MAX, 1, 2, &[]),
        access(0, 1, 0, &[]),
        access(0, 2, 1, &[]),
        access(0, 8, 1, &[]),
        access(0, 99, 1, &[]),
        vec![1, 2, 3],
    ] {
        assert_eq!(client.ask(9, &body), Err(Errno::EINVAL as u32));
    }
    assert_eq!(client.ask(10, &access(0, 1, 4, &[1, 2])), Err(Errno::EINVAL as u32), "too little data");
    client.send(10, 0x10, &access(0, 1, 4, &[1, 2]));
    assert_eq!(client.read(4, 2), [0, 0], "a bad posted write is not answered either");
}

#[test]
fn unknown_and_overlong_messages_are_drained_and_refused() {
    let server = Running::start("unknown", Clock::Wall);
    let mut client = server.greeted();
    assert_eq!(client.ask(77, &[0x55; 3000]), Err(Errno::ENOTSUP as u32));
    assert_eq!(client.ask(11, &[0; 16]), Err(Errno::ENOTSUP as u32));
    assert_eq!(client.ask(10, &vec![0x55; 3 << 20]), Err(Errno::EMSGSIZE as u32));
    client.send(9, 1, &access(0, 1, 1, &[]));
    assert_eq!(client.read(8, 1), [0], "a reply to nothing is passed over");
}

#[test]
fn a_stream_out_of_step_ends_and_the_next_client_finds_a_fresh_device() {
    let server = Running::start("step", Clock::Wall);
    let mut client = server.greeted();
    client.write(16, &[1]);
    client.stream.write_all(&[0xff, 0xff, 0xff, 0xff, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).unwrap();
    assert_eq!(client.stream.read(&mut [0; 16]).unwrap(), 0);
    let mut client = server.greeted();
    assert_eq!(client.read(16, 1), [0]);
}

#[test]
fn a_second_client_is_turned_away_at_once() {
    let server = Running::start("second", Clock::Wall);
    let mut first = server.greeted();
    let mut second = server.client();
    assert_eq!(second.stream.read(&mut [0; 16]).unwrap(), 0);
    assert_eq!(first.read(16, 1), [0]);
}

#[test]
fn an_interrupt_is_signalled_once_and_again_after_unmasking_while_the_pin_is_up() {
    let server = Running::start("interrupt", Clock::Wall);
    let mut client = server.greeted();
    let eventfd = EventFd::from_flags(EfdFlags::EFD_NONBLOCK).unwrap();
    client.write(0, &[1]);
    client.send_with(8, &words(&[20, 0x24, 0, 0, 1]), &eventfd);
    client.reply().1.unwrap();
    assert_eq!(eventfd.read(), Ok(1), "the pin was up already");
    client.write(0, &[0]);
    client.write(0, &[1]);
    assert_eq!(eventfd.read(), Err(Errno::EAGAIN), "held until unmasked");
    client.set_irqs(0x11, 1);
    assert_eq!(eventfd.read(), Ok(1), "still up");
    client.write(0, &[0]);
    client.set_irqs(0x11, 1);
    assert_eq!(eventfd.read(), Err(Errno::EAGAIN));
    client.set_irqs(0x09, 1);
    client.write(0, &[1]);
    assert_eq!(eventfd.read(), Err(Errno::EAGAIN), "masked by the client");
    client.set_irqs(0x11, 1);
    assert_eq!(eventfd.read(), Ok(1));
    client.set_irqs(0x21, 0);
    client.write(0, &[0]);
    client.write(0, &[1]);
    assert_eq!(eventfd.read(), Err(Errno::EAGAIN), "disarmed");
    assert_eq!(client.ask(8, &words(&[20, 0x21, 3, 0, 0])), Ok(vec![]), "nothing to disarm");
    assert_eq!(client.ask(8, &words(&[20, 0x24, 1, 0, 1])), Err(Errno::EINVAL as u32), "no MSI");
}

#[test]
fn a_reset_puts_the_device_back_and_leaves_memory_and_interrupt_as_they_were() {
    let server = Running::start("reset", Clock::Wall);
    let mut client = server.greeted();
    let file = File::from(memfd_create("test", MFdFlags::MFD_CLOEXEC).unwrap());
    file.set_len(4096).unwrap();
    client.send_with(2, &map_body(0x1000, 4096, 0), &file);
    client.reply().1.unwrap();
    let eventfd = EventFd::from_flags(EfdFlags::EFD_NONBLOCK).unwrap();
    client.send_with(8, &words(&[20, 0x24, 0, 0, 1]), &eventfd);
    client.reply().1.unwrap();
    client.write(16, &[7]);
    assert_eq!(client.ask(13, &[]), Ok(vec![]));
    assert_eq!(client.read(16, 1), [0]);
    file.write_all_at(&[0; 4], 0).unwrap();
    server.eventually("the card still reaches memory", |_| {
        let mut octets = [0; 4];
        file.read_exact_at(&mut octets, 0).unwrap();
        octets != [0; 4]
    });
    client.write(0, &[1]);
    assert_eq!(eventfd.read(), Ok(1), "and its interrupt still arrives");
}

#[test]
fn memory_is_reached_through_its_descriptor_until_it_is_unmapped() {
    let server = Running::start("memory", Clock::Wall);
    let mut client = server.greeted();
    let file = File::from(memfd_create("test", MFdFlags::MFD_CLOEXEC).unwrap());
    file.set_len(8192).unwrap();
    assert_eq!(client.ask(2, &map_body(0xf000_0000, 4096, 0)), Ok(vec![]), "memory out of reach");
    client.send_with(2, &map_body(0x1000, 4096, 4096), &file);
    assert_eq!(client.reply().1, Ok(vec![]));
    let count = || {
        let mut octets = [0; 4];
        file.read_exact_at(&mut octets, 4096).unwrap();
        u32::from_le_bytes(octets)
    };
    server.eventually("the card writes to memory", |_| count() > 0);
    client.send_with(2, &map_body(0x1000, 4096, 0), &file);
    assert_eq!(client.reply().1, Err(Errno::EEXIST as u32));
    assert_eq!(client.ask(2, &map_body(0x1000, 4096, 0)), Err(Errno::EEXIST as u32), "without a descriptor");
    assert_eq!(client.ask(2, &map_body(0xf000_0000, 4096, 0)), Err(Errno::EEXIST as u32), "out of reach twice");
    client.send_with(2, &map_body(0x9000, 8192, 4096), &file);
    assert_eq!(client.reply().1, Err(Errno::EINVAL as u32), "beyond the file");

    let mut unmap = words(&[24, 0]);
    [0u64, 1 << 40].iter().for_each(|number| unmap.extend(number.to_le_bytes()));
    assert_eq!(client.ask(3, &unmap), Ok(unmap.clone()), "a huge range takes away what lies in it");
    let (misses, last) = (server.counters.dma_misses.load(Ordering::Relaxed), count());
    server.eventually("misses are counted", |counters| counters.dma_misses.load(Ordering::Relaxed) > misses + 2);
    assert_eq!(count(), last);
}

#[test]
fn descriptors_find_their_message_in_a_batch_of_unanswered_maps() {
    let server = Running::start("batch", Clock::Wall);
    let mut client = server.greeted();
    let files: Vec<File> = (0..3)
        .map(|_| {
            let file = File::from(memfd_create("test", MFdFlags::MFD_CLOEXEC).unwrap());
            file.set_len(4096).unwrap();
            file
        })
        .collect();
    // The second of these has none; the third is the one that the card will write to.
    client.send_with(2, &map_body(0x10_0000, 4096, 0), &files[0]);
    client.send(2, 0, &map_body(0x20_0000, 4096, 0));
    client.send_with(2, &map_body(0x1000, 4096, 0), &files[1]);
    client.send_with(2, &map_body(0x30_0000, 4096, 0), &files[2]);
    for _ in 0..4 {
        client.reply().1.unwrap();
    }
    server.eventually("the card writes", |_| {
        let mut octets = [0; 4];
        files[1].read_exact_at(&mut octets, 0).unwrap();
        u32::from_le_bytes(octets) > 0
    });
}

#[test]
fn the_driven_clock_follows_the_driver() {
    let server = Running::start("driven", Clock::Driven);
    let mut client = server.greeted();
    client.write(1, &[1]);
    let count = |client: &mut Raw| u16::from_le_bytes(client.read(2, 2).try_into().unwrap());
    let before = count(&mut client);
    std::thread::sleep(Duration::from_millis(30));
    assert_eq!(count(&mut client), before, "nothing happens until the driver has taken the last millisecond");
    for n in 1..=5 {
        client.write(1, &[2]);
        assert_eq!(count(&mut client), before + n, "it has been waiting for this");
    }
}

#[test]
fn a_slowed_clock_is_slower() {
    let server = Running::start("slowed", Clock::Slowed(NonZeroU32::new(50).unwrap()));
    let start = Instant::now();
    server.eventually("two steps", |counters| counters.steps.load(Ordering::Relaxed) >= 2);
    assert!(start.elapsed() >= Duration::from_millis(95));
}

#[test]
fn a_socket_left_behind_is_replaced_and_one_in_use_is_not() {
    let server = Running::start("stale", Clock::Wall);
    let taken = Server::bind(&server.path, Box::new(Plain { octets: [0; 256] })).err().unwrap();
    assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);

    let left = std::env::temp_dir().join(format!("tipring-{}-left.sock", std::process::id()));
    drop(UnixListener::bind(&left).unwrap());
    assert!(left.exists());
    drop(Server::bind(&left, Box::new(Plain { octets: [0; 256] })).unwrap());

    fs::write(&left, "precious").unwrap();
    assert!(Server::bind(&left, Box::new(Plain { octets: [0; 256] })).is_err());
    assert_eq!(fs::read(&left).unwrap(), b"precious");
    fs::remove_file(&left).unwrap();
}

/// Random messages, most of them nearly right, some of them rubbish.
fn rubbish(rng: &mut ChaCha8Rng) -> Vec<u8> {
    let command = (rng.next_u32() % 17) as u16;
    let mut body = match rng.next_u32() % 4 {
        0 => access(rng.next_u64() % 300, rng.next_u32() % 10, rng.next_u32() % 20, &[7; 9]),
        1 => map_body(rng.next_u64() % 4 * 4096, rng.next_u64() % 3 * 4096, rng.next_u64() % 2 * 4096),
        2 => words(&[20, 1 << (rng.next_u32() % 7) | 1 << (rng.next_u32() % 7), rng.next_u32() % 6, 0, 1]),
        _ => (0..rng.next_u32() % 64).map(|_| rng.next_u32() as u8).collect(),
    };
    if rng.next_u32().is_multiple_of(4) {
        body.truncate(rng.next_u32() as usize % (body.len() + 1));
    }
    let mut octets = message(rng.next_u32() as u16, command, (rng.next_u32() % 3) * 0x10, &body);
    if rng.next_u32().is_multiple_of(16) {
        let at = rng.next_u32() as usize % octets.len();
        octets[at] ^= 1 << (rng.next_u32() % 8);
    }
    octets
}

#[test]
fn a_fuzzed_stream_never_kills_the_server() {
    let given = std::env::var("TIPRING_SEED").ok().map(|seed| seed.parse().expect("TIPRING_SEED is a number"));
    for seed in given.map_or(20..26, |seed| seed..seed + 1) {
        if let Err(panic) = std::panic::catch_unwind(|| fuzz(seed)) {
            eprintln!("repeat with: TIPRING_SEED={seed} cargo test -p tipring-hw-sim a_fuzzed_stream");
            std::panic::resume_unwind(panic);
        }
    }
}

fn fuzz(seed: u64) {
    let server = Running::start("fuzz", Clock::Wall);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..100 {
        let Ok(stream) = UnixStream::connect(&server.path) else { panic!("the server is gone") };
        let mut client = Raw { stream, id: 0 };
        client.stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        client.stream.set_write_timeout(Some(Duration::from_millis(100))).unwrap();
        let _ = client.stream.write_all(&message(0, 1, 0, &[0, 0, 0, 0]));
        for _ in 0..rng.next_u32() % 60 {
            if rng.next_u32().is_multiple_of(8) {
                let file: OwnedFd = memfd_create("fuzz", MFdFlags::MFD_CLOEXEC).unwrap();
                let octets = rubbish(&mut rng);
                let descriptors = [file.as_raw_fd()];
                let control = [ControlMessage::ScmRights(&descriptors)];
                let parts = [IoSlice::new(&octets)];
                let _ = sendmsg::<()>(client.stream.as_raw_fd(), &parts, &control, MsgFlags::MSG_NOSIGNAL, None);
            } else if client.stream.write_all(&rubbish(&mut rng)).is_err() {
                break;
            }
        }
        let _ = client.stream.read(&mut [0; 65536]);
    }
    server.eventually("the last of them is gone", |_| {
        let mut client = server.client();
        client.stream.write_all(&message(0, 1, 0, &[0, 0, 0, 0])).is_ok()
            && matches!(client.stream.read(&mut [0; 4096]), Ok(octets) if octets > 16)
    });
}

/// Run by hand, in release: `cargo test --release -p tipring-hw-sim -- --ignored --nocapture cost_of`.
#[test]
#[ignore = "a measurement"]
fn cost_of_an_access() {
    const ROUNDS: u32 = 20_000;
    let server = Running::start("cost", Clock::Wall);
    let mut client = server.greeted();
    let mut took: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            client.read(16, 1);
            start.elapsed()
        })
        .collect();
    took.sort_unstable();
    println!("one read over the socket: median {:?}, p99 {:?}", took[took.len() / 2], took[took.len() * 99 / 100]);

    // A register of a trunk module: 54 posted writes and 8 reads in one go.
    let mut octets = Vec::new();
    for n in 0..62u8 {
        if n % 8 == 7 {
            octets.extend(message(u16::from(n), 9, 0, &access(16, 1, 1, &[])));
        } else {
            octets.extend(message(u16::from(n), 10, 0x10, &access(16, 1, 1, &[n])));
        }
    }
    let mut took: Vec<Duration> = (0..ROUNDS / 4)
        .map(|_| {
            let start = Instant::now();
            client.stream.write_all(&octets).unwrap();
            let mut answers = [0; 7 * 33];
            client.stream.read_exact(&mut answers).unwrap();
            start.elapsed()
        })
        .collect();
    took.sort_unstable();
    println!(
        "a module register, 62 accesses: median {:?}, p99 {:?}",
        took[took.len() / 2],
        took[took.len() * 99 / 100]
    );
}
