//! Options that commands on the store share: the place of the store, and the person on record.
//!
//! Never: knows what a command does there.

use std::path::PathBuf;

use clap::Args;
use tipring_core::store::sqlite::SqliteStore;

use crate::config::SiteConfig;
use crate::config::usual::site_file;
use crate::failure::Failure;
use crate::recording::archive::os_user;

/// The place of the store.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE", conflicts_with = "db")]
    site: Option<PathBuf>,
    /// The site's database; what the configuration says is as usual then
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
}

impl Source {
    /// The site's configuration; none where the database alone is named.
    pub(super) fn site(&self) -> Result<Option<SiteConfig>, Failure> {
        if self.db.is_some() {
            return Ok(None);
        }
        Ok(Some(SiteConfig::load_without_users(&self.site.clone().unwrap_or_else(site_file))?))
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
    #[arg(long = "as", value_name = "NAME")]
    person: Option<String>,
}

impl By {
    /// The name that goes on record.
    pub(super) fn name(&self) -> String {
        self.person.clone().unwrap_or_else(os_user)
    }
}
