//! `tipring site`: what it writes, and what it finds.
//!
//! Never: needs a site that is served.

use tipring_tests::{Folder, run, site_config};

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

#[test]
fn a_site_with_faults_is_refused_with_all_of_them_as_text_and_as_json() {
    let folder = Folder::new("site-check");
    let file = folder.path("site.toml");
    let faulty = site_config().replacen("echo_tail_ms = 16", "echo_tail_ms = 3", 1).replacen("port = 1", "port = 0", 1);
    std::fs::write(&file, &faulty).unwrap();
    let name = file.display().to_string();
    let checked = run(["site", "check", &name]);
    assert_eq!(checked.status.code(), Some(1));
    let found = text(&checked.stdout);
    for needle in ["echo_tail_ms = 3", "port = 0\nname = \"T2\""] {
        let line = 1 + faulty[..faulty.find(needle).unwrap()].matches('\n').count();
        assert!(found.contains(&format!("{name}:{line}: ")), "{needle} at {line}:\n{found}");
    }
    assert!(found.contains("cannot be served: 2 errors"), "{found}");
    let json = run(["site", "check", &name, "--json"]);
    let outcome: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let errors = outcome["faults"].as_array().unwrap().iter().filter(|fault| fault["severity"] == "error").count();
    assert_eq!((outcome["usable"].as_bool(), errors, json.status.code()), (Some(false), 2, Some(1)));
}
