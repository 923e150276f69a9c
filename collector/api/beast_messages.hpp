// SPDX-License-Identifier: Apache-2.0
//
// HTTP messages of Boost.Beast as the handlers' plain ones, and back. For the adapter's own files alone. Pure.
#pragma once

#include <boost/beast/http.hpp>
#include <optional>
#include <string>

#include "collector/api/http.hpp"

namespace sallyport::api {

// Errc::bad_input on a header that may stand once and stands twice, and on a target that is none.
[[nodiscard]] Result<Request> convert(const boost::beast::http::request<boost::beast::http::string_body>& in,
                                      const std::string& source_ip);
// With the headers that every answer carries.
[[nodiscard]] boost::beast::http::response<boost::beast::http::string_body> convert(Response answer, unsigned version,
                                                                                    bool keep_alive, bool head);
// The head of a live stream, with the same headers.
[[nodiscard]] std::string stream_header();
// What a broken request is answered with before the connection is closed; nothing where nobody listens any more.
[[nodiscard]] std::optional<Response> answer_to(const boost::system::error_code& error);

}  // namespace sallyport::api
