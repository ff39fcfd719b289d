//! Handles: numbers that name an object once and never again.
//!
//! | bits | meaning |
//! |---|---|
//! | 60 to 63 | [`Kind`] |
//! | 48 to 59 | number of the context, so that handles of two contexts differ |
//! | 16 to 47 | generation of the slot |
//! | 0 to 15 | slot |
//!
//! Never: hands out zero, or a number that it has handed out before.

use std::collections::VecDeque;

/// The kind of object a handle names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// An open channel.
    Channel = 1,
    /// An operation.
    Op = 2,
    /// A timer.
    Timer = 3,
    /// A conference.
    Conference = 4,
}

/// Makes a handle.
pub const fn handle(kind: Kind, context: u16, generation: u32, slot: u16) -> u64 {
    (kind as u64) << 60 | ((context & 0xfff) as u64) << 48 | (generation as u64) << 16 | slot as u64
}

/// The slot of a handle.
pub const fn slot_of(handle: u64) -> usize {
    (handle & 0xffff) as usize
}

/// Objects by handle, at most `bound` at a time. A slot that was freed last is used last.
#[derive(Debug)]
pub struct Slots<T> {
    kind: Kind,
    context: u16,
    bound: usize,
    slots: Vec<(u32, Option<T>)>,
    free: VecDeque<u16>,
}

impl<T> Slots<T> {
    /// No objects yet.
    pub fn new(kind: Kind, context: u16, bound: u16) -> Slots<T> {
        Slots { kind, context, bound: usize::from(bound), slots: Vec::new(), free: VecDeque::new() }
    }

    /// Keeps an object. `None` when there are as many as there may be.
    pub fn insert(&mut self, object: T) -> Option<u64> {
        let slot = if self.slots.len() < self.bound {
            self.slots.push((0, None));
            self.slots.len() as u16 - 1
        } else {
            self.free.pop_front()?
        };
        let (generation, place) = &mut self.slots[usize::from(slot)];
        *generation += 1;
        *place = Some(object);
        Some(handle(self.kind, self.context, *generation, slot))
    }

    /// The object of a handle.
    pub fn get(&self, of: u64) -> Option<&T> {
        let (generation, object) = self.slots.get(slot_of(of))?;
        object.as_ref().filter(|_| handle(self.kind, self.context, *generation, slot_of(of) as u16) == of)
    }

    /// The object of a handle, to be changed.
    pub fn get_mut(&mut self, of: u64) -> Option<&mut T> {
        let (kind, context) = (self.kind, self.context);
        let (generation, object) = self.slots.get_mut(slot_of(of))?;
        object.as_mut().filter(|_| handle(kind, context, *generation, slot_of(of) as u16) == of)
    }

    /// Returns true for a handle that was handed out, whether its object is still there or gone.
    pub fn has_given(&self, of: u64) -> bool {
        let generation = (of >> 16) as u32;
        self.slots.get(slot_of(of)).is_some_and(|(last, _)| {
            (1..=*last).contains(&generation) && handle(self.kind, self.context, generation, slot_of(of) as u16) == of
        })
    }

    /// Takes an object out; its handle is stale from now on.
    pub fn remove(&mut self, of: u64) -> Option<T> {
        self.get(of)?;
        let slot = slot_of(of);
        // A slot whose generations are used up stays empty: a handle is never repeated.
        if self.slots[slot].0 < u32::MAX {
            self.free.push_back(slot as u16);
        }
        self.slots[slot].1.take()
    }

    /// The handles of all objects.
    pub fn handles(&self) -> Vec<u64> {
        let live = self.slots.iter().enumerate().filter(|(_, (_, object))| object.is_some());
        live.map(|(slot, (generation, _))| handle(self.kind, self.context, *generation, slot as u16)).collect()
    }

    /// The number of objects.
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_of_something_gone_never_names_something_else() {
        let mut slots = Slots::new(Kind::Op, 3, 2);
        let (one, two) = (slots.insert('a').expect("room"), slots.insert('b').expect("room"));
        assert_eq!(slots.insert('c'), None);
        assert_eq!(slots.remove(one), Some('a'));
        let three = slots.insert('c').expect("room again");
        assert_eq!((slots.get(one), slots.get(two), slots.get(three)), (None, Some(&'b'), Some(&'c')));
        assert_eq!(slot_of(one), slot_of(three));
        assert!(slots.has_given(one) && slots.has_given(three) && !slots.has_given(three + (1 << 16)));
        assert!(!slots.has_given(0) && !slots.has_given(handle(Kind::Timer, 3, 1, 0)));
        assert_ne!(handle(Kind::Op, 3, 1, 0), handle(Kind::Op, 4, 1, 0));
        assert_eq!(Slots::<()>::new(Kind::Timer, 3, 2).get(two), None);
    }
}
