//! Greeting of a conversation by the agent: after the answer of an agent, before the two talk.
//!
//! | rule | the caller hears | the agent hears |
//! |---|---|---|
//! | the agent has a greeting | the greeting | the greeting |
//! | else the queue announces its agents | the digits of the agent's log-in | the caller |
//! | else | the agent | the caller |
//!
//! It ends with its last prompt, or as soon as one of the two is no longer connected: hold, transfer, release. A prompt
//! that cannot be played is left out. The recording has it, for it is sent to the caller.
//!
//! Never: keeps a call from being answered.

use crate::call::AgentGreeting;
use crate::core::Core;
use crate::csta::CallId;
use crate::device::{Device, QueueIx, StationIx};
use crate::flow::say::{Kind, Language, phrases};
use crate::model::ConnectionState;

impl Core {
    /// An agent has answered a call of a queue.
    pub(super) fn begin_agent_greeting(
        &mut self,
        call: CallId,
        station: StationIx,
        queue: QueueIx,
        language: Language,
    ) {
        let Some(agent) = self.devices.station(station).agent else { return };
        let person = self.roster.get(agent);
        let greeting = person.greeting.as_ref().and_then(|name| self.flows.newest().prompt(language, name));
        let announces = self.queues.get(usize::from(queue.0)).is_some_and(|queue| queue.announces_agent);
        let digits = || {
            let words = phrases(language, Kind::Digits, person.id.as_str()).filter(|_| announces)?;
            self.flows.newest().phrases(language, &words)
        };
        let is_heard_by_both = greeting.is_some();
        let Some(prompts) = greeting.map(|prompt| vec![prompt]).or_else(digits) else { return };
        let Some(detail) = self.details.get_mut(&call) else { return };
        let Some(caller) = detail.log.caller else { return };
        detail.speech.say(prompts);
        detail.agent_greeting = Some(AgentGreeting { caller, station, is_heard_by_both });
        self.touch(call);
    }

    /// Ends the greeting of a call if it is over, or if one of the two is no longer connected.
    pub(super) fn settle_agent_greeting(&mut self, call: CallId) {
        let Some(detail) = self.details.get_mut(&call) else { return };
        let Some(greeting) = detail.agent_greeting else { return };
        let is_connected = |device| self.model.state(call, device) == Some(ConnectionState::Connected);
        let both_talk = is_connected(greeting.caller) && is_connected(Device::Station(greeting.station));
        if !both_talk {
            detail.speech.stop();
        }
        if detail.speech.now().is_none() {
            detail.agent_greeting = None;
        }
    }
}
