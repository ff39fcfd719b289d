//! The country of a site or of a command, by its two letters.
//!
//! Never: contains a country's values; those are the driver's.

use std::fmt;

use serde::Deserialize;
use tipring_driver::country::{COUNTRIES, Country};

/// A country that there is a profile of.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct SiteCountry(pub &'static Country);

/// The help of an option that takes a country: the text, and the codes of all profiles.
pub fn country_help(text: &str) -> String {
    format!("{text}: {}", COUNTRIES.map(|country| country.code).join(", "))
}

impl Default for SiteCountry {
    fn default() -> SiteCountry {
        SiteCountry(&tipring_driver::country::CHINA)
    }
}

impl std::str::FromStr for SiteCountry {
    type Err = String;
    fn from_str(code: &str) -> Result<SiteCountry, String> {
        Country::of(code).map(SiteCountry).ok_or_else(|| {
            let known = COUNTRIES.map(|country| format!("{} ({})", country.code, country.name)).join(", ");
            format!("there is no profile of a country {code:?}; there are {known}")
        })
    }
}

impl TryFrom<String> for SiteCountry {
    type Error = String;
    fn try_from(code: String) -> Result<SiteCountry, String> {
        code.parse()
    }
}

impl fmt::Display for SiteCountry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code)
    }
}
