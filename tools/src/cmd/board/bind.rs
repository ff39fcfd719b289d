//! `tipring board bind` and `unbind`: a card is bound to vfio-pci, or given back to the kernel's driver.
//!
//! The steps are a list of [`Action`]s, planned from sysfs without any change; `--dry-run` prints it. Execution stops
//! at the first failure and rolls back in reverse order. A function that is not a known card is never touched.
//!
//! Two files make the binding last over a restart: a udev rule that sets this slot's driver (and the group that may
//! open it), and a modprobe line that loads vfio-pci before a driver that would claim the card.
//!
//! The order of the writes matters: the kernel binds a function with an override to that driver and to no other, so the
//! override is set after the old driver is unbound, and cleared before the kernel probes for a driver again.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::sysfs::{Function, Obstacle, System, VFIO_PCI};

/// The udev rule of a card: one file for each, so that unbinding removes just that.
fn rule_path(function: &Function) -> String {
    format!("/etc/udev/rules.d/70-tipring-{}.rules", function.address.replace([':', '.'], "-"))
}

/// The modprobe file, for all cards.
const MODPROBE_PATH: &str = "/etc/modprobe.d/tipring.conf";
const MODPROBE_TEXT: &str = "\
# Written by tipring: vfio-pci is there before drivers that would take the card.
softdep wctdm pre: vfio-pci
softdep netjet pre: vfio-pci
";

/// The group whose members may open cards.
const GROUP: &str = "tipring";

/// The text of the udev rule.
///
/// A driver in the initial ramdisk may have bound the card before rules are read: the rule unbinds it. If vfio-pci is
/// loaded already, for another card, it does not probe again by itself: the rule asks for it.
fn rule_text(function: &Function) -> String {
    let id = function.id;
    let card = format!(
        "ACTION==\"add\", SUBSYSTEM==\"pci\", KERNEL==\"{}\", ATTR{{vendor}}==\"{:#06x}\", ATTR{{device}}==\"{:#06x}\", \
         ATTR{{subsystem_vendor}}==\"{:#06x}\"",
        function.address, id.vendor, id.device, id.subsystem_vendor
    );
    format!(
        "# Written by tipring: this card is driven by a program, through vfio-pci.\n\
         {card}, DRIVER==\"?*\", DRIVER!=\"{VFIO_PCI}\", \
         RUN+=\"/bin/sh -c 'echo %k > /sys/bus/pci/devices/%k/driver/unbind'\"\n\
         {card}, ATTR{{driver_override}}=\"{VFIO_PCI}\", RUN+=\"/sbin/modprobe {VFIO_PCI}\", \
         RUN+=\"/bin/sh -c 'echo %k > /sys/bus/pci/drivers_probe'\"\n\
         # Members of the group {GROUP} may open it.\n\
         SUBSYSTEM==\"vfio\", KERNEL==\"[0-9]*\", GROUP=\"{GROUP}\", MODE=\"0660\"\n"
    )
}

/// One thing to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A program to be run.
    Run {
        /// The program and its arguments.
        command: Vec<String>,
        /// The command that undoes it, if there is one.
        back: Option<Vec<String>>,
    },
    /// A file to be written, or replaced.
    File {
        /// Path of the file.
        path: String,
        /// What.
        text: String,
    },
    /// A file to be removed.
    Remove {
        /// Path of the file.
        path: String,
    },
    /// A sysfs attribute to be written.
    Attribute {
        /// Path of the file.
        path: String,
        /// What; a line end is added.
        text: String,
        /// The write that undoes it, if there is one: path and text.
        back: Option<(String, String)>,
    },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Run { command, .. } => write!(f, "run {}", command.join(" ")),
            Action::File { path, text } => {
                writeln!(f, "write {path}:")?;
                let lines: Vec<String> = text.lines().map(|line| format!("    {line}")).collect();
                f.write_str(&lines.join("\n"))
            }
            Action::Remove { path } => write!(f, "remove {path}"),
            Action::Attribute { path, text, .. } => write!(f, "write {:?} to {path}", text),
        }
    }
}

/// Reason for which a card could not be bound or unbound.
#[derive(Debug)]
pub enum BindError {
    /// It is not a card that we know.
    NotOurs(String),
    /// The IOMMU is off.
    NoIommu(String),
    /// The kernel has no such driver.
    NoModule(Obstacle),
    /// The driver that has the card is being used.
    InUse {
        /// The card.
        address: String,
        /// Its driver.
        driver: String,
        /// Number of its users.
        users: u32,
    },
    /// An action failed; what was done before has been taken back, but for what is listed.
    Failed {
        /// The action.
        action: String,
        /// Error of the step.
        error: io::Error,
        /// Changes that could not be rolled back.
        left: Vec<String>,
    },
    /// All was done, and the kernel did something else.
    NotBound {
        /// The card.
        address: String,
        /// The driver it was to have.
        wanted: String,
        /// The driver it has.
        found: String,
        /// Changes that could not be rolled back.
        left: Vec<String>,
    },
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let taken_back = |f: &mut fmt::Formatter<'_>, left: &[String]| match left {
            [] => write!(f, " Everything done before has been taken back."),
            left => write!(f, " These could not be taken back: {}.", left.join(", ")),
        };
        match self {
            BindError::NotOurs(address) => {
                write!(f, "{address} is not a card that tipring knows, and is left alone")
            }
            BindError::NoIommu(address) => write!(
                f,
                "{address} is in no IOMMU group, so vfio-pci would not take it. Switch the IOMMU on in the firmware, add \
                 intel_iommu=on to the kernel's command line on Intel, and restart"
            ),
            BindError::NoModule(obstacle) => obstacle.fmt(f),
            BindError::InUse { address, driver, users } => write!(
                f,
                "The driver {driver} has {address}, and {users} users have {driver}. End what uses it (asterisk, dahdi), then try \
                 again. Nothing was changed"
            ),
            BindError::Failed { action, error, left } => {
                write!(f, "Could not {action}: {error}.")?;
                if error.kind() == io::ErrorKind::PermissionDenied {
                    write!(f, " Run this as root.")?;
                }
                taken_back(f, left)
            }
            BindError::NotBound { address, wanted, found, left } => {
                write!(f, "{address} should have the driver {wanted} now, and has {found}. See the kernel's log.")?;
                taken_back(f, left)
            }
        }
    }
}

impl std::error::Error for BindError {}

/// Plans the binding of a card to vfio-pci. Returns no action if it is bound, and stays bound after a restart.
pub fn plan_bind(system: &System, function: &Function) -> Result<Vec<Action>, BindError> {
    let address = &function.address;
    if function.model.is_none() {
        return Err(BindError::NotOurs(address.clone()));
    }
    if function.group.is_none() {
        return Err(BindError::NoIommu(address.clone()));
    }
    if let Some(obstacle) = system.missing_module().filter(|_| function.driver.as_deref() != Some(VFIO_PCI)) {
        return Err(BindError::NoModule(obstacle));
    }
    in_use(system, function)?;
    let mut actions = Vec::new();
    // Without the group only root may open the card, which a system too small for groups is content with.
    if !system.has_group(GROUP) && system.has_program("groupadd") {
        let run = |program: &str| vec![program.to_owned(), GROUP.to_owned()];
        let command = vec!["groupadd".into(), "--system".into(), GROUP.into()];
        actions.push(Action::Run { command, back: Some(run("groupdel")) });
    }
    for (path, text) in [(rule_path(function), rule_text(function)), (MODPROBE_PATH.into(), MODPROBE_TEXT.into())] {
        if fs::read_to_string(system.path(&path)).ok().as_ref() != Some(&text) {
            actions.push(Action::File { path, text });
        }
    }
    if function.driver.as_deref() == Some(VFIO_PCI) {
        return Ok(actions);
    }
    if !system.has_vfio_pci() {
        actions.push(Action::Run { command: vec!["modprobe".into(), VFIO_PCI.into()], back: None });
    }
    actions.extend(function.driver.as_deref().map(|present| unbind_from(address, present)));
    actions.push(override_with(address, VFIO_PCI, &system.driver_override(address)));
    actions.push(Action::Attribute {
        path: driver_file(VFIO_PCI, "bind"),
        text: address.clone(),
        back: Some((driver_file(VFIO_PCI, "unbind"), address.clone())),
    });
    Ok(actions)
}

fn driver_file(driver: &str, file: &str) -> String {
    format!("/sys/bus/pci/drivers/{driver}/{file}")
}

fn unbind_from(address: &str, driver: &str) -> Action {
    Action::Attribute {
        path: driver_file(driver, "unbind"),
        text: address.to_owned(),
        back: Some((driver_file(driver, "bind"), address.to_owned())),
    }
}

/// Names the only driver for a function, or none.
fn override_with(address: &str, driver: &str, before: &str) -> Action {
    let path = format!("/sys/bus/pci/devices/{address}/driver_override");
    Action::Attribute { path: path.clone(), text: driver.to_owned(), back: Some((path, before.to_owned())) }
}

/// Returns an error if the kernel's driver that has the card is in use.
fn in_use(system: &System, function: &Function) -> Result<(), BindError> {
    match &function.driver {
        Some(driver) if driver != VFIO_PCI => match system.users_of(driver) {
            0 => Ok(()),
            users => Err(BindError::InUse { address: function.address.clone(), driver: driver.clone(), users }),
        },
        Some(_) | None => Ok(()),
    }
}

/// Plans the unbinding of a card from vfio-pci; the kernel then chooses the driver.
pub fn plan_unbind(system: &System, function: &Function) -> Result<Vec<Action>, BindError> {
    let address = &function.address;
    if function.model.is_none() {
        return Err(BindError::NotOurs(address.clone()));
    }
    let mut actions = Vec::new();
    let rule = rule_path(function);
    if system.path(&rule).exists() {
        actions.push(Action::Remove { path: rule.clone() });
    }
    if system.path(MODPROBE_PATH).exists() && !other_rules(system, &rule) {
        actions.push(Action::Remove { path: MODPROBE_PATH.into() });
    }
    if function.driver.as_deref() == Some(VFIO_PCI) {
        actions.push(unbind_from(address, VFIO_PCI));
        actions.push(override_with(address, "", &system.driver_override(address)));
        actions.push(Action::Attribute {
            path: "/sys/bus/pci/drivers_probe".into(),
            text: address.clone(),
            back: None,
        });
    }
    Ok(actions)
}

/// Returns true if other cards have rules of this program.
fn other_rules(system: &System, rule: &str) -> bool {
    let Ok(entries) = fs::read_dir(system.path("/etc/udev/rules.d")) else { return false };
    let own = Path::new(rule).file_name();
    entries
        .flatten()
        .map(|entry| entry.file_name())
        .any(|name| name.to_string_lossy().starts_with("70-tipring-") && Some(name.as_os_str()) != own)
}

/// Executor of actions: the system, or a test's model of it.
pub trait Executor {
    /// Runs a program to its end.
    fn run(&mut self, command: &[String]) -> io::Result<()>;
    /// Writes a file.
    fn file(&mut self, path: &Path, text: &str) -> io::Result<()>;
    /// Removes a file.
    fn remove(&mut self, path: &Path) -> io::Result<()>;
    /// Writes a sysfs attribute.
    fn write_attribute(&mut self, path: &Path, text: &str) -> io::Result<()>;
}

/// The system itself. Programs of a tree that is not the system's own are those in its `sbin`.
#[derive(Debug)]
pub struct Bare<'a>(pub &'a System);

impl Executor for Bare<'_> {
    fn run(&mut self, command: &[String]) -> io::Result<()> {
        let [program, arguments @ ..] = command else { return Ok(()) };
        let output = Command::new(self.0.program(program)).args(arguments).stdin(Stdio::null()).output()?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        match said.trim() {
            "" => Err(io::Error::other(format!("it ended with {}", output.status))),
            said => Err(io::Error::other(said.to_owned())),
        }
    }

    fn file(&mut self, path: &Path, text: &str) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        // Written beside and renamed, so that there is never half a file.
        let beside = path.with_extension("tipring-new");
        fs::write(&beside, text)?;
        fs::rename(&beside, path)
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn write_attribute(&mut self, path: &Path, text: &str) -> io::Result<()> {
        // Not created when missing: the kernel has no such attribute.
        let mut file = fs::OpenOptions::new().write(true).open(path)?;
        io::Write::write_all(&mut file, format!("{text}\n").as_bytes())
    }
}

/// Carries actions out, and takes them back if one fails or `wanted` is not the driver afterwards.
pub fn carry_out(
    system: &System,
    function: &Function,
    actions: &[Action],
    wanted: Option<&str>,
    executor: &mut dyn Executor,
) -> Result<(), BindError> {
    let mut undo: Vec<Undo> = Vec::new();
    for action in actions {
        match perform(system, action, executor) {
            Ok(back) => undo.extend(back),
            Err(error) => {
                let left = take_back(undo, executor);
                return Err(BindError::Failed { action: first_line(action), error, left });
            }
        }
    }
    let found = system.function(&function.address).and_then(|function| function.driver);
    match wanted {
        Some(wanted) if found.as_deref() != Some(wanted) => Err(BindError::NotBound {
            address: function.address.clone(),
            wanted: wanted.to_owned(),
            found: found.unwrap_or_else(|| "none".into()),
            left: take_back(undo, executor),
        }),
        Some(_) | None => Ok(()),
    }
}

/// The reverse of an action.
enum Undo {
    /// The file had this content.
    Restore(PathBuf, String),
    /// The file was not there.
    Remove(PathBuf),
    /// The attribute had this content.
    Attribute(PathBuf, String),
    /// A program.
    Run(Vec<String>),
}

fn perform(system: &System, action: &Action, executor: &mut dyn Executor) -> io::Result<Option<Undo>> {
    match action {
        Action::Run { command, back } => executor.run(command).map(|()| back.clone().map(Undo::Run)),
        Action::File { path, text } => {
            let path = system.path(path);
            let before = fs::read_to_string(&path).ok();
            executor.file(&path, text)?;
            Ok(Some(match before {
                Some(text) => Undo::Restore(path, text),
                None => Undo::Remove(path),
            }))
        }
        Action::Remove { path } => {
            let path = system.path(path);
            let before = fs::read_to_string(&path)?;
            executor.remove(&path)?;
            Ok(Some(Undo::Restore(path, before)))
        }
        Action::Attribute { path, text, back } => {
            executor.write_attribute(&system.path(path), text)?;
            Ok(back.as_ref().map(|(path, text)| Undo::Attribute(system.path(path), text.clone())))
        }
    }
}

/// Takes back what was done, the last first. Gives what could not be.
fn take_back(undo: Vec<Undo>, executor: &mut dyn Executor) -> Vec<String> {
    let mut left = Vec::new();
    for step in undo.into_iter().rev() {
        let (what, result) = match step {
            Undo::Restore(path, text) => (path.display().to_string(), executor.file(&path, &text)),
            Undo::Remove(path) => (path.display().to_string(), executor.remove(&path)),
            Undo::Attribute(path, text) => (path.display().to_string(), executor.write_attribute(&path, &text)),
            Undo::Run(command) => (command.join(" "), executor.run(&command)),
        };
        if let Err(error) = result {
            left.push(format!("{what} ({error})"));
        }
    }
    left
}

fn first_line(action: &Action) -> String {
    action.to_string().lines().next().unwrap_or_default().trim_end_matches(':').to_owned()
}

#[cfg(test)]
mod tests;
