//! A conversation heard by a supervisor who has no telephone: a tap begun, read, and closed.
//!
//! The core keeps an audit record of each listening, refused or not.
//!
//! Never: opens a tap without the right to supervise the station.

use std::sync::Arc;

use data_encoding::BASE64;
use tipring_core::csta::DeviceId;
use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::rights::ServiceGroup;
use tipring_driver::ids::RecordingId;
use tipring_web::records::{RecordsClient, RecordsRefusal, RecordsReply};

use super::{not_known, out_of_range, refusal};
use crate::log::{Level, Log};
use crate::run::taps::{TapCore, TapSound, Taps};

/// The way to the sound of conversations.
#[derive(Clone)]
pub struct Listening {
    /// The buffers.
    pub taps: Arc<Taps>,
    /// The core.
    pub core: Arc<dyn TapCore>,
    /// The log of the site.
    pub log: Log,
}

pub(super) fn open(
    listening: &Listening,
    client: &RecordsClient,
    station: &str,
) -> Result<RecordsReply, RecordsRefusal> {
    let device = DeviceId::new(station).map_err(|error| out_of_range(error.to_string()))?;
    if !client.rights.permits(ServiceGroup::Supervise, &device) {
        let why = format!("the user has no right to listen at {station}");
        return Err(refusal(UniversalFailure::PrivilegeViolationOnSpecifiedDevice, why));
    }
    let tap = listening.taps.open(&client.login);
    let begun = listening.core.begin_tap(tap, &client.login, device);
    let outcome = match &begun {
        Ok(call) => format!("call {}", call.0),
        Err(failure) => format!("refused, {failure:?}"),
    };
    let text = format!("audit: user {} at {} listens at {station}: {outcome}", client.login, client.address);
    (listening.log)(Level::Warning, &text);
    let call = begun.map_err(|failure| {
        listening.taps.close(tap, &client.login);
        refusal(failure, format!("there is nothing to be heard at {station} now"))
    })?;
    Ok(RecordsReply::Tap { tap: tap.0.to_string(), call: call.0 })
}

fn number(tap: &str) -> Result<RecordingId, RecordsRefusal> {
    tap.parse().map(RecordingId).map_err(|_| not_known(format!("there is no tap {tap}")))
}

pub(super) fn read(listening: &Listening, client: &RecordsClient, tap: &str) -> Result<RecordsReply, RecordsRefusal> {
    let found = listening.taps.read(number(tap)?, &client.login);
    let TapSound { said, heard, lost, ended } = found.ok_or_else(|| not_known(format!("there is no tap {tap}")))?;
    Ok(RecordsReply::TapSound { said: BASE64.encode(&said), heard: BASE64.encode(&heard), lost, ended })
}

pub(super) fn close(listening: &Listening, client: &RecordsClient, tap: &str) -> Result<RecordsReply, RecordsRefusal> {
    let number = number(tap)?;
    if !listening.taps.close(number, &client.login) {
        return Err(not_known(format!("there is no tap {tap}")));
    }
    listening.core.end_tap(number);
    Ok(RecordsReply::Done)
}
