//! Openings: log-ins verified, sessions resumed after a lost socket, agents' passwords verified.
//!
//! Never: blocks the sockets' thread by a verification.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::rights::Rights;
use tipring_csta_types::{AgentId, AgentPassword, Request};
use tipring_tsapi::pdu::acs::AcsFailure;
use tipring_tsapi::server::Audit;
use tipring_tsapi::session::Recalled;

use super::Shared;
use crate::hub::Cell;
use crate::message::{LogIn, Resume};
use crate::resumable_sessions::ResumableSession;
use crate::session::ForSwitch;

/// A refusal: the failure, and a sentence that says why.
pub(super) type Refusal = (AcsFailure, String);

/// Opens a session by login and password.
pub(super) async fn open(
    shared: &Arc<Shared>,
    LogIn { login, password }: LogIn,
    peer: SocketAddr,
) -> Result<Arc<Cell>, Refusal> {
    let result = verify(shared, &login, password, peer).await;
    let entry = Audit::LogIn {
        login: login.clone(),
        address: peer.ip(),
        result: result.as_ref().map(drop).map_err(|failure| *failure),
    };
    shared.hub.backend.audit(&entry);
    let rights = result.map_err(|failure| {
        shared.counters.lock().bad_logins += 1;
        (failure, "the log-in failed".to_owned())
    })?;
    let resumable = shared.accounts.recall(&login).map(|Recalled { mark, .. }| ResumableSession {
        login: login.clone(),
        mark,
        agents: BTreeMap::new(),
    });
    open_with(shared, &login, rights, resumable)
}

fn open_with(
    shared: &Shared,
    login: &str,
    rights: Arc<Rights>,
    resumable: Option<ResumableSession>,
) -> Result<Arc<Cell>, Refusal> {
    if shared.hub.count() >= shared.settings.sessions_max {
        return Err((AcsFailure::UserLicensesExceeded, "there are too many sessions".into()));
    }
    let token = new_token().map_err(|why| (AcsFailure::SystemError, why))?;
    Ok(shared.hub.open(login, rights, token, resumable))
}

async fn verify(
    shared: &Arc<Shared>,
    login: &str,
    password: String,
    peer: SocketAddr,
) -> Result<Arc<Rights>, AcsFailure> {
    if shared.guard.lock().is_locked(shared.started.elapsed(), login, peer.ip()) {
        return Err(AcsFailure::AccountLockedOut);
    }
    let (accounts, name) = (Arc::clone(&shared.accounts), login.to_owned());
    let verified = tokio::task::spawn_blocking(move || accounts.verify(&name, &password)).await;
    let mut guard = shared.guard.lock();
    match verified {
        Ok(Some(rights)) => {
            guard.succeeded(login, peer.ip());
            Ok(rights)
        }
        Ok(None) => {
            guard.failed(shared.started.elapsed(), login, peer.ip());
            Err(AcsFailure::BadPasswordOrLogin)
        }
        // The accounts have panicked.
        Err(_) => Err(AcsFailure::SystemError),
    }
}

/// Resumes a session after a message, or opens a new one by the entry of an earlier run's.
pub(super) fn resume_session(
    shared: &Arc<Shared>,
    Resume { token, sequence }: &Resume,
    peer: SocketAddr,
) -> Result<(Arc<Cell>, Option<u64>), Refusal> {
    let unknown = || (AcsFailure::NoAcsStream, "there is no such session any more: log in".to_owned());
    let Some(cell) = shared.hub.of_token(token) else {
        let resumable = shared.hub.resumable_sessions.redeem(token).ok_or_else(unknown)?;
        let recalled = shared.accounts.recall(&resumable.login).filter(|recalled| recalled.mark == resumable.mark);
        let Recalled { grant, .. } = recalled.ok_or_else(unknown)?;
        let login = resumable.login.clone();
        shared.hub.backend.audit(&Audit::LogIn { login: login.clone(), address: peer.ip(), result: Ok(()) });
        let cell = open_with(shared, &login, grant, Some(resumable))?;
        shared.counters.lock().continued += 1;
        return Ok((cell, None));
    };
    if *sequence > cell.session.lock().newest() {
        return Err((AcsFailure::InvalidMessage, "the sequence is beyond the session's newest message".into()));
    }
    shared.counters.lock().resumed += 1;
    Ok((cell, Some(*sequence)))
}

/// Has the password of an agent verified, then asks the switch; messages behind it wait.
pub(super) async fn log_in_agent(shared: &Shared, cell: &Cell, mut asked: ForSwitch) {
    let Request::SetAgentState { agent_id, password, .. } = &mut asked.request else { return };
    let (agent, given, key) = (*agent_id, *password, agent_key(agent_id));
    let address = std::net::Ipv4Addr::UNSPECIFIED.into();
    let refuse = |failure| {
        cell.session.lock().handle_refused(asked.invoke, failure);
        cell.changed.notify_one();
    };
    if shared.guard.lock().is_locked(shared.started.elapsed(), &key, address) {
        return refuse(UniversalFailure::GenericUnspecified);
    }
    // An agent whose password an earlier run's session has verified may leave it out.
    if given == AgentPassword::default()
        && let Some(mark) = shared.hub.resumable_sessions.agent(&cell.token, agent.as_str())
        && let Some(recalled) = shared.accounts.recall_agent(&agent)
        && recalled.mark == mark
    {
        *password = recalled.grant;
        return shared.hub.ask_switch(cell, asked);
    }
    let accounts = Arc::clone(&shared.accounts);
    let verified = tokio::task::spawn_blocking(move || accounts.verify_agent(&agent, &given)).await;
    match verified {
        Ok(Some(known)) => {
            shared.guard.lock().succeeded(&key, address);
            if let Some(Recalled { mark, .. }) = shared.accounts.recall_agent(&agent) {
                shared.hub.resumable_sessions.insert_agent(&cell.token, agent.to_string(), mark);
            }
            *password = known;
            shared.hub.ask_switch(cell, asked);
        }
        Ok(None) | Err(_) => {
            shared.guard.lock().failed(shared.started.elapsed(), &key, address);
            refuse(UniversalFailure::GenericUnspecified);
        }
    }
}

/// An agent's name among those whose failed log-ins are counted; no user has a blank in its name.
fn agent_key(agent: &AgentId) -> String {
    format!("agent {agent}")
}

/// Returns a token of 128 random bits.
fn new_token() -> Result<String, String> {
    let mut octets = [0; 16];
    getrandom::fill(&mut octets).map_err(|error| error.to_string())?;
    Ok(octets.iter().map(|octet| format!("{octet:02x}")).collect())
}
