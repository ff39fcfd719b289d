//! The rule by which ringing is a call.
//!
//! Never: has a caller.

use super::*;

#[test]
fn only_a_burst_whose_ends_hang_on_when_the_line_looked_may_be_recorded_or_not() {
    // 25 Hz: 22 ms of each cycle are not seen, and a look every 16 ms.
    let rule = RingRule::new(25, 200);
    for (rang_ms, offered) in [
        (0, Offered::Never),
        (183, Offered::Never),
        (184, Offered::Perhaps),
        (275, Offered::Perhaps),
        (276, Offered::Always),
        (10_000, Offered::Always),
    ] {
        assert_eq!(rule.judge(rang_ms), offered, "{rang_ms} ms");
    }
}

#[test]
fn the_first_burst_of_every_country_is_long_enough_to_be_a_call() {
    for country in tipring_driver::country::COUNTRIES {
        let rule = RingRule::new(country.ringing.hz, country.ring_burst_min_ms(&country.line));
        let first = country.ringing.cadence[0].on_ms;
        assert_eq!(rule.judge(first.into()), Offered::Always, "{}", country.name);
    }
}
