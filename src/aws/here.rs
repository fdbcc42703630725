//! Where this machine is, as AWS tells it: a console in the region that is gone is gone too.

use std::time::Duration;

use aws_config::imds::region::ImdsRegionProvider;
use aws_config::provider_config::ProviderConfig;

use super::bounded::Limit;
use super::outage::Target;
use super::{Sdk, credentials};
use crate::estate::Region;

/// A metadata service answers at once, where there is one.
const PATIENCE: Duration = Duration::from_secs(2);

impl Sdk {
    /// The region of the instance (`placement/region` of its metadata service) or of the container (`AWS_REGION` beside
    /// `AWS_EXECUTION_ENV`, which AWS sets there) that this runs on; none where nothing tells it.
    pub async fn stands_in(&self) -> Option<Region> {
        if !self.found_here {
            return None;
        }
        if std::env::var_os("AWS_EXECUTION_ENV").is_some() {
            return credentials::own_regions().next();
        }
        let client = self.wires.to(Target::Machine, None, Limit::FEW);
        let settings = ProviderConfig::without_region().with_http_client(client);
        let asked = ImdsRegionProvider::builder().configure(&settings).build();
        let region = tokio::time::timeout(PATIENCE, asked.region()).await.ok()??;
        Some(Region::new(region.to_string()))
    }
}
