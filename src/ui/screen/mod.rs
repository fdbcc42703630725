//! One person's screen: where they are looking, what they have marked, which dialog is open.

mod changes;
mod cursor;
mod open;
mod pointing;

use std::collections::BTreeSet;

use ratatui::layout::Rect;
use tui_input::Input;

use super::finding::Finding;
use super::follow::Follow;
use super::hand::Hand;
use super::keymap::Key;
use super::panes::{Layout, Panes};
use super::pen::{Pen, Places};
use super::presenter::Presenter;
use super::reading::Reading;
use super::themes::Themes;
use super::{Action, Setup, Wish, away, dialog, keys, layout, next, palette, past, scrollback, selecting, which_key};
use crate::change::Digest;
use crate::estate::{ControlArn, PairName, Region, Side};
use crate::mask::Mask;
use crate::model::{Closing, Model};
use crate::time::Stamp;

pub(crate) use self::cursor::{Cursor, View};
pub(crate) use self::open::{BeginField, BeginForm, Dialog, DraftForm, Field, Focus, MomentForm};
pub(crate) use self::pointing::{Drag, Hit, Pointer, Scrolls, Sight};

/// The smallest size that everything fits on.
pub(crate) const SMALLEST: (u16, u16) = (40, 18);
/// Below this width a screen is a phone's, or a split pane's: one thing beneath the other, nothing side by side.
pub(crate) const SLIM: u16 = 60;
/// Notices that wait to be taken away, at most.
const MOST_NOTICES: usize = 3;

/// Whether what this screen shows is being recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Tape {
    /// It is not.
    #[default]
    None,
    /// It is.
    Runs,
    /// It was, until something went wrong.
    Broken(String),
}

/// One person's screen; several of them, of different size, view and theme, may draw one model.
#[derive(Clone)]
pub struct Screen {
    pub(crate) setup: Setup,
    pub(crate) pair: PairName,
    pub(crate) view: View,
    pub(crate) side: Side,
    pub(crate) cursor: Option<Cursor>,
    pub(crate) marks: Vec<ControlArn>,
    /// DRS source servers that are marked, by region and id.
    pub(crate) servers: Vec<(Region, String)>,
    pub(crate) unfolded: bool,
    /// The cursor of each view's list.
    pub(crate) follow: [Follow; View::ALL.len()],
    /// The first line shown of each view's list.
    pub(crate) scroll: [usize; View::ALL.len()],
    pub(crate) dialog: Option<Dialog>,
    /// The first line shown of the dialog.
    pub(crate) dialog_scroll: usize,
    pub(crate) draft: Option<DraftForm>,
    pub(crate) field: Field,
    /// Whether the input that is being taken in is a hand's.
    pub(crate) hand: Hand,
    pub(crate) complaint: Option<String>,
    /// What is said until it is taken away, such as a keymap that is not used.
    pub(crate) notices: Vec<String>,
    /// The keys of a sequence that waits for its next one.
    pub(crate) pending: Vec<Key>,
    /// Something worth knowing, until the next key.
    pub(crate) said: Option<String>,
    /// Since when that, or a complaint, has stood there.
    told: Option<Stamp>,
    pub(crate) find: Finding,
    pub(crate) panes: Panes,
    pub(crate) pointer: Pointer,
    pub(crate) presenter: Presenter,
    pub(crate) themes: Themes,
    pub(crate) hits: Vec<(Rect, Hit)>,
    /// What stands where on the frame that was drawn last.
    pub(crate) places: Places,
    /// Closing windows that the terminal has rung for.
    pub(crate) rung: BTreeSet<(Digest, Closing)>,
    /// How much of a change's dialog was in sight.
    pub(crate) reading: Reading,
    /// What was drawn last.
    pub(crate) sight: Sight,
    /// Lines that a page of the list has.
    pub(crate) page: usize,
    /// What is left out of the timeline, and where it is read.
    pub(crate) timeline: scrollback::Scrollback,
    /// How far back this screen may look.
    pub(crate) memory: Option<past::Memory>,
    /// The moment that it looks at; none is now.
    pub(crate) visit: Option<past::Visit>,
    pub(crate) away: away::Watch,
    pub(crate) tape: Tape,
    /// When this person last asked for something.
    pub(crate) tried: Option<Stamp>,
    /// The line to the terminal is slow, as far as is known: what can be left as it is, is.
    pub(crate) spares: bool,
    /// On a slow line: the dialog that the last frame showed, and whether the rest of it is still to come.
    pub(crate) opening: super::dialog::Opening,
}

impl Screen {
    /// A screen that shows the overview.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let themes = Themes::new(setup.theme.name());
        Self {
            pair: setup.pair.clone(),
            setup,
            view: View::Overview,
            side: Side::Active,
            cursor: None,
            marks: Vec::new(),
            servers: Vec::new(),
            unfolded: false,
            follow: Default::default(),
            scroll: [0; View::ALL.len()],
            dialog: None,
            dialog_scroll: 0,
            draft: None,
            field: Field::None,
            hand: Hand::Own,
            complaint: None,
            notices: Vec::new(),
            pending: Vec::new(),
            said: None,
            told: None,
            find: Finding::default(),
            panes: Panes::default(),
            pointer: Pointer { on: true, drag: None },
            presenter: Presenter::default(),
            themes,
            hits: Vec::new(),
            places: Places::default(),
            rung: BTreeSet::new(),
            reading: Reading::default(),
            sight: Sight::default(),
            page: 10,
            timeline: scrollback::Scrollback::default(),
            memory: None,
            visit: None,
            away: away::Watch::default(),
            tape: Tape::None,
            tried: None,
            spares: false,
            opening: super::dialog::Opening::default(),
        }
    }

    /// Shows a message in front of every view until the person dismisses it. The newest few are kept.
    pub fn notice(&mut self, words: impl Into<String>) {
        self.notices.push(words.into());
        let more = self.notices.len().saturating_sub(MOST_NOTICES);
        self.notices.drain(..more);
    }

    /// The key that does an action where this person is now, as people read it.
    pub(crate) fn key(&self, action: Action) -> String {
        self.setup.keymap.key_in(keys::context(self), action)
    }

    /// Says whether the line to the terminal is slow: then a dialog does not make quiet what is behind it, because that is
    /// a whole screen of bytes.
    pub fn spare(&mut self, slow: bool) {
        self.spares = slow;
    }

    /// Whether the last frame left something out for the sake of a slow line: the next one, as soon as the terminal has
    /// taken it, has the rest.
    #[must_use]
    pub fn owes(&self) -> bool {
        self.opening.owes()
    }

    /// Says how something ended that this person asked for, until their next key; why not, where it failed.
    pub fn tell(&mut self, told: Result<String, String>) {
        self.told = None;
        match told {
            Ok(words) => self.said = Some(words),
            Err(why) => (self.said, self.complaint) = (None, Some(why)),
        }
    }

    /// Says that the program cannot be stopped, and why. Until this person takes that away their keys do nothing: they
    /// may believe that a shell reads them.
    pub fn cannot_stop(&mut self, why: impl Into<String>) {
        let over = match self.dialog.take() {
            Some(Dialog::Stays { over, .. }) => over,
            open => open.map(Box::new),
        };
        (self.find.palette, self.find.filtering) = (None, false);
        self.pending.clear();
        self.dialog = Some(Dialog::Stays { why: why.into(), over });
        self.dialog_scroll = 0;
    }

    /// Whether characters go into a field now.
    #[must_use]
    pub fn takes_text(&self) -> bool {
        keys::takes_text(self)
    }

    /// Whether it is being presented, so that the terminal's bell and notifications are kept quiet.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.presents()
    }

    /// Whether the terminal should ring now: the window of a change that this person proposed or can approve is about
    /// to close. Once for each window, and not in presenter mode.
    pub fn rings(&mut self, model: &Model) -> bool {
        if self.presents() || model.read_only.is_some() {
            return false;
        }
        let closing = next::closing(self, model);
        let rings = !closing.is_subset(&self.rung);
        self.rung = closing;
        rings
    }

    /// The screen with its panes as this person left them.
    #[must_use]
    pub fn arranged(mut self, layout: Layout) -> Self {
        self.panes.layout = layout;
        self
    }

    /// The screen with the mouse listened to, or not.
    #[must_use]
    pub fn with_mouse(mut self, on: bool) -> Self {
        self.pointer.on = on;
        self
    }

    /// Whether the mouse is listened to.
    #[must_use]
    pub fn mouse(&self) -> bool {
        self.pointer.on
    }

    /// What it was made with. In the past its hands are empty.
    #[must_use]
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Says whether it is being recorded.
    pub fn recorded(&mut self, tape: Tape) {
        self.tape = tape;
    }

    /// Takes a key, a paste, a click or a new size in; gives what the person wants done.
    pub fn input(&mut self, model: &Model, input: impl Into<super::Input>) -> Vec<Wish> {
        let (input, hand) = input.into().taken();
        self.hand = hand;
        self.sync(model);
        self.told = None;
        if self.sight == Sight::TooSmall {
            let mut wishes = keys::unseen(self, model, &input);
            wishes.retain(|wish| hand.grants(wish));
            return wishes;
        }
        // Somebody who comes back after a long time is told what changed. Their key still does its own work, and so
        // does the next one, over the summary.
        let back = self.visit.is_none() && away::by_hand(&input) && self.away.touched(model);
        let back = back && self.dialog.is_none() && !keys::leaves(self, &input);
        if matches!(self.dialog, Some(Dialog::Away)) && keys::passes_by(self, &input) {
            self.dialog = None;
        }
        let before = self.dialog.as_ref().map(std::mem::discriminant);
        let mut wishes = keys::input(self, model, input);
        wishes.retain(|wish| hand.grants(wish));
        if back {
            self.away.read(model);
            if self.dialog.is_none() && self.find.palette.is_none() && !self.find.filtering && self.visit.is_none() {
                self.dialog = Some(Dialog::Away);
                self.dialog_scroll = 0;
            } else if self.said.is_none() {
                let key = self.key(Action::Away);
                self.said = Some(format!("you were away for a while: {key} tells what changed"));
            }
        }
        // What was refused in one dialog is not said in the next.
        let elsewhere = before != self.dialog.as_ref().map(std::mem::discriminant);
        if elsewhere || wishes.iter().any(|w| matches!(w, Wish::Ask(_) | Wish::Propose { .. })) {
            self.tried = Some(model.now);
        }
        self.masked_wishes(model, wishes)
    }

    /// Draws what is known as this person looks at it: a function of the model and this screen alone.
    pub fn draw(&mut self, model: &Model, frame: &mut ratatui::Frame<'_>) {
        self.sync(model);
        match self.veiled(model) {
            None => self.paint(model, None, frame),
            Some((model, mask)) => {
                let own = self.put_on(&mask);
                self.paint(&model, Some(&mask), frame);
                self.take_off(own);
            }
        }
    }

    fn paint(&mut self, model: &Model, mask: Option<&Mask>, frame: &mut ratatui::Frame<'_>) {
        let theme = match layout::frame(self, model) {
            Some(badge) => self.setup.theme.clone().framed(badge),
            None => self.setup.theme.clone(),
        };
        let mut pen = Pen::new(frame.buffer_mut(), &theme, mask);
        let frame_width = pen.area().width;
        self.hits.clear();
        self.places = Places::default();
        self.sight = Sight::of(pen.area());
        if self.sight == Sight::TooSmall {
            // Nothing follows what is not shown.
            self.opening = self.opening.unseen();
            layout::too_small(self, model, &mut pen);
            return;
        }
        layout::draw(self, model, &mut pen);
        if let Some((change, lines)) = dialog::draw(self, model, &mut pen) {
            // Behind a mask nobody reads what is signed.
            if mask.is_none() {
                self.reading.saw(change, frame_width, lines);
            }
        }
        which_key::draw(self, &mut pen);
        palette::draw(self, model, &mut pen);
        selecting::draw(self, &mut pen);
        self.places = pen.places();
    }

    /// What is a link on the frame that was drawn last, and the page that it leads to.
    #[must_use]
    pub fn links(&self) -> &[(Rect, String)] {
        &self.places.links
    }

    /// Follows what the model has done since: a proposal that became a change, a change that was approved.
    fn sync(&mut self, model: &Model) {
        let told = self.said.is_some() || self.complaint.is_some();
        self.told = told.then(|| self.told.unwrap_or(model.now));
        if self.visit.is_none() {
            self.away.begin(model);
        }
        if model.estate.pair(&self.pair).is_none()
            && let Some(first) = model.estate.pairs.first()
        {
            self.pair = first.name.clone();
        }
        let new = self.draft.as_ref().and_then(|form| {
            let known = form.asked.as_ref()?;
            model.changes.all().iter().rev().find(|c| !known.contains(&c.digest) && self.is_mine(c)).map(|c| c.digest)
        });
        if let Some(new) = new {
            self.draft = None;
            self.marks.clear();
            self.servers.clear();
            if matches!(self.dialog, Some(Dialog::Draft)) {
                self.open_change(new);
            }
        }
        // A refusal means that the form may be mended and sent again.
        if self.refusal(model).is_some()
            && let Some(form) = &mut self.draft
        {
            form.asked = None;
        }
        let Some(Dialog::Change(digest)) = &self.dialog else { return };
        let state = model.changes.get(digest).map(|c| (c.state.clone(), self.may_turn(c)));
        let approved = model.changes.get(digest).is_some_and(|c| self.has_approved(model, c));
        match (state, &self.field) {
            (Some((crate::change::State::Approved, true)), Field::None) => self.field = Field::Region(Input::default()),
            (Some((crate::change::State::Approved, _)), Field::Region(_)) => {}
            (Some((s, _)), Field::Region(_)) if s != crate::change::State::Approved => self.field = Field::None,
            (Some((s, _)), Field::Code(_)) if s != crate::change::State::Proposed || approved => {
                self.field = Field::None
            }
            (Some((s, _)), Field::Signature(_) | Field::Reject(_) | Field::Withdraw) if !s.is_open() => {
                self.field = Field::None;
            }
            (None, _) => self.dialog = None,
            _ => {}
        }
    }

    /// Looks at another pair; what is marked belongs to this one.
    pub(crate) fn turn_to(&mut self, pair: &PairName) {
        if self.pair != *pair {
            self.pair = pair.clone();
            self.cursor = None;
            self.marks.clear();
            self.scroll = [0; View::ALL.len()];
            // A filter from there need not fit here: nothing of a pair is hidden from somebody who has just switched to
            // it.
            View::ALL.into_iter().for_each(|view| self.find.clear(view));
        }
    }

    pub(crate) fn open_change(&mut self, digest: Digest) {
        self.dialog = Some(Dialog::Change(digest));
        self.dialog_scroll = 0;
        self.field = Field::None;
    }
}
