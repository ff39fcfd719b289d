//! The file of customers over the JSON socket's requests: an agent's desk shows, searches and changes, a supervisor
//! merges; and the notices that hold.
//!
//! Never: the rules of customers; those have their own tests.

use std::sync::Arc;

use serde_json::{Value, json};
use tipring_core::csta::DeviceId;
use tipring_core::csta::cause::UniversalFailure as F;
use tipring_core::csta::rights::{Devices, Rights, ServiceGroup};
use tipring_core::notice::Notice;
use tipring_core::store::sqlite::SqliteStore;
use tipring_tests::{Folder, run};
use tipring_tools::config::SiteConfig;
use tipring_tools::run::records::SiteRecords;
use tipring_web::records::{Records, RecordsClient, RecordsRequest};

fn client(login: &str, group: ServiceGroup, devices: Devices) -> RecordsClient {
    let mut rights = Rights::default();
    rights.permit(group, &devices);
    RecordsClient { login: login.into(), rights: Arc::new(rights), address: "127.0.0.1".into() }
}

#[test]
fn a_desk_shows_and_changes_customers_and_a_supervisor_merges_them() {
    let folder = Folder::new("desk-customers");
    folder.write_site(&String::from_utf8(run(["serve", "--print-config"]).stdout).unwrap());
    let records = SiteRecords::new(&SiteConfig::load(&folder.path("site.toml")).unwrap());
    drop(SqliteStore::open(&folder.path("tipring.db"), 0).unwrap());
    let li = client("li", ServiceGroup::Call, Devices::Only([DeviceId::new("1001").unwrap()].into()));
    let zhao = client("zhao", ServiceGroup::Review, Devices::All);
    let stranger = RecordsClient { rights: Arc::default(), ..li.clone() };
    let ask = |who: &RecordsClient, request: Value| -> Result<Value, F> {
        let request: RecordsRequest = serde_json::from_value(request).unwrap();
        let reply = records.answer(who, &request).map_err(|refusal| refusal.failure)?;
        Ok(serde_json::to_value(reply).unwrap())
    };
    let set = |who: &RecordsClient, customer: &str, fields: Value| {
        ask(who, json!({ "request": "setCustomer", "customer": customer, "fields": fields }))
    };
    assert_eq!(set(&stranger, "5550001", json!({})), Err(F::SecurityViolation));
    let wang = set(&li, "555-0001", json!({ "name": "王芳", "vip": true })).unwrap();
    assert_eq!((&wang["customer"]["customer"], &wang["card"]["vip"]), (&json!("C1"), &json!(true)));
    assert_eq!(wang["customer"]["numbers"], json!(["5550001"]));
    set(&li, "5550002", json!({ "name": "王小芳", "notes": "rings late" })).unwrap();
    assert_eq!(set(&li, "C1", json!({ "add": ["5550002"] })), Err(F::InvalidObjectState));
    assert_eq!(set(&li, "C1", json!({ "language": "latin" })), Err(F::ValueOutOfRange));
    assert_eq!(set(&li, "C9", json!({})), Err(F::ObjectNotKnown));

    let find = |limit: u32| ask(&li, json!({ "request": "findCustomers", "text": "王", "limit": limit }));
    assert_eq!((find(1).unwrap()["more"].clone(), find(0)), (json!(true), Err(F::ValueOutOfRange)));
    let merge = json!({ "request": "mergeCustomers", "from": "C2", "into": "C1" });
    assert_eq!(ask(&li, merge.clone()), Err(F::PrivilegeViolationOnSpecifiedDevice));
    assert_eq!(ask(&zhao, merge).unwrap()["customer"]["notes"], "rings late");
    assert_eq!(find(10).unwrap()["customers"].as_array().unwrap().len(), 1);
    let show = |customer: &str| ask(&li, json!({ "request": "showCustomer", "customer": customer }));
    assert_eq!(show("5550002").unwrap()["customer"]["customer"], "C1");
    assert_eq!(show("5550003").unwrap()["customer"], Value::Null);
    assert_eq!(show("王芳"), Err(F::ValueOutOfRange));

    let notice = Notice {
        id: 0,
        text: "no current at the lake".into(),
        prompt: "outage".into(),
        region: "north".into(),
        from_ms: 0,
        to_ms: i64::MAX,
        is_planned: false,
        person: "zhao".into(),
        loaded_ms: 0,
        ended_ms: None,
    };
    SqliteStore::open_beside(&folder.path("tipring.db")).unwrap().load_notice(&notice).unwrap();
    let listed = ask(&li, json!({ "request": "listNotices" })).unwrap();
    assert_eq!((&listed["notices"][0]["state"], &listed["notices"][0]["region"]), (&json!("holds"), &json!("north")));
    assert_eq!(ask(&stranger, json!({ "request": "listNotices" })), Err(F::SecurityViolation));
}
