//! The five interactions of SMART v2: create, read, update, delete, search.

use std::fmt;
use std::ops::{BitAnd, BitOr, BitOrAssign, Sub};

/// A set of the letters `c r u d s` (SMART App Launch 2.2, "Scopes for requesting FHIR resources").
///
/// | letter | interactions |
/// | --- | --- |
/// | c | create |
/// | r | read, vread, history of one instance |
/// | u | update, patch (update may also create) |
/// | d | delete |
/// | s | search and history of a type or of the whole system |
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Letters(u8);

impl Letters {
    pub const NONE: Self = Self(0);
    pub const CREATE: Self = Self(1);
    pub const READ: Self = Self(2);
    pub const UPDATE: Self = Self(4);
    pub const DELETE: Self = Self(8);
    pub const SEARCH: Self = Self(16);
    pub const ALL: Self = Self(31);
    /// What SMART v1 calls `read`: `rs`.
    pub const LOOK_UP: Self = Self(2 | 16);
    /// What SMART v1 calls `write`: `cud`.
    pub const WRITE: Self = Self(1 | 4 | 8);

    /// Each letter with its set, in the order of the grammar.
    pub const IN_ORDER: [(u8, Self); 5] =
        [(b'c', Self::CREATE), (b'r', Self::READ), (b'u', Self::UPDATE), (b'd', Self::DELETE), (b's', Self::SEARCH)];

    /// The set of one letter, if it is one of the five.
    pub fn of(letter: u8) -> Option<Self> {
        Self::IN_ORDER.iter().find(|(each, _)| *each == letter).map(|(_, set)| *set)
    }

    /// Whether no letter is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether every letter of `other` is in it.
    pub const fn holds(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether it shares a letter with `other`.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Its letters one by one, in the order of the grammar.
    pub fn each(self) -> impl Iterator<Item = Self> {
        Self::IN_ORDER.into_iter().map(|(_, set)| set).filter(move |set| self.holds(*set))
    }

    /// The bits, `c` lowest; at most 31.
    pub const fn bits(self) -> u8 {
        self.0
    }
}

impl BitOr for Letters {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Letters {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl BitAnd for Letters {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Sub for Letters {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl fmt::Display for Letters {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (letter, set) in Self::IN_ORDER {
            if self.holds(set) {
                write!(out, "{}", char::from(letter))?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Letters {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}
