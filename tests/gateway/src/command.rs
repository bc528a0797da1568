//! Signed commands: what only the holder of the policy key may make a device do (D9). Runs in the administrator's
//! process or in the signer, never in the serving one.

use agent_logic::model::{Activation, DeviceId, Digest};
use agent_logic::wire::{CommandDocument, SignedCommand, policy_kind};

use crate::admin::make_random;
use crate::clock::{days, now};
use crate::failure::SetupError;
use crate::home::Home;
use crate::signer::Signer;
use crate::store::{Action, By, Setting, Store, StoreError};

/// Days that a device obeys a command, unless the administrator says otherwise.
pub const DEFAULT_DAYS: u16 = 7;

/// Most days that it may.
pub const MAX_DAYS: u16 = 90;

/// Signs `command` for `device` alone; the next answer to a check-in carries it.
pub fn sign(
    home: &Home,
    store: &Store,
    device: DeviceId,
    command: SignedCommand,
    valid_days: u16,
    by: By<'_>,
) -> Result<(), SetupError> {
    if !(1..=MAX_DAYS).contains(&valid_days) {
        return Err(SetupError::Bounds("a command is valid for 1 to 90 days."));
    }
    let signer = Signer::open(home)?;
    let nonce = Digest::of(&make_random::<32>()?);
    store.transact(|tx| {
        let now = now();
        let active = tx.device(&device)?.is_some_and(|held| held.activation == Activation::Activated);
        if !active {
            return Err(SetupError::Bounds("there is no such device, or it is not activated."));
        }
        let document = CommandDocument {
            kind: policy_kind::COMMAND.into(),
            tenant: tx.get(Setting::Tenant)?.parse().map_err(|_| StoreError::Corrupt)?,
            device,
            nonce,
            expires: now.plus(days(valid_days.into())),
            command,
        };
        tx.add_command(&document, &signer.sign(&document)?, now)?;
        let object = format!("{} {}", name(command), device.reveal());
        Ok(tx.audit(now, by, Action::CommandSigned, Some(&object))?)
    })
}

/// As the command line writes it.
#[must_use]
pub const fn name(command: SignedCommand) -> &'static str {
    match command {
        SignedCommand::Deactivate => "deactivate",
        SignedCommand::ReEnrol => "re-enrol",
    }
}
