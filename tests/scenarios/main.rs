//! Whole situations, one file each.

mod card_dies;
mod dependencies;
mod ends_in_a_call;
mod raw_client;
mod three_processes;
