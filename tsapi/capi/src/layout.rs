//! Structures of the C interface as data: the members of each, and the image of a message in memory.
//!
//! The members of a message stand in a C structure in the order of the wire. Sizes and offsets follow from the rules of
//! the platform: 64-bit Linux, natural alignment. Lists lie in the heap of their event and are pointed to.
//!
//! Never: holds a pointer; an image has places, which become pointers where it is laid down.

use tipring_tsapi::ber::Reader;
use tipring_tsapi::error::{BerError, BerErrorKind};

/// A member of a structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Node {
    /// IA5 text: `char[n]` with its NUL.
    Text(usize),
    /// INT16: `short`.
    Short,
    /// INT32: `long`.
    Long,
    /// BOOL: `unsigned char`.
    Bool,
    /// ENUM: a C enumeration.
    Enum,
    /// NULL: `Nulltype`.
    Null,
    /// BITS14: `unsigned short`, left-aligned.
    Bits16,
    /// A bit string of this number of bits, at most 8: `unsigned char`, left-aligned.
    Bits8(u8),
    /// INTEGER in an `unsigned char`.
    Octet,
    /// REAL: `float`.
    Real,
    /// OCTET with a bound: `{ unsigned short length; unsigned char value[n]; }`.
    Octets16(usize),
    /// OCTET without bound: `{ unsigned int length; unsigned char *value; }`.
    Octets,
    /// A structure.
    Record(&'static [Node]),
    /// SEQOF without bound: `{ unsigned int count; T *name; }`.
    List(&'static Node),
    /// SEQOF with a bound: `{ unsigned short count; T name[n]; }`.
    Bounded(&'static Node, usize),
}

/// Alignment of heaps, of pointers and of `long`.
pub(crate) const ALIGN: usize = 8;
/// Offset of the pointer in a list or in octets, after their count.
pub(crate) const POINTER_OFFSET: usize = 8;
/// Octets that a message may bring where the wire has no bound: more than a frame holds.
const OCTETS_MAX: usize = usize::MAX;

pub(crate) const fn aligned(at: usize, align: usize) -> usize {
    at.div_ceil(align) * align
}

impl Node {
    pub(crate) fn align(self) -> usize {
        match self {
            Node::Text(_) | Node::Bool | Node::Null | Node::Bits8(_) | Node::Octet => 1,
            Node::Short | Node::Bits16 | Node::Octets16(_) => 2,
            Node::Enum | Node::Real => 4,
            Node::Long | Node::Octets | Node::List(_) => ALIGN,
            Node::Record(members) => members.iter().map(|member| member.align()).max().unwrap_or(1),
            Node::Bounded(element, _) => element.align().max(2),
        }
    }

    pub(crate) fn size(self) -> usize {
        match self {
            Node::Text(size) => size,
            Node::Bool | Node::Null | Node::Bits8(_) | Node::Octet => 1,
            Node::Short | Node::Bits16 => 2,
            Node::Octets16(max) => aligned(2 + max, 2),
            Node::Enum | Node::Real => 4,
            Node::Long => 8,
            Node::Octets | Node::List(_) => 16,
            Node::Record(members) => {
                let end = members.iter().fold(0, |at, member| aligned(at, member.align()) + member.size());
                aligned(end, self.align())
            }
            Node::Bounded(element, max) => aligned(aligned(2, element.align()) + max * element.size(), self.align()),
        }
    }
}

/// A place in an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the structure itself.
    Body(usize),
    /// In the heap.
    Heap(usize),
}

impl Place {
    /// Returns its offset in a whole whose structure and heap begin at these.
    pub(crate) const fn offset(self, body: usize, heap: usize) -> usize {
        match self {
            Place::Body(offset) => body + offset,
            Place::Heap(offset) => heap + offset,
        }
    }
}

/// A message as it lies in memory, with the pointers still to be set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Image {
    pub(crate) body: Vec<u8>,
    pub(crate) heap: Vec<u8>,
    /// Places of pointers, and the offsets in the heap to which they point.
    pub(crate) pointers: Vec<(Place, usize)>,
}

impl Image {
    /// Makes the image of a structure from its octets.
    ///
    /// # Errors
    /// The body is not what the structure says.
    pub(crate) fn of(node: Node, body: &[u8]) -> Result<Image, BerError> {
        let mut reader = Reader::new(body);
        let mut image = Image { body: vec![0; node.size()], ..Image::default() };
        image.member(node, 0, &mut reader)?;
        reader.end()?;
        Ok(image)
    }

    /// Makes the image of a message from its members.
    ///
    /// # Errors
    /// As [`Image::of`].
    pub(crate) fn read(members: &'static [Node], body: &[u8]) -> Result<Image, BerError> {
        Image::of(Node::Record(members), body)
    }

    fn record(&mut self, members: &[Node], at: usize, reader: &mut Reader<'_>) -> Result<(), BerError> {
        let mut offset = at;
        for member in members {
            offset = aligned(offset, member.align());
            self.member(*member, offset, reader)?;
            offset += member.size();
        }
        Ok(())
    }

    fn put(&mut self, at: usize, octets: &[u8]) {
        self.body[at..at + octets.len()].copy_from_slice(octets);
    }

    fn member(&mut self, node: Node, at: usize, reader: &mut Reader<'_>) -> Result<(), BerError> {
        match node {
            Node::Text(size) => {
                let text = reader.ia5_string(size - 1)?;
                self.put(at, text.as_bytes());
            }
            Node::Short => self.put(at, &reader.integer16()?.to_ne_bytes()),
            Node::Long => self.put(at, &i64::from(reader.integer()?).to_ne_bytes()),
            Node::Bool => self.put(at, &[u8::from(reader.boolean()?)]),
            Node::Enum => self.put(at, &reader.enumerated(Some)?.to_ne_bytes()),
            Node::Null => reader.null_or_nothing()?,
            Node::Bits16 => self.put(at, &reader.bits()?.to_ne_bytes()),
            Node::Bits8(_) => self.put(at, &[reader.bits()?.to_be_bytes()[0]]),
            Node::Octet => {
                let octet = u8::try_from(reader.integer()?).map_err(|_| reader.error_here(BerErrorKind::BadContent))?;
                self.put(at, &[octet]);
            }
            Node::Real => self.put(at, &(reader.real()? as f32).to_ne_bytes()),
            Node::Octets16(max) => {
                let octets = reader.octet_string(max)?;
                self.put(at, &(octets.len() as u16).to_ne_bytes());
                self.put(at + 2, octets);
            }
            Node::Octets => {
                let octets = reader.octet_string(OCTETS_MAX)?;
                self.put(at, &(octets.len() as u32).to_ne_bytes());
                self.point(at, octets);
            }
            Node::Record(members) => reader.sequence(|reader| self.record(members, at, reader))?,
            Node::List(element) => {
                let elements = elements(*element, reader)?;
                self.put(at, &(elements.len() as u32).to_ne_bytes());
                self.list(at, element.size(), elements);
            }
            Node::Bounded(element, max) => {
                let elements = elements(*element, reader)?;
                if elements.len() > max {
                    return Err(reader.error_here(BerErrorKind::BadContent));
                }
                self.put(at, &(elements.len() as u16).to_ne_bytes());
                let first = at + aligned(2, element.align());
                for (index, image) in elements.into_iter().enumerate() {
                    self.put(first + index * element.size(), &image.body);
                }
            }
        }
        Ok(())
    }

    fn point(&mut self, at: usize, octets: &[u8]) {
        let start = aligned(self.heap.len(), ALIGN);
        self.heap.resize(start, 0);
        self.heap.extend_from_slice(octets);
        if !octets.is_empty() {
            self.pointers.push((Place::Body(at + POINTER_OFFSET), start));
        }
    }

    /// Lays a list into the heap, its elements one after the other, what they point to behind them.
    fn list(&mut self, at: usize, size: usize, elements: Vec<Image>) {
        let bodies: Vec<u8> = elements.iter().flat_map(|element| element.body.iter().copied()).collect();
        self.point(at, &bodies);
        let first = self.heap.len() - bodies.len();
        for (index, element) in elements.into_iter().enumerate() {
            let behind = aligned(self.heap.len(), ALIGN);
            self.heap.resize(behind, 0);
            self.heap.extend_from_slice(&element.heap);
            for (place, to) in element.pointers {
                let place = match place {
                    Place::Body(offset) => first + index * size + offset,
                    Place::Heap(offset) => behind + offset,
                };
                self.pointers.push((Place::Heap(place), behind + to));
            }
        }
    }
}

fn elements(element: Node, reader: &mut Reader<'_>) -> Result<Vec<Image>, BerError> {
    reader.sequence(|reader| {
        let mut elements = Vec::new();
        while !reader.is_at_end() {
            let mut image = Image { body: vec![0; element.size()], ..Image::default() };
            image.member(element, 0, reader)?;
            elements.push(image);
        }
        Ok(elements)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::{CONNECTION, EVENTS, EXTENDED, FILTER, FORWARDING, PARTY};

    #[test]
    fn sizes_are_those_of_the_declarations_on_64_bit_linux() {
        for (node, size) in [(CONNECTION, 80), (EXTENDED, 72), (PARTY, 152), (FILTER, 16), (FORWARDING, 72)] {
            assert_eq!(node.size(), size, "{node:?}");
        }
        for (name, size) in [
            ("CSTADeliveredEvent_t", 376),
            ("CSTAEstablishedEvent_t", 376),
            ("CSTAQueuedEvent_t", 384),
            ("CSTAConferencedEvent_t", 328),
            ("CSTATransferredEvent_t", 328),
            ("CSTAMonitorConfEvent_t", 24),
            ("CSTAGetAPICapsConfEvent_t", 158),
            ("CSTAGetDeviceListConfEvent_t", 1304),
            ("ACSOpenStreamConfEvent_t", 84),
        ] {
            let event = EVENTS.iter().find(|event| event.name == name).expect(name);
            assert_eq!(Node::Record(event.members).size(), size, "{name}");
        }
    }

    #[test]
    fn lists_within_lists_point_to_their_places() {
        // Two calls at a device, with one state and two.
        use tipring_csta_types::reply::{Reply, SnapshotDeviceEntry};
        use tipring_csta_types::{CallId, ConnectionId, LocalConnectionState as State};
        use tipring_tsapi::ber::Writer;
        use tipring_tsapi::pdu::Pdu;
        let entry = |call, states| SnapshotDeviceEntry { connection: ConnectionId::of_call(CallId(call)), states };
        let calls = vec![entry(42, vec![State::Hold]), entry(43, vec![State::Connect, State::Alerting])];
        let mut body = Vec::new();
        Writer::new(&mut body).sequence(|writer| Pdu::write(&Reply::SnapshotDevice { calls }, writer));
        let event = EVENTS.iter().find(|event| (event.class, event.pdu) == (5, 123)).unwrap();
        let image = Image::read(event.members, &body).unwrap();
        assert_eq!(image.body[..4], 2u32.to_ne_bytes());
        let long = |at: usize| i64::from_ne_bytes(image.heap[at..at + 8].try_into().unwrap());
        let int = |at: usize| i32::from_ne_bytes(image.heap[at..at + 4].try_into().unwrap());
        assert_eq!((long(0), int(80), long(96), int(176)), (42, 1, 43, 2));
        let of = |place| image.pointers.iter().find(|(known, _)| *known == place).unwrap().1;
        assert_eq!(of(Place::Body(8)), 0);
        assert_eq!(int(of(Place::Heap(88))), State::Hold.number());
        let second = of(Place::Heap(184));
        assert_eq!((int(second), int(second + 4)), (State::Connect.number(), State::Alerting.number()));
    }

    #[test]
    fn a_body_that_is_not_what_the_members_say_is_refused() {
        let event = EVENTS.iter().find(|event| event.name == "CSTADeliveredEvent_t").unwrap();
        for body in [&b""[..], &[0x30, 0], &[0x30, 2, 5, 0], &[0x30, 0x80], &[0x30, 3, 0x16, 1, 0x31]] {
            assert!(Image::read(event.members, body).is_err(), "{body:x?}");
        }
    }
}
