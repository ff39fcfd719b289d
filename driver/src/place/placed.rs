//! A value on the heap or in a region, behind one pointer, so that its users do not notice where it lies.
//!
//! Never: gives the value to a writer alone; whatever lies there is reached by shared references.

// The pointer stands for a reference into memory that is held beside it.
#![allow(unsafe_code)]

use core::fmt;
use core::ops::Deref;
use core::ptr::NonNull;

use super::mapping::Mapping;
use crate::sync::{Arc, shared_slice};

/// A shared reference to a value, with what keeps its memory.
pub struct Placed<T: ?Sized> {
    at: NonNull<T>,
    memory: Memory<T>,
}

enum Memory<T: ?Sized> {
    Heap(Arc<T>),
    Region(std::sync::Arc<Mapping>),
}

// SAFETY: a shared reference, held with its memory: as an `Arc` of it.
unsafe impl<T: ?Sized + Send + Sync> Send for Placed<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Send + Sync> Sync for Placed<T> {}

impl<T: ?Sized> Placed<T> {
    /// Refers to a value on the heap.
    fn from_heap(value: Arc<T>) -> Placed<T> {
        Placed { at: NonNull::from(&*value), memory: Memory::Heap(value) }
    }

    /// Refers to a value in a mapping.
    ///
    /// # Safety
    /// `at` points into the mapping, at a value that is reached by shared references alone.
    pub(crate) unsafe fn from_mapping(at: NonNull<T>, mapping: &std::sync::Arc<Mapping>) -> Placed<T> {
        Placed { at, memory: Memory::Region(std::sync::Arc::clone(mapping)) }
    }
}

impl<T> Placed<T> {
    /// Puts a value on the heap.
    pub fn new(value: T) -> Placed<T> {
        Placed::from_heap(Arc::new(value))
    }
}

impl<T> Placed<[T]> {
    /// Puts values on the heap, side by side.
    pub fn slice(values: impl IntoIterator<Item = T>) -> Placed<[T]> {
        Placed::from_heap(shared_slice(values))
    }
}

impl<T: ?Sized> Deref for Placed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the memory is held, and the value in it is reached by shared references alone.
        unsafe { self.at.as_ref() }
    }
}

impl<T: ?Sized> Clone for Placed<T> {
    fn clone(&self) -> Placed<T> {
        let memory = match &self.memory {
            Memory::Heap(value) => Memory::Heap(Arc::clone(value)),
            Memory::Region(mapping) => Memory::Region(std::sync::Arc::clone(mapping)),
        };
        Placed { at: self.at, memory }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Placed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
