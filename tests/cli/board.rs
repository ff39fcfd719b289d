//! `tipring board`: on a made-up tree of the kernel's, and on a simulated card behind its socket.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tipring_tests::{Folder, Listen, Process, run};

use super::complaint;

/// Plugs a function into the tree at `root`.
fn plug(root: &Path, address: &str, subsystem: &str, driver: Option<&str>, group: Option<&str>) {
    let device = root.join("sys/bus/pci/devices").join(address);
    fs::create_dir_all(&device).unwrap();
    for (file, text) in [
        ("vendor", "0xe159"),
        ("device", "0x0001"),
        ("subsystem_vendor", subsystem),
        ("subsystem_device", "0x0003"),
        ("class", "0x078000"),
        ("driver_override", "(null)"),
    ] {
        fs::write(device.join(file), format!("{text}\n")).unwrap();
    }
    for name in ["vfio-pci", "wctdm"] {
        let driver = root.join("sys/bus/pci/drivers").join(name);
        fs::create_dir_all(&driver).unwrap();
        for file in ["bind", "unbind"] {
            fs::write(driver.join(file), "").unwrap();
        }
    }
    if let Some(driver) = driver {
        symlink(format!("../../../bus/pci/drivers/{driver}"), device.join("driver")).unwrap();
    }
    if let Some(group) = group {
        symlink(format!("../../../kernel/iommu_groups/{group}"), device.join("iommu_group")).unwrap();
    }
}

fn json_lines(output: &[u8]) -> Vec<Value> {
    String::from_utf8_lossy(output).lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

#[test]
fn cards_are_listed_with_what_stands_in_the_way() {
    let folder = Folder::new("sysfs");
    let root = folder.path("");
    plug(&root, "0000:05:01.0", "0xb1d9", Some("wctdm"), Some("7"));
    plug(&root, "0000:05:02.0", "0x8085", None, Some("8"));
    let root = root.display().to_string();
    let cards = json_lines(&run(["board", "list", "--json", "--root", &root]).stdout);
    assert_eq!(cards.len(), 1, "an X100P has the same bridge, and is not ours");
    assert_eq!(cards[0]["address"], "0000:05:01.0");
    assert_eq!((cards[0]["driver"].as_str(), cards[0]["iommu_group"].as_u64()), (Some("wctdm"), Some(7)));
    assert_eq!(cards[0]["ready"], false);
    assert!(cards[0]["obstacles"][0]["remedy"].as_str().unwrap().contains("tipring board bind 0000:05:01.0"));
    let empty = Folder::new("sysfs");
    let output = run(["board", "list", "--root", &empty.path("").display().to_string()]);
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("No card was found"));
}

#[test]
fn binding_is_shown_first_and_taken_back_when_it_fails() {
    let folder = Folder::new("sysfs");
    let root = folder.path("");
    plug(&root, "0000:05:01.0", "0xb1d9", Some("wctdm"), Some("7"));
    plug(&root, "0000:05:02.0", "0x8085", Some("wcfxo"), Some("8"));
    let shown = root.display().to_string();

    let output = run(["board", "bind", "05:01.0", "--dry-run", "--root", &shown]);
    let plan = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success());
    for part in ["/etc/udev/rules.d/70-tipring-0000-05-01-0.rules", "/etc/modprobe.d/tipring.conf", "driver_override"] {
        assert!(plan.contains(part), "{plan}");
    }
    assert!(!root.join("etc").exists(), "nothing was done");

    // Files that only look like the kernel's do nothing: that is noticed, and all is as before.
    let complaint_of_bind = complaint(&["board", "bind", "05:01.0", "--root", &shown]);
    assert!(complaint_of_bind.contains("has wctdm"), "{complaint_of_bind}");
    assert!(complaint_of_bind.contains("taken back"), "{complaint_of_bind}");
    assert!(!root.join("etc/udev/rules.d/70-tipring-0000-05-01-0.rules").exists());
    assert!(!root.join("etc/modprobe.d/tipring.conf").exists());

    assert!(complaint(&["board", "bind", "05:02.0", "--root", &shown]).contains("left alone"));
    assert!(complaint(&["board", "unbind", "05:02.0", "--root", &shown]).contains("left alone"));
    assert!(complaint(&["board", "bind", "05:03.0", "--root", &shown]).contains("no PCI function"));
    assert!(complaint(&["board", "bind", "../../etc", "--root", &shown]).contains("not a bus address"));
}

#[test]
fn a_simulated_card_is_probed_tested_and_watched() {
    let folder = Folder::new("board");
    let (socket, scenario) = (folder.path("card.sock"), folder.path("quiet.toml"));
    fs::write(&scenario, "[callers]\ncount = 0\n").unwrap();
    let (socket, scenario) = (socket.display().to_string(), scenario.display().to_string());
    let card = ["sim", "card", "--modules", "fxo,none,fxs,none", "--socket", &socket, "--scenario", &scenario];
    let _card = Process::start(card, Listen::Out, &[]);
    for _ in 0..500 {
        if Path::new(&socket).exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }

    let listed = json_lines(&run(["board", "list", "--socket", &socket, "--json"]).stdout);
    assert_eq!(listed[0]["ready"], true);
    let bound = run(["board", "bind", "--socket", &socket]);
    assert!(bound.status.success() && String::from_utf8_lossy(&bound.stdout).contains("needs no binding"));

    let probed = json_lines(&run(["board", "probe", "--socket", &socket, "--json"]).stdout);
    let kinds: Vec<_> = probed[0]["ports"].as_array().unwrap().iter().map(|port| port["kind"].clone()).collect();
    assert_eq!(kinds, ["fxo", "absent", "fxs", "absent"]);

    let tested = run(["board", "test", "--socket", &socket, "--json"]);
    let checks = json_lines(&tested.stdout);
    assert!(tested.status.success(), "{checks:#?}");
    let done: Vec<_> = checks.iter().map(|check| (check["port"].as_u64(), check["check"].as_str().unwrap())).collect();
    for expected in [
        (None, "clock"),
        (Some(0), "registers"),
        (Some(0), "battery"),
        (Some(0), "dial_tone"),
        (Some(0), "tone_out"),
        (Some(2), "registers"),
        (Some(2), "dma"),
        (Some(2), "feed"),
        (Some(2), "loop"),
        (Some(2), "ring"),
    ] {
        assert!(done.contains(&expected), "{expected:?} is missing in {done:?}");
    }
    assert!(checks.iter().all(|check| check["result"] == "pass" && check["reason"].is_string()), "{checks:#?}");

    let watched =
        json_lines(&run(["board", "watch", "--socket", &socket, "--json", "--count", "2", "--every", "200"]).stdout);
    assert_eq!(watched.len(), 2);
    assert_eq!(watched[1]["ports"][2]["linefeed"], "forward_active");
}

#[test]
fn wrong_use_of_board_is_told() {
    assert!(complaint(&["board", "probe", "--socket", "/nonexistent.sock"]).contains("/nonexistent.sock"));
    assert!(complaint(&["board", "probe", "--socket", "/dev/null"]).contains("not a socket"));
    assert!(complaint(&["board", "test", "--socket", "/nonexistent.sock", "--country", "XX"]).contains("XX"));
    assert!(complaint(&["board", "probe", "05:01.0", "--socket", "/x"]).contains("cannot be used with"));
    let empty = Folder::new("sysfs");
    let root = empty.path("").display().to_string();
    assert!(complaint(&["board", "probe", "--root", &root]).contains("No card was found"));
}
