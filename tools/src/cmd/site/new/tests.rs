//! Sites that `tipring site new` writes, and answers that it refuses.
//!
//! Never: runs in the program.

use super::super::tests::Folder;
use tipring_driver::country::COUNTRIES;

use super::*;

fn write_with(folder: &Folder, change: impl Fn(&mut NewArgs)) -> Result<Vec<String>, String> {
    let mut args = NewArgs {
        trunks: Some(8),
        agents: Some(6),
        queues: Some(["billing", "faults", "complaints"].map(str::to_owned).into()),
        country: None,
        night: Some("18:00-08:00".parse().unwrap()),
        holidays: None,
        out: folder.path("new"),
        system: false,
    };
    change(&mut args);
    run(&args).map_err(|why| why.to_string())
}

#[test]
fn a_site_of_one_screen_is_without_a_fault_in_each_country_with_night_and_holidays_or_none() {
    for country in COUNTRIES.map(|country| country.code) {
        for night in [true, false] {
            let folder = Folder::new("new");
            let days = folder.file("days", "# 2026\n2026-10-01 2026-10-07 National Day\n2027-01-01\n\n");
            write_with(&folder, |args| {
                args.country = Some(country.parse().unwrap());
                args.night = args.night.filter(|_| night);
                args.holidays = Some(days.clone()).filter(|_| night);
            })
            .unwrap();
            let file = folder.path("new/site.toml");
            let (site, found) = faults(&file);
            let site = site.unwrap();
            let counts = (site.trunks.len(), site.stations.len(), site.agents.len(), site.queues.len());
            assert_eq!((counts, site.boards.len()), ((8, 6, 6, 3), 4));
            assert!(found.iter().all(|fault| fault.severity == Severity::Note), "{}", listed(&found));
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(text.lines().count() <= 72, "{} lines", text.lines().count());
            let holidays = site.calendars.get("hours").map_or(0, |calendar| calendar.holidays.len());
            assert_eq!(holidays, if night { 2 } else { 0 });
        }
    }
}

#[test]
fn answers_that_cannot_be_are_refused_with_what_to_write_and_nothing_is_replaced() {
    let folder = Folder::new("new-wrong");
    let days = folder.file("days", "2026-10-01 2026-09-07\nNational Day\n");
    let refused = |change: &dyn Fn(&mut NewArgs)| write_with(&folder, change).unwrap_err();
    assert!(refused(&|args| args.trunks = Some(0)).contains("1 or more trunks"));
    assert!(refused(&|args| args.agents = Some(300)).contains("240 altogether"));
    assert!(refused(&|args| args.queues = Some(vec!["a".into(), "a".into()])).contains("a stands there twice"));
    assert!(refused(&|args| args.queues = Some(vec!["menu".into()])).contains("is no name for a queue"));
    let holidays = refused(&|args| args.holidays = Some(days.clone()));
    assert!(holidays.contains("days:1: 2026-09-07 is before") && holidays.contains("days:2: "), "{holidays}");
    assert!("18-8".parse::<Night>().unwrap_err().contains("18:00-08:00"));
    assert!(!folder.path("new").exists(), "nothing was written");
    write_with(&folder, |_| {}).unwrap();
    assert!(write_with(&folder, |_| {}).unwrap_err().contains("is there already"));
}

#[test]
fn an_installed_site_has_its_records_elsewhere_and_keeps_what_was_there() {
    let folder = Folder::new("new-system");
    let (etc, state) = (folder.path("etc"), folder.path("state"));
    std::fs::create_dir_all(etc.join("prompts")).unwrap();
    std::fs::write(etc.join("site.toml"), "# Of the package.\n").unwrap();
    let mut prompt = Vec::new();
    let wanted = Wanted {
        trunks: 2,
        agents: 2,
        queues: vec!["hotline".into()],
        country: SiteCountry::default(),
        night: None,
        holidays: Vec::new(),
    };
    for _ in 0..2 {
        write(&wanted, &Places { folder: &etc, state: Some(&state) }).unwrap();
        let now = std::fs::read(etc.join("prompts/menu.wav")).unwrap();
        assert!(prompt.is_empty() || prompt == now, "a prompt stays");
        prompt = now;
    }
    for (kept, words) in [("site.toml.before1", "Of the package"), ("site.toml.before2", "All that can be set")] {
        assert!(std::fs::read_to_string(etc.join(kept)).unwrap().contains(words), "{kept}");
    }
    let (site, _) = faults(&etc.join("site.toml"));
    let site = site.unwrap();
    let places = [site.store.database, site.store.recordings, site.server.users];
    assert_eq!(places, ["tipring.db", "recordings", "users.toml"].map(|name| state.join(name)));
    assert_eq!(site.boards[0].card.to_string(), "socket:/run/tipring-sim/card.sock");
}

#[test]
fn questions_are_asked_until_the_answer_is_one() {
    let mut answers = io::Cursor::new("2\nmany\n\nbilling, faults\nXX\nDE\nnone\n\n");
    let wanted = ask(&mut answers).unwrap();
    assert_eq!((wanted.trunks, wanted.agents, wanted.queues.len()), (2, 6, 2));
    assert_eq!((wanted.country.0.code, wanted.night, wanted.holidays.len()), ("DE", None, 0));
    assert!(ask(&mut io::Cursor::new("2\n")).is_err());
}
