//! Writes what was found as an estate file, with a comment next to each guess.

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table};

use super::Found;

/// The lists of an estate file whose elements can have notes, with what their key is called.
pub(super) const LISTS: [(&str, &str); 8] = [
    ("regions", "name"),
    ("pairs", "name"),
    ("services", "name"),
    ("gates", "name"),
    ("safety_rules", "arn"),
    ("health_checks", "id"),
    ("resolvers", "name"),
    ("systems", "id"),
];

const HEAD: &str =
    "# An estate file, written by `signalbox discover` from what this account has. Read it before you rely on it:
# comments mark what was guessed, and from what. `signalbox check FILE` reports its faults, and
# `signalbox discover --refresh FILE` adds what is new and leaves the rest as it is.
# A system or health check that you remove would come back then: list its id to keep it out.
#
#     [discover]
#     ignore = [\"sqs-claims-east\"]
#
# People are yours to add: two at least, because nobody approves their own change.
#
#     [[people]]
#     name = \"ann\"
#     roles = [\"operator\", \"approver\"]
#     keys = [\"ssh-ed25519 AAAA… ann@example.com\"]
";

/// The lines of a text as comments.
pub(super) fn comment(text: &str) -> String {
    text.lines().map(|l| format!("# {}\n", crate::hygiene::visible(l))).collect()
}

/// Lists of tables as the file has them: the ones inside of others stay where they are.
pub(super) fn elements<'a>(doc: &'a mut DocumentMut, list: &str) -> Option<&'a mut ArrayOfTables> {
    doc.get_mut(list).and_then(Item::as_array_of_tables_mut)
}

/// The value that tells one element of a list from the others.
pub(super) fn key_of<'a>(table: &'a Table, key: &str) -> Option<&'a str> {
    table.get(key).and_then(Item::as_str)
}

/// The estate file.
///
/// # Errors
/// When a value cannot be written as TOML, which nothing that AWS gives is.
pub fn document(found: &Found) -> Result<DocumentMut, Box<dyn std::error::Error + Send + Sync>> {
    let mut doc: DocumentMut = found.estate.to_toml()?.parse()?;
    // An empty list is in the way of the first `[[people]]` that somebody adds.
    let empty = |item: &Item| item.as_array().is_some_and(toml_edit::Array::is_empty);
    doc.as_table_mut().retain(|_, item| !empty(item));
    for (list, key) in LISTS {
        let Some(tables) = elements(&mut doc, list) else { continue };
        for table in tables.iter_mut() {
            let note = key_of(table, key).and_then(|k| found.notes.get(&(list, k.to_owned())));
            if let Some(note) = note {
                table.decor_mut().set_prefix(format!("\n{}", comment(note)));
            }
        }
    }
    let mut head = HEAD.to_owned();
    if !found.remarks.is_empty() || !found.unread.is_empty() {
        head.push_str("#\n");
    }
    for remark in &found.remarks {
        head.push_str(&comment(remark));
    }
    for unread in &found.unread {
        head.push_str(&comment(&format!("NOT READ: {unread}")));
    }
    head.push('\n');
    doc.decor_mut().set_prefix("");
    let text = format!("{head}{doc}");
    Ok(text.parse()?)
}
