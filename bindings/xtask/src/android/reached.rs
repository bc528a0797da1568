//! What native code reaches of the Java layer by name. A tool that renames or removes it breaks the app, so the rules
//! that go into the AAR must keep it.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Fault, read, sources};

/// The class of the native methods.
const NATIVE: &str = "io.mtdagent.internal.Native";
const NATIVE_SOURCE: &str = "android/sdk/src/main/java/io/mtdagent/internal/Native.java";
/// Where native code names what it calls.
const CALLS: &str = "bindings/src/jni";
pub(super) const RULES: &str = "android/sdk/consumer-rules.pro";
/// Names without a package are methods and fields; those of the platform are nobody's to rename.
const OURS: &str = "io/mtdagent/";

pub(super) struct Reached {
    methods: BTreeSet<String>,
    /// With dots, as the rules write them.
    classes: BTreeSet<String>,
}

impl Reached {
    pub(super) fn find(root: &Path) -> Result<Self, Fault> {
        let native = read(&root.join(NATIVE_SOURCE))?;
        let mut calls = String::new();
        for path in sources(&root.join(CALLS), "rs")? {
            calls.push_str(&read(&path)?);
        }
        let found = Self::parse(&native, &calls);
        // Never by luck: the scan itself is known to see something.
        if found.methods.is_empty() || found.classes.len() < 2 {
            return Err(Fault(format!("no native method in {NATIVE_SOURCE}, or no class in {CALLS}")));
        }
        Ok(found)
    }

    /// `native` is the class of the native methods; `calls` is Rust with its literals.
    pub(super) fn parse(native: &str, calls: &str) -> Self {
        let named = |rest: &str| rest.split_once('(')?.0.split_whitespace().last().map(str::to_owned);
        let methods = native.split(" static native ").skip(1).filter_map(named).collect();
        let literals = calls.split(".class(c\"").skip(1).filter_map(|rest| rest.split('"').next());
        let ours =
            literals.filter(|literal| literal.starts_with(OURS)).map(|literal| literal.replace('/', "."));
        Self { methods, classes: ours.chain([NATIVE.to_owned()]).collect() }
    }

    /// The names by which a virtual machine finds the native methods, and the one it calls itself.
    pub(super) fn exports(&self) -> BTreeSet<String> {
        let class = NATIVE.replace('.', "_");
        let methods = self.methods.iter().map(|method| format!("Java_{class}_{method}"));
        methods.chain(["JNI_OnLoad".to_owned()]).collect()
    }

    /// Classes that the rules do not keep with all their members.
    pub(super) fn not_kept(&self, rules: &str) -> Vec<String> {
        let kept: BTreeSet<&str> = rules.lines().filter_map(kept_whole).collect();
        let lost = self.classes.iter().filter(|class| !kept.contains(class.as_str()));
        lost.map(|class| format!("native code reaches {class}; {RULES} lacks `-keep class {class} {{ *; }}`"))
            .collect()
    }
}

/// The class of a rule that keeps it and every member.
fn kept_whole(line: &str) -> Option<&str> {
    line.trim().strip_prefix("-keep class ")?.strip_suffix("{ *; }").map(str::trim_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLS: &str = r#"env.class(c"io/mtdagent/Host"); env.class(c"java/lang/Error"); c"sign""#;

    #[test]
    fn a_class_that_native_code_names_must_be_kept_whole() {
        let reached = Reached::parse("", CALLS);
        let both =
            "# why\n-keep class io.mtdagent.Host { *; }\n-keep class io.mtdagent.internal.Native { *; }\n";
        assert_eq!(reached.not_kept(both), Vec::<String>::new());
        assert_eq!(reached.not_kept(&both.replace("{ *; }", "{ byte[] sign(...); }")).len(), 2);
        assert_eq!(reached.not_kept(&both.replace("-keep class io.mtdagent.Host", "#")).len(), 1);
        assert_eq!(reached.not_kept("-keepnames class io.mtdagent.Host { *; }").len(), 2);
    }

    #[test]
    fn each_native_method_has_one_export() {
        let native =
            "  public static native byte[] status(long handle)\n  static native void stop(long handle);";
        let wanted = [
            "JNI_OnLoad",
            "Java_io_mtdagent_internal_Native_status",
            "Java_io_mtdagent_internal_Native_stop",
        ];
        assert_eq!(Reached::parse(native, "").exports(), wanted.map(str::to_owned).into());
    }
}
