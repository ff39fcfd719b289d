//! Whole situations, one file each.

mod dependencies;
mod three_processes;
