//! Presenter mode of a screen: it draws the model behind its veil, and what was typed into the screen as well.

use tui_input::Input;

use super::Wish;
use super::screen::{BeginForm, Dialog, DraftForm, Field, MomentForm, Screen};
use crate::change::{ApproveHint, Wanted};
use crate::mask::Mask;
use crate::model::{Model, Veil};

/// Whether this screen masks, and the veil that it does it with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Presenter {
    on: bool,
    veil: Option<Veil>,
}

/// What the screen holds itself, while its masked copy is drawn.
pub(crate) struct Own {
    draft: Option<DraftForm>,
    dialog: Option<Dialog>,
    field: Field,
    complaint: Option<String>,
    said: Option<String>,
    notices: Vec<String>,
    find: Vec<Input>,
    approve: ApproveHint,
}

impl Screen {
    /// Masks accounts, ARNs, hosts, addresses and keys in all that is drawn and copied from now on, or no more.
    pub fn present(&mut self, on: bool) {
        self.presenter.on = on;
    }

    /// Whether it masks.
    #[must_use]
    pub fn presents(&self) -> bool {
        self.presenter.on
    }

    /// The model to draw in presenter mode.
    pub(crate) fn veiled(&mut self, model: &Model) -> Option<(Model, Mask)> {
        let veil = self.veil(model)?;
        let mask = veil.mask(model);
        Some((veil.over(model, &mask), mask))
    }

    pub(crate) fn veil(&mut self, model: &Model) -> Option<&mut Veil> {
        if !self.presenter.on {
            return None;
        }
        if self.presenter.veil.as_ref().is_none_or(|v| !v.is_of(&model.estate)) {
            self.presenter.veil = Some(Veil::of(&model.estate));
        }
        self.presenter.veil.as_mut()
    }

    /// What leaves the screen for a clipboard is masked as the screen is. What is asked for never is.
    pub(crate) fn masked_wishes(&mut self, model: &Model, mut wishes: Vec<Wish>) -> Vec<Wish> {
        if !wishes.iter().any(|w| matches!(w, Wish::Copy(_))) {
            return wishes;
        }
        let Some(mask) = self.veil(model).map(|v| v.mask(model)) else { return wishes };
        for wish in &mut wishes {
            if let Wish::Copy(text) = wish {
                *text = mask.text(text).into_owned();
            }
        }
        wishes
    }

    /// Puts masked copies of what was typed and said into the screen; gives what was there.
    pub(crate) fn put_on(&mut self, mask: &Mask) -> Own {
        let text = |t: &str| mask.text(t).into_owned();
        let approve = &self.setup.approve;
        let masked = ApproveHint {
            program: text(&approve.program),
            folder: text(&approve.folder),
            key: approve.key.as_deref().map(text),
            estate: approve.estate.as_deref().map(text),
            second_person: approve.second_person.clone(),
        };
        let draft = self.draft.clone().map(|mut form| {
            let draft = &mut form.draft;
            for field in [&mut draft.title, &mut draft.reason, &mut draft.despite] {
                *field = text(field);
            }
            if let Wanted::Launch(launch) = &mut draft.wanted {
                launch.servers.iter_mut().for_each(|s| s.name = mask.host(&s.name));
            }
            form.reason = typed(mask, form.reason);
            form.despite = typed(mask, form.despite);
            form.at = typed(mask, form.at);
            form
        });
        let dialog = self.dialog.clone().map(|dialog| match dialog {
            Dialog::Note(input) => Dialog::Note(typed(mask, input)),
            Dialog::Moment(form) => Dialog::Moment(MomentForm { what: typed(mask, form.what), ..form }),
            Dialog::Begin(form) => {
                Dialog::Begin(BeginForm { name: typed(mask, form.name), with: typed(mask, form.with), ..form })
            }
            other => other,
        });
        let field = match self.field.clone() {
            Field::Region(input) => Field::Region(typed(mask, input)),
            Field::Reject(input) => Field::Reject(typed(mask, input)),
            Field::Code(input) => Field::Code(typed(mask, input)),
            other => other,
        };
        let (complaint, said) = (self.complaint.as_deref().map(text), self.said.as_deref().map(text));
        let notices = self.notices.iter().map(|n| text(n)).collect();
        let find = self.find.inputs().map(|i| {
            let masked = typed(mask, i.clone());
            std::mem::replace(i, masked)
        });
        Own {
            find: find.collect(),
            draft: std::mem::replace(&mut self.draft, draft),
            dialog: std::mem::replace(&mut self.dialog, dialog),
            field: std::mem::replace(&mut self.field, field),
            complaint: std::mem::replace(&mut self.complaint, complaint),
            said: std::mem::replace(&mut self.said, said),
            notices: std::mem::replace(&mut self.notices, notices),
            approve: std::mem::replace(&mut self.setup.approve, masked),
        }
    }

    /// Gives the screen back what it holds itself.
    pub(crate) fn take_off(&mut self, own: Own) {
        let Own { draft, dialog, field, complaint, said, notices, find, approve } = own;
        self.draft = draft;
        self.dialog = dialog;
        self.field = field;
        self.complaint = complaint;
        self.said = said;
        self.notices = notices;
        self.find.inputs().zip(find).for_each(|(input, own)| *input = own);
        self.setup.approve = approve;
    }
}

/// A field as it may be seen; its cursor stands at the end where something in it was masked.
fn typed(mask: &Mask, input: Input) -> Input {
    let shown = mask.text(input.value()).into_owned();
    if shown == input.value() { input } else { Input::new(shown) }
}
