//! Users and agents of a site with the hashes of their passwords, in a file of their own; roles and groups that give a
//! user rights.
//!
//! A grant is `ROLE:DEVICES`: the services of a role on a group, a device, or `*` for every device. What is not granted
//! is refused. Hashes are Argon2id as PHC strings (RFC 9106), which carry their own cost.
//!
//! Never: keeps a password beyond its verification.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::SystemTime;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tipring_core::csta::rights::{Devices, Rights, ServiceGroup};
use tipring_core::csta::{AgentId, DeviceId};

use crate::owner;

/// Header of a users file.
const HEADER: &str = "\
# Users and agents of a site, written by `tipring user`. Passwords stand here as Argon2id hashes only.
# A grant is ROLE:DEVICES: a role's services on a group, a device, or * for every device.
";
/// Longest login: 48 characters, as the protocol has it.
const LOGIN_MAX: usize = 48;
/// Longest password: 40 octets, as the protocol has it.
const PASSWORD_MAX: usize = 40;
/// Longest password of an agent: 31 characters, as the protocol has it.
const AGENT_PASSWORD_MAX: usize = 31;

/// Roles that every site has.
const ROLES: &[(&str, &[ServiceGroup])] = &[
    ("observer", &[ServiceGroup::Observe]),
    ("agent", &[ServiceGroup::Call, ServiceGroup::Agent, ServiceGroup::Feature]),
    ("supervisor", &[ServiceGroup::Call, ServiceGroup::Agent, ServiceGroup::Feature, ServiceGroup::Supervise]),
    ("inspector", &[ServiceGroup::Review]),
    ("router", &[ServiceGroup::Route]),
    ("administrator", &[ServiceGroup::Administer]),
    ("everything", &ServiceGroup::ALL),
];

/// The roles that every site has, each with the names of its services, for the help of commands.
pub fn roles_help() -> String {
    let role = |(role, services): &(&str, &[ServiceGroup])| format!("  {role:<14} {}", service_names(services));
    let roles: Vec<_> = ROLES.iter().map(role).collect();
    format!(
        "Roles of every site, with their services; each includes observe. A [[role]] of the site.toml has others:\n{}\n\n\
         Devices: a device, a [[group]], or * for all. Example: --grant agent:1001 --grant observer:5000 --grant 'inspector:*'",
        roles.join("\n")
    )
}

/// The names of services, as a `[[role]]` has them.
fn service_names(services: &[ServiceGroup]) -> String {
    let name = |service| serde_json::to_value(service).ok().and_then(|name| name.as_str().map(str::to_owned));
    services.iter().filter_map(name).collect::<Vec<_>>().join(", ")
}

/// Returns true for a grant that permits nothing: a site is administered as a whole, not device by device.
pub fn is_void(grant: &Grant, own: &[RoleConfig]) -> bool {
    let of_own = || own.iter().find(|role| role.name == grant.role).map(|role| role.services.as_slice());
    let of_all = ROLES.iter().find(|(name, _)| *name == grant.role).map(|(_, services)| *services);
    let services = of_all.or_else(of_own).unwrap_or_default();
    grant.devices != "*" && !services.is_empty() && services.iter().all(|service| *service == ServiceGroup::Administer)
}

/// Cost of a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    memory_kib: u32,
    /// Passes over it.
    passes: u32,
}

impl Cost {
    /// The usual: 19 MiB and 2 passes, the least that OWASP's password storage sheet recommends.
    pub const USUAL: Cost = Cost { memory_kib: 19 * 1024, passes: 2 };
    /// The least there is, for passwords that protect nothing, as those of a demonstration.
    pub const LEAST: Cost = Cost { memory_kib: 8, passes: 1 };
}

/// A hash of a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash(String);

impl TryFrom<String> for Hash {
    type Error = String;
    fn try_from(text: String) -> Result<Hash, String> {
        match PasswordHash::new(&text) {
            Ok(hash) if hash.algorithm.as_str().starts_with("argon2") => Ok(Hash(text)),
            Ok(_) | Err(_) => {
                Err("a hash is an Argon2 PHC string ($argon2id$…); set the password with `tipring user passwd`".into())
            }
        }
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> String {
        hash.0
    }
}

impl Hash {
    /// Returns the hash of a password with a new random salt.
    pub fn of(password: &str, cost: Cost) -> Hash {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).expect("within the bounds of Argon2");
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let hash: PasswordHash =
            hasher.hash_password(password.as_bytes()).expect("short, and the system has randomness");
        Hash(hash.to_string())
    }

    /// Returns a mark of the password: a digest (SHA-256) of hash and salt, of no use to find the password by.
    pub fn mark(&self) -> String {
        Sha256::digest(self.0.as_bytes()).iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// Returns true if it is the hash of this password.
    pub fn is_of(&self, password: &str) -> bool {
        PasswordHash::new(&self.0)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    }
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The login.
    pub login: String,
    /// The hash of the password.
    pub hash: Hash,
    /// Services and devices granted.
    #[serde(default)]
    pub grants: Vec<Grant>,
}

/// An agent's password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentEntry {
    /// The agent.
    pub id: AgentId,
    /// The hash of the password.
    pub hash: Hash,
}

/// The services of a role on some devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Grant {
    /// The role's name.
    pub role: String,
    /// A group's name, a device, or `*`.
    pub devices: String,
}

impl std::str::FromStr for Grant {
    type Err = String;
    fn from_str(text: &str) -> Result<Grant, String> {
        match text.split_once(':') {
            Some((role, devices)) if !role.is_empty() && !devices.is_empty() => {
                Ok(Grant { role: role.into(), devices: devices.into() })
            }
            _ => Err(format!("a grant is written ROLE:DEVICES, such as agent:1001, not {text:?}")),
        }
    }
}

impl TryFrom<String> for Grant {
    type Error = String;
    fn try_from(text: String) -> Result<Grant, String> {
        text.parse()
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.role, self.devices)
    }
}

impl From<Grant> for String {
    fn from(grant: Grant) -> String {
        grant.to_string()
    }
}

/// Users and agents of a site.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Users {
    /// The users.
    #[serde(rename = "user", default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<User>,
    /// The agents' passwords.
    #[serde(rename = "agent", default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<AgentEntry>,
}

impl Users {
    /// Reads a users file; a file that is not there has no users.
    ///
    /// # Errors
    /// A sentence with the file and the line of what is wrong.
    pub fn load(path: &Path) -> Result<Users, String> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Users::default()),
            Err(error) => return Err(format!("The users file {} cannot be read: {error}", path.display())),
        };
        toml::from_str(&text).map_err(|error| format!("The users file {} cannot be used: {error}", path.display()))
    }

    /// Writes a users file that only its owner can read: whole, or not at all. Written by root, it belongs to the owner
    /// of the one before, or else of the folder: the site runs as that user.
    ///
    /// # Errors
    /// A sentence with the file and the operating system's error.
    pub fn save(&self, path: &Path) -> Result<(), String> {
        let say = |error: std::io::Error| format!("The users file {} cannot be written: {error}", path.display());
        let text = format!("{HEADER}\n{}", toml::to_string(self).expect("text and lists"));
        let beside = path.with_extension("toml.new");
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside).map_err(say)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(say)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        owner::give(&beside, if path.exists() { path } else { folder }).map_err(say)?;
        fs::rename(&beside, path).map_err(say)
    }

    /// Adds a user, or sets a user's password and grants.
    ///
    /// # Errors
    /// A sentence that says what a login or a password must be.
    pub fn set_user(&mut self, login: &str, password: &str, grants: Vec<Grant>, cost: Cost) -> Result<(), String> {
        check_login(login)?;
        check_password(password)?;
        let user = User { login: login.into(), hash: Hash::of(password, cost), grants };
        match self.users.iter_mut().find(|known| known.login == login) {
            Some(known) => *known = user,
            None => self.users.push(user),
        }
        Ok(())
    }

    /// Sets an agent's password.
    ///
    /// # Errors
    /// A sentence that says what a password must be.
    pub fn set_agent(&mut self, id: AgentId, password: &str, cost: Cost) -> Result<(), String> {
        check_agent_password(password)?;
        let entry = AgentEntry { id, hash: Hash::of(password, cost) };
        match self.agents.iter_mut().find(|known| known.id == id) {
            Some(known) => *known = entry,
            None => self.agents.push(entry),
        }
        Ok(())
    }

    /// Returns true if it is the password of this user.
    pub fn verify(&self, login: &str, password: &str) -> bool {
        verify(self.users.iter().find(|user| user.login == login).map(|user| &user.hash), password)
    }

    /// Returns the mark of a user's password: another one after it was set anew.
    pub fn mark(&self, login: &str) -> Option<String> {
        self.users.iter().find(|user| user.login == login).map(|user| user.hash.mark())
    }

    /// Returns the mark of an agent's password, likewise.
    pub fn agent_mark(&self, id: &AgentId) -> Option<String> {
        self.agents.iter().find(|agent| agent.id == *id).map(|agent| agent.hash.mark())
    }

    /// Returns true if it is the password of this agent.
    pub fn verify_agent(&self, id: &AgentId, password: &str) -> bool {
        verify(self.agents.iter().find(|agent| agent.id == *id).map(|agent| &agent.hash), password)
    }
}

/// Checks a password of an agent.
///
/// # Errors
/// A sentence that says what it must be.
pub fn check_agent_password(password: &str) -> Result<(), String> {
    match password.is_empty() || password.len() > AGENT_PASSWORD_MAX || !password.is_ascii() {
        true => Err(format!("An agent's password is 1 to {AGENT_PASSWORD_MAX} plain characters")),
        false => Ok(()),
    }
}

/// An unknown name costs the same time as a wrong password, so that the time does not reveal which names there are.
fn verify(hash: Option<&Hash>, password: &str) -> bool {
    static STAND_IN: std::sync::LazyLock<Hash> = std::sync::LazyLock::new(|| Hash::of("", Cost::USUAL));
    match hash {
        Some(hash) => hash.is_of(password),
        None => {
            STAND_IN.is_of(password);
            false
        }
    }
}

fn check_login(login: &str) -> Result<(), String> {
    let plain = login.chars().all(|c| c.is_ascii_graphic());
    if login.is_empty() || login.len() > LOGIN_MAX || !plain {
        return Err(format!("A login is 1 to {LOGIN_MAX} plain characters without blanks, not {login:?}"));
    }
    Ok(())
}

fn check_password(password: &str) -> Result<(), String> {
    if password.is_empty() || password.len() > PASSWORD_MAX || password.contains('\0') {
        return Err(format!("A password has 1 to {PASSWORD_MAX} octets"));
    }
    Ok(())
}

/// A role of the site: a name for some kinds of services.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleConfig {
    /// The name.
    pub name: String,
    /// The kinds of services.
    pub services: Vec<ServiceGroup>,
}

/// A group of devices.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupConfig {
    /// The name.
    pub name: String,
    /// The devices.
    pub devices: Vec<crate::config::names::Device>,
}

/// Roles, groups and devices by which grants are read.
pub struct Policy<'a> {
    roles: BTreeMap<&'a str, &'a [ServiceGroup]>,
    groups: BTreeMap<&'a str, &'a [crate::config::names::Device]>,
    devices: &'a dyn Fn(&DeviceId) -> bool,
}

impl<'a> Policy<'a> {
    /// Makes a policy of a site's own roles and groups; `devices` knows the site's devices.
    ///
    /// # Errors
    /// A sentence with a name that is used twice, or a device that there is not.
    pub fn new(
        roles: &'a [RoleConfig],
        groups: &'a [GroupConfig],
        devices: &'a dyn Fn(&DeviceId) -> bool,
    ) -> Result<Policy<'a>, String> {
        let mut known: BTreeMap<&str, &[ServiceGroup]> = ROLES.iter().copied().collect();
        for role in roles {
            if known.insert(&role.name, &role.services).is_some() {
                return Err(format!("the role {} stands there twice, or is one that every site has", role.name));
            }
        }
        let mut by_name = BTreeMap::new();
        for group in groups {
            if by_name.insert(group.name.as_str(), group.devices.as_slice()).is_some() {
                return Err(format!("the group {} stands there twice", group.name));
            }
            if let Some(unknown) = group.devices.iter().find(|device| !devices(&device.0)) {
                return Err(format!("the group {} has {}, but there is no such device", group.name, unknown.0));
            }
        }
        Ok(Policy { roles: known, groups: by_name, devices })
    }

    /// Returns the rights that grants give.
    ///
    /// # Errors
    /// A sentence with the role or the devices that are not known.
    pub fn rights(&self, grants: &[Grant]) -> Result<Rights, String> {
        let mut rights = Rights::default();
        for grant in grants {
            let Some(services) = self.roles.get(grant.role.as_str()) else {
                let known: Vec<&str> = self.roles.keys().copied().collect();
                return Err(format!("there is no role {:?}; there are {}", grant.role, known.join(", ")));
            };
            let devices = match (grant.devices.as_str(), self.groups.get(grant.devices.as_str())) {
                ("*", _) => Devices::All,
                (_, Some(group)) => Devices::Only(group.iter().map(|device| device.0).collect()),
                (text, None) => match DeviceId::new(text) {
                    Ok(device) if (self.devices)(&device) => Devices::Only([device].into()),
                    Ok(_) | Err(_) => return Err(format!("there is no group and no device {text:?}")),
                },
            };
            services.iter().for_each(|service| rights.permit(*service, &devices));
        }
        Ok(rights)
    }
}

/// Returns the moment of a file's last change; none if it is not there.
pub fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

/// Returns true if others than its owner can read a file.
pub fn is_open_to_others(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(test)]
mod tests;
