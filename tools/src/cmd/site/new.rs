//! `tipring site new`: the files of a site to start from, from answers or options.
//!
//! Only the values that differ from the defaults are written: one line a trunk, a telephone, an agent, a queue.
//!
//! | where | what the site writes | files that are there |
//! |---|---|---|
//! | `--out`, or here | beside the configuration | nothing is written |
//! | `--system` | `/var/lib/tipring` | are kept beside the new ones, as `NAME.before1` and so on; prompts stay |
//!
//! Never: loses a file that is there.

mod hours;
mod next;
mod text;

use std::io::{self, BufRead, IsTerminal, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;

use self::hours::{Holiday, Night, read_holidays};
use self::text::{beep, hours_toml, is_always_open, site_toml};
use super::faults;
use crate::config::SiteCountry;
use crate::config::country::country_help;
use crate::config::fault::{Severity, listed};
use crate::failure::Failure;
use crate::owner;

/// Ports of a card.
const PORTS: u32 = 4;
/// Lines and telephones that a site can have at most: 60 cards.
const LINES_MAX: u32 = 240;
/// Queues that a menu of one key leads to.
const QUEUES_MAX: usize = 9;

/// Arguments of `tipring site new`; what is left out is usual, and asked for if nothing is given.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// Count of exchange lines
    #[arg(long, value_name = "COUNT")]
    trunks: Option<u32>,
    /// Count of agents, each with a telephone
    #[arg(long, value_name = "COUNT")]
    agents: Option<u32>,
    /// Names of queues; callers choose them by the keys 1, 2, 3 …
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    queues: Option<Vec<String>>,
    #[arg(long, value_name = "CODE", help = country_help("Country of the lines"))]
    country: Option<SiteCountry>,
    /// Hours of the night, in which no call is taken, by the clock of the country (time_zone of the file)
    #[arg(long, value_name = "HH:MM-HH:MM")]
    night: Option<Night>,
    /// File of holidays: a line for each, FIRST-DAY [LAST-DAY] [NAME], days as 2026-10-01
    #[arg(long, value_name = "FILE")]
    holidays: Option<PathBuf>,
    /// Folder to write into
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    out: PathBuf,
    /// Write the installed site: into /etc/tipring, with records in /var/lib/tipring; files are kept as NAME.before1
    #[arg(long, conflicts_with = "out")]
    system: bool,
}

/// The places of a site.
struct Places<'a> {
    /// The folder of the configuration.
    folder: &'a Path,
    /// The folder of what the site writes; none: that of the configuration.
    state: Option<&'a Path>,
}

/// The places of the installed site, as the packages make them.
const INSTALLED: (&str, &str) = ("/etc/tipring", "/var/lib/tipring");

/// The answers from which a site is made.
#[derive(Debug)]
struct Wanted {
    trunks: u32,
    agents: u32,
    queues: Vec<String>,
    country: SiteCountry,
    night: Option<Night>,
    holidays: Vec<Holiday>,
}

/// Writes the files of a site. Returns the sentences to print.
pub fn run(args: &NewArgs) -> Result<Vec<String>, Failure> {
    let is_given = args.trunks.is_some()
        || args.agents.is_some()
        || args.queues.is_some()
        || args.country.is_some()
        || args.night.is_some()
        || args.holidays.is_some();
    let wanted = match (is_given, io::stdin().is_terminal()) {
        (true, _) => wanted(args)?,
        (false, true) => ask(&mut io::stdin().lock())?,
        (false, false) => {
            return Err(
                "Give --trunks, --agents, --queues, --country, --night or --holidays; questions are asked at a \
                        terminal only"
                    .into(),
            );
        }
    };
    let (folder, state) = INSTALLED;
    let places = match args.system {
        true => Places { folder: Path::new(folder), state: Some(Path::new(state)) },
        false => Places { folder: &args.out, state: None },
    };
    write(&wanted, &places)
}

fn wanted(args: &NewArgs) -> Result<Wanted, Failure> {
    let wanted = Wanted {
        trunks: args.trunks.unwrap_or(8),
        agents: args.agents.unwrap_or(6),
        queues: args.queues.clone().unwrap_or_else(|| vec!["hotline".into()]),
        country: args.country.unwrap_or_default(),
        night: args.night,
        holidays: args.holidays.as_deref().map(read_holidays).transpose()?.unwrap_or_default(),
    };
    check(&wanted)?;
    Ok(wanted)
}

fn check(wanted: &Wanted) -> Result<(), String> {
    if wanted.trunks == 0 || wanted.agents == 0 || wanted.trunks + wanted.agents > LINES_MAX {
        return Err(format!("A site has 1 or more trunks and agents, {LINES_MAX} altogether at most"));
    }
    if wanted.queues.is_empty() || wanted.queues.len() > QUEUES_MAX {
        return Err(format!("A menu of one key leads to 1 to {QUEUES_MAX} queues, not {}", wanted.queues.len()));
    }
    for (at, name) in wanted.queues.iter().enumerate() {
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if !plain || ["hours", "menu", "night", "busy"].contains(&name.as_str()) {
            return Err(format!(
                "{name:?} is no name for a queue: letters, digits, - and _; hours, menu, night, busy are taken"
            ));
        }
        if wanted.queues[..at].contains(name) {
            return Err(format!("The queue {name} stands there twice"));
        }
    }
    Ok(())
}

/// Asks for each answer until it is one.
fn ask(input: &mut impl BufRead) -> Result<Wanted, Failure> {
    fn question<T>(
        input: &mut impl BufRead,
        text: &str,
        usual: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Failure> {
        loop {
            eprint!("{text} [{usual}]: ");
            io::stderr().flush()?;
            let mut line = String::new();
            if input.read_line(&mut line)? == 0 {
                return Err("The answers ended before the questions".into());
            }
            let answer = Some(line.trim()).filter(|line| !line.is_empty()).unwrap_or(usual);
            match read(answer) {
                Ok(value) => return Ok(value),
                Err(why) => eprintln!("{why}"),
            }
        }
    }
    let count = |text: &str| text.parse::<u32>().map_err(|_| format!("{text:?} is no count"));
    let none = |text: &str| text == "none";
    let wanted = Wanted {
        trunks: question(input, "Exchange lines", "8", count)?,
        agents: question(input, "Agents", "6", count)?,
        queues: question(input, "Queues, with commas between", "hotline", |text| {
            Ok(text.split(',').map(|name| name.trim().to_owned()).collect())
        })?,
        country: question(input, "Country of the lines", "CN", str::parse)?,
        night: question(input, "Night, or none", "18:00-08:00", |text| {
            if none(text) { Ok(None) } else { text.parse().map(Some) }
        })?,
        holidays: question(input, "File of holidays, or none", "none", |text| {
            if none(text) { Ok(Vec::new()) } else { read_holidays(Path::new(text)).map_err(|why| why.to_string()) }
        })?,
    };
    check(&wanted)?;
    Ok(wanted)
}

/// Writes the files, and has them checked.
fn write(wanted: &Wanted, &Places { folder, state }: &Places<'_>) -> Result<Vec<String>, Failure> {
    let prompts = folder.join("prompts");
    let files = [("site.toml", site_toml(wanted, state)), ("hours.toml", hours_toml(wanted))];
    let sounds: &[(&str, u32)] =
        if is_always_open(wanted) { &[("menu.wav", 1)] } else { &[("menu.wav", 1), ("night.wav", 2)] };
    let all = files.iter().map(|(name, _)| folder.join(name)).chain(sounds.iter().map(|(name, _)| prompts.join(name)));
    if let Some(there) = all.into_iter().find(|path| state.is_none() && path.exists()) {
        return Err(format!("{} is there already; name another folder by --out", there.display()).into());
    }
    let cannot = |path: &Path| {
        let path = path.display().to_string();
        move |error: io::Error| format!("{path} cannot be written: {error}")
    };
    std::fs::create_dir_all(&prompts).and_then(|()| owner::give(&prompts, folder)).map_err(cannot(&prompts))?;
    for (name, text) in &files {
        let path = folder.join(name);
        if path.exists() {
            let kept = (1..).map(|n| folder.join(format!("{name}.before{n}"))).find(|path| !path.exists());
            let kept = kept.expect("numbers without end");
            std::fs::rename(&path, &kept).map_err(cannot(&kept))?;
        }
        std::fs::write(&path, text).and_then(|()| owner::give(&path, folder)).map_err(cannot(&path))?;
    }
    for &(name, beeps) in sounds {
        let path = prompts.join(name);
        if !path.exists() {
            beep(&path, beeps)?;
            owner::give(&path, folder).map_err(cannot(&path))?;
        }
    }
    let file = folder.join("site.toml");
    let (_, found) = faults(&file);
    let errors: Vec<_> = found.into_iter().filter(|fault| fault.severity != Severity::Note).collect();
    if !errors.is_empty() {
        return Err(listed(&errors).into());
    }
    Ok(next::sentences(wanted, &Places { folder, state }))
}

#[cfg(test)]
mod tests;
