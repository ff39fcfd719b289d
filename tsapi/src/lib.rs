//! CSTA phase I in the TSAPI dialect. Octets in, requests out; events in, octets out.
//!
//! Never knows a card. Only `server.rs` and `client.rs` know a socket.
