//! Where a reading is measured, and in whose region. Decided here for feeds, model, screens and `discover` alike.

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Pair, Reading, Region, Side, Sides, Source};

/// Where a figure is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Place {
    /// The pair's active side.
    Active,
    /// The pair's standby side.
    Standby,
    /// Between the two.
    Link,
    /// Between the two, the other way round.
    Back,
}

impl From<Side> for Place {
    fn from(side: Side) -> Self {
        match side {
            Side::Active => Place::Active,
            Side::Standby => Place::Standby,
        }
    }
}

impl Place {
    /// Where replication towards a side is measured.
    #[must_use]
    pub fn towards(side: Side) -> Self {
        match side {
            Side::Standby => Place::Link,
            Side::Active => Place::Back,
        }
    }

    /// The side whose region measures it: replication is measured where it arrives.
    #[must_use]
    pub fn side(self) -> Side {
        match self {
            Place::Active | Place::Back => Side::Active,
            Place::Standby | Place::Link => Side::Standby,
        }
    }

    /// The side that it is about; none for what is between the two.
    #[must_use]
    pub fn own(self) -> Option<Side> {
        match self {
            Place::Active | Place::Standby => Some(self.side()),
            Place::Link | Place::Back => None,
        }
    }

    /// The region of a pair that measures it.
    #[must_use]
    pub fn region(self, pair: &Pair) -> &Region {
        pair.region(self.side())
    }

    /// The value of this place's side, with the names of this place in it.
    #[must_use]
    pub fn value(self, of: &PerSide, pair: &Pair) -> String {
        self.fill(of.on(self.side()), pair)
    }

    /// A text of the estate file, with the names of this place in it: `{region}` and `{side}`.
    #[must_use]
    pub fn fill(self, text: &str, pair: &Pair) -> String {
        let side = match self.side() {
            Side::Active => "active",
            Side::Standby => "standby",
        };
        text.replace("{region}", self.region(pair).as_str()).replace("{side}", side)
    }
}

/// A text of the estate file that may differ by side, as names that AWS makes up do: `tgw-…`, `app/portal/50dc6c…`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum PerSide {
    /// The same on both sides; `{region}` and `{side}` stand for the side's own.
    Same(String),
    /// One for each side.
    Each(EachSide),
}

/// The two texts of [`PerSide::Each`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EachSide {
    /// On the active side.
    pub active: String,
    /// On the standby side.
    pub standby: String,
}

impl<'de> Deserialize<'de> for PerSide {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        /// Tells the two apart, so that a fault in the table is said as that.
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = PerSide;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a text, or one for each side: `{ active = \"…\", standby = \"…\" }`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<PerSide, E> {
                Ok(PerSide::Same(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PerSide, A::Error> {
                EachSide::deserialize(MapAccessDeserializer::new(map)).map(PerSide::Each)
            }
        }
        from.deserialize_any(Either)
    }
}

impl PerSide {
    /// The text of a side.
    #[must_use]
    pub fn on(&self, side: Side) -> &str {
        match (self, side) {
            (PerSide::Same(text), _) => text,
            (PerSide::Each(each), Side::Active) => &each.active,
            (PerSide::Each(each), Side::Standby) => &each.standby,
        }
    }

    /// Every text, changed.
    pub fn change(&mut self, mut f: impl FnMut(&mut String)) {
        match self {
            PerSide::Same(text) => f(text),
            PerSide::Each(each) => {
                f(&mut each.active);
                f(&mut each.standby);
            }
        }
    }
}

impl From<String> for PerSide {
    fn from(text: String) -> Self {
        PerSide::Same(text)
    }
}

impl Reading {
    /// The places in which it is measured.
    #[must_use]
    pub fn places(&self) -> &'static [Place] {
        match self.sides {
            Sides::Each => &[Place::Active, Place::Standby],
            Sides::Active => &[Place::Active],
            Sides::Standby => &[Place::Standby],
            Sides::Link => &[Place::Link],
            Sides::Back => &[Place::Back],
        }
    }

    /// The region whose service is asked for it in a place.
    #[must_use]
    pub fn read_in<'a>(&'a self, place: Place, pair: &'a Pair) -> &'a Region {
        match &self.source {
            Source::Cloudwatch { region: Some(region), .. } => region,
            _ => place.region(pair),
        }
    }
}
