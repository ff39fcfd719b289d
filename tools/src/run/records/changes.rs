//! Changes of work orders and notices, whoever has made them: the console, a command beside the site, or the clock.
//!
//! One look at the database serves every desk. The steps of orders are their log of changes; notices are few, and
//! compared as a whole.
//!
//! Never: tells what an order or a notice says.

use tipring_core::csta::rights::Rights;
use tipring_core::notice::Notice;
use tipring_core::number_plan::NumberPlan;
use tipring_core::store::StoreError;
use tipring_web::records::{Changes, OrderChange, RecordsRefusal};

use super::orders::person_of;
use super::readers::FileId;
use super::{Place, failed};

/// State of the records at the last look.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The database; none before the first look.
    file: Option<FileId>,
    /// The last step of an order, and the moment, ms since 1970.
    step: i64,
    at_ms: i64,
    /// True for a notice that holds, and the notice.
    notices: Vec<(bool, Notice)>,
    plan: NumberPlan,
}

/// Looks at the database at a moment, ms since 1970. The first look, and one at another database, finds that everything
/// may have changed.
pub(super) fn look(place: &Place, seen: &mut Seen, now_ms: i64) -> Result<Changes, RecordsRefusal> {
    let reader = place.read()?;
    let store = &reader.store;
    let fail = |error: StoreError| failed(error.into());
    let step = store.last_order_step().map_err(fail)?;
    let notices = store.notices(now_ms).map_err(fail)?.into_iter();
    let notices: Vec<_> = notices.map(|notice| (notice.holds(now_ms), notice)).collect();
    let is_new = seen.file != Some(reader.file()) || step < seen.step;
    let orders = match is_new {
        true => Vec::new(),
        false => store.order_changes((seen.step, step), (seen.at_ms, now_ms)).map_err(fail)?,
    };
    let orders = orders.into_iter().map(|change| OrderChange { number: change.number, owner: change.owner }).collect();
    let changes = Changes { orders, all_orders: is_new, notices: is_new || notices != seen.notices };
    let plan = store.number_plan().clone();
    *seen = Seen { file: Some(reader.file()), step, at_ms: now_ms, notices, plan };
    Ok(changes)
}

/// True if a user who has a list of orders open is to read it anew: that of a customer's number, or else the user's
/// own; those who review the site as a whole have one of all orders.
pub(super) fn concerns(
    seen: &Seen,
    (login, rights): (&str, &Rights),
    number: Option<&str>,
    change: &OrderChange,
) -> bool {
    let Ok(by) = person_of(login, rights) else { return false };
    match number {
        Some(number) => !change.number.is_empty() && seen.plan.is_same(number, &change.number),
        None => by.is_supervisor || by.name == change.owner,
    }
}

#[cfg(test)]
mod tests {
    use tipring_core::csta::rights::{Devices, ServiceGroup};
    use tipring_core::person::Person;
    use tipring_core::store::sqlite::SqliteStore;
    use tipring_core::work_order::{Kinds, OrderRequest, Urgency};

    use super::*;
    use crate::config::{SiteConfig, TEMPLATE};

    #[test]
    fn a_look_finds_what_others_have_changed_and_what_the_clock_has() {
        let folder = std::env::temp_dir().join(format!("tipring-changes-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let mut site = SiteConfig::parse(TEMPLATE).expect("the template is a configuration");
        site.store.database = folder.join("site.db");
        let (place, mut seen) = (Place::new(&site, None), Seen::default());
        assert!(look(&place, &mut seen, 0).is_err(), "there is no database yet");

        let mut store = SqliteStore::open(&site.store.database, 0).unwrap();
        let first = look(&place, &mut seen, 1_000).unwrap();
        assert!(first.all_orders && first.notices, "{first:?}");
        assert_eq!(look(&place, &mut seen, 1_001).unwrap(), Changes::default());

        let request = OrderRequest {
            kind: "fault".into(),
            urgency: Urgency::Normal,
            number: "5550001".into(),
            name: String::new(),
            place: String::new(),
            text: "no current".into(),
            owner: None,
            call: 0,
            recording: None,
            called_ms: None,
        };
        let li = Person { name: "li".into(), is_supervisor: false };
        store.accept_order(&Kinds::default(), request, false, &li, 2_000).unwrap();
        let change = OrderChange { number: "5550001".into(), owner: "li".into() };
        let changed = Changes { orders: vec![change.clone()], ..Changes::default() };
        assert_eq!(look(&place, &mut seen, 2_000).unwrap(), changed);
        assert_eq!(look(&place, &mut seen, 2_001).unwrap(), Changes::default());

        let notice = Notice {
            id: 0,
            text: "outage".into(),
            prompt: "outage".into(),
            region: String::new(),
            from_ms: 5_000,
            to_ms: 6_000,
            is_planned: true,
            person: "zhao".into(),
            loaded_ms: 3_000,
            ended_ms: None,
        };
        store.load_notice(&notice).unwrap();
        let told: Vec<i64> = (3_000..7_000).filter(|at| look(&place, &mut seen, *at).unwrap().notices).collect();
        assert_eq!(told, [3_000, 5_000, 6_000], "loaded, begun, over");

        let rights = |group, devices| {
            let mut rights = Rights::default();
            rights.permit(group, &devices);
            rights
        };
        let (desk, all) = (rights(ServiceGroup::Call, Devices::All), rights(ServiceGroup::Review, Devices::All));
        for (login, rights, number, concerned) in [
            ("li", &desk, None, true),
            ("wu", &desk, None, false),
            ("zhao", &all, None, true),
            ("wu", &desk, Some("555-0001"), true),
            ("li", &desk, Some("5550002"), false),
            ("li", &Rights::default(), None, false),
        ] {
            assert_eq!(concerns(&seen, (login, rights), number, &change), concerned, "{login} {number:?}");
        }

        drop(store);
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        assert!(look(&place, &mut seen, 8_000).is_err());
        drop(SqliteStore::open(&site.store.database, 0).unwrap());
        assert!(look(&place, &mut seen, 8_001).unwrap().all_orders, "another database");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
