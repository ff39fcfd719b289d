//! Whole situations, one file each.

mod card_dies;
mod dependencies;
mod raw_client;
mod three_processes;
