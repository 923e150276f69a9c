// SPDX-License-Identifier: Apache-2.0
//
// The classes in which data is kept and deleted (dictionary section 16). PSD's cases are not among them: they lie in a
// file of their own.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace sallyport::store {

enum class DataClass {
    presence,         // camera.presence lines that no alert rests on
    events,           // every other line of the event log, but evidence of an alert that is kept
    alerts,           // with what they rest on
    incidents,
    registers,        // entries whose life is over, with their history
    people,           // the same of people: training, exams, statements
    visitor_windows,
    audit,            // the oldest entries of the audit log
};

struct DataClassName {
    DataClass data_class;
    std::string_view name;
};
inline constexpr std::array<DataClassName, 8> kDataClasses = {{{DataClass::presence, "presence"},
                                                              {DataClass::events, "events"},
                                                              {DataClass::alerts, "alerts"},
                                                              {DataClass::incidents, "incidents"},
                                                              {DataClass::registers, "registers"},
                                                              {DataClass::people, "people"},
                                                              {DataClass::visitor_windows, "visitor_windows"},
                                                              {DataClass::audit, "audit"}}};

[[nodiscard]] constexpr std::string_view to_string(DataClass data_class) {
    return kDataClasses[static_cast<std::size_t>(data_class)].name;
}
[[nodiscard]] constexpr std::optional<DataClass> data_class_named(std::string_view name) {
    for (const DataClassName& known : kDataClasses)
        if (known.name == name)
            return known.data_class;
    return std::nullopt;
}

}  // namespace sallyport::store
