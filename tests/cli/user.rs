//! `tipring user`: what it writes, and what it refuses.

use std::process::{Command, Output, Stdio};

use tipring_tests::{Folder, site_config, tipring};

fn user(folder: &Folder, arguments: &[&str], password: &str) -> Output {
    Command::new(tipring())
        .arg("user")
        .args(arguments)
        .current_dir(folder.path("."))
        .env("TIPRING_PASSWORD", password)
        .stdin(Stdio::null())
        .output()
        .expect("tipring can be started")
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

#[test]
fn users_are_added_listed_changed_and_removed() {
    let folder = Folder::new("users");
    std::fs::write(folder.path("site.toml"), site_config()).unwrap();
    let done = |arguments: &[&str], password: &str| {
        let output = user(&folder, arguments, password);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    done(&["add", "desk1", "--grant", "agent:1001", "--grant", "observer:5000"], "first-secret");
    done(&["passwd", "--agent", "7001"], "pin-of-7001");
    let listed = done(&["list"], "");
    assert!(listed.contains("desk1") && listed.contains("agent:1001 observer:5000"), "{listed}");
    assert!(listed.contains("agent  7001"), "{listed}");
    let file = || std::fs::read_to_string(folder.path("users.toml")).unwrap();
    let before = file();
    assert!(before.contains("$argon2id$") && !before.contains("secret") && !before.contains("pin-of"), "{before}");
    done(&["passwd", "desk1"], "second-secret");
    assert_ne!(file(), before);
    assert!(file().contains("observer:5000"), "grants stay with another password");
    done(&["remove", "desk1"], "");
    done(&["remove", "--agent", "7001"], "");
    assert_eq!(done(&["list"], ""), "");
}

#[test]
fn mistakes_are_sentences_and_change_nothing() {
    let folder = Folder::new("users-wrong");
    std::fs::write(folder.path("site.toml"), site_config()).unwrap();
    let refused = |arguments: &[&str], password: &str| {
        let output = user(&folder, arguments, password);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(!folder.path("users.toml").exists(), "{arguments:?}");
        text(&output.stderr)
    };
    for (arguments, password, why) in [
        (&["add", "a", "--grant", "boss:1001"][..], "x", "no role \"boss\""),
        (&["add", "a", "--grant", "agent:1009"], "x", "no group and no device \"1009\""),
        (&["add", "a", "--grant", "agent"], "x", "ROLE:DEVICES"),
        (&["add", "a"], "x", "--grant"),
        (&["add", "a", "--grant", "agent:1001"], "", "A password has 1 to 40 octets"),
        (&["passwd", "a"], "x", "no user \"a\""),
        (&["passwd", "--agent", "7009"], "x", "no agent 7009"),
        (&["remove", "a"], "x", "no user \"a\""),
        (&["list", "--config", "other.toml"], "x", "other.toml"),
    ] {
        let complaint = refused(arguments, password);
        assert!(complaint.contains(why), "{arguments:?}: {complaint}");
    }
}
