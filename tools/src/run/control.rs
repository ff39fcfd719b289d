//! The control socket of a running site, beside its database: one line of JSON in, one out, then it is closed.
//!
//! It has the mode of a private file, 600: who may connect may do what the socket offers. The log names the user.
//!
//! Never: carries a request out; the thread that owns the site does.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crossbeam::channel::{Receiver, Sender, bounded};
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use nix::unistd::Uid;
use serde::{Deserialize, Serialize};
use tipring_web::records::Pin;

use super::edit::SiteChange;
use crate::failure::Failure;
use crate::recording::archive::user_name;

/// Octets of the longest request.
const REQUEST_MAX: u64 = 1024;
/// Time that a client may take to write its request and to read the answer.
const CLIENT_MAX: Duration = Duration::from_secs(2);
/// Time that the site may take to carry a request out.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlRequest {
    /// Puts an event mode in force, or the site as it is written.
    Mode(String),
    /// Blocks a trunk for calls out, or ends that.
    Trunk {
        /// The trunk.
        name: String,
        /// It is to be blocked.
        blocked: bool,
    },
    /// Changes the configuration, and takes it over.
    Change(SiteChange),
    /// Gives an agent another PIN.
    Pin {
        /// The agent.
        agent: String,
        /// The PIN.
        pin: Pin,
    },
}

/// The answer: a sentence on what was done, or on why nothing was.
pub type ControlAnswer = Result<String, String>;

/// A request on its way to the thread that owns the site.
#[derive(Debug)]
pub struct Asked {
    /// The request.
    pub request: ControlRequest,
    /// The client, as the log names it.
    pub user: String,
    /// The way of the answer.
    pub answer: Sender<ControlAnswer>,
}

/// The socket of a running site; removed when dropped.
pub struct ControlSocket {
    path: PathBuf,
    asked: Sender<Asked>,
}

/// The socket that belongs to a database.
pub fn socket_of(database: &Path) -> PathBuf {
    database.with_extension("control")
}

impl ControlSocket {
    /// Listens beside the database, and hands requests out one after the other. A socket that an ended run has left is
    /// replaced: the site's lock is held.
    ///
    /// # Errors
    /// The socket cannot be made.
    pub fn start(database: &Path) -> Result<(ControlSocket, Receiver<Asked>), Failure> {
        let path = socket_of(database);
        let cannot = |error| format!("The control socket {} cannot be made: {error}", path.display());
        let _ = fs::remove_file(&path);
        let listener = UnixListener::bind(&path).map_err(cannot)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(cannot)?;
        let (asked, requests) = bounded(1);
        let socket = ControlSocket { path, asked: asked.clone() };
        thread::Builder::new().name("control".into()).spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that has gone needs no answer.
                let _ = serve(stream, &asked);
            }
        })?;
        Ok((socket, requests))
    }

    /// The way on which requests go to the thread that owns the site.
    pub fn sender(&self) -> Sender<Asked> {
        self.asked.clone()
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn serve(mut stream: UnixStream, asked: &Sender<Asked>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(CLIENT_MAX))?;
    stream.set_write_timeout(Some(CLIENT_MAX))?;
    let user = user_name(Uid::from_raw(getsockopt(&stream, PeerCredentials)?.uid()));
    let mut line = String::new();
    BufReader::new((&stream).take(REQUEST_MAX)).read_line(&mut line)?;
    let answer = match serde_json::from_str(&line) {
        Ok(request) => hand_out(asked, request, user),
        Err(error) => Err(format!("the request is not one: {error}")),
    };
    stream.write_all(serde_json::to_string(&answer)?.as_bytes())?;
    stream.write_all(b"\n")
}

/// Hands a request of a client out to the thread that owns the site, and waits for its answer.
///
/// # Errors
/// A sentence: the site refuses, or gives no answer in time.
pub fn hand_out(asked: &Sender<Asked>, request: ControlRequest, user: String) -> ControlAnswer {
    let (answer, answered) = bounded(1);
    match asked.send_timeout(Asked { request, user, answer }, ANSWER_MAX) {
        Ok(()) => answered.recv_timeout(ANSWER_MAX).unwrap_or_else(|_| Err("the site gives no answer".into())),
        Err(_) => Err("the site takes no request now".into()),
    }
}

/// Asks the site that listens at a socket.
///
/// # Errors
/// No site listens there, or it refuses: a sentence.
pub fn ask(socket: &Path, request: &ControlRequest) -> Result<String, Failure> {
    let say = |error: std::io::Error| {
        format!("No site answers at {}: {error}. Is `tipring serve` running with this database?", socket.display())
    };
    let mut stream = UnixStream::connect(socket).map_err(say)?;
    stream.set_read_timeout(Some(ANSWER_MAX + CLIENT_MAX)).map_err(say)?;
    stream.write_all(serde_json::to_string(request)?.as_bytes()).map_err(say)?;
    stream.write_all(b"\n").map_err(say)?;
    let mut text = String::new();
    stream.read_to_string(&mut text).map_err(say)?;
    Ok(serde_json::from_str::<ControlAnswer>(&text)??)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_handed_out_with_its_user_and_what_is_none_is_refused() {
        let database = std::env::temp_dir().join(format!("tipring-control-{}.db", std::process::id()));
        let (socket, requests) = ControlSocket::start(&database).unwrap();
        let path = socket_of(&database);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let site = thread::spawn(move || {
            for asked in requests.iter().take(2) {
                let ControlRequest::Mode(name) = &asked.request else { panic!("{:?}", asked.request) };
                assert_eq!(asked.user, user_name(nix::unistd::getuid()));
                let answer = if name == "storm" { Ok("in force".to_owned()) } else { Err("no such mode".to_owned()) };
                asked.answer.send(answer).unwrap();
            }
        });
        let mode = |name: &str| ask(&path, &ControlRequest::Mode(name.into())).map_err(|error| error.to_string());
        assert_eq!(mode("storm"), Ok("in force".to_owned()));
        assert_eq!(mode("snow"), Err("no such mode".to_owned()));
        site.join().unwrap();
        let mut stream = UnixStream::connect(&path).unwrap();
        stream.write_all(b"{\"open\":\"doors\"}\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(text.contains("the request is not one"), "{text}");
        drop(socket);
        assert!(!path.exists());
    }
}
