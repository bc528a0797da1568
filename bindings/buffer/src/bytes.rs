//! Reads and writes numbers and texts one after another, big-endian, never beyond the end.

use agent_logic::model::{MAX_APP_TEXT, has_control};

/// Stands in the place of a text's length where there is no text.
const ABSENT: u16 = u16::MAX;

/// The bytes are not what the layout says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// What is left to read.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Before the first of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// How many bytes are left.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.0.len()
    }

    /// Nothing may follow.
    ///
    /// # Errors
    /// [`Malformed`] if something does.
    pub const fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// [`Malformed`] if there are fewer.
    pub fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], Malformed> {
        let (head, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(head)
    }

    /// One byte.
    ///
    /// # Errors
    /// [`Malformed`] at the end.
    pub fn u8(&mut self) -> Result<u8, Malformed> {
        self.array().map(|&[byte]| byte)
    }

    /// Two bytes.
    ///
    /// # Errors
    /// [`Malformed`] if there are fewer.
    pub fn u16(&mut self) -> Result<u16, Malformed> {
        self.array().map(|bytes| u16::from_be_bytes(*bytes))
    }

    /// Eight bytes.
    ///
    /// # Errors
    /// [`Malformed`] if there are fewer.
    pub fn u64(&mut self) -> Result<u64, Malformed> {
        self.array().map(|bytes| u64::from_be_bytes(*bytes))
    }

    /// A count of bytes, then UTF-8; absent if the count is 65,535.
    ///
    /// # Errors
    /// [`Malformed`] if there are fewer bytes, or other than UTF-8.
    pub fn text(&mut self) -> Result<Option<&'a str>, Malformed> {
        let length = self.u16()?;
        if length == ABSENT {
            return Ok(None);
        }
        let (text, rest) = self.0.split_at_checked(usize::from(length)).ok_or(Malformed)?;
        self.0 = rest;
        std::str::from_utf8(text).map(Some).map_err(|_| Malformed)
    }

    /// As [`Self::text`], without control characters and what is beyond 255 bytes.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn kept(&mut self) -> Result<Option<String>, Malformed> {
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
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// One byte.
    pub fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    /// Two bytes.
    pub fn u16(&mut self, value: u16) {
        self.0.extend(value.to_be_bytes());
    }

    /// Eight bytes.
    pub fn u64(&mut self, value: u64) {
        self.0.extend(value.to_be_bytes());
    }

    /// A text, cut where its length does not fit.
    pub fn text(&mut self, text: Option<&str>) {
        let Some(text) = text else { return self.u16(ABSENT) };
        let most = usize::from(ABSENT).saturating_sub(1);
        let text = text.get(..text.floor_char_boundary(most)).unwrap_or_default();
        self.u16(u16::try_from(text.len()).unwrap_or_default());
        self.0.extend(text.as_bytes());
    }

    /// The bytes.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
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
