//! Streams: a socket, a thread that reads it, and a bounded queue of events.
//!
//! All streams stand in one registry under one lock, so that a program may wait for any of them. A program that does
//! not take its events stops its reader: the server then ends the stream as one of a slow client.
//!
//! Never: keeps a pointer of the program.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use nix::sys::eventfd::{EfdFlags, EventFd};
use parking_lot::{Condvar, Mutex};
use tipring_csta_types::Request;
use tipring_tsapi::client::{host_of, look_up};
use tipring_tsapi::frame::{self, EventClass, Frame, Header, Reassembly};
use tipring_tsapi::pdu::acs::{Acs, AcsFailure, AuthType, Challenge, CryptPassword, LoginId, ServerId};
use tipring_tsapi::pdu::private_area::Private;
use tipring_tsapi::pdu::{Framed, Pdu};
use tipring_tsapi::session::password;

use crate::code;
use crate::events;
use crate::layout::Image;
use crate::link::Link;
use crate::servers;

/// Events that wait for a program.
const EVENTS_MAX: usize = 4_096;
/// Time limit of connecting, and of each step before a stream is asked for.
const LIMIT: Duration = Duration::from_secs(10);
/// Octets read at a time.
const READ_OCTETS: usize = 16 * 1024;
/// The greatest number of a request that the library gives.
const LIBRARY_INVOKE_MAX: u32 = 32_767;

/// An event for the program.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) class: u16,
    pub(crate) pdu: u16,
    /// The number of the request, or the cross reference of the monitor.
    pub(crate) reference: i64,
    pub(crate) image: Image,
    /// Vendor and data.
    pub(crate) private: Option<(String, Vec<u8>)>,
}

/// A function of the program that is called when an event has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Esr {
    pub(crate) call: extern "C" fn(u64),
    pub(crate) parameter: u64,
    /// Called for every event; else only when none waited.
    pub(crate) always: bool,
}

/// State of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing may be asked for any more, but events come.
    Closing,
    Serving,
    /// The connection is over: what waits is the last.
    Over,
}

struct Stream {
    server: ServerId,
    link: Arc<Link>,
    /// The number before the next one, where the library gives them.
    library_invoke: Option<u32>,
    events: VecDeque<Event>,
    file: Arc<EventFd>,
    esr: Option<Esr>,
    state: State,
}

#[derive(Default)]
struct Registry {
    streams: BTreeMap<u64, Stream>,
    last: u64,
}

struct Shared {
    registry: Mutex<Registry>,
    /// An event has come, has been taken, or a stream has gone.
    changed: Condvar,
}

static SHARED: LazyLock<Shared> = LazyLock::new(|| Shared { registry: Mutex::default(), changed: Condvar::new() });

/// A request for a stream.
pub(crate) struct Opening<'a> {
    pub(crate) server: ServerId,
    pub(crate) login: LoginId,
    pub(crate) password: &'a [u8],
    pub(crate) message: Acs,
    pub(crate) private: Vec<u8>,
    pub(crate) invoke: u32,
    pub(crate) library_numbers: bool,
}

/// A Tlink that can be reached.
pub(crate) struct Reached {
    pub(crate) name: String,
    address: SocketAddr,
    /// The host, as the configuration names it.
    host: String,
}

/// All Tlinks that can be reached.
pub(crate) fn names() -> Vec<Reached> {
    let mut all = Vec::new();
    for server in servers::configured().servers {
        if let Ok((from, names)) = look_up(&server, LIMIT) {
            // The port of the answer, the address at which the name service was reached.
            let address = |port| SocketAddr::new(from.ip(), port);
            all.extend(names.into_iter().map(|name| Reached {
                address: address(name.address.port()),
                name: name.name,
                host: host_of(&server).to_owned(),
            }));
        }
    }
    all
}

/// Connects to a Tlink, within TLS where its name says so.
fn connect(server: &ServerId) -> Result<Link, i64> {
    let is_secure = |name: &str| name.split('#').nth(2).is_some_and(|part| part.eq_ignore_ascii_case("CSTA-S"));
    let mut names = names().into_iter();
    let found = names.find(|reached| reached.name.eq_ignore_ascii_case(server.as_str())).ok_or(code::NO_SERVER)?;
    let trust = servers::configured().trust;
    let tls = is_secure(&found.name).then_some((found.host.as_str(), &trust));
    Link::connect(found.address, tls, LIMIT)
}

/// Connects to a Tlink and asks for a challenge.
fn challenge(server: &ServerId, login: LoginId) -> Result<(Link, Challenge, AuthType, LoginId), i64> {
    let link = connect(server)?;
    send(&link, &Acs::KeyRequest { login }, 0, &[])?;
    let mut reassembly = Reassembly::new();
    let mut buffer = [0; 1024];
    loop {
        if let Some(frame) = reassembly.frame().map_err(|_| code::STREAM_FAILED)? {
            return match Acs::read(frame.header.pdu, frame.body) {
                Ok(Acs::AuthReplyTwo { key, auth, .. }) => Ok((link, key, auth.kind, auth.login)),
                Ok(_) | Err(_) => Err(code::STREAM_FAILED),
            };
        }
        match link.read(&mut buffer) {
            Ok(0) | Err(_) => return Err(code::STREAM_FAILED),
            Ok(length) => reassembly.push(&buffer[..length]),
        }
    }
}

/// Asks which kind of log-in a Tlink wants.
pub(crate) fn auth_info(server: &ServerId) -> Result<(AuthType, LoginId), i64> {
    challenge(server, LoginId::default()).map(|(link, _, kind, login)| {
        // The server forgets the connection by itself.
        let _ = send(&link, &Acs::AbortStream, 0, &[]);
        (kind, login)
    })
}

/// Opens a stream; its confirmation is an event. Returns its handle and the number of the request.
pub(crate) fn open(opening: Opening<'_>) -> Result<(u64, u32), i64> {
    let Opening { server, login, password, mut message, private, invoke, library_numbers } = opening;
    let (link, key, ..) = challenge(&server, login)?;
    if let Acs::OpenStream { password: cipher, .. } = &mut message {
        *cipher = CryptPassword::new(&password::encipher(password, key.0));
    }
    let invoke = if library_numbers { 1 } else { invoke };
    let file = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK).map_err(|_| code::NO_RESOURCE)?;
    link.wait_for_ever().map_err(|_| code::NO_RESOURCE)?;
    send(&link, &message, invoke, &private)?;
    let link = Arc::new(link);
    let stream = Stream {
        server,
        link: Arc::clone(&link),
        library_invoke: library_numbers.then_some(invoke),
        events: VecDeque::new(),
        file: Arc::new(file),
        esr: None,
        state: State::Serving,
    };
    let handle = {
        let mut registry = SHARED.registry.lock();
        registry.last += 1;
        let handle = registry.last;
        registry.streams.insert(handle, stream);
        handle
    };
    let reader = thread::Builder::new().name(format!("csta-{handle}"));
    if reader.spawn(move || read(handle, &link)).is_err() {
        forget(handle);
        return Err(code::NO_RESOURCE);
    }
    Ok((handle, invoke))
}

fn send(link: &Link, message: &Acs, invoke: u32, private: &[u8]) -> Result<(), i64> {
    let header = Header::new(message.class(), message.number(), invoke);
    let octets = frame::build(header, private, |writer| message.write(writer)).map_err(|_| code::BAD_PARAMETER)?;
    link.send(&octets).map_err(|_| code::STREAM_FAILED)
}

/// The reader's thread: octets into events, until the connection is over.
fn read(handle: u64, link: &Link) {
    let mut reassembly = Reassembly::new();
    let mut buffer = vec![0; READ_OCTETS];
    loop {
        loop {
            match reassembly.frame() {
                Ok(Some(frame)) => {
                    if let Some(event) = event(&frame)
                        && !post(handle, event)
                    {
                        return;
                    }
                }
                Ok(None) => break,
                Err(_) => return over(handle),
            }
        }
        match link.read(&mut buffer) {
            Ok(0) => return over(handle),
            Ok(length) => reassembly.push(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return over(handle),
        }
    }
}

/// Returns the event of a frame; none for heartbeats, and for what has no place in the interface.
fn event(frame: &Frame<'_>) -> Option<Event> {
    let (class, pdu) = (frame.header.class.number(), frame.header.pdu);
    let image = Image::read(events::find(class, pdu)?.members, frame.body).ok()?;
    let private = Private::read(frame.private).ok().flatten();
    let private = private.map(|Private { vendor, data }| (vendor.to_owned(), data.to_owned()));
    let reference = match frame.header.class {
        EventClass::CstaUnsolicited => i64::from(frame.header.monitor),
        _ => i64::from(frame.header.invoke),
    };
    Some(Event { class, pdu, reference, image, private })
}

/// Puts an event into its queue, when there is room. False if the stream is no more.
fn post(handle: u64, event: Event) -> bool {
    let esr = {
        let mut registry = SHARED.registry.lock();
        loop {
            match registry.streams.get(&handle) {
                None => return false,
                Some(stream) if stream.events.len() < EVENTS_MAX => break,
                Some(_) => SHARED.changed.wait(&mut registry),
            }
        }
        let Some(stream) = registry.streams.get_mut(&handle) else { return false };
        let is_first = stream.events.is_empty();
        stream.events.push_back(event);
        if is_first {
            // The counter of an event is far from full.
            let _ = stream.file.write(1);
        }
        SHARED.changed.notify_all();
        stream.esr.filter(|esr| is_first || esr.always)
    };
    if let Some(esr) = esr {
        (esr.call)(esr.parameter);
    }
    true
}

/// The connection is over: the program hears of it, unless it knows why.
fn over(handle: u64) {
    let expected = {
        let mut registry = SHARED.registry.lock();
        let Some(stream) = registry.streams.get_mut(&handle) else { return };
        let last = stream.events.back().map(|event| (event.class, event.pdu));
        let was = core::mem::replace(&mut stream.state, State::Over);
        // The close, the refusal and the failure of a stream are last messages.
        was == State::Closing || matches!(last, Some((2, 4 | 6) | (1, 7)))
    };
    if !expected {
        let failure = AcsFailure::StreamFailed.number().to_ne_bytes().to_vec();
        let image = Image { body: failure, ..Image::default() };
        post(handle, Event { class: 1, pdu: 7, reference: 0, image, private: None });
    }
    SHARED.changed.notify_all();
}

/// Ends a stream at once.
pub(crate) fn forget(handle: u64) -> bool {
    let stream = SHARED.registry.lock().streams.remove(&handle);
    SHARED.changed.notify_all();
    stream.is_some_and(|stream| {
        let _ = send(&stream.link, &Acs::AbortStream, 0, &[]);
        stream.link.shut_down();
        true
    })
}

/// A message that a program sends.
pub(crate) enum Outgoing {
    Service(Request),
    Stream(Acs),
}

/// Sends a message. Returns the code for the program: 0, or the number that the library gave.
pub(crate) fn request(handle: u64, invoke: u32, outgoing: &Outgoing, private: &[u8]) -> i64 {
    let (link, invoke, answer) = {
        let mut registry = SHARED.registry.lock();
        let Some(stream) = registry.streams.get_mut(&handle) else { return code::BAD_HANDLE };
        match stream.state {
            State::Serving => {}
            State::Closing => return code::BAD_HANDLE,
            State::Over => return code::STREAM_FAILED,
        }
        let (invoke, answer) = match &mut stream.library_invoke {
            None => (invoke, 0),
            Some(last) => {
                *last = *last % LIBRARY_INVOKE_MAX + 1;
                (*last, i64::from(*last))
            }
        };
        if let Outgoing::Stream(Acs::CloseStream) = outgoing {
            stream.state = State::Closing;
        }
        (Arc::clone(&stream.link), invoke, answer)
    };
    let built = match outgoing {
        Outgoing::Service(request) => {
            let header = Header::new(request.class(), Pdu::number(request), invoke);
            frame::build(header, private, |writer| Pdu::write(request, writer))
        }
        Outgoing::Stream(message) => {
            let header = Header::new(message.class(), message.number(), invoke);
            frame::build(header, private, |writer| message.write(writer))
        }
    };
    let Ok(octets) = built else { return code::BAD_PARAMETER };
    match link.send(&octets) {
        Ok(()) => answer,
        Err(_) => code::STREAM_FAILED,
    }
}

/// Takes the next event of a stream, or of any (handle 0), if `fits` accepts it; its result is given back with the
/// number of events that are left. An event that is not accepted waits on.
///
/// # Errors
/// The code for the program.
pub(crate) fn take<T>(
    handle: u64,
    wait: bool,
    mut fits: impl FnMut(u64, &Event) -> Result<T, i64>,
) -> Result<(T, usize), i64> {
    let mut registry = SHARED.registry.lock();
    loop {
        let place = match handle {
            0 => registry.streams.iter().find(|(_, stream)| !stream.events.is_empty()).map(|(handle, _)| *handle),
            handle => registry.streams.contains_key(&handle).then_some(handle),
        };
        let some_can_bring = registry.streams.values().any(|stream| stream.state != State::Over);
        match place.and_then(|handle| registry.streams.get_mut(&handle).map(|stream| (handle, stream))) {
            Some((handle, stream)) => {
                if let Some(event) = stream.events.front() {
                    let taken = fits(handle, event)?;
                    let last = stream.events.pop_front().is_some_and(|event| (event.class, event.pdu) == (2, 4));
                    let left = stream.events.len();
                    if left == 0 {
                        // Read until it is empty: it then is not readable.
                        let _ = stream.file.read();
                    }
                    if last {
                        registry.streams.remove(&handle);
                    }
                    SHARED.changed.notify_all();
                    return Ok((taken, left));
                }
                if stream.state == State::Over {
                    return Err(code::STREAM_FAILED);
                }
            }
            None if handle != 0 => return Err(code::BAD_HANDLE),
            None if !some_can_bring => return Err(code::NO_MESSAGE),
            None => {}
        }
        if !wait {
            return Err(code::NO_MESSAGE);
        }
        SHARED.changed.wait(&mut registry);
    }
}

/// Works on a stream.
fn with<T>(handle: u64, work: impl FnOnce(&mut Stream) -> T) -> Result<T, i64> {
    SHARED.registry.lock().streams.get_mut(&handle).map(work).ok_or(code::BAD_HANDLE)
}

/// Drops all events that wait.
pub(crate) fn flush(handle: u64) -> Result<(), i64> {
    with(handle, |stream| {
        stream.events.clear();
        let _ = stream.file.read();
        SHARED.changed.notify_all();
    })
}

/// Sets the function that is called when an event has come.
pub(crate) fn set_esr(handle: u64, esr: Option<Esr>) -> Result<(), i64> {
    with(handle, |stream| stream.esr = esr)
}

/// Returns the descriptor that is readable while events wait.
pub(crate) fn file(handle: u64) -> Result<i32, i64> {
    use std::os::fd::{AsFd, AsRawFd};
    with(handle, |stream| stream.file.as_fd().as_raw_fd())
}

/// Returns the name of the stream's Tlink.
pub(crate) fn server(handle: u64) -> Result<String, i64> {
    with(handle, |stream| stream.server.as_str().to_owned())
}
