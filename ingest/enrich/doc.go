// Package enrich adds to a draft what the body knows about its addresses: zone,
// asset, direction, and whether a flow between zones is allowed. It stands
// between the parser and the block.
//
// # What is set
//
//   - yagura.source.zone, yagura.destination.zone: the zone of source.ip and
//     destination.ip by the longest prefix, Outside for an address in no zone.
//     Without any zone configured the private ranges (RFC 1918, RFC 4193,
//     loopback, link-local) are the zone Inside. Addresses that never leave a
//     link (loopback, link-local, multicast, broadcast, unspecified) are in no
//     zone and not outside, unless a zone names them.
//   - network.direction, when both ends are known: inbound (from outside to a
//     zone), outbound, internal (within a zone, or to the link), crossing (from
//     one zone to another), external (both ends outside). It replaces what the
//     device says: a device counts by its interfaces. With one end only, the
//     device's word stays.
//   - yagura.flow, allowed or forbidden, as flows.go says.
//   - yagura.zone: where the event belongs: the zone of source.ip, else of
//     destination.ip, else of the sender, leaving Outside aside. A yagura.zone
//     that is there already is taken as the sender's (sources: in the
//     configuration).
//   - yagura.source.asset, yagura.destination.asset, yagura.host.asset: names
//     of the assets; the host is the sender: the peer's address, or host.ip when
//     the peer is no address.
//   - yagura.asset.class ("C3I2A1", 0 is not classified) and yagura.site: of the
//     most important asset among the three: by its highest class, then by the
//     sum, then source, destination, host.
//
// # Bounds
//
// Nothing is allocated for an event, and an Enricher is immutable: one serves
// all goroutines, and a reload makes a new one. An asset file has at most
// MaxAssets rows and 64 MiB.
package enrich
