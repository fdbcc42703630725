//! EC2: what the console asks of it. Parameters in a form, XML back, version 2016-11-15.

mod capacity;
mod filter;
mod instances;
mod network;
mod storage;

use super::{Door, told, unavailable};
use crate::estate::Region;
use crate::sim::SharedWorld;
use crate::sim::wire::{Answer, Fault, Form, Page, Protocol, Request, Tree};
use crate::sim::world::{Api, Tags, World};
use filter::Filters;

/// Answers a request to a region's EC2.
#[must_use]
pub fn answer(request: &Request, world: &SharedWorld, region: &Region) -> Answer {
    let protocol = Protocol::Ec2;
    let door = Door { protocol, api: Api::Ec2, signing_name: "ec2", throttled, unavailable };
    let caller = match door.enter(request, world, region) {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    let form = request.form();
    let operation = form.get("Action").unwrap_or_default();
    let call: fn(&Call<'_>) -> Result<Tree, Fault> = match operation {
        "DescribeInstances" => instances::describe_instances,
        "DescribeInstanceStatus" => instances::describe_instance_status,
        "DescribeImages" => storage::describe_images,
        "DescribeSnapshots" => storage::describe_snapshots,
        "DescribeVpnConnections" => network::describe_vpn_connections,
        "DescribeTransitGatewayPeeringAttachments" => network::describe_peering_attachments,
        "DescribeCapacityReservations" => capacity::describe_capacity_reservations,
        "DescribeRegions" => capacity::describe_regions,
        other => return protocol.unknown_operation(&request.id, other).into(),
    };
    let account = caller.account.clone();
    let done = call(&Call { operation, form: &form, world, region, account });
    door.ended(&caller, world, region, operation, done.as_ref().err());
    match done {
        Ok(tree) => protocol.success(&request.id, operation, &told(tree, world, region, Api::Ec2)).into(),
        Err(fault) => protocol.failure(&request.id, &fault).into(),
    }
}

fn throttled() -> Fault {
    Fault::new(503, "RequestLimitExceeded", "Request limit exceeded.")
}

/// A call of an operation.
struct Call<'a> {
    operation: &'a str,
    form: &'a Form,
    world: &'a SharedWorld,
    region: &'a Region,
    /// Whose things are seen: the caller's own.
    account: String,
}

impl Call<'_> {
    /// What the caller's account has of what there is in the region.
    fn own<T>(&self, all: impl Fn(&World, &Region) -> Vec<T>, owner: impl Fn(&T) -> &str) -> Vec<T> {
        let mut all = self.world.with(|w| all(w, self.region));
        all.retain(|item| owner(item) == self.account);
        all
    }

    /// Refuses parameters that the operation has not, a version that is not ours, and dry runs as EC2 does.
    fn known(&self, parameters: &[&str]) -> Result<(), Fault> {
        for name in self.form.names() {
            let first = name.split('.').next().unwrap_or_default();
            if !["Action", "Version", "DryRun"].contains(&first) && !parameters.contains(&first) {
                return Err(Fault::new(400, "UnknownParameter", format!("The parameter {name} is not recognized")));
            }
        }
        match self.form.get("Version") {
            Some("2016-11-15") => {}
            other => {
                let version = other.unwrap_or_default();
                let why = format!("The action {} is not valid for version '{version}'", self.operation);
                return Err(Fault::new(400, "InvalidAction", why));
            }
        }
        if self.flag("DryRun")? {
            let why = "Request would have succeeded, but DryRun flag is set.";
            return Err(Fault::new(412, "DryRunOperation", why));
        }
        Ok(())
    }

    fn flag(&self, name: &str) -> Result<bool, Fault> {
        match self.form.get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(invalid(format!("Invalid value '{other}' for {name}: it is true or false"))),
        }
    }

    /// The filters; a name that is neither of `names` nor about tags is refused.
    fn filters(&self, names: &[&str]) -> Result<Filters<'_>, Fault> {
        Filters::read(self.form, names)
    }

    /// Keeps the items with the ids asked for. Each id must be known: `code` is what EC2 calls one that is not.
    fn by_id<T>(
        &self,
        parameter: &str,
        prefix: &str,
        code: &str,
        all: &mut Vec<T>,
        id: impl Fn(&T) -> &str,
    ) -> Result<(), Fault> {
        let wanted = self.form.list(parameter);
        if wanted.is_empty() {
            return Ok(());
        }
        for name in &wanted {
            let tail = name.strip_prefix(prefix).unwrap_or_default();
            if tail.is_empty() || !tail.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(Fault::new(400, format!("{code}.Malformed"), format!("Invalid id: \"{name}\"")));
            }
            if !all.iter().any(|item| id(item) == *name) {
                return Err(Fault::new(400, format!("{code}.NotFound"), format!("The ID '{name}' does not exist")));
            }
        }
        all.retain(|item| wanted.contains(&id(item)));
        Ok(())
    }

    /// A page of the items: all of them, up to a thousand, unless `MaxResults` says less.
    fn page<T>(&self, items: Vec<T>, least: usize, ids: &str) -> Result<Page<T>, Fault> {
        let size = match self.form.get("MaxResults") {
            None => 1000,
            Some(_) if !self.form.list(ids).is_empty() => {
                let why = format!("The parameter {ids} cannot be used with the parameter maxResults");
                return Err(Fault::new(400, "InvalidParameterCombination", why));
            }
            Some(text) => match text.parse::<usize>() {
                Ok(n) if n >= least => n.min(1000),
                _ => {
                    let why = format!(
                        "Value ( {text} ) for parameter maxResults is invalid. Expecting a value of {least} or more."
                    );
                    return Err(invalid(why));
                }
            },
        };
        let token = self.form.get("NextToken").filter(|t| !t.is_empty());
        Page::of(items, size, token, self.operation)
            .ok_or_else(|| invalid("Value for parameter nextToken is invalid: Unable to parse pagination token"))
    }
}

fn invalid(why: impl Into<String>) -> Fault {
    Fault::new(400, "InvalidParameterValue", why)
}

/// Tags as every resource writes them.
fn tag_set(tags: &Tags) -> Tree {
    Tree::list("item", tags.iter().map(|(key, value)| Tree::map().with("key", key).with("value", value)))
}
