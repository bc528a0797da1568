//! Entra access tokens as activation credentials.

use std::path::PathBuf;

use agent_logic::model::DeviceId;
use agent_logic::time::Wall;
use serde::Deserialize;

use crate::home;
use crate::jwt::KeySet;

/// Whose tokens are accepted.
#[derive(Clone, Debug)]
pub struct Entra {
    /// The issuer's keys. Read for each token, so that a roll-over needs no restart.
    pub jwks: PathBuf,
    /// The `iss` claim.
    pub issuer: String,
    /// The `aud` claim.
    pub audience: String,
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFailure {
    /// Not signed by the issuer, or for somebody else.
    Refused,
    /// Signed and for us, and too old.
    Expired,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    tid: String,
    exp: u64,
    #[serde(default)]
    nbf: u64,
    deviceid: DeviceId,
}

impl Entra {
    /// The device that `token` speaks for.
    pub fn verify(&self, token: &str, tenant: &str, now: Wall) -> Result<DeviceId, TokenFailure> {
        let bytes = home::read(&self.jwks).map_err(|error| {
            log::error!("the JWKS file cannot be read: {error}");
            TokenFailure::Refused
        })?;
        let keys: KeySet = serde_json::from_slice(&bytes).map_err(|_| {
            log::error!("the JWKS file has not the form of RFC 7517");
            TokenFailure::Refused
        })?;
        let claims: Claims = keys.verify(token).map_err(|_| TokenFailure::Refused)?;
        self.check(&claims, tenant, now.0 / 1000)
    }

    fn check(&self, claims: &Claims, tenant: &str, now: u64) -> Result<DeviceId, TokenFailure> {
        let ours = claims.iss == self.issuer
            && claims.aud == self.audience
            && claims.tid.eq_ignore_ascii_case(tenant);
        if !ours || claims.nbf > now.saturating_add(LEEWAY) {
            return Err(TokenFailure::Refused);
        }
        if claims.exp.saturating_add(LEEWAY) <= now {
            return Err(TokenFailure::Expired);
        }
        Ok(claims.deviceid)
    }
}

/// Seconds by which the issuer's clock may differ.
const LEEWAY: u64 = 5 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "b9841cd9-9843-405f-be28-b2265c59ef97";

    fn check(change: impl FnOnce(&mut Claims)) -> Result<DeviceId, TokenFailure> {
        let entra = Entra { jwks: PathBuf::new(), issuer: "https://issuer".into(), audience: "mtd".into() };
        let mut claims = Claims {
            iss: "https://issuer".into(),
            aud: "mtd".into(),
            tid: ID.into(),
            exp: 2_000,
            nbf: 1_000,
            deviceid: ID.parse().unwrap(),
        };
        change(&mut claims);
        entra.check(&claims, ID, 1_500)
    }

    #[test]
    fn each_claim_counts() {
        assert_eq!(check(|_| {}), Ok(ID.parse().unwrap()));
        assert_eq!(check(|c| c.iss.push('x')), Err(TokenFailure::Refused));
        assert_eq!(check(|c| c.aud.push('x')), Err(TokenFailure::Refused));
        assert_eq!(check(|c| c.tid.push('x')), Err(TokenFailure::Refused));
        assert_eq!(check(|c| c.nbf = 1_801), Err(TokenFailure::Refused));
        assert_eq!(check(|c| c.nbf = 1_800), Ok(ID.parse().unwrap()));
        assert_eq!(check(|c| c.exp = 1_200), Err(TokenFailure::Expired));
        assert_eq!(check(|c| c.exp = 1_201), Ok(ID.parse().unwrap()));
    }
}
