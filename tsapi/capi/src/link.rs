//! The connection of a stream: a socket in the clear, or within TLS.
//!
//! One thread reads; any thread sends, a whole frame at a time.
//!
//! Never: knows a frame's meaning.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use parking_lot::Mutex;
use rustls::{CertificateError, ClientConnection};
use tipring_tsapi::client::{authorities, tls_connection};

use crate::code;
use crate::servers::Trust;

/// A connection.
pub(crate) struct Link {
    socket: TcpStream,
    security: Security,
}

enum Security {
    /// Frames are sent whole under this lock.
    Clear(Mutex<()>),
    Tls(Box<Mutex<ClientConnection>>),
}

impl Link {
    /// Connects, and within TLS shakes hands with `host`.
    ///
    /// # Errors
    /// The code for the program.
    pub(crate) fn connect(address: SocketAddr, tls: Option<(&str, &Trust)>, limit: Duration) -> Result<Link, i64> {
        let socket = TcpStream::connect_timeout(&address, limit).map_err(|_| code::NO_SERVER)?;
        let prepare = || -> io::Result<()> {
            socket.set_nodelay(true)?;
            socket.set_write_timeout(Some(limit))?;
            socket.set_read_timeout(Some(limit))
        };
        prepare().map_err(|_| code::NO_RESOURCE)?;
        let Some((host, trust)) = tls else { return Ok(Link { socket, security: Security::Clear(Mutex::new(())) }) };
        let pem = trust.authorities().ok_or(code::SSL_INIT_FAILED)?;
        let made = authorities(&pem).and_then(|trusted| tls_connection(host, trusted, trust.checks_name));
        let mut connection = made.map_err(|_| code::SSL_INIT_FAILED)?;
        while connection.is_handshaking() {
            connection.complete_io(&mut &socket).map_err(|error| handshake_code(&error))?;
        }
        Ok(Link { socket, security: Security::Tls(Box::new(Mutex::new(connection))) })
    }

    /// Lets reading wait as long as it takes.
    ///
    /// # Errors
    /// The operating system's.
    pub(crate) fn wait_for_ever(&self) -> io::Result<()> {
        self.socket.set_read_timeout(None)
    }

    /// Sends octets, all of them.
    ///
    /// # Errors
    /// The operating system's, or that of TLS.
    pub(crate) fn send(&self, octets: &[u8]) -> io::Result<()> {
        match &self.security {
            Security::Clear(whole) => {
                let _whole = whole.lock();
                (&self.socket).write_all(octets)
            }
            Security::Tls(connection) => {
                let mut connection = connection.lock();
                let mut rest = octets;
                while !rest.is_empty() {
                    // TLS holds a bounded number of octets; what it has goes out first.
                    rest = &rest[connection.writer().write(rest)?..];
                    self.flush(&mut connection)?;
                }
                Ok(())
            }
        }
    }

    fn flush(&self, connection: &mut ClientConnection) -> io::Result<()> {
        while connection.wants_write() {
            connection.write_tls(&mut &self.socket)?;
        }
        Ok(())
    }

    /// Waits for octets; 0 at the end.
    ///
    /// # Errors
    /// The operating system's, or that of TLS.
    pub(crate) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let Security::Tls(connection) = &self.security else { return (&self.socket).read(buffer) };
        loop {
            match connection.lock().reader().read(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                result => return result,
            }
            // One thread reads, so what is readable here is so below; senders may go on meanwhile.
            self.wait_readable()?;
            let mut connection = connection.lock();
            if connection.read_tls(&mut &self.socket)? == 0 {
                return Ok(0);
            }
            connection.process_new_packets().map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
            self.flush(&mut connection)?;
        }
    }

    fn wait_readable(&self) -> io::Result<()> {
        let timeout = self
            .socket
            .read_timeout()?
            .map_or(PollTimeout::NONE, |limit| PollTimeout::try_from(limit).unwrap_or(PollTimeout::MAX));
        let mut files = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
        match poll(&mut files, timeout)? {
            0 => Err(ErrorKind::TimedOut.into()),
            _ => Ok(()),
        }
    }

    /// Ends the connection, reading included.
    pub(crate) fn shut_down(&self) {
        // A server that is gone needs no farewell.
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

/// The code of a handshake that failed.
fn handshake_code(error: &io::Error) -> i64 {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        )) => code::SSL_NAME_MISMATCH,
        Some(_) | None => code::SSL_CONNECT_FAILED,
    }
}
