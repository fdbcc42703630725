//! DNS resolvers: one address each, over UDP and TCP, each with the cache that the world gives it.
//!
//! A steered name is answered as Route 53 answers an alias: the addresses of the load balancer that the record leads to,
//! and not a word of whose they are. Where callers are treated kindly it is a CNAME to the regional name, and that one's
//! address. The load balancers' own names and the regional names (`portal.us-east-1.elb.guidingcare.com`) can be asked
//! by themselves, so that anybody can learn which address means which region.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hickory_proto::op::{Header, HeaderCounts, Metadata, ResponseCode};
use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, Record, RecordType};
use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::net::xfer::Protocol;
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;
use tokio::net::{TcpListener, UdpSocket};

use super::SharedWorld;
use super::scenario::ResolverAnswer;
use super::world::{Behind, Family, TTL_SECS, World, six_of};
use crate::estate::{Region, Resolver, ServiceName};

/// How long a TCP connection may be idle.
const IDLE: Duration = Duration::from_secs(30);
/// Answers that wait for a slow reader.
const BUFFERED: usize = 32;

/// What a resolver gives for every name that gives one address for all.
const ONE_FOR_ALL: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 250);

/// A resolver that answers on loopback. Dropping it stops it.
pub struct DnsServer {
    address: SocketAddr,
    _server: Server<Answerer>,
}

impl DnsServer {
    /// Begins to answer on this port, or on one that the system chooses (0), over UDP and TCP.
    ///
    /// # Errors
    /// When the port cannot be had for both.
    pub async fn start(port: u16, world: SharedWorld, resolver: Resolver) -> std::io::Result<Self> {
        let (udp, tcp) = Self::bind(port).await?;
        let address = udp.local_addr()?;
        let mut server = Server::new(Answerer { world, resolver, given: AtomicUsize::new(0) });
        server.register_socket(udp);
        server.register_listener(tcp, IDLE, BUFFERED);
        Ok(Self { address, _server: server })
    }

    /// A port that is free for both; where the system chooses, it may need more than one try.
    async fn bind(port: u16) -> std::io::Result<(UdpSocket, TcpListener)> {
        let mut tries = 0;
        loop {
            let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).await?;
            match TcpListener::bind(udp.local_addr()?).await {
                Ok(tcp) => return Ok((udp, tcp)),
                Err(error) if port != 0 || tries >= 20 => return Err(error),
                Err(_) => tries += 1,
            }
        }
    }

    /// Where it answers.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

struct Answerer {
    world: SharedWorld,
    resolver: Resolver,
    /// Answers that were given, for those that are others each time.
    given: AtomicUsize,
}

/// What is known of a name.
enum Known {
    /// Nothing: there is no such name.
    Nothing,
    /// Nothing that can be told: `SERVFAIL`.
    Fails,
    /// Its records of the wanted type, none perhaps.
    Records(Vec<Record>),
}

impl Answerer {
    fn look_up(&self, world: &World, name: &Name, kind: RecordType) -> Known {
        let text = name.to_ascii();
        let how = world.resolver_answer(&self.resolver);
        if how == Some(ResolverAnswer::Ipv6Fails) && kind == RecordType::AAAA {
            return Known::Fails;
        }
        let balancer = world.service_of_balancer(&text);
        if how == Some(ResolverAnswer::BalancersFail) && (balancer.is_some() || world.is_of_balancer(&text)) {
            return Known::Fails;
        }
        if world.has_aliases() {
            return self.alias(world, name, kind);
        }
        if let Some((service, region)) = balancer.or_else(|| world.service_of_regional_name(&text)) {
            let ttl = u32::try_from(TTL_SECS).unwrap_or(60);
            return Known::Records(self.addresses(world, (&service.name, region), (name, ttl), kind));
        }
        let Some(answer) = world.resolve(&self.resolver, &text) else { return Known::Nothing };
        let of = (&answer.service, &answer.region);
        if how == Some(ResolverAnswer::Rotates) {
            return Known::Records(self.addresses(world, of, (name, answer.ttl), kind));
        }
        let Ok(target) = Name::from_ascii(format!("{}.", answer.target)) else { return Known::Nothing };
        let mut records = vec![Record::from_rdata(name.clone(), answer.ttl, RData::CNAME(CNAME(target.clone())))];
        records.extend(self.addresses(world, of, (&target, answer.ttl), kind));
        Known::Records(records)
    }

    /// Addresses alone, in another order each time.
    fn alias(&self, world: &World, name: &Name, kind: RecordType) -> Known {
        let how = world.resolver_answer(&self.resolver);
        let family = match kind {
            RecordType::A | RecordType::ANY => Family::Four,
            RecordType::AAAA => Family::Six,
            _ => return Known::Records(Vec::new()),
        };
        let asked = if how == Some(ResolverAnswer::OnlyIpv6) { Family::Four } else { family };
        let Some(Behind { mut addresses, ttl }) = world.behind(&self.resolver, &name.to_ascii(), asked) else {
            return Known::Nothing;
        };
        match (how, family) {
            (Some(ResolverAnswer::OnlyIpv6), Family::Four) => addresses.clear(),
            (Some(ResolverAnswer::OnlyIpv6), Family::Six) => addresses.iter_mut().for_each(|a| *a = six_of(*a)),
            (Some(ResolverAnswer::OneForAll), Family::Four) => addresses = vec![ONE_FOR_ALL.into()],
            (Some(ResolverAnswer::OneForAll), Family::Six) => addresses.clear(),
            _ => {}
        }
        let most = if how == Some(ResolverAnswer::Rotates) { 2 } else { world.passes_on(&self.resolver) };
        let from = self.given.fetch_add(1, Ordering::Relaxed) % addresses.len().max(1);
        addresses.rotate_left(from);
        addresses.truncate(most);
        let record = |address: IpAddr| {
            let data = match address {
                IpAddr::V4(four) => RData::A(four.into()),
                IpAddr::V6(six) => RData::AAAA(six.into()),
            };
            Record::from_rdata(name.clone(), ttl, data)
        };
        Known::Records(addresses.into_iter().map(record).collect())
    }

    /// The addresses of a service in a region, of the family that is asked for.
    fn addresses(
        &self,
        world: &World,
        (service, region): (&ServiceName, &Region),
        (owner, ttl): (&Name, u32),
        kind: RecordType,
    ) -> Vec<Record> {
        let how = world.resolver_answer(&self.resolver);
        let record = |data: RData| Record::from_rdata(owner.clone(), ttl, data);
        match (how, kind) {
            (Some(ResolverAnswer::OnlyIpv6), RecordType::AAAA | RecordType::ANY) => {
                vec![record(RData::AAAA(world.address_six(service, region).into()))]
            }
            (Some(ResolverAnswer::OnlyIpv6), _) => Vec::new(),
            (Some(ResolverAnswer::Rotates), RecordType::A | RecordType::ANY) => {
                let from = self.given.fetch_add(1, Ordering::Relaxed);
                let all = world.addresses(service, region);
                let some = all.iter().cycle().skip(from % all.len().max(1)).take(2);
                some.map(|ip| record(RData::A((*ip).into()))).collect()
            }
            (Some(ResolverAnswer::OneForAll), RecordType::A | RecordType::ANY) => {
                vec![record(RData::A(ONE_FOR_ALL.into()))]
            }
            (_, RecordType::A | RecordType::ANY) => vec![record(RData::A(world.address(service, region).into()))],
            _ => Vec::new(),
        }
    }
}

#[async_trait::async_trait]
impl RequestHandler for Answerer {
    async fn handle_request<R: ResponseHandler, T: Time>(&self, request: &Request, mut to: R) -> ResponseInfo {
        let mut head = Metadata::response_from_request(&request.metadata);
        head.recursion_available = true;
        let silent = || ResponseInfo::from(Header { metadata: head, counts: HeaderCounts::default() });
        let edns = request.edns.is_some();
        let asked = request.request_info().ok().map(|i| (i.query.original().name().clone(), i.query.query_type()));
        let found = self.world.with(|w| match w.resolver_answer(&self.resolver) {
            _ if w.resolver_silent(&self.resolver) => None,
            Some(ResolverAnswer::IgnoresEdns) if edns => None,
            Some(ResolverAnswer::RefusesEdns) if edns => Some((None, false)),
            how => {
                let cut = how == Some(ResolverAnswer::Truncates) && request.protocol() == Protocol::Udp;
                Some((asked.map(|(name, kind)| self.look_up(w, &name, kind)), cut))
            }
        });
        let Some((found, cut)) = found else { return silent() };
        let mut records = Vec::new();
        match found {
            _ if cut => head.truncation = true,
            None => head.response_code = ResponseCode::FormErr,
            Some(Known::Fails) => head.response_code = ResponseCode::ServFail,
            Some(Known::Nothing) => head.response_code = ResponseCode::NXDomain,
            Some(Known::Records(known)) => records = known,
        }
        let builder = MessageResponseBuilder::from_message_request(request);
        let none: [&Record; 0] = [];
        let sent = to.send_response(builder.build(head, records.iter(), none, none, none)).await;
        sent.unwrap_or_else(|_| ResponseInfo::from(Header { metadata: head, counts: HeaderCounts::default() }))
    }
}
