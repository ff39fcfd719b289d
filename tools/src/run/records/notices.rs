//! Notices for the desk: those that hold or will hold.
//!
//! Never: loads or ends one; that is done at the site's computer.

use tipring_web::records::{NoticeItem, RecordsClient, RecordsRefusal, RecordsReply};

use super::orders::person;
use super::{Place, failed};
use crate::clock;
use crate::notices::NoticeRow;

pub(super) fn list(place: &Place, client: &RecordsClient) -> Result<RecordsReply, RecordsRefusal> {
    person(client)?;
    let now_ms = clock::epoch_ms();
    let notices = place.read()?.store.notices(now_ms).map_err(|error| failed(error.into()))?;
    let item = |row: NoticeRow| NoticeItem {
        notice: row.notice,
        state: row.state.to_owned(),
        text: row.text,
        prompt: row.prompt,
        region: row.region,
        from_ms: row.from_ms,
        to_ms: row.to_ms,
    };
    let notices = notices.into_iter().map(|notice| item(NoticeRow::new(notice, now_ms))).collect();
    Ok(RecordsReply::Notices { notices })
}
