//! Readings: digits, numbers, money and dates as lists of phrases, in Mandarin, Cantonese and English.
//!
//! A phrase is one short recording. Both Chinese languages share one grammar and its phrase names; each has its own
//! voices. Mandarin reads 1 as *yao* in strings of digits, and 2 as *liang* before qian, wan, yi and a unit of money.
//!
//! Never: says a phrase that is not in [`words`].

use serde::Deserialize;

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Mandarin (zh-CN).
    #[default]
    Mandarin,
    /// Cantonese (yue).
    Cantonese,
    /// English (en).
    English,
}

impl Language {
    /// All languages.
    pub const ALL: [Language; 3] = [Language::Mandarin, Language::Cantonese, Language::English];

    /// The name of its folder of phrases, which is also its name in a flow's file.
    pub const fn folder(self) -> &'static str {
        match self {
            Language::Mandarin => "mandarin",
            Language::Cantonese => "cantonese",
            Language::English => "english",
        }
    }

    /// The language of a [folder](Language::folder).
    pub fn of_folder(name: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.folder() == name)
    }
}

/// A reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Digit by digit.
    Digits,
    /// A whole number, below 10¹² either side of zero.
    Number,
    /// Money: yuan with up to two decimals, `12.50`.
    Money,
    /// A date, `2026-11-28`.
    Date,
}

/// A phrase: its name within the language's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phrase(pub &'static str);

const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
const TEENS: [&str; 10] = ["10", "11", "12", "13", "14", "15", "16", "17", "18", "19"];
const TENS: [&str; 10] = ["", "10", "20", "30", "40", "50", "60", "70", "80", "90"];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const ORDINALS: [&str; 31] = [
    "1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th", "11th", "12th", "13th", "14th", "15th",
    "16th", "17th", "18th", "19th", "20th", "21st", "22nd", "23rd", "24th", "25th", "26th", "27th", "28th", "29th",
    "30th", "31st",
];
const CHINESE: [&str; 14] =
    ["yao", "liang", "shi", "bai", "qian", "wan", "yi", "fu", "nian", "yue", "ri", "yuan", "jiao", "fen"];
const ENGLISH: [&str; 9] = ["hundred", "thousand", "million", "billion", "minus", "oh", "and", "yuan", "fen"];

/// The largest number that is read.
pub const NUMBER_MAX: u64 = 999_999_999_999;

/// All phrases of a language, each to be recorded.
pub fn words(language: Language) -> Vec<&'static str> {
    let mut words = DIGITS.to_vec();
    match language {
        Language::English => {
            words.extend(TEENS.iter().chain(&TENS[2..]).chain(&MONTHS).chain(&ORDINALS).chain(&ENGLISH));
        }
        _ => words.extend(&CHINESE),
    }
    words
}

/// The phrases of digits, each to be recorded.
pub fn digit_words(language: Language) -> Vec<&'static str> {
    let mut words = DIGITS.to_vec();
    if language == Language::Mandarin {
        words.push("yao");
    }
    words
}

/// The phrases of whole numbers from 1 to 999, in order and in amounts.
pub(super) fn counting_words(language: Language) -> Vec<&'static str> {
    match language {
        Language::English => [&DIGITS[1..], &TEENS, &TENS[2..], &["hundred", "and"]].concat(),
        _ => [&DIGITS[..], &["liang", "shi", "bai"]].concat(),
    }
}

/// A number as a place in a row: Mandarin and Cantonese read 2 as *er*.
pub(super) fn ordinal(language: Language, number: u64) -> Vec<&'static str> {
    let mut out = Vec::new();
    read(language, number, &mut out);
    out
}

/// A number before a unit: Mandarin and Cantonese read 2 as *liang*.
pub(super) fn counted(language: Language, number: u64) -> Vec<&'static str> {
    match (language, number) {
        (Language::English, _) => ordinal(language, number),
        (_, 2) => vec!["liang"],
        _ => ordinal(language, number),
    }
}

/// The phrases for a text; none if it cannot be read that way.
pub fn phrases(language: Language, kind: Kind, text: &str) -> Option<Vec<Phrase>> {
    let mut out = Vec::new();
    match kind {
        Kind::Digits => {
            for c in text.chars() {
                let digit = c.to_digit(10)?;
                out.push(if digit == 1 && language == Language::Mandarin { "yao" } else { DIGITS[digit as usize] });
            }
        }
        Kind::Number => {
            let (minus, digits) = sign(text);
            let number = whole(digits)?;
            if minus && number > 0 {
                out.push(if language == Language::English { "minus" } else { "fu" });
            }
            read(language, number, &mut out);
        }
        Kind::Money => money(language, text, &mut out)?,
        Kind::Date => date(language, text, &mut out)?,
    }
    Some(out.into_iter().map(Phrase).collect())
}

fn sign(text: &str) -> (bool, &str) {
    text.strip_prefix('-').map_or((false, text), |rest| (true, rest))
}

fn whole(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|&number| plain && number <= NUMBER_MAX)
}

fn read(language: Language, number: u64, out: &mut Vec<&'static str>) {
    match language {
        Language::English => english(number, out),
        _ => chinese(number, out),
    }
}

/// Groups of four digits: yi, wan, ones. A zero is read once wherever places are skipped before a digit.
fn chinese(number: u64, out: &mut Vec<&'static str>) {
    if number == 0 {
        out.push("0");
        return;
    }
    let mut skipped = false;
    let mut begun = false;
    for (value, unit) in [(number / 100_000_000, "yi"), (number / 10_000 % 10_000, "wan"), (number % 10_000, "")] {
        if value == 0 {
            skipped = begun;
            continue;
        }
        if begun && (skipped || value < 1000) {
            out.push("0");
        }
        if value == 2 && !unit.is_empty() {
            out.push("liang");
        } else {
            group(value, begun, out);
        }
        if !unit.is_empty() {
            out.push(unit);
        }
        (begun, skipped) = (true, false);
    }
}

/// One to four digits. A leading ten is *shi* alone when nothing comes before it.
fn group(value: u64, begun: bool, out: &mut Vec<&'static str>) {
    let places = [(value / 1000, "qian"), (value / 100 % 10, "bai"), (value / 10 % 10, "shi"), (value % 10, "")];
    let (mut any, mut skipped) = (false, false);
    for (digit, unit) in places {
        if digit == 0 {
            skipped = any;
            continue;
        }
        if skipped {
            out.push("0");
        }
        match (digit, unit) {
            (1, "shi") if !any && !begun => {}
            (2, "qian") => out.push("liang"),
            _ => out.push(DIGITS[digit as usize]),
        }
        if !unit.is_empty() {
            out.push(unit);
        }
        (any, skipped) = (true, false);
    }
}

fn english(number: u64, out: &mut Vec<&'static str>) {
    if number == 0 {
        out.push("0");
    }
    let scales = [(1_000_000_000, "billion"), (1_000_000, "million"), (1000, "thousand"), (1, "")];
    for (scale, unit) in scales {
        let value = number / scale % 1000;
        if value == 0 {
            continue;
        }
        if value >= 100 {
            out.extend([DIGITS[(value / 100) as usize], "hundred"]);
        }
        if scale == 1 && !value.is_multiple_of(100) && number > 100 {
            out.push("and");
        }
        below_hundred(value % 100, out);
        if !unit.is_empty() {
            out.push(unit);
        }
    }
}

fn below_hundred(value: u64, out: &mut Vec<&'static str>) {
    match value {
        0 => {}
        1..=9 => out.push(DIGITS[value as usize]),
        10..=19 => out.push(TEENS[value as usize - 10]),
        _ => {
            out.push(TENS[(value / 10) as usize]);
            below_hundred(value % 10, out);
        }
    }
}

fn money(language: Language, text: &str, out: &mut Vec<&'static str>) -> Option<()> {
    let (minus, text) = sign(text);
    let (yuan, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let yuan = whole(yuan)?;
    let fen = match decimals.len() {
        1 => whole(decimals)? * 10,
        2 => whole(decimals)?,
        _ => return None,
    };
    if minus && (yuan, fen) != (0, 0) {
        out.push(if language == Language::English { "minus" } else { "fu" });
    }
    if language == Language::English {
        if yuan > 0 || fen == 0 {
            english(yuan, out);
            out.push("yuan");
        }
        if fen > 0 {
            if yuan > 0 {
                out.push("and");
            }
            below_hundred(fen, out);
            out.push("fen");
        }
        return Some(());
    }
    let measured = |number: u64, unit, out: &mut Vec<&'static str>| {
        out.extend(counted(language, number));
        out.push(unit);
    };
    if yuan > 0 || fen == 0 {
        measured(yuan, "yuan", out);
    }
    if fen >= 10 {
        measured(fen / 10, "jiao", out);
    }
    if fen % 10 > 0 {
        if yuan > 0 && fen < 10 {
            out.push("0");
        }
        measured(fen % 10, "fen", out);
    }
    Some(())
}

fn date(language: Language, text: &str, out: &mut Vec<&'static str>) -> Option<()> {
    let mut parts = text.split('-').map(whole);
    let (Some(Some(year)), Some(Some(month)), Some(Some(day)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u64::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    if !(1000..=9999).contains(&year) || !(1..=days).contains(&day) {
        return None;
    }
    if language == Language::English {
        out.extend([MONTHS[month as usize - 1], ORDINALS[day as usize - 1]]);
        match (year / 100, year % 100) {
            (century, 0..=9) if century % 10 == 0 => english(year, out),
            (century, 0) => {
                below_hundred(century, out);
                out.push("hundred");
            }
            (century, rest) => {
                below_hundred(century, out);
                if rest < 10 {
                    out.push("oh");
                }
                below_hundred(rest, out);
            }
        }
        return Some(());
    }
    out.extend([year / 1000, year / 100 % 10, year / 10 % 10, year % 10].map(|digit| DIGITS[digit as usize]));
    out.push("nian");
    chinese(month, out);
    out.push("yue");
    chinese(day, out);
    out.push("ri");
    Some(())
}
