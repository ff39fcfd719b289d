//! Transposition of eight rows of eight numbers.
//!
//! Left to itself, the compiler picks up number by number; in rounds of exchanges each row is one instruction a round.
//!
//! Never: rounds.

use super::{WIDTH, Wide};

/// Rows into columns: what stood in lane n of row m stands in lane m of row n.
#[inline(always)]
pub(crate) fn transpose(rows: &mut [Wide; WIDTH]) {
    let [a, b, c, d, e, f, g, h] = *rows;
    let [a, b, c, d, e, f, g, h] = transposed([a.0, b.0, c.0, d.0, e.0, f.0, g.0, h.0]);
    *rows = [Wide(a), Wide(b), Wide(c), Wide(d), Wide(e), Wide(f), Wide(g), Wide(h)];
}

/// Rows into columns, in three rounds of exchanges that are one instruction each.
#[inline(always)]
fn transposed(rows: [Row; 8]) -> [Row; 8] {
    let [a, b, c, d, e, f, g, h] = rows;
    let (ab, ba) = (ones(a, b), ones_high(a, b));
    let (cd, dc) = (ones(c, d), ones_high(c, d));
    let (ef, fe) = (ones(e, f), ones_high(e, f));
    let (gh, hg) = (ones(g, h), ones_high(g, h));
    let (abcd0, abcd1) = (pairs(ab, cd), pairs_high(ab, cd));
    let (abcd2, abcd3) = (pairs(ba, dc), pairs_high(ba, dc));
    let (efgh0, efgh1) = (pairs(ef, gh), pairs_high(ef, gh));
    let (efgh2, efgh3) = (pairs(fe, hg), pairs_high(fe, hg));
    [
        fours(abcd0, efgh0),
        fours(abcd1, efgh1),
        fours(abcd2, efgh2),
        fours(abcd3, efgh3),
        fours_high(abcd0, efgh0),
        fours_high(abcd1, efgh1),
        fours_high(abcd2, efgh2),
        fours_high(abcd3, efgh3),
    ]
}

type Row = [f32; 8];

#[inline(always)]
fn ones(a: Row, b: Row) -> Row {
    [a[0], b[0], a[1], b[1], a[4], b[4], a[5], b[5]]
}

#[inline(always)]
fn ones_high(a: Row, b: Row) -> Row {
    [a[2], b[2], a[3], b[3], a[6], b[6], a[7], b[7]]
}

#[inline(always)]
fn pairs(a: Row, b: Row) -> Row {
    [a[0], a[1], b[0], b[1], a[4], a[5], b[4], b[5]]
}

#[inline(always)]
fn pairs_high(a: Row, b: Row) -> Row {
    [a[2], a[3], b[2], b[3], a[6], a[7], b[6], b[7]]
}

#[inline(always)]
fn fours(a: Row, b: Row) -> Row {
    [a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]]
}

#[inline(always)]
fn fours_high(a: Row, b: Row) -> Row {
    [a[4], a[5], a[6], a[7], b[4], b[5], b[6], b[7]]
}
