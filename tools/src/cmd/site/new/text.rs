//! The files of a site that is written anew: configuration, flow, and beeps in the place of prompts.
//!
//! Never: reads what it has written; that is checked as any site's is.

use std::fmt::Write as _;
use std::path::Path;

use tipring_driver::time::SAMPLE_RATE_HZ;

use super::{PORTS, Wanted};
use crate::config::SiteCountry;
use crate::failure::Failure;

/// The folder of the unit tipring-sim's socket.
const SIMULATED: &str = "/run/tipring-sim";

/// Returns true if there is neither a night nor a holiday.
pub(super) fn is_always_open(wanted: &Wanted) -> bool {
    wanted.night.is_none() && wanted.holidays.is_empty()
}

/// The number of a queue.
fn queue_number(at: usize) -> usize {
    5000 + at
}

/// A card of the site.
pub(super) struct Card {
    /// The socket of its simulation.
    pub(super) socket: String,
    /// Its modules, as `sim card` takes them.
    pub(super) modules: String,
}

/// The cards: trunks first, then telephones.
pub(super) fn cards(wanted: &Wanted, state: Option<&Path>) -> Vec<Card> {
    let lines = wanted.trunks + wanted.agents;
    let kind = |port: u32| match port {
        port if port < wanted.trunks => "fxo",
        port if port < lines => "fxs",
        _ => "none",
    };
    let socket = |number: u32| match (state, number) {
        (None, _) => format!("card{number}.sock"),
        (Some(_), 1) => format!("{SIMULATED}/card.sock"),
        (Some(_), _) => format!("{SIMULATED}/card{number}.sock"),
    };
    let card = |card: u32| Card {
        socket: socket(card + 1),
        modules: (card * PORTS..(card + 1) * PORTS).map(kind).collect::<Vec<_>>().join(","),
    };
    (0..lines.div_ceil(PORTS)).map(card).collect()
}

/// The time zone of most of a country.
pub(super) fn zone(country: SiteCountry) -> &'static str {
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
pub(super) fn site_toml(wanted: &Wanted, state: Option<&Path>) -> String {
    let mut text = String::new();
    let mut line = |args: std::fmt::Arguments<'_>| {
        let _ = text.write_fmt(args);
        text.push('\n');
    };
    let Wanted { trunks, agents, queues, country, night, holidays } = wanted;
    let place = |name: &str| state.map_or(name.into(), |state| state.join(name).display().to_string());
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
    for Card { socket, modules } in cards(wanted, state) {
        line(format_args!(
            "  {{ card = \"socket:{socket}\" }}, # tipring sim card --socket {socket} --modules {modules}"
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
    if state.is_some() {
        line(format_args!("users = \"{}\"", place("users.toml")));
    }
    line(format_args!("\n[store]"));
    line(format_args!("database = \"{}\"", place("tipring.db")));
    line(format_args!("recordings = \"{}\"", place("recordings")));
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
pub(super) fn hours_toml(wanted: &Wanted) -> String {
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
pub(super) fn beep(path: &Path, beeps: u32) -> Result<(), Failure> {
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
