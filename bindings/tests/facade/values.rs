//! What goes in and what comes out.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use agent_bindings::facade::{
    MtdActivation, MtdAgent, MtdConfig, MtdConfiguration, MtdDetection, MtdKeyFault, MtdNeedKind,
    MtdProvenance, MtdValue, MtdWebVerdict,
};
use tempfile::TempDir;

use super::host::{
    Bench, Blind, CODE, DEVICE, GATEWAY, Keys, Loud, TENANT, Told, WAIT, begin, config, configuration, said,
    start,
};

#[test]
fn it_says_what_it_needs_until_it_has_it() {
    let bench = Bench::open();
    let agent = bench.agent();
    let need = || {
        assert!(agent.settle(5_000).unwrap());
        agent.status().unwrap().need
    };
    assert_eq!(need().unwrap().kind, MtdNeedKind::Configuration);
    let unresolved = ("mtdDeviceId", "{{aaddeviceid}}");
    agent.configure(said(MtdProvenance::App, &[GATEWAY, unresolved, TENANT, CODE])).unwrap();
    assert_eq!(need().unwrap().error.unwrap().code(), 101);
    let elsewhere = ("mtdGateway", "https://example.com");
    agent.configure(said(MtdProvenance::App, &[elsewhere, DEVICE, TENANT, CODE])).unwrap();
    assert_eq!(need().unwrap().error.unwrap().code(), 103);
    agent.configure(configuration()).unwrap();
    assert_eq!(need().unwrap().kind, MtdNeedKind::Consent);
    assert_eq!(agent.status().unwrap().activation, MtdActivation::Pending);
}

#[test]
fn sources_are_read_as_one_and_each_replaces_only_what_it_said() {
    let bench = Bench::open();
    let agent = bench.agent();
    let rested = || {
        assert!(agent.settle(5_000).unwrap());
        agent.status().unwrap()
    };
    agent.configure(said(MtdProvenance::App, &[GATEWAY, TENANT])).unwrap();
    assert_eq!(rested().need.unwrap().error.unwrap().code(), 101);
    let number = ("mtdTenantId".to_owned(), MtdValue::Integer);
    let managed = MtdConfiguration {
        provenance: MtdProvenance::ManagedAndroid,
        values: [number, ("MDMDeviceID".to_owned(), MtdValue::Text { text: DEVICE.1.to_owned() })].into(),
    };
    agent.configure(vec![managed]).unwrap();
    let status = rested();
    assert_eq!(status.need.unwrap().kind, MtdNeedKind::Consent, "the device's ID stands at a partner's key");
    let [finding] = status.findings.as_slice() else { panic!("{:?}", status.findings) };
    let told = (finding.provenance, finding.key.as_deref(), finding.error.code());
    assert_eq!(told, (MtdProvenance::ManagedAndroid, Some("mtdTenantId"), 110));
    agent.configure(said(MtdProvenance::ManagedAndroid, &[])).unwrap();
    assert_eq!(rested().findings, []);
    let folder = TempDir::new().unwrap();
    let nobody = MtdConfig { partners: vec!["nobody".into()], ..config(&folder) };
    assert_eq!(begin(nobody, Ok(vec![7; 32])).0.unwrap_err().code(), 134);
}

#[test]
fn what_cannot_be_read_is_the_callers_error() {
    let bench = Bench::open();
    let odd = |classification: &str, app: Option<&str>| MtdDetection {
        classification: classification.into(),
        app_id: app.map(ToOwned::to_owned),
    };
    assert_eq!(bench.agent().report(odd("NO_SUCH", None)).unwrap_err().code(), 134);
    assert_eq!(bench.agent().clear(odd("SPYWARE", Some(""))).unwrap_err().code(), 134);
    assert_eq!(bench.agent().report(odd("SPYWARE", Some("com.spy"))), Ok(()));
    let folder = TempDir::new().unwrap();
    for (key, code) in
        [(Err(MtdKeyFault::Locked), 201), (Err(MtdKeyFault::Gone), 203), (Ok(vec![7; 31]), 202)]
    {
        assert_eq!(start(&folder, key).0.unwrap_err().code(), code);
    }
    let distrusted = MtdConfig { trust_json: "{}".into(), ..config(&folder) };
    let (told, _hear) = channel();
    let loud = Loud { told: Mutex::new(told), agent: Arc::default() };
    let started =
        MtdAgent::start(distrusted, Some(Arc::new(Keys(Ok(vec![7; 32])))), Arc::new(Blind), Arc::new(loud));
    assert_eq!(started.unwrap_err().code(), 131);
}

#[test]
fn what_blocks_is_told_at_each_level_in_the_language_of_the_caller() {
    let bench = Bench::open();
    let agent = bench.agent();
    assert!(agent.settle(5_000).unwrap());
    let english = agent.status().unwrap();
    agent.set_language("fr-BE".into()).unwrap();
    let french = agent.status().unwrap();
    agent.set_language("tlh".into()).unwrap();
    assert_eq!(agent.status().unwrap(), english, "English for a language that is not there");
    assert_ne!(french.need.unwrap().text, english.need.unwrap().text);
    assert_eq!(english.access.len(), 4);
    for (english, french) in english.access.iter().zip(&french.access) {
        assert!(!english.passes && english.required == french.required);
        let ([said], [dit]) = (english.blockers.as_slice(), french.blockers.as_slice()) else { panic!() };
        assert_eq!((&said.threat_id, said.level), (&None, None), "its own state stands in the way");
        assert!(said.remedy != dit.remedy && said.remedy.ends_with('.'));
    }
    assert_eq!(agent.ledger(), Ok(Vec::new()), "nothing was sent");
}

#[test]
fn a_question_about_a_domain_is_answered_on_the_agents_thread() {
    let bench = Bench::open();
    let agent = bench.agent();
    assert_eq!(agent.visit("192.0.2.1".into()).unwrap_err().code(), 134);
    agent.visit("WWW.Example.COM.".into()).unwrap();
    agent.left("www.example.com".into()).unwrap();
    let answer = loop {
        match bench.told.recv_timeout(WAIT).unwrap() {
            Told::Web(answer) => break answer,
            Told::Status(_) | Told::Within(..) => {}
            Told::Inert(error) => panic!("{error:?}"),
        }
    };
    assert_eq!((answer.domain.as_str(), answer.verdict), ("www.example.com", MtdWebVerdict::Unknown));
    assert_eq!(answer.classification, None, "no set of indicators yet");
    assert_eq!(agent.ignore("no threat".into()).unwrap_err().code(), 134);
    assert_eq!(agent.ignore("00".repeat(16)), Ok(()));
    assert_eq!(agent.power_changed(true), Ok(()));
}
