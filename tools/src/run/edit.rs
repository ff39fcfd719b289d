//! Changes of the site's configuration file by the running site: comments and order stay, the new text is checked as
//! `tipring site check` does it, and the file is replaced in one step.
//!
//! Never: leaves a configuration behind that is not in force.

use std::fs;
use std::path::Path;

use tipring_web::records::AgentSetting;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};

use crate::config::SiteConfig;

/// Changes an agent in a configuration and has it taken over by `take`. Returns what that returns, and a sentence.
///
/// # Errors
/// A sentence each: there is no such agent; the faults of the new text, with its lines; the file cannot be written; the
/// site does not take it over, and the file is as it was.
pub fn set_agent<T>(
    path: &Path,
    setting: &AgentSetting,
    take: impl FnOnce(&Path) -> Option<T>,
) -> Result<(T, String), String> {
    let cannot = |error: std::io::Error| format!("{} cannot be changed: {error}", path.display());
    let real = path.canonicalize().map_err(cannot)?;
    let before = fs::read_to_string(&real).map_err(cannot)?;
    let after = with_agent(&before, setting)?;
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
        return Ok((taken, format!("the agent {} is changed in {}", setting.agent, path.display())));
    }
    write(&before).and_then(|()| fs::rename(&draft, &real)).map_err(cannot)?;
    Err("the site does not take the change over; its log says why".into())
}

/// The text of a configuration with an agent as it is to be. What the setting does not name stays as it is written.
///
/// # Errors
/// The text is no TOML, or has no such agent.
pub fn with_agent(text: &str, setting: &AgentSetting) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| error.to_string())?;
    let agents = document.get_mut("agent").and_then(Item::as_array_of_tables_mut);
    let is_it = |table: &&mut Table| table.get("id").and_then(Item::as_str) == Some(setting.agent.as_str());
    let agent = agents.and_then(|agents| agents.iter_mut().find(is_it));
    let agent = agent.ok_or_else(|| format!("there is no agent {}", setting.agent))?;
    if agent.get("name").and_then(Item::as_str).unwrap_or_default() != setting.name {
        replace(agent, "name", setting.name.as_str().into());
    }
    set_queues(agent, &setting.queues);
    set_skills(agent, setting);
    Ok(document.to_string())
}

/// Gives a key another value; a comment behind the old one stays.
fn replace(table: &mut Table, key: &str, mut value: Value) {
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        *value.decor_mut() = old.decor().clone();
    }
    table.insert(key, Item::Value(value));
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

fn set_skills(agent: &mut Table, setting: &AgentSetting) {
    if agent.get("skills").is_none() {
        if setting.skills.is_empty() {
            return;
        }
        agent.insert("skills", Item::Value(InlineTable::new().into()));
    }
    let Some(skills) = agent.get_mut("skills").and_then(Item::as_table_like_mut) else { return };
    let gone: Vec<String> =
        skills.iter().map(|(name, _)| name.to_owned()).filter(|name| !setting.skills.contains_key(name)).collect();
    gone.iter().for_each(|name| _ = skills.remove(name));
    for (name, level) in &setting.skills {
        let level = i64::from(*level);
        if skills.get(name).and_then(Item::as_integer) != Some(level) {
            skills.insert(name, Item::Value(level.into()));
        }
    }
}

#[cfg(test)]
mod tests;
