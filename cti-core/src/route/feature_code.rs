//! Feature access codes: the services of a telephone that has nothing but its keys and its hook.
//!
//! The procedures are those of ETS 300 738 (stimulus procedures): `*` switches on or carries out, `#` switches off,
//! then the code of the service, its parameters each behind `*`, and `#` at the end.
//!
//! | service | code | keys |
//! |---|---|---|
//! | log-in, log-out | 40 | `*40*AGENT*PIN#`, `#40#` |
//! | ready, not ready | 41 | `*41#`, `#41#` or `#41*REASON#` |
//! | after-call work | 42 | `*42#` |
//! | pickup of a station | 43 | `*43*STATION#` |
//! | group pickup | 44 | `*44#` |
//! | park | 45 | flash, `*45#` or `*45*PLACE#` |
//! | retrieval of a parked call | 46 | `*46*PLACE#`, `*46#` for the one parked last |
//! | forwarding, all calls | 21 | `*21*NUMBER#`, `#21#` |
//! | forwarding on busy | 67 | `*67*NUMBER#`, `#67#` |
//! | forwarding on no answer | 61 | `*61*NUMBER#`, `#61#` |
//! | do not disturb | 26 | `*26#`, `#26#` |
//!
//! Never: carries a service out.

use arrayvec::{ArrayString, ArrayVec};

/// Length of the longest code in digits.
pub const CODE_MAX: usize = 4;
/// Most parameters of a service.
const PARAMETERS_MAX: usize = 2;

/// A service that has a feature access code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum FeatureCode {
    /// Log-in and log-out of an agent.
    LogIn,
    /// Ready and not ready.
    Ready,
    /// After-call work.
    #[serde(rename = "Work")]
    AfterCallWork,
    /// Pickup of a station's call.
    Pickup,
    /// Group pickup.
    GroupPickup,
    /// Call park.
    Park,
    /// Retrieval of a parked call.
    Retrieve,
    /// Forwarding of all calls.
    ForwardAlways,
    /// Forwarding on busy.
    ForwardBusy,
    /// Forwarding on no answer.
    ForwardNoAnswer,
    /// Do not disturb.
    DoNotDisturb,
}

impl FeatureCode {
    /// Every service with its name in the configuration and its usual code.
    pub const ALL: [(FeatureCode, &'static str, &'static str); 11] = [
        (FeatureCode::LogIn, "log_in", "40"),
        (FeatureCode::Ready, "ready", "41"),
        (FeatureCode::AfterCallWork, "work", "42"),
        (FeatureCode::Pickup, "pickup", "43"),
        (FeatureCode::GroupPickup, "group_pickup", "44"),
        (FeatureCode::Park, "park", "45"),
        (FeatureCode::Retrieve, "retrieve", "46"),
        (FeatureCode::ForwardAlways, "forward_always", "21"),
        (FeatureCode::ForwardBusy, "forward_busy", "67"),
        (FeatureCode::ForwardNoAnswer, "forward_no_answer", "61"),
        (FeatureCode::DoNotDisturb, "do_not_disturb", "26"),
    ];
}

/// The codes of a site; a service without a code cannot be dialled.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FeatureCodes(Vec<(FeatureCode, ArrayString<CODE_MAX>)>);

impl Default for FeatureCodes {
    fn default() -> FeatureCodes {
        let usual =
            |(service, _, code): (FeatureCode, &str, &str)| ArrayString::from(code).ok().map(|code| (service, code));
        FeatureCodes(FeatureCode::ALL.into_iter().filter_map(usual).collect())
    }
}

/// A code that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadFeatureCode(pub String);

impl core::fmt::Display for BadFeatureCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadFeatureCode {}

impl FeatureCodes {
    /// Gives a service another code; an empty one takes it away.
    ///
    /// # Errors
    /// The code is not 1 to [`CODE_MAX`] digits, or another service has it.
    pub fn set(&mut self, service: FeatureCode, code: &str) -> Result<(), BadFeatureCode> {
        self.0.retain(|(known, _)| *known != service);
        if code.is_empty() {
            return Ok(());
        }
        let of_digits = code.bytes().all(|c| c.is_ascii_digit());
        let Some(code) = ArrayString::from(code).ok().filter(|_| of_digits) else {
            return Err(BadFeatureCode(format!(
                "{code:?} is not a feature access code: 1 to {CODE_MAX} digits are wanted"
            )));
        };
        if self.0.iter().any(|(_, known)| *known == code) {
            return Err(BadFeatureCode(format!("two services have the feature access code {code}")));
        }
        self.0.push((service, code));
        Ok(())
    }

    /// Reads the keys pressed so far.
    pub fn read<'k>(&self, keys: &'k str) -> FeatureCodeReading<'k> {
        let on = match keys.as_bytes().first() {
            Some(b'*') => true,
            Some(b'#') => false,
            _ => return FeatureCodeReading::NoCode,
        };
        let Some(body) = keys[1..].strip_suffix('#') else {
            let code = keys[1..].split('*').next().unwrap_or_default();
            let is_open = keys[1..].contains('*');
            let fits = |known: &str| if is_open { known == code } else { known.starts_with(code) };
            let possible = self.0.iter().any(|(_, known)| fits(known));
            return if possible { FeatureCodeReading::Incomplete } else { FeatureCodeReading::Invalid };
        };
        let mut parts = body.split('*');
        let code = parts.next().unwrap_or_default();
        let service = self.0.iter().find(|(_, known)| known.as_str() == code).map(|(service, _)| *service);
        let mut parameters = ArrayVec::new();
        for part in parts {
            if part.is_empty() || parameters.try_push(part).is_err() {
                return FeatureCodeReading::Invalid;
            }
        }
        service.map_or(FeatureCodeReading::Invalid, |service| {
            FeatureCodeReading::Complete(FeatureCommand { service, on, parameters })
        })
    }
}

/// A complete procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureCommand<'k> {
    /// The service.
    pub service: FeatureCode,
    /// True to switch on or carry out; false to switch off.
    pub on: bool,
    /// The parameters.
    pub parameters: ArrayVec<&'k str, PARAMETERS_MAX>,
}

/// The meaning of the keys so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeatureCodeReading<'k> {
    /// They are not of a procedure, but of a number.
    NoCode,
    /// They are the beginning of a procedure.
    Incomplete,
    /// They are one.
    Complete(FeatureCommand<'k>),
    /// They are none, whatever follows.
    Invalid,
}

/// The meaning of a hook flash while a call is held and another talks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum SecondFlash {
    /// The two calls become a conference.
    #[default]
    Conference,
    /// The two calls change places.
    Alternate,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(codes: &FeatureCodes, keys: &str) -> Option<(FeatureCode, bool, Vec<String>)> {
        match codes.read(keys) {
            FeatureCodeReading::Complete(FeatureCommand { service, on, parameters }) => {
                Some((service, on, parameters.iter().map(|it| (*it).to_owned()).collect()))
            }
            _ => None,
        }
    }

    #[test]
    fn procedures_are_read_key_by_key() {
        let codes = FeatureCodes::default();
        for keys in ["*", "#", "*4", "*40", "*40*", "*40*7001", "*40*7001*12", "#41*7"] {
            assert_eq!(codes.read(keys), FeatureCodeReading::Incomplete, "{keys}");
        }
        for keys in ["*9", "#99#", "*40**1#", "*40*1*2*3#", "*40x", "##", "*#"] {
            assert_eq!(codes.read(keys), FeatureCodeReading::Invalid, "{keys}");
        }
        assert_eq!(codes.read("1001"), FeatureCodeReading::NoCode);
        assert_eq!(codes.read(""), FeatureCodeReading::NoCode);
        let log_in = Some((FeatureCode::LogIn, true, vec!["7001".into(), "1234".into()]));
        assert_eq!(complete(&codes, "*40*7001*1234#"), log_in);
        assert_eq!(complete(&codes, "#40#"), Some((FeatureCode::LogIn, false, vec![])));
        assert_eq!(complete(&codes, "#41*7#"), Some((FeatureCode::Ready, false, vec!["7".into()])));
    }

    #[test]
    fn codes_are_of_the_site_and_no_two_services_share_one() {
        let mut codes = FeatureCodes::default();
        codes.set(FeatureCode::GroupPickup, "8").expect("free");
        assert_eq!(complete(&codes, "*8#"), Some((FeatureCode::GroupPickup, true, vec![])));
        assert_eq!(complete(&codes, "*44#"), None);
        assert!(codes.set(FeatureCode::Park, "8").is_err());
        for wrong in ["12345", "4a", "*"] {
            assert!(codes.set(FeatureCode::Park, wrong).is_err(), "{wrong}");
        }
        codes.set(FeatureCode::AfterCallWork, "").expect("taken away");
        assert_eq!(codes.read("*42"), FeatureCodeReading::Invalid);
    }
}
