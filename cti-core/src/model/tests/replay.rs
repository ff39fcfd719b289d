//! The changes of a transaction, replayed by the meaning of their events alone.
//!
//! A client knows a call by its events. The state that it derives from them must equal the model's: this replay knows
//! the standard's meaning of each event, and neither the table nor the services.

use super::*;

/// The picture that a client has of a site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Picture(Vec<(CallId, Device, ConnectionState)>);

impl Picture {
    /// The picture that a snapshot gives.
    pub fn of(model: &Model) -> Picture {
        let mut picture = Picture::default();
        picture.take(model);
        picture
    }

    /// Replaces the picture by that of a snapshot.
    pub fn take(&mut self, model: &Model) {
        self.0.clear();
        self.0.extend(model.calls().flat_map(|call| call.connections.iter().map(|it| (call.id, it.device, it.state))));
        self.0.sort_unstable();
    }

    /// Follows the changes of a transaction, and compares the result with the model's.
    pub fn follow(&mut self, model: &Model) -> Result<(), String> {
        for change in model.changes() {
            match &change.kind {
                ChangeKind::Step { device, row } => self.step(change.call, *device, row)?,
                ChangeKind::Merged { held, by, stays, parties } => {
                    let active = change.call;
                    self.0.retain(|&(call, device, _)| device != *by || (call != *held && (*stays || call != active)));
                    self.0.iter_mut().filter(|at| at.0 == *held).for_each(|at| at.0 = active);
                    let all = self.0.iter().filter(|at| at.0 == active);
                    if all.clone().count() != parties.len() || all.clone().any(|at| !parties.contains(&at.1)) {
                        return Err(format!("{change:?} lists other parties than {:?}", self.0));
                    }
                }
                ChangeKind::CallCleared => {
                    if let Some(left) = self.0.iter().find(|at| at.0 == change.call) {
                        return Err(format!("{left:?} outlives its call"));
                    }
                }
            }
        }
        self.0.sort_unstable();
        let held = Picture::of(model);
        if *self == held { Ok(()) } else { Err(format!("events give {:?}, and the snapshot {:?}", self.0, held.0)) }
    }

    fn step(&mut self, call: CallId, device: Device, row: &Row) -> Result<(), String> {
        let ix = self.0.iter().position(|at| (at.0, at.1) == (call, device));
        let before = ix.map(|ix| self.0[ix].2);
        let after = meaning(before, row).ok_or_else(|| format!("{row:?} at {device:?} in the state {before:?}"))?;
        match (ix, after) {
            (Some(ix), Some(state)) => self.0[ix].2 = state,
            (Some(ix), None) => drop(self.0.remove(ix)),
            (None, Some(state)) => self.0.push((call, device, state)),
            (None, None) => return Err(format!("{row:?} at {device:?}, which is not in the call")),
        }
        Ok(())
    }
}

/// The state of a connection after an event; none where the event cannot come in that state.
fn meaning(before: Option<ConnectionState>, row: &Row) -> Option<Option<ConnectionState>> {
    use ConnectionState::*;
    Some(match (row.event, before) {
        (CallEvent::ServiceInitiated, None) => Some(Initiated),
        (CallEvent::Originated, Some(Initiated)) => Some(Connected),
        (CallEvent::Delivered, None | Some(Held | Queued)) => Some(Alerting),
        (CallEvent::Queued, None) => Some(Queued),
        (CallEvent::Established, None | Some(Alerting | Connected)) => Some(Connected),
        (CallEvent::NetworkReached, Some(Initiated)) => Some(Connected),
        (CallEvent::Held, Some(Connected)) => Some(Held),
        (CallEvent::Retrieved, Some(Held)) => Some(Connected),
        (CallEvent::Diverted, Some(Alerting | Queued | Connected)) => None,
        (CallEvent::Failed, Some(Initiated | Connected)) => Some(Failed),
        (CallEvent::ConnectionCleared, Some(_)) => None,
        // Steps without an event concern trunks before they are reported, and roles.
        (CallEvent::None, before) => match (row.trigger, before) {
            (Trigger::Seize | Trigger::Arrive, None) => Some(Initiated),
            (Trigger::Accept, Some(Initiated)) | (Trigger::Join, Some(Connected)) => Some(Connected),
            (Trigger::Complete, Some(Failed)) => Some(Connected),
            (Trigger::GiveUp, Some(Initiated)) => None,
            _ => return None,
        },
        _ => return None,
    })
}
