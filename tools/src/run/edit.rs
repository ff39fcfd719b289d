//! Changes of the site's configuration file by the running site: comments and order stay, the new text is checked as
//! `tipring site check` does it, and the file is replaced in one step.
//!
//! Never: leaves a configuration behind that is not in force.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tipring_web::records::{AgentSetting, Pin, QueueSetting, ReasonSetting};
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

use crate::config::queue::QueueConfig;
use crate::config::{Device, SiteConfig};
use crate::users::{Cost, Users};

/// A change of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteChange {
    /// An agent as it is to be; it is there.
    Agent(AgentSetting),
    /// An agent who is to be added.
    NewAgent(AgentSetting),
    /// A queue as it is to be; it is there.
    Queue(QueueSetting),
    /// The reasons of *not ready* there are to be.
    Reasons(Vec<ReasonSetting>),
}

impl fmt::Display for SiteChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SiteChange::Agent(setting) => write!(f, "a change of the agent {}", setting.agent),
            SiteChange::NewAgent(setting) => write!(f, "a new agent {}", setting.agent),
            SiteChange::Queue(setting) => write!(f, "a change of the queue {}", setting.queue),
            SiteChange::Reasons(reasons) => write!(f, "{} reasons of not ready", reasons.len()),
        }
    }
}

impl SiteChange {
    /// A sentence on it once it is done, for the answer.
    fn done(&self) -> String {
        match self {
            SiteChange::Agent(setting) => format!("the agent {} is changed", setting.agent),
            SiteChange::NewAgent(setting) => format!("the agent {} is added", setting.agent),
            SiteChange::Queue(setting) => format!("the queue {} is changed", setting.queue),
            SiteChange::Reasons(_) => "the reasons of not ready are changed".into(),
        }
    }

    /// The text of a configuration with this change. What the change does not name stays as it is written.
    ///
    /// # Errors
    /// The text is no TOML, or has not what is to be changed.
    pub fn apply(&self, text: &str) -> Result<String, String> {
        let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| error.to_string())?;
        match self {
            SiteChange::Agent(setting) => set_agent(entry(&mut document, "agent", "id", &setting.agent)?, setting),
            SiteChange::NewAgent(setting) => add_agent(&mut document, setting)?,
            SiteChange::Queue(setting) => set_queue(entry(&mut document, "queue", "device", &setting.queue)?, setting),
            SiteChange::Reasons(reasons) => set_reasons(&mut document, reasons)?,
        }
        Ok(document.to_string())
    }
}

/// Changes a configuration and has it taken over by `take`. Returns what that returns, and a sentence.
///
/// # Errors
/// A sentence each: there is nothing of this name; the faults of the new text, with its lines; the file cannot be
/// written; the site does not take it over, and the file is as it was.
pub fn change_site<T>(
    path: &Path,
    change: &SiteChange,
    take: impl FnOnce(&Path) -> Option<T>,
) -> Result<(T, String), String> {
    let cannot = |error: std::io::Error| format!("{} cannot be changed: {error}", path.display());
    let real = path.canonicalize().map_err(cannot)?;
    let before = fs::read_to_string(&real).map_err(cannot)?;
    let after = change.apply(&before)?;
    // The check finds files beside the configuration, so the draft stands there, too.
    let draft = real.with_extension("draft");
    let write = |text: &str| {
        fs::write(&draft, text)?;
        fs::set_permissions(&draft, fs::metadata(&real)?.permissions())
    };
    write(&after).map_err(cannot)?;
    if let Err(error) = SiteConfig::load(&draft) {
        let _ = fs::remove_file(&draft);
        return Err(error.to_string().replace(&draft.display().to_string(), &path.display().to_string()));
    }
    fs::rename(&draft, &real).map_err(cannot)?;
    if let Some(taken) = take(path) {
        return Ok((taken, format!("{} in {}", change.done(), path.display())));
    }
    write(&before).and_then(|()| fs::rename(&draft, &real)).map_err(cannot)?;
    Err("the site does not take the change over; its log says why".into())
}

/// Gives an agent of a site another PIN. Returns a sentence.
///
/// # Errors
/// A sentence: there is no such agent, it is no PIN, or the file of users cannot be written.
pub fn set_pin(site: &SiteConfig, agent: &str, pin: &Pin) -> Result<String, String> {
    let known = site.agents.iter().find(|known| known.id.0.as_str() == agent);
    let id = known.ok_or_else(|| format!("there is no agent {agent}"))?.id.0;
    let mut users = Users::load(&site.server.users)?;
    users.set_agent(id, &pin.0, Cost::USUAL)?;
    users.save(&site.server.users)?;
    Ok(format!("the PIN of the agent {agent} is set"))
}

/// The entry of a kind whose key has a value.
fn entry<'a>(document: &'a mut DocumentMut, kind: &str, key: &str, value: &str) -> Result<&'a mut Table, String> {
    let entries = document.get_mut(kind).and_then(Item::as_array_of_tables_mut);
    let is_it = |table: &&mut Table| table.get(key).and_then(Item::as_str) == Some(value);
    let found = entries.and_then(|entries| entries.iter_mut().find(is_it));
    found.ok_or_else(|| format!("there is no {kind} {value}"))
}

/// The entries of a kind; none are made where there are none.
fn entries<'a>(document: &'a mut DocumentMut, kind: &str) -> Result<&'a mut ArrayOfTables, String> {
    let item = document.entry(kind).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    item.as_array_of_tables_mut().ok_or_else(|| format!("{kind} is not written as [[{kind}]]; change it in the file"))
}

/// Gives a key another value; a comment behind the old one stays.
fn replace(table: &mut Table, key: &str, mut value: Value) {
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        *value.decor_mut() = old.decor().clone();
    }
    table.insert(key, Item::Value(value));
}

/// Sets a text; one that is left out is empty.
fn set_text(table: &mut Table, key: &str, wanted: &str) {
    if table.get(key).and_then(Item::as_str).unwrap_or_default() != wanted {
        replace(table, key, wanted.into());
    }
}

/// Sets a number; one that is left out has its usual value.
fn set_number(table: &mut Table, key: &str, wanted: u32, usual: u32) {
    if table.get(key).and_then(Item::as_integer).unwrap_or(usual.into()) != i64::from(wanted) {
        replace(table, key, i64::from(wanted).into());
    }
}

/// Sets a value that may be left out.
fn set_or_leave_out(table: &mut Table, key: &str, wanted: Option<Value>) {
    match wanted {
        None => drop(table.remove(key)),
        Some(value) => {
            let text = |value: &Value| value.to_string().trim().to_owned();
            if table.get(key).and_then(Item::as_value).map(text) != Some(text(&value)) {
                replace(table, key, value);
            }
        }
    }
}

fn add_agent(document: &mut DocumentMut, setting: &AgentSetting) -> Result<(), String> {
    if entry(document, "agent", "id", &setting.agent).is_ok() {
        return Err(format!("there is an agent {} already", setting.agent));
    }
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    table.insert("id", Item::Value(setting.agent.as_str().into()));
    set_agent(&mut table, setting);
    entries(document, "agent")?.push(table);
    Ok(())
}

fn set_agent(agent: &mut Table, setting: &AgentSetting) {
    set_text(agent, "name", &setting.name);
    set_queues(agent, &setting.queues);
    set_skills(agent, &setting.skills);
}

/// The queue of a part: the text itself, or the member of a table.
fn queue_of(part: &Value) -> Option<&str> {
    part.as_str().or_else(|| part.as_inline_table()?.get("queue")?.as_str())
}

fn set_queues(agent: &mut Table, queues: &[String]) {
    if agent.get("queues").and_then(Item::as_array).is_none() {
        replace(agent, "queues", Array::new().into());
    }
    let Some(parts) = agent.get_mut("queues").and_then(Item::as_array_mut) else { return };
    parts.retain(|part| queue_of(part).is_some_and(|queue| queues.iter().any(|wanted| wanted == queue)));
    for queue in queues {
        if !parts.iter().any(|part| queue_of(part) == Some(queue)) {
            parts.push(queue.as_str());
        }
    }
}

fn set_skills(table: &mut Table, wanted: &BTreeMap<String, u8>) {
    if table.get("skills").is_none() {
        if wanted.is_empty() {
            return;
        }
        table.insert("skills", Item::Value(InlineTable::new().into()));
    }
    let Some(skills) = table.get_mut("skills").and_then(Item::as_table_like_mut) else { return };
    let gone: Vec<String> =
        skills.iter().map(|(name, _)| name.to_owned()).filter(|name| !wanted.contains_key(name)).collect();
    gone.iter().for_each(|name| _ = skills.remove(name));
    for (name, level) in wanted {
        let level = i64::from(*level);
        if skills.get(name).and_then(Item::as_integer) != Some(level) {
            skills.insert(name, Item::Value(level.into()));
        }
    }
}

fn set_queue(table: &mut Table, setting: &QueueSetting) {
    let device = Device::try_from(setting.queue.clone());
    // Its number stands in the file already, so it is one.
    let Ok(usual) = device.map(|device| QueueConfig::usual(device, &setting.name)) else { return };
    set_text(table, "name", &setting.name);
    if table.get("strategy").and_then(Item::as_str).unwrap_or(usual.strategy.name()) != setting.strategy {
        replace(table, "strategy", setting.strategy.as_str().into());
    }
    set_or_leave_out(table, "by_skill", setting.by_skill.as_deref().map(Value::from));
    set_number(table, "alert_s", setting.alert_s, usual.alert_s);
    set_number(table, "after_call_work_s", setting.after_call_work_s, usual.after_call_work_s);
    set_number(table, "retry_s", setting.retry_s, usual.retry_s);
    set_number(table, "importance_s", setting.importance_s, usual.importance_s);
    set_or_leave_out(table, "longest_wait_s", setting.longest_wait_s.map(|wait| i64::from(wait).into()));
    set_skills(table, &setting.skills);
}

fn set_reasons(document: &mut DocumentMut, reasons: &[ReasonSetting]) -> Result<(), String> {
    let code_of = |table: &Table| table.get("code").and_then(Item::as_integer);
    let written = entries(document, "reason")?;
    written.retain(|table| reasons.iter().any(|reason| code_of(table) == Some(reason.code.into())));
    for reason in reasons {
        let limit = reason.limit_s.map(|limit| i64::from(limit).into());
        if let Some(table) = written.iter_mut().find(|table| code_of(table) == Some(reason.code.into())) {
            set_text(table, "name", &reason.name);
            set_or_leave_out(table, "limit_s", limit);
            continue;
        }
        let mut table = Table::new();
        table.decor_mut().set_prefix("\n");
        table.insert("code", Item::Value(i64::from(reason.code).into()));
        table.insert("name", Item::Value(reason.name.as_str().into()));
        set_or_leave_out(&mut table, "limit_s", limit);
        written.push(table);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
