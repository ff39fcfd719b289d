//! Differences between the configuration of a site that runs and a newer one: those taken while it runs, and those
//! that wait for the next start.
//!
//! Never: carries a change out.

use super::SiteConfig;

/// The sentences for the log about a newer configuration.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Changes of queues and agents that are taken while the site runs.
    pub taken: Vec<String>,
    /// Changes that wait for the next start.
    pub waiting: Vec<String>,
}

/// Parts of a configuration that a running site keeps, by their names in the file.
fn fixed(site: &SiteConfig) -> [(&'static str, String); 16] {
    [
        ("country", format!("{}", site.country)),
        ("[[tone]]", format!("{:?}", site.tones)),
        ("[server]", format!("{:?}", site.server)),
        ("[engine]", format!("{:?}", site.engine)),
        ("[store]", format!("{:?}", site.store)),
        ("[[board]]", format!("{:?}", site.boards)),
        ("[[trunk]]", format!("{:?}", site.trunks)),
        ("[[trunk_group]]", format!("{:?}", site.trunk_groups)),
        ("[[station]]", format!("{:?}", site.stations)),
        ("entry of [ivr]", format!("{:?}", site.ivr.entry)),
        ("parking", format!("{:?}", site.parking)),
        ("[keys]", format!("{:?}", site.keys)),
        ("[times]", format!("{:?}", site.times)),
        ("[dialling]", format!("{:?}", site.dialling)),
        ("[sound]", format!("{:?}", site.sound)),
        ("[recording]", format!("{:?}", site.recording)),
    ]
}

/// Compares the configuration with which a site has started, the one in force, and a newer one.
pub fn differences(started: &SiteConfig, in_force: &SiteConfig, newer: &SiteConfig) -> Differences {
    let mut found = Differences::default();
    for ((name, before), (_, after)) in fixed(started).into_iter().zip(fixed(newer)) {
        if before != after {
            found.waiting.push(format!("{name} has changed in the file; it stays as it was until the next start"));
        }
    }
    let queues = |site: &SiteConfig| -> Vec<_> {
        site.queues.iter().map(|queue| (queue.device.0.to_string(), format!("{queue:?}"))).collect()
    };
    let agents = |site: &SiteConfig| -> Vec<_> {
        site.agents.iter().map(|agent| (agent.id.0.to_string(), format!("{agent:?}"))).collect()
    };
    compare("queue", &queues(in_force), &queues(newer), &mut found.taken);
    compare("agent", &agents(in_force), &agents(newer), &mut found.taken);
    let reasons = |site: &SiteConfig| -> Vec<_> {
        site.reasons.iter().map(|reason| (reason.code.to_string(), format!("{reason:?}"))).collect()
    };
    let modes = |site: &SiteConfig| -> Vec<_> {
        site.event_modes.iter().map(|mode| (mode.name.0.to_string(), format!("{mode:?}"))).collect()
    };
    let grants = |site: &SiteConfig| -> Vec<_> {
        // Grants that lead nowhere were refused before.
        let rights = site.rights().unwrap_or_default();
        rights.into_iter().map(|(login, rights)| (login.to_owned(), format!("{rights:?}"))).collect()
    };
    compare("user", &grants(in_force), &grants(newer), &mut found.taken);
    compare("event mode", &modes(in_force), &modes(newer), &mut found.taken);
    let kinds = |site: &SiteConfig| -> Vec<_> {
        site.order_kinds.iter().map(|kind| (kind.name.clone(), format!("{kind:?}"))).collect()
    };
    compare("order kind", &kinds(in_force), &kinds(newer), &mut found.taken);
    compare("reason", &reasons(in_force), &reasons(newer), &mut found.taken);
    for (queue, _) in queues(in_force).iter().filter(|(name, _)| queues(newer).iter().all(|(other, _)| other != name)) {
        found.waiting.push(format!("the queue {queue} stays, with the agents who served it, until the next start"));
    }
    found
}

/// Says which of some things have come, have changed and have gone.
fn compare(kind: &str, before: &[(String, String)], after: &[(String, String)], said: &mut Vec<String>) {
    for (name, text) in after {
        match before.iter().find(|(known, _)| known == name) {
            None => said.push(format!("{kind} {name} added")),
            Some((_, known)) if known != text => said.push(format!("{kind} {name} changed")),
            Some(_) => {}
        }
    }
    for (name, _) in before.iter().filter(|(name, _)| after.iter().all(|(other, _)| other != name)) {
        said.push(format!("{kind} {name} removed"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::TEMPLATE;
    use super::*;

    #[test]
    fn changes_of_queues_and_agents_are_taken_and_those_of_cards_and_addresses_wait() {
        let site = |changes: &[(&str, &str)]| {
            let text = changes.iter().fold(TEMPLATE.to_owned(), |text, (from, to)| text.replacen(from, to, 1));
            SiteConfig::parse(&text).expect("a site that can be")
        };
        let started = site(&[]);
        assert_eq!(differences(&started, &started, &site(&[])), Differences::default());
        let newer = site(&[
            ("alert_s = 20", "alert_s = 25"),
            ("id = \"7002\"", "id = \"7003\""),
            ("127.0.0.1:4500", "127.0.0.1:4600"),
            ("socket:card.sock", "socket:other.sock"),
        ]);
        let found = differences(&started, &started, &newer);
        assert_eq!(found.taken, ["queue 5000 changed", "agent 7003 added", "agent 7002 removed"]);
        let waiting: Vec<_> = found.waiting.iter().map(|text| text.split(" has").next().unwrap_or("")).collect();
        assert_eq!(waiting, ["[server]", "[[board]]"]);
    }
}
