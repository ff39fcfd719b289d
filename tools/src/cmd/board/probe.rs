//! `tipring board probe`: what is on a card, and what its lines and telephones look like now.

use std::process::ExitCode;

use serde_json::{Value, json};
use tipring_driver::card::{Linefeed, ModuleTest, Outcome, PortCondition, PortKind};
use tipring_driver::ids::PortId;

use super::Common;
use super::list::id_json;
use super::session::Session;
use crate::config::SiteCountry;
use crate::failure::Failure;

/// Opens the card and prints what it finds. A broken module is a finding, not a failure.
pub fn run(common: &Common) -> Result<ExitCode, Failure> {
    let mut session = Session::open(common.target()?, SiteCountry::default())?;
    session.idle(200)?;
    let ports = (0..session.model.ports() as u8).map(PortId);
    let mut findings = Vec::new();
    for port in ports {
        let measured = match session.kind(port) {
            PortKind::Fxs => Some(session.module_test(port, ModuleTest::Measure)?),
            PortKind::Fxo | PortKind::Absent | PortKind::Broken => None,
        };
        findings.push((port, measured));
    }
    if common.json {
        let ports: Vec<Value> =
            findings.iter().map(|(port, measured)| as_json(&session, *port, measured.as_ref())).collect();
        println!(
            "{}",
            json!({
                "address": session.address.to_string(),
                "model": session.model.name(),
                "pci": id_json(session.id),
                "glue_version": session.glue_version().map(|version| format!("{version:#04x}")),
                "bring_up_ms": session.bring_up_ms,
                "ports": ports,
            })
        );
    } else {
        let version = session.glue_version().map_or(String::new(), |version| format!("glue logic {version:#04x}, "));
        println!("{}: {}, {version}up in {} ms", session.address, session.model.name(), session.bring_up_ms);
        for (port, measured) in &findings {
            println!("  {port}: {}", sentence(&session, *port, measured.as_ref()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The name of a kind in JSON.
pub fn kind_name(kind: PortKind) -> &'static str {
    match kind {
        PortKind::Absent => "absent",
        PortKind::Fxs => "fxs",
        PortKind::Fxo => "fxo",
        PortKind::Broken => "broken",
    }
}

/// The name of a line feed in JSON.
pub fn linefeed_name(linefeed: Linefeed) -> &'static str {
    match linefeed {
        Linefeed::Open => "open",
        Linefeed::ForwardActive => "forward_active",
        Linefeed::ForwardOnHookTransmission => "forward_on_hook_transmission",
        Linefeed::TipOpen => "tip_open",
        Linefeed::Ringing => "ringing",
        Linefeed::ReverseActive => "reverse_active",
        Linefeed::ReverseOnHookTransmission => "reverse_on_hook_transmission",
        Linefeed::RingOpen => "ring_open",
    }
}

/// A condition as members of a JSON object.
pub fn condition_json(condition: Option<PortCondition>) -> Value {
    match condition {
        None | Some(PortCondition::Service(_)) => json!({}),
        Some(PortCondition::Fxs { loop_closed, linefeed, power_alarm }) => {
            json!({ "loop_closed": loop_closed, "linefeed": linefeed_name(linefeed), "power_alarm": power_alarm })
        }
        Some(PortCondition::Fxo { ringing, volts, milliamps, off_hook }) => {
            json!({ "ringing": ringing, "volts": volts, "milliamps": milliamps, "off_hook": off_hook })
        }
    }
}

fn as_json(session: &Session, port: PortId, measured: Option<&Outcome>) -> Value {
    let mut object = condition_json(session.seen(port));
    object["port"] = json!(port.0);
    object["kind"] = json!(kind_name(session.kind(port)));
    object["fault"] = json!(session.fault(port));
    if let Some(Outcome::Measured { battery_volts, loop_milliamps }) = measured {
        let tenths = |value: &f32| json!((f64::from(*value) * 10.0).round() / 10.0);
        object["battery_volts"] = tenths(battery_volts);
        object["milliamps"] = tenths(loop_milliamps);
    }
    object
}

fn sentence(session: &Session, port: PortId, measured: Option<&Outcome>) -> String {
    match (session.kind(port), session.seen(port)) {
        (PortKind::Absent, _) => "nothing plugged in".into(),
        (PortKind::Broken, _) => format!("broken. {}", session.fault(port).unwrap_or_default()),
        (PortKind::Fxs, Some(PortCondition::Fxs { loop_closed, linefeed, power_alarm })) => {
            let supply = match measured {
                Some(Outcome::Measured { battery_volts, loop_milliamps }) => {
                    format!(", supply {battery_volts:.0} V, line {loop_milliamps:.0} mA")
                }
                Some(_) | None => String::new(),
            };
            let hook = if loop_closed { "off hook" } else { "on hook" };
            let alarm = if power_alarm { ", power alarm" } else { "" };
            format!("FXS, telephone {hook}, feed {}{supply}{alarm}", linefeed_name(linefeed).replace('_', " "))
        }
        (PortKind::Fxo, Some(PortCondition::Fxo { ringing, volts, milliamps, off_hook })) => {
            let line = match (volts, ringing) {
                (0, _) => "no line voltage: is a line plugged in?".to_owned(),
                (_, true) => format!("ringing, line {volts} V"),
                (_, false) if off_hook => format!("off hook, line {volts} V, {milliamps} mA"),
                (_, false) => format!("on hook, line {volts} V"),
            };
            format!("FXO, {line}")
        }
        (kind @ (PortKind::Fxs | PortKind::Fxo), _) => format!("{}, not looked at yet", kind_name(kind).to_uppercase()),
    }
}
