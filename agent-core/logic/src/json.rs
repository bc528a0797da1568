//! Reads JSON: the text becomes a tree, and the tree a type. One parser is compiled for all types; with one for each
//! type the library of a 64-bit phone has 158 KB more.

mod reader;
mod tree;

use std::fmt;

use serde::de::{DeserializeOwned, Error};

use self::tree::Tree;

/// Not JSON, or not of the form that was asked for. It does not say what was read: that may be personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not JSON of the expected form")
    }
}

impl std::error::Error for Malformed {}

impl Error for Malformed {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Reads one value, at most 128 deep; nothing but white space may follow.
///
/// # Errors
/// [`Malformed`].
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Malformed> {
    let tree: Tree<'_> = serde_json::from_slice(text).map_err(|_| Malformed)?;
    T::deserialize(tree)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    use serde::Deserialize;
    use serde::de::IgnoredAny;

    use super::*;
    use crate::model::Subject;
    use crate::wire::{CheckInAnswer, InventoryPart, Order};

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Thing {
        small: u8,
        #[serde(default)]
        maybe: Option<String>,
        #[serde(default)]
        far: i64,
        #[serde(default)]
        many: BTreeMap<String, bool>,
        #[serde(default)]
        kind: Kind,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase")]
    enum Kind {
        #[default]
        Unit,
        One(u32),
        Two(u32, u32),
        Named {
            of: String,
        },
    }

    /// What the library reads by itself; `None` where it refuses.
    fn same<T: DeserializeOwned + Debug + PartialEq>(text: &str) -> Option<T> {
        let ours = read::<T>(text.as_bytes()).ok();
        assert_eq!(ours, serde_json::from_str(text).ok(), "{text}");
        ours
    }

    #[test]
    fn types_are_read_as_the_library_reads_them() {
        for text in [
            r#"{"small":255}"#,
            r#" { "small" : 0 , "maybe" : "a\u00e9\n" } "#,
            r#"{"small":1,"maybe":null,"far":-9223372036854775808}"#,
            r#"{"small":1,"many":{"b":true,"a":false}}"#,
            r#"{"small":1,"kind":"unit"}"#,
            r#"{"small":1,"kind":{"one":7}}"#,
            r#"{"small":1,"kind":{"two":[7,8]}}"#,
            r#"{"small":1,"kind":{"named":{"of":"x"}}}"#,
            r#"{"unknown":[1.5,{"deep":null}],"small":1}"#,
        ] {
            assert!(same::<Thing>(text).is_some(), "{text}");
        }
        assert!(same::<(u32, Vec<bool>)>("[1,[true]]").is_some());
        assert!(same::<InventoryPart>(r#"{"apps":[{"id":"a.b"}],"form":"full","digest":"d"}"#).is_none());
        assert_eq!(same(r#"{"kind":"device"}"#), Some(Subject::Device));
        assert_eq!(same(r#"{"order":"dance","to":[1.5,-1,true,null]}"#), Some(Order::Unknown));
    }

    #[test]
    fn what_the_library_refuses_is_refused() {
        for text in [
            "",
            "{}",
            "null",
            r#"{"small":256}"#,
            r#"{"small":-1}"#,
            r#"{"small":1.0}"#,
            r#"{"small":"1"}"#,
            r#"{"small":1} x"#,
            r#"{"small":1,"small":1}"#,
            r#"{"small":1,"far":9223372036854775808}"#,
            r#"{"small":1,"maybe":2}"#,
            r#"{"small":1,"many":[]}"#,
            r#"{"small":1,"kind":"one"}"#,
            r#"{"small":1,"kind":"other"}"#,
            r#"{"small":1,"kind":{"unit":1}}"#,
            r#"{"small":1,"kind":{"one":1,"two":[1,2]}}"#,
            r#"{"small":1,"kind":{"two":[1]}}"#,
            r#"{"small":1,"kind":{"two":[1,2,3]}}"#,
            r#"{"small":1,"kind":{}}"#,
        ] {
            assert_eq!(same::<Thing>(text), None, "{text}");
        }
        assert_eq!(same::<(u32, bool)>("[1,true,2]"), None);
        let deep = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        assert!(read::<IgnoredAny>(deep(127).as_bytes()).is_ok());
        assert_eq!(read::<IgnoredAny>(deep(128).as_bytes()).err(), Some(Malformed));
    }

    /// The library takes the values alone for an object of a known form.
    #[test]
    fn an_object_is_not_a_list() {
        assert!(serde_json::from_str::<Thing>("[1,null,0,{},\"unit\"]").is_ok());
        assert_eq!(read::<Thing>(b"[1,null,0,{},\"unit\"]"), Err(Malformed));
    }

    #[test]
    fn a_refusal_does_not_say_what_was_read() {
        let text = r#"{"serverTime":0,"acknowledged":"com.example.secret"}"#;
        let refused = read::<CheckInAnswer>(text.as_bytes()).unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("secret"));
    }
}
