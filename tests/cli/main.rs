//! The program's commands, wrong use included: a sentence on the standard error, a status that is not success, and no
//! panic.

mod audio;
mod board;
mod callback;
mod customer;
mod demonstration;
mod encryption;
mod message;
mod notice;
mod order;
mod postgres;
mod quality;
mod recording;
mod report;
mod shift;
mod site;
mod user;

use tipring_tests::{Folder, run, tipring};

/// Runs wrong use; gives what was complained.
fn complaint(arguments: &[&str]) -> String {
    let output = run(arguments);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{arguments:?} succeeded");
    assert!(!complaint.contains("panicked"), "{arguments:?}: {complaint}");
    assert!(!complaint.trim().is_empty(), "{arguments:?} failed without a message");
    complaint
}

/// The places that `tools/package/make` fills for an installed system stand in the configuration that is printed.
#[test]
fn the_printed_configuration_has_the_places_that_the_packages_fill() {
    let printed = String::from_utf8(run(["serve", "--print-config"]).stdout).unwrap();
    let places = include_str!("../../tools/package/places.sed");
    let found: Vec<&str> = places.lines().filter_map(|line| line.strip_prefix("s|")?.split('|').next()).collect();
    assert!(found.len() > 3, "{places}");
    for place in found {
        let is_there = match place.strip_prefix('^') {
            Some(begin) => printed.lines().any(|line| line.starts_with(begin)),
            None => printed.contains(place),
        };
        assert!(is_there, "the printed configuration lacks {place}");
    }
}

#[test]
fn help_teaches_and_every_subcommand_has_its_own() {
    let help = String::from_utf8(run(["--help"]).stdout).unwrap();
    for command in ["demo", "serve", "sim", "pop", "audio", "board"] {
        assert!(help.contains(command), "--help does not speak of {command}");
        let output = run([command, "--help"]);
        assert!(output.status.success() && !output.stdout.is_empty(), "{command} --help");
    }
}

#[test]
fn a_command_whose_output_is_not_read_ends_quietly() {
    for arguments in [&["serve", "--print-config"][..], &["completions", "bash"], &["site", "--help"]] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = std::process::Command::new(tipring()).args(arguments).stdout(writer).output().expect("it starts");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
}

#[test]
fn manual_pages_and_completions_name_every_subcommand() {
    let folder = Folder::new("manual");
    let to = folder.path("man1").display().to_string();
    assert!(run(["manual", "--to", &to]).status.success());
    let help = String::from_utf8(run(["--help"]).stdout).unwrap();
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands: Vec<&str> =
        commands.filter_map(|line| line.split_whitespace().next()).filter(|command| *command != "help").collect();
    assert!(commands.len() > 9, "{help}");
    let scripts = ["bash", "zsh", "fish"].map(|shell| run(["completions", shell]).stdout);
    let scripts = scripts.map(|script| String::from_utf8(script).unwrap());
    for command in commands {
        let page = folder.path(&format!("man1/tipring-{command}.1"));
        assert!(std::fs::read_to_string(&page).unwrap().contains(".SH SYNOPSIS"), "{}", page.display());
        assert!(scripts.iter().all(|script| script.contains(command)), "completions do not know {command}");
    }
}

#[test]
fn the_demo_has_room_for_one_to_three_agents() {
    for agents in ["0", "4", "40"] {
        assert!(complaint(&["demo", "--agents", agents]).contains("1 to 3 agents"));
    }
    assert!(complaint(&["demo", "--calls", "0"]).contains("0"));
    assert!(complaint(&["demo", "--speed", "warp"]).contains("warp"));
}

#[test]
fn caller_audio_that_is_no_wav_is_refused() {
    let folder = Folder::new("not-a-wav");
    std::fs::write(folder.path("speech.wav"), b"RIFFxxxxNOPE").unwrap();
    let path = folder.path("speech.wav").display().to_string();
    let out = folder.path("out").display().to_string();
    assert!(
        complaint(&["demo", "--speed", "max", "--caller-audio", &path, "--out", &out])
            .contains("not a usable WAV file")
    );
    assert!(complaint(&["demo", "--caller-audio", "/nonexistent.wav", "--out", &out]).contains("no such file"));
}

#[test]
fn a_configuration_is_printed_and_a_wrong_one_is_explained() {
    let folder = Folder::new("config");
    let printed = String::from_utf8(run(["serve", "--print-config"]).stdout).unwrap();
    std::fs::write(folder.path("site.toml"), printed.replace("[[queue]]", "[[que]]")).unwrap();
    let path = folder.path("site.toml").display().to_string();
    assert!(complaint(&["serve", "--config", &path]).contains("que"));
    assert!(complaint(&["serve", "--config", "/nonexistent.toml"]).contains("cannot be read"));
    assert!(complaint(&["serve"]).contains("--config"));
    // As printed it is right, but no card is there.
    std::fs::write(folder.path("site.toml"), printed).unwrap();
    assert!(complaint(&["serve", "--config", &path]).contains("card.sock"));
}

#[test]
fn a_socket_that_is_not_a_card_is_told_apart() {
    let folder = Folder::new("not-a-card");
    let socket = folder.path("card.sock");
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            use std::io::Write;
            let _ = stream.unwrap().write_all(b"220 smtp.example.org ready to serve you, whoever you are\r\n");
        }
    });
    let printed = String::from_utf8(run(["serve", "--print-config"]).stdout).unwrap();
    let config = folder.path("site.toml");
    std::fs::write(&config, printed).unwrap();
    let complaint = complaint(&["serve", "--config", &config.display().to_string()]);
    assert!(complaint.contains("card.sock"), "{complaint}");
}

#[test]
fn simulated_cards_explain_what_they_want() {
    assert!(complaint(&["sim", "card"]).contains("--socket"));
    assert!(
        complaint(&["sim", "card", "--socket", "/tmp/x", "--modules", "fxo,fxo,fxs,fxs,fxs"]).contains("four sockets")
    );
    assert!(complaint(&["sim", "card", "--socket", "/tmp/x", "--modules", "fxo,fax,fxs,fxs"]).contains("fax"));
    assert!(complaint(&["sim", "card", "--socket", "/nonexistent/card.sock"]).contains("/nonexistent/card.sock"));
    let folder = Folder::new("scenario");
    let path = folder.path("day.toml");
    std::fs::write(&path, "[callers]\ncuont = 3\n").unwrap();
    let path = path.display().to_string();
    assert!(complaint(&["sim", "card", "--socket", "/tmp/x", "--scenario", &path]).contains("cuont"));
}

#[test]
fn a_client_without_a_server_says_so() {
    let output = std::process::Command::new(tipring())
        .args(["pop", "--server", "127.0.0.1:1", "--user", "desk1", "--device", "1001"])
        .env("TIPRING_PASSWORD", "secret")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && complaint.contains("127.0.0.1:1"), "{complaint}");
}
