//! The mistakes. Each is one that somebody could make, and that a test must notice.

use super::{Edit, Mutant};

const LOGIC: &str = "-p agent-logic --lib";
const VAULT: &str = "-p agent-core --test vault_faults --test vault_journal --test vault_power";
const CORE: &str = "-p agent-core --lib";
const CUTS: &str = "-p agent-tests --test world a_thousand_power_cuts";
const WORLD: &str = "-p agent-tests --test world no_known_history";
const FAULTS: &str = "-p agent-tests --test vault_fiu";
const TRANSPORT: &str = "-p agent-core --test transport_*";
const GATEWAY: &str = "-p agent-gateway";
const FUZZ: &str = "-p agent-tests --test fuzz_smoke";

macro_rules! mutants {
    ($($tests:ident $file:literal: $name:literal, $find:literal => $replace:literal $(, survives: $why:literal)?;)*) => {
        pub(super) const MUTANTS: &[Mutant] = &[$(Mutant {
            name: $name,
            edit: Edit { file: $file, find: $find, replace: $replace },
            tests: $tests,
            excuse: mutants!(@excuse $($why)?),
        }),*];
    };
    (@excuse) => { None };
    (@excuse $why:literal) => { Some($why) };
}

mutants! {
    // Save before you speak.
    LOGIC "agent-core/logic/src/agent.rs": "drop every save",
        "            self.journal.push(&record);\n" => "";
    LOGIC "agent-core/logic/src/agent/decide.rs": "speak before it is saved",
        "if self.job.is_some() || !self.journal.is_settled() {" => "if self.job.is_some() {";
    LOGIC "agent-core/logic/src/agent/journal.rs": "forget the records of a failed save",
        "                self.fresh = records;\n" => "";
    LOGIC "agent-core/logic/src/agent/journal.rs": "save again at once, for ever",
        "self.writing.is_some() || self.retry.is_some_and(|retry| !retry.is_over(now))" => "self.writing.is_some()";

    // At least once on the way, exactly once in effect.
    LOGIC "agent-core/logic/src/agent/settle.rs": "acknowledge a report that was not answered",
        "Outcome::Answered(Err(failure)) => self.send_failed(&failure)," =>
        "Outcome::Answered(Err(failure)) => { self.record(super::outbox::Change::Acknowledged); self.send_failed(&failure) }";
    LOGIC "agent-core/logic/src/agent/seen.rs": "lose a change that comes while the apps are read",
        "collected: Collected) {\n" => "collected: Collected) {\n        self.live.collect = false;\n";
    LOGIC "agent-core/logic/src/agent/answered.rs": "lose a check-in asked for during an exchange",
        "        self.live.reached();\n" => "        self.live.reached();\n        self.live.asked = false;\n";
    LOGIC "agent-core/logic/src/agent/decide.rs": "make a report anew instead of sending it again",
        "if let Some(body) = self.state.outbox.sealed() {" =>
        "if let Some(body) = self.state.outbox.sealed().filter(|_| self.live.failures == 0) {";
    LOGIC "agent-core/logic/src/agent/outbox.rs": "forget what came after the report was sealed",
        "self.waiting.retain(|waiting| waiting.ordinal > last.ordinal);" => "self.waiting.clear();";
    LOGIC "agent-core/logic/src/agent/outbox.rs": "leave the chain unlinked",
        "self.previous = Some(Digest::of(body.as_slice()));" => "self.previous = None;";
    LOGIC "agent-core/logic/src/agent/threats.rs": "count transitions from the same number",
        "        self.ordinal = self.ordinal.saturating_add(1);\n" => "";

    // No threat is invented, and what the user chose is told.
    WORLD "agent-core/logic/src/agent/threats.rs": "open a threat that is open",
        "            && is_looked_for(classification, policy)\n            && !self.is_open(source, classification, subject);" =>
        "            && is_looked_for(classification, policy);";
    WORLD "agent-core/logic/src/agent.rs": "open what the engine cleared",
        "Event::Cleared(detection) => self.clear(&detection)," => "Event::Cleared(detection) => self.detect(&detection),";
    LOGIC "agent-core/logic/src/agent/threats.rs": "tell what the user ignored as policy counts it",
        "            ignored: open.ignored,\n" =>
        "            ignored: is_ignored(open.ignored, open.classification, policy),\n";

    // Who may be spoken to, and about what.
    LOGIC "agent-core/logic/src/agent/decide.rs": "speak without consent",
        "self.state.registration.target.as_ref().filter(|_| self.state.registration.consent)" =>
        "self.state.registration.target.as_ref()";
    LOGIC "agent-core/logic/src/agent/target.rs": "go to any host that ends like ours",
        "is_some_and(|rest| rest.ends_with('.'))" => "is_some()";
    LOGIC "agent-core/logic/src/agent/state.rs": "keep the old device's state for a new one",
        "        if moved {\n" => "        if moved && false {\n";
    LOGIC "agent-core/logic/src/agent/inventory.rs": "leak an app whose management is unknown",
        "Scope::Managed => app.managed == Some(true)," => "Scope::Managed => app.managed != Some(false),";
    LOGIC "agent-core/logic/src/agent/inventory.rs": "share apps although app sync is off",
        "policy.filter(|policy| policy.app_sync)?;" => "policy?;";
    LOGIC "agent-core/logic/src/agent/inventory.rs": "treat unknown ownership as the company's",
        "Ownership::Company => Some(Self::Everything)," =>
        "Ownership::Company | Ownership::Unknown => Some(Self::Everything),";

    // Documents.
    LOGIC "agent-core/logic/src/agent/policies.rs": "accept an old document",
        "Ordering::Less => Err(Refusal::Old)" => "Ordering::Less => Ok(())";
    LOGIC "agent-core/logic/src/agent/policies.rs": "accept the document in force again",
        "Ordering::Equal => Err(Refusal::InForce)" => "Ordering::Equal => Ok(())";
    LOGIC "agent-core/logic/src/agent/policies.rs": "accept another tenant's policy",
        "        check(policy.tenant == tenant, Refusal::WrongTenant)?;\n" => "        let _ = tenant;\n";
    LOGIC "agent-core/logic/src/agent/policies.rs": "accept another tenant's indicators",
        "        check(manifest.tenant == tenant, Refusal::WrongTenant)?;\n" => "        let _ = tenant;\n";
    LOGIC "agent-core/logic/src/agent/policies.rs": "accept an expired policy",
        "        check(policy.expires > trusted, Refusal::Expired)?;\n" => "        let _ = trusted;\n";
    LOGIC "agent-core/logic/src/agent/policies.rs": "obey a command twice",
        "        check(!self.nonces.iter().any(|(held, _)| *held == nonce), Refusal::Repeated)?;\n" => "";
    LOGIC "agent-core/logic/src/agent/policies.rs": "obey a command for another device",
        "        check(to == device, Refusal::WrongDevice)?;\n" => "        let _ = (to, device);\n";
    LOGIC "agent-core/logic/src/agent/answered.rs": "re-enrol as often as told",
        "self.state.registration.is_fresh(&self.now) {" => "self.state.registration.is_fresh(&self.now) && false {";

    // When.
    LOGIC "agent-core/logic/src/chance.rs": "forget jitter",
        "Duration::from_millis(self.draw().checked_rem(span).unwrap_or_default())" =>
        "{ let _ = span; most }";
    LOGIC "agent-core/logic/src/agent/plan.rs": "come back with the whole fleet after a failure",
        "self.chance.jitter(most).max(LEAST_PAUSE)" => "most.max(LEAST_PAUSE)";
    LOGIC "agent-core/logic/src/agent/settle.rs": "ignore Retry-After",
        "                self.record(contact::Contact::told(pause, &self.now));\n" =>
        "                let _ = pause;\n                self.back_off();\n";
    LOGIC "agent-core/logic/src/agent/contact.rs": "let one server clock in 2040 rule",
        ".min(server.counts_until)" => "";
    LOGIC "agent-core/logic/src/agent/decide.rs": "download a set beyond the budget",
        "self.live.announced.take_if(|_| spends)?" => "self.live.announced.take_if(|_| spends || true)?";
    LOGIC "agent-core/logic/src/agent/plan.rs": "wake for contact within a pause",
        "(self.held(timer), why)" => "(timer, why)";
    WORLD "agent-core/logic/src/agent/plan.rs": "wake at the shorter of two pauses",
        "max_by_key(|pause| pause.left(&self.now))" => "min_by_key(|pause| pause.left(&self.now))";
    WORLD "agent-core/logic/src/agent/contact.rs": "let a day cost any number of bytes",
        " || self.spent.bytes >= BYTES_A_DAY;" => ";";
    WORLD "agent-core/logic/src/agent/inventory.rs": "send every app for one that changed",
        "if !thrifty && changed.saturating_mul(2) > shared.apps.len() {" => "if !thrifty && changed > 0 {";
    WORLD "agent-core/logic/src/agent/seal.rs": "tell the credential",
        "facts.agent_version.clone_from(&self.settings.agent_version);" =>
        "facts.agent_version = serde_json::to_string(&self.state.registration.credential).unwrap_or_default();";
    WORLD "agent-core/logic/src/agent/live.rs": "follow a cloud that always wants more",
        "if self.follow_ups < MAX_FOLLOW_UPS {" => "if self.follow_ups < u32::MAX {";
    WORLD "agent-core/logic/src/agent/live.rs": "report again after each answer",
        "            Job::Send => {\n                self.asked = false;\n" => "            Job::Send => {\n";
    LOGIC "agent-core/logic/src/agent/decide.rs": "take the level for news after each new chain",
        "self.state.outbox.level().or(self.live.told_level)" => "self.state.outbox.level()";
    LOGIC "agent-core/logic/src/agent/bulk.rs": "count no byte of a download that failed",
        "SendFailure::TimedOut | SendFailure::Unreadable(_) => true," =>
        "SendFailure::TimedOut | SendFailure::Unreadable(_) => false,";
    LOGIC "agent-core/logic/src/agent/bulk.rs": "ignore Retry-After on a download",
        "                    self.record(contact::Contact::told(pause, &self.now));\n" => "                    let _ = pause;\n";
    LOGIC "agent-core/logic/src/agent/bulk.rs": "count no exchange of a download that failed",
        "                if !matches!(failure, SendFailure::Key(_)) {" => "                if false {";
    WORLD "agent-core/logic/src/command.rs": "look no file up",
        "std::iter::once(package).chain(signers).chain(file).map" =>
        "let _ = file;\n        std::iter::once(package).chain(signers).map";
    LOGIC "agent-core/logic/src/agent.rs": "hash no file again after consent is back",
        "            self.live.unhashable.clear();\n" => "";
    WORLD "agent-core/logic/src/agent/contact.rs": "let one server clock in 2040 rule, in the world",
        ".min(server.counts_until)" => "";
    WORLD "agent-core/logic/src/redact.rs": "print bytes as they are",
        "write!(f, \"Bytes({})\", self.0.len())" => "f.write_str(&String::from_utf8_lossy(&self.0))";
    WORLD "agent-core/logic/src/agent/bulk.rs": "move bulk over a network that costs money",
        "        !self.live.network.metered ||" => "        true ||";

    // What policy keeps on the device, and what was asked to go.
    WORLD "agent-core/logic/src/agent/policies.rs": "share by a policy that expired",
        "        self.policy.as_ref().filter(|policy| policy.expires > trusted)\n" =>
        "        let _ = trusted;\n        self.policy.as_ref()\n";
    WORLD "agent-core/logic/src/agent/state.rs": "tell threats that policy keeps",
        "transition.filter(|_| self.tells_threats())" => "transition";
    WORLD "agent-core/logic/src/agent/state.rs": "tell what happened before policy kept it",
        "                    self.outbox.withdraw();\n" => "";
    WORLD "agent-core/logic/src/agent/seal.rs": "list threats that policy keeps",
        "then(|| match self.state.tells_threats() {" => "then(|| match true {";
    WORLD "agent-core/logic/src/agent/seal.rs": "tell facts that policy keeps",
        "if self.state.policy().is_none_or(|policy| policy.device_state_sync) {" => "if true {";
    WORLD "agent-core/logic/src/agent/outbox.rs": "forget what is untold when a chain breaks",
        "Self { waiting: self.waiting, overflowed" => "Self { overflowed";
    WORLD "agent-core/logic/src/agent/policies.rs": "be wiped by a command for another device",
        "        check(to == device, Refusal::WrongDevice)?;\n" => "        let _ = (to, device);\n";
    LOGIC "agent-core/logic/src/agent/state.rs": "drop what the host told before the first configuration",
        "self.threats = held.threats;" => "drop(held.threats);";
    LOGIC "agent-core/logic/src/agent/leave.rs": "count the time of a full disk as tries to tell",
        "(over && !self.may_speak())" => "over";
    LOGIC "agent-core/logic/src/agent/plan.rs": "stay while offline, whoever left",
        "            return farewell;" => "            return None;";
    LOGIC "agent-core/logic/src/agent/plan.rs": "let a server keep who leaves",
        "[farewell, Some((pause," => "[None, Some((pause,";
    LOGIC "agent-core/logic/src/agent/decide.rs": "drop an old key only when something else ends the pause",
        "!self.live.locked && self.own_pause().is_none()" => "!self.live.locked && self.live.retry.is_none()";
    WORLD "agent-core/logic/src/agent/leave.rs": "leave without a word",
        "        self.state.registration.identity().is_none()\n            || self.gate" =>
        "        self.state.registration.identity().is_some()\n            || self.gate";
    WORLD "agent-core/logic/src/agent/leave.rs": "never leave",
        "if !prevents || self.state" => "if !prevents && self.state";
    LOGIC "agent-core/logic/src/agent.rs": "write down what happens during a wipe",
        "        if !self.live.erase {\n            self.journal.push(&record);\n        }\n" =>
        "        self.journal.push(&record);\n";
    LOGIC "agent-core/logic/src/agent/settle.rs": "wipe again at once, for ever",
        "                self.live.note(failure.code(), self.now);\n                self.back_off();\n            }\n        }\n    }\n\n    fn key_made" =>
        "                self.live.note(failure.code(), self.now);\n            }\n        }\n    }\n\n    fn key_made";
    WORLD "agent-core/logic/src/agent/start.rs": "begin anew without a word",
        "repairs.into_iter().chain(self.gave_up.map(|last| Diagnostic { code, count: 1, last }))" =>
        "{ let _ = code; repairs.into_iter() }";

    // Identity.
    LOGIC "agent-core/logic/src/agent/settle.rs": "renew without proof",
        "self.record(registration::Change::Issued { certificate, received: self.now });" =>
        "self.record(registration::Change::Issued { certificate, received: self.now });\n                let renewal = Timer::new(self.now, Duration::from_secs(9));\n                self.record(registration::Change::Proved { renewal });";
    LOGIC "agent-core/logic/src/agent/settle.rs": "believe at once that the key is gone",
        "if !unknown && self.live.key_gone {" => "if !unknown {";
    LOGIC "agent-core/logic/src/agent/registration.rs": "keep the credential",
        "            self.credential = None;\n            self.refused = None;\n            self.outlived = false;\n" =>
        "            self.refused = None;\n            self.outlived = false;\n";
    LOGIC "agent-core/logic/src/agent/registration/step.rs": "trust a renewal's pause after the calendar was set back",
        "|| (self.renewal.is_doubtful(now) && nearly_over)" => "|| (nearly_over && false)";
    LOGIC "agent-core/logic/src/agent.rs": "keep the report on its way without consent",
        "                self.restart_chain();\n" => "";
    LOGIC "agent-core/logic/src/agent/journal.rs": "leave on the disk what a killed process dropped",
        "self.compact |= record.drops();" => "";
    LOGIC "agent-core/logic/src/agent/journal.rs": "forget what lives before this one wrote",
        "            self.written = self.written.saturating_add(bytes.as_slice().len());\n" => "";
    LOGIC "agent-core/logic/src/agent/settle.rs": "ask a CA as often as it says",
        "self.spread(self.state.registration.asking_pause(told))" => "self.spread(told)";
    LOGIC "agent-core/logic/src/agent/path.rs": "cry interception at the first refusal",
        "Self::Clean => Self::Suspected { first: now }," =>
        "Self::Clean => Self::Intercepted { first: now, network: network.id, reported: false, clean: 0 },";
    LOGIC "agent-core/logic/src/agent/path.rs": "close an interception before it was reported",
        "if reported && (left || clean >= enough) {" => "if left || clean >= enough {";

    // The journal.
    VAULT "agent-core/src/vault.rs": "skip the fdatasync",
        "self.storage.append(JOURNAL, &frame).and_then(|()| self.storage.sync(JOURNAL))" =>
        "self.storage.append(JOURNAL, &frame)";
    CUTS "agent-core/src/vault.rs": "skip the fdatasync of an append, in the world",
        "self.storage.append(JOURNAL, &frame).and_then(|()| self.storage.sync(JOURNAL))" =>
        "self.storage.append(JOURNAL, &frame)";
    VAULT "agent-core/src/vault.rs": "trust that the cut of before arrived",
        "            storage.truncate(JOURNAL, wide(scan.end))?;\n" =>
        "            if scan.torn {\n                storage.truncate(JOURNAL, wide(scan.end))?;\n            }\n";
    VAULT "agent-core/src/vault.rs": "leave a new name to luck",
        "        self.storage.rename(DRAFT, JOURNAL)?;\n        self.storage.sync_folder()?;\n" =>
        "        self.storage.rename(DRAFT, JOURNAL)?;\n";
    VAULT "agent-core/src/vault.rs": "trust a name that a failed sync left",
        "            vault.name_again()?;\n" => "";
    VAULT "agent-core/src/vault.rs": "believe a wipe after one that failed",
        "            self.replace(&[])?;\n            self.journal = None;\n" => "";
    VAULT "agent-core/src/vault.rs": "leave a failed append in the file",
        "                journal.standing = Standing::TailInDoubt;\n" => "";
    VAULT "agent-core/src/vault/scan.rs": "take a hole for a torn tail",
        "scan.next == 0 || has_frame(&scan.seal, rest)" => "scan.next == 0";
    VAULT "agent-core/src/vault/scan.rs": "take a frame from another place",
        "Read::Frame { records, size }) if index == scan.next" => "Read::Frame { records, size }) if index >= scan.next";
    FAULTS "agent-core/src/folder.rs": "sync no file",
        "file.sync_data().map_err(failed)" => "{ drop(file); Ok(()) }";
    FAULTS "agent-core/src/folder.rs": "sync no folder",
        "File::open(folder)?.sync_all()" => "File::open(folder).map(drop)";

    // The line.
    TRANSPORT "agent-core/src/transport/verifier.rs": "skip the pin check",
        "if !self.pins.is_empty() && !key_digest" => "if false && !key_digest";
    TRANSPORT "agent-core/src/transport/verifier.rs": "take a server by any name",
        "        verify_server_name(&leaf, name)" => "        let _ = name;\n        Ok(())";
    TRANSPORT "agent-core/src/transport/signed.rs": "take any algorithm's name",
        "header.alg != \"ES256\" || header.crit.is_some()" => "header.crit.is_some()";
    TRANSPORT "agent-core/src/transport/signed.rs": "take a command for a policy",
        "Ok(named) if named.kind == kind => {}\n        Ok(_) => return Opened::Forged," =>
        "Ok(named) => { let _ = (named.kind, kind); }";
    CORE "agent-core/src/transport/reply.rs": "let a server silence a fleet",
        "Some(pause.clamp(SHORTEST_PAUSE, LONGEST_PAUSE))" => "Some(pause)";
    CORE "agent-core/src/gzip.rs": "hold more of a bomb than the bound",
        "wanted.min(self.limit.saturating_add(1))" => "wanted";
    CORE "agent-core/src/gzip.rs": "believe a body whose sum differs",
        "if *sums != trailer(plain.since(from)) {" => "if *sums != trailer(plain.since(from)) && false {";
    TRANSPORT "agent-core/src/transport/est/issued.rs": "take a certificate of any CA",
        "if !issuers.issued(" => "if false && !issuers.issued(";
    TRANSPORT "agent-core/src/transport/est/issued.rs": "take a certificate for servers",
        "if !is_for_clients(&certificate) || !is_for_device" => "if !is_for_device";
    LOGIC "agent-core/logic/src/json/reader.rs": "read a list longer than its type",
        "if values.0.len() == 0 {" => "if values.0.len() < 9 {";
    TRANSPORT "agent-core/src/transport/est/issued.rs": "take a certificate for another device",
        "uris.next() == Some(device_urn(&enrol.device).as_bytes()) && uris.next().is_none()" =>
        "{ let _ = enrol; uris.next().is_some() }";
    CORE "agent-core/src/x509.rs": "choose among extensions of one name",
        "if found.replace(Extension { whole, value }).is_some() {" =>
        "if found.replace(Extension { whole, value }).is_some() && whole.is_empty() {";
    TRANSPORT "agent-core/src/transport/est.rs": "follow a redirect to anybody",
        "        if !same {\n" => "        if !same && false {\n";
    FUZZ "agent-core/src/transport/est.rs": "take two texts for one body",
        "!character.is_ascii_whitespace()" => "character.is_ascii_alphanumeric() || \"+/=\".contains(*character)";
    FUZZ "agent-core/src/vault/frame.rs": "read a record without its end",
        "let (record, rest) = rest.split_at_checked(length)?;" =>
        "let (record, rest) = rest.split_at(length.min(rest.len()));";

    // The partner's side.
    GATEWAY "tests/gateway/src/csr.rs": "sign any name",
        "    if san_device(&san)? != device {\n" => "    if san_device(&san)? != device && false {\n";
    GATEWAY "tests/gateway/src/checkin.rs": "take another report for the same",
        "head.sequence == report.sequence && head.digest == digest" => "head.sequence == report.sequence";
    GATEWAY "tests/gateway/src/checkin.rs": "apply a transition twice",
        "transition, now)? {\n            continue;\n" => "transition, now)? {\n";
    GATEWAY "tests/gateway/src/privacy.rs": "keep apps that policy does not share",
        "    policy.app_sync\n" => "    let _ = policy;\n    true\n";
    GATEWAY "tests/gateway/src/intake.rs": "take a report beyond its bound",
        "if out.len() > MAX_REPORT {" => "if false {";
    GATEWAY "tests/gateway/src/est.rs": "renew under another name",
        "    if request.subject != present.subject || request.san != present.san {\n" => "    if false {\n";
    GATEWAY "tests/gateway/src/credential.rs": "take a burnt code",
        "        Some(_) => refuse(ProblemKind::CredentialBurnt),\n" => "        Some(_) => Ok(Ok(Accepted::Code(digest))),\n";
    GATEWAY "tests/gateway/src/credential.rs": "guess codes for ever",
        "device.code_failures >= MAX_CODE_FAILURES" => "device.code_failures > 1_000";
    GATEWAY "tests/gateway/src/credential.rs": "let a shared key take over a living device",
        "    if lives { refuse(ProblemKind::AlreadyEnrolled) }" => "    if lives && false { refuse(ProblemKind::AlreadyEnrolled) }";
}
