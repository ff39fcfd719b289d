//! Modules and lines that are broken, as their registers show it.

use super::*;

#[test]
fn a_shorted_line_raises_the_alarm_and_opens() {
    let short = Planned::during(Fault::ShortCircuit { port: 0 }, 1_000, 500);
    let mut host = Host::started(vec![short]);
    host.feed_line();
    assert_eq!(host.fxs(64), 0x11);
    host.live(800);
    assert_eq!((host.fxs(64), host.fxs(8)), (0x00, 0x00), "open, but not reset");
    assert_ne!(host.fxs(19) & 0xfc, 0);
    host.set_fxs(64, 1);
    host.live(2);
    assert_eq!(host.fxs(64), 0x00, "still shorted");
    host.live(500);
    host.set_fxs(64, 1);
    host.live(2);
    assert_eq!(host.fxs(64), 0x11);
}

#[test]
fn an_overheated_transistor_opens_the_line_after_a_while() {
    let mut host = Host::started(vec![Planned::always(Fault::Overheating { port: 0 })]);
    host.feed_line();
    assert_eq!(host.fxs(64), 0x11);
    host.live(500);
    assert_eq!(host.fxs(64), 0x00);
    assert_ne!(host.fxs(19) & 0x0c, 0);
}

#[test]
fn a_line_that_has_cooled_down_carries_on() {
    let mut host = Host::started(vec![Planned::during(Fault::Overheating { port: 0 }, 0, 2_000)]);
    host.feed_line();
    host.live(600);
    assert_eq!(host.fxs(64), 0x00);
    host.set_fxs(64, 1);
    host.live(100);
    assert_eq!(host.fxs(64), 0x11, "it takes a while again");
    host.live(600);
    assert_eq!(host.fxs(64), 0x00);
    host.live(1_000);
    host.set_fxs(19, 0xff);
    host.set_fxs(64, 1);
    host.live(2_000);
    assert_eq!((host.fxs(64), host.fxs(19) & 0xfc), (0x11, 0), "it has cooled down");
}

#[test]
fn a_line_is_left_alone_where_the_chip_is_told_not_to_open_it() {
    let mut host = Host::started(vec![Planned::always(Fault::ShortCircuit { port: 0 })]);
    host.feed_line();
    host.set_fxs(67, 0x06);
    host.set_fxs(64, 1);
    host.live(100);
    assert_eq!(host.fxs(64), 0x11);
    assert_ne!(host.fxs(19) & 0xc0, 0, "but it is said");
}

#[test]
fn a_brown_out_restores_the_defaults_that_a_driver_looks_for() {
    let mut host = Host::started(vec![Planned::during(Fault::BrownOut { port: 0 }, 1_000, 1)]);
    host.feed_line();
    assert_eq!(host.fxs(8), 0);
    host.live(1_000);
    assert_eq!((host.fxs(8), host.fxs(64)), (2, 0));
}

#[test]
fn a_bad_module_fails_where_a_bad_module_does() {
    let mut host = Host::started(vec![Planned::always(Fault::NoLinePower { port: 0 })]);
    assert!(!host.feed_line(), "no 12 V, no battery");

    let mut host = Host::started(vec![Planned::always(Fault::EndlessCalibration { port: 0 })]);
    host.set_fxs(96, 0x5f);
    host.live(3_000);
    assert_ne!(host.fxs(96), 0);

    let mut host = Host::started(vec![Planned::always(Fault::DeadModule { port: 0 })]);
    host.live(1);
    assert_eq!((host.fxs(0), host.fxo(2)), (0xff, 3));

    let mut host = Host::started(vec![Planned::always(Fault::StuckSerial { level: false })]);
    host.live(1);
    assert_eq!((host.fxs(0), host.fxo(2)), (0, 0));
}

#[test]
fn a_flawed_chip_shows_its_flaw_and_nothing_else() {
    let flaws = [
        Fault::BadRegister { port: 0, register: 48, bits: 0x10 },
        Fault::BadMemory { port: 0, address: 21, bits: 0x0100 },
        Fault::Unbalanced { port: 0, current: 3 },
        Fault::UnsoundConverter { port: 0 },
        Fault::BadRegister { port: 1, register: 43, bits: 0x01 },
    ];
    let mut host = Host::started(flaws.map(Planned::always).into());
    host.live(1);
    host.set_fxs(48, 0xff);
    host.set_fxs(49, 0xff);
    assert_eq!((host.fxs(48), host.fxs(49)), (0xef, 0xff));
    host.set_fxo(43, 0xff);
    assert_eq!(host.fxo(43), 0xfe);
    host.set_indirect(21, 0x0160);
    assert_eq!(host.indirect(21), 0x0060);
    host.set_fxs(96, 0x5f);
    host.live(1_000);
    assert_ne!(host.fxs(96), 0, "the chip stays at the balance");
    host.set_fxs(96, 0x47);
    host.live(1_000);
    assert_eq!(host.fxs(96), 0, "without it, it comes to an end");
    host.set_fxs(98, 0);
    assert_eq!(host.fxs(88), 3, "by hand, this much is left");
    host.set_fxs(93, 0x99);
    host.live(100);
    assert_eq!((host.fxs(93), host.fxs(107)), (0x19, 0x00));

    let mut host = Host::started(vec![Planned::during(Fault::EndlessIndirect { port: 0 }, 0, 10)]);
    host.live(1);
    assert_eq!(host.fxs(31), 1);
    host.live(20);
    assert_eq!(host.fxs(31), 0);
}

#[test]
fn a_cut_trunk_line_has_no_voltage_and_no_sound() {
    let mut host = Host::started(vec![Planned::during(Fault::CutLine { port: 1 }, 1_000, 1_000)]);
    host.power_trunk();
    assert_eq!(host.fxo(29) as i8, 48);
    host.live(1_000);
    assert_eq!(host.fxo(29), 0);
    host.live(1_000);
    assert_eq!(host.fxo(29) as i8, 48);
}
