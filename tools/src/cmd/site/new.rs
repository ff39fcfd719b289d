//! `tipring site new`: the files of a site to start from, from answers or options.
//!
//! Only the values that differ from the defaults are written: one line a trunk, a telephone, an agent, a queue.
//!
//! Never: replaces a file that is there.

use std::fmt::Write as _;
use std::io::{self, BufRead, IsTerminal, Write as _};
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, NaiveTime};
use clap::Args;
use tipring_driver::time::SAMPLE_RATE_HZ;

use super::faults;
use crate::config::SiteCountry;
use crate::config::fault::{Fault, Severity, listed};
use crate::failure::Failure;

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
    /// Country of the lines: CN, US, GB, DE, JP or HK
    #[arg(long, value_name = "CODE")]
    country: Option<SiteCountry>,
    /// Hours of the night, in which no call is taken
    #[arg(long, value_name = "HH:MM-HH:MM")]
    night: Option<Night>,
    /// File of holidays: a line for each, FIRST-DAY [LAST-DAY] [NAME], days as 2026-10-01
    #[arg(long, value_name = "FILE")]
    holidays: Option<PathBuf>,
    /// Folder to write into
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    out: PathBuf,
}

/// Hours without service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Night {
    from: NaiveTime,
    to: NaiveTime,
}

impl std::str::FromStr for Night {
    type Err = String;
    fn from_str(text: &str) -> Result<Night, String> {
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        let both = text.split_once('-').and_then(|(from, to)| Some((time(from)?, time(to)?)));
        match both {
            Some((from, to)) if from != to => Ok(Night { from, to }),
            _ => Err(format!("the night is written 18:00-08:00, from its beginning to its end, not {text:?}")),
        }
    }
}

/// A holiday: first and last day, and its name.
type Holiday = (NaiveDate, NaiveDate, String);

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
    write(&wanted, &args.out)
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

/// Reads a file of holidays.
///
/// # Errors
/// Every line that is none, with its number.
fn read_holidays(path: &Path) -> Result<Vec<Holiday>, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("The holidays {} cannot be read: {error}", path.display()))?;
    let mut holidays = Vec::new();
    let mut faults = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let mut words = line.split_whitespace().peekable();
        let day = |word: &str| NaiveDate::parse_from_str(word, "%Y-%m-%d").ok();
        let first = words.next().and_then(day);
        let last = words.peek().and_then(|word| day(word));
        if last.is_some() {
            words.next();
        }
        let fault = |text: String| Fault::of(path, Some(at + 1), text);
        match (first, last) {
            (Some(first), Some(last)) if last < first => {
                faults.push(fault(format!("{last} is before {first}; write the first day first")));
            }
            (Some(first), last) => {
                holidays.push((first, last.unwrap_or(first), words.collect::<Vec<_>>().join(" ")));
            }
            (None, _) => faults.push(fault(format!("{line:?} begins with no day; write 2026-10-01 2026-10-07 NAME"))),
        }
    }
    if faults.is_empty() { Ok(holidays) } else { Err(listed(&faults).into()) }
}

/// Writes the files, and has them checked.
fn write(wanted: &Wanted, folder: &Path) -> Result<Vec<String>, Failure> {
    let prompts = folder.join("prompts");
    let files = [("site.toml", site_toml(wanted)), ("hours.toml", hours_toml(wanted))];
    let sounds: &[(&str, u32)] =
        if is_always_open(wanted) { &[("menu.wav", 1)] } else { &[("menu.wav", 1), ("night.wav", 2)] };
    let all = files.iter().map(|(name, _)| folder.join(name)).chain(sounds.iter().map(|(name, _)| prompts.join(name)));
    if let Some(there) = all.into_iter().find(|path| path.exists()) {
        return Err(format!("{} is there already; name another folder by --out", there.display()).into());
    }
    let cannot = |path: &Path| {
        let path = path.display().to_string();
        move |error: io::Error| format!("{path} cannot be written: {error}")
    };
    std::fs::create_dir_all(&prompts).map_err(cannot(&prompts))?;
    for (name, text) in &files {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(cannot(&path))?;
    }
    for &(name, beeps) in sounds {
        beep(&prompts.join(name), beeps)?;
    }
    let file = folder.join("site.toml");
    let (_, found) = faults(&file);
    let errors: Vec<_> = found.into_iter().filter(|fault| fault.severity != Severity::Note).collect();
    if !errors.is_empty() {
        return Err(listed(&errors).into());
    }
    let (file, cards) = (file.display(), (wanted.trunks + wanted.agents).div_ceil(PORTS));
    Ok(vec![
        format!(
            "{file} is written, with {} and {}: {cards} cards of {PORTS} ports",
            folder.join("hours.toml").display(),
            prompts.display()
        ),
        "Put your own recordings in the place of the beeps, your cards in the place of the sockets; then".into(),
        format!("  tipring user add desk1 --config {file} --grant agent:*"),
        format!("  tipring user passwd --agent 7001 --config {file}"),
        format!("  tipring site check {file}"),
        format!("  tipring serve --config {file}"),
    ])
}

fn is_always_open(wanted: &Wanted) -> bool {
    wanted.night.is_none() && wanted.holidays.is_empty()
}

/// The number of a queue.
fn queue_number(at: usize) -> usize {
    5000 + at
}

/// The time zone of most of a country.
fn zone(country: SiteCountry) -> &'static str {
    match country.0.code {
        "US" => "America/New_York",
        "GB" => "Europe/London",
        "DE" => "Europe/Berlin",
        "JP" => "Asia/Tokyo",
        "HK" => "Asia/Hong_Kong",
        "FR" => "Europe/Paris",
        "IT" => "Europe/Rome",
        "ES" => "Europe/Madrid",
        "GR" => "Europe/Athens",
        "RU" => "Europe/Moscow",
        "AU" => "Australia/Sydney",
        "NZ" => "Pacific/Auckland",
        "IN" => "Asia/Kolkata",
        "SG" => "Asia/Singapore",
        "MY" => "Asia/Kuala_Lumpur",
        "ZA" => "Africa/Johannesburg",
        "AE" => "Asia/Dubai",
        "KR" => "Asia/Seoul",
        "TW" => "Asia/Taipei",
        "TH" => "Asia/Bangkok",
        "BR" => "America/Sao_Paulo",
        _ => "Asia/Shanghai",
    }
}

/// The configuration.
fn site_toml(wanted: &Wanted) -> String {
    let mut text = String::new();
    let mut line = |args: std::fmt::Arguments<'_>| {
        let _ = text.write_fmt(args);
        text.push('\n');
    };
    let Wanted { trunks, agents, queues, country, night, holidays } = wanted;
    line(format_args!(
        "# A site: {trunks} trunks, {agents} agents, {} queues. All that can be set: tipring serve --print-config",
        queues.len()
    ));
    line(format_args!("country = \"{country}\""));
    line(format_args!("time_zone = \"{}\"", zone(*country)));
    line(format_args!(
        "\n# Cards of {PORTS} ports; a real one is \"pci:0000:03:00.0\". Ports are counted from 0 over all of them."
    ));
    line(format_args!("board = ["));
    for card in 0..(trunks + agents).div_ceil(PORTS) {
        let kind = |port: u32| {
            let port = card * PORTS + port;
            if port < *trunks {
                "fxo"
            } else if port < trunks + agents {
                "fxs"
            } else {
                "none"
            }
        };
        let modules: Vec<_> = (0..PORTS).map(kind).collect();
        let number = card + 1;
        line(format_args!(
            "  {{ card = \"socket:card{number}.sock\" }}, # tipring sim card --socket card{number}.sock --modules {}",
            modules.join(",")
        ));
    }
    line(format_args!("]"));
    line(format_args!("# number is what callers dial."));
    line(format_args!("trunk = ["));
    for port in 0..*trunks {
        line(format_args!("  {{ port = {port}, name = \"T{}\", number = \"95598\" }},", port + 1));
    }
    line(format_args!("]"));
    line(format_args!("# \"handset\", or \"headset\" for a telephone that is off hook all shift."));
    line(format_args!("station = ["));
    for agent in 0..*agents {
        line(format_args!("  {{ port = {}, extension = \"{}\", kind = \"handset\" }},", trunks + agent, 1001 + agent));
    }
    line(format_args!("]"));
    line(format_args!("queue = ["));
    for (at, name) in queues.iter().enumerate() {
        line(format_args!("  {{ device = \"{}\", name = \"{name}\" }},", queue_number(at)));
    }
    line(format_args!("]"));
    let numbers: Vec<_> = (0..queues.len()).map(|at| format!("\"{}\"", queue_number(at))).collect();
    line(format_args!("# A password for each: tipring user passwd --agent 7001"));
    line(format_args!("agent = ["));
    for agent in 0..*agents {
        line(format_args!(
            "  {{ id = \"{}\", name = \"Agent {}\", queues = [{}] }},",
            7001 + agent,
            agent + 1,
            numbers.join(", ")
        ));
    }
    line(format_args!("]"));
    line(format_args!("\n[server]"));
    line(format_args!("listen = \"127.0.0.1:4500\""));
    line(format_args!("switch = \"SITE\""));
    line(format_args!("server = \"DESK\""));
    line(format_args!("\n[store]"));
    line(format_args!("database = \"tipring.db\""));
    line(format_args!("recordings = \"recordings\""));
    line(format_args!(
        "\n# The flow hours.toml: opening hours, then the menu of queues. Its prompts are WAV files in the folder."
    ));
    line(format_args!("[ivr]"));
    line(format_args!("entry = \"hours\""));
    line(format_args!("flows = [\"hours.toml\"]"));
    line(format_args!("prompts = \"prompts\""));
    if is_always_open(wanted) {
        return text;
    }
    line(format_args!("\n[calendar.hours]"));
    line(format_args!("closed = \"night\""));
    let (from, to) = night.map_or(("00:00".into(), "24:00".into()), |night| {
        (night.to.format("%H:%M").to_string(), night.from.format("%H:%M").to_string())
    });
    line(format_args!(
        "hours = [{{ days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"], from = \"{from}\", to = \"{to}\", route = \"open\" }}]"
    ));
    if !holidays.is_empty() {
        line(format_args!("holidays = ["));
        for (first, last, name) in holidays {
            let name = if name.is_empty() { String::new() } else { format!(" # {name}") };
            line(format_args!("  {{ from = \"{first}\", to = \"{last}\", route = \"night\" }},{name}"));
        }
        line(format_args!("]"));
    }
    text
}

/// The flow of callers.
fn hours_toml(wanted: &Wanted) -> String {
    let mut text = String::from("# Opening hours and the menu of queues; read again by HUP.\nversion = 1\n");
    let mut node = |name: &str, lines: &[String]| {
        let _ = write!(text, "\n[node.{name}]\n{}\n", lines.join("\n"));
    };
    if !is_always_open(wanted) {
        let cases = ["do = \"calendar\"", "calendar = \"hours\"", "cases = { open = \"menu\" }", "default = \"night\""];
        node("hours", &cases.map(str::to_owned));
    }
    let keys: Vec<_> = wanted.queues.iter().enumerate().map(|(at, name)| format!("{} = \"{name}\"", at + 1)).collect();
    let first = &wanted.queues[0];
    node(
        "menu",
        &[
            "# One beep until it is recorded: \"For billing press 1, …\"".to_owned(),
            "do = \"menu\"".to_owned(),
            "prompt = \"menu\"".to_owned(),
            format!("keys = {{ {} }}", keys.join(", ")),
            "wait = 5000".to_owned(),
            "tries = 2".to_owned(),
            format!("no_key = \"{first}\""),
            format!("wrong_key = \"{first}\""),
        ],
    );
    for (at, name) in wanted.queues.iter().enumerate() {
        let lines =
            ["do = \"queue\"".to_owned(), format!("queue = \"{}\"", queue_number(at)), "full = \"busy\"".to_owned()];
        node(name, &lines);
    }
    if !is_always_open(wanted) {
        let lines = [
            "# Two beeps until it is recorded: \"We are closed, …\"",
            "do = \"play\"",
            "prompt = \"night\"",
            "next = \"busy\"",
        ];
        node("night", &lines.map(str::to_owned));
    }
    node("busy", &["do = \"busy\"".to_owned()]);
    text
}

/// Writes beeps of 0.3 s at 425 Hz, -16 dBm0 or so, that stand in for a prompt.
fn beep(path: &Path, beeps: u32) -> Result<(), Failure> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: SAMPLE_RATE_HZ,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavWriter::create(path, spec)
        .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    let beep = SAMPLE_RATE_HZ * 3 / 10;
    for sample in 0..beeps * beep * 2 {
        let is_on = sample % (beep * 2) < beep;
        let phase = f64::from(sample) * 425.0 / f64::from(SAMPLE_RATE_HZ) * std::f64::consts::TAU;
        file.write_sample(if is_on { (phase.sin() * 5000.0) as i16 } else { 0 })?;
    }
    Ok(file.finalize()?)
}

#[cfg(test)]
mod tests {
    use super::super::tests::Folder;
    use super::*;

    fn write_with(folder: &Folder, change: impl Fn(&mut NewArgs)) -> Result<Vec<String>, String> {
        let mut args = NewArgs {
            trunks: Some(8),
            agents: Some(6),
            queues: Some(["billing", "faults", "complaints"].map(str::to_owned).into()),
            country: None,
            night: Some("18:00-08:00".parse().unwrap()),
            holidays: None,
            out: folder.path("new"),
        };
        change(&mut args);
        run(&args).map_err(|why| why.to_string())
    }

    #[test]
    fn a_site_of_one_screen_is_without_a_fault_in_each_country_with_night_and_holidays_or_none() {
        for country in ["CN", "US", "GB", "DE", "JP", "HK"] {
            for night in [true, false] {
                let folder = Folder::new("new");
                let days = folder.file("days", "# 2026\n2026-10-01 2026-10-07 National Day\n2027-01-01\n\n");
                write_with(&folder, |args| {
                    args.country = Some(country.parse().unwrap());
                    args.night = args.night.filter(|_| night);
                    args.holidays = Some(days.clone()).filter(|_| night);
                })
                .unwrap();
                let file = folder.path("new/site.toml");
                let (site, found) = faults(&file);
                let site = site.unwrap();
                let counts = (site.trunks.len(), site.stations.len(), site.agents.len(), site.queues.len());
                assert_eq!((counts, site.boards.len()), ((8, 6, 6, 3), 4));
                assert!(found.iter().all(|fault| fault.severity == Severity::Note), "{}", listed(&found));
                let text = std::fs::read_to_string(&file).unwrap();
                assert!(text.lines().count() <= 72, "{} lines", text.lines().count());
                let holidays = site.calendars.get("hours").map_or(0, |calendar| calendar.holidays.len());
                assert_eq!(holidays, if night { 2 } else { 0 });
            }
        }
    }

    #[test]
    fn answers_that_cannot_be_are_refused_with_what_to_write_and_nothing_is_replaced() {
        let folder = Folder::new("new-wrong");
        let days = folder.file("days", "2026-10-01 2026-09-07\nNational Day\n");
        let refused = |change: &dyn Fn(&mut NewArgs)| write_with(&folder, change).unwrap_err();
        assert!(refused(&|args| args.trunks = Some(0)).contains("1 or more trunks"));
        assert!(refused(&|args| args.agents = Some(300)).contains("240 altogether"));
        assert!(refused(&|args| args.queues = Some(vec!["a".into(), "a".into()])).contains("a stands there twice"));
        assert!(refused(&|args| args.queues = Some(vec!["menu".into()])).contains("is no name for a queue"));
        let holidays = refused(&|args| args.holidays = Some(days.clone()));
        assert!(holidays.contains("days:1: 2026-09-07 is before") && holidays.contains("days:2: "), "{holidays}");
        assert!("18-8".parse::<Night>().unwrap_err().contains("18:00-08:00"));
        assert!(!folder.path("new").exists(), "nothing was written");
        write_with(&folder, |_| {}).unwrap();
        assert!(write_with(&folder, |_| {}).unwrap_err().contains("is there already"));
    }

    #[test]
    fn questions_are_asked_until_the_answer_is_one() {
        let mut answers = io::Cursor::new("2\nmany\n\nbilling, faults\nXX\nDE\nnone\n\n");
        let wanted = ask(&mut answers).unwrap();
        assert_eq!((wanted.trunks, wanted.agents, wanted.queues.len()), (2, 6, 2));
        assert_eq!((wanted.country.0.code, wanted.night, wanted.holidays.len()), ("DE", None, 0));
        assert!(ask(&mut io::Cursor::new("2\n")).is_err());
    }
}
