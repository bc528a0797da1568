//! A new certificate is proved before the old one is dropped.

use std::time::{Duration, Instant};

use super::super::tell::Outcome;
use super::text;
use crate::stage::{Mishap, Stage};

/// Life of a certificate in this step, in seconds. Renewed at two thirds.
const LIFE: &str = "15";

/// Longest wait for the renewal to be due: two thirds and a tenth, rounded up.
const DUE_WITHIN: Duration = Duration::from_secs(13);

pub(super) fn play(stage: &mut Stage) -> Result<Outcome, Mishap> {
    let mut outcome = Outcome::new();
    stage.restart_gateway(&["--certificate-seconds", LIFE])?;
    let code = stage.code(&stage.second)?;
    let url = stage.gateway_url();
    let device = stage.second.clone();
    let args =
        ["activate", "--gateway", &url, "--tenant", Stage::tenant(), "--device", &device.id, "--code", &code];
    stage.device(&device, &args)?;
    let activated = Instant::now();
    while stage.certificates(&device)?.len() < 2 && activated.elapsed() < DUE_WITHIN {
        std::thread::sleep(Duration::from_millis(500));
        stage.device(&device, &["--patience", "0", "check-in"])?;
    }
    let status = stage.device(&device, &["--patience", "0", "check-in"])?;
    let certificates = stage.certificates(&device)?;
    let serials: Vec<String> =
        stage.exchanges(&device)?.into_iter().map(|exchange| exchange.serial).collect();
    let standing: Vec<&str> = certificates.iter().map(|certificate| certificate.standing.as_str()).collect();
    outcome.must("exactly one renewal happened", certificates.len() == 2);
    let [old, new] = certificates.as_slice() else { return Ok(outcome) };
    let renewed = Duration::from_millis(new.issued.saturating_sub(old.issued));
    outcome.say(format!(
        "A second device's certificate lives {LIFE} s; {:.1} s in, the device renews under it by simplereenroll.",
        renewed.as_secs_f32()
    ));
    outcome.say(format!("Certificates, oldest first: {}.", standing.join(", ")));
    outcome.must("it came after half of the life", renewed >= Duration::from_secs(7));
    outcome.must("the old one is dropped and the new one current", standing == ["dropped", "current"]);
    let turn = serials.iter().position(|serial| *serial == new.serial);
    let clean = turn.is_some_and(|turn| {
        serials.iter().take(turn).all(|serial| *serial == old.serial)
            && serials.iter().skip(turn).all(|serial| *serial == new.serial)
    });
    outcome.say("Every check-in before the proof used the old one, every one after it the new one.");
    outcome.must("check-ins change from the old to the new certificate once", clean);
    outcome.must("the device is activated still", text(&status, "activation") == "activated");
    outcome.fact("certificates", certificates.len());
    stage.restart_gateway(&[])?;
    Ok(outcome)
}
