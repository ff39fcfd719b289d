//! Sound files of every kind, made octet by octet.

use std::f64::consts::TAU;

use super::*;

/// A kind of WAV file.
#[derive(Debug, Clone, Copy)]
struct Kind {
    rate_hz: u32,
    channels: u16,
    encoding: Encoding,
    extensible: bool,
}

fn tag(encoding: Encoding) -> u16 {
    match encoding {
        Encoding::Whole(_) => TAG_PCM,
        Encoding::Single | Encoding::Double => TAG_FLOAT,
        Encoding::Companded(Law::A) => TAG_ALAW,
        Encoding::Companded(Law::Mu) => TAG_MULAW,
    }
}

fn encoded(encoding: Encoding, sample: f64) -> Vec<u8> {
    match encoding {
        Encoding::Whole(1) => vec![(sample * 127.0 + 128.0) as u8],
        Encoding::Whole(octets) => ((sample * 2_147_483_647.0) as i32).to_le_bytes()[4 - octets..].to_vec(),
        Encoding::Single => (sample as f32).to_le_bytes().to_vec(),
        Encoding::Double => sample.to_le_bytes().to_vec(),
        Encoding::Companded(law) => vec![g711::encode(law, (sample * 32_767.0) as i16)],
    }
}

/// A second of 1 kHz at half of full scale in each channel, with a header that claims `length` octets of sound.
fn file(kind: Kind, length: impl FnOnce(u32) -> u32) -> Vec<u8> {
    let octets = kind.encoding.octets() as u16;
    let mut sound = Vec::new();
    for n in 0..kind.rate_hz {
        let sample = 0.5 * (TAU * 1000.0 * f64::from(n) / f64::from(kind.rate_hz)).sin();
        (0..kind.channels).for_each(|_| sound.extend(encoded(kind.encoding, sample)));
    }
    let tag = tag(kind.encoding);
    let mut format = Vec::new();
    format.extend(if kind.extensible { 0xfffe_u16 } else { tag }.to_le_bytes());
    format.extend(kind.channels.to_le_bytes());
    format.extend(kind.rate_hz.to_le_bytes());
    format.extend((kind.rate_hz * u32::from(kind.channels * octets)).to_le_bytes());
    format.extend((kind.channels * octets).to_le_bytes());
    format.extend((8 * octets).to_le_bytes());
    if kind.extensible {
        format.extend(22_u16.to_le_bytes());
        format.extend((8 * octets).to_le_bytes());
        format.extend(0_u32.to_le_bytes());
        format.extend(tag.to_le_bytes());
        format.extend(*b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71");
    }
    let claimed = length(sound.len() as u32);
    let mut wav = b"RIFF".to_vec();
    wav.extend(claimed.wrapping_add(36).to_le_bytes());
    wav.extend(b"WAVELIST\x02\x00\x00\x00hmfmt ");
    wav.extend((format.len() as u32).to_le_bytes());
    wav.extend(format);
    wav.extend(b"data");
    wav.extend(claimed.to_le_bytes());
    wav.extend(sound);
    wav
}

/// Asserts a second of 1 kHz at half of full scale at the line's rate, but for the edges.
#[track_caller]
fn assert_tone(channel: &[i16], what: &dyn fmt::Debug) {
    assert!((7990..=8010).contains(&channel.len()), "{what:?}: {} samples", channel.len());
    let middle = &channel[1000..7000];
    let crossings = middle.windows(2).filter(|pair| (pair[0] < 0) != (pair[1] < 0)).count();
    assert!((1495..=1505).contains(&crossings), "{what:?}: {crossings} zero crossings in 0.75 s of 1 kHz");
    let power = middle.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / middle.len() as f64;
    let off_db = 10.0 * (power / (16_384.0 * 16_384.0 / 2.0)).log10();
    assert!(off_db.abs() < 0.2, "{what:?}: {off_db:.2} dB off");
}

const ENCODINGS: [Encoding; 8] = [
    Encoding::Whole(1),
    Encoding::Whole(2),
    Encoding::Whole(3),
    Encoding::Whole(4),
    Encoding::Single,
    Encoding::Double,
    Encoding::Companded(Law::A),
    Encoding::Companded(Law::Mu),
];

#[test]
fn every_encoding_at_every_usual_rate_gives_the_same_sound_in_every_channel() {
    for encoding in ENCODINGS {
        for (rate_hz, channels) in
            [(8000, 1), (8000, 2), (11_025, 1), (16_000, 1), (22_050, 2), (44_100, 2), (48_000, 6), (96_000, 8)]
        {
            for extensible in [false, true] {
                let kind = Kind { rate_hz, channels, encoding, extensible };
                let sound = SoundFile::read(&file(kind, |length| length)).expect("it is read");
                let sound = sound.at_line_rate().expect("it is brought to the line's rate");
                assert_eq!(sound.channels.len(), usize::from(channels));
                sound.samples().iter().for_each(|channel| assert_tone(channel, &kind));
                assert_tone(&sound.mono().samples()[0], &kind);
            }
        }
    }
}

const PLAIN: Kind = Kind { rate_hz: 8000, channels: 1, encoding: Encoding::Whole(2), extensible: false };

#[test]
fn a_header_that_lies_about_the_length_loses_nothing_that_is_there() {
    for claimed in [0, u32::MAX, 1 << 30] {
        let sound = SoundFile::read(&file(PLAIN, |_| claimed)).expect("it is read");
        assert_tone(&sound.samples()[0], &claimed);
    }
    // A shorter length is believed: other chunks may follow.
    let sound = SoundFile::read(&file(PLAIN, |length| length / 2)).expect("it is read");
    assert_eq!(sound.channels[0].len(), 4000);
}

#[test]
fn a_file_cut_off_anywhere_ends_there_or_is_refused_with_a_sentence() {
    let whole = file(Kind { channels: 2, encoding: Encoding::Whole(3), ..PLAIN }, |length| length);
    for length in (0..60).chain((60..whole.len()).step_by(997)) {
        match SoundFile::read(&whole[..length]) {
            Ok(sound) => assert!(sound.channels.iter().all(|channel| channel.len() == (length - 54) / 6), "{length}"),
            Err(error) => assert!(length < 60, "{length}: {error}"),
        }
    }
}

#[test]
fn files_of_other_kinds_are_refused_by_name_and_with_the_remedy() {
    for (octets, name) in [
        (&b"OggS\x00\x02"[..], "Ogg"),
        (b"ID3\x03", "MP3"),
        (b"fLaC", "FLAC"),
        (b".snd", "AU"),
        (b"RF64\xff\xff\xff\xffWAVE", "4 GiB"),
    ] {
        let error = SoundFile::read(octets).expect_err("it is refused").to_string();
        assert!(error.contains(name) && error.contains("ffmpeg"), "{error}");
    }
    let error = SoundFile::read(b"this is no sound at all").expect_err("it is refused").to_string();
    assert!(error.contains("not a usable WAV file"), "{error}");
}

#[test]
fn codings_rates_and_channels_beyond_ours_are_refused_with_what_is_read() {
    let mut adpcm = file(PLAIN, |length| length);
    let tag_at = adpcm.windows(4).position(|four| four == b"fmt ").expect("a format") + 8;
    adpcm[tag_at] = 0x11;
    let error = SoundFile::read(&adpcm).expect_err("it is refused").to_string();
    assert!(error.contains("IMA ADPCM") && error.contains("A-law and mu-law are read"), "{error}");
    let error = SoundFile::read(&file(Kind { rate_hz: 192_000, ..PLAIN }, |length| length)).expect_err("too fast");
    assert!(error.to_string().contains("8000 to 96000 Hz"), "{error}");
    let error = SoundFile::read(&file(Kind { channels: 9, ..PLAIN }, |length| length)).expect_err("too many");
    assert!(error.to_string().contains("one to eight channels"), "{error}");
}
