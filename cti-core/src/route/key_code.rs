//! Key codes: the services of a telephone that has nothing but its keys and its hook.
//!
//! The procedures are those of ETS 300 738 (stimulus procedures): `*` switches on or carries out, `#` switches off,
//! then the code of the service, its parameters each behind `*`, and `#` at the end.
//!
//! | service | code | keys |
//! |---|---|---|
//! | log-in, log-out | 40 | `*40*AGENT*PIN#`, `#40#` |
//! | ready, not ready | 41 | `*41#`, `#41#` or `#41*REASON#` |
//! | work after a call | 42 | `*42#` |
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

/// A service by keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum KeyService {
    /// Log-in and log-out of an agent.
    LogIn,
    /// Ready and not ready.
    Ready,
    /// Work after a call.
    Work,
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

impl KeyService {
    /// Every service with its name in the configuration and its usual code.
    pub const ALL: [(KeyService, &'static str, &'static str); 11] = [
        (KeyService::LogIn, "log_in", "40"),
        (KeyService::Ready, "ready", "41"),
        (KeyService::Work, "work", "42"),
        (KeyService::Pickup, "pickup", "43"),
        (KeyService::GroupPickup, "group_pickup", "44"),
        (KeyService::Park, "park", "45"),
        (KeyService::Retrieve, "retrieve", "46"),
        (KeyService::ForwardAlways, "forward_always", "21"),
        (KeyService::ForwardBusy, "forward_busy", "67"),
        (KeyService::ForwardNoAnswer, "forward_no_answer", "61"),
        (KeyService::DoNotDisturb, "do_not_disturb", "26"),
    ];
}

/// The codes of a site; a service without a code cannot be had by keys.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct KeyCodes(Vec<(KeyService, ArrayString<CODE_MAX>)>);

impl Default for KeyCodes {
    fn default() -> KeyCodes {
        let usual =
            |(service, _, code): (KeyService, &str, &str)| ArrayString::from(code).ok().map(|code| (service, code));
        KeyCodes(KeyService::ALL.into_iter().filter_map(usual).collect())
    }
}

/// A code that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadKeyCode(pub String);

impl core::fmt::Display for BadKeyCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadKeyCode {}

impl KeyCodes {
    /// Gives a service another code; an empty one takes it away.
    ///
    /// # Errors
    /// The code is not 1 to [`CODE_MAX`] digits, or another service has it.
    pub fn set(&mut self, service: KeyService, code: &str) -> Result<(), BadKeyCode> {
        self.0.retain(|(known, _)| *known != service);
        if code.is_empty() {
            return Ok(());
        }
        let of_digits = code.bytes().all(|c| c.is_ascii_digit());
        let Some(code) = ArrayString::from(code).ok().filter(|_| of_digits) else {
            return Err(BadKeyCode(format!("{code:?} is not a key code: 1 to {CODE_MAX} digits are wanted")));
        };
        if self.0.iter().any(|(_, known)| *known == code) {
            return Err(BadKeyCode(format!("two services have the key code {code}")));
        }
        self.0.push((service, code));
        Ok(())
    }

    /// Reads the keys pressed so far.
    pub fn read<'k>(&self, keys: &'k str) -> KeyReading<'k> {
        let on = match keys.as_bytes().first() {
            Some(b'*') => true,
            Some(b'#') => false,
            _ => return KeyReading::NoCode,
        };
        let Some(body) = keys[1..].strip_suffix('#') else {
            let code = keys[1..].split('*').next().unwrap_or_default();
            let is_open = keys[1..].contains('*');
            let fits = |known: &str| if is_open { known == code } else { known.starts_with(code) };
            let possible = self.0.iter().any(|(_, known)| fits(known));
            return if possible { KeyReading::Incomplete } else { KeyReading::Invalid };
        };
        let mut parts = body.split('*');
        let code = parts.next().unwrap_or_default();
        let service = self.0.iter().find(|(_, known)| known.as_str() == code).map(|(service, _)| *service);
        let mut parameters = ArrayVec::new();
        for part in parts {
            if part.is_empty() || parameters.try_push(part).is_err() {
                return KeyReading::Invalid;
            }
        }
        service.map_or(KeyReading::Invalid, |service| KeyReading::Complete(KeyCommand { service, on, parameters }))
    }
}

/// A complete procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCommand<'k> {
    /// The service.
    pub service: KeyService,
    /// True to switch on or carry out; false to switch off.
    pub on: bool,
    /// The parameters.
    pub parameters: ArrayVec<&'k str, PARAMETERS_MAX>,
}

/// The meaning of the keys so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyReading<'k> {
    /// They are not of a procedure, but of a number.
    NoCode,
    /// They are the beginning of a procedure.
    Incomplete,
    /// They are one.
    Complete(KeyCommand<'k>),
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

    fn complete(codes: &KeyCodes, keys: &str) -> Option<(KeyService, bool, Vec<String>)> {
        match codes.read(keys) {
            KeyReading::Complete(KeyCommand { service, on, parameters }) => {
                Some((service, on, parameters.iter().map(|it| (*it).to_owned()).collect()))
            }
            _ => None,
        }
    }

    #[test]
    fn procedures_are_read_key_by_key() {
        let codes = KeyCodes::default();
        for keys in ["*", "#", "*4", "*40", "*40*", "*40*7001", "*40*7001*12", "#41*7"] {
            assert_eq!(codes.read(keys), KeyReading::Incomplete, "{keys}");
        }
        for keys in ["*9", "#99#", "*40**1#", "*40*1*2*3#", "*40x", "##", "*#"] {
            assert_eq!(codes.read(keys), KeyReading::Invalid, "{keys}");
        }
        assert_eq!(codes.read("1001"), KeyReading::NoCode);
        assert_eq!(codes.read(""), KeyReading::NoCode);
        let log_in = Some((KeyService::LogIn, true, vec!["7001".into(), "1234".into()]));
        assert_eq!(complete(&codes, "*40*7001*1234#"), log_in);
        assert_eq!(complete(&codes, "#40#"), Some((KeyService::LogIn, false, vec![])));
        assert_eq!(complete(&codes, "#41*7#"), Some((KeyService::Ready, false, vec!["7".into()])));
    }

    #[test]
    fn codes_are_of_the_site_and_no_two_services_share_one() {
        let mut codes = KeyCodes::default();
        codes.set(KeyService::GroupPickup, "8").expect("free");
        assert_eq!(complete(&codes, "*8#"), Some((KeyService::GroupPickup, true, vec![])));
        assert_eq!(complete(&codes, "*44#"), None);
        assert!(codes.set(KeyService::Park, "8").is_err());
        for wrong in ["12345", "4a", "*"] {
            assert!(codes.set(KeyService::Park, wrong).is_err(), "{wrong}");
        }
        codes.set(KeyService::Work, "").expect("taken away");
        assert_eq!(codes.read("*42"), KeyReading::Invalid);
    }
}
