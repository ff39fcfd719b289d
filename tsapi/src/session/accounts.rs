//! Accounts of a server: passwords verified, rights granted.
//!
//! Never: knows where accounts are stored.

use std::sync::Arc;

use tipring_csta_types::rights::Rights;
use tipring_csta_types::{AgentId, AgentPassword};

/// The accounts of a server. Called beside the sessions, never in them: a verification may take its time.
pub trait Accounts: Send + Sync {
    /// Returns the rights of a user; none if the password is not the login's.
    fn verify(&self, login: &str, password: &str) -> Option<Arc<Rights>>;

    /// Returns the password by which the switch knows an agent; none if `password` is not the agent's.
    ///
    /// By default the switch verifies it.
    fn verify_agent(&self, _agent: &AgentId, password: &AgentPassword) -> Option<AgentPassword> {
        Some(*password)
    }

    /// Returns the rights of a user whose password was verified before; none if there is no such user any more.
    ///
    /// By default sessions end with their server.
    fn recall(&self, _login: &str) -> Option<Recalled<Arc<Rights>>> {
        None
    }

    /// Returns the password by which the switch knows an agent whose own one was verified before.
    fn recall_agent(&self, _agent: &AgentId) -> Option<Recalled<AgentPassword>> {
        None
    }
}

/// A user or an agent whose password was verified before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recalled<T> {
    /// The grant of the verified password.
    pub grant: T,
    /// Mark of the password: another one after it was changed. It reveals nothing of the password.
    pub mark: String,
}

/// A password in the clear; its text never shows in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl core::fmt::Debug for Secret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("\"…\"")
    }
}
