//! Folders of files that a person might write, with what is to be said of the broken ones.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

/// The TOML files of a folder of the repository, by name.
pub fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    files
}

/// Compares what is said of each file of a folder with the `.expected` beside it; all of them before it fails.
pub fn expected(folder: &str, said: impl Fn(&str, &str) -> String) {
    let files = files(folder);
    assert!(!files.is_empty(), "{folder} is empty");
    let mut wrong = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let said = said(&std::fs::read_to_string(&file).unwrap(), name) + "\n";
        let beside = file.with_extension("expected");
        if std::env::var_os("WRITE_EXPECTED").is_some() {
            std::fs::write(&beside, &said).unwrap();
        }
        let expected = std::fs::read_to_string(&beside).unwrap_or_default();
        if said != expected {
            wrong.push(format!("{name}\n--- said\n{said}--- expected\n{expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
