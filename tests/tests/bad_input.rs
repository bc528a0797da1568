//! Servers, paths, credentials and disks that are bad: each a typed failure with its remedy, nothing that is
//! held is lost, and the process lives. What arrives is read from the database of a real gateway.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/front.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod front;
#[path = "support/full.rs"]
mod full;
#[path = "support/phone.rs"]
mod phone;
#[path = "support/world.rs"]
mod world;

use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use agent_core::agent::AgentHandle;
use agent_core::folder::Folder;
use agent_logic::agent::{Need, Status};
use agent_logic::command::Credential;
use agent_logic::event::{Configuration, Event, Network, Reach};
use agent_logic::failure::{
    Code, Distrust, DistrustReason, EnrolFailure, Remedy, SendFailure, StorageFailure, Unreadable,
};
use agent_logic::model::Activation;
use agent_logic::redact::Secret;
use agent_logic::wire::ProblemKind;
use flate2::Compression;
use flate2::write::GzEncoder;

use front::{Fault, Front, Seen};
use full::{FullDisk, Small};
use phone::{Phone, check_in, code, detected, online, rest, until};
use world::World;

const MEGABYTE: usize = 1024 * 1024;

impl World {
    fn activated(&self) -> AgentHandle {
        let agent = self.phone.start();
        let status = self.phone.launch(&agent, self.code());
        assert_eq!((status.activation, status.last_failure), (Activation::Activated, None));
        agent
    }

    /// Meets the fault before the first certificate, then in a check-in, then is started anew: each time it
    /// is `failure`, and each threat arrives once. What the front saw at the first and the second meeting.
    fn survives(&self, fault: &Fault, failure: &SendFailure) -> [Seen; 2] {
        assert_eq!(failure.remedy(), Remedy::Retry(None));
        let failed = |status: &Status, activation: Activation| {
            assert_eq!(status.last_failure, Some(failure.code()));
            assert_eq!((status.activation, status.need), (activation, None));
            assert!(status.unacknowledged >= 1 && status.next_contact.is_some(), "{status:?}");
        };
        self.front.set(fault.clone());
        let agent = self.phone.start();
        agent.send(Event::Consent(true)).unwrap();
        agent.send(Event::Configured(self.phone.configuration(self.code()))).unwrap();
        agent.send(detected("ROGUE_WIFI")).unwrap();
        failed(&rest(&agent), Activation::Pending);
        let enrolling = self.front.set(Fault::None);
        assert!(self.stage.certificates(&self.stage.main).unwrap().is_empty());

        assert_eq!(check_in(&agent).activation, Activation::Activated);
        assert_eq!(self.arrived(), ["ROGUE_WIFI opened"]);
        let certificates = self.stage.certificates(&self.stage.main).unwrap();

        self.front.set(fault.clone());
        agent.send(detected("ROOT_JAILBREAK")).unwrap();
        failed(&check_in(&agent), Activation::Activated);
        let checking_in = self.front.set(fault.clone());
        assert_eq!(self.arrived(), ["ROGUE_WIFI opened"]);

        drop(agent);
        let agent = self.phone.start();
        failed(&check_in(&agent), Activation::Activated);
        self.front.set(Fault::None);
        let status = check_in(&agent);
        assert_eq!((status.last_failure, status.unacknowledged), (None, 0));
        assert_eq!(self.arrived(), ["ROGUE_WIFI opened", "ROOT_JAILBREAK opened"]);
        assert_eq!(self.stage.certificates(&self.stage.main).unwrap(), certificates, "the same device");
        [enrolling, checking_in]
    }

    /// As `survives`; the server is refused before it gets a byte of ours.
    fn refuses(&self, fault: &Fault, reason: DistrustReason) {
        let failure = SendFailure::NotTrusted(Distrust { reason, presented: Vec::new() });
        for seen in self.survives(fault, &failure) {
            assert!(seen.connections >= 1, "the fault was met");
            assert_eq!((seen.client_certificates, seen.requests), (0, Vec::new()), "nothing of ours leaves");
        }
    }

    /// Meets a credential that is no good, holds a threat meanwhile, and activates with one that is.
    fn needs_another(&self, bad: Credential, problem: ProblemKind) {
        let failure = EnrolFailure::Send(SendFailure::Problem(problem));
        assert_eq!(failure.remedy(), Remedy::NewCredential);
        let before = self.stage.certificates(&self.stage.main).unwrap();
        let agent = self.phone.start();
        let status = self.phone.launch(&agent, bad.clone());
        assert_eq!(status.need, Some(Need::Credential(Some(failure.code()))));
        assert_eq!((status.last_failure, status.activation), (Some(failure.code()), Activation::Pending));
        agent.send(detected("ROGUE_WIFI")).unwrap();
        // The host repeats its configuration at every start: the same credential is not tried again.
        drop(agent);
        self.front.seen();
        let agent = self.phone.start();
        let again = self.phone.launch(&agent, bad);
        assert_eq!((again.need, again.unacknowledged), (status.need, 1));
        assert_eq!(self.front.seen().connections, 0);
        assert_eq!(self.stage.certificates(&self.stage.main).unwrap(), before, "nobody was issued one");

        let status = self.phone.launch(&agent, self.code());
        assert_eq!((status.activation, status.need), (Activation::Activated, None));
        assert_eq!(self.arrived(), ["ROGUE_WIFI opened"]);
    }
}

#[test]
fn a_wrong_credential_asks_for_another() {
    let world = World::open(1);
    world.code();
    world.needs_another(code("not-the-code"), ProblemKind::CredentialRefused);
}

#[test]
fn an_expired_credential_asks_for_another() {
    let world = World::open(2);
    let expired = ["code", "--device", &world.phone.id, "--valid-minutes", "0"];
    let expired = world.stage.administer(&expired).unwrap();
    world.needs_another(code(expired.trim()), ProblemKind::CredentialExpired);
}

#[test]
fn a_replayed_credential_asks_for_another() {
    let world = World::open(3);
    let used = world.code();
    let first = Phone::new(&world.stage, "first", &world.phone.id, &world.front.url());
    let status = first.launch(&first.start(), used.clone());
    assert_eq!(status.activation, Activation::Activated);
    world.needs_another(used, ProblemKind::CredentialBurnt);
}

#[test]
fn another_devices_id_under_the_tenant_key_gets_nothing() {
    let world = World::open(4);
    let stage = &world.stage;
    stage.administer(&["group", "--name", "Sales", "--add", &stage.second.id]).unwrap();
    let key = stage.administer(&["enrolment-key", "--group", "Sales"]).unwrap();
    let key = Credential::EnrolmentKey(Secret::new(key.trim().into()));

    // An ID that the group does not list waits for the administrator.
    let failure = SendFailure::Problem(ProblemKind::NotEligible);
    assert_eq!((failure.remedy(), failure.code()), (Remedy::Retry(None), Code(213)));
    let agent = world.phone.start();
    let status = world.phone.launch(&agent, key.clone());
    assert_eq!((status.activation, status.last_failure), (Activation::Pending, Some(failure.code())));
    assert!(status.next_contact.is_some() && status.need.is_none());
    agent.send(detected("ROGUE_WIFI")).unwrap();
    assert_eq!(rest(&agent).unacknowledged, 1);
    assert!(stage.certificates(&stage.main).unwrap().is_empty());
    stage.administer(&["group", "--name", "Sales", "--add", &stage.main.id]).unwrap();
    assert_eq!(check_in(&agent).activation, Activation::Activated);
    assert_eq!(world.arrived(), ["ROGUE_WIFI opened"]);

    // An ID of a device that lives is not taken over.
    let certificates = stage.certificates(&stage.main).unwrap();
    let thief = Phone::new(stage, "thief", &world.phone.id, &world.front.url());
    let stolen = thief.start();
    let status = thief.launch(&stolen, key);
    assert_eq!(status.need, Some(Need::Credential(Some(Code(214)))));
    assert_eq!(stage.certificates(&stage.main).unwrap(), certificates);
    assert_eq!(check_in(&agent).last_failure, None);
}

#[test]
fn a_wrong_ca_gets_nothing() {
    let world = World::open(5);
    world.refuses(&world.front.of_another_ca(), DistrustReason::UnknownIssuer);
}

#[test]
fn a_wrong_pin_gets_nothing() {
    let world = World::open(6);
    world.refuses(&world.front.of_another_key(), DistrustReason::WrongPin);
}

#[test]
fn an_expired_server_certificate_gets_nothing() {
    let world = World::open(7);
    world.refuses(&world.front.expired(), DistrustReason::Validity);
}

#[test]
fn a_wrong_host_gets_nothing() {
    let world = World::open(8);
    world.refuses(&world.front.of_another_host(), DistrustReason::WrongName);
    // Nor does configuration move the device to another.
    let agent = world.phone.start();
    let away = agent_logic::redact::Redacted::new("https://localhost.example:443".to_owned());
    let moved = Configuration { gateway: Some(away), ..world.phone.configuration(world.code()) };
    agent.send(Event::Configured(moved)).unwrap();
    assert!(matches!(rest(&agent).need, Some(Need::Configuration(Some(_)))));
    assert_eq!(rest(&agent).activation, Activation::Activated);
}

#[test]
fn a_500_deletes_nothing() {
    let world = World::open(9);
    let broken =
        Front::says("HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    world.survives(&broken, &SendFailure::Unavailable(None));
}

#[test]
fn a_truncated_answer_deletes_nothing() {
    let world = World::open(10);
    let cut = Front::says(headers("Content-Length: 400") + r#"{"serverTime":1793577600000,"acknowledged":9"#);
    world.survives(&cut, &SendFailure::Unreadable(Unreadable::Truncated));
}

#[test]
fn a_redirect_to_elsewhere_is_not_followed() {
    let world = World::open(11);
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let port = elsewhere.local_addr().unwrap().port();
    let away = format!(
        "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: https://localhost:{port}/\r\nContent-Length: 0\r\n\r\n"
    );
    let [enrolling, _] = world.survives(&Front::says(away), &SendFailure::Redirected);
    let shown = enrolling.requests.iter().any(|request| request.to_lowercase().contains("authorization:"));
    assert!(!shown, "no credential for a server that sends us away");
    assert!(elsewhere.accept().is_err(), "nobody came");
}

#[test]
fn a_body_of_40_mb_is_not_read() {
    let world = World::open(12);
    let flood = Fault::Answer(Arc::new(|out: &mut dyn Write| {
        let head = headers("Transfer-Encoding: chunked");
        let chunk = [b"100000\r\n".as_slice(), &vec![b' '; MEGABYTE], b"\r\n"].concat();
        let mut sent = 0;
        let mut write = |bytes: &[u8]| out.write_all(bytes).is_ok();
        if write(head.as_bytes()) {
            while sent < 40 && write(&chunk) {
                sent += 1;
            }
        }
        sent
    }));
    let seen = world.survives(&flood, &SendFailure::Unreadable(Unreadable::TooLarge));
    let meetings = seen.map(|seen| (u64::try_from(seen.requests.len()).unwrap(), seen.sent));
    for (requests, megabytes) in meetings {
        assert!(requests > 0 && megabytes < 20 * requests, "{megabytes} MB of {requests} answers were taken");
    }
}

#[test]
fn a_gzip_bomb_is_not_unpacked() {
    let world = World::open(13);
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..40 {
        bomb.write_all(&vec![b' '; MEGABYTE]).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 48 * 1024, "small enough for every bound of what travels: {}", bomb.len());
    let head = headers(&format!("Content-Encoding: gzip\r\nContent-Length: {}", bomb.len()));
    let bomb = Front::says([head.as_bytes(), &bomb].concat());
    world.survives(&bomb, &SendFailure::Unreadable(Unreadable::TooLarge));
}

#[test]
fn garbage_deletes_nothing() {
    let world = World::open(14);
    let garbage = Front::says(headers("Content-Length: 12") + "{\"ack\":[}\u{7f}!?");
    world.survives(&garbage, &SendFailure::Unreadable(Unreadable::Malformed));
}

#[test]
fn a_full_disk_sends_nothing_that_it_cannot_keep() {
    let world = World::open(15);
    assert_eq!(StorageFailure::Full.remedy(), Remedy::Retry(None));
    let agent = world.activated();
    drop(agent);

    let folder = Folder::open(world.phone.dir.join("state")).unwrap();
    let disk = Arc::new(FullDisk::new(folder));
    let mut platform = world.phone.platform();
    platform.storage = Arc::<FullDisk>::clone(&disk);
    let agent = world.phone.start_on(platform);
    rest(&agent);
    disk.full.store(true, Ordering::Relaxed);
    world.front.seen();
    agent.send(detected("ROGUE_WIFI")).unwrap();
    let status = until(&agent, |status| status.need.is_some());
    assert_eq!(status.need, Some(Need::Storage(StorageFailure::Full.code())));
    assert_eq!((status.unacknowledged, status.open.len()), (1, 1));
    assert_eq!(world.front.seen().connections, 0, "it is not spoken of before it is kept");

    disk.full.store(false, Ordering::Relaxed);
    check_in(&agent);
    let status = until(&agent, |status| status.unacknowledged == 0);
    assert_eq!(status.need, None);
    assert_eq!(world.arrived(), ["ROGUE_WIFI opened"]);

    // The need ends with the fault, and not with the next contact.
    agent.send(Event::Network(Network { reach: Reach::Offline, id: None, metered: false })).unwrap();
    disk.full.store(true, Ordering::Relaxed);
    agent.send(detected("ROOT_JAILBREAK")).unwrap();
    until(&agent, |status| status.need.is_some());
    disk.full.store(false, Ordering::Relaxed);
    assert_eq!(until(&agent, |status| status.need.is_none()).unacknowledged, 1);
    agent.send(Event::Network(online())).unwrap();
    until(&agent, |status| status.unacknowledged == 0);
    assert_eq!(world.arrived(), ["ROGUE_WIFI opened", "ROOT_JAILBREAK opened"]);
}

#[test]
fn a_real_full_disk_keeps_the_device() {
    let world = World::open(16);
    let Some(disk) = Small::mount(&world.phone.dir.join("state")) else { return };
    let agent = world.activated();
    disk.fill();
    agent.send(detected("ROGUE_WIFI")).unwrap();
    agent.send(detected("ROOT_JAILBREAK")).unwrap();
    let status = until(&agent, |status| status.need.is_some());
    assert_eq!(status.need, Some(Need::Storage(StorageFailure::Full.code())));
    disk.empty();
    until(&agent, |status| status.unacknowledged == 0 && status.need.is_none());
    assert_eq!(world.arrived(), ["ROGUE_WIFI opened", "ROOT_JAILBREAK opened"]);
    drop(agent);
    let agent = world.phone.start();
    assert_eq!(check_in(&agent).activation, Activation::Activated);
    assert_eq!(world.stage.certificates(&world.stage.main).unwrap().len(), 1, "the same device");
    drop(agent);
}

fn headers(more: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{more}\r\n\r\n")
}
