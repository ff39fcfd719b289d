//! `tipring board test`: each port proved, in the order in which things depend on each other.
//!
//! | check | what is done | which ports |
//! |---|---|---|
//! | `open` | the card is reached and comes up; shown only if it fails | the card |
//! | `clock` | sound moves, and no DMA access is aborted | the card |
//! | `module` | a module is there and came up | those with one, or the one asked for |
//! | `registers` | twelve values are written to a register and read back | both kinds |
//! | `dma` | the chip sends back what is played to it, octet for octet | both kinds |
//! | `feed` | the line is fed as asked, and the supply stands | FXS |
//! | `tone` | a tone sent out comes back through both converters | FXS |
//! | `loop` | the loop is seen open or closed, and current agrees with it | FXS |
//! | `ring` | the telephone is rung: ringing voltage without alarm or false trip; lifted, it trips | FXS |
//! | `battery` | the line has voltage | FXO |
//! | `dial_tone` | off hook, current flows and dial tone comes | FXO |
//! | `tone_out` | a key sent into dial tone ends it: we are heard | FXO |
//!
//! A check that depends on a failed one is skipped: one fault is reported once, with its remedy.
//!
//! Never: leaves a line seized or a telephone ringing, however a check ends.

mod trunk;

use std::process::ExitCode;

use serde_json::json;
use tipring_driver::card::tdm400p::PORTS;
use tipring_driver::card::{CardError, Frame, Linefeed, ModuleTest, Outcome, PortCommand, PortCondition, PortKind};
use tipring_driver::country::Country;
use tipring_driver::dsp::tone::{Component, FOREVER, Generator, Segment, SegmentSignal, ToneSpec};
use tipring_driver::dsp::{g711, level};
use tipring_driver::ids::PortId;
use tipring_driver::time::SAMPLES_PER_TICK;

use self::trunk::{battery, dial_tone, tone_out};
use super::TestArgs;
use super::session::Session;
use crate::failure::Failure;

/// Time a telephone is rung without `--lift`, in milliseconds.
const RING_MS: u32 = 2000;
/// Length of the comparison over the loop-back of a chip, in ticks.
const LOOPBACK_TICKS: usize = 500;
/// The most ticks by which it may come back later.
const LOOPBACK_DELAY_MAX: usize = 64;
/// Test tone, sent and expected back: the tone for level measurement (ITU-T O.6, 1020 Hz or near), in hertz and dBm0.
const TEST_TONE_HZ: f64 = 1000.0;
const TEST_TONE_DBM0: f64 = -10.0;
const TEST_TONE: ToneSpec = ToneSpec::repeated(&[Segment {
    signal: SegmentSignal::Sum(&[Component { hz: TEST_TONE_HZ, dbm0: TEST_TONE_DBM0 }]),
    ms: FOREVER,
}]);
/// For how long it is sent, in ticks, and how many samples are judged at a time: four periods.
const TONE_TICKS: u32 = 500;
const TONE_WINDOW: usize = 32;
/// Tolerance of its level, in dB, and the least part of the received power at its frequency.
const TONE_OFF_DB: f64 = 6.0;
const TONE_PURITY: f64 = 0.9;
/// The least supply of an FXS module, in volts.
const SUPPLY_VOLTS: f32 = 20.0;

/// Result of a check.
struct Check {
    port: Option<PortId>,
    check: &'static str,
    /// The reason: why it passed, or why not and what to do.
    result: Result<String, String>,
}

/// Proves the card. Success only if every check passed.
pub fn run(args: &TestArgs) -> Result<ExitCode, Failure> {
    let mut passed = true;
    let mut show = |check: Check| {
        passed &= check.result.is_ok();
        print(&check, args.common.json);
    };
    match args.common.target().and_then(|target| Session::open(target, args.country)) {
        Err(error) => {
            let result = Err(error.downcast_ref().map_or_else(|| error.to_string(), advised));
            show(Check { port: None, check: "open", result });
        }
        Ok(mut session) => {
            if let Err(error) = prove(&mut session, args, &mut show) {
                show(Check { port: None, check: "clock", result: Err(advised(&error)) });
            }
            if session.is_stopped() {
                return Err("Interrupted. The card has been stopped: lines are on hook and telephones silent".into());
            }
        }
    }
    if !args.common.json {
        println!("{}", if passed { "PASS" } else { "FAIL" });
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Describes an error of the card as a whole, with its remedy.
fn advised(error: &CardError) -> String {
    match error {
        CardError::Stalled { .. } | CardError::BusAbort | CardError::NotThisCard(_) => format!(
            "{error}. Reseat the card, with the computer off; if that does not help, try another slot, then another card"
        ),
        // These say it themselves.
        _ => error.to_string(),
    }
}

/// Runs all checks, in their order. Results after an interruption are not shown.
fn prove(session: &mut Session, args: &TestArgs, show: &mut dyn FnMut(Check)) -> Result<(), CardError> {
    show(clock(session)?);
    for port in (0..PORTS as u8).filter(|port| args.port.is_none_or(|only| only == *port)).map(PortId) {
        if args.port.is_some() && session.kind(port) == PortKind::Absent {
            let result =
                Err("nothing answers in this socket. Plug a module in, with the computer off, or reseat it".into());
            show(Check { port: Some(port), check: "module", result });
            continue;
        }
        let mut found = Vec::new();
        let ended = test_port(session, port, args.country.0, args.lift, &mut |check| found.push(check));
        if session.is_stopped() {
            return Ok(());
        }
        found.into_iter().for_each(&mut *show);
        ended?;
    }
    Ok(())
}

fn print(check: &Check, as_json: bool) {
    let (result, reason) = match &check.result {
        Ok(reason) => ("pass", reason),
        Err(reason) => ("fail", reason),
    };
    if as_json {
        let port = check.port.map(|port| port.0);
        println!("{}", json!({ "port": port, "check": check.check, "result": result, "reason": reason }));
    } else {
        let port = check.port.map_or("card".into(), |port| port.to_string());
        println!("{}  {port}  {}: {reason}", result.to_uppercase(), check.check);
    }
}

/// Sound moves.
fn clock(session: &mut Session) -> Result<Check, CardError> {
    let before = session.counters();
    session.idle(500)?;
    let after = session.counters();
    let errors = after.bus_errors - before.bus_errors;
    let result = if errors > 0 {
        Err(format!("{errors} DMA accesses were aborted within 500 ms. Reseat the card; check its IOMMU mapping"))
    } else {
        Ok(format!("sound moves; {} samples lost", after.lost_samples - before.lost_samples))
    };
    Ok(Check { port: None, check: "clock", result })
}

fn test_port(
    session: &mut Session,
    port: PortId,
    country: &'static Country,
    lift: Option<u32>,
    show: &mut dyn FnMut(Check),
) -> Result<(), CardError> {
    let mut report = |check, result| show(Check { port: Some(port), check, result });
    let kind = session.kind(port);
    match kind {
        PortKind::Absent => return Ok(()),
        PortKind::Broken => {
            report("module", Err(session.fault(port).unwrap_or_else(|| "The module does not come up".into())));
            return Ok(());
        }
        PortKind::Fxs => report("module", Ok("FXS, up and calibrated".into())),
        PortKind::Fxo => report("module", Ok("FXO, line side up".into())),
    }
    report("registers", registers(session, port)?);
    match kind {
        PortKind::Fxs => {
            report("dma", loopback(session, port)?);
            let fed = match feed(session, port)? {
                Ok(fed) => fed,
                fed => {
                    report("feed", fed);
                    return Ok(());
                }
            };
            let toned = tone(session, port);
            session.command(port, PortCommand::Linefeed(Linefeed::ForwardActive));
            session.idle(50)?;
            // An alarm that comes only now is the feed's too; no other check can pass then.
            if has_power_alarm(session, port) {
                report("feed", Err(OPENED.into()));
                return Ok(());
            }
            report("feed", Ok(fed));
            report("tone", toned?);
            report("loop", loop_current(session, port)?);
            let rung = ring(session, port, lift);
            session.command(port, PortCommand::Linefeed(Linefeed::ForwardActive));
            session.idle(50)?;
            report("ring", rung?);
        }
        PortKind::Fxo => {
            report("dma", loopback(session, port)?);
            let battery = battery(session, port)?;
            let has_battery = battery.is_ok();
            report("battery", battery);
            if has_battery {
                let seized = dial_tone(session, port, country);
                let keyed = match &seized {
                    Ok(Ok(_)) => Some(tone_out(session, port, country)),
                    Ok(Err(_)) | Err(_) => None,
                };
                session.command(port, PortCommand::Hook(false));
                session.idle(1000)?;
                report("dial_tone", seized?);
                if let Some(keyed) = keyed {
                    report("tone_out", keyed?);
                }
            }
        }
        PortKind::Absent | PortKind::Broken => {}
    }
    Ok(())
}

type Finding = Result<Result<String, String>, CardError>;

fn registers(session: &mut Session, port: PortId) -> Finding {
    Ok(match session.module_test(port, ModuleTest::RegisterWalk)? {
        Outcome::Passed => Ok("twelve values written and read back".into()),
        Outcome::Mismatch { register, wrote, read } => Err(format!(
            "register {register} reads {read:#04x} after {wrote:#04x} was written. Reseat the module, with the computer \
             off"
        )),
        Outcome::Measured { .. } | Outcome::NotPossible => Err("the module did not answer. Reseat it".into()),
    })
}

/// Octets played into a loop-back, in an order that does not repeat within the comparison.
fn pattern(tick: usize) -> Frame {
    std::array::from_fn(|sample| {
        let n = (tick * SAMPLES_PER_TICK + sample) as u64;
        (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8
    })
}

/// The chip sends back what is played to it.
fn loopback(session: &mut Session, port: PortId) -> Finding {
    let place = usize::from(port.0);
    session.module_test(port, ModuleTest::LoopbackOn)?;
    let late = session.counters();
    let mut heard: Vec<Frame> = Vec::with_capacity(LOOPBACK_TICKS + LOOPBACK_DELAY_MAX);
    let looped = session.run((LOOPBACK_TICKS + LOOPBACK_DELAY_MAX) as u32, |received, session| {
        heard.push(received[place]);
        let mut sound = session.silence();
        sound[place] = pattern(heard.len());
        (sound, true)
    });
    let now = session.counters();
    session.module_test(port, ModuleTest::LoopbackOff)?;
    looped?;
    let late = now.underrun_ticks - late.underrun_ticks;
    let idle = [session.law().idle(); SAMPLES_PER_TICK];
    let right = |delay: usize| {
        let pairs = heard[delay..].iter().enumerate().skip(1).take(LOOPBACK_TICKS);
        pairs.filter(|(tick, frame)| **frame == pattern(*tick)).count()
    };
    let (delay, matched) =
        (0..LOOPBACK_DELAY_MAX).map(|delay| (delay, right(delay))).max_by_key(|(_, n)| *n).unwrap_or((0, 0));
    let wrong = heard[delay..]
        .iter()
        .enumerate()
        .skip(1)
        .take(LOOPBACK_TICKS - 1)
        .filter(|(tick, frame)| **frame != pattern(*tick) && **frame != idle)
        .count();
    Ok(if wrong == 0 && matched > LOOPBACK_TICKS / 4 {
        Ok(format!("{} octets came back right after {delay} ms ({late} ms were played too late)", matched * 8))
    } else {
        Err(format!(
            "{wrong} of {LOOPBACK_TICKS} ms came back wrong, {matched} right. Reseat the card and the module; look for \
             aborted DMA in the kernel's log"
        ))
    })
}

/// A tone goes out and comes back through both converters of the chip. These run on hook only where sound may pass on
/// hook; the line stays so.
fn tone(session: &mut Session, port: PortId) -> Finding {
    let (place, law) = (usize::from(port.0), session.law());
    session.command(port, PortCommand::Linefeed(Linefeed::ForwardOnHookTransmission));
    session.idle(50)?;
    session.module_test(port, ModuleTest::AnalogLoopbackOn)?;
    let mut generator = Generator::new(&TEST_TONE);
    let mut windows: Vec<(f64, f64)> = Vec::new();
    let mut window: Vec<f64> = Vec::with_capacity(TONE_WINDOW);
    let looped = session.run(TONE_TICKS, |received, session| {
        window.extend(g711::decode_frame(law, &received[place]).map(f64::from));
        if window.len() == TONE_WINDOW {
            windows.push(level_and_purity(&window));
            window.clear();
        }
        let mut sound = session.silence();
        sound[place] = g711::encode_frame(law, &generator.next());
        (sound, true)
    });
    session.module_test(port, ModuleTest::LoopbackOff)?;
    looped?;
    // A tick that came late breaks a window, on a slow machine most of them: of ten, the cleanest one tells.
    windows.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    let (level, purity) = windows.get(windows.len() * 9 / 10).copied().unwrap_or((f64::NEG_INFINITY, 0.0));
    Ok(if (level - TEST_TONE_DBM0).abs() > TONE_OFF_DB {
        Err(format!(
            "a tone sent at {TEST_TONE_DBM0:.0} dBm0 came back at {level:.0} dBm0 through the chip's converters. Replace the module"
        ))
    } else if purity < TONE_PURITY {
        Err(format!(
            "a tone came back with {:.0} % of something else in it. Reseat the module; if that does not help, replace it",
            (1.0 - purity) * 100.0
        ))
    } else {
        Ok(format!("a tone sent at {TEST_TONE_DBM0:.0} dBm0 came back at {level:.1} dBm0 through both converters"))
    })
}

/// The level in dBm0 of what is heard, and how much of its power is the test tone's.
fn level_and_purity(window: &[f64]) -> (f64, f64) {
    let power = window.iter().map(|sample| sample * sample).sum::<f64>() / window.len() as f64;
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (at, sample) in window.iter().enumerate() {
        let (sine, cosine) = (core::f64::consts::TAU * TEST_TONE_HZ * at as f64 / 8000.0).sin_cos();
        real += sample * cosine;
        imaginary += sample * sine;
    }
    let of_tone = 2.0 * (real * real + imaginary * imaginary) / (window.len() as f64).powi(2);
    (level::dbm0(power), if power > 0.0 { of_tone / power } else { 0.0 })
}

/// Finding of a power alarm on a line that is fed.
const OPENED: &str = "the chip has opened the line to protect itself. Look for a short circuit on the line";

fn has_power_alarm(session: &Session, port: PortId) -> bool {
    matches!(session.seen(port), Some(PortCondition::Fxs { power_alarm: true, .. }))
}

fn feed(session: &mut Session, port: PortId) -> Finding {
    session.command(port, PortCommand::Linefeed(Linefeed::ForwardActive));
    let fed = |session: &Session| {
        matches!(session.seen(port), Some(PortCondition::Fxs { linefeed: Linefeed::ForwardActive, .. }))
    };
    session.idle(50)?;
    let fed = session.wait_until(500, fed)?.is_some();
    let measured = session.module_test(port, ModuleTest::Measure)?;
    if has_power_alarm(session, port) {
        return Ok(Err(OPENED.into()));
    }
    Ok(match (fed, measured) {
        (false, _) => Err("the line feed does not take the state it is set to. Replace the module".into()),
        (true, Outcome::Measured { battery_volts, .. }) if battery_volts < SUPPLY_VOLTS => {
            Err(format!("the supply is only {battery_volts:.0} V. Is the 12 V power cable plugged into the card?"))
        }
        (true, Outcome::Measured { battery_volts, .. }) => Ok(format!("fed forward, supply {battery_volts:.0} V")),
        (true, Outcome::Passed | Outcome::Mismatch { .. } | Outcome::NotPossible) => {
            Err("the module did not answer. Reseat it".into())
        }
    })
}

fn loop_current(session: &mut Session, port: PortId) -> Finding {
    let measured = session.module_test(port, ModuleTest::Measure)?;
    session.idle(50)?;
    let closed = matches!(session.seen(port), Some(PortCondition::Fxs { loop_closed: true, .. }));
    let Outcome::Measured { loop_milliamps, .. } = measured else {
        return Ok(Err("the module did not answer. Reseat it".into()));
    };
    Ok(match (closed, loop_milliamps > 10.0) {
        (true, true) => Ok(format!("off hook, {loop_milliamps:.0} mA")),
        (false, false) => Ok("on hook, no current".into()),
        (true, false) => Err(format!("the loop reads closed, but only {loop_milliamps:.0} mA flow. Check the wiring")),
        (false, true) => {
            Err(format!("the loop reads open, but {loop_milliamps:.0} mA flow. Look for a leak on the line"))
        }
    })
}

fn ring(session: &mut Session, port: PortId, lift: Option<u32>) -> Finding {
    let now = |session: &Session| match session.seen(port) {
        Some(PortCondition::Fxs { loop_closed, linefeed, power_alarm }) => (loop_closed, linefeed, power_alarm),
        Some(PortCondition::Fxo { .. } | PortCondition::Service(_)) | None => (false, Linefeed::Open, false),
    };
    if now(session).0 {
        return Ok(Err(
            "not rung: the telephone is off hook. Put it down and test again; if it is down, look for a leak \
                       between the wires"
                .into(),
        ));
    }
    session.command(port, PortCommand::Linefeed(Linefeed::Ringing));
    let rings = session.wait_until(300, |session| now(session).1 == Linefeed::Ringing)?;
    if rings.is_none() {
        let alarm = now(session).2;
        return Ok(Err(if alarm {
            "ringing made the chip open the line to protect itself. Look for a short circuit, or too many telephones"
                .into()
        } else {
            "the chip does not ring. Replace the module".into()
        }));
    }
    let ms = lift.map_or(RING_MS, |seconds| seconds * 1000);
    let ended = session.wait_until(ms, |session| now(session).1 != Linefeed::Ringing)?;
    let Some(after) = ended else {
        return Ok(match lift {
            None => Ok(format!("rang for {ms} ms without a false trip; no handset was lifted")),
            Some(seconds) => Err(format!("no off-hook was detected within {seconds} s")),
        });
    };
    let lifted = session.wait_until(300, |session| now(session).0)?.is_some();
    let (_, _, alarm) = now(session);
    Ok(match (lifted, alarm) {
        (true, _) => Ok(format!("lifted after {after} ms: ringing tripped, the loop is closed")),
        (false, true) => Err("ringing made the chip open the line to protect itself. Look for a short circuit".into()),
        (false, false) => Err(format!(
            "ringing stopped after {after} ms on hook: a false trip. Look for a leak, or too many telephones"
        )),
    })
}
