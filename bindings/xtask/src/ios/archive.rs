//! Members of a static library, in the form of BSD's `ar`.

use std::path::Path;

use crate::making::Fault;

const MAGIC: &[u8] = b"!<arch>\n";
const HEAD: usize = 60;

/// Name and bytes of each object.
pub(super) type Members = Vec<(String, Vec<u8>)>;

/// The objects of the library in this file, its tables left out.
pub(super) fn members(library: &Path) -> Result<Members, Fault> {
    let bytes = std::fs::read(library).map_err(|error| Fault::at(library, &error))?;
    read(&bytes).ok_or_else(|| Fault(format!("{} is no static library of BSD's form", library.display())))
}

fn read(bytes: &[u8]) -> Option<Members> {
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let mut members = Members::new();
    while !rest.is_empty() {
        let (head, after) = rest.split_at_checked(HEAD)?;
        let text = |from: usize, to: usize| Some(std::str::from_utf8(head.get(from..to)?).ok()?.trim_end());
        let size: usize = text(48, 58)?.parse().ok()?;
        let (body, after) = after.split_at_checked(size)?;
        // A name that is long or has a space stands before the bytes.
        let (name, body) = match text(0, 16)?.strip_prefix("#1/") {
            None => (text(0, 16)?.to_owned(), body),
            Some(length) => {
                let (name, body) = body.split_at_checked(length.parse().ok()?)?;
                (String::from_utf8(name.to_vec()).ok()?.trim_end_matches('\0').to_owned(), body)
            }
        };
        if !name.starts_with("__.SYMDEF") {
            members.push((name, body.to_vec()));
        }
        // Members begin at even places.
        rest = after.get(size % 2..).unwrap_or_default();
    }
    Some(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_read_and_tables_left_out() {
        let member = |name: &str, body: &[u8]| {
            let head = format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 644, body.len());
            let pad: &[u8] = if body.len() % 2 == 1 { b"\n" } else { b"" };
            [head.as_bytes(), body, pad].concat()
        };
        let table = member("#1/12", b"__.SYMDEF\0\0\0tab");
        let library = [MAGIC, &table, &member("#1/8", b"long.o\0\0abc"), &member("short.o", b"xy")].concat();
        let wanted = [("long.o".to_owned(), b"abc".to_vec()), ("short.o".to_owned(), b"xy".to_vec())];
        assert_eq!(read(&library), Some(wanted.to_vec()));
        assert_eq!(read(library.get(..library.len() - 1).unwrap()), None, "cut short");
        assert_eq!(read(b"ELF"), None);
    }
}
