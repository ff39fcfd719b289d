//! Which trunk a call out takes: the last idle one, and after glare the one before it.
//!
//! Exchanges hunt for an idle line from the first; taking them from the last makes both ends meet as seldom as can be.
//!
//! Never: seizes anything.

use std::collections::BTreeSet;

use crate::device::TrunkIx;

/// The trunks by which calls may go out.
#[derive(Debug, Default)]
pub struct TrunkGroup {
    idle: BTreeSet<TrunkIx>,
}

impl TrunkGroup {
    /// Notes whether a trunk could be seized.
    pub fn set_idle(&mut self, trunk: TrunkIx, idle: bool) {
        if idle {
            self.idle.insert(trunk);
        } else {
            self.idle.remove(&trunk);
        }
    }

    /// The next trunk to try, after those tried already.
    pub fn next(&self, tried: Option<TrunkIx>) -> Option<TrunkIx> {
        match tried {
            Some(tried) => self.idle.range(..tried).next_back().copied(),
            None => self.idle.last().copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trunks_are_tried_from_the_last_and_none_twice() {
        let mut group = TrunkGroup::default();
        for trunk in 0..3 {
            group.set_idle(TrunkIx(trunk), true);
        }
        group.set_idle(TrunkIx(1), false);
        assert_eq!(group.next(None), Some(TrunkIx(2)));
        assert_eq!(group.next(Some(TrunkIx(2))), Some(TrunkIx(0)));
        assert_eq!(group.next(Some(TrunkIx(0))), None);
    }
}
