//! Checks of the machine: limits of processes, the time service, the service manager.
//!
//! Never: fails where a thing cannot be found out; it says so.

use std::process::{Command, Stdio};

use super::Finding;

/// Descriptors that a site of 200 desks wants: clients, files, and room.
const DESCRIPTORS: u64 = 4_096;
/// The priority that the media thread asks for.
const PRIORITY: u64 = 80;

/// Checks the machine; the limits are those of the process that has the cards, or, where none has, of this one.
pub(super) fn check(process: Option<u32>) -> Vec<Finding> {
    let mut findings = limits(process);
    findings.push(time(answer("timedatectl", &["show", "--property=NTPSynchronized", "--value"]).as_deref()));
    let enabled = answer("systemctl", &["is-enabled", "tipring.service"]);
    let active = answer("systemctl", &["is-active", "tipring.service"]);
    findings.push(unit(enabled.as_deref(), active.as_deref()));
    findings
}

fn limits(process: Option<u32>) -> Vec<Finding> {
    let limits = [
        ("open files", "Max open files", DESCRIPTORS, "clients beyond it are turned away", "LimitNOFILE=65536"),
        (
            "real-time priority",
            "Max realtime priority",
            PRIORITY,
            "a busy machine can hold the media thread up",
            "LimitRTPRIO=80",
        ),
        (
            "locked memory",
            "Max locked memory",
            64 << 20,
            "a card's DMA and the media thread's memory cannot be pinned",
            "LimitMEMLOCK=infinity",
        ),
    ];
    let (file, whose) = match process {
        Some(process) => (format!("/proc/{process}/limits"), "the site"),
        None => ("/proc/self/limits".into(), "this shell"),
    };
    let listed = match std::fs::read_to_string(&file) {
        Ok(listed) => listed,
        Err(error) => {
            return vec![Finding::warning("limits", format!("{file} cannot be read: {error}"), "Run this as root")];
        }
    };
    let one = |(name, title, wanted, why, setting)| match hard_limit(&listed, title) {
        Some(hard) => limit(&format!("{name} of {whose}"), hard, wanted, why, setting),
        None => Finding::warning("limits", format!("{file} has no limit of {name}"), "None"),
    };
    limits.into_iter().map(one).collect()
}

/// The hard limit of a resource in the kernel's list: title, soft limit, hard limit, unit.
fn hard_limit(listed: &str, title: &str) -> Option<u64> {
    let line = listed.lines().find_map(|line| line.strip_prefix(title))?;
    match line.split_whitespace().nth(1)? {
        "unlimited" => Some(u64::MAX),
        number => number.parse().ok(),
    }
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
    fn limits_are_read_from_the_kernels_list() {
        let listed = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max open files            1024                 65536                files     \n\
                      Max locked memory         8388608              unlimited            bytes     \n";
        assert_eq!(hard_limit(listed, "Max open files"), Some(65_536));
        assert_eq!(hard_limit(listed, "Max locked memory"), Some(u64::MAX));
        assert_eq!(hard_limit(listed, "Max realtime priority"), None);
    }

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
