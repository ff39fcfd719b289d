//! Tests of flows: readings read back, the check's faults, walks.

use std::collections::BTreeMap;

use tipring_driver::line::Digit;
use tipring_driver::time::Ticks;

use super::check::{FlowSource, Flows, Known};
use super::node::Node;
use super::one_key_menu::OneKeyMenu;
use super::say::{Kind, Language, NUMBER_MAX, phrases, words};
use super::walk::{Do, Input, Walk, step};

fn said(language: Language, kind: Kind, text: &str) -> String {
    let all = phrases(language, kind, text).unwrap_or_else(|| panic!("{text} cannot be read"));
    let known = words(language);
    assert!(all.iter().all(|phrase| known.contains(&phrase.0)), "{text}: every phrase is to be recorded");
    all.iter().map(|phrase| phrase.0).collect::<Vec<_>>().join(" ")
}

/// The number a Chinese listener understands.
fn heard_chinese(text: &str) -> u64 {
    let (mut total, mut group, mut digit) = (0, 0, None);
    for word in text.split(' ') {
        let unit = match word {
            "shi" => 10,
            "bai" => 100,
            "qian" => 1000,
            "wan" | "yi" => {
                let scale = if word == "wan" { 10_000 } else { 100_000_000 };
                total += (group + digit.take().unwrap_or(0)) * scale;
                group = 0;
                continue;
            }
            "liang" => {
                digit = Some(2);
                continue;
            }
            _ => {
                digit = Some(word.parse().expect("a digit"));
                continue;
            }
        };
        group += digit.take().filter(|&digit| digit > 0).unwrap_or(1) * unit;
    }
    total + group + digit.unwrap_or(0)
}

/// The number an English listener understands.
fn heard_english(text: &str) -> u64 {
    let (mut total, mut group) = (0, 0);
    for word in text.split(' ').filter(|word| *word != "and") {
        match word {
            "hundred" => group *= 100,
            "thousand" | "million" | "billion" => {
                let scale = [("thousand", 1000), ("million", 1_000_000), ("billion", 1_000_000_000)];
                total += group * scale.iter().find(|(name, _)| *name == word).expect("listed").1;
                group = 0;
            }
            _ => group += word.parse::<u64>().expect("a number"),
        }
    }
    total + group
}

#[test]
fn every_number_is_understood_as_it_was_meant() {
    let near = |n: u64| n.saturating_sub(120)..=(n + 120).min(NUMBER_MAX);
    let steps = (0..5000).map(|n| n * 199_999_931 % NUMBER_MAX);
    let bounds = (4..=12).flat_map(|power| near(10u64.pow(power) - 1)).chain((1..9).flat_map(|n| near(n * 10_010_000)));
    for number in (0..=20_000).chain(steps).chain(bounds) {
        let text = number.to_string();
        for language in [Language::Mandarin, Language::Cantonese] {
            let said = said(language, Kind::Number, &text);
            assert_eq!(heard_chinese(&said), number, "{said}");
            assert!(!said.contains("0 0") && (number == 0 || !said.ends_with(" 0")), "{number}: {said}");
        }
        let said = said(Language::English, Kind::Number, &text);
        assert_eq!(heard_english(&said), number, "{said}");
    }
}

#[test]
fn numbers_are_read_as_people_read_them() {
    let cases = [
        ("10", "shi", "10"),
        ("110", "1 bai 1 shi", "1 hundred and 10"),
        ("1005", "1 qian 0 5", "1 thousand and 5"),
        ("2002", "liang qian 0 2", "2 thousand and 2"),
        ("20000", "liang wan", "20 thousand"),
        ("120000", "shi 2 wan", "1 hundred 20 thousand"),
        ("100010", "shi wan 0 1 shi", "1 hundred thousand and 10"),
        ("200000000", "liang yi", "2 hundred million"),
        ("-3", "fu 3", "minus 3"),
        ("0", "0", "0"),
    ];
    for (number, chinese, english) in cases {
        assert_eq!(said(Language::Mandarin, Kind::Number, number), chinese);
        assert_eq!(said(Language::English, Kind::Number, number), english);
    }
    for bad in ["", "-", "1.5", "12a", "1000000000000", "+1"] {
        assert_eq!(phrases(Language::Mandarin, Kind::Number, bad), None, "{bad}");
    }
}

#[test]
fn digits_money_and_dates_are_read_as_people_read_them() {
    assert_eq!(said(Language::Mandarin, Kind::Digits, "95112"), "9 5 yao yao 2");
    assert_eq!(said(Language::Cantonese, Kind::Digits, "95112"), "9 5 1 1 2");
    let cases = [
        ("0", "0 yuan", "0 yuan"),
        ("0.05", "5 fen", "5 fen"),
        ("2.22", "liang yuan liang jiao liang fen", "2 yuan and 20 2 fen"),
        ("100.05", "1 bai yuan 0 5 fen", "1 hundred yuan and 5 fen"),
        ("12.5", "shi 2 yuan 5 jiao", "12 yuan and 50 fen"),
        ("-1.00", "fu 1 yuan", "minus 1 yuan"),
    ];
    for (money, chinese, english) in cases {
        assert_eq!(said(Language::Cantonese, Kind::Money, money), chinese);
        assert_eq!(said(Language::English, Kind::Money, money), english);
    }
    let cases = [
        ("2026-11-28", "2 0 2 6 nian shi 1 yue 2 shi 8 ri", "november 28th 20 20 6"),
        ("2005-01-10", "2 0 0 5 nian 1 yue shi ri", "january 10th 2 thousand and 5"),
        ("1900-12-01", "1 9 0 0 nian shi 2 yue 1 ri", "december 1st 19 hundred"),
        ("1905-02-02", "1 9 0 5 nian 2 yue 2 ri", "february 2nd 19 oh 5"),
    ];
    for (date, chinese, english) in cases {
        assert_eq!(said(Language::Mandarin, Kind::Date, date), chinese);
        assert_eq!(said(Language::English, Kind::Date, date), english);
    }
    for bad in ["2026-02-29", "2026-13-01", "2026-1", "26-01-01", "2026-04-31"] {
        assert_eq!(phrases(Language::Mandarin, Kind::Date, bad), None, "{bad}");
    }
    assert!(phrases(Language::English, Kind::Date, "2024-02-29").is_some());
    for bad in ["1.234", "1.", ".5", "a"] {
        assert_eq!(phrases(Language::English, Kind::Money, bad), None, "{bad}");
    }
}

fn known() -> Known {
    let set = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Known {
        prompts: set(&["welcome", "number"]),
        queues: set(&["hotline"]),
        calendars: set(&["hours"]),
        sources: set(&["balance"]),
        mailboxes: set(&["hotline"]),
    }
}

/// A flow from JSON nodes, a line each from line 10 on.
fn source(name: &str, nodes: &[(&str, &str)]) -> FlowSource {
    let node = |text: &str| serde_json::from_str::<Node>(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    let nodes = nodes.iter().zip(10..).map(|(&(name, text), line)| (name.to_owned(), line, node(text)));
    FlowSource { name: name.to_owned(), version: 1, nodes: nodes.collect() }
}

fn hotline() -> Flows {
    let main = [
        ("hours", r#"{"do":"calendar","calendar":"hours","cases":{"open":"menu"},"default":"mail"}"#),
        (
            "menu",
            r#"{"do":"menu","prompt":"welcome","keys":{"1":"account","0":"agent"},"wait":5000,"tries":2,
                "no_key":"agent","wrong_key":"mail"}"#,
        ),
        ("account", r#"{"do":"call","flow":"balance","next":"again"}"#),
        ("again", r#"{"do":"count","most":2,"next":"menu","over":"agent"}"#),
        ("agent", r#"{"do":"queue","queue":"hotline","full":"mail"}"#),
        ("mail", r#"{"do":"voice_mail","mailbox":"hotline"}"#),
    ];
    let balance = [
        (
            "number",
            r##"{"do":"collect","prompt":"number","into":"account","min":4,"max":6,"end":"#","wait":5000,"between":3000,
                "tries":2,"masked":true,"next":"dip","no_key":"end","too_few":"end"}"##,
        ),
        (
            "dip",
            r#"{"do":"dip","source":"balance","key":"account","wait":2000,"into":"due","next":"say","none":"end",
                "failed":"end"}"#,
        ),
        ("say", r#"{"do":"say","kind":"money","value":"due","next":"end","failed":"end"}"#),
        ("end", r#"{"do":"end"}"#),
    ];
    Flows::check(&[source("main", &main), source("balance", &balance)], &known()).expect("sound")
}

fn key(c: char) -> Input {
    Input::Key(Digit::new(c).expect("a key"))
}

fn welcome() -> Do {
    Do::Play { prompt: "welcome".to_owned(), barge_in: true, masked: false }
}

/// A caller at the menu of an open hotline.
fn at_menu(flows: &Flows) -> Walk {
    let (mut walk, first) = Walk::begin(flows, "main", Language::Mandarin, BTreeMap::new()).expect("exists");
    assert_eq!(first, Do::Calendar("hours".to_owned()));
    assert_eq!(step(flows, &mut walk, &Input::Answer(Some("open".to_owned()))), welcome());
    walk
}

#[test]
fn a_caller_hears_the_balance_and_comes_back_to_the_menu() {
    let flows = hotline();
    let mut walk = at_menu(&flows);
    let number = Do::Play { prompt: "number".to_owned(), barge_in: true, masked: true };
    assert_eq!(step(&flows, &mut walk, &key('1')), number);
    for digit in "1234".chars() {
        assert_eq!(step(&flows, &mut walk, &key(digit)), Do::Await(Ticks(3000)));
    }
    assert_eq!(step(&flows, &mut walk, &Input::Played), Do::Nothing, "the prompt was cut short by the first digit");
    let Do::Dip { key: account, .. } = step(&flows, &mut walk, &key('#')) else { panic!("looks the balance up") };
    assert_eq!((account.text.as_str(), format!("{walk:?}").contains("1234")), ("1234", false), "masked in logs");
    let Do::Say(phrases) = step(&flows, &mut walk, &Input::Answer(Some("12.50".to_owned()))) else { panic!("says it") };
    assert_eq!(phrases.len(), 5);
    assert_eq!(step(&flows, &mut walk, &Input::Played), welcome());
}

#[test]
fn a_menu_without_a_prompt_asks_for_no_key_and_leads_straight_to_the_default_queue() {
    let silent = OneKeyMenu { prompt: None, ..crate::testing::menu() }.flow("main");
    assert!(!silent.nodes.iter().any(|(.., node)| matches!(node, Node::Menu { .. })));
    let book = crate::testing::book(&[silent]);
    let (_, first) = Walk::begin(&book.flows, "main", Language::Mandarin, BTreeMap::new()).expect("exists");
    assert_eq!(first, Do::Queue("5000".to_owned()));
}

#[test]
fn no_key_and_wrong_key_each_lead_where_the_flow_says_after_the_last_try() {
    let flows = hotline();
    let mut walk = at_menu(&flows);
    for last in [false, true] {
        assert_eq!(step(&flows, &mut walk, &Input::TimedOut), Do::Nothing, "no wait runs while the prompt plays");
        assert_eq!(step(&flows, &mut walk, &Input::Played), Do::Await(Ticks(5000)));
        let next = if last { Do::Queue("hotline".to_owned()) } else { welcome() };
        assert_eq!(step(&flows, &mut walk, &Input::TimedOut), next);
    }
    assert_eq!(step(&flows, &mut walk, &Input::Failed), Do::VoiceMail("hotline".to_owned()), "the queue is full");
    let mut walk = at_menu(&flows);
    assert_eq!(step(&flows, &mut walk, &key('7')), welcome());
    assert_eq!(step(&flows, &mut walk, &key('7')), Do::VoiceMail("hotline".to_owned()));
}

#[test]
fn too_few_digits_are_complete_after_the_pause_between_digits() {
    let flows = hotline();
    let mut walk = at_menu(&flows);
    step(&flows, &mut walk, &key('1'));
    step(&flows, &mut walk, &key('5'));
    let again = step(&flows, &mut walk, &Input::TimedOut);
    assert!(matches!(again, Do::Play { masked: true, .. }), "another try");
    step(&flows, &mut walk, &key('5'));
    assert_eq!(step(&flows, &mut walk, &Input::TimedOut), welcome(), "the flow ends and its caller goes on");
}

#[test]
fn a_data_source_that_fails_leads_on_and_the_menu_is_offered_a_counted_number_of_times() {
    let flows = hotline();
    let mut walk = at_menu(&flows);
    for round in 0..3 {
        step(&flows, &mut walk, &key('1'));
        "123456".chars().for_each(|digit| drop(step(&flows, &mut walk, &key(digit))));
        let next = step(&flows, &mut walk, &Input::TimedOut);
        assert_eq!(next, if round < 2 { welcome() } else { Do::Queue("hotline".to_owned()) });
    }
}

#[test]
fn the_check_names_every_fault_with_its_line() {
    let bad = source(
        "bad",
        &[
            ("a", r#"{"do":"play","prompt":"missing","next":"b"}"#),
            (
                "b",
                r#"{"do":"menu","prompt":"welcome","keys":{"x":"a"},"wait":0,"tries":1,"no_key":"a","wrong_key":"a"}"#,
            ),
            ("c", r#"{"do":"queue","queue":"nowhere","full":"d"}"#),
        ],
    );
    let faults = Flows::check(&[bad], &known()).expect_err("faulty");
    let texts: Vec<_> = faults.iter().map(ToString::to_string).collect();
    let expected = [
        "bad:10: a: There is no prompt \"missing\"",
        "bad:11: b: 'x' is no key",
        "bad:11: b: `tries` and `wait`",
        "bad:12: c: `full` leads to \"d\"",
        "bad:12: c: There is no queue \"nowhere\"",
    ];
    assert_eq!(texts.len(), expected.len(), "{texts:#?}");
    assert!(texts.iter().zip(expected).all(|(text, begin)| text.starts_with(begin)), "{texts:#?}");
}

#[test]
fn the_check_refuses_circles_without_a_count_and_flows_that_call_each_other() {
    let round = source(
        "round",
        &[
            ("a", r#"{"do":"count","most":3,"next":"b","over":"b"}"#),
            ("b", r#"{"do":"play","prompt":"welcome","next":"a"}"#),
            ("c", r#"{"do":"end"}"#),
        ],
    );
    let texts: Vec<_> = Flows::check(&[round], &known()).expect_err("faulty").iter().map(ToString::to_string).collect();
    assert!(texts.iter().any(|text| text.starts_with("round:10: a: A caller could go round")), "{texts:#?}");
    assert!(texts.iter().any(|text| text.starts_with("round:12: c: No way leads here")), "{texts:#?}");
    let call = |name: &str, other: &str| {
        let node = format!(r#"{{"do":"call","flow":"{other}","next":"end"}}"#);
        source(name, &[("call", &node), ("end", r#"{"do":"end"}"#)])
    };
    let faults = Flows::check(&[call("one", "two"), call("two", "one")], &known()).expect_err("faulty");
    assert!(faults.iter().all(|fault| fault.text.contains("call each other in a circle")), "{faults:#?}");
}
