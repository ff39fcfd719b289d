//! The failure of a command: a sentence that says what to do, and the exit status that goes with it.
//!
//! Never: prints.

use std::fmt;

/// A failure as a sentence for the person at the keyboard, with the remedy where there is one.
pub type Failure = Box<dyn std::error::Error>;

/// Exit status of a failure.
const FAILED: u8 = 1;
/// Exit status of what the program stands on and is not there (sysexits: EX_UNAVAILABLE).
const UNAVAILABLE: u8 = 69;

/// No card of the site can be reached, or not its engine, as shortly after the computer's start. That may pass: whoever
/// starts the program may try again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable(pub String);

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unavailable {}

/// The exit status that says what kind of failure it is.
pub fn exit_status(failure: &Failure) -> u8 {
    if failure.is::<Unavailable>() { UNAVAILABLE } else { FAILED }
}

/// A failure with its exit status, and a line below that says where to look further.
pub fn with_hint(failure: Failure, hint: &str) -> Failure {
    match failure.downcast::<Unavailable>() {
        Ok(gone) => Unavailable(format!("{gone}\n{hint}")).into(),
        Err(failure) => format!("{failure}\n{hint}").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_there_is_worth_another_try() {
        assert_eq!(exit_status(&Unavailable("card.sock is not there".into()).into()), 69);
        assert_eq!(exit_status(&"site.toml:7: a fault".into()), 1);
    }

    #[test]
    fn a_hint_stands_below_and_changes_no_exit_status() {
        for (failure, status) in [(Unavailable("no card".into()).into(), 69), (Failure::from("no card"), 1)] {
            let hinted = with_hint(failure, "look there");
            assert_eq!((hinted.to_string().as_str(), exit_status(&hinted)), ("no card\nlook there", status));
        }
    }
}
