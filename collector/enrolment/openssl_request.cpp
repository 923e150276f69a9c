// SPDX-License-Identifier: Apache-2.0
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "collector/enrolment/certificate_request.hpp"
#include "protocol/bytes.hpp"

namespace sallyport::enrolment {
namespace {

struct Closer {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509_REQ* request) const { X509_REQ_free(request); }
};

bool is_p256(const EVP_PKEY* key) {
    char group[64];
    std::size_t length = 0;
    return key != nullptr && EVP_PKEY_is_a(key, "EC") == 1 &&
           EVP_PKEY_get_group_name(key, group, sizeof group, &length) == 1 &&
           std::string_view(group, length) == "prime256v1";
}

// Empty when there is anything else in the subject.
std::string only_common_name(X509_REQ* request) {
    X509_NAME* subject = X509_REQ_get_subject_name(request);
    char text[128] = {};
    const int length = X509_NAME_get_text_by_NID(subject, NID_commonName, text, sizeof text);
    if (X509_NAME_entry_count(subject) != 1 || length <= 0)
        return {};
    return {text, static_cast<std::size_t>(length)};
}

Result<std::string> public_key_of(EVP_PKEY* key) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    if (size <= 0)
        return Error(Errc::internal, "certificate request: its key cannot be written");
    std::string text = to_base64(ByteView(der, static_cast<std::size_t>(size)));
    OPENSSL_free(der);
    return text;
}

}  // namespace

Result<RequestFacts> read_certificate_request(std::string_view pem) {
    const std::unique_ptr<BIO, Closer> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const std::unique_ptr<X509_REQ, Closer> request(in ? PEM_read_bio_X509_REQ(in.get(), nullptr, nullptr, nullptr) : nullptr);
    EVP_PKEY* key = request ? X509_REQ_get0_pubkey(request.get()) : nullptr;
    const bool p256 = is_p256(key), signed_by_it = p256 && X509_REQ_verify(request.get(), key) == 1;
    ERR_clear_error();
    if (!request)
        return Error(Errc::bad_input, "certificate request: is no PKCS#10 request in PEM");
    if (!p256)
        return Error(Errc::refused, "certificate request: its key is not P-256");
    if (!signed_by_it)
        return Error(Errc::refused, "certificate request: is not signed by the key it names");
    std::string name = only_common_name(request.get());
    if (name.empty())
        return Error(Errc::refused, "certificate request: its subject is not one common name");
    auto text = public_key_of(key);
    if (!text)
        return text.error();
    return RequestFacts{std::move(name), std::move(*text)};
}

}  // namespace sallyport::enrolment
