//! Users and rights that are replaced while sessions are open.
//!
//! Never: opens a session anew to have its rights.

use std::sync::Arc;

use crate::config::{ConfigError, UserConfig};
use crate::csta::cause::UniversalFailure;
use crate::csta::event::Event;
use crate::csta::rights::Rights;
use crate::csta::{MonitorFilter, Reply, Request, SessionId};
use crate::testing::rig::Rig;
use crate::testing::{device, only};

const DESK: SessionId = SessionId(7);

fn user(login: &str, rights: Rights) -> UserConfig {
    UserConfig { login: login.into(), rights }
}

fn query(rig: &mut Rig, name: &str) -> Result<Reply, UniversalFailure> {
    rig.ask(DESK, Request::QueryDeviceInfo { device: device(name) })
}

#[test]
fn a_session_that_stands_has_other_rights_at_once_and_loses_the_monitors_they_no_longer_cover() {
    let mut rig = Rig::new();
    rig.core.handle_session_opened(DESK, "one");
    let monitor = Request::MonitorDevice { device: device("1001"), filter: MonitorFilter::default() };
    let Ok(Reply::Monitor { monitor, .. }) = rig.ask(DESK, monitor) else { panic!("a monitor") };
    assert!(query(&mut rig, "1001").is_ok());
    let before = query(&mut rig, "1002").expect_err("no right yet");

    let users = [user("all", Rights::everything()), user("one", only(&["1002"]))];
    rig.core.handle_users(&users).expect("users");
    rig.pump();
    assert_eq!(rig.rights, [(DESK, Arc::new(only(&["1002"])))], "only the session whose rights have changed");
    assert!(query(&mut rig, "1002").is_ok());
    assert_eq!(query(&mut rig, "1001").expect_err("no right any more"), before);
    let ended = |(session, ended, event): &(SessionId, _, Event)| {
        (*session, *ended) == (DESK, monitor) && matches!(event, Event::MonitorEnded { .. })
    };
    assert_eq!(rig.events.iter().filter(|event| ended(event)).count(), 1);

    rig.core.handle_users(&users[..1]).expect("users");
    rig.pump();
    assert_eq!(rig.rights[1..], [(DESK, Arc::default())], "a user who is gone has no rights");
    assert!(query(&mut rig, "1002").is_err());
}

#[test]
fn a_user_listed_twice_changes_nothing() {
    let mut rig = Rig::new();
    let twice = [user("all", Rights::default()), user("all", Rights::default())];
    assert_eq!(rig.core.handle_users(&twice), Err(ConfigError::UserTwice("all".into())));
    rig.pump();
    assert!(rig.rights.is_empty());
}
