//! Every code that a host or administrator may see, in one table. Lines are added; none changes or goes.

use serde::{Deserialize, Serialize};

/// A stable number: 1xx use, 2xx identity, 3xx network, 4xx server, 5xx device, 9xx ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(pub u16);

impl Code {
    /// What it means, in English, for the administrator. `None` for a code of a later version.
    #[must_use]
    pub fn meaning(self) -> Option<&'static str> {
        ALL.iter().find(|(code, _)| *code == self).map(|(_, meaning)| *meaning)
    }
}

macro_rules! codes {
    ($($name:ident $number:literal $meaning:literal)*) => {
        /// Every code with its meaning, in ascending order.
        pub const ALL: &[(Code, &str)] = &[$((Code($number), $meaning)),*];

        /// The name of each, in the order of [`ALL`]: what it is called in every language.
        pub const NAMES: &[(Code, &str)] = &[$((Code($number), stringify!($name))),*];

        $(#[doc = $meaning] pub const $name: Code = Code($number);)*
    };
}

codes! {
    CONFIGURATION_INCOMPLETE 101 "The configuration names no gateway, device ID or tenant."
    GATEWAY_MALFORMED 102 "The gateway is not a host under https, with or without a port."
    GATEWAY_NOT_ALLOWED 103 "The gateway is not under the host that the app was built for."
    GATEWAY_CHANGED 104 "The device is registered with another gateway, which a configuration cannot change."
    VALUE_WRONG_TYPE 110 "A configured value has another type than its key demands."
    VALUE_UNRESOLVED 111 "A configured value is a token that the MDM did not resolve."
    VALUE_MALFORMED 112 "A configured value is not in the form that its key demands."
    VALUE_WRONG_ID 113 "An Intune device ID stands where the Entra device ID is expected."
    VALUE_TOO_LONG 114 "A configured value is longer than the bound."
    SOURCE_TOO_LARGE 115 "A configuration has more values, or nests deeper, than the bound."
    KEY_WRONG_CASE 116 "A configuration key differs from a known one by upper and lower case."
    SOURCES_DISAGREE 117 "Two configurations name different device IDs or tenants."
    KEY_NOT_FROM_HERE 118 "A configuration key stands in a source that may not set it."
    UNENROLMENT_PREVENTED 130 "The user wanted to leave, which the policy prevents."
    TRUST_UNUSABLE 131 "The trust that the app was built with cannot be used."
    STOPPED 132 "The agent was stopped."
    INPUTS_CROWDED 133 "Too many inputs wait."
    ARGUMENT 134 "An argument is absent, of the wrong type, or cannot be read."
    WOULD_BLOCK 135 "A blocking call on a thread of the agent's own."
    MAIN_THREAD 136 "A blocking call on the app's main thread."
    KEY_LOCKED 201 "The key store is locked until the device is unlocked for the first time."
    KEY_BUSY 202 "The key store did not answer in time."
    KEY_GONE 203 "The key is no longer in the key store."
    KEY_UNSUPPORTED 204 "The key store cannot make or use a key of this kind."
    DEMAND_UNMET 205 "The CA demands what the key store cannot give."
    CERTIFICATE_INVALID 206 "The issued certificate is not for this key, device ID, CA or use."
    CREDENTIAL_REFUSED 210 "The activation credential is not accepted for this device."
    CREDENTIAL_BURNT 211 "The activation credential was used already."
    CREDENTIAL_EXPIRED 212 "The activation credential has expired."
    NOT_ELIGIBLE 213 "The device is in no enrolment group."
    ALREADY_ENROLLED 214 "The device has a living certificate that this credential may not replace."
    CERTIFICATE_REQUIRED 215 "The cloud does not know the device's certificate."
    REVOKED 216 "The administrator revoked the device."
    OFFLINE 301 "There is no network, no name or no route."
    TIMED_OUT 302 "The cloud did not answer in time."
    CONNECTION_REFUSED 303 "Nothing listens at the gateway's address."
    CERTIFICATE_REFUSED 305 "The server refused the device's certificate during the handshake."
    UNKNOWN_ISSUER 310 "The server's certificate does not chain to the partner's CA."
    WRONG_NAME 311 "The server's certificate is for another name."
    WRONG_PIN 312 "The server's key is not pinned."
    NOT_VALID_NOW 313 "The server's certificate has expired or is not valid yet."
    HANDSHAKE_MALFORMED 314 "The server's certificate, or the proof of its key, is malformed."
    THROTTLED 401 "The cloud got too many requests."
    UNAVAILABLE 402 "The cloud cannot answer at present."
    REDIRECTED 404 "The cloud redirected, which is not followed."
    ANSWER_TRUNCATED 405 "The answer ended early."
    ANSWER_TOO_LARGE 406 "The answer is larger than the bound."
    ANSWER_MALFORMED 407 "The answer is not what the contract says."
    DOCUMENT_FORGED 408 "The signature of a document does not hold."
    REQUEST_INVALID 410 "The CA cannot read the certificate request."
    REPORT_INVALID 411 "The cloud cannot read the report."
    CHAIN_BROKEN 412 "The report does not follow the last one that the cloud holds."
    REPORT_TOO_LARGE 413 "The report is larger than the cloud allows."
    NOT_FOUND 414 "There is no such thing at the gateway."
    PROBLEM_UNKNOWN 419 "The cloud named a problem of a later version."
    DOCUMENT_WRONG_KIND 420 "A signed document is of another kind than its place demands."
    DOCUMENT_WRONG_TENANT 421 "A signed document is for another tenant."
    DOCUMENT_OLD 422 "A signed document is older than the one in force."
    DOCUMENT_EXPIRED 423 "A signed document has expired."
    COMMAND_WRONG_DEVICE 424 "A signed command is for another device."
    COMMAND_REPEATED 425 "A signed command was obeyed before."
    COMMANDS_CROWDED 426 "More signed commands are in flight than are remembered."
    COLLECT_DENIED 501 "The system does not allow reading apps or settings."
    STORAGE_FULL 502 "There is no space left."
    STORAGE_IO 503 "The storage reported an error."
    STORAGE_UNREADABLE 504 "What is stored cannot be read."
    STORAGE_BUSY 505 "Another process holds the folder."
    STORAGE_NEWER 506 "What is stored was written by a later version."
    COLLECT_FAILED 507 "Apps or settings cannot be read in full."
    TRANSITIONS_OVERFLOWED 508 "More changes waited than are kept; the oldest are lost."
    THREATS_OVERFLOWED 509 "More threats were found than are kept open."
    APPS_OVERFLOWED 510 "More apps are installed than are reported."
    APPS_DOUBTED 511 "More than half of the apps are missing; they are read again."
    START_REPAIRED 512 "Three starts did not come to rest; what can be derived again was dropped."
    SYSTEM 513 "The system gives no randomness, no memory or no thread."
    LIBRARY 514 "The native library is not there, or is for another device."
    STARTED_OVER 515 "What was stored was lost and was given up; the device activates anew."
    LOST 901 "The agent's shell gave a command up."
    INERT 902 "An internal fault; the agent does nothing any more."
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What has been published. A line may be added at the end of a hundred; none may change.
    const PUBLISHED: &[u16] = &[
        101, 102, 103, 104, 110, 111, 112, 113, 114, 115, 116, 117, 118, 130, 131, 132, 133, 134, 135, 136,
        201, 202, 203, 204, 205, 206, 210, 211, 212, 213, 214, 215, 216, 301, 302, 303, 305, 310, 311, 312,
        313, 314, 401, 402, 404, 405, 406, 407, 408, 410, 411, 412, 413, 414, 419, 420, 421, 422, 423, 424,
        425, 426, 501, 502, 503, 504, 505, 506, 507, 508, 509, 510, 511, 512, 513, 514, 515, 901, 902,
    ];

    #[test]
    fn codes_are_unique_and_in_order() {
        assert!(ALL.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn a_published_code_stays() {
        for code in PUBLISHED {
            assert!(Code(*code).meaning().is_some(), "{code}");
        }
    }

    #[test]
    fn each_meaning_is_one_sentence_of_its_own() {
        for (code, meaning) in ALL {
            assert!(meaning.ends_with('.'), "{code:?}");
            assert_eq!(ALL.iter().filter(|(_, other)| other == meaning).count(), 1, "{code:?}");
        }
    }
}
