//! Errors as RFC 9457 problem documents.
//!
//! Rules: W5.

use serde::{Deserialize, Serialize};

/// `application/problem+json`.
#[derive(Clone, Copy, Debug)]
pub struct MediaType;

impl MediaType {
    /// Media type of a problem document.
    pub const PROBLEM: &str = "application/problem+json";
    /// Media type of reports and answers.
    pub const JSON: &str = "application/json";
}

/// The document. Only `type` and the HTTP status decide; `title` and `detail` are for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind, a URN.
    #[serde(rename = "type")]
    pub kind: ProblemKind,
    /// The HTTP status, repeated.
    pub status: u16,
    /// One sentence.
    pub title: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub remedy: Option<String>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident $urn:literal $status:literal $title:literal $remedy:literal)*) => {
        /// The kinds of problem this contract knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum ProblemKind {
            $($(#[$doc])* #[serde(rename = $urn)] $variant,)*
            /// Of a later version, or of something between.
            #[serde(other)]
            Other,
        }

        impl ProblemKind {
            /// Every kind that the contract names.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The document for this kind.
            #[must_use]
            pub fn problem(self) -> Problem {
                let (status, title, remedy) = match self {
                    $(Self::$variant => ($status, $title, $remedy),)*
                    Self::Other => (500, "Unknown problem.", "Try again later."),
                };
                Problem { kind: self, status, title: title.into(), remedy: Some(remedy.into()) }
            }
        }
    };
}

kinds! {
    /// The activation credential is not known, or is for another device.
    CredentialRefused "urn:mtd-agent:problem:credential-refused" 403
        "The activation credential is not accepted for this device." "Get a new activation credential."
    /// The activation credential was used before.
    CredentialBurnt "urn:mtd-agent:problem:credential-burnt" 403
        "The activation credential was used already." "Get a new activation credential."
    /// The activation credential is too old.
    CredentialExpired "urn:mtd-agent:problem:credential-expired" 403
        "The activation credential has expired." "Get a new activation credential."
    /// The device ID is in no enrolment group.
    NotEligible "urn:mtd-agent:problem:not-eligible" 403
        "The device is not in an enrolment group." "Ask the administrator to add the device."
    /// The device ID has a living certificate, and the credential may not supersede it.
    AlreadyEnrolled "urn:mtd-agent:problem:already-enrolled" 409
        "The device is enrolled already." "Sign in, or ask the administrator for a code."
    /// The request is no PKCS#10 that this CA signs.
    RequestInvalid "urn:mtd-agent:problem:request-invalid" 400
        "The certificate request is not acceptable." "Update the app."
    /// No client certificate, or one the cloud does not know.
    CertificateRequired "urn:mtd-agent:problem:certificate-required" 401
        "A client certificate is required." "Activate the device."
    /// The administrator revoked the device.
    Revoked "urn:mtd-agent:problem:revoked" 403
        "The device is revoked." "Contact the administrator."
    /// The body is not a report.
    ReportInvalid "urn:mtd-agent:problem:report-invalid" 400
        "The report cannot be read." "Update the app."
    /// The report does not follow the last acknowledged one.
    ChainBroken "urn:mtd-agent:problem:chain-broken" 409
        "The report does not follow the last one." "Begin a new chain."
    /// Too many requests.
    Throttled "urn:mtd-agent:problem:throttled" 429
        "Too many requests." "Wait as told."
    /// The body is larger than the contract allows.
    TooLarge "urn:mtd-agent:problem:too-large" 413
        "The body is too large." "Update the app."
    /// The cloud cannot answer at present.
    Unavailable "urn:mtd-agent:problem:unavailable" 503
        "The service cannot answer now." "Try again later."
    /// There is no such thing here.
    NotFound "urn:mtd-agent:problem:not-found" 404
        "Not found." "Check the address."
}

#[cfg(test)]
mod tests {
    use super::*;

    // W5
    #[test]
    fn a_kind_of_a_later_version_is_read_as_other() {
        let text = r#"{"type":"urn:mtd-agent:problem:new","status":418,"title":"x"}"#;
        assert_eq!(serde_json::from_str::<Problem>(text).unwrap().kind, ProblemKind::Other);
    }

    #[test]
    fn each_kind_survives_the_round_trip() {
        for kind in ProblemKind::ALL {
            let text = serde_json::to_string(&kind.problem()).unwrap();
            assert_eq!(serde_json::from_str::<Problem>(&text).unwrap().kind, *kind);
        }
    }
}
