//! Binding on a made-up tree, with an executor that does what the kernel does.

use super::super::sysfs::fake::Tree;
use super::*;
use std::os::unix::fs::symlink;

const CARD: &str = "0000:05:01.0";

/// Model of the kernel on the made-up tree; the n-th action fails if so wished.
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

    /// Binds as the kernel's match rule has it: a function with an override goes to that driver only, and to vfio-pci,
    /// which knows no numbers of its own, goes nothing else.
    fn bind(&self, device: &Path, driver: &str) -> io::Result<()> {
        let wanted = fs::read_to_string(device.join("driver_override"))?;
        let fits = match wanted.trim() {
            "" | "(null)" => driver != VFIO_PCI,
            wanted => wanted == driver,
        };
        if !fits || device.join("driver").exists() {
            return Err(io::Error::from_raw_os_error(nix::libc::ENODEV));
        }
        symlink(format!("../../../bus/pci/drivers/{driver}"), device.join("driver"))
    }
}

impl Executor for Kernel<'_> {
    fn run(&mut self, command: &[String]) -> io::Result<()> {
        self.count(command.join(" "))
    }

    fn file(&mut self, path: &Path, text: &str) -> io::Result<()> {
        self.count(format!("file {}", path.display()))?;
        Bare(&self.tree.system()).file(path, text)
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.count(format!("remove {}", path.display()))?;
        Bare(&self.tree.system()).remove(path)
    }

    fn write_attribute(&mut self, path: &Path, text: &str) -> io::Result<()> {
        self.count(format!("{} > {}", text, path.display()))?;
        let device = self.tree.system().device(CARD);
        let driver = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
        match path.file_name().unwrap().to_str().unwrap() {
            "unbind" => fs::remove_file(device.join("driver")),
            "bind" => self.bind(&device, driver),
            "drivers_probe" => self.bind(&device, "wctdm"),
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
    assert_eq!(system.driver_override(CARD), VFIO_PCI);

    let function = system.function(CARD).unwrap();
    assert_eq!(function.driver.as_deref(), Some(VFIO_PCI));
    assert_eq!(plan_bind(&system, &function).unwrap(), [], "bound once is enough");

    let actions = plan_unbind(&system, &function).unwrap();
    carry_out(&system, &function, &actions, None, &mut Kernel::new(&tree)).unwrap();
    assert_eq!(system.function(CARD).unwrap().driver.as_deref(), Some("wctdm"));
    assert_eq!((files(&tree).len(), system.driver_override(CARD).as_str()), (0, ""));
    assert_eq!(plan_unbind(&system, &system.function(CARD).unwrap()).unwrap(), [], "nothing is left to take back");
}

#[test]
fn whatever_fails_in_giving_back_the_card_stays_with_vfio_pci() {
    for fail_at in 0..5 {
        let tree = Tree::new();
        tree.plug_card(CARD, None, Some(7));
        let system = tree.system();
        let actions = plan_bind(&system, &system.function(CARD).unwrap()).unwrap();
        let function = system.function(CARD).unwrap();
        carry_out(&system, &function, &actions, Some(VFIO_PCI), &mut Kernel::new(&tree)).unwrap();
        let written = files(&tree);
        let function = system.function(CARD).unwrap();
        let actions = plan_unbind(&system, &function).unwrap();
        assert_eq!(actions.len(), 5);
        let mut kernel = Kernel::new(&tree);
        kernel.fail_at = Some(fail_at);
        let error = carry_out(&system, &function, &actions, None, &mut kernel).unwrap_err().to_string();
        assert!(error.contains("Everything done before has been taken back"), "{error}");
        assert_eq!(system.function(CARD).unwrap().driver.as_deref(), Some(VFIO_PCI), "after action {fail_at}");
        assert_eq!((files(&tree), system.driver_override(CARD)), (written, VFIO_PCI.into()), "after action {fail_at}");
    }
}

#[test]
fn the_second_of_two_cards_keeps_what_both_need() {
    const OTHER: &str = "0000:05:02.0";
    let tree = Tree::new();
    let system = tree.system();
    for card in [CARD, OTHER] {
        tree.plug_card(card, None, Some(7));
        let function = system.function(card).unwrap();
        let files = plan_bind(&system, &function).unwrap();
        for action in files.iter().filter(|action| matches!(action, Action::File { .. })) {
            perform(&system, action, &mut Bare(&system)).unwrap();
        }
    }
    assert_eq!(files(&tree).len(), 3, "a rule for each, and one file for modprobe");
    let rule = fs::read_to_string(system.path("/etc/udev/rules.d/70-tipring-0000-05-02-0.rules")).unwrap();
    assert!(rule.contains("KERNEL==\"0000:05:02.0\"") && rule.contains("drivers_probe"), "{rule}");
    for action in plan_unbind(&system, &system.function(CARD).unwrap()).unwrap() {
        perform(&system, &action, &mut Bare(&system)).unwrap();
    }
    assert_eq!(files(&tree), ["70-tipring-0000-05-02-0.rules", "tipring.conf"]);
}

#[test]
fn what_an_administrator_had_set_is_put_back() {
    let tree = Tree::new();
    tree.plug_card(CARD, Some("wctdm"), Some(7));
    let system = tree.system();
    fs::write(system.device(CARD).join("driver_override"), "wctdm\n").unwrap();
    let function = system.function(CARD).unwrap();
    let actions = plan_bind(&system, &function).unwrap();
    let mut kernel = Kernel::new(&tree);
    kernel.fail_at = Some(actions.len() - 1);
    carry_out(&system, &function, &actions, Some(VFIO_PCI), &mut kernel).unwrap_err();
    assert_eq!(system.driver_override(CARD), "wctdm");
    assert_eq!(system.function(CARD).unwrap().driver.as_deref(), Some("wctdm"));
}

#[test]
fn a_driver_in_use_is_left_alone() {
    let tree = Tree::new();
    tree.plug_card(CARD, Some("wctdm"), Some(7));
    let system = tree.system();
    fs::create_dir_all(system.path("/sys/module/wctdm")).unwrap();
    fs::write(system.path("/sys/module/wctdm/refcnt"), "2\n").unwrap();
    let error = plan_bind(&system, &system.function(CARD).unwrap()).unwrap_err().to_string();
    assert!(error.contains("2 users have wctdm") && error.contains("asterisk"), "{error}");
    fs::write(system.path("/sys/module/wctdm/refcnt"), "0\n").unwrap();
    assert!(plan_bind(&system, &system.function(CARD).unwrap()).is_ok());
}

#[test]
fn the_group_is_made_once_and_goes_when_binding_fails() {
    let tree = Tree::new();
    tree.plug_card(CARD, None, Some(7));
    let system = tree.system();
    fs::write(system.path("/etc/group"), "root:x:0:\nnottipring:x:5:\n").unwrap();
    let function = system.function(CARD).unwrap();
    let without = plan_bind(&system, &function).unwrap().len();
    fs::create_dir_all(system.path("/usr/sbin")).unwrap();
    fs::write(system.path("/usr/sbin/groupadd"), "").unwrap();
    let actions = plan_bind(&system, &function).unwrap();
    let mut kernel = Kernel::new(&tree);
    kernel.fail_at = Some(3);
    carry_out(&system, &function, &actions, Some(VFIO_PCI), &mut kernel).unwrap_err();
    assert_eq!(kernel.done.first().map(String::as_str), Some("groupadd --system tipring"));
    assert_eq!(kernel.done.last().map(String::as_str), Some("groupdel tipring"));
    fs::write(system.path("/etc/group"), "root:x:0:\ntipring:x:990:\n").unwrap();
    assert_eq!((plan_bind(&system, &function).unwrap().len(), actions.len()), (without, without + 1));
}

#[test]
fn a_kernel_without_the_module_is_told_before_anything_is_done() {
    let tree = Tree::new();
    fs::remove_dir(tree.0.join("sys/bus/pci/drivers/vfio-pci")).unwrap();
    tree.plug_card(CARD, None, Some(7));
    let system = tree.system();
    fs::create_dir_all(system.path("/proc/sys/kernel")).unwrap();
    fs::create_dir_all(system.path("/lib/modules/6.1-cloud")).unwrap();
    fs::write(system.path("/proc/sys/kernel/osrelease"), "6.1-cloud\n").unwrap();
    fs::write(system.path("/lib/modules/6.1-cloud/modules.dep"), "kernel/net/sctp.ko:\n").unwrap();
    let error = plan_bind(&system, &system.function(CARD).unwrap()).unwrap_err().to_string();
    assert!(error.contains("6.1-cloud has no module vfio-pci"), "{error}");
    fs::write(system.path("/lib/modules/6.1-cloud/modules.dep"), "kernel/vfio/pci/vfio-pci.ko.xz:\n").unwrap();
    assert!(plan_bind(&system, &system.function(CARD).unwrap()).is_ok());
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
        assert_eq!((files(&tree).len(), system.driver_override(CARD).as_str()), (0, ""), "after action {fail_at}");
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
    let error = carry_out(&system, &function, &actions, Some(VFIO_PCI), &mut Bare(&system)).unwrap_err();
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
