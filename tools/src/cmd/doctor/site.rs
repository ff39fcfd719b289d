//! Checks of a site: configuration, alarms, ports, folders, database, disks, data sources, cards.
//!
//! Never: connects to a simulated card while a site runs, for a card has one driver.

use std::ffi::CString;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User, getgrouplist};
use rusqlite::{Connection, OpenFlags};

use super::{Finding, keys};
use crate::cmd::board::sysfs::{System, full_address};
use crate::config::{Address, CardAddress, SiteConfig};
use crate::dip::{Source, SourceConfig};
use crate::recording::archive::os_user;
use crate::replication;
use crate::run::alarms::alarm::{Alarm, Severity};
use crate::run::folders::{self, SiteFolder, is_root, sentence};
use crate::run::lock;
use crate::run::ports;
use crate::run::readings;
use crate::run::snapshot::Snapshot;
use crate::run::status;
use crate::site_clock::SiteClock;

/// Checks a site by its configuration. Without a usable one there is nothing more to check. Returns the process
/// that has the cards, too, if the site runs.
pub(super) fn check(path: &Path) -> (Vec<Finding>, Option<u32>) {
    let (site, warnings) = match SiteConfig::inspect(path).usable() {
        Ok(usable) => usable,
        Err(error) => {
            let remedy = match path.exists() {
                true => "Mend the lines named, and check again with tipring site check FILE",
                false => "tipring site new writes a site that can be served; --config FILE names one that is there",
            };
            return (vec![Finding::failed("configuration", error.to_string(), remedy)], None);
        }
    };
    let mut findings = vec![Finding::good("configuration", site.summary())];
    findings.extend(warnings.into_iter().map(|warning| {
        let remedy = "Do what the sentence says; tipring serve --print-config has every setting with its comment";
        Finding::warning("configuration", warning.text, remedy)
    }));
    findings.push(clock(site.clock()));
    let running = status::read(&status::socket_of(&site.store.database)).ok();
    findings.push(serving(running.as_ref()));
    findings.extend(running.as_ref().map(alarms).unwrap_or_default());
    if running.is_none() {
        findings.extend(addresses(&site));
    }
    findings.extend(folder_findings(&site));
    findings.push(owners(&folder_of(&site.store.database)));
    findings.push(database(&site.store.database));
    findings.extend(disks(&site));
    findings.extend(keys::check(&site));
    findings.extend(site.sources.iter().map(source));
    findings.extend(replica(&site));
    findings.extend(cards(&site, running.as_ref()));
    let process = running.and_then(|running| match running.engine {
        Some(engine) => Some(engine.process),
        None => lock::holder(&site.store.database),
    });
    (findings, process)
}

/// The site's time zone, and what it is the clock of.
fn clock(site: SiteClock) -> Finding {
    let (zone, now) = (site.name(), site.now());
    let text = format!("Hours, days and moments are by time_zone, {zone}, where it is {} now", now.format("%H:%M"));
    Finding::good("clock", text)
}

fn serving(running: Option<&Snapshot>) -> Finding {
    match running {
        None => Finding::good("service", "The site does not run now; its ports and cards are checked as for a start"),
        Some(site) if site.not_serving.is_empty() => {
            Finding::good("service", format!("The site runs since {:.0} s and serves", site.up_s))
        }
        Some(site) => {
            Finding::failed("service", site.not_serving.join("\n"), "See tipring status and the log of the program")
        }
    }
}

/// The addresses, for a site that does not run.
fn addresses(site: &SiteConfig) -> Vec<Finding> {
    ports::of(site).map(|(key, address)| port(key, address)).collect()
}

fn port(key: &str, address: SocketAddr) -> Finding {
    match TcpListener::bind(address) {
        Ok(_) => Finding::good("ports", format!("{address} ({key}) is free")),
        Err(error) => Finding::failed(
            "ports",
            format!("{address} ({key}) cannot be listened at: {error}"),
            ports::remedy(address, error.kind()),
        ),
    }
}

/// The folder of a file.
fn folder_of(file: &Path) -> PathBuf {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// Files that another user than the folder's has left there, as a start by root does: the site could not write them.
fn owners(folder: &Path) -> Finding {
    let shown = folder.display();
    let (owner, entries) = match (fs::metadata(folder), fs::read_dir(folder)) {
        (Ok(metadata), Ok(entries)) => (metadata.uid(), entries),
        (Err(error), _) | (_, Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            return Finding::good("folders", format!("{shown} is not there yet; the first start makes it"));
        }
        (Err(error), _) | (_, Err(error)) => {
            return Finding::warning("folders", format!("{shown} cannot be read: {error}"), "Run this as root");
        }
    };
    let others = entries.flatten().filter(|entry| entry.metadata().is_ok_and(|metadata| metadata.uid() != owner));
    let mut others: Vec<_> = others.map(|entry| entry.file_name().display().to_string()).collect();
    others.sort();
    match &others[..] {
        [] => Finding::good("folders", format!("What is in {shown} belongs to the folder's owner")),
        others => Finding::failed(
            "folders",
            format!(
                "{} in {shown} belong to another user than the folder: the site cannot write them",
                others.join(", ")
            ),
            format!("chown --recursive --reference={shown} {shown}"),
        ),
    }
}

/// The folders: whether this user can write there and, for root, whether the owner of the database can.
fn folder_findings(site: &SiteConfig) -> Vec<Finding> {
    let owner = is_root().then(|| owner_of(&site.store.database)).flatten();
    let one = |folder: SiteFolder| match (folder.prove(), &owner) {
        (Err(fault), _) => {
            let user = owner.as_ref().map_or_else(os_user, |owner| owner.name.clone());
            Finding::failed("folders", sentence(&fault.to_string()), sentence(&fault.remedy(&user)))
        }
        (Ok(there), Some(owner)) if !may_write(there, owner) => Finding::failed(
            "folders",
            format!("{} ({}) cannot be written by {}, who has the database", there.display(), folder.key, owner.name),
            format!("As root: install -d -o {} -m 700 {}", owner.name, folder.path.display()),
        ),
        (Ok(there), _) => Finding::good("folders", format!("{} ({}) can be written", there.display(), folder.key)),
    };
    folders::of(site).into_iter().map(one).collect()
}

/// The owner of the database, for whom the site is served; none before the first start, or for root.
fn owner_of(database: &Path) -> Option<User> {
    let uid = fs::metadata(database).ok()?.uid();
    User::from_uid(Uid::from_raw(uid)).ok().flatten().filter(|user| !user.uid.is_root())
}

/// True if the mode of a folder lets a user make files in it.
fn may_write(folder: &Path, user: &User) -> bool {
    const WRITE_AND_ENTER: u32 = 0o3;
    let Ok(found) = fs::metadata(folder) else { return false };
    let groups = CString::new(user.name.as_str()).ok().and_then(|name| getgrouplist(&name, user.gid).ok());
    let is_member = groups.is_some_and(|groups| groups.iter().any(|group| group.as_raw() == found.gid()));
    let shift = match (found.uid() == user.uid.as_raw(), is_member) {
        (true, _) => 6,
        (false, true) => 3,
        (false, false) => 0,
    };
    found.mode() >> shift & WRITE_AND_ENTER == WRITE_AND_ENTER
}

/// The active alarms of a site that runs.
fn alarms(running: &Snapshot) -> Vec<Finding> {
    let one = |alarm: &Alarm| match alarm.severity {
        Severity::Critical | Severity::Major => Finding::failed("alarms", &*alarm.text, &*alarm.remedy),
        Severity::Minor | Severity::Warning => Finding::warning("alarms", &*alarm.text, &*alarm.remedy),
    };
    running.alarms.iter().map(one).collect()
}

/// Opens the database to read it alone, and has SQLite check its structure.
fn database(file: &Path) -> Finding {
    let shown = file.display();
    if !file.exists() {
        return Finding::good("database", format!("{shown} is not there yet; the first start makes it"));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let checked = Connection::open_with_flags(file, flags)
        .and_then(|connection| connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0)));
    let damage = match checked {
        Ok(text) if text == "ok" => return Finding::good("database", format!("{shown} is whole")),
        Ok(text) => text,
        Err(error) => error.to_string(),
    };
    Finding::failed(
        "database",
        format!("{shown} cannot be used: {damage}"),
        "Move it away to start with a new one, or mend it with sqlite3 FILE .recover",
    )
}

fn disks(site: &SiteConfig) -> Vec<Finding> {
    let one = |disk: Result<readings::Disk, String>| match disk {
        Ok(disk) => {
            let [free, wanted] = [disk.free, disk.wanted].map(|octets| octets / 1_000_000);
            let text = format!("{} ({}): {free} MB free, {wanted} MB wanted", disk.folder.display(), disk.name);
            match disk.free < disk.wanted {
                true => Finding::warning("disks", text, "Make room, or name another folder in [store]"),
                false => Finding::good("disks", text),
            }
        }
        Err(error) => Finding::failed("disks", error, "Look at the disk and its mount"),
    };
    readings::wanted(site).into_iter().map(one).collect()
}

/// A data source, opened as for a first question; the other end of a `url` is asked nothing.
fn source(config: &SourceConfig) -> Finding {
    let opened = Source::new(config).map_err(|(_, why)| why).and_then(|mut source| {
        let prepared = source.prepare().map_err(|error| error.to_string());
        prepared.map(|()| source.name().to_owned())
    });
    match opened {
        Ok(name) => Finding::good("sources", format!("the source {name} is ready to be asked")),
        Err(why) => {
            let remedy = format!("Mend what it names, or correct the [[source]] at {}", config.place);
            Finding::failed("sources", why, remedy)
        }
    }
}

/// The replica on PostgreSQL: a transaction that changes nothing.
fn replica(site: &SiteConfig) -> Option<Finding> {
    let begun = replication::replica_at(site.store.replica()).and_then(|replica| {
        let Some(mut replica) = replica else { return Ok(None) };
        let begun = replica.begin().map(|standing| (standing.up_to, standing.refused));
        replica.roll_back();
        Ok(Some(begun.map_err(|failure| failure.to_string())?))
    });
    match begun.transpose()? {
        Ok((_, 0)) => Some(Finding::good("postgres", "the PostgreSQL database of [store] can be written")),
        Ok((_, refused)) => {
            let text = format!("the PostgreSQL database of [store] does not take {refused} rows");
            Some(Finding::warning("postgres", text, "Its table replica_refused has the reason of each"))
        }
        Err(why) => {
            let text = format!("the PostgreSQL database of [store] cannot be written: {why}");
            Some(Finding::failed("postgres", text, "Mend what it names, or correct postgres in [store]"))
        }
    }
}

fn cards(site: &SiteConfig, running: Option<&Snapshot>) -> Vec<Finding> {
    if let Some(running) = running {
        let one = |card: &crate::run::snapshot::CardStatus| match card.running {
            true => Finding::good("cards", format!("{} runs: {}", card.card, card.text)),
            false => {
                Finding::failed("cards", format!("{} does not run", card.card), "Look at its power, slot and dmesg")
            }
        };
        return running.cards.iter().map(one).collect();
    }
    site.boards.iter().flat_map(|board| card(&board.card)).collect()
}

fn card(address: &CardAddress) -> Vec<Finding> {
    match &address.0 {
        Address::Socket(path) => vec![match UnixStream::connect(path) {
            Ok(_) => Finding::good("cards", format!("{address} answers")),
            Err(error) => Finding::failed(
                "cards",
                format!("{address} cannot be reached: {error}"),
                format!("Start the simulated card: tipring sim card --socket {}", path.display()),
            ),
        }],
        Address::Pci(name) => pci(&System::new(Path::new("/")), name),
    }
}

/// A card of PCI: there, known, in an IOMMU group of its own, bound to vfio-pci, and open to this user.
fn pci(system: &System, name: &str) -> Vec<Finding> {
    let found = full_address(name).and_then(|address| system.function(&address));
    let Some(function) = found else {
        let remedy = "tipring board list shows the cards there are; look at the slot, and at the address in [[board]]";
        return vec![Finding::failed("cards", format!("There is no PCI function {name}"), remedy)];
    };
    let obstacles = system.obstacles(&function);
    if obstacles.is_empty() {
        return vec![Finding::good("cards", format!("pci:{name} can be opened by way of vfio-pci"))];
    }
    let failed =
        |obstacle: crate::cmd::board::sysfs::Obstacle| Finding::failed("cards", obstacle.what, obstacle.remedy);
    obstacles.into_iter().map(failed).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use nix::unistd::Gid;

    use super::super::Outcome;
    use super::*;
    use crate::cmd::board::sysfs::fake::Tree;

    #[test]
    fn a_port_that_is_taken_is_named_with_its_place_in_the_configuration() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = taken.local_addr().unwrap();
        let found = port("server.listen", address);
        assert_eq!(found.outcome, Outcome::Failed);
        assert!(found.text.starts_with(&format!("{address} (server.listen) cannot be listened at")), "{found:?}");
        drop(taken);
        assert_eq!(port("server.listen", address).outcome, Outcome::Good);
    }

    #[test]
    fn a_file_of_another_user_is_named_with_the_command_that_gives_it_back() {
        let folder = std::env::temp_dir().join(format!("tipring-doctor-owners-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("tipring.db"), "").unwrap();
        assert_eq!(owners(&folder).outcome, Outcome::Good);
        // Only root can give a file away.
        if nix::unistd::geteuid().is_root() {
            std::os::unix::fs::chown(folder.join("tipring.db"), Some(12_345), None).unwrap();
            let found = owners(&folder);
            assert_eq!(found.outcome, Outcome::Failed);
            assert!(found.text.starts_with("tipring.db in ") && found.remedy.unwrap().starts_with("chown"));
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_file_that_is_no_database_fails_and_stays_as_it_is() {
        let file = std::env::temp_dir().join(format!("tipring-doctor-{}.db", std::process::id()));
        assert_eq!(database(&file).outcome, Outcome::Good, "the first start makes it");
        fs::write(&file, [b'x'; 4096]).unwrap();
        let found = database(&file);
        assert_eq!(found.outcome, Outcome::Failed, "{found:?}");
        assert_eq!(fs::read(&file).unwrap(), [b'x'; 4096]);
        fs::remove_file(&file).unwrap();
    }

    #[test]
    fn a_folder_is_written_by_the_user_whom_its_mode_lets() {
        let folder = std::env::temp_dir().join(format!("tipring-doctor-mode-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        let found = fs::metadata(&folder).unwrap();
        let user = |uid: u32| User {
            uid: Uid::from_raw(uid),
            gid: Gid::from_raw(found.gid() + 1),
            ..User::from_uid(Uid::from_raw(0)).unwrap().unwrap()
        };
        let stranger = User { name: "no such user".into(), ..user(found.uid() + 1) };
        for (mode, by_owner, by_others) in [(0o700, true, false), (0o500, false, false), (0o703, true, true)] {
            fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
            let found = (may_write(&folder, &user(found.uid())), may_write(&folder, &stranger));
            assert_eq!(found, (by_owner, by_others), "{mode:o}");
        }
        fs::remove_dir(&folder).unwrap();
    }

    #[test]
    fn an_alarm_that_stands_is_a_finding_by_its_severity() {
        let mut running = crate::run::sources::tests::example();
        let alarm = |id: &str, severity, text: &str| Alarm {
            id: id.into(),
            severity,
            subject: String::new(),
            text: text.into(),
            remedy: "Mend it".into(),
            raised_ms: 0,
            cleared_ms: None,
        };
        running.alarms = vec![
            alarm("recording-failed", Severity::Major, "2 recordings have failed in the last minutes"),
            alarm("event-mode", Severity::Warning, "The event mode storm is in force"),
        ];
        let found = alarms(&running);
        assert_eq!(found.iter().map(|found| found.outcome).collect::<Vec<_>>(), [Outcome::Failed, Outcome::Warning]);
        assert_eq!(found[0].remedy.as_deref(), Some("Mend it"));
    }

    #[test]
    fn a_card_is_missing_or_blocked_or_good() {
        let tree = Tree::new();
        let found = pci(&tree.system(), "0000:03:00.0");
        assert!(found[0].outcome == Outcome::Failed && found[0].text.contains("no PCI function"), "{found:?}");
        tree.plug_card("0000:03:00.0", None, None);
        let found = pci(&tree.system(), "0000:03:00.0");
        assert!(found[0].text.contains("IOMMU is off"), "{found:?}");
    }

    #[test]
    fn a_simulated_card_that_is_not_there_is_named_with_the_command_that_starts_it() {
        let found = card(&CardAddress(Address::Socket("/nowhere/card.sock".into())));
        assert_eq!(found[0].outcome, Outcome::Failed);
        assert!(found[0].remedy.as_ref().is_some_and(|remedy| remedy.contains("tipring sim card --socket")));
    }
}
