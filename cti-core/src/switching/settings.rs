//! The settings of a site that are read at a start, taken over by a core that came back with its calls.
//!
//! | setting | calls in progress |
//! |---|---|
//! | numbering plan | numbers are compared by it from now on |
//! | times | waits that have begun end as they would have |
//! | destinations of trunks, dial plan, trunk groups | hold from the next call on; trunks that are blocked stay so |
//! | parking places | a place more can be used; one less stays until the engine is started anew |
//! | feature access codes, second flash, music on hold, rules of recordings | hold from now on |
//!
//! Lines and cards are the engine's: a site with others is another engine's.
//!
//! Never: changes anything if there is a fault.

use std::sync::Arc;

use crate::config::{Config, ConfigError};
use crate::core::Core;
use crate::device::{Device, TrunkIx};
use crate::input::Input;
use crate::route::dial_plan::DialPlan;
use crate::route::outside_number::OutsidePlan;
use crate::route::target::Target;
use crate::route::trunk_group::TrunkGroups;

impl Core {
    /// Takes over the settings of a configuration with the same lines. Queues, agents, callers, flows and users have
    /// inputs of their own, which come before.
    ///
    /// # Errors
    ///
    /// If the configuration contradicts itself or the lines of the site; nothing has changed then.
    pub fn handle_settings(&mut self, config: &Config) -> Result<(), ConfigError> {
        self.begin_entry(|| Input::Settings(Box::new(config.clone())));
        let trunks: Vec<_> = self.devices.trunks().iter().map(|trunk| trunk.id).collect();
        for (ix, trunk) in config.trunks.iter().enumerate() {
            if trunks.get(ix) != Some(&trunk.device) {
                return Err(ConfigError::NoSuchTrunk(trunk.device));
            }
        }
        let mut groups = TrunkGroups::new(&config.trunk_groups, &trunks).map_err(ConfigError::NoSuchTrunk)?;
        groups.take_over(&self.trunk_groups);
        let plan = &config.dial_plan;
        let outside = OutsidePlan::new(&plan.rules, &plan.emergency, &self.devices, &groups)
            .map_err(ConfigError::NoSuchDialling)?;
        let resolve =
            |trunk: &crate::config::TrunkConfig| Target::resolve(trunk.entry, &self.devices, &self.flow_names);
        let entries = config.trunks.iter().map(resolve).collect::<Result<_, _>>()?;
        for place in &config.parking {
            match self.devices.find(place) {
                Some(Device::Park(_)) => {}
                Some(_) => return Err(ConfigError::DeviceTwice(*place)),
                None => {}
            }
        }
        for place in &config.parking {
            if self.devices.find(place).is_none() {
                self.devices.add_park(*place);
                self.model.add_park();
            }
        }
        self.entries = entries;
        for (ix, trunk) in (0..).zip(&config.trunks) {
            self.devices.trunk_mut(TrunkIx(ix)).entry = trunk.entry;
        }
        self.dial_plan = DialPlan::new(plan.outside_line_prefix, outside, &self.devices);
        self.follow_calendars();
        self.trunk_groups = groups;
        self.numbers = config.numbers.clone();
        self.callers.set_plan(config.numbers.clone());
        self.requests.set_plan(config.numbers.clone());
        self.times = config.times;
        self.hold_music.clone_from(&config.hold_music);
        self.feature_codes = Arc::new(config.feature_codes.clone());
        self.second_flash = config.second_flash;
        self.record = config.record;
        self.record_rules = config.record_rules.clone();
        self.ring_cadence = config.ring_cadence;
        self.commit();
        Ok(())
    }
}
