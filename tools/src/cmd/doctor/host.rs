//! Checks of the machine: limits of processes, the time service, the service manager.
//!
//! Never: fails where a thing cannot be found out; it says so.

use std::process::{Command, Stdio};

use nix::sys::resource::{Resource, getrlimit};

use super::Finding;

/// Descriptors that a site of 200 desks wants: clients, files, and room.
const DESCRIPTORS: u64 = 4_096;
/// The priority that the media thread asks for.
const PRIORITY: u64 = 80;

/// Checks the machine.
pub(super) fn check() -> Vec<Finding> {
    let mut findings = limits();
    findings.push(time(answer("timedatectl", &["show", "--property=NTPSynchronized", "--value"]).as_deref()));
    let enabled = answer("systemctl", &["is-enabled", "tipring.service"]);
    let active = answer("systemctl", &["is-active", "tipring.service"]);
    findings.push(unit(enabled.as_deref(), active.as_deref()));
    findings
}

fn limits() -> Vec<Finding> {
    let limits = [
        ("open files", Resource::RLIMIT_NOFILE, DESCRIPTORS, "clients beyond it are turned away", "LimitNOFILE=65536"),
        (
            "real-time priority",
            Resource::RLIMIT_RTPRIO,
            PRIORITY,
            "a busy machine can hold the media thread up",
            "LimitRTPRIO=80",
        ),
        (
            "locked memory",
            Resource::RLIMIT_MEMLOCK,
            64 << 20,
            "a card's DMA and the media thread's memory cannot be pinned",
            "LimitMEMLOCK=infinity",
        ),
    ];
    let one = |(name, resource, wanted, why, setting)| match getrlimit(resource) {
        Ok((_, hard)) => limit(name, hard, wanted, why, setting),
        Err(error) => Finding::warning("limits", format!("The limit of {name} cannot be read: {error}"), "None"),
    };
    limits.into_iter().map(one).collect()
}

fn limit(name: &str, hard: u64, wanted: u64, why: &str, setting: &str) -> Finding {
    let shown = if hard == u64::MAX { "without a limit".into() } else { hard.to_string() };
    match hard >= wanted {
        true => Finding::good("limits", format!("{name}: {shown}")),
        false => Finding::warning(
            "limits",
            format!("{name}: {shown}, {wanted} wanted; {why}"),
            format!("The unit tipring.service sets {setting}; a shell has it by ulimit or limits.conf"),
        ),
    }
}

fn time(synchronised: Option<&str>) -> Finding {
    let remedy = "Run systemd-timesyncd or chrony: records, reports and calendars follow the machine's clock";
    match synchronised {
        Some("yes") => Finding::good("time", "The clock is kept by a time service"),
        Some(_) => Finding::warning("time", "The clock is not kept by a time service", remedy),
        None => Finding::warning("time", "It cannot be found out whether a time service keeps the clock", remedy),
    }
}

fn unit(enabled: Option<&str>, active: Option<&str>) -> Finding {
    match (enabled, active) {
        (_, Some("failed")) => Finding::failed(
            "unit",
            "tipring.service has failed",
            "journalctl --unit tipring says why; then systemctl reset-failed tipring and start it",
        ),
        (Some("enabled"), Some(active)) => Finding::good("unit", format!("tipring.service is enabled, {active} now")),
        (Some("disabled"), _) => Finding::warning(
            "unit",
            "tipring.service does not start with the machine",
            "systemctl enable --now tipring",
        ),
        _ => Finding::warning(
            "unit",
            "There is no tipring.service, or no systemd to ask",
            "Install the package tipring, or see to it that the program is started with the machine",
        ),
    }
}

/// The first line that a program prints; none if it is not there or prints nothing.
fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().next().filter(|line| !line.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::Outcome;
    use super::*;

    #[test]
    fn a_limit_below_the_wanted_one_is_a_warning_with_the_units_setting() {
        assert_eq!(limit("open files", u64::MAX, 4_096, "", "").outcome, Outcome::Good);
        let found = limit("open files", 1_024, 4_096, "clients are turned away", "LimitNOFILE=65536");
        assert_eq!(found.outcome, Outcome::Warning);
        assert!(found.remedy.is_some_and(|remedy| remedy.contains("LimitNOFILE=65536")));
    }

    #[test]
    fn a_failed_unit_fails_and_an_unknown_one_warns() {
        assert_eq!(unit(Some("enabled"), Some("failed")).outcome, Outcome::Failed);
        assert_eq!(unit(Some("enabled"), Some("active")).outcome, Outcome::Good);
        assert_eq!(unit(Some("disabled"), Some("inactive")).outcome, Outcome::Warning);
        assert_eq!(unit(None, None).outcome, Outcome::Warning);
        assert_eq!(
            [time(Some("yes")), time(Some("no")), time(None)].map(|found| found.outcome),
            [Outcome::Good, Outcome::Warning, Outcome::Warning]
        );
    }
}
