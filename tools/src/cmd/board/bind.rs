//! `tipring board bind` and `unbind`: giving a card to vfio-pci, and back.
//!
//! What is to be done is a list of [`Action`]s, made by looking only; `--dry-run` prints it. Carrying it out stops at the
//! first failure and takes back, in reverse, what was done. A function that is not a card we know is never touched.
//!
//! Two files make it last over a restart: a udev rule that says which driver this one slot is for (and who may open it),
//! and a line for modprobe that has vfio-pci there before a driver that would take the card.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::sysfs::{Function, System, VFIO_PCI};

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

/// The text of the udev rule.
fn rule_text(function: &Function) -> String {
    let id = function.id;
    format!(
        "# Written by tipring: this card is driven by a program, through vfio-pci.\n\
         ACTION==\"add\", SUBSYSTEM==\"pci\", KERNEL==\"{}\", ATTR{{vendor}}==\"{:#06x}\", ATTR{{device}}==\"{:#06x}\", \
         ATTR{{subsystem_vendor}}==\"{:#06x}\", ATTR{{driver_override}}=\"{VFIO_PCI}\", \
         RUN+=\"/sbin/modprobe {VFIO_PCI}\"\n\
         # Members of the group tipring may open it.\n\
         SUBSYSTEM==\"vfio\", KERNEL==\"[0-9]*\", GROUP=\"tipring\", MODE=\"0660\"\n",
        function.address, id.vendor, id.device, id.subsystem_vendor
    )
}

/// One thing to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A program to be run.
    Run {
        /// The program and its arguments.
        command: Vec<String>,
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
            Action::Run { command } => write!(f, "run {}", command.join(" ")),
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
    let mut actions = Vec::new();
    for (path, text) in [(rule_path(function), rule_text(function)), (MODPROBE_PATH.into(), MODPROBE_TEXT.into())] {
        if fs::read_to_string(system.path(&path)).ok().as_ref() != Some(&text) {
            actions.push(Action::File { path, text });
        }
    }
    if function.driver.as_deref() == Some(VFIO_PCI) {
        return Ok(actions);
    }
    if !system.has_vfio_pci() {
        actions.push(Action::Run { command: vec!["modprobe".into(), VFIO_PCI.into()] });
    }
    let device = |file: &str| format!("/sys/bus/pci/devices/{address}/{file}");
    let driver = |name: &str, file: &str| format!("/sys/bus/pci/drivers/{name}/{file}");
    actions.push(Action::Tell {
        path: device("driver_override"),
        text: VFIO_PCI.into(),
        back: Some((device("driver_override"), String::new())),
    });
    if let Some(present) = &function.driver {
        actions.push(Action::Tell {
            path: driver(present, "unbind"),
            text: address.clone(),
            back: Some((driver(present, "bind"), address.clone())),
        });
    }
    actions.push(Action::Tell {
        path: driver(VFIO_PCI, "bind"),
        text: address.clone(),
        back: Some((driver(VFIO_PCI, "unbind"), address.clone())),
    });
    Ok(actions)
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
        let device = |file: &str| format!("/sys/bus/pci/devices/{address}/{file}");
        actions.push(Action::Tell {
            path: device("driver_override"),
            text: String::new(),
            back: Some((device("driver_override"), VFIO_PCI.into())),
        });
        actions.push(Action::Tell {
            path: format!("/sys/bus/pci/drivers/{VFIO_PCI}/unbind"),
            text: address.clone(),
            back: Some((format!("/sys/bus/pci/drivers/{VFIO_PCI}/bind"), address.clone())),
        });
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

/// The system itself.
#[derive(Debug, Default)]
pub struct Bare;

impl Hands for Bare {
    fn run(&mut self, command: &[String]) -> io::Result<()> {
        let [program, arguments @ ..] = command else { return Ok(()) };
        let status = Command::new(program).args(arguments).status()?;
        if status.success() { Ok(()) } else { Err(io::Error::other(format!("it ended with {status}"))) }
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
}

fn perform(system: &System, action: &Action, hands: &mut dyn Hands) -> io::Result<Option<Undo>> {
    match action {
        Action::Run { command } => hands.run(command).map(|()| None),
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
        let (path, result) = match step {
            Undo::Restore(path, text) => (path.clone(), hands.file(&path, &text)),
            Undo::Remove(path) => (path.clone(), hands.remove(&path)),
            Undo::Tell(path, text) => (path.clone(), hands.tell(&path, &text)),
        };
        if let Err(error) = result {
            left.push(format!("{} ({error})", path.display()));
        }
    }
    left
}

fn first_line(action: &Action) -> String {
    action.to_string().lines().next().unwrap_or_default().trim_end_matches(':').to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::sysfs::fake::Tree;
    use super::*;
    use std::os::unix::fs::symlink;

    const CARD: &str = "0000:05:01.0";

    /// Hands that do what a kernel would to the made-up tree; the n-th action fails if so wished.
    struct Kernel<'a> {
        tree: &'a Tree,
        fail_at: Option<usize>,
        done: Vec<String>,
    }

    impl<'a> Kernel<'a> {
        fn new(tree: &'a Tree) -> Kernel<'a> {
            Kernel { tree, fail_at: None, done: Vec::new() }
        }

        fn count(&mut self, what: String) -> io::Result<()> {
            if self.fail_at == Some(self.done.len()) {
                self.fail_at = None;
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            self.done.push(what);
            Ok(())
        }
    }

    impl Hands for Kernel<'_> {
        fn run(&mut self, command: &[String]) -> io::Result<()> {
            self.count(command.join(" "))
        }

        fn file(&mut self, path: &Path, text: &str) -> io::Result<()> {
            self.count(format!("file {}", path.display()))?;
            Bare.file(path, text)
        }

        fn remove(&mut self, path: &Path) -> io::Result<()> {
            self.count(format!("remove {}", path.display()))?;
            Bare.remove(path)
        }

        fn tell(&mut self, path: &Path, text: &str) -> io::Result<()> {
            self.count(format!("{} > {}", text, path.display()))?;
            let device = self.tree.system().device(CARD);
            let link = device.join("driver");
            let driver = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
            match path.file_name().unwrap().to_str().unwrap() {
                "unbind" => fs::remove_file(link),
                "bind" => symlink(format!("../../../bus/pci/drivers/{driver}"), link),
                "drivers_probe" => symlink("../../../bus/pci/drivers/wctdm", link),
                _ => fs::write(path, text),
            }
        }
    }

    fn files(tree: &Tree) -> Vec<String> {
        let mut names = Vec::new();
        for folder in ["etc/udev/rules.d", "etc/modprobe.d"] {
            for entry in fs::read_dir(tree.0.join(folder)).unwrap() {
                names.push(entry.unwrap().file_name().into_string().unwrap());
            }
        }
        names.sort();
        names
    }

    #[test]
    fn a_card_is_bound_and_given_back() {
        let tree = Tree::new();
        tree.plug_card(CARD, Some("wctdm"), Some(7));
        let system = tree.system();
        let function = system.function(CARD).unwrap();
        let actions = plan_bind(&system, &function).unwrap();
        assert_eq!(actions.len(), 5);
        carry_out(&system, &function, &actions, Some(VFIO_PCI), &mut Kernel::new(&tree)).unwrap();
        assert_eq!(files(&tree), ["70-tipring-0000-05-01-0.rules", "tipring.conf"]);

        let function = system.function(CARD).unwrap();
        assert_eq!(function.driver.as_deref(), Some(VFIO_PCI));
        assert_eq!(plan_bind(&system, &function).unwrap(), [], "bound once is enough");

        let actions = plan_unbind(&system, &function).unwrap();
        carry_out(&system, &function, &actions, None, &mut Kernel::new(&tree)).unwrap();
        assert_eq!(system.function(CARD).unwrap().driver.as_deref(), Some("wctdm"));
        assert_eq!(files(&tree), [""; 0]);
    }

    #[test]
    fn whatever_fails_everything_is_as_before() {
        for fail_at in 0..5 {
            let tree = Tree::new();
            tree.plug_card(CARD, Some("wctdm"), Some(7));
            let system = tree.system();
            let function = system.function(CARD).unwrap();
            let actions = plan_bind(&system, &function).unwrap();
            let mut kernel = Kernel::new(&tree);
            kernel.fail_at = Some(fail_at);
            let error = carry_out(&system, &function, &actions, Some(VFIO_PCI), &mut kernel).unwrap_err();
            let text = error.to_string();
            assert!(text.contains("Everything done before has been taken back"), "{text}");
            assert!(text.contains("Run this as root"), "{text}");
            assert_eq!(system.function(CARD).unwrap().driver.as_deref(), Some("wctdm"), "after action {fail_at}");
            assert_eq!(files(&tree), [""; 0], "after action {fail_at}");
        }
    }

    #[test]
    fn a_kernel_that_does_nothing_is_noticed_and_undone() {
        let tree = Tree::new();
        tree.plug_card(CARD, None, Some(7));
        fs::write(tree.0.join("sys/bus/pci/drivers/vfio-pci/bind"), "").unwrap();
        fs::write(tree.0.join("sys/bus/pci/drivers/vfio-pci/unbind"), "").unwrap();
        let system = tree.system();
        let function = system.function(CARD).unwrap();
        let actions = plan_bind(&system, &function).unwrap();
        let error = carry_out(&system, &function, &actions, Some(VFIO_PCI), &mut Bare).unwrap_err();
        assert!(matches!(error, BindError::NotBound { .. }), "{error}");
        assert_eq!(files(&tree), [""; 0]);
    }

    #[test]
    fn a_stranger_is_never_touched() {
        let tree = Tree::new();
        tree.plug("0000:00:02.0", [0x8086, 1, 0, 0], 0x0300, Some("i915"), Some(1));
        tree.plug("0000:05:02.0", [0xe159, 1, 0x8085, 3], 0x0780, None, Some(8));
        let system = tree.system();
        for address in ["0000:00:02.0", "0000:05:02.0"] {
            let function = system.function(address).unwrap();
            assert!(matches!(plan_bind(&system, &function), Err(BindError::NotOurs(_))));
            assert!(matches!(plan_unbind(&system, &function), Err(BindError::NotOurs(_))));
        }
    }

    #[test]
    fn vfio_pci_is_loaded_if_it_is_not_there() {
        let tree = Tree::new();
        fs::remove_dir(tree.0.join("sys/bus/pci/drivers/vfio-pci")).unwrap();
        tree.plug_card(CARD, None, Some(7));
        let system = tree.system();
        let actions = plan_bind(&system, &system.function(CARD).unwrap()).unwrap();
        assert!(actions.iter().any(|action| action.to_string() == "run modprobe vfio-pci"));
    }
}
