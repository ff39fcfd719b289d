//! Interactive voice response: a menu as data, parsed once, and the machine that walks it.
//!
//! Never: plays anything or waits for anything itself; it says what is to be done.

pub mod flow;

use tipring_driver::ids::PromptId;
use tipring_driver::line::Digit;
use tipring_driver::time::Ticks;

use crate::config::{ConfigError, Destination, MenuConfig};
use crate::device::{Device, Devices, QueueIx, StationIx};

/// Where a call may go, known to exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A menu, counted from 0.
    Menu(u16),
    /// A queue.
    Queue(QueueIx),
    /// A station.
    Station(StationIx),
}

impl Target {
    /// The target of a configured destination.
    pub fn resolve(destination: Destination, devices: &Devices, menus: usize) -> Result<Target, ConfigError> {
        match destination {
            Destination::Menu(menu) if (menu as usize) < menus => Ok(Target::Menu(menu)),
            Destination::Menu(menu) => Err(ConfigError::NoSuchMenu(menu)),
            Destination::Queue(id) => match devices.find(&id) {
                Some(Device::Queue(queue)) => Ok(Target::Queue(queue)),
                Some(_) | None => Err(ConfigError::NoSuchDestination(id)),
            },
            Destination::Station(id) => match devices.find(&id) {
                Some(Device::Station(station)) => Ok(Target::Station(station)),
                Some(_) | None => Err(ConfigError::NoSuchDestination(id)),
            },
        }
    }
}

/// A menu of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// What is said.
    pub prompt: Option<PromptId>,
    /// Which key leads where.
    pub choices: Vec<(Digit, Target)>,
    /// Where callers go who press nothing useful.
    pub default: Target,
    /// How long a key is awaited after the prompt.
    pub key_wait: Ticks,
    /// How many times more the prompt is said.
    pub repeats: u8,
}

impl Menu {
    /// The menus of a site. Following their defaults must lead out of them: nobody is kept in a circle.
    pub fn resolve_all(menus: &[MenuConfig], devices: &Devices) -> Result<Vec<Menu>, ConfigError> {
        let resolved = menus
            .iter()
            .map(|menu| {
                Ok(Menu {
                    prompt: menu.prompt,
                    choices: menu
                        .choices
                        .iter()
                        .map(|&(digit, to)| Ok((digit, Target::resolve(to, devices, menus.len())?)))
                        .collect::<Result<_, ConfigError>>()?,
                    default: Target::resolve(menu.default, devices, menus.len())?,
                    key_wait: menu.key_wait,
                    repeats: menu.repeats,
                })
            })
            .collect::<Result<Vec<Menu>, ConfigError>>()?;
        for start in 0..resolved.len() {
            let mut at = start;
            let mut steps = 0;
            while let Target::Menu(next) = resolved[at].default {
                at = next as usize;
                steps += 1;
                if steps > resolved.len() {
                    return Err(ConfigError::MenuCircle(start as u16));
                }
            }
        }
        Ok(resolved)
    }
}
