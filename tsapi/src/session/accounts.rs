//! Accounts of a server: passwords verified, rights granted.
//!
//! Never: where accounts are stored.

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
}

/// A password in the clear; its text never shows in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl core::fmt::Debug for Secret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("\"…\"")
    }
}
