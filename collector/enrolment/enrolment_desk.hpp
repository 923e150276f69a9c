// SPDX-License-Identifier: Apache-2.0
//
// How a key comes to be believed: a person hands out a one-time token, the terminal spends it on a request, a person
// approves, whoever holds the authority's key signs. A key in force asks for its renewal by itself. Every step asks the
// registers anew and stands in the audit log. Contract: docs/formats/enrolment.md.
//
// All within the caller's transaction. Errc::refused: not allowed; conflict: not in this state.
#pragma once

#include <string>
#include <string_view>

#include "collector/store/enrolment_repository.hpp"
#include "collector/store/register_repository.hpp"
#include "protocol/clock.hpp"
#include "protocol/enrolment_token.hpp"

namespace sallyport::enrolment {

// Longer requests are none of ours: a P-256 request has some 400 bytes.
inline constexpr std::size_t kRequestBytesMax = 4096;
inline constexpr std::chrono::minutes kTokenLifeMax{7 * 24 * 60};

struct Actor {
    std::string name;  // an account, or `terminal`
    std::string role;
    std::string source_ip;  // empty on the server itself
};

// A certificate that the authority has just signed.
struct SignedCertificate {
    std::string pem, sha256, public_key;
    WallTime not_after{};
};

struct Acceptance {
    bool replace = false;              // revoke the key that is enrolled now
    std::chrono::minutes window{60};   // in which the first report is expected
};

// The entry, if its terminal is in use: registered, and not retired, lost or stolen.
[[nodiscard]] Result<store::RegisterEntry> terminal_in_use(Database& database, const std::string& terminal, WallTime now);

// Good once, for this terminal, until then. Unspent tokens of the terminal are good no longer.
[[nodiscard]] Result<EnrolmentToken> issue_token(Database& database, const std::string& terminal,
                                                 const std::string& authority_sha256, std::chrono::minutes life,
                                                 const Actor& actor, WallTime now);

// Spends the token on the request; its id. The same token with the same key names the same request again: an answer may
// have been lost. Every reason to refuse has one sentence, so that nobody learns which tokens or terminals exist.
[[nodiscard]] Result<std::string> take_request(Database& database, const std::string& terminal, const std::string& secret,
                                               const std::string& request_pem, const Actor& actor, WallTime now);
// A request signed by a key in force, past half its certificate's life: approved as it comes. Its id.
[[nodiscard]] Result<std::string> take_renewal(Database& database, const std::string& request_pem, const Actor& actor,
                                               WallTime now);
// A person decides. Approving asks again whether terminal and key may still be enrolled.
[[nodiscard]] Result<void> approve(Database& database, std::string_view request_id, const Actor& actor, WallTime now);
[[nodiscard]] Result<void> refuse_waiting(Database& database, std::string_view request_id, const std::string& reason,
                                          const Actor& actor, WallTime now);
// Also one that was approved, and may not be signed any more.
[[nodiscard]] Result<void> refuse(Database& database, store::CertificateRequest request, const std::string& reason,
                                  const Actor& actor, WallTime now);

// Whether the approved request may be signed now; what changed since the approval counts.
[[nodiscard]] Result<void> check_signable(Database& database, const store::CertificateRequest& request, WallTime now);
// The signed certificate is handed to whoever asks for the request, and its key is believed from the commit on.
[[nodiscard]] Result<void> issue(Database& database, store::CertificateRequest request, const SignedCertificate& certificate,
                                 const Acceptance& acceptance, const Actor& actor, WallTime now);
// Takes a terminal's first certificate, or another's in its place, as `issue` does: for a request carried by hand.
[[nodiscard]] Result<void> accept_certificate(Database& database, const std::string& terminal, const std::string& ori,
                                              const SignedCertificate& certificate, const Acceptance& acceptance,
                                              const Actor& actor, WallTime now);

}  // namespace sallyport::enrolment
