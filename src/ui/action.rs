//! The one table of actions: keymap, palette, footer, help screen and docs are made from it.

macro_rules! actions {
    ($($action:ident = $name:literal, $danger:literal, $group:literal, $words:literal;)+) => {
        /// Something that a key can do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Action { $(#[doc = $words] $action,)+ }

        impl Action {
            /// All actions, in the order of the help screen.
            pub const ALL: &[Action] = &[$(Action::$action,)+];

            /// Its name in keymap files.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Action::$action => $name,)+ }
            }

            /// What it does, in words.
            #[must_use]
            pub fn words(self) -> &'static str {
                match self { $(Action::$action => $words,)+ }
            }

            /// Whether it starts something that moves traffic: see [`Action::danger`].
            #[must_use]
            pub const fn dangerous(self) -> bool {
                match self { $(Action::$action => $danger,)+ }
            }

            /// Where it applies: the heading it has in the help screen.
            #[must_use]
            pub fn group(self) -> &'static str {
                match self { $(Action::$action => $group,)+ }
            }
        }
    };
}

/// What stands between a key and moving traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Danger {
    /// It moves none.
    None,
    /// A dialog: the key opens it and does no more.
    Confirmed,
    /// Nothing: it acts at once. Keymaps may not put it where a finger slips.
    Direct,
}

impl Action {
    /// How near it is to moving traffic.
    #[must_use]
    pub const fn danger(self) -> Danger {
        match (self.dangerous(), self) {
            (false, _) => Danger::None,
            (true, Action::ActAsSecond) => Danger::Direct,
            (true, _) => Danger::Confirmed,
        }
    }
}

actions! {
    Overview = "overview", false, "views", "overview: both regions, routing controls, timeline";
    Controls = "controls", false, "views", "routing controls, safety rules, the five endpoints";
    Checks = "checks", false, "views", "health checks and probes";
    Dns = "dns", false, "views", "what each resolver answers";
    Drs = "drs", false, "views", "DRS: source servers, jobs and their logs";
    Readiness = "readiness", false, "views", "readiness, preflight, replication lag";
    Changes = "changes", false, "views", "changes, open and past";
    Timeline = "timeline", false, "views", "timeline and the seven steps";
    People = "people", false, "views", "people and feeds";
    Log = "log", false, "views", "this console's own log";
    NextView = "next-view", false, "views", "next view";
    PreviousView = "previous-view", false, "views", "previous view";
    NextPair = "next-pair", false, "views", "next region pair";
    Up = "up", false, "moving", "row above";
    Down = "down", false, "moving", "row below";
    PageUp = "page-up", false, "moving", "page up";
    PageDown = "page-down", false, "moving", "page down";
    First = "first", false, "moving", "first row";
    Last = "last", false, "moving", "last row";
    LeftRegion = "left-region", false, "moving", "the region on the left";
    RightRegion = "right-region", false, "moving", "the region on the right";
    Look = "look", false, "moving", "look closer; propose or confirm in a dialog";
    Fold = "fold", false, "moving", "show every system, or fold the less critical ones";
    Back = "back", false, "moving", "close the dialog; a draft is kept";
    TimelineSource = "timeline-source", false, "the timeline", "show only one source's lines: next source";
    TimelineSourceBack = "timeline-source-back", false, "the timeline", "show only one source's lines: previous source";
    TimelineSeverity = "timeline-severity", false, "the timeline", "show only deeds, warnings or failures";
    Follow = "follow", false, "the timeline", "show the newest lines again";
    MarkMoment = "mark-moment", false, "the timeline", "mark this moment for everybody";
    Past = "past", false, "the timeline", "see the whole console 10 s ago";
    Forward = "forward", false, "the timeline", "10 s forward again";
    PastFar = "past-far", false, "the timeline", "5 min back";
    ForwardFar = "forward-far", false, "the timeline", "5 min forward again";
    Live = "live", false, "the timeline", "back to now";
    Away = "away", false, "the timeline", "what changed while you were away";
    Mark = "mark", false, "a change", "mark the control under the cursor";
    MarkService = "mark-service", false, "a change", "mark both controls of the service";
    ClearMarks = "clear-marks", false, "a change", "clear all marks";
    FailOver = "fail-over", true, "a change", "fail the pair over, or change what is marked";
    FailBack = "fail-back", true, "a change", "fail the pair back";
    LaunchDrill = "launch-drill", true, "a change", "DRS: launch the marked servers as a drill";
    Recover = "recover", true, "a change", "DRS: launch the marked servers as a real recovery";
    Change = "change", false, "a change", "open the newest change";
    Override = "override", true, "a change", "override the safety rules that would refuse it";
    Paste = "paste", false, "a change", "paste an approval's signature";
    Copy = "copy", false, "a change", "copy the selected line, or what the second person types; else the sentence";
    Approve = "approve", true, "a change", "approve somebody else's change: type its word code, and your key signs here";
    ActAsSecond = "act-as-second", true, "a change", "DEMO: act as the second person";
    Withdraw = "withdraw", false, "a change", "withdraw my change";
    Reject = "reject", false, "a change", "reject somebody else's change";
    Begin = "begin", false, "the incident", "begin a named incident or drill, or end it";
    Report = "report", false, "the incident", "write the report of the incident or drill";
    Told = "told", false, "the incident", "a status update, ready to send; then step 7: people were told";
    Note = "note", false, "the incident", "write a note to the timeline";
    Commands = "commands", false, "finding", "every action by its name or words";
    Filter = "filter", false, "finding", "show only the rows that match what is typed";
    Jump = "jump", false, "finding", "go to a system, service, check, server or change by name";
    GoBack = "go-back", false, "finding", "back to where I was";
    GoForward = "go-forward", false, "finding", "forward again";
    Mouse = "mouse", false, "the console", "mouse on, or left to the terminal";
    PaneGrow = "pane-grow", false, "the console", "overview: one more line for the timeline";
    PaneShrink = "pane-shrink", false, "the console", "overview: one line less for the timeline";
    LagWider = "lag-wider", false, "the console", "overview: a wider lag column";
    LagNarrower = "lag-narrower", false, "the console", "overview: a narrower lag column";
    PaneReset = "pane-reset", false, "the console", "reset the panes to their own layout";
    AskAgain = "ask-again", false, "the console", "ask every source again now";
    Presenter = "presenter", false, "the console", "presenter mode: mask accounts, ARNs, hosts, addresses";
    Theme = "theme", false, "the console", "choose a theme";
    Suspend = "suspend", false, "the console", "suspend to the shell; fg comes back here";
    Help = "help", false, "the console", "keys";
    Quit = "quit", false, "the console", "quit";
}
