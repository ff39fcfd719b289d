//! Connects to a server, monitors a device, and prints who is calling.
//!
//! `cargo run -p tipring-tsapi --example screen_pop -- HOST:PORT LOGIN DEVICE`, with the password in
//! `TIPRING_PASSWORD`.

use std::error::Error;
use std::time::Duration;

use tipring_csta_types::event::Event;
use tipring_csta_types::{DeviceId, MonitorFilter, Request};
use tipring_tsapi::client::{Client, ClientOptions};
use tipring_tsapi::session::Incoming;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [server, login, device] = arguments.as_slice() else {
        return Err("Use: screen_pop HOST:PORT LOGIN DEVICE".into());
    };
    let password = std::env::var("TIPRING_PASSWORD").map_err(|_| "TIPRING_PASSWORD is not set")?;

    let mut client = Client::open(&ClientOptions::new(server, login, &password))?;
    let device = DeviceId::new(device)?;
    client.call(&Request::MonitorDevice { device, filter: MonitorFilter::default() })?;
    println!("Waiting for calls at {device}");

    loop {
        // A report is an event of the standard, and with it, from our own servers, what is known of the customer.
        if let Some(Incoming::Report { event, data, .. }) = client.receive(Duration::from_secs(60))? {
            match event {
                Event::Delivered { connection, calling_device, .. } => {
                    println!("Call {} from {}", connection.call.0, calling_device.device);
                    if let Some(call) = data {
                        println!("  {call}");
                    }
                }
                Event::Established { established_connection, .. } => {
                    println!("Call {} is answered", established_connection.call.0);
                }
                Event::ConnectionCleared { dropped_connection, .. } => {
                    println!("Call {}: {} has left", dropped_connection.call.0, dropped_connection.device);
                }
                other => println!("{other:?}"),
            }
        }
    }
}
