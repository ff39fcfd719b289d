//! `tipring recording play` and `export`: the audit record first, then the sound.
//!
//! Never: replaces a file.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Read, Write, stdout};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use clap::Args;
use tipring_core::store::sqlite::FoundRecording;

use crate::clock;
use crate::encryption::reader::{self, Damage, SoundFile};
use crate::failure::Failure;
use crate::recording::archive::{Archive, DamageArgs, Person, Place, Target};
use crate::recording::checksum;
use crate::recording::sound::{Coding, Recorded, Side, SoundForm};
use crate::recording::vcon::{self, Content};

/// The player of Debian's package alsa-utils.
const PLAYER: &str = "aplay";

/// Arguments of `tipring recording play`.
#[derive(Debug, Args)]
pub(super) struct PlayArgs {
    /// The recording: its call, its own number, or its file
    recording: Target,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    person: Person,
    #[command(flatten)]
    damage: DamageArgs,
    /// The parties that are heard
    #[arg(long, value_enum, default_value = "both")]
    side: Side,
    /// Samples to the standard output instead of a player: 16-bit little-endian, 8000 Hz, the caller's and the agent's
    /// in turns
    #[arg(long)]
    raw: bool,
}

/// Arguments of `tipring recording export`.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// The recording: its call, its own number, or its file
    recording: Target,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    person: Person,
    /// Folder that is there, or name of the new file; - for standard output
    #[arg(long, value_name = "PATH", default_value = ".")]
    to: PathBuf,
    #[command(flatten)]
    damage: DamageArgs,
    /// The parties that are heard
    #[arg(long, value_enum, default_value = "both")]
    side: Side,
    /// The coding of samples
    #[arg(long, value_enum, default_value = "pcm")]
    coding: Coding,
    /// One vCon (JSON) of the call instead of WAV files: parties, times, the call's record, the sound and its hash
    #[arg(long)]
    vcon: bool,
}

pub(super) fn play(args: &PlayArgs) -> Result<(), Failure> {
    let mut archive = args.place.open_to_act()?;
    let found = archive.find(&args.recording)?;
    let form = SoundForm { side: args.side, coding: Coding::Pcm, raw: args.raw };
    let detail = format!("{}{}", form.name(), args.damage.words());
    if args.raw && stdout().is_terminal() {
        return Err("Samples are not for a terminal; send them on: `... --raw | PLAYER`, or leave --raw away".into());
    }
    let damage = args.damage.treatment();
    let sounds = open_all(&archive, &found, damage)?;
    if args.raw {
        archive.audit(&args.person, ("play", &detail), &found)?;
        let mut out = BufWriter::new(stdout().lock());
        return sounds.into_iter().try_for_each(|sound| sound.write(form, &mut out));
    }
    let mut audited = false;
    for sound in sounds {
        // It waits for sound, which it gets once the act is on record.
        let mut player = player()?;
        if !audited {
            archive.audit(&args.person, ("play", &detail), &found).inspect_err(|_| drop(player.kill()))?;
            audited = true;
        }
        let written = match player.stdin.take() {
            Some(pipe) => sound.write(form, &mut BufWriter::new(pipe)),
            None => Ok(()),
        };
        let status = player.wait()?;
        written?;
        if !status.success() {
            return Err(format!("{PLAYER} has failed ({status})").into());
        }
    }
    Ok(())
}

fn player() -> Result<Child, Failure> {
    let player = Command::new(PLAYER).args(["-q", "-t", "wav", "-"]).stdin(Stdio::piped()).spawn();
    player.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!(
            "There is no {PLAYER} on this computer (Debian: alsa-utils); send the samples to another player: \
             `tipring recording play ... --raw | PLAYER`"
        )
        .into(),
        _ => format!("{PLAYER} cannot be started: {error}").into(),
    })
}

fn open_all(archive: &Archive, found: &[FoundRecording], damage: Damage) -> Result<Vec<Recorded>, Failure> {
    found.iter().map(|found| archive.sound_with(&found.recording, damage)).collect()
}

pub(super) fn export(args: &ExportArgs) -> Result<(), Failure> {
    let mut archive = args.place.open_to_act()?;
    let found = archive.find(&args.recording)?;
    let form = SoundForm { side: args.side, coding: args.coding, raw: false };
    let damage = args.damage.treatment();
    let sounds = open_all(&archive, &found, damage)?;
    let names: Vec<String> = if args.vcon {
        vec![name(&found[0], "vcon.json")]
    } else {
        found.iter().map(|found| name(found, "wav")).collect()
    };
    let mut outputs = Outputs::new(&args.to, &names)?;
    let kind = if args.vcon { " in a vCon" } else { "" };
    let detail = format!("{}{kind}{} to {}", form.name(), args.damage.words(), outputs.place());
    archive.audit(&args.person, ("export", &detail), &found)?;
    if args.vcon {
        let contents = sounds.into_iter().zip(&found);
        let contents = contents.map(|(sound, found)| content(&archive, found, sound, (form, damage)));
        let contents: Vec<Content> = contents.collect::<Result<_, Failure>>()?;
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let document = vcon::document(&contents, form, host.trim(), clock::epoch_ms());
        return outputs.write(0, |out| Ok(writeln!(out, "{document:#}")?));
    }
    for (index, (sound, found)) in sounds.into_iter().zip(&found).enumerate() {
        outputs.write(index, |out| {
            if form == SoundForm::WHOLE {
                // As it stands in its place, so that it has the same checksum; or as it would stand in the clear.
                io::copy(&mut whole(&archive, found, damage)?, out)?;
                return Ok(out.flush()?);
            }
            sound.write(form, out)
        })?;
    }
    Ok(())
}

/// The file of a recording, decrypted.
fn whole(archive: &Archive, found: &FoundRecording, damage: Damage) -> Result<SoundFile, Failure> {
    let path = archive.path(&found.recording);
    let opened = reader::open(&path, &archive.keys, damage);
    Ok(opened.map_err(|error| format!("The recording {} cannot be read: {error}", path.display()))?)
}

fn content(
    archive: &Archive,
    found: &FoundRecording,
    sound: Recorded,
    (form, damage): (SoundForm, Damage),
) -> Result<Content, Failure> {
    let path = archive.path(&found.recording);
    let mut octets = Vec::new();
    if form == SoundForm::WHOLE {
        whole(archive, found, damage)?.read_to_end(&mut octets)?;
    } else {
        sound.write(form, &mut octets)?;
    }
    let marks = archive.marks(&found.recording)?;
    Ok(Content { found: found.clone(), sound: octets, sha256: checksum::of_file(&path)?.sha256, marks })
}

/// The name of a copy: call and recording.
fn name(found: &FoundRecording, ending: &str) -> String {
    let recording = &found.recording;
    format!("call-{}-{}.{ending}", recording.call_id, recording.id)
}

/// The places to which copies go. They are there before the act is on record: one that cannot be is no act.
enum Outputs {
    Stdout,
    Files(Vec<Copy>),
}

/// A new file; removed with this value unless it was finished.
struct Copy {
    path: PathBuf,
    file: Option<fs::File>,
    is_finished: bool,
}

impl Copy {
    /// Makes a file for its owner's eyes.
    fn new(path: PathBuf) -> Result<Copy, Failure> {
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        match made {
            Ok(file) => Ok(Copy { path, file: Some(file), is_finished: false }),
            Err(error) => Err(match error.kind() {
                io::ErrorKind::AlreadyExists => {
                    format!("{} is there already; give another name with --to", path.display())
                }
                io::ErrorKind::NotFound => format!(
                    "{} cannot be written: there is no folder {}; make it first",
                    path.display(),
                    path.parent().unwrap_or(Path::new("/")).display()
                ),
                _ => format!("{} cannot be written: {error}", path.display()),
            }
            .into()),
        }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if !self.is_finished {
            drop(fs::remove_file(&self.path));
        }
    }
}

impl Outputs {
    fn new(to: &Path, names: &[String]) -> Result<Outputs, Failure> {
        if to == Path::new("-") {
            if names.len() > 1 {
                return Err(format!(
                    "The call has {} recordings: name one of them, or a folder with --to; `tipring recording list` shows them",
                    names.len()
                )
                .into());
            }
            return Ok(Outputs::Stdout);
        }
        let ends_as_folder = to.as_os_str().as_bytes().ends_with(b"/");
        if ends_as_folder && !to.is_dir() {
            return Err(format!("There is no folder {0}; make it first: mkdir -p {0}", to.display()).into());
        }
        let files: Vec<PathBuf> = if to.is_dir() {
            names.iter().map(|name| to.join(name)).collect()
        } else if names.len() == 1 {
            vec![to.to_owned()]
        } else {
            return Err(format!(
                "The call has {} recordings; give a folder that is there with --to, not {}",
                names.len(),
                to.display()
            )
            .into());
        };
        Ok(Outputs::Files(files.into_iter().map(Copy::new).collect::<Result<_, _>>()?))
    }

    /// Returns the place in words, for the audit record.
    fn place(&self) -> String {
        match self {
            Outputs::Stdout => "the standard output".into(),
            Outputs::Files(files) => {
                let files = files.iter().map(|copy| &copy.path);
                let files = files.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.clone()));
                files.map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ")
            }
        }
    }

    /// Writes one copy. A copy that cannot be finished is removed.
    fn write(&mut self, index: usize, f: impl FnOnce(&mut dyn Write) -> Result<(), Failure>) -> Result<(), Failure> {
        let Outputs::Files(files) = self else {
            let mut out = BufWriter::new(stdout().lock());
            f(&mut out)?;
            return Ok(out.flush()?);
        };
        let Copy { path, file, is_finished } = &mut files[index];
        let failed = |error: io::Error| Failure::from(format!("{} cannot be written: {error}", path.display()));
        let file = file.take().ok_or_else(|| format!("{} is written already", path.display()))?;
        let mut out = BufWriter::new(file);
        f(&mut out)?;
        out.flush().and_then(|()| out.get_ref().sync_all()).map_err(failed)?;
        *is_finished = true;
        println!("{}", path.display());
        Ok(())
    }
}
