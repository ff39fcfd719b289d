//! Prompts made of others on their way to the file thread: plain entries of a ring, a long one in several.
//!
//! The ring is filled before the command that plays the prompt, and emptied before the prompt is looked for.
//!
//! Never: holds samples.

use tipring_driver::ids::PromptId;
use tipring_driver::shared::{Plain, Shape, shape_of};
use tipring_driver::spsc::{Consumer, Full, Producer};

/// Parts of one entry.
const PARTS: usize = 14;

/// A prompt and the next of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Composed {
    prompt: PromptId,
    parts: [PromptId; PARTS],
    count: u8,
    /// Further parts follow in the next entry.
    more: bool,
}

// SAFETY: numbers alone.
#[allow(unsafe_code)]
unsafe impl Plain for Composed {
    const SHAPE: Shape = shape_of(&[include_bytes!("composed.rs")]);
}

/// Puts a composed prompt into the ring.
///
/// # Errors
/// There is no room for all of it; nothing was put in.
pub fn push(ring: &mut Producer<Composed>, prompt: PromptId, parts: &[PromptId]) -> Result<(), Full> {
    let entries = parts.len().div_ceil(PARTS).max(1);
    if ring.room() < entries {
        return Err(Full);
    }
    for entry in 0..entries {
        let own = &parts[entry * PARTS..parts.len().min((entry + 1) * PARTS)];
        let mut composed =
            Composed { prompt, parts: [PromptId(0); PARTS], count: own.len() as u8, more: entry + 1 < entries };
        composed.parts[..own.len()].copy_from_slice(own);
        ring.push(composed)?;
    }
    Ok(())
}

/// Takes the oldest composed prompt out, as soon as all of its entries are in. The entries of one that was not put in
/// to its end, by a process that ended in between, are dropped once another follows.
pub fn pop(ring: &mut Consumer<Composed>) -> Option<(PromptId, Vec<PromptId>)> {
    let (mut entries, mut prompt, mut parts) = (0, None, Vec::new());
    loop {
        let entry = ring.peek(entries)?;
        if prompt != Some(entry.prompt) {
            ring.advance(entries);
            (entries, prompt) = (0, Some(entry.prompt));
            parts.clear();
        }
        entries += 1;
        parts.extend_from_slice(entry.own());
        if !entry.more {
            ring.advance(entries);
            return Some((entry.prompt, parts));
        }
    }
}

impl Composed {
    fn own(&self) -> &[PromptId] {
        &self.parts[..usize::from(self.count).min(PARTS)]
    }
}

#[cfg(test)]
mod tests {
    use tipring_driver::spsc::queue;

    use super::*;

    #[test]
    fn prompts_of_any_number_of_parts_come_out_as_they_went_in() {
        let (mut producer, mut consumer) = queue(8);
        for count in [0, 1, PARTS, PARTS + 1, 3 * PARTS + 5] {
            let parts: Vec<_> = (0..count as u32).map(PromptId).collect();
            push(&mut producer, PromptId(900), &parts).unwrap();
            assert_eq!(pop(&mut consumer), Some((PromptId(900), parts)));
        }
        let long: Vec<_> = (0..(9 * PARTS) as u32).map(PromptId).collect();
        assert_eq!((push(&mut producer, PromptId(1), &long), pop(&mut consumer)), (Err(Full), None));
    }

    #[test]
    fn a_prompt_whose_writer_ended_within_it_is_dropped_and_the_next_is_whole() {
        let (mut producer, mut consumer) = queue(8);
        let begun = Composed { prompt: PromptId(1), parts: [PromptId(7); PARTS], count: PARTS as u8, more: true };
        producer.push(begun).unwrap();
        assert_eq!(pop(&mut consumer), None, "its writer may be at work");
        push(&mut producer, PromptId(2), &[PromptId(3)]).unwrap();
        assert_eq!(pop(&mut consumer), Some((PromptId(2), vec![PromptId(3)])));
    }
}
