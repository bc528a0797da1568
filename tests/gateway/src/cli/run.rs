//! What each command does.

use std::io::Write as _;
use std::time::Duration;

use agent_logic::model::Digest;
use log::LevelFilter;
use serde::Serialize;

use super::args::{
    AccountArgs, CodeArgs, CommandArgs, DeviceArgs, FolderArgs, GroupArgs, IndicatorArgs, InitArgs, KeyArgs,
    ListArgs, NoticeArgs, PolicyArgs, RetentionArgs, RootArgs, ServeArgs,
};
use crate::accounts;
use crate::admin::make_secret;
use crate::attestation;
use crate::clock::now;
use crate::command;
use crate::console::{Overview, Page};
use crate::entra::Entra;
use crate::failure::SetupError;
use crate::home::{self, Home};
use crate::limits::{self, Limits};
use crate::logging;
use crate::policy::{self, Change};
use crate::rating;
use crate::retention::Retention;
use crate::serve::{self, Options};
use crate::signing::Signing;
use crate::store::{Action, Place, Store, StoreError, Tx};
use crate::{admin_act, indicators as import, init as setup};

pub(super) fn init(args: &InitArgs) -> Result<(), SetupError> {
    let home = Home::new(&args.dir);
    let made = setup::init(&home, &args.host, args.tenant)?;
    if args.json {
        return say_json(&serde_json::json!({
            "dir": home.dir(),
            "tenant": made.tenant,
            "adminPassword": made.admin_password.reveal(),
            "trust": made.trust,
        }));
    }
    say(&format!(
        "A gateway is ready in {dir}.\n\
         Tenant             {tenant}\n\
         Console            user admin, password {password} (also in admin-password)\n\
         For the app        {trust}\n\
         Policy key         {signer}, opened by `policy`, `group` and `indicators` only\n\
         Next               mtd-gateway serve --dir {dir}",
        dir = home.dir().display(),
        tenant = made.tenant.reveal(),
        password = made.admin_password.reveal(),
        trust = home.trust().display(),
        signer = home.policy_key().display(),
    ))
}

pub(super) fn serve(args: &ServeArgs) -> Result<(), SetupError> {
    let entra = match (&args.entra_jwks, &args.entra_issuer, &args.entra_audience) {
        (Some(jwks), Some(issuer), Some(audience)) => {
            Some(Entra { jwks: jwks.clone(), issuer: issuer.clone(), audience: audience.clone() })
        }
        _ => None,
    };
    logging::to_stderr(if args.log { LevelFilter::Trace } else { LevelFilter::Warn });
    let options = Options {
        home: Home::new(&args.dir),
        listen: args.listen,
        console: args.console,
        metrics: args.metrics,
        intune: args.intune.clone(),
        intune_secret: args.intune_secret_file.clone(),
        heartbeat: Duration::from_secs(args.heartbeat_minutes.saturating_mul(60)),
        app_sync: Duration::from_secs(args.app_sync_minutes.saturating_mul(60)),
        certificate_life: Duration::from_secs(args.certificate_seconds),
        entra,
        limits: Limits { requests: limits::a_minute(args.requests_per_minute), ..Limits::default() },
    };
    let runtime = tokio::runtime::Runtime::new().map_err(SetupError::Listen)?;
    runtime.block_on(async {
        let running = serve::start(&options).await?;
        say_json(&running.ready)?;
        if let Some(path) = &args.ready_file {
            let text = serde_json::to_vec(&running.ready).map_err(|_| SetupError::Form("the ready line"))?;
            std::fs::write(path, text).map_err(|error| SetupError::File(path.clone(), error))?;
        }
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
            .map_err(SetupError::Listen)?;
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        running.stop().await;
        Ok(())
    })
}

pub(super) fn code(args: &CodeArgs) -> Result<(), SetupError> {
    let store = open(&args.dir)?;
    let code = make_secret()?;
    let expires = now().plus(Duration::from_secs(args.valid_minutes.saturating_mul(60)));
    store.transact(|tx| {
        tx.ensure_device(&args.device)?;
        tx.add_code(&args.device, Digest::of(code.reveal().as_bytes()), expires)?;
        audit(tx, Action::CodeMade, Some(&args.device.reveal()))
    })?;
    say(code.reveal())
}

pub(super) fn enrolment_key(args: &KeyArgs) -> Result<(), SetupError> {
    let store = open(&args.dir)?;
    let key = make_secret()?;
    store.transact(|tx| {
        tx.ensure_group(&args.group)?;
        tx.set_enrolment_key(&args.group, Digest::of(key.reveal().as_bytes()))?;
        audit(tx, Action::EnrolmentKeyMade, Some(&args.group))
    })?;
    say(key.reveal())
}

pub(super) fn group(args: &GroupArgs) -> Result<(), SetupError> {
    let home = Home::new(&args.dir);
    let store = Store::open(&home.database())?;
    store.transact(|tx| {
        tx.ensure_group(&args.name)?;
        audit(tx, Action::GroupChanged, Some(&args.name))
    })?;
    policy::join(&store, &home, &args.name, &args.add)?;
    say(&format!("{} device(s) put into the group.", args.add.len()))
}

pub(super) fn policy(args: &PolicyArgs) -> Result<(), SetupError> {
    let home = Home::new(&args.dir);
    let store = Store::open(&home.database())?;
    let change = Change {
        app_sync: args.app_sync.map(Into::into),
        full_personal: args.full_personal.map(Into::into),
        ownership: args.ownership.map(Into::into),
        check_in_seconds: args.check_in_seconds,
        disconnected_days: args.disconnected_days,
        severities: args.severity.clone(),
        modes: args.mode.clone(),
        ignorable: named(&args.ignorable, args.no_ignorable),
        device_sync: args.device_sync.map(Into::into),
        threat_sync: args.threat_sync.map(Into::into),
        clean_handshakes: args.clean_handshakes,
        inspection_cas: named(&args.inspection_ca, args.no_inspection_ca),
        renew_same_key: args.renew_same_key.map(Into::into),
        prevent_unenrolment: args.prevent_unenrolment.map(Into::into),
        expires_days: args.expires_days,
    };
    let policy = policy::change(&home, &store, args.group.as_deref(), &change, Place::CommandLine.into())?;
    say_json(&policy)
}

/// A list that is replaced by what is named, or by nothing if that is said, or stays.
fn named<T: Clone>(list: &[T], none: bool) -> Option<Vec<T>> {
    (none || !list.is_empty()).then(|| list.to_vec())
}

pub(super) fn account(args: &AccountArgs) -> Result<(), SetupError> {
    let home = Home::new(&args.dir);
    let store = Store::open(&home.database())?;
    let Some(access) = args.access else {
        return if accounts::remove(&home, &store, &args.name)? {
            say("The account is removed.")
        } else {
            Err(SetupError::Bounds("there is no such account."))
        };
    };
    say(accounts::set(&home, &store, &args.name, access)?.reveal())
}

pub(super) fn indicators(args: &IndicatorArgs) -> Result<(), SetupError> {
    let home = Home::new(&args.dir);
    let store = Store::open(&home.database())?;
    let sources = import::Sources {
        stalkerware: args.ioc.clone().zip(args.samples.clone()),
        stix: args.stix.clone(),
        otherwise: args.stix_classification,
    };
    let made = import::import(&home, &store, &sources)?;
    store.transact(|tx| audit(tx, Action::IndicatorsSigned, Some(&format!("version {}", made.version))))?;
    say_json(&serde_json::json!({
        "version": made.version, "entries": made.entries, "buckets": made.buckets, "skipped": made.skipped,
    }))
}

pub(super) fn command(args: &CommandArgs) -> Result<(), SetupError> {
    let home = Home::new(&args.dir);
    let store = Store::open(&home.database())?;
    let command = args.what.into();
    command::sign(&home, &store, args.device, command, args.valid_days, Place::CommandLine.into())?;
    say("The command is signed. The device gets it at its next check-in.")
}

pub(super) fn notices(args: &NoticeArgs) -> Result<(), SetupError> {
    open(&args.dir)?
        .transact(|tx| admin_act::send_notices(tx, args.to.as_ref(), Place::CommandLine.into(), now()))?;
    say(if args.to.is_some() { "Notices are written to the spool." } else { "No notice is written." })
}

pub(super) fn retention(args: &RetentionArgs) -> Result<(), SetupError> {
    let kept = open(&args.dir)?.transact(|tx| {
        let held = Retention::read(tx)?;
        let kept = Retention {
            inventory_days: args.inventory_days.unwrap_or(held.inventory_days),
            history_days: args.history_days.unwrap_or(held.history_days),
            audit_days: args.audit_days.unwrap_or(held.audit_days),
        };
        kept.check()?.save(tx)?;
        if kept != held {
            audit(tx, Action::RetentionChanged, None)?;
        }
        Ok::<_, SetupError>(kept)
    })?;
    say_json(&kept)
}

pub(super) fn attestation_root(args: &RootArgs) -> Result<(), SetupError> {
    let root = attestation::root(&home::read(&args.file)?)?;
    open(&args.dir)?.transact(|tx| {
        tx.add_attestation_root(&root)?;
        audit(tx, Action::AttestationRootAdded, Some(&root.name))
    })?;
    say(&root.name)
}

pub(super) fn revoke(args: &DeviceArgs) -> Result<(), SetupError> {
    let known = open(&args.dir)?
        .transact(|tx| admin_act::revoke(tx, &args.device, Place::CommandLine.into(), now()))?;
    if !known {
        return Err(SetupError::Bounds("there is no such device."));
    }
    say("The device is revoked. A new code lifts that when it is used.")
}

pub(super) fn signer(args: &FolderArgs) -> Result<(), SetupError> {
    let home = Home::new(&args.dir);
    let signing = Signing::open(&home)?;
    say_json(&serde_json::json!({ "signer": home.signer_socket() }))?;
    signing.run();
    Ok(())
}

pub(super) fn devices(args: &ListArgs) -> Result<(), SetupError> {
    let store = open(&args.dir)?;
    // What the clock alone changes is noted while the gateway serves; it may not.
    while store.step(|tx| rating::note_silence(tx, now()).map(|noted| noted > 0))? {}
    let mut page = Page::default();
    let mut overview = store.read(|tx| Overview::read(tx, &page, now()))?;
    while let Some(next) = overview.next.take().and_then(|text| text.parse().ok()) {
        page.after = Some(next);
        let more = store.read(|tx| Overview::read(tx, &page, now()))?;
        overview.devices.extend(more.devices);
        overview.next = more.next;
    }
    if args.json {
        return say_json(&overview);
    }
    for device in &overview.devices {
        say(&format!(
            "{}  {:?}  {:?}  {}",
            device.device_id,
            device.activation,
            device.health,
            device.why.as_deref().unwrap_or("Nothing blocks it."),
        ))?;
    }
    Ok(())
}

fn audit(tx: &Tx<'_>, action: Action, object: Option<&str>) -> Result<(), StoreError> {
    tx.audit(now(), Place::CommandLine, action, object)
}

fn open(dir: &std::path::Path) -> Result<Store, StoreError> {
    Store::open(&Home::new(dir).database())
}

fn say(text: &str) -> Result<(), SetupError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(|error| SetupError::File("stdout".into(), error))
}

fn say_json(value: &impl Serialize) -> Result<(), SetupError> {
    say(&serde_json::to_string(value).map_err(|_| SetupError::Form("the answer"))?)
}
