//! The socket of systemd's journal: one datagram an entry.
//!
//! Never: waits for a journal that is being started again; its entries count as lost.

use std::io::{self, Write};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use nix::sys::stat::fstat;

/// The journal's socket (systemd-journald.service(8)).
const SOCKET: &str = "/run/systemd/journal/socket";

/// A way into the journal.
pub(super) struct Journal {
    path: PathBuf,
    socket: UnixDatagram,
}

impl Journal {
    /// The system's journal, if the standard error leads there (`JOURNAL_STREAM`) and its socket takes datagrams.
    pub(super) fn of_stderr() -> Option<Journal> {
        leads_to_journal().then(|| Journal::connect(Path::new(SOCKET)).ok()).flatten()
    }

    fn connect(path: &Path) -> io::Result<Journal> {
        let socket = UnixDatagram::unbound()?;
        socket.connect(path)?;
        Ok(Journal { path: path.into(), socket })
    }
}

/// Returns true if the standard error is the journal's stream: its device and inode are those of `JOURNAL_STREAM`.
pub(super) fn leads_to_journal() -> bool {
    let Some(stream) = std::env::var_os("JOURNAL_STREAM") else { return false };
    fstat(io::stderr()).is_ok_and(|file| *stream == *format!("{}:{}", file.st_dev, file.st_ino))
}

impl Write for Journal {
    fn write(&mut self, entry: &[u8]) -> io::Result<usize> {
        match self.socket.send(entry) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            // A journal that was started again listens at a new socket of the same name.
            Err(_) => {
                self.socket.connect(&self.path)?;
                self.socket.send(entry)?;
            }
        }
        Ok(entry.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn each_entry_is_one_datagram_and_a_journal_that_was_started_again_gets_the_next() {
        let path = std::env::temp_dir().join(format!("tipring-journal-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let first = UnixDatagram::bind(&path).unwrap();
        let mut journal = Journal::connect(&path).unwrap();
        journal.write_all(b"MESSAGE=one\n").unwrap();
        let mut octets = [0; 64];
        let count = first.recv(&mut octets).unwrap();
        assert_eq!(&octets[..count], b"MESSAGE=one\n");
        drop(first);
        assert!(journal.write_all(b"MESSAGE=two\n").is_err());
        std::fs::remove_file(&path).unwrap();
        let second = UnixDatagram::bind(&path).unwrap();
        second.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        journal.write_all(b"MESSAGE=three\n").unwrap();
        let count = second.recv(&mut octets).unwrap();
        assert_eq!(&octets[..count], b"MESSAGE=three\n");
        std::fs::remove_file(&path).unwrap();
    }
}
