//! Opening cards: a real one by its PCI address, a simulated one by its socket.

use std::path::Path;
use std::time::Duration;

use tipring_driver::card::Card;
use tipring_driver::card::tdm400p::{Settings, Tdm400p};
use tipring_driver::pci::ids::identify;
use tipring_driver::pci::reopen::{InBackground, RETRY};
use tipring_driver::pci::vfio::Vfio;
use tipring_driver::pci::vfio_user::VfioUser;
use tipring_driver::pci::{PciError, PciFunction};

use crate::cli::Failure;
use crate::config::{BoardConfig, CardAddress};

/// How long a simulated card may take to answer before it counts as gone.
const DEADLINE: Duration = Duration::from_secs(1);

/// Opens the function behind an address.
pub fn open_function(address: &CardAddress) -> Result<Box<dyn PciFunction>, PciError> {
    match address {
        CardAddress::Pci(address) => Ok(Box::new(Vfio::open(address)?)),
        CardAddress::Socket(path) => open_socket(path),
    }
}

fn open_socket(path: &Path) -> Result<Box<dyn PciFunction>, PciError> {
    Ok(Box::new(VfioUser::connect(path, DEADLINE)?))
}

/// Opens a card, to be opened again by itself whenever it is gone.
pub fn open(board: &BoardConfig) -> Result<Box<dyn Card>, Failure> {
    let address = &board.card;
    let function = open_function(address)?;
    let id = function.id();
    if identify(id).is_none() {
        return Err(format!(
            "{address} is not a card this driver knows (PCI {:04x}:{:04x}, subsystem {:04x}:{:04x})",
            id.vendor, id.device, id.subsystem_vendor, id.subsystem_device
        )
        .into());
    }
    let again = address.clone();
    let reopen = InBackground::new(Box::new(move || open_function(&again)), RETRY)?;
    let settings = Settings {
        receive_ring_ms: board.receive_ring_ms,
        transmit_ahead_ms: board.transmit_ahead_ms,
        ..Settings::default()
    };
    Ok(Box::new(Tdm400p::new(function, Box::new(reopen), settings)))
}
