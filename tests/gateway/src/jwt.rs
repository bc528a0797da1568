//! JSON Web Tokens under the keys of a JWKS file: RS256 and ES256.

use data_encoding::BASE64URL_NOPAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Keys of an issuer.
#[derive(Debug, Deserialize)]
pub struct KeySet {
    keys: Vec<Key>,
}

/// One key. Entries of other types are passed over.
#[derive(Debug, Deserialize)]
#[serde(tag = "kty")]
enum Key {
    #[serde(rename = "RSA")]
    Rsa { kid: Option<String>, n: String, e: String },
    #[serde(rename = "EC")]
    Ec { kid: Option<String>, crv: String, x: String, y: String },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Header {
    alg: Algorithm,
    kid: Option<String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
enum Algorithm {
    RS256,
    ES256,
    #[serde(other)]
    Other,
}

/// The token is not signed by a key of the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotSigned;

impl KeySet {
    /// The claims of `token` if a key of the set signed it.
    pub fn verify<T: DeserializeOwned>(&self, token: &str) -> Result<T, NotSigned> {
        let (signed, signature) = token.rsplit_once('.').ok_or(NotSigned)?;
        let (header, claims) = signed.split_once('.').ok_or(NotSigned)?;
        let header: Header = part(header)?;
        let signature = bytes(signature)?;
        let good = self.keys.iter().any(|key| key.signed(&header, signed.as_bytes(), &signature));
        if good { part(claims) } else { Err(NotSigned) }
    }
}

impl Key {
    /// Whether this key made `signature`; the key's type decides the algorithm, the header must agree.
    fn signed(&self, header: &Header, message: &[u8], signature: &[u8]) -> bool {
        let named = |kid: &Option<String>| header.kid.is_none() || header.kid == *kid;
        match self {
            Self::Rsa { kid, n, e } if header.alg == Algorithm::RS256 && named(kid) => {
                let (Ok(n), Ok(e)) = (bytes(n), bytes(e)) else {
                    return false;
                };
                let key = RsaPublicKeyComponents { n: &n, e: &e };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }
            Self::Ec { kid, crv, x, y } if header.alg == Algorithm::ES256 && crv == "P-256" && named(kid) => {
                let (Ok(x), Ok(y)) = (bytes(x), bytes(y)) else {
                    return false;
                };
                let point = [[4].as_slice(), &x, &y].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
            Self::Rsa { .. } | Self::Ec { .. } | Self::Other => false,
        }
    }
}

fn part<T: DeserializeOwned>(text: &str) -> Result<T, NotSigned> {
    serde_json::from_slice(&bytes(text)?).map_err(|_| NotSigned)
}

fn bytes(text: &str) -> Result<Vec<u8>, NotSigned> {
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| NotSigned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515, appendix A.2 (RS256) and A.3 (ES256).
    const RS256: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    const ES256: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    const KEYS: &str = r#"{"keys":[
        {"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ"},
        {"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"},
        {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

    #[test]
    fn the_examples_of_rfc_7515_verify_and_altered_ones_do_not() {
        let keys: KeySet = serde_json::from_str(KEYS).unwrap();
        for token in [RS256, ES256] {
            let claims: serde_json::Value = keys.verify(token).unwrap();
            assert_eq!(claims["iss"], "joe");
            let altered = token.replacen("eyJpc3MiOiJqb2Ui", "eyJpc3MiOiJqb2Yi", 1);
            assert_eq!(keys.verify::<serde_json::Value>(&altered), Err(NotSigned));
        }
    }

    #[test]
    fn an_unsigned_token_is_refused() {
        let keys: KeySet = serde_json::from_str(KEYS).unwrap();
        let none =
            format!("{}.{}.", BASE64URL_NOPAD.encode(br#"{"alg":"none"}"#), BASE64URL_NOPAD.encode(b"{}"));
        for token in [none.as_str(), "", "..", "a.b.c"] {
            assert_eq!(keys.verify::<serde_json::Value>(token), Err(NotSigned));
        }
    }
}
