// SPDX-License-Identifier: Apache-2.0
#include "agent/service/openssl_csr.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>

namespace sallyport::agent {
namespace {

struct Closer {
    void operator()(FILE* file) const { std::fclose(file); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509_REQ* request) const { X509_REQ_free(request); }
};
template <class T>
using Owned = std::unique_ptr<T, Closer>;

Error openssl_failure(const std::string& what) {
    char text[160];
    ERR_error_string_n(ERR_get_error(), text, sizeof text);
    ERR_clear_error();
    return Error(Errc::io, "certificate request: " + what + ": " + text);
}

}  // namespace

Result<void> write_certificate_request(const std::filesystem::path& key_file, std::string_view common_name,
                                       const std::filesystem::path& request_file) {
    const Owned<FILE> in(std::fopen(key_file.c_str(), "re"));
    if (!in)
        return Error(Errc::not_found, "certificate request: " + key_file.string() + " cannot be opened");
    const Owned<EVP_PKEY> key(PEM_read_PrivateKey(in.get(), nullptr, nullptr, nullptr));
    if (!key)
        return openssl_failure(key_file.string());
    const Owned<X509_REQ> request(X509_REQ_new());
    const auto* name = reinterpret_cast<const unsigned char*>(common_name.data());
    if (!request || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
        X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), "CN", MBSTRING_UTF8, name,
                                   static_cast<int>(common_name.size()), -1, 0) != 1 ||
        X509_REQ_set_pubkey(request.get(), key.get()) != 1 || X509_REQ_sign(request.get(), key.get(), EVP_sha256()) <= 0)
        return openssl_failure("cannot be made");
    const Owned<FILE> out(std::fopen(request_file.c_str(), "we"));
    if (!out || PEM_write_X509_REQ(out.get(), request.get()) != 1 || std::fflush(out.get()) != 0)
        return Error(Errc::io, "certificate request: " + request_file.string() + " cannot be written");
    return {};
}

}  // namespace sallyport::agent
