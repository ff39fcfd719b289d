//! Levels: dBm0 into the amplitude of 16-bit samples and back, and the sine that every tone is cut from.
//!
//! Everything is worked out by plain arithmetic, most of it while compiling, so that the same level gives the same
//! samples on every machine. The scale is that of A-law, for both laws: mu-law differs by 0.06 dB, less than any
//! standard asks for.
//!
//! Source: ITU-T G.711, tables 5 and 6 (the digital milliwatt); overload of a sine at +3.14 dBm0.

/// The peak of a sine of 0 dBm0 in 16-bit samples.
pub(crate) const PEAK_0_DBM0: f64 = 22_827.0;

/// The peak, in 16-bit samples, of a sine of `dbm0`.
pub const fn peak(dbm0: f64) -> f64 {
    PEAK_0_DBM0 * ratio(dbm0)
}

/// The amplitude ratio of `db`: 10^(db/20). Good from -200 to 200 dB.
pub(crate) const fn ratio(db: f64) -> f64 {
    // Halved until the series converges quickly, then squared back.
    let x = db * core::f64::consts::LN_10 / 20.0 / 1024.0;
    let mut term = 1.0;
    let mut sum = 1.0;
    let mut n = 1.0;
    while n < 12.0 {
        term *= x / n;
        sum += term;
        n += 1.0;
    }
    let mut squarings = 0;
    while squarings < 10 {
        sum *= sum;
        squarings += 1;
    }
    sum
}

/// The sine of `turns` (1 is a whole turn), by its series; exact to the last few bits of an `f64`.
pub(crate) const fn sine(turns: f64) -> f64 {
    // Into -0.5..0.5 turn, then folded into a quarter turn where the series is short.
    let mut t = turns - (turns as i64) as f64;
    if t > 0.5 {
        t -= 1.0;
    }
    if t < -0.5 {
        t += 1.0;
    }
    if t > 0.25 {
        t = 0.5 - t;
    }
    if t < -0.25 {
        t = -0.5 - t;
    }
    let x = t * core::f64::consts::TAU;
    let mut term = x;
    let mut sum = x;
    let mut n = 1.0;
    while n < 12.0 {
        term *= -x * x / ((2.0 * n) * (2.0 * n + 1.0));
        sum += term;
        n += 1.0;
    }
    sum
}

/// The cosine of `turns` (1 is a whole turn).
pub(crate) const fn cosine(turns: f64) -> f64 {
    sine(turns + 0.25)
}

/// Rounds to the nearest 16-bit sample and stops at the ends of its range.
pub(crate) const fn to_sample(value: f64) -> i16 {
    // The cast saturates; adding a half towards the sign's side makes it round.
    if value < 0.0 { (value - 0.5) as i16 } else { (value + 0.5) as i16 }
}

/// The decibels of a ratio of powers, the reverse of [`ratio`] but for the factor of two. 0 and less give -200.
pub(crate) const fn decibels(power_ratio: f64) -> f64 {
    if power_ratio < 1e-20 {
        return -200.0;
    }
    let bits = power_ratio.to_bits();
    let exponent = (bits >> 52) as i64 - 1023;
    let mantissa = f64::from_bits(bits & ((1 << 52) - 1) | 1023 << 52);
    // The logarithm of 1 to 2 by the series of the inverse hyperbolic tangent.
    let x = (mantissa - 1.0) / (mantissa + 1.0);
    let mut power = x;
    let mut sum = 0.0;
    let mut n = 1.0;
    while n < 20.0 {
        sum += power / n;
        power *= x * x;
        n += 2.0;
    }
    10.0 * core::f64::consts::LOG10_E * (2.0 * sum + exponent as f64 * core::f64::consts::LN_2)
}

/// The level of a mean square of 16-bit samples, in dBm0; minus infinity for silence. For showing, not for deciding.
pub fn dbm0(mean_square: f64) -> f64 {
    10.0 * (mean_square * 2.0 / (PEAK_0_DBM0 * PEAK_0_DBM0)).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_match_the_table_of_g711() {
        for (dbm0, sine_peak) in [(3.0, 32_244), (0.0, 22_827), (-10.0, 7_219), (-30.0, 722), (-55.0, 41)] {
            assert!((peak(dbm0) - f64::from(sine_peak)).abs() < 1.0, "{dbm0} dBm0 gives {}", peak(dbm0));
        }
        let square = peak(-17.0) * peak(-17.0) / 2.0;
        assert!((super::dbm0(square) + 17.0).abs() < 1e-9);
    }

    #[test]
    fn decibels_are_the_reverse_of_ratios() {
        for tenths in -1500..1000 {
            let db = f64::from(tenths) / 10.0;
            assert!((decibels(ratio(db) * ratio(db)) - db).abs() < 1e-7, "{db} dB");
        }
        assert_eq!(decibels(0.0), -200.0);
    }

    #[test]
    fn sine_and_cosine_are_those_of_the_library() {
        for step in -4000..4000 {
            let turns = f64::from(step) / 1000.0 + 0.000_37;
            let angle = turns * core::f64::consts::TAU;
            assert!((sine(turns) - angle.sin()).abs() < 1e-12, "at {turns} turns");
            assert!((cosine(turns) - angle.cos()).abs() < 1e-12, "at {turns} turns");
        }
    }

    #[test]
    fn samples_round_and_stop_at_the_ends() {
        assert_eq!(
            [to_sample(0.4), to_sample(0.6), to_sample(-0.6), to_sample(1e9), to_sample(-1e9)],
            [0, 1, -1, i16::MAX, i16::MIN]
        );
    }
}
