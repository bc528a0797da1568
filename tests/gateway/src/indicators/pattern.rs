//! The subset of STIX patterns that can be looked for: single values, any of which is enough.
//!
//! ```text
//! pattern     = observation *("OR" observation)
//! observation = "[" comparison *("OR" comparison) "]"
//! comparison  = path "=" text | path "IN" "(" text *("," text) ")"
//! ```

use std::fmt;

use agent_logic::wire::IndicatorKind;

/// Longest pattern, in bytes.
pub(super) const MAX_PATTERN: usize = 16 * 1024;

/// Most values in one pattern.
pub(super) const MAX_VALUES: usize = 256;

/// Why a pattern is outside the subset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternFault {
    /// Longer than 16 KiB, or with more than 256 values.
    TooLong,
    /// It wants several things at once, one after another, or what is not there.
    Combination,
    /// It compares otherwise than by `=` or `IN`.
    Comparison,
    /// It looks at what a phone does not show.
    Path,
    /// It does not follow the grammar.
    Grammar,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Mark(char),
    /// A path, an operator or a keyword.
    Word(String),
    Text(String),
}

/// The kinds and values of a pattern, any of which is enough.
pub(super) fn read(pattern: &str) -> Result<Vec<(IndicatorKind, String)>, PatternFault> {
    if pattern.len() > MAX_PATTERN {
        return Err(PatternFault::TooLong);
    }
    let mut reader = Reader { tokens: tokens(pattern)?.into_iter().peekable(), out: Vec::new() };
    reader.choice(&Reader::observation)?;
    match reader.tokens.next() {
        None => Ok(reader.out),
        Some(token) => Err(misplaced(&token)),
    }
}

struct Reader {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    out: Vec<(IndicatorKind, String)>,
}

impl Reader {
    /// One or more of `part`, with `OR` between.
    fn choice(&mut self, part: &dyn Fn(&mut Self) -> Result<(), PatternFault>) -> Result<(), PatternFault> {
        part(self)?;
        while self.tokens.next_if_eq(&Token::Word("OR".into())).is_some() {
            part(self)?;
        }
        Ok(())
    }

    fn observation(&mut self) -> Result<(), PatternFault> {
        self.mark('[')?;
        self.choice(&Self::comparison)?;
        self.mark(']')
    }

    fn comparison(&mut self) -> Result<(), PatternFault> {
        let path = match self.tokens.next() {
            Some(Token::Word(path)) if path.contains(':') => path,
            Some(token) => return Err(misplaced(&token)),
            None => return Err(PatternFault::Grammar),
        };
        let kind = kind(&path).ok_or(PatternFault::Path)?;
        match self.tokens.next() {
            Some(Token::Word(word)) if word == "=" => self.text(kind),
            Some(Token::Word(word)) if word == "IN" => {
                self.mark('(')?;
                self.text(kind)?;
                while self.tokens.next_if_eq(&Token::Mark(',')).is_some() {
                    self.text(kind)?;
                }
                self.mark(')')
            }
            Some(Token::Word(word)) if word == "NOT" => Err(PatternFault::Combination),
            Some(Token::Word(_)) => Err(PatternFault::Comparison),
            Some(Token::Mark(_) | Token::Text(_)) | None => Err(PatternFault::Grammar),
        }
    }

    fn text(&mut self, kind: IndicatorKind) -> Result<(), PatternFault> {
        match self.tokens.next() {
            Some(Token::Text(text)) if self.out.len() < MAX_VALUES => {
                self.out.push((kind, text));
                Ok(())
            }
            Some(Token::Text(_)) => Err(PatternFault::TooLong),
            Some(Token::Word(_) | Token::Mark(_)) | None => Err(PatternFault::Grammar),
        }
    }

    fn mark(&mut self, wanted: char) -> Result<(), PatternFault> {
        match self.tokens.next() {
            Some(Token::Mark(mark)) if mark == wanted => Ok(()),
            Some(token) => Err(misplaced(&token)),
            None => Err(PatternFault::Grammar),
        }
    }
}

/// What a token that is none of the subset's says of the pattern.
fn misplaced(token: &Token) -> PatternFault {
    match token {
        Token::Word(word)
            if ["AND", "NOT", "FOLLOWEDBY", "WITHIN", "REPEATS", "START", "EXISTS"]
                .contains(&word.as_str()) =>
        {
            PatternFault::Combination
        }
        // Parentheses order what AND and FOLLOWEDBY join; without those nobody needs them.
        Token::Mark('(') => PatternFault::Combination,
        Token::Word(_) | Token::Mark(_) | Token::Text(_) => PatternFault::Grammar,
    }
}

/// What a path looks at. `app:` and the digests without quotes are not in the standard; tools that look for
/// stalkerware write them so.
fn kind(path: &str) -> Option<IndicatorKind> {
    Some(match path {
        "domain-name:value" => IndicatorKind::Domain,
        "file:hashes.'SHA-256'" | "file:hashes.sha256" => IndicatorKind::FileSha256,
        "app:id" => IndicatorKind::Package,
        "app:cert.sha1" | "x509-certificate:hashes.'SHA-1'" => IndicatorKind::SignerSha1,
        "app:cert.sha256" | "x509-certificate:hashes.'SHA-256'" => IndicatorKind::SignerSha256,
        _ => return None,
    })
}

fn tokens(pattern: &str) -> Result<Vec<Token>, PatternFault> {
    let (mut out, mut letters) = (Vec::new(), pattern.chars().peekable());
    while let Some(first) = letters.next() {
        match first {
            ' ' | '\t' | '\r' | '\n' => {}
            '[' | ']' | '(' | ')' | ',' => out.push(Token::Mark(first)),
            '\'' => out.push(Token::Text(quoted(&mut letters)?)),
            '=' | '!' | '<' | '>' => {
                let mut word = String::from(first);
                while let Some(letter) = letters.next_if(|letter| "=!<>".contains(*letter)) {
                    word.push(letter);
                }
                out.push(Token::Word(word));
            }
            first => {
                let mut word = String::from(first);
                while let Some(letter) = letters.next_if(|letter| !" \t\r\n[](),=!<>".contains(*letter)) {
                    word.push(letter);
                    if letter == '\'' {
                        word.push_str(&quoted(&mut letters)?);
                        word.push('\'');
                    }
                }
                out.push(Token::Word(word));
            }
        }
    }
    Ok(out)
}

/// The rest of a text in quotes: a backslash stands before a quote or a backslash in it, and nowhere else.
fn quoted(letters: &mut impl Iterator<Item = char>) -> Result<String, PatternFault> {
    let mut out = String::new();
    loop {
        match letters.next() {
            Some('\'') => return Ok(out),
            Some('\\') => match letters.next() {
                Some(letter @ ('\'' | '\\')) => out.push(letter),
                Some(_) | None => return Err(PatternFault::Grammar),
            },
            Some(letter) => out.push(letter),
            None => return Err(PatternFault::Grammar),
        }
    }
}

impl fmt::Display for PatternFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "its pattern is longer than 16 KiB, or has more than 256 values.",
            Self::Combination => "its pattern wants several things at once; one value must be enough.",
            Self::Comparison => "its pattern compares otherwise than by = or IN.",
            Self::Path => "its pattern looks at what no phone shows.",
            Self::Grammar => "its pattern does not follow the grammar.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str) -> (IndicatorKind, String) {
        (IndicatorKind::Package, name.into())
    }

    #[test]
    fn single_values_are_read_however_they_are_joined_by_or() {
        let two = Ok(vec![package("a"), package("b")]);
        for pattern in
            ["[app:id = 'a' OR app:id = 'b']", "[app:id='a']OR[app:id='b']", "[ app:id\tIN\n( 'a' ,'b') ]"]
        {
            assert_eq!(read(pattern), two, "{pattern}");
        }
        assert_eq!(read(r"[app:id = 'a\'b\\c']"), Ok(vec![package(r"a'b\c")]));
        for (path, kind) in [
            ("domain-name:value", IndicatorKind::Domain),
            ("file:hashes.'SHA-256'", IndicatorKind::FileSha256),
            ("file:hashes.sha256", IndicatorKind::FileSha256),
            ("app:cert.sha1", IndicatorKind::SignerSha1),
            ("x509-certificate:hashes.'SHA-256'", IndicatorKind::SignerSha256),
        ] {
            assert_eq!(read(&format!("[{path} = 'x']")), Ok(vec![(kind, "x".into())]), "{path}");
        }
    }

    #[test]
    fn what_is_outside_the_subset_is_refused_by_its_reason() {
        for (pattern, fault) in [
            ("[app:id = 'a' AND app:id = 'b']", PatternFault::Combination),
            ("[app:id = 'a'] FOLLOWEDBY [app:id = 'b']", PatternFault::Combination),
            ("[app:id = 'a'] WITHIN 5 SECONDS", PatternFault::Combination),
            ("[app:id NOT = 'a']", PatternFault::Combination),
            ("([app:id = 'a'])", PatternFault::Combination),
            ("[app:id LIKE 'a%']", PatternFault::Comparison),
            ("[app:id != 'a']", PatternFault::Comparison),
            ("[app:id == 'a']", PatternFault::Comparison),
            ("[ipv4-addr:value = '1.2.3.4']", PatternFault::Path),
            ("[file:hashes.'SHA-1' = 'a']", PatternFault::Path),
            ("[App:ID = 'a']", PatternFault::Path),
            ("", PatternFault::Grammar),
            ("[app:id = 'a'", PatternFault::Grammar),
            ("[app:id = a]", PatternFault::Grammar),
            ("[app:id = 'a", PatternFault::Grammar),
            (r"[app:id = 'a\n']", PatternFault::Grammar),
            ("[app:id IN ()]", PatternFault::Grammar),
            ("[app:id = 'a'] [app:id = 'b']", PatternFault::Grammar),
            ("[app:id = 'a']]", PatternFault::Grammar),
        ] {
            assert_eq!(read(pattern), Err(fault), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_is_bounded() {
        let of = |count: usize| format!("[app:id IN ({})]", vec!["'a'"; count].join(","));
        assert_eq!(read(&of(MAX_VALUES)).unwrap().len(), MAX_VALUES);
        assert_eq!(read(&of(MAX_VALUES + 1)), Err(PatternFault::TooLong));
        assert_eq!(read(&" ".repeat(MAX_PATTERN + 1)), Err(PatternFault::TooLong));
    }
}
