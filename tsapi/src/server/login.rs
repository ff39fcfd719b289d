//! Verification of passwords, on a thread of its own: a slow hash holds no stream up.
//!
//! Never: keeps a password.

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Receiver;

use tipring_csta_types::SessionId;

use super::outbox::Delivery;
use super::{Refusal, Shared};
use crate::pdu::acs::AcsFailure;
use crate::session::Secret;

/// A password to be verified.
pub(super) struct Verification {
    pub(super) id: SessionId,
    pub(super) login: String,
    pub(super) password: Secret,
    pub(super) address: IpAddr,
}

/// The thread: verifies until the server is gone.
pub(super) fn run(shared: &Shared, asked: &Receiver<Verification>) {
    for Verification { id, login, password, address } in asked {
        let result = verify(shared, &login, &password, address);
        if let Err(failure) = result {
            shared.backend.refused(&Refusal::LogIn { login, address, failure });
        }
        shared.post(id, Delivery::LogIn(result));
    }
}

fn verify(shared: &Shared, login: &str, password: &Secret, address: IpAddr) -> Result<(), AcsFailure> {
    if shared.guard.lock().is_locked(shared.now(), login, address) {
        shared.counters.lock().locked_out += 1;
        return Err(AcsFailure::AccountLockedOut);
    }
    match catch_unwind(AssertUnwindSafe(|| shared.accounts.verify(login, &password.0))) {
        Ok(true) => {
            shared.guard.lock().succeeded(login, address);
            Ok(())
        }
        Ok(false) => {
            shared.guard.lock().failed(shared.now(), login, address);
            Err(AcsFailure::BadPasswordOrLogin)
        }
        Err(_) => {
            shared.counters.lock().panics += 1;
            Err(AcsFailure::SystemError)
        }
    }
}
