//! Checks of the notifications: one way each, words that can be filled in. A webhook's URL is never quoted.

use std::collections::BTreeSet;

use super::super::Estate;
use super::{Check, shapes};

/// Notifications that one file may have.
const MOST: usize = 32;

impl Check<'_> {
    pub fn notify(&mut self, e: &Estate) {
        if e.notify.len() > MOST {
            let message = format!("there are {} notifications; {MOST} are the most", e.notify.len());
            self.fault(&format!("notify.{MOST}"), message);
        }
        for (i, notify) in e.notify.iter().enumerate() {
            let path = format!("notify.{i}");
            self.occasions(&path, notify);
            self.way(&path, notify);
            if let Some(url) = &notify.webhook {
                self.webhook(&format!("{path}.webhook"), url.reveal());
            }
            if let Some(name) = &notify.webhook_env
                && !is_variable(name)
            {
                let message = "`webhook_env` is the name of an environment variable that holds the URL: `SLACK_URL`";
                self.fault(&format!("{path}.webhook_env"), message);
            }
            if let Some(command) = &notify.command
                && command.first().is_none_or(|program| program.trim().is_empty())
            {
                self.fault(&format!("{path}.command"), "`command` names no program: [\"program\", \"argument\"]");
            }
            for fault in notify.template.faults() {
                self.fault(&format!("{path}.template"), fault);
            }
            if notify.presenting && !notify.bell && notify.osc.is_none() {
                let message = "`presenting` is for a bell or an osc: webhooks and commands are not quiet then";
                self.fault(&format!("{path}.presenting"), message);
            }
        }
    }

    fn occasions(&mut self, path: &str, notify: &super::super::Notify) {
        if notify.on.is_empty() {
            self.fault(&format!("{path}.on"), "`on` names nothing that is to be told: [\"proposed\", \"approved\"]");
        }
        let mut seen = BTreeSet::new();
        for (j, on) in notify.on.iter().enumerate() {
            if !seen.insert(on) {
                self.fault(&format!("{path}.on.{j}"), format!("`{}` stands here twice", on.name()));
            }
        }
    }

    fn way(&mut self, path: &str, notify: &super::super::Notify) {
        let given = [
            ("webhook", notify.webhook.is_some()),
            ("webhook_env", notify.webhook_env.is_some()),
            ("command", notify.command.is_some()),
            ("bell", notify.bell),
            ("osc", notify.osc.is_some()),
        ];
        let ways: Vec<&str> = given.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
        match ways.as_slice() {
            [_] => {}
            [] => self.fault(path, "a notification needs one of `webhook`, `webhook_env`, `command`, `bell` and `osc`"),
            several => {
                let message =
                    format!("a notification has one way; this has `{}`: give each its own", several.join("` and `"));
                self.fault(path, message);
            }
        }
    }

    fn webhook(&mut self, path: &str, url: &str) {
        if let Some(why) = shapes::webhook_fault(url) {
            self.fault(path, format!("the webhook's URL {why}"));
        }
    }
}

/// Whether a text can be the name of an environment variable.
fn is_variable(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
