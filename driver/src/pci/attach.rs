//! A function made ready for a card before the media thread meets it: its DMA memory lent, its interrupt armed.
//!
//! Lending memory and arming an interrupt are system calls, or round trips over a socket, so they are done by whoever
//! opens the function: at the start the opener, later the thread of [`InBackground`](super::reopen::InBackground).
//!
//! Never: knows what the memory is for.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::eventfd::{EfdFlags, EventFd};

use super::dma::DmaBuffer;
use super::tx_watchdog::{Heartbeat, Played, TxWatchdog};
use super::{PciError, PciErrorKind, PciFunction, Unavailable};

/// Resources that a card needs of its function beside registers.
#[derive(Clone)]
pub struct Needs {
    /// Octets of DMA memory.
    pub dma_octets: u32,
    /// The part of it that the card plays.
    pub(crate) played: Played,
    /// Watchdog that silences the card when it is not served.
    pub tx_watchdog: Option<TxWatchdog>,
    /// Event signalled when the function interrupts; none for a card served by position.
    pub interrupt: Option<Interrupt>,
}

/// A function with everything a card needs of it. Dropping it closes the function first, then frees the memory.
pub struct Attached {
    /// The function.
    pub function: Box<dyn PciFunction>,
    /// Memory shared with the card.
    pub memory: Arc<DmaBuffer>,
    /// Event it signals when it interrupts.
    pub interrupt: Option<Interrupt>,
    /// To be beaten with each service.
    pub(crate) heartbeat: Heartbeat,
}

impl Needs {
    /// Needs with a transmit watchdog, which silences the card when it is not served.
    pub fn with_tx_watchdog(self, tx_watchdog: TxWatchdog) -> Needs {
        Needs { tx_watchdog: Some(tx_watchdog), ..self }
    }

    /// Needs with an interrupt.
    pub fn with_interrupt(self, interrupt: Interrupt) -> Needs {
        Needs { interrupt: Some(interrupt), ..self }
    }

    /// Gets a function ready.
    ///
    /// # Errors
    /// As for [`PciFunction::dma_alloc`] and [`PciFunction::irq_arm`]; [`Unavailable::NoInterruptLine`] if the function
    /// has no interrupt and one is needed.
    pub fn attach(&self, mut function: Box<dyn PciFunction>) -> Result<Attached, PciError> {
        let memory = Arc::new(function.dma_alloc(self.dma_octets)?);
        if let Some(interrupt) = &self.interrupt
            && !function.irq_arm(interrupt.descriptor())?
        {
            return Err(PciError {
                operation: "Setting up the interrupt".into(),
                function: function.name(),
                kind: PciErrorKind::Unavailable(Unavailable::NoInterruptLine),
            });
        }
        let heartbeat = match &self.tx_watchdog {
            Some(tx_watchdog) => tx_watchdog.watch(&memory, self.played.clone()),
            None => Heartbeat::default(),
        };
        Ok(Attached { function, memory, interrupt: self.interrupt.clone(), heartbeat })
    }
}

/// An interrupt line as the media thread meets it: an eventfd that outlives the functions it is lent to.
///
/// Whoever waits [looks](Interrupt::look) whether it has fired; the card takes note of it.
#[derive(Debug, Clone)]
pub struct Interrupt(Arc<InterruptLine>);

#[derive(Debug)]
struct InterruptLine {
    event: EventFd,
    fired: AtomicBool,
}

impl Interrupt {
    /// A line that has not fired.
    ///
    /// # Errors
    /// The system has no memory or no descriptor left.
    pub fn new() -> io::Result<Interrupt> {
        let event = EventFd::from_value_and_flags(0, EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        Ok(Interrupt(Arc::new(InterruptLine { event, fired: AtomicBool::new(false) })))
    }

    /// Descriptor that becomes readable when it fires.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.0.event.as_fd()
    }

    /// Empties the descriptor and keeps whether it had fired. Does not wait.
    pub fn look(&self) -> bool {
        let fired = self.0.event.read().is_ok();
        if fired {
            self.0.fired.store(true, Ordering::Release);
        }
        fired
    }

    /// Returns true if it has fired since the last call.
    pub(crate) fn take(&self) -> bool {
        self.0.fired.swap(false, Ordering::AcqRel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_fired_is_taken_note_of_once() {
        let line = Interrupt::new().unwrap();
        assert!(!line.look() && !line.take());
        nix::unistd::write(line.descriptor(), &1u64.to_ne_bytes()).unwrap();
        assert!(!line.take(), "no scan yet");
        assert!(line.look() && !line.look(), "the descriptor is empty again");
        assert!(line.take() && !line.take());
    }
}
