// SPDX-License-Identifier: Apache-2.0
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "collector/evidence/bundle/certificate.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::evidence {
namespace {

constexpr std::size_t kPemBytesMax = 16 * 1024;

struct FreeBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeX509 {
    void operator()(X509* certificate) const { X509_free(certificate); }
};

// What i2d_... writes.
template <class Object, class Write>
Bytes der_of(Object* object, const Write& write) {
    unsigned char* der = nullptr;
    const int size = write(object, &der);
    Bytes bytes;
    if (size > 0) bytes.assign(der, der + size);
    OPENSSL_free(der);
    return bytes;
}

}  // namespace

Result<Certificate> read_certificate(std::string_view pem) {
    if (pem.size() > kPemBytesMax) return Error(Errc::exhausted, "certificate: too large");
    const std::unique_ptr<BIO, FreeBio> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const std::unique_ptr<X509, FreeX509> certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
    ERR_clear_error();
    if (!certificate) return Error(Errc::bad_input, "is no certificate");
    if (BIO_pending(bio.get()) > 0) return Error(Errc::bad_input, "something follows the certificate");
    Bytes key = der_of(X509_get_X509_PUBKEY(certificate.get()), i2d_X509_PUBKEY);
    const Bytes der = der_of(certificate.get(), i2d_X509);
    if (der.empty() || key.empty()) return Error(Errc::bad_input, "certificate: cannot be read");
    return Certificate{sha256(der), to_base64(key)};
}

}  // namespace sallyport::evidence
