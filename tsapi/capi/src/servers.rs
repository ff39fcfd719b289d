//! Servers of this computer's configuration, and the certificates it trusts.
//!
//! The file `/usr/lib/tslibrc`, or the one that the variable `TIPRING_CSTA_FILE` names:
//!
//! ```text
//! [Telephony Servers]
//! pbx1=450
//! [Config]
//! Trusted CA File=/etc/ssl/pbx1.pem
//! Verify Server FQDN=1
//! ```
//!
//! `TIPRING_CSTA_SERVERS` stands for its servers and `TIPRING_CSTA_CA` for its trusted file, where they are set.
//!
//! Never: opens a connection.

use std::env;
use std::fs;

/// Servers as `host:port`, separated by commas.
const SERVERS: &str = "TIPRING_CSTA_SERVERS";
/// The file of trusted certificates.
const TRUSTED: &str = "TIPRING_CSTA_CA";
/// The file of the configuration.
const FILE_VARIABLE: &str = "TIPRING_CSTA_FILE";
/// File read where the program names none.
const FILE: &str = "/usr/lib/tslibrc";

/// The configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Configuration {
    /// Servers as `host` or `host:port`, in their order.
    pub(crate) servers: Vec<String>,
    pub(crate) trust: Trust,
}

/// Trust of streams within TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trust {
    /// A file with certificates as PEM by one of which a server's own is signed, or which is its own.
    file: Option<String>,
    /// True if the certificate must be of the server's name.
    pub(crate) checks_name: bool,
}

impl Default for Trust {
    fn default() -> Trust {
        Trust { file: None, checks_name: true }
    }
}

impl Trust {
    /// Returns the trusted certificates as PEM; nothing if none are configured or they cannot be read.
    pub(crate) fn authorities(&self) -> Option<Vec<u8>> {
        fs::read(self.file.as_ref()?).ok()
    }
}

/// Reads the configuration.
pub(crate) fn configured() -> Configuration {
    let path = env::var(FILE_VARIABLE).unwrap_or_else(|_| FILE.into());
    let mut configuration = fs::read_to_string(path).map(|text| parse(&text)).unwrap_or_default();
    if let Ok(list) = env::var(SERVERS) {
        let servers = list.split(',').map(str::trim).filter(|server| !server.is_empty());
        configuration.servers = servers.map(str::to_owned).collect();
    }
    if let Ok(file) = env::var(TRUSTED) {
        configuration.trust.file = Some(file);
    }
    configuration
}

/// Parts of a file.
#[derive(Clone, Copy)]
enum Section {
    Servers,
    Config,
    Other,
}

/// Reads a file: host and port separated by blanks, `=` or `:`; comments begin with `;` or `#`, sections with `[`.
/// Lines before any section are servers.
fn parse(text: &str) -> Configuration {
    let mut section = Section::Servers;
    let mut configuration = Configuration::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with([';', '#'])) {
        if line.starts_with('[') {
            section = match line.to_ascii_lowercase().as_str() {
                "[telephony servers]" => Section::Servers,
                "[config]" => Section::Config,
                _ => Section::Other,
            };
            continue;
        }
        match section {
            Section::Servers if !line.starts_with("Alternates") => configuration.servers.extend(server(line)),
            Section::Config => set(&mut configuration.trust, line),
            Section::Servers | Section::Other => {}
        }
    }
    configuration
}

fn server(line: &str) -> Option<String> {
    let mut words = line.split(|c: char| c.is_whitespace() || c == '=' || c == ':').filter(|word| !word.is_empty());
    let host = words.next()?;
    Some(words.next().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

fn set(trust: &mut Trust, line: &str) {
    let Some((key, value)) = line.split_once('=').map(|(key, value)| (key.trim(), value.trim())) else { return };
    if key.eq_ignore_ascii_case("trusted ca file") {
        trust.file = (!value.is_empty()).then(|| value.to_owned());
    } else if key.eq_ignore_ascii_case("verify server fqdn") {
        trust.checks_name = value != "0";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_file_are_read() {
        let text = "; servers\n[Telephony Servers]\npbx1=450\npbx2\t4500\n pbx3 \n\n[Other]\nx=1\n";
        assert_eq!(parse(text).servers, ["pbx1:450", "pbx2:4500", "pbx3"]);
        assert_eq!(parse("127.0.0.1 4500\n# no\nAlternates(A)=B:C\n").servers, ["127.0.0.1:4500"]);
        assert_eq!(parse(""), Configuration::default());
    }

    #[test]
    fn trust_is_configured_in_its_section_and_names_are_checked_unless_it_says_no() {
        let of = |text: &str| parse(text).trust;
        assert_eq!(of("pbx1 450\n"), Trust { file: None, checks_name: true });
        let text = "[Config]\nTrusted CA File = /x/ca.pem\nverify server fqdn=0\n[Telephony Servers]\npbx=1\n";
        assert_eq!(of(text), Trust { file: Some("/x/ca.pem".into()), checks_name: false });
        assert_eq!(of("[Config]\nVerify Server FQDN=1\n"), Trust::default());
        assert_eq!(of("Trusted CA File=/x\n").file, None);
    }
}
