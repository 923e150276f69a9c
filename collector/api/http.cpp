// SPDX-License-Identifier: Apache-2.0
#include "collector/api/http.hpp"

#include <algorithm>
#include <charconv>

#include "protocol/json.hpp"

namespace sallyport::api {
namespace {

constexpr JsonLimits kBodyLimits{.bytes_max = 64 * 1024, .depth_max = 4, .fields_max = 1024};

std::optional<int> hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return std::nullopt;
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
            auto low = high ? hex_digit(text[i + 2]) : std::nullopt;
            if (!low) return Error(Errc::bad_input, "target: bad escape at byte " + std::to_string(i));
            out += static_cast<char>(*high * 16 + *low);
            i += 2;
        }
    }
    if (std::any_of(out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
        return Error(Errc::bad_input, "target: control character");
    return out;
}

Result<void> read_query(std::string_view text, Request& request) {
    while (!text.empty()) {
        auto end = text.find('&');
        auto pair = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (pair.empty()) continue;
        auto equals = pair.find('=');
        auto name = percent_decode(pair.substr(0, equals), true);
        if (!name) return name.error();
        auto value = percent_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1), true);
        if (!value) return value.error();
        if (!request.query.emplace(*name, *value).second)
            return Error(Errc::bad_input, "query: '" + *name + "' is given twice");
    }
    return {};
}

}  // namespace

Response json_response(const Record& record, int status) {
    Response response;
    response.status = status;
    response.body = write_json(record);
    return response;
}

Response error_response(int status, std::string_view code, std::string_view message, std::string_view place) {
    Record error{{"code", code}, {"message", message}};
    if (!place.empty()) error.set("place", place);
    return json_response({{"error", std::move(error)}}, status);
}

Response error_response(const Error& error) {
    switch (error.code()) {
        case Errc::bad_input:
            return error_response(400, "bad_input", error.message());
        case Errc::refused:
            return error_response(403, "refused", error.message());
        case Errc::not_found:
            return error_response(404, "not_found", error.message());
        case Errc::conflict:
            return error_response(409, "conflict", error.message());
        case Errc::exhausted:
        case Errc::unavailable:
            return error_response(503, "unavailable", "The collector is busy; try again in a moment.");
        default:
            break;
    }
    auto response = error_response(500, "internal", "The collector failed; its log says why.");
    response.fault = error.message();
    return response;
}

Result<Record> read_body(const Request& request, std::initializer_list<std::string_view> fields) {
    if (!request.content_type.starts_with("application/json"))
        return Error(Errc::bad_input, "body: Content-Type must be application/json");
    auto body = read_json_record(request.body, kBodyLimits);
    if (!body) return body.error().within("body");
    for (const auto& [name, value] : *body)
        if (std::find(fields.begin(), fields.end(), name) == fields.end())
            return Error(Errc::bad_input, "body: unknown field '" + name + "'");
    return body;
}

Result<std::string> text_field(const Record& body, std::string_view name, std::size_t bytes_max) {
    const std::string place = "body: field '" + std::string(name) + "'";
    const Value* value = body.find(name);
    if (value == nullptr) return Error(Errc::bad_input, place + " is missing");
    const auto* text = value->as<std::string>();
    if (text == nullptr) return Error(Errc::bad_input, place + " must be text");
    if (text->empty() || text->size() > bytes_max)
        return Error(Errc::bad_input, place + " must have 1 to " + std::to_string(bytes_max) + " bytes");
    if (std::any_of(text->begin(), text->end(),
                    [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; }))
        return Error(Errc::bad_input, place + " has a control character");
    return *text;
}

Result<void> read_target(std::string_view target, Request& request) {
    if (target.empty() || target.front() != '/') return Error(Errc::bad_input, "target: must begin with '/'");
    auto question = target.find('?');
    auto path = percent_decode(target.substr(0, question), false);
    if (!path) return path.error();
    if (path->find("..") != std::string::npos || path->find('\\') != std::string::npos ||
        path->find("//") != std::string::npos)
        return Error(Errc::bad_input, "target: not a plain path");
    request.path = *path;
    return question == std::string_view::npos ? Result<void>()
                                              : read_query(target.substr(question + 1), request);
}

std::optional<std::string> cookie_value(std::string_view cookies, std::string_view name) {
    while (!cookies.empty()) {
        auto end = cookies.find(';');
        auto pair = cookies.substr(0, end);
        cookies = end == std::string_view::npos ? std::string_view() : cookies.substr(end + 1);
        while (!pair.empty() && pair.front() == ' ')
            pair.remove_prefix(1);
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
            return std::string(pair.substr(name.size() + 1));
    }
    return std::nullopt;
}

Result<std::size_t> read_limit(const Request& request, std::size_t otherwise, std::size_t most) {
    const auto given = request.query.find("limit");
    if (given == request.query.end()) return otherwise;
    const std::string& text = given->second;
    std::size_t limit = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc() || end != text.data() + text.size() || limit == 0 || limit > most)
        return Error(Errc::bad_input, "query: 'limit' must be a number from 1 to " + std::to_string(most));
    return limit;
}

}  // namespace sallyport::api
