//! Route 53 Application Recovery Controller: the cluster's five endpoints and the control plane.

pub mod cluster;
pub mod config;
pub mod rules;

use crate::estate::{Control, ControlArn, Estate, PanelArn};

/// A control panel as ARC tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Panel {
    arn: PanelArn,
    name: String,
}

/// The panels of the estate: the pairs' own, then those that only gates and rules name.
fn panels(estate: &Estate) -> Vec<Panel> {
    let mut panels: Vec<Panel> = Vec::new();
    let mut add = |arn: &PanelArn, name: &str| {
        if !panels.iter().any(|p| &p.arn == arn) {
            panels.push(Panel { arn: arn.clone(), name: word(name) });
        }
    };
    for pair in &estate.pairs {
        let name = if pair.panel_name.is_empty() { pair.name.as_str() } else { &pair.panel_name };
        add(&pair.control_panel, name);
    }
    for rule in &estate.safety_rules {
        add(&rule.control_panel, rule.control_panel.as_str().rsplit('/').next().unwrap_or("panel"));
    }
    for gate in &estate.gates {
        let arn = panel_of(estate, &gate.arn);
        add(&arn, arn.as_str().rsplit('/').next().unwrap_or("panel"));
    }
    panels
}

/// A control's panel: its service's pair's, else the one that its own ARN names, else the first.
fn panel_of(estate: &Estate, control: &ControlArn) -> PanelArn {
    let pair = estate.service_of_control(control).and_then(|s| estate.pair(&s.pair));
    if let Some(pair) = pair {
        return pair.control_panel.clone();
    }
    if let Some((panel, _)) = control.as_str().split_once("/routingcontrol/") {
        return PanelArn::new(panel);
    }
    let guarded = estate.safety_rules.iter().find(|r| rules::controls(&r.kind).any(|c| c == control));
    match (guarded, estate.pairs.first()) {
        (Some(rule), _) => rule.control_panel.clone(),
        (None, Some(pair)) => pair.control_panel.clone(),
        (None, None) => PanelArn::new("arn:aws:route53-recovery-control::000000000000:controlpanel/none"),
    }
}

/// Every control with its panel, in the estate's order.
fn controls(estate: &Estate) -> Vec<(&Control, Panel)> {
    let panels = panels(estate);
    let find = |arn: &PanelArn| panels.iter().find(|p| &p.arn == arn).cloned();
    let control = |c| {
        let arn = panel_of(estate, &c);
        find(&arn).unwrap_or(Panel { name: "panel".into(), arn })
    };
    estate.controls().map(|c| (c, control(c.arn.clone()))).collect()
}

/// Who owns a thing of ARC: its ARN tells. Accounts that share a cluster have control panels of their own in it.
fn owner<'a>(estate: &'a Estate, arn: &'a str) -> &'a str {
    let account = arn.split(':').nth(4).filter(|id| id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()));
    account.unwrap_or(&estate.account)
}

/// A name as ARC allows it: no white space, 64 characters at most, not empty.
fn word(name: &str) -> String {
    let name: String = name.split_whitespace().collect::<Vec<_>>().join("-").chars().take(64).collect();
    if name.is_empty() { "unnamed".to_owned() } else { name }
}

/// Whether a text may be an ARN in ARC's models.
fn is_arn(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b":./_-".contains(&b);
    (1..=255).contains(&text.len()) && text.bytes().all(fits)
}
