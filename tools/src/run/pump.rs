//! Carries out the core's actions: commands to the engine, records to the store, answers and events to the sessions;
//! and before them the log of the inputs that they come from.
//!
//! Never: adds, drops or reorders anything.

use std::sync::Arc;

use tipring_core::core::{Action, Core};
use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::event::Event;
use tipring_core::csta::private::{ReplyData, ReportData};
use tipring_core::csta::rights::Rights;
use tipring_core::csta::switch::{EventReport, SwitchRequest};
use tipring_core::csta::{
    AgentId, AgentPassword, DeviceId, InvokeId, MonitorCrossRefId, Reply, SessionId, SystemStatus,
};
use tipring_core::flow::walk::{DipId, Value};
use tipring_core::input::Entry;
use tipring_core::store::StoreRequest;
use tipring_driver::engine::Command;
use tipring_driver::ids::PromptId;
use tipring_driver::time::Ticks;

/// A question to a data source.
#[derive(Debug, Clone)]
pub struct Question {
    /// The question's number.
    pub dip: DipId,
    /// Name of the source.
    pub source: String,
    /// The value that is looked up.
    pub key: Value,
    /// The longest wait.
    pub wait: Ticks,
}

/// Everything around the core.
pub trait Outside {
    /// The inputs that the core has taken, before any action that they lead to.
    fn inputs(&mut self, entries: Vec<Entry>);

    /// The engine is asked for something.
    fn command(&mut self, command: Command);

    /// Returns the number of commands that are sure to be taken from now on.
    fn command_room(&mut self) -> usize;

    /// The store is asked for something.
    fn store(&mut self, request: StoreRequest);

    /// A data source is asked.
    fn dip(&mut self, question: Question);

    /// A prompt is made of others.
    fn compose(&mut self, prompt: PromptId, parts: Vec<PromptId>);

    /// A request is answered.
    fn reply(
        &mut self,
        session: SessionId,
        invoke: InvokeId,
        result: Result<Reply, UniversalFailure>,
        data: Option<Box<ReplyData>>,
    );

    /// The switch asks a session for a service.
    fn switch_request(&mut self, session: SessionId, request: SwitchRequest, data: ReportData);

    /// The switch reports to a session what belongs to no monitor.
    fn event_report(&mut self, session: SessionId, report: EventReport, data: ReportData);

    /// A monitor sees an event.
    fn report(&mut self, session: SessionId, monitor: MonitorCrossRefId, event: &Event, data: &ReportData);

    /// The rights of a session have changed.
    fn rights(&mut self, session: SessionId, rights: Arc<Rights>);

    /// The switch's status has changed; the sessions know who wants to hear of it.
    fn system_status(&mut self, status: SystemStatus);

    /// An agent's PIN, keyed at a station, is to be verified; the answer is for
    /// [`Core::handle_pin`](tipring_core::core::Core::handle_pin).
    fn verify_pin(&mut self, station: DeviceId, agent: AgentId, pin: AgentPassword);

    /// The people who run the site should know something.
    fn trouble(&mut self, what: String);
}

/// Carries out all that the core has decided, and reports the room that is left for commands.
pub fn drain(core: &mut Core, outside: &mut impl Outside) {
    carry_out(core, outside);
    core.handle_command_room(outside.command_room());
    carry_out(core, outside);
}

fn carry_out(core: &mut Core, outside: &mut impl Outside) {
    let entries = core.take_log();
    if !entries.is_empty() {
        outside.inputs(entries);
    }
    while let Some(action) = core.poll_action() {
        hand_on(action, outside);
    }
}

/// Carries out one action.
pub fn hand_on(action: Action, outside: &mut impl Outside) {
    match action {
        Action::Command(command) => outside.command(command),
        Action::Store(request) => outside.store(request),
        Action::Dip { dip, source, key, wait } => outside.dip(Question { dip, source, key, wait }),
        Action::Compose { prompt, parts } => outside.compose(prompt, parts),
        Action::Reply { session, invoke, result, data } => outside.reply(session, invoke, result, data),
        Action::SwitchRequest { session, request, data } => outside.switch_request(session, *request, data),
        Action::EventReport { session, report, data } => outside.event_report(session, *report, data),
        Action::Report { session, monitor, event, data } => outside.report(session, monitor, &event, &data),
        Action::Rights { session, rights } => outside.rights(session, rights),
        Action::SystemStatus(status) => outside.system_status(status),
        Action::VerifyPin { station, agent, pin } => outside.verify_pin(*station, agent, pin),
        Action::Trouble(trouble) => outside.trouble(trouble.to_string()),
    }
}
