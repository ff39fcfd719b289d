//! The listener: a bounded number of connections, in the clear or within TLS, each with a bounded time before it is a
//! WebSocket, its handshake included.
//!
//! Never: knows HTTP.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tipring_tsapi::server::TlsIdentity;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{Accept, TlsAcceptor};

/// Rest when the machine has no descriptor left for one more client.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// A listener with a bound of connections at a time.
pub(crate) struct Bounded {
    listener: TcpListener,
    places: Arc<Semaphore>,
    /// Time limit of a connection for its request.
    limit: Duration,
    tls: Option<TlsAcceptor>,
}

/// A client's connection: its address, and whether it is a WebSocket yet.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) upgraded: Arc<AtomicBool>,
}

/// A connection with its place and its time limit.
pub(crate) struct Limited {
    stream: Transport,
    peer: Peer,
    deadline: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

/// The octets of a connection.
enum Transport {
    Clear(TcpStream),
    /// TLS whose handshake is under way; it goes on whenever the connection is read or written.
    Handshake(Box<Accept<TcpStream>>),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Transport {
    /// Carries a handshake on; ready once octets of the client can be read and written.
    fn poll_open(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Transport::Handshake(accept) = self {
            let stream = ready!(Pin::new(accept.as_mut()).poll(context))?;
            *self = Transport::Tls(Box::new(stream));
        }
        Poll::Ready(Ok(()))
    }

    /// Passes what is open to `f`.
    fn poll_with<T>(
        &mut self,
        context: &mut Context<'_>,
        f: impl FnOnce(Pin<&mut dyn Octets>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        ready!(self.poll_open(context))?;
        match self {
            Transport::Clear(stream) => f(Pin::new(stream), context),
            Transport::Tls(stream) => f(Pin::new(stream.as_mut()), context),
            Transport::Handshake(_) => Poll::Pending,
        }
    }
}

/// A stream of octets both ways.
trait Octets: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Octets for T {}

impl Bounded {
    pub(crate) fn new(
        listener: TcpListener,
        connections_max: usize,
        limit: Duration,
        tls: Option<TlsIdentity>,
    ) -> Bounded {
        let tls = tls.map(|identity| TlsAcceptor::from(Arc::<ServerConfig>::from(identity)));
        Bounded { listener, places: Arc::new(Semaphore::new(connections_max)), limit, tls }
    }
}

impl Listener for Bounded {
    type Io = Limited;
    type Addr = Peer;

    async fn accept(&mut self) -> (Limited, Peer) {
        loop {
            // Further clients wait in the kernel's queue.
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { continue };
            match self.listener.accept().await {
                Ok((stream, address)) => {
                    // Events are small and must not wait for each other; a socket that is gone needs none of it.
                    let _ = stream.set_nodelay(true);
                    let peer = Peer { address, upgraded: Arc::default() };
                    let deadline = Box::pin(sleep(self.limit));
                    let stream = match &self.tls {
                        Some(tls) => Transport::Handshake(Box::new(tls.accept(stream))),
                        None => Transport::Clear(stream),
                    };
                    return (Limited { stream, peer: peer.clone(), deadline, _place: place }, peer);
                }
                Err(_) => sleep(ACCEPT_REST).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<Peer> {
        Ok(Peer { address: self.listener.local_addr()?, upgraded: Arc::default() })
    }
}

impl Connected<IncomingStream<'_, Bounded>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Bounded>) -> Peer {
        stream.remote_addr().clone()
    }
}

impl AsyncRead for Limited {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.peer.upgraded.load(Ordering::Relaxed) && self.deadline.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        self.stream.poll_with(context, |stream, context| stream.poll_read(context, buffer))
    }
}

impl AsyncWrite for Limited {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        self.stream.poll_with(context, |stream, context| stream.poll_write(context, octets))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_with(context, |stream, context| stream.poll_flush(context))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_with(context, |stream, context| stream.poll_shutdown(context))
    }
}
