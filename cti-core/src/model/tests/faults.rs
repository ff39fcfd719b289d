//! Faults planted by hand, each of which the explorer finds: in the table, and in services.

use super::actions::Action;
use super::explore::{BOUNDED, explore, explore_with};
use super::small_site::SmallSite;
use super::*;

type Outcome = Result<(), Refused>;

/// The table with a fault: each row is changed, or left out.
fn planted(change: impl Fn(&Row) -> Option<Row>) -> &'static [Row] {
    Box::leak(TABLE.iter().filter_map(change).collect::<Vec<_>>().into_boxed_slice())
}

/// The explorer's finding for a table with a fault.
fn with_table(change: impl Fn(&Row) -> Option<Row>) -> String {
    let model = site(BOUNDS).with_rows(planted(change));
    explore(model, BOUNDED).err().expect("the fault is found")
}

/// The explorer's finding for a service with a fault.
fn with_service(service: impl Fn(Action, &mut SmallSite) -> Outcome) -> String {
    explore_with(site(BOUNDS), BOUNDED, service).err().expect("the fault is found")
}

/// The same, for a fault that shows when the first states are emptied.
fn emptied_with(service: impl Fn(Action, &mut SmallSite) -> Outcome) -> String {
    explore_with(site(BOUNDS), 1_000, service).err().expect("the fault is found")
}

fn says(found: &str, expected: &str) {
    assert!(found.starts_with(expected), "{found}");
}

#[test]
fn a_hold_without_a_deadline_is_found() {
    let found = with_table(|row| match row.trigger {
        Trigger::Hold => Some(Row { wait: Wait::None, ..*row }),
        _ => Some(*row),
    });
    says(&found, "Deadline(");
}

#[test]
fn an_alerting_station_without_a_deadline_is_found() {
    let found = with_table(|row| match row.trigger {
        Trigger::Offer => Some(Row { wait: Wait::None, ..*row }),
        _ => Some(*row),
    });
    says(&found, "Deadline(");
}

#[test]
fn a_tone_that_the_table_lacks_is_found() {
    let found = with_table(|row| match (row.from, row.trigger) {
        (Some(ConnectionState::Connected), Trigger::Fail) => None,
        _ => Some(*row),
    });
    says(&found, "a refusal changed ");
}

#[test]
fn a_diversion_that_the_table_leaves_alerting_is_found() {
    let found = with_table(|row| match (row.from, row.trigger) {
        (Some(ConnectionState::Alerting), Trigger::Divert) => Some(Row { to: row.from, wait: Wait::NoAnswer, ..*row }),
        _ => Some(*row),
    });
    says(&found, "events give ");
}

#[test]
fn a_diversion_that_leaves_its_connection_behind_is_found() {
    let found = with_service(|action, m| match action {
        Action::Deflect(call, from, to) => {
            m.judge(Service::DeflectCall, from, call, None)?;
            if !m.can_offer(call, to) {
                return Err(Refused::ResourceBusy);
            }
            m.send(call, to, from, WHY)
        }
        other => other.apply(m),
    });
    says(&found, "not so: ");
}

#[test]
fn a_held_call_beside_nothing_is_found() {
    let found = with_service(|action, m| match action {
        Action::Clear(call, by) => match m.state(call, by) {
            Some(ConnectionState::Connected) if m.call(call).is_some_and(|of| of.connections.len() == 2) => {
                m.step(call, by, Trigger::Clear, WHY).map_err(|_| Refused::InvalidObjectState)
            }
            _ => action.apply(m),
        },
        other => other.apply(m),
    });
    says(&found, "Alone(");
}

#[test]
fn a_coach_whose_station_has_left_is_found() {
    let found = with_service(|action, m| match action {
        Action::Clear(call, by @ Device::Station(station)) => {
            let of = m.call(call).ok_or(Refused::NoActiveCall)?;
            if of.connections.iter().any(|it| it.role == Role::Coach(station)) {
                return m.step(call, by, Trigger::Clear, WHY).map_err(|_| Refused::InvalidObjectState);
            }
            action.apply(m)
        }
        other => other.apply(m),
    });
    says(&found, "Observer(");
}

#[test]
fn a_parked_call_without_a_recall_is_found() {
    let found = with_service(|action, m| {
        action.apply(m)?;
        if let Action::Park(call, _) = action
            && let Some(parked) = m.call_mut(call).and_then(|of| of.connections.iter_mut().find(|it| it.device == P))
        {
            parked.recall = None;
        }
        Ok(())
    });
    says(&found, "Recall(");
}

#[test]
fn a_retrieval_beside_an_active_call_is_found() {
    let found = with_service(|action, m| match action {
        Action::Retrieve(call, by) => m.step(call, by, Trigger::Retrieve, WHY).map_err(|_| Refused::InvalidObjectState),
        other => other.apply(m),
    });
    says(&found, "Twice(");
}

#[test]
fn a_transfer_that_no_event_reports_is_found() {
    let found = with_service(|action, m| {
        action.apply(m)?;
        if let Action::Transfer(..) = action {
            m.drop_changes();
        }
        Ok(())
    });
    says(&found, "events give ");
}

#[test]
fn a_refusal_that_has_changed_something_is_found() {
    let found = with_service(|action, m| match action {
        Action::Consult(call, by, to) => {
            m.hold(call, by, WHY)?;
            m.make(by, to, WHY).map(|_| ())
        }
        other => other.apply(m),
    });
    says(&found, "a refusal changed ");
}

#[test]
fn a_deadline_that_never_leads_on_is_found() {
    let found = emptied_with(|action, m| match action {
        Action::Expire(call, by) if m.state(call, by) == Some(ConnectionState::Failed) => Ok(()),
        other => other.apply(m),
    });
    says(&found, "stuck: ");
}

#[test]
fn a_dialogue_whose_call_was_picked_up_at_the_number_is_found() {
    let found = with_service(|action, m| match action {
        Action::PickUp(call, N, by) => m.pickup(call, N, by, WHY),
        other => other.apply(m),
    });
    says(&found, "Dialogue(");
}

#[test]
fn a_routing_client_that_is_waited_for_without_end_is_found() {
    let found = emptied_with(|action, m| match action {
        Action::Expire(call, N) if m.is_asked(call) => Ok(()),
        other => other.apply(m),
    });
    says(&found, "stuck: ");
}

#[test]
fn a_registration_that_ends_without_its_dialogues_is_found() {
    let found = with_service(|action, m| match action {
        Action::RouteCancel => {
            m.routing.registrations.clear();
            Ok(())
        }
        other => other.apply(m),
    });
    says(&found, "Dialogue(");
}

#[test]
fn every_state_can_be_cleared_and_every_one_but_connected_has_a_deadline() {
    for row in TABLE {
        let Some(to) = row.to else { continue };
        assert!(TABLE.iter().any(|next| next.from == Some(to) && next.trigger == Trigger::Clear), "{to:?}");
        assert!(to == ConnectionState::Connected || row.wait != Wait::None, "{row:?}");
    }
}
