//! What the phone's owner reads, in the languages of the product's documents. A sentence cannot lack a
//! language: all three are fields.

mod health;
mod ledger;
mod need;
mod remedy;

pub use health::of_health;
pub use ledger::{of_entry, of_why};
pub use need::{of_need, of_notice};
pub use remedy::{of_unknown_threat, remedy};

/// A language the owner may read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
    /// Dutch.
    Nl,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 3] = [Self::En, Self::Fr, Self::Nl];

    /// The language of a tag such as `fr-BE` or `nl_NL`; English for every other.
    #[must_use]
    pub fn of_tag(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("fr") {
            Self::Fr
        } else if primary.eq_ignore_ascii_case("nl") {
            Self::Nl
        } else {
            Self::En
        }
    }
}

/// One sentence or two in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: &'static str,
    /// French.
    pub fr: &'static str,
    /// Dutch.
    pub nl: &'static str,
}

impl Text {
    /// The words in `language`.
    #[must_use]
    pub const fn say(&self, language: Language) -> &'static str {
        match language {
            Language::En => self.en,
            Language::Fr => self.fr,
            Language::Nl => self.nl,
        }
    }
}

const fn text(en: &'static str, fr: &'static str, nl: &'static str) -> Text {
    Text { en, fr, nl }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::{ConfigurationFault, Need, Notice};
    use crate::code;
    use crate::model::{Classification, HealthState};

    fn every() -> Vec<Text> {
        let needs = [
            Need::Configuration(None),
            Need::Configuration(Some(ConfigurationFault::Incomplete)),
            Need::Configuration(Some(ConfigurationFault::GatewayMalformed)),
            Need::Configuration(Some(ConfigurationFault::GatewayNotAllowed)),
            Need::Configuration(Some(ConfigurationFault::GatewayChanged)),
            Need::Consent,
            Need::Credential(None),
            Need::Credential(Some(code::CREDENTIAL_BURNT)),
            Need::Unlock,
            Need::Storage(code::STORAGE_FULL),
            Need::Administrator(code::REVOKED),
        ];
        let remedies = Classification::ALL.iter().map(|classification| remedy(*classification));
        let states = HealthState::ALL.iter().map(|state| of_health(*state));
        remedies
            .chain(states)
            .chain(needs.into_iter().map(of_need))
            .chain([of_notice(Notice::UnenrolmentPrevented), of_unknown_threat()])
            .collect()
    }

    #[test]
    fn every_sentence_is_there_in_three_languages() {
        for text in every() {
            for language in Language::ALL {
                let words = text.say(language);
                assert!(words.len() > 10 && words.ends_with('.') && words.trim() == words, "{text:?}");
            }
            assert!(text.en != text.fr && text.fr != text.nl && text.en != text.nl, "{text:?}");
        }
    }

    #[test]
    fn a_language_is_chosen_by_its_tag() {
        assert_eq!(Language::of_tag("fr-CA"), Language::Fr);
        assert_eq!(Language::of_tag("NL_be"), Language::Nl);
        assert_eq!(Language::of_tag("fry"), Language::En);
        assert_eq!(Language::of_tag(""), Language::En);
    }
}
