//! A browser with one window, by the WebDriver protocol: each test has its own, gone with the test.
//!
//! The crates that speak WebDriver bring a licence that this workspace does not allow; the protocol is JSON over HTTP
//! and the tests need ten commands of it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Milliseconds that the browser itself waits for an element before it says that there is none.
const PATIENCE: u64 = 30_000;

pub(crate) struct Browser {
    driver: Child,
    /// Driver and browser leave files behind; gone with the browser.
    _leavings: TempDir,
    port: u16,
    session: String,
    client: reqwest::Client,
}

impl Browser {
    /// A window of 1280 by 860.
    pub(crate) async fn open(url: &str) -> Self {
        Self::with(url, json!({"args": ["--window-size=1280,860"]})).await
    }

    /// The width, height and fingers of a phone.
    pub(crate) async fn open_on_phone(url: &str) -> Self {
        let metrics = json!({"width": 390, "height": 844, "pixelRatio": 2.0, "touch": true, "mobile": true});
        Self::with(url, json!({"args": [], "mobileEmulation": {"deviceMetrics": metrics}})).await
    }

    async fn with(url: &str, mut options: Value) -> Self {
        let leavings = tempfile::tempdir().unwrap();
        let (driver, port) = driver(leavings.path());
        let arguments = options["args"].as_array_mut().unwrap();
        // Containers have neither a user namespace for the sandbox nor a large /dev/shm.
        let usual =
            ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--lang=en-US"];
        arguments.extend(usual.map(Value::from));
        options["prefs"] = json!({"intl.accept_languages": "en-US"});
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "timeouts": {"implicit": PATIENCE, "script": PATIENCE + 10_000},
        }}});
        // A process may have chosen its provider already; then that one serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = crate::client();
        let mut browser = Self { driver, _leavings: leavings, port, session: String::new(), client };
        let created = browser.ask("POST", "", &capabilities).await;
        browser.session = created["sessionId"].as_str().unwrap().to_owned();
        browser.go(url).await;
        browser
    }

    pub(crate) async fn go(&self, url: &str) {
        self.tell("url", &json!({"url": url})).await;
    }

    /// Clicks like a mouse: what is covered or out of sight cannot be clicked.
    pub(crate) async fn click(&self, css: &str) {
        let element = self.element("css selector", css).await;
        self.tell(&format!("element/{element}/click"), &json!({})).await;
    }

    /// Clicks the link or button of that name.
    pub(crate) async fn click_on(&self, name: &str) {
        let xpath = format!(
            "//*[self::a or self::button or self::summary][normalize-space(.)='{name}' or @aria-label='{name}']"
        );
        let element = self.element("xpath", &xpath).await;
        self.tell(&format!("element/{element}/click"), &json!({})).await;
    }

    /// Replaces what stands in a field.
    pub(crate) async fn write(&self, css: &str, text: &str) {
        let element = self.element("css selector", css).await;
        self.tell(&format!("element/{element}/clear"), &json!({})).await;
        self.tell(&format!("element/{element}/value"), &json!({"text": text})).await;
    }

    /// Presses keys, whatever has the focus.
    pub(crate) async fn press(&self, keys: &[&str]) {
        let each =
            |key: &&str| [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})];
        let actions: Vec<Value> = keys.iter().flat_map(each).collect();
        let keyboard = json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]});
        self.tell("actions", &keyboard).await;
    }

    /// Waits until an element is there and gives its text as one sees it.
    pub(crate) async fn text(&self, css: &str) -> String {
        let element = self.element("css selector", css).await;
        let text = self.ask("GET", &self.path(&format!("element/{element}/text")), &Value::Null).await;
        text.as_str().unwrap().to_owned()
    }

    /// Waits until an element with these words is there.
    pub(crate) async fn sees(&self, css: &str, words: &str) {
        let found = self
            .script(
                "const [css, words, patience] = arguments; const done = arguments[arguments.length - 1];
                 const look = () => [...document.querySelectorAll(css)].some((e) => e.innerText.includes(words));
                 if (look()) return done(true);
                 const end = setTimeout(() => { watch.disconnect(); done(false); }, patience);
                 const watch = new MutationObserver(() => { if (look()) { clearTimeout(end); watch.disconnect(); done(true); } });
                 watch.observe(document, { childList: true, subtree: true, characterData: true, attributes: true });",
                &json!([css, words, PATIENCE]),
            )
            .await;
        if found != json!(true) {
            let page = self.script("arguments[0](document.body.innerText)", &json!([])).await;
            panic!("{css} never showed {words:?}; the page says:\n{}", page.as_str().unwrap());
        }
    }

    /// What a script gives to its last argument, a function.
    pub(crate) async fn script(&self, script: &str, arguments: &Value) -> Value {
        self.tell("execute/async", &json!({"script": script, "args": arguments})).await
    }

    /// What an expression is.
    pub(crate) async fn value(&self, expression: &str) -> Value {
        self.script(&format!("arguments[0]({expression})"), &json!([])).await
    }

    /// Keeps a picture of what is seen now.
    pub(crate) async fn picture(&self, name: &str) {
        // What moves has arrived, and every font is there.
        let arrived = "const ends = (a) => a.effect.getTiming().iterations !== Infinity;
            const moves = document.getAnimations().filter(ends).map((a) => a.finished.catch(() => 0));
            Promise.all([...moves, document.fonts.ready]).then(() => arguments[0](true))";
        self.script(arrived, &json!([])).await;
        let png = self.ask("GET", &self.path("screenshot"), &Value::Null).await;
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), STANDARD.decode(png.as_str().unwrap()).unwrap())
            .unwrap();
    }

    /// The text of the QR code that an element shows, as a camera reads it: once the picture is there.
    pub(crate) async fn scan(&self, css: &str) -> String {
        let seen = async {
            loop {
                if let Some(text) = self.look(css).await {
                    return text;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), seen).await.unwrap()
    }

    async fn look(&self, css: &str) -> Option<String> {
        let element = self.element("css selector", css).await;
        let shot = self.ask("GET", &self.path(&format!("element/{element}/screenshot")), &Value::Null).await;
        let file = std::io::Cursor::new(STANDARD.decode(shot.as_str().unwrap()).unwrap());
        let mut reader = png::Decoder::new(file).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let seen = reader.next_frame(&mut pixels).unwrap();
        let (width, height) = (usize::try_from(seen.width).unwrap(), usize::try_from(seen.height).unwrap());
        let samples = seen.color_type.samples();
        let red = |x: usize, y: usize| pixels[(y * width + x) * samples];
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, red);
        Some(picture.detect_grids().first()?.decode().ok()?.1)
    }

    async fn element(&self, using: &str, value: &str) -> String {
        let found = self.tell("element", &json!({"using": using, "value": value})).await;
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    async fn tell(&self, command: &str, body: &Value) -> Value {
        self.ask("POST", &self.path(command), body).await
    }

    fn path(&self, command: &str) -> String {
        format!("/{}/{command}", self.session)
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let url = format!("http://127.0.0.1:{}/session{path}", self.port);
        let request = self.client.request(method.parse().unwrap(), url);
        let request = if body.is_null() { request } else { request.json(body) };
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        let value = &answer["value"];
        assert!(value["error"].is_null(), "{path} {body}: {}: {}", value["error"], value["message"]);
        value.clone()
    }
}

impl Drop for Browser {
    /// Ends the browser with the driver, also when the test failed.
    fn drop(&mut self) {
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let session = &self.session;
            let _ = write!(
                stream,
                "DELETE /session/{session} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
            );
            // The answer comes when the browser is gone; the connection stays open behind it.
            let _ = stream.read(&mut [0; 1024]);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A chromedriver of its own on a free port, which it tells itself. It and the browser write to `folder`.
///
/// It takes a port that is free on IPv6 and wants the same one on IPv4, where dozens of servers of other tests listen:
/// when that one is taken it ends, and another has to be tried.
fn driver(folder: &Path) -> (Child, u16) {
    for _ in 0..100 {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .env("TMPDIR", folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "chromedriver did not start ({error}); scripts/test installs it and Chromium: run the tests with it"
                )
            });
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut said = Vec::new();
        let port = lines.by_ref().inspect(|line| said.push(line.clone())).find_map(|line| {
            line.rsplit_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok()
        });
        if let Some(port) = port {
            // It goes on writing; nobody reads, and a full pipe would stop it.
            std::thread::spawn(move || lines.for_each(drop));
            return (driver, port);
        }
        driver.wait().unwrap();
        let said = said.join("\n");
        assert!(said.contains("port not available"), "chromedriver ended before it said its port:\n{said}");
    }
    panic!("chromedriver found a hundred ports taken");
}
