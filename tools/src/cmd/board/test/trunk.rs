//! Checks of a trunk: its line has voltage, dial tone comes off hook, and a key ends it.
//!
//! Never: puts the line on hook; whoever asks for the checks does.

use tipring_driver::card::{PortCommand, PortCondition};
use tipring_driver::country::Country;
use tipring_driver::dsp::{Lanes, dtmf, g711, level, progress};
use tipring_driver::ids::PortId;

use super::Finding;
use crate::cmd::board::session::{Session, Sound};

/// The longest that dial tone may take, in milliseconds.
const DIAL_TONE_MS: u32 = 5000;
/// Time a line must have been quiet before it is seized, and the longest wait for it, in milliseconds.
const QUIET_MS: u32 = 6000;
const QUIET_WAIT_MS: u32 = 90_000;
/// Time the exchange has to detect a key and stop dial tone, in milliseconds.
const KEY_HEARD_MS: u32 = 2000;
/// A level below which dial tone has ended, in dBm0.
const SILENT_DBM0: f64 = -45.0;

fn volts(session: &Session, port: PortId) -> i8 {
    match session.seen(port) {
        Some(PortCondition::Fxo { volts, .. }) => volts,
        Some(PortCondition::Fxs { .. } | PortCondition::Service(_)) | None => 0,
    }
}

fn rings(session: &Session, port: PortId) -> bool {
    matches!(session.seen(port), Some(PortCondition::Fxo { ringing: true, .. }))
}

pub(super) fn battery(session: &mut Session, port: PortId) -> Finding {
    let found = session.wait_until(500, |session| volts(session, port) != 0)?;
    let volts = volts(session, port);
    Ok(match found {
        Some(_) => Ok(format!("line {volts} V")),
        None => Err("the line has no voltage. Plug a line in, and check it with a telephone".into()),
    })
}

/// Seizes the line and waits for dial tone. The line stays seized.
pub(super) fn dial_tone(session: &mut Session, port: PortId, country: &'static Country) -> Finding {
    let place = usize::from(port.0);
    let mut quiet = 0;
    let mut waited = 0;
    // A line that does not ring now is taken at once; one that does is left until its caller has gone.
    if rings(session, port) || session.wait_until(300, |session| rings(session, port))?.is_some() {
        session.run(QUIET_WAIT_MS, |_, session| {
            waited += 1;
            quiet = if rings(session, port) { 0 } else { quiet + 1 };
            (session.silence(), quiet < QUIET_MS)
        })?;
        if quiet < QUIET_MS {
            return Ok(Err("the line kept ringing for 90 s. Test again when no call comes in".into()));
        }
    }
    session.command(port, PortCommand::Hook(true));
    let law = session.law();
    let mut bank = progress::Bank::new(1, &country.detection);
    let mut ms = 0;
    let mut milliamps = 0;
    let mut heard = None;
    session.run(DIAL_TONE_MS, |received, session| {
        ms += 1;
        let samples = [g711::decode_frame(law, &received[place])];
        bank.step(&samples, &Lanes::first(1), &mut |_, event| {
            if event == progress::Event::Begun {
                heard = Some(ms);
            }
        });
        if let Some(PortCondition::Fxo { milliamps: now, .. }) = session.seen(port) {
            milliamps = milliamps.max(now);
        }
        (session.silence(), heard.is_none())
    })?;
    Ok(match (heard, milliamps) {
        (Some(ms), 1..) => Ok(format!("dial tone heard {ms} ms after going off hook, {milliamps} mA")),
        (Some(_), 0) => Err("dial tone comes, but no current is seen in the line. Replace the module".into()),
        (None, 0) => Err("off hook, no current flows. Check the line with a telephone, then replace the module".into()),
        (None, 1..) => Err(format!(
            "off hook, {milliamps} mA flow, but no dial tone came within {} s. Check the line with a telephone",
            DIAL_TONE_MS / 1000
        )),
    })
}

/// Sends a key into dial tone, which must end.
pub(super) fn tone_out(session: &mut Session, port: PortId, country: &'static Country) -> Finding {
    let place = usize::from(port.0);
    let law = session.law();
    let mut sender = dtmf::Sender::new("1", &country.dtmf);
    let mut ms = 0;
    let mut window = [0.0; 200];
    let mut silent = None;
    session.run(KEY_HEARD_MS, |received, session| {
        let samples = g711::decode_frame(law, &received[place]);
        let square = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len() as f64;
        window[ms % window.len()] = square;
        ms += 1;
        let mean = window.iter().sum::<f64>() / window.len() as f64;
        if ms > 2 * window.len() && level::dbm0(mean) < SILENT_DBM0 {
            silent = Some(ms);
        }
        let mut sound: Sound = session.silence();
        if let Some(samples) = sender.next() {
            sound[place] = g711::encode_frame(law, &samples);
        }
        (sound, silent.is_none())
    })?;
    Ok(match silent {
        Some(_) => Ok("a key sent into dial tone ended it: we are heard".into()),
        None => Err(
            "dial tone went on after a key was sent: the exchange does not hear us, or takes only pulses. Check the line with \
             a tone telephone, then replace the module"
                .into(),
        ),
    })
}
