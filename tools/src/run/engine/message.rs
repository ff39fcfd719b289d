//! The messages between engine and middleware: lines of JSON over a local socket; the welcome brings the shared memory
//! and the waker with it.
//!
//! Never: carries sound, commands or events; those go over the rings.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Octets of the longest message: the prompts of a large site.
const MESSAGE_MAX: usize = 4 << 20;

/// A sound of flows: its name and its file.
pub type SoundFile = (String, PathBuf);

/// A message of the middleware.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToEngine {
    /// The first: the middleware wants to attach.
    Hello {
        /// The program's version.
        version: String,
        /// The number of the messages that it knows.
        #[serde(default)]
        protocol: u32,
        /// The [fingerprint](super::fingerprint) of its configuration.
        site: u64,
    },
    /// The sounds that its flows play; answered by [`ToMiddleware::Stocked`].
    Stock(Vec<SoundFile>),
}

/// A message of the engine.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToMiddleware {
    /// The middleware is attached; two descriptors come with it: the memory, then the waker.
    Welcome {
        /// The engine's process.
        process: u32,
        /// The number of this run of the engine.
        run: u64,
        /// Channels of all cards.
        channels: usize,
        /// Cards.
        boards: usize,
        /// A sentence on each card.
        found: Vec<String>,
    },
    /// The middleware is not attached: a sentence.
    Refused(String),
    /// The numbers of the sounds, in their order; or a sentence on each that is none.
    Stocked(Result<Vec<u32>, Vec<String>>),
}

/// Sends a message, with descriptors.
///
/// # Errors
/// The other end has gone, or does not read.
pub fn send(mut stream: &UnixStream, message: &impl Serialize, descriptors: &[RawFd]) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    let mut sent = 0;
    if !descriptors.is_empty() {
        let control = [ControlMessage::ScmRights(descriptors)];
        let parts = [IoSlice::new(&line)];
        sent = sendmsg::<()>(stream.as_raw_fd(), &parts, &control, MsgFlags::MSG_NOSIGNAL, None)?;
    }
    stream.write_all(&line[sent..])
}

/// Reads one message, and the descriptors that have come with it.
///
/// # Errors
/// The other end has gone, is silent for too long, or has sent something else.
#[allow(unsafe_code)]
pub fn receive<T: DeserializeOwned>(mut stream: &UnixStream) -> io::Result<(T, Vec<OwnedFd>)> {
    let mut line = vec![0; 4096];
    let mut space = nix::cmsg_space!([RawFd; 2]);
    let mut parts = [IoSliceMut::new(&mut line)];
    let received = recvmsg::<()>(stream.as_raw_fd(), &mut parts, Some(&mut space), MsgFlags::MSG_CMSG_CLOEXEC)?;
    let length = received.bytes;
    let mut descriptors = Vec::new();
    for control in received.cmsgs()? {
        if let ControlMessageOwned::ScmRights(raw) = control {
            // SAFETY: the kernel has just made these descriptors for this process, and nothing else has them.
            descriptors.extend(raw.into_iter().map(|raw| unsafe { OwnedFd::from_raw_fd(raw) }));
        }
    }
    line.truncate(length);
    while line.last() != Some(&b'\n') {
        // Each side sends one message and waits for its answer: there is nothing behind the end of the line.
        let mut more = [0; 4096];
        let count = stream.read(&mut more)?;
        if count == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        line.extend_from_slice(&more[..count]);
        if line.len() > MESSAGE_MAX {
            return Err(io::Error::new(ErrorKind::InvalidData, "the message is too long"));
        }
    }
    Ok((serde_json::from_slice(&line)?, descriptors))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::fd::AsRawFd;

    use super::*;

    #[test]
    fn a_message_of_any_length_arrives_with_its_descriptors() {
        let (one, other) = UnixStream::pair().unwrap();
        let null = File::open("/dev/null").unwrap();
        for count in [0, 2, 3000] {
            let sounds: Vec<SoundFile> =
                (0..count).map(|n| (format!("greeting {n}"), "/a/greeting.wav".into())).collect();
            let sent = sounds.clone();
            std::thread::scope(|scope| {
                scope.spawn(|| send(&one, &ToEngine::Stock(sent), &[null.as_raw_fd(), null.as_raw_fd()]).unwrap());
                let (message, descriptors) = receive::<ToEngine>(&other).unwrap();
                let ToEngine::Stock(received) = message else { panic!("{message:?}") };
                assert_eq!((received, descriptors.len()), (sounds, 2));
            });
        }
        drop(one);
        assert_eq!(receive::<ToEngine>(&other).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_line_that_is_no_message_is_an_error() {
        let (mut one, other) = UnixStream::pair().unwrap();
        one.write_all(b"GET / HTTP/1.1\n").unwrap();
        assert_eq!(receive::<ToEngine>(&other).unwrap_err().kind(), ErrorKind::InvalidData);
    }
}
