//! The places where a Linux system writes down what is installed. `None`: this system has no such place.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use agent_logic::model::App;

use super::Package;

type Found = io::Result<Option<Vec<App>>>;

/// Debian and its kin.
pub(super) fn dpkg(root: &Path) -> Found {
    read_text(&root.join("var/lib/dpkg/status"), parse_dpkg)
}

/// Red Hat, SUSE and their kin. Their database is read by their own program.
pub(super) fn rpm(root: &Path) -> Found {
    if root != Path::new("/") || !root.join("var/lib/rpm").exists() {
        return Ok(None);
    }
    let format = "%{NAME}\\t%{VERSION}\\t%{RELEASE}\\t%{SIZE}\\t%{SUMMARY}\\n";
    let child =
        Command::new("rpm").args(["-qa", "--qf", format]).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let output = match child {
        Ok(output) if output.status.success() => output.stdout,
        Ok(_) => return Err(ErrorKind::Other.into()),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(some(parse_rpm(&String::from_utf8_lossy(&output))))
}

/// Alpine and its kin.
pub(super) fn apk(root: &Path) -> Found {
    read_text(&root.join("lib/apk/db/installed"), parse_apk)
}

/// What the desktop's menu shows.
pub(super) fn menu(root: &Path) -> Found {
    let entries = match root.join("usr/share/applications").read_dir() {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut apps = Vec::new();
    for entry in entries.take(MAX_PACKAGES) {
        let path = entry?.path();
        let is_entry = path.extension().is_some_and(|extension| extension == "desktop");
        let Some(id) = path.file_stem().and_then(|stem| stem.to_str()).filter(|_| is_entry) else {
            continue;
        };
        let found = read_text(&path, |text| parse_menu_entry(id, text).into_iter().collect())?;
        apps.extend(found.unwrap_or_default());
    }
    Ok(some(apps))
}

/// Stanzas of `Key: value`; a line that begins with white space continues the one before.
fn parse_dpkg(text: &str) -> Vec<App> {
    packages(text, |package, line| match line.split_once(':') {
        Some(("Package", value)) => package.about.name = value.trim(),
        Some(("Version", value)) => package.about.version = value.trim(),
        Some(("Description", value)) => package.about.summary = value,
        Some(("Installed-Size", value)) => package.about.bytes = kibibytes(value),
        Some(("Status", value)) => {
            package.is_installed = value.split_whitespace().nth(2) == Some("installed")
        }
        Some(_) | None => {}
    })
}

/// Stanzas of `K:value`. Everything listed is installed.
fn parse_apk(text: &str) -> Vec<App> {
    packages(text, |package, line| match line.split_once(':') {
        Some(("P", value)) => {
            package.about.name = value;
            package.is_installed = true;
        }
        Some(("V", value)) => package.about.version = value,
        Some(("T", value)) => package.about.summary = value,
        Some(("I", value)) => package.about.bytes = value.parse().ok(),
        Some(_) | None => {}
    })
}

pub(super) fn parse_rpm(text: &str) -> Vec<App> {
    let apps = text.lines().take(MAX_PACKAGES).filter_map(|line| {
        let mut fields = line.splitn(5, '\t');
        let mut next = || fields.next();
        let (name, version, release) = (next()?, next()?, next()?);
        let (size, summary) = (next()?, next()?);
        Package { name, version: &format!("{version}-{release}"), summary, bytes: size.parse().ok() }.app()
    });
    apps.collect()
}

fn parse_menu_entry(id: &str, text: &str) -> Option<App> {
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| *line == "[Desktop Entry]")?;
    let mut package = Stanza::default();
    for line in lines.take_while(|line| !line.starts_with('[')) {
        match line.split_once('=') {
            Some(("Name", value)) => package.about.summary = value,
            Some(("Type", value)) => package.is_installed = value == "Application",
            Some(_) | None => {}
        }
    }
    package.about.name = id;
    package.app()
}

#[derive(Default)]
struct Stanza<'a> {
    about: Package<'a>,
    is_installed: bool,
}

impl Stanza<'_> {
    fn app(&self) -> Option<App> {
        if self.is_installed { self.about.app() } else { None }
    }
}

/// Stanzas end with an empty line.
fn packages<'a>(text: &'a str, read: impl Fn(&mut Stanza<'a>, &'a str)) -> Vec<App> {
    let mut apps = Vec::new();
    let mut stanza = Stanza::default();
    for line in text.split('\n').chain([""]) {
        if line.is_empty() {
            apps.extend(stanza.app());
            stanza = Stanza::default();
        } else {
            read(&mut stanza, line);
        }
        if apps.len() >= MAX_PACKAGES {
            break;
        }
    }
    apps
}

fn kibibytes(value: &str) -> Option<u64> {
    let kibibytes: u64 = value.trim().parse().ok()?;
    Some(kibibytes.saturating_mul(1024))
}

fn read_text(path: &Path, parse: impl Fn(&str) -> Vec<App>) -> Found {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(MAX_DATABASE).read_to_end(&mut bytes)?;
    Ok(some(parse(&String::from_utf8_lossy(&bytes))))
}

/// A place that names nothing is none: no system runs without software.
fn some(apps: Vec<App>) -> Option<Vec<App>> {
    (!apps.is_empty()).then_some(apps)
}

/// Bytes read of one file; a desktop's package database has 5 MB.
const MAX_DATABASE: u64 = 64 * 1024 * 1024;

/// Packages read; a large desktop has 6,000.
const MAX_PACKAGES: usize = 20_000;
