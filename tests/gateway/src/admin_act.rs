//! What an administrator does to devices, from the console or the command line alike.

use agent_logic::model::DeviceId;
use agent_logic::time::Wall;

use crate::address::Address;
use crate::notices;
use crate::rating;
use crate::store::{Action, By, Entry, Event, StoreError, Tx};

/// Revokes a device. False if there is none.
pub fn revoke(tx: &Tx<'_>, id: &DeviceId, by: By<'_>, now: Wall) -> Result<bool, StoreError> {
    let Some(mut device) = tx.device(id)? else {
        return Ok(false);
    };
    device.revoked = true;
    tx.save_device(&device)?;
    rating::settle(tx, id, now)?;
    tx.drop_codes(id)?;
    tx.audit(now, by, Action::DeviceRevoked, Some(&id.reveal()))?;
    tx.note(id, &Entry::new(now, Event::Revoked))?;
    Ok(true)
}

/// Sets where error notices go.
pub fn send_notices(tx: &Tx<'_>, to: Option<&Address>, by: By<'_>, now: Wall) -> Result<(), StoreError> {
    notices::address(tx, to)?;
    tx.audit(now, by, Action::NoticesChanged, Some(if to.is_some() { "on" } else { "off" }))
}
