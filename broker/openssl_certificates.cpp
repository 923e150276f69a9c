// SPDX-License-Identifier: Apache-2.0
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

#include "broker/client_certificate.hpp"

namespace sallyport::broker {
namespace {

struct Closer {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509_CRL* list) const { X509_CRL_free(list); }
};

std::string bytes_of(const ASN1_INTEGER* number) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(number)), static_cast<std::size_t>(ASN1_STRING_length(number))};
}

// A time that cannot be read has passed.
WallTime time_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1)
        return WallTime{};
    return WallTime(std::chrono::seconds(::timegm(&parts)));
}

}  // namespace

ClientCertificate describe_certificate(const void* x509) {
    const auto* certificate = static_cast<const X509*>(x509);
    return {bytes_of(X509_get0_serialNumber(certificate)), time_of(X509_get0_notAfter(certificate))};
}

Result<std::set<std::string>> read_revoked_serials(const std::filesystem::path& list) {
    const std::unique_ptr<BIO, Closer> in(BIO_new_file(list.c_str(), "r"));
    const std::unique_ptr<X509_CRL, Closer> revocations(
        in ? PEM_read_bio_X509_CRL(in.get(), nullptr, nullptr, nullptr) : nullptr);
    ERR_clear_error();
    if (!revocations)
        return Error(in ? Errc::corrupt : Errc::io, list.string() + ": no list of revoked certificates can be read from it");
    std::set<std::string> serials;
    STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(revocations.get());
    for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i)
        serials.insert(bytes_of(X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(entries, i))));
    return serials;
}

}  // namespace sallyport::broker
