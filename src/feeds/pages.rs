//! Lists that AWS gives out page by page. What was read of a list is the list only once it has ended.

use super::failure::ended;
use crate::aws::Trouble;

/// A page, and the token of the next one.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
}

/// The whole of a list: `ask` gets the token of each page, none for the first. An empty page with a token is not the end.
///
/// # Errors
/// The first page's that fails; and that the list does not end within `most` pages.
pub(super) async fn all<T, F>(most: usize, name: &str, ask: impl Fn(Option<String>) -> F) -> Result<Vec<T>, Trouble>
where
    F: Future<Output = Result<Page<T>, Trouble>>,
{
    let (mut items, mut token) = (Vec::new(), None);
    for _ in 0..most {
        let page = ask(token.take()).await?;
        items.extend(page.items);
        match page.next.filter(|t| !t.is_empty()) {
            Some(next) => token = Some(next),
            None => break,
        }
    }
    ended(token.as_deref(), name)?;
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(items: &[u32], next: Option<&str>) -> Page<u32> {
        Page { items: items.to_vec(), next: next.map(str::to_owned) }
    }

    #[tokio::test]
    async fn a_list_is_whole_or_an_error() {
        let whole = all(3, "things", |token| async move {
            Ok(match token.as_deref() {
                None => page(&[], Some("a")),
                Some("a") => page(&[1], Some("b")),
                _ => page(&[2], Some("")),
            })
        });
        assert_eq!(whole.await, Ok(vec![1, 2]));
        let endless = all(3, "things", |_| async { Ok(page(&[1], Some("a"))) });
        assert!(endless.await.unwrap_err().message.contains("the list of things does not end"));
        let half = all(3, "things", |token| async move {
            match token {
                None => Ok(page(&[1], Some("a"))),
                Some(_) => Err(Trouble::said(crate::aws::Kind::Lost, "gone")),
            }
        });
        assert_eq!(half.await.unwrap_err().message, "gone");
    }
}
