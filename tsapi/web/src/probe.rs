//! The port of those who watch over a site: figures and health over HTTP, on a thread and a runtime of their own.
//!
//! | address | contents |
//! |---|---|
//! | `/metrics` | figures in OpenMetrics 1.0 |
//! | `/healthz` | one JSON object: 200 while the site serves, 503 with the reasons while it does not |
//!
//! A port apart from the JSON socket's: figures of queues and agents are for other eyes than the pages of the desks,
//! the port may listen at an address of its own, and no scrape waits behind the sockets of clients or they behind it.
//!
//! Never: knows what a figure means, or opens a second way to the switch.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::listener::{Bounded, Peer};

/// Connections at a time; further ones wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 16;
/// Life of a connection; a client that keeps it open connects anew.
const CONNECTION_LIMIT: Duration = Duration::from_secs(10);
/// Media type of OpenMetrics in text.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The health of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// True while the site serves.
    pub serves: bool,
    /// One JSON object.
    pub json: String,
}

/// A site that is watched over.
pub trait Probe: Send + Sync + 'static {
    /// Returns the figures in OpenMetrics, `# EOF` included.
    fn metrics(&self) -> String;

    /// Returns the health.
    fn health(&self) -> Health;
}

/// The server of figures and health. Stops when dropped.
pub struct ProbeServer {
    address: SocketAddr,
    stop: Arc<Notify>,
    thread: Option<JoinHandle<()>>,
}

impl ProbeServer {
    /// Listens at an address, port 0 for one of the system's choice, and serves until dropped.
    ///
    /// # Errors
    /// The operating system's, if it has no socket or thread.
    pub fn start(address: SocketAddr, probe: Arc<dyn Probe>) -> io::Result<ProbeServer> {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stop = Arc::new(Notify::new());
        let thread = thread::Builder::new().name("probe".into()).spawn({
            let stop = Arc::clone(&stop);
            move || {
                runtime.block_on(serve(probe, listener, &stop));
                runtime.shutdown_background();
            }
        })?;
        Ok(ProbeServer { address, stop, thread: Some(thread) })
    }

    /// Returns the address it listens at.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for ProbeServer {
    fn drop(&mut self) {
        self.stop.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve(probe: Arc<dyn Probe>, listener: std::net::TcpListener, stop: &Notify) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let figures = Arc::clone(&probe);
    let router = Router::new()
        .route("/metrics", get(move || async move { ([(header::CONTENT_TYPE, OPEN_METRICS)], figures.metrics()) }))
        .route("/healthz", get(move || async move { respond(probe.health()) }))
        .fallback(|| async { (StatusCode::NOT_FOUND, "there are /metrics and /healthz\n") });
    let listener = Bounded::new(listener, CONNECTIONS_MAX, CONNECTION_LIMIT, None);
    tokio::select! {
        _ = axum::serve(listener, router.into_make_service_with_connect_info::<Peer>()).into_future() => {}
        () = stop.notified() => {}
    }
}

fn respond(Health { serves, json }: Health) -> Response {
    let status = if serves { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, json).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::sync::atomic::{AtomicBool, Ordering};

    struct Site(AtomicBool);

    impl Probe for Site {
        fn metrics(&self) -> String {
            "# EOF\n".into()
        }

        fn health(&self) -> Health {
            let serves = self.0.load(Ordering::Relaxed);
            Health { serves, json: format!("{{\"serves\":{serves}}}\n") }
        }
    }

    fn ask(server: &ProbeServer, request: &str) -> String {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        write!(stream, "{request} HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn health_is_200_or_503_and_figures_are_open_metrics() {
        let site = Arc::new(Site(AtomicBool::new(true)));
        let server = ProbeServer::start(([127, 0, 0, 1], 0).into(), Arc::clone(&site) as Arc<_>).unwrap();
        let health = ask(&server, "GET /healthz");
        assert!(health.starts_with("HTTP/1.1 200 ") && health.ends_with("{\"serves\":true}\n"), "{health}");
        site.0.store(false, Ordering::Relaxed);
        let health = ask(&server, "GET /healthz");
        assert!(health.starts_with("HTTP/1.1 503 ") && health.ends_with("{\"serves\":false}\n"), "{health}");
        let figures = ask(&server, "GET /metrics");
        assert!(figures.contains(OPEN_METRICS) && figures.ends_with("# EOF\n"), "{figures}");
    }

    #[test]
    fn another_page_or_method_gets_a_clear_error() {
        let server = ProbeServer::start(([127, 0, 0, 1], 0).into(), Arc::new(Site(AtomicBool::new(true)))).unwrap();
        let missing = ask(&server, "GET /metric");
        assert!(missing.starts_with("HTTP/1.1 404 ") && missing.contains("/metrics and /healthz"), "{missing}");
        assert!(ask(&server, "POST /metrics").starts_with("HTTP/1.1 405 "));
    }
}
