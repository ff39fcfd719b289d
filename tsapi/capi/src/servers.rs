//! Servers of this computer's configuration: the variable `TIPRING_CSTA_SERVERS`, else the file `/usr/lib/tslibrc`.
//!
//! Never: a connection.

/// Servers as `host:port`, separated by commas.
const VARIABLE: &str = "TIPRING_CSTA_SERVERS";
/// A file with a server on each line.
const FILE: &str = "/usr/lib/tslibrc";

/// Returns the servers as `host` or `host:port`, in their order.
pub(crate) fn configured() -> Vec<String> {
    match std::env::var(VARIABLE) {
        Ok(list) => list.split(',').map(str::trim).filter(|server| !server.is_empty()).map(str::to_owned).collect(),
        Err(_) => std::fs::read_to_string(FILE).map(|text| parse(&text)).unwrap_or_default(),
    }
}

/// Reads a file: host and port separated by blanks, `=` or `:`; comments begin with `;` or `#`, sections with `[`. Only
/// the section `[Telephony Servers]` and lines before any section count.
fn parse(text: &str) -> Vec<String> {
    let mut counts = true;
    let mut servers = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            counts = line.eq_ignore_ascii_case("[telephony servers]");
        } else if counts && !line.is_empty() && !line.starts_with([';', '#']) && !line.starts_with("Alternates") {
            let mut words =
                line.split(|c: char| c.is_whitespace() || c == '=' || c == ':').filter(|word| !word.is_empty());
            match (words.next(), words.next()) {
                (Some(host), Some(port)) => servers.push(format!("{host}:{port}")),
                (Some(host), None) => servers.push(host.to_owned()),
                (None, _) => {}
            }
        }
    }
    servers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_file_are_read() {
        let text = "; servers\n[Telephony Servers]\npbx1=450\npbx2\t4500\n pbx3 \n\n[Config]\nTrusted=/x\n";
        assert_eq!(parse(text), ["pbx1:450", "pbx2:4500", "pbx3"]);
        assert_eq!(parse("127.0.0.1 4500\n# no\nAlternates(A)=B:C\n"), ["127.0.0.1:4500"]);
        assert_eq!(parse(""), Vec::<String>::new());
    }
}
