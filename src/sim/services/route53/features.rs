//! What can be switched on for a zone (`UpdateHostedZoneFeatures`): accelerated recovery.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::{Mine, invalid};
use crate::sim::wire::{Fault, Request, Tree};
use crate::sim::world::NotComplete;

pub(super) fn update_hosted_zone_features(id: &str, request: &Request, mine: Mine<'_>) -> Result<Tree, Fault> {
    let on = flag(&request.body, "EnableAcceleratedRecovery")?;
    if !mine.hosted_zones().iter().any(|zone| zone.id == id) {
        return Err(super::zones::unknown(id));
    }
    mine.world.with(|w| {
        let switched = on.map_or(Ok(()), |on| w.switch_accelerated_recovery(id, on));
        switched.map_err(|NotComplete| {
            Fault::new(
                400,
                "PriorRequestNotComplete",
                format!("The request was rejected because Route 53 was still processing a prior request on zone {id}."),
            )
        })
    })?;
    Ok(Tree::map())
}

/// A member of the body that is yes or no; none where it is not there.
fn flag(body: &[u8], member: &str) -> Result<Option<bool>, Fault> {
    let body = String::from_utf8_lossy(body);
    let mut reader = Reader::from_str(&body);
    let (mut inside, mut found) = (false, None);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => inside = tag.local_name().as_ref() == member,
            Ok(Event::End(_)) => inside = false,
            Ok(Event::Text(text)) if inside => {
                found = Some(match text.as_ref() {
                    "true" => true,
                    "false" => false,
                    _ => return Err(invalid("a boolean is true or false")),
                });
            }
            Ok(Event::Eof) => return Ok(found),
            Ok(_) => {}
            Err(e) => return Err(invalid(format!("the body is no XML: {e}"))),
        }
    }
}
