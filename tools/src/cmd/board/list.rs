//! `tipring board list`: the cards of this computer, and what stands between each and its use.

use std::process::ExitCode;

use serde_json::json;
use tipring_driver::card::{self, Address};
use tipring_driver::pci::PciId;
use tipring_driver::pci::ids::{CardModel, identify};

use super::sysfs::{Function, Obstacle};
use super::{Common, others};
use crate::config::CardAddress;
use crate::failure::Failure;
use crate::run::cards::unreached;

/// Prints the cards. Without any, that is no failure: it is what was asked.
pub fn run(common: &Common) -> Result<ExitCode, Failure> {
    if let Some(path) = &common.socket {
        let address = CardAddress(Address::Socket(path.clone()));
        let id = card::identity(&address.0).map_err(|error| unreached(&address, &error))?;
        show_simulated(common, &address, id);
        return Ok(ExitCode::SUCCESS);
    }
    let system = common.system();
    let cards = match &common.address {
        Some(_) => vec![common.function()?],
        None => system.cards()?,
    };
    let functions = if common.address.is_none() && !common.json { system.functions()? } else { Vec::new() };
    let others: Vec<(&str, Function)> =
        functions.into_iter().filter_map(|function| Some((others::name(function.id)?, function))).collect();
    if cards.is_empty() && others.is_empty() && !common.json {
        println!("No card was found. Is it plugged in? A simulated one is given by --socket PATH");
    }
    for card in &cards {
        let obstacles = system.obstacles(card);
        if common.json {
            println!("{}", as_json(card, &obstacles));
        } else {
            print(card, &obstacles);
        }
    }
    for (name, function) in &others {
        println!("{}  {name}  ({})\n    tipring has no driver for it", function.address, numbers(function.id));
    }
    Ok(ExitCode::SUCCESS)
}

fn name(model: Option<CardModel>) -> &'static str {
    model.map_or("not a card that tipring knows", CardModel::name)
}

fn numbers(id: PciId) -> String {
    format!("{:04x}:{:04x}, subsystem {:04x}:{:04x}", id.vendor, id.device, id.subsystem_vendor, id.subsystem_device)
}

fn print(card: &Function, obstacles: &[Obstacle]) {
    println!("{}  {}  ({})", card.address, name(card.model), numbers(card.id));
    let group = card.group.map_or("none".into(), |group| group.to_string());
    println!("    driver {}, IOMMU group {group}", card.driver.as_deref().unwrap_or("none"));
    if obstacles.is_empty() {
        println!("    ready: tipring board probe {}", card.address);
    }
    for obstacle in obstacles {
        println!("    {obstacle}");
    }
}

fn as_json(card: &Function, obstacles: &[Obstacle]) -> serde_json::Value {
    let obstacles: Vec<_> =
        obstacles.iter().map(|obstacle| json!({ "what": obstacle.what, "remedy": obstacle.remedy })).collect();
    json!({
        "address": card.address,
        "model": card.model.map(CardModel::name),
        "pci": id_json(card.id),
        "driver": card.driver,
        "iommu_group": card.group,
        "ready": obstacles.is_empty(),
        "obstacles": obstacles,
    })
}

/// The vendor and device numbers of a function, in the usual notation.
pub fn id_json(id: PciId) -> serde_json::Value {
    json!({
        "vendor": format!("{:04x}", id.vendor),
        "device": format!("{:04x}", id.device),
        "subsystem_vendor": format!("{:04x}", id.subsystem_vendor),
        "subsystem_device": format!("{:04x}", id.subsystem_device),
    })
}

fn show_simulated(common: &Common, address: &CardAddress, id: PciId) {
    let model = identify(id);
    if common.json {
        let ready = model.is_some();
        println!(
            "{}",
            json!({
                "address": address.to_string(),
                "model": model.map(CardModel::name),
                "pci": id_json(id),
                "driver": null,
                "iommu_group": null,
                "ready": ready,
                "obstacles": [],
            })
        );
    } else {
        println!("{address}  {}  ({})\n    simulated; needs no binding", name(model), numbers(id));
    }
}
