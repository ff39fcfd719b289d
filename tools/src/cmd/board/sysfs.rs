//! The PCI functions of this computer as the kernel shows them, and what stands between a card and its use.
//!
//! Everything is read below a root, `/` in earnest and a made-up tree in tests. Never: writes.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use tipring_driver::pci::PciId;
use tipring_driver::pci::ids::{CardModel, identify};

/// The driver through which programs reach a PCI function.
pub const VFIO_PCI: &str = "vfio-pci";
/// Class and subclass of a PCI-to-PCI bridge, which may share a group with anything.
const CLASS_BRIDGE: u32 = 0x0604;

/// The kernel's view of the hardware.
#[derive(Debug, Clone)]
pub struct System {
    root: PathBuf,
}

/// One PCI function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its bus address with domain, as `0000:05:01.0`.
    pub address: String,
    /// Its numbers.
    pub id: PciId,
    /// The card it belongs to, if it is one that we know.
    pub model: Option<CardModel>,
    /// Class and subclass.
    pub class: u32,
    /// The driver it is bound to.
    pub driver: Option<String>,
    /// Its IOMMU group.
    pub group: Option<u32>,
}

/// An obstacle to the card's use, and its remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// The obstacle.
    pub what: String,
    /// The remedy.
    pub remedy: String,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}.", self.what, self.remedy)
    }
}

impl System {
    /// The system below `root`.
    pub fn new(root: &Path) -> System {
        System { root: root.to_owned() }
    }

    /// A path below the root.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// The folder of a function.
    pub fn device(&self, address: &str) -> PathBuf {
        self.path("/sys/bus/pci/devices").join(address)
    }

    /// All functions, by address. A system without PCI has none.
    pub fn functions(&self) -> io::Result<Vec<Function>> {
        let entries = match fs::read_dir(self.path("/sys/bus/pci/devices")) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut functions = Vec::new();
        for entry in entries {
            // A function that goes while we look is left out.
            if let Some(function) = entry?.file_name().to_str().and_then(|address| self.function(address)) {
                functions.push(function);
            }
        }
        functions.sort_by(|a, b| a.address.cmp(&b.address));
        Ok(functions)
    }

    /// The cards that we know.
    pub fn cards(&self) -> io::Result<Vec<Function>> {
        Ok(self.functions()?.into_iter().filter(|function| function.model.is_some()).collect())
    }

    /// One function by its full address.
    pub fn function(&self, address: &str) -> Option<Function> {
        let folder = self.device(address);
        let number = |file: &str| {
            let text = fs::read_to_string(folder.join(file)).ok()?;
            u32::from_str_radix(text.trim().trim_start_matches("0x"), 16).ok()
        };
        let id = PciId {
            vendor: number("vendor")? as u16,
            device: number("device")? as u16,
            subsystem_vendor: number("subsystem_vendor")? as u16,
            subsystem_device: number("subsystem_device")? as u16,
        };
        Some(Function {
            address: address.to_owned(),
            id,
            model: identify(id),
            class: number("class")? >> 8,
            driver: link_name(&folder.join("driver")),
            group: link_name(&folder.join("iommu_group")).and_then(|name| name.parse().ok()),
        })
    }

    /// Returns true if vfio-pci, the driver that gives programs access to a function, is loaded.
    pub fn has_vfio_pci(&self) -> bool {
        self.path("/sys/bus/pci/drivers").join(VFIO_PCI).exists()
    }

    /// That the running kernel has no vfio-pci, neither loaded nor to be loaded, as far as its list of modules tells.
    pub fn missing_module(&self) -> Option<Obstacle> {
        if self.has_vfio_pci() {
            return None;
        }
        let release = fs::read_to_string(self.path("/proc/sys/kernel/osrelease")).ok()?;
        let release = release.trim();
        let folder = self.path("/lib/modules").join(release);
        let known = fs::read_to_string(folder.join("modules.dep")).ok()?;
        let built_in = fs::read_to_string(folder.join("modules.builtin")).unwrap_or_default();
        let there = [known, built_in].iter().any(|list| list.contains("/vfio-pci.ko") || list.contains("/vfio_pci.ko"));
        (!there).then(|| Obstacle {
            what: format!("The kernel {release} has no module vfio-pci"),
            remedy: "Install the distribution's full kernel: those made for clouds and small devices leave it out"
                .into(),
        })
    }

    /// Returns the reference count of a kernel driver's module.
    pub fn users_of(&self, driver: &str) -> u32 {
        let count = |path: PathBuf| fs::read_to_string(path).ok()?.trim().parse().ok();
        let of_driver = self.path("/sys/bus/pci/drivers").join(driver).join("module/refcnt");
        count(of_driver).or_else(|| count(self.path("/sys/module").join(driver).join("refcnt"))).unwrap_or(0)
    }

    /// The driver that a function is kept for; nothing if for none.
    pub fn driver_override(&self, address: &str) -> String {
        let text = fs::read_to_string(self.device(address).join("driver_override")).unwrap_or_default();
        match text.trim() {
            "(null)" => String::new(),
            driver => driver.to_owned(),
        }
    }

    /// Returns true if the group of users exists, or the system has no list of groups.
    pub fn has_group(&self, name: &str) -> bool {
        let Ok(groups) = fs::read_to_string(self.path("/etc/group")) else { return true };
        groups.lines().any(|line| line.split(':').next() == Some(name))
    }

    /// Returns true if the program is installed in one of the system's folders.
    pub fn has_program(&self, name: &str) -> bool {
        ["/usr/sbin", "/sbin", "/usr/bin", "/bin"].iter().any(|folder| self.path(folder).join(name).exists())
    }

    /// Path of a program: its name alone, or in `sbin` of a tree that is not the system's own.
    pub fn program(&self, name: &str) -> PathBuf {
        if self.root == Path::new("/") { name.into() } else { self.root.join("sbin").join(name) }
    }

    /// Everything that stands between a card and its use, the first thing to do first.
    pub fn obstacles(&self, function: &Function) -> Vec<Obstacle> {
        if function.model.is_none() {
            let remedy = "Leave it to its own driver; tipring board list shows the cards that can be used".into();
            return vec![Obstacle { what: format!("{} is not a card that tipring knows", function.address), remedy }];
        }
        let mut obstacles = Vec::new();
        let mut add = |what: String, remedy: &str| obstacles.push(Obstacle { what, remedy: remedy.to_owned() });
        let Some(group) = function.group else {
            add(
                "The card is in no IOMMU group: the IOMMU is off".into(),
                "Switch it on in the firmware (VT-d or AMD-Vi), add intel_iommu=on to the kernel's command line on Intel, \
                 and restart",
            );
            return obstacles;
        };
        for other in self.neighbours(function, group) {
            add(
                format!(
                    "{} (driver {}) shares IOMMU group {group} with the card",
                    other.address,
                    other.driver.as_deref().unwrap_or("none")
                ),
                &match other.model {
                    Some(_) => format!("It is a card, too. Run: tipring board bind {}", other.address),
                    None => "Put the card into another slot, or unbind that function too".to_owned(),
                },
            );
        }
        if let Some(Obstacle { what, remedy }) = self.missing_module() {
            add(what, &remedy);
        }
        match function.driver.as_deref() {
            Some(VFIO_PCI) => self.check_access(group, &mut add),
            Some(driver) => match self.users_of(driver) {
                0 => add(
                    format!("The driver {driver} has the card"),
                    &format!("Run: tipring board bind {}", function.address),
                ),
                users => add(
                    format!("The driver {driver} has the card, and {users} users have the driver"),
                    &format!("End what uses it (asterisk, dahdi), then run: tipring board bind {}", function.address),
                ),
            },
            None => {
                add("No driver has the card".into(), &format!("Run: tipring board bind {}", function.address));
            }
        }
        obstacles
    }

    /// Functions of the same group whose drivers keep the group from being opened.
    fn neighbours(&self, function: &Function, group: u32) -> Vec<Function> {
        let all = self.functions().unwrap_or_default();
        all.into_iter()
            .filter(|other| other.group == Some(group) && other.address != function.address)
            .filter(|other| other.class != CLASS_BRIDGE)
            .filter(|other| other.driver.as_deref().is_some_and(|driver| driver != VFIO_PCI))
            .collect()
    }

    /// Checks that this user may open the group.
    fn check_access(&self, group: u32, add: &mut impl FnMut(String, &str)) {
        let path = self.path("/dev/vfio").join(group.to_string());
        let shown = format!("/dev/vfio/{group}");
        let Err(error) = OpenOptions::new().read(true).write(true).open(path) else { return };
        match error.kind() {
            io::ErrorKind::PermissionDenied => add(
                format!("This user may not open {shown}"),
                "Become a member of the group tipring (usermod -aG tipring USER, and log in again), or run this as root",
            ),
            io::ErrorKind::ResourceBusy => add(format!("Another program has {shown} open"), "End it first"),
            io::ErrorKind::NotFound => add(format!("{shown} is not there"), "Load the module vfio-pci"),
            _ => add(format!("{shown} cannot be opened: {error}"), "See the kernel's log"),
        }
    }
}

/// The last part of what a symbolic link points to.
pub fn link_name(link: &Path) -> Option<String> {
    Some(fs::read_link(link).ok()?.file_name()?.to_str()?.to_owned())
}

/// A bus address with its domain: `05:01.0` is `0000:05:01.0`. None if it is not written like one.
pub fn full_address(address: &str) -> Option<String> {
    let full = if address.matches(':').count() == 1 { format!("0000:{address}") } else { address.to_owned() };
    let shape: Vec<&str> = full.split([':', '.']).collect();
    let hex = |text: &str, digits: usize| text.len() == digits && text.chars().all(|c| c.is_ascii_hexdigit());
    match shape[..] {
        [domain, bus, device, function]
            if hex(domain, 4) && hex(bus, 2) && hex(device, 2) && hex(function, 1) && full.contains('.') =>
        {
            Some(full.to_ascii_lowercase())
        }
        _ => None,
    }
}

/// Trees that look like the kernel's, for tests.
#[cfg(test)]
pub mod fake {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A made-up system in a folder that goes when this does.
    pub struct Tree(pub PathBuf);

    impl Tree {
        /// An empty system with the drivers vfio-pci, wctdm and pcieport.
        pub fn new() -> Tree {
            static NEXT: AtomicU32 = AtomicU32::new(0);
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let root = std::env::temp_dir().join(format!("tipring-sysfs-{}-{number}", std::process::id()));
            let tree = Tree(root);
            for driver in [VFIO_PCI, "wctdm", "pcieport"] {
                fs::create_dir_all(tree.0.join("sys/bus/pci/drivers").join(driver)).unwrap();
            }
            for folder in ["sys/bus/pci/devices", "dev/vfio", "etc/udev/rules.d", "etc/modprobe.d"] {
                fs::create_dir_all(tree.0.join(folder)).unwrap();
            }
            tree
        }

        /// Plugs a function in.
        pub fn plug(&self, address: &str, numbers: [u16; 4], class: u32, driver: Option<&str>, group: Option<u32>) {
            let folder = self.0.join("sys/bus/pci/devices").join(address);
            fs::create_dir_all(&folder).unwrap();
            for (file, number) in ["vendor", "device", "subsystem_vendor", "subsystem_device"].into_iter().zip(numbers)
            {
                fs::write(folder.join(file), format!("{number:#06x}\n")).unwrap();
            }
            fs::write(folder.join("class"), format!("{:#08x}\n", class << 8)).unwrap();
            fs::write(folder.join("driver_override"), "(null)\n").unwrap();
            if let Some(driver) = driver {
                symlink(format!("../../../bus/pci/drivers/{driver}"), folder.join("driver")).unwrap();
            }
            if let Some(group) = group {
                symlink(format!("../../../kernel/iommu_groups/{group}"), folder.join("iommu_group")).unwrap();
                fs::write(self.0.join("dev/vfio").join(group.to_string()), "").unwrap();
            }
        }

        /// Plugs a TDM400P in.
        pub fn plug_card(&self, address: &str, driver: Option<&str>, group: Option<u32>) {
            self.plug(address, [0xe159, 0x0001, 0xb1d9, 0x0003], 0x0780, driver, group);
        }

        /// The system.
        pub fn system(&self) -> System {
            System::new(&self.0)
        }
    }

    impl Drop for Tree {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fake::Tree;
    use super::*;

    #[test]
    fn only_cards_that_are_known_are_cards() {
        let tree = Tree::new();
        tree.plug_card("0000:05:01.0", None, Some(7));
        tree.plug("0000:05:02.0", [0xe159, 1, 0x8085, 3], 0x0780, None, Some(8));
        tree.plug("0000:00:1f.0", [0x8086, 0x1234, 0, 0], 0x0601, None, Some(1));
        let system = tree.system();
        assert_eq!(system.functions().unwrap().len(), 3);
        let cards = system.cards().unwrap();
        assert_eq!(cards.len(), 1);
        assert_eq!((cards[0].address.as_str(), cards[0].group), ("0000:05:01.0", Some(7)));
    }

    #[test]
    fn each_obstacle_is_said_with_what_to_do() {
        let tree = Tree::new();
        tree.plug_card("0000:05:01.0", Some(VFIO_PCI), Some(7));
        tree.plug_card("0000:05:02.0", Some("wctdm"), Some(8));
        tree.plug_card("0000:05:03.0", None, None);
        tree.plug_card("0000:05:04.0", Some(VFIO_PCI), Some(9));
        tree.plug("0000:05:04.1", [0x8086, 1, 0, 0], 0x0200, Some("e1000e"), Some(9));
        tree.plug("0000:04:00.0", [0x8086, 2, 0, 0], CLASS_BRIDGE, Some("pcieport"), Some(7));
        let system = tree.system();
        let said = |address| {
            let function = system.function(address).unwrap();
            system.obstacles(&function).iter().map(Obstacle::to_string).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(said("0000:05:01.0"), "", "bridges do not count");
        assert!(said("0000:05:02.0").contains("The driver wctdm has the card. Run: tipring board bind"));
        assert!(said("0000:05:03.0").contains("IOMMU is off"));
        assert!(said("0000:05:04.1").contains("not a card that tipring knows. Leave it"));
        tree.plug_card("0000:06:00.0", Some("netjet"), Some(9));
        fs::create_dir_all(tree.0.join("sys/module/netjet")).unwrap();
        fs::write(tree.0.join("sys/module/netjet/refcnt"), "1\n").unwrap();
        assert!(said("0000:06:00.0").contains("1 users have the driver. End what uses it"));
        assert!(said("0000:05:04.0").contains("It is a card, too. Run: tipring board bind 0000:06:00.0"));
        assert!(said("0000:05:04.0").contains("0000:05:04.1 (driver e1000e) shares IOMMU group 9"));
    }

    #[test]
    fn addresses_are_completed_or_refused() {
        assert_eq!(full_address("05:01.0").as_deref(), Some("0000:05:01.0"));
        assert_eq!(full_address("0000:0A:01.0").as_deref(), Some("0000:0a:01.0"));
        for wrong in ["", "5:1.0", "0000:05:01", "../../etc", "0000:05:01.0/..", "zz:01.0"] {
            assert_eq!(full_address(wrong), None, "{wrong}");
        }
    }
}
