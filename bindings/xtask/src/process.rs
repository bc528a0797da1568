//! Children: what they say, how they end, how long they may take.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use crate::report::Outcome;

/// A test that lacks its peer says so in a line that starts so; see `peers` in the crate `agent-tests`.
const SKIP_MARK: &str = "SKIPPED ";
/// How the variables begin that cargo sets for the program it runs.
const ABOUT_THIS: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_NAME", "CARGO_CRATE_NAME"];
/// How often a child with a deadline is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// How long the output of an ended child may still trickle in.
const STRAGGLER: Duration = Duration::from_secs(5);

/// `program` in `root` without a terminal to read from.
pub(crate) fn command(root: &Path, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root).stdin(Stdio::null());
    command
}

/// The cargo that runs this program, without what it says about this package: ring is built anew when that changes.
pub(crate) fn cargo(root: &Path) -> Command {
    without_package(command(root, std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())))
}

/// Without what cargo says about this package.
pub(crate) fn without_package(mut cargo: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| ABOUT_THIS.iter().any(|start| name.starts_with(start))) {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Runs `command` silently; everything it said is shown only if it fails.
pub(crate) fn quietly(command: Command) -> Outcome {
    captured(command).map_or_else(|failed| failed, |_| Outcome::Passed)
}

/// What `command` prints, or the failure with everything it said.
pub(crate) fn captured(mut command: Command) -> Result<String, Outcome> {
    match command.output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            if output.status.success() {
                return Ok(said);
            }
            let complaint = String::from_utf8_lossy(&output.stderr);
            let how = format!("{} ended with {}", shown(&command), output.status);
            Err(Outcome::Failed(format!("{said}{complaint}\n{how}")))
        }
        Err(error) => Err(Outcome::Failed(format!("{} did not start: {error}", shown(&command)))),
    }
}

/// What `command` says on its error stream, however it ends.
pub(crate) fn complaint(mut command: Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{} did not start: {error}", shown(&command)))?;
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Runs `command` with its output passed on line by line, and gathers the skips it announces.
pub(crate) fn aloud(mut command: Command) -> Outcome {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return Outcome::Failed(format!("{} did not start: {error}", shown(&command))),
    };
    let skips = follow(&mut child);
    match child.wait() {
        Ok(status) if status.success() => {
            let lacking = heard(&skips);
            if lacking.is_empty() { Outcome::Passed } else { Outcome::Lacking(lacking) }
        }
        Ok(status) => Outcome::Failed(format!("{} ended with {status}", shown(&command))),
        Err(error) => Outcome::Failed(format!("{} was lost: {error}", shown(&command))),
    }
}

/// What `command` prints, if it succeeds within `limit`.
pub(crate) fn answer(mut command: Command, limit: Duration) -> Option<String> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().ok()? {
            break status;
        }
        if begun.elapsed() > limit {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(LOOK);
    };
    let mut said = String::new();
    child.stdout.take()?.read_to_string(&mut said).ok()?;
    status.success().then_some(said)
}

/// How a child with a limit ended.
pub(crate) enum Bounded {
    Succeeded,
    /// With everything it said.
    Failed(String),
    TooLong,
}

/// Runs `command` silently for at most `limit`; then it and its children end.
pub(crate) fn bounded(mut command: Command, limit: Duration) -> Bounded {
    // A group of its own: the tests that cargo started end with it.
    command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return Bounded::Failed(format!("{} did not start: {error}", shown(&command))),
    };
    let said = [gather(child.stdout.take()), gather(child.stderr.take())];
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(None) if begun.elapsed() > limit => {
                end_group(&mut child);
                return Bounded::TooLong;
            }
            Ok(None) => std::thread::sleep(LOOK),
            Ok(Some(status)) if status.success() => return Bounded::Succeeded,
            Ok(Some(_)) => {
                let said: Vec<String> =
                    said.iter().filter_map(|said| said.recv_timeout(STRAGGLER).ok()).collect();
                return Bounded::Failed(said.concat());
            }
            Err(error) => return Bounded::Failed(format!("{} was lost: {error}", shown(&command))),
        }
    }
}

fn end_group(child: &mut Child) {
    let mut kill = Command::new("kill");
    let _ = kill.args(["-KILL", "--", &format!("-{}", child.id())]).status();
    let _ = child.kill();
    let _ = child.wait();
}

fn gather(stream: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut said = Vec::new();
        if let Some(mut stream) = stream {
            let _ = stream.read_to_end(&mut said);
        }
        let _ = tell.send(String::from_utf8_lossy(&said).into_owned());
    });
    told
}

fn follow(child: &mut Child) -> Receiver<(String, String)> {
    let (announce, skips) = mpsc::channel();
    if let Some(stream) = child.stdout.take() {
        pass_on(stream, std::io::stdout(), announce.clone());
    }
    if let Some(stream) = child.stderr.take() {
        pass_on(stream, std::io::stderr(), announce);
    }
    skips
}

fn pass_on(
    from: impl Read + Send + 'static,
    mut to: impl Write + Send + 'static,
    announce: Sender<(String, String)>,
) {
    std::thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
            let _ = to.write_all(&[&line, b"\n".as_slice()].concat());
            if let Some(skip) = skip_in(&String::from_utf8_lossy(&line)) {
                let _ = announce.send(skip);
            }
        }
    });
}

/// What was announced until both streams ended. A grandchild that keeps one open is not waited for.
fn heard(skips: &Receiver<(String, String)>) -> BTreeMap<String, String> {
    std::iter::from_fn(|| skips.recv_timeout(STRAGGLER).ok()).collect()
}

fn skip_in(line: &str) -> Option<(String, String)> {
    let (what, why) = line.split_once(SKIP_MARK)?.1.split_once(": ")?;
    Some((what.to_owned(), why.trim_end().to_owned()))
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut shell = command(Path::new("."), "sh");
        shell.args(["-c", script]);
        shell
    }

    #[test]
    fn a_failure_shows_what_was_said() {
        let Outcome::Failed(text) = quietly(shell("echo to-out; echo to-err >&2; exit 3")) else {
            panic!("passed");
        };
        assert!(text.contains("to-out") && text.contains("to-err") && text.contains('3'), "{text}");
    }

    #[test]
    fn a_skip_of_a_test_is_heard() {
        let (announce, skips) = mpsc::channel();
        pass_on(&b"test x ... SKIPPED peer: fetch it\nok\n"[..], std::io::sink(), announce);
        assert_eq!(heard(&skips).get("peer").map(String::as_str), Some("fetch it"));
    }

    #[test]
    fn a_child_is_ended_at_its_deadline() {
        let begun = Instant::now();
        assert_eq!(answer(shell("exec sleep 20"), Duration::from_millis(100)), None);
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}
