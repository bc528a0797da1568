//! Reads and writes numbers and texts one after another, big-endian, never beyond the end.

use agent_logic::model::{MAX_APP_TEXT, has_control};

/// Stands in the place of a text's length where there is no text.
const ABSENT: u16 = u16::MAX;

/// The bytes are not what the layout says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// What is left to read.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn left(&self) -> usize {
        self.0.len()
    }

    /// Nothing may follow.
    pub(crate) const fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], Malformed> {
        let (head, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(head)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Malformed> {
        self.array().map(|&[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Malformed> {
        self.array().map(|bytes| u16::from_be_bytes(*bytes))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        self.array().map(|bytes| u64::from_be_bytes(*bytes))
    }

    /// A count of bytes, then UTF-8; absent if the count is [`ABSENT`].
    pub(crate) fn text(&mut self) -> Result<Option<&'a str>, Malformed> {
        let length = self.u16()?;
        if length == ABSENT {
            return Ok(None);
        }
        let (text, rest) = self.0.split_at_checked(usize::from(length)).ok_or(Malformed)?;
        self.0 = rest;
        std::str::from_utf8(text).map(Some).map_err(|_| Malformed)
    }

    /// As [`Self::text`], as it may be kept.
    pub(crate) fn kept(&mut self) -> Result<Option<String>, Malformed> {
        self.text().map(|text| text.map(keep))
    }
}

/// Without control characters and what is beyond the bound: an app chooses its own name.
fn keep(text: &str) -> String {
    if text.len() <= MAX_APP_TEXT && !has_control(text) {
        return text.to_owned();
    }
    let mut kept = String::new();
    for character in text.chars().filter(|character| !character.is_control()) {
        if kept.len().saturating_add(character.len_utf8()) > MAX_APP_TEXT {
            break;
        }
        kept.push(character);
    }
    kept
}

/// What was written.
#[cfg(any(test, feature = "jni"))]
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

#[cfg(any(test, feature = "jni"))]
impl Writer {
    pub(crate) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.0.extend(value.to_be_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.0.extend(value.to_be_bytes());
    }

    /// A text, cut where its length does not fit.
    pub(crate) fn text(&mut self, text: Option<&str>) {
        let Some(text) = text else { return self.u16(ABSENT) };
        let most = usize::from(ABSENT).saturating_sub(1);
        let text = text.get(..text.floor_char_boundary(most)).unwrap_or_default();
        self.u16(u16::try_from(text.len()).unwrap_or_default());
        self.0.extend(text.as_bytes());
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let mut writer = Writer::default();
        writer.u8(7);
        writer.u16(700);
        writer.u64(u64::MAX);
        writer.text(Some("é"));
        writer.text(None);
        writer.text(Some(&"ü".repeat(40_000)));
        let bytes = writer.finish();
        let mut reader = Reader::new(&bytes);
        assert_eq!((reader.u8(), reader.u16(), reader.u64()), (Ok(7), Ok(700), Ok(u64::MAX)));
        assert_eq!((reader.text(), reader.text()), (Ok(Some("é")), Ok(None)));
        assert_eq!(reader.text().unwrap().unwrap().len(), 65_534);
        assert_eq!((reader.end(), reader.u8()), (Ok(()), Err(Malformed)));
    }

    #[test]
    fn a_name_is_kept_within_its_bound_and_without_control_characters() {
        assert_eq!(keep("a\u{7}b\u{202e}é"), "ab\u{202e}é");
        assert_eq!(keep(&"ü".repeat(200)).len(), 254);
        assert_eq!(keep("x\u{7f}"), "x");
    }
}
