//! What `node:crypto` does for us, natively. Its RS256 signature is a stand-in: no library of ours signs with RSA.

use crate::host::text::hex;
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

pub(super) fn digest(text: &str, how: &str, key: Option<String>) -> Option<String> {
    let mut words = how.split(' ');
    let (algorithm, encoding) = (words.next()?, words.next()?);
    let key = match (key, words.next()) {
        (Some(key), Some("base64")) => Some(Base64::decode_vec(&key).ok().filter(|bytes| !bytes.is_empty())?),
        (key, _) => key.map(String::into_bytes),
    };
    let bytes = match (algorithm, key) {
        ("text", _) => text.as_bytes().to_vec(),
        ("RS256", key) => {
            let key = key.filter(|key| key.starts_with(b"-----BEGIN"))?;
            Hmac::<Sha256>::new_from_slice(&key).ok()?.chain_update(text).finalize().into_bytes().to_vec()
        }
        ("sha256", None) => Sha256::digest(text).to_vec(),
        ("sha512", None) => Sha512::digest(text).to_vec(),
        ("sha1", None) => Sha1::digest(text).to_vec(),
        ("sha256", Some(key)) => {
            Hmac::<Sha256>::new_from_slice(&key).ok()?.chain_update(text).finalize().into_bytes().to_vec()
        }
        ("sha512", Some(key)) => {
            Hmac::<Sha512>::new_from_slice(&key).ok()?.chain_update(text).finalize().into_bytes().to_vec()
        }
        ("sha1", Some(key)) => {
            Hmac::<Sha1>::new_from_slice(&key).ok()?.chain_update(text).finalize().into_bytes().to_vec()
        }
        _ => return None,
    };
    Some(match encoding {
        "hex" => hex(&bytes),
        "base64" => Base64::encode_string(&bytes),
        "base64url" => Base64UrlUnpadded::encode_string(&bytes),
        _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
    })
}
