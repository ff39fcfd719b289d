//! Keys of telephones: feature access codes, and hook flashes.
//!
//! Never: carries a service out.

use std::collections::BTreeMap;

use serde::Deserialize;
use tipring_core::route::feature_code::{FeatureCode, FeatureCodes};

/// Feature access codes other than the usual ones, and the meaning of a second hook flash.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysConfig {
    /// Meaning of a hook flash beside a held call.
    #[serde(default)]
    pub second_flash: SecondFlashConfig,
    /// Codes by the names of their services; an empty one takes the service away.
    #[serde(default)]
    pub codes: BTreeMap<String, String>,
}

/// Meaning of a hook flash beside a held call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecondFlashConfig {
    /// The two calls become a conference.
    #[default]
    Conference,
    /// The two calls change places.
    Alternate,
}

impl KeysConfig {
    /// Returns the codes, in the core's terms.
    ///
    /// # Errors
    /// A name that is no service's, a code that is none, or one that two services have.
    pub fn codes(&self) -> Result<FeatureCodes, String> {
        let mut codes = FeatureCodes::default();
        let service = |name: &str| FeatureCode::ALL.iter().find(|(_, known, _)| *known == name).map(|it| it.0);
        for name in self.codes.keys() {
            let service = service(name).ok_or_else(|| {
                let names: Vec<_> = FeatureCode::ALL.iter().map(|it| it.1).collect();
                format!("keys: {name:?} is no service; there are {}", names.join(", "))
            })?;
            // All that change are taken away first, so that two services can change places.
            codes.set(service, "").map_err(|error| error.to_string())?;
        }
        for (name, code) in &self.codes {
            if let Some(service) = service(name) {
                codes.set(service, code).map_err(|error| format!("keys: {name}: {error}"))?;
            }
        }
        Ok(codes)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SiteConfig, TEMPLATE};

    #[test]
    fn feature_access_codes_are_of_the_site_and_a_wrong_one_is_reported_with_its_line() {
        let with = |text: &str| SiteConfig::parse(&TEMPLATE.replacen("second_flash = \"conference\"", text, 1));
        let changed = with("second_flash = \"alternate\"\ncodes = { park = \"44\", group_pickup = \"45\" }").unwrap();
        let codes = changed.keys.codes().unwrap();
        assert!(format!("{:?}", codes.read("*44#")).contains("Park"), "two services change places");
        for (text, why) in [
            ("codes = { parc = \"8\" }", "\"parc\" is no service; there are log_in"),
            ("codes = { park = \"x\" }", "is not a feature access code"),
            ("codes = { park = \"40\" }", "two services have the feature access code 40"),
            ("second_flash = \"both\"", "both"),
        ] {
            let refused = with(text).expect_err(text).to_string();
            assert!(refused.contains(why) && refused.contains("line "), "{text}: {refused}");
        }
        let twice = SiteConfig::parse(&TEMPLATE.replacen("[\"4001\", \"4002\"]", "[\"1001\"]", 1)).unwrap_err();
        assert!(twice.to_string().contains("the parking place 1001 has the name of another device"), "{twice}");
    }
}
