//! What must not be said, and whether a text says it.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD};

/// Names and values, lower case.
pub(crate) struct Markers(Vec<(&'static str, String)>);

impl Markers {
    pub(crate) fn new(values: &[(&'static str, &str)]) -> Self {
        let mut markers = Vec::new();
        for (name, value) in values {
            assert!(value.len() > 6, "{name} would be found by chance");
            let value = value.to_lowercase();
            // Identifiers are written with and without dashes.
            markers.push((*name, value.replace('-', "")));
            markers.push((*name, value));
        }
        Self(markers)
    }

    /// The first marker that stands in `text`, as it is or in base64.
    pub(crate) fn found_in(&self, text: &str) -> Option<&'static str> {
        let told = |text: &str| {
            let text = text.to_lowercase();
            self.0.iter().find(|(_, value)| text.contains(value.as_str())).map(|(name, _)| *name)
        };
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/-_=".contains(c)));
        let decoded = words.filter(|word| word.len() > 12).flat_map(|word| {
            let bytes = word.as_bytes();
            [BASE64.decode(bytes), BASE64_NOPAD.decode(bytes), BASE64URL_NOPAD.decode(bytes)]
        });
        told(text).or_else(|| decoded.flatten().find_map(|bytes| told(&String::from_utf8_lossy(&bytes))))
    }

    pub(crate) fn assert_absent<'a>(&self, where_: &str, lines: impl IntoIterator<Item = &'a str>) {
        for line in lines {
            assert_eq!(self.found_in(line), None, "{where_}: {line}");
        }
    }
}
