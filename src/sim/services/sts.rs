//! STS: who the caller is, and roles for a while. Temporary credentials (`ASIA…`) that it did not give are those of a role
//! of the identity center, as people sign in with.

use super::{Door, throttling, unavailable};
use crate::estate::Region;
use crate::sim::SharedWorld;
use crate::sim::wire::{Answer, Fault, Form, Protocol, Request, Tree};
use crate::sim::world::{Api, Caller, NotGiven, Session, Wanted};
use crate::time::Timestamp;

const QUERY: Protocol = Protocol::Query { namespace: "https://sts.amazonaws.com/doc/2011-06-15/" };
/// Seconds that a session lasts where nobody asks for more or less.
const USUAL: i64 = 3_600;
/// Seconds that one may be asked for. The roles of this world have the longest `MaxSessionDuration` that there is.
const SHORTEST: i64 = 900;
const LONGEST: i64 = 43_200;

/// Answers a request to a region's STS.
#[must_use]
pub fn answer(request: &Request, world: &SharedWorld, region: &Region) -> Answer {
    let door = Door { protocol: QUERY, api: Api::Sts, signing_name: "sts", throttled: throttling, unavailable };
    let caller = match door.enter(request, world, region) {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    let form = request.form();
    let operation = form.get("Action").unwrap_or_default();
    let done = match operation {
        "GetCallerIdentity" => Ok(identity(&caller)),
        "AssumeRole" => assume_role(&form, world, &caller),
        other => return QUERY.unknown_operation(&request.id, other).into(),
    };
    door.ended(&caller, world, region, operation, done.as_ref().err());
    match done {
        Ok(tree) => QUERY.success(&request.id, operation, &tree).into(),
        Err(fault) => QUERY.failure(&request.id, &fault).into(),
    }
}

fn identity(caller: &Caller) -> Tree {
    Tree::map().with("UserId", &caller.user_id).with("Account", &caller.account).with("Arn", &caller.arn)
}

fn assume_role(form: &Form, world: &SharedWorld, caller: &Caller) -> Result<Tree, Fault> {
    let role = needed(form, "RoleArn")?;
    let session = needed(form, "RoleSessionName")?;
    let external_id = form.get("ExternalId");
    let source_identity = form.get("SourceIdentity");
    within(role, "roleArn", 20..=2048, None)?;
    within(session, "roleSessionName", 2..=64, Some(("[\\w+=,.@-]*", "+=,.@-")))?;
    if let Some(id) = external_id {
        within(id, "externalId", 2..=1224, Some(("[\\w+=,.@:\\/-]*", "+=,.@:/-")))?;
    }
    if let Some(identity) = source_identity {
        within(identity, "sourceIdentity", 2..=256, Some(("[\\w+=,.@-]*", "+=,.@-")))?;
    }
    let seconds = seconds(form)?;
    if !role.starts_with("arn:") {
        return Err(invalid(format!("{role} is invalid")));
    }
    let wanted = Wanted { role, session, external_id, seconds, source_identity };
    let given = world.with(|w| w.assume_role(caller, wanted, Timestamp::now()));
    let denied = |action: &str| {
        let message = format!("User: {} is not authorized to perform: {action} on resource: {role}", caller.arn);
        Fault::new(403, "AccessDenied", message)
    };
    match given {
        Ok(session) => Ok(credentials(&session)),
        Err(NotGiven::NotTrusted) => Err(denied("sts:AssumeRole")),
        Err(NotGiven::SourceIdentity) => Err(denied("sts:SetSourceIdentity")),
        Err(NotGiven::TooLong) => Err(invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        )),
    }
}

fn credentials(session: &Session) -> Tree {
    let credentials = Tree::map()
        .with("AccessKeyId", &session.key)
        .with("SecretAccessKey", &session.secret)
        .with("SessionToken", &session.token)
        .with("Expiration", session.ends);
    let user = Tree::map().with("AssumedRoleId", &session.caller.user_id).with("Arn", &session.caller.arn);
    Tree::map()
        .with("Credentials", credentials)
        .with("AssumedRoleUser", user)
        .with_some("SourceIdentity", session.caller.source_identity.as_ref())
}

fn invalid(why: impl Into<String>) -> Fault {
    Fault::new(400, "ValidationError", why)
}

fn breaks(value: &str, member: &str, rule: &str) -> Fault {
    invalid(format!(
        "1 validation error detected: Value {value} at '{member}' failed to satisfy constraint: Member must {rule}"
    ))
}

fn needed<'a>(form: &'a Form, name: &str) -> Result<&'a str, Fault> {
    let member: String =
        name.chars().enumerate().map(|(i, c)| if i == 0 { c.to_ascii_lowercase() } else { c }).collect();
    form.get(name).ok_or_else(|| breaks("null", &member, "not be null"))
}

/// Checks a text by the model: how long it may be, and its pattern with the signs that the pattern takes.
fn within(
    text: &str,
    member: &str,
    length: std::ops::RangeInclusive<usize>,
    pattern: Option<(&str, &str)>,
) -> Result<(), Fault> {
    let value = format!("'{text}'");
    let count = text.chars().count();
    if count < *length.start() {
        return Err(breaks(&value, member, &format!("have length greater than or equal to {}", length.start())));
    }
    if count > *length.end() {
        return Err(breaks(&value, member, &format!("have length less than or equal to {}", length.end())));
    }
    let fits = |signs: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || signs.contains(c));
    match pattern {
        Some((pattern, signs)) if !fits(signs) => {
            Err(breaks(&value, member, &format!("satisfy regular expression pattern: {pattern}")))
        }
        _ => Ok(()),
    }
}

fn seconds(form: &Form) -> Result<i64, Fault> {
    let Some(text) = form.get("DurationSeconds") else { return Ok(USUAL) };
    let seconds: i64 = text.parse().map_err(|_| Fault::new(400, "MalformedInput", ""))?;
    let value = format!("'{seconds}'");
    match seconds {
        ..SHORTEST => Err(breaks(&value, "durationSeconds", "have value greater than or equal to 900")),
        SHORTEST..=LONGEST => Ok(seconds),
        _ => Err(breaks(&value, "durationSeconds", "have value less than or equal to 43200")),
    }
}
