//! schemathesis at the live gateway, by the published document: the device API under an enrolled device's
//! certificate, the console API in an administrator's session.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic")]

use std::ffi::OsStr;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use agent_tests::device::conform::enrolled;
use agent_tests::peers::{self, Judgement, Schemathesis};
use agent_tests::stage::{Stage, UNPACED};
use data_encoding::BASE64;

const DEVICE: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
/// Cases that a run has at least: a run that tried nothing finds nothing.
const LEAST: u64 = 300;

#[test]
fn the_device_api_is_as_published() {
    let Some(schemathesis) = peers::present(Schemathesis::find()).unwrap() else { return };
    let stage = stage();
    let (certificate, key, ca) = identity(&stage);
    let more = [
        OsStr::new("--tls-verify"),
        ca.as_ref(),
        "--request-cert".as_ref(),
        certificate.as_ref(),
        "--request-cert-key".as_ref(),
        key.as_ref(),
    ];
    let url = format!("https://{}", address(&stage));
    let judgement = schemathesis.judge("device.toml", &url, r"^/(v1|\.well-known)/", &more, &[]).unwrap();
    clean(&judgement);
}

#[test]
fn the_console_api_is_as_published() {
    let Some(schemathesis) = peers::present(Schemathesis::find()).unwrap() else { return };
    let stage = stage();
    identity(&stage);
    let url = stage.gateway.console.trim_end_matches('/');
    let cookie = format!("Cookie: mtd-session={}", session(url, &stage.cloud()));
    let more = ["-H".as_ref(), OsStr::new(&cookie)];
    let paths = r"^/(?!v1|\.well-known)";
    let judgement = schemathesis.judge("console.toml", url, paths, &more, &[("MTD_DEVICE", DEVICE)]).unwrap();
    clean(&judgement);
}

fn clean(judgement: &Judgement) {
    println!("{}", judgement.closing());
    assert!(judgement.clean, "{}", judgement.said);
    let cases = judgement.said.lines().find_map(|line| line.trim().split_once(" generated")?.0.parse().ok());
    assert!(cases.is_some_and(|cases: u64| cases >= LEAST), "{}", judgement.said);
}

fn stage() -> Stage {
    let mut stage = Stage::set(Path::new(env!("CARGO_BIN_EXE_story")), 41).unwrap();
    stage.restart_gateway(&UNPACED).unwrap();
    stage.administer(&["policy", "--app-sync", "on", "--ownership", "company"]).unwrap();
    stage.import_indicators().unwrap();
    stage
}

/// Where devices connect, by the name in the gateway's certificate.
fn address(stage: &Stage) -> String {
    format!("localhost:{}", stage.gateway_port())
}

/// PEM files of an enrolled device's certificate and key, and of the CA.
fn identity(stage: &Stage) -> (std::path::PathBuf, std::path::PathBuf, std::path::PathBuf) {
    let code = stage.administer(&["code", "--device", DEVICE]).unwrap();
    let trust = stage.cloud().join("trust.json");
    let identity = enrolled(&trust, &address(stage), DEVICE.parse().unwrap(), &code).unwrap();
    let write = |name: &str, kind: &str, der: &[u8]| {
        let body = BASE64.encode(der);
        let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
        let path = stage.folder().join(name);
        let text = format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", lines.join("\n"));
        fs::write(&path, text).unwrap();
        path
    };
    (
        write("client.pem", "CERTIFICATE", &identity.certificate),
        write("client.key", "PRIVATE KEY", &identity.key),
        write("ca.pem", "CERTIFICATE", &fs::read(stage.cloud().join("ca.der")).unwrap()),
    )
}

/// Logs in and answers the session's cookie.
fn session(url: &str, cloud: &Path) -> String {
    let password = fs::read_to_string(cloud.join("admin-password")).unwrap();
    let page = exchange(url, "GET /login HTTP/1.1\r\n", "");
    let between = |text: &str, from: &str, to: char| {
        text.split_once(from).unwrap().1.split(to).next().unwrap().to_owned()
    };
    let token = between(&page, "name=\"csrf\" value=\"", '"');
    let tie = between(&page, "mtd-login=", ';');
    let body = format!("csrf={token}&password={}", password.trim());
    let head = format!(
        "POST /login HTTP/1.1\r\nCookie: mtd-login={tie}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    );
    between(&exchange(url, &head, &body), "mtd-session=", ';')
}

fn exchange(url: &str, head: &str, body: &str) -> String {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let rest =
        format!("Host: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all((head.to_owned() + &rest).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
