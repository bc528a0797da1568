//! The privacy ledger in sentences: what was sent, and why.

use super::{Language, Text, text};
use crate::agent::{Entry, InventorySent, Sent, Why};
use crate::command::CredentialKind;

/// Two to four sentences on one entry, without its time: the host knows how the owner reads dates.
#[must_use]
pub fn of_entry(entry: &Entry, language: Language) -> String {
    let parts = match &entry.sent {
        Sent::Registration { credential, accepted } => {
            let end = if *accepted { CERTIFIED } else { REFUSED };
            vec![of_registration(*credential).say(language).to_owned(), end.say(language).to_owned()]
        }
        Sent::Report { acknowledged, bytes, facts, changes, open, inventory, diagnostics, .. } => {
            let end = if *acknowledged { ACKNOWLEDGED } else { UNKNOWN_END };
            let inventory = inventory.iter().flat_map(of_inventory);
            let counted = [(CHANGES, Some(*changes)), (OPEN, *open), (FAULTS, Some(*diagnostics))];
            let counted = counted.into_iter().filter_map(|(label, count)| Some((label, Some(count?))));
            let contents = facts
                .then_some((FACTS, None))
                .into_iter()
                .chain(counted.filter(|(_, count)| *count != Some(0)))
                .chain(inventory);
            let contents: Vec<String> = contents.map(|part| labelled(part, language)).collect();
            let contents =
                if contents.is_empty() { NOTHING_NEW.say(language).to_owned() } else { contents.join("; ") };
            let head = REPORT.say(language);
            vec![format!("{head} ({bytes} B): {contents}."), end.say(language).to_owned()]
        }
    };
    format!("{} {}", of_why(entry.why).say(language), parts.join(" "))
}

/// Why something was sent.
#[must_use]
pub const fn of_why(why: Why) -> Text {
    match why {
        Why::Activation => {
            text("The device was activated.", "L’appareil a été activé.", "Het apparaat werd geactiveerd.")
        }
        Why::Renewal => text(
            "The device’s certificate was renewed.",
            "Le certificat de l’appareil a été renouvelé.",
            "Het certificaat van het apparaat werd vernieuwd.",
        ),
        Why::Routine => text(
            "Your organisation asks for regular reports.",
            "Votre organisation demande des rapports réguliers.",
            "Uw organisatie vraagt om regelmatige rapporten.",
        ),
        Why::Asked => text(
            "You, the app or the system asked for it.",
            "Vous, l’application ou le système l’avez demandé.",
            "U, de app of het systeem vroeg erom.",
        ),
        Why::Change => text(
            "A threat appeared, changed or went.",
            "Une menace est apparue, a changé ou a disparu.",
            "Een bedreiging verscheen, veranderde of verdween.",
        ),
        Why::CloudAsked => text(
            "Your organisation asked for more at the last contact.",
            "Votre organisation a demandé un complément lors du dernier contact.",
            "Uw organisatie vroeg bij het laatste contact om meer.",
        ),
        Why::Leaving => text(
            "The device was deactivated.",
            "L’appareil a été désactivé.",
            "Het apparaat werd gedeactiveerd.",
        ),
    }
}

const fn of_registration(credential: Option<CredentialKind>) -> Text {
    match credential {
        Some(CredentialKind::Token) => text(
            "Sent: the device ID and a request for a certificate, with your sign-in.",
            "Envoyé : l’ID de l’appareil et une demande de certificat, avec votre connexion.",
            "Verzonden: de apparaat-id en een certificaataanvraag, met uw aanmelding.",
        ),
        Some(CredentialKind::Code) => text(
            "Sent: the device ID and a request for a certificate, with an activation code.",
            "Envoyé : l’ID de l’appareil et une demande de certificat, avec un code d’activation.",
            "Verzonden: de apparaat-id en een certificaataanvraag, met een activeringscode.",
        ),
        Some(CredentialKind::EnrolmentKey) => text(
            "Sent: the device ID and a request for a certificate, with your organisation’s key.",
            "Envoyé : l’ID de l’appareil et une demande de certificat, avec la clé de votre organisation.",
            "Verzonden: de apparaat-id en een certificaataanvraag, met de sleutel van uw organisatie.",
        ),
        None => text(
            "Sent: the device ID and a request for a certificate, with the present certificate.",
            "Envoyé : l’ID de l’appareil et une demande de certificat, avec le certificat actuel.",
            "Verzonden: de apparaat-id en een certificaataanvraag, met het huidige certificaat.",
        ),
    }
}

type Part = (Text, Option<usize>);

fn of_inventory(sent: &InventorySent) -> Vec<Part> {
    match sent {
        InventorySent::Digest => vec![(APPS_DIGEST, None)],
        InventorySent::Delta { set, removed } => {
            vec![(APPS_CHANGED, Some(*set)), (APPS_REMOVED, Some(*removed))]
        }
        InventorySent::Full { apps } => vec![(APPS_FULL, Some(*apps))],
    }
}

fn labelled((label, count): Part, language: Language) -> String {
    let label = label.say(language);
    count.map_or_else(|| label.to_owned(), |count| format!("{label}: {count}"))
}

const REPORT: Text = text("Sent: a report", "Envoyé : un rapport", "Verzonden: een rapport");
const NOTHING_NEW: Text = text(
    "the state of the device, nothing new",
    "l’état de l’appareil, rien de nouveau",
    "de toestand van het apparaat, niets nieuws",
);
const FACTS: Text = text(
    "what the device is (model, system, patch level)",
    "ce qu’est l’appareil (modèle, système, niveau de correctif)",
    "wat het apparaat is (model, systeem, patchniveau)",
);
const CHANGES: Text = text("changes of threats", "changements de menaces", "wijzigingen van bedreigingen");
const OPEN: Text = text("open threats", "menaces ouvertes", "open bedreigingen");
const FAULTS: Text = text("kinds of fault", "types d’erreur", "soorten fouten");
const APPS_DIGEST: Text = text(
    "a checksum of the apps, no app",
    "une somme de contrôle des applications, aucune application",
    "een controlegetal van de apps, geen app",
);
const APPS_CHANGED: Text =
    text("apps new or changed", "applications nouvelles ou modifiées", "nieuwe of gewijzigde apps");
const APPS_REMOVED: Text = text("apps removed", "applications supprimées", "verwijderde apps");
const APPS_FULL: Text = text("apps", "applications", "aantal apps");
const ACKNOWLEDGED: Text = text(
    "Your organisation’s service confirmed it.",
    "Le service de votre organisation l’a confirmé.",
    "De dienst van uw organisatie heeft het bevestigd.",
);
const UNKNOWN_END: Text = text(
    "It was not confirmed; it may have arrived.",
    "Il n’a pas été confirmé ; il est peut-être arrivé.",
    "Het werd niet bevestigd; mogelijk is het aangekomen.",
);
const CERTIFIED: Text =
    text("A certificate came back.", "Un certificat a été délivré.", "Er kwam een certificaat terug.");
const REFUSED: Text = text("It was refused.", "Elle a été refusée.", "Het werd geweigerd.");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Wall;

    fn report(inventory: Option<InventorySent>, changes: usize, acknowledged: bool) -> Entry {
        let sent = Sent::Report {
            made: Wall(0),
            sequence: 1,
            acknowledged,
            bytes: 434,
            facts: false,
            changes,
            open: None,
            inventory,
            diagnostics: 0,
        };
        Entry { at: Wall(0), why: Why::Change, sent }
    }

    #[test]
    fn a_report_says_what_was_in_it_and_nothing_that_was_not() {
        let entry = report(Some(InventorySent::Delta { set: 3, removed: 1 }), 2, true);
        assert_eq!(
            of_entry(&entry, Language::En),
            "A threat appeared, changed or went. Sent: a report (434 B): changes of threats: 2; apps new or \
             changed: 3; apps removed: 1. Your organisation’s service confirmed it."
        );
        let entry = report(None, 0, false);
        assert_eq!(
            of_entry(&entry, Language::Nl),
            "Een bedreiging verscheen, veranderde of verdween. Verzonden: een rapport (434 B): de toestand van \
             het apparaat, niets nieuws. Het werd niet bevestigd; mogelijk is het aangekomen."
        );
    }

    #[test]
    fn every_reason_credential_and_form_reads_differently_in_every_language() {
        let whys = [
            Why::Activation,
            Why::Renewal,
            Why::Routine,
            Why::Asked,
            Why::Change,
            Why::CloudAsked,
            Why::Leaving,
        ];
        let kinds = [
            None,
            Some(CredentialKind::Token),
            Some(CredentialKind::Code),
            Some(CredentialKind::EnrolmentKey),
        ];
        let forms = [InventorySent::Digest, InventorySent::Full { apps: 7 }];
        let registrations = kinds
            .into_iter()
            .flat_map(|credential| [true, false].map(|accepted| Sent::Registration { credential, accepted }));
        let reports = forms.into_iter().map(|form| report(Some(form), 1, true).sent);
        let mut said = std::collections::BTreeSet::new();
        let mut entries = 0;
        for sent in registrations.chain(reports) {
            for why in whys {
                for language in Language::ALL {
                    entries += 1;
                    let words = of_entry(&Entry { at: Wall(0), why, sent: sent.clone() }, language);
                    assert!(words.ends_with('.'), "{words}");
                    said.insert(words);
                }
            }
        }
        assert_eq!(said.len(), entries);
    }
}
