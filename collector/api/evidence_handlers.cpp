// SPDX-License-Identifier: Apache-2.0
#include "collector/api/evidence_handlers.hpp"

#include <algorithm>
#include <charconv>

#include "collector/evidence/proof_json.hpp"
#include "collector/evidence/tile_path.hpp"
#include "collector/evidence/tree_tiles.hpp"

namespace sallyport::api {
namespace {

// A log and its newest head: nothing is answered that no head covers.
struct SignedLog {
    store::EvidenceTree tree;
    store::SignedHead head;
};

Result<SignedLog> signed_log(const Request& request, Context& context) {
    const auto ori = request.query.find("ori");
    auto trees = store::list_growing_trees(context.reader);
    if (!trees) return trees.error();
    for (store::EvidenceTree& tree : *trees) {
        if (ori == request.query.end() ? trees->size() > 1 : tree.ori != ori->second) continue;
        auto head = store::latest_signed_head(context.reader, tree.tree_id);
        if (!head) return head.error();
        if (!*head) return Error(Errc::not_found, "no head of this log is signed yet");
        tree.size = (*head)->size;
        return SignedLog{std::move(tree), std::move(**head)};
    }
    return ori == request.query.end() && trees->size() > 1
               ? Error(Errc::bad_input, "query: 'ori' is needed: there is more than one agency")
               : Error(Errc::not_found, "there is no such log");
}

Result<void> only(const Request& request, std::initializer_list<std::string_view> names) {
    for (const auto& [name, value] : request.query)
        if (name != "ori" && std::find(names.begin(), names.end(), name) == names.end())
            return Error(Errc::bad_input, "query: '" + name + "' is not known here");
    return {};
}

Result<std::uint64_t> number(const Request& request, const std::string& name, std::optional<std::uint64_t> otherwise = {}) {
    const auto given = request.query.find(name);
    if (given == request.query.end())
        return otherwise ? Result(*otherwise) : Error(Errc::bad_input, "query: '" + name + "' is needed");
    const std::string& digits = given->second;
    std::int64_t value = 0;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (fault != std::errc() || end != digits.data() + digits.size() || value < 0)
        return Error(Errc::bad_input, "query: '" + name + "' must be a number");
    return static_cast<std::uint64_t>(value);
}

}  // namespace

Response show_checkpoint(const Request& request, Context& context) {
    if (auto known = only(request, {}); !known) return error_response(known.error());
    auto log = signed_log(request, context);
    if (!log) return error_response(log.error());
    Response response;
    response.content_type = "text/plain; charset=utf-8";
    response.body = log->head.newest();
    return response;
}

Response show_consistency(const Request& request, Context& context) {
    if (auto known = only(request, {"from", "to"}); !known) return error_response(known.error());
    auto log = signed_log(request, context);
    if (!log) return error_response(log.error());
    auto from = number(request, "from"), to = number(request, "to", log->head.size);
    if (!from || !to) return error_response(from ? to.error() : from.error());
    auto grown = evidence::prove_growth(context.reader, log->tree, *from, *to);
    return grown ? json_response(evidence::to_record(*grown)) : error_response(grown.error());
}

Response show_inclusion(const Request& request, Context& context) {
    if (auto known = only(request, {"event", "size"}); !known) return error_response(known.error());
    auto log = signed_log(request, context);
    if (!log) return error_response(log.error());
    auto event = number(request, "event"), size = number(request, "size", log->head.size);
    if (!event || !size) return error_response(event ? size.error() : event.error());
    if (*size > log->head.size)
        return error_response(400, "bad_input", "query: 'size' is larger than the newest head's");
    auto proven = evidence::prove_line(context.reader, log->tree, static_cast<std::int64_t>(*event), *size);
    if (!proven && proven.error().code() == Errc::refused)
        return error_response(404, "not_covered", proven.error().message());
    return proven ? json_response(evidence::to_record(*proven)) : error_response(proven.error());
}

Response show_tile(const Request& request, Context& context) {
    if (auto known = only(request, {}); !known) return error_response(known.error());
    const auto path = evidence::parse_tile_path(request.id);
    if (!path) return error_response(404, "not_found", "That is no tile's name.");
    auto log = signed_log(request, context);
    if (!log) return error_response(log.error());
    auto tile = evidence::read_tile(context.reader, log->tree, path->level, path->index, path->width);
    if (!tile) return error_response(tile.error());
    Response response;
    response.content_type = "application/octet-stream";
    response.body.assign(tile->begin(), tile->end());
    return response;
}

}  // namespace sallyport::api
