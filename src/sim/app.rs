//! The applications themselves, one HTTP endpoint a service and region: well, limping, failed, or silent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::SharedWorld;
use super::wire::{Answer, Handler, Method, Reply};
use super::world::App;
use crate::estate::{Region, ServiceName};

/// A service's application in a region, as a listener carries it: every path answers alike.
#[must_use]
pub fn handler(world: SharedWorld, service: ServiceName, region: Region) -> Handler {
    let asked = AtomicU64::new(0);
    Arc::new(move |request| {
        let n = asked.fetch_add(1, Ordering::Relaxed);
        let (app, fails) = world.with(|w| (w.app(&service, &region), w.request_fails(&service, &region, n)));
        if request.method == Method::Other {
            return Reply::new(405, "text/plain", "method not allowed\n").into();
        }
        let reply = if fails {
            Reply::new(503, "text/plain", format!("{service} in {region} is unavailable\n"))
        } else {
            Reply::new(200, "text/plain", format!("{service} in {region} is well\n"))
        };
        match app {
            App::Dark => Answer::Hang,
            App::Slow { latency, .. } => Answer::Later(world.clock().real_duration(latency), reply),
            App::Up | App::Down => reply.into(),
        }
    })
}
