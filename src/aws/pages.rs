//! Lists that AWS gives out page by page. What was read of a list is the list only once it has ended.

use super::{Kind, Trouble};

/// A page, and the token of the next one.
pub(crate) struct Page<T, K = String> {
    pub(crate) items: Vec<T>,
    pub(crate) next: Option<K>,
}

impl<T> Page<T> {
    /// A page with the token that AWS gave; an empty one is none.
    pub(crate) fn of(items: Vec<T>, next: Option<String>) -> Self {
        Self { items, next: next.filter(|token| !token.is_empty()) }
    }
}

/// What was read of a list.
pub(crate) struct Listed<T> {
    pub(crate) items: Vec<T>,
    /// Whether it is all of it; else there are more than these.
    pub(crate) whole: bool,
}

impl<T> Listed<T> {
    /// All of the list.
    ///
    /// # Errors
    /// If it did not end.
    pub(crate) fn whole(self, name: &str) -> Result<Vec<T>, Trouble> {
        if self.whole {
            return Ok(self.items);
        }
        let at_least = self.items.len();
        let why =
            format!("the list of {name} does not end: it has at least {at_least}, and how many more is not known");
        Err(Trouble::said(Kind::Garbled, why))
    }
}

/// As much of a list as there is on `most` pages: `ask` gets the token of each page, none for the first. An empty page
/// with a token is not the end.
///
/// # Errors
/// The first page's that fails.
pub(crate) async fn up_to<T, K, F>(most: usize, ask: impl Fn(Option<K>) -> F) -> Result<Listed<T>, Trouble>
where
    F: Future<Output = Result<Page<T, K>, Trouble>>,
{
    let (mut items, mut token) = (Vec::new(), None);
    for _ in 0..most {
        let page = ask(token.take()).await?;
        items.extend(page.items);
        match page.next {
            Some(next) => token = Some(next),
            None => return Ok(Listed { items, whole: true }),
        }
    }
    Ok(Listed { items, whole: false })
}

/// The whole of a list.
///
/// # Errors
/// The first page's that fails; and that the list does not end within `most` pages.
pub(crate) async fn all<T, K, F>(most: usize, name: &str, ask: impl Fn(Option<K>) -> F) -> Result<Vec<T>, Trouble>
where
    F: Future<Output = Result<Page<T, K>, Trouble>>,
{
    up_to(most, ask).await?.whole(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(items: &[u32], next: Option<&str>) -> Page<u32> {
        Page::of(items.to_vec(), next.map(str::to_owned))
    }

    #[tokio::test]
    async fn a_list_is_whole_or_an_error() {
        let whole = all(3, "things", |token: Option<String>| async move {
            Ok(match token.as_deref() {
                None => page(&[], Some("a")),
                Some("a") => page(&[1], Some("b")),
                _ => page(&[2], Some("")),
            })
        });
        assert_eq!(whole.await, Ok(vec![1, 2]));
        let endless = all(3, "things", |_: Option<String>| async { Ok(page(&[1], Some("a"))) });
        assert!(endless.await.unwrap_err().message.contains("the list of things does not end: it has at least 3,"));
        let half = all(3, "things", |token: Option<String>| async move {
            match token {
                None => Ok(page(&[1], Some("a"))),
                Some(_) => Err(Trouble::said(Kind::Lost, "gone")),
            }
        });
        assert_eq!(half.await.unwrap_err().message, "gone");
    }

    #[tokio::test]
    async fn what_was_read_of_a_list_that_goes_on_is_kept_and_said_to_be_no_more() {
        let some = up_to(2, |_: Option<String>| async { Ok(page(&[1], Some("a"))) }).await.unwrap();
        assert_eq!((some.items, some.whole), (vec![1, 1], false));
    }
}
