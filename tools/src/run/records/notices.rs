//! Notices for the console: those that hold or will hold, loaded and ended.
//!
//! Never: has a rule of notices; those are in `tipring_core::notice`.

use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::rights::{Devices, ServiceGroup};
use tipring_core::notice::Notice;
use tipring_core::store::sqlite::NoticeError;
use tipring_web::records::{NewNotice, NoticeItem, RecordsClient, RecordsRefusal, RecordsReply};

use super::orders::person;
use super::{Place, failed, not_known, out_of_range, refusal};
use crate::clock;
use crate::notices::{NoticeDraft, NoticeRow, check_prompt, prompts};

/// True for a user who may load and end notices: one who administers or reviews the site as a whole.
fn may_change(client: &RecordsClient) -> bool {
    let has_all = |group| client.rights.devices(group) == Some(&Devices::All);
    has_all(ServiceGroup::Administer) || has_all(ServiceGroup::Review)
}

fn permitted(client: &RecordsClient) -> Result<(), RecordsRefusal> {
    let refused = || refusal(UniversalFailure::SecurityViolation, "the user has no right to load or end notices");
    may_change(client).then_some(()).ok_or_else(refused)
}

fn item(notice: Notice, now_ms: i64) -> NoticeItem {
    let row = NoticeRow::new(notice, now_ms);
    NoticeItem {
        notice: row.notice,
        state: row.state.to_owned(),
        text: row.text,
        prompt: row.prompt,
        region: row.region,
        from_ms: row.from_ms,
        to_ms: row.to_ms,
        planned: row.planned,
        in_time: row.in_time,
        person: row.person,
    }
}

pub(super) fn list(
    place: &Place,
    client: &RecordsClient,
    number: Option<&str>,
) -> Result<RecordsReply, RecordsRefusal> {
    let may_change = may_change(client);
    if !may_change {
        person(client)?;
    }
    let now_ms = clock::epoch_ms();
    let archive = place.read()?;
    let store = &archive.store;
    let mut notices = store.notices(now_ms).map_err(|error| failed(error.into()))?;
    // A number that is withheld has notices for all callers.
    if let Some(number) = number.map(|text| store.number_plan().normal(text).unwrap_or_default()) {
        let customer = store.customer_of(&number).map_err(|error| failed(error.into()))?;
        let region = customer.map(|customer| customer.region).unwrap_or_default();
        notices.retain(|notice| notice.is_about(&number, &region, store.number_plan()));
    }
    let known = if may_change { prompts(place.prompts.as_deref(), place.language) } else { Default::default() };
    Ok(RecordsReply::Notices {
        notices: notices.into_iter().map(|notice| item(notice, now_ms)).collect(),
        prompts: known.into_iter().collect(),
        may_change,
    })
}

pub(super) fn load(place: &Place, client: &RecordsClient, new: &NewNotice) -> Result<RecordsReply, RecordsRefusal> {
    permitted(client)?;
    check_prompt(place.prompts.as_deref(), place.language, &new.prompt).map_err(out_of_range)?;
    let NewNotice { text, prompt, region, from_ms, to_ms, sudden } = new.clone();
    let now_ms = clock::epoch_ms();
    let draft = NoticeDraft { text, prompt, region, from_ms, to_ms, is_sudden: sudden };
    let mut notice = draft.notice(client.login.clone(), now_ms);
    notice.id = place.act()?.store.load_notice(&notice).map_err(|error| match error {
        NoticeError::Refused(why) => out_of_range(why.to_string()),
        NoticeError::Store(error) => failed(error.into()),
    })?;
    Ok(RecordsReply::Notice { notice: Box::new(item(notice, now_ms)) })
}

pub(super) fn end(place: &Place, client: &RecordsClient, notice: i64) -> Result<RecordsReply, RecordsRefusal> {
    permitted(client)?;
    let ended = place.act()?.store.end_notice(notice, &client.login, clock::epoch_ms());
    match ended.map_err(|error| failed(error.into()))? {
        true => Ok(RecordsReply::Done),
        false => Err(not_known(format!("there is no notice {notice} that holds or will hold"))),
    }
}
