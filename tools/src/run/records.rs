//! The records of a site for the console: recordings and their sound, scores, the day, callers to be called back,
//! messages, work orders, the file of customers. Requests that read have connections that are kept; one that changes
//! something opens the database anew. All are beside the site's own one.
//!
//! | file | requests |
//! |---|---|
//! | `recordings` | recordings found and heard |
//! | `scores` | forms, scores, appeals |
//! | `orders` | work orders |
//! | `changes` | what has changed among orders and notices |
//! | `notices` | notices that hold or will hold, loaded and ended |
//! | `customers` | the file of customers, with the cards of now |
//! | `admin` | the site's settings: agents, queues, reasons, event mode; flows; lines |
//! | `live` | the sound of a conversation, as it is spoken |
//! | `readers` | the connections that are kept |
//! | `day` | figures of today and yesterday, callers who were not reached |
//! | `messages` | messages of callers, with their steps |
//! | `shifts` | who leads the shifts |
//!
//! Rights: `review` for the station or the queue of a recording's call, for a queue, or for every device where a thing
//! has neither. Work orders: a right to call control at any device, for the user's own; `review` for every device, for
//! all. Customers: either of these rights, and for mergers `review` for every device. Settings: `administer` for every
//! device.
//!
//! Never: gives out sound without an audit record; answers more than the asking user may see.

mod admin;
mod changes;
mod customers;
mod day;
mod live;
mod messages;
mod notices;
mod orders;
mod readers;
mod recordings;
mod scores;
mod shifts;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use tipring_core::agent::Reasons;
use tipring_core::csta::DeviceId;
use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::rights::{Devices, Rights, ServiceGroup};
use tipring_core::flow::say::Language;
use tipring_core::store::sqlite::{CallRow, SqliteStore};
use tipring_core::work_order::Kinds;
use tipring_web::records::{
    Changes, OrderChange, QueueFigures, Records, RecordsClient, RecordsRefusal, RecordsReply, RecordsRequest,
};

pub use self::admin::Administration;
pub use self::live::Listening;
use self::readers::{Reader, Readers};
use self::recordings::Opened;
use super::observe::Observer;
use crate::clock;
use crate::config::SiteConfig;
use crate::config::shift::Roster;
use crate::encryption::key_ring::KeyRing;
use crate::failure::Failure;
use crate::recording::archive::Archive;
use crate::report::computation::Targets;
use crate::site_clock::SiteClock;

/// The records of a site.
pub struct SiteRecords {
    place: Mutex<Arc<Place>>,
    opened: Mutex<Opened>,
    changes: Mutex<changes::Seen>,
    observer: OnceLock<Arc<Mutex<Observer>>>,
    administration: OnceLock<Administration>,
    listening: OnceLock<Listening>,
}

/// Place of the records, as the configuration in force says.
#[derive(Debug)]
struct Place {
    database: PathBuf,
    recordings: PathBuf,
    keys: Arc<KeyRing>,
    readers: Arc<Readers>,
    prompts: Option<PathBuf>,
    language: Language,
    forms: Option<PathBuf>,
    queues: Vec<DeviceId>,
    targets: Targets,
    reasons: Reasons,
    kinds: Kinds,
    roster: Roster,
    lines: Vec<Line>,
    /// The event mode in force.
    mode: Option<String>,
}

/// A line of the site.
#[derive(Debug, Clone)]
struct Line {
    device: DeviceId,
    kind: &'static str,
    port: u16,
    number: Option<DeviceId>,
}

/// Trunks, then stations.
fn lines_of(site: &SiteConfig) -> Vec<Line> {
    let trunks = site.trunks.iter().map(|trunk| {
        let number = trunk.number.map(|number| number.0);
        Line { device: trunk.name.0, kind: "trunk", port: trunk.port, number }
    });
    let stations = site.stations.iter().map(|station| Line {
        device: station.extension.0,
        kind: "station",
        port: station.port,
        number: None,
    });
    trunks.chain(stations).collect()
}

impl Place {
    /// The place of a site; the connections of the place before are kept if it has the same database.
    fn new(site: &SiteConfig, before: Option<&Place>) -> Place {
        let (database, recordings) = (site.store.database.clone(), site.store.recordings.clone());
        let keys = site.recording.keys.as_deref();
        let kept = before
            .filter(|place| place.keys.file() == keys && place.readers.are_of(&database, &recordings, site.clock()));
        let keys = kept.map_or_else(|| Arc::new(KeyRing::new(keys)), |place| Arc::clone(&place.keys));
        let readers = kept.map_or_else(
            || {
                let (database, recordings) = (database.clone(), recordings.clone());
                Arc::new(Readers::new(database, recordings, Arc::clone(&keys), site.clock()))
            },
            |place| Arc::clone(&place.readers),
        );
        Place {
            database,
            recordings,
            keys,
            readers,
            prompts: site.ivr.prompts.clone(),
            language: site.ivr.language,
            forms: site.recording.forms.clone(),
            queues: site.queues.iter().map(|queue| queue.device.0).collect(),
            targets: site.targets(),
            reasons: site.reasons(),
            kinds: site.kinds(clock::epoch_ms()),
            roster: site.roster(),
            lines: lines_of(site),
            mode: site.mode.as_ref().map(|mode| mode.name.0.to_string()),
        }
    }

    /// The site's clock.
    const fn clock(&self) -> SiteClock {
        self.roster.clock
    }

    fn read(&self) -> Result<Reader<'_>, RecordsRefusal> {
        self.readers.take().map_err(failed)
    }

    fn act(&self) -> Result<Archive, RecordsRefusal> {
        let store = SqliteStore::open_beside(&self.database).map_err(|error| failed(error.into()))?;
        Ok(Archive { store, folder: self.recordings.clone(), keys: Arc::clone(&self.keys), clock: self.clock() })
    }
}

impl SiteRecords {
    /// The records of a site.
    pub fn new(site: &SiteConfig) -> SiteRecords {
        SiteRecords {
            place: Mutex::new(Arc::new(Place::new(site, None))),
            opened: Mutex::default(),
            changes: Mutex::default(),
            observer: OnceLock::new(),
            administration: OnceLock::new(),
            listening: OnceLock::new(),
        }
    }

    /// Has live figures come from the site's observer, once there is one.
    pub fn set_observer(&self, observer: Arc<Mutex<Observer>>) {
        // There is one observer a site.
        let _ = self.observer.set(observer);
    }

    /// Has the site administered from the console.
    pub fn set_administration(&self, administration: Administration) {
        // There is one configuration a site.
        let _ = self.administration.set(administration);
    }

    /// Has conversations heard from the console.
    pub fn set_listening(&self, listening: Listening) {
        // There is one engine a site.
        let _ = self.listening.set(listening);
    }

    /// Follows a configuration that was read anew.
    pub fn set_site(&self, site: &SiteConfig) {
        let mut place = self.place.lock();
        *place = Arc::new(Place::new(site, Some(&place)));
    }

    /// Closes what is kept open of the database; requests under way are answered.
    pub fn close(&self) {
        self.place.lock().readers.close();
    }
}

impl Records for SiteRecords {
    fn answer(&self, client: &RecordsClient, request: &RecordsRequest) -> Result<RecordsReply, RecordsRefusal> {
        let seen = || {
            let seen = Seen(client.rights.devices(ServiceGroup::Review).cloned().unwrap_or_default());
            let refused = refusal(UniversalFailure::SecurityViolation, "the user has no right to what is on record");
            if seen.0.is_empty() { Err(refused) } else { Ok(seen) }
        };
        let place = Arc::clone(&self.place.lock());
        let administration = || admin::permitted(self.administration.get(), client);
        let listening = || {
            let none = "the sound of this site's engine cannot be heard here: it is a process of its own";
            self.listening.get().ok_or_else(|| refusal(UniversalFailure::ResourceOutOfService, none))
        };
        match request {
            RecordsRequest::OpenTap { station } => live::open(listening()?, client, station),
            RecordsRequest::ReadTap { tap } => live::read(listening()?, client, tap),
            RecordsRequest::CloseTap { tap } => live::close(listening()?, client, tap),
            RecordsRequest::ReadSettings
            | RecordsRequest::SetAgent { .. }
            | RecordsRequest::AddAgent { .. }
            | RecordsRequest::SetPin { .. }
            | RecordsRequest::SetQueue { .. }
            | RecordsRequest::SetReasons { .. }
            | RecordsRequest::SetEventMode { .. }
            | RecordsRequest::ReadFlows
            | RecordsRequest::BlockTrunk { .. } => admin::answer(administration()?, &place, client, request),
            RecordsRequest::ListLines => {
                administration()?;
                let none = || refusal(UniversalFailure::ResourceOutOfService, "the site is not observed yet");
                Ok(admin::lines(&place, &self.observer.get().ok_or_else(none)?.lock()))
            }
            RecordsRequest::CreateOrder { order } => orders::create(&place, client, order),
            RecordsRequest::ListOrders { .. } => orders::list(&place, client, request),
            RecordsRequest::StepOrder { order, step, unit, remark } => {
                orders::step(&place, client, order, (*step, unit, remark))
            }
            RecordsRequest::ListNotices { number, watch: _ } => notices::list(&place, client, number.as_deref()),
            RecordsRequest::LoadNotice { notice } => notices::load(&place, client, notice),
            RecordsRequest::EndNotice { notice } => notices::end(&place, client, *notice),
            RecordsRequest::ShowCustomer { customer } => customers::show(&place, client, customer),
            RecordsRequest::FindCustomers { text, limit } => customers::search(&place, client, text, *limit),
            RecordsRequest::SetCustomer { customer, fields } => customers::set(&place, client, customer, fields),
            RecordsRequest::MergeCustomers { from, into } => customers::merge(&place, client, from, into),
            RecordsRequest::ListRecordings { .. } => recordings::list(&place, &seen()?, request),
            RecordsRequest::OpenRecording { recording, reason } => {
                recordings::open(&place, &seen()?, client, &self.opened, (recording, reason))
            }
            RecordsRequest::ReadSound { recording, from, count } => {
                seen().and_then(|_| recordings::read_sound(client, &self.opened, recording, (*from, *count)))
            }
            RecordsRequest::ListForms => seen().and_then(|_| scores::forms(&place)),
            RecordsRequest::ScoreRecording { .. } => scores::score(&place, &seen()?, client, request),
            RecordsRequest::ListScores { .. } => scores::list(&place, &seen()?, request),
            RecordsRequest::StepScore { score, state, reason } => {
                scores::step(&place, &seen()?, client, (*score, *state, reason))
            }
            RecordsRequest::ReportDay { interval } => day::report(&place, &seen()?, *interval),
            RecordsRequest::ListAbandoned => day::abandoned(&place, &seen()?),
            RecordsRequest::RequestCallBack { number, queue } => day::call_back(&place, &seen()?, number, queue),
            RecordsRequest::ListMessages => messages::list(&place, &seen()?),
            RecordsRequest::ShowMessage { message } => messages::show(&place, &seen()?, message),
            RecordsRequest::ListShifts => {
                let has = |group| client.rights.devices(group).is_some_and(|devices| !devices.is_empty());
                if ![ServiceGroup::Observe, ServiceGroup::Review, ServiceGroup::Call].into_iter().any(has) {
                    return Err(refusal(UniversalFailure::SecurityViolation, "the user has no right to see who works"));
                }
                let observer = self.observer.get().map(|observer| observer.lock());
                shifts::list(&place, observer.as_deref())
            }
            RecordsRequest::LeadShift { shift, begin_ms, principal, deputy } => {
                if !seen()?.is_all() {
                    return Err(no_right());
                }
                shifts::lead(&place, client, (shift, *begin_ms), (principal.as_deref(), deputy.as_deref()))
            }
            // Figures are filtered by the right to observe as they are sent.
            RecordsRequest::WatchFigures => Ok(RecordsReply::Done),
            RecordsRequest::MarkMessage { message, state } => {
                messages::mark(&place, &seen()?, client, (message, *state))
            }
        }
    }

    fn changes(&self) -> Result<Changes, RecordsRefusal> {
        let place = Arc::clone(&self.place.lock());
        changes::look(&place, &mut self.changes.lock(), clock::epoch_ms())
    }

    fn concerns(&self, user: (&str, &Rights), number: Option<&str>, change: &OrderChange) -> bool {
        changes::concerns(&self.changes.lock(), user, number, change)
    }

    fn figures(&self) -> Vec<QueueFigures> {
        let Some(observer) = self.observer.get() else { return Vec::new() };
        observer.lock().figures(clock::epoch_ms().max(0) as u64)
    }
}

/// The devices whose records a user may see.
struct Seen(Devices);

impl Seen {
    fn is_all(&self) -> bool {
        self.0 == Devices::All
    }

    fn device(&self, device: &str) -> bool {
        self.is_all() || DeviceId::new(device).is_ok_and(|device| self.0.contains(&device))
    }

    /// True for a call at a station or in a queue of the user; one that goes on is seen by those who see everything.
    fn call(&self, call: Option<&CallRow>) -> bool {
        let devices = call.into_iter().flat_map(|call| [&call.station, &call.queue]).flatten();
        self.is_all() || devices.into_iter().any(|device| self.device(device))
    }
}

fn refusal(failure: UniversalFailure, why: impl Into<String>) -> RecordsRefusal {
    RecordsRefusal { failure, why: why.into() }
}

fn no_right() -> RecordsRefusal {
    refusal(
        UniversalFailure::PrivilegeViolationOnSpecifiedDevice,
        "the user has no right to the records of this device",
    )
}

/// A failure of the operation itself, as a sentence.
fn failed(why: Failure) -> RecordsRefusal {
    refusal(UniversalFailure::GenericOperation, why.to_string())
}

fn out_of_range(why: impl Into<String>) -> RecordsRefusal {
    refusal(UniversalFailure::ValueOutOfRange, why)
}

fn not_known(why: impl Into<String>) -> RecordsRefusal {
    refusal(UniversalFailure::ObjectNotKnown, why)
}

/// A reason as it goes on record.
fn reason_of(text: &str) -> Result<String, RecordsRefusal> {
    match text.trim() {
        "" => Err(out_of_range("a reason is needed, for the record")),
        reason => Ok(reason.chars().take(200).collect()),
    }
}
