//! Programs at the ends of the streams of a site in lock-step, with their habits of reading and of ending.
//!
//! Never: reads an octet.

use tipring_core::csta::Request;
use tipring_core::csta::private::RequestData;
use tipring_driver::time::Tick;
use tipring_tsapi::session::client::ClientOutput;

/// A client at the end of a stream: the program of a screen.
pub trait Client {
    /// Takes the session's output, octets left out.
    fn handle_output(&mut self, now: Tick, output: &ClientOutput);

    /// Sets the client's time.
    fn handle_time(&mut self, now: Tick);

    /// Returns the next request of the client.
    fn poll_request(&mut self) -> Option<Request>;

    /// The next request with its refinements; by default without any.
    fn poll_refined(&mut self) -> Option<(Request, RequestData)> {
        self.poll_request().map(|request| (request, RequestData::default()))
    }

    /// Returns true if the client takes octets off its stream in this millisecond; those of a slow client wait.
    fn reads(&mut self, _: Tick) -> bool {
        true
    }

    /// Returns true if the client's process ends in this millisecond: the stream breaks off, and a new one is
    /// opened at once.
    fn dies(&mut self, _: Tick) -> bool {
        false
    }
}

impl<C: Client + ?Sized> Client for Box<C> {
    fn handle_output(&mut self, now: Tick, output: &ClientOutput) {
        (**self).handle_output(now, output);
    }

    fn handle_time(&mut self, now: Tick) {
        (**self).handle_time(now);
    }

    fn poll_request(&mut self) -> Option<Request> {
        (**self).poll_request()
    }

    fn poll_refined(&mut self) -> Option<(Request, RequestData)> {
        (**self).poll_refined()
    }

    fn reads(&mut self, now: Tick) -> bool {
        (**self).reads(now)
    }

    fn dies(&mut self, now: Tick) -> bool {
        (**self).dies(now)
    }
}
