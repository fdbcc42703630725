//! A resolver's answers with its verdict. The library follows a CNAME whatever the answer's code is (RFC 6604: the code is
//! that of the end of the chain), so a name that dangles would be taken for one that leads somewhere.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt};
use hickory_resolver::caching_client::CachingClient;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverOpts};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, DnsHandle, NetError, NoRecords};
use hickory_resolver::proto::op::{DnsRequest, DnsRequestOptions, DnsResponse, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::{NameServerPool, PoolContext, TlsConfig};

use crate::aws::Outage;
use crate::estate::Resolver;

/// Requests to one resolver that are under way at once.
const MOST_REQUESTS: usize = 64;

/// One resolver, asked directly: no cache, one try.
pub(super) struct Client {
    client: CachingClient<Strict>,
    options: DnsRequestOptions,
    resolver: Resolver,
    outage: Outage,
}

impl Client {
    /// For a resolver, kept away from it where it is taken to be gone; `edns` as RFC 6891 has it.
    ///
    /// # Errors
    /// The library's, where it cannot be set up.
    pub(super) fn new(resolver: &Resolver, outage: &Outage, edns: bool, patience: Duration) -> Result<Self, NetError> {
        let address = resolver.address;
        let mut server = NameServerConfig::udp_and_tcp(address.ip());
        server.connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()]
            .map(|mut c| {
                c.port = address.port();
                c
            })
            .into();
        let mut options = ResolverOpts::default();
        options.timeout = patience;
        options.num_concurrent_reqs = 1;
        options.max_active_requests = MOST_REQUESTS;
        options.edns0 = edns;
        let mut request = DnsRequestOptions::default();
        request.use_edns = edns;
        request.edns_payload_len = options.edns_payload_len;
        request.recursion_desired = options.recursion_desired;
        let context = Arc::new(PoolContext::new(options, TlsConfig::new()?));
        let pool = NameServerPool::from_config([server], context, TokioRuntimeProvider::default());
        let client = CachingClient::new(0, Strict(pool), true);
        Ok(Self { client, options: request, resolver: resolver.clone(), outage: outage.clone() })
    }

    /// The records of one family, with the CNAMEs on the way to them.
    ///
    /// # Errors
    /// That there are none, or no answer.
    pub(super) async fn lookup(&self, name: Name, family: RecordType) -> Result<Lookup, NetError> {
        let passed = self.outage.pass_resolver(&self.resolver.name, self.resolver.address).await;
        passed.map_err(|away| NetError::Msg(away.to_string()))?;
        self.client.lookup(Query::query(name, family), self.options).await
    }
}

/// A resolver whose answers are taken for what their code says, whatever records they have.
#[derive(Clone)]
struct Strict(NameServerPool<TokioRuntimeProvider>);

impl DnsHandle for Strict {
    type Response = Pin<Box<dyn Stream<Item = Result<DnsResponse, NetError>> + Send>>;
    type Runtime = TokioRuntimeProvider;

    fn send(&self, request: DnsRequest) -> Self::Response {
        let query = request.queries.first().cloned().unwrap_or_default();
        let judge = move |answer: Result<DnsResponse, NetError>| {
            let answer = answer?;
            match answer.response_code {
                ResponseCode::NoError => Ok(answer),
                code @ ResponseCode::NXDomain => Err(NoRecords::new(query.clone(), code).into()),
                code => Err(NetError::Dns(DnsError::ResponseCode(code))),
            }
        };
        Box::pin(self.0.send(request).map(judge))
    }
}
