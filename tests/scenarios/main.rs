//! Whole situations, one file each.

mod card_dies;
mod dependencies;
mod ends_in_a_call;
mod killed_store;
mod raw_client;
mod several_cards;
mod three_processes;
