//! The numbering plans of countries: prefixes, and the numbers that are dialled without a prefix from everywhere.
//!
//! Sources: ITU-T E.164 (country codes); the ITU's list "Dialling procedures" (international prefix, national (trunk)
//! prefix, digits of national numbers); for China the national plan 电信网编号计划: mobile numbers 13 to 19 of 11 digits,
//! 400 and 800 of 10, services 95 and 96 of 5 to 8, and 1XX of 3 to 5.
//!
//! Never: names an area code; that is the site's.

/// Numbers that are dialled without a prefix: the digits with which they begin, and their fewest and most digits.
pub(super) struct Block {
    pub first: &'static str,
    pub least: usize,
    pub most: usize,
}

/// The numbering plan of a country.
pub(super) struct Country {
    /// ISO 3166-1.
    pub code: &'static str,
    /// E.164's country code.
    pub country_code: &'static str,
    /// Dialled before a number of another country.
    pub international: &'static str,
    /// Dialled before a national number; empty where there is none.
    pub national: &'static str,
    /// The most digits of a national (significant) number in use.
    pub longest: usize,
    /// Numbers that need no national prefix.
    pub blocks: &'static [Block],
}

impl Country {
    /// True for a number that is dialled as it is from everywhere in the country.
    pub(super) fn is_whole(&self, digits: &str) -> bool {
        let fits =
            |block: &Block| digits.starts_with(block.first) && (block.least..=block.most).contains(&digits.len());
        self.blocks.iter().any(fits)
    }
}

const fn block(first: &'static str, least: usize, most: usize) -> Block {
    Block { first, least, most }
}

const fn country(
    code: &'static str,
    country_code: &'static str,
    (international, national): (&'static str, &'static str),
    longest: usize,
    blocks: &'static [Block],
) -> Country {
    Country { code, country_code, international, national, longest, blocks }
}

/// The plans of the countries of which the driver has line profiles.
pub(super) const COUNTRIES: &[Country] = &[
    country(
        "CN",
        "86",
        ("00", "0"),
        11,
        &[
            block("13", 11, 11),
            block("14", 11, 11),
            block("15", 11, 11),
            block("16", 11, 11),
            block("17", 11, 11),
            block("18", 11, 11),
            block("19", 11, 11),
            block("400", 10, 10),
            block("800", 10, 10),
            block("95", 5, 8),
            block("96", 5, 8),
            block("1", 3, 5),
        ],
    ),
    // Seven digits are local, and ten are dialled as they are.
    country("US", "1", ("011", "1"), 10, &[block("", 10, 10)]),
    country("GB", "44", ("00", "0"), 10, &[]),
    country("DE", "49", ("00", "0"), 11, &[]),
    country("JP", "81", ("010", "0"), 10, &[]),
    country("HK", "852", ("001", ""), 8, &[]),
    country("FR", "33", ("00", "0"), 9, &[]),
    country("IT", "39", ("00", ""), 11, &[]),
    country("ES", "34", ("00", ""), 9, &[]),
    country("GR", "30", ("00", ""), 10, &[]),
    country("RU", "7", ("810", "8"), 10, &[block("", 10, 10)]),
    country("AU", "61", ("0011", "0"), 10, &[block("13", 6, 10), block("18", 7, 10)]),
    country("NZ", "64", ("00", "0"), 10, &[]),
    country("IN", "91", ("00", "0"), 10, &[block("", 10, 10), block("1800", 10, 11)]),
    country("SG", "65", ("001", ""), 8, &[]),
    country("MY", "60", ("00", "0"), 10, &[]),
    country("ZA", "27", ("00", "0"), 9, &[]),
    country("AE", "971", ("00", "0"), 9, &[]),
    country("TH", "66", ("001", "0"), 9, &[]),
    country("BR", "55", ("00", "0"), 11, &[block("", 10, 11)]),
    country("KR", "82", ("001", "0"), 10, &[]),
    country("TW", "886", ("002", "0"), 9, &[]),
];
