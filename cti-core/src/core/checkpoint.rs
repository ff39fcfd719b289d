//! A checkpoint: the whole state of the core between two inputs, as fields with their names.
//!
//! Every field of [`Core`] and of what it reaches is written, so nothing has to be made again from a configuration.
//! Left out are the channels' words, which are in the [table](crate::channel::ChannelTable), and what is empty between
//! two inputs, once the actions are carried out and the entries of the log are taken.
//!
//! | a build reads | rule |
//! |---|---|
//! | its own [`FORMAT`] | no field is missing, and none is unknown |
//! | formats from [`OLDEST_FORMAT`] on | a field that is missing has the default that `#[serde(default)]` gives it |
//! | others | not at all |
//!
//! `checkpoint.txt` beside this file has the names and types of all fields; a test compares them.
//!
//! Never: writes the middle of a transaction.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Core;
use crate::channel::{ChannelTable, OtherChannels};

/// The format of checkpoints: counted on with every change of a name or type of what is in one, or of its meaning.
pub const FORMAT: u32 = 14;

/// The oldest format that is read. Raised to [`FORMAT`] by a new field without a default, and by a removed field whose
/// value is needed.
pub const OLDEST_FORMAT: u32 = 1;

/// A checkpoint that has been read.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Checkpoint(Core);

impl Checkpoint {
    /// The core with a table.
    pub(crate) fn with(self, table: Arc<ChannelTable>) -> Result<Core, OtherChannels> {
        let Checkpoint(mut core) = self;
        core.channels.set_table(table)?;
        let earlier = core::mem::take(&mut core.model.earlier_features);
        core.devices.set_pickup_groups(earlier.into_iter().map(|features| features.pickup_group));
        Ok(core)
    }

    /// The core, to be looked at.
    pub const fn core(&self) -> &Core {
        &self.0
    }
}

impl Core {
    /// The state, to be written; none while actions have not been carried out, or entries of the log not been taken.
    pub fn checkpoint(&self) -> Option<impl Serialize + '_> {
        (self.actions.is_empty() && self.to_keep.is_none() && self.is_log_taken()).then_some(self)
    }
}

/// The conditions are checked in each test, measurements apart.
#[cfg(test)]
pub(super) const fn checked() -> bool {
    true
}
