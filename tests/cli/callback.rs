//! The list of callers to be called back, from the command line.
//!
//! Never: needs a site that runs; `tests/scenarios` has those.

use tipring_core::store::sqlite::SqliteStore;
use tipring_core::store::{CallBackOrder, StoreReply};
use tipring_tests::{Folder, run};

use super::complaint;

/// A site with a database and nothing in it.
fn site(name: &str) -> (Folder, String) {
    let folder = Folder::new(name);
    let file = folder.path("site.toml");
    let printed = run(["serve", "--print-config"]).stdout;
    std::fs::write(&file, printed).unwrap();
    SqliteStore::open(&folder.path("tipring.db"), 0).unwrap();
    (folder, file.to_str().unwrap().to_owned())
}

#[test]
fn changes_are_put_down_for_the_next_start_and_what_cannot_be_is_refused_with_a_remedy() {
    let (folder, file) = site("callback");
    let callback = |arguments: &[&str]| {
        let output = run([&["callback"], arguments, &["--site", &file][..]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(callback(&["list"]).contains("no caller is to be called back"));
    assert_eq!(callback(&["list", "--json"]), "");
    assert!(callback(&["add", "5551234", "--queue", "5000"]).contains("when the site is started"));
    assert!(callback(&["add", "--from-abandoned", "5000"]).contains("nothing to be done"));
    let mut store = SqliteStore::open(&folder.path("tipring.db"), 0).unwrap();
    store.poll_call_back_orders().unwrap();
    use tipring_core::store::Store;
    let Some(StoreReply::CallBackOrders { orders, .. }) = store.poll_reply() else { panic!("no order") };
    assert!(matches!(orders[..], [CallBackOrder::Add { number, .. }] if number.as_str() == "5551234"));
    for (arguments, why) in [
        (&["add", "5551234", "--queue", "5009"][..], "There is no queue 5009; this site has 5000"),
        (&["add", "555-123x", "--queue", "5000"], "is no number: digits are wanted"),
        (&["cancel", "5559999"], "5559999 is not on the list"),
        (&["add", "5551234"], "--queue"),
    ] {
        let complaint = complaint(&[&["callback"], arguments, &["--site", &file]].concat());
        assert!(complaint.contains(why), "{complaint}");
    }
}
