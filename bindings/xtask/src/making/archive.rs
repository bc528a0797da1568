//! Archives that are the same each time: sorted names, one date, no owners.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::{Fault, folder, write};

/// Names and what they hold.
pub(crate) type Entries = BTreeMap<String, Vec<u8>>;

/// The entries of an archive whose name begins with `inside`, without that part of it.
pub(crate) fn unpack(archive: &Path, inside: &str) -> Result<Entries, Fault> {
    let fault = |error: &dyn std::fmt::Display| Fault::at(archive, error);
    let file = File::open(archive).map_err(|error| fault(&error))?;
    let mut zip = ZipArchive::new(file).map_err(|error| fault(&error))?;
    let mut entries = Entries::new();
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).map_err(|error| fault(&error))?;
        // Refuses a name that leads out of the folder.
        let name = entry.enclosed_name().and_then(|name| name.to_str().map(str::to_owned));
        let Some(name) = name.as_deref().and_then(|name| name.strip_prefix(inside)) else { continue };
        if entry.is_file() {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(|error| fault(&error))?;
            entries.insert(name.to_owned(), bytes);
        }
    }
    Ok(entries)
}

/// The same as files.
pub(crate) fn extract(archive: &Path, inside: &str, to: &Path) -> Result<(), Fault> {
    for (name, bytes) in unpack(archive, inside)? {
        let path = to.join(name);
        folder(path.parent().unwrap_or(to))?;
        write(&path, &bytes)?;
    }
    Ok(())
}

/// An archive of these; those for which `plain` holds are not compressed.
pub(crate) fn pack(entries: &Entries, plain: fn(&str) -> bool) -> Result<Vec<u8>, Fault> {
    let fault = |error: &dyn std::fmt::Display| Fault(format!("an archive cannot be written: {error}"));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let method = if plain(name) { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        // The first date that the form knows.
        let date = DateTime::default();
        let options = SimpleFileOptions::default().compression_method(method).last_modified_time(date);
        zip.start_file(name, options.unix_permissions(0o644)).map_err(|error| fault(&error))?;
        zip.write_all(bytes).map_err(|error| fault(&error))?;
    }
    zip.finish().map(Cursor::into_inner).map_err(|error| fault(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_read_back_and_does_not_tell_when_it_was_made() {
        let entries: Entries = [("b/x".to_owned(), vec![7; 9000]), ("a".to_owned(), b"text".to_vec())].into();
        let packed = pack(&entries, |name| name == "a").unwrap();
        assert!(packed.len() < 1000, "what is not plain is compressed");
        let mut zip = ZipArchive::new(Cursor::new(&packed)).unwrap();
        let first = zip.by_index(0).unwrap();
        assert_eq!(first.name().unwrap(), "a", "sorted");
        assert_eq!(first.last_modified(), Some(DateTime::default()));
        drop(first);
        let path = std::env::temp_dir().join(format!("mtd-xtask-archive-{}", std::process::id()));
        std::fs::write(&path, &packed).unwrap();
        let read = unpack(&path, "b/");
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read.unwrap(), Entries::from([("x".to_owned(), vec![7; 9000])]));
    }
}
