//! The inventory in a report: whole, delta or digest.

use agent_logic::wire::{InventoryPart, Policy};

use crate::privacy;
use crate::store::{Device, StoreError, Tx};

/// Brings the inventory held in step. Answers whether it is; if not, the whole is to be asked for.
pub(super) fn apply_inventory(
    tx: &Tx<'_>,
    device: &mut Device,
    part: Option<&InventoryPart>,
    policy: &Policy,
) -> Result<bool, StoreError> {
    // What policy does not let a device share is not kept, whoever sent it.
    let Some(part) = part.filter(|_| privacy::shares_apps(policy)) else {
        drop_inventory(tx, device)?;
        return Ok(true);
    };
    let id = device.id;
    let (after, in_step) = match part {
        InventoryPart::Digest { digest } => (*digest, device.inventory == Some(*digest)),
        InventoryPart::Delta { base, digest, set, removed } => {
            let applied = device.inventory == Some(*base)
                && tx.attempt(|| {
                    removed.iter().try_for_each(|app| tx.remove_app(&id, app))?;
                    set.iter().try_for_each(|app| tx.put_app(&id, app))?;
                    Ok(tx.inventory_digest(&id)? == *digest)
                })?;
            (*digest, applied)
        }
        InventoryPart::Full { digest, apps } => {
            let applied = tx.attempt(|| {
                tx.clear_inventory(&id)?;
                apps.iter().try_for_each(|app| tx.put_app(&id, app))?;
                Ok(tx.inventory_digest(&id)? == *digest)
            })?;
            (*digest, applied)
        }
    };
    if in_step {
        device.inventory = Some(after);
    }
    Ok(in_step)
}

pub(super) fn drop_inventory(tx: &Tx<'_>, device: &mut Device) -> Result<(), StoreError> {
    if device.inventory.take().is_some() {
        tx.clear_inventory(&device.id)?;
    }
    Ok(())
}
