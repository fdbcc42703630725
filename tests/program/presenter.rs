//! Presenter mode of the program's commands; the screens' stands in `tests/pure/presenter/`.

use std::process::Command;

#[test]
fn the_reports_command_masks() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let state = state.to_str().unwrap();
    let run = |args: &[&str]| {
        let out =
            Command::new(env!("CARGO_BIN_EXE_signalbox")).args(args).env_clear().env("HOME", "/nonexistent").output();
        let out = out.unwrap();
        (out.status.success(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
    };
    let (well, _, err) = run(&["rehearse", "calm", "--speed", "40", "--folder", state]);
    assert!(well, "{err}");
    let estate = format!("{state}/estate.toml");
    for format in ["md", "json", "html"] {
        let args = ["report", "--journal", state, "--format", format];
        let (_, open, _) = run(&args);
        assert!(open.contains("SHA256:"), "there is something to mask: {open}");
        for more in [&["--presenter"][..], &["--presenter", "--estate", &estate]] {
            let (well, text, err) = run(&[&args[..], more].concat());
            assert!(well && !text.contains("SHA256:") && text.contains("key-"), "{err}{text}");
        }
    }
}
