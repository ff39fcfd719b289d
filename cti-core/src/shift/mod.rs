//! Shifts, each with one principal and one deputy (正值, 副值): who was named, and whether they were signed in.
//!
//! A supervisor names the two for a shift, and may name others while it runs. Each naming is kept; the last before a
//! moment is in force at it. There is never more than one of each, for a naming has one place for each.
//!
//! The hours of shifts are in the site's configuration (`tipring::config::shift`). Staffing is not planned here: no
//! workforce management (WFM).
//!
//! | file | holds |
//! |---|---|
//! | `naming` | a shift, a naming, and what is refused |
//! | `figures` | the report: the time of each shift in which both were signed in |
//!
//! Never: does I/O, or reads a clock.

mod figures;
mod naming;

pub use figures::{DEFINITIONS, ShiftRow, SignedIn};
pub use naming::{Leaders, Naming, NamingRefusal, Shift};
