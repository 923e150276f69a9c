// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/proof_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "collector/evidence/proof.hpp"
#include "protocol/json.hpp"

namespace sallyport::evidence {
namespace {

constexpr std::size_t kPathMax = 64;  // levels of a tree whose size is 64 bits
constexpr std::array kInclusionFields{"leafIdx", "treeSize", "root", "leafHash", "proof", "desc", "wantErr"};
constexpr std::array kConsistencyFields{"size1", "size2", "root1", "root2", "proof", "desc", "wantErr"};

Error bad(std::string_view field, std::string_view why) {
    return Error(Errc::bad_input, "proof: " + std::string(field) + ": " + std::string(why));
}

Result<Digest> digest_in(const Value* value, std::string_view field) {
    const auto* text = value != nullptr ? value->as<std::string>() : nullptr;
    if (text == nullptr)
        return bad(field, "must be a hash in base64");
    auto bytes = from_base64(*text);
    if (!bytes)
        return bad(field, bytes.error().message());
    Digest digest{};
    if (bytes->size() != digest.size())  // well said, and proves nothing
        return Error(Errc::refused, "proof: " + std::string(field) + ": a hash of " + std::to_string(bytes->size()) +
                                        " bytes instead of 32");
    std::copy(bytes->begin(), bytes->end(), digest.begin());
    return digest;
}

Result<std::uint64_t> number_in(const Record& record, std::string_view field) {
    const Value* value = record.find(field);
    if (const auto* number = value != nullptr ? value->as<std::int64_t>() : nullptr; number != nullptr && *number >= 0)
        return static_cast<std::uint64_t>(*number);
    // Beyond 63 bits the reader gives the digits.
    if (const auto* digits = value != nullptr ? value->as<std::string>() : nullptr) {
        std::uint64_t wide = 0;
        const auto [end, fault] = std::from_chars(digits->data(), digits->data() + digits->size(), wide);
        if (fault == std::errc() && end == digits->data() + digits->size() && wide > INT64_MAX)
            return wide;
    }
    return bad(field, "must be a whole number from 0 on");
}

Result<std::vector<Digest>> path_in(const Record& record) {
    std::vector<Digest> path;
    const Value* value = record.find("proof");
    if (value == nullptr || value->is_null())
        return path;
    const auto* list = value->as<List>();
    if (list == nullptr || list->size() > kPathMax)
        return bad("proof", "must be a list of at most 64 hashes");
    for (const Value& element : *list) {
        auto digest = digest_in(&element, "proof[" + std::to_string(path.size()) + "]");
        if (!digest)
            return digest.error();
        path.push_back(*digest);
    }
    return path;
}

template <class Fields>
Result<void> only(const Record& record, const Fields& fields) {
    for (const auto& [name, value] : record)
        if (std::find(fields.begin(), fields.end(), name) == fields.end())
            return bad(name, "there is no such field");
    return {};
}

Result<ProvenFact> check_inclusion(const Record& record) {
    if (auto known = only(record, kInclusionFields); !known)
        return known.error();
    auto index = number_in(record, "leafIdx");
    auto size = number_in(record, "treeSize");
    auto leaf = digest_in(record.find("leafHash"), "leafHash");
    auto root = digest_in(record.find("root"), "root");
    auto path = path_in(record);
    if (!index || !size)
        return index ? size.error() : index.error();
    if (!leaf || !root)
        return leaf ? root.error() : leaf.error();
    if (!path)
        return path.error();
    if (auto proven = verify_inclusion({*index, *size, *leaf, std::move(*path)}, *root); !proven)
        return proven.error().within("inclusion");
    return ProvenFact{ProofKind::inclusion, "leaf " + std::to_string(*index) + " is in the tree of " + std::to_string(*size)};
}

Result<ProvenFact> check_consistency(const Record& record) {
    if (auto known = only(record, kConsistencyFields); !known)
        return known.error();
    auto from = number_in(record, "size1");
    auto to = number_in(record, "size2");
    auto path = path_in(record);
    // Between equal sizes nothing is hashed: the roots are compared as they stand, whatever they are.
    const std::string_view first = text_of(record, "root1"), second = text_of(record, "root2");
    if (from && to && path && *from > 0 && *from == *to && path->empty() && !first.empty() && first == second)
        return ProvenFact{ProofKind::consistency, "both are the tree of " + std::to_string(*from)};
    auto from_root = digest_in(record.find("root1"), "root1");
    auto to_root = digest_in(record.find("root2"), "root2");
    if (!from || !to)
        return from ? to.error() : from.error();
    if (!path)
        return path.error();
    if (!from_root || !to_root)
        return from_root ? to_root.error() : from_root.error();
    if (auto proven = verify_consistency({*from, *to, std::move(*path)}, *from_root, *to_root); !proven)
        return proven.error().within("consistency");
    return ProvenFact{ProofKind::consistency,
                      "the tree of " + std::to_string(*from) + " is the beginning of the tree of " + std::to_string(*to)};
}

}  // namespace

Result<ProvenFact> check_proof(std::string_view json) {
    auto record = read_json_record(json, {.wide_integers_as_text = true});
    if (!record)
        return record.error().within("proof");
    return record->contains("leafIdx") || record->contains("treeSize") ? check_inclusion(*record) : check_consistency(*record);
}

}  // namespace sallyport::evidence
