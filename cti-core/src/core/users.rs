//! Users and their rights, replaced while sessions are open.
//!
//! Never: ends a session or a call.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Core;
use crate::action::Action;
use crate::config::{ConfigError, UserConfig};
use crate::csta::SessionId;
use crate::csta::cause::EventCause;
use crate::csta::event::Event;
use crate::csta::rights::{Rights, ServiceGroup};
use crate::input::Input;
use crate::monitor::MonitorObject;

/// The rights of users by their log-ins.
///
/// # Errors
/// A user who is listed twice.
pub(super) fn by_login(users: &[UserConfig]) -> Result<BTreeMap<String, Arc<Rights>>, ConfigError> {
    let mut all = BTreeMap::new();
    for user in users {
        if all.insert(user.login.clone(), Arc::new(user.rights.clone())).is_some() {
            return Err(ConfigError::UserTwice(user.login.clone()));
        }
    }
    Ok(all)
}

impl Core {
    /// Replaces users and rights. Open sessions have the new rights from now on, those of a user who is gone
    /// none; their monitors of devices that they may no longer observe end.
    ///
    /// # Errors
    /// A user who is listed twice; everything stays as before.
    pub fn handle_users(&mut self, users: &[UserConfig]) -> Result<(), ConfigError> {
        self.begin_entry(|| Input::Users(users.to_vec()));
        self.users = by_login(users)?;
        let mut changed = Vec::new();
        for (&session, open) in &mut self.sessions {
            let rights = self.users.get(&open.login).cloned().unwrap_or_default();
            if rights != open.rights {
                open.rights = Arc::clone(&rights);
                changed.push((session, rights));
            }
        }
        for (session, rights) in changed {
            self.end_monitors_without_right(session, &rights);
            self.actions.push_back(Action::Rights { session, rights });
        }
        self.commit();
        Ok(())
    }

    /// Ends the monitors of a session whose object may not be observed.
    fn end_monitors_without_right(&mut self, session: SessionId, rights: &Rights) {
        let observed = rights.observed();
        let may = |object: MonitorObject| match object {
            MonitorObject::Device(device) | MonitorObject::CallsVia(device) => {
                rights.permits(ServiceGroup::Observe, &self.devices.id(device))
            }
            // A monitor of a call is granted to each who may observe some device.
            MonitorObject::Call(_) => !observed.is_empty(),
        };
        let ended: Vec<_> = self.monitors.of_session(session).filter(|(_, object)| !may(*object)).collect();
        for (key, _) in ended {
            self.counters.reports += 1;
            self.actions.push_back(Action::Report {
                session,
                monitor: key.id,
                event: Box::new(Event::MonitorEnded { cause: EventCause::None }),
                data: None,
            });
            self.monitors.end(key);
        }
    }
}
