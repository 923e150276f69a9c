// SPDX-License-Identifier: Apache-2.0
//
// A CUPS server as a PrintSource, over IPP (RFC 8011; subscriptions: RFC 3995, RFC 3996).
//
// Account names are among the values that cupsd keeps private by default. Over the local socket the agent
// says who it is (PeerCred), which is enough where its account is in cupsd's SystemGroup; elsewhere
// cupsd.conf needs `JobPrivateValues job-name job-originating-host-name`.
#pragma once

#include <memory>
#include <span>
#include <string>

namespace sallyport::agent {

class PrintSource;

// `host:port` or a socket's path; empty: the library's default (client.conf, CUPS_SERVER, the local socket).
[[nodiscard]] std::unique_ptr<PrintSource> make_cups_queue(const std::string& server);

// All that is ever asked of a job.
[[nodiscard]] std::span<const char* const> requested_job_attributes();

}  // namespace sallyport::agent
