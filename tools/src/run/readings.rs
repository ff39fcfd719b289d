//! Host metrics: room on the disks of a site, the key file of recordings, what its database has of late
//! orders and of who leads the shifts that run, and the wall clock against the steady one.
//!
//! Never: judges a reading.

use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;
use tipring_core::store::sqlite::SqliteStore;
use tipring_core::work_order::{Clock, WorkOrder};

use crate::clock::{self, Stopwatch};
use crate::config::SiteConfig;
use crate::encryption::keys::Keys;
use crate::shifts::Duty;
use crate::site_clock::SiteClock;

/// Room that the database wants, in octets.
const DATABASE_WANTED: u64 = 256_000_000;
/// The least room that recordings want, in octets.
const RECORDINGS_WANTED: u64 = 1_000_000_000;
/// Octets of a recording a second: two tracks of 8,000 samples of 16 bits.
const RECORDING_RATE: u64 = 2 * 8_000 * 2;
/// Time for which all trunks can be recorded in the room that is wanted, s: a shift of eight hours.
const RECORDING_SPAN_S: u64 = 8 * 3_600;

/// Room on the disk of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// Its contents, as a word: "recordings", "database".
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
    /// Octets free for the program.
    pub free: u64,
    /// Octets below which it is low.
    pub wanted: u64,
}

/// A limit of a work order that has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateOrder {
    /// The name of the order's kind.
    pub kind: String,
    /// The order's number, and the limit, in words.
    pub text: String,
}

/// Readings at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Readings {
    /// The disks; one whose room cannot be read is left out.
    pub disks: Vec<Disk>,
    /// The reason why the key file of recordings cannot be used: a sentence; none where all is well.
    pub keys_fault: Option<String>,
    /// Work orders that are late, the oldest first; none where the database cannot be read.
    pub late_orders: Vec<LateOrder>,
    /// The shifts that run, with the people who lead them; none where the database cannot be read.
    pub duties: Vec<Duty>,
    /// The wall clock less the steady clock, ms. It changes when the wall clock is set.
    pub clock_ms: i64,
}

impl Readings {
    /// Takes readings of a site; `steady` has run since any moment.
    pub fn take(site: &SiteConfig, steady: &Stopwatch) -> Readings {
        let now_ms = clock::epoch_ms();
        let store = SqliteStore::open_to_read(&site.store.database).ok();
        let roster = site.roster();
        let duties = |store: &SqliteStore| roster.duties(store, roster.at(now_ms)).ok();
        Readings {
            disks: wanted(site).into_iter().filter_map(Result::ok).collect(),
            keys_fault: site.recording.keys.as_deref().and_then(|file| Keys::load(file).err()),
            late_orders: store.as_ref().map(|store| late_orders(store, site.clock(), now_ms)).unwrap_or_default(),
            duties: store.as_ref().and_then(duties).unwrap_or_default(),
            clock_ms: now_ms - steady.millis() as i64,
        }
    }
}

/// Reads the limits of work orders that have passed.
fn late_orders(store: &SqliteStore, site: SiteClock, now_ms: i64) -> Vec<LateOrder> {
    let orders = store.late_orders(now_ms).unwrap_or_default();
    let words = |order: &WorkOrder, clock: Clock| {
        let due = site.at(order.due.of(clock).unwrap_or_default()).format("%m-%d %H:%M");
        let step = match clock {
            Clock::Dispatch => "dispatched",
            Clock::Answer => "answered",
            Clock::Try => "called about",
            Clock::Revisit => "revisited",
        };
        LateOrder { kind: order.kind.clone(), text: format!("{} was to be {step} by {due}", order.id) }
    };
    orders
        .iter()
        .flat_map(|order| order.due.late(now_ms).map(|clock| words(order, clock)).collect::<Vec<_>>())
        .collect()
}

/// The disks of a site.
///
/// # Errors
/// The room of a folder cannot be read: a sentence.
pub fn wanted(site: &SiteConfig) -> [Result<Disk, String>; 2] {
    let folder = site.store.database.parent().filter(|folder| !folder.as_os_str().is_empty());
    let span = site.trunks.len() as u64 * RECORDING_RATE * RECORDING_SPAN_S;
    [
        room("database", folder.unwrap_or(Path::new(".")), DATABASE_WANTED),
        room("recordings", &site.store.recordings, span.max(RECORDINGS_WANTED)),
    ]
}

/// Reads the room of a folder, or of the first folder above it that is there.
fn room(name: &str, folder: &Path, wanted: u64) -> Result<Disk, String> {
    let there = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let found = statvfs(there).map_err(|error| format!("The room of {} cannot be read: {error}", there.display()))?;
    let free = found.blocks_available().saturating_mul(found.fragment_size());
    Ok(Disk { name: name.into(), folder: folder.into(), free, wanted })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TEMPLATE;

    #[test]
    fn the_room_of_a_folder_that_is_not_there_yet_is_that_of_the_one_above() {
        let here = std::env::temp_dir();
        let made = room("recordings", &here, 1).unwrap();
        let unmade = room("recordings", &here.join("not/there"), 1).unwrap();
        assert!(made.free > 0 && unmade.free > 0);
        assert_eq!(unmade.folder, here.join("not/there"));
    }

    #[test]
    fn recordings_want_a_shift_of_all_trunks() {
        let site = SiteConfig::parse(TEMPLATE).unwrap();
        let [database, recordings] = wanted(&site).map(Result::unwrap);
        assert_eq!(database.wanted, DATABASE_WANTED);
        assert_eq!(recordings.wanted, 2 * 32_000 * 28_800);
    }

    #[test]
    fn the_clock_stands_against_the_steady_one() {
        let site = SiteConfig::parse(TEMPLATE).unwrap();
        let steady = Stopwatch::start();
        let (first, second) = (Readings::take(&site, &steady), Readings::take(&site, &steady));
        assert!((first.clock_ms - second.clock_ms).abs() < 1_000);
    }
}
