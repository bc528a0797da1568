//! What a loader reads of a library.

use std::collections::{BTreeMap, BTreeSet};

use object::read::Error;
use object::read::elf::{Dyn, ElfFile, FileHeader, ProgramHeader, Sym};
use object::{Endianness, elf};

use super::abi::Abi;

/// One shared library.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Library {
    /// What it wants of others.
    pub(super) imports: BTreeMap<String, Import>,
    /// What others may call.
    pub(super) exports: BTreeSet<String>,
    /// Libraries it names.
    pub(super) needs: BTreeSet<String>,
    /// The smallest alignment of a loaded segment, in bytes.
    pub(super) page: u64,
    /// A hash table that Android before 6.0 reads.
    pub(super) old_hash: bool,
    /// Compact relocations, which Android before 6.0 does not read.
    pub(super) packed_relocations: bool,
    /// Code that is written to while it is loaded: refused since 6.0.
    pub(super) text_relocations: bool,
    /// A segment of thread-local storage: the loader knows it since 10.
    pub(super) thread_local_segment: bool,
}

/// A weak import that is not there is null and stops no loading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Import {
    Strong,
    Weak,
}

impl Library {
    pub(super) fn read(abi: Abi, bytes: &[u8]) -> Result<Self, Error> {
        match abi {
            Abi::Armv7 | Abi::X86 => read::<elf::FileHeader32<Endianness>>(bytes),
            Abi::Arm64 | Abi::X8664 => read::<elf::FileHeader64<Endianness>>(bytes),
        }
    }
}

fn read<E: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Result<Library, Error> {
    let file = ElfFile::<E>::parse(bytes)?;
    let endian = file.endian();
    let mut library = Library { page: u64::MAX, ..Library::default() };
    let table = file.elf_dynamic_symbol_table();
    // The first is nobody.
    for symbol in table.iter().skip(1).filter(|symbol| !symbol.is_local()) {
        let name = String::from_utf8_lossy(table.symbol_name(endian, symbol)?).into_owned();
        if symbol.is_undefined(endian) {
            let import = if symbol.is_weak() { Import::Weak } else { Import::Strong };
            library.imports.insert(name, import);
        } else {
            library.exports.insert(name);
        }
    }
    for header in file.elf_program_headers() {
        match header.p_type(endian) {
            elf::PT_LOAD => library.page = library.page.min(header.p_align(endian).into()),
            elf::PT_TLS => library.thread_local_segment = true,
            _ => {}
        }
        for entry in header.dynamic(endian, bytes)?.into_iter().flatten() {
            match entry.tag(endian) {
                elf::DT_NEEDED => {
                    let name = entry.string(endian, table.strings())?;
                    library.needs.insert(String::from_utf8_lossy(name).into_owned());
                }
                elf::DT_HASH => library.old_hash = true,
                elf::DT_TEXTREL => library.text_relocations = true,
                elf::DT_FLAGS => {
                    library.text_relocations |= entry.val(endian) & elf::DF_TEXTREL.0 != 0;
                }
                elf::DT_RELR | elf::DT_ANDROID_RELR | elf::DT_ANDROID_REL | elf::DT_ANDROID_RELA => {
                    library.packed_relocations = true;
                }
                _ => {}
            }
        }
    }
    Ok(library)
}

/// How the standard library's macro calls the variable of one thread that it makes.
const VARIABLE: &str = "___RUST_STD_INTERNAL_VAL";
/// The standard library's own, made without the macro: the current thread, its number in one or two halves, and what
/// ends the others.
const OWN: [&str; 5] = [
    "3std6thread7current7CURRENT",
    "3std6thread7current2id2ID",
    "3std6thread7current2id3ID0",
    "3std6thread7current2id4ID32",
    "12thread_local5guard3key6enable7CLEANUP",
];

/// The thread-local variables of a library that has its names. Each takes one key of the C library at its first use,
/// for Android's targets have no thread-local storage of their own.
pub(super) fn thread_locals(abi: Abi, bytes: &[u8]) -> Result<BTreeSet<String>, Error> {
    let mut names = match abi {
        Abi::Armv7 | Abi::X86 => variables::<elf::FileHeader32<Endianness>>(bytes),
        Abi::Arm64 | Abi::X8664 => variables::<elf::FileHeader64<Endianness>>(bytes),
    }?;
    names.retain(|name| name.ends_with(VARIABLE) || OWN.iter().any(|own| name.ends_with(own)));
    Ok(names)
}

fn variables<E: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Result<BTreeSet<String>, Error> {
    let file = ElfFile::<E>::parse(bytes)?;
    let table = file.elf_symbol_table();
    let variables = table.iter().filter(|symbol| symbol.st_type() == elf::STT_OBJECT);
    let name = |symbol| Ok(String::from_utf8_lossy(table.symbol_name(file.endian(), symbol)?).into_owned());
    variables.map(name).collect()
}
