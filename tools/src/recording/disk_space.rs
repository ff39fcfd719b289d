//! Free space of the disk of recordings, in three levels.
//!
//! | level | free space | result |
//! |---|---|---|
//! | ample | at least `least_free_mb` | |
//! | low | below it | a warning |
//! | full | below `stop_free_mb` | no recording begins; calls go on |
//!
//! A level is left for a better one only when free space is a tenth above its limit, so that it does not change to and
//! fro.
//!
//! Never: removes a file.

use std::path::Path;

use nix::sys::statvfs::statvfs;

use crate::log::Level;

/// Octets of a MB.
const MB: u64 = 1_000_000;

/// A level of free space, the best one last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Space {
    Full,
    Low,
    Ample,
}

/// A change of level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Level of the log's line.
    pub level: Level,
    /// The log's line.
    pub text: String,
    /// There is room for new recordings.
    pub has_room: bool,
}

/// The free space of a disk, as it was measured last.
#[derive(Debug, Clone)]
pub struct Room {
    least_mb: u64,
    stop_mb: u64,
    space: Space,
}

impl Room {
    /// Warns below `least_mb`, and has no room below `stop_mb`; 0 takes a limit away.
    pub fn new(least_mb: u64, stop_mb: u64) -> Room {
        Room { least_mb, stop_mb, space: Space::Ample }
    }

    /// Measures the disk of a folder. Returns the change of level, if there is one.
    ///
    /// # Errors
    /// The disk cannot be measured: a sentence.
    pub fn measure(&mut self, folder: &Path) -> Result<Option<Change>, String> {
        let disk = statvfs(folder)
            .map_err(|error| format!("The free space of {} cannot be measured: {error}", folder.display()))?;
        let free_mb = disk.blocks_available().saturating_mul(disk.fragment_size()) / MB;
        Ok(self.update(free_mb).map(|mut change| {
            change.text = format!("{}: {}", folder.display(), change.text);
            change
        }))
    }

    /// Takes the free space, in MB. Returns the change of level, if there is one.
    fn update(&mut self, free_mb: u64) -> Option<Change> {
        let of = |free_mb: u64| match free_mb {
            free if free < self.stop_mb => Space::Full,
            free if free < self.least_mb => Space::Low,
            _ => Space::Ample,
        };
        let now = of(free_mb);
        // Up again only with a tenth to spare.
        let space = if now > self.space { of(free_mb - free_mb / 11).max(self.space) } else { now };
        if space == self.space {
            return None;
        }
        self.space = space;
        Some(match space {
            Space::Full => Change {
                level: Level::Error,
                text: format!(
                    "{free_mb} MB are free, less than {} (stop_free_mb): no recording begins until there is more; calls go on",
                    self.stop_mb
                ),
                has_room: false,
            },
            Space::Low => Change {
                level: Level::Warning,
                text: format!("{free_mb} MB are free for recordings, less than {} (least_free_mb)", self.least_mb),
                has_room: true,
            },
            Space::Ample => {
                Change { level: Level::Info, text: format!("{free_mb} MB are free for recordings"), has_room: true }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_follow_free_space_and_do_not_change_to_and_fro() {
        let mut room = Room::new(1000, 100);
        for (free, wanted) in [
            (5000, None),
            (1000, None),
            (999, Some((Level::Warning, true))),
            (1050, None),
            (1101, Some((Level::Info, true))),
            (99, Some((Level::Error, false))),
            (0, None),
            (105, None),
            (111, Some((Level::Warning, true))),
            (20_000, Some((Level::Info, true))),
        ] {
            let change = room.update(free).map(|change| (change.level, change.has_room));
            assert_eq!(change, wanted, "{free} MB");
        }
        let mut always = Room::new(0, 0);
        assert_eq!(always.update(0), None);
    }

    #[test]
    fn a_disk_is_measured_and_one_that_is_not_there_is_named() {
        assert!(Room::new(0, 0).measure(&std::env::temp_dir()).is_ok_and(|change| change.is_none()));
        let full = Room::new(u64::MAX / 2, u64::MAX / 2).measure(&std::env::temp_dir()).unwrap().unwrap();
        assert!(!full.has_room && full.text.contains("stop_free_mb"), "{}", full.text);
        assert!(Room::new(1, 1).measure(Path::new("/nowhere")).unwrap_err().contains("/nowhere"));
    }
}
