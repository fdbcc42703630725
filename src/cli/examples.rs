//! The examples of every command: in `--help`, in the man pages, and each one read by a test as the program reads it.

use clap::Command;

/// A command's path below `signalbox`, and its examples: what to type, and what that does.
type Examples = (&'static str, &'static [(&'static str, &'static str)]);

/// Every command has examples.
pub const EXAMPLES: &[Examples] = &[
    (
        "demo",
        &[
            ("signalbox demo", "lose a region, and fail over"),
            ("signalbox demo --scenario endpoints-dark --theme projector", "the same with four of five endpoints gone"),
            ("signalbox demo --speed 5 --folder box", "five times as fast; keeps estate file, keys and journal in box"),
        ],
    ),
    (
        "console",
        &[
            ("signalbox console --estate estate.toml", "on call"),
            ("signalbox console --estate estate.toml --read-only", "on the bridge: only looks on, cannot write"),
        ],
    ),
    (
        "status",
        &[
            (
                "signalbox status --estate estate.toml",
                "every system of the estate, a line each; exit code 8 when something is impaired",
            ),
            ("signalbox status --json --pair east", "one pair for a script, from the estate in SIGNALBOX_ESTATE"),
        ],
    ),
    (
        "propose",
        &[
            ("signalbox propose --to us-east-2 --reason INC-4471 -o change.json", "fail the first pair over"),
            (
                "signalbox propose --set portal-us-east-1=Off portal-us-east-2=On --reason 'portal only'",
                "one service alone",
            ),
        ],
    ),
    (
        "approve",
        &[
            ("signalbox approve change.json", "sign with a key of the ssh-agent"),
            (
                "signalbox approve change.json --key ~/.ssh/id_ed25519 --estate estate.toml",
                "check it against your own estate file first",
            ),
        ],
    ),
    (
        "flip",
        &[(
            "signalbox flip change.json --approval change.json.sig --to us-east-2",
            "turn the second key: traffic moves",
        )],
    ),
    ("withdraw", &[("signalbox withdraw change.json", "withdraw what you proposed")]),
    ("reject", &[("signalbox reject change.json --reason 'wrong region'", "reject it, so that it can never run")]),
    ("drill approvers", &[("signalbox drill approvers", "each key here signs a harmless challenge")]),
    (
        "discover",
        &[
            ("signalbox discover -o estate.toml", "write an estate file from this account"),
            (
                "signalbox discover --pair east=us-east-1,us-east-2 -o estate.toml",
                "name the pair where the controls' names do not show it",
            ),
            ("signalbox discover --refresh estate.toml --dry-run", "show what is new in the account since then"),
        ],
    ),
    (
        "doctor",
        &[
            (
                "signalbox doctor --estate estate.toml --as alice",
                "what an incident would miss; exit code 8 when something is bad",
            ),
            (
                "signalbox doctor --estate estate.toml --without us-east-1",
                "what would still work without a region, identity-center or internet-dns",
            ),
        ],
    ),
    (
        "check",
        &[
            ("signalbox check estate.toml", "list every fault with its line, and what is legal but unwise"),
            ("signalbox check --strict estate.toml", "for CI: also fail on what is unwise"),
            ("signalbox check themes/mine.toml keymaps/mine.toml", "themes and keymaps of your own"),
        ],
    ),
    (
        "schema",
        &[
            ("signalbox schema > estate.schema.json", "for an editor's completion of estate files"),
            ("signalbox schema --of status", "what `status --json` prints"),
        ],
    ),
    (
        "journal",
        &[("signalbox journal verify", "check the journal of SIGNALBOX_STATE, or of the estate in SIGNALBOX_ESTATE")],
    ),
    ("journal verify", &[("signalbox journal verify box", "is the chain of hashes whole?")]),
    (
        "journal show",
        &[
            ("signalbox journal show box", "every record, oldest first"),
            ("signalbox journal show --json --change copper-lantern-seven", "the records of one change"),
        ],
    ),
    ("drill", &[("signalbox drill start 2026-Q4 --type quarterly --with bob,carol", "begin one")]),
    (
        "drill start",
        &[("signalbox drill start 2026-Q4 --type quarterly --with bob,carol", "everything from now on belongs to it")],
    ),
    ("drill end", &[("signalbox drill end", "then `signalbox report` shows how it went")]),
    ("incident", &[("signalbox incident start INC-4471", "begin one")]),
    ("incident start", &[("signalbox incident start INC-4471 --pair east", "everything from now on belongs to it")]),
    ("incident end", &[("signalbox incident end", "then `signalbox report` shows how it went")]),
    (
        "report",
        &[
            ("signalbox report", "the last incident or drill, as Markdown"),
            ("signalbox report 2026-Q4 --format html -o report.html", "one self-contained page"),
        ],
    ),
    (
        "pack",
        &[
            ("signalbox pack --estate estate.toml -o when-no-console-starts.md", "to keep offline"),
            ("signalbox pack --estate estate.toml --format html --runbook runbook.md -o page.html", "to print"),
        ],
    ),
    ("drills", &[("signalbox drills", "how they went; exit code 8 when one is overdue")]),
    (
        "sim",
        &[
            ("signalbox sim --scenario list", "what can happen"),
            ("signalbox sim --folder box", "then, in another terminal: . box/env"),
            (
                "signalbox sim --scenario region-outage --speed 10 --write-estate estate.toml",
                "ten times as fast as real time",
            ),
        ],
    ),
    (
        "rehearse",
        &[
            ("signalbox rehearse region-outage --speed 20", "the whole move by scripted people, with its times"),
            (
                "signalbox rehearse region-outage --estate estate.toml --pair east --report report.html",
                "on an estate file of your own",
            ),
        ],
    ),
    ("config", &[("signalbox config show", "the settings in force, and where each comes from")]),
    ("config path", &[("signalbox config path", "where the file is, or would be")]),
    ("config show", &[("signalbox config show --json", "for a script")]),
    ("config init", &[("signalbox config init", "a file with everything in it, commented out")]),
    (
        "completions",
        &[
            ("signalbox completions bash > ~/.local/share/bash-completion/completions/signalbox", "bash"),
            ("signalbox completions zsh > ~/.zfunc/_signalbox", "zsh, where ~/.zfunc is in fpath"),
            ("signalbox completions fish > ~/.config/fish/completions/signalbox.fish", "fish"),
        ],
    ),
    (
        "man",
        &[
            ("signalbox man ~/.local/share/man", "write all pages into man1 and man5; then `man signalbox` works"),
            ("signalbox man | man -l -", "the first page alone"),
        ],
    ),
    ("keys", &[("signalbox keys vim", "list the keys of the keymap vim")]),
    (
        "replay",
        &[
            ("signalbox replay drill.rec --speed 4", "the screens as they were seen, four times as fast"),
            ("signalbox replay drill.rec --at +4m30s --step", "frame by frame from there"),
        ],
    ),
    ("export-cast", &[("signalbox export-cast drill.rec -o drill.cast", "for asciinema")]),
];

/// The examples of a command by its path below `signalbox`; none for one that has none.
#[must_use]
pub fn of(path: &str) -> &'static [(&'static str, &'static str)] {
    EXAMPLES.iter().find(|(name, _)| *name == path).map_or(&[], |(_, examples)| examples)
}

/// The command with its examples under its help, and so are its subcommands.
pub(super) fn with_examples(command: Command, path: &str) -> Command {
    let below = path.to_owned();
    let command = command.mut_subcommands(|sub| {
        let path = format!("{below} {}", sub.get_name());
        with_examples(sub, path.trim_start())
    });
    let examples = of(path);
    if examples.is_empty() {
        return command;
    }
    let style = *command.get_styles().get_header();
    let mut text = format!("{style}Examples:{style:#}");
    for (command, words) in examples {
        text.push_str(&format!("\n  {command}\n      {words}"));
    }
    command.after_help(text)
}
