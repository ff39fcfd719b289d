//! `tipring demo`: calls from ring to record on a simulated card, as they happen, with nothing to install.
//!
//! | file | what it holds |
//! |---|---|
//! | `cast` | who and what takes part |
//! | `real` | the card in a process of its own, threads, the wall clock, clients over TCP |
//! | `max` | the same cores in one thread and virtual time |
//! | `desk` | an agent's screen |
//! | `supervisor` | a supervisor at one of the desks |
//! | `colleague` | consultation, conference, transfer and pickup between two desks |
//! | `telephone` | what a desk knows of its telephone and the colleague's |
//! | `programme` | which of these is shown next |
//! | `part` | who hears whom in each |
//! | `show` | what a person sees |
//! | `event_file` | `events.jsonl` |
//! | `screen_latency` | time from tick to screen |
//! | `judge` | what really happened against what the system says |
//! | `summary` | the last word |

pub(super) mod cast;
mod colleague;
pub(super) mod desk;
mod event_file;
pub(super) mod judge;
pub(super) mod max;
mod part;
pub(super) mod programme;
mod real;
mod screen_latency;
pub(super) mod show;
mod summary;
mod supervisor;
mod telephone;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use tipring_core::store::sqlite::SqliteStore;
use tipring_hw_sim::people::voice::Phrases;
use tipring_tsapi::pdu::acs::{LoginId, ServerId};
use tipring_tsapi::session::client::ClientSettings;
use tipring_tsapi::session::login::Vendor;

use crate::caller_audio;
use crate::config::country::country_help;
use crate::config::{SiteConfig, SiteCountry, Tap};
use crate::failure::Failure;
use crate::run::threads::tlink;
use cast::{Cast, PORTS};
use judge::{Evidence, RingRule, judge};
use show::Show;
use summary::Summary;

pub use event_file::sha256;

/// Speed of a demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Speed {
    /// By the wall clock: the card behind its socket, threads, clients over TCP.
    Real,
    /// As fast as the processor allows, in virtual time.
    Max,
}

/// Arguments of `tipring demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Number of incoming calls
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    calls: u32,
    /// Number of agents, 1 to 3 of the card's four ports; the others are trunks
    #[arg(long, default_value_t = 2)]
    agents: usize,
    /// Seed of the random numbers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, value_name = "CODE", default_value_t = SiteCountry::default(), help = country_help("In which country"))]
    country: SiteCountry,
    /// By the wall clock, or as fast as the processor allows
    #[arg(long, value_enum, default_value_t = Speed::Real)]
    speed: Speed,
    /// Purpose of recordings; those to listen to have noise reduction and level control
    #[arg(long, value_enum, default_value_t = Tap::Evidence)]
    recording: Tap,
    /// A WAV file that the callers speak instead of a synthetic voice
    #[arg(long, value_name = "FILE")]
    caller_audio: Option<PathBuf>,
    /// Folder for events, recordings and the database; a demo found there is replaced
    #[arg(long, value_name = "DIR", default_value = "tipring-demo")]
    out: PathBuf,
    /// Print one JSON object at the end instead of a line for each event
    #[arg(long)]
    json: bool,
    /// Serve the console, and print its address; by the wall clock only
    #[arg(long)]
    console: bool,
    /// The console, opened in the browser of this desktop
    #[arg(long)]
    open: bool,
}

impl DemoArgs {
    /// True if there is a console to look at.
    const fn has_console(&self) -> bool {
        self.console || self.open
    }
}

/// Results of a run, for the judge.
pub(super) struct Run {
    show: Show,
    store: SqliteStore,
    late_ticks: u64,
    latencies_us: Vec<u64>,
    virtual_ms: u64,
    wall_seconds: f64,
    troubles: Vec<String>,
}

/// Runs a demo. The exit status is success only if every offered call ended as it should.
pub fn run(args: &DemoArgs) -> Result<ExitCode, Failure> {
    if !(1..PORTS).contains(&args.agents) {
        return Err(format!(
            "The demo's card has {PORTS} ports and at least one must be a trunk: 1 to {} agents, not {}",
            PORTS - 1,
            args.agents
        )
        .into());
    }
    if args.has_console() && args.speed == Speed::Max {
        return Err("The console shows calls as they happen: --console and --open need --speed real".into());
    }
    let caller_audio = args.caller_audio.as_deref().map(caller_audio::load).transpose()?;
    prepare(&args.out)?;
    let cast = Cast::new(args)?;
    cast::write_greeting(args.seed, &args.out.join("prompts/greeting.wav"))?;
    let show = Show::create(&args.out, args.calls, !args.json)?;
    let run = match args.speed {
        Speed::Real => real::run(&cast, args, show)?,
        Speed::Max => max::run(&cast, args.calls, args.seed, caller_audio.clone(), show)?,
    };
    let summary = sum_up(args, &cast, &Phrases::new(args.seed, caller_audio).with_length(cast::PHRASE_MS), run)?;
    let good = summary.is_good();
    for fault in &summary.findings.faults {
        eprintln!("tipring: {fault}");
    }
    if args.json {
        println!("{}", serde_json::to_string(&summary)?);
    } else {
        println!("\n{summary}");
        println!("see {} for events.jsonl, recordings and tipring.db", args.out.display());
    }
    if !good {
        eprintln!("tipring: not all went as it should; the same run again: {}", again(args));
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn sum_up(args: &DemoArgs, cast: &Cast, phrases: &Phrases, run: Run) -> Result<Summary, Failure> {
    let kept = run.show.finish()?;
    // All lines of a demo are ordinary ones of its country.
    let country = cast.site.country.0;
    let rings = RingRule::new(country.ringing.hz, country.ring_burst_min_ms(&country.line));
    let evidence = Evidence {
        truths: &kept.truths,
        calls: &run.store.calls()?,
        recordings: &run.store.recordings()?,
        folder: &cast.site.store.recordings,
        tap: args.recording,
        pops: &kept.pops,
        parts: &kept.parts,
        customers: &cast.customers,
        phrases,
        rings,
        plan: &cast.site.number_plan()?,
        trunks: &cast.trunks,
        stations: &cast.stations,
        disturbed: &BTreeSet::new(),
    };
    let mut findings = judge(&evidence);
    findings.faults.extend(kept.refusals);
    findings.faults.extend(run.troubles);
    if findings.made != args.calls as usize {
        findings.faults.push(format!("{} calls were to be made, and {} were", args.calls, findings.made));
    }
    Ok(Summary {
        seed: args.seed,
        findings,
        late_ticks: run.late_ticks,
        latencies_us: run.latencies_us,
        virtual_ms: run.virtual_ms,
        wall_seconds: run.wall_seconds,
        event_log_sha256: kept.event_log_sha256,
    })
}

/// Makes the folder, and takes away what an earlier demo left in it; nothing else.
fn prepare(out: &Path) -> Result<(), Failure> {
    let say = |error: std::io::Error| format!("The folder {} cannot be made ready: {error}", out.display());
    fs::create_dir_all(out.join("prompts")).map_err(say)?;
    let database = ["tipring.db", "tipring.db-wal", "tipring.db-shm", "tipring.sessions"];
    for name in ["events.jsonl", "truth.jsonl", "card.sock", "scenario.toml"].into_iter().chain(database) {
        match fs::remove_file(out.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(say(error).into()),
            Ok(()) | Err(_) => {}
        }
    }
    match fs::remove_dir_all(out.join("recordings")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(say(error).into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Returns the settings of a desk's stream.
pub(super) fn desk_settings(site: &SiteConfig, login: &str, password: &str) -> Result<ClientSettings, Failure> {
    let server = ServerId::new(tlink(site)?.as_str())?;
    let mut settings = ClientSettings::new(server, LoginId::new(login)?, password);
    settings.vendors = vec![Vendor::tipring()];
    Ok(settings)
}

/// The command that repeats a run.
fn again(args: &DemoArgs) -> String {
    let DemoArgs { calls, agents, seed, country, speed, recording, caller_audio, out, json, console, open } = args;
    let speed = match speed {
        Speed::Real => "real",
        Speed::Max => "max",
    };
    let recording = match recording {
        Tap::Evidence => "evidence",
        Tap::Listening => "listening",
    };
    let mut text = format!(
        "tipring demo --calls {calls} --agents {agents} --seed {seed} --country {country} --speed {speed} \
         --recording {recording} --out {:?}",
        out
    );
    if let Some(audio) = caller_audio {
        text.push_str(&format!(" --caller-audio {audio:?}"));
    }
    for (option, chosen) in [("json", json), ("console", console), ("open", open)] {
        if *chosen {
            text.push_str(&format!(" --{option}"));
        }
    }
    text
}
