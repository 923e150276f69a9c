// SPDX-License-Identifier: Apache-2.0
//
// The one file of sallyportctl that includes OpenSSL.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>

#include "collector/ctl/authority.hpp"
#include "collector/enrolment/certificate_request.hpp"
#include "protocol/files.hpp"

namespace sallyport::ctl {
namespace {

using std::chrono::days;

constexpr days kAuthorityLife{3650};
// A broker takes nobody once the list has run out; `sallyportctl ca crl` writes it anew.
constexpr days kRevocationsLife{365};
// Terminals and server may disagree about the time a little.
constexpr std::chrono::minutes kClockSkew{10};

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Request = std::unique_ptr<X509_REQ, Deleter<X509_REQ_free>>;
using Revocations = std::unique_ptr<X509_CRL, Deleter<X509_CRL_free>>;
using Time = std::unique_ptr<ASN1_TIME, Deleter<ASN1_TIME_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using BigNumber = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using Integer = std::unique_ptr<ASN1_INTEGER, Deleter<ASN1_INTEGER_free>>;

Error failed(std::string_view what, Errc code = Errc::internal) {
    char text[160];
    ERR_error_string_n(ERR_get_error(), text, sizeof text);
    ERR_clear_error();
    return Error(code, "authority: " + std::string(what) + ": " + text);
}

std::time_t seconds(WallTime time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string text_of(BIO* bio) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio, &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

template <class Object, class Write>
std::string pem_of(Object* object, Write write) {
    const Bio out(BIO_new(BIO_s_mem()));
    return write(out.get(), object) == 1 ? text_of(out.get()) : std::string();
}

std::string key_pem(EVP_PKEY* key) {
    const Bio out(BIO_new(BIO_s_mem()));
    return PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1 ? text_of(out.get())
                                                                                                 : std::string();
}

Bio reader_of(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::string der_sha256(X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    std::string hex = size > 0 ? to_hex(sha256(ByteView(der, static_cast<std::size_t>(size)))) : std::string();
    OPENSSL_free(der);
    return hex;
}

bool set_name(X509_NAME* name, std::string_view common_name) {
    return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.data()),
                                      static_cast<int>(common_name.size()), -1, 0) == 1;
}

bool set_life(X509* certificate, WallTime now, std::chrono::seconds life) {
    return ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(now - kClockSkew)) != nullptr &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(now + life)) != nullptr;
}

// 127 random bits (RFC 5280 section 4.1.2.2: positive, at most 20 bytes).
bool set_random_serial(X509* certificate) {
    Bytes bytes = random_bytes(16);
    bytes.front() &= 0x7F;
    const BigNumber number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool is_address(std::string_view host) {
    return host.find(':') != std::string_view::npos || host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string alternative_names(const std::vector<std::string>& hosts) {
    std::string names;
    for (const std::string& host : hosts)
        names += (names.empty() ? "" : ",") + std::string(is_address(host) ? "IP:" : "DNS:") + host;
    return names;
}

// An unsigned certificate for the key.
Result<Certificate> draft(std::string_view common_name, EVP_PKEY* key, WallTime now, std::chrono::seconds life) {
    Certificate certificate(X509_new());
    if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1 || !set_random_serial(certificate.get()) ||
        !set_life(certificate.get(), now, life) || !set_name(X509_get_subject_name(certificate.get()), common_name) ||
        X509_set_pubkey(certificate.get(), key) != 1)
        return failed("certificate for " + std::string(common_name));
    return certificate;
}

Result<void> add_revoked(X509_CRL* list, const std::filesystem::path& file, WallTime since) {
    auto text = read_file(file);
    if (!text)
        return text.error().within("authority: revocation list");
    const Certificate certificate(PEM_read_bio_X509(reader_of(*text).get(), nullptr, nullptr, nullptr));
    const Time at(ASN1_TIME_set(nullptr, seconds(since)));
    X509_REVOKED* entry = X509_REVOKED_new();
    if (!certificate || entry == nullptr ||
        X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate.get())) != 1 ||
        X509_REVOKED_set_revocationDate(entry, at.get()) != 1 || X509_CRL_add0_revoked(list, entry) != 1)
        return failed("revocation list: " + file.string());
    return {};
}

Result<Key> generate_key() {
    Key key(EVP_EC_gen("P-256"));
    if (!key)
        return failed("new key");
    return key;
}

Result<Certificate> self_signed(std::string_view common_name, EVP_PKEY* key, WallTime now) {
    auto certificate = draft(common_name, key, now, kAuthorityLife);
    if (!certificate)
        return certificate.error();
    X509* self = certificate->get();
    if (X509_set_issuer_name(self, X509_get_subject_name(self)) != 1 ||
        !add_extension(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
        !add_extension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign") ||
        !add_extension(self, self, NID_subject_key_identifier, "hash") || X509_sign(self, key, EVP_sha256()) == 0)
        return failed("its own certificate");
    return certificate;
}

}  // namespace

struct Authority::Keys {
    Certificate certificate;
    Key key;

    // Adds who issued it and what it is for, and signs.
    [[nodiscard]] Result<void> issue(X509* subject, Purpose purpose, const std::vector<std::string>& hosts) const {
        const bool server = purpose == Purpose::server;
        X509* issuer = certificate.get();
        if (X509_set_issuer_name(subject, X509_get_subject_name(issuer)) != 1 ||
            !add_extension(subject, issuer, NID_basic_constraints, "critical,CA:FALSE") ||
            !add_extension(subject, issuer, NID_key_usage, "critical,digitalSignature") ||
            !add_extension(subject, issuer, NID_ext_key_usage, server ? "serverAuth" : "clientAuth") ||
            !add_extension(subject, issuer, NID_subject_key_identifier, "hash") ||
            !add_extension(subject, issuer, NID_authority_key_identifier, "keyid:always") ||
            (!hosts.empty() && !add_extension(subject, issuer, NID_subject_alt_name, alternative_names(hosts))) ||
            X509_sign(subject, key.get(), EVP_sha256()) == 0)
            return failed("sign");
        return {};
    }
};

Authority::Authority(std::filesystem::path folder, std::shared_ptr<const Keys> keys)
    : folder_(std::move(folder)), keys_(std::move(keys)) {}

Result<Authority> Authority::create(const std::filesystem::path& folder, WallTime now) {
    if (std::filesystem::exists(folder / "ca.key"))
        return Error(Errc::conflict, "authority: " + (folder / "ca.key").string() + " is there already");
    for (const auto& directory : {folder, folder / "issued"})
        if (auto done = make_secret_directory(directory); !done)
            return done.error().within("authority");
    auto key = generate_key();
    if (!key)
        return key.error();
    auto certificate = self_signed("Sallyport certificate authority " + random_id().substr(0, 8), key->get(), now);
    if (!certificate)
        return certificate.error();
    if (auto done = replace_file(folder / "ca.key", key_pem(key->get()), Secrecy::secret); !done)
        return done.error().within("authority");
    if (auto done = replace_file(folder / "ca.crt", pem_of(certificate->get(), PEM_write_bio_X509), Secrecy::open); !done)
        return done.error().within("authority");
    auto keys = std::make_shared<Keys>(Keys{std::move(*certificate), std::move(*key)});
    Authority authority(folder, std::move(keys));
    if (auto done = authority.write_revocations({}, now); !done)
        return done.error();
    return authority;
}

Result<Authority> Authority::open(const std::filesystem::path& folder) {
    auto key_text = read_file(folder / "ca.key");
    auto certificate_text = read_file(folder / "ca.crt");
    if (!key_text || !certificate_text)
        return (key_text ? certificate_text : key_text).error().within("authority");
    Keys keys;
    keys.key.reset(PEM_read_bio_PrivateKey(reader_of(*key_text).get(), nullptr, nullptr, nullptr));
    keys.certificate.reset(PEM_read_bio_X509(reader_of(*certificate_text).get(), nullptr, nullptr, nullptr));
    if (!keys.key || !keys.certificate || X509_check_private_key(keys.certificate.get(), keys.key.get()) != 1)
        return failed(folder.string() + ": ca.crt and ca.key do not belong together", Errc::corrupt);
    return Authority(folder, std::make_shared<Keys>(std::move(keys)));
}

Result<void> Authority::make_identity(std::string_view name, Purpose purpose, const std::vector<std::string>& hosts,
                                      WallTime now) const {
    auto key = generate_key();
    if (!key)
        return key.error();
    auto certificate = draft(name, key->get(), now, kIdentityLife);
    if (!certificate)
        return certificate.error();
    if (auto done = keys_->issue(certificate->get(), purpose, hosts); !done)
        return done.error().within(name);
    if (auto done = replace_file(folder_ / (std::string(name) + ".key"), key_pem(key->get()), Secrecy::secret); !done)
        return done;
    return replace_file(folder_ / (std::string(name) + ".crt"), pem_of(certificate->get(), PEM_write_bio_X509), Secrecy::open);
}

Result<IssuedCertificate> Authority::sign_request(std::string_view request_pem, std::string_view name, WallTime now,
                                                  std::chrono::seconds life) const {
    auto facts = enrolment::read_certificate_request(request_pem);
    if (!facts)
        return facts.error().within("authority");
    if (facts->common_name != name)
        return Error(Errc::refused, "authority: certificate request: its subject is not CN=" + std::string(name));
    const Request request(PEM_read_bio_X509_REQ(reader_of(request_pem).get(), nullptr, nullptr, nullptr));
    EVP_PKEY* key = request ? X509_REQ_get0_pubkey(request.get()) : nullptr;
    if (key == nullptr)
        return failed("request of " + std::string(name));

    auto certificate = draft(name, key, now, life);
    if (!certificate)
        return certificate.error();
    if (auto done = keys_->issue(certificate->get(), Purpose::client, {}); !done)
        return done.error().within(name);
    IssuedCertificate issued{pem_of(certificate->get(), PEM_write_bio_X509), der_sha256(certificate->get()),
                             facts->public_key, now + life};
    if (auto done = replace_file(folder_ / "issued" / (issued.sha256 + ".crt"), issued.pem, Secrecy::open); !done)
        return done.error().within("authority");
    return issued;
}

Result<void> Authority::make_probe(const Keys& signer, std::string_view name, WallTime now, WallTime until) const {
    auto key = generate_key();
    if (!key)
        return key.error();
    // A name each: one that comes in would else throw out another.
    auto certificate = draft("sallyport-probe-" + std::string(name), key->get(), now,
                             std::chrono::duration_cast<std::chrono::seconds>(until - now));
    if (!certificate)
        return certificate.error();
    if (auto done = signer.issue(certificate->get(), Purpose::client, {}); !done)
        return done.error().within(name);
    const auto file = folder_ / "probes" / std::string(name);
    if (auto done = replace_file(file.string() + ".key", key_pem(key->get()), Secrecy::secret); !done)
        return done;
    return replace_file(file.string() + ".crt", pem_of(certificate->get(), PEM_write_bio_X509), Secrecy::open);
}

Result<void> Authority::make_probes(WallTime now) const {
    if (auto done = make_secret_directory(folder_ / "probes"); !done)
        return done.error().within("authority");
    auto key = generate_key();
    if (!key)
        return key.error();
    auto certificate = self_signed("Another authority", key->get(), now);
    if (!certificate)
        return certificate.error();
    const Keys stranger{std::move(*certificate), std::move(*key)};
    const WallTime late = now + kAuthorityLife;
    struct Probe {
        const Keys& signer;
        const char* name;
        WallTime from, until;
    };
    for (const Probe& probe : {Probe{*keys_, "rightless", now, late}, Probe{*keys_, "revoked", now, late},
                               Probe{*keys_, "expired", now - days{3}, now - days{1}}, Probe{stranger, "foreign", now, late}})
        if (auto done = make_probe(probe.signer, probe.name, probe.from, probe.until); !done)
            return done.error().within("authority: probes");
    return {};
}

Result<void> Authority::write_revocations(const std::vector<Revocation>& revoked, WallTime now) const {
    const Revocations list(X509_CRL_new());
    const Time last(ASN1_TIME_set(nullptr, seconds(now - kClockSkew))), next(ASN1_TIME_set(nullptr, seconds(now + kRevocationsLife)));
    if (!list || X509_CRL_set_version(list.get(), X509_CRL_VERSION_2) != 1 ||
        X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(keys_->certificate.get())) != 1 ||
        X509_CRL_set1_lastUpdate(list.get(), last.get()) != 1 || X509_CRL_set1_nextUpdate(list.get(), next.get()) != 1)
        return failed("revocation list");
    if (const auto probe = folder_ / "probes" / "revoked.crt"; std::filesystem::exists(probe))
        if (auto done = add_revoked(list.get(), probe, now); !done)
            return done;
    for (const Revocation& revocation : revoked)
        if (auto done = add_revoked(list.get(), folder_ / "issued" / (revocation.sha256 + ".crt"), revocation.at); !done)
            return done;
    X509_CRL_sort(list.get());
    if (X509_CRL_sign(list.get(), keys_->key.get(), EVP_sha256()) == 0)
        return failed("revocation list");
    return replace_file(folder_ / "crl.pem", pem_of(list.get(), PEM_write_bio_X509_CRL), Secrecy::open);
}

}  // namespace sallyport::ctl
