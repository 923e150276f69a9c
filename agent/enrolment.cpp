// SPDX-License-Identifier: Apache-2.0
#include "agent/enrolment.hpp"

#include "agent/service/openssl_csr.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::agent {

Result<std::filesystem::path> prepare_enrolment(const Configuration& configuration) {
    const std::filesystem::path& key_file = configuration.broker.key_file;
    if (!std::filesystem::exists(key_file)) {
        auto key = SigningKey::generate();
        if (!key)
            return key.error().within("enrol");
        if (auto saved = key->save_pem(key_file); !saved)
            return saved.error().within("enrol");
    }
    // Also refuses a key that others may read, before a certificate is asked for it.
    if (auto key = SigningKey::load_pem(key_file); !key)
        return key.error().within("enrol");
    std::filesystem::path request = key_file;
    request.replace_extension(".csr");
    if (auto written = write_certificate_request(key_file, configuration.terminal, request); !written)
        return written.error().within("enrol");
    return request;
}

}  // namespace sallyport::agent
