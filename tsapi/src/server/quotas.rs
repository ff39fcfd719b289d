//! Quotas: limits on the connections of an address, and on the streams, monitors and outstanding requests of a user.
//!
//! Never: touches a socket.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tipring_csta_types::SessionId;

use super::settings::Settings;

/// Streams, monitors and outstanding requests of one user, on all streams together.
#[derive(Debug, Default)]
pub(super) struct UserShare {
    streams: AtomicUsize,
    pub(super) monitors: AtomicUsize,
    pub(super) outstanding: AtomicUsize,
}

impl UserShare {
    /// Takes one of a bound; false if none is left.
    pub(super) fn take(counter: &AtomicUsize, max: usize) -> bool {
        counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |taken| (taken < max).then_some(taken + 1)).is_ok()
    }

    /// Gives some back.
    pub(super) fn put(counter: &AtomicUsize, count: usize) {
        counter.fetch_sub(count, Ordering::Relaxed);
    }
}

/// The answer to a new connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It is taken; the other one, if any, is to end for it.
    Taken { evicted: Option<SessionId> },
    /// There is no room.
    TurnedAway,
}

/// All shares.
#[derive(Debug, Default)]
pub(super) struct Shares {
    connections: usize,
    by_address: HashMap<IpAddr, usize>,
    /// Connections without a stream, oldest first.
    half_open: BTreeMap<SessionId, IpAddr>,
    by_user: HashMap<String, Arc<UserShare>>,
}

impl Shares {
    /// A client has connected.
    pub(super) fn admit(&mut self, settings: &Settings, id: SessionId, address: IpAddr) -> Admission {
        let of_address = self.by_address.get(&address).copied().unwrap_or(0);
        let evicted = if of_address >= settings.connections_per_address_max {
            match self.half_open.iter().find(|(_, other)| **other == address) {
                Some((&oldest, _)) => Some(oldest),
                None => return Admission::TurnedAway,
            }
        } else if self.half_open.len() >= settings.half_open_max || self.connections >= settings.connections_max {
            match self.oldest_of_greediest() {
                Some(oldest) => Some(oldest),
                None => return Admission::TurnedAway,
            }
        } else {
            None
        };
        if let Some(evicted) = evicted {
            // It keeps its place among the connections until it is gone, but is no candidate any more.
            self.half_open.remove(&evicted);
        }
        self.connections += 1;
        *self.by_address.entry(address).or_default() += 1;
        self.half_open.insert(id, address);
        Admission::Taken { evicted }
    }

    /// The oldest connection without a stream of the address that has most of them.
    fn oldest_of_greediest(&self) -> Option<SessionId> {
        let mut counts: HashMap<IpAddr, (usize, SessionId)> = HashMap::new();
        for (&id, &address) in &self.half_open {
            counts.entry(address).or_insert((0, id)).0 += 1;
        }
        counts.into_values().max_by_key(|&(count, SessionId(id))| (count, u32::MAX - id)).map(|(_, oldest)| oldest)
    }

    /// A connection has opened a stream; none if its user has as many as there may be.
    pub(super) fn open(&mut self, settings: &Settings, id: SessionId, user: &str) -> Option<Arc<UserShare>> {
        let share = self.by_user.entry(user.to_ascii_lowercase()).or_default();
        UserShare::take(&share.streams, settings.streams_per_user_max).then(|| {
            self.half_open.remove(&id);
            Arc::clone(share)
        })
    }

    /// A connection is over.
    pub(super) fn close(&mut self, id: SessionId, address: IpAddr, user: Option<&str>) {
        self.connections -= 1;
        self.half_open.remove(&id);
        if let Some(of_address) = self.by_address.get_mut(&address) {
            *of_address -= 1;
            if *of_address == 0 {
                self.by_address.remove(&address);
            }
        }
        let Some(user) = user.map(str::to_ascii_lowercase) else { return };
        if let Some(share) = self.by_user.get(&user)
            && share.streams.fetch_sub(1, Ordering::Relaxed) == 1
        {
            self.by_user.remove(&user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::ServerSettings;
    use crate::session::login::Tlink;

    fn settings() -> Settings {
        let session = ServerSettings::new(Tlink::new("OFFICE", "pc1").expect("short and plain"));
        Settings {
            connections_max: 10,
            connections_per_address_max: 6,
            half_open_max: 5,
            streams_per_user_max: 2,
            ..Settings::new(session)
        }
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn silent_connections_of_one_address_make_room_for_another_one() {
        let (settings, mut shares) = (settings(), Shares::default());
        assert_eq!(shares.admit(&settings, SessionId(1), address(9)), Admission::Taken { evicted: None });
        for id in 2..=5 {
            assert_eq!(shares.admit(&settings, SessionId(id), address(1)), Admission::Taken { evicted: None });
        }
        let taken = shares.admit(&settings, SessionId(6), address(2));
        assert_eq!(taken, Admission::Taken { evicted: Some(SessionId(2)) }, "the oldest of the greediest address");
    }

    #[test]
    fn open_streams_are_never_ended_for_newer_ones() {
        let (settings, mut shares) = (settings(), Shares::default());
        for id in 1..=6 {
            assert_eq!(shares.admit(&settings, SessionId(id), address(1)), Admission::Taken { evicted: None });
            assert!(shares.open(&settings, SessionId(id), &format!("agent{}", id / 2)).is_some());
        }
        assert_eq!(shares.admit(&settings, SessionId(7), address(1)), Admission::TurnedAway);
        assert_eq!(shares.admit(&settings, SessionId(7), address(2)), Admission::Taken { evicted: None });
        assert!(shares.open(&settings, SessionId(7), "AGENT1").is_none(), "two streams a user");
        shares.close(SessionId(2), address(1), Some("agent1"));
        assert!(shares.open(&settings, SessionId(7), "agent1").is_some());
    }

    #[test]
    fn nothing_is_left_of_connections_that_are_over() {
        let (settings, mut shares) = (settings(), Shares::default());
        for id in 0..1000 {
            assert_ne!(shares.admit(&settings, SessionId(id), address(id as u8)), Admission::TurnedAway);
            let user = (id % 2 == 0).then_some("agent1");
            if user.is_some() {
                assert!(shares.open(&settings, SessionId(id), "agent1").is_some());
            }
            shares.close(SessionId(id), address(id as u8), user);
        }
        assert!(shares.by_address.is_empty() && shares.by_user.is_empty() && shares.half_open.is_empty());
    }
}
