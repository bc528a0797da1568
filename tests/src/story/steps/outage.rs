//! Cloud down, phone killed: every change arrives once and in order.

use super::super::tell::Outcome;
use super::{access, wake};
use crate::path::Mode;
use crate::stage::evidence::TransitionRow;
use crate::stage::{Mishap, Stage};

/// What is reported, and whether it is over, while nobody listens.
const DURING: [(&str, bool); 4] = [
    ("ROGUE_WIFI", true),
    ("ROOT_JAILBREAK", false),
    ("ROOT_JAILBREAK", true),
    ("USB_DEBUGGING_ENABLED", false),
];

pub(super) fn play(stage: &mut Stage) -> Result<Outcome, Mishap> {
    let mut outcome = Outcome::new();
    let before = stage.transitions(&stage.main)?.len();
    let certificates = stage.certificates(&stage.main)?;

    killed_in_the_middle(stage, before, &mut outcome)?;
    stage.stop_gateway();
    for (classification, cleared) in DURING {
        let mut args = vec!["--patience", "0", "report", "--classification", classification];
        if cleared {
            args.push("--cleared");
        }
        stage.device(&stage.main, &args)?;
    }
    outcome
        .say("The gateway is down. Meanwhile two threats come and go and a third comes; each process ends.");
    stage.restart_gateway(&[])?;
    wake(stage, &stage.main)?;

    let after = stage.transitions(&stage.main)?;
    let new: Vec<&TransitionRow> = after.iter().skip(before).collect();
    let got: Vec<(&str, &str)> =
        new.iter().map(|row| (row.classification.as_str(), row.kind.as_str())).collect();
    let want = [
        ("ROGUE_WIFI", "opened"),
        ("ROGUE_WIFI", "resolved"),
        ("ROOT_JAILBREAK", "opened"),
        ("ROOT_JAILBREAK", "resolved"),
        ("USB_DEBUGGING_ENABLED", "opened"),
    ];
    let ordinals: Vec<u64> = new.iter().map(|row| row.ordinal).collect();
    outcome.say(format!("The gateway is back: {} changes arrive, ordinals {ordinals:?}.", got.len()));
    outcome.must("every change arrived exactly once and in order", got == want);
    outcome.must(
        "ordinals have no gap",
        ordinals.windows(2).all(|pair| matches!(pair, [a, b] if a.saturating_add(1) == *b)),
    );
    outcome.must("it is the same device", stage.certificates(&stage.main)? == certificates);
    outcome.must("no second device came to be", stage.devices()? == 1);
    access(stage, &stage.main, &mut outcome, "mediumSeverity", true)?;

    stage.device(&stage.main, &["report", "--classification", "USB_DEBUGGING_ENABLED", "--cleared"])?;
    access(stage, &stage.main, &mut outcome, "secured", true)?;
    outcome.fact("transitions", got.len());
    Ok(outcome)
}

/// The cloud applies a report, its answer is held back, and the phone's process gets SIGKILL.
fn killed_in_the_middle(stage: &mut Stage, before: usize, outcome: &mut Outcome) -> Result<(), Mishap> {
    stage.path(Mode::Withhold)?;
    let mut child = stage.device_running(&stage.main, &["report", "--classification", "ROGUE_WIFI"])?;
    let applied = Stage::wait(|| Ok((stage.transitions(&stage.main)?.len() > before).then_some(())))?;
    let alive = child.try_wait()?.is_none();
    child.kill()?;
    child.wait()?;
    let seen = stage.path(Mode::Pass)?;
    outcome.say("A report is applied, its answer held back, and the phone's process killed with SIGKILL.");
    outcome.must("the gateway applied the report", applied.is_some());
    outcome.must("the answer was held back", seen.withheld > 0);
    outcome.must("the phone was in the middle of its check-in", alive);
    Ok(())
}
