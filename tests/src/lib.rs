//! Parts shared by the tests: the program under test, temporary folders, and processes that end with their test.

pub mod seed;
pub mod stored;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use tipring_core::csta::AgentId;
use tipring_tools::users::{Cost, Users};

/// The end of a wait on the wall clock.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    begun: Instant,
    most: Duration,
}

impl Limit {
    /// A wait of this length, from now on.
    pub fn of(most: Duration) -> Limit {
        Limit { begun: Instant::now(), most }
    }

    /// The rest of the wait.
    ///
    /// # Panics
    ///
    /// The wait is over: the message names what was `awaited`.
    #[track_caller]
    pub fn left(self, awaited: &str) -> Duration {
        let left = self.most.checked_sub(self.begun.elapsed());
        left.unwrap_or_else(|| panic!("waited {:?} for {awaited}", self.most))
    }
}

/// Builds a package in the profile of the tests; gives what cargo says of it, a JSON object an artifact.
pub fn built(package: &str) -> Vec<serde_json::Value> {
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    let output = Command::new(env!("CARGO"))
        .args(["build", "--profile", profile, "--package", package, "--message-format", "json"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ stands in the workspace"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "building {package} failed");
    String::from_utf8_lossy(&output.stdout).lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The program `tipring`: the one that `TIPRING_PROGRAM` names, or else one of this profile, built once for all tests
/// of a test program.
pub fn tipring() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Some(program) = std::env::var_os("TIPRING_PROGRAM") {
            return program.into();
        }
        let program =
            built("tipring").into_iter().find_map(|message| message["executable"].as_str().map(PathBuf::from));
        program.expect("cargo says where it put the program")
    })
}

/// Runs the program to its end.
pub fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Output {
    Command::new(tipring()).args(arguments).stdin(Stdio::null()).output().expect("tipring can be started")
}

/// The printed configuration, with any free port and with rings for a busy machine.
pub fn site_config() -> String {
    let printed = String::from_utf8(run(["serve", "--print-config"]).stdout).expect("a configuration is text");
    let config = printed
        .replace("127.0.0.1:4500", "127.0.0.1:0")
        .replace("receive_ring_ms = 64", "receive_ring_ms = 128")
        .replace("transmit_ahead_ms = 4", "transmit_ahead_ms = 48");
    assert!(config.contains(":0\"") && config.contains("= 128") && config.contains("= 48"), "{config}");
    config
}

/// The users and agents of the printed configuration: `desk1` and `desk2` with the role of an agent at the stations
/// 1001 and 1002, and the agents 7001 and 7002, with the least hashes.
pub fn site_users() -> Users {
    let mut users = Users::default();
    for number in 1..=2 {
        let grant = format!("agent:100{number}").parse().expect("a grant");
        let (login, password) = (format!("desk{number}"), format!("change-me-too-{number}"));
        users.set_user(&login, &password, vec![grant], Cost::LEAST).expect("good names");
        let agent = AgentId::new(&format!("700{number}")).expect("short");
        users.set_agent(agent, &format!("change-me-{number}"), Cost::LEAST).expect("a good password");
    }
    users
}

/// A folder of a test's own, removed when dropped.
pub struct Folder(PathBuf);

impl Folder {
    /// Makes one; `name` is for a person who finds it.
    pub fn new(name: &str) -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("tipring-{name}-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a temporary folder can be made");
        Folder(path)
    }

    /// Writes a configuration `site.toml` into it, and the users of [`site_users`] beside it.
    pub fn write_site(&self, config: &str) {
        std::fs::write(self.path("site.toml"), config).expect("the folder can be written");
        site_users().save(&self.path("users.toml")).expect("the folder can be written");
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A process of the program, killed when dropped, whose lines can be waited for.
pub struct Process {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

/// The output of a process that is listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// The standard output.
    Out,
    /// The standard error, where logs go.
    Err,
}

impl Process {
    /// Starts the program and listens to one of its outputs; the other goes where the test's own goes.
    pub fn start<S: AsRef<OsStr>>(
        arguments: impl IntoIterator<Item = S>,
        listen: Listen,
        env: &[(&str, &str)],
    ) -> Process {
        let mut command = Command::new(tipring());
        command.args(arguments).stdin(Stdio::null()).envs(env.iter().copied());
        Process::spawn(command, listen)
    }

    /// Starts the program with a script as its standard input.
    pub fn start_with_input<S: AsRef<OsStr>>(
        arguments: impl IntoIterator<Item = S>,
        listen: Listen,
        env: &[(&str, &str)],
        script: &Path,
    ) -> Process {
        let script = std::fs::File::open(script).expect("the script can be read");
        let mut command = Command::new(tipring());
        command.args(arguments).stdin(script).envs(env.iter().copied());
        Process::spawn(command, listen)
    }

    /// Starts a command, of this program or another, and listens to one of its outputs.
    pub fn spawn(mut command: Command, listen: Listen) -> Process {
        match listen {
            Listen::Out => command.stdout(Stdio::piped()),
            Listen::Err => command.stderr(Stdio::piped()).stdout(Stdio::null()),
        };
        let mut child = command.spawn().expect("the program can be started");
        let (tell, lines) = channel();
        let output: Box<dyn std::io::Read + Send> = match listen {
            Listen::Out => Box::new(child.stdout.take().expect("it is piped")),
            Listen::Err => Box::new(child.stderr.take().expect("it is piped")),
        };
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        Process { child, lines, seen: Vec::new() }
    }

    /// Waits for a line that fits and gives it; panics with all that was said instead when none comes in time.
    pub fn wait_for(&mut self, what: &str, limit: Duration, fits: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + limit;
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if fits(&line) {
                        return line;
                    }
                }
                Err(_) => panic!("waited {limit:?} for {what}; it said:\n{}", self.seen.join("\n")),
            }
        }
    }

    /// Waits until the process has made a file, or put up a socket; panics when it ends before, or takes longer.
    pub fn wait_for_file(&mut self, path: &Path, limit: Duration) {
        let deadline = Instant::now() + limit;
        while !path.exists() {
            let ended = self.child.try_wait().expect("a child can be waited for");
            assert!(ended.is_none(), "it ended ({ended:?}) before {}:\n{}", path.display(), self.seen().join("\n"));
            assert!(Instant::now() < deadline, "waited {limit:?} for {}", path.display());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// All lines so far.
    pub fn seen(&mut self) -> &[String] {
        self.seen.extend(self.lines.try_iter());
        &self.seen
    }

    /// Its process number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        let pid = nix::unistd::Pid::from_raw(self.child.id() as i32);
        let _ = nix::sys::signal::kill(pid, signal);
    }

    /// Waits until it ends by itself; panics when it takes longer.
    pub fn wait_for_end(&mut self, limit: Duration) -> std::process::ExitStatus {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return status;
            }
            assert!(Instant::now() < deadline, "waited {limit:?} for its end; it said:\n{}", self.seen().join("\n"));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it as `kill -9` does.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end, as a service manager does, and waits as long as that would: `TimeoutStopSec` of
    /// `tipring.service`.
    pub fn terminate(&mut self) -> std::process::ExitStatus {
        self.signal(nix::sys::signal::Signal::SIGTERM);
        self.wait_for_end(Duration::from_secs(120))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "for a card that never comes")]
    fn a_wait_ends_with_what_was_awaited() {
        let limit = Limit::of(Duration::from_millis(20));
        for _ in 0..1000 {
            assert!(limit.left("a card that never comes") <= Duration::from_millis(20));
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
