//! Does the desk work in a real browser? Headless Chromium, driven over its own pipe: search, notice,
//! finding, decision, by pointer and by keyboard; no error in its console, no request to anywhere else.
//! Without a Chromium on this machine it says so and checks nothing.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: String,
    number: u64,
    /// Events as they came.
    events: Vec<Value>,
    _profile: tempfile::TempDir,
}

fn chromium() -> Option<&'static str> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| {
        Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    })
}

impl Browser {
    fn open(name: &str, width: u32, dark: bool) -> Browser {
        let profile = tempfile::tempdir().unwrap();
        // The browser speaks on file descriptors 3 and 4; the shell ties them to our pipe.
        let arguments = "--headless --no-sandbox --disable-gpu --disable-quic --disable-background-networking --disable-component-update --disable-sync --no-first-run --remote-debugging-pipe";
        let script = format!(
            "exec {name} {arguments} --user-data-dir='{}' about:blank 3<&0 4>&1 1>/dev/null 2>/dev/null </dev/null",
            profile.path().display()
        );
        let mut child = Command::new("sh").args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut browser = Browser { child, to, from, session: String::new(), number: 0, events: Vec::new(), _profile: profile };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}))["targetId"].clone();
        let session =
            browser.call("Target.attachToTarget", json!({"targetId": target, "flatten": true}))["sessionId"].as_str().unwrap().to_string();
        browser.session = session;
        for domain in ["Page", "Runtime", "Network", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser.call(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}),
        );
        let scheme = if dark { "dark" } else { "light" };
        browser.call("Emulation.setEmulatedMedia", json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}));
        browser
    }

    #[track_caller]
    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.number += 1;
        let mut message = json!({"id": self.number, "method": method, "params": parameters});
        if !self.session.is_empty() {
            message["sessionId"] = self.session.clone().into();
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        self.to.flush().unwrap();
        loop {
            let message = self.next();
            if message["id"] == json!(self.number) {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    fn next(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.by_ref().read_until(0, &mut bytes).unwrap();
        assert!(!bytes.is_empty(), "the browser ended");
        bytes.pop();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[track_caller]
    fn eval(&mut self, script: &str) -> Value {
        let result = self.call("Runtime.evaluate", json!({"expression": script, "returnByValue": true}));
        assert!(result["exceptionDetails"].is_null(), "{script}: {result}");
        result["result"]["value"].clone()
    }

    /// Waits until the page says yes.
    #[track_caller]
    fn until(&mut self, script: &str) {
        let started = Instant::now();
        loop {
            // While a page is being replaced there is nothing to ask.
            let result = self.call(
                "Runtime.evaluate",
                json!({"expression": format!("document.readyState === 'complete' && !!({script})"), "returnByValue": true}),
            );
            if result["result"]["value"] == json!(true) {
                return;
            }
            let page = self.eval("location.href + ' ' + document.title");
            assert!(started.elapsed() < Duration::from_secs(60), "never: {script} at {page}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    #[track_caller]
    fn go(&mut self, address: &str) {
        self.call("Page.navigate", json!({"url": address}));
        self.until(&format!("location.href === {}", json!(address)));
    }

    fn key(&mut self, key: &str) {
        let (code, text) = match key {
            "Enter" => (13, "\r"),
            "Tab" => (9, ""),
            key => (0, key),
        };
        self.call("Input.dispatchKeyEvent", json!({"type": "keyDown", "key": key, "text": text, "windowsVirtualKeyCode": code}));
        self.call("Input.dispatchKeyEvent", json!({"type": "keyUp", "key": key, "windowsVirtualKeyCode": code}));
    }

    fn type_text(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text}));
    }

    /// What went wrong, and what went elsewhere.
    fn faults(&self, address: &str) -> Vec<String> {
        let own =
            |url: &str| url.starts_with(address) || url.starts_with("data:") || url == "about:blank" || url.starts_with("about:srcdoc");
        let fault = |event: &Value| match event["method"].as_str()? {
            "Runtime.exceptionThrown" => Some(event.to_string()),
            "Runtime.consoleAPICalled" if event["params"]["type"] == "error" => Some(event.to_string()),
            "Log.entryAdded" if event["params"]["entry"]["level"] == "error" => Some(event.to_string()),
            "Network.requestWillBeSent" => {
                event["params"]["request"]["url"].as_str().filter(|url| !own(url)).map(|url| format!("asked {url}"))
            }
            _ => None,
        };
        self.events.iter().filter_map(fault).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

struct Desk {
    child: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn open() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let case = folder.path().join("case");
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../truth/sample");
        let program = env!("CARGO_BIN_EXE_tendertrace");
        let traced = Command::new(program).arg("trace").arg(sample).arg("--case").arg(&case).output().unwrap();
        assert!(traced.status.success());
        let mut child = Command::new(program).arg("serve").arg(&case).args(["--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = format!("http://{}", line.split("http://").nth(1).unwrap().split('/').next().unwrap());
        Desk { child, address, _folder: folder }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn a_person_finds_reads_and_decides_with_the_keyboard_alone() {
    let Some(name) = chromium() else {
        return eprintln!("skipped: there is no Chromium on this machine (Debian: apt-get install chromium)");
    };
    let desk = Desk::open();
    let mut browser = Browser::open(name, 1280, false);
    browser.go(&format!("{}/", desk.address));
    browser.key("/");
    browser.until("document.activeElement.type === 'search'");
    browser.type_text("戴尔 buyer:公安局");
    browser.key("Enter");
    browser.until("location.pathname === '/search' && document.querySelectorAll('.hit mark').length > 0");
    browser.key("j");
    browser.until("document.activeElement.closest('.hit')");
    browser.key("Enter");
    browser.until("location.pathname.startsWith('/notice/') && document.querySelector('.document mark')");
    browser.until("document.querySelector('iframe').getAttribute('sandbox') === ''");
    browser.eval("document.querySelector('.fields a').focus()");
    browser.until("document.querySelectorAll('mark.lit').length > 0");
    for row in [".fields > div", ".items > li", ".findings > li"] {
        let dark = format!(
            "[...document.querySelectorAll('{row}')].filter(row => !document.querySelector(`mark[data-m~=\"${{row.dataset.m}}\"]`)).length"
        );
        assert_eq!(browser.eval(&dark), json!(0), "each {row} shows where it stands");
    }
    browser.eval("document.querySelector('.items a').focus()");
    browser.until("document.querySelectorAll('.items .lit-row').length === 1 && document.querySelectorAll('mark.lit').length > 0");
    browser.key("j");
    browser.key("Enter");
    browser.until("location.pathname.startsWith('/finding/')");
    browser.eval("document.querySelector('input[name=by]').focus()");
    browser.type_text("eule");
    browser.eval("document.activeElement.blur()");
    browser.key("a");
    browser.until("location.hash === '#said-h' && document.querySelector('.said').textContent.includes('eule')");
    browser.eval("document.querySelector('a[href^=\"/dossier\"]').focus()");
    browser.key("Enter");
    browser.until("location.pathname === '/dossier' && document.body.textContent.includes('accepted by a reader')");
    assert_eq!(browser.faults(&desk.address), Vec::<String>::new());
}

#[test]
fn a_queue_is_worked_through_with_the_keyboard_alone() {
    let Some(name) = chromium() else {
        return eprintln!("skipped: there is no Chromium on this machine (Debian: apt-get install chromium)");
    };
    let desk = Desk::open();
    let mut browser = Browser::open(name, 1280, false);
    browser.go(&format!("{}/queue", desk.address));
    browser.key("j");
    browser.key("Enter");
    browser.until("location.pathname.startsWith('/finding/')");
    browser.eval("document.querySelector('input[name=by]').focus()");
    browser.type_text("eule");
    browser.eval("document.activeElement.blur()");
    // Unsure, then skipped, then rejected: each key leads to another finding.
    for key in ["u", "n", "r"] {
        let before = browser.eval("location.pathname").as_str().unwrap().to_string();
        browser.key(key);
        browser.until(&format!("location.pathname.startsWith('/finding/') && location.pathname !== '{before}'"));
    }
    browser.until("document.querySelector('[role=status]').textContent.includes('rejected')");
    browser.key("g");
    browser.key("l");
    browser.until("location.pathname === '/letters'");
    browser.key("g");
    browser.key("o");
    browser.until("location.pathname === '/screenings'");
    assert_eq!(browser.faults(&desk.address), Vec::<String>::new());
}

#[test]
fn a_mark_of_a_picture_is_reached_and_opened_with_the_keyboard() {
    let Some(name) = chromium() else {
        return eprintln!("skipped: there is no Chromium on this machine (Debian: apt-get install chromium)");
    };
    let desk = Desk::open();
    let mut browser = Browser::open(name, 1280, false);
    for picture in ["years", "kinds", "map", "network", "time"] {
        browser.go(&format!("{}/pictures/{picture}", desk.address));
        browser.eval("document.querySelector('.drawn .scroll').focus()");
        browser.key("Tab");
        browser.until("document.activeElement.closest('svg') && document.activeElement.querySelector('title').textContent");
        browser.key("Enter");
        browser.until("location.pathname === '/findings' && document.querySelector('.hit')");
    }
    assert_eq!(browser.faults(&desk.address), Vec::<String>::new());
}

#[test]
fn no_page_is_wider_than_its_window_or_fails_in_any_light() {
    let Some(name) = chromium() else {
        return eprintln!("skipped: there is no Chromium on this machine (Debian: apt-get install chromium)");
    };
    let desk = Desk::open();
    let mut wrong: Vec<String> = Vec::new();
    for (width, dark) in [(390, true), (1280, false)] {
        let mut browser = Browser::open(name, width, dark);
        browser.go(&format!("{}/queue", desk.address));
        let finding = browser.eval("document.querySelector('.hit a').pathname").as_str().unwrap().to_string();
        browser.go(&format!("{}{finding}", desk.address));
        let notice = browser.eval("document.querySelector('a[href^=\"/notice/\"]').pathname").as_str().unwrap().to_string();
        browser.go(&format!("{}/parties", desk.address));
        let party = browser
            .eval("document.querySelector('tbody a').pathname + document.querySelector('tbody a').search")
            .as_str()
            .unwrap()
            .to_string();
        for place in [
            "/",
            "/search",
            "/search?q=%E5%85%AC%E5%AE%89",
            "/queue",
            "/claims",
            "/letters",
            "/screenings",
            "/screenings?names=Huawei&date=2022-01-01",
            "/dossier?brand=dell",
            "/questions",
            "/questions/brand?brand=dell",
            "/parties",
            "/pictures",
            "/pictures/network?boxes=200",
            "/pictures/map",
            "/findings?brand=dell",
            "/parties/doubts",
            &party,
            &finding,
            &notice,
            "/nothing",
        ] {
            browser.events.clear();
            browser.go(&format!("{}{place}", desk.address));
            let wide = browser.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth");
            if wide.as_i64() > Some(0) {
                wrong.push(format!("{place} is {wide} pixels wider than {width}"));
            }
            let dim = browser.eval(CONTRAST);
            if dim != json!([]) {
                wrong.push(format!("{place} at {width}, dark {dark}: hard to read: {dim}"));
            }
            wrong.extend(
                browser
                    .faults(&desk.address)
                    .into_iter()
                    .filter(|fault| place != "/nothing" || !fault.contains("404"))
                    .map(|fault| format!("{place}: {fault}")),
            );
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Texts whose contrast with what is behind them is below 4.5 (WCAG AA), sizes left aside.
const CONTRAST: &str = r"
(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = color => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => [r, g, b].map(c => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] / 255 + under[i] * (1 - top[3] / 255)).concat(255);
  const behind = element => element ? over(rgba(getComputedStyle(element).backgroundColor), behind(element.parentElement)) : [255, 255, 255, 255];
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || element.closest('.away, svg, script, .skip, option') || !element.getClientRects().length) continue;
    const under = behind(element);
    const [a, b] = [light(over(rgba(getComputedStyle(element).color), under)), light(under)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.push(`${contrast.toFixed(2)} ${element.tagName}.${element.className} ${walker.currentNode.textContent.trim().slice(0, 30)}`);
  }
  return [...new Set(found)].slice(0, 5);
})()";
