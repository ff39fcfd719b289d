use super::*;
use crate::config::TEMPLATE;

/// A folder of its own, removed at the end.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("tipring-site-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A site with a mistake in each line that has a comment: the fault that is to be found there.
const MISTAKES: &str = r#"
country = "CM" # there is no profile of a country "CM"
parkng = ["4001"] # there is no key parkng here; did you mean parking?
time_zone = "Asia/Peking" # is not a time zone of the IANA database

[server]
lissen = "127.0.0.1:4500" # [server]: there is no key lissen here; did you mean listen?
switch = "SITE"
server = "DESK"
clear_streams = "no" # [server], clear_streams: "no" does not fit; write true or false, without quotes
json = { listen = "127.0.0.1:4500" } # 127.0.0.1:4500 is used twice, as listen and as json.listen

[store] # [store]: recordings is missing; add recordings = "…"
database = "tipring.db"
customers = "clients.csv" # the file of customers

[[board]]
card = "usb:1" # a card is written "pci:0000:03:00.0" or "socket:/path", not "usb:1"

[[board]]
card = "socket:card.sock"
receive_ring_ms = 1 # receive_ring_ms is 2 to 128

[[trunk]]
port = 0
name = "T1"
fax = "1009" # the trunk T1 sends fax machines to 1009, but there is no such station or queue; did you mean 1001?

[[trunk]]
port = 0 # port 0 is used twice, by the trunk T1 and the trunk T2
name = "T2"

[[station]]
port = 70000 # [[station]] 1, port: 70000 does not fit; write a whole number of 0 to 65535, without quotes
extension = "1001"
kind = "handset"

[[station]]
port = 3
extension = 1002 # [[station]] 2, extension: 1002 does not fit; write text in quotes
kind = "handsett" # there is no `handsett`; did you mean `handset`? There are `handset` or `headset`

[ivr]
default = "5009" # there is no queue 5009
[ivr.choices]
1 = "5000"

[[queue]]
device = "5000"
name = "Hotline"
alert_s = -1 # [[queue]] 1, alert_s: -1 does not fit; write a whole number from 0 on, without quotes
strategy = "longest-idel" # did you mean `longest-idle`?
overflow = [{ after_s = 60, to = "5100" }] # there is no queue, station or flow "5100"
owner = "7010" # there is no agent 7010; write the id of an [[agent]]: did you mean 7001?

[[queue]]
device = "5001" # warning: no [[agent]] serves the queue 5001
name = "Unserved"

[[agent]]
id = "7001"
queues = ["5000", "5002"] # agent 7001: there is no queue 5002
skills = { english = 0 } # english has level 0; levels are 1 to 255

[[agent]]
id = "7001" # the agent 7001 stands there twice
queues = ["5000"]

[sound]
echo_tail_ms = 3 # echo_tail_ms is 0 for no echo control, or 4 to 128, not 3

[calendar.office]
closed = "night"
holidays = [{ from = "2026-10-07", to = "2026-10-01", route = "night" }] # a holiday of the calendar office ends before

[keys]
codes = { parc = "8" } # "parc" is no service
"#;

#[test]
fn every_mistake_of_a_file_is_found_at_once_with_its_line_and_what_to_write_instead() {
    let folder = Folder::new("mistakes");
    let file = folder.file("site.toml", MISTAKES);
    let found: Vec<String> = faults(&file).1.iter().map(Fault::to_string).collect();
    let planted: Vec<_> = MISTAKES
        .lines()
        .enumerate()
        .filter_map(|(at, line)| line.split_once(" # ").map(|(_, wanted)| (at + 1, wanted)))
        .collect();
    assert!(planted.len() >= 25, "{}", planted.len());
    let mut others = found.clone();
    for (line, wanted) in planted {
        let place = format!("{}:{line}: ", file.display());
        let at = others.iter().position(|fault| fault.starts_with(&place) && fault.contains(wanted));
        let at = at.unwrap_or_else(|| panic!("line {line}: {wanted}\nis not among\n{}", found.join("\n")));
        others.remove(at);
    }
    others.retain(|fault| !fault.contains(": note: "));
    assert!(others.is_empty(), "faults that are none:\n{}", others.join("\n"));
}

#[test]
fn mistakes_in_the_files_that_a_site_names_are_found_with_those_of_the_site() {
    let folder = Folder::new("others");
    let text = TEMPLATE
        .replace("# customers = \"customers.csv\"", "customers = \"customers.csv\"")
        .replace("wait_s = 5", "wait_s = 5\nflows = [\"hotline.toml\"]\nprompts = \"prompts\"")
        .replace("echo_tail_ms = 16", "echo_tail_ms = 3");
    let file = folder.file("site.toml", &text);
    std::fs::create_dir(folder.0.join("prompts")).unwrap();
    folder.file("customers.csv", "number,name,account\n5551234,Smith, John,7\n5551235,Jones,8\n5551236\n");
    folder.file("hotline.toml", "version = 1\n[node.a]\ndo = \"plai\"\n");
    folder.file(
        "users.toml",
        "[[user]]\nlogin = \"desk1\"\nhash = \"secret\"\ngrants = [\"agent:1009\"]\n\n[[agent]]\nid = \"7009\"\nhash = \"x\"\n",
    );
    let found: Vec<String> = faults(&file).1.iter().map(Fault::to_string).collect();
    for (name, line, wanted) in [
        ("site.toml", text.lines().position(|it| it == "echo_tail_ms = 3").unwrap() + 1, "echo_tail_ms is 0"),
        ("customers.csv", 2, "4 columns stand here, the first line has 3; put text with commas in quotes"),
        ("customers.csv", 4, "1 columns stand here"),
        ("hotline.toml", 2, "plai"),
        ("users.toml", 3, "a hash is an Argon2 PHC string"),
        ("users.toml", 4, "the user desk1: there is no group and no device \"1009\"; did you mean 1001?"),
        ("users.toml", 7, "this password is of an agent 7009 that there is not; did you mean 7001?"),
        ("users.toml", 8, "a hash is an Argon2 PHC string"),
    ] {
        let place = format!("{}:{line}: ", folder.0.join(name).display());
        let is_there = found.iter().any(|fault| fault.starts_with(&place) && fault.contains(wanted));
        assert!(is_there, "{place}{wanted}\nis not among\n{}", found.join("\n"));
    }
}

#[test]
fn a_missing_key_is_one_fault_with_what_to_add_and_brings_no_others() {
    let folder = Folder::new("missing");
    let required = [
        "listen =",
        "switch =",
        "database =",
        "recordings =",
        "card =",
        "port = 0",
        "name = \"T1\"",
        "extension = \"1001\"",
        "kind = \"handset\"",
        "name = \"Hotline\"",
        "id = \"7001\"",
        "queues = [\"5000\"]",
    ];
    for key in required {
        let mut left_out = false;
        let lines = TEMPLATE.lines().filter(|line| {
            left_out || !line.starts_with(key) || {
                left_out = true;
                false
            }
        });
        let text = lines.collect::<Vec<_>>().join("\n");
        let errors: Vec<_> = faults(&folder.file("site.toml", &text)).1;
        let errors: Vec<_> = errors.iter().filter(|fault| fault.severity == Severity::Error).collect();
        let name = key.split(' ').next().unwrap();
        assert!(left_out, "{key}");
        assert!(
            matches!(errors[..], [one] if one.text.contains(&format!("{name} is missing; add {name} = "))),
            "{key}: {errors:?}"
        );
    }
}

#[test]
fn a_site_without_a_table_says_which_one() {
    let folder = Folder::new("tables");
    for (text, wanted) in [
        (
            "",
            vec![
                "there is no [[board]]",
                "there is no [[queue]]",
                "there is no [ivr]",
                "there is no [server]",
                "there is no [store]",
            ],
        ),
        ("[server\nlisten = 3", vec!["this is not TOML"]),
    ] {
        let found = faults(&folder.file("site.toml", text)).1;
        for wanted in wanted {
            assert!(found.iter().any(|fault| fault.text.contains(wanted)), "{text:?}: {wanted}: {found:?}");
        }
    }
    let absent = faults(&folder.0.join("nothing.toml")).1;
    assert!(absent[0].text.contains("cannot be read"), "{absent:?}");
}

#[test]
fn the_event_modes_are_listed_with_the_one_in_force() {
    let site = SiteConfig::parse(&format!("{TEMPLATE}\n[[event_mode]]\nname = \"storm\"\n")).unwrap();
    assert_eq!(modes(&site, Some(Some("storm".into()))), "normal\nstorm  (in force)\n");
    assert_eq!(modes(&site, Some(None)), "normal  (in force)\nstorm\n");
    assert!(modes(&site, None).starts_with("normal\nstorm\nThe site does not run"));
}

#[test]
fn a_folder_that_cannot_be_written_is_a_warning_with_the_remedy() {
    let folder = Folder::new("unwritable");
    let recordings = "recordings = \"recordings\"";
    let text = TEMPLATE.replacen(recordings, "recordings = \"site.toml/recordings\"", 1);
    assert_ne!(text, TEMPLATE);
    let (_, found) = faults(&folder.file("site.toml", &text));
    let warning = found.iter().find(|fault| fault.text.starts_with("the folder of recordings, "));
    let warning = warning.unwrap_or_else(|| panic!("{found:?}"));
    assert_eq!(warning.severity, Severity::Warning);
    assert!(warning.text.ends_with("; name another one as recordings of [store]"), "{}", warning.text);
}
