//! Log lines on standard error, one JSON object each: time, level, target, message, and what else the line says.

use std::io::Write as _;

use log::LevelFilter;
use log::kv::{Error, Key, Value, VisitSource};
use serde_json::{Map, json};

use crate::clock;

/// Sends log lines up to `most` to standard error.
pub(crate) fn to_stderr(most: LevelFilter) {
    if log::set_logger(&Stderr).is_ok() {
        log::set_max_level(most);
    }
}

struct Stderr;

impl log::Log for Stderr {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut line = Line(Map::new());
        let _readable = record.key_values().visit(&mut line);
        // What every line has comes last: no field of a line replaces it.
        line.0.insert("time".into(), clock::iso(clock::now()).into());
        line.0.insert("level".into(), record.level().as_str().into());
        line.0.insert("target".into(), record.target().into());
        line.0.insert("message".into(), record.args().to_string().into());
        let _closed = writeln!(std::io::stderr().lock(), "{}", serde_json::Value::Object(line.0));
    }

    fn flush(&self) {}
}

struct Line(Map<String, serde_json::Value>);

impl<'kvs> VisitSource<'kvs> for Line {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        let value = value.to_u64().map_or_else(|| json!(value.to_string()), |number| json!(number));
        self.0.insert(key.as_str().into(), value);
        Ok(())
    }
}
