//! The reference gateway as a process of its own, in a folder that goes with the test.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_interop-gateway");

pub(crate) struct Gateway {
    child: Child,
    folder: TempDir,
    address: SocketAddr,
}

impl Gateway {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("gateway");
        command(&home, "init", &[]);
        let ca = fs::read(home.join("ca.der")).unwrap();
        fs::write(folder.path().join("ca.pem"), pem(&ca)).unwrap();
        let mut child = Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", "--dir"])
            .arg(&home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let ready: Value = serde_json::from_str(&ready).unwrap();
        let address = ready["gateway"].as_str().unwrap().parse().unwrap();
        Self { child, folder, address }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A file in the test's folder; `ca.pem` is there from the start.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A one-time code for `device`.
    pub(crate) fn code(&self, device: &str) -> String {
        let output = command(&self.file("gateway"), "code", &["--device", device]);
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(home: &Path, name: &str, more: &[&str]) -> Output {
    let output = Command::new(PROGRAM).arg(name).arg("--dir").arg(home).args(more).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn pem(der: &[u8]) -> String {
    let body = data_encoding::BASE64.encode(der);
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}
