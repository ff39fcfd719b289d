//! `tipring board`: on a made-up tree of the kernel's, and on a simulated card behind its socket.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tipring_tests::{Folder, Listen, Process, run, tipring};

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
    for name in ["vfio-pci", "wctdm", "netjet", "e1000e"] {
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

/// A simulated card on a socket in a folder of its own.
struct Card {
    _process: Process,
    folder: Folder,
}

impl Card {
    fn start(modules: &str, scenario: &str) -> Card {
        let folder = Folder::new("board");
        fs::write(folder.path("quiet.toml"), format!("[callers]\ncount = 0\n{scenario}")).unwrap();
        let (socket, scenario) = (folder.path("card.sock"), folder.path("quiet.toml"));
        let paths = [&socket, &scenario].map(|path| path.display().to_string());
        let card =
            ["sim", "card", "--strict-events", "--modules", modules, "--socket", &paths[0], "--scenario", &paths[1]];
        let process = Process::start(card, Listen::Out, &[]);
        for _ in 0..1000 {
            if socket.exists() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Card { _process: process, folder }
    }

    fn socket(&self) -> String {
        self.folder.path("card.sock").display().to_string()
    }

    /// Runs `board test` with these further arguments; gives whether all passed, and the checks.
    fn test(&self, more: &[&str]) -> (bool, Vec<Value>) {
        let socket = self.socket();
        let output = run([&["board", "test", "--socket", &socket, "--json"], more].concat());
        let checks = json_lines(&output.stdout);
        for check in &checks {
            let mut keys: Vec<_> = check.as_object().expect("an object").keys().collect();
            keys.sort();
            assert_eq!(keys, ["check", "port", "reason", "result"], "{check}");
        }
        let all = checks.iter().all(|check| check["result"] == "pass");
        assert_eq!(output.status.success(), all, "the status is what the checks say: {checks:#?}");
        (all, checks)
    }
}

/// The reasons of a port's checks that failed, by check.
fn failed(checks: &[Value], port: u64) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of_port = checks.iter().filter(|check| check["port"] == port && check["result"] == "fail");
    of_port.map(|check| (text(&check["check"]), text(&check["reason"]))).collect()
}

#[test]
fn a_simulated_card_is_probed_tested_and_watched() {
    let card = Card::start("fxo,none,fxs,none", "");
    let socket = card.socket();

    let listed = json_lines(&run(["board", "list", "--socket", &socket, "--json"]).stdout);
    assert_eq!(listed[0]["ready"], true);
    let bound = run(["board", "bind", "--socket", &socket]);
    assert!(bound.status.success() && String::from_utf8_lossy(&bound.stdout).contains("needs no binding"));

    let probed = json_lines(&run(["board", "probe", "--socket", &socket, "--json"]).stdout);
    let kinds: Vec<_> = probed[0]["ports"].as_array().unwrap().iter().map(|port| port["kind"].clone()).collect();
    assert_eq!(kinds, ["fxo", "absent", "fxs", "absent"]);

    let (passed, checks) = card.test(&[]);
    assert!(passed, "{checks:#?}");
    let done: Vec<_> = checks.iter().map(|check| (check["port"].as_u64(), check["check"].as_str().unwrap())).collect();
    for expected in [
        (None, "clock"),
        (Some(0), "registers"),
        (Some(0), "dma"),
        (Some(0), "battery"),
        (Some(0), "dial_tone"),
        (Some(0), "tone_out"),
        (Some(2), "registers"),
        (Some(2), "dma"),
        (Some(2), "tone"),
        (Some(2), "feed"),
        (Some(2), "loop"),
        (Some(2), "ring"),
    ] {
        assert!(done.contains(&expected), "{expected:?} is missing in {done:?}");
    }
    let (passed, checks) = card.test(&["--port", "1"]);
    assert!(!passed, "nothing is plugged into port 1: {checks:#?}");
    assert!(failed(&checks, 1)[0].1.contains("Plug a module in"), "{checks:#?}");

    let watched =
        json_lines(&run(["board", "watch", "--socket", &socket, "--json", "--count", "2", "--every", "200"]).stdout);
    assert_eq!(watched.len(), 2);
    assert_eq!(watched[1]["ports"][2]["linefeed"], "forward_active");
}

#[test]
fn what_is_wrong_with_a_port_fails_its_test_with_what_to_do() {
    let card = Card::start(
        "fxs,fxs,fxo,fxo",
        "[[fault]]\nfault = 'no_line_power'\nport = 0\n\
         [[fault]]\nfault = 'short_circuit'\nport = 1\n\
         [[cut]]\nsocket = 2\nfrom_ms = 0\nto_ms = 100000000\n\
         [[fault]]\nfault = 'bad_register'\nport = 3\nregister = 43\nbits = 1\n",
    );
    let (_, checks) = card.test(&[]);
    for (port, check, advice) in [
        (0, "module", "Is the 12 V power cable plugged into the card?"),
        (1, "", "short circuit"),
        (2, "battery", "Plug a line in, and check it with a telephone"),
        (3, "registers", "Reseat the module"),
    ] {
        let failed = failed(&checks, port);
        assert_eq!(failed.len(), 1, "port {port}, one fault, one finding: {checks:#?}");
        assert!(check.is_empty() || failed[0].0 == check, "port {port}: {failed:?}");
        assert!(failed[0].1.contains(advice), "port {port}: {failed:?}");
    }
    // For people: the same, in words, with one verdict at the end.
    let output = run(["board", "test", "--socket", &card.socket(), "--port", "2"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && said.lines().last() == Some("FAIL"), "{said}");
    assert!(said.contains("FAIL  port 2  battery: the line has no voltage. Plug a line in"), "{said}");
    // Probe finds the same, and that is no failure: it is what was asked.
    let probed = json_lines(&run(["board", "probe", "--socket", &card.socket(), "--json"]).stdout);
    assert_eq!((&probed[0]["ports"][0]["kind"], &probed[0]["ports"][2]["volts"]), (&"broken".into(), &0.into()));
    assert!(probed[0]["ports"][0]["fault"].as_str().unwrap().contains("12 V power cable"));
    let shorted = &probed[0]["ports"][1];
    assert_eq!((&shorted["power_alarm"], &shorted["linefeed"]), (&true.into(), &"open".into()), "{shorted}");
    let volts = shorted["battery_volts"].to_string();
    assert!(volts.len() <= 5, "a voltage to a tenth: {volts}");
}

#[test]
fn a_telephone_off_hook_and_a_module_that_does_not_calibrate_fail_with_what_to_do() {
    let card = Card::start(
        "fxs,fxs,fxs,none",
        "[[agent]]\nstation = 0\nphone = 'headset'\n\
         [[fault]]\nfault = 'endless_calibration'\nport = 1\n\
         [[fault]]\nfault = 'bad_memory'\nport = 2\naddress = 20\nbits = 512\n",
    );
    let (_, checks) = card.test(&[]);
    for (port, check, advice) in [
        (0, "ring", "the telephone is off hook. Put it down"),
        (1, "module", "did not finish its calibration"),
        (2, "module", "Indirect register 20"),
    ] {
        let failed = failed(&checks, port);
        assert_eq!(failed.len(), 1, "port {port}: {checks:#?}");
        assert!(failed[0].0 == check && failed[0].1.contains(advice), "port {port}: {failed:?}");
    }
}

#[test]
fn a_card_whose_sound_stands_still_fails_as_a_whole() {
    let card = Card::start("fxo,none,none,none", "[[fault]]\nfault = 'stopped_clock'\nfrom_ms = 3000\n");
    // The card's clock began with its process: bring-up may just come to its end before it stops, or may not.
    std::thread::sleep(Duration::from_millis(500));
    let (passed, checks) = card.test(&[]);
    assert!(!passed, "{checks:#?}");
    let last = checks.last().unwrap();
    assert_eq!((&last["port"], &last["result"]), (&Value::Null, &"fail".into()), "{checks:#?}");
    let reason = last["reason"].as_str().unwrap();
    assert!(reason.contains("has not moved") && reason.contains("Reseat the card"), "{last}");
}

#[test]
fn a_test_that_is_interrupted_stops_the_card_and_says_so() {
    let card = Card::start("fxs,none,none,none", "[[agent]]\nstation = 0\nphone = 'unattended'\n");
    let mut test = Command::new(tipring())
        .args(["board", "test", "--lift", "60", "--socket", &card.socket()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(5));
    assert!(test.try_wait().unwrap().is_none(), "the telephone is being rung for a minute");
    kill(Pid::from_raw(test.id() as i32), Signal::SIGINT).unwrap();
    let output = test.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("telephones silent"), "{said}");
    // It can be opened again at once.
    assert!(run(["board", "probe", "--socket", &card.socket()]).status.success());
}

#[test]
fn several_cards_and_what_stands_in_each_ones_way() {
    let folder = Folder::new("sysfs");
    let root = folder.path("");
    plug(&root, "0000:05:01.0", "0xb1d9", Some("vfio-pci"), Some("7"));
    plug(&root, "0000:05:02.0", "0xb100", Some("netjet"), Some("8"));
    plug(&root, "0000:05:03.0", "0xa901", None, None);
    plug(&root, "0000:05:04.0", "0xb119", Some("wctdm"), Some("9"));
    plug(&root, "0000:05:05.0", "0x8085", Some("e1000e"), Some("7"));
    fs::create_dir_all(root.join("sys/module/wctdm")).unwrap();
    fs::write(root.join("sys/module/wctdm/refcnt"), "4\n").unwrap();
    fs::create_dir_all(root.join("dev/vfio")).unwrap();
    fs::write(root.join("dev/vfio/7"), "").unwrap();
    let shown = root.display().to_string();
    let cards = json_lines(&run(["board", "list", "--json", "--root", &shown]).stdout);
    let remedies = |card: usize| cards[card]["obstacles"].to_string();
    assert_eq!(cards.len(), 4);
    assert!(remedies(0).contains("0000:05:05.0 (driver e1000e) shares IOMMU group 7"), "{}", remedies(0));
    assert!(remedies(1).contains("The driver netjet has the card"));
    assert!(remedies(2).contains("the IOMMU is off") && remedies(2).contains("intel_iommu=on"));
    assert!(remedies(3).contains("4 users have the driver") && remedies(3).contains("asterisk"));

    // Without an address it is not guessed which; with one, what stands in the way is said before anything is opened.
    assert!(complaint(&["board", "probe", "--root", &shown]).contains("There are 4 cards"));
    let refused = json_lines(&run(["board", "test", "05:02.0", "--root", &shown, "--json"]).stdout);
    assert_eq!((&refused[0]["check"], &refused[0]["result"]), (&"open".into(), &"fail".into()));
    assert!(refused[0]["reason"].as_str().unwrap().contains("Run: tipring board bind 0000:05:02.0"), "{refused:?}");
    assert!(complaint(&["board", "watch", "05:05.0", "--root", &shown]).contains("not a card that tipring knows"));
    for command in ["bind", "unbind"] {
        let error = json_lines(&run(["board", command, "05:05.0", "--root", &shown, "--json"]).stdout);
        assert!(error[0]["error"].as_str().unwrap().contains("left alone"), "{error:?}");
    }
    assert!(complaint(&["board", "bind", "05:03.0", "--root", &shown]).contains("no IOMMU group"));
    assert!(complaint(&["board", "bind", "05:04.0", "--root", &shown]).contains("End what uses it"));
    assert!(!root.join("etc").exists(), "nothing was written");
}

#[test]
fn a_card_bound_already_gets_its_files_once_and_loses_them_when_it_is_given_back() {
    let folder = Folder::new("sysfs");
    let root = folder.path("");
    plug(&root, "0000:05:01.0", "0xb1d9", Some("vfio-pci"), Some("7"));
    fs::create_dir_all(root.join("dev/vfio")).unwrap();
    fs::write(root.join("dev/vfio/7"), "").unwrap();
    fs::write(root.join("sys/bus/pci/drivers_probe"), "").unwrap();
    let shown = root.display().to_string();
    let bind = || json_lines(&run(["board", "bind", "--json", "--root", &shown]).stdout).remove(0);
    let first = bind();
    assert_eq!((&first["state"], first["actions"].as_array().unwrap().len()), (&"done".into(), 2), "{first}");
    assert_eq!(first["obstacles"], Value::Array(vec![]));
    let rule = fs::read_to_string(root.join("etc/udev/rules.d/70-tipring-0000-05-01-0.rules")).unwrap();
    // What a restart needs: the card by its slot and numbers, kept for vfio-pci, taken from whoever was faster, bound
    // even when vfio-pci came for another card before; and who may open it.
    for part in [
        "KERNEL==\"0000:05:01.0\"",
        "ATTR{vendor}==\"0xe159\"",
        "ATTR{subsystem_vendor}==\"0xb1d9\"",
        "ATTR{driver_override}=\"vfio-pci\"",
        "DRIVER!=\"vfio-pci\"",
        "/driver/unbind",
        "modprobe vfio-pci",
        "drivers_probe",
        "GROUP=\"tipring\"",
    ] {
        assert!(rule.contains(part), "{part} is missing in {rule}");
    }
    assert_eq!(rule.matches('\'').count() % 2, 0);
    let modprobe = fs::read_to_string(root.join("etc/modprobe.d/tipring.conf")).unwrap();
    assert!(modprobe.contains("softdep wctdm pre: vfio-pci") && modprobe.contains("softdep netjet pre: vfio-pci"));
    let second = bind();
    assert_eq!(second["actions"], Value::Array(vec![]), "once is enough: {second}");

    let unbind = |more: &[&str]| run([&["board", "unbind", "--root", &shown], more].concat());
    let planned = String::from_utf8_lossy(&unbind(&["--dry-run"]).stdout).into_owned();
    assert!(
        planned.contains("remove /etc/udev/rules.d/70-tipring") && planned.contains("vfio-pci/unbind"),
        "{planned}"
    );
    assert!(unbind(&[]).status.success());
    assert!(!root.join("etc/udev/rules.d/70-tipring-0000-05-01-0.rules").exists());
    assert!(!root.join("etc/modprobe.d/tipring.conf").exists());

    // Not bound to vfio-pci: there is nothing to give back, and that is no failure.
    let device = root.join("sys/bus/pci/devices/0000:05:01.0/driver");
    fs::remove_file(&device).unwrap();
    symlink("../../../bus/pci/drivers/wctdm", &device).unwrap();
    let output = unbind(&[]);
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("nothing to do"));
}

#[test]
fn a_module_that_cannot_be_loaded_leaves_everything_as_it_was() {
    let folder = Folder::new("sysfs");
    let root = folder.path("");
    plug(&root, "0000:05:01.0", "0xb1d9", Some("wctdm"), Some("7"));
    fs::remove_dir_all(root.join("sys/bus/pci/drivers/vfio-pci")).unwrap();
    fs::create_dir_all(root.join("sbin")).unwrap();
    let modprobe = root.join("sbin/modprobe");
    fs::write(&modprobe, "#!/bin/sh\necho 'modprobe: FATAL: Module '$1' not found.' >&2\nexit 1\n").unwrap();
    fs::set_permissions(&modprobe, fs::Permissions::from_mode(0o755)).unwrap();
    let complaint = complaint(&["board", "bind", "--root", &root.display().to_string()]);
    assert!(complaint.contains("Module vfio-pci not found") && complaint.contains("taken back"), "{complaint}");
    assert_eq!(fs::read_dir(root.join("etc/udev/rules.d")).unwrap().count(), 0);
    assert_eq!(fs::read_dir(root.join("etc/modprobe.d")).unwrap().count(), 0);
    let device = root.join("sys/bus/pci/devices/0000:05:01.0");
    assert!(fs::read_link(device.join("driver")).unwrap().ends_with("wctdm"));
    assert_eq!(fs::read_to_string(device.join("driver_override")).unwrap(), "(null)\n");
}

#[test]
fn wrong_use_of_board_is_told() {
    assert!(complaint(&["board", "probe", "--socket", "/nonexistent.sock"]).contains("/nonexistent.sock"));
    assert!(complaint(&["board", "probe", "--socket", "/dev/null"]).contains("not a socket"));
    for command in ["list", "probe", "watch"] {
        let output = run(["board", command, "--json", "--socket", "/nonexistent.sock"]);
        let errors = json_lines(&output.stdout);
        assert!(!output.status.success() && output.stderr.is_empty(), "{command}");
        assert!(errors[0]["error"].as_str().unwrap().contains("/nonexistent.sock"), "{errors:?}");
    }
    let output = run(["board", "test", "--socket", "/nonexistent.sock"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && said.starts_with("FAIL  card  open:") && said.ends_with("FAIL\n"), "{said}");
    assert!(complaint(&["board", "test", "--socket", "/nonexistent.sock", "--country", "XX"]).contains("XX"));
    assert!(complaint(&["board", "probe", "05:01.0", "--socket", "/x"]).contains("cannot be used with"));
    let empty = Folder::new("sysfs");
    let root = empty.path("").display().to_string();
    assert!(complaint(&["board", "probe", "--root", &root]).contains("No card was found"));
}
