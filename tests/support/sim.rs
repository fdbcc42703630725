//! The simulator's services on loopback ports, and the real SDK's clients for them.

#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use signalbox::estate::{Estate, Region};
use signalbox::sim::scenario::Scenario;
use signalbox::sim::services::Service;
use signalbox::sim::wire::Listener;
use signalbox::sim::{SharedWorld, SimClock, World};

pub const ACTIVE: &str = "us-east-1";
pub const STANDBY: &str = "us-east-2";

pub fn estate() -> Estate {
    Estate::parse(include_str!("estate.toml"), "estate.toml").unwrap()
}

/// A world of the test estate on a calm day that began at `start` and runs at `speed`.
pub fn world(speed: f64) -> SharedWorld {
    let start = "2026-03-02T08:00:00Z".parse().unwrap();
    let estate = estate();
    let calm = Scenario::parse("title = \"calm\"\nabout = \"nothing\"\nseed = 7\n", "calm.toml", &estate).unwrap();
    let world = World::new(Arc::new(estate), &calm, 7, start);
    SharedWorld::new(world, SimClock::new(start, speed))
}

pub async fn serve(service: Service, world: &SharedWorld, region: &str) -> Listener {
    Listener::start(0, service.handler(world.clone(), Region::from(region))).await.unwrap()
}

pub fn http() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, _| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::disabled());
        connector.set_connector_settings(settings.cloned());
        connector.build_http()
    })
}

pub fn credentials() -> Credentials {
    Credentials::new("AKIDTEST", "secret", None, None, "test")
}

pub fn timeouts() -> aws_smithy_types::timeout::TimeoutConfig {
    aws_smithy_types::timeout::TimeoutConfig::builder().operation_timeout(Duration::from_secs(10)).build()
}

/// A client of an SDK crate for a URL, signing for a region, that tries once.
macro_rules! client {
    ($sdk:ident, $url:expr, $region:expr) => {
        crate::sim::client!($sdk, $url, $region, crate::sim::credentials())
    };
    ($sdk:ident, $url:expr, $region:expr, $credentials:expr) => {{
        let config = $sdk::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::v2026_01_12())
            .region($sdk::config::Region::new($region))
            .credentials_provider($credentials)
            .endpoint_url($url)
            .http_client(crate::sim::http())
            .retry_config($sdk::config::retry::RetryConfig::disabled())
            .timeout_config(crate::sim::timeouts())
            .build();
        $sdk::Client::from_conf(config)
    }};
}
pub(crate) use client;
