//! The driver against a process that does not speak as a card should: every answer ends in a `PciError` of a fitting
//! kind, and none in a crash, a hang, or memory without bound.

use std::io::{IoSlice, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use tipring_driver::card::tdm400p::Settings;
use tipring_driver::pci::attach::Interrupt;
use tipring_driver::pci::vfio_user::VfioUser;
use tipring_driver::pci::{Access, Bar, PciError, PciErrorKind, PciFunction};
use tipring_tests::Limit;
use tipring_tests::seed::with_seeds;

use crate::socket::socket_path;

/// Deadline where an answer comes: longer than any machine is busy.
const PATIENT: Duration = Duration::from_secs(20);
/// The wait where no answer comes, which then costs as much; the greetings before it must come sooner.
const BRIEF: Duration = Duration::from_secs(1);
/// The wait where it does not matter which answers come in time.
const HASTY: Duration = Duration::from_millis(40);

const REGION_READ: u16 = 9;
const REPLY: u32 = 1;
const ERROR: u32 = 0x20;

/// The answer to a message.
enum Answer {
    /// These octets.
    Octets(Vec<u8>),
    /// These octets, one at a time.
    Trickle(Vec<u8>),
    /// These octets, with a descriptor that was not requested.
    WithDescriptor(Vec<u8>, OwnedFd),
    /// Nothing.
    Silence,
    /// These octets, and an end.
    HangUp(Vec<u8>),
}

/// A message as it came.
struct Message {
    id: u16,
    command: u16,
    flags: u32,
    body: Vec<u8>,
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The octets of a reply. The length is what the header says, whatever follows.
fn reply(id: u16, command: u16, length: u32, flags: u32, error: u32, body: &[u8]) -> Vec<u8> {
    let mut octets = Vec::new();
    octets.extend(id.to_le_bytes());
    octets.extend(command.to_le_bytes());
    octets.extend(words(&[length, flags, error]));
    octets.extend(body);
    octets
}

impl Message {
    fn read(stream: &mut UnixStream) -> Option<Message> {
        let mut header = [0; 16];
        stream.read_exact(&mut header).ok()?;
        let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().unwrap());
        let mut body = vec![0; (word(4) as usize).checked_sub(16)?];
        stream.read_exact(&mut body).ok()?;
        let half = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        Some(Message { id: half(0), command: half(2), flags: word(8), body })
    }

    fn word(&self, at: usize) -> u32 {
        self.body.get(at..at + 4).map_or(0, |octets| u32::from_le_bytes(octets.try_into().unwrap()))
    }

    /// Body of the answer of a conforming card.
    fn honest_body(&self) -> Vec<u8> {
        match self.command {
            1 => b"\0\0\0\0{}\0".to_vec(),
            3 => self.body.clone(),
            4 => words(&[16, 3, 9, 5]),
            5 => {
                let size = [256, 4096, 0, 0, 0, 0, 0, 256, 0].get(self.word(8) as usize).copied().unwrap_or(0);
                words(&[32, 3, self.word(8), 0, size, 0, 0, 0])
            }
            7 => words(&[16, 7, self.word(8), 1]),
            REGION_READ => {
                let mut body = self.body[..16].to_vec();
                body.extend((0..self.word(12)).map(|at| (self.word(0) + at) as u8));
                body
            }
            10 => self.body[..16].to_vec(),
            _ => Vec::new(),
        }
    }

    fn reply(&self, body: &[u8]) -> Vec<u8> {
        reply(self.id, self.command, 16 + body.len() as u32, REPLY, 0, body)
    }

    fn honest(&self) -> Vec<u8> {
        self.reply(&self.honest_body())
    }
}

/// Runs a process at a socket that answers as `answer` says, until the driver closes it. Returns the result of
/// `driver`.
fn against<R>(
    deadline: Duration,
    mut answer: impl FnMut(&Message) -> Answer + Send,
    driver: impl FnOnce(Result<VfioUser, PciError>) -> R,
) -> R {
    let path = socket_path();
    let listener = UnixListener::bind(&path).unwrap();
    thread::scope(|scope| {
        scope.spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            while let Some(message) = Message::read(&mut stream) {
                if message.flags & 0x10 != 0 {
                    continue;
                }
                let sent = match answer(&message) {
                    Answer::Octets(octets) => stream.write_all(&octets),
                    Answer::Trickle(octets) => octets.chunks(1).try_for_each(|octet| stream.write_all(octet)),
                    Answer::WithDescriptor(octets, descriptor) => {
                        let descriptors = [descriptor.as_raw_fd()];
                        let control = [ControlMessage::ScmRights(&descriptors)];
                        let parts = [IoSlice::new(&octets)];
                        let flags = MsgFlags::MSG_NOSIGNAL;
                        let sent = sendmsg::<()>(stream.as_raw_fd(), &parts, &control, flags, None);
                        sent.map(|_| ()).map_err(Into::into)
                    }
                    Answer::Silence => Ok(()),
                    Answer::HangUp(octets) => {
                        let _ = stream.write_all(&octets);
                        return;
                    }
                };
                if sent.is_err() {
                    return;
                }
            }
        });
        let result = driver(VfioUser::connect(&path, deadline));
        std::fs::remove_file(&path).unwrap();
        result
    })
}

/// Results of a register read when its reply is `answer` and all others are correct: waiting, and not waiting.
fn read_register(
    deadline: Duration,
    answer: impl Fn(&Message) -> Answer + Copy + Send + Sync,
) -> [Result<u8, PciError>; 2] {
    let as_told = |message: &Message| {
        // Configuration space is region 7; the registers are in region 1.
        let is_register = message.command == REGION_READ && message.word(8) == 1;
        if is_register { answer(message) } else { Answer::Octets(message.honest()) }
    };
    let waiting = against(deadline, as_told, |function| function.expect("it greets as it should").read8(Bar(1), 0x2c));
    let soon = against(deadline, as_told, |function| {
        let mut function = function.expect("it greets as it should");
        let mut accesses = [Access::Read8 { bar: Bar(1), offset: 0x2c, value: 0 }];
        let limit = Limit::of(deadline + PATIENT);
        loop {
            limit.left("the end of a transaction");
            if let Poll::Ready(result) = function.transact_soon(&mut accesses) {
                let [Access::Read8 { value, .. }] = accesses else { unreachable!("a transaction keeps its kinds") };
                break result.map(|()| value);
            }
            thread::sleep(Duration::from_millis(1));
        }
    });
    [waiting, soon]
}

fn assert_kind(what: &str, answer: impl Fn(&Message) -> Answer + Copy + Send + Sync, fits: fn(&PciErrorKind) -> bool) {
    let deadline = if fits(&PciErrorKind::Deadline) { BRIEF } else { PATIENT };
    for result in read_register(deadline, answer) {
        let error = result.expect_err(what);
        assert!(fits(&error.kind), "{what}: {error}");
        assert!(error.to_string().contains("Reading octet 0x2c of BAR 1"), "{what}: {error}");
    }
}

#[test]
fn each_wrong_answer_ends_in_an_error_of_its_kind() {
    let protocol: fn(&PciErrorKind) -> bool = |kind| matches!(kind, PciErrorKind::Protocol(_));
    let gone: fn(&PciErrorKind) -> bool = |kind| matches!(kind, PciErrorKind::Gone);
    let with = |change: fn(&Message) -> Vec<u8>| move |message: &Message| Answer::Octets(change(message));
    let header = |id: u16, command: u16, length: u32, flags: u32| {
        move |message: &Message| {
            let body = message.honest_body();
            let (id, command) = (message.id.wrapping_add(id), message.command + command);
            Answer::Octets(reply(id, command, (16 + body.len() as u32).wrapping_add(length), flags, 0, &body))
        }
    };
    assert_kind("another message's number", header(1, 0, 0, REPLY), protocol);
    assert_kind("another command", header(0, 1, 0, REPLY), protocol);
    assert_kind("a question instead of a reply", header(0, 0, 0, 0), protocol);
    assert_kind("a reply of 4 GiB", header(0, 0, u32::MAX - 64, REPLY), protocol);
    assert_kind("a reply shorter than its header", header(0, 0, 0u32.wrapping_sub(20), REPLY), protocol);
    assert_kind("a reply without its data", with(|message| message.reply(&message.body)), protocol);
    assert_kind("a reply without a body", with(|message| message.reply(&[])), protocol);
    assert_kind("another protocol", with(|_| b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()), protocol);
    assert_kind("half a reply", |message| Answer::HangUp(message.honest()[..20].to_vec()), gone);
    assert_kind("half a header", |message| Answer::HangUp(message.honest()[..7].to_vec()), gone);
    assert_kind("an end", |_| Answer::HangUp(Vec::new()), gone);
    assert_kind("silence", |_| Answer::Silence, |kind| matches!(kind, PciErrorKind::Deadline));
    assert_kind("a reply longer than it is", header(0, 0, 4, REPLY), |kind| matches!(kind, PciErrorKind::Deadline));
    assert_kind(
        "a refusal",
        with(|message| reply(message.id, message.command, 16, REPLY | ERROR, 5, &[])),
        |kind| matches!(kind, PciErrorKind::Io(error) if error.raw_os_error() == Some(5)),
    );
}

#[test]
fn odd_ways_of_answering_rightly_are_understood() {
    for result in read_register(PATIENT, |message| Answer::Trickle(message.honest())) {
        assert_eq!(result.unwrap(), 0x2c);
    }
    for result in read_register(PATIENT, |message| {
        Answer::Octets(message.reply(&[&message.honest_body()[..], &[9; 100]].concat()))
    }) {
        assert_eq!(result.unwrap(), 0x2c, "what follows the data is passed over");
    }
}

#[test]
fn a_descriptor_that_nobody_asked_for_is_closed() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut writer = Some(OwnedFd::from(writer));
    let answer = move |message: &Message| match writer.take_if(|_| message.command == REGION_READ) {
        Some(writer) => Answer::WithDescriptor(message.honest(), writer),
        None => Answer::Octets(message.honest()),
    };
    against(PATIENT, answer, |function| {
        let mut function = function.unwrap();
        assert_eq!(function.read8(Bar(1), 1).unwrap(), 1);
        // The other end of the descriptor is closed, although the connection stands.
        assert_eq!(reader.read(&mut [0; 1]).unwrap(), 0);
    });
}

#[test]
fn a_refusal_leaves_the_stream_in_step() {
    let answer = |message: &Message| {
        let refused = message.command == REGION_READ && message.word(0) == 3 && message.word(8) == 1;
        let refusal = reply(message.id, message.command, 16, REPLY | ERROR, 22, &[]);
        Answer::Octets(if refused { refusal } else { message.honest() })
    };
    against(PATIENT, answer, |function| {
        let mut function = function.unwrap();
        let read = |offset| Access::Read8 { bar: Bar(1), offset, value: 0 };
        let error = function.transact(&mut [read(1), read(3), read(5)]).unwrap_err();
        assert!(matches!(error.kind, PciErrorKind::Io(_)) && error.operation.to_string().contains("0x03"), "{error}");
        let error = function.transact(&mut [read(1), read(5000)]).unwrap_err();
        assert!(matches!(error.kind, PciErrorKind::OutOfRange), "{error}");
        assert_eq!(function.read8(Bar(1), 5).unwrap(), 5, "and the next is answered");
    });
}

#[test]
fn what_was_left_pending_does_not_get_between_later_answers() {
    let mut asked = 0;
    let answer = move |message: &Message| {
        asked += u32::from(message.command == REGION_READ && message.word(8) == 1);
        if asked == 2 {
            // Longer than the media thread waits for.
            thread::sleep(Duration::from_millis(15));
        }
        Answer::Octets(message.honest())
    };
    against(PATIENT, answer, |function| {
        let mut function = function.unwrap();
        let read = |offset| Access::Read8 { bar: Bar(1), offset, value: 0 };
        assert!(function.transact_soon(&mut [read(1), read(2), read(3)]).is_pending());
        assert_eq!(function.read8(Bar(1), 7).unwrap(), 7);
    });
}

/// A generator of numbers; xorshift by Marsaglia.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// An answer that is right, nearly right, or nothing like it.
    fn answer(&mut self, message: &Message, mischief: usize) -> Answer {
        let mut octets = message.honest();
        if self.below(mischief) != 0 {
            return Answer::Octets(octets);
        }
        match self.below(10) {
            0..4 => {
                for _ in 0..=self.below(3) {
                    let at = self.below(octets.len());
                    octets[at] ^= 1 << self.below(8);
                }
                Answer::Octets(octets)
            }
            4 => Answer::HangUp(octets[..self.below(octets.len())].to_vec()),
            5 => Answer::Silence,
            6 => Answer::Octets((0..self.below(200)).map(|_| self.next() as u8).collect()),
            7 => Answer::Octets([octets.clone(), octets].concat()),
            8 => Answer::Octets(reply(message.id, message.command, 16, REPLY | ERROR, self.next() as u32, &[])),
            _ => {
                let body: Vec<u8> = (0..self.below(70_000)).map(|_| self.next() as u8).collect();
                Answer::Octets(message.reply(&body))
            }
        }
    }
}

/// Everything that a card asks of a function, for as long as it is answered.
fn use_it(function: Result<VfioUser, PciError>, numbers: &mut Numbers) -> Result<(), PciError> {
    let line = Interrupt::new().unwrap();
    let attached = Settings::default().needs().with_interrupt(line).attach(Box::new(function?))?;
    let mut function = attached.function;
    for _ in 0..20 {
        let mut accesses: Vec<Access> = (0..numbers.below(200))
            .map(|_| match numbers.below(4) {
                0 => Access::Read8 { bar: Bar(1), offset: numbers.below(4096) as u32, value: 0 },
                1 => Access::Read32 { bar: Bar(1), offset: numbers.below(1024) as u32 * 4, value: 0 },
                2 => Access::Write8 { bar: Bar(0), offset: numbers.below(256) as u32, value: 1 },
                _ => Access::Write32 { bar: Bar(1), offset: numbers.below(1024) as u32 * 4, value: 2 },
            })
            .collect();
        let limit = Limit::of(PATIENT);
        while function.transact_soon(&mut accesses).map(|result| result.map_err(drop)).is_pending() {
            limit.left("the end of a transaction");
            thread::sleep(Duration::from_millis(1));
        }
        function.transact(&mut accesses)?;
        function.irq_unmask()?;
    }
    function.reset()
}

#[test]
fn a_fuzzed_server_neither_crashes_nor_hangs_the_driver() {
    with_seeds("hardware", "hostile::a_fuzzed_server", 1..=150, |seed| {
        let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut others = Numbers(numbers.next() | 1);
        // From the first message on, or rarely.
        let mischief = [4, 20, 300][numbers.below(3)];
        let result =
            against(HASTY, |message| numbers.answer(message, mischief), |function| use_it(function, &mut others));
        if let Err(error) = result {
            let kind = &error.kind;
            let out_of_range = matches!(kind, PciErrorKind::OutOfRange);
            let fits = matches!(
                kind,
                PciErrorKind::Gone
                    | PciErrorKind::Deadline
                    | PciErrorKind::Protocol(_)
                    | PciErrorKind::Io(_)
                    | PciErrorKind::Unavailable(_)
                    | PciErrorKind::Busy(_)
            );
            // A BAR may have been said to be smaller than it is.
            assert!(fits || out_of_range, "{error}");
            assert!(!error.operation.to_string().is_empty() && !error.to_string().is_empty());
        }
    });
}
