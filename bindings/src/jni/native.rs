//! `io.mtdagent.internal.Native`, method by method, in its order.

use std::sync::Arc;

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JObject, JString};
use jni::sys::{jboolean, jint, jlong};

use super::entry::{alone, buffer, on_agent, required};
use super::env::Env;
use super::host::JavaHost;
use super::{given, handles, status};
use crate::facade::{MtdAgent, MtdConfig, MtdConfiguration, MtdDetection, MtdError, MtdNetwork, MtdReach};

/// Starts an agent; its handle.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_start<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    host: JObject<'local>,
    trust: JString<'local>,
    folder: JString<'local>,
    partners: JByteArray<'local>,
    configurations: JByteArray<'local>,
) -> jlong {
    alone(env, "jni.start", |env| {
        let config = read_config(env, &trust, &folder, &partners, &configurations)?;
        let host = Arc::new(JavaHost::new(env, &host)?);
        MtdAgent::start(config, Some(host.clone()), host.clone(), host).map(handles::keep)
    })
}

/// Starts an agent, from nothing where what was stored is lost; its handle.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_startOver<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    host: JObject<'local>,
    trust: JString<'local>,
    folder: JString<'local>,
    partners: JByteArray<'local>,
    configurations: JByteArray<'local>,
) -> jlong {
    alone(env, "jni.start_over", |env| {
        let config = read_config(env, &trust, &folder, &partners, &configurations)?;
        let host = Arc::new(JavaHost::new(env, &host)?);
        MtdAgent::start_over(config, Some(host.clone()), host.clone(), host).map(handles::keep)
    })
}

/// Methods of one agent: what Java passes behind its handle, and what is done with it.
macro_rules! on_agent {
    ($($(#[$doc:meta])* fn $method:ident($($given:ident: $kind:ty),*) $(-> $answer:ty)?, $name:literal: $run:expr;)+) => {$(
        $(#[$doc])*
        #[unsafe(no_mangle)]
        extern "system" fn $method<'local>(
            env: EnvUnowned<'local>,
            _class: JClass<'local>,
            handle: jlong,
            $($given: $kind),*
        ) $(-> $answer)? {
            on_agent(env, $name, handle, $run)
        }
    )+};
}

on_agent! {
    /// What some sources say now.
    fn Java_io_mtdagent_internal_Native_configure(configurations: JByteArray<'local>), "jni.configure":
        |env, agent| agent.configure(read_configurations(env, &configurations)?);

    /// Consent was given or withdrawn.
    fn Java_io_mtdagent_internal_Native_setConsent(given: jboolean), "jni.set_consent":
        |_, agent| agent.set_consent(given);

    /// Be in contact now.
    fn Java_io_mtdagent_internal_Native_checkIn(), "jni.check_in": |_, agent| agent.check_in();

    /// The partner's engine found something.
    fn Java_io_mtdagent_internal_Native_report(classification: JString<'local>, app: JString<'local>), "jni.report":
        |env, agent| agent.report(detection(env, &classification, &app)?);

    /// The partner's engine no longer finds it.
    fn Java_io_mtdagent_internal_Native_clear(classification: JString<'local>, app: JString<'local>), "jni.clear":
        |env, agent| agent.clear(detection(env, &classification, &app)?);

    /// The user ignores an open threat.
    fn Java_io_mtdagent_internal_Native_ignore(threat: JString<'local>), "jni.ignore":
        |env, agent| agent.ignore(required(env, &threat)?);

    /// The user is about to visit a domain.
    fn Java_io_mtdagent_internal_Native_visit(domain: JString<'local>), "jni.visit":
        |env, agent| agent.visit(required(env, &domain)?);

    /// The user left a page of the domain.
    fn Java_io_mtdagent_internal_Native_left(domain: JString<'local>), "jni.left":
        |env, agent| agent.left(required(env, &domain)?);

    /// The network changed.
    fn Java_io_mtdagent_internal_Native_networkChanged(
        reach: jint, name: JString<'local>, metered: jboolean), "jni.network_changed":
        |env, agent| agent.network_changed(network(env, reach, &name, metered)?);

    /// The charger was plugged in or out.
    fn Java_io_mtdagent_internal_Native_powerChanged(charging: jboolean), "jni.power_changed":
        |_, agent| agent.power_changed(charging);

    /// Apps or settings changed.
    fn Java_io_mtdagent_internal_Native_appsChanged(), "jni.apps_changed": |_, agent| agent.apps_changed();

    /// The first unlock since boot.
    fn Java_io_mtdagent_internal_Native_unlocked(), "jni.unlocked": |_, agent| agent.unlocked();

    /// Blocks until the agent rests, at most for the budget.
    fn Java_io_mtdagent_internal_Native_settle(budget_ms: jlong) -> jboolean, "jni.settle":
        |_, agent| agent.settle(u64::try_from(budget_ms).map_err(|_| MtdError::argument())?);

    /// The language of sentences.
    fn Java_io_mtdagent_internal_Native_setLanguage(tag: JString<'local>), "jni.set_language":
        |env, agent| agent.set_language(required(env, &tag)?);

    /// The status as one buffer.
    fn Java_io_mtdagent_internal_Native_status() -> JByteArray<'local>, "jni.status":
        |env, agent| Ok(env.array(&status::write(&agent.status()?))?);

    /// The privacy ledger as one buffer.
    fn Java_io_mtdagent_internal_Native_ledger() -> JByteArray<'local>, "jni.ledger":
        |env, agent| Ok(env.array(&status::write_ledger(&agent.ledger()?))?);

    /// Tells the cloud, then forgets everything.
    fn Java_io_mtdagent_internal_Native_deactivate(), "jni.deactivate": |_, agent| agent.deactivate();
}

/// Ends the agent. The handle is an error from then on, except here.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_stop<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) {
    if handles::agent(handle).is_err() {
        return;
    }
    on_agent(env, "jni.stop", handle, |_, agent| {
        agent.stop()?;
        handles::drop_number(handle);
        Ok(())
    });
}

fn read_config(
    env: &Env<'_>,
    trust: &JString<'_>,
    folder: &JString<'_>,
    partners: &JByteArray<'_>,
    configurations: &JByteArray<'_>,
) -> Result<MtdConfig, MtdError> {
    Ok(MtdConfig {
        trust_json: required(env, trust)?,
        folder: required(env, folder)?,
        partners: given::names(&buffer(env, partners)?).map_err(|_| MtdError::argument())?,
        configurations: read_configurations(env, configurations)?,
    })
}

fn read_configurations(env: &Env<'_>, array: &JByteArray<'_>) -> Result<Vec<MtdConfiguration>, MtdError> {
    given::configurations(&buffer(env, array)?).map_err(|_| MtdError::argument())
}

fn detection(
    env: &Env<'_>,
    classification: &JString<'_>,
    app: &JString<'_>,
) -> Result<MtdDetection, MtdError> {
    Ok(MtdDetection { classification: required(env, classification)?, app_id: env.text(app)? })
}

fn network(
    env: &Env<'_>,
    reach: jint,
    name: &JString<'_>,
    metered: jboolean,
) -> Result<MtdNetwork, MtdError> {
    let reach = u8::try_from(reach).ok().and_then(MtdReach::of_number).ok_or_else(MtdError::argument)?;
    Ok(MtdNetwork { reach, name: env.text(name)?, metered })
}
