// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/bundle/container_check.hpp"

#include <algorithm>
#include <charconv>

#include "collector/evidence/bundle/tar.hpp"

namespace sallyport::evidence {
namespace {

// Of a header of IEEE 1003.1: the size in eleven octal digits.
constexpr std::size_t kSizeAt = 124;
constexpr std::size_t kSizeDigits = 11;
constexpr std::size_t kSignatureBytesMax = 128;

// The first byte at which two texts of one length differ.
std::optional<std::size_t> first_difference(std::string_view a, std::string_view b) {
    const auto [at, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return at == a.end() && other == b.end() ? std::nullopt : std::optional<std::size_t>(at - a.begin());
}

// Takes the file from its beginning to its end, piece by piece as they must follow.
class Container {
public:
    Container(std::string_view file, std::vector<BundleFault>& faults) : file_(file), faults_(faults) {}

    // The content of a member whose size is known, with its header and padding as they must be; nothing when the file
    // ends within it.
    std::optional<std::string_view> take(const std::string& name, std::uint64_t size) {
        auto header = tar_header(name, size);
        if (!header) {
            faults_.push_back({name, header.error().message()});
            return std::nullopt;
        }
        if (!compare(name, "header", *header)) return std::nullopt;
        if (size > file_.size() - at_) return ends_within(name, "content");
        const std::string_view content = file_.substr(at_, size);
        at_ += size;
        if (!compare(name, "padding", std::string(padded_size(size) - size, '\0'))) return std::nullopt;
        return content;
    }

    // What the header at this place says of its size, if that is at most so much. It decides nothing: the whole header
    // is compared with the one of that size afterwards.
    std::optional<std::uint64_t> stated_size(const std::string& name, std::uint64_t size_max) {
        if (file_.size() - at_ < kTarBlock) {
            ends_within(name, "header");
            return std::nullopt;
        }
        const std::string_view digits = file_.substr(at_ + kSizeAt, kSizeDigits);
        std::uint64_t size = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 8);
        if (error == std::errc() && end == digits.data() + digits.size() && size <= size_max) return size;
        faults_.push_back({name, "byte " + std::to_string(at_ + kSizeAt) + ": the header gives no size that it may have"});
        return std::nullopt;
    }

    void end() {
        const std::string name = "end of file";
        if (!compare(name, "closing zeros", std::string(kTarEnd, '\0'))) return;
        if (at_ < file_.size())
            faults_.push_back({name, "byte " + std::to_string(at_) + ": " + std::to_string(file_.size() - at_) +
                                         " bytes follow that belong to nothing"});
    }

private:
    // False when the file ends within; another difference is noted, and the place passed.
    bool compare(const std::string& name, std::string_view what, std::string_view expected) {
        if (expected.size() > file_.size() - at_) {
            ends_within(name, what);
            return false;
        }
        if (const auto differs = first_difference(file_.substr(at_, expected.size()), expected))
            faults_.push_back({name, "byte " + std::to_string(at_ + *differs) + ": the " + std::string(what) +
                                         " is not as it must be"});
        at_ += expected.size();
        return true;
    }

    std::nullopt_t ends_within(const std::string& name, std::string_view what) {
        faults_.push_back({name, "the file ends at byte " + std::to_string(file_.size()) + ", within its " +
                                     std::string(what)});
        return std::nullopt;
    }

    std::string_view file_;
    std::size_t at_ = 0;
    std::vector<BundleFault>& faults_;
};

std::optional<Manifest> take_manifest(Container& container, std::span<const PublicKey> keys, std::vector<BundleFault>& faults) {
    const std::string name(kManifestName), signature_name(kSignatureName);
    const auto size = container.stated_size(name, kManifestBytesMax);
    const auto text = size ? container.take(name, *size) : std::nullopt;
    if (!text) return std::nullopt;
    const auto signature_size = container.stated_size(signature_name, kSignatureBytesMax);
    const auto signature = signature_size ? container.take(signature_name, *signature_size) : std::nullopt;
    if (!signature) return std::nullopt;
    if (auto good = verify_manifest(*text, *signature, keys); !good) {
        faults.push_back({name + " or " + signature_name, good.error().message()});
        return std::nullopt;
    }
    auto manifest = decode_manifest(*text);
    if (!manifest) {
        faults.push_back({name, manifest.error().message()});
        return std::nullopt;
    }
    return std::move(*manifest);
}

}  // namespace

std::string_view OpenedBundle::content(std::string_view name) const {
    const auto at = members.find(name);
    return at == members.end() ? std::string_view() : at->second;
}

std::optional<OpenedBundle> open_bundle(std::string_view file, std::span<const PublicKey> keys, std::vector<BundleFault>& faults) {
    Container container(file, faults);
    auto manifest = take_manifest(container, keys, faults);
    if (!manifest) return std::nullopt;
    OpenedBundle bundle{std::move(*manifest), {}};
    for (const MemberDigest& member : bundle.manifest.members) {
        const auto content = container.take(member.name, member.size);
        if (!content) return std::nullopt;
        if (sha256(bytes_of(*content)) != member.sha256)
            faults.push_back({member.name, "its content is not what was signed: SHA-256 differs"});
        bundle.members.emplace(member.name, *content);
    }
    container.end();
    return faults.empty() ? std::optional(std::move(bundle)) : std::nullopt;
}

}  // namespace sallyport::evidence
