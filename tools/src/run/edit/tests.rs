use super::*;

const SITE: &str = "\
# The agents of the hotline.
[[agent]]
id = \"7001\"
name = \"Agent One\" # since March
queues = [
    \"5000\", # first
    { queue = \"5001\", reserve_s = 60 },
]

[[agent]]
id = \"7002\"
# Skills with levels.
skills = { cantonese = 5, billing = 2 } # asked of them in May
queues = []

# The end.
";

fn setting(agent: &str, queues: &[&str], skills: &[(&str, u8)]) -> AgentSetting {
    AgentSetting {
        agent: agent.into(),
        name: "Agent One".into(),
        queues: queues.iter().map(|&queue| queue.into()).collect(),
        skills: skills.iter().map(|&(name, level)| (name.into(), level)).collect(),
    }
}

#[test]
fn an_agent_who_stays_as_it_is_leaves_every_octet_as_it_is() {
    assert_eq!(with_agent(SITE, &setting("7001", &["5001", "5000"], &[])).unwrap(), SITE);
}

#[test]
fn queues_come_and_go_and_comments_and_a_part_with_its_own_terms_stay() {
    let changed = with_agent(SITE, &setting("7001", &["5001", "5002"], &[])).unwrap();
    for kept in ["# The agents of the hotline.", "# since March", "{ queue = \"5001\", reserve_s = 60 }", "# The end."]
    {
        assert!(changed.contains(kept), "{kept}:\n{changed}");
    }
    assert!(changed.contains("\"5002\"") && !changed.contains("\"5000\""), "{changed}");
    assert_eq!(changed.matches("[[agent]]").count(), 2);
}

#[test]
fn skills_are_set_one_by_one_and_a_name_is_written_where_there_is_none() {
    let changed = with_agent(SITE, &setting("7002", &["5000"], &[("cantonese", 7), ("complaints", 3)])).unwrap();
    let site: toml::Table = changed.parse().unwrap();
    let agent = &site["agent"][1];
    assert_eq!(
        agent["skills"],
        toml::toml! { cantonese = 7
        complaints = 3 }
        .into()
    );
    assert_eq!((&agent["name"], &agent["queues"][0]), (&"Agent One".into(), &"5000".into()));
    assert!(changed.contains("# Skills with levels.") && changed.contains("# asked of them in May"), "{changed}");
    let none = with_agent(&changed, &setting("7002", &["5000"], &[])).unwrap();
    assert!(none.parse::<toml::Table>().unwrap()["agent"][1]["skills"].as_table().unwrap().is_empty());
}

#[test]
fn an_agent_who_is_not_there_and_a_text_that_is_no_toml_are_refused() {
    assert_eq!(with_agent(SITE, &setting("7009", &[], &[])).unwrap_err(), "there is no agent 7009");
    assert!(with_agent("agent = [", &setting("7001", &[], &[])).is_err());
}
