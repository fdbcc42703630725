//! The digest that everything is bound to, and the words that people compare aloud.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// SHA-256 of a change's canonical text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// Three words of the BIP-39 list, made from the digest's first 33 bits: `copper-lantern-seven`. They help people
    /// make sure that they speak of the same change. What binds is the whole digest.
    #[must_use]
    pub fn words(&self) -> String {
        let list = bip39::Language::English.word_list();
        let bits = self.0.iter().take(5).fold(0u64, |n, b| n << 8 | u64::from(*b));
        let word = |i: u32| list.get((bits >> (40 - 11 * (i + 1)) & 0x7ff) as usize).copied().unwrap_or_default();
        format!("{}-{}-{}", word(0), word(1), word(2))
    }

    /// Whether somebody who heard or read the word code typed it: spaces or hyphens between the words, capitals or not.
    #[must_use]
    pub fn is_called(&self, typed: &str) -> bool {
        let words: Vec<_> = typed.split(|c: char| c == '-' || c.is_whitespace()).filter(|w| !w.is_empty()).collect();
        words.join("-").to_lowercase() == self.words()
    }

    /// Reads 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0u8; 32];
        // `from_str_radix` alone would also take `+f`: one digest, one spelling.
        if text.len() != 64 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Digest::from_hex(&text).ok_or_else(|| serde::de::Error::custom("a digest is 64 hexadecimal digits"))
    }
}

/// 128 bits that make every proposal and every statement unlike every other. 32 hexadecimal digits in text and JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Nonce(pub u128);

impl Nonce {
    /// A number made of what no two statements have in common.
    #[must_use]
    pub fn made_of(parts: &[&dyn fmt::Display]) -> Self {
        let Digest(bytes) = Digest::of(&parts.iter().map(|p| format!("{p}\n")).collect::<String>());
        Self(bytes.iter().take(16).fold(0, |n, b| n << 8 | u128::from(*b)))
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl Serialize for Nonce {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Nonce {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let read = u128::from_str_radix(&text, 16).ok().map(Nonce).filter(|n| n.to_string() == text);
        read.ok_or_else(|| serde::de::Error::custom("a nonce is 32 hexadecimal digits"))
    }
}
