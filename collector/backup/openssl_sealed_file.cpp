// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "collector/backup/sealed_file.hpp"
#include "protocol/crypto.hpp"
#include "protocol/file_rights.hpp"
#include "protocol/files.hpp"

namespace sallyport::backup {
namespace {

constexpr std::string_view kTag = "sallyport-sealed-1\n";
constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr std::size_t kTagBytes = 16;

struct FileCloser {
    void operator()(FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<FILE, FileCloser>;
struct CipherDeleter {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
struct HashDeleter {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Hash = std::unique_ptr<EVP_MD_CTX, HashDeleter>;
struct KdfDeleter {
    void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
    void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};

Error failed(const std::filesystem::path& file, std::string_view what) {
    return Error(Errc::io, file.string() + ": " + std::string(what));
}

Result<File> open_to_read(const std::filesystem::path& file) {
    File in(std::fopen(file.c_str(), "rbe"));
    return in ? Result<File>(std::move(in)) : Result<File>(Error(Errc::not_found, file.string() + ": cannot be opened"));
}

Result<File> create(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return Error(Errc::conflict, file.string() + ": is there already, or cannot be created");
    return File(::fdopen(descriptor, "wb"));
}

Result<void> make_durable(FILE* out, const std::filesystem::path& file) {
    return std::fflush(out) == 0 && ::fsync(::fileno(out)) == 0 ? Result<void>() : Result<void>(failed(file, "cannot be written"));
}

Result<SealKey> file_key(const SealKey& key, ByteView salt) {
    constexpr std::string_view kInfo = "sallyport/1/sealed";
    const std::unique_ptr<EVP_KDF, KdfDeleter> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    const std::unique_ptr<EVP_KDF_CTX, KdfDeleter> context(EVP_KDF_CTX_new(kdf.get()));
    const auto bytes = [](const std::uint8_t* data) { return const_cast<std::uint8_t*>(data); };
    const std::array<OSSL_PARAM, 5> parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>("SHA256"), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, bytes(key.data()), key.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, bytes(salt.data()), salt.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<char*>(kInfo.data()), kInfo.size()),
        OSSL_PARAM_construct_end()};
    SealKey derived{};
    if (context == nullptr || EVP_KDF_derive(context.get(), derived.data(), derived.size(), parameters.data()) != 1)
        return Error(Errc::internal, "seal: HKDF-SHA-256 failed");
    return derived;
}

// One piece at a time in one direction.
class PieceCipher {
public:
    static Result<PieceCipher> make(const SealKey& key, Bytes header, bool sealing) {
        auto derived = file_key(key, ByteView(header).subspan(kTag.size()));
        if (!derived)
            return derived.error();
        return PieceCipher(*derived, std::move(header), sealing);
    }

    // Sealing: plaintext to ciphertext and tag; unsealing: the reverse. False when the tag does not fit.
    bool run(ByteView piece, bool last, Bytes& out) {
        std::array<std::uint8_t, 12> nonce{};
        for (std::size_t i = 0; i < 8; ++i)
            nonce[3 + i] = static_cast<std::uint8_t>(number_ >> (56 - 8 * i));
        nonce[11] = last ? 1 : 0;
        ++number_;
        int size = 0, rest = 0;
        const std::size_t text = sealing_ ? piece.size() : piece.size() - kTagBytes;
        out.resize(text + (sealing_ ? kTagBytes : 0));
        EVP_CIPHER_CTX* context = context_.get();
        if (EVP_CipherInit_ex(context, EVP_aes_256_gcm(), nullptr, key_.data(), nonce.data(), sealing_ ? 1 : 0) != 1 ||
            EVP_CipherUpdate(context, nullptr, &size, header_.data(), static_cast<int>(header_.size())) != 1 ||
            EVP_CipherUpdate(context, out.data(), &size, piece.data(), static_cast<int>(text)) != 1)
            return false;
        if (!sealing_ && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes,
                                             const_cast<std::uint8_t*>(piece.data() + text)) != 1)
            return false;
        if (EVP_CipherFinal_ex(context, out.data() + size, &rest) != 1)
            return false;
        return !sealing_ || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes, out.data() + text) == 1;
    }

private:
    PieceCipher(const SealKey& key, Bytes header, bool sealing)
        : key_(key), header_(std::move(header)), sealing_(sealing), context_(EVP_CIPHER_CTX_new()) {}
    SealKey key_;
    Bytes header_;
    bool sealing_;
    std::uint64_t number_ = 0;
    std::unique_ptr<EVP_CIPHER_CTX, CipherDeleter> context_;
};

// Each piece of the file with the word whether it is the last; a file without content is one empty piece.
Result<void> each_piece(FILE* in, std::size_t piece_bytes, const std::function<Result<void>(ByteView, bool)>& use) {
    Bytes piece(piece_bytes), next(piece_bytes);
    std::size_t size = std::fread(piece.data(), 1, piece_bytes, in);
    for (;;) {
        const std::size_t following = size < piece_bytes ? 0 : std::fread(next.data(), 1, piece_bytes, in);
        if (std::ferror(in) != 0)
            return Error(Errc::io, "cannot be read");
        if (auto done = use(ByteView(piece).first(size), following == 0); !done || following == 0)
            return done;
        std::swap(piece, next);
        size = following;
    }
}

Result<void> write(FILE* out, ByteView bytes) {
    return std::fwrite(bytes.data(), 1, bytes.size(), out) == bytes.size() ? Result<void>()
                                                                          : Result<void>(Error(Errc::exhausted, "cannot be written"));
}

Result<void> open_pieces(const std::filesystem::path& from, const SealKey& key, const std::function<Result<void>(ByteView)>& use) {
    auto in = open_to_read(from);
    if (!in)
        return in.error();
    Bytes header(kTag.size() + kSaltBytes);
    if (std::fread(header.data(), 1, header.size(), in->get()) != header.size() ||
        !std::equal(kTag.begin(), kTag.end(), header.begin()))
        return Error(Errc::corrupt, from.string() + ": is no sealed file");
    auto cipher = PieceCipher::make(key, std::move(header), false);
    if (!cipher)
        return cipher.error();
    Bytes text;
    auto done = each_piece(in->get(), kPieceBytes + kTagBytes, [&](ByteView piece, bool last) -> Result<void> {
        if (piece.size() < kTagBytes || !cipher->run(piece, last, text))
            return Error(Errc::corrupt, "it was altered, or sealed with another key");
        return use(text);
    });
    return done ? done : Result<void>(done.error().within(from.string()));
}

}  // namespace

Result<SealKey> load_seal_key(const std::filesystem::path& file) {
    if (auto checked = check_secret_file(file); !checked)
        return checked.error().within("seal key");
    auto text = read_file(file);
    if (!text)
        return text.error().within("seal key");
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r'))
        text->pop_back();
    auto key = digest_from_hex(*text);
    return key ? Result<SealKey>(*key) : Result<SealKey>(Error(Errc::bad_input, "seal key " + file.string() + ": not 64 hex digits"));
}

Result<void> seal_file(const std::filesystem::path& from, const std::filesystem::path& to, const SealKey& key) {
    auto in = open_to_read(from);
    auto out = in ? create(to) : Result<File>(in.error());
    if (!out)
        return out.error();
    Bytes header(kTag.begin(), kTag.end());
    const Bytes salt = random_bytes(kSaltBytes);
    header.insert(header.end(), salt.begin(), salt.end());
    auto done = write(out->get(), header);
    auto cipher = PieceCipher::make(key, std::move(header), true);
    if (!cipher)
        return cipher.error();
    Bytes sealed;
    if (done)
        done = each_piece(in->get(), kPieceBytes, [&](ByteView piece, bool last) -> Result<void> {
            if (!cipher->run(piece, last, sealed))
                return Error(Errc::internal, "AES-256-GCM failed");
            return write(out->get(), sealed);
        });
    return done ? make_durable(out->get(), to) : Result<void>(done.error().within(to.string()));
}

Result<void> unseal_file(const std::filesystem::path& from, const std::filesystem::path& to, const SealKey& key) {
    auto out = create(to);
    if (!out)
        return out.error();
    auto done = open_pieces(from, key, [&](ByteView text) { return write(out->get(), text); });
    if (done)
        done = make_durable(out->get(), to);
    if (!done)
        std::filesystem::remove(to);
    return done;
}

Result<Digest> digest_of_sealed(const std::filesystem::path& from, const SealKey& key) {
    const Hash hash(EVP_MD_CTX_new());
    bool good = EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) == 1;
    auto done = open_pieces(from, key, [&](ByteView text) {
        good = good && EVP_DigestUpdate(hash.get(), text.data(), text.size()) == 1;
        return Result<void>();
    });
    if (!done)
        return done.error();
    Digest digest{};
    if (!good || EVP_DigestFinal_ex(hash.get(), digest.data(), nullptr) != 1)
        return Error(Errc::internal, from.string() + ": SHA-256 failed");
    return digest;
}

}  // namespace sallyport::backup
