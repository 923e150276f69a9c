// SPDX-License-Identifier: Apache-2.0
#include "test_certificate.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace sallyport::testing {
namespace {

template <auto Free>
struct Freer {
    template <class T>
    void operator()(T* handle) const {
        Free(handle);
    }
};

FILE* open_file(const std::filesystem::path& file) {
    FILE* opened = std::fopen(file.c_str(), "w");
    if (opened == nullptr) throw std::runtime_error("cannot write " + file.string());
    return opened;
}

}  // namespace

TestCertificate make_certificate(const std::filesystem::path& folder) {
    const TestCertificate made{folder / "server.crt", folder / "server.key"};
    const std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>> key(EVP_EC_gen("P-256"));
    const std::unique_ptr<X509, Freer<X509_free>> certificate(X509_new());
    X509* x509 = certificate.get();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 86400);
    X509_set_pubkey(x509, key.get());
    X509_NAME* name = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("127.0.0.1"),
                               -1, -1, 0);
    X509_set_issuer_name(x509, name);
    X509_EXTENSION* names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
    X509_add_ext(x509, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(x509, key.get(), EVP_sha256());
    const std::unique_ptr<FILE, Freer<std::fclose>> certificate_file(open_file(made.certificate));
    PEM_write_X509(certificate_file.get(), x509);
    const std::unique_ptr<FILE, Freer<std::fclose>> key_file(open_file(made.key));
    PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return made;
}

}  // namespace sallyport::testing
