//! A process for one test: for what counts or changes something of the whole process, which other tests share.

use std::process::Command;

/// Runs an ignored test, by its whole name, in a process of its own that `with` prepares. It must pass.
#[track_caller]
pub fn alone(test: &str, with: impl FnOnce(&mut Command)) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--ignored", "--nocapture", "--exact", test]);
    with(&mut child);
    let out = child.output().unwrap();
    let said = [out.stdout, out.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(out.status.success() && said.contains("1 passed"), "{said}");
    println!("{said}");
}
