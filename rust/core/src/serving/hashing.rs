//! Hashes of keys and of blocks that are the same in every process and version.

/// Mixes the bits of a number (the finaliser of `SplitMix64`, Steele, Lea, Flood 2014).
#[inline]
#[must_use]
pub(super) fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Joins a hash and a number to a hash that depends on their order.
#[inline]
#[must_use]
pub(super) fn join(hash: u64, number: u64) -> u64 {
    mix(hash.rotate_left(23) ^ number.wrapping_add(0x9e37_79b9_7f4a_7c15))
}

/// The hash of an integer.
///
/// ```
/// use schedkit_core::serving::{hash_bytes, hash_integer};
/// assert_ne!(hash_integer(7), hash_bytes(b"7"));
/// ```
#[inline]
#[must_use]
pub fn hash_integer(value: i64) -> u64 {
    mix(value as u64 ^ 0x5851_f42d_4c95_7f2d)
}

/// The hash of an integer that does not fit into 64 bits, by its decimal digits. It differs from that of a text with these
/// digits.
///
/// ```
/// use schedkit_core::serving::{hash_bytes, hash_digits};
/// assert_ne!(hash_digits(b"18446744073709551616"), hash_bytes(b"18446744073709551616"));
/// ```
#[must_use]
pub fn hash_digits(digits: &[u8]) -> u64 {
    mix(hash_bytes(digits) ^ 0x2545_f491_4f6c_dd1d)
}

/// The hash of bytes, such as those of a text. O(length).
#[must_use]
pub fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut hash = mix(bytes.len() as u64 ^ 0x1405_7b7e_f767_814f);
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = join(hash, u64::from_le_bytes(word));
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn mixing_is_the_published_one() {
        // The first two outputs of SplitMix64 for seed 0 (Vigna's reference code).
        let gamma = 0x9e37_79b9_7f4a_7c15_u64;
        assert_eq!([1, 2].map(|k: u64| mix(gamma.wrapping_mul(k))), [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
    }

    #[test]
    fn alike_keys_have_different_hashes() {
        let integers = (-500..500).map(hash_integer);
        let texts = (0..1000).map(|k: i32| hash_bytes(format!("request-{k}").as_bytes()));
        let zeros = (0..40).map(|n| hash_bytes(&vec![0; n]));
        assert_eq!(integers.chain(texts).chain(zeros).collect::<HashSet<u64>>().len(), 2040);
    }
}
