//! A call recorded on demand with the shipped programs alone, encrypted, paused for card data and marked; heard by
//! command.
//!
//! Never: begins a recording by a rule.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tipring_tests::{Folder, Listen, Process, run, site_config};

const SOON: Duration = Duration::from_secs(30);
/// A whole call: caller identity, greeting, a key, an agent, a talk.
const A_CALL: Duration = Duration::from_secs(90);

#[test]
fn a_call_recorded_on_demand_holds_silence_where_it_was_paused_and_its_bookmark_beside_it() {
    let folder = Folder::new("on-demand");
    let path = |name: &str| folder.path(name).display().to_string();
    let people = "[callers]\ncount = 1\ntalk_ms = [120000, 121000]\n[agents]\nlong_linger_ms = [300, 500]\n";
    std::fs::write(folder.path("day.toml"), people).unwrap();
    let arguments = ["sim", "card", "--socket", &path("card.sock"), "--seed", "5", "--scenario", &path("day.toml")];
    let mut card = Process::start(arguments, Listen::Out, &[]);
    card.wait_for_file(&folder.path("card.sock"), SOON);
    let site = site_config().replace("\"headset\"", "\"handset\"");
    let site = site.replacen("tap = \"evidence\"", "tap = \"evidence\"\non_demand = [\"5000\"]", 1);
    folder.write_site(&site.replacen("# keys = \"", "keys = \"", 1));
    assert!(run(["store", "key", "new", "--site", &path("site.toml")]).status.success());
    let mut server = Process::start(["serve", "--config", &path("site.toml")], Listen::Err, &[]);
    let serving = server.wait_for("the address", SOON, |line| line.contains("serving "));
    let address = serving.rsplit(' ').next().unwrap().to_owned();
    let script = "login\nready\nwait ringing 60\nwait talking 60\nrecord\nrecord start\nsleep 2\nrecord pause\nsleep 3\n\
                  record resume\nsleep 2\nrecord mark the promise\nrecord\nrecord stop\nclear\n";
    std::fs::write(folder.path("script"), script).unwrap();
    let passwords = [("TIPRING_PASSWORD", "change-me-too-1"), ("TIPRING_AGENT_PASSWORD", "change-me-1")];
    let mut agent = Process::start_with_input(
        ["agent", "--server", &address, "--user", "desk1", "--login", "7001", "--station", "1001"],
        Listen::Out,
        &passwords,
        &folder.path("script"),
    );
    agent.wait_for("no recording by a rule", A_CALL, |line| line == "record: not recorded");
    agent.wait_for("its begin", SOON, |line| line.starts_with("record start: at 0.0 s of recording "));
    agent.wait_for("the state", A_CALL, |line| line.starts_with("record: on, at "));
    agent.wait_for("its end", A_CALL, |line| line.starts_with("record stop: at "));
    server.wait_for("the record", A_CALL, |line| line.contains("has ended: answered, agent 7001"));
    agent.wait_for("the log-out", A_CALL, |line| line == "logout: done");
    assert!(server.terminate().success());

    let shown = |arguments: &[&str]| {
        let output = run([&["recording"], arguments, &["--site", &path("site.toml"), "--json"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>()
    };
    let listed = shown(&["list"]);
    assert_eq!((listed.len(), &listed[0]["bookmarks"]), (1, &1.into()), "{listed:?}");
    let recording = &shown(&["show", &listed[0]["recording"].to_string()])[0];
    let marks = recording["marks"].as_array().unwrap();
    let kinds: Vec<_> = marks.iter().map(|mark| mark["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["start", "pause", "bookmark", "stop"]);
    assert_eq!((&marks[2]["text"], &marks[2]["user"]), (&"the promise".into(), &"desk1".into()));
    let (from, until) = (marks[1]["seconds"].as_f64().unwrap(), marks[1]["until"].as_f64().unwrap());
    assert!(until - from >= 3.0 && marks[1]["ended_by"] == "resumed", "{marks:?}");
    assert!((listed[0]["paused"].as_f64().unwrap() - (until - from)).abs() < 0.001);

    // The hints for the inspector leave the pause out, to a frame at each end.
    let hints = ["quality", "hints", &listed[0]["recording"].to_string(), "--site", &path("site.toml"), "--json"];
    let hints: Value = serde_json::from_slice(&run(hints).stdout).unwrap();
    let paused = hints["talk"]["paused"].as_f64().unwrap();
    assert!((0.0..=0.041).contains(&(paused - (until - from))), "{hints}");

    let file = folder.path("recordings").join(recording["file"].as_str().unwrap());
    let number = listed[0]["recording"].to_string();
    let site = path("site.toml");
    let play = ["recording", "play", &number, "--raw", "--why", "test", "--site", &site];
    let sound = run(play).stdout;
    let samples: Vec<i16> = sound.as_chunks::<2>().0.iter().copied().map(i16::from_le_bytes).collect();
    // Loudest sample of either side between two places of the file, in s.
    let peak = |from: f64, to: f64| {
        let at = |seconds: f64| (seconds * 8000.0) as usize * 2;
        samples[at(from)..at(to).min(samples.len())].iter().map(|it| it.unsigned_abs()).max().unwrap_or(0)
    };
    // Commands wait for the media thread: some 100 ms on a loaded computer.
    assert_eq!(peak(from + 0.5, until - 0.5), 0, "nothing of the pause is in the file");
    let heard = (peak(0.0, from), peak(until + 0.5, until + 2.0));
    assert!(heard.0 > 500 && heard.1 > 500, "the talk before and after stands at its place: {heard:?}");

    // Of the folder, database and log included, no file has a millisecond of the talk.
    let talk = sound.chunks_exact(32).filter(|piece| piece.iter().collect::<HashSet<_>>().len() > 12);
    let talk: HashSet<&[u8]> = talk.collect();
    let seen = |octets: &[u8]| octets.windows(32).any(|piece| talk.contains(piece));
    assert!(talk.len() > 100 && seen(&sound));
    let all = |folder: &Path| std::fs::read_dir(folder).unwrap().flatten().map(|it| it.path()).collect::<Vec<_>>();
    let files = all(&folder.path("")).into_iter().chain(all(file.parent().unwrap())).filter(|it| it.is_file());
    files.for_each(|it| assert!(!seen(&std::fs::read(&it).unwrap()), "{} has the talk in the clear", it.display()));

    // Its file is verified without its key, which is missed all the same.
    let verify = |more: &[&str]| run([&["recording", "verify", &number, "--site", &site], more].concat());
    assert_eq!(String::from_utf8(verify(&[]).stdout).unwrap().trim(), "1 proved");
    let other = path("other.keys");
    assert!(run(["store", "key", "new", &other]).status.success());
    let lacking = verify(&["--keys", &other]);
    assert_eq!(lacking.status.code(), Some(1));
    assert!(String::from_utf8(lacking.stdout).unwrap().starts_with("no key"));

    // A recording that was cut off is refused, and given out as far as it goes where that is asked for.
    let octets = std::fs::read(&file).unwrap();
    std::fs::write(&file, &octets[..octets.len() / 2]).unwrap();
    let refused = run(play);
    assert!(!refused.status.success() && refused.stdout.is_empty());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("was cut off"), "{refused:?}");
    let rest = run([&play[..], &["--despite-damage"]].concat()).stdout;
    assert!(rest.len() > sound.len() / 3 && sound.starts_with(&rest), "{} octets of {}", rest.len(), sound.len());
}
