//! The console: the pages of `tsapi/web/console`, embedded in the program and served at `/`.
//!
//! | address | contents |
//! |---|---|
//! | `/` | the page |
//! | `/console/…` | its modules, styles and libraries |
//!
//! The pages are clients of the JSON socket like any other. Their policy (CSP) permits nothing that is not served here:
//! no inline script or style, no other host, no frame around them.
//!
//! Never: opens a second way to the switch, or a file of the machine.

use std::io::Write as _;
use std::sync::OnceLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// Contents of the header Content-Security-Policy.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file of the console: its path below `console/`, its contents, and their compressed form once it is asked for.
struct File {
    path: &'static str,
    octets: &'static [u8],
    packed: OnceLock<Packed>,
}

/// A compressed file and its entity tag.
struct Packed {
    gzip: Vec<u8>,
    tag: String,
}

macro_rules! files {
    ($($path:literal)*) => {
        [$(File { path: $path, octets: include_bytes!(concat!("../console/", $path)), packed: OnceLock::new() }),*]
    };
}

/// The page itself.
const PAGE: &str = "index.html";

static FILES: [File; 34] = files![
    "index.html"
    "style.css"
    "icon.svg"
    "main.mjs"
    "socket.mjs"
    "state.mjs"
    "centre.mjs"
    "calls.mjs"
    "desk.mjs"
    "customer.mjs"
    "notices.mjs"
    "wallboard.mjs"
    "charts.mjs"
    "history.mjs"
    "supervisor.mjs"
    "quality.mjs"
    "player.mjs"
    "live.mjs"
    "scoring.mjs"
    "day.mjs"
    "shifts.mjs"
    "orders.mjs"
    "admin.mjs"
    "site.mjs"
    "staff.mjs"
    "plant.mjs"
    "flows.mjs"
    "actions.mjs"
    "parts.mjs"
    "words.mjs"
    "vendor/preact.mjs"
    "vendor/htm.mjs"
    "vendor/uplot.js"
    "vendor/uplot.css"
];

impl File {
    fn of(path: &str) -> Option<&'static File> {
        FILES.iter().find(|file| file.path == path)
    }

    fn packed(&self) -> &Packed {
        self.packed.get_or_init(|| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(self.octets).expect("memory takes every octet");
            let gzip = encoder.finish().expect("memory takes every octet");
            let tag =
                Sha256::digest(self.octets).iter().take(16).map(|octet| format!("{octet:02x}")).collect::<String>();
            Packed { gzip, tag: format!("\"{tag}\"") }
        })
    }

    /// Media type by the ending of the path.
    fn media_type(&self) -> &'static str {
        match self.path.rsplit('.').next() {
            Some("html") => "text/html; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            _ => "text/javascript; charset=utf-8",
        }
    }
}

/// Returns the routes of the console.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/", get(|headers: HeaderMap| async move { respond(File::of(PAGE), &headers) })).route(
        "/console/{*path}",
        get(|Path(path): Path<String>, headers: HeaderMap| async move { respond(File::of(&path), &headers) }),
    )
}

fn respond(file: Option<&'static File>, headers: &HeaderMap) -> Response {
    let Some(file) = file else { return (StatusCode::NOT_FOUND, "there is no such page\n").into_response() };
    let Packed { gzip, tag } = file.packed();
    let names = |header| headers.get(header).and_then(|value: &header::HeaderValue| value.to_str().ok()).unwrap_or("");
    let common = [
        (header::CONTENT_TYPE, file.media_type()),
        (header::ETAG, tag.as_str()),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "accept-encoding"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    if names(header::IF_NONE_MATCH).split(',').any(|known| known.trim() == tag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    match names(header::ACCEPT_ENCODING).contains("gzip") {
        true => (common, [(header::CONTENT_ENCODING, "gzip")], gzip.as_slice()).into_response(),
        false => (common, file.octets).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest size of all files compressed, in octets.
    const PACKED_MAX: usize = 150 * 1000;

    fn files_of(folder: &std::path::Path, prefix: &str, into: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            match entry.file_type().unwrap().is_dir() {
                true => files_of(&entry.path(), &format!("{name}/"), into),
                false => into.push(name),
            }
        }
    }

    #[test]
    fn every_file_of_the_folder_is_served_but_licences_and_the_script() {
        let mut found = Vec::new();
        files_of(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("console"), "", &mut found);
        found.retain(|name| !name.ends_with(".LICENSE") && name != "vendor/fetch");
        found.sort();
        let mut served: Vec<_> = FILES.iter().map(|file| file.path.to_owned()).collect();
        served.sort();
        assert_eq!(found, served);
    }

    #[test]
    fn all_files_together_are_small_when_compressed() {
        let total: usize = FILES.iter().map(|file| file.packed().gzip.len()).sum();
        assert!(total < PACKED_MAX, "{total} octets");
    }

    #[test]
    fn the_page_has_nothing_that_its_policy_refuses() {
        for file in FILES.iter().filter(|file| !file.path.starts_with("vendor/")) {
            let text = std::str::from_utf8(file.octets).expect("text");
            for refused in ["style=\"", "style=${", "<style", "onclick=\"", "javascript:", "https://", "eval("] {
                assert!(!text.contains(refused), "{} has {refused}", file.path);
            }
        }
    }

    #[test]
    fn every_word_of_the_pages_stands_in_both_languages_and_every_one_that_is_used_is_there() {
        let text = |path: &str| std::str::from_utf8(File::of(path).expect("a file").octets).expect("text");
        let mut known = std::collections::BTreeSet::new();
        for line in text("words.mjs").lines().map(str::trim).filter(|line| line.ends_with("],")) {
            let Some((name, words)) = line.split_once(": [") else { continue };
            let words: Vec<String> = serde_json::from_str(&format!("[{}", words.trim_end_matches(','))).expect(line);
            assert!(words.len() == 2 && words.iter().all(|word| !word.trim().is_empty()), "{line}");
            let is_chinese = words[1].chars().any(|symbol| ('\u{4e00}'..='\u{9fff}').contains(&symbol));
            assert!(is_chinese != (name == "language"), "the second one is Chinese: {line}");
            assert!(known.insert(name.trim_matches('"')), "{name} stands there twice");
        }
        assert!(known.len() > 150, "{}", known.len());
        for file in FILES.iter().filter(|file| file.path.ends_with(".mjs") && !file.path.starts_with("vendor/")) {
            let source = text(file.path);
            for used in source.split("word(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(known.contains(used), "{} uses {used:?}", file.path);
            }
        }
    }

    /// The texts that stand between two others in a text.
    fn between<'a>(text: &'a str, before: &'a str, after: &'a str) -> impl Iterator<Item = &'a str> {
        text.split(before).skip(1).filter_map(move |rest| rest.split(after).next())
    }

    #[test]
    fn requests_whose_replies_come_again_are_those_that_change_something() {
        let socket = std::str::from_utf8(File::of("socket.mjs").expect("a file").octets).expect("text");
        let list = between(socket, "const ACTS = new Set([", "]);").next().expect("the list");
        let mut there: Vec<&str> = between(list, "\"", "\"").step_by(2).collect();
        let mut acts = crate::records::RecordsRequest::acts();
        there.sort_unstable();
        acts.sort_unstable();
        assert_eq!(there, acts);
    }

    #[test]
    fn no_key_opens_a_page_and_carries_an_action_out() {
        let keys = |path: &str| -> Vec<&str> {
            let source = std::str::from_utf8(File::of(path).expect("a file").octets).expect("text");
            between(source, "key: \"", "\"").collect()
        };
        let (pages, actions) = (keys("main.mjs"), keys("actions.mjs"));
        assert!(pages.len() >= 8 && actions.len() >= 20, "{pages:?} {actions:?}");
        let both: Vec<_> = pages.iter().filter(|key| actions.contains(key)).collect();
        assert!(both.is_empty(), "{both:?}");
        let once: std::collections::BTreeSet<_> = pages.iter().collect();
        assert_eq!(once.len(), pages.len(), "{pages:?}");
    }

    #[test]
    fn a_page_that_the_browser_has_is_not_sent_again() {
        let tag = File::of(PAGE).unwrap().packed().tag.clone();
        let headers: HeaderMap = [(header::IF_NONE_MATCH, tag.parse().unwrap())].into_iter().collect();
        assert_eq!(respond(File::of(PAGE), &headers).status(), StatusCode::NOT_MODIFIED);
        let fresh = respond(File::of(PAGE), &HeaderMap::new());
        assert_eq!(fresh.status(), StatusCode::OK);
        assert!(fresh.headers().get(header::CONTENT_ENCODING).is_none());
        let headers: HeaderMap = [(header::ACCEPT_ENCODING, "br, gzip".parse().unwrap())].into_iter().collect();
        assert_eq!(respond(File::of(PAGE), &headers).headers()[header::CONTENT_ENCODING], "gzip");
        assert_eq!(respond(None, &headers).status(), StatusCode::NOT_FOUND);
    }
}
