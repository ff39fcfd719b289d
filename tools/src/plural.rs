//! Counts with their nouns, in the plural where it is due.
//!
//! Never: knows a noun whose plural is not with an s.

/// A count with its noun: `1 queue`, `2 queues`.
pub fn count(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    #[test]
    fn one_is_singular_and_every_other_count_plural() {
        assert_eq!([0_usize, 1, 2].map(|count| super::count(count, "board")), ["0 boards", "1 board", "2 boards"]);
    }
}
