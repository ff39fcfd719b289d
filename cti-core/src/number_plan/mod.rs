//! Number normalisation by the numbering plan of a site (E.164): every spelling of a telephone number in one normal
//! form, by which numbers are compared. Where a number leads is in `route::dial_plan` and `route::outside_number`.
//!
//! The normal form is what the site itself dials, without the prefix of its exchange: a local number without the area
//! code, one of elsewhere in the country with the national prefix, a foreign one with the international prefix, and as
//! they are those that are dialled the same everywhere, China's mobile and service numbers among them. With China and
//! the area 571:
//!
//! | spellings | normal form |
//! |---|---|
//! | `+86 138 0013 8000`, `0086…`, `86…`, `0138…`, `138…` | `13800138000` |
//! | `+86 (0)571 8765 4321`, `0571-87654321`, `87654321` | `87654321` |
//! | `+86 10 6552 9988`, `010…` | `01065529988` |
//! | `+852 2123 4567`, `00852…` | `0085221234567` |
//!
//! A caller's number takes its normal form as it comes in, and all that is kept and compared has it; what is dialled
//! and what telephones show stays as it was spelled. What was kept in another spelling is found by all [`spellings`].
//!
//! [`spellings`]: NumberPlan::spellings
//!
//! Never: changes digits that a station dials; a number that the exchange could not send.

mod countries;

use std::borrow::Cow;

use tipring_driver::line::NUMBER_MAX;

use self::countries::{COUNTRIES, Country};

/// Fewest digits that are taken for a local number behind the area code: service numbers are shorter.
const LOCAL_LEAST: usize = 5;

/// The numbering plan of a site. Without a country, a number is its digits alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct NumberPlan {
    country: String,
    area: String,
}

/// The reason why a numbering plan cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongArea(String);

impl core::fmt::Display for WrongArea {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:?} is no area code: one to six digits are wanted, without the national prefix", self.0)
    }
}

impl std::error::Error for WrongArea {}

/// The digits of a text, and whether a `+` stands before them; none for a text that is no number.
fn digits_of(text: &str) -> Option<(String, bool)> {
    let text = text.trim();
    let (rest, is_international) = match text.strip_prefix(['+', '＋']) {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let digits: String = rest.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/')).collect();
    let is_number = (1..=NUMBER_MAX).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some((digits, is_international))
}

impl NumberPlan {
    /// The plan of a site by its country (ISO 3166-1) and area code, empty for none. A country without a plan here has
    /// numbers of digits alone.
    ///
    /// # Errors
    /// The area code is none, or has the national prefix before it.
    pub fn new(country: &str, area: &str) -> Result<NumberPlan, WrongArea> {
        let plan = NumberPlan { country: country.to_owned(), area: area.to_owned() };
        let national = plan.rules().map_or("", |rules| rules.national);
        let is_digits = area.len() <= 6 && area.bytes().all(|byte| byte.is_ascii_digit());
        let is_prefixed = !national.is_empty() && area.starts_with(national);
        if is_digits && !is_prefixed { Ok(plan) } else { Err(WrongArea(area.to_owned())) }
    }

    /// The country, ISO 3166-1; empty for none.
    pub fn country(&self) -> &str {
        &self.country
    }

    /// The area code without the national prefix; empty for none.
    pub fn area(&self) -> &str {
        &self.area
    }

    fn rules(&self) -> Option<&'static Country> {
        COUNTRIES.iter().find(|country| country.code == self.country)
    }

    /// The normal form of a number in any spelling: spaces, hyphens, dots, slashes and brackets count for nothing. None
    /// for a text that is no number, and for one of more than [`NUMBER_MAX`] digits.
    pub fn normal(&self, text: &str) -> Option<String> {
        let (digits, is_international) = digits_of(text)?;
        let Some(rules) = self.rules() else { return Some(digits) };
        let mut number = if is_international { self.of_international(rules, &digits) } else { digits };
        // Each step but the last makes it shorter, so what comes out stays as it is.
        loop {
            let next = self.step(rules, &number);
            if next == number {
                return (number.len() <= NUMBER_MAX).then_some(number);
            }
            number = next.into_owned();
        }
    }

    /// The normal form of a number, or the text itself if it is none.
    pub fn normal_or_same<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.normal(text) {
            Some(normal) => Cow::Owned(normal),
            None => Cow::Borrowed(text),
        }
    }

    /// The digits by which the site dials a number: as they are spelled; of a number with a `+`, its normal form. None
    /// for a text that is no number, and for a `+` where the country has no plan.
    pub fn dialled(&self, text: &str) -> Option<String> {
        match digits_of(text)? {
            (_, true) => self.rules().and_then(|_| self.normal(text)),
            (digits, false) => Some(digits),
        }
    }

    /// True if two spellings are one number.
    pub fn is_same(&self, one: &str, other: &str) -> bool {
        one == other || self.normal(one).is_some_and(|normal| self.normal(other) == Some(normal))
    }

    fn step<'n>(&self, rules: &Country, number: &'n str) -> Cow<'n, str> {
        let bare_country = |digits: &str| {
            digits.starts_with(rules.country_code)
                && digits.len() > rules.longest.max(rules.country_code.len())
                && rules.country_code != rules.national
        };
        if let Some(rest) = number.strip_prefix(rules.international).filter(|rest| !rest.is_empty()) {
            return match rest.strip_prefix(rules.country_code).filter(|rest| !rest.is_empty()) {
                Some(national) => Cow::Owned(self.of_national(rules, national)),
                None => Cow::Borrowed(number),
            };
        }
        if rules.is_whole(number) {
            return Cow::Owned(self.of_national(rules, number));
        }
        match number.strip_prefix(rules.national).filter(|_| !rules.national.is_empty()) {
            Some(rest) if !rest.is_empty() => Cow::Owned(self.of_national(rules, rest)),
            _ if bare_country(number) => Cow::Owned(self.of_national(rules, &number[rules.country_code.len()..])),
            // A national number without its prefix where it has none.
            _ if rules.national.is_empty() => Cow::Owned(self.of_national(rules, number)),
            _ => Cow::Borrowed(number),
        }
    }

    fn of_international(&self, rules: &Country, digits: &str) -> String {
        match digits.strip_prefix(rules.country_code).filter(|rest| !rest.is_empty()) {
            Some(national) => self.of_national(rules, national),
            None => format!("{}{digits}", rules.international),
        }
    }

    /// The form of a national (significant) number.
    fn of_national(&self, rules: &Country, digits: &str) -> String {
        let mut number = digits;
        // People write +44 (0)20.
        while let Some(rest) = number.strip_prefix(rules.national).filter(|_| !rules.national.is_empty()) {
            number = rest;
        }
        if number.is_empty() {
            return digits.to_owned();
        }
        let is_local = |rest: &&str| {
            let prefixes = [rules.international, rules.national];
            let is_prefixed = prefixes.iter().any(|prefix| !prefix.is_empty() && rest.starts_with(prefix));
            rest.len() >= LOCAL_LEAST && !is_prefixed
        };
        match number.strip_prefix(self.area.as_str()).filter(|_| !self.area.is_empty()).filter(is_local) {
            Some(local) => local.to_owned(),
            None if rules.is_whole(number) => number.to_owned(),
            None => format!("{}{number}", rules.national),
        }
    }

    /// All spellings of a number that lead back to it, its normal form first; those with a `+` last. A text that is no
    /// number is its only spelling.
    pub fn spellings(&self, text: &str) -> Vec<String> {
        let Some(normal) = self.normal(text) else { return vec![text.to_owned()] };
        let Some(rules) = self.rules() else { return vec![normal] };
        let abroad = normal.strip_prefix(rules.international).filter(|rest| !rest.is_empty());
        let mut spellings = vec![normal.clone()];
        let mut add = |spelling: String| {
            if !spellings.contains(&spelling) && self.normal(&spelling).as_deref() == Some(&normal) {
                spellings.push(spelling);
            }
        };
        if let Some(digits) = abroad {
            add(digits.to_owned());
            add(format!("+{digits}"));
            return spellings;
        }
        let prefixed = normal.strip_prefix(rules.national).filter(|_| !rules.national.is_empty());
        let national = match prefixed {
            Some(national) => national.to_owned(),
            None if rules.is_whole(&normal) || rules.national.is_empty() && self.area.is_empty() => normal.clone(),
            None if self.area.is_empty() => return spellings,
            None => format!("{}{normal}", self.area),
        };
        let Country { country_code, international, national: prefix, .. } = rules;
        add(national.clone());
        add(format!("{prefix}{national}"));
        add(format!("{country_code}{national}"));
        add(format!("{international}{country_code}{national}"));
        add(format!("+{country_code}{national}"));
        spellings
    }

    /// The digits that are free after a pattern in a number: 0 if it is the number in any spelling; where `*` ends the
    /// pattern, the fewest digits for which that stands in a spelling of the number. None if the pattern is not of it.
    pub fn free_digits(&self, pattern: &str, number: &str) -> Option<usize> {
        let Some(first) = pattern.strip_suffix('*') else { return self.is_same(pattern, number).then_some(0) };
        self.free_after(first, number)
    }

    /// The fewest digits of a number that follow `first`, in the spellings that begin with it. None if none does.
    pub fn free_after(&self, first: &str, number: &str) -> Option<usize> {
        let first = match digits_of(first) {
            Some((digits, true)) => format!("+{digits}"),
            Some((digits, false)) => digits,
            // A name of a device.
            None => first.to_owned(),
        };
        let spellings = self.spellings(number);
        spellings.iter().filter_map(|spelling| spelling.strip_prefix(&first)).map(str::len).min()
    }
}

#[cfg(test)]
mod tests;
