//! Cards of a site in lock-step: simulated devices in slots, each opened, and opened again after it failed.
//!
//! Never: reads a clock; the services of a card are its time.

use std::sync::Arc;

use tipring_direct::{Direct, Slot, SlotHandle};
use tipring_driver::card::Card;
use tipring_driver::card::tdm400p::{Settings, Tdm400p};
use tipring_driver::pci::attach::{Attached, Needs};
use tipring_driver::pci::reopen::{RETRY, Reopen};
use tipring_hw_sim::device::Device;

use crate::failure::Failure;

/// Puts a device into a slot, and opens the card there.
pub(super) fn plug(device: Box<dyn Device>, settings: Settings) -> Result<(SlotHandle, Box<dyn Card>), Failure> {
    let slot = Slot::new(device);
    let needs = settings.needs();
    let attached = needs.attach(Box::new(Direct::open(&slot)))?;
    let again = OpensAgain { slot: Arc::clone(&slot), needs, left: None };
    Ok((slot, Box::new(Tdm400p::new(attached, Box::new(again), settings))))
}

/// Opens the card in a slot again, as long after it failed as a site does.
struct OpensAgain {
    slot: SlotHandle,
    needs: Needs,
    /// Services until the card is there again.
    left: Option<u32>,
}

impl Reopen for OpensAgain {
    fn begin(&mut self, gone: Option<Attached>) {
        drop(gone);
        self.slot.lock().reset();
        self.left = Some(RETRY.as_millis() as u32);
    }

    fn poll(&mut self) -> Option<Attached> {
        let left = self.left.as_mut()?;
        *left = left.saturating_sub(1);
        if *left > 0 {
            return None;
        }
        self.left = None;
        self.needs.attach(Box::new(Direct::open(&self.slot))).ok()
    }
}
