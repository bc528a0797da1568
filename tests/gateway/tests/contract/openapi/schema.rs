//! As much of JSON Schema as the document uses, strictly: a key that the schema does not name is a fault.

use serde_json::Value;

/// Whether `value` fits the schema `name`; if not, where and why.
pub(crate) fn fits(document: &Value, name: &str, value: &Value) -> Result<(), String> {
    let schema = document["components"]["schemas"].get(name).ok_or_else(|| format!("no schema {name}"))?;
    check(document, schema, value).map_err(|fault| format!("{name}{fault}"))
}

fn check(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return fits(document, reference.rsplit('/').next().unwrap_or_default(), value);
    }
    if schema.get("properties").is_some()
        && let Some(cases) = schema.get("oneOf").and_then(Value::as_array)
    {
        let fitting = cases.iter().filter(|case| applies(document, case, value)).count();
        if fitting != 1 {
            return Err(format!(": fits {fitting} cases"));
        }
        let mut plain = schema.clone();
        plain.as_object_mut().and_then(|schema| schema.remove("oneOf"));
        return check(document, &plain, value);
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(options) = schema.get(choice).and_then(Value::as_array) {
            let fitting = options.iter().filter(|option| check(document, option, value).is_ok()).count();
            let enough = if choice == "oneOf" { fitting == 1 } else { fitting >= 1 };
            return if enough { Ok(()) } else { Err(format!(": {value} fits {fitting} of {choice}")) };
        }
    }
    if let Some(only) = schema.get("const") {
        return if only == value { Ok(()) } else { Err(format!(": {value} is not {only}")) };
    }
    if let Some(members) = schema.get("enum").and_then(Value::as_array) {
        return if members.contains(value) { Ok(()) } else { Err(format!(": {value} is not a member")) };
    }
    match (schema.get("type").and_then(Value::as_str), value) {
        (Some("object"), Value::Object(map)) => {
            for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
                if !map.contains_key(name.as_str().unwrap_or_default()) {
                    return Err(format!(": {name} is missing"));
                }
            }
            for (key, value) in map {
                let property = schema.get("properties").and_then(|all| all.get(key));
                let property = property.or(schema.get("additionalProperties"));
                let property = property.ok_or_else(|| format!(": {key} is not documented"))?;
                check(document, property, value).map_err(|fault| format!(".{key}{fault}"))?;
            }
            Ok(())
        }
        (Some("array"), Value::Array(list)) => {
            let items = schema.get("items").ok_or(": no items")?;
            let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(u64::MAX);
            if u64::try_from(list.len()).unwrap_or(u64::MAX) > most {
                return Err(": too many".into());
            }
            list.iter().try_for_each(|item| check(document, items, item))
        }
        (Some("string"), Value::String(text)) => pattern(schema.get("pattern").and_then(Value::as_str), text),
        (Some("integer"), Value::Number(number)) => {
            let bound = |name| schema.get(name).and_then(Value::as_u64);
            let number = number.as_u64().ok_or(": not an integer")?;
            let fits = bound("minimum").is_none_or(|least| number >= least)
                && bound("maximum").is_none_or(|most| number <= most);
            if fits { Ok(()) } else { Err(format!(": {number} is out of bounds")) }
        }
        (Some("boolean"), Value::Bool(_)) | (Some("null"), Value::Null) => Ok(()),
        (expected, _) => Err(format!(": {value} is no {expected:?}")),
    }
}

/// Whether a case of an object's `oneOf` holds, which names some of the object's keys and passes over the others.
fn applies(document: &Value, case: &Value, value: &Value) -> bool {
    let has = |name: &Value| value.get(name.as_str().unwrap_or_default()).is_some();
    let fits = |(key, schema): (&String, &Value)| {
        value.get(key).is_none_or(|value| check(document, schema, value).is_ok())
    };
    case["required"].as_array().into_iter().flatten().all(has)
        && case["properties"].as_object().into_iter().flatten().all(fits)
}

/// The patterns of the document: texts without control characters, and runs of hexadecimal digits of stated
/// lengths with dashes between.
fn pattern(pattern: Option<&str>, text: &str) -> Result<(), String> {
    let Some(pattern) = pattern else { return Ok(()) };
    if pattern.starts_with("^[^") {
        let fits = !text.is_empty() && text.len() <= 255 && !text.chars().any(char::is_control);
        return if fits { Ok(()) } else { Err(format!(": {text:?} is not {pattern}")) };
    }
    let inner = pattern.trim_start_matches('^').trim_end_matches('$');
    let lengths: Vec<Option<usize>> = inner
        .split('-')
        .collect::<Vec<_>>()
        .join("")
        .split("[09af]{")
        .skip(1)
        .map(|part| part.trim_end_matches('}').parse().ok())
        .collect();
    let runs: Vec<Option<usize>> = text
        .split('-')
        .map(|run| run.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).then_some(run.len()))
        .collect();
    if lengths == runs { Ok(()) } else { Err(format!(": {text:?} is not {pattern}")) }
}

#[test]
fn what_does_not_fit_is_a_fault() {
    let document = super::document();
    let reason = serde_json::json!({ "id": "01".repeat(16), "classification": "TROJAN", "level": "high" });
    fits(&document, "Reason", &reason).unwrap();
    for (key, value) in [
        ("id", serde_json::json!("01")),
        ("level", serde_json::json!("dreadful")),
        ("classification", serde_json::json!(7)),
        ("undocumented", serde_json::json!(true)),
    ] {
        let mut wrong = reason.clone();
        wrong[key] = value;
        assert!(fits(&document, "Reason", &wrong).is_err(), "{key}");
    }
    let mut short = reason;
    short.as_object_mut().unwrap().remove("level");
    assert!(fits(&document, "Reason", &short).is_err());
}
