//! Failure of a call: its number, and the sentence for `tr_last_detail`.
//!
//! Never: returns a number without a sentence.

use std::borrow::Cow;

/// A failed call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// TR_E_*.
    pub error: i32,
    /// The fault, and its remedy where there is one.
    pub detail: Cow<'static, str>,
}

/// A call's result.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// A failure with its sentence.
    pub fn new(error: i32, detail: impl Into<Cow<'static, str>>) -> Failure {
        Failure { error, detail: detail.into() }
    }
}

/// Returns early with a failure.
macro_rules! fail {
    ($error:ident, $($text:tt)+) => {
        return Err($crate::failure::Failure::new($crate::abi::error::$error, format!($($text)+)))
    };
}
pub(crate) use fail;
