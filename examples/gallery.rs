//! Draws fixture states on this terminal, to look at: `cargo run --example gallery -- outage`.
//!
//! States: calm, empty, outage, dark, proposed, approved, executing, verified, moved, refused, uncertain. Keys go
//! to the screen as in the console (nothing acts on its wishes); ctrl-c, or q, leaves. A second, third and fourth word
//! choose the person, the theme and the mode: `outage alice light replay`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../tests/support/one_account.rs"]
mod one_account;
#[path = "../tests/support/mod.rs"]
mod support;

use crossterm::event::{Event, KeyCode, KeyModifiers};
use signalbox::event::{Ask, What};
use signalbox::ui::{Mode, Screen, Setup, Wish};
use support::Stage;

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let state = args.next().unwrap_or_else(|| "outage".into());
    let who = args.next().unwrap_or_else(|| "alice".into());
    let theme = args.next().unwrap_or_else(|| "dark".into());
    let mut stage = match state.as_str() {
        "calm" => Stage::calm(),
        "empty" => Stage::new(),
        "outage" => Stage::outage(),
        "dark" => {
            let mut stage = Stage::calm();
            stage.dark = vec!["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1"];
            stage.wait(80);
            stage.poll();
            stage.pass(1);
            stage
        }
        other => Stage::until(other),
    };
    let mode = args.next().unwrap_or_else(|| "demo".into());
    let mode = Mode::ALL.into_iter().find(|m| m.word().eq_ignore_ascii_case(&mode)).expect("a mode");
    let mut screen = Screen::new(Setup { mode, ..support::setup(&stage, &who, &theme) });
    screen.choose_theme(&theme);
    let mut terminal = ratatui::init();
    crossterm::execute!(std::io::stdout(), crossterm::event::EnableBracketedPaste)?;
    loop {
        terminal.draw(|frame| screen.draw(&stage.model, frame))?;
        let event = crossterm::event::read()?;
        if let Event::Key(k) = &event
            && k.code == KeyCode::Char('c')
            && k.modifiers.contains(KeyModifiers::CONTROL)
        {
            break;
        }
        let mut leave = false;
        for wish in screen.input(&stage.model, event) {
            match wish {
                Wish::Quit => leave = true,
                Wish::Ask(ask) => stage.feed(What::Asked(ask)),
                Wish::Propose { by, draft } => {
                    let nonce = signalbox::change::Nonce(7);
                    stage.feed(What::Asked(Ask::Propose { by, draft, nonce }));
                    stage.last = stage.model.changes.all().last().map(|c| c.digest);
                }
                Wish::ActAsSecond { .. } => stage.approve(),
                _ => {}
            }
            stage.pass(1);
        }
        if leave {
            break;
        }
    }
    ratatui::restore();
    Ok(())
}
