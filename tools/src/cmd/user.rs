//! `tipring user`: users and agents' passwords of a site.
//!
//! Never: takes a password from the command line, or writes it to a log or a file.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use tipring_core::csta::AgentId;

use crate::config::SiteConfig;
use crate::config::usual::site_file;
use crate::failure::Failure;
use crate::password::{AGENT_VARIABLE, USER_VARIABLE, to_set};
use crate::users::{Cost, Grant, Users, is_void, roles_help};

/// `tipring user`.
#[derive(Debug, Args)]
pub struct UserArgs {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Adds a user with its grants; the password comes from TIPRING_PASSWORD or is asked for
    #[command(after_help = roles_help())]
    Add(AddArgs),
    /// Sets the password of a user (from TIPRING_PASSWORD) or of an agent (from TIPRING_AGENT_PASSWORD); without
    /// them it is asked for
    Passwd(NameArgs),
    /// Lists users with their grants, and agents that have a password
    List(SiteArgs),
    /// Removes a user, or the password of an agent, who then cannot log in
    Remove(NameArgs),
}

#[derive(Debug, Args)]
struct SiteArgs {
    /// The site's configuration, which names the file [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "site", value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    config: PathBuf,
}

#[derive(Debug, Args)]
struct AddArgs {
    /// The login
    login: String,
    /// A grant: ROLE:DEVICES, as agent:1001, observer:5000, supervisor:desks, everything:*. Roles are observer, agent,
    /// supervisor, inspector, router, administrator, everything and the site's own; devices are a number, a group of
    /// the site, or * for all
    #[arg(long = "grant", value_name = "ROLE:DEVICES", required = true)]
    grants: Vec<Grant>,
    #[command(flatten)]
    site: SiteArgs,
}

#[derive(Debug, Args)]
struct NameArgs {
    /// The login
    #[arg(required_unless_present = "agent", conflicts_with = "agent")]
    login: Option<String>,
    /// An agent instead of a user
    #[arg(long, value_name = "ID", value_parser = agent_id)]
    agent: Option<AgentId>,
    #[command(flatten)]
    site: SiteArgs,
}

fn agent_id(text: &str) -> Result<AgentId, String> {
    AgentId::new(text).map_err(|error| error.to_string())
}

/// Owner of a password or an entry.
enum Name<'a> {
    User(&'a str),
    Agent(AgentId),
}

impl NameArgs {
    fn name(&self) -> Name<'_> {
        match (self.agent, &self.login) {
            (Some(agent), _) => Name::Agent(agent),
            (None, login) => Name::User(login.as_deref().unwrap_or_default()),
        }
    }
}

/// Carries out the command.
///
/// # Errors
/// A sentence that says what to do.
pub fn run(args: &UserArgs) -> Result<(), Failure> {
    match &args.command {
        UserCommand::Add(AddArgs { login, grants, site }) => change(&site.config, |site, users| {
            site.rights_of(grants)?;
            if let Some(grant) = grants.iter().find(|grant| is_void(grant, &site.roles)) {
                let role = &grant.role;
                return Err(format!("{grant} permits nothing: it is for every device only, {role}:*").into());
            }
            if users.users.iter().any(|user| user.login == *login) {
                return Err(format!("There is a user {login} already; `tipring user passwd` sets the password").into());
            }
            users.set_user(login, &to_set(&[USER_VARIABLE], login)?, grants.clone(), Cost::USUAL)?;
            Ok(format!("{login} is added; a site that runs knows the user after HUP (systemctl reload tipring)"))
        }),
        UserCommand::Passwd(args) => change(&args.site.config, |site, users| match args.name() {
            Name::User(login) => {
                let known = users.users.iter().find(|user| user.login == login);
                let grants = known.ok_or_else(|| unknown_user(login))?.grants.clone();
                users.set_user(login, &to_set(&[USER_VARIABLE], login)?, grants, Cost::USUAL)?;
                Ok(format!("The password of {login} is set; it holds at once"))
            }
            Name::Agent(agent) => {
                if !site.agents.iter().any(|known| known.id.0 == agent) {
                    return Err(format!("There is no agent {agent}; add an [[agent]] to the site first").into());
                }
                users.set_agent(
                    agent,
                    &to_set(&[AGENT_VARIABLE, USER_VARIABLE], &format!("agent {agent}"))?,
                    Cost::USUAL,
                )?;
                Ok(format!("The password of agent {agent} is set; it holds at once"))
            }
        }),
        UserCommand::List(site) => {
            let users = Users::load(&read_site(&site.config)?.server.users)?;
            for user in &users.users {
                let grants: Vec<String> = user.grants.iter().map(Grant::to_string).collect();
                println!("user   {:<24} {}", user.login, grants.join(" "));
            }
            users.agents.iter().for_each(|agent| println!("agent  {}", agent.id));
            Ok(())
        }
        UserCommand::Remove(args) => change(&args.site.config, |_, users| match args.name() {
            Name::User(login) => {
                let before = users.users.len();
                users.users.retain(|user| user.login != login);
                if users.users.len() == before {
                    return Err(unknown_user(login).into());
                }
                Ok(format!(
                    "{login} is removed and can open no further stream; open ones lose their monitors with HUP, and last until they close"
                ))
            }
            Name::Agent(agent) => {
                let before = users.agents.len();
                users.agents.retain(|known| known.id != agent);
                if users.agents.len() == before {
                    return Err(format!("The agent {agent} has no password").into());
                }
                Ok(format!("Agent {agent} has no password any more and cannot log in"))
            }
        }),
    }
}

fn unknown_user(login: &str) -> String {
    format!("There is no user {login:?}; `tipring user list` shows those there are")
}

/// Reads a site without what its users may do: that may be what is to be mended.
fn read_site(config: &Path) -> Result<SiteConfig, Failure> {
    Ok(SiteConfig::load_without_users(config)?)
}

fn change(config: &Path, work: impl FnOnce(&SiteConfig, &mut Users) -> Result<String, Failure>) -> Result<(), Failure> {
    let site = read_site(config)?;
    let mut users = Users::load(&site.server.users)?;
    let done = work(&site, &mut users)?;
    users.save(&site.server.users)?;
    println!("{done}");
    Ok(())
}
