//! What a state of health means to the phone's owner, and what to do where it blocks.

use super::{Text, text};
use crate::model::HealthState;

/// What a state of health means, and what ends it.
#[must_use]
pub const fn of_health(state: HealthState) -> Text {
    match state {
        HealthState::Unknown => text(
            "This device is not activated yet: finish the activation in the app.",
            "Cet appareil n’est pas encore activé : terminez l’activation dans l’application.",
            "Dit apparaat is nog niet geactiveerd: rond de activering in de app af.",
        ),
        HealthState::Activated => text(
            "This device is activated and has not been rated yet: check in now.",
            "Cet appareil est activé mais pas encore évalué : lancez une synchronisation.",
            "Dit apparaat is geactiveerd maar nog niet beoordeeld: synchroniseer nu.",
        ),
        HealthState::Deactivated => text(
            "This device was deactivated: activate it again in the app.",
            "Cet appareil a été désactivé : réactivez-le dans l’application.",
            "Dit apparaat is gedeactiveerd: activeer het opnieuw in de app.",
        ),
        HealthState::Secured => text(
            "No threat is open on this device.",
            "Aucune menace n’est ouverte sur cet appareil.",
            "Op dit apparaat staat geen dreiging open.",
        ),
        HealthState::LowSeverity => text(
            "A threat of low severity is open on this device.",
            "Une menace de gravité faible est ouverte sur cet appareil.",
            "Op dit apparaat staat een lichte dreiging open.",
        ),
        HealthState::MediumSeverity => text(
            "A threat of medium severity is open on this device.",
            "Une menace de gravité moyenne est ouverte sur cet appareil.",
            "Op dit apparaat staat een matige dreiging open.",
        ),
        HealthState::HighSeverity => text(
            "A threat of high severity is open on this device.",
            "Une menace de gravité élevée est ouverte sur cet appareil.",
            "Op dit apparaat staat een ernstige dreiging open.",
        ),
        HealthState::Unresponsive => text(
            "This device has been out of contact for too long: connect it and check in.",
            "Cet appareil est sans contact depuis trop longtemps : connectez-le et synchronisez.",
            "Dit apparaat heeft te lang geen contact gehad: maak verbinding en synchroniseer.",
        ),
        HealthState::Compromised => text(
            "A threat is open that you cannot end yourself: contact your administrator.",
            "Une menace que vous ne pouvez pas supprimer vous-même est ouverte : contactez votre administrateur.",
            "Er staat een dreiging open die u niet zelf kunt verhelpen: neem contact op met uw beheerder.",
        ),
        HealthState::Misconfigured => text(
            "The configuration of this app is missing or not valid: contact your administrator.",
            "La configuration de cette application est absente ou non valide : contactez votre administrateur.",
            "De configuratie van deze app ontbreekt of is ongeldig: neem contact op met uw beheerder.",
        ),
    }
}
