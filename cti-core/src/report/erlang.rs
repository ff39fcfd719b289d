//! Traffic engineering: Erlang B (loss), C (delay) and A (delay with abandonment).
//!
//! Offered load A in erlang is arrivals per second × handling time in seconds. Formulas: `Erlang B`, ITU-T E.501 and
//! E.521; `Erlang C`, the delay system M/M/N; `Erlang A`, M/M/N+M after Palm.
//!
//! Never: gives a measured figure; measured ones are compared with these.

/// Share of calls lost by `servers` at `load` erlang (Erlang B, recursive).
pub fn blocking(load: f64, servers: u32) -> f64 {
    (1..=servers).fold(1.0, |loss, n| load * loss / (f64::from(n) + load * loss))
}

/// The fewest servers with at most `loss` (0 to 1) of the calls lost.
pub fn servers_for(load: f64, loss: f64) -> u32 {
    let mut blocked = 1.0;
    for n in 1.. {
        blocked = load * blocked / (f64::from(n) + load * blocked);
        if blocked <= loss || n == u32::MAX {
            return n;
        }
    }
    unreachable!("the loop ends by return")
}

/// A delay system: `load` erlang, `servers`, handling time in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Delay {
    /// Offered load in erlang.
    pub load: f64,
    /// Agents.
    pub servers: u32,
    /// Mean handling time in seconds.
    pub handling: f64,
}

impl Delay {
    fn spare(self) -> f64 {
        f64::from(self.servers) - self.load
    }

    /// Share of calls that wait (Erlang C); none unless the agents are more than the load.
    pub fn waiting(self) -> Option<f64> {
        let blocked = blocking(self.load, self.servers);
        let occupancy = self.load / f64::from(self.servers);
        (self.spare() > 0.0).then(|| blocked / (1.0 - occupancy * (1.0 - blocked)))
    }

    /// Average speed of answer over all calls, seconds.
    pub fn speed_of_answer(self) -> Option<f64> {
        Some(self.waiting()? * self.handling / self.spare())
    }

    /// Share of calls answered within `limit` seconds.
    pub fn service_level(self, limit: f64) -> Option<f64> {
        Some(1.0 - self.waiting()? * (-self.spare() * limit / self.handling).exp())
    }

    /// Mean number of waiting calls.
    pub fn queue_length(self) -> Option<f64> {
        Some(self.waiting()? * self.load / self.spare())
    }

    /// Share of the agents' time spent on calls.
    pub fn occupancy(self) -> Option<f64> {
        (self.spare() > 0.0).then(|| self.load / f64::from(self.servers))
    }

    /// The fewest agents who answer the share `level` within `limit` seconds.
    pub fn agents_for(load: f64, handling: f64, level: f64, limit: f64) -> u32 {
        let enough = |servers| Delay { load, servers, handling }.service_level(limit).is_some_and(|got| got >= level);
        (load.ceil() as u32..).find(|&servers| enough(servers)).unwrap_or(u32::MAX)
    }
}

/// Agents to be rostered so that `agents` are at work with that `shrinkage` (0 to 1).
pub fn rostered(agents: u32, shrinkage: f64) -> u32 {
    (f64::from(agents) / (1.0 - shrinkage)).ceil() as u32
}

/// Results of a delay system whose callers have patience (Erlang A).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patience {
    /// Share of calls that wait.
    pub waiting: f64,
    /// Share of calls abandoned.
    pub abandoned: f64,
    /// Mean wait over all calls, abandoned too, seconds.
    pub wait: f64,
    /// Mean number of waiting calls.
    pub queue_length: f64,
    /// Share of the agents' time spent on calls.
    pub occupancy: f64,
}

/// Erlang A for callers of mean `patience` seconds: the stationary birth-death process, summed until the rest is below
/// 10⁻¹⁸ of it.
pub fn with_patience(of: Delay, patience: f64) -> Patience {
    let arrivals = of.load / of.handling;
    let servers = f64::from(of.servers);
    let (mut weight, mut total, mut waiting, mut queue_length) = (1.0_f64, 1.0_f64, 0.0, 0.0);
    if of.servers == 0 {
        waiting = 1.0;
    }
    for k in 1.. {
        let k = f64::from(k);
        let leaving = k.min(servers) / of.handling + (k - servers).max(0.0) / patience;
        weight *= arrivals / leaving;
        total += weight;
        if k >= servers {
            waiting += weight;
            queue_length += (k - servers) * weight;
        }
        // The weights fall from the load on; a common factor keeps them in range before.
        if total > 1e200 {
            for sum in [&mut weight, &mut total, &mut waiting, &mut queue_length] {
                *sum *= 1e-200;
            }
        }
        if k > of.load.max(servers) && weight < total * 1e-18 {
            break;
        }
    }
    let queue_length = queue_length / total;
    let abandoned = queue_length / patience / arrivals;
    Patience {
        waiting: waiting / total,
        abandoned,
        wait: queue_length / arrivals,
        queue_length,
        occupancy: of.load * (1.0 - abandoned) / servers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, expected: f64, digits: i32) {
        // One unit of the last printed place: some of the worked figures are cut there, not rounded.
        assert!((got - expected).abs() <= 10f64.powi(-digits), "{got} is not {expected}");
    }

    #[test]
    fn erlang_b_gives_the_worked_figures() {
        let cases = [(30, 0.008457498340), (29, 0.012794456606), (28, 0.018792400633), (24, 0.066096717004)];
        for (servers, loss) in cases.into_iter().chain([(10, 0.537963168633)]) {
            close(blocking(20.0, servers), loss, 12);
        }
        close(blocking(2.0, 5), 0.036697247706, 12);
        close(blocking(5.0, 11), 0.008287368467, 12);
        assert_eq!((servers_for(20.0, 0.01), servers_for(5.0, 0.01)), (30, 11));
        close(blocking(20.337286, 30), 0.01, 7);
        close(blocking(16.683856, 30), 0.001, 8);
    }

    #[test]
    fn erlang_c_gives_the_worked_figures() {
        let cases = [
            (21, 0.760642, 136.9155, 0.319348, 0.952381, 15.212836),
            (22, 0.567915, 51.1124, 0.545249, 0.909091, 5.679152),
            (23, 0.415738, 24.9443, 0.702111, 0.869565, 2.771584),
            (24, 0.298072, 13.4133, 0.808882, 0.833333, 1.490361),
            (25, 0.209103, 7.5277, 0.880027, 0.800000, 0.836411),
            (26, 0.143400, 4.3020, 0.926376, 0.769231, 0.478000),
        ];
        for (servers, waiting, answer, level, occupancy, length) in cases {
            let of = Delay { load: 20.0, servers, handling: 180.0 };
            close(of.waiting().expect("stable"), waiting, 6);
            close(of.speed_of_answer().expect("stable"), answer, 4);
            close(of.service_level(20.0).expect("stable"), level, 6);
            close(of.occupancy().expect("stable"), occupancy, 6);
            close(of.queue_length().expect("stable"), length, 6);
        }
        for (servers, waiting, answer, level) in
            [(14, 0.174131934, 10.4479, 0.875229), (13, 0.285270453, 22.8216, 0.777831)]
        {
            let of = Delay { load: 10.0, servers, handling: 240.0 };
            close(of.waiting().expect("stable"), waiting, 9);
            close(of.speed_of_answer().expect("stable"), answer, 4);
            close(of.service_level(20.0).expect("stable"), level, 6);
        }
        assert_eq!(Delay::agents_for(20.0, 180.0, 0.8, 20.0), 24);
        assert_eq!(rostered(24, 0.3), 35);
        assert_eq!(Delay { load: 20.0, servers: 20, handling: 180.0 }.waiting(), None, "undefined at full load");
    }

    #[test]
    fn erlang_a_gives_the_worked_figures() {
        let cases = [
            (18, 0.644055, 0.155426, 18.6511, 2.072340, 0.938416),
            (20, 0.482759, 0.097711, 11.7253, 1.302813, 0.902289),
            (22, 0.325968, 0.055995, 6.7194, 0.746604, 0.858186),
        ];
        for (servers, waiting, abandoned, wait, length, occupancy) in cases {
            let got = with_patience(Delay { load: 20.0, servers, handling: 180.0 }, 120.0);
            close(got.waiting, waiting, 6);
            close(got.abandoned, abandoned, 6);
            close(got.wait, wait, 4);
            close(got.queue_length, length, 6);
            close(got.occupancy, occupancy, 6);
        }
        let got = with_patience(Delay { load: 40.0, servers: 40, handling: 240.0 }, 180.0);
        close(got.waiting, 0.486814, 6);
        close(got.abandoned, 0.067444, 6);
        close(got.wait, 12.1398, 4);
        close(got.occupancy, 0.932556, 6);
    }

    #[test]
    fn a_load_of_thousands_of_erlang_stays_in_range() {
        let got = with_patience(Delay { load: 5000.0, servers: 5000, handling: 180.0 }, 120.0);
        assert!(got.waiting > 0.0 && got.waiting < 1.0 && got.abandoned > 0.0 && got.abandoned < 0.02, "{got:?}");
    }
}
