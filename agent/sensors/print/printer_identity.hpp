// SPDX-License-Identifier: Apache-2.0
//
// What a printer is called in events: an id, a hash and a kind, from the queue's name and its device URI.
//
// printer_hash = SHA-256 of the device URI, or of `queue:NAME` where the URI is unknown (a class, or a queue
// that is gone). A queue that points elsewhere is another printer, even under the old name.
//
// Kinds, by URI scheme:
//   network     ipp, ipps, http, https, socket, lpd, dnssd, mdns, snmp, bjnp, implicitclass, smb (a print server's
//               share is a printer elsewhere on the net), and hp:/net/...
//   local       usb, gutenprintNN+usb, parallel, serial, hp:/usb/..., hp:/par/..., file: to a printer's device node,
//               and IPP to this very machine at the ports of ipp-usb (60000 and up)
//   virtual     cups-pdf, pdf, cups-brf, boomaga: a document instead of paper
//   file        file
//   redirected  thnuclnt, xrdp, nx, cups-x2go, the host `tsclient`: a printer of the computer that looks at this one
//               from afar; and every queue whose name says so, as RDP names them: `HP (redirected 3)`
//   unknown     anything else; IPP to any other port of this machine: a program takes the pages (a queue of this
//               same server, a printer application, ippeveprinter), and whether paper comes of it nobody can tell
// A wrapper (beh:/OPTIONS/URI) is what it wraps.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sallyport::agent {

struct PrinterIdentity {
    std::optional<std::string> id;  // the queue's name, where it is a valid token
    std::string hash;
    std::string kind;

    bool operator==(const PrinterIdentity&) const = default;
};

[[nodiscard]] PrinterIdentity identify_printer(std::string_view queue, std::string_view device_uri);
[[nodiscard]] std::string_view printer_kind(std::string_view device_uri);

}  // namespace sallyport::agent
