//! The values that a managed configuration can hold, and their bounds.

use std::fmt;

use crate::redact::Secret;
use crate::sorted::Sorted;

/// Longest text that is read, in bytes. An Entra token has about 2 KiB.
pub const MAX_TEXT: usize = 16 * 1024;

/// Most values of one source, at every depth. A partner's template has ten.
pub const MAX_VALUES: usize = 1_000;

/// Deepest nesting of one source. No known key is nested.
pub const MAX_DEPTH: usize = 8;

/// One value as it came. Prints its type only.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// A string.
    Text(Secret<String>),
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// True or false.
    Bool(bool),
    /// An array.
    List(Vec<Value>),
    /// A dictionary.
    Dict(Sorted<String, Value>),
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A string.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Real,
    /// True or false.
    Bool,
    /// An array.
    List,
    /// A dictionary.
    Dict,
}

impl Value {
    /// A string.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(Secret::new(text.into()))
    }

    /// The value that a JSON value stands for; none for null.
    #[must_use]
    pub fn from_json(value: serde_json::Value) -> Option<Self> {
        Some(match value {
            serde_json::Value::Null => return None,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(value) => Self::Integer(value),
                None => Self::Real(number.as_f64().unwrap_or(f64::MAX)),
            },
            serde_json::Value::String(text) => Self::text(text),
            serde_json::Value::Array(values) => {
                Self::List(values.into_iter().filter_map(Self::from_json).collect())
            }
            serde_json::Value::Object(values) => Self::Dict(
                values
                    .into_iter()
                    .filter_map(|(key, value)| Self::from_json(value).map(|value| (key, value)))
                    .collect(),
            ),
        })
    }

    /// Its type.
    #[must_use]
    pub const fn kind(&self) -> Type {
        match self {
            Self::Text(_) => Type::Text,
            Self::Integer(_) => Type::Integer,
            Self::Real(_) => Type::Real,
            Self::Bool(_) => Type::Bool,
            Self::List(_) => Type::List,
            Self::Dict(_) => Type::Dict,
        }
    }

    /// Takes this value and those in it from `room`; `None` when they do not fit, or nest too deep.
    fn take(&self, room: usize, depth: usize) -> Option<usize> {
        let room = room.checked_sub(1)?;
        let depth = depth.checked_sub(1)?;
        match self {
            Self::Text(_) | Self::Integer(_) | Self::Real(_) | Self::Bool(_) => Some(room),
            Self::List(values) => values.iter().try_fold(room, |room, value| value.take(room, depth)),
            Self::Dict(values) => values.values().try_fold(room, |room, value| value.take(room, depth)),
        }
    }
}

/// Whether a source keeps to the bounds on count and depth.
pub(super) fn fits(values: &Sorted<String, Value>) -> bool {
    values.values().try_fold(MAX_VALUES, |room, value| value.take(room, MAX_DEPTH)).is_some()
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}(…)", self.kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> Sorted<String, Value> {
        let value = (1..depth).fold(Value::Bool(true), |inner, _| Value::List(vec![inner]));
        Sorted::from_iter([("key".to_owned(), value)])
    }

    #[test]
    fn count_and_depth_are_bounded() {
        let many = |count| (0..count).map(|n| (n.to_string(), Value::Integer(0))).collect();
        assert!(fits(&many(MAX_VALUES)) && !fits(&many(MAX_VALUES + 1)));
        let list =
            |count| Sorted::from_iter([("key".to_owned(), Value::List(vec![Value::Bool(true); count]))]);
        assert!(fits(&list(MAX_VALUES - 1)) && !fits(&list(MAX_VALUES)));
        assert!(fits(&nested(MAX_DEPTH)) && !fits(&nested(MAX_DEPTH + 1)));
    }

    #[test]
    fn json_is_read_with_its_types() {
        let json = r#"{"a":[1,1.5,null,true],"b":{"c":"x"}}"#;
        let value = Value::from_json(serde_json::from_str(json).unwrap()).unwrap();
        let list = Value::List(vec![Value::Integer(1), Value::Real(1.5), Value::Bool(true)]);
        let inner = Value::Dict(Sorted::from_iter([("c".to_owned(), Value::text("x"))]));
        assert_eq!(value, Value::Dict(Sorted::from_iter([("a".to_owned(), list), ("b".to_owned(), inner)])));
    }

    #[test]
    fn a_value_prints_its_type_only() {
        let inner = Value::Dict(Sorted::from_iter([("hunter2".to_owned(), Value::text("hunter3"))]));
        assert_eq!(format!("{inner:?} {:?}", Value::text("hunter4")), "Dict(…) Text(…)");
    }
}
