//! The cards of a site: addresses, and how they are served.
//!
//! Never: opens a card.

use std::fmt;

use serde::{Deserialize, Serialize};
use tipring_driver::card::tdm400p::{AHEAD_MS, RECEIVE_MS, Settings};
pub use tipring_driver::card::{Address, Service};

/// A card.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BoardConfig {
    /// Its address.
    pub card: CardAddress,
    /// Trigger of its service.
    #[serde(default)]
    pub service: Service,
    /// Depth of the receive ring, in ms (2 to 128): the driver's delay up to which no received sound is lost. The
    /// card's usual depth if left out.
    #[serde(default)]
    pub receive_ring_ms: Option<u32>,
    /// Samples played ahead, in ms (1 to 64): the delay of played sound, and the driver's delay up to which it has no
    /// gap. The card's usual value if left out.
    #[serde(default)]
    pub transmit_ahead_ms: Option<u32>,
}

impl BoardConfig {
    /// The settings of its card.
    pub fn settings(&self) -> Settings {
        let usual = Settings::default();
        Settings {
            receive_ring_ms: self.receive_ring_ms.unwrap_or(usual.receive_ring_ms),
            transmit_ahead_ms: self.transmit_ahead_ms.unwrap_or(usual.transmit_ahead_ms),
            ..usual
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let settings = self.settings();
        if !RECEIVE_MS.contains(&settings.receive_ring_ms) || !AHEAD_MS.contains(&settings.transmit_ahead_ms) {
            return Err(format!("{}: receive_ring_ms is 2 to 128, transmit_ahead_ms 1 to 64", self.card));
        }
        Ok(())
    }
}

/// Address of a card, as it is written in the configuration: `pci:0000:03:00.0` or `socket:/path`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct CardAddress(pub Address);

impl TryFrom<String> for CardAddress {
    type Error = String;
    fn try_from(text: String) -> Result<CardAddress, String> {
        match text.split_once(':') {
            Some(("pci", address)) if !address.is_empty() => Ok(CardAddress(Address::Pci(address.into()))),
            Some(("socket", path)) if !path.is_empty() => Ok(CardAddress(Address::Socket(path.into()))),
            _ => Err(format!("a card is written \"pci:0000:03:00.0\" or \"socket:/path\", not {text:?}")),
        }
    }
}

impl From<CardAddress> for String {
    fn from(address: CardAddress) -> String {
        address.to_string()
    }
}

impl fmt::Display for CardAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Address::Pci(address) => write!(f, "pci:{address}"),
            Address::Socket(path) => write!(f, "socket:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SiteConfig, TEMPLATE};
    use super::*;

    #[test]
    fn a_board_served_by_interrupt_has_rings_as_deep_as_any() {
        let text = "service = \"interrupt\"";
        let config =
            SiteConfig::parse(&TEMPLATE.replacen("receive_ring_ms = 64\ntransmit_ahead_ms = 4", text, 1)).unwrap();
        assert_eq!(config.boards[0].service, Service::Interrupt);
        assert_eq!(config.boards[0].settings(), Settings::default());
    }
}
