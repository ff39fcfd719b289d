//! Opens a card, brings it up and prints what is plugged in and what its lines look like.
//!
//! ```text
//! cargo run -p tipring-driver --example probe -- /tmp/card.sock      # a simulated card
//! cargo run -p tipring-driver --example probe -- 0000:05:01.0        # a real one, bound to vfio-pci
//! ```

use std::error::Error;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

use tipring_driver::card::tdm400p::PORTS;
use tipring_driver::card::{CardState, Frame, OpenSettings, PortCondition, open};
use tipring_driver::ids::PortId;

fn main() -> ExitCode {
    let Some(target) = std::env::args().nth(1) else {
        eprintln!("Which card? Give the path of a simulated card's socket, or the bus address of a real one.");
        return ExitCode::from(2);
    };
    match probe(&target) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn probe(target: &str) -> Result<(), Box<dyn Error>> {
    let opened = open(&target.parse()?, OpenSettings::default())?;
    let (_, model) = opened.reached?;
    println!("{target}: {}", model.name());

    let mut card = opened.card;
    while card.state() == CardState::Starting {
        card.poll()?;
        sleep(Duration::from_millis(1));
    }
    println!("up, glue logic version {:#04x?}", card.glue_version());

    // Half a second of watching, so that every module has been looked at.
    let mut conditions: [Option<PortCondition>; PORTS] = [None; PORTS];
    for _ in 0..500 {
        for _ in 0..card.poll()? {
            let mut received: [Frame; PORTS] = [[0; 8]; PORTS];
            let mut played = received;
            let idle = [[card.law().idle(); 8]; PORTS];
            card.exchange(&mut received, &mut played, &idle);
        }
        while let Some((port, condition)) = card.poll_condition() {
            if !matches!(condition, PortCondition::Service(_)) {
                conditions[usize::from(port.0)] = Some(condition);
            }
        }
        sleep(Duration::from_millis(1));
    }
    for (number, condition) in (0..).zip(conditions) {
        let port = PortId(number);
        println!("{port}: {:?}", card.kind(port));
        if let Some(condition) = condition {
            println!("  {condition:?}");
        }
        if let Some(fault) = card.fault(port) {
            println!("  {fault}");
        }
    }
    println!("{:?}", card.counters());
    card.stop();
    Ok(())
}
