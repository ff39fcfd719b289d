//! The sentences under the files of a site that is written anew: what there is, when it takes calls, and the commands
//! that bring it up.
//!
//! Never: prints a command that cannot be typed as it stands, from the folder one stands in.

use chrono::{NaiveTime, Utc};

use super::hours::Night;
use super::text::{Card, cards, zone};
use super::{PORTS, Places, Wanted};

/// The sentences, in their order.
pub(super) fn sentences(wanted: &Wanted, &Places { folder, state }: &Places<'_>) -> Vec<String> {
    let cards = cards(wanted, state);
    let file = folder.join("site.toml");
    let (file, hours, prompts) = (file.display(), folder.join("hours.toml"), folder.join("prompts"));
    let mut lines = vec![format!(
        "{file} is written, with {} and {}: {} cards of {PORTS} ports",
        hours.display(),
        prompts.display(),
        cards.len()
    )];
    if let Some(night) = wanted.night {
        let zone = zone(wanted.country);
        let now = zone.parse::<chrono_tz::Tz>().ok().map(|zone| Utc::now().with_timezone(&zone).time());
        lines.push(night_said(night, zone, now));
    }
    lines
        .push("Put your own recordings in the place of the beeps, your cards in the place of the sockets; then".into());
    if state.is_some() {
        lines.extend(
            [
                "tipring user add desk1 --grant 'agent:*'",
                "tipring user passwd --agent 7001",
                "tipring doctor",
                "systemctl enable --now tipring",
            ]
            .map(|command| format!("  {command}")),
        );
        return lines;
    }
    if folder.components().any(|part| !matches!(part, std::path::Component::CurDir)) {
        lines.push(format!("  cd {}", folder.display()));
    }
    lines.extend(
        [
            "tipring user add desk1 --grant 'agent:*'",
            "tipring user passwd --agent 7001",
            "tipring site check                   # every fault of the files",
        ]
        .map(|command| format!("  {command}")),
    );
    lines.extend(cards.iter().map(|Card { socket, modules }| {
        format!(
            "  tipring sim card --socket {socket} --modules {modules} > {socket}.log &    # for a card you have not"
        )
    }));
    lines.push(
        "  tipring doctor                       # what could keep the site from working, with the remedies".into(),
    );
    lines.push("  tipring serve".into());
    lines
}

/// The night with the clock by which it is, and whether it is night there now.
fn night_said(Night { from, to }: Night, zone: &str, now: Option<NaiveTime>) -> String {
    let (begin, end) = (from.format("%H:%M"), to.format("%H:%M"));
    let said = format!("No call is taken from {begin} to {end} by the clock of time_zone, {zone}");
    let Some(now) = now else { return said };
    let is_night = if from < to { from <= now && now < to } else { now >= from || now < to };
    let is = if is_night { format!("calls are refused until {end}") } else { "calls are taken".to_owned() };
    format!("{said}; it is {} there: {is}", now.format("%H:%M"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::SiteCountry;

    fn wanted(night: Option<&str>) -> Wanted {
        Wanted {
            trunks: 3,
            agents: 2,
            queues: vec!["hotline".into()],
            country: SiteCountry::default(),
            night: night.map(|night| night.parse().unwrap()),
            holidays: Vec::new(),
        }
    }

    #[test]
    fn the_commands_bring_up_each_card_in_the_folder_of_the_site() {
        let of = |folder, state: Option<&'static str>| {
            sentences(&wanted(None), &Places { folder: Path::new(folder), state: state.map(Path::new) })
        };
        let there = of("hotline", None);
        let at =
            |words: &str| there.iter().position(|line| line.contains(words)).unwrap_or_else(|| panic!("{there:?}"));
        let order = [
            at("  cd hotline"),
            at("user add desk1 --grant 'agent:*'"),
            at("passwd --agent 7001"),
            at("sim card --socket card1.sock --modules fxo,fxo,fxo,fxs"),
            at("sim card --socket card2.sock --modules fxs,none,none,none"),
            at("tipring doctor"),
            at("  tipring serve"),
        ];
        assert!(order.is_sorted(), "{there:?}");
        assert!(!of(".", None).iter().any(|line| line.contains("cd ")));
        let system = of("/etc/tipring", Some("/var/lib/tipring"));
        assert!(system.iter().any(|line| line.contains("systemctl enable --now tipring")), "{system:?}");
        assert!(!system.iter().any(|line| line.contains("sim card")), "{system:?}");
    }

    #[test]
    fn a_night_is_said_with_its_clock_and_whether_it_is_now() {
        let at = |hour| NaiveTime::from_hms_opt(hour, 30, 0);
        let night = || "18:00-08:00".parse().unwrap();
        assert_eq!(
            night_said(night(), "Asia/Shanghai", at(19)),
            "No call is taken from 18:00 to 08:00 by the clock of time_zone, Asia/Shanghai; it is 19:30 there: calls are \
             refused until 08:00"
        );
        assert!(night_said(night(), "Asia/Shanghai", at(9)).ends_with("it is 09:30 there: calls are taken"));
        assert!(night_said("01:00-05:00".parse().unwrap(), "UTC", at(4)).ends_with("refused until 05:00"));
        assert!(
            sentences(&wanted(Some("18:00-08:00")), &Places { folder: Path::new("."), state: None })[1]
                .contains("time_zone, Asia/Shanghai; it is ")
        );
    }
}
