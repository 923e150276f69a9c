// SPDX-License-Identifier: Apache-2.0
#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "protocol/json_fields.hpp"

namespace sallyport {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;

// Where the string that begins at `from` ends, or nullptr where an escape comes first: eight bytes at a time.
// Reads up to seven bytes behind the quote, which simdjson's padding allows.
const char* closing_quote(const char* from) {
    constexpr std::uint64_t kLow = 0x0101010101010101ULL, kHigh = 0x8080808080808080ULL;
    const auto zero_bytes = [](std::uint64_t x) { return (x - kLow) & ~x & kHigh; };
    for (;; from += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, from, sizeof word);
        const std::uint64_t quotes = zero_bytes(word ^ (kLow * '"'));
        const std::uint64_t escapes = zero_bytes(word ^ (kLow * '\\'));
        if ((quotes | escapes) == 0) continue;
        // The lowest mark is right even where borrow has made false ones above it.
        const int at = __builtin_ctzll(quotes | escapes) / 8;
        return from[at] == '"' ? from + at : nullptr;
    }
}

class Reader final : public JsonFieldReader {
public:
    explicit Reader(std::shared_ptr<const FieldNames> names)
        : names_(std::move(names)), seen_in_(names_->size(), 0), seen_at_root_of_(names_->size(), 0) {}

    Result<void> read(std::string_view line, const JsonWanted& wanted,
                      std::vector<JsonField>& fields) override {
        if (padded_.size() < line.size() + simdjson::SIMDJSON_PADDING)
            padded_.resize(line.size() * 2 + simdjson::SIMDJSON_PADDING);
        std::memcpy(padded_.data(), line.data(), line.size());
        wanted_ = wanted;
        out_ = &fields;
        root_ = ++object_;
        ondemand::document document;
        ondemand::object object;
        error_code error = parser_.iterate(padded_.data(), line.size(), padded_.size()).get(document);
        if (error == SUCCESS) error = document.get_object().get(object);
        if (error == SUCCESS) error = read_object(object, FieldNames::kRoot, 0, FieldNames::kNone, 0);
        if (error == SUCCESS && document.current_location().error() != simdjson::OUT_OF_BOUNDS)
            error = simdjson::TAPE_ERROR;
        if (error == SUCCESS) return {};
        if (twice_ != nullptr) {
            const std::string name(twice_, static_cast<std::size_t>(twice_length_));
            twice_ = nullptr;
            return Error(Errc::bad_input, "json: field '" + name + "' appears twice");
        }
        return Error(Errc::bad_input, std::string("json: ") + simdjson::error_message(error));
    }

private:
    // Keys of one object. `owner` is the field that all scalars inside belong to, or none.
    error_code read_object(ondemand::object& object, int level, std::uint8_t rank, int owner,
                           std::size_t depth) {
        if (depth > kDepthMax) return simdjson::DEPTH_ERROR;
        const std::uint64_t self = depth == 0 ? root_ : ++object_;
        for (auto entry : object) {
            ondemand::field field;
            if (const auto error = std::move(entry).get(field)) return error;
            std::string_view key;
            const char* begin = field.key().raw();
            if (const char* end = closing_quote(begin))
                key = {begin, static_cast<std::size_t>(end - begin)};
            else if (const auto error = field.unescaped_key().get(key))
                return error;
            const error_code error = owner != FieldNames::kNone || level == FieldNames::kNone
                                         ? read_value(field.value(), owner, rank, depth)
                                         : read_entry(key, field.value(), level, rank, self, depth);
            if (error != SUCCESS) return error;
        }
        return SUCCESS;
    }

    error_code read_entry(std::string_view key, ondemand::value& value, int level, std::uint8_t rank,
                          std::uint64_t object, std::size_t depth) {
        const auto found = names_->find(level, key);
        if (level == FieldNames::kRoot && key == wanted_.spliced && !key.empty()) {
            ondemand::object inner;
            if (value.get_object().get(inner) == SUCCESS)
                return read_object(inner, FieldNames::kRoot, 0, FieldNames::kNone, depth + 1);
        }
        if (found.field != FieldNames::kNone && is_wanted(found.field)) {
            auto& seen = seen_in_[static_cast<std::size_t>(found.field)];
            if (seen == object) {
                twice_ = key.data();
                twice_length_ = static_cast<int>(key.size());
                return simdjson::INCORRECT_TYPE;
            }
            seen = object;
            if (level == FieldNames::kRoot) {
                // What the root says stands before what is spliced into it.
                auto& line = seen_at_root_of_[static_cast<std::size_t>(found.field)];
                if (line == root_) return SUCCESS;
                line = root_;
            }
            return read_value(value, found.field, rank, depth);
        }
        if (found.inside != FieldNames::kNone)
            return read_inside(key, value, found.inside, level, rank, depth);
        return wanted_.everything ? read_value(value, FieldNames::kNone, rank, depth) : SUCCESS;
    }

    // Longer names end inside this value: in an object, or in each object of a list.
    error_code read_inside(std::string_view key, ondemand::value& value, int inside, int level,
                           std::uint8_t rank, std::size_t depth) {
        if (level == FieldNames::kRoot)
            rank = static_cast<std::uint8_t>(1 + std::count(key.begin(), key.end(), '.'));
        ondemand::json_type type{};
        if (const auto error = value.type().get(type)) return error;
        if (type == ondemand::json_type::object) {
            ondemand::object object;
            if (const auto error = value.get_object().get(object)) return error;
            return read_object(object, inside, rank, FieldNames::kNone, depth + 1);
        }
        if (type != ondemand::json_type::array)
            return wanted_.everything ? read_value(value, FieldNames::kNone, rank, depth) : SUCCESS;
        ondemand::array array;
        if (const auto error = value.get_array().get(array)) return error;
        for (auto element : array) {
            ondemand::value item;
            if (const auto error = std::move(element).get(item)) return error;
            ondemand::object object;
            if (item.get_object().get(object) == SUCCESS) {
                if (const auto error = read_object(object, inside, rank, FieldNames::kNone, depth + 1))
                    return error;
            } else if (wanted_.everything) {
                if (const auto error = read_value(item, FieldNames::kNone, rank, depth + 1)) return error;
            }
        }
        return SUCCESS;
    }

    [[nodiscard]] bool is_wanted(int field) const {
        return wanted_.everything || wanted_.fields == nullptr || wanted_.fields[field] != 0;
    }

    error_code read_value(ondemand::value value, int field, std::uint8_t rank, std::size_t depth) {
        if (depth > kDepthMax) return simdjson::DEPTH_ERROR;
        ondemand::json_type type{};
        if (const auto error = value.type().get(type)) return error;
        switch (type) {
            case ondemand::json_type::string:
                return read_text(value, field, rank);
            case ondemand::json_type::number:
                return read_number(value, field, rank);
            case ondemand::json_type::boolean: {
                bool flag = false;
                if (const auto error = value.get_bool().get(flag)) return error;
                add(field, rank, JsonField::Kind::flag).flag = flag;
                return SUCCESS;
            }
            case ondemand::json_type::null:
                if (!value.is_null()) return simdjson::N_ATOM_ERROR;
                add(field, rank, JsonField::Kind::null);
                return SUCCESS;
            case ondemand::json_type::array: {
                ondemand::array array;
                if (const auto error = value.get_array().get(array)) return error;
                add(field, rank, JsonField::Kind::empty);
                for (auto element : array) {
                    ondemand::value item;
                    if (const auto error = std::move(element).get(item)) return error;
                    if (const auto error = read_value(item, field, rank, depth + 1)) return error;
                }
                return SUCCESS;
            }
            case ondemand::json_type::object: {
                ondemand::object object;
                if (const auto error = value.get_object().get(object)) return error;
                add(field, rank, JsonField::Kind::empty);
                return read_object(object, FieldNames::kNone, rank, field, depth + 1);
            }
        }
        return simdjson::TAPE_ERROR;
    }

    error_code read_text(ondemand::value& value, int field, std::uint8_t rank) {
        // Without escapes the text is as it stands in the line; the token may be followed by white space.
        std::string_view token = value.raw_json_token();
        const auto quote = token.rfind('"');
        if (quote == 0 || quote == std::string_view::npos) return simdjson::STRING_ERROR;
        token = token.substr(1, quote - 1);
        if (token.find('\\') != std::string_view::npos)
            if (const auto error = value.get_string().get(token)) return error;
        add(field, rank, JsonField::Kind::text).text = token;
        return SUCCESS;
    }

    error_code read_number(ondemand::value& value, int field, std::uint8_t rank) {
        std::string_view token = value.raw_json_token();
        ondemand::number number;
        if (const auto error = value.get_number().get(number)) return error;
        switch (number.get_number_type()) {
            case ondemand::number_type::signed_integer:
                add(field, rank, JsonField::Kind::integer).integer = number.get_int64();
                return SUCCESS;
            case ondemand::number_type::unsigned_integer:
                token = token.substr(0, token.find_last_of("0123456789") + 1);
                add(field, rank, JsonField::Kind::text).text = token;
                return SUCCESS;
            case ondemand::number_type::floating_point_number:
                add(field, rank, JsonField::Kind::number).number = number.get_double();
                return SUCCESS;
        }
        return simdjson::NUMBER_ERROR;
    }

    JsonField& add(int field, std::uint8_t rank, JsonField::Kind kind) {
        JsonField& added = out_->emplace_back();
        added.field = field;
        added.rank = rank;
        added.kind = kind;
        return added;
    }

    std::shared_ptr<const FieldNames> names_;
    ondemand::parser parser_;
    std::vector<char> padded_;
    JsonWanted wanted_;
    std::vector<JsonField>* out_ = nullptr;
    // The object in which a name was last seen, and the line in whose root.
    std::vector<std::uint64_t> seen_in_, seen_at_root_of_;
    std::uint64_t object_ = 0, root_ = 0;
    const char* twice_ = nullptr;
    int twice_length_ = 0;
};

}  // namespace

std::unique_ptr<JsonFieldReader> JsonFieldReader::create(std::shared_ptr<const FieldNames> names) {
    return std::make_unique<Reader>(std::move(names));
}

}  // namespace sallyport
