use super::*;

fn device(text: &str) -> DeviceId {
    DeviceId::new(text).expect("short and plain")
}

fn grants(texts: &[&str]) -> Vec<Grant> {
    texts.iter().map(|text| text.parse().expect("a grant")).collect()
}

fn known(id: &DeviceId) -> bool {
    ["1001", "1002", "5000"].contains(&id.as_str())
}

#[test]
fn a_password_is_stored_as_a_hash_and_verified_by_it() {
    let mut users = Users::default();
    users.set_user("desk1", "secret", grants(&["agent:1001"]), Cost::LEAST).unwrap();
    users.set_agent(AgentId::new("7001").unwrap(), "pin", Cost::LEAST).unwrap();
    let text = toml::to_string(&users).unwrap();
    assert!(
        text.contains("$argon2id$v=19$m=8,t=1,p=1$") && !text.contains("secret") && !text.contains("pin"),
        "{text}"
    );
    assert_eq!(toml::from_str::<Users>(&text).unwrap(), users);
    assert!(users.verify("desk1", "secret"));
    for (login, password) in
        [("desk1", "Secret"), ("desk1", ""), ("desk2", "secret"), ("desk2", ""), ("Desk1", "secret")]
    {
        assert!(!users.verify(login, password), "{login} {password}");
    }
    let agent = |id: &str| AgentId::new(id).unwrap();
    assert!(users.verify_agent(&agent("7001"), "pin"));
    assert!(!users.verify_agent(&agent("7001"), "secret") && !users.verify_agent(&agent("7002"), "pin"));
}

#[test]
fn a_grant_that_permits_nothing_is_known_as_one() {
    let own = [RoleConfig { name: "clerk".into(), services: vec![ServiceGroup::Administer] }];
    for (text, void) in [
        ("administrator:1001", true),
        ("clerk:desks", true),
        ("administrator:*", false),
        ("everything:1001", false),
        ("agent:1001", false),
        ("stranger:1001", false),
    ] {
        assert_eq!(is_void(&text.parse().expect("a grant"), &own), void, "{text}");
    }
}

#[test]
fn the_same_password_has_another_hash_each_time() {
    assert_ne!(Hash::of("secret", Cost::LEAST), Hash::of("secret", Cost::LEAST));
    let usual = String::from(Hash::of("secret", Cost::USUAL));
    assert!(usual.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{usual}");
}

#[test]
fn grants_are_roles_on_groups_devices_or_all_of_them() {
    let roles = [RoleConfig { name: "wallboard".into(), services: vec![ServiceGroup::Observe] }];
    let group = ["1001", "1002"].map(|text| crate::config::Device(device(text)));
    let groups = [GroupConfig { name: "desks".into(), devices: group.into() }];
    let policy = Policy::new(&roles, &groups, &known).unwrap();
    let rights = policy.rights(&grants(&["agent:1001", "wallboard:desks", "observer:5000"])).unwrap();
    assert!(
        rights.permits(ServiceGroup::Call, &device("1001")) && !rights.permits(ServiceGroup::Call, &device("1002"))
    );
    assert!(["1001", "1002", "5000"].iter().all(|text| rights.permits(ServiceGroup::Observe, &device(text))));
    assert_eq!(policy.rights(&grants(&["everything:*"])).unwrap(), Rights::everything());
    assert_eq!(policy.rights(&[]).unwrap(), Rights::default());
    for (grant, why) in [("boss:1001", "no role \"boss\""), ("agent:1009", "no group and no device \"1009\"")] {
        let complaint = policy.rights(&grants(&[grant])).unwrap_err();
        assert!(complaint.contains(why), "{complaint}");
    }
}

#[test]
fn mistakes_in_roles_and_groups_are_named() {
    let role = |name: &str| RoleConfig { name: name.into(), services: vec![] };
    let group =
        |name: &str, text| GroupConfig { name: name.into(), devices: vec![crate::config::Device(device(text))] };
    let complaint = |roles: &[RoleConfig], groups: &[GroupConfig]| match Policy::new(roles, groups, &known) {
        Ok(_) => panic!("a mistake was not seen"),
        Err(complaint) => complaint,
    };
    assert!(complaint(&[role("agent")], &[]).contains("the role agent"));
    assert!(complaint(&[], &[group("a", "1001"), group("a", "1002")]).contains("the group a stands there twice"));
    assert!(complaint(&[], &[group("a", "1009")]).contains("has 1009, but there is no such device"));
}

#[test]
fn a_users_file_is_for_its_owner_alone_and_its_mistakes_have_a_line() {
    let folder = std::env::temp_dir().join(format!("tipring-users-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("users.toml");
    assert_eq!(Users::load(&path).unwrap(), Users::default(), "no file, no users");
    let mut users = Users::default();
    users.set_user("desk1", "secret", grants(&["agent:1001"]), Cost::LEAST).unwrap();
    users.save(&path).unwrap();
    assert!(!is_open_to_others(&path));
    assert_eq!(Users::load(&path).unwrap(), users);
    fs::write(&path, "[[user]]\nlogin = \"desk1\"\nhash = \"secret\"\n").unwrap();
    let complaint = Users::load(&path).unwrap_err();
    assert!(complaint.contains("line 3") && complaint.contains("tipring user passwd"), "{complaint}");
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn logins_and_passwords_are_what_the_protocol_can_carry() {
    let mut users = Users::default();
    for (login, password) in
        [("", "x"), ("a b", "x"), ("总机", "x"), (&"l".repeat(49), "x"), ("a", ""), ("a", &"p".repeat(41))]
    {
        assert!(users.set_user(login, password, vec![], Cost::LEAST).is_err(), "{login:?} {password:?}");
    }
    assert!(users.set_agent(AgentId::new("7001").unwrap(), &"p".repeat(32), Cost::LEAST).is_err());
    assert!(users.set_user("a", "密码", vec![], Cost::LEAST).is_ok(), "a password may be any text");
}

#[test]
fn who_may_do_what_is_documented_for_every_role_and_service() {
    let text = include_str!("../../docs/rights.md");
    let template = crate::config::TEMPLATE;
    for (role, services) in ROLES {
        let services =
            service_names(services).split(", ").map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        assert!(text.contains(&format!("\n| `{role}` | {services} | ")), "{role}: {services}");
        assert!(template.contains(role), "{role} is not in the printed configuration");
    }
    for service in ServiceGroup::ALL {
        let name = service_names(&[service]);
        assert!(text.contains(&format!("\n| `{name}` | ")), "{name} is not described");
        assert!(template.contains(&format!("\"{name}\"")), "{name} is not in the printed configuration");
    }
    assert!(roles_help().contains("  administrator  administer\n"), "{}", roles_help());
}
