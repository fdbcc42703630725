//! Where a reading is measured, and in whose region. Decided here for feeds, model, screens and `discover` alike.

use serde::{Deserialize, Serialize};

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
