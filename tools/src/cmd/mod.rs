//! The commands, one file each: arguments in, work done, an error that is a sentence.

pub mod agent;
pub mod audio;
pub mod board;
pub mod callback;
pub mod completions;
pub mod customer;
pub mod demo;
pub mod doctor;
pub mod engine;
pub mod flow;
mod listing;
pub mod manual;
pub mod message;
pub mod notice;
pub mod order;
pub mod pop;
pub mod quality;
pub mod recording;
pub mod report;
pub mod sdk;
pub mod serve;
pub mod shift;
pub mod sim;
pub mod site;
mod source;
pub mod status;
pub mod user;
