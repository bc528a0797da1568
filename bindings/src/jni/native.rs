//! `io.mtdagent.internal.Native`, method by method, in its order.

use std::sync::Arc;

use jni::objects::{JByteArray, JClass, JObject, JString};
use jni::sys::{jboolean, jint, jlong};
use jni::{Env, EnvUnowned};

use super::entry::{alone, array, buffer, on_agent, required, text};
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
        MtdAgent::start(config, host.clone(), host.clone(), host).map(handles::keep)
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
        MtdAgent::start_over(config, host.clone(), host.clone(), host).map(handles::keep)
    })
}

/// What some sources say now.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_configure<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    configurations: JByteArray<'local>,
) {
    on_agent(env, "jni.configure", handle, |env, agent| {
        agent.configure(read_configurations(env, &configurations)?)
    });
}

/// Consent was given or withdrawn.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_setConsent<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    given: jboolean,
) {
    on_agent(env, "jni.set_consent", handle, |_, agent| agent.set_consent(given));
}

/// Be in contact now.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_checkIn<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) {
    on_agent(env, "jni.check_in", handle, |_, agent| agent.check_in());
}

/// The partner's engine found something.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_report<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    classification: JString<'local>,
    app: JString<'local>,
) {
    on_agent(env, "jni.report", handle, |env, agent| agent.report(detection(env, &classification, &app)?));
}

/// The partner's engine no longer finds it.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_clear<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    classification: JString<'local>,
    app: JString<'local>,
) {
    on_agent(env, "jni.clear", handle, |env, agent| agent.clear(detection(env, &classification, &app)?));
}

/// The user ignores an open threat.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_ignore<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    threat: JString<'local>,
) {
    on_agent(env, "jni.ignore", handle, |env, agent| agent.ignore(required(env, &threat)?));
}

/// The user is about to visit a domain.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_visit<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    domain: JString<'local>,
) {
    on_agent(env, "jni.visit", handle, |env, agent| agent.visit(required(env, &domain)?));
}

/// The user left a page of the domain.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_left<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    domain: JString<'local>,
) {
    on_agent(env, "jni.left", handle, |env, agent| agent.left(required(env, &domain)?));
}

/// The network changed.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_networkChanged<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    reach: jint,
    name: JString<'local>,
    metered: jboolean,
) {
    on_agent(env, "jni.network_changed", handle, |env, agent| {
        let reach = u8::try_from(reach).ok().and_then(MtdReach::of_number).ok_or_else(MtdError::argument)?;
        agent.network_changed(MtdNetwork { reach, name: text(env, &name)?, metered })
    });
}

/// The charger was plugged in or out.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_powerChanged<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    charging: jboolean,
) {
    on_agent(env, "jni.power_changed", handle, |_, agent| agent.power_changed(charging));
}

/// Apps or settings changed.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_appsChanged<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) {
    on_agent(env, "jni.apps_changed", handle, |_, agent| agent.apps_changed());
}

/// The first unlock since boot.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_unlocked<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) {
    on_agent(env, "jni.unlocked", handle, |_, agent| agent.unlocked());
}

/// Blocks until the agent rests, at most for the budget.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_settle<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    budget_ms: jlong,
) -> jboolean {
    on_agent(env, "jni.settle", handle, |_, agent| {
        agent.settle(u64::try_from(budget_ms).map_err(|_| MtdError::argument())?)
    })
}

/// The language of sentences.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_setLanguage<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    tag: JString<'local>,
) {
    on_agent(env, "jni.set_language", handle, |env, agent| agent.set_language(required(env, &tag)?));
}

/// The status as one buffer.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_status<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) -> JByteArray<'local> {
    on_agent(env, "jni.status", handle, |env, agent| array(env, &status::write(&agent.status()?)))
}

/// The privacy ledger as one buffer.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_ledger<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) -> JByteArray<'local> {
    on_agent(env, "jni.ledger", handle, |env, agent| array(env, &status::write_ledger(&agent.ledger()?)))
}

/// Tells the cloud, then forgets everything.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Native_deactivate<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) {
    on_agent(env, "jni.deactivate", handle, |_, agent| agent.deactivate());
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
    Ok(MtdDetection { classification: required(env, classification)?, app_id: text(env, app)? })
}
