//! Paging tokens: opaque to the caller, refused when they come from another operation.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// How many items came before.
    pub offset: usize,
    /// The world's time when the first page was made, in milliseconds since 1970: later pages look at the
    /// same moment.
    pub as_of: i64,
}

impl Token {
    /// The token as the caller gets it.
    #[must_use]
    pub fn write(self, operation: &str) -> String {
        URL_SAFE_NO_PAD.encode(format!("1|{operation}|{}|{}", self.offset, self.as_of))
    }

    /// Reads a token back; none when it was not made for this operation.
    #[must_use]
    pub fn read(text: &str, operation: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (offset, as_of) = text.strip_prefix("1|")?.strip_prefix(operation)?.strip_prefix('|')?.split_once('|')?;
        Some(Self { offset: offset.parse().ok()?, as_of: as_of.parse().ok()? })
    }
}

/// A page of a list, and the token of the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The token of the next page, where there is one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The page of `all` that begins where the token says, of `size` items at most; none when the token was
    /// not made for this operation.
    #[must_use]
    pub fn of(all: Vec<T>, size: usize, token: Option<&str>, operation: &str) -> Option<Self> {
        let from = match token {
            Some(text) => Token::read(text, operation)?.offset,
            None => 0,
        };
        let more = all.len() > from.saturating_add(size);
        let items: Vec<T> = all.into_iter().skip(from).take(size).collect();
        let next = more.then(|| Token { offset: from + items.len(), as_of: 0 }.write(operation));
        Some(Self { items, next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_everything_once() {
        let (mut seen, mut token) = (Vec::new(), None);
        loop {
            let page = Page::of((0..7).collect(), 3, token.as_deref(), "ListX").unwrap();
            seen.extend(page.items);
            token = page.next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, (0..7).collect::<Vec<_>>());
    }

    #[test]
    fn a_foreign_token_is_refused() {
        let token = Token { offset: 3, as_of: 0 }.write("ListX");
        assert_eq!(Page::of(vec![1], 3, Some(&token), "ListY"), None);
        assert_eq!(Page::of(vec![1], 3, Some("%%%"), "ListX"), None);
    }
}
