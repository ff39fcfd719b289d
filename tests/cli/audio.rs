//! `tipring audio`: what an installer tries on a recording before the site records that way, and the site's own tones
//! measured from recordings.
//!
//! Never: reads a sound that is not made here.

use std::path::Path;

use tipring_tests::{Folder, run};

use crate::complaint;

const SECOND: usize = 8000;

/// Syllables of a hum, four a second, for 1.8 s in every four beside a little noise; its peak and the beginning of the
/// first are given.
fn talk(peak: f64, from_s: f64) -> Vec<i16> {
    let mut state = 1_u32;
    (0..20 * SECOND)
        .map(|n| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = f64::from(state >> 16) / 32_768.0 - 1.0;
            let at = n as f64 / SECOND as f64;
            let speaks = (at - from_s).rem_euclid(4.0) < 1.8;
            let swell = if speaks { 0.5 - 0.5 * (std::f64::consts::TAU * 4.0 * at).cos() } else { 0.0 };
            let hum: f64 =
                (1..12).map(|k| (std::f64::consts::TAU * 140.0 * f64::from(k) * at + f64::from(k * k)).sin()).sum();
            (peak / 6.0 * swell * hum + 20.0 * noise) as i16
        })
        .collect()
}

fn write(path: &Path, channels: &[Vec<i16>]) {
    let spec = hound::WavSpec {
        channels: channels.len() as u16,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for n in 0..channels[0].len() {
        channels.iter().for_each(|channel| writer.write_sample(channel[n]).unwrap());
    }
    writer.finalize().unwrap();
}

fn enhance(folder: &Folder, more: &[&str]) -> std::process::Output {
    let path = |name: &str| folder.path(name).display().to_string();
    run([&["audio", "enhance", &path("in.wav"), &path("out.wav")], more].concat())
}

#[test]
fn a_soft_and_a_loud_side_come_out_alike_and_as_long() {
    let folder = Folder::new("enhance");
    // In turns: what is so much softer at the same time is taken for an echo.
    write(&folder.path("in.wav"), &[talk(1000.0, 1.0), talk(12_000.0, 3.0)]);
    let output = enhance(&folder, &["--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["samples"], 20 * SECOND);
    let level = |channel: usize, when: &str, what: &str| report["channels"][channel][when][what].as_f64().unwrap();
    assert_eq!(
        (&report["channels"][0]["channel"], &report["channels"][1]["channel"]),
        (&"left".into(), &"right".into())
    );
    let apart = |when: &str| level(1, when, "speech_dbm0") - level(0, when, "speech_dbm0");
    assert!(apart("before") > 18.0 && apart("after") < 8.0, "{report}");
    for channel in [0, 1] {
        assert!(level(channel, "after", "quiet_dbm0") <= level(channel, "before", "quiet_dbm0") + 0.5, "{report}");
        assert!(level(channel, "after", "peak_dbm0") <= -3.0 + 0.05, "{report}");
    }
    let reader = hound::WavReader::open(folder.path("out.wav")).unwrap();
    assert_eq!((reader.spec().channels, reader.duration()), (2, 20 * SECOND as u32));
}

#[test]
fn with_everything_turned_off_the_file_is_the_same() {
    let folder = Folder::new("enhance-off");
    let mut sound = talk(3000.0, 0.5);
    sound.truncate(12_345);
    write(&folder.path("in.wav"), &[sound.clone()]);
    let output = enhance(&folder, &["--no-level-control", "--no-noise-reduction"]);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("only: speech while active"), "{printed}");
    let samples: Result<Vec<i16>, _> = hound::WavReader::open(folder.path("out.wav")).unwrap().into_samples().collect();
    assert_eq!(samples.unwrap(), sound);
}

#[test]
fn wrong_files_are_refused_with_a_sentence_and_no_recording_is_replaced() {
    let folder = Folder::new("enhance-wrong");
    let path = |name: &str| folder.path(name).display().to_string();
    let (file, out) = (path("in.wav"), path("out.wav"));
    assert!(complaint(&["audio", "enhance", &file, &out]).contains("in.wav"));
    write(&folder.path("in.wav"), &[talk(1000.0, 1.0)]);
    let before = std::fs::read(folder.path("in.wav")).unwrap();
    assert!(complaint(&["audio", "enhance", &file, &file]).contains("another name"));
    assert_eq!(std::fs::read(folder.path("in.wav")).unwrap(), before);
    assert!(complaint(&["audio", "enhance", &file, "/nonexistent/out.wav"]).contains("Could not write"));
    write(&folder.path("in.wav"), &[vec![0; 80], vec![0; 80], vec![0; 80]]);
    assert!(complaint(&["audio", "enhance", &file, &out]).contains("has 3 channels; a recording has one or two"));
    std::fs::write(folder.path("in.wav"), b"RIFFxxxxNOPE").unwrap();
    assert!(complaint(&["audio", "enhance", &file, &out]).contains("not a usable WAV file"));
}

/// Nine seconds of a tone that sounds for `on_ms` in each `cycle_ms`.
fn tone(hz: &[f64], on_ms: usize, cycle_ms: usize) -> Vec<i16> {
    let sample = |n: usize| -> f64 { hz.iter().map(|hz| (std::f64::consts::TAU * hz * n as f64 / 8000.0).sin()).sum() };
    (0..9 * SECOND).map(|n| if n / 8 % cycle_ms < on_ms { (3000.0 * sample(n)) as i16 } else { 0 }).collect()
}

#[test]
fn tones_that_are_learnt_from_recordings_are_lines_that_the_site_takes() {
    let folder = Folder::new("learn");
    let path = |name: &str| folder.path(name).display().to_string();
    write(&folder.path("busy.wav"), &[tone(&[480.0, 620.0], 500, 1000)]);
    // The second channel alone has a tone.
    write(&folder.path("ring.wav"), &[vec![0; 9 * SECOND], tone(&[400.0], 1000, 3000)]);
    let learn = |more: &[&str]| {
        let output = run([&["audio", "tones", "--learn", &path("busy.wav"), &path("ring.wav")], more].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let lines = learn(&[]);
    let values: toml::Value = toml::from_str(&lines).unwrap();
    let tones = values["tone"].as_array().unwrap();
    let measured = [("busy", vec![480.0, 620.0], [500, 500]), ("ringback", vec![400.0], [1000, 2000])];
    assert_eq!(tones.len(), measured.len(), "{lines}");
    for (tone, (meaning, hz, cadence_ms)) in tones.iter().zip(measured) {
        assert_eq!(tone["meaning"].as_str(), Some(meaning), "{lines}");
        assert_eq!(tone["hz"], toml::Value::from(hz), "{lines}");
        let learnt = tone["cadence_ms"].as_array().unwrap().iter().map(|ms| ms.as_integer().unwrap());
        assert!(learnt.zip(cadence_ms).all(|(ms, sent)| ms.abs_diff(sent) <= 20), "{lines}");
    }
    let recognised = ["busy", "ringback"].map(|tone| lines.contains(&format!("it hears {tone} after")));
    assert_eq!(recognised, [true; 2], "{lines}");
    assert_eq!(lines.matches("# the meaning is a guess by the cadence").count(), 2, "{lines}");

    std::fs::write(folder.path("site.toml"), tipring_tests::site_config() + &lines).unwrap();
    let checked = run(["site", "check", &path("site.toml")]);
    assert!(checked.status.success(), "{checked:?}");

    let given = learn(&["--meaning", "congestion"]);
    assert_eq!((given.matches("\"congestion\"").count(), given.contains("a guess")), (2, false), "{given}");
}

#[test]
fn a_recording_without_a_tone_or_of_one_burst_is_refused_with_the_remedy() {
    let folder = Folder::new("learn-none");
    let path = |name: &str| folder.path(name).display().to_string();
    write(&folder.path("silence.wav"), &[vec![0; 2 * SECOND]]);
    let mut once = tone(&[425.0], 500, 10_000);
    once.rotate_right(SECOND);
    write(&folder.path("once.wav"), &[once]);
    for (name, why) in [("silence.wav", "there is no tone in it"), ("once.wav", "two whole cycles")] {
        let refused = complaint(&["audio", "tones", "--learn", &path(name)]);
        assert!(refused.contains(name) && refused.contains(why), "{refused}");
    }
    let refused = complaint(&["audio", "tones", "--meaning", "busy"]);
    assert!(refused.contains("--learn"), "{refused}");
}
