//! The stop that lets calls end: new calls are refused, and the site stops when the last has ended or a limit has come.
//!
//! ```text
//! TERM ──► calls left? ──none──► stop
//!            │  ▲    └─limit, or a second TERM──► stop; the calls that are left end with it
//!            └──┘ a line each 10 s
//! ```
//!
//! Never: reads a clock, or ends a call.

/// Interval of lines on the calls that are left, ms.
const SAY_EVERY_MS: u64 = 10_000;

/// A stop under way.
#[derive(Debug)]
pub struct Drain {
    limit_ms: u64,
    said_ms: u64,
}

/// The next step of a stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DrainStep {
    /// Calls are left.
    Wait,
    /// Calls are left: a line for the log.
    Say(String),
    /// The site stops now: a line for the log.
    Stop(String),
}

impl Drain {
    /// A stop that lets calls end for a number of seconds.
    pub const fn new(limit_s: u32) -> Drain {
        Drain { limit_ms: limit_s as u64 * 1000, said_ms: 0 }
    }

    /// Returns the step at a time since the stop began, with the calls that are left; none while the core has not begun
    /// to refuse new ones.
    pub fn poll(&mut self, elapsed_ms: u64, left: Option<u64>) -> DrainStep {
        match left {
            Some(0) => DrainStep::Stop("every call has ended; stopping".into()),
            _ if elapsed_ms >= self.limit_ms => {
                let left = left.unwrap_or(0);
                DrainStep::Stop(format!(
                    "{left} calls are left after {} s; stopping, they end now",
                    self.limit_ms / 1000
                ))
            }
            Some(left) if elapsed_ms >= self.said_ms + SAY_EVERY_MS => {
                self.said_ms = elapsed_ms;
                let rest = (self.limit_ms - elapsed_ms).div_ceil(1000);
                DrainStep::Say(format!("{left} calls are left; they have {rest} s to end"))
            }
            _ => DrainStep::Wait,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stop_comes_with_the_end_of_the_last_call() {
        let mut drain = Drain::new(60);
        assert_eq!(drain.poll(0, None), DrainStep::Wait);
        assert_eq!(drain.poll(9_999, Some(2)), DrainStep::Wait);
        assert_eq!(drain.poll(10_000, Some(2)), DrainStep::Say("2 calls are left; they have 50 s to end".into()));
        assert_eq!(drain.poll(10_500, Some(1)), DrainStep::Wait);
        assert_eq!(drain.poll(11_000, Some(0)), DrainStep::Stop("every call has ended; stopping".into()));
    }

    #[test]
    fn calls_that_do_not_end_are_cut_at_the_limit_and_counted() {
        let mut drain = Drain::new(5);
        assert_eq!(drain.poll(4_999, Some(3)), DrainStep::Wait);
        let text = "3 calls are left after 5 s; stopping, they end now".into();
        assert_eq!(drain.poll(5_000, Some(3)), DrainStep::Stop(text));
    }
}
