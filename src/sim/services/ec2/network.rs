//! VPN connections with their tunnels, and Transit Gateway peering attachments.

use super::{Call, tag_set};
use crate::sim::wire::{Fault, Tree};
use crate::sim::world::{Peering, Vpn, World};

pub(super) fn describe_vpn_connections(call: &Call<'_>) -> Result<Tree, Fault> {
    call.known(&["VpnConnectionId", "Filter"])?;
    let filters =
        call.filters(&["tag", "vpn-connection-id", "state", "type", "customer-gateway-id", "transit-gateway-id"])?;
    let mut all = call.own(World::vpns, |item| &item.owner);
    call.by_id("VpnConnectionId", "vpn-", "InvalidVpnConnectionID", &mut all, |v| &v.id)?;
    all.retain(|v| {
        filters.pass(&v.tags, |name| {
            match name {
                "vpn-connection-id" => &v.id,
                "state" => "available",
                "type" => "ipsec.1",
                "customer-gateway-id" => &v.customer_gateway_id,
                "transit-gateway-id" => &v.transit_gateway_id,
                _ => "",
            }
            .to_owned()
        })
    });
    Ok(Tree::map().with("vpnConnectionSet", Tree::list("item", all.iter().map(vpn))))
}

fn vpn(v: &Vpn) -> Tree {
    let telemetry = v.tunnels.iter().map(|t| {
        Tree::map()
            .with("outsideIpAddress", t.outside_ip.to_string())
            .with("status", if t.up { "UP" } else { "DOWN" })
            .with("lastStatusChange", t.since)
            .with("statusMessage", &t.message)
            .with("acceptedRouteCount", t.routes)
    });
    Tree::map()
        .with("vpnConnectionId", &v.id)
        .with("state", "available")
        .with("type", "ipsec.1")
        .with("category", "VPN")
        .with("customerGatewayId", &v.customer_gateway_id)
        .with("transitGatewayId", &v.transit_gateway_id)
        .with("gatewayAssociationState", "associated")
        .with("options", Tree::map().with("enableAcceleration", false).with("staticRoutesOnly", false))
        .with("tagSet", tag_set(&v.tags))
        .with("vgwTelemetry", Tree::list("item", telemetry))
}

pub(super) fn describe_peering_attachments(call: &Call<'_>) -> Result<Tree, Fault> {
    call.known(&["TransitGatewayAttachmentIds", "Filter", "MaxResults", "NextToken"])?;
    let filters =
        call.filters(&["tag", "transit-gateway-attachment-id", "state", "transit-gateway-id", "local-owner-id"])?;
    let mut all = call.own(World::peerings, |item| &item.owner);
    let code = "InvalidTransitGatewayAttachmentID";
    call.by_id("TransitGatewayAttachmentIds", "tgw-attach-", code, &mut all, |p| &p.id)?;
    all.retain(|p| {
        filters.pass(&p.tags, |name| {
            match name {
                "transit-gateway-attachment-id" => &p.id,
                "state" => state(p),
                "transit-gateway-id" => &p.requester_gateway_id,
                "local-owner-id" => &call.account,
                _ => "",
            }
            .to_owned()
        })
    });
    let page = call.page(all, 5, "TransitGatewayAttachmentIds")?;
    let peerings = page.items.iter().map(peering);
    Ok(Tree::map()
        .with("transitGatewayPeeringAttachments", Tree::list("item", peerings))
        .with_some("nextToken", page.next))
}

fn state(p: &Peering) -> &'static str {
    if p.available { "available" } else { "failed" }
}

fn peering(p: &Peering) -> Tree {
    let end = |gateway: &str, region: &str, owner: &str| {
        Tree::map().with("transitGatewayId", gateway).with("ownerId", owner).with("region", region)
    };
    Tree::map()
        .with("transitGatewayAttachmentId", &p.id)
        .with("requesterTgwInfo", end(&p.requester_gateway_id, p.requester_region.as_str(), &p.owner))
        .with("accepterTgwInfo", end(&p.accepter_gateway_id, p.accepter_region.as_str(), &p.accepter_owner))
        .with("status", Tree::map().with("code", state(p)))
        .with("state", state(p))
        .with("creationTime", p.created)
        .with("tagSet", tag_set(&p.tags))
}
