//! One person's screen: where they are looking, what they have marked, which dialog is open.

use std::collections::BTreeSet;

use ratatui::layout::{Position, Rect};
use tui_input::Input;

use super::finding::Finding;
use super::finding::filter::Words;
use super::follow::{Follow, Target};
use super::hand::Hand;
use super::keymap::Key;
use super::palette::{self, Choice};
use super::panes::{Layout, Panes};
use super::pen::{Pen, Places};
use super::presenter::Presenter;
use super::reading::Reading;
use super::selecting::{self, Selection};
use super::themes::Themes;
use super::{Action, Setup, Wish, away, dialog, keys, layout, next, past, scrollback, which_key};
use crate::change::{Change, Digest, Draft};
use crate::estate::{Control, ControlArn, Pair, PairName, Region, RuleArn, ServiceName, Side, SystemId};
use crate::mask::Mask;
use crate::model::{Closing, Model};
use crate::record::SessionKind;
use crate::time::{Span, Stamp};

/// The smallest size that everything fits on.
pub(crate) const SMALLEST: (u16, u16) = (40, 18);
/// Below this width a screen is a phone's, or a split pane's: one thing beneath the other, nothing side by side.
pub(crate) const SLIM: u16 = 60;
/// How long a refusal stays in front of the person whom it concerns.
const REFUSAL_SHOWN: Span = Span::from_secs(15);
/// How long a banner tells what came of a key, where no other key follows.
const TOLD_FOR: Span = Span::from_mins(1);
/// Notices that wait to be taken away, at most.
const MOST_NOTICES: usize = 3;
/// How long something counts as just changed.
const JUST_NOW: Span = Span::from_secs(3);

/// The views, by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum View {
    Overview,
    Controls,
    Checks,
    Dns,
    Drs,
    Readiness,
    Changes,
    Timeline,
    People,
    Log,
}

impl View {
    pub(crate) const ALL: [View; 10] = [
        View::Overview,
        View::Controls,
        View::Checks,
        View::Dns,
        View::Drs,
        View::Readiness,
        View::Changes,
        View::Timeline,
        View::People,
        View::Log,
    ];

    pub(crate) fn title(self) -> &'static str {
        match self {
            View::Overview => "overview",
            View::Controls => "controls",
            View::Checks => "checks",
            View::Dns => "dns",
            View::Drs => "drs",
            View::Readiness => "readiness",
            View::Changes => "changes",
            View::Timeline => "timeline",
            View::People => "people",
            View::Log => "log",
        }
    }
}

/// What the cursor is on: a thing, not a line, so that it stays when lines move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cursor {
    System(SystemId),
    Service(ServiceName),
    Gate(ControlArn),
    /// A row of an overview's panel: what it leads to.
    There(Target),
}

/// A dialog over the view.
#[derive(Clone, Debug)]
pub(crate) enum Dialog {
    /// Putting a change together (the form is `Screen::draft`).
    Draft,
    /// Following a change.
    Change(Digest),
    /// The keys.
    Help,
    /// Leaving although a change waits or runs.
    Quit,
    /// A system's readings.
    System(SystemId),
    /// Something else that a row leads to.
    Thing(Target),
    /// A note for the timeline.
    Note(Input),
    /// Giving an incident or a drill its name.
    Begin(BeginForm),
    /// Ending the one that runs.
    End,
    /// A mark in the timeline for this moment, or an earlier one.
    Moment(MomentForm),
    /// A status update, ready to be sent.
    Update,
    /// What changed while this person was away.
    Away,
    /// Choosing a theme; what was chosen before.
    Theme(String),
    /// The program cannot be stopped here: what is typed for a shell that is not there does nothing.
    Stays {
        /// Why not.
        why: String,
        /// What was open before.
        over: Option<Box<Dialog>>,
    },
}

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

/// A named incident or drill that is being begun.
#[derive(Clone, Debug)]
pub(crate) struct BeginForm {
    pub(crate) kind: SessionKind,
    pub(crate) name: Input,
    /// Who takes part, names with commas between them.
    pub(crate) with: Input,
    /// When it began: how long ago, or a time of day; empty is now.
    pub(crate) since: Input,
    /// Which field the keys go to.
    pub(crate) at: BeginField,
}

/// The fields of a named incident or drill, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BeginField {
    Name,
    With,
    Since,
}

impl BeginForm {
    /// The field that the keys go to.
    pub(crate) fn input(&mut self) -> &mut Input {
        match self.at {
            BeginField::Name => &mut self.name,
            BeginField::With => &mut self.with,
            BeginField::Since => &mut self.since,
        }
    }
}

/// A moment that is being marked for everybody.
#[derive(Clone, Debug, Default)]
pub(crate) struct MomentForm {
    pub(crate) what: Input,
    /// When it was: how long ago, or a time of day; empty is now.
    pub(crate) was: Input,
    /// Whether the keys go to when it was.
    pub(crate) at_was: bool,
}

impl MomentForm {
    /// The field that the keys go to.
    pub(crate) fn input(&mut self) -> &mut Input {
        if self.at_was { &mut self.was } else { &mut self.what }
    }
}

/// Which part of the draft takes the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Focus {
    Reason,
    Despite,
    Rules,
}

/// A change that is being put together.
#[derive(Clone, Debug)]
pub(crate) struct DraftForm {
    pub(crate) draft: Draft,
    pub(crate) reason: Input,
    /// Why to go on despite failing checks.
    pub(crate) despite: Input,
    pub(crate) focus: Focus,
    /// The rule under the cursor, by its name for ARC.
    pub(crate) rule: Option<RuleArn>,
    /// Changes that were known when it was proposed, while the answer is waited for.
    pub(crate) asked: Option<BTreeSet<Digest>>,
}

/// What is being typed in the dialog that follows a change.
#[derive(Clone, Debug, Default)]
pub(crate) enum Field {
    #[default]
    None,
    /// The receiving region: the second key.
    Region(Input),
    /// The word code: an approver's own key signs the change.
    Code(Input),
    /// A signature, line by line.
    Signature(String),
    /// Why it is rejected.
    Reject(Input),
    /// Withdrawing waits for the key to be pressed again.
    Withdraw,
}

/// What the frame that was drawn last showed. Keys act on what a person sees, so this decides where they go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Everything; also before the first frame.
    #[default]
    Whole,
    /// Only that the window is too small: nothing that a key could mean.
    TooSmall,
}

impl Sight {
    /// What a window of this size shows.
    pub(crate) fn of(area: Rect) -> Self {
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 { Sight::TooSmall } else { Sight::Whole }
    }
}

/// Something that a mouse can point at.
#[derive(Clone, Debug)]
pub(crate) enum Hit {
    View(View),
    Cursor(Cursor, Option<Side>),
    Side(Side),
    /// A row of a view's list, by its place among the list's things.
    Row(View, usize),
    /// Something that another view shows whole.
    There(View, Target),
    /// A key hint.
    Act(Action),
    /// A row of the palette.
    Choice(Choice),
    /// The frame between the levers and the timeline.
    Split,
    /// What the wheel scrolls.
    Scroll(Scrolls),
}

/// What the wheel scrolls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scrolls {
    /// A view's list; of the overview, the systems.
    List(View),
    /// The overview's timeline.
    Events,
    /// The safety rules.
    Rules,
    /// The cluster's endpoints.
    Endpoints,
}

/// The mouse: whether it is listened to, and what it holds.
#[derive(Clone, Debug)]
pub(crate) struct Pointer {
    pub(crate) on: bool,
    pub(crate) drag: Option<Drag>,
}

/// What is being dragged.
#[derive(Clone, Debug)]
pub(crate) enum Drag {
    /// The frame between two panes, which was last on this line.
    Split(u16),
    /// Nothing yet: the button is down, and has not moved from here.
    Click(Position),
    /// A stretch of text.
    Text(Selection),
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

    pub(crate) fn the_pair<'m>(&self, model: &'m Model) -> Option<&'m Pair> {
        model.estate.pair(&self.pair)
    }

    /// Whether this person asked for a change.
    pub(crate) fn is_mine(&self, change: &Change) -> bool {
        self.setup.hands.operator.as_ref().is_some_and(|o| *o.name() == change.text.by)
    }

    /// Whether this person turns its second key.
    pub(crate) fn may_turn(&self, change: &Change) -> bool {
        self.is_mine(change)
    }

    /// Whether this person's approval of a change counts already.
    pub(crate) fn has_approved(&self, model: &Model, change: &Change) -> bool {
        let me = self.setup.person.as_ref();
        me.is_some_and(|me| change.approvals.iter().any(|a| model.estate.same_person(&a.by, me)))
    }

    /// What this person asked for and did not get, while it is new.
    pub(crate) fn refusal<'m>(&self, model: &'m Model) -> Option<&'m str> {
        let refused = model.refusals.iter().rev().find(|r| match &r.by {
            Some(by) => Some(by) == self.setup.person.as_ref(),
            None => true,
        })?;
        // Whoever has tried again since waits for that answer; whoever has turned to something else has read it.
        let over = self.tried.is_some_and(|at| refused.at.mono < at.mono);
        (!over && model.now.since(refused.at) <= REFUSAL_SHOWN).then_some(refused.why.as_str())
    }

    /// Whether a banner still tells what came of this person's last key: on a wall nobody presses another.
    pub(crate) fn tells(&self, model: &Model) -> bool {
        self.told.is_none_or(|told| model.now.since(told) <= TOLD_FOR)
    }

    /// What this person's key is being asked for, while it is waited for.
    pub(crate) fn signing(&self, model: &Model) -> Option<String> {
        let act = model.signing(self.setup.person.as_ref()?)?;
        Some(format!("▸ your key signs {}: touch it if it blinks, or answer your ssh-agent", act.words()))
    }

    /// Whether something that happened at `at` has just happened.
    pub(crate) fn is_new(model: &Model, at: crate::time::Stamp) -> bool {
        model.now.since(at) <= JUST_NOW && at.since(model.opened) > JUST_NOW
    }

    /// The change that this pair's people should have in front of them.
    pub(crate) fn current<'m>(&self, model: &'m Model) -> Option<&'m Change> {
        let of = |c: &&Change| c.text.pair == self.pair;
        let all = model.changes.all();
        model
            .changes
            .running()
            .filter(of)
            .or_else(|| all.iter().rev().filter(of).find(|c| c.state.is_open()))
            .or_else(|| all.iter().rev().find(of))
    }

    /// The rows among the levers that the cursor can be on: in the controls view, those that its filter leaves.
    pub(crate) fn lever_cursors(&self, model: &Model) -> Vec<Cursor> {
        let words = Words::of(self, View::Controls).filter(|_| self.view == View::Controls);
        let shown = |name: &str, controls: &[Control]| {
            let controls = controls.iter().map(|c| format!(" {}", c.name)).collect::<String>();
            words.as_ref().is_none_or(|w| w.are_in(&format!("{name}{controls}")))
        };
        let services = model.estate.services_of(&self.pair).filter(|s| shown(s.name.as_str(), &s.controls));
        let gates = self.the_pair(model).into_iter().flat_map(|p| model.gates_of(p)).filter(|g| shown(&g.name, &[]));
        let services = services.map(|s| Cursor::Service(s.name.clone()));
        services.chain(gates.map(|g| Cursor::Gate(g.arn.clone()))).collect()
    }

    /// What the cursor is on in the overview or among the controls; before anybody has moved it, the first lever.
    pub(crate) fn stands(&self, model: &Model) -> Option<Cursor> {
        let levers = self.lever_cursors(model);
        match &self.cursor {
            Some(cursor) if self.view != View::Controls || levers.contains(cursor) => Some(cursor.clone()),
            _ => levers.into_iter().next(),
        }
    }

    /// The control under the cursor.
    pub(crate) fn control_at<'m>(&self, model: &'m Model) -> Option<&'m Control> {
        let pair = self.the_pair(model)?;
        match self.stands(model)? {
            Cursor::Service(name) => {
                let service = model.estate.services_of(&pair.name).find(|s| s.name == name)?;
                service.control(pair.region(self.side))
            }
            Cursor::Gate(arn) => model.estate.gates.iter().find(|g| g.arn == arn),
            Cursor::System(_) | Cursor::There(_) => None,
        }
    }

    pub(crate) fn is_marked(&self, control: &ControlArn) -> bool {
        self.marks.contains(control)
    }
}
