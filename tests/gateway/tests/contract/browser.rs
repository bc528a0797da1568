//! The console in a real Chromium that nobody here wrote: it is driven over its debugging pipe, and what it drew is
//! kept as pictures. Skipped, loudly, where there is none.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use agent_logic::model::Classification;
use agent_logic::wire::Report;
use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::console::start_signer;
use crate::device::{Chain, app, full, open};
use crate::pair::Pair;
use crate::world::A;

/// A browser with one page.
struct Browser {
    child: Child,
    to: File,
    from: BufReader<File>,
    session: Option<String>,
    last: u64,
}

impl Browser {
    /// Starts Chromium with its profile in `folder`.
    fn start(program: &Path, folder: &Path) -> Self {
        let (to, from) = (folder.join("to"), folder.join("from"));
        assert!(Command::new("mkfifo").arg(&to).arg(&from).status().unwrap().success());
        let script = r#"exec "$0" --headless --no-sandbox --disable-gpu --no-first-run --remote-debugging-pipe \
            --user-data-dir="$1/profile" --window-size=1200,1000 about:blank 3<"$1/to" 4>"$1/from""#;
        let child = Command::new("sh")
            .args(["-c", script])
            .arg(program)
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let to = File::options().write(true).open(to).unwrap();
        let from = BufReader::new(File::open(from).unwrap());
        let mut browser = Self { child, to, from, session: None, last: 0 };
        let target = browser.ask("Target.createTarget", json!({ "url": "about:blank" }));
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.ask("Target.attachToTarget", target);
        browser.session = Some(session["sessionId"].as_str().unwrap().into());
        browser
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.answer(method, params).map_err(|error| format!("{method}: {error}")).unwrap()
    }

    /// What is asked, or why not.
    fn answer(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let mut text = Vec::new();
            assert!(self.from.read_until(0, &mut text).unwrap() > 0, "the browser is gone");
            text.pop();
            let mut answer: Value = serde_json::from_slice(&text).unwrap();
            if answer["id"] == self.last {
                let error = answer["error"].take();
                return if error.is_null() { Ok(answer["result"].take()) } else { Err(error) };
            }
        }
    }

    fn eval(&mut self, script: &str) -> Value {
        self.ask("Runtime.evaluate", expression(script))["result"]["value"].clone()
    }

    fn open(&mut self, url: &str) {
        self.ask("Page.navigate", json!({ "url": url }));
    }

    /// Waits until the page says `text`.
    fn see(&mut self, text: &str) {
        let started = Instant::now();
        // A page that is left while it is read says nothing.
        while !self
            .answer("Runtime.evaluate", expression("document.body ? document.body.innerText : ''"))
            .is_ok_and(|page| page["result"]["value"].as_str().is_some_and(|said| said.contains(text)))
        {
            assert!(started.elapsed() < Duration::from_secs(20), "the page does not say {text:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Draws the page at the width of a desk and of a phone, light and dark, into files for people to look at.
    fn picture(&mut self, name: &str) {
        self.ask("Emulation.setScrollbarsHidden", json!({ "hidden": true }));
        for (width, size) in [(1200, ""), (390, "-narrow")] {
            let window = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
            self.ask("Emulation.setDeviceMetricsOverride", window);
            for (scheme, colours) in [("light", ""), ("dark", "-dark")] {
                let scheme = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
                self.ask("Emulation.setEmulatedMedia", json!({ "features": scheme }));
                self.draw(width, &format!("{name}{size}{colours}"));
            }
        }
        self.ask("Emulation.setEmulatedMedia", json!({ "features": [] }));
        self.ask("Emulation.clearDeviceMetricsOverride", json!({}));
    }

    /// The page and its lists are not wider than the window, and every text can be read.
    fn draw(&mut self, width: u32, name: &str) {
        let metrics = self.ask("Page.getLayoutMetrics", json!({}))["cssContentSize"].clone();
        assert!(metrics["width"].as_f64().unwrap() <= f64::from(width), "{name} is wider than the window");
        let fits =
            "[...document.querySelectorAll('.scroll')].every(list => list.scrollWidth <= list.clientWidth)";
        assert_eq!(self.eval(fits), true, "{name}: a list is cut off");
        let least = self.eval(LEAST_CONTRAST);
        assert!(least[0].as_f64().unwrap() >= 4.5, "{name}: {least}");
        let shot = self.ask("Page.captureScreenshot", json!({ "captureBeyondViewport": true }));
        let png = BASE64.decode(shot["data"].as_str().unwrap().as_bytes()).unwrap();
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("console-{name}.png"));
        std::fs::write(path, png).unwrap();
    }
}

fn expression(script: &str) -> Value {
    json!({ "expression": script, "returnByValue": true })
}

/// The least contrast of a text that is seen with what is behind it (WCAG 2.2, 1.4.3), and the text.
const LEAST_CONTRAST: &str = r"(() => {
    const parts = colour => colour.match(/[\d.]+/g).map(Number);
    const light = colour => parts(colour).slice(0, 3)
        .map(part => part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
    const behind = element => {
        const colour = getComputedStyle(element).backgroundColor;
        return parts(colour)[3] !== 0 ? colour : element.parentElement ? behind(element.parentElement) : 'rgb(255,255,255)';
    };
    const said = element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    return [...document.querySelectorAll('body *')]
        .filter(element => said(element) && element.getClientRects().length)
        .map(element => {
            const both = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => b - a);
            return [(both[0] + 0.05) / (both[1] + 0.05), element.innerText];
        })
        .reduce((least, one) => one[0] < least[0] ? one : least);
})()";

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found =
        std::env::split_paths(&path).map(|folder| folder.join("chromium")).find(|file| file.is_file());
    if found.is_none() {
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED console-chromium: chromium is not on the PATH; apt-get install chromium"
        );
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_a_device_go_high_and_rates_its_threat_anew_without_a_script() {
    let Some(program) = chromium() else { return };
    let pair = Pair::new().await;
    let world = pair.world;
    start_signer(&world.home);
    world.command(&["policy", "--app-sync", "on", "--ownership", "company"]);
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = chain.report();
    world.check_in(&identity, &mut chain, &report).await;
    let threats = vec![open(1, Classification::Trojan), open(2, Classification::DeveloperMode)];
    let apps: Vec<_> = (0..700).map(|n| app(&format!("com.example.app{n:03}"))).collect();
    let mut next = Chain::new(2);
    let report = Report { open: Some(threats), inventory: Some(full(&apps)), ..next.report() };

    let console = world.running.ready.console.clone();
    let password = world.made.admin_password.reveal().clone();
    let profile = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        let mut browser = Browser::start(&program, profile.path());
        browser.open(&console);
        browser.see("The password of admin");
        browser.picture("login");
        let fill = format!("document.querySelector('[name=password]').value = '{password}'");
        browser.eval(&fill);
        browser.eval("document.querySelector('form.login button').click()");
        browser.see("Who stands how");
        assert_eq!(browser.eval("document.querySelector('tbody .pill').innerText"), "Secured");
        runtime.block_on(world.check_in(&identity, &mut next, &report));
        browser.open(&console);
        browser.see("Blocked where Secured, Low or Medium is required: TROJAN.");
        assert_eq!(browser.eval("document.querySelector('tbody .pill').innerText"), "High");
        assert_eq!(browser.eval("document.cookie"), "", "no script can read the session");
        browser.picture("devices");
        browser.eval(&format!("document.querySelector('a[href=\"/devices/{A}\"]').click()"));
        browser.see("Open threats");
        browser.see("TROJAN");
        let order =
            browser.eval("[...document.querySelectorAll('h2')].map(head => head.innerText).join(', ')");
        assert_eq!(
            order, "Open threats, Threats over time, History, Apps, Certificates, Commands, Revoke",
            "what happened comes before seven hundred apps"
        );
        browser.see("700 apps");
        assert_eq!(browser.eval("document.querySelector('#apps details').open"), false);
        browser.picture("device");
        browser.eval("document.querySelector('#apps summary').click()");
        browser.see("com.example.app199");
        browser.eval("document.querySelector('#apps a[href*=\"apps=4\"]').click()");
        browser.see("com.example.app699");
        assert_eq!(browser.eval("document.querySelectorAll('#apps tbody tr').length"), 100);
        browser.picture("apps");
        browser.open(&format!("{console}policy"));
        browser.see("Threat classifications");
        browser.eval("document.querySelector('[name=TROJAN]').value = 'low'");
        browser.eval(&fill);
        browser.eval("document.querySelector('form[action=\"/policy\"][method=post] button').click()");
        browser.see("is signed");
        browser.picture("policy");
        browser.open(&console);
        browser.see("Who stands how");
        assert_eq!(browser.eval("document.querySelectorAll('tbody .pill.low').length"), 1);
        browser.open(&format!("{console}audit"));
        browser.see("Signed a policy");
        browser.picture("audit");
        browser.open(&format!("{console}connector"));
        browser.see("Intune knows what the cloud knows.");
        browser.picture("connector");
        browser.open(&format!("{console}preferences"));
        browser.see("Tell me of threats");
        browser.picture("preferences");
        let scripts = browser.eval("document.scripts.length");
        assert_eq!(scripts, 0, "the pages have no script");
        browser.eval("document.querySelector('form[action=\"/logout\"] button').click()");
        browser.see("The password of admin");
    })
    .await
    .unwrap();
}
