//! A browser driven by the DevTools protocol: pages, keys, screenshots, and the errors that pages report.
//!
//! Never: knows anything of the console.

use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tipring_tests::{Listen, Process};
use tungstenite::{Message, WebSocket};

/// Time limit of the browser's own answers.
const LIMIT: Duration = Duration::from_secs(30);
/// Interval at which a page is asked for what is waited for.
const POLL: Duration = Duration::from_millis(50);

/// Records what a page's sockets receive, across its reloads: the token of each session, or its messages' numbers; the
/// moment at which a call was first seen with its customer; and the sound that the page plays.
const RECORDER: &str = "{
  const watch = () => {
    if (document.querySelector('.call.alerting .customer')) window.poppedAt ??= Date.now();
  };
  new MutationObserver(watch).observe(document, { childList: true, subtree: true });
  window.played = [[], []];
  const { copyToChannel } = AudioBuffer.prototype;
  AudioBuffer.prototype.copyToChannel = function (samples, channel) {
    for (const sample of samples) window.played[channel].push(Math.round(sample * 32768));
    copyToChannel.call(this, samples, channel);
  };
  const kept = JSON.parse(sessionStorage.getItem('received') ?? '[]');
  addEventListener('pagehide', () => sessionStorage.setItem('received', JSON.stringify(kept)));
  window.received = kept;
  const { prototype } = WebSocket;
  const { set } = Object.getOwnPropertyDescriptor(prototype, 'onmessage');
  Object.defineProperty(prototype, 'onmessage', { set(handler) {
    set.call(this, (event) => {
      const { opened, resumed, sequence, gap, event: name } = JSON.parse(event.data);
      if (opened) kept.push({ opened: opened.token });
      if (resumed) kept.push({ resumed: resumed.sequence });
      if (gap || sequence) kept.push({ gap, sequence, name });
      handler.call(this, event);
    });
  } });
}";

/// Chromium without a window.
pub struct Browser {
    address: String,
    _process: Process,
}

/// A page in a context of its own: no storage is shared with other pages.
pub struct Page {
    socket: WebSocket<TcpStream>,
    session: String,
    next: u64,
    /// Uncaught exceptions and errors in the page's log.
    pub errors: Vec<String>,
}

impl Browser {
    /// Starts it with a profile in a folder; nothing where it is not installed.
    pub fn start(folder: &Path) -> Option<Browser> {
        let program = ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find(|name| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success()))?;
        let mut command = Command::new(program);
        command
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"])
            .args(["--window-size=1280,800", "--lang=en", "about:blank"])
            .arg(format!("--user-data-dir={}", folder.join("profile").display()));
        let mut process = Process::spawn(command, Listen::Err);
        let line = process.wait_for("its address", LIMIT, |line| line.contains("DevTools listening on "));
        let address = line.rsplit(' ').next()?.to_owned();
        Some(Browser { address, _process: process })
    }

    /// The connection of the browser itself, without a page.
    fn connect(&self) -> Page {
        let host = self.address.trim_start_matches("ws://").split('/').next().expect("a host");
        let stream = TcpStream::connect(host).expect("the browser listens");
        stream.set_read_timeout(Some(LIMIT)).expect("a limit");
        let (socket, _) = tungstenite::client(self.address.as_str(), stream).expect("a WebSocket");
        Page { socket, session: String::new(), next: 1, errors: Vec::new() }
    }

    /// The processes that draw pages which have an address.
    pub fn renderers(&self) -> Vec<u32> {
        let all = self.connect().send("SystemInfo.getProcessInfo", json!({}))["processInfo"].clone();
        let all = all.as_array().expect("a list").iter().filter(|process| process["type"] == "renderer");
        all.filter_map(|process| process["id"].as_u64()).map(|id| id as u32).collect()
    }

    /// Opens an address in a page of its own.
    pub fn open(&self, address: &str) -> Page {
        let mut page = self.connect();
        let context = page.send("Target.createBrowserContext", json!({}))["browserContextId"].clone();
        let target = json!({ "url": "about:blank", "browserContextId": context });
        let target = page.send("Target.createTarget", target)["targetId"].clone();
        let attached = page.send("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        page.session = attached["sessionId"].as_str().expect("a session").to_owned();
        for domain in ["Runtime", "Log", "Page"] {
            page.send(&format!("{domain}.enable"), json!({}));
        }
        page.send("Page.addScriptToEvaluateOnNewDocument", json!({ "source": RECORDER }));
        page.send("Page.navigate", json!({ "url": address }));
        page
    }
}

impl Page {
    /// Sends a command and waits for its result.
    pub fn send(&mut self, method: &str, params: Value) -> Value {
        self.ask(method, params).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Sends a command and waits for its result, or for the browser's refusal.
    fn ask(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.next;
        self.next += 1;
        let mut message = json!({ "id": id, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = self.session.clone().into();
        }
        self.socket.send(Message::text(message.to_string())).expect("the browser takes commands");
        loop {
            let message = self.socket.read().unwrap_or_else(|error| panic!("{method}: {error}"));
            let Message::Text(text) = message else { continue };
            let message: Value = serde_json::from_str(text.as_str()).expect("the browser speaks JSON");
            self.update_errors(&message);
            if message["id"] == id {
                return match message.get("error") {
                    Some(error) => Err(error.clone()),
                    None => Ok(message["result"].clone()),
                };
            }
        }
    }

    fn update_errors(&mut self, message: &Value) {
        let params = &message["params"];
        let error = match message["method"].as_str() {
            Some("Runtime.exceptionThrown") => &params["exceptionDetails"],
            Some("Runtime.consoleAPICalled") if params["type"] == "error" => &params["args"],
            Some("Log.entryAdded") if params["entry"]["level"] == "error" => &params["entry"],
            _ => return,
        };
        self.errors.push(error.to_string());
    }

    /// Value of an expression in the page.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        self.value(expression).unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// Value of an expression in the page, or the browser's refusal.
    fn value(&mut self, expression: &str) -> Result<Value, Value> {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let result = self.ask("Runtime.evaluate", params)?;
        assert!(result.get("exceptionDetails").is_none(), "{expression}: {result}");
        Ok(result["result"]["value"].clone())
    }

    /// Returns true if an expression is true now; a page that is being loaded anew has no values.
    fn is_true(&mut self, expression: &str) -> bool {
        match self.value(expression) {
            Ok(value) => value == Value::Bool(true),
            Err(error) if error["message"].as_str().is_some_and(|text| text.contains("navigated")) => false,
            Err(error) => panic!("{expression}: {error}"),
        }
    }

    /// Text of the page.
    pub fn text(&mut self) -> String {
        self.evaluate("document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a selector finds an element; panics with the page's text if none comes in time.
    pub fn wait_for(&mut self, selector: &str, limit: Duration) {
        self.wait_until(&format!("document.querySelector({selector:?}) !== null"), limit);
    }

    /// Waits until a selector finds no element.
    pub fn wait_for_no(&mut self, selector: &str, limit: Duration) {
        self.wait_until(&format!("document.querySelector({selector:?}) === null"), limit);
    }

    /// Waits until an expression is true.
    pub fn wait_until(&mut self, expression: &str, limit: Duration) {
        let deadline = Instant::now() + limit;
        while !self.is_true(expression) {
            if Instant::now() > deadline {
                let text = self.text();
                panic!("waited {limit:?} for {expression}; errors {:?}; the page:\n{text}", self.errors);
            }
            thread::sleep(POLL);
        }
    }

    /// Text of an element.
    pub fn text_of(&mut self, selector: &str) -> String {
        let text = self.evaluate(&format!("document.querySelector({selector:?})?.innerText ?? ''"));
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Fills a field.
    pub fn fill(&mut self, selector: &str, text: &str) {
        self.evaluate(&format!("document.querySelector({selector:?}).select()"));
        self.send("Input.insertText", json!({ "text": text }));
    }

    /// Presses a key: a letter, `Enter`, `ArrowDown`.
    pub fn press(&mut self, key: &str) {
        let text = match key {
            "Enter" => Some("\r"),
            key if key.len() == 1 => Some(key),
            _ => None,
        };
        let mut down = json!({ "type": "keyDown", "key": key });
        if let Some(text) = text {
            down["text"] = text.into();
        }
        self.send("Input.dispatchKeyEvent", down);
        self.send("Input.dispatchKeyEvent", json!({ "type": "keyUp", "key": key }));
    }

    /// Keeps a picture of the page (PNG).
    pub fn picture(&mut self, file: &Path) {
        let shot = self.send("Page.captureScreenshot", json!({}));
        std::fs::write(file, decode_base64(shot["data"].as_str().expect("a picture"))).expect("a file");
    }
}

/// Octets of base64 (RFC 4648).
fn decode_base64(text: &str) -> Vec<u8> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut octets, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for value in text.chars().filter_map(|symbol| alphabet.find(symbol)) {
        bits = bits << 6 | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            octets.push((bits >> count) as u8);
        }
    }
    octets
}
