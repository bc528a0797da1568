//! Enrolment against a small EST server made here.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test may panic"
)]

#[path = "support/cloud.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod cloud;
#[path = "support/device.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod device;
#[path = "support/est.rs"]
mod est;
#[path = "support/keys.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod keys;
#[path = "support/pkcs7.rs"]
mod pkcs7;
#[path = "support/pki.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod pki;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use agent_core::ports::KeyStore;
use agent_logic::command::{Authority, Credential, Enrol, RequestSpec, Slot};
use agent_logic::event::Enrolled;
use agent_logic::failure::{EnrolFailure, KeyFailure, Remedy, SendFailure, Unreadable};
use agent_logic::redact::Secret;
use agent_logic::time::Wall;
use agent_logic::wire::{MediaType, ProblemKind};
use data_encoding::BASE64;

use cloud::{Answer, Asked, Cloud, Seen, Tls, http};
use device::{DEADLINE, Device, device_id};
use est::{certificates, code, csr_attributes, enrolment, server};
use pkcs7::certs_only;
use pki::{Ca, NOW};

/// What becomes of an enrolment that gets these answers, and what the server saw.
fn answered(attributes: Vec<u8>, bytes: Vec<u8>) -> (Result<Enrolled, EnrolFailure>, Seen) {
    let ca = Ca::new("Partner");
    let device = Device::of(&ca);
    let cloud = server(&ca, attributes, bytes);
    let got = device.transport.enrol(&enrolment(&device, &cloud, code()), DEADLINE);
    (got, cloud.seen())
}

fn send_failure(bytes: Vec<u8>) -> SendFailure {
    match answered(csr_attributes(), bytes).0 {
        Err(EnrolFailure::Send(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

const MALFORMED: EnrolFailure = EnrolFailure::Send(SendFailure::Unreadable(Unreadable::Malformed));

#[test]
fn a_device_enrols_with_a_code_over_one_connection() {
    let ca = Ca::new("Partner");
    let device = Device::of(&ca);
    let certificate = ca.device(&device.keys.spki(Slot::A), &device_id());
    let cloud = server(&ca, csr_attributes(), certificates(&certs_only(std::slice::from_ref(&certificate))));
    let enrol = enrolment(&device, &cloud, code());
    let Enrolled::Issued(got) = device.transport.enrol(&enrol, DEADLINE).unwrap() else {
        panic!("a certificate was issued")
    };
    assert_eq!(got.der.as_slice(), certificate);
    // 2035-01-01
    assert_eq!(got.not_after, Wall(2_051_222_400_000));

    let seen = cloud.seen();
    assert_eq!(seen.connections, 1);
    assert_eq!(seen.client_certificates, 0);
    let [attributes, simple] = <[Asked; 2]>::try_from(seen.asked).unwrap();
    assert_eq!(attributes.line, "GET /.well-known/est/csrattrs HTTP/1.1");
    assert_eq!(attributes.header("authorization"), None);
    assert_eq!(simple.line, "POST /.well-known/est/simpleenroll HTTP/1.1");
    assert_eq!(simple.header("content-type"), Some("application/pkcs10"));
    assert_eq!(simple.header("content-transfer-encoding"), Some("base64"));
    assert_eq!(BASE64.decode(&simple.body).unwrap(), enrol.request.as_slice());
    let pair = format!("{}:one-time", device_id().reveal());
    let basic = format!("Basic {}", BASE64.encode(pair.as_bytes()));
    assert_eq!(simple.header("authorization"), Some(basic.as_str()));
}

#[test]
fn each_credential_has_its_header_and_one_that_fits_none_is_not_sent() {
    let ca = Ca::new("Partner");
    let device = Device::of(&ca);
    let cloud = server(&ca, csr_attributes(), http("202 Later", "", ""));
    let send = |credential| {
        let enrol = enrolment(&device, &cloud, Authority::Credential(credential));
        device.transport.enrol(&enrol, DEADLINE)
    };
    send(Credential::Token(Secret::new("a.b.c".into()))).unwrap();
    send(Credential::EnrolmentKey(Secret::new("tenant key".into()))).unwrap();
    let split = send(Credential::Token(Secret::new("a\r\nx: y".into())));
    let refused = EnrolFailure::Send(SendFailure::Problem(ProblemKind::CredentialRefused));
    assert_eq!(split.unwrap_err(), refused);
    assert_eq!(refused.remedy(), Remedy::NewCredential);

    let asked = cloud.seen().asked;
    assert_eq!(asked.len(), 4);
    assert_eq!(asked[1].header("authorization"), Some("Bearer a.b.c"));
    assert!(asked[3].header("authorization").unwrap().starts_with("Basic "));
}

#[test]
fn a_renewal_comes_under_the_present_certificate() {
    let ca = Ca::new("Partner");
    let device = Device::of(&ca);
    device.keys.make(Slot::B).unwrap();
    let spec =
        RequestSpec { slot: Slot::B, device: device_id(), like: Some(device.identity.certificate.clone()) };
    let request = device.transport.make_request(&spec).unwrap();
    let certificate = ca.device(&device.keys.spki(Slot::B), &device_id());
    let answer = certificates(&certs_only(&[certificate]));
    let cloud = Cloud::start(Tls::with_clients(ca.server(), ca.der()), move |asked| Answer {
        // Without csrattrs, and closing after each answer.
        bytes: if asked.line.contains("/csrattrs ") {
            http("404 No", "connection: close\r\n", "")
        } else {
            answer.clone()
        },
        keep: false,
    });
    let enrol = Enrol {
        origin: cloud.origin.clone(),
        authority: Authority::Identity(device.identity.clone()),
        slot: Slot::B,
        device: device_id(),
        request,
        trusted: NOW,
    };
    let got = device.transport.enrol(&enrol, DEADLINE).unwrap();
    assert!(matches!(got, Enrolled::Issued(_)));
    let seen = cloud.seen();
    assert_eq!(seen.connections, 2);
    assert_eq!(seen.client_certificates, 2);
    assert_eq!(seen.asked[1].line, "POST /.well-known/est/simplereenroll HTTP/1.1");
    assert_eq!(seen.asked[1].header("authorization"), None);
}

#[test]
fn a_request_waits_as_it_is_told() {
    let wait = |headers: &str| answered(csr_attributes(), http("202 Later", headers, "")).0.unwrap();
    assert!(
        matches!(wait("retry-after: 600\r\n"), Enrolled::Wait(Some(pause)) if pause == Duration::from_secs(600))
    );
    assert!(
        matches!(wait("retry-after: 1\r\n"), Enrolled::Wait(Some(pause)) if pause == Duration::from_secs(5))
    );
    assert!(matches!(wait(""), Enrolled::Wait(None)));
}

#[test]
fn what_the_server_demands_is_met_or_said() {
    let attributes =
        |der: &[u8]| http("200 OK", "content-type: application/csrattrs\r\n", BASE64.encode(der));
    let later = || http("202 Later", "", "");
    // rsaEncryption; challengePassword
    for demand in [
        [0x30, 0x0b, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1],
        [0x30, 0x0b, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 7],
    ] {
        let (got, seen) = answered(attributes(&demand), later());
        let got = got.unwrap_err();
        assert_eq!(got, EnrolFailure::DemandUnmet);
        assert_eq!(got.remedy(), Remedy::Stop);
        assert_eq!(seen.asked.len(), 1, "the credential stays here");
    }
    // None, said in each way; an attribute server that is broken does not stop an enrolment.
    for none in [
        http("204 None", "", ""),
        http("404 None", "", ""),
        http("500 Oops", "", ""),
        http("200 OK", "content-type: application/csrattrs\r\n", ""),
        attributes(&[0x30, 0]),
    ] {
        assert!(matches!(answered(none, later()).0, Ok(Enrolled::Wait(_))));
    }
    assert_eq!(answered(attributes(&[0x30, 9]), later()).0.unwrap_err(), MALFORMED);
    let throttled = http("429 Slow", "retry-after: 60\r\n", "");
    assert_eq!(
        answered(throttled, later()).0.unwrap_err().remedy(),
        Remedy::Retry(Some(Duration::from_secs(60)))
    );
}

#[test]
fn a_redirect_is_followed_within_the_origin_alone() {
    let ca = Ca::new("Partner");
    let device = Device::of(&ca);
    let port = Arc::new(Mutex::new(0_u16));
    let known = Arc::clone(&port);
    let cloud = Cloud::start(Tls::new(ca.server()), move |asked| {
        let port = *known.lock().unwrap();
        let to = |location: String| http("302 There", &format!("location: {location}\r\n"), "");
        Answer {
            bytes: match asked.line.split(' ').nth(1).unwrap() {
                "/.well-known/est/csrattrs" => to("/moved".into()),
                "/moved" => to(format!("https://LOCALHOST:{port}/again")),
                "/again" => csr_attributes(),
                "/.well-known/est/away/csrattrs" => to(format!("https://localhost:{}/", port ^ 1)),
                "/.well-known/est/plain/csrattrs" => to(format!("http://localhost:{port}/")),
                "/.well-known/est/round/csrattrs" => to("/.well-known/est/round/csrattrs".into()),
                _ => http("307 There", "location: /elsewhere\r\n", ""),
            },
            keep: true,
        }
    });
    *port.lock().unwrap() = cloud.origin.port;
    let redirected = EnrolFailure::Send(SendFailure::Redirected);

    // A request is never sent twice because somebody says so.
    let enrol = enrolment(&device, &cloud, code());
    assert_eq!(device.transport.enrol(&enrol, DEADLINE).unwrap_err(), redirected);
    let seen = cloud.seen();
    assert_eq!(seen.asked.len(), 4);
    assert!(seen.asked[3].line.contains("simpleenroll"));

    for (label, requests) in [("away", 1), ("plain", 1), ("round", 4)] {
        let device = Device::of(&ca);
        let enrol = enrolment(&device, &cloud, code());
        let before = cloud.seen().asked.len();
        let transport = device.transport.with_est_label(label);
        assert_eq!(transport.enrol(&enrol, DEADLINE).unwrap_err(), redirected);
        let seen = cloud.seen();
        assert_eq!(seen.asked.len() - before, requests, "{label}");
        assert!(seen.asked[before..].iter().all(|asked| asked.header("authorization").is_none()));
    }
}

#[test]
fn a_refusal_has_its_remedy() {
    for (kind, remedy) in [
        (ProblemKind::CredentialBurnt, Remedy::NewCredential),
        (ProblemKind::AlreadyEnrolled, Remedy::NewCredential),
        (ProblemKind::NotEligible, Remedy::Retry(None)),
        (ProblemKind::RequestInvalid, Remedy::Stop),
    ] {
        let problem = kind.problem();
        let headers = format!("content-type: {}\r\n", MediaType::PROBLEM);
        let got = send_failure(http(
            &format!("{} No", problem.status),
            &headers,
            serde_json::to_vec(&problem).unwrap(),
        ));
        assert_eq!(got, SendFailure::Problem(kind));
        assert_eq!(got.remedy(), remedy);
    }
    // From a server that knows EST and not this contract.
    let text = "content-type: text/plain\r\nwww-authenticate: Basic realm=est\r\n";
    assert_eq!(
        send_failure(http("401 Who", text, "no")),
        SendFailure::Problem(ProblemKind::CredentialRefused)
    );
    assert_eq!(send_failure(http("403 No", text, "no")), SendFailure::Problem(ProblemKind::Other));
    assert_eq!(send_failure(http("500 Oops", text, "no")), SendFailure::Unavailable(None));
}

#[test]
fn a_message_that_is_no_der_is_malformed() {
    let ca = Ca::new("Partner");
    let device = Device::of(&ca);
    let good = certs_only(&[ca.device(&device.keys.spki(Slot::A), &device_id())]);
    let malformed = |bytes| assert_eq!(EnrolFailure::Send(send_failure(bytes)), MALFORMED);
    malformed(certificates(&pkcs7::indefinite(&good)));
    malformed(certificates(&good[..good.len() - 1]));
    malformed(certificates(&[good.as_slice(), &[0]].concat()));
    malformed(certificates(b""));
    malformed(http("200 OK", "content-type: application/pkcs7-mime\r\n", "!!"));
    malformed(http("200 OK", "content-type: text/html\r\n", BASE64.encode(&good)));
    malformed(certificates(&certs_only(&vec![ca.der(); 9])));
    assert_eq!(send_failure(certificates(&vec![0; 60_000])), SendFailure::Unreadable(Unreadable::TooLarge));
}

#[test]
fn base64_is_read_with_white_space_and_any_media_type_parameters() {
    let ca = Ca::new("Partner");
    let device = Device::of(&ca);
    let good = certs_only(&[ca.device(&device.keys.spki(Slot::A), &device_id())]);
    let text = BASE64.encode(&good);
    let lines: Vec<&str> =
        text.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let body = format!(" {}\r\n\t", lines.join("\r\n"));
    let headers = "content-type: Application/PKCS7-MIME\r\ncontent-transfer-encoding: 8bit\r\n";
    let cloud = server(&ca, http("204 None", "", ""), http("200 OK", headers, body));
    let got = device.transport.enrol(&enrolment(&device, &cloud, code()), DEADLINE);
    assert!(matches!(got, Ok(Enrolled::Issued(_))));
}

#[test]
fn without_a_key_nothing_is_asked() {
    let ca = Ca::new("Partner");
    let device = Device::of(&ca);
    let cloud = server(&ca, csr_attributes(), http("202 Later", "", ""));
    let enrol = enrolment(&device, &cloud, code());
    device.keys.fail_to_find(Some(KeyFailure::Locked));
    let got = device.transport.enrol(&enrol, DEADLINE).unwrap_err();
    assert_eq!(got, EnrolFailure::Send(SendFailure::Key(KeyFailure::Locked)));
    assert_eq!(got.remedy(), Remedy::WaitForUnlock);
    assert_eq!(cloud.seen().connections, 0);
}
