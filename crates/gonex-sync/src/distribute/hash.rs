//! Hashes of keys that are the same on every machine and in every build.

use std::fmt;
use std::hash::{Hash, Hasher};

/// The hash of a key by which values are routed: the same in every process, on every machine and in
/// every version, as long as the key hashes the same parts in the same order.
///
/// ```
/// use gonex_sync::distribute::KeyHash;
///
/// assert_eq!(KeyHash::of("Ishmael"), KeyHash::of(&String::from("Ishmael")));
/// assert_ne!(KeyHash::of("Ishmael"), KeyHash::of("Ahab"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyHash(pub(super) u64);

impl KeyHash {
    /// Hashes a key.
    pub fn of<K: Hash + ?Sized>(key: &K) -> Self {
        let mut hasher = Stable(BASIS);
        key.hash(&mut hasher);
        Self(hasher.finish())
    }

    /// The hash as a number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyHash({:#018x})", self.0)
    }
}

const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// FNV-1a of 64 bits (Fowler, Noll and Vo, 1991), over bytes whose order does not depend on the
/// machine.
struct Stable(u64);

/// Numbers go in as little-endian bytes, and those of the machine's width as 64 bits.
macro_rules! little_endian {
    ($($write:ident($number:ty as $width:ty);)+) => {$(
        fn $write(&mut self, number: $number) {
            self.write(&(number as $width).to_le_bytes());
        }
    )+};
}

impl Hasher for Stable {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(PRIME);
        }
    }

    little_endian! {
        write_u16(u16 as u16);
        write_u32(u32 as u32);
        write_u64(u64 as u64);
        write_u128(u128 as u128);
        write_usize(usize as u64);
        write_i16(i16 as i16);
        write_i32(i32 as i32);
        write_i64(i64 as i64);
        write_i128(i128 as i128);
        write_isize(isize as i64);
    }

    fn finish(&self) -> u64 {
        mix(self.0)
    }
}

/// Spreads each bit over all others: the finaliser of Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators" (2014), in Stafford's variant 13.
pub(super) fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(all(test, not(gonex_loom)))]
mod tests {
    use super::*;

    #[test]
    fn hashes_stay_as_they_are() {
        // The hash of no bytes is the basis; "a" is a published test vector of FNV-1a.
        assert_eq!(Stable(BASIS).0, BASIS);
        let mut a = Stable(BASIS);
        a.write(b"a");
        assert_eq!(a.0, 0xaf63_dc4c_8601_ec8c);
        assert_eq!(KeyHash::of(&7_usize), KeyHash::of(&7_u64));
        assert_eq!(KeyHash::of(&-7_isize), KeyHash::of(&-7_i64));
        // A change here moves the keys of everybody: it would be a breaking change.
        assert_eq!(KeyHash::of("Ishmael").get(), 0x0dfc_1157_67f7_b56b);
    }
}
