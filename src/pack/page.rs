//! What the page says, as blocks that every format writes in its own way: two formats cannot say different things.

use super::lines::{self, Move};
use crate::estate::{Estate, Pair, RuleKind, RuleTest, SafetyRule, Side};
use crate::time::Timestamp;

/// A part of the page. Texts are plain; commands are for a shell of the Bourne family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading, level 1 to 3.
    Heading(u8, String),
    /// A paragraph.
    Text(String),
    /// What is to be done, in this order.
    Steps(Vec<String>),
    /// Rows under their headings.
    Table(Vec<String>, Vec<Vec<String>>),
    /// Commands to type or copy, a line each.
    Commands(Vec<String>),
    /// A text of somebody else's, word by word.
    Verbatim(String),
}

/// The page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What it is called.
    pub title: String,
    /// What stands on it.
    pub blocks: Vec<Block>,
}

fn heading(level: u8, text: impl Into<String>) -> Block {
    Block::Heading(level, text.into())
}

fn text(text: impl Into<String>) -> Block {
    Block::Text(text.into())
}

fn table<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> Block {
    Block::Table(head.map(str::to_owned).into(), rows.map(Vec::from).collect())
}

impl Page {
    /// The page of an estate as it is at `made`, with the words of a runbook if there are any.
    #[must_use]
    pub fn of(estate: &Estate, made: Timestamp, runbook: Option<&str>) -> Self {
        let title = format!("{}: when no console starts", estate.name);
        let mut blocks = vec![
            heading(1, &title),
            text(format!(
                "Made on {} UTC from the estate file of account {}. Make it again whenever that file changes.",
                made.strftime("%Y-%m-%d %H:%M"),
                estate.account
            )),
        ];
        blocks.extend(before(estate));
        blocks.extend(people(estate));
        blocks.extend(endpoints(estate));
        for pair in &estate.pairs {
            blocks.extend(of_pair(estate, pair));
        }
        blocks.extend(runbooks(estate, runbook));
        Self { title, blocks }
    }
}

fn before(estate: &Estate) -> Vec<Block> {
    let ask = format!("Run `{}`. It must name account {}.", lines::who_am_i(estate), estate.account);
    let mut blocks = vec![
        heading(2, "Before anything moves"),
        Block::Steps(vec![
            "Call a second person. Nothing on this page asks for one: AWS will take these commands from you alone. Read each command to them before you run it, and write down both names and the time.".into(),
            ask,
            "Choose an endpoint below and run its `export` line. If it does not answer within ten seconds, take the next one: one is enough.".into(),
            "If an answer is lost, do not send the change again. Read the states first, from two endpoints: what was sent may have been done.".into(),
        ]),
    ];
    let roles = lines::roles(estate);
    if !roles.is_empty() {
        let account = estate.account_id(estate.cluster.account.as_ref());
        blocks.push(heading(3, "Take the role that may act"));
        let role = lines::acting_role(estate);
        blocks.push(text(format!(
            "The cluster is in account {account}. Write both names into the first line, in place of the capitals; CloudTrail \
             shows them with every call. The role lasts an hour: open a new shell and take it again after that. Stop if a \
             line says NOT GIVEN. The last line must show `assumed-role/{role}/` and both names, or the role was not taken."
        )));
        let commands = std::iter::once(lines::WHO.to_owned()).chain(roles).chain([lines::who_am_i(estate)]);
        blocks.push(Block::Commands(commands.collect()));
    }
    blocks
}

fn people(estate: &Estate) -> Vec<Block> {
    let rows = estate.people.iter().map(|p| {
        let roles: Vec<&str> = p.roles.iter().map(|r| r.as_str()).collect();
        [p.name.to_string(), roles.join(", "), p.groups.join(", ")]
    });
    vec![heading(2, "People"), table(["name", "roles", "groups"], rows)]
}

fn endpoints(estate: &Estate) -> Vec<Block> {
    if estate.cluster.is_none() {
        return vec![
            heading(2, "Endpoints of the ARC cluster"),
            text("There are none: nothing on this page moves traffic."),
        ];
    }
    vec![
        heading(2, "Endpoints of the ARC cluster"),
        text(format!("Cluster {}. Run one of these lines; the commands below use what it sets.", estate.cluster.arn)),
        Block::Commands(estate.cluster.endpoints.iter().map(lines::export).collect()),
    ]
}

fn of_pair(estate: &Estate, pair: &Pair) -> Vec<Block> {
    let title = heading(2, format!("Pair {}: {} and {}", pair.name, pair.active, pair.standby));
    if estate.cluster.is_none() {
        return vec![title, text("This pair has no routing controls: nothing on this page moves it.")];
    }
    let mut blocks = vec![title, text("Where traffic may go now:"), Block::Commands(vec![lines::list(pair)])];
    for side in [Side::Standby, Side::Active] {
        let (to, from) = (pair.region(side), pair.region(side.other()));
        let what = if side == Side::Standby { "Fail over" } else { "Undo" };
        blocks.push(heading(3, format!("{what}: traffic to {to}, none to {from}")));
        let the_move = Move::of(estate, pair, side);
        if the_move.is_empty() {
            blocks.push(text("This pair has no routing controls in both regions: nothing here can move it."));
            continue;
        }
        if !the_move.gates.is_empty() {
            blocks.push(text("Safety rules let nothing move until these are set:"));
            blocks.push(Block::Commands(the_move.gates.clone()));
        }
        blocks.push(text(match the_move.calls() {
            0 | 1 => "The change, as one call: all of it is done, or nothing.".to_owned(),
            n => format!(
                "The change takes {n} calls, because ARC takes at most ten controls in one: first the controls that let traffic in. Stop if one is refused, and read the states."
            ),
        }));
        blocks.push(Block::Commands(the_move.batches));
        blocks.push(text(format!("It sets On: {}. It sets Off: {}.", the_move.on.join(", "), the_move.off.join(", "))));
        blocks.push(text("Then read the states again, from another endpoint, with the command above."));
        if !the_move.locks.is_empty() {
            blocks
                .push(text("If you had to set the controls of safety rules for this, set them back once it is done:"));
            blocks.push(Block::Commands(the_move.locks));
        }
    }
    let rules: Vec<&SafetyRule> =
        estate.safety_rules.iter().filter(|r| r.control_panel == pair.control_panel).collect();
    if !rules.is_empty() {
        blocks.push(heading(3, "Safety rules"));
        blocks.push(text(
            "A refusal names one of these. To override it, with the second person's word, add `--safety-rules-to-override` and its ARN to the command.",
        ));
        blocks.push(table(
            ["rule", "what it wants", "ARN"],
            rules.iter().map(|r| [r.name.clone(), wants(estate, r), r.arn.to_string()]),
        ));
    }
    blocks.push(heading(3, "Whether it worked"));
    let services = || estate.services_of(&pair.name);
    let names = |s: &crate::estate::Service| s.dns.join(" ");
    blocks.push(table(
        ["service", "tier", "DNS names"],
        services().map(|s| [s.name.to_string(), s.tier.as_str().to_owned(), names(s)]),
    ));
    let dns = services().flat_map(|s| &s.dns).flat_map(|name| estate.resolvers.first().map(|r| lines::dig(name, r)));
    let probes = services().flat_map(|s| &s.probes).map(lines::fetch);
    let commands: Vec<String> = dns.chain(probes).collect();
    if !commands.is_empty() {
        blocks.push(Block::Commands(commands));
    }
    blocks
}

/// What a rule wants, in words.
fn wants(estate: &Estate, rule: &SafetyRule) -> String {
    let name = |arn: &crate::estate::ControlArn| {
        estate.controls().find(|c| &c.arn == arn).map_or_else(|| arn.to_string(), |c| c.name.clone())
    };
    let (of, of_what) = match &rule.kind {
        RuleKind::Assertion { controls } => (controls, "after the change, "),
        RuleKind::Gating { gating, .. } => (gating, "before anything changes, "),
    };
    let names: Vec<String> = of.iter().map(name).collect();
    let count = match rule.test {
        RuleTest::AtLeast => format!("at least {} of", rule.threshold),
        RuleTest::And => "all of".to_owned(),
        RuleTest::Or => "one of".to_owned(),
    };
    let not = if rule.inverted { "it must not be that " } else { "" };
    format!("{of_what}{not}{count} {} On", names.join(", "))
}

fn runbooks(estate: &Estate, words: Option<&str>) -> Vec<Block> {
    let of_pairs = estate.pairs.iter().filter_map(|p| Some((format!("pair {}", p.name), p.runbook.clone()?)));
    let of_systems = estate.systems.iter().filter_map(|s| Some((s.name.clone(), s.runbook.clone()?)));
    let mut rows: Vec<[String; 2]> = of_pairs.chain(of_systems).map(|(of, url)| [of, url]).collect();
    rows.sort();
    rows.dedup();
    if rows.is_empty() && words.is_none() {
        return Vec::new();
    }
    let mut blocks = vec![heading(2, "Runbook")];
    if !rows.is_empty() {
        blocks.push(table(["of", "page"], rows.into_iter()));
    }
    blocks.extend(words.map(|w| Block::Verbatim(w.to_owned())));
    blocks
}
