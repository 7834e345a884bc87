//! The one way an enumeration of the field becomes text in the database, in JSON and on a page.

/// Declares an enumeration whose every value has a stored word and a label a reader sees.
///
/// The stored word is what the schema's `CHECK` lists, what JSON shows and what a URL carries;
/// the label is for pages and mail. Parsing an unknown word is an error that lists the known ones.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal, $label:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every value, in the order in which a reader meets them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stored word.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// What a reader sees.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }
        }

        impl $crate::domain::words::Worded for $name {
            fn pairs() -> Vec<(&'static str, &'static str)> {
                Self::ALL.iter().map(|value| (value.word(), value.label())).collect()
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::words::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    other => Err($crate::domain::words::UnknownWord {
                        given: other.to_owned(),
                        known: &[$($word,)+],
                    }),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.label())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// Any of the enumerations that [`words!`](crate::words) declares.
pub trait Worded: std::str::FromStr {
    /// The stored word and the label of every value, in the order in which a reader meets them.
    fn pairs() -> Vec<(&'static str, &'static str)>;
}

/// A word that is not one of an enumeration's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\u{201c}{given}\u{201d} is not one of {}", known.join(", "))]
pub struct UnknownWord {
    /// What was given.
    pub given: String,
    /// What could have been given.
    pub known: &'static [&'static str],
}
