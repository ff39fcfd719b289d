//! The file of customers over the JSON socket's requests: an agent's desk shows, searches and changes, a supervisor
//! merges; and notices, which an agent reads by the caller and a supervisor loads and ends.
//!
//! Never: judges the rules of customers; those have their own tests.

use std::sync::Arc;

use serde_json::{Value, json};
use tipring_core::csta::DeviceId;
use tipring_core::csta::cause::UniversalFailure as F;
use tipring_core::csta::rights::{Devices, Rights, ServiceGroup};
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
    let config = String::from_utf8(run(["serve", "--print-config"]).stdout).unwrap();
    folder.write_site(&config.replace("# prompts =", "prompts ="));
    std::fs::create_dir(folder.path("prompts")).unwrap();
    std::fs::write(folder.path("prompts/outage.wav"), "").unwrap();
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

    let list = |who: &RecordsClient, number: Option<&str>| {
        ask(who, json!({ "request": "listNotices", "number": number })).map(|reply| {
            let texts: Vec<_> =
                reply["notices"].as_array().unwrap().iter().map(|notice| notice["text"].clone()).collect();
            (texts, reply["prompts"].clone(), reply["mayChange"].clone())
        })
    };
    assert_eq!(list(&zhao, None), Ok((vec![], json!(["outage"]), json!(true))));
    let load = |who: &RecordsClient, region: &str, prompt: &str| {
        let notice = json!({ "text": region, "prompt": prompt, "region": region, "toMs": i64::MAX });
        ask(who, json!({ "request": "loadNotice", "notice": notice }))
    };
    assert_eq!(load(&li, "north", "outage"), Err(F::SecurityViolation));
    assert_eq!(load(&zhao, "north", "storm"), Err(F::ValueOutOfRange), "there is no such prompt");
    assert_eq!(load(&zhao, "north,,", "outage"), Err(F::ValueOutOfRange));
    let loaded = load(&zhao, "north", "outage").unwrap()["notice"].clone();
    assert_eq!(
        (&loaded["state"], &loaded["planned"], &loaded["person"]),
        (&json!("holds"), &json!(false), &json!("zhao"))
    );
    load(&zhao, "777", "outage").unwrap();
    set(&li, "C1", json!({ "region": "north" })).unwrap();
    assert_eq!(list(&li, None), Ok((vec![json!("north"), json!("777")], json!([]), json!(false))));
    assert_eq!(list(&li, Some("555-0001")).unwrap().0, [json!("north")], "by the region of the customer");
    assert_eq!(list(&li, Some("7770000")).unwrap().0, [json!("777")], "by the number");
    assert_eq!(list(&li, Some("")).unwrap().0, [Value::Null; 0], "a withheld number");
    assert_eq!(list(&stranger, None), Err(F::SecurityViolation));
    let end = |who: &RecordsClient| ask(who, json!({ "request": "endNotice", "notice": loaded["notice"] }));
    assert_eq!(end(&li), Err(F::SecurityViolation));
    assert_eq!(
        (end(&zhao).map(|reply| reply["reply"].clone()), end(&zhao)),
        (Ok(json!("done")), Err(F::ObjectNotKnown))
    );
    assert_eq!(list(&li, Some("5550001")).unwrap().0, [Value::Null; 0]);
}
