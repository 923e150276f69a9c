// SPDX-License-Identifier: Apache-2.0
//
// The one file that includes simdjson. simdjson validates UTF-8 and bounds depth, but accepts a duplicate name and
// (in 3.0.1) needs padding after the text: both are taken care of here.
#include <simdjson.h>

#include <algorithm>
#include <bit>

#include "protocol/json.hpp"

namespace sallyport {
namespace {

class Reader {
public:
    explicit Reader(const JsonLimits& limits)
        : fields_left_(limits.fields_max), wide_integers_as_text_(limits.wide_integers_as_text) {}

    Result<Value> read(simdjson::dom::element element) {
        if (fields_left_ == 0)
            return Error(Errc::exhausted, "json: more fields than allowed");
        --fields_left_;
        switch (element.type()) {
            case simdjson::dom::element_type::OBJECT: return read_object(element.get_object().value_unsafe());
            case simdjson::dom::element_type::ARRAY: return read_array(element.get_array().value_unsafe());
            case simdjson::dom::element_type::STRING:
                return Value(std::string(element.get_string().value_unsafe()));
            case simdjson::dom::element_type::INT64: return Value(element.get_int64().value_unsafe());
            case simdjson::dom::element_type::DOUBLE: return Value(element.get_double().value_unsafe());
            case simdjson::dom::element_type::BOOL: return Value(element.get_bool().value_unsafe());
            case simdjson::dom::element_type::NULL_VALUE: return Value();
            case simdjson::dom::element_type::UINT64:
                if (!wide_integers_as_text_) break;
                return Value(std::to_string(element.get_uint64().value_unsafe()));
        }
        return Error(Errc::bad_input, "json: integer beyond 64 bits");
    }

private:
    Result<Value> read_object(simdjson::dom::object object) {
        Record record;
        for (auto [name, element] : object) {
            if (record.contains(name))
                return Error(Errc::bad_input, "json: field '" + std::string(name) + "' appears twice");
            auto value = read(element);
            if (!value)
                return value.error();
            record.append(std::string(name), std::move(value).value());
        }
        return Value(std::move(record));
    }

    Result<Value> read_array(simdjson::dom::array array) {
        List list;
        for (auto element : array) {
            auto value = read(element);
            if (!value)
                return value.error();
            list.push_back(std::move(value).value());
        }
        return Value(std::move(list));
    }

    std::size_t fields_left_;
    bool wide_integers_as_text_;
};

// One parser a thread, set up anew only for a longer text or another depth: allocation is dearer than parsing an event. As large
// as texts are, not as they may be: simdjson takes many bytes for each, and a limit of megabytes would be paid for by a line.
class BoundedParser {
public:
    Result<simdjson::dom::parser*> for_text(std::size_t bytes, std::size_t depth_max) {
        constexpr std::size_t kShortest = 16 * 1024;
        const std::size_t needed = std::max(std::bit_ceil(bytes), kShortest);
        if (needed > bytes_ || depth_max_ != depth_max) {
            const std::size_t capacity = std::max(needed, bytes_);
            // simdjson counts the root as a level of its own.
            if (const auto failed = parser_.allocate(capacity, depth_max + 1); failed != simdjson::SUCCESS)
                return Error(Errc::exhausted, "json: no parser for " + std::to_string(capacity) + " bytes: " +
                                                  simdjson::error_message(failed));
            bytes_ = capacity;
            depth_max_ = depth_max;
        }
        return &parser_;
    }

private:
    simdjson::dom::parser parser_;
    std::size_t bytes_ = 0;
    std::size_t depth_max_ = 0;
};

}  // namespace

Result<Value> read_json(std::string_view text, const JsonLimits& limits) {
    if (text.size() > limits.bytes_max)
        return Error(Errc::exhausted, "json: " + std::to_string(text.size()) + " bytes, at most " +
                                          std::to_string(limits.bytes_max) + " are taken");
    thread_local std::string padded;
    padded.assign(text);
    padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    thread_local BoundedParser parsers;
    auto parser = parsers.for_text(text.size(), limits.depth_max);
    if (!parser)
        return parser.error();
    auto parsed = (*parser)->parse(padded.data(), text.size(), false);
    if (parsed.error() == simdjson::DEPTH_ERROR)
        return Error(Errc::exhausted, "json: nested deeper than " + std::to_string(limits.depth_max) + " levels");
    if (parsed.error() != simdjson::SUCCESS)
        return Error(Errc::bad_input, std::string("json: ") + simdjson::error_message(parsed.error()));
    return Reader(limits).read(parsed.value_unsafe());
}

Result<Record> read_json_record(std::string_view text, const JsonLimits& limits) {
    auto value = read_json(text, limits);
    if (!value)
        return value.error();
    if (value->as<Record>() == nullptr)
        return Error(Errc::bad_input, "json: an object was expected");
    return std::get<Record>(std::move(value->data));
}

}  // namespace sallyport
