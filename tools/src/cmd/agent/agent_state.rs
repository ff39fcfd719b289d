//! The agent's state at the site: logged in or not, and the work mode that was asked for last. A site that was started
//! anew has forgotten both; they are asked for again.
//!
//! Never: sends anything.

use tipring_core::csta::event::Event;
use tipring_core::csta::{AgentId, AgentState};

use super::command::Command;

/// Log-in and work mode of the agent, as asked for last.
#[derive(Debug, Default)]
pub struct LogInState {
    logged_in: bool,
    asked: Option<Command>,
}

impl LogInState {
    /// True while the agent is logged in.
    pub const fn is_logged_in(&self) -> bool {
        self.logged_in
    }

    /// Takes a command that was carried out.
    pub fn handle_done(&mut self, command: &Command) {
        match command {
            Command::LogIn => self.logged_in = true,
            Command::LogOut => *self = LogInState::default(),
            Command::Ready | Command::NotReady(_) | Command::Work => self.asked = Some(command.clone()),
            _ => {}
        }
    }

    /// Takes an event of the station: a supervisor, or the agent at the telephone's keys, changes the log-in, too.
    pub fn handle_event(&mut self, event: &Event, agent: &AgentId) {
        match event {
            Event::LoggedOn { agent_id, .. } if agent_id == agent => self.logged_in = true,
            Event::LoggedOff { agent_id, .. } if agent_id == agent => *self = LogInState::default(),
            _ => {}
        }
    }

    /// Takes the state that the site has the agent in after the stream was lost. Returns the commands that bring the
    /// state back.
    pub fn restore(&self, state: AgentState) -> Vec<Command> {
        if state != AgentState::Null || !self.logged_in {
            return Vec::new();
        }
        [Some(Command::LogIn), self.asked.clone()].into_iter().flatten().collect()
    }

    /// One of the commands that bring the state back was refused.
    pub fn handle_not_restored(&mut self, command: &Command) {
        if *command == Command::LogIn {
            *self = LogInState::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tipring_core::csta::{DeviceId, ExtendedDeviceId};

    #[test]
    fn an_agent_whom_a_site_that_was_started_anew_has_forgotten_is_logged_in_again_in_the_state_asked_for() {
        let mut state = LogInState::default();
        assert_eq!(state.restore(AgentState::Null), []);
        state.handle_done(&Command::LogIn);
        state.handle_done(&Command::Hold);
        assert_eq!(state.restore(AgentState::NotReady), [], "the log-in has gone on");
        assert_eq!(state.restore(AgentState::Null), [Command::LogIn]);
        for asked in [Command::Ready, Command::NotReady(3), Command::Work] {
            state.handle_done(&Command::LogIn);
            state.handle_done(&asked);
            assert_eq!(state.restore(AgentState::Null), [Command::LogIn, asked]);
        }
        state.handle_not_restored(&Command::LogIn);
        assert!(!state.is_logged_in(), "the agent is not there, and is not logged out at the end");
    }

    #[test]
    fn an_agent_whom_a_supervisor_has_logged_out_stays_so() {
        let agent = AgentId::new("7001").unwrap();
        let mut state = LogInState::default();
        state.handle_done(&Command::LogIn);
        state.handle_done(&Command::Ready);
        let logged_off = |id: &str| Event::LoggedOff {
            agent_device: ExtendedDeviceId::inside(DeviceId::new("1001").unwrap()),
            agent_id: AgentId::new(id).unwrap(),
            agent_group: DeviceId::EMPTY,
        };
        state.handle_event(&logged_off("7002"), &agent);
        assert!(state.is_logged_in(), "another agent");
        state.handle_event(&logged_off("7001"), &agent);
        assert!(!state.is_logged_in());
        assert_eq!(state.restore(AgentState::Null), []);
    }
}
