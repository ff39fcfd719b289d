//! Messages of callers for the console: listed, shown with their steps, and their steps taken.
//!
//! Never: has a rule of messages; the table of `tipring_core::voice_mail` has those.

use tipring_core::csta::cause::UniversalFailure;
use tipring_core::person::Person;
use tipring_core::store::MessageState;
use tipring_core::store::sqlite::{MessageError, MessageRow};
use tipring_core::voice_mail::{MessageStep, Refusal, Submission};
use tipring_driver::time::SAMPLE_RATE_HZ;
use tipring_web::records::{MarkedState, MessageItem, MessageStepItem, RecordsClient, RecordsRefusal, RecordsReply};

use super::{Place, Seen, failed, no_right, not_known, refusal};
use crate::clock;

/// Messages belong to mailboxes, not to devices: they are for those who see everything, and for the owner's station.
fn is_owner(seen: &Seen, owner: Option<&String>) -> bool {
    seen.is_all() || owner.is_some_and(|owner| seen.device(owner))
}

fn item(row: MessageRow) -> MessageItem {
    MessageItem {
        message: row.id.to_string(),
        mailbox: row.mailbox,
        owner: row.owner,
        caller: row.caller,
        name: row.name,
        at_ms: row.at_ms,
        seconds: row.samples as f64 / f64::from(SAMPLE_RATE_HZ),
        state: row.state,
        taken_by: row.taken_by,
        called_ms: row.called_ms,
    }
}

pub(super) fn list(place: &Place, seen: &Seen) -> Result<RecordsReply, RecordsRefusal> {
    let open = [MessageState::Recording, MessageState::New, MessageState::Heard];
    let rows = place.read()?.store.messages(&open).map_err(|error| failed(error.into()))?;
    let rows = rows.into_iter().filter(|row| is_owner(seen, row.owner.as_ref()));
    Ok(RecordsReply::Messages { messages: rows.map(item).collect() })
}

fn unknown(message: &str) -> RecordsRefusal {
    not_known(format!("there is no message {message}"))
}

pub(super) fn show(place: &Place, seen: &Seen, message: &str) -> Result<RecordsReply, RecordsRefusal> {
    let id: i64 = message.parse().map_err(|_| unknown(message))?;
    let archive = place.read()?;
    let row = archive.store.message(id).map_err(|error| failed(error.into()))?.ok_or_else(|| unknown(message))?;
    if !is_owner(seen, row.owner.as_ref()) {
        return Err(no_right());
    }
    let steps = archive.store.message_steps(id).map_err(|error| failed(error.into()))?;
    let steps = steps.into_iter().map(|step| MessageStepItem {
        at_ms: step.at_ms,
        step: step.step.name().to_owned(),
        person: step.person,
        remark: step.remark,
        call: (step.call != 0).then_some(step.call),
    });
    Ok(RecordsReply::Message { steps: steps.collect(), message: item(row) })
}

pub(super) fn mark(
    place: &Place,
    seen: &Seen,
    client: &RecordsClient,
    (message, state): (&str, MarkedState),
) -> Result<RecordsReply, RecordsRefusal> {
    let id: i64 = message.parse().map_err(|_| unknown(message))?;
    let mut archive = place.act()?;
    let row = archive.store.message(id).map_err(|error| failed(error.into()))?.ok_or_else(|| unknown(message))?;
    if !is_owner(seen, row.owner.as_ref()) {
        return Err(no_right());
    }
    let step = match state {
        MarkedState::Taken => MessageStep::Taken,
        MarkedState::Heard => MessageStep::Heard,
        MarkedState::CalledBack => MessageStep::Called,
        MarkedState::Done => MessageStep::Done,
        MarkedState::Reopened => MessageStep::Reopened,
    };
    let by = Person { name: client.login.clone(), is_supervisor: seen.is_all() };
    match archive.store.step_message(id, Submission::of(step), &by, clock::epoch_ms()) {
        Ok(_) => Ok(RecordsReply::Done),
        Err(MessageError::NoMessage(_)) => Err(unknown(message)),
        Err(MessageError::Store(error)) => Err(failed(error.into())),
        Err(MessageError::Refused(why)) => {
            let failure = match why {
                Refusal::Taken { .. } => UniversalFailure::PrivilegeViolationOnSpecifiedDevice,
                Refusal::NotFrom { .. } => UniversalFailure::InvalidObjectState,
                Refusal::TooLong => UniversalFailure::ValueOutOfRange,
            };
            Err(refusal(failure, why.to_string()))
        }
    }
}
