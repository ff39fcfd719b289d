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

fn with(text: &str, setting: AgentSetting) -> Result<String, String> {
    SiteChange::Agent(setting).apply(text)
}

#[test]
fn an_agent_who_stays_as_it_is_leaves_every_octet_as_it_is() {
    assert_eq!(with(SITE, setting("7001", &["5001", "5000"], &[])).unwrap(), SITE);
}

#[test]
fn queues_come_and_go_and_comments_and_a_part_with_its_own_terms_stay() {
    let changed = with(SITE, setting("7001", &["5001", "5002"], &[])).unwrap();
    for kept in ["# The agents of the hotline.", "# since March", "{ queue = \"5001\", reserve_s = 60 }", "# The end."]
    {
        assert!(changed.contains(kept), "{kept}:\n{changed}");
    }
    assert!(changed.contains("\"5002\"") && !changed.contains("\"5000\""), "{changed}");
    assert_eq!(changed.matches("[[agent]]").count(), 2);
}

#[test]
fn skills_are_set_one_by_one_and_a_name_is_written_where_there_is_none() {
    let changed = with(SITE, setting("7002", &["5000"], &[("cantonese", 7), ("complaints", 3)])).unwrap();
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
    let none = with(&changed, setting("7002", &["5000"], &[])).unwrap();
    assert!(none.parse::<toml::Table>().unwrap()["agent"][1]["skills"].as_table().unwrap().is_empty());
}

#[test]
fn an_agent_who_is_not_there_and_a_text_that_is_no_toml_are_refused() {
    assert_eq!(with(SITE, setting("7009", &[], &[])).unwrap_err(), "there is no agent 7009");
    assert!(with("agent = [", setting("7001", &[], &[])).is_err());
}

#[test]
fn a_new_agent_stands_behind_the_others_and_comments_stay_where_they_are() {
    let change = SiteChange::NewAgent(setting("7003", &["5000"], &[("billing", 2)]));
    let changed = change.apply(SITE).unwrap();
    let site: toml::Table = changed.parse().unwrap();
    assert_eq!(site["agent"].as_array().unwrap().len(), 3);
    assert_eq!((&site["agent"][2]["id"], &site["agent"][2]["skills"]["billing"]), (&"7003".into(), &2.into()));
    assert!(changed.ends_with("# The end.\n") && changed.contains("# asked of them in May"), "{changed}");
    assert_eq!(change.apply(&changed).unwrap_err(), "there is an agent 7003 already");
}

fn queue(longest_wait_s: Option<u32>, strategy: &str) -> QueueSetting {
    QueueSetting {
        queue: "5000".into(),
        name: "Hotline".into(),
        strategy: strategy.into(),
        by_skill: None,
        alert_s: 15,
        after_call_work_s: 5,
        retry_s: 30,
        importance_s: 0,
        longest_wait_s,
        skills: BTreeMap::new(),
    }
}

#[test]
fn a_queue_changes_where_it_differs_and_a_limit_that_is_left_out_goes() {
    let text =
        "[[queue]]\ndevice = \"5000\"\nname = \"Hotline\"\nalert_s = 15 # three rings\n\n# The agents.\n[[agent]]\n";
    let same = SiteChange::Queue(queue(None, "longest-idle")).apply(text).unwrap();
    assert_eq!(same, text);
    let changed = SiteChange::Queue(queue(Some(600), "ring-all")).apply(text).unwrap();
    let expected = text.replace("\n\n#", "\nstrategy = \"ring-all\"\nlongest_wait_s = 600\n\n#");
    assert_eq!(changed, expected);
    let back = SiteChange::Queue(queue(None, "longest-idle")).apply(&changed).unwrap();
    assert!(!back.contains("longest_wait_s") && back.contains("strategy = \"longest-idle\""), "{back}");
    let none = SiteChange::Queue(QueueSetting { queue: "5009".into(), ..queue(None, "ring-all") });
    assert_eq!(none.apply(text).unwrap_err(), "there is no queue 5009");
}

#[test]
fn reasons_come_and_go_by_their_codes_and_comments_stay() {
    let reason = |code, name: &str, limit_s| ReasonSetting { code, name: name.into(), limit_s };
    let first = SiteChange::Reasons(vec![reason(1, "小休", Some(900)), reason(2, "用餐", None)]).apply(SITE).unwrap();
    let site: toml::Table = first.parse().unwrap();
    assert_eq!(site["reason"].as_array().unwrap().len(), 2);
    assert!(first.contains("# since March"), "{first}");
    let text = first.replace("limit_s = 900", "limit_s = 900 # a quarter of an hour");
    let changed = SiteChange::Reasons(vec![reason(1, "休息", Some(900))]).apply(&text).unwrap();
    assert!(changed.contains("name = \"休息\"\nlimit_s = 900 # a quarter of an hour"), "{changed}");
    assert!(!changed.contains("用餐"), "{changed}");
}
