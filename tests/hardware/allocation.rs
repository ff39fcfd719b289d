//! The media thread allocates nothing and frees nothing: with all features on, when a card fails or comes back, on
//! invalid commands, and with its output rings full.
//!
//! Counted in this thread only, and only while the engine steps: the simulated cards live in between.

use std::time::Duration;

use tipring_driver::card::Card;
use tipring_driver::card::tdm400p::{Settings as CardSettings, Tdm400p};
use tipring_driver::country::CHINA;
use tipring_driver::engine::{Command, Engine, Settings};
use tipring_driver::ids::{ChannelId, TaskId};
use tipring_driver::line::LineCommand;
use tipring_driver::media::MediaCommand;
use tipring_driver::pci::PciFunction;
use tipring_driver::pci::reopen::InBackground;
use tipring_driver::pci::vfio_user::{DEADLINE, VfioUser};
use tipring_driver::spsc::queue;
use tipring_tests::Limit;

use crate::counting;
use crate::hall::{BEGUN_MS, CARDS, Hall};
use crate::socket::{Discard, Served};

/// A millisecond of the hall, of which what the engine does is counted.
fn step(hall: &mut Hall) -> u64 {
    hall.live();
    counting::during(|| hall.engine.step_once(1))
}

/// Runs `ms` milliseconds with the file thread and the desk at work. Returns the allocations counted.
fn run(hall: &mut Hall, ms: u64) -> u64 {
    let mut counted = 0;
    for at in 0..ms {
        counted += step(hall);
        if at % 10 == 0 {
            hall.files.step();
            hall.desk.work();
        }
    }
    counted
}

fn begun() -> Hall {
    let mut hall = Hall::new("allocation", 1);
    assert_eq!(run(&mut hall, BEGUN_MS), 0, "while cards come up, lines ring and everything begins");
    hall
}

/// Milliseconds until a card runs again; its thread opens it meanwhile. What was counted is added.
fn until_back(hall: &mut Hall, card: usize, counted: &mut u64) {
    let before = hall.desk.counters.card(card).reattached;
    for _ in 0..20_000 {
        *counted += run(hall, 1);
        if hall.desk.counters.card(card).reattached > before {
            return;
        }
        std::thread::yield_now();
    }
    panic!("card {card} is not back");
}

#[test]
fn nothing_is_allocated_while_everything_is_on() {
    let mut hall = begun();
    assert_eq!(run(&mut hall, 3000), 0);
    assert_eq!(hall.desk.counters.engine().commands_refused, 0);
}

#[test]
fn nothing_is_allocated_when_cards_fail_and_come_back_and_nobody_reads_the_troubles() {
    let mut hall = begun();
    let mut counted = 0;
    for round in 0..12 {
        for card in 0..CARDS {
            // Out and in again, or its time stands still.
            if round % 2 == 0 {
                hall.slots[card].lock().set_removed(true);
                counted += run(&mut hall, 5);
                hall.slots[card].lock().set_removed(false);
            } else {
                for _ in 0..300 {
                    hall.slots.iter().enumerate().filter(|(other, _)| *other != card).for_each(|(_, slot)| {
                        slot.lock().step();
                    });
                    counted += counting::during(|| hall.engine.step_once(1));
                }
            }
        }
        for card in (0..CARDS).rev() {
            if hall.desk.counters.card(card).reattached <= round {
                until_back(&mut hall, card, &mut counted);
            }
        }
    }
    assert_eq!(counted, 0);
    assert!(hall.desk.counters.engine().troubles_lost > 0, "the ring of troubles overflows");
    let reported: Vec<_> = std::iter::from_fn(|| hall.troubles.pop()).map(|trouble| trouble.to_string()).collect();
    for what in ["the card is gone", "has not moved for 250 ms"] {
        assert!(reported.iter().any(|text| text.contains(what)), "{reported:?}");
    }
}

#[test]
fn nothing_is_allocated_when_nonsense_is_asked_for() {
    let mut hall = begun();
    let mut refused = 0;
    for round in 0..100 {
        // More than are taken in one tick, and until there is no room.
        for number in 0..300u16 {
            let channel = ChannelId(number * 7);
            let command = match number % 6 {
                0 => Command::Line { channel, command: LineCommand::Answer },
                1 => Command::Line { channel, command: LineCommand::Release },
                2 => Command::Media(MediaCommand::Connect { a: channel, b: ChannelId(u16::MAX) }),
                3 => Command::Media(MediaCommand::Stop { task: TaskId(9999) }),
                4 => Command::Media(MediaCommand::Tone { channel, tone: None }),
                _ => Command::Line { channel, command: LineCommand::Ring(None) },
            };
            let _ = hall.desk.commands.push(command);
        }
        refused += step(&mut hall) * (round + 1);
    }
    assert_eq!(refused, 0);
    assert!(hall.desk.counters.engine().commands_refused > 1000);
    assert!(hall.desk.commands.refused() > 0, "there was no room for some");
}

#[test]
fn nothing_is_allocated_when_the_file_thread_and_the_desk_stand_still() {
    let mut hall = begun();
    let counted: u64 = (0..4000).map(|_| step(&mut hall)).sum();
    assert_eq!(counted, 0);
    let engine = hall.desk.counters.engine();
    assert!(engine.recorder_lost_ticks > 0 && engine.player_dry_ticks > 0, "{engine:?}");
}

#[test]
fn nothing_is_allocated_when_a_card_behind_a_socket_works_and_goes() {
    let served = Served::new("xxoo");
    let path = served.path.clone();
    let settings = CardSettings::default();
    let attached = settings.needs().attach(Box::new(VfioUser::connect(&path, DEADLINE).unwrap())).unwrap();
    let again = move || Ok(Box::new(VfioUser::connect(&path, DEADLINE)?) as Box<dyn PciFunction>);
    let reopen = InBackground::new(Box::new(again), settings.needs(), Duration::from_millis(5)).unwrap();
    let cards: Vec<Box<dyn Card>> = vec![Box::new(Tdm400p::new(attached, Box::new(reopen), settings))];
    let (_commands, commands_end) = queue(1);
    let (mut engine, mut ends) = Engine::new(cards, Settings::new(&CHINA), commands_end, Discard);
    let mut counted = 0;
    let mut step = |engine: &mut Engine<Discard>| {
        std::thread::sleep(Duration::from_millis(1));
        counted += counting::during(|| engine.step_once(1));
    };
    let limit = Limit::of(Duration::from_secs(30));
    while ends.counters.card(0).ticks < 300 {
        limit.left("300 ticks of the card");
        step(&mut engine);
    }
    drop(served);
    let trouble = loop {
        limit.left("the trouble of a card that is gone");
        step(&mut engine);
        if let Some(trouble) = ends.troubles.pop() {
            break trouble.to_string();
        }
    };
    assert!(trouble.contains("of BAR 1 of /") && trouble.contains("the card is gone"), "{trouble}");
    (0..50).for_each(|_| step(&mut engine));
    engine.stop();
    assert_eq!(counted, 0);
}
