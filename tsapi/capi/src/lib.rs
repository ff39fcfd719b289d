//! libcsta: streams, services and events of TSAPI for programs in C and C++, by the names of acs.h and csta.h.
//!
//! | file | contents |
//! |---|---|
//! | `acs`, `csta`, `private` | the functions of the headers |
//! | `memory` | structures, texts and buffers of the program |
//! | `stream` | streams, readers and queues |
//! | `link` | a connection, in the clear or within TLS |
//! | `servers` | servers from this computer's configuration (tslibrc), and the trusted certificate authorities |
//! | `layout`, `events`, `private_pdus` | C structures as data, and a message as it lies in memory |
//! | `encode` | structures of the program into octets |
//! | `code` | return codes and their sentences |
//!
//! Requests are made of the types of [`tipring_csta_types`]; messages to the program are decoded straight into their C
//! structures, by one table.
//!
//! Glossary:
//!
//! | term | type | source |
//! |---|---|---|
//! | event service routine (ESR) | `stream::Esr` | TSAPI |
//! | private data | `memory::PrivateDataT` | TSAPI |
//! | return code | `code` | TSAPI |
//!
//! Never: keeps a pointer of the program.

#![allow(unsafe_code, reason = "the interface is one of pointers")]
#![allow(non_snake_case, reason = "the names of the headers")]
#![allow(clippy::not_unsafe_ptr_arg_deref, reason = "functions that read a pointer are unsafe")]

mod acs;
mod code;
mod csta;
mod encode;
mod events;
mod layout;
mod link;
mod memory;
mod private;
mod private_pdus;
mod servers;
mod stream;

pub use acs::*;
pub use csta::*;
pub use private::*;
