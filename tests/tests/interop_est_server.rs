//! Our EST client against GlobalSign's server, which nobody here wrote: enrolment, renewal, a pause, a refusal.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use agent_core::agent::{AgentHandle, Platform};
use agent_core::clock::SystemClock;
use agent_core::folder::Folder;
use agent_core::ports::{Clock as _, Host, KeyStore as _};
use agent_core::transport::Transport;
use agent_core::trust::Trust;
use agent_logic::agent::Status;
use agent_logic::command::{Authority, Credential, Enrol, Identity, Origin, RequestSpec, Slot};
use agent_logic::event::{Certificate, Configuration, Enrolled, Event};
use agent_logic::failure::{DistrustReason, EnrolFailure, Remedy, SendFailure};
use agent_logic::model::{Activation, DeviceId, Digest};
use agent_logic::redact::{Bytes, Redacted, Secret};
use agent_logic::wire::ProblemKind;
use agent_tests::device::keys::SoftwareKeys;
use agent_tests::device::sensors::LinuxSensors;
use agent_tests::peers::{self, Authority as Ca, EstServer, Trigger};
use rcgen::{CertificateParams, DnType, KeyPair, SanType};

const DEVICE: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const DEADLINE: Duration = Duration::from_secs(20);

struct Desk {
    server: EstServer,
    folder: tempfile::TempDir,
    keys: Arc<SoftwareKeys>,
}

impl Desk {
    /// `None` where the server is missing, which was said aloud.
    fn open() -> Option<Self> {
        let server = peers::present(EstServer::start()).unwrap()?;
        let folder = tempfile::tempdir().unwrap();
        let keys = Arc::new(SoftwareKeys::open(folder.path().join("keys")).unwrap());
        Some(Self { server, folder, keys })
    }

    /// The server's CA alone, and its key on top.
    fn trust(&self) -> Trust {
        Self::trust_in(self.server.authority().der(), self.server.pin())
    }

    fn trust_in(ca: Vec<u8>, pin: [u8; 32]) -> Trust {
        Trust::new(vec![ca], vec![Digest::new(pin)], Vec::new(), "localhost".into()).unwrap()
    }

    fn transport(&self) -> Transport {
        Transport::new(self.trust(), Arc::<SoftwareKeys>::clone(&self.keys)).unwrap()
    }

    fn enrol(
        &self,
        transport: &Transport,
        slot: Slot,
        like: Option<Bytes>,
        authority: Authority,
    ) -> Result<Enrolled, EnrolFailure> {
        if self.keys.find(slot).unwrap().is_none() {
            self.keys.make(slot).unwrap();
        }
        let request = transport.make_request(&RequestSpec { slot, device: device(), like }).unwrap();
        let origin = Origin { host: "localhost".into(), port: self.server.address().port() };
        let trusted = SystemClock::new().now().wall;
        transport.enrol(&Enrol { origin, authority, slot, device: device(), request, trusted }, DEADLINE)
    }

    /// Statuses that the server answered to this operation.
    fn served(&self, operation: &str) -> Vec<u16> {
        let served = self.server.served();
        served.iter().filter(|one| one.uri.ends_with(operation)).map(|one| one.status).collect()
    }
}

#[test]
fn a_device_enrols_and_renews() {
    let Some(desk) = Desk::open() else { return };
    let transport = desk.transport();
    let first = issued(desk.enrol(&transport, Slot::A, None, code()));
    assert!(first.not_after > SystemClock::new().now().wall);
    let identity = Identity { slot: Slot::A, certificate: first.der.clone() };

    // Under the first certificate, with its names and a key of its own.
    let like = Some(first.der.clone());
    let second = issued(desk.enrol(&transport, Slot::B, like.clone(), Authority::Identity(identity)));
    assert_ne!(second.der, first.der);
    // And under the second, with the key it has.
    let identity = Identity { slot: Slot::B, certificate: second.der };
    issued(desk.enrol(&transport, Slot::B, like, Authority::Identity(identity)));
    drop(transport);
    assert_eq!(desk.served("/est/simpleenroll"), [200]);
    assert_eq!(desk.served("/est/simplereenroll"), [200, 200]);
}

#[test]
fn a_202_is_a_pause_as_long_as_the_server_says() {
    let Some(desk) = Desk::open() else { return };
    let transport = desk.transport().with_est_label(Trigger::LABEL);
    let got = desk.enrol(&transport, Slot::A, Some(named(Trigger::Deferred)), code()).unwrap();
    let Enrolled::Wait(pause) = got else { panic!("it is to be asked again") };
    assert_eq!(pause, Some(Trigger::PAUSE));
}

#[test]
fn a_403_and_a_500_are_typed_and_have_their_remedy() {
    let Some(desk) = Desk::open() else { return };
    let transport = desk.transport().with_est_label(Trigger::LABEL);
    let refused = desk.enrol(&transport, Slot::A, Some(named(Trigger::Forbidden)), code()).unwrap_err();
    // A 403 without a document of the contract does not say that the credential is at fault: it is kept.
    assert_eq!(refused, EnrolFailure::Send(SendFailure::Problem(ProblemKind::Other)));
    assert_eq!(refused.remedy(), Remedy::Retry(None));
    let broken = desk.enrol(&transport, Slot::A, Some(named(Trigger::Unknown)), code()).unwrap_err();
    assert_eq!(broken, EnrolFailure::Send(SendFailure::Unavailable(None)));
    assert_eq!(broken.remedy(), Remedy::Retry(None));
}

#[test]
fn another_name_is_not_renewed() {
    let Some(desk) = Desk::open() else { return };
    let transport = desk.transport();
    let first = issued(desk.enrol(&transport, Slot::A, None, code()));
    let identity = Identity { slot: Slot::A, certificate: first.der };
    let other = Some(named(Trigger::Unknown));
    let refused = desk.enrol(&transport, Slot::B, other, Authority::Identity(identity)).unwrap_err();
    assert_eq!(refused, EnrolFailure::Send(SendFailure::Problem(ProblemKind::Other)));
    drop(transport);
    assert_eq!(desk.served("/est/simplereenroll"), [403]);
}

#[test]
fn a_server_of_another_ca_or_key_is_told_nothing() {
    let Some(desk) = Desk::open() else { return };
    let foreign = Ca::new("mtd-agent test peer").unwrap();
    let trusts = [
        (Desk::trust_in(foreign.der(), desk.server.pin()), DistrustReason::UnknownIssuer),
        (Desk::trust_in(desk.server.authority().der(), [7; 32]), DistrustReason::WrongPin),
    ];
    for (trust, reason) in trusts {
        let transport = Transport::new(trust, Arc::<SoftwareKeys>::clone(&desk.keys)).unwrap();
        match desk.enrol(&transport, Slot::A, None, code()) {
            Err(EnrolFailure::Send(SendFailure::NotTrusted(distrust))) => assert_eq!(distrust.reason, reason),
            other => panic!("{other:?}"),
        }
    }
    assert!(desk.server.served().is_empty());
}

#[test]
fn the_whole_agent_enrols_there_and_keeps_the_certificate_that_it_cannot_prove() {
    let Some(desk) = Desk::open() else { return };
    let start = || {
        let platform = Platform {
            clock: Arc::new(SystemClock::new()),
            keys: Arc::<SoftwareKeys>::clone(&desk.keys),
            storage: Arc::new(Folder::open(desk.folder.path().join("state")).unwrap()),
            sensors: Arc::new(LinuxSensors::of_root(Path::new("/nonexistent"))),
            host: Arc::new(Quiet),
        };
        AgentHandle::start(platform, desk.trust(), None).unwrap()
    };
    let agent = start();
    agent.send(Event::Consent(true)).unwrap();
    agent
        .send(Event::Configured(Configuration {
            gateway: Some(Redacted::new(format!("https://localhost:{}", desk.server.address().port()))),
            device: Some(device()),
            tenant: Some(DEVICE.parse().unwrap()),
            credential: Some(Credential::Code(Secret::new("any".into()))),
            findings: Vec::new(),
        }))
        .unwrap();
    let rested = |agent: &AgentHandle| {
        assert!(agent.settle(Duration::ZERO, DEADLINE));
        let status = agent.status().unwrap();
        // It knows EST and no check-in: the certificate is not proved, so the device is not activated.
        let not_found = SendFailure::Problem(ProblemKind::NotFound);
        assert_eq!((status.activation, status.need), (Activation::Pending, None));
        assert_eq!(status.last_failure, Some(not_found.code()));
    };
    rested(&agent);
    drop(agent);
    let agent = start();
    agent.send(Event::CheckIn).unwrap();
    rested(&agent);
    drop(agent);
    assert_eq!(desk.served("/est/simpleenroll"), [200], "one certificate, however often it is tried");
    assert!(desk.served("/v1/check-in").len() >= 2);
}

fn issued(answer: Result<Enrolled, EnrolFailure>) -> Certificate {
    match answer {
        Ok(Enrolled::Issued(certificate)) => certificate,
        other => panic!("{other:?}"),
    }
}

fn code() -> Authority {
    Authority::Credential(Credential::Code(Secret::new("any".into())))
}

fn device() -> DeviceId {
    DEVICE.parse().unwrap()
}

/// A certificate whose subject is the trigger's: a request that is alike carries it.
fn named(trigger: Trigger) -> Bytes {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, trigger.common_name());
    let urn = format!("urn:uuid:{DEVICE}").try_into().unwrap();
    params.subject_alt_names.push(SanType::URI(urn));
    Bytes::new(params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec())
}

/// Looks at the status when it wants to.
struct Quiet;

impl Host for Quiet {
    fn status_changed(&self, _: &Status) {}

    fn inert(&self) {}
}
