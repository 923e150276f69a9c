// SPDX-License-Identifier: Apache-2.0
#include "agent/service/openssl_certificate.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

namespace sallyport::agent {
namespace {

struct Closer {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509* certificate) const { X509_free(certificate); }
};

bool read_time(const ASN1_TIME* time, WallTime& into) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1)
        return false;
    into = WallTime(std::chrono::seconds(::timegm(&parts)));
    return true;
}

}  // namespace

Result<CertificateLife> certificate_life(const std::filesystem::path& file) {
    const std::unique_ptr<BIO, Closer> in(BIO_new_file(file.c_str(), "r"));
    const std::unique_ptr<X509, Closer> certificate(in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr);
    ERR_clear_error();
    CertificateLife life;
    if (!certificate || !read_time(X509_get0_notBefore(certificate.get()), life.not_before) ||
        !read_time(X509_get0_notAfter(certificate.get()), life.not_after))
        return Error(in ? Errc::corrupt : Errc::not_found, file.string() + ": no certificate can be read from it");
    return life;
}

}  // namespace sallyport::agent
