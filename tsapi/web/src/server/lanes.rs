//! Lanes of the requests for records: each has threads of its own and a bounded queue before them, so that a report of
//! a year delays no customer's card.
//!
//! Never: knows what a request does.

use std::sync::Arc;

use tipring_csta_types::cause::UniversalFailure;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::records::{Lane, RecordsRefusal};

/// A lane, its threads, and the requests that wait for one of them. A change that concerns
/// every desk is read by all of them at once: that many find room in the first lane.
const LANES: [(Lane, usize, usize); 3] = [(Lane::Desk, 2, 2_048), (Lane::Acts, 2, 256), (Lane::Reports, 1, 64)];

/// Threads of all lanes.
pub(super) const THREADS: usize = LANES[0].1 + LANES[1].1 + LANES[2].1;

/// The lanes.
pub(super) struct Lanes([Bounds; LANES.len()]);

struct Bounds {
    threads: Arc<Semaphore>,
    /// One for each request that is carried out or waits.
    places: Arc<Semaphore>,
}

/// A request's place in its lane; it is free again when this is dropped.
pub(super) struct Place {
    threads: Arc<Semaphore>,
    _place: OwnedSemaphorePermit,
}

impl Lanes {
    pub(super) fn new() -> Lanes {
        Lanes(LANES.map(|(_, threads, waiting)| Bounds {
            threads: Arc::new(Semaphore::new(threads)),
            places: Arc::new(Semaphore::new(threads + waiting)),
        }))
    }

    /// Gives a request a place in its lane.
    ///
    /// # Errors
    /// The lane is full.
    pub(super) fn enter(&self, lane: Lane) -> Result<Place, RecordsRefusal> {
        let Bounds { threads, places } = &self.0[lane as usize];
        let full = |_| RecordsRefusal {
            failure: UniversalFailure::ServiceBusy,
            why: "too many requests for records wait already; ask again in a moment".into(),
        };
        let place = Arc::clone(places).try_acquire_owned().map_err(full)?;
        Ok(Place { threads: Arc::clone(threads), _place: place })
    }
}

impl Place {
    /// Waits for a thread of the lane; it is the lane's again when what is returned is dropped.
    pub(super) async fn thread(&self) -> Option<OwnedSemaphorePermit> {
        // It is never closed.
        Arc::clone(&self.threads).acquire_owned().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_lane_has_its_row_and_a_full_one_refuses_while_the_others_take_requests() {
        for (index, (lane, ..)) in LANES.into_iter().enumerate() {
            assert_eq!(lane as usize, index);
        }
        let lanes = Lanes::new();
        let (_, threads, waiting) = LANES[Lane::Reports as usize];
        let mut places: Vec<_> = (0..threads + waiting).map(|_| lanes.enter(Lane::Reports).expect("room")).collect();
        let refused = lanes.enter(Lane::Reports).err().expect("no room");
        assert_eq!(refused.failure, UniversalFailure::ServiceBusy);
        assert!(lanes.enter(Lane::Desk).is_ok() && lanes.enter(Lane::Acts).is_ok());
        places.pop();
        assert!(lanes.enter(Lane::Reports).is_ok(), "a place that is free again is taken");
    }
}
