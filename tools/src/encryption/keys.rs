//! The key file of a site: lines of an id, a secret of 256 bits and the day on which it was made. The first line's key
//! encrypts, all of them decrypt.
//!
//! An id is derived from its secret, so that neither can be taken for another's.
//!
//! Never: shows a secret; reads a file that others can read.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER_PERMISSIVE as HEX;

use crate::owner;

/// The command that makes a key file.
pub const MADE_BY: &str = "tipring store key new";
/// Octets of a secret.
const SECRET: usize = 32;
/// Octets of the longest file that is read: a key a day for 2 years.
const FILE_MAX: u64 = 64 * 1024;
/// Rights of all users but the owner.
const OTHERS: u32 = 0o077;
/// The first lines of a new file.
const HEAD: &str = "\
# Keys of this site's recordings and messages. The first one encrypts, all of them decrypt.
# Keep a copy of this file apart from the recordings: without its key no recording can be heard again.
";

/// The id of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub(super) [u8; 4]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEX.encode(&self.0))
    }
}

/// A key.
pub struct Key {
    secret: [u8; SECRET],
    /// The day on which it was made, as the file has it.
    pub made: String,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {}", self.id())
    }
}

impl Key {
    /// Draws a key.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn draw(made: String) -> Result<Key, String> {
        let mut secret = [0; SECRET];
        getrandom::fill(&mut secret).map_err(|error| format!("The system gives no random numbers: {error}"))?;
        Ok(Key { secret, made })
    }

    /// Its id: the first octets of a SHA-256 over a label and the secret.
    pub fn id(&self) -> KeyId {
        let hash = digest(&SHA256, &[b"tipring key id", &self.secret[..]].concat());
        let hash = hash.as_ref();
        KeyId([hash[0], hash[1], hash[2], hash[3]])
    }

    pub(super) const fn secret(&self) -> &[u8; SECRET] {
        &self.secret
    }

    fn line(&self) -> String {
        format!("{} {} {}\n", self.id(), HEX.encode(&self.secret), self.made)
    }
}

/// The keys of a file, the one that encrypts first.
#[derive(Debug)]
pub struct Keys {
    file: PathBuf,
    keys: Vec<Key>,
}

impl Keys {
    /// Reads a key file.
    ///
    /// # Errors
    /// It is not there, others can read it, or a line is no key: a sentence with the remedy.
    pub fn load(path: &Path) -> Result<Keys, String> {
        let file = path.display();
        let text = read(path)?;
        let keys = parse(&text).map_err(|(line, why)| format!("{file}:{line}: {why}"))?;
        if keys.is_empty() {
            return Err(format!("There is no key in {file}; put a copy of the file back, or: tipring store key add"));
        }
        Ok(Keys { file: path.to_owned(), keys })
    }

    /// The key that encrypts.
    pub fn writing(&self) -> &Key {
        &self.keys[0]
    }

    /// The key of an id.
    pub fn of(&self, id: KeyId) -> Option<&Key> {
        self.keys.iter().find(|key| key.id() == id)
    }

    /// The keys, the one that encrypts first.
    pub fn iter(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter()
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }
}

/// Makes a key file with one key, for its owner's eyes.
///
/// # Errors
/// There is a file of that name, or it cannot be written: a sentence.
pub fn make(path: &Path, key: &Key) -> Result<(), String> {
    write_new(path, &format!("{HEAD}{}", key.line())).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => format!(
            "{} is there already, and recordings may need its keys; another key is put in front of them by: tipring \
             store key add",
            path.display()
        ),
        _ => format!("The key file {} cannot be written: {error}", path.display()),
    })
}

/// Puts a key in front of those of a file: it encrypts from now on.
///
/// # Errors
/// The file cannot be read or written, or has a fault: a sentence. It is as it was then.
pub fn add(path: &Path, key: &Key) -> Result<(), String> {
    Keys::load(path)?;
    let text = read(path)?;
    let fresh = path.with_extension("fresh");
    let written = write_new(&fresh, &with_key(&text, key)).and_then(|()| {
        owner::give(&fresh, path)?;
        fs::rename(&fresh, path)?;
        sync_folder(path)
    });
    written.map_err(|error| {
        if error.kind() != io::ErrorKind::AlreadyExists {
            drop(fs::remove_file(&fresh));
        }
        format!("The key file {} cannot be written: {}: {error}", path.display(), fresh.display())
    })
}

/// Reads the text of a key file that its owner alone can read.
fn read(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let cannot = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => format!(
            "The key file {shown} is not there; put its copy back, or, where nothing is encrypted yet, make one: {MADE_BY}"
        ),
        io::ErrorKind::PermissionDenied => {
            format!("The key file {shown} cannot be read: {error}; act as the user of the site, or as root")
        }
        _ => format!("The key file {shown} cannot be read: {error}"),
    };
    let mut file = File::open(path).map_err(cannot)?;
    let mode = file.metadata().map_err(cannot)?.mode() & 0o777;
    if mode & OTHERS != 0 {
        return Err(format!("The key file {shown} is open to other users (mode {mode:04o}): chmod 600 {shown}"));
    }
    let mut text = String::new();
    Read::take(&mut file, FILE_MAX).read_to_string(&mut text).map_err(cannot)?;
    Ok(text)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    owner::give(path, folder_of(path))?;
    sync_folder(path)
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn sync_folder(file: &Path) -> io::Result<()> {
    File::open(folder_of(file))?.sync_all()
}

/// The keys of a text; a fault has its line and never shows it.
fn parse(text: &str) -> Result<Vec<Key>, (usize, String)> {
    let mut keys: Vec<Key> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let fault = |why: &str| (number + 1, why.to_owned());
        let mut words = line.split_whitespace();
        let (id, secret) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let secret = HEX.decode(secret.as_bytes()).ok().and_then(|octets| octets.try_into().ok());
        let secret: [u8; SECRET] = secret.ok_or_else(|| {
            fault("a line is an id, a secret of 64 hexadecimal digits, and a day; put a copy of the file back")
        })?;
        let key = Key { secret, made: words.next().unwrap_or("").to_owned() };
        if HEX.decode(id.as_bytes()).ok().as_deref() != Some(&key.id().0[..]) {
            let text = "the secret does not belong to this id: the line was changed; put a copy of the file back";
            return Err(fault(text));
        }
        if keys.iter().any(|known| known.id() == key.id()) {
            return Err(fault("this key stands there twice; remove one of the lines"));
        }
        keys.push(key);
    }
    Ok(keys)
}

/// A text with a key in front of its others.
fn with_key(text: &str, key: &Key) -> String {
    let is_key = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let (head, keys): (Vec<&str>, Vec<&str>) = {
        let lines: Vec<&str> = text.lines().collect();
        let at = lines.iter().position(|line| is_key(line)).unwrap_or(lines.len());
        (lines[..at].to_vec(), lines[at..].to_vec())
    };
    let line = key.line();
    let all = head.into_iter().chain([line.trim_end()]).chain(keys);
    all.flat_map(|line| [line, "\n"]).collect()
}
