//! A day with sound: simulated cards, driver, core and store in one thread and virtual time, with people at the wires
//! and clients of good and bad habits at the streams, all from one seed.
//!
//! Callers come in shifts of half an hour. When a shift is over and everything has come to rest, it is judged from
//! outside, and its recordings are taken away:
//!
//! | claim | evidence |
//! |---|---|
//! | every call ends | the world's events; the calls in progress when all is at rest |
//! | exactly those hear a voice who should | each phrase, looked for in each receiver and recording, by [`judge`] |
//! | events follow one another, and a snapshot says the same | [`watcher`](super::watcher) |
//! | what may not be granted is not | [`liar`](super::liar) |
//! | every record adds up | one record a call, times in order, against the log of events |
//!
//! Calls at the cards that have faults end and are recorded like all others; what is heard there is not judged.
//!
//! Never: reads the core's state but for the number of calls in progress.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use serde_json::json;
use tipring_core::csta::DeviceId;
use tipring_core::store::sqlite::{CallRow, SqliteStore};
use tipring_core::time::Ticks;
use tipring_hw_sim::card::tdm400p::Tdm400p;
use tipring_hw_sim::device::Device;
use tipring_hw_sim::fault::Faults;
use tipring_hw_sim::network::joined::Joined;
use tipring_hw_sim::people::Town;
use tipring_hw_sim::people::truth::{Truth, TruthLog, What};
use tipring_hw_sim::people::voice::Phrases;
use tipring_hw_sim::scenario::{Alone, Callers, Scenario, Shifts, Span};
use tipring_tsapi::session::client::ClientSettings;

use super::faults::DayFaults;
use super::liar::Liar;
use super::watcher::{Habit, Notes, Shared, Watcher};
use super::{DayArgs, again, database_in, total};
use crate::clock::Stopwatch;
use crate::cmd::demo::cast::{
    Cast, Outline, PART_MS, PHRASE_MS, PORTS, login, sockets, stream_password, write_greeting,
};
use crate::cmd::demo::desk_settings;
use crate::cmd::demo::judge::{CallControl, Evidence, Heard, RingRule, judge};
use crate::cmd::demo::max::Screen;
use crate::cmd::demo::programme::Programme;
use crate::cmd::demo::show::{Kept, Show};
use crate::config::{SiteCountry, Tap};
use crate::customers::BY_IMPORT;
use crate::day::site::{EPOCH_MS, Habits};
use crate::failure::Failure;
use crate::report::computation::{self, Targets};
use crate::report::span::Interval;
use crate::run::lockstep::{Client, Lockstep};
use crate::site_clock::SiteClock;
use crate::users::{Cost, Grant};

/// Calls at the end of each shift that find all agents free, for the programme of call control of the first two, and
/// the key that leads to them.
const CALLS_ALONE: u32 = 3;
const COLLEAGUES_KEY: char = '9';
/// Length of a shift in ms, and the rest after it: all time-outs of lines and people are over, all records written.
const SHIFT_MS: u64 = 1_800_000;
const REST_MS: u32 = 20_000;
/// Greeting, ringing and what follows a talk: the time for which a line is taken beside the talk, in s.
const BESIDE_TALK_S: f64 = 15.0;
/// The least time a line rests, s.
const LEAST_GAP_S: f64 = 3.0;
/// Time that the last calls of a shift may take, in ms: beyond, something is stuck.
const LAST_CALLS_MS: u64 = 1_800_000;
/// The password of the clients that watch and lie; it protects nothing.
const PASSWORD: &str = "day-day";
/// The users of those clients.
const WATCHER: &str = "watcher";
const LIAR: &str = "liar";

/// A folder for recordings and the greeting of a day that keeps nothing.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch, Failure> {
        let folder = std::env::temp_dir().join(format!("tipring-day-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Scratch(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Counts over all shifts.
#[derive(Default)]
struct Counts {
    shifts: u32,
    calls: usize,
    offered: usize,
    answered: usize,
    abandoned: usize,
    records: usize,
    established: u64,
    paths_checked: usize,
    min_snr_db: Option<f32>,
    recordings: usize,
    control: CallControl,
    faults: Vec<String>,
}

/// A day as it passes.
struct Day<'a> {
    cast: &'a Cast,
    faults: &'a DayFaults,
    phrases: Phrases,
    show: Rc<RefCell<Show>>,
    notes: Shared,
    counts: Counts,
    /// Beginning of the shift, in ms since 1970.
    since_ms: u64,
    judging: f64,
}

type Site = Lockstep<Box<dyn Client>>;

/// Lets the day pass, prints what was counted, and fails if anything does not agree.
pub(super) fn day_of(args: &DayArgs) -> Result<ExitCode, Failure> {
    let scratch = Scratch::new()?;
    let (lines, agents) = (usize::from(args.lines), usize::from(args.agents));
    let least = (lines + agents).div_ceil(PORTS);
    let cards = args.cards.unwrap_or(least);
    if cards < least || cards * PORTS > usize::from(u8::MAX) {
        return Err(format!(
            "{lines} lines and {agents} agents need {least} cards, and {} are the most; {cards} were asked for",
            usize::from(u8::MAX) / PORTS
        )
        .into());
    }
    let database = args.out.as_deref().map_or(Ok(PathBuf::from(":memory:")), database_in)?;
    let folder = args.out.as_deref().unwrap_or(&scratch.0);
    let length_ms = args.length().as_ms();
    let faults = DayFaults::draw(lines, agents, cards, length_ms, args.seed);
    let undisturbed = (0..u8::MAX).find(|socket| !faults.disturbed.contains(socket));
    let scenario = Scenario { cuts: faults.cuts.clone(), ..scenario(args, length_ms, undisturbed) };
    let cast = cast(args, cards, scenario, folder)?;
    let stopwatch = Stopwatch::start();
    let (mut site, mut joined, truth, mut day) = open(args, &cast, &faults, &database)?;
    let mut limit = SHIFT_MS + LAST_CALLS_MS;
    while !truth.finished() {
        site.step()?;
        joined.step();
        while let Some(truth) = truth.poll_truth() {
            if matches!(truth.what, What::ShiftEnds { .. }) && args.agents > 1 {
                cast.programme.begin();
            }
            let is_shift_over = matches!(truth.what, What::ShiftOver { .. } | What::Over);
            day.show.borrow_mut().truth(truth)?;
            if is_shift_over {
                day.judge_shift(&mut site)?;
                limit = site.now().0 + SHIFT_MS + LAST_CALLS_MS;
            }
        }
        if site.now().0 > limit {
            return Err(format!(
                "After {} the calls of the shift are not over: something is stuck; the same day \
                                again: {}",
                site.now(),
                again(args)
            )
            .into());
        }
    }
    let virtual_s = site.now().0 as f64 / 1000.0;
    let finished = site.finish()?;
    let seconds = stopwatch.secs_f64();
    let Day { mut counts, notes, judging, since_ms: end_ms, .. } = day;
    counts.faults.extend(finished.troubles);
    check_log(&finished.store, end_ms, &mut counts)?;
    let mut notes = notes.borrow_mut();
    counts.faults.append(&mut notes.faults);
    let times = virtual_s / seconds;
    print(args, &counts, &notes, faults.count(), (virtual_s, seconds, judging, times))?;
    if counts.faults.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("The same day again: {}", again(args));
    Ok(ExitCode::FAILURE)
}

/// Callers in shifts: as many as make the load of a usual day, in mean, if the lines carry them.
fn scenario(args: &DayArgs, length_ms: u64, line: Option<u8>) -> Scenario {
    let usual = Habits::usual(args.agents);
    let talk = args.talk.unwrap_or(usual.talk);
    let callers = args.callers.unwrap_or(usual.callers);
    let patience = args.patience.unwrap_or(usual.patience);
    let gap = (f64::from(args.lines) * 3600.0 / callers - talk - BESIDE_TALK_S).max(LEAST_GAP_S);
    let about =
        |mean_s: f64, off: f64| Span((mean_s * 1000.0 * (1.0 - off)) as u32, (mean_s * 1000.0 * (1.0 + off)) as u32);
    let length = SHIFT_MS.min(length_ms);
    // Each line takes its next call after the shortest gap and the shortest talk at the soonest.
    let most = f64::from(args.lines) * length_ms as f64 / f64::from(about(talk, 0.6).0 + about(gap, 0.5).0);
    let shifts = length_ms.div_ceil(length) as u32;
    let alone = if args.agents > 1 { CALLS_ALONE * shifts } else { 0 };
    let callers = Callers {
        alone: Alone {
            calls: alone,
            gap_ms: Some((LEAST_GAP_S * 1000.0) as u32),
            key: Some(COLLEAGUES_KEY),
            line,
            ..Alone::default()
        },
        count: most as u32 + u32::from(args.lines) + alone,
        gap_ms: about(gap, 0.5),
        queue_patience_ms: about(patience, 0.5),
        talk_ms: about(talk, 0.6),
        shifts: Shifts { count: shifts, length_ms: length as u32, rest_ms: REST_MS },
        ..Callers::default()
    };
    Scenario { callers, ..Scenario::default() }
}

fn cast(args: &DayArgs, cards: usize, scenario: Scenario, out: &Path) -> Result<Cast, Failure> {
    let mut cast = Cast::of(Outline {
        trunks: args.lines.into(),
        agents: args.agents.into(),
        cards,
        seed: args.seed,
        country: SiteCountry::default(),
        recording: Tap::Evidence,
        scenario,
        each: Ticks::from_ms(PART_MS),
        programme: Programme::none(),
        colleagues_key: Some(COLLEAGUES_KEY),
        out,
    })?;
    std::fs::create_dir_all(out.join("prompts"))?;
    write_greeting(args.seed, &out.join("prompts/greeting.wav"))?;
    let first = cast.stations.values().next().cloned().unwrap_or_default();
    for (user, devices) in [(WATCHER, "*".to_owned()), (LIAR, first)] {
        let grant = Grant { role: "observer".into(), devices };
        cast.site.users.set_user(user, PASSWORD, vec![grant], Cost::LEAST)?;
    }
    Ok(cast)
}

fn open<'a>(
    args: &DayArgs,
    cast: &'a Cast,
    faults: &'a DayFaults,
    database: &Path,
) -> Result<(Site, Joined, TruthLog, Day<'a>), Failure> {
    let (town, truth) = Town::new(&cast.scenario, args.seed, &sockets(&cast.modules), None)?;
    let (joined, worlds) = Joined::new(Box::new(town), cast.modules.len(), PORTS);
    let devices =
        worlds.into_iter().zip(&cast.modules).zip(&faults.cards).zip(1..).map(|(((world, modules), plan), card)| {
            let faults = Faults::new(args.seed.wrapping_mul(31).wrapping_add(card), plan.clone());
            Box::new(Tdm400p::new(*modules, world).with_faults(faults)) as Box<dyn Device>
        });
    let mut store = SqliteStore::open(database, EPOCH_MS as i64)?;
    store.set_number_plan(&cast.site.number_plan()?)?;
    store.import_customers(cast.rows(), BY_IMPORT, EPOCH_MS as i64)?;
    let show = Rc::new(RefCell::new(Show::silent(0, false)));
    let notes: Shared = Rc::new(RefCell::new(Notes::default()));
    let mut clients: Vec<(ClientSettings, Box<dyn Client>)> = Vec::new();
    for seat in &cast.seats {
        let settings = desk_settings(&cast.site, &login(seat), &stream_password(seat))?;
        clients.push((settings, Box::new(Screen::new(*seat, &cast.programme, &show))));
    }
    let stations: Vec<DeviceId> = cast.seats.iter().map(|seat| seat.station).collect();
    for (habit, seed) in [Habit::Prompt, Habit::Slow, Habit::Dying].into_iter().zip(args.seed.wrapping_mul(97)..) {
        let watcher = Watcher::new(habit, &stations, seed, &notes);
        clients.push((desk_settings(&cast.site, WATCHER, PASSWORD)?, Box::new(watcher)));
    }
    let liar = Liar::new(&stations, args.seed ^ 0x6c69_6172, &notes);
    clients.push((desk_settings(&cast.site, LIAR, PASSWORD)?, Box::new(liar)));
    let site = Lockstep::new(&cast.site, devices.collect(), EPOCH_MS as i64, store, clients)?;
    let phrases = Phrases::new(args.seed, None).with_length(PHRASE_MS);
    let (counts, since_ms) = (Counts::default(), EPOCH_MS);
    Ok((site, joined, truth, Day { cast, faults, phrases, show, notes, counts, since_ms, judging: 0.0 }))
}

impl Day<'_> {
    /// Everything is at rest: judges what has been since the last time.
    fn judge_shift(&mut self, site: &mut Site) -> Result<(), Failure> {
        let stopwatch = Stopwatch::start();
        let kept = self.show.borrow_mut().take();
        let until_ms = EPOCH_MS + site.now().0 + 1;
        let mut rows = Vec::new();
        site.store().each_call(self.since_ms, until_ms, |call| rows.push(call.clone()))?;
        self.since_ms = until_ms;
        self.counts.shifts += u32::from(!rows.is_empty());
        let left = self.cast.programme.end();
        if left > 0 {
            self.counts
                .faults
                .push(format!("{left} acts of call control were not shown in shift {}", self.counts.shifts));
        }
        self.counts.faults.extend(site.take_checksums()?);
        if site.calls() > 0 {
            let left = format!("{} calls go on at {} with every line and telephone at rest", site.calls(), site.now());
            self.counts.faults.push(left);
        }
        self.check_rows(&kept.truths, &rows);
        self.judge(site, &kept, &rows)?;
        // Recordings are in folders of their days.
        for folder in std::fs::read_dir(&self.cast.site.store.recordings)? {
            std::fs::remove_dir_all(folder?.path())?;
        }
        self.judging += stopwatch.secs_f64();
        Ok(())
    }

    /// Checks that hold for every call, whatever its card did.
    fn check_rows(&mut self, truths: &[Truth], rows: &[CallRow]) {
        let counts = &mut self.counts;
        let count = |is: fn(&What) -> bool| truths.iter().filter(|truth| is(&truth.what)).count();
        let started = count(|what| matches!(what, What::CallStarted { .. }));
        let ended = count(|what| matches!(what, What::CallEnded { .. }));
        if started != ended {
            counts.faults.push(format!("{started} calls came in the shift, and {ended} ended"));
        }
        counts.records += rows.len();
        for row in rows {
            counts.established += u64::from(row.established_ms.is_some() && row.direction == "inbound");
            let middle = [row.answered_ms, row.queued_ms, row.alerting_ms, row.established_ms];
            let times: Vec<i64> =
                [Some(row.offered_ms)].into_iter().chain(middle).chain([Some(row.ended_ms)]).flatten().collect();
            if !times.is_sorted() || row.outcome.is_empty() || row.released_by.is_empty() {
                counts.faults.push(format!("a record that cannot be: {row:?}"));
            }
        }
    }

    /// Lets the judge of the demo compare the shift with the records, the recordings and the screens.
    fn judge(&mut self, site: &mut Site, kept: &Kept, rows: &[CallRow]) -> Result<(), Failure> {
        let cast = self.cast;
        let disturbed = &self.faults.disturbed;
        let trunks: BTreeMap<u8, String> = cast
            .trunks
            .iter()
            .filter(|(socket, _)| !disturbed.contains(socket))
            .map(|(a, b)| (*a, b.clone()))
            .collect();
        let country = cast.site.country.0;
        let findings = judge(&Evidence {
            truths: &kept.truths,
            calls: rows,
            recordings: &site.store().recordings()?,
            folder: &cast.site.store.recordings,
            tap: Tap::Evidence,
            pops: &kept.pops,
            parts: &kept.parts,
            customers: &cast.customers,
            phrases: &self.phrases,
            rings: RingRule::new(country.ringing.hz, country.ring_burst_min_ms(&country.line)),
            plan: &cast.site.number_plan()?,
            trunks: &trunks,
            stations: &cast.stations,
            disturbed,
        });
        let counts = &mut self.counts;
        counts.calls += findings.made;
        counts.offered += findings.offered;
        counts.answered += findings.answered;
        counts.abandoned += findings.abandoned;
        counts.paths_checked += findings.paths_checked;
        counts.recordings += findings.recordings;
        counts.control.add(&findings.call_control);
        counts.min_snr_db = match (counts.min_snr_db, findings.min_snr_db) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        counts.faults.extend(findings.faults);
        // A desk at a card with faults may be refused whatever it asks for.
        let is_disturbed = |text: &String| {
            let mut names = disturbed.iter().filter_map(|socket| cast.stations.get(socket));
            names.any(|name| text.starts_with(&format!("desk {name} ")))
        };
        counts.faults.extend(kept.refusals.iter().filter(|text| !is_disturbed(text)).cloned());
        Ok(())
    }
}

/// The log of events, from which the reports come, has each call of the records, and no other.
fn check_log(store: &SqliteStore, end_ms: u64, counts: &mut Counts) -> Result<(), Failure> {
    let (from, to) = (SiteClock::UTC.at(EPOCH_MS), SiteClock::UTC.at(end_ms + 1));
    let ledger = computation::read(store, &Targets::default(), Interval::Whole.bounds(from, to)?, |_| {})?;
    let total = total(&ledger, 2);
    let mut queued = 0;
    store
        .each_call(0, u64::MAX, |call| queued += u64::from(call.queued_ms.is_some() && call.direction == "inbound"))?;
    for (what, reported, recorded) in [
        ("calls offered to the queue", total.offered, queued),
        ("calls without an end", ledger.open_calls() as u64, 0),
        ("entries missing", ledger.gaps(), 0),
    ] {
        if reported != recorded {
            counts.faults.push(format!("{what}: {reported} by the log, {recorded} by the records"));
        }
    }
    Ok(())
}

fn print(
    args: &DayArgs,
    counts: &Counts,
    notes: &Notes,
    card_faults: usize,
    (virtual_s, seconds, judging, times): (f64, f64, f64, f64),
) -> Result<(), Failure> {
    let mut out = stdout().lock();
    let snr = counts.min_snr_db.map(|snr| (f64::from(snr) * 10.0).round() / 10.0);
    if args.json {
        let summary = json!({
            "summary": { "calls": counts.calls, "offered": counts.offered, "answered": counts.answered,
            "abandoned": counts.abandoned, "records": counts.records, "established": counts.established,
            "recordings": counts.recordings, "paths_checked": counts.paths_checked, "min_snr_db": snr,
            "call_control": counts.control, "shifts": counts.shifts, "card_faults": card_faults,
            "events": notes.events, "snapshots": notes.snapshots, "streams_broken": notes.deaths,
            "lies_refused": notes.lies, "faults": counts.faults, "virtual_seconds": virtual_s,
            "seconds": seconds, "judging_seconds": judging, "times_real_time": times }
        });
        return Ok(writeln!(out, "{summary}")?);
    }
    writeln!(
        out,
        "{} calls in {} shifts; at cards without faults {} were offered, {} answered, {} abandoned",
        counts.calls, counts.shifts, counts.offered, counts.answered, counts.abandoned
    )?;
    writeln!(
        out,
        "sound: {} phrases compared, the worst {} dB; {} recordings with what was said",
        counts.paths_checked,
        snr.map_or("-".into(), |snr| snr.to_string()),
        counts.recordings
    )?;
    let Heard { parts, heard, kept_from } = counts.control.sum();
    writeln!(out, "call control: {parts} parts, {heard} phrases heard by those who should, {kept_from} by none other")?;
    writeln!(
        out,
        "clients: {} events followed, {} snapshots equal; {} streams broken off, {} requests refused as they must be",
        notes.events, notes.snapshots, notes.deaths, notes.lies
    )?;
    writeln!(out, "{card_faults} faults of cards and lines")?;
    writeln!(
        out,
        "{virtual_s:.0} s of the day in {seconds:.1} s, {judging:.1} of them for the judge: {times:.1} times real time"
    )?;
    match counts.faults.as_slice() {
        [] => writeln!(out, "every call ended; sound, events, snapshots and records agree")?,
        faults => faults.iter().try_for_each(|fault| writeln!(out, "fault: {fault}"))?,
    }
    Ok(out.flush()?)
}
