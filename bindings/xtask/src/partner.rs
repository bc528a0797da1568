//! A partner's build of an app with the library, done by `android/sample/pom.xml`: the README's examples compile, and the
//! sample, shrunk and renamed, runs. What that build reads is written here.

use std::error::Error;
use std::fs;
use std::path::Path;

use crate::android;
use crate::process::{command, quietly};
use crate::report::Outcome;

/// What the README promises of each example.
const LINES_AT_MOST: usize = 15;
/// The language of each example, and the file that it becomes.
const EXAMPLES: [(&str, &str); 2] = [("java", "java/App.java"), ("kotlin", "kotlin/App.kt")];

/// As `Cloud.java` has it.
const TENANT: &str = "6babcaad-604b-40ac-a9d7-9fd97c0b779f";

/// Fills the folder `partner`: the examples, the sample's manifest, and whom it trusts: a new cloud of `gateway`.
pub(crate) fn prepare(root: &Path, partner: &Path, gateway: &Path) -> Outcome {
    let cloud = partner.join("cloud");
    if let Err(why) = write(root, partner) {
        return Outcome::Failed(why.to_string());
    }
    let mut init = command(root, gateway);
    init.args(["init", "--host", "localhost", "--tenant", TENANT, "--dir"]).arg(&cloud);
    if let failed @ (Outcome::Failed(_) | Outcome::Lacking(_) | Outcome::Excused(_)) = quietly(init) {
        return failed;
    }
    match fs::copy(cloud.join("trust.json"), partner.join("assets/trust.json")) {
        Ok(_) => Outcome::Passed,
        Err(error) => Outcome::Failed(format!("{}: {error}", cloud.display())),
    }
}

fn write(root: &Path, partner: &Path) -> Result<(), Box<dyn Error>> {
    if partner.exists() {
        fs::remove_dir_all(partner)?;
    }
    for folder in ["assets", "java", "kotlin"] {
        fs::create_dir_all(partner.join(folder))?;
    }
    fs::write(partner.join("AndroidManifest.xml"), android::manifest_of_the_sample(root)?)?;
    let readme = fs::read_to_string(root.join("README.md"))?;
    for (language, file) in EXAMPLES {
        fs::write(partner.join(file), example(&readme, language)?)?;
    }
    Ok(())
}

/// The one block in this language.
fn example<'a>(readme: &'a str, language: &str) -> Result<&'a str, String> {
    let begin = format!("```{language}\n");
    let mut blocks = readme.split(&begin).skip(1).filter_map(|rest| Some(rest.split_once("```")?.0));
    let (Some(block), None) = (blocks.next(), blocks.next()) else {
        return Err(format!("README.md has not one block of {language}"));
    };
    match block.lines().count() {
        lines if lines > LINES_AT_MOST => {
            Err(format!("README.md promises {LINES_AT_MOST} lines of {language}, and has {lines}"))
        }
        _ => Ok(block),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_the_one_block_of_its_language() {
        let readme = "# a\n```sh\nls\n```\n```java\nclass A {}\n```\n";
        assert_eq!(example(readme, "java"), Ok("class A {}\n"));
        assert!(example(readme, "kotlin").is_err());
        assert!(example(&readme.repeat(2), "java").is_err());
    }

    #[test]
    fn an_example_is_as_short_as_promised() {
        let readme = |lines: usize| format!("```java\n{}```\n", "x\n".repeat(lines));
        assert!(example(&readme(15), "java").is_ok());
        assert!(example(&readme(16), "java").is_err_and(|why| why.ends_with("16")));
    }
}
