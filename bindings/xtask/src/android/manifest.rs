//! The library's manifest in the app's, as the tools of an app's build do it: permissions, and what the application has.

use super::Fault;

const APPLICATION: &str = "<application";
const END: &str = "</application>";

/// The manifest of the app with what the library's adds. Both are our own: one `application` each, whole names.
pub(super) fn merge(app: &str, library: &str) -> Result<String, Fault> {
    merged(app, library).ok_or_else(|| Fault("a manifest has no <application>…</application>".to_owned()))
}

fn merged(app: &str, library: &str) -> Option<String> {
    let (before, application) = library.split_once(APPLICATION)?;
    let (_, inside) = application.split_once('>')?;
    let (inside, _) = inside.split_once(END)?;
    let permissions = before.split("<uses-permission").skip(1).filter_map(|rest| rest.split_once("/>"));
    let permissions: String =
        permissions.map(|(rest, _)| format!("<uses-permission{rest}/>\n    ")).collect();
    let (head, tail) = app.split_once(APPLICATION)?;
    let (own, end) = tail.split_once(END)?;
    Some(format!("{head}{permissions}{APPLICATION}{own}{inside}{END}{end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_and_components_of_the_library_are_in_the_app() {
        let app = "<manifest><application a=\"1\"><activity/></application></manifest>";
        let library = "<manifest><uses-sdk/><!-- why --><uses-permission n=\"NET\" />\
                       <application><service s=\"x\"/></application></manifest>";
        let merged = merge(app, library).unwrap();
        let parts =
            ["<uses-permission n=\"NET\" />", "<application a=\"1\">", "<activity/>", "<service s=\"x\"/>"];
        let places: Vec<usize> = parts.iter().map(|part| merged.find(part).unwrap()).collect();
        assert!(places.is_sorted(), "{merged}");
        assert_eq!(merged.matches("application").count(), 2, "{merged}");
    }

    /// The names of permissions between two marks.
    fn permissions(text: &str, before: &str, after: char) -> std::collections::BTreeSet<String> {
        let rest = text.split(before).skip(1);
        rest.filter_map(|rest| Some(rest.split_once(after)?.0.to_owned())).collect()
    }

    #[test]
    fn the_readme_explains_every_permission_and_no_other() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
        let readme = read("README.md");
        let (_, table) = readme.split_once("| permission | why |\n|---|---|\n").unwrap();
        let (table, _) = table.split_once("\n\n").unwrap();
        let manifests =
            read(super::super::aar::MANIFEST) + &read("android/sdk/src/queryall/AndroidManifest.xml");
        let asked = permissions(&manifests, "android:name=\"android.permission.", '"');
        assert_eq!(permissions(table, "| `", '`'), asked);
        assert!(asked.contains("INTERNET"));
    }

    #[test]
    fn a_manifest_without_an_application_is_refused() {
        assert!(merge("<manifest/>", "<application></application>").is_err());
        assert!(merge("<application></application>", "<application/>").is_err());
    }
}
