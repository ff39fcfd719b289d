//! The octets of a connection: in the clear, or within TLS 1.2 or 1.3, handshake included. Neither waits. The
//! certificate is in `tls`.
//!
//! Never: knows a frame, or a session.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection};

/// Octets that TLS may have in hand for one client, beyond what the socket takes.
const TLS_BUFFER_OCTETS: usize = 32 * 1024;

/// A connected client's socket, without waiting.
pub(super) enum Transport {
    /// In the clear.
    Clear(TcpStream),
    /// Within TLS.
    Tls(Box<Tls>),
}

/// TLS above a socket.
pub(super) struct Tls {
    socket: TcpStream,
    connection: ServerConnection,
}

impl Transport {
    pub(super) fn new(socket: TcpStream, tls: Option<&Arc<ServerConfig>>) -> io::Result<Transport> {
        socket.set_nonblocking(true)?;
        // Events are small and must not wait for each other.
        socket.set_nodelay(true)?;
        let Some(config) = tls else { return Ok(Transport::Clear(socket)) };
        let mut connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        connection.set_buffer_limit(Some(TLS_BUFFER_OCTETS));
        Ok(Transport::Tls(Box::new(Tls { socket, connection })))
    }

    pub(super) fn socket(&self) -> &TcpStream {
        match self {
            Transport::Clear(socket) => socket,
            Transport::Tls(tls) => &tls.socket,
        }
    }

    /// Returns true while octets are to be sent that the socket has not taken.
    pub(super) fn wants_write(&self) -> bool {
        match self {
            Transport::Clear(_) => false,
            Transport::Tls(tls) => tls.connection.wants_write(),
        }
    }

    /// Reads what has come, as far as `buffer` takes it, with a number of octets as [`Read::read`] has; the second part
    /// is true while more can be read without the socket becoming ready again.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<(usize, bool)> {
        match self {
            Transport::Clear(socket) => socket.read(buffer).map(|length| (length, false)),
            Transport::Tls(tls) => tls.read(buffer),
        }
    }

    /// Writes as many octets as are taken now.
    pub(super) fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match self {
            Transport::Clear(socket) => socket.write(octets),
            Transport::Tls(tls) => match tls.connection.writer().write(octets)? {
                // TLS has its fill, or cannot encrypt before the handshake is over and holds enough.
                0 => Err(ErrorKind::WouldBlock.into()),
                length => Ok(length),
            },
        }
    }

    /// Hands the socket what TLS has in hand; returns how many octets it took.
    pub(super) fn flush(&mut self) -> io::Result<usize> {
        let Transport::Tls(tls) = self else { return Ok(0) };
        let mut taken = 0;
        while tls.connection.wants_write() {
            match tls.connection.write_tls(&mut tls.socket) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(length) => taken += length,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(taken)
    }

    /// Ends this direction, once everything has been sent.
    pub(super) fn shut_down(&mut self) -> io::Result<()> {
        if let Transport::Tls(tls) = self {
            tls.connection.send_close_notify();
            // A client that is gone needs no farewell.
            let _ = self.flush();
        }
        self.socket().shutdown(Shutdown::Write)
    }
}

impl Tls {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<(usize, bool)> {
        let mut ended = false;
        if self.connection.wants_read() {
            match self.connection.read_tls(&mut self.socket) {
                Ok(0) => ended = true,
                Ok(_) => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                Err(error) => return Err(error),
            }
        }
        let state = match self.connection.process_new_packets() {
            Ok(state) => state,
            Err(error) => {
                // The alert says why; a client that is gone does not hear it.
                let _ = self.connection.write_tls(&mut self.socket);
                return Err(io::Error::new(ErrorKind::InvalidData, error));
            }
        };
        match self.connection.reader().read(buffer) {
            Ok(length) => Ok((length, state.plaintext_bytes_to_read() > length)),
            Err(error) if error.kind() == ErrorKind::WouldBlock && ended => Ok((0, false)),
            Err(error) => Err(error),
        }
    }
}

impl AsFd for Transport {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket().as_fd()
    }
}
