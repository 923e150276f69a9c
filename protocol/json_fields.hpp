// SPDX-License-Identifier: Apache-2.0
//
// The named fields of a JSON object, in one pass over its keys and without building a tree of it.
//
// For lines that were checked when they were taken: the text must be an object of valid UTF-8, but values
// nobody asked for are passed over unread. A wanted name that is there twice in one object is refused, as two
// readers could disagree about it. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/field_names.hpp"
#include "protocol/result.hpp"

namespace sallyport {

struct JsonField {
    // `empty`: there, but without a value: an empty list or object. A list gives a field for each element.
    enum class Kind : std::uint8_t { empty, null, flag, integer, number, text };

    int field = FieldNames::kNone;  // kNone: a value under a name that is not known
    // How it was found: 0 under its own name, n through an outer name with n - 1 dots.
    std::uint8_t rank = 0;
    Kind kind = Kind::empty;
    bool flag = false;
    std::int64_t integer = 0;
    double number = 0;
    std::string_view
        text;  // unescaped; lives until the reader's next line. Integers beyond 64 bits are text.
};

struct JsonWanted {
    const std::uint8_t* fields = nullptr;  // one a name: 0 = not this one; nullptr: every name
    bool everything = false;               // values under other names as well
    std::string_view spliced = {};              // the object of this name counts as part of the root (`body`)
};

class JsonFieldReader {
public:
    static constexpr std::size_t kDepthMax = 24;

    [[nodiscard]] static std::unique_ptr<JsonFieldReader> create(std::shared_ptr<const FieldNames> names);
    virtual ~JsonFieldReader() = default;
    [[nodiscard]] virtual Result<void> read(std::string_view line, const JsonWanted& wanted,
                                            std::vector<JsonField>& fields) = 0;
};

}  // namespace sallyport
