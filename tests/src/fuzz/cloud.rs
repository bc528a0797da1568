//! What a server says to a device: HTTP, EST and what is in it.

use std::time::Duration;

use agent_core::fuzzing::{self, LARGEST};
use agent_gateway::pkcs7::certs_only;
use agent_logic::event::{Certificate, Enrolled};
use agent_logic::failure::{EnrolFailure, Remedy, SendFailure};
use data_encoding::BASE64;

use super::documents;
use super::world::{SPKI, enrolment, origin, reading};

/// The bytes of an HTTP answer, read as every answer this device expects.
pub fn http_answer(data: &[u8]) -> bool {
    let heard = match fuzzing::hear(data) {
        Ok(heard) => heard,
        Err(failure) => {
            calm(&failure);
            return false;
        }
    };
    assert!(heard.body().len() <= LARGEST, "a body beyond its bound");
    if let Some(path) = heard.redirect(&origin()) {
        assert!(path.starts_with('/'), "a redirect leads to another origin");
    }
    let answered = match reading().check_in(&heard) {
        Ok(answer) => {
            assert_eq!(heard.status(), 200);
            documents::round_trip(&answer.reply);
            true
        }
        Err(failure) => {
            calm(&failure);
            // The one answer that is refused as such and still understood.
            matches!(failure, SendFailure::Problem(_) | SendFailure::Throttled(Some(_)))
        }
    };
    let Some(enrol) = enrolment() else { return false };
    let enrolled = match reading().enrolment(&heard, SPKI, &enrol) {
        Ok(Enrolled::Issued(certificate)) => {
            holds(&certificate);
            true
        }
        Ok(Enrolled::Wait(pause)) => {
            bounded(pause);
            true
        }
        Err(failure) => {
            unmoved(&failure);
            false
        }
    };
    answered || enrolled
}

/// The body of an EST answer: base64, then PKCS#7.
pub fn est_body(data: &[u8]) -> bool {
    let Ok(message) = fuzzing::base64(data) else {
        return false;
    };
    let plain: Vec<u8> = data.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    assert_eq!(BASE64.encode(&message).as_bytes(), plain, "two texts for one body");
    pkcs7(&message)
}

/// Certs-only PKCS#7, DER.
pub fn pkcs7(data: &[u8]) -> bool {
    let lines: Vec<String> = data.chunks(57).map(|line| BASE64.encode(line)).collect();
    if data.len().is_multiple_of(3) || data.len() < 57 {
        let text = lines.join("\r\n");
        assert_eq!(fuzzing::base64(text.as_bytes()).as_deref(), Ok(data), "what we write is not read");
    }
    let Ok(certificates) = fuzzing::pkcs7(data) else {
        return false;
    };
    assert!(certificates.iter().map(Vec::len).sum::<usize>() <= data.len(), "more comes out than went in");
    let borrowed: Vec<&[u8]> = certificates.iter().map(Vec::as_slice).collect();
    assert_eq!(fuzzing::pkcs7(&certs_only(&borrowed)).as_ref(), Ok(&certificates));
    true
}

/// An issued certificate, DER.
pub fn certificate(data: &[u8]) -> bool {
    let Some(enrol) = enrolment() else { return false };
    match reading().issued(vec![data.to_vec()], SPKI, &enrol) {
        Ok(certificate) => {
            assert_eq!(certificate.der.as_slice(), data);
            holds(&certificate);
            // The same twice is none: which of them would it be?
            assert!(reading().issued(vec![data.to_vec(), data.to_vec()], SPKI, &enrol).is_err());
            true
        }
        Err(failure) => {
            unmoved(&failure);
            false
        }
    }
}

/// `csrattrs`, DER.
pub fn csr_attributes(data: &[u8]) -> bool {
    match fuzzing::attributes(data) {
        Ok(()) | Err(EnrolFailure::DemandUnmet) => true,
        Err(failure) => {
            unmoved(&failure);
            false
        }
    }
}

/// A certificate that became an identity is for our key and has an end.
fn holds(certificate: &Certificate) {
    let der = certificate.der.as_slice();
    assert!(der.windows(SPKI.len()).any(|window| window == SPKI), "a certificate for another key");
    assert!(certificate.not_after > super::world::now(), "a certificate that has ended");
}

/// No bytes in an answer can do what only the handshake, the key store or a signed document may.
fn calm(failure: &SendFailure) {
    assert!(
        !matches!(
            failure,
            SendFailure::CertificateRefused | SendFailure::Key(_) | SendFailure::NotTrusted(_)
        ),
        "{failure:?}"
    );
    if let Remedy::Retry(pause) = failure.remedy() {
        bounded(pause);
    }
}

fn unmoved(failure: &EnrolFailure) {
    if let EnrolFailure::Send(failure) = failure {
        calm(failure);
    }
}

fn bounded(pause: Option<Duration>) {
    let within = |pause| (Duration::from_secs(5)..=Duration::from_secs(24 * 60 * 60)).contains(&pause);
    assert!(pause.is_none_or(within), "{pause:?}");
}
