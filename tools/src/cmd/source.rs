//! Options that commands on the store share: the place of the store, and the person on record.
//!
//! Never: knows what a command does there.

use std::path::{Path, PathBuf};

use clap::Args;
use tipring_core::store::sqlite::SqliteStore;

use crate::config::SiteConfig;
use crate::config::usual::site_file;
use crate::failure::Failure;
use crate::recording::archive::os_user;
use crate::site_clock::SiteClock;

/// The place of the store.
#[derive(Debug, Clone, Args)]
pub(super) struct Source {
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE", conflicts_with = "db")]
    site: Option<PathBuf>,
    /// The site's database; what the configuration says is as usual then, and moments are by this machine's clock
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
}

/// A store that is read, with what its site says of it.
pub(super) struct Opened {
    /// The store.
    pub(super) store: SqliteStore,
    /// The site's configuration; none where the database alone is named.
    pub(super) site: Option<SiteConfig>,
    /// The clock of its days and moments.
    pub(super) clock: SiteClock,
}

/// The clock of a site; this machine's where none is known.
fn clock_of(site: Option<&SiteConfig>) -> SiteClock {
    site.map_or_else(SiteClock::of_machine, SiteConfig::clock)
}

impl Source {
    /// The site's configuration; none where the database alone is named.
    pub(super) fn site(&self) -> Result<Option<SiteConfig>, Failure> {
        if self.db.is_some() {
            return Ok(None);
        }
        Ok(Some(SiteConfig::load_without_users(&self.site.clone().unwrap_or_else(site_file))?))
    }

    /// The clock of the site's days and moments.
    pub(super) fn clock(&self) -> Result<SiteClock, Failure> {
        Ok(clock_of(self.site()?.as_ref()))
    }

    /// The store, to be read, with its site.
    pub(super) fn open(&self) -> Result<Opened, Failure> {
        let site = self.site()?;
        let database = site.as_ref().map(|site| &site.store.database).or(self.db.as_ref());
        let store = SqliteStore::open_to_read(database.map_or(Path::new(""), PathBuf::as_path))?;
        Ok(Opened { store, clock: clock_of(site.as_ref()), site })
    }

    fn database(&self) -> Result<PathBuf, Failure> {
        let site = self.site()?.map(|site| site.store.database);
        Ok(site.or_else(|| self.db.clone()).unwrap_or_default())
    }

    /// The store, to be read.
    pub(super) fn read(&self) -> Result<SqliteStore, Failure> {
        Ok(SqliteStore::open_to_read(&self.database()?)?)
    }

    /// The store, for changes beside the site that may be running.
    pub(super) fn act(&self) -> Result<SqliteStore, Failure> {
        Ok(SqliteStore::open_beside(&self.database()?)?)
    }
}

/// The person on record.
#[derive(Debug, Args)]
pub(super) struct By {
    /// The person who goes on record; without it, the user of the operating system
    #[arg(long = "as", alias = "by", value_name = "NAME")]
    person: Option<String>,
}

impl By {
    /// The name that goes on record.
    pub(super) fn name(&self) -> String {
        self.person.clone().unwrap_or_else(os_user)
    }
}
