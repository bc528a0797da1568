//! A program run to its end, within a limit.

use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::PeerError;

/// How often a child is looked at.
const LOOK: Duration = Duration::from_millis(10);

pub(super) struct Ended {
    pub(super) status: ExitStatus,
    pub(super) out: Vec<u8>,
    pub(super) err: String,
}

/// Gives `input` to `command` and gathers what it says until it ends; kills it after `limit`.
pub(super) fn run(
    mut command: Command,
    program: &'static str,
    input: &[u8],
    limit: Duration,
) -> Result<Ended, PeerError> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let out = gather(child.stdout.take());
    let err = gather(child.stderr.take());
    if let Some(mut stdin) = child.stdin.take() {
        // One that refuses early does not read.
        let _ = stdin.write_all(input);
    }
    let status = wait(&mut child, limit)?.ok_or(PeerError::TimedOut(program))?;
    let err = String::from_utf8_lossy(&joined(err)?).into_owned();
    Ok(Ended { status, out: joined(out)?, err })
}

/// As [`run`], and anything but success is [`PeerError::Refused`].
pub(super) fn succeed(
    command: Command,
    program: &'static str,
    input: &[u8],
    limit: Duration,
) -> Result<Vec<u8>, PeerError> {
    let ended = run(command, program, input, limit)?;
    if ended.status.success() { Ok(ended.out) } else { Err(PeerError::Refused { program, said: ended.err }) }
}

fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if begun.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(LOOK);
    }
}

fn gather(stream: Option<impl Read + Send + 'static>) -> JoinHandle<io::Result<Vec<u8>>> {
    thread::spawn(move || {
        let mut said = Vec::new();
        if let Some(mut stream) = stream {
            stream.read_to_end(&mut said)?;
        }
        Ok(said)
    })
}

fn joined(reader: JoinHandle<io::Result<Vec<u8>>>) -> io::Result<Vec<u8>> {
    reader.join().unwrap_or_else(|_| Err(io::Error::other("the reader of a child's output ended early")))
}
