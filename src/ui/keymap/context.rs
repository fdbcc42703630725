//! Where a key is pressed: the closed list of contexts that keymap files have tables for.

macro_rules! contexts {
    ($($(#[$doc:meta])* $context:ident = $name:literal, $outer:expr, $words:literal;)+) => {
        /// Where a key is pressed. A key is looked up in the narrowest context first, then in the wider ones.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Context { $($(#[$doc])* $context,)+ }

        impl Context {
            /// All contexts, the wider ones first.
            pub const ALL: &[Context] = &[$(Context::$context,)+];

            /// Its name in keymap files: `drs-view` of `[keys.drs-view]`; empty for `[keys]` itself.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Context::$context => $name,)+ }
            }

            /// The next wider one.
            #[must_use]
            pub fn outer(self) -> Option<Context> {
                match self { $(Context::$context => $outer,)+ }
            }

            /// Where that is, in words.
            #[must_use]
            pub fn words(self) -> &'static str {
                match self { $(Context::$context => $words,)+ }
            }
        }
    };
}

contexts! {
    /// Everywhere but in a field.
    Anywhere = "", None, "everywhere";
    /// No dialog is open.
    View = "view", Some(Context::Anywhere), "in every view";
    /// A dialog is open.
    Dialog = "dialog", Some(Context::Anywhere), "while a dialog is open";
    /// A field takes text: no other context counts there, else letters would act.
    Field = "field", None, "while typing";
    /// The overview.
    Overview = "overview-view", Some(Context::View), "in the overview";
    /// The routing controls.
    Controls = "controls-view", Some(Context::View), "among the controls";
    /// Health checks and probes.
    Checks = "checks-view", Some(Context::View), "among the health checks";
    /// DNS.
    Dns = "dns-view", Some(Context::View), "in the dns view";
    /// DRS.
    Drs = "drs-view", Some(Context::View), "in the drs view";
    /// Readiness.
    Readiness = "readiness-view", Some(Context::View), "in the readiness view";
    /// Changes.
    Changes = "changes-view", Some(Context::View), "among the changes";
    /// The timeline.
    Timeline = "timeline-view", Some(Context::View), "in the timeline";
    /// People and feeds.
    People = "people-view", Some(Context::View), "in the people view";
    /// The console's own log.
    Log = "log-view", Some(Context::View), "in the console's log";
    /// Putting a change together.
    Draft = "draft-dialog", Some(Context::Dialog), "while a change is put together";
    /// Following a change.
    Change = "change-dialog", Some(Context::Dialog), "while a change is followed";
}

impl Context {
    /// This context and the wider ones, the narrowest first.
    pub(crate) fn chain(self) -> impl Iterator<Item = Context> {
        std::iter::successors(Some(self), |c| c.outer())
    }

    /// The table that holds its keys.
    pub(super) fn table(self) -> String {
        if self == Context::Anywhere { "[keys]".into() } else { format!("[keys.{}]", self.name()) }
    }
}
