//! The clients of a rig: requests and their answers, monitors, agents' states.
//!
//! Never: acts at a line.

use super::{ALL, Rig};
use crate::csta::cause::UniversalFailure;
use crate::csta::private::{ParticipationType, RequestData};
use crate::csta::tipring::{TipringReply, TipringRequest};
use crate::csta::vendor::VendorRequest;
use crate::csta::{
    AgentId, AgentMode, AgentPassword, AgentState, CallId, ConnectionId, DeviceId, InvokeId, MonitorFilter, Reply,
    Request, SessionId,
};
use crate::testing::device;

impl Rig {
    /// Asks, without looking at the answer.
    pub(crate) fn send(&mut self, session: SessionId, request: Request) -> InvokeId {
        let data = self.refined.take().map(Box::new);
        self.send_with(session, request, data)
    }

    /// Sends a request with private data.
    pub(in crate::testing) fn send_with(
        &mut self,
        session: SessionId,
        request: Request,
        data: Option<Box<RequestData>>,
    ) -> InvokeId {
        self.invoke += 1;
        let invoke = InvokeId(self.invoke);
        self.core.handle_request(session, invoke, request, data);
        self.pump();
        invoke
    }

    /// Asks and gives the answer.
    pub(crate) fn ask(&mut self, session: SessionId, request: Request) -> Result<Reply, UniversalFailure> {
        let invoke = self.send(session, request);
        let ix = self.replies.iter().position(|(id, _)| *id == invoke).expect("an answer at once");
        self.replies.remove(ix).1
    }

    /// Single step conference: a station joins a call, as a party or silently.
    pub(crate) fn join(&mut self, call: ConnectionId, by: DeviceId, silent: bool) -> Result<Reply, UniversalFailure> {
        let vendor = VendorRequest::SingleStepConferenceCall {
            active_call: call,
            device_to_be_join: by,
            participation: if silent { ParticipationType::Silent } else { ParticipationType::Active },
            alert_destination: false,
        };
        self.escape(ALL, RequestData { vendor: Some(vendor), ..RequestData::default() })
    }

    /// A private request.
    pub(crate) fn escape(&mut self, session: SessionId, data: RequestData) -> Result<Reply, UniversalFailure> {
        let invoke = self.send_with(session, Request::Escape, Some(Box::new(data)));
        let ix = self.replies.iter().position(|(id, _)| *id == invoke).expect("an answer at once");
        self.replies.remove(ix).1
    }

    /// A request of the vendor `TIPRING`.
    pub(crate) fn tipring(
        &mut self,
        session: SessionId,
        request: TipringRequest,
    ) -> Result<TipringReply, UniversalFailure> {
        self.escape(session, RequestData::of_tipring(request))?;
        let reply = self.reply_data.take().and_then(|data| data.tipring);
        Ok(reply.expect("a request of the vendor has its reply"))
    }

    /// Monitors a device; its events are named `name`.
    pub(crate) fn monitor(&mut self, name: &str) {
        let request = Request::MonitorDevice { device: device(name), filter: MonitorFilter::default() };
        self.name_monitor(request, format!("D{name}"));
    }

    /// Monitors the calls via a device.
    pub(crate) fn monitor_via(&mut self, name: &str) {
        let request = Request::MonitorCallsViaDevice { device: device(name), filter: MonitorFilter::default() };
        self.name_monitor(request, format!("C{name}"));
    }

    /// Monitors a call; its events are named `M` with its number.
    pub(crate) fn monitor_call(&mut self, id: CallId) {
        let request = Request::MonitorCall { call: ConnectionId::of_call(id), filter: MonitorFilter::default() };
        self.name_monitor(request, format!("M{}", id.0));
    }

    fn name_monitor(&mut self, request: Request, name: String) {
        match self.ask(ALL, request) {
            Ok(Reply::Monitor { monitor, .. }) => self.names.insert((ALL, monitor), name),
            other => panic!("a monitor was refused: {other:?}"),
        };
    }

    pub(crate) fn agent(&mut self, station: &str, id: &str, mode: AgentMode) -> Result<Reply, UniversalFailure> {
        self.ask(ALL, agent_request(station, id, "secret", mode))
    }

    /// Logs an agent on and makes him ready.
    pub(crate) fn ready(&mut self, station: &str, id: &str) {
        self.agent(station, id, AgentMode::LogIn).expect("logged on");
        self.agent(station, id, AgentMode::Ready).expect("ready");
    }

    /// The state of the agent at a station, as a client asks for it.
    pub(crate) fn agent_state(&mut self, station: &str) -> AgentState {
        match self.ask(ALL, Request::QueryAgentState { device: device(station) }) {
            Ok(Reply::QueryAgentState { state }) => state,
            other => panic!("{other:?}"),
        }
    }

    /// A call is made by request.
    pub(crate) fn make_call(&mut self, from: &str, to: &str) -> Result<Reply, UniversalFailure> {
        self.ask(ALL, Request::MakeCall { calling_device: device(from), called_device: device(to) })
    }
}

pub(crate) fn agent_request(station: &str, id: &str, password: &str, mode: AgentMode) -> Request {
    Request::SetAgentState {
        device: device(station),
        mode,
        agent_id: AgentId::new(id).expect("short"),
        agent_group: DeviceId::EMPTY,
        password: AgentPassword::new(password).expect("short"),
    }
}
