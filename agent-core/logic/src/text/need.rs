//! What the agent needs before it can go on, and what it tells the owner once.

use super::{Text, text};
use crate::agent::{ConfigurationFault, Need, Notice};

/// What to bring.
#[must_use]
pub const fn of_need(need: Need) -> Text {
    match need {
        Need::Configuration(fault) => of_configuration(fault),
        Need::Consent => text(
            "Agree to the protection of this device. Nothing is sent before you do.",
            "Acceptez la protection de cet appareil. Rien n’est envoyé avant votre accord.",
            "Ga akkoord met de beveiliging van dit apparaat. Eerder wordt er niets verzonden.",
        ),
        Need::Credential(None) => text(
            "Sign in, or enter an activation code from your administrator.",
            "Connectez-vous, ou saisissez un code d’activation de votre administrateur.",
            "Meld u aan, of voer een activeringscode van uw beheerder in.",
        ),
        Need::Credential(Some(_)) => text(
            "The last activation was not accepted. Sign in, or ask your administrator for a new activation code.",
            "La dernière activation n’a pas été acceptée. Connectez-vous, ou demandez un nouveau code d’activation à votre administrateur.",
            "De laatste activering is niet geaccepteerd. Meld u aan, of vraag uw beheerder om een nieuwe activeringscode.",
        ),
        Need::Unlock => text(
            "Unlock the device once.",
            "Déverrouillez l’appareil une fois.",
            "Ontgrendel het apparaat eenmaal.",
        ),
        Need::Storage(_) => text(
            "Free some space on this device. Nothing is sent before it can be saved.",
            "Libérez de l’espace sur cet appareil. Rien n’est envoyé avant d’avoir pu être enregistré.",
            "Maak ruimte vrij op dit apparaat. Er wordt niets verzonden voordat het kan worden opgeslagen.",
        ),
        Need::Administrator(_) => text(
            "Contact your administrator, or update the app.",
            "Contactez votre administrateur, ou mettez l’application à jour.",
            "Neem contact op met uw beheerder, of werk de app bij.",
        ),
    }
}

/// What happened.
#[must_use]
pub const fn of_notice(notice: Notice) -> Text {
    match notice {
        Notice::UnenrolmentPrevented => text(
            "Your organisation does not allow you to remove this device yourself: contact your administrator.",
            "Votre organisation ne vous permet pas de retirer cet appareil vous-même : contactez votre administrateur.",
            "Uw organisatie staat niet toe dat u dit apparaat zelf verwijdert: neem contact op met uw beheerder.",
        ),
    }
}

const fn of_configuration(fault: Option<ConfigurationFault>) -> Text {
    match fault {
        None => text(
            "Sign in, or wait until your organisation has configured this app.",
            "Connectez-vous, ou attendez que votre organisation ait configuré cette application.",
            "Meld u aan, of wacht tot uw organisatie deze app heeft geconfigureerd.",
        ),
        Some(ConfigurationFault::Incomplete) => text(
            "The configuration of this app lacks the gateway, the device ID or the tenant: sign in, or contact your administrator.",
            "Il manque la passerelle, l’ID d’appareil ou le locataire dans la configuration : connectez-vous, ou contactez votre administrateur.",
            "In de configuratie ontbreekt de gateway, de apparaat-id of de tenant: meld u aan, of neem contact op met uw beheerder.",
        ),
        Some(ConfigurationFault::GatewayMalformed) => text(
            "The address of the gateway cannot be read: contact your administrator.",
            "L’adresse de la passerelle est illisible : contactez votre administrateur.",
            "Het adres van de gateway is onleesbaar: neem contact op met uw beheerder.",
        ),
        Some(ConfigurationFault::GatewayNotAllowed) => text(
            "This app does not trust the configured gateway: contact your administrator.",
            "Cette application ne fait pas confiance à la passerelle configurée : contactez votre administrateur.",
            "Deze app vertrouwt de geconfigureerde gateway niet: neem contact op met uw beheerder.",
        ),
        Some(ConfigurationFault::GatewayChanged) => text(
            "The configured gateway differs from the one this device is registered with: contact your administrator.",
            "La passerelle configurée diffère de celle où cet appareil est enregistré : contactez votre administrateur.",
            "De geconfigureerde gateway is niet die waarbij dit apparaat is geregistreerd: neem contact op met uw beheerder.",
        ),
    }
}
