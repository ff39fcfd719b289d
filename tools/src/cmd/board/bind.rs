//! `tipring board bind` and `unbind`: giving a card to vfio-pci, and back.
//!
//! What is to be done is a list of [`Action`]s, made by looking only; `--dry-run` prints it. Carrying it out stops at
//! the first failure and takes back, in reverse, what was done. A function that is not a card we know is never touched.
//!
//! Two files make it last over a restart: a udev rule that says which driver this one slot is for (and who may open
//! it), and a line for modprobe that has vfio-pci there before a driver that would take the card.
//!
//! The order of what the kernel is told is not free: it binds a function with an override to that driver and to no
//! other, so the override is set after the old driver has let go, and taken back before that driver is told to bind
//! again.

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
/// A driver that was in the kernel's first file system may have the card before rules are read: it is made to let go.
/// And when vfio-pci is there already, for another card, it does not look again by itself: it is told to.
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
        /// What takes it back, if anything does.
        back: Option<Vec<String>>,
    },
    /// A file to be written, or replaced.
    File {
        /// Where.
        path: String,
        /// What.
        text: String,
    },
    /// A file to be removed.
    Remove {
        /// Where.
        path: String,
    },
    /// Something told to the kernel through sysfs.
    Tell {
        /// Where.
        path: String,
        /// What; a line end is added.
        text: String,
        /// What takes it back, if anything does: where and what.
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
            Action::Tell { path, text, .. } => write!(f, "write {:?} to {path}", text),
        }
    }
}

/// Why a card could not be bound or unbound.
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
        /// How many use it.
        users: u32,
    },
    /// An action failed; what was done before has been taken back, but for what is listed.
    Failed {
        /// What was tried.
        action: String,
        /// Why it failed.
        error: io::Error,
        /// What could not be taken back.
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
        /// What could not be taken back.
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

/// What is to be done to give a card to vfio-pci. Nothing, if it is there and stays there already.
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
    actions.push(Action::Tell {
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
    Action::Tell {
        path: driver_file(driver, "unbind"),
        text: address.to_owned(),
        back: Some((driver_file(driver, "bind"), address.to_owned())),
    }
}

/// Names the only driver for a function, or none.
fn override_with(address: &str, driver: &str, before: &str) -> Action {
    let path = format!("/sys/bus/pci/devices/{address}/driver_override");
    Action::Tell { path: path.clone(), text: driver.to_owned(), back: Some((path, before.to_owned())) }
}

/// Whether somebody uses the kernel's driver that has the card now: taking it away would be felt.
fn in_use(system: &System, function: &Function) -> Result<(), BindError> {
    match &function.driver {
        Some(driver) if driver != VFIO_PCI => match system.users_of(driver) {
            0 => Ok(()),
            users => Err(BindError::InUse { address: function.address.clone(), driver: driver.clone(), users }),
        },
        Some(_) | None => Ok(()),
    }
}

/// What is to be done to take a card from vfio-pci and let the kernel choose a driver as it would without us.
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
        actions.push(Action::Tell { path: "/sys/bus/pci/drivers_probe".into(), text: address.clone(), back: None });
    }
    Ok(actions)
}

/// Whether other cards have rules of ours.
fn other_rules(system: &System, rule: &str) -> bool {
    let Ok(entries) = fs::read_dir(system.path("/etc/udev/rules.d")) else { return false };
    let own = Path::new(rule).file_name();
    entries
        .flatten()
        .map(|entry| entry.file_name())
        .any(|name| name.to_string_lossy().starts_with("70-tipring-") && Some(name.as_os_str()) != own)
}

/// What carries actions out: the system, or something that acts like one.
pub trait Hands {
    /// Runs a program to its end.
    fn run(&mut self, command: &[String]) -> io::Result<()>;
    /// Writes a file.
    fn file(&mut self, path: &Path, text: &str) -> io::Result<()>;
    /// Removes a file.
    fn remove(&mut self, path: &Path) -> io::Result<()>;
    /// Tells the kernel something.
    fn tell(&mut self, path: &Path, text: &str) -> io::Result<()>;
}

/// The system itself. Programs of a tree that is not the system's own are those in its `sbin`.
#[derive(Debug)]
pub struct Bare<'a>(pub &'a System);

impl Hands for Bare<'_> {
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

    fn tell(&mut self, path: &Path, text: &str) -> io::Result<()> {
        // Not created when missing: what is not there cannot be told.
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
    hands: &mut dyn Hands,
) -> Result<(), BindError> {
    let mut undo: Vec<Undo> = Vec::new();
    for action in actions {
        match perform(system, action, hands) {
            Ok(back) => undo.extend(back),
            Err(error) => {
                let left = take_back(undo, hands);
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
            left: take_back(undo, hands),
        }),
        Some(_) | None => Ok(()),
    }
}

/// What takes an action back.
enum Undo {
    /// The file had this content.
    Restore(PathBuf, String),
    /// The file was not there.
    Remove(PathBuf),
    /// Something told to the kernel.
    Tell(PathBuf, String),
    /// A program.
    Run(Vec<String>),
}

fn perform(system: &System, action: &Action, hands: &mut dyn Hands) -> io::Result<Option<Undo>> {
    match action {
        Action::Run { command, back } => hands.run(command).map(|()| back.clone().map(Undo::Run)),
        Action::File { path, text } => {
            let path = system.path(path);
            let before = fs::read_to_string(&path).ok();
            hands.file(&path, text)?;
            Ok(Some(match before {
                Some(text) => Undo::Restore(path, text),
                None => Undo::Remove(path),
            }))
        }
        Action::Remove { path } => {
            let path = system.path(path);
            let before = fs::read_to_string(&path)?;
            hands.remove(&path)?;
            Ok(Some(Undo::Restore(path, before)))
        }
        Action::Tell { path, text, back } => {
            hands.tell(&system.path(path), text)?;
            Ok(back.as_ref().map(|(path, text)| Undo::Tell(system.path(path), text.clone())))
        }
    }
}

/// Takes back what was done, the last first. Gives what could not be.
fn take_back(undo: Vec<Undo>, hands: &mut dyn Hands) -> Vec<String> {
    let mut left = Vec::new();
    for step in undo.into_iter().rev() {
        let (what, result) = match step {
            Undo::Restore(path, text) => (path.display().to_string(), hands.file(&path, &text)),
            Undo::Remove(path) => (path.display().to_string(), hands.remove(&path)),
            Undo::Tell(path, text) => (path.display().to_string(), hands.tell(&path, &text)),
            Undo::Run(command) => (command.join(" "), hands.run(&command)),
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
