//! A PCI function behind a vfio-user socket: a simulated card in a process of its own.
//!
//! Our own client of the public protocol, because an access here is a message, and what matters is how often we wait:
//! writes are posted (sent without asking for a reply, as PCI posts them), all messages of a transaction leave in one
//! `send`, and the replies to its reads are collected together. A transaction of up to 64 reads waits once.
//!
//! The media thread waits for a few milliseconds at most, and only once: if the card has not answered by then, it is
//! asked again in each service without any wait ([`transact_soon`](PciFunction::transact_soon)). A card whose process
//! stands still does not hold up the others.
//!
//! DMA memory is lent as a descriptor of its memory file, at addresses below 4 GiB. Each wait has a deadline; a card
//! whose process died is [`Gone`](PciErrorKind::Gone).
//!
//! Never: knows what card it is, or allocates in a transaction, whether it succeeds or not.

mod connection;
mod wire;

use core::task::Poll;
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use self::connection::{Connection, Wait};
use self::wire::{Command, REGION_ACCESS, REGION_INFO, Reply, put_region_access, put_u32s, put_u64s, u16_at};
use self::wire::{u32_at, u64_at};
use super::dma::DmaBuffer;
use super::{Access, Name, Operation, PciError, PciErrorKind, PciFunction, PciId, Place};

/// A deadline that suits a card on the same machine.
pub const DEADLINE: Duration = Duration::from_secs(1);

/// Reads under way at once. Their replies must fit into the socket's buffer (about 200 KiB, some 800 octets each), or
/// both sides would wait for each other.
const IN_FLIGHT: usize = 64;
/// Longest time the media thread waits for a card, in milliseconds, all waits of a transaction together.
const MOMENTS: u8 = 4;
/// Capabilities in the version message.
const CAPABILITIES: &[u8] = b"{\"capabilities\":{\"max_msg_fds\":1,\"max_data_xfer_size\":1048576}}\0";
/// First card address: anywhere below 4 GiB will do, as there is no other memory behind a socket.
const FIRST_ADDRESS: u32 = 0x1000_0000;
/// Command register of configuration space, and its bits for memory access and bus mastering.
const COMMAND: u64 = 0x04;
const MEMORY_AND_BUS_MASTER: u16 = 1 << 1 | 1 << 2;

/// A buffer that was freed: where the card saw it.
struct Freed {
    address: u32,
    octets: u32,
}

/// A transaction of which something is under way.
struct UnderWay {
    /// The first access that has not been put into a message.
    next: usize,
    /// Accesses that wait for a reply, with their message ids.
    awaited: Vec<(usize, u16)>,
    /// Number of these that have come.
    collected: usize,
    /// The first access that was refused, and why.
    refused: Option<(usize, PciErrorKind)>,
    /// Number of times it was found pending.
    pending: u128,
}

/// A PCI function behind a vfio-user socket.
pub struct VfioUser {
    name: Name,
    connection: Connection,
    id: PciId,
    /// The sizes of the six BARs in octets, 0 for none.
    bars: [u64; 6],
    can_reset: bool,
    under_way: UnderWay,
    next_address: u32,
    /// DMA buffers that were freed since; taken away from the card when the next one is made.
    freed: Receiver<Freed>,
    /// For the buffers, to say that they were freed.
    free: Sender<Freed>,
}

impl VfioUser {
    /// Connects to the card at `path`, enables memory access and bus mastering.
    ///
    /// No single wait, now or later, is longer than `deadline`; [`DEADLINE`] is a good one.
    ///
    /// # Errors
    /// [`Io`](PciErrorKind::Io) if nothing at `path` takes the connection, `deadline` is zero, or a request is refused;
    /// [`Busy`](PciErrorKind::Busy) if it hangs up when greeted; [`Protocol`](PciErrorKind::Protocol) if `path` is no
    /// socket, the greeting has no answer, or the other side is no PCI function that keeps to vfio-user 0.x; after the
    /// greeting, [`Gone`](PciErrorKind::Gone) or [`Deadline`](PciErrorKind::Deadline) if it ends or does not answer.
    pub fn connect(path: &Path, deadline: Duration) -> Result<VfioUser, PciError> {
        let name = Name::of(&path.to_string_lossy());
        let fail = |operation: &'static str, kind| PciError { operation: operation.into(), function: name, kind };
        let mut connection = Connection::open(path, deadline).map_err(|kind| fail("Connecting to the card", kind))?;
        greet(&mut connection).map_err(|kind| fail("Greeting the card", kind))?;
        let (free, freed) = channel();
        let mut function = VfioUser {
            connection,
            id: PciId { vendor: 0, device: 0, subsystem_vendor: 0, subsystem_device: 0 },
            bars: [0; 6],
            can_reset: false,
            under_way: UnderWay {
                next: 0,
                awaited: Vec::with_capacity(IN_FLIGHT),
                collected: 0,
                refused: None,
                pending: 0,
            },
            next_address: FIRST_ADDRESS,
            freed,
            free,
            name,
        };
        function.explore().map_err(|kind| fail("Exploring the card", kind))?;
        function.enable().map_err(|kind| fail("Enabling the card", kind))?;
        Ok(function)
    }

    /// Asks what there is: a PCI function, its BARs, its numbers.
    fn explore(&mut self) -> Result<(), PciErrorKind> {
        let info = self.connection.call(Command::DeviceInfo, 16, None, |body| put_u32s(body, &[16, 0, 0, 0]))?;
        let info: [u8; 16] = at_least(info).ok_or_else(|| short("device description"))?;
        let (flags, regions) = (u32_at(&info, 4), u32_at(&info, 8));
        if flags & wire::DEVICE_PCI == 0 {
            return Err(PciErrorKind::Protocol("it is a device, but not a PCI function".into()));
        }
        if regions <= wire::CONFIG_REGION {
            return Err(PciErrorKind::Protocol(
                format!("it has {regions} regions, and none is configuration space").into(),
            ));
        }
        self.can_reset = flags & wire::DEVICE_RESET != 0;
        for region in 0..self.bars.len() {
            self.bars[region] = self.region_size(region as u32)?;
        }
        let config: [u8; 48] = self.read_config()?;
        self.id = PciId {
            vendor: u16_at(&config, 0x00),
            device: u16_at(&config, 0x02),
            subsystem_vendor: u16_at(&config, 0x2c),
            subsystem_device: u16_at(&config, 0x2e),
        };
        Ok(())
    }

    fn region_size(&mut self, region: u32) -> Result<u64, PciErrorKind> {
        let info = self.connection.call(Command::RegionInfo, REGION_INFO, None, |body| {
            put_u32s(body, &[REGION_INFO as u32, 0, region, 0]);
            put_u64s(body, &[0, 0]);
        })?;
        let info: [u8; REGION_INFO] = at_least(info).ok_or_else(|| short("region description"))?;
        Ok(u64_at(&info, 16))
    }

    fn read_config<const N: usize>(&mut self) -> Result<[u8; N], PciErrorKind> {
        let reply = self.connection.call(Command::RegionRead, REGION_ACCESS, None, |body| {
            put_region_access(body, wire::CONFIG_REGION, 0, N as u32);
        })?;
        reply.get(REGION_ACCESS..).and_then(at_least).ok_or_else(|| short("configuration space"))
    }

    /// Sets memory access and bus mastering in the command register; everything else stays as it was.
    fn enable(&mut self) -> Result<(), PciErrorKind> {
        let config: [u8; 8] = self.read_config()?;
        let command = u16_at(&config, COMMAND as usize) | MEMORY_AND_BUS_MASTER;
        self.connection.call(Command::RegionWrite, REGION_ACCESS + 2, None, |body| {
            put_region_access(body, wire::CONFIG_REGION, COMMAND, 2);
            body.extend_from_slice(&command.to_le_bytes());
        })?;
        Ok(())
    }

    /// Takes buffers that were freed since the last time away from the card.
    fn unmap_freed(&mut self) -> Result<(), PciErrorKind> {
        while let Ok(Freed { address, octets }) = self.freed.try_recv() {
            self.connection.call(Command::DmaUnmap, 24, None, |body| {
                put_u32s(body, &[24, 0]);
                put_u64s(body, &[address.into(), octets.into()]);
            })?;
        }
        Ok(())
    }

    fn map(&mut self, buffer: &DmaBuffer, address: u32) -> Result<(), PciErrorKind> {
        self.connection.call(Command::DmaMap, 32, Some(buffer.file()), |body| {
            put_u32s(body, &[32, wire::DMA_READ_WRITE]);
            put_u64s(body, &[0, address.into(), buffer.octets().into()]);
        })?;
        Ok(())
    }

    fn arm(&mut self, event: BorrowedFd<'_>) -> Result<bool, PciErrorKind> {
        let info = self.connection.call(Command::IrqInfo, 16, None, |body| put_u32s(body, &[16, 0, wire::INTX, 0]))?;
        let info: [u8; 16] = at_least(info).ok_or_else(|| short("interrupt description"))?;
        if u32_at(&info, 12) == 0 || u32_at(&info, 4) & wire::IRQ_EVENTFD == 0 {
            return Ok(false);
        }
        self.connection.call(Command::SetIrqs, 20, Some(event), |body| {
            put_u32s(body, &[20, wire::IRQ_ARM, wire::INTX, 0, 1]);
        })?;
        Ok(true)
    }

    /// Carries out `accesses`, or goes on with them, with as many under way as may be.
    fn carry_out(&mut self, accesses: &mut [Access], mut wait: Wait) -> Result<Poll<()>, (usize, PciErrorKind)> {
        let started = self.under_way.next > 0;
        if !started && let Some(index) = accesses.iter().position(|access| !self.has(access)) {
            return Err((index, PciErrorKind::OutOfRange));
        }
        loop {
            while let Some(access) = accesses.get(self.under_way.next)
                && self.under_way.awaited.len() < IN_FLIGHT
                && !self.connection.is_full(REGION_ACCESS + 4)
            {
                let id = self.put(*access);
                if matches!(access, Access::Read8 { .. } | Access::Read32 { .. }) {
                    self.under_way.awaited.push((self.under_way.next, id));
                }
                self.under_way.next += 1;
            }
            let first = self.under_way.awaited.first().map_or(0, |(index, _)| *index);
            if self.connection.flush(&mut wait).map_err(|kind| (first, kind))?.is_pending() {
                return Ok(Poll::Pending);
            }
            if self.collect(accesses, &mut wait)?.is_pending() {
                return Ok(Poll::Pending);
            }
            if self.under_way.next == accesses.len() {
                return self.under_way.refused.take().map_or(Ok(Poll::Ready(())), Err);
            }
        }
    }

    /// Returns true for an access within its BAR, at a multiple of its width.
    fn has(&self, access: &Access) -> bool {
        let Place { bar, offset, octets } = access.place();
        let size = self.bars.get(usize::from(bar.0)).copied().unwrap_or(0);
        u64::from(offset) + u64::from(octets) <= size && offset.is_multiple_of(octets)
    }

    /// Puts the message of an access.
    fn put(&mut self, access: Access) -> u16 {
        let Place { bar, offset, octets } = access.place();
        let put = |body: &mut Vec<u8>| put_region_access(body, bar.0.into(), offset.into(), octets);
        match access {
            Access::Write8 { value, .. } => {
                self.connection.put(Command::RegionWrite, REGION_ACCESS + 1, Reply::None, |body| {
                    put(body);
                    body.push(value);
                })
            }
            Access::Write32 { value, .. } => {
                self.connection.put(Command::RegionWrite, REGION_ACCESS + 4, Reply::None, |body| {
                    put(body);
                    body.extend_from_slice(&value.to_le_bytes());
                })
            }
            Access::Read8 { .. } | Access::Read32 { .. } => {
                self.connection.put(Command::RegionRead, REGION_ACCESS, Reply::Wanted, put)
            }
        }
    }

    /// Takes the replies that are awaited. One that is a refusal is kept until the others have come: so the stream
    /// stays in step.
    fn collect(&mut self, accesses: &mut [Access], wait: &mut Wait) -> Result<Poll<()>, (usize, PciErrorKind)> {
        let under_way = &mut self.under_way;
        while let Some(&(index, id)) = under_way.awaited.get(under_way.collected) {
            let came = self.connection.await_reply(Command::RegionRead, id, wait).map_err(|kind| (index, kind))?;
            if came.is_pending() {
                return Ok(Poll::Pending);
            }
            under_way.collected += 1;
            let data = match self.connection.take_reply() {
                Ok(reply) => reply.get(REGION_ACCESS..).unwrap_or(&[]),
                Err(kind) => {
                    under_way.refused.get_or_insert((index, kind));
                    continue;
                }
            };
            let whole = match &mut accesses[index] {
                Access::Read8 { value, .. } => at_least(data).map(|[octet]: [u8; 1]| *value = octet),
                Access::Read32 { value, .. } => at_least(data).map(|octets| *value = u32::from_le_bytes(octets)),
                Access::Write8 { .. } | Access::Write32 { .. } => Some(()),
            };
            if whole.is_none() {
                return Err((index, self.connection.protocol("the answer to a read holds no data".into())));
            }
        }
        under_way.awaited.clear();
        under_way.collected = 0;
        Ok(Poll::Ready(()))
    }

    /// Leaves a transaction that is pending: what was put is sent, and its answers are passed over.
    fn abandon(&mut self) -> Result<(), PciErrorKind> {
        let under_way = &mut self.under_way;
        (under_way.next, under_way.refused, under_way.pending) = (0, None, 0);
        let awaited = under_way.awaited.drain(..).skip(core::mem::take(&mut under_way.collected));
        let mut wait = Wait::Deadline;
        for (_, id) in awaited {
            let _ = self.connection.flush(&mut wait)?;
            let _ = self.connection.await_reply(Command::RegionRead, id, &mut wait)?;
            // A refusal is an answer too.
            let _ = self.connection.take_reply();
        }
        Ok(())
    }

    /// Begins or goes on, and counts how long nothing came.
    fn go_on(&mut self, accesses: &mut [Access], wait: Wait) -> Poll<Result<(), PciError>> {
        let result = match self.carry_out(accesses, wait) {
            Ok(Poll::Pending) => {
                self.under_way.pending += 1;
                if self.under_way.pending < self.connection.deadline().as_millis() {
                    return Poll::Pending;
                }
                let first = self.under_way.awaited.get(self.under_way.collected).map_or(0, |(index, _)| *index);
                Err((first, self.connection.give_up()))
            }
            Ok(Poll::Ready(())) => Ok(()),
            Err(failed) => Err(failed),
        };
        let UnderWay { next, awaited, collected, refused, pending } = &mut self.under_way;
        (*next, *collected, *refused, *pending) = (0, 0, None, 0);
        awaited.clear();
        Poll::Ready(result.map_err(|(index, kind)| {
            let operation = accesses.get(index).map_or("Writing registers".into(), |access| Operation::Access(*access));
            self.error(operation, kind)
        }))
    }

    fn error(&self, operation: impl Into<Operation>, kind: PciErrorKind) -> PciError {
        PciError { operation: operation.into(), function: self.name, kind }
    }
}

impl PciFunction for VfioUser {
    fn id(&self) -> PciId {
        self.id
    }

    fn name(&self) -> Name {
        self.name
    }

    fn transact(&mut self, accesses: &mut [Access]) -> Result<(), PciError> {
        self.abandon().map_err(|kind| self.error("Collecting the answers to what was asked before", kind))?;
        match self.go_on(accesses, Wait::Deadline) {
            Poll::Ready(result) => result,
            // Does not happen: a wait as long as the deadline ends in an error.
            Poll::Pending => Err(self.error("Writing registers", PciErrorKind::Deadline)),
        }
    }

    fn transact_soon(&mut self, accesses: &mut [Access]) -> Poll<Result<(), PciError>> {
        let moments = if self.under_way.pending == 0 { MOMENTS } else { 0 };
        self.go_on(accesses, Wait::Moments(moments))
    }

    fn dma_alloc(&mut self, octets: u32) -> Result<DmaBuffer, PciError> {
        let failed = "Lending DMA memory to the card";
        self.unmap_freed().map_err(|kind| self.error("Taking DMA memory back from the card", kind))?;
        let buffer = DmaBuffer::allocate(octets).map_err(|error| self.error(failed, PciErrorKind::Io(error)))?;
        let address = self.next_address;
        let Some(next) = address.checked_add(buffer.octets()) else {
            return Err(self.error(failed, PciErrorKind::OutOfRange));
        };
        self.map(&buffer, address).map_err(|kind| self.error(failed, kind))?;
        self.next_address = next;
        let (free, octets) = (self.free.clone(), buffer.octets());
        // The card may write into the memory file until the next allocation; its pages have no other user until then.
        let release = Box::new(move || {
            let _ = free.send(Freed { address, octets });
        });
        Ok(buffer.mapped_at(address, release))
    }

    fn irq_arm(&mut self, event: BorrowedFd<'_>) -> Result<bool, PciError> {
        self.arm(event).map_err(|kind| self.error("Setting up the interrupt", kind))
    }

    fn irq_unmask(&mut self) -> Result<(), PciError> {
        // Posted: whether it arrived shows in the next interrupt.
        self.connection.put(Command::SetIrqs, 20, Reply::None, |body| {
            put_u32s(body, &[20, wire::IRQ_UNMASK, wire::INTX, 0, 1]);
        });
        let sent = self.connection.flush(&mut Wait::Deadline).map(|_| ());
        sent.map_err(|kind| self.error("Letting the interrupt fire again", kind))
    }

    fn reset(&mut self) -> Result<(), PciError> {
        if !self.can_reset {
            return Ok(());
        }
        let done = self.connection.call(Command::Reset, 0, None, |_| {}).map(|_| ());
        // A reset clears configuration space too.
        done.and_then(|()| self.enable()).map_err(|kind| self.error("Resetting the card", kind))
    }
}

/// Agrees on the version of the protocol.
fn greet(connection: &mut Connection) -> Result<(), PciErrorKind> {
    let length = 4 + CAPABILITIES.len();
    let result = connection.call(Command::Version, length, None, |body| {
        // Version 0.0, as QEMU says: the least that every server speaks.
        body.extend_from_slice(&[0; 4]);
        body.extend_from_slice(CAPABILITIES);
    });
    let explained = match result {
        Ok(reply) => match at_least::<4>(reply) {
            Some(version) if u16_at(&version, 0) == 0 => return Ok(()),
            Some(version) => {
                let (major, minor) = (u16_at(&version, 0), u16_at(&version, 2));
                format!("it speaks vfio-user {major}.{minor}, and we speak 0.x")
            }
            None => "its greeting holds no version".into(),
        },
        Err(PciErrorKind::Gone) => {
            return Err(PciErrorKind::Busy(
                "it hung up when greeted in vfio-user: it is busy with another program, or no card is behind this socket"
                    .into(),
            ));
        }
        Err(PciErrorKind::Deadline) => format!(
            "it did not answer a vfio-user greeting within {} ms; is this the socket of a card, and is no other program \
             connected to it?",
            connection.deadline().as_millis()
        ),
        Err(PciErrorKind::Protocol(what)) => format!("{what}; is this the socket of a card?"),
        Err(other) => return Err(other),
    };
    Err(connection.protocol(explained.into()))
}

/// The first octets of `octets`, if there are as many.
fn at_least<const N: usize>(octets: &[u8]) -> Option<[u8; N]> {
    octets.first_chunk().copied()
}

fn short(what: &str) -> PciErrorKind {
    PciErrorKind::Protocol(format!("its {what} is too short").into())
}
