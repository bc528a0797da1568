//! What a list shows of many devices: one question for each kind of fact, however many devices there are.

use std::collections::HashMap;

use agent_logic::model::DeviceId;
use rusqlite::Row;

use super::found::found;
use super::threats::threat;
use super::{Device, Found, HeldThreat, StoreError, Tx, json, unint, unword};

/// What a list shows of one device beside the device itself.
#[derive(Debug, Default)]
pub struct Listing {
    /// The threats that it reports as open, in the order they were seen.
    pub threats: Vec<HeldThreat>,
    /// What the cloud found in its apps.
    pub found: Vec<Found>,
    /// Apps held, whoever listed them; absent while none are.
    pub apps: Option<u64>,
    /// Chains that began without being asked for.
    pub restarts: u64,
    /// Reports that did not follow.
    pub chain_breaks: u64,
}

impl Tx<'_> {
    /// What a list shows of each of `devices`.
    pub fn listings(&self, devices: &[Device]) -> Result<HashMap<DeviceId, Listing>, StoreError> {
        let held = |device: &Device| device.inventory.map(|_| 0);
        let mut out: HashMap<DeviceId, Listing> = devices
            .iter()
            .map(|device| (device.id, Listing { apps: held(device), ..Listing::default() }))
            .collect();
        let ids = json(&devices.iter().map(|device| device.id.reveal()).collect::<Vec<_>>())?;
        self.each(THREATS, &ids, &mut out, |of, row| {
            of.threats.push(threat(row)?);
            Ok(())
        })?;
        self.each(FOUND, &ids, &mut out, |of, row| {
            of.found.push(found(row)?);
            Ok(())
        })?;
        let count = |of: &mut Listing, row: &Row<'_>| {
            let more = unint(row.get("count")?);
            of.apps = Some(of.apps.unwrap_or_default().saturating_add(more));
            Ok(())
        };
        for sql in [OWN_APPS, SYNCED_APPS] {
            self.each(sql, &ids, &mut out, count)?;
        }
        self.each(CHAINS, &ids, &mut out, |of, row| {
            (of.restarts, of.chain_breaks) = (unint(row.get("restarts")?), unint(row.get("breaks")?));
            Ok(())
        })?;
        Ok(out)
    }

    fn each(
        &self,
        sql: &str,
        ids: &str,
        out: &mut HashMap<DeviceId, Listing>,
        take: impl Fn(&mut Listing, &Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query([ids])?;
        while let Some(row) = rows.next()? {
            if let Some(of) = out.get_mut(&unword(row.get("device")?)?) {
                take(of, row)?;
            }
        }
        Ok(())
    }
}

const THREATS: &str =
    "SELECT device, id, classification, severity, subject, detected, ignored, received FROM threat
    WHERE device IN (SELECT value FROM json_each(?1)) ORDER BY device, received, id";

const FOUND: &str = "SELECT device, app, id, classification, received FROM found
    WHERE device IN (SELECT value FROM json_each(?1)) ORDER BY device, app";

const OWN_APPS: &str = "SELECT device, count(*) AS count FROM inventory
    WHERE device IN (SELECT value FROM json_each(?1)) GROUP BY device";

const SYNCED_APPS: &str = "SELECT device, (SELECT count(*) FROM synced_app AS listed WHERE listed.device = asked.device
    AND NOT EXISTS (SELECT 1 FROM inventory AS own WHERE own.device = listed.device AND own.app = listed.app)) AS count
    FROM app_sync AS asked WHERE device IN (SELECT value FROM json_each(?1))";

// The condition on the event is the index's, word for word.
const CHAINS: &str = "SELECT device, sum(event = 'restart') AS restarts, sum(event = 'chain-broken') AS breaks FROM history
    WHERE device IN (SELECT value FROM json_each(?1)) AND event IN ('restart', 'chain-broken') GROUP BY device";

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::super::{schema, standing};
    use super::*;

    /// How SQLite answers `sql`, a line a step.
    fn plan(connection: &Connection, sql: &str) -> Vec<String> {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let count = statement.parameter_count();
        let lines =
            statement.query_map(rusqlite::params_from_iter(vec!["1"; count]), |row| row.get("detail"));
        lines.unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn what_the_overview_and_the_connector_ask_reads_no_table_and_sorts_no_fleet() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::ensure(&mut connection).unwrap();
        for sql in [THREATS, FOUND, OWN_APPS, SYNCED_APPS, CHAINS]
            .map(str::to_owned)
            .into_iter()
            .chain(standing::asked())
        {
            for line in plan(&connection, &sql) {
                // A list of IDs, and what covers the whole in few bytes a device, may be read through.
                let whole = line.starts_with("SCAN")
                    && !line.contains("json_each")
                    && !line.contains("COVERING INDEX");
                let named = line.contains("device_untold");
                assert!(!whole || named, "{sql}\n{line}");
            }
        }
        let page = plan(&connection, &standing::page());
        assert_eq!(page, ["SEARCH device USING INDEX device_by_rank (rank=? AND id>?)"]);
    }
}
