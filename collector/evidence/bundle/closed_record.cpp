// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/bundle/closed_record.hpp"

#include <algorithm>

#include "protocol/timestamp.hpp"

namespace sallyport::evidence {
namespace {

Result<Digest> digest_from_base64(std::string_view text) {
    auto bytes = from_base64(text);
    if (!bytes) return bytes.error();
    Digest digest{};
    if (bytes->size() != digest.size()) return Error(Errc::bad_input, "is no SHA-256");
    std::copy(bytes->begin(), bytes->end(), digest.begin());
    return digest;
}

template <class Read>
std::vector<Digest> digests_of(const List& list, const Read& read, ClosedRecord& fields, std::string_view name) {
    std::vector<Digest> digests;
    digests.reserve(list.size());
    for (const Value& item : list) {
        const auto* text = item.as<std::string>();
        auto digest = text != nullptr ? read(*text) : Result<Digest>(Error(Errc::bad_input, "is no text"));
        if (!digest) {
            fields.fail(name, digest.error().message());
            return {};
        }
        digests.push_back(*digest);
    }
    return digests;
}

template <class Write>
List list_of(const std::vector<Digest>& digests, const Write& write) {
    List list;
    list.reserve(digests.size());
    for (const Digest& digest : digests)
        list.emplace_back(write(digest));
    return list;
}

}  // namespace

template <class T>
const T& ClosedRecord::get(std::string_view name) {
    static const T kNothing{};
    ++read_;
    const Value* value = record_.find(name);
    const T* found = value == nullptr ? nullptr : value->as<T>();
    if (found == nullptr) fail(name, value == nullptr ? "is missing" : "is of another kind");
    return found == nullptr ? kNothing : *found;
}

void ClosedRecord::fail(std::string_view name, std::string_view reason) {
    if (!failure_) failure_ = Error(Errc::bad_input, "field '" + std::string(name) + "' " + std::string(reason));
}

std::string ClosedRecord::text(std::string_view name) {
    return get<std::string>(name);
}

std::optional<std::string> ClosedRecord::text_or_null(std::string_view name) {
    if (const Value* value = record_.find(name); value != nullptr && value->is_null()) {
        ++read_;
        return std::nullopt;
    }
    return text(name);
}

std::uint64_t ClosedRecord::number(std::string_view name) {
    const std::int64_t number = get<std::int64_t>(name);
    if (number < 0) fail(name, "is negative");
    return number < 0 ? 0 : static_cast<std::uint64_t>(number);
}

bool ClosedRecord::flag(std::string_view name) {
    return get<bool>(name);
}

WallTime ClosedRecord::time(std::string_view name) {
    const std::string& text = get<std::string>(name);
    auto time = parse_time(text);
    // Written one way only, so that one time has one spelling.
    if (!time || format_time(*time) != text) {
        fail(name, "is no time");
        return {};
    }
    return *time;
}

std::optional<WallTime> ClosedRecord::time_or_null(std::string_view name) {
    if (const Value* value = record_.find(name); value != nullptr && value->is_null()) {
        ++read_;
        return std::nullopt;
    }
    return time(name);
}

Digest ClosedRecord::hex_digest(std::string_view name) {
    auto digest = digest_from_hex(get<std::string>(name));
    if (!digest) fail(name, digest.error().message());
    return digest ? *digest : Digest{};
}

Digest ClosedRecord::base64_digest(std::string_view name) {
    auto digest = digest_from_base64(get<std::string>(name));
    if (!digest) fail(name, digest.error().message());
    return digest ? *digest : Digest{};
}

std::vector<Digest> ClosedRecord::hex_digests(std::string_view name) {
    return digests_of(get<List>(name), digest_from_hex, *this, name);
}

std::vector<Digest> ClosedRecord::base64_digests(std::string_view name) {
    return digests_of(get<List>(name), digest_from_base64, *this, name);
}

std::vector<std::string> ClosedRecord::texts(std::string_view name) {
    std::vector<std::string> texts;
    for (const Value& item : get<List>(name)) {
        const auto* text = item.as<std::string>();
        if (text == nullptr) {
            fail(name, "has something that is no text");
            return {};
        }
        texts.push_back(*text);
    }
    return texts;
}

std::vector<std::uint64_t> ClosedRecord::numbers(std::string_view name) {
    std::vector<std::uint64_t> numbers;
    for (const Value& item : get<List>(name)) {
        const auto* number = item.as<std::int64_t>();
        if (number == nullptr || *number < 0) {
            fail(name, "has something that is no number");
            return {};
        }
        numbers.push_back(static_cast<std::uint64_t>(*number));
    }
    return numbers;
}

const Record& ClosedRecord::record(std::string_view name) {
    return get<Record>(name);
}

const List& ClosedRecord::list(std::string_view name) {
    return get<List>(name);
}

Result<void> ClosedRecord::end() const {
    if (failure_) return *failure_;
    if (read_ != record_.size()) return Error(Errc::bad_input, "has a field that is not known");
    return {};
}

List hex_list(const std::vector<Digest>& digests) {
    return list_of(digests, [](const Digest& digest) { return to_hex(digest); });
}

List base64_list(const std::vector<Digest>& digests) {
    return list_of(digests, [](const Digest& digest) { return to_base64(digest); });
}

}  // namespace sallyport::evidence
