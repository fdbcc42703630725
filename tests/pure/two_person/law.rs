//! The clerk's own law: who is who, whose key is whose, and who must say yes. It knows nothing of `src/change`, nor of
//! how an estate decides; estates are made of it.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use signalbox::change::ChangeText;
use signalbox::estate::{ApprovalRule, ChangeKind, Estate, ListedKey, Need, Person, Role};
use signalbox::time::{Span, Timestamp};

use crate::hand as support;
use crate::two_person::voices::{self, CA, START};

/// Name, roles, groups, keys.
type Listed = (&'static str, &'static [Role], &'static [&'static str], &'static [u8]);

/// Alias and mallory are alice, robert is bob; frank has certificates only.
const PEOPLE: [Listed; 8] = [
    ("alias", &[Role::Approver], &["dba"], &[1, 6]),
    ("alice", &[Role::Operator, Role::Approver], &["command"], &[1]),
    ("bob", &[Role::Operator, Role::Approver], &["dba"], &[2, 3, 9]),
    ("carol", &[Role::Approver], &["command"], &[4, 11, 15]),
    ("dave", &[Role::Observer], &[], &[5]),
    ("frank", &[Role::Approver], &["dba"], &[]),
    ("mallory", &[Role::Approver], &["command"], &[10]),
    ("robert", &[Role::Approver], &["command"], &[3, 7]),
];

/// Which rules by kind of change there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    None,
    /// A failover wants one of dba and one of command.
    OneOfEach,
    /// A failover and a failback want two of dba.
    TwoOfDba,
    /// A gate wants one of command.
    Gates,
}

/// All that decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Law {
    pub approvals: u32,
    pub rules: Rules,
    /// Names that were taken out.
    pub gone: BTreeSet<&'static str>,
    /// Keys that were taken out.
    pub unlisted: BTreeSet<u8>,
    pub revoked: BTreeSet<u8>,
    pub touch: bool,
    pub verify: bool,
    pub ca: bool,
}

impl Law {
    pub fn new(approvals: u32) -> Self {
        let none = BTreeSet::new;
        Self {
            approvals,
            rules: Rules::None,
            gone: BTreeSet::new(),
            unlisted: none(),
            revoked: none(),
            touch: true,
            verify: false,
            ca: true,
        }
    }

    /// One edit of the estate file, by number.
    pub fn edit(&mut self, n: u8) {
        fn toggle<T: Ord + Copy>(set: &mut BTreeSet<T>, all: &[T], n: u8) {
            let one = all[usize::from(n) % all.len()];
            if !set.remove(&one) {
                set.insert(one);
            }
        }
        match n % 8 {
            0 => self.approvals = 3 - self.approvals,
            1 => self.rules = [Rules::None, Rules::OneOfEach, Rules::TwoOfDba, Rules::Gates][usize::from(n / 8) % 4],
            2 => toggle(&mut self.gone, &["alias", "robert", "mallory", "carol", "bob"], n / 8),
            3 => toggle(&mut self.unlisted, &[2, 3, 4, 6, 7, 9, 11], n / 8),
            4 => toggle(&mut self.revoked, &[1, 2, 3, 4, 9, 10, 11, 12], n / 8),
            5 => self.touch = !self.touch,
            6 => self.verify = !self.verify,
            _ => self.ca = !self.ca,
        }
    }

    /// The estate that means this. `spelling` changes what means nothing: comments, order, addresses.
    pub fn estate(&self, spelling: u8) -> Estate {
        static BASE: LazyLock<Estate> = LazyLock::new(|| {
            let mut estate = support::estate(&[]);
            // What the readings say stands in tests/pure/gating.rs: here nothing is measured, so nothing stops a proposal.
            estate.systems.clear();
            estate.health_checks.clear();
            estate.services.iter_mut().for_each(|s| s.probes.clear());
            estate
        });
        let mut estate = BASE.clone();
        let comment = |line: String| if spelling == 0 { line } else { format!("{line} spelling {spelling}") };
        let listed = |n: &u8| match n {
            15 => ListedKey::from(comment(voices::line(15))).until(at(360)),
            n => comment(voices::line(*n)).into(),
        };
        let people = PEOPLE.iter().filter(|(name, ..)| !self.gone.contains(name));
        estate.people = people
            .map(|(name, roles, groups, keys)| Person {
                name: (*name).into(),
                roles: roles.to_vec(),
                groups: groups.iter().map(|g| (*g).to_owned()).collect(),
                keys: keys.iter().filter(|n| !self.unlisted.contains(n)).map(listed).collect(),
                principals: Vec::new(),
            })
            .collect();
        if spelling % 2 == 1 {
            estate.people.iter_mut().for_each(|p| p.keys.reverse());
            estate.cluster.endpoints.iter_mut().for_each(|e| e.url.push('x'));
        }
        estate.policy.approvals = self.approvals;
        estate.policy.approvals_for_overrides = self.approvals;
        estate.policy.touch_required = self.touch;
        estate.policy.verify_required = self.verify;
        estate.policy.revoked_keys = self.revoked.iter().map(|n| comment(voices::line(*n))).collect();
        if self.ca {
            estate.policy.certificate_authorities = vec![comment(voices::line(CA))];
        }
        let need = |group: &str, count| Need { group: Some(group.to_owned()), count };
        let rule = |kinds: &[ChangeKind], approvals| ApprovalRule { kinds: kinds.to_vec(), approvals };
        estate.policy.rules = match self.rules {
            Rules::None => Vec::new(),
            Rules::OneOfEach => vec![rule(&[ChangeKind::Failover], vec![need("dba", 1), need("command", 1)])],
            Rules::TwoOfDba => vec![rule(&[ChangeKind::Failover, ChangeKind::Failback], vec![need("dba", 2)])],
            Rules::Gates => vec![rule(&[ChangeKind::Arming], vec![need("command", 1)])],
        };
        estate
    }

    /// Whether what this voice signs counts at all then.
    pub fn is_good(&self, n: u8, now: Timestamp) -> bool {
        let listed = PEOPLE.iter().any(|(name, _, _, keys)| keys.contains(&secret(n)) && !self.gone.contains(name));
        let frank = !self.gone.contains("frank") && self.ca;
        // One secret is one key, as what it is listed: whoever revokes one of them revokes the other.
        let revoked =
            self.revoked.contains(&secret(n)) || (matches!(n, 1 | 10) && !self.revoked.is_disjoint(&[1, 10].into()));
        let in_force = match n {
            14 => now < at(300),
            15 => now < at(360),
            _ => true,
        };
        let felt = match n {
            17 => !self.touch && !self.verify,
            9 | 10 => !self.verify,
            _ => true,
        };
        let theirs =
            if matches!(n, 12 | 14) { frank } else { listed && n <= 19 && !self.unlisted.contains(&secret(n)) };
        theirs && !revoked && in_force && felt
    }

    /// The one human being whose approval it is when this voice signs; none where it is nobody's.
    pub fn human(&self, n: u8, now: Timestamp) -> Option<char> {
        let who = match n {
            1 | 6 | 10 => 'A',
            2 | 3 | 9 | 17 | 19 => 'B',
            7 => self.called("robert"),
            4 | 11 | 15 => 'C',
            12 | 14 => 'F',
            _ => return None,
        };
        self.is_good(n, now).then_some(who)
    }

    /// The human being behind a name.
    pub fn called(&self, name: &str) -> char {
        match name {
            "alias" | "alice" | "mallory" => 'A',
            // Key 3 alone says that these two are one.
            "robert" if self.unlisted.contains(&3) => 'R',
            "bob" | "robert" => 'B',
            "carol" => 'C',
            "frank" => 'F',
            _ => '?',
        }
    }

    /// Whether these people are enough for a change. More than the program may know is asked of nobody: somebody is in
    /// the groups of all their names.
    pub fn is_enough(&self, people: &BTreeSet<char>, text: &ChangeText) -> bool {
        let gate = support::arn("failover-allowed");
        let (steering, gates): (Vec<_>, Vec<_>) = text.flips().iter().partition(|f| f.arn != gate);
        let back = text.receiving.as_str() == "us-east-1";
        let (mut seats, mut plain): (Vec<Option<&str>>, bool) = (Vec::new(), false);
        if !steering.is_empty() {
            match (self.rules, back) {
                (Rules::OneOfEach, false) => seats.extend([Some("dba"), Some("command")]),
                (Rules::TwoOfDba, _) => seats.extend([Some("dba"), Some("dba")]),
                _ => plain = true,
            }
            plain |= steering.len() < 4;
        }
        if !gates.is_empty() {
            match self.rules {
                Rules::Gates => seats.push(Some("command")),
                _ => plain = true,
            }
        }
        let least = if plain { self.approvals as usize } else { 1 };
        while seats.len() < least {
            seats.push(None);
        }
        seated(&seats, &people.iter().copied().collect::<Vec<_>>())
    }
}

/// Whether each seat finds somebody of its own, whichever way people are put.
fn seated(seats: &[Option<&str>], people: &[char]) -> bool {
    let Some((seat, rest)) = seats.split_first() else { return true };
    people.iter().enumerate().any(|(i, person)| {
        let others: Vec<char> = people.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, p)| *p).collect();
        seat.is_none_or(|group| groups(*person).contains(&group)) && seated(rest, &others)
    })
}

fn groups(person: char) -> &'static [&'static str] {
    match person {
        'A' | 'B' => &["dba", "command"],
        'C' | 'R' => &["command"],
        _ => &["dba"],
    }
}

/// The key that a voice speaks with: some are one key, used with and without a touch.
pub fn secret(n: u8) -> u8 {
    if matches!(n, 17 | 19) { 9 } else { n }
}

/// The names under which a voice can be kept.
pub fn names(n: u8) -> &'static [&'static str] {
    match n {
        1 => &["alias", "alice"],
        2 | 9 | 17 | 19 => &["bob"],
        3 => &["bob", "robert"],
        4 | 11 | 15 => &["carol"],
        5 => &["dave"],
        6 => &["alias"],
        7 => &["robert"],
        10 => &["mallory"],
        12 | 14 => &["frank"],
        _ => &[],
    }
}

fn at(seconds: i64) -> Timestamp {
    let start = Timestamp::from_second(i64::try_from(START).unwrap()).unwrap();
    start.checked_add(Span::from_secs(seconds)).unwrap()
}
