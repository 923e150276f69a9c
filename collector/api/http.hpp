// SPDX-License-Identifier: Apache-2.0
//
// A request and an answer as the handlers see them: plain values, no library's types. Every answer of the API
// is JSON; an error is {"error": {"code", "message", "place"?}}.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"
#include "protocol/value.hpp"

namespace sallyport::api {

struct Request {
    std::string method;                        // GET, POST, DELETE
    std::string path;                          // decoded, without the query; begins with '/'
    std::map<std::string, std::string> query;  // decoded; a name given twice is refused
    std::string body;
    std::string content_type, cookie, csrf_token, origin, host, last_event_id;
    std::string source_ip;
    std::string id;  // the path's variable part, set by the router
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    bool is_event_stream = false;  // nothing is sent yet; the connection becomes a live stream
    std::string stream_owner;      // the account whose stream it is
    std::string fault;             // why the collector failed, for its log alone
};

[[nodiscard]] Response json_response(const Record& record, int status = 200);
[[nodiscard]] Response error_response(int status, std::string_view code, std::string_view message,
                                      std::string_view place = {});
// bad_input 400, refused 403, not_found 404, conflict 409, exhausted 503, unavailable 503, else 500 without
// details.
[[nodiscard]] Response error_response(const Error& error);

// The body as a JSON object with no other fields than these; the error names the field or the position.
[[nodiscard]] Result<Record> read_body(const Request& request,
                                       std::initializer_list<std::string_view> fields);
// A text field of a body: 1..max bytes, no control characters but line breaks.
[[nodiscard]] Result<std::string> text_field(const Record& body, std::string_view name,
                                             std::size_t bytes_max);

// How many rows are asked for by `limit`: 1 to `most`; `otherwise` where nothing is said.
[[nodiscard]] Result<std::size_t> read_limit(const Request& request, std::size_t otherwise, std::size_t most);

// Splits and decodes a request target. Refused: bad escapes, NUL, "..", backslashes, a name given twice.
[[nodiscard]] Result<void> read_target(std::string_view target, Request& request);
[[nodiscard]] std::optional<std::string> cookie_value(std::string_view cookies, std::string_view name);

}  // namespace sallyport::api
