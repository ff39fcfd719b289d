//! The core's way to its clients: the TSAPI sockets, and the JSON socket where the site has one.
//!
//! Never: reads the content of a message.

use std::sync::Arc;

use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::event::Event;
use tipring_core::csta::private::{ReplyData, ReportData};
use tipring_core::csta::rights::Rights;
use tipring_core::csta::switch::{EventReport, SwitchRequest};
use tipring_core::csta::{InvokeId, MonitorCrossRefId, Reply, SessionId, SystemStatus};
use tipring_tsapi::server::Dispatcher;
use tipring_web::WebDispatcher;

/// The sessions of all sockets.
pub struct Clients {
    tsapi: Dispatcher,
    web: Option<WebDispatcher>,
}

impl Clients {
    /// The sessions of a server, and those of the JSON socket.
    pub const fn new(tsapi: Dispatcher, web: Option<WebDispatcher>) -> Clients {
        Clients { tsapi, web }
    }

    fn web(&self, session: SessionId) -> Option<&WebDispatcher> {
        self.web.as_ref().filter(|_| WebDispatcher::owns(session))
    }

    /// Answers a request.
    pub fn reply(
        &self,
        session: SessionId,
        invoke: InvokeId,
        result: Result<Reply, UniversalFailure>,
        data: Option<Box<ReplyData>>,
    ) {
        match self.web(session) {
            Some(web) => web.reply(session, invoke, result, data),
            None => self.tsapi.reply(session, invoke, result, data),
        }
    }

    /// Reports an event to a monitor.
    pub fn report(&self, session: SessionId, monitor: MonitorCrossRefId, event: &Event, data: &ReportData) {
        match self.web(session) {
            Some(web) => web.report(session, monitor, event, data),
            None => self.tsapi.report(session, monitor, event, data),
        }
    }

    /// Asks a session for a service.
    pub fn switch_request(&self, session: SessionId, request: SwitchRequest, data: ReportData) {
        match self.web(session) {
            Some(web) => web.switch_request(session, request),
            None => self.tsapi.switch_request(session, request, data),
        }
    }

    /// Reports to a session what belongs to no monitor.
    pub fn event_report(&self, session: SessionId, report: EventReport, data: ReportData) {
        match self.web(session) {
            Some(web) => web.event_report(session, report),
            None => self.tsapi.event_report(session, report, data),
        }
    }

    /// Sets the rights of a session.
    pub fn rights(&self, session: SessionId, rights: Arc<Rights>) {
        match self.web(session) {
            Some(web) => web.rights(session, rights),
            None => self.tsapi.rights(session, rights),
        }
    }

    /// Reports a change of the switch's state to every session.
    pub fn system_status(&self, status: SystemStatus) {
        self.tsapi.system_status(status);
        if let Some(web) = &self.web {
            web.system_status(status);
        }
    }
}
