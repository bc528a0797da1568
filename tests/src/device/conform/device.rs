//! A device by hand: its key, its certificate, and what it must remember from one report to the next.

use agent_logic::model::{Activation, ChainId, DeviceId, Digest, Level, Protection};
use agent_logic::time::Stamp;
use agent_logic::wire::{CHECK_IN_PATH, Facts, FactsPart, Manifest, MediaType, PROTOCOL, Policy, Report};
use data_encoding::BASE64;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType};

use super::client::{Answer, Client, Identity};

/// The device under whose name the cases run.
pub(super) struct Device {
    pub(super) client: Client,
    pub(super) identity: Option<Identity>,
    /// The server's policy, once an answer had it.
    pub(super) policy: Option<Policy>,
    /// As it was signed.
    pub(super) signed_policy: Option<String>,
    /// The server's indicator set, where its answer named one.
    pub(super) manifest: Option<Manifest>,
    /// As it was signed.
    pub(super) signed_manifest: Option<String>,
    /// Policy keys of the app, each a SubjectPublicKeyInfo.
    pub(super) policy_keys: Vec<Vec<u8>>,
    /// A key that many devices share, where one was given.
    pub(super) enrolment_key: Option<String>,
    id: DeviceId,
    code: String,
    key: KeyPair,
    chain: u8,
    sequence: u64,
    previous: Option<Digest>,
}

impl Device {
    pub(super) fn new(client: Client, policy_keys: Vec<Vec<u8>>, id: DeviceId, code: &str) -> Option<Self> {
        let key = KeyPair::generate().ok()?;
        let code = code.trim().to_owned();
        Some(Self {
            client,
            identity: None,
            policy: None,
            signed_policy: None,
            manifest: None,
            signed_manifest: None,
            policy_keys,
            enrolment_key: None,
            id,
            code,
            key,
            chain: 1,
            sequence: 1,
            previous: None,
        })
    }

    /// `simpleenroll` with this code and the device's own key.
    pub(super) fn enrol(&self, code: Option<&str>) -> Option<Answer> {
        self.enrol_as(self.id, code)
    }

    /// The device's ID.
    pub(super) const fn id(&self) -> DeviceId {
        self.id
    }

    /// `simpleenroll` in the name of `id`.
    pub(super) fn enrol_as(&self, id: DeviceId, code: Option<&str>) -> Option<Answer> {
        let body = BASE64.encode(&request(&self.key, id)?);
        let shown =
            code.map(|code| format!("Basic {}", BASE64.encode(format!("{}:{code}", id.reveal()).as_bytes())));
        let mut headers = vec![("Content-Type", "application/pkcs10")];
        headers.extend(shown.as_deref().map(|shown| ("Authorization", shown)));
        self.client.send(None, "POST /.well-known/est/simpleenroll", &headers, body.as_bytes())
    }

    /// `simplereenroll` under the present certificate with this key, in the name of `id`.
    pub(super) fn renew(&self, key: &KeyPair, id: DeviceId) -> Option<Answer> {
        let body = BASE64.encode(&request(key, id)?);
        let headers = [("Content-Type", "application/pkcs10")];
        self.client.send(
            self.identity.as_ref(),
            "POST /.well-known/est/simplereenroll",
            &headers,
            body.as_bytes(),
        )
    }

    /// Another device's ID; the server need not know it.
    pub(super) fn stranger(&self) -> Option<DeviceId> {
        let id = self.id.reveal();
        let (rest, last) = id.split_at(id.len().saturating_sub(1));
        format!("{rest}{}", if last == "0" { "1" } else { "0" }).parse().ok()
    }

    /// The one-time code.
    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// Keeps the certificate of an answer to [`Device::enrol`]; absent if there is none for this device.
    pub(super) fn keep(&mut self, answer: &Answer) -> Option<()> {
        self.identity = Some(self.issued(answer, &self.key)?);
        Some(())
    }

    /// The identity that an answer of the CA makes with `key`; absent if it is not this device's.
    pub(super) fn issued(&self, answer: &Answer, key: &KeyPair) -> Option<Identity> {
        let text: Vec<u8> = answer.body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let certificate = first_certificate(&BASE64.decode(&text).ok()?)?;
        // The SAN is an IA5String of the URN, which stands in the DER as it is.
        let urn = format!("urn:uuid:{}", self.id.reveal());
        certificate.windows(urn.len()).any(|part| part == urn.as_bytes()).then_some(())?;
        Some(Identity { certificate, key: key.serialize_der() })
    }

    /// Begins a new chain with the next report.
    pub(super) fn resync(&mut self) {
        self.chain = self.chain.wrapping_add(1);
        (self.sequence, self.previous) = (1, None);
    }

    /// The next report; the first of a chain is the whole truth, which is that nothing is wrong.
    pub(super) fn report(&self) -> Report {
        let facts = Facts {
            agent_version: env!("CARGO_PKG_VERSION").into(),
            os_version: "14".into(),
            platform: "android".into(),
            ..Facts::default()
        };
        let digest = Digest::of(&serde_json::to_vec(&facts).unwrap_or_default());
        let first = self.sequence == 1;
        Report {
            protocol: PROTOCOL,
            chain: ChainId::new([self.chain; 16]),
            sequence: self.sequence,
            previous: self.previous,
            made: Stamp::default(),
            activation: Activation::Activated,
            protection: Protection::Protected,
            level: Some(Level::Secured),
            facts: FactsPart { digest, value: first.then_some(facts) },
            open: first.then(Vec::new),
            transitions: Vec::new(),
            inventory: None,
            diagnostics: Vec::new(),
            policy: 0,
            indicators: 0,
        }
    }

    /// Sends a report and, when it was applied, remembers it.
    pub(super) fn check_in(&mut self, report: &Report) -> Option<Answer> {
        let body = serde_json::to_vec(report).ok()?;
        let answer = self.post(&[], &body)?;
        if answer.status == 200 {
            self.sequence = report.sequence.saturating_add(1);
            self.previous = Some(Digest::of(&body));
        }
        Some(answer)
    }

    /// Sends a body as a check-in.
    pub(super) fn post(&self, headers: &[(&str, &str)], body: &[u8]) -> Option<Answer> {
        let all = [&[("Content-Type", MediaType::JSON)], headers].concat();
        self.client.send(self.identity.as_ref(), &format!("POST {CHECK_IN_PATH}"), &all, body)
    }
}

fn request(key: &KeyPair, id: DeviceId) -> Option<Vec<u8>> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, id.reveal());
    let urn = format!("urn:uuid:{}", id.reveal());
    params.subject_alt_names = vec![SanType::URI(urn.try_into().ok()?)];
    Some(params.serialize_request(key).ok()?.der().to_vec())
}

/// The first certificate of a certs-only PKCS#7: ContentInfo, \[0\], SignedData, \[0\], certificate.
fn first_certificate(der: &[u8]) -> Option<Vec<u8>> {
    let (info, _, _) = element(der, 0x30)?;
    let (_, _, rest) = element(info, 0x06)?;
    let (content, _, _) = element(rest, 0xa0)?;
    let (signed, _, _) = element(content, 0x30)?;
    let (_, _, rest) = element(signed, 0x02)?;
    let (_, _, rest) = element(rest, 0x31)?;
    let (_, _, rest) = element(rest, 0x30)?;
    let (certificates, _, _) = element(rest, 0xa0)?;
    let (_, whole, _) = element(certificates, 0x30)?;
    Some(whole.to_vec())
}

/// Content, whole and rest of the element that `der` begins with, if it has this tag.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8], &[u8])> {
    let first = usize::from(*der.get(1).filter(|_| der.first() == Some(&tag))?);
    let (length, head) = if first < 0x80 {
        (first, 2)
    } else {
        let bytes = der.get(2..2_usize.checked_add(first & 0x7f)?).filter(|bytes| bytes.len() <= 4)?;
        let length = bytes.iter().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
        (length, 2_usize.checked_add(bytes.len())?)
    };
    let end = head.checked_add(length)?;
    Some((der.get(head..end)?, der.get(..end)?, der.get(end..)?))
}
