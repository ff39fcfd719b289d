//! The cards that are simulated, each from its data sheets.

pub mod tdm400p;
