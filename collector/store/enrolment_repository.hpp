// SPDX-License-Identifier: Apache-2.0
//
// One-time tokens and the requests for a certificate. Who may ask for what is decided in collector/enrolment/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/bytes.hpp"
#include "protocol/clock.hpp"

namespace sallyport::store {

struct EnrolmentTokenRow {
    Digest secret_sha256{};
    std::string terminal_id, ori, created_by;
    WallTime created_at{}, expires_at{};
    std::optional<std::string> request_id;  // what it was spent on
};

struct CertificateRequest {
    std::string request_id;
    std::string kind;  // enrolment, renewal
    std::string terminal_id, ori;
    std::string public_key;  // base64 SubjectPublicKeyInfo
    std::string request;     // PKCS#10, PEM
    std::string source_ip;
    WallTime received_at{};
    std::string state;  // waiting, approved, refused, issued
    std::optional<std::string> decided_by;
    std::optional<WallTime> decided_at;
    std::optional<std::string> reason;
    std::optional<std::string> certificate;  // PEM
};

[[nodiscard]] Result<void> add_enrolment_token(Database& database, const EnrolmentTokenRow& token);
[[nodiscard]] Result<std::optional<EnrolmentTokenRow>> find_enrolment_token(Database& database, const Digest& secret_sha256);
// Tokens of the terminal that nobody has spent are good no longer.
[[nodiscard]] Result<void> expire_enrolment_tokens(Database& database, std::string_view terminal_id, WallTime now);
[[nodiscard]] Result<void> spend_enrolment_token(Database& database, const Digest& secret_sha256, std::string_view request_id);

// Adds it, or writes what has become of it.
[[nodiscard]] Result<void> save_certificate_request(Database& database, const CertificateRequest& request);
[[nodiscard]] Result<std::optional<CertificateRequest>> find_certificate_request(Database& database, std::string_view request_id);
// Those in that state, oldest first; every state when it is empty.
[[nodiscard]] Result<std::vector<CertificateRequest>> list_certificate_requests(Database& database, std::string_view state,
                                                                                std::size_t limit);
// The newest of this key, whatever became of it.
[[nodiscard]] Result<std::optional<CertificateRequest>> newest_request_of_key(Database& database, std::string_view public_key);
// When the certificate that is in force for the key was issued.
[[nodiscard]] Result<std::optional<WallTime>> newest_certificate_issued_at(Database& database, std::string_view public_key);

}  // namespace sallyport::store
