//! Work orders over the JSON socket's requests: an agent's own, a supervisor's all, and what each is refused.
//!
//! Never: judges the rules of orders; those have their own tests.

use std::sync::Arc;

use serde_json::{Value, json};
use tipring_core::csta::DeviceId;
use tipring_core::csta::cause::UniversalFailure as F;
use tipring_core::csta::rights::{Devices, Rights, ServiceGroup};
use tipring_tests::{Folder, run};
use tipring_tools::config::SiteConfig;
use tipring_tools::run::records::SiteRecords;
use tipring_web::records::{Records, RecordsClient, RecordsRequest};

fn client(login: &str, group: ServiceGroup, devices: Devices) -> RecordsClient {
    let mut rights = Rights::default();
    rights.permit(group, &devices);
    RecordsClient { login: login.into(), rights: Arc::new(rights), address: "127.0.0.1".into() }
}

fn ask(records: &SiteRecords, client: &RecordsClient, request: Value) -> Result<Value, (F, String)> {
    let request: RecordsRequest = serde_json::from_value(request).unwrap();
    let reply = records.answer(client, &request).map_err(|refusal| (refusal.failure, refusal.why))?;
    Ok(serde_json::to_value(reply).unwrap())
}

#[test]
fn an_agent_takes_orders_down_for_calls_of_the_own_station_and_closes_those_a_supervisor_all() {
    let folder = Folder::new("desk-orders");
    let out = folder.path("").display().to_string();
    let demo = ["demo", "--calls", "10", "--agents", "2", "--seed", "7", "--speed", "max", "--out", &out, "--json"];
    assert!(run(demo).status.success());
    folder.write_site(&String::from_utf8(run(["serve", "--print-config"]).stdout).unwrap());
    let records = SiteRecords::new(&SiteConfig::load(&folder.path("site.toml")).unwrap());
    let store = tipring_core::store::sqlite::SqliteStore::open_to_read(&folder.path("tipring.db")).unwrap();
    let calls = store.calls().unwrap();
    let call = calls.iter().find(|call| call.station.is_some() && !call.caller.is_empty()).unwrap();
    let station = DeviceId::new(call.station.as_ref().unwrap()).unwrap();

    let only = |device: DeviceId| Devices::Only([device].into());
    let li = client("li", ServiceGroup::Call, only(station));
    let wu = client("wu", ServiceGroup::Call, only(DeviceId::new("9999").unwrap()));
    let zhao = client("zhao", ServiceGroup::Review, Devices::All);
    let stranger = RecordsClient { rights: Arc::default(), ..wu.clone() };
    let create = |who: &RecordsClient| {
        let order = json!({ "kind": "fault", "text": "no current", "call": call.call_id, "urgency": "urgent" });
        ask(&records, who, json!({ "request": "createOrder", "order": order }))
    };
    let list = |who: &RecordsClient, number: Option<&str>| {
        let request = json!({ "request": "listOrders", "number": number });
        ask(&records, who, request).unwrap()["orders"].as_array().unwrap().len()
    };
    let step = |who: &RecordsClient, order: &Value, step: &str, remark: &str| {
        let request =
            json!({ "request": "stepOrder", "order": order, "step": step, "unit": "crew 2", "remark": remark });
        ask(&records, who, request)
    };

    assert_eq!(create(&stranger).unwrap_err().0, F::SecurityViolation);
    assert_eq!(create(&wu).unwrap_err().0, F::PrivilegeViolationOnSpecifiedDevice, "a call of another station");
    let made = create(&li).unwrap();
    assert_eq!((&made["repeat"], &made["order"]["number"]), (&json!(false), &json!(call.caller)));
    assert_eq!((&made["order"]["owner"], &made["order"]["sinceMs"]), (&json!("li"), &json!(call.offered_ms)));
    assert_eq!(made["order"]["steps"], json!(["dispatch", "done"]));
    assert_eq!(create(&li).unwrap()["repeat"], true);
    let number = &made["order"]["order"];

    assert_eq!((list(&li, None), list(&wu, None), list(&zhao, None)), (1, 0, 1), "the own ones, or all");
    assert_eq!(list(&wu, Some(&call.caller)), 1, "those of a customer are for every desk");
    assert_eq!(step(&wu, number, "dispatch", "").unwrap_err().0, F::PrivilegeViolationOnSpecifiedDevice);
    let refused = step(&li, number, "file", "").unwrap_err();
    assert!(refused.0 == F::InvalidObjectState && refused.1.contains("from there it can take"), "{refused:?}");
    assert_eq!(step(&li, number, "done", " ").unwrap_err().0, F::ValueOutOfRange);
    assert_eq!(step(&li, &json!("12"), "done", "x").unwrap_err().0, F::ValueOutOfRange);
    assert_eq!(step(&zhao, &json!("0794-5"), "done", "x").unwrap_err().0, F::ObjectNotKnown);
    for (who, name, state) in [(&zhao, "dispatch", "dispatched"), (&li, "done", "done"), (&wu, "revisit", "revisited")]
    {
        assert_eq!(step(who, number, name, "a fuse").unwrap()["order"]["state"], state);
    }
    assert_eq!(step(&li, number, "file", "").unwrap()["order"]["state"], "filed");
    assert_eq!(list(&zhao, None), 0);
    let wrong = json!({ "request": "createOrder", "order": { "kind": "flood", "text": "x" } });
    assert_eq!(ask(&records, &li, wrong).unwrap_err().0, F::ObjectNotKnown);
    let none = json!({ "request": "listOrders", "limit": 0 });
    assert_eq!(ask(&records, &li, none).unwrap_err().0, F::ValueOutOfRange);
}
