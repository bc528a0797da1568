//! Turns what io, TLS and HTTP report into failures that carry a remedy. The only place that does.

use std::error::Error as StdError;
use std::io;

use agent_logic::failure::{Distrust, SendFailure, Unreadable};
use rustls::{AlertDescription, CertificateError, Error, OtherError};

use super::identity::Unsigned;
use super::verifier::{Refused, reason};

/// TCP could not connect.
pub(super) fn of_connect(error: &io::Error) -> SendFailure {
    use io::ErrorKind as K;
    let kind = error.kind();
    if kind == K::ConnectionRefused {
        SendFailure::ConnectionRefused
    } else if matches!(kind, K::TimedOut | K::ConnectionReset | K::ConnectionAborted) {
        SendFailure::TimedOut
    } else {
        SendFailure::Offline
    }
}

/// The handshake did not complete. `proven`: the server had proven its key before.
pub(super) fn of_handshake(error: &io::Error, proven: bool) -> SendFailure {
    inside(error).map_or(SendFailure::TimedOut, |error| of_tls(error, proven))
}

/// The connection failed after the handshake.
pub(super) fn of_stream(error: &io::Error) -> SendFailure {
    match inside(error) {
        Some(error) => of_tls(error, true),
        None if error.kind() == io::ErrorKind::UnexpectedEof => UNREADABLE_TRUNCATED,
        None => SendFailure::TimedOut,
    }
}

/// HTTP failed.
pub(super) fn of_http(error: &hyper::Error) -> SendFailure {
    if error.is_parse() {
        return SendFailure::Unreadable(Unreadable::Malformed);
    }
    if error.is_incomplete_message() {
        return UNREADABLE_TRUNCATED;
    }
    let mut source = error.source();
    for _ in 0..DEPTH {
        let Some(error) = source else { break };
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return of_body(error);
        }
        source = error.source();
    }
    SendFailure::TimedOut
}

/// An io error that HTTP reports: the stream's own, or the decoder's about the framing.
fn of_body(error: &io::Error) -> SendFailure {
    let framing = matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput);
    if framing && inside(error).is_none() {
        SendFailure::Unreadable(Unreadable::Malformed)
    } else {
        of_stream(error)
    }
}

fn of_tls(error: &Error, proven: bool) -> SendFailure {
    if let Error::InvalidCertificate(CertificateError::Other(OtherError(inner))) = error
        && let Some(Refused(distrust)) = inner.downcast_ref()
    {
        return SendFailure::NotTrusted(distrust.clone());
    }
    if let Error::InvalidCertificate(_) = error {
        return SendFailure::NotTrusted(Distrust { reason: reason(error), presented: Vec::new() });
    }
    if let Error::Other(OtherError(inner)) = error
        && let Some(Unsigned(failure)) = inner.downcast_ref()
    {
        return SendFailure::Key(*failure);
    }
    // Before the server has proven its key, anyone on the path can send an alert.
    if let Error::AlertReceived(alert) = error
        && proven
        && is_about_our_certificate(*alert)
    {
        return SendFailure::CertificateRefused;
    }
    SendFailure::Unreadable(Unreadable::Malformed)
}

fn is_about_our_certificate(alert: AlertDescription) -> bool {
    use AlertDescription as A;
    matches!(
        alert,
        A::NoCertificate
            | A::BadCertificate
            | A::UnsupportedCertificate
            | A::CertificateRevoked
            | A::CertificateExpired
            | A::CertificateUnknown
            | A::UnknownCA
            | A::AccessDenied
            | A::CertificateRequired
            // Signed by a CA of the same name and another key, or with another key than the certificate's.
            | A::DecryptError
    )
}

fn inside(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

const UNREADABLE_TRUNCATED: SendFailure = SendFailure::Unreadable(Unreadable::Truncated);

/// Errors inside errors that are looked through.
const DEPTH: usize = 8;
