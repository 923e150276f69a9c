// SPDX-License-Identifier: Apache-2.0
#include "collector/api/audit_handlers.hpp"

#include "collector/store/records.hpp"

namespace sallyport::api {
namespace {

constexpr std::size_t kEntriesMax = 500;

}  // namespace

Response list_audit(const Request& request, Context& context) {
    for (const auto& [name, value] : request.query)
        if (name != "object_type" && name != "object_id")
            return error_response(400, "bad_input", "query: '" + name + "' is no filter of this list");
    const auto type = request.query.find("object_type");
    const auto id = request.query.find("object_id");
    if (type == request.query.end() || id == request.query.end())
        return error_response(400, "bad_input", "query: 'object_type' and 'object_id' are needed");
    auto entries = store::read_audit(context.reader, type->second, id->second, kEntriesMax);
    if (!entries) return error_response(entries.error());
    List views;
    for (const auto& entry : *entries)
        if (parse_role(entry.entry.actor_role) != kPsd) views.emplace_back(store::to_record(entry));
    auto verified = store::verify_audit(context.reader);
    return json_response(
        {{"entries", std::move(views)},
         {"chain", verified ? Record{{"holds", true}, {"entries", *verified}}
                            : Record{{"holds", false}, {"fault", verified.error().message()}}}});
}

}  // namespace sallyport::api
