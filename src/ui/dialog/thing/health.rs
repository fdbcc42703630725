//! One Route 53 health check, and the probe of one application.

use super::super::{Sheet, heading};
use super::{linked, named, standing, told};
use crate::estate::{HealthCheckId, Region, ServiceName};
use crate::event::{Checkers, SourceId, Watches};
use crate::model::readings::HISTORY;
use crate::model::words as say;
use crate::model::{Model, Subject};
use crate::ui::pen::Row;
use crate::ui::screen::Screen;
use crate::ui::theme::Role;
use crate::ui::{regions, words};
use crate::words::{Length, called, check as words_of, check_means, check_settings, checks_out_of_reach, link};

pub(super) fn check(screen: &Screen, model: &Model, id: &HealthCheckId, width: usize) -> Sheet {
    let Some(check) = model.estate.health_checks.iter().find(|c| &c.id == id) else {
        return Sheet::new("no such health check");
    };
    let mut sheet = Sheet::new(&check.name);
    sheet.right = Row::of(Role::Muted, "Route 53 health check");
    standing(&mut sheet, model, &Subject::Check(id.clone()), width);
    if model.checks_out_of_reach().is_some() {
        named(&mut sheet, "reach", Role::Unknown, checks_out_of_reach(Length::Whole), width);
    }
    if let Some(known) = model.checks.get(id) {
        let old = if known.is_fresh(model.now) { "" } else { ", OLD" };
        let age = say::span(model.now.since(known.heard));
        match known.value.checkers() {
            Some(Checkers { healthy, of, reason }) => {
                let share =
                    format!("{healthy} of {of} call the endpoint healthy (more than 18 % is healthy), {age} ago{old}");
                named(&mut sheet, "checkers", Role::Text, &share, width);
                named(&mut sheet, "commonest", Role::Text, reason.as_deref().unwrap_or("–"), width);
            }
            None => {
                named(&mut sheet, "it is", Role::Text, &format!("{}, {age} ago{old}", words_of(&known.value)), width);
            }
        }
        let says = called(known.value.called());
        let means = format!("{says}; healthy means: {}", check_means(&known.value));
        named(&mut sheet, "Route 53", Role::Text, &means, width);
        if let Some(doubt) = check_settings(&known.value.settings) {
            named(&mut sheet, "set up", Role::Unknown, &doubt, width);
        }
    }
    named(&mut sheet, "service", Role::Text, &format!("{}, {}", check.service, check.region), width);
    linked(&mut sheet, "id", Role::Muted, (id.as_str(), link::HEALTH_CHECKS), width);
    named(&mut sheet, "source", Role::Muted, source(model.checks.get(id).map(|c| &c.value.watches)), width);
    if let Some(why) = model.source_trouble(&SourceId::Route53(id.clone())) {
        named(&mut sheet, "trouble", Role::Unknown, &why, width);
    }
    let columns = width.saturating_sub(4).min(110);
    if let Some(history) = model.check_history.get(id) {
        let aside = Row::of(Role::Muted, format!("last {}, 0 to 100 %", say::span(HISTORY)));
        sheet.body.push(heading("share of healthy checkers", aside, width));
        let fresh = model.checks.get(id).is_some_and(|c| c.is_fresh(model.now));
        let spark = regions::spark(history, model.now, columns, 100.0, fresh);
        sheet.body.push(Row::of(Role::Text, "  ").add(Role::Chart, spark));
    }
    told(&mut sheet, screen, model, &check.name, width);
    sheet
}

/// What it is asked of.
fn source(watches: Option<&Watches>) -> &'static str {
    match watches {
        None | Some(Watches::Endpoint(_)) => "Route 53 GetHealthCheckStatus, us-east-1",
        Some(Watches::Nothing) => "Route 53 ListHealthChecks, us-east-1",
        Some(Watches::Children { .. } | Watches::Alarm { .. } | Watches::Control { .. }) => {
            "CloudWatch AWS/Route53 HealthCheckStatus, us-east-1"
        }
    }
}

pub(super) fn probe(screen: &Screen, model: &Model, service: &ServiceName, region: &Region, width: usize) -> Sheet {
    let mut sheet = Sheet::new(format!("{service} in {region}"));
    sheet.right = Row::of(Role::Muted, "application probe");
    standing(&mut sheet, model, &Subject::Probe(service.clone(), region.clone()), width);
    if let Some(known) = model.probes.get(&(service.clone(), region.clone())) {
        let took = words::millis(known.value.took);
        let age = say::span(model.now.since(known.heard));
        named(
            &mut sheet,
            "last answer",
            Role::Text,
            &format!("HTTP {} in {took}, {age} ago", known.value.status),
            width,
        );
    }
    let probes = model.estate.services.iter().filter(|s| &s.name == service).flat_map(|s| &s.probes);
    for probe in probes.filter(|p| &p.region == region) {
        named(&mut sheet, "source", Role::Muted, &format!("GET {}", probe.url), width);
    }
    if let Some(why) = model.source_trouble(&SourceId::Probe(service.clone(), region.clone())) {
        named(&mut sheet, "trouble", Role::Unknown, &why, width);
    }
    told(&mut sheet, screen, model, service.as_str(), width);
    sheet
}
