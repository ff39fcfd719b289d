//! Detections in recordings, codings, and files of no use.

use super::input::channels;
use super::*;

fn decoded(samples: &[i16], kind: Kind) -> String {
    let mut out = Vec::new();
    let country = Country::of("CN").expect("China is there");
    decode(&[samples.to_vec()], kind, country, &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("JSON is UTF-8")
}

#[test]
fn keys_are_told_with_the_sample_that_completed_them() {
    let timing = dtmf::Timing { on_ms: 80, off_ms: 80, pause_ms: 0, low_dbm0: -9.0, high_dbm0: -7.0 };
    let mut sender = dtmf::Sender::new("5#", &timing);
    let samples: Vec<i16> = std::iter::from_fn(|| sender.next()).flatten().collect();
    let text = decoded(&samples, Kind::Dtmf);
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    assert_eq!(lines.len(), 2);
    for (line, (digit, from_ms)) in lines.iter().zip([("5", 0), ("#", 160)]) {
        assert_eq!(line["digit"], digit);
        let sample = line["sample"].as_u64().expect("a number");
        assert!((from_ms * 8 + 256..from_ms * 8 + 400).contains(&sample), "{line}");
    }
}

#[test]
fn keys_outlive_g726_at_32_kbit_s_and_more() {
    let timing = dtmf::Timing { on_ms: 80, off_ms: 80, pause_ms: 0, low_dbm0: -9.0, high_dbm0: -7.0 };
    let mut sender = dtmf::Sender::new("159D", &timing);
    let samples: Vec<i16> = std::iter::from_fn(|| sender.next()).flatten().collect();
    for (format, rate) in [(Format::G726At32, Rate::Kbit32), (Format::G726At40, Rate::Kbit40)] {
        let octets = written(&samples, format);
        assert_eq!(octets.len(), samples.len() / 8 * rate.bits());
        let text = decoded(&input::from_g726(&octets, rate), Kind::Dtmf);
        let digits: String = text.lines().filter_map(|line| line.split('"').nth(3)).collect();
        assert_eq!(digits, "159D", "{text}");
    }
}

#[test]
fn a_file_that_only_calls_itself_wav_is_refused_with_a_sentence() {
    let path = std::env::temp_dir().join(format!("tipring-audio-{}.wav", std::process::id()));
    std::fs::write(&path, b"this is no sound").expect("the folder for temporary files can be written");
    let error = channels(&path, None).expect_err("it is no WAV file").to_string();
    assert!(error.contains("not a usable WAV file"), "{error}");
    std::fs::remove_file(&path).expect("it was just written");
}

#[test]
fn a_raw_file_needs_a_format() {
    let path = std::env::temp_dir().join(format!("tipring-audio-{}.raw", std::process::id()));
    std::fs::write(&path, [0xd5; 801]).expect("the folder for temporary files can be written");
    assert!(channels(&path, None).is_err_and(|error| error.to_string().contains("--format")));
    assert!(channels(&path, Some(Format::S16)).is_err_and(|error| error.to_string().contains("odd number")));
    assert_eq!(channels(&path, Some(Format::Alaw)).map(|channels| channels[0].len()).ok(), Some(801));
    std::fs::remove_file(&path).expect("it was just written");
}
