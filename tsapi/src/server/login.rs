//! Verification of passwords, on a thread of its own: a slow hash holds no stream up.
//!
//! Never: keeps a password.

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use tipring_csta_types::rights::Rights;
use tipring_csta_types::{AgentId, AgentPassword, SessionId};

use super::outbox::Delivery;
use super::{Audit, Shared};
use crate::pdu::acs::AcsFailure;
use crate::session::Secret;

/// A password to be verified.
pub(super) enum Verification {
    /// Of a user who opens a stream.
    User { id: SessionId, login: String, password: Secret, address: IpAddr },
    /// Of an agent who logs on.
    Agent { id: SessionId, agent: AgentId, password: AgentPassword },
}

/// The thread: verifies until the server is gone.
pub(super) fn run(shared: &Shared, asked: &Receiver<Verification>) {
    for verification in asked {
        match verification {
            Verification::User { id, login, password, address } => {
                let result = verify(shared, &login, &password, address);
                let entry = Audit::LogIn { login, address, result: result.as_ref().map(drop).map_err(|why| *why) };
                shared.backend.audit(&entry);
                shared.post(id, Delivery::LogIn(result));
            }
            Verification::Agent { id, agent, password } => {
                let verify = AssertUnwindSafe(|| shared.accounts.verify_agent(&agent, &password));
                let password = catch_unwind(verify).unwrap_or_else(|_| {
                    shared.counters.lock().panics += 1;
                    None
                });
                shared.post(id, Delivery::AgentVerified(password));
            }
        }
    }
}

fn verify(shared: &Shared, login: &str, password: &Secret, address: IpAddr) -> Result<Arc<Rights>, AcsFailure> {
    if shared.guard.lock().is_locked(shared.now(), login, address) {
        shared.counters.lock().locked_out += 1;
        return Err(AcsFailure::AccountLockedOut);
    }
    match catch_unwind(AssertUnwindSafe(|| shared.accounts.verify(login, &password.0))) {
        Ok(Some(rights)) => {
            shared.guard.lock().succeeded(login, address);
            Ok(rights)
        }
        Ok(None) => {
            shared.guard.lock().failed(shared.now(), login, address);
            Err(AcsFailure::BadPasswordOrLogin)
        }
        Err(_) => {
            shared.counters.lock().panics += 1;
            Err(AcsFailure::SystemError)
        }
    }
}
