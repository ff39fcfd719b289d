//! A GET of an HTTP address with the key in it.
//!
//! | status | answer |
//! |---|---|
//! | 200 to 299 | the body as text, or the value that the JSON pointer leads to |
//! | 204, 404, an empty body, no such value, null | none |
//! | others | failure |
//!
//! Connections are kept for the next question. Proxies of the environment are not used.
//!
//! Never: reads a body longer than [`BODY_MAX`], or follows a redirection to another scheme than HTTP's.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::Agent;
use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::DipError;

/// The place of the key in an address.
pub const KEY: &str = "{key}";
/// The longest body, in octets.
pub const BODY_MAX: u64 = 65_536;
/// Redirections that are followed for one question.
const REDIRECTIONS: u32 = 3;
/// Characters of a key that are not encoded: the unreserved ones of RFC 3986, section 2.3.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An address that can be asked.
#[derive(Debug)]
pub struct Address {
    url: String,
    pointer: Option<String>,
    ca: Option<PathBuf>,
    agent: Option<Agent>,
}

impl Address {
    /// The address, with `{key}` in its path or query.
    ///
    /// # Errors
    /// It is none: the key of the table, and a sentence with the remedy.
    pub fn new(url: &str, pointer: Option<&str>, ca: Option<&Path>) -> Result<Address, (&'static str, String)> {
        let is_web = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
        let sample: Option<Uri> = url.replace(KEY, "0").parse().ok().filter(is_web);
        let Some(sample) = sample else {
            return Err(("url", format!("{url:?} is no address: write http://HOST:PORT/PATH?account={KEY}")));
        };
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        if url.matches(KEY).count() == 0 || url.matches(KEY).count() != path.matches(KEY).count() {
            return Err(("url", format!("{url:?} has to contain {KEY} in its path or query: there the key goes")));
        }
        if ca.is_some() && sample.scheme_str() != Some("https") {
            return Err(("ca", "ca belongs to an address that begins with https; leave it out".into()));
        }
        if pointer.is_some_and(|pointer| !pointer.is_empty() && !pointer.starts_with('/')) {
            return Err(("json", "a JSON pointer begins with /, as \"/amount\"".into()));
        }
        Ok(Address {
            url: url.to_owned(),
            pointer: pointer.map(str::to_owned),
            ca: ca.map(Path::to_owned),
            agent: None,
        })
    }

    /// Reads the certificates. No connection is made.
    pub(super) fn prepare(&mut self) -> Result<(), DipError> {
        self.agent().map(drop)
    }

    /// Asks for the entry of a key.
    pub(super) fn ask(&mut self, key: &str, deadline: Instant) -> Result<Option<String>, DipError> {
        let url = self.url.replace(KEY, &utf8_percent_encode(key, ENCODED).to_string());
        let wait = deadline.saturating_duration_since(Instant::now());
        if wait.is_zero() {
            return Err(DipError::TimedOut);
        }
        let request = self.agent()?.get(&url).config().timeout_global(Some(wait)).build();
        let mut response = request.call().map_err(|error| failed(&error))?;
        match response.status().as_u16() {
            204 | 404 => return Ok(None),
            200..=299 => {}
            status => return Err(DipError::Away(format!("the status of the answer is {status}"))),
        }
        let body = response.body_mut().with_config().limit(BODY_MAX).lossy_utf8(true).read_to_string();
        let body = body.map_err(|error| failed(&error))?;
        let Some(pointer) = &self.pointer else {
            return Ok(Some(body.trim()).filter(|text| !text.is_empty()).map(str::to_owned));
        };
        let body: serde_json::Value = serde_json::from_str(&body)
            .map_err(|error| DipError::Away(format!("the answer is not JSON (line {})", error.line())))?;
        match body.pointer(pointer) {
            None | Some(serde_json::Value::Null) => Ok(None),
            Some(serde_json::Value::String(text)) => Ok(Some(text.clone())),
            Some(value @ (serde_json::Value::Bool(_) | serde_json::Value::Number(_))) => Ok(Some(value.to_string())),
            Some(_) => Err(DipError::Away(format!("{pointer} in the answer is neither text nor number"))),
        }
    }

    fn agent(&mut self) -> Result<Agent, DipError> {
        if let Some(agent) = &self.agent {
            return Ok(agent.clone());
        }
        let roots = match &self.ca {
            None => RootCerts::WebPki,
            Some(file) => RootCerts::new_with_certs(&certificates(file)?),
        };
        let tls = TlsConfig::builder()
            .root_certs(roots)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(REDIRECTIONS)
            .user_agent("tipring")
            .proxy(None)
            .tls_config(tls)
            .build();
        Ok(self.agent.insert(config.new_agent()).clone())
    }
}

/// The certificates of a PEM file.
fn certificates(file: &Path) -> Result<Vec<Certificate<'static>>, DipError> {
    let wrong = |why: String| DipError::Wrong(format!("the certificates in {}: {why}", file.display()));
    let pem = fs::read(file).map_err(|error| wrong(error.to_string()))?;
    let mut found = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| wrong(error.to_string()))? {
            found.push(certificate);
        }
    }
    if found.is_empty() {
        return Err(wrong("there is none; put the authority's certificate there, as PEM".into()));
    }
    Ok(found)
}

/// Meaning of an error of the client for the question. The address, which contains the key, is left out.
fn failed(error: &ureq::Error) -> DipError {
    DipError::Away(match error {
        ureq::Error::Timeout(_) => return DipError::TimedOut,
        ureq::Error::BadUri(_) => "the address is none".into(),
        ureq::Error::BodyExceedsLimit(_) => format!("the answer has more than {BODY_MAX} octets"),
        error => error.to_string(),
    })
}
