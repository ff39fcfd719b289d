//! Shifts for the console: who leads those that run and those to come, listed and named.
//!
//! Never: has a rule of namings; those are in `tipring_core::shift`.

use tipring_core::csta::AgentId;
use tipring_core::csta::cause::UniversalFailure;
use tipring_core::store::sqlite::NamingError;
use tipring_web::records::{LeaderItem, RecordsClient, RecordsRefusal, RecordsReply, ShiftItem};

use super::{Place, failed, not_known, refusal};
use crate::clock;
use crate::run::observe::Observer;
use crate::shifts::Duty;

/// Time ahead in which shifts are listed, ms: a day.
const AHEAD_MS: i64 = 24 * 3_600_000;

pub(super) fn list(place: &Place, observer: Option<&Observer>) -> Result<RecordsReply, RecordsRefusal> {
    let (roster, now_ms) = (&place.roster, clock::epoch_ms());
    let shifts = roster.at(now_ms).into_iter().chain(roster.between(now_ms + 1, now_ms + AHEAD_MS)).collect();
    let duties = roster.duties(&place.read()?.store, shifts).map_err(|error| failed(error.into()))?;
    let leader = |of: &AgentId| LeaderItem {
        agent: of.to_string(),
        name: roster.agents.iter().find(|(id, _)| id == of).map(|(_, name)| name.clone()).unwrap_or_default(),
        signed_in: observer.is_some_and(|observer| observer.is_signed_in(of)),
    };
    let item = |Duty { shift, leaders }: Duty| ShiftItem {
        shift: shift.name,
        begin_ms: shift.begin_ms,
        end_ms: shift.end_ms,
        principal: leader(&leaders.principal),
        deputy: leader(&leaders.deputy),
    };
    let agents = roster.agents.iter().map(|(id, _)| id.to_string()).collect();
    Ok(RecordsReply::Shifts { shifts: duties.into_iter().map(item).collect(), agents })
}

pub(super) fn lead(
    place: &Place,
    client: &RecordsClient,
    (name, begin_ms): (&str, i64),
    (principal, deputy): (Option<&str>, Option<&str>),
) -> Result<RecordsReply, RecordsRefusal> {
    let (roster, now_ms) = (&place.roster, clock::epoch_ms());
    let shift = roster.between(begin_ms, begin_ms.saturating_add(1)).into_iter().find(|shift| shift.name == name);
    let shift = shift.ok_or_else(|| not_known(format!("no shift {name} begins at that moment")))?;
    let agent = |id: Option<&str>| id.map(|id| roster.agent(id)).transpose().map_err(not_known);
    let named = (agent(principal)?, agent(deputy)?);
    match place.act()?.store.name_shift(&shift, named, &client.login, now_ms) {
        Ok(_) => Ok(RecordsReply::Done),
        Err(NamingError::Store(error)) => Err(failed(error.into())),
        Err(NamingError::Refused(why)) => Err(refusal(UniversalFailure::ValueOutOfRange, why.to_string())),
    }
}
