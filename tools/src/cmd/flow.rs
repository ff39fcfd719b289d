//! `tipring flow`: call flows checked and tried out without a telephone.
//!
//! Never: plays or calls anything; it prints what a caller would hear and where the call would go.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use chrono::{NaiveDateTime, Utc};
use clap::{Args, Subcommand};
use tipring_core::flow::check::{FlowSource, Flows, Known};
use tipring_core::flow::node::Node;
use tipring_core::flow::walk::{Do, Input, Value, Walk, step};
use tipring_driver::line::Digit;
use tipring_driver::time::Ticks;

use crate::config::SiteConfig;
use crate::config::fault::{Fault, listed};
use crate::config::flows::{SiteFlows, read_flow};
use crate::dip::Source;
use crate::failure::Failure;

/// Arguments of `tipring flow`.
#[derive(Debug, Args)]
pub struct FlowArgs {
    #[command(subcommand)]
    command: FlowCommand,
}

#[derive(Debug, Subcommand)]
enum FlowCommand {
    /// Check flows, report every fault with its line
    Check(CheckArgs),
    /// Walk a flow and print what a caller would hear and where the call would go
    Run(RunArgs),
}

#[derive(Debug, Args)]
struct CheckArgs {
    /// Files of flows, checked together
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The site's configuration: prompts, queues and calendars are those of the site
    #[arg(long, alias = "site", value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct RunArgs {
    /// The flow's file, and those of the flows that it calls
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The site's configuration: other flows, calendars, the time zone
    #[arg(long, alias = "site", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keys of the caller, by turn: 1,0571#,2
    #[arg(long, default_value = "", value_name = "KEYS")]
    keys: String,
    /// The caller's number
    #[arg(long, value_name = "NUMBER")]
    caller: Option<String>,
    /// The local time of the call, for calendars: "2026-12-01 20:00"
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The answer of a data source, or the route of a calendar: NAME=TEXT
    #[arg(long = "answer", value_name = "NAME=TEXT")]
    answers: Vec<String>,
    /// Ask the data sources of the site, where no answer is given
    #[arg(long, requires = "config")]
    ask: bool,
}

/// Carries out the subcommand.
pub fn run(args: &FlowArgs) -> Result<ExitCode, Failure> {
    match &args.command {
        FlowCommand::Check(args) => {
            let flows = check(&args.files, args.config.as_ref())?;
            println!("{} flows, no fault: {}", flows.names().count(), flows.names().collect::<Vec<_>>().join(", "));
        }
        FlowCommand::Run(args) => dry_run(args)?.iter().for_each(|line| println!("{line}")),
    }
    Ok(ExitCode::SUCCESS)
}

/// Checks flows; with a site they are checked as its own.
fn check(files: &[PathBuf], config: Option<&PathBuf>) -> Result<Flows, Failure> {
    if let Some(config) = config {
        let mut site = SiteConfig::load_without_users(config)?;
        for file in files {
            if !site.ivr.flows.iter().any(|known| same_file(known, file)) {
                site.ivr.flows.push(file.clone());
            }
        }
        return Ok(SiteFlows::read(&site).map_err(|faults| listed(&faults))?.flows);
    }
    let mut sources = Vec::new();
    let mut faults = Vec::new();
    for file in files {
        match read_flow(file) {
            Ok(source) => sources.push((file, source)),
            Err(found) => faults.extend(found),
        }
    }
    let file_of: BTreeMap<_, _> = sources.iter().map(|(file, source)| (source.name.clone(), *file)).collect();
    let sources: Vec<_> = sources.into_iter().map(|(_, source)| source).collect();
    match Flows::check(&sources, &named(&sources)) {
        Ok(flows) if faults.is_empty() => Ok(flows),
        checked => {
            faults.extend(checked.err().unwrap_or_default().into_iter().map(|fault| {
                let file = file_of.get(&fault.flow).map_or(fault.flow.clone(), |file| file.display().to_string());
                Fault::of(Path::new(&file), Some(fault.line as usize), format!("{}: {}", fault.node, fault.text))
            }));
            Err(listed(&faults).into())
        }
    }
}

fn same_file(a: &PathBuf, b: &PathBuf) -> bool {
    a == b || matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// All names that flows use: without a site every one of them is taken to exist.
fn named(sources: &[FlowSource]) -> Known {
    let mut known = Known::default();
    for (.., node) in sources.iter().flat_map(|source| &source.nodes) {
        match node {
            Node::Play { prompt, .. } | Node::Menu { prompt: Some(prompt), .. } | Node::Collect { prompt, .. } => {
                known.prompts.insert(prompt.clone());
            }
            Node::Queue { queue, .. } | Node::CallBack { queue, .. } => drop(known.queues.insert(queue.clone())),
            Node::Calendar { calendar, .. } => drop(known.calendars.insert(calendar.clone())),
            Node::Dip { source, .. } => drop(known.sources.insert(source.clone())),
            Node::VoiceMail { mailbox } => drop(known.mailboxes.insert(mailbox.clone())),
            _ => {}
        }
    }
    known
}

/// Walks a flow. Returns a line for each thing that happens.
fn dry_run(args: &RunArgs) -> Result<Vec<String>, Failure> {
    let flows = check(&args.files, args.config.as_ref())?;
    let name = read_flow(&args.files[0]).map_err(|faults| listed(&faults))?.name;
    let site = args.config.as_deref().map(SiteConfig::load_without_users).transpose()?;
    let mut answers = BTreeMap::new();
    for answer in &args.answers {
        let (name, text) = answer.split_once('=').ok_or(format!("--answer {answer}: write NAME=TEXT"))?;
        answers.insert(name, text);
    }
    let at = args.at.as_ref().map(|at| NaiveDateTime::parse_from_str(at, "%Y-%m-%d %H:%M"));
    let at = at.transpose().map_err(|_| "--at is written \"2026-12-01 20:00\"")?;
    let route = |calendar: &str| -> Option<String> {
        if let Some(given) = answers.get(calendar) {
            return Some((*given).to_owned());
        }
        let site = site.as_ref()?;
        let at = at.unwrap_or_else(|| Utc::now().with_timezone(&site.zone()).naive_local());
        Some(site.calendars.get(calendar)?.route(at).to_owned())
    };
    let asked = site.iter().filter(|_| args.ask).flat_map(|site| &site.sources);
    let mut sources = asked.map(Source::new).collect::<Result<Vec<_>, _>>().map_err(|(_, why)| why)?;
    let mut turns: VecDeque<VecDeque<Digit>> = VecDeque::new();
    for turn in args.keys.split(',').filter(|turn| !turn.is_empty()) {
        let keys: Option<_> = turn.chars().map(Digit::new).collect();
        turns.push_back(keys.ok_or(format!("--keys {turn}: 0 to 9, * and # are keys"))?);
    }
    let language = site.as_ref().map_or_else(Default::default, |site| site.ivr.language);
    let data = args.caller.iter().map(|caller| ("caller".to_owned(), Value::plain(caller))).collect();
    let (mut walk, mut next) = Walk::begin(&flows, &name, language, data).ok_or(format!("There is no flow {name}"))?;
    let mut lines = Vec::new();
    let mut keying = VecDeque::new();
    loop {
        let input = match &next {
            Do::Play { prompt, .. } => {
                lines.push(format!("plays {prompt}"));
                keying.clear();
                Input::Played
            }
            Do::Notices => {
                lines.push("plays the notices of now for the caller's region".to_owned());
                keying.clear();
                Input::Played
            }
            Do::Say(phrases) => {
                let phrases: Vec<_> = phrases.iter().map(|phrase| phrase.0).collect();
                lines.push(format!("says {} ({})", phrases.join(" "), walk.language.folder()));
                Input::Played
            }
            Do::Await(wait) => {
                if keying.is_empty() && !is_pause(&lines) {
                    keying = turns.pop_front().unwrap_or_default();
                }
                match keying.pop_front() {
                    Some(key) => {
                        let shown = if walk.is_masked(&flows) { '*' } else { key.as_char() };
                        lines.push(format!("key {shown}"));
                        Input::Key(key)
                    }
                    None => {
                        lines.push(format!("no key for {}", seconds(*wait)));
                        Input::TimedOut
                    }
                }
            }
            Do::Calendar(calendar) => {
                let route = route(calendar);
                lines.push(format!("calendar {calendar}: {}", route.as_deref().unwrap_or("no route")));
                Input::Answer(route)
            }
            Do::Dip { source, key, wait } => {
                let answer = match answers.get(source.as_str()) {
                    Some(given) => Ok(Some((*given).to_owned()).filter(|text| !text.is_empty())),
                    None => ask(&mut sources, source, &key.text, *wait),
                };
                let shown = match &answer {
                    Ok(answer) => answer.as_deref().unwrap_or("no entry"),
                    Err(why) => why,
                };
                lines.push(format!("asks {source} for {key:?}: {shown}"));
                answer.map_or(Input::Failed, Input::Answer)
            }
            Do::Ask { route, .. } => {
                lines.push(format!("asks a client for the route of {route}: none"));
                Input::Failed
            }
            Do::CallBack { queue, number } => {
                let at = number.as_ref().map_or(String::new(), |number| format!(" at {number}"));
                lines.push(format!("asks to be called back by the queue {queue}{at}"));
                Input::Done
            }
            last => {
                lines.push(match last {
                    Do::Queue(queue) => format!("enters the queue {queue}"),
                    Do::VoiceMail(mailbox) => format!("leaves a message in {mailbox}"),
                    Do::Transfer(to) => format!("is transferred to {to}"),
                    Do::Busy => "hears busy tone".to_owned(),
                    _ => "the call is cleared".to_owned(),
                });
                break;
            }
        };
        next = step(&flows, &mut walk, &input);
    }
    lines.extend(walk.data.iter().map(|(name, value)| format!("  {name} = {value:?}")));
    Ok(lines)
}

/// Asks a data source; the reason if it cannot be asked.
fn ask(sources: &mut [Source], name: &str, key: &str, wait: Ticks) -> Result<Option<String>, String> {
    let source = sources.iter_mut().find(|source| source.name() == name).ok_or("failed, no --answer and no --ask")?;
    source.ask(key, Duration::from_millis(wait.as_ms())).map_err(|error| format!("failed, {error}"))
}

/// True if the keys of a turn have just ended: the caller pauses.
fn is_pause(lines: &[String]) -> bool {
    lines.last().is_some_and(|line| line.starts_with("key "))
}

fn seconds(wait: Ticks) -> String {
    format!("{:.1} s", wait.as_ms() as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn sample(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/hotline").join(name)
    }

    fn walked(file: &str, keys: &str, answers: &[&str]) -> Vec<String> {
        let answers = answers.iter().map(|&answer| answer.to_owned()).collect();
        let caller = Some("13900001111".to_owned());
        let args = RunArgs {
            files: vec![sample(file)],
            config: None,
            keys: keys.to_owned(),
            caller,
            at: None,
            answers,
            ask: false,
        };
        dry_run(&args).unwrap()
    }

    #[test]
    fn a_dry_run_prints_what_a_caller_hears_and_where_the_call_goes() {
        let lines = walked("balance.toml", "0571#", &["balance=12.50"]);
        let expected = [
            "plays meter",
            "key 0",
            "key 5",
            "key 7",
            "key 1",
            "key #",
            "asks balance for \"0571\": 12.50",
            "plays due",
            "says shi 2 yuan 5 jiao (mandarin)",
            "the call is cleared",
            "  caller = \"13900001111\"",
            "  due = \"12.50\"",
            "  meter = \"0571\"",
        ];
        assert_eq!(lines, expected);
        assert!(walked("balance.toml", "12,", &[]).iter().filter(|line| *line == "plays meter").count() == 2);
        assert!(walked("balance.toml", "0571#", &["balance="]).contains(&"plays unknown".to_owned()));
        assert!(walked("balance.toml", "0571#", &[]).contains(&"plays later".to_owned()));
    }

    #[test]
    fn a_dry_run_asks_the_sources_of_the_site() {
        let folder = std::env::temp_dir().join(format!("tipring-flow-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("prompts")).unwrap();
        let database = rusqlite::Connection::open(folder.join("billing.db")).unwrap();
        let rows = "CREATE TABLE balance (account TEXT PRIMARY KEY, amount TEXT); \
                    INSERT INTO balance VALUES ('0571', '12.50')";
        database.execute_batch(rows).unwrap();
        for prompt in ["meter", "due", "unknown", "later"] {
            std::fs::write(folder.join(format!("prompts/{prompt}.wav")), "").unwrap();
        }
        let phrases = folder.join("prompts/phrases/mandarin");
        std::fs::create_dir_all(&phrases).unwrap();
        for word in tipring_core::flow::say::words(tipring_core::flow::say::Language::Mandarin) {
            std::fs::write(phrases.join(format!("{word}.wav")), "").unwrap();
        }
        let config = folder.join("site.toml");
        let walked = |query: &str, keys: &str| {
            let source = format!("[[source]]\nname = \"balance\"\nsqlite = \"billing.db\"\nquery = {query:?}\n");
            let site = crate::config::TEMPLATE.replacen("[[queue]]", &format!("{source}\n[[queue]]"), 1);
            let site = site.replacen("[ivr]", "[ivr]\nprompts = \"prompts\"", 1);
            std::fs::write(&config, site).unwrap();
            dry_run(&RunArgs {
                files: vec![sample("balance.toml")],
                config: Some(config.clone()),
                keys: keys.to_owned(),
                caller: None,
                at: None,
                answers: Vec::new(),
                ask: true,
            })
        };
        let query = "SELECT amount FROM balance WHERE account = ?1";
        assert!(walked(query, "0571#").unwrap().contains(&"asks balance for \"0571\": 12.50".to_owned()));
        assert!(walked(query, "0572#").unwrap().contains(&"asks balance for \"0572\": no entry".to_owned()));
        let why = walked("SELECT amount FROM balances WHERE account = ?1", "0571#").unwrap_err().to_string();
        let text = std::fs::read_to_string(&config).unwrap();
        let line = 1 + text.lines().position(|line| line.starts_with("query = ")).unwrap();
        let place = format!("{}:{line}: the source balance: ", config.display());
        assert!(why.contains(&place) && why.contains("no such table: balances"), "{why}");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_flows_of_the_sample_hotline_have_no_fault() {
        let flows = check(&[sample("hotline.toml"), sample("balance.toml")], None).unwrap();
        assert_eq!(flows.names().collect::<Vec<_>>(), ["balance", "hotline"]);
        let missing = check(&[sample("hotline.toml")], None).unwrap_err().to_string();
        assert!(missing.contains("hotline.toml:31: balance: There is no flow \"balance\""), "{missing}");
    }
}
