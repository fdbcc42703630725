//! The content of an answer before any protocol has written it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::time::Timestamp;

/// A value of an answer. Structures keep the order in which they were filled.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// Text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Double(f64),
    /// Yes or no.
    Bool(bool),
    /// A moment; how it is written is the protocol's business.
    Time(Timestamp),
    /// A list; the name is what XML calls each element, and means nothing elsewhere.
    List(&'static str, Vec<Tree>),
    /// A structure, or a map with text keys.
    Map(Vec<(Cow<'static, str>, Tree)>),
}

impl Tree {
    /// An empty structure.
    #[must_use]
    pub fn map() -> Self {
        Tree::Map(Vec::new())
    }

    /// The structure with one more member; anything but a structure stays as it is.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Tree>) -> Self {
        if let Tree::Map(members) = &mut self {
            members.push((name.into(), value.into()));
        }
        self
    }

    /// The structure with one more member where there is a value for it: AWS leaves absent members out.
    #[must_use]
    pub fn with_some(self, name: impl Into<Cow<'static, str>>, value: Option<impl Into<Tree>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The same with nothing in any of its lists, and no token for more.
    #[must_use]
    pub fn emptied(self) -> Self {
        match self {
            Tree::List(name, _) => Tree::List(name, Vec::new()),
            Tree::Map(members) => {
                let kept = members.into_iter().filter(|(name, _)| !name.eq_ignore_ascii_case("NextToken"));
                Tree::Map(kept.map(|(name, value)| (name, value.emptied())).collect())
            }
            other => other,
        }
    }

    /// The same with every moment in a leap second, as some clocks write them.
    #[must_use]
    pub fn in_leap_seconds(self) -> Self {
        let leap = |text: &str| {
            let (minute, zone) = (text.get(..17)?, text.get(19..)?);
            Some(format!("{minute}60{zone}"))
        };
        match self {
            Tree::List(name, items) => Tree::List(name, items.into_iter().map(|item| item.in_leap_seconds()).collect()),
            Tree::Map(members) => {
                let members = members.into_iter();
                Tree::Map(members.map(|(name, value)| (name, value.in_leap_seconds())).collect())
            }
            Tree::Time(at) => Tree::Text(leap(&super::iso(at)).unwrap_or_default()),
            Tree::Text(text) if text.parse::<Timestamp>().is_ok() => Tree::Text(leap(&text).unwrap_or(text)),
            other => other,
        }
    }

    /// A list whose elements XML calls `name`.
    #[must_use]
    pub fn list<T: Into<Tree>>(name: &'static str, items: impl IntoIterator<Item = T>) -> Self {
        Tree::List(name, items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Tree>> From<Vec<T>> for Tree {
    /// A list whose elements XML calls `member`, as the query protocol does where a model says nothing else.
    fn from(items: Vec<T>) -> Self {
        Tree::list("member", items)
    }
}

impl From<&BTreeMap<String, String>> for Tree {
    fn from(map: &BTreeMap<String, String>) -> Self {
        Tree::Map(map.iter().map(|(k, v)| (Cow::Owned(k.clone()), Tree::from(v.as_str()))).collect())
    }
}

impl From<&str> for Tree {
    fn from(text: &str) -> Self {
        Tree::Text(text.to_owned())
    }
}

impl From<&String> for Tree {
    fn from(text: &String) -> Self {
        Tree::Text(text.clone())
    }
}

impl From<String> for Tree {
    fn from(text: String) -> Self {
        Tree::Text(text)
    }
}

impl From<bool> for Tree {
    fn from(value: bool) -> Self {
        Tree::Bool(value)
    }
}

impl From<i32> for Tree {
    fn from(value: i32) -> Self {
        Tree::Int(value.into())
    }
}

impl From<u16> for Tree {
    fn from(value: u16) -> Self {
        Tree::Int(value.into())
    }
}

impl From<i64> for Tree {
    fn from(value: i64) -> Self {
        Tree::Int(value)
    }
}

impl From<f64> for Tree {
    fn from(value: f64) -> Self {
        Tree::Double(value)
    }
}

impl From<Timestamp> for Tree {
    fn from(value: Timestamp) -> Self {
        Tree::Time(value)
    }
}
