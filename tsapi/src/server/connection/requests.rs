//! Requests of a connection: places in its user's shares, and log-ins of agents, whose passwords are verified first.
//!
//! Never: touches the socket.

use std::sync::atomic::Ordering::Relaxed;

use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::id::InvokeId;
use tipring_csta_types::private::{ReplyData, RequestData};
use tipring_csta_types::reply::Reply;
use tipring_csta_types::{AgentId, AgentMode, AgentPassword, Request};

use super::Connection;
use crate::server::login::Verification;
use crate::server::quotas::UserShare;
use crate::server::{Audit, Shared};

/// A request of the client.
pub(super) struct Asked {
    pub(super) invoke: InvokeId,
    pub(super) request: Request,
    pub(super) data: Option<Box<RequestData>>,
    /// It has a place in its user's share of outstanding requests, which its reply gives back.
    pub(super) has_place: bool,
}

/// The way of a request that has its place in the shares.
enum Admitted {
    /// To the switch.
    Now,
    /// To the switch once the agent's password has been verified.
    Verify { agent: AgentId, password: AgentPassword },
}

impl Connection {
    /// A client asks for a service. The password of an agent who logs on is verified first; requests behind it wait.
    pub(super) fn handle_request(&mut self, shared: &Shared, mut asked: Asked) {
        if self.verifying.is_some() {
            return self.behind.push_back(asked);
        }
        match self.admit(shared, &mut asked) {
            Ok(Admitted::Now) => self.pass_on(shared, asked),
            Ok(Admitted::Verify { agent, password }) => {
                match shared.verify(Verification::Agent { id: self.id, agent, password }) {
                    Ok(()) => self.verifying = Some(asked),
                    Err(_) => self.refuse(shared, (asked.invoke, asked.has_place), UniversalFailure::ResourceBusy),
                }
            }
            Err(failure) => self.refuse(shared, (asked.invoke, asked.has_place), failure),
        }
    }

    fn pass_on(&mut self, shared: &Shared, Asked { invoke, request, data, has_place }: Asked) {
        // One without a place gets no reply, whatever becomes of it.
        if let (Err(failure), true) = (shared.backend.request(self.id, invoke, request, data), has_place) {
            self.handle_reply(shared, invoke, Err(failure), None);
        }
    }

    /// A request is not carried out. One that has no place in the user's share gives none back.
    fn refuse(&mut self, shared: &Shared, (invoke, has_place): (InvokeId, bool), failure: UniversalFailure) {
        if has_place {
            self.handle_reply(shared, invoke, Err(failure), None);
        } else {
            self.session.handle_reply(invoke, Err(failure), None);
        }
    }

    /// The password of the agent who logs on has been verified: the one that the switch knows, or none.
    pub(super) fn handle_agent_verified(&mut self, shared: &Shared, verified: Option<AgentPassword>) {
        let Some(mut asked) = self.verifying.take() else { return };
        match (&mut asked.request, verified) {
            (Request::SetAgentState { password, .. }, Some(known)) => {
                *password = known;
                self.pass_on(shared, asked);
            }
            // One failure for a wrong password and for an agent that there is not.
            _ => self.refuse(shared, (asked.invoke, asked.has_place), UniversalFailure::GenericUnspecified),
        }
        while self.verifying.is_none()
            && let Some(next) = self.behind.pop_front()
        {
            self.handle_request(shared, next);
        }
    }

    /// Takes a request's place in the shares of its user.
    fn admit(&mut self, shared: &Shared, asked: &mut Asked) -> Result<Admitted, UniversalFailure> {
        let Some((_, share)) = &self.user else { return Err(UniversalFailure::GenericSystemResourceAvailability) };
        let Asked { invoke, request, has_place, .. } = asked;
        if !Request::is_confirmed(request.number()) {
            return Ok(Admitted::Now);
        }
        let settings = &shared.settings;
        if !UserShare::take(&share.outstanding, settings.outstanding_per_user_max) {
            shared.counters.lock().over_share += 1;
            return Err(UniversalFailure::OutstandingRequestLimitExceeded);
        }
        self.outstanding += 1;
        *has_place = true;
        let full = share.monitors.load(Relaxed) >= settings.monitors_per_user_max;
        match request {
            Request::MonitorDevice { .. } | Request::MonitorCall { .. } | Request::MonitorCallsViaDevice { .. }
                if full =>
            {
                shared.counters.lock().over_share += 1;
                Err(UniversalFailure::OverallMonitorLimitExceeded)
            }
            Request::SetAgentState { mode: AgentMode::LogIn, agent_id, password, .. } => {
                if shared.guard.lock().is_locked(shared.now(), &agent_key(agent_id), self.address()) {
                    shared.counters.lock().locked_out += 1;
                    return Err(UniversalFailure::GenericUnspecified);
                }
                self.agent_logins.insert(*invoke, *agent_id);
                Ok(Admitted::Verify { agent: *agent_id, password: *password })
            }
            _ => Ok(Admitted::Now),
        }
    }

    pub(super) fn handle_reply(
        &mut self,
        shared: &Shared,
        invoke: InvokeId,
        result: Result<Reply, UniversalFailure>,
        data: Option<Box<ReplyData>>,
    ) {
        if let Some((_, share)) = &self.user {
            if self.outstanding > 0 {
                self.outstanding -= 1;
                UserShare::put(&share.outstanding, 1);
            }
            match &result {
                Ok(Reply::Monitor { .. }) => {
                    self.monitors += 1;
                    share.monitors.fetch_add(1, Relaxed);
                }
                Ok(Reply::MonitorStop) if self.monitors > 0 => self.end_monitor(),
                Ok(_) | Err(_) => {}
            }
        }
        if let Some(agent) = self.agent_logins.remove(&invoke) {
            let mut guard = shared.guard.lock();
            match &result {
                Ok(_) => guard.succeeded(&agent_key(&agent), self.address()),
                Err(failure) if is_wrong_password(*failure) => {
                    let lock = guard.failed(shared.now(), &agent_key(&agent), self.address());
                    drop(guard);
                    shared.backend.audit(&Audit::AgentLogIn { agent, peer: self.peer, failure: *failure, lock });
                }
                Err(_) => {}
            }
        }
        self.session.handle_reply(invoke, result, data);
    }

    pub(super) fn end_monitor(&mut self) {
        if let Some((_, share)) = &self.user
            && self.monitors > 0
        {
            self.monitors -= 1;
            UserShare::put(&share.monitors, 1);
        }
    }

    /// Gives all shares of the user back but the stream.
    pub(in crate::server) fn release(&mut self) {
        if let Some((_, share)) = &self.user {
            UserShare::put(&share.monitors, core::mem::take(&mut self.monitors));
            UserShare::put(&share.outstanding, core::mem::take(&mut self.outstanding));
        }
    }
}

/// Failures with which a core answers a wrong agent or password.
const fn is_wrong_password(failure: UniversalFailure) -> bool {
    matches!(
        failure,
        UniversalFailure::GenericUnspecified
            | UniversalFailure::InvalidCstaDeviceIdentifier
            | UniversalFailure::SecurityViolation
    )
}

/// An agent's name among those whose failed log-ins are counted; no user has a blank in its name.
fn agent_key(agent: &AgentId) -> String {
    format!("agent {agent}")
}
