//! The table as it is written, and the arguments that run one of its tests.

use std::path::{Component, Path};

/// Where it stands; its links are relative to that folder.
pub(crate) const TABLE: &str = "tests/README.md";

/// A row begins so: its name is code.
const BEGINS: &str = "| `";

const SEEDS: [&str; 5] = ["000", "001", "002", "003", "004"];

/// One statement of the seeds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// Files, from the root.
    pub(crate) built: Vec<String>,
    pub(crate) tests: Vec<Test>,
}

/// A test and its file, from the root.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Test {
    name: String,
    file: String,
}

/// Every row: `` | `name` | seeds | statement | built in | shown by | ``.
pub(crate) fn read(text: &str) -> Result<Vec<Row>, Vec<String>> {
    let lines = text.lines().filter(|line| line.starts_with(BEGINS));
    let rows: Vec<_> =
        lines.map(|line| row(line).map_err(|why| format!("{TABLE}: {why} in {line}"))).collect();
    let faults: Vec<String> = rows.iter().filter_map(|row| row.as_ref().err().cloned()).collect();
    if faults.is_empty() { Ok(rows.into_iter().flatten().collect()) } else { Err(faults) }
}

fn row(line: &str) -> Result<Row, &'static str> {
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
    let [name, seeds, statement, built, tests] = cells.as_slice() else {
        return Err("five cells are wanted");
    };
    if seeds.is_empty() || !seeds.split_whitespace().all(|seed| SEEDS.contains(&seed)) {
        return Err("the seeds are 000 to 004");
    }
    if statement.is_empty() {
        return Err("nothing is stated");
    }
    let built: Vec<String> = links(built).into_iter().map(|(_, file)| file).collect();
    let tests: Vec<Test> = links(tests).into_iter().map(|(name, file)| Test { name, file }).collect();
    if built.is_empty() || tests.is_empty() {
        return Err("a file or a test is missing");
    }
    Ok(Row { name: name.trim_matches('`').to_owned(), built, tests })
}

/// The text and the target of each link in a cell.
fn links(cell: &str) -> Vec<(String, String)> {
    let link = |rest: &str| {
        let (text, rest) = rest.split_once("](")?;
        let (target, _) = rest.split_once(')')?;
        Some((text.trim_matches('`').to_owned(), from_root(target)?))
    };
    cell.split('[').skip(1).filter_map(link).collect()
}

/// A link of the table as a path from the root.
fn from_root(target: &str) -> Option<String> {
    let mut parts = vec!["tests"];
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::Normal(name) => parts.push(name.to_str()?),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

/// The arguments of `cargo test` that run `test` alone.
pub(crate) fn suite(root: &Path, test: &Test) -> Result<String, String> {
    let Test { name, file } = test;
    let text = std::fs::read_to_string(root.join(file)).map_err(|error| format!("{file}: {error}"))?;
    if !text.contains(&format!("fn {name}(")) {
        return Err(format!("{file} has no test {name}"));
    }
    let folder = Path::new(file)
        .ancestors()
        .skip(1)
        .find(|folder| root.join(folder).join("Cargo.toml").is_file())
        .ok_or_else(|| format!("{file} is in no crate"))?;
    let package = package(root, folder).ok_or_else(|| format!("{file} is in a crate without a name"))?;
    let inside = Path::new(file).strip_prefix(folder).unwrap_or(Path::new(file)).with_extension("");
    let parts: Vec<&str> = inside.iter().filter_map(|part| part.to_str()).collect();
    let (target, modules) = match parts.as_slice() {
        ["src", modules @ ..] if modules.contains(&"tests") => ("--lib".to_owned(), modules.to_vec()),
        ["src", modules @ ..] => ("--lib".to_owned(), [modules, &["tests"]].concat()),
        ["tests", target] | ["tests", target, "main"] => (format!("--test {target}"), Vec::new()),
        ["tests", target, modules @ ..] => (format!("--test {target}"), modules.to_vec()),
        _ => return Err(format!("{file} is no place for a test")),
    };
    let path = [modules.as_slice(), &[name.as_str()]].concat().join("::");
    Ok(format!("-p {package} {target} -- --exact {path}"))
}

fn package(root: &Path, folder: &Path) -> Option<String> {
    let manifest = std::fs::read_to_string(root.join(folder).join("Cargo.toml")).ok()?;
    let name = manifest.lines().find_map(|line| line.strip_prefix("name = "))?;
    Some(name.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "| `gate` | 000 003 | No ID, no traffic. | [a.rs](../agent-core/a.rs) | [`t`](gateway/tests/b/c.rs) |";

    #[test]
    fn a_row_names_files_from_the_root() {
        let test = Test { name: "t".into(), file: "tests/gateway/tests/b/c.rs".into() };
        let row = Row { name: "gate".into(), built: vec!["agent-core/a.rs".into()], tests: vec![test] };
        assert_eq!(read(&format!("# Title\n| row | x |\n{LINE}\n")), Ok(vec![row]));
    }

    #[test]
    fn a_row_without_a_test_a_file_or_a_seed_is_a_fault() {
        for (cut, with) in [
            ("[`t`](gateway/tests/b/c.rs)", "–"),
            ("[a.rs](../agent-core/a.rs)", ""),
            ("000 003", "005"),
            ("No ID, no traffic.", ""),
            ("| 000 003 |", "|"),
        ] {
            assert!(read(&LINE.replace(cut, with)).is_err(), "{with}");
        }
    }

    #[test]
    fn a_test_is_run_alone_wherever_it_stands() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let run = |name: &str, file: &str| suite(&root, &Test { name: name.into(), file: file.into() });
        let exact = |text: &str| Ok(text.to_owned());
        assert_eq!(
            run("what_a_policy_leaves_out_shares_nothing", "agent-core/logic/src/wire/policy.rs"),
            exact(
                "-p agent-logic --lib -- --exact wire::policy::tests::what_a_policy_leaves_out_shares_nothing"
            )
        );
        assert_eq!(
            run("each_platform_has_its_own_toggle", "tests/intune/src/evaluate/tests.rs"),
            exact("-p intune-stand-in --lib -- --exact evaluate::tests::each_platform_has_its_own_toggle")
        );
        assert_eq!(
            run("init_makes_no_gateway_over_another", "tests/gateway/tests/contract/administration.rs"),
            exact(
                "-p agent-gateway --test contract -- --exact administration::init_makes_no_gateway_over_another"
            )
        );
        assert_eq!(
            run("a_one_time_code_activates_its_device_once", "tests/tests/credentials.rs"),
            exact("-p agent-tests --test credentials -- --exact a_one_time_code_activates_its_device_once")
        );
        assert!(run("there_is_no_such_test", "tests/tests/credentials.rs").is_err());
    }
}
