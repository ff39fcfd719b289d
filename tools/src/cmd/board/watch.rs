//! `tipring board watch`: the lines of a card as they are, again and again.

use std::process::ExitCode;

use serde_json::{Value, json};
use tipring_driver::card::tdm400p::PORTS;
use tipring_driver::card::{PortCondition, PortKind};
use tipring_driver::dsp::g711;
use tipring_driver::dsp::level::dbm0;
use tipring_driver::ids::PortId;

use super::WatchArgs;
use super::probe::{condition_json, kind_name, linefeed_name};
use super::session::Session;
use crate::config::SiteCountry;
use crate::failure::Failure;

/// Levels below this are shown as silence, in dBm0: the idle octet of A-law alone is -66.
const FLOOR_DBM0: f64 = -65.0;

/// Shows the card until interrupted, or as often as was asked.
pub fn run(args: &WatchArgs) -> Result<ExitCode, Failure> {
    let mut session = Session::open(args.common.target()?, SiteCountry::default())?;
    let law = session.law();
    let mut looks = 0;
    while !session.is_stopped() && args.count.is_none_or(|count| looks < count) {
        let mut squares = [0.0; PORTS];
        let mut rung = [false; PORTS];
        session.run(args.every, |received, session| {
            for (port, frame) in received.iter().enumerate() {
                let samples = g711::decode_frame(law, frame);
                squares[port] += samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>();
                let seen = session.seen(PortId(port as u8));
                rung[port] |= matches!(seen, Some(PortCondition::Fxo { ringing: true, .. }));
            }
            (session.silence(), true)
        })?;
        if session.is_stopped() {
            break;
        }
        let levels = squares.map(|sum| dbm0(sum / (f64::from(args.every) * 8.0)));
        if args.common.json {
            print_json(&session, &levels, &rung);
        } else {
            print_lines(&session, &levels, &rung);
        }
        looks += 1;
    }
    Ok(ExitCode::SUCCESS)
}

fn print_json(session: &Session, levels: &[f64; PORTS], rung: &[bool; PORTS]) {
    let ports: Vec<Value> = (0..PORTS)
        .map(|number| {
            let port = PortId(number as u8);
            let mut object = condition_json(session.seen(port));
            object["port"] = json!(number);
            object["kind"] = json!(kind_name(session.kind(port)));
            object["level_dbm0"] = match levels[number] {
                level if level > FLOOR_DBM0 => json!((level * 10.0).round() / 10.0),
                _ => Value::Null,
            };
            if rung[number] {
                object["ringing"] = json!(true);
            }
            object
        })
        .collect();
    let counters = session.counters();
    println!(
        "{}",
        json!({
            "ports": ports,
            "ticks": counters.ticks,
            "late": session.late,
            "lost_samples": counters.lost_samples,
            "underrun_ticks": counters.underrun_ticks,
            "bus_errors": counters.bus_errors,
        })
    );
}

fn print_lines(session: &Session, levels: &[f64; PORTS], rung: &[bool; PORTS]) {
    let parts: Vec<String> = (0..PORTS)
        .filter(|number| session.kind(PortId(*number as u8)) != PortKind::Absent)
        .map(|number| {
            let port = PortId(number as u8);
            let state = match session.seen(port) {
                _ if rung[number] => "ringing".to_owned(),
                Some(PortCondition::Fxs { power_alarm: true, .. }) => "power alarm".to_owned(),
                Some(PortCondition::Fxs { loop_closed: true, .. }) => "off hook".to_owned(),
                Some(PortCondition::Fxs { linefeed, .. }) => linefeed_name(linefeed).replace('_', " "),
                Some(PortCondition::Fxo { off_hook: true, volts, milliamps, .. }) => {
                    format!("off hook {volts} V {milliamps} mA")
                }
                Some(PortCondition::Fxo { volts, .. }) => format!("{volts} V"),
                Some(PortCondition::Service(_)) | None => kind_name(session.kind(port)).to_owned(),
            };
            let level =
                if levels[number] > FLOOR_DBM0 { format!("{:.0} dBm0", levels[number]) } else { "silent".into() };
            format!("{number} {}: {state}, {level}", kind_name(session.kind(port)).to_uppercase())
        })
        .collect();
    let counters = session.counters();
    println!(
        "{} | late {} lost {} underrun {}",
        parts.join(" | "),
        session.late,
        counters.lost_samples,
        counters.underrun_ticks
    );
}
