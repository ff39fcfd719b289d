//! Whole situations, one file each.

mod card_dies;
mod complaints;
mod console;
mod dependencies;
mod desk_customers;
mod desk_orders;
mod ends_in_a_call;
mod event_mode;
mod glossary;
mod grants;
mod imports;
mod killed_store;
mod never_silent;
mod new_site;
mod numbers;
mod power_cuts;
mod raw_client;
mod recording_on_demand;
mod records;
mod several_cards;
mod shipped_tools;
mod sources;
mod three_processes;
mod trunk_groups;
mod vocabulary;
mod watched_over;
