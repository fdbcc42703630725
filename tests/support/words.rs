//! A line of a shell as words, as far as documentation has them: quotes, no expansion.

/// The words up to a pipe, a redirection or a comment.
pub fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut chars = line.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        match chars.peek() {
            None | Some('|' | '>' | '<' | '#' | '&' | ';') => return words,
            Some(_) => {}
        }
        let mut word = String::new();
        while let Some(c) = chars.next_if(|c| !c.is_whitespace()) {
            match c {
                '\'' | '"' => word.extend(chars.by_ref().take_while(|next| *next != c)),
                _ => word.push(c),
            }
        }
        words.push(word);
    }
}
