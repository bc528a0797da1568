//! What the phone's owner can do about a threat.

use super::{Text, text};
use crate::model::Classification;

/// What to do about a threat.
#[must_use]
pub const fn remedy(classification: Classification) -> Text {
    match classification {
        Classification::RootJailbreak => text(
            "Contact your administrator: the protections of this device have been removed.",
            "Contactez votre administrateur : les protections de cet appareil ont été supprimées.",
            "Neem contact op met uw beheerder: de beveiliging van dit apparaat is verwijderd.",
        ),
        Classification::OutOfDateOs => text(
            "Install the pending system update.",
            "Installez la mise à jour du système en attente.",
            "Installeer de beschikbare systeemupdate.",
        ),
        Classification::OutOfDatePatch => text(
            "Install the pending security update.",
            "Installez la mise à jour de sécurité en attente.",
            "Installeer de beschikbare beveiligingsupdate.",
        ),
        Classification::NoDeviceLock => text(
            "Set a screen lock.",
            "Configurez un verrouillage de l’écran.",
            "Stel een schermvergrendeling in.",
        ),
        Classification::Unencrypted => text(
            "Turn on storage encryption.",
            "Activez le chiffrement du stockage.",
            "Schakel de versleuteling van de opslag in.",
        ),
        Classification::DeveloperMode => text(
            "Turn off developer options.",
            "Désactivez les options pour les développeurs.",
            "Schakel de ontwikkelaarsopties uit.",
        ),
        Classification::UsbDebugging => {
            text("Turn off USB debugging.", "Désactivez le débogage USB.", "Schakel USB-foutopsporing uit.")
        }
        Classification::UnknownSources => text(
            "Allow apps from the store only.",
            "N’autorisez que les applications du magasin.",
            "Sta alleen apps uit de winkel toe.",
        ),
        Classification::AccessControlViolation => text(
            "Contact your administrator: a debugger or hook is attached.",
            "Contactez votre administrateur : un débogueur ou un crochet est attaché.",
            "Neem contact op met uw beheerder: er is een debugger of hook gekoppeld.",
        ),
        Classification::ActiveMitm => text(
            "Leave this Wi-Fi network: somebody intercepts your connections.",
            "Quittez ce réseau Wi-Fi : quelqu’un intercepte vos connexions.",
            "Verlaat dit wifi-netwerk: iemand onderschept uw verbindingen.",
        ),
        Classification::RogueWifi => text(
            "Leave this Wi-Fi network: it is not what it says.",
            "Quittez ce réseau Wi-Fi : il n’est pas celui qu’il prétend être.",
            "Verlaat dit wifi-netwerk: het is niet wat het zegt te zijn.",
        ),
        Classification::Surveillanceware => text(
            "Remove the app: it records what you do and say.",
            "Supprimez l’application : elle enregistre ce que vous faites et dites.",
            "Verwijder de app: die legt vast wat u doet en zegt.",
        ),
        Classification::Spyware => text(
            "Remove the app: it spies on you.",
            "Supprimez l’application : elle vous espionne.",
            "Verwijder de app: die bespioneert u.",
        ),
        Classification::Trojan => text(
            "Remove the app: it is malicious.",
            "Supprimez l’application : elle est malveillante.",
            "Verwijder de app: die is kwaadaardig.",
        ),
        Classification::RootEnabler => text(
            "Remove the app: it breaks the device's protections.",
            "Supprimez l’application : elle contourne les protections de l’appareil.",
            "Verwijder de app: die doorbreekt de beveiliging van het apparaat.",
        ),
        Classification::Riskware => text(
            "Remove the app: it puts your data at risk.",
            "Supprimez l’application : elle met vos données en danger.",
            "Verwijder de app: die brengt uw gegevens in gevaar.",
        ),
        Classification::Adware => text(
            "Remove the app: it shows unwanted advertising.",
            "Supprimez l’application : elle affiche de la publicité indésirable.",
            "Verwijder de app: die toont ongewenste reclame.",
        ),
        Classification::SideloadedApp => text(
            "Remove the app or install it from the store.",
            "Supprimez l’application ou installez-la depuis le magasin.",
            "Verwijder de app of installeer hem uit de winkel.",
        ),
        Classification::DenylistedApp => text(
            "Remove the app: your organisation does not allow it.",
            "Supprimez l’application : votre organisation ne l’autorise pas.",
            "Verwijder de app: uw organisatie staat die niet toe.",
        ),
        Classification::Phishing => text(
            "Close the page and change the password you entered.",
            "Fermez la page et changez le mot de passe que vous avez saisi.",
            "Sluit de pagina en wijzig het wachtwoord dat u hebt ingevoerd.",
        ),
        Classification::MaliciousContent => text(
            "Close the page: it is malicious.",
            "Fermez la page : elle est malveillante.",
            "Sluit de pagina: die is kwaadaardig.",
        ),
    }
}

/// What to do about a threat that the cloud names and this version does not know.
#[must_use]
pub const fn of_unknown_threat() -> Text {
    text(
        "Contact your administrator, or update the app to read more about this threat.",
        "Contactez votre administrateur, ou mettez l’application à jour pour en savoir plus sur cette menace.",
        "Neem contact op met uw beheerder, of werk de app bij om meer over deze dreiging te lezen.",
    )
}
